"""A frame in the notebook with the page that one of the learner's servers serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wirelab.address import url
from wirelab.clients import Page
from wirelab.look.picture import Picture
from wirelab.look.svg import MONO, QUIET, RULE, WIDTH, sheet, words
from wirelab.page import Message, in_this_loop, script, stylesheet

_HERE = Path(__file__).parent
_HINT = "run this notebook in JupyterLab to use it"


class WebPage(anywidget.AnyWidget):
    """The web page at `path` of a server on this machine, as the learner's own browser shows it.

    `server` is what `bench.url` takes: a server, a Middlebox, a Child or a port. `height` in pixels. The
    browser asks the server directly, or through Jupyter's proxy where the kernel is on another machine.
    """

    _esm = script(_HERE / "web_page.js")
    _css = stylesheet(_HERE / "web_page.css", ".wl-page")
    url = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)

    def __init__(self, server: object, path: str = "/", height: int = 220) -> None:
        if not path.startswith("/"):
            raise ValueError(f"{path!r} is no path of a page: it begins with '/', like '/index.html'.")
        super().__init__(url=url(server, path, scheme="http"), height=height)
        self._path = path
        self._page = Page(self.send)
        self.on_msg(in_this_loop(self._take))

    def _take(self, message: Message) -> None:
        self._page.take(message)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, **draw(self._path)._repr_mimebundle_()}, metadata


def draw(path: str) -> Picture:
    """The static picture: which page would stand here; without the port, so that every run draws the same."""
    address = f"http://127.0.0.1:PORT{path}"
    parts = [
        words(16, 28, "A page of your own server", weight="600"),
        words(WIDTH - 16, 28, _HINT, anchor="end", ink=QUIET),
        f"<path d='M0 44h{WIDTH}' stroke='{RULE}'/>",
        words(16, 70, address, font=MONO),
    ]
    return Picture(sheet(88, parts), f"A page of your own server · {_HINT}.\n{address}")
