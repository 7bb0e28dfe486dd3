"""A web page of the learner's own server, inside the notebook."""

from wirelab.widgets.web_page.widget import WebPage

__all__ = ["WebPage"]
