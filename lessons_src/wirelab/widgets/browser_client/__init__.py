"""The learner's own browser as a WebSocket client."""

from wirelab.widgets.browser_client.widget import BrowserClient

__all__ = ["BrowserClient"]
