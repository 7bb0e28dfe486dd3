"""The browser client without a browser: its log, its static picture, what it refuses."""

from __future__ import annotations

import asyncio
import base64
import re
import urllib.error
import urllib.request
from xml.etree import ElementTree

import pytest

from wirelab.clients import Event, Kind
from wirelab.page import open_probe
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.browser_client.drawing import draw
from wirelab.widgets.browser_client.model import HISTORY, ClientLog, State

URL = "ws://127.0.0.1:4321/chat"


def log_of(*events: dict[str, object], state: str = "OPEN") -> ClientLog:
    log = ClientLog()
    for event in events or [None]:
        log.add(event and {"kind": "note", **event}, state)
    return log


def test_keeps_what_the_page_reports_and_nothing_else():
    end = {"kind": "disconnected", "name": "onclose", "code": 4001, "reason": "no", "clean": True, "extra": 1}
    log = log_of(end, state="CLOSED")
    assert log.events == [Event(Kind.DISCONNECTED, "onclose", code=4001, reason="no", clean=True)]
    assert log.state is State.CLOSED
    log.reset()
    assert (log.events, log.state) == ([], State.NONE)


def test_is_bounded():
    log = log_of(*({"name": "onmessage", "text": str(n)} for n in range(HISTORY + 5)))
    assert len(log.events) == HISTORY
    assert log.events[0].text == "5"


def test_refuses_a_state_that_no_browser_has():
    with pytest.raises(ValueError, match="SLEEPING"):
        log_of(state="SLEEPING")


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "ws://example.org:80/", "ws://127.0.0.1/", "8765"])
def test_refuses_an_address_elsewhere(url):
    with pytest.raises(ValueError, match="write one like"):
        BrowserClient(url)


async def test_the_kernel_can_wait():
    client = BrowserClient(URL)
    waiting = asyncio.create_task(client.opened(1))
    await asyncio.sleep(0)
    opened = {"event": {"kind": "connected", "name": "onopen"}, "state": "OPEN"}
    client._take({"type": "reports", "page": "p1", "reports": [opened]})
    await waiting
    assert client.events == [Event(Kind.CONNECTED, "onopen")]
    with pytest.raises(TimeoutError, match="press Close"):
        await client.closed(0.01)


def test_the_picture_is_the_same_in_every_run():
    script = "console.log(url)\n\n  // <two>"
    message = {"name": "onmessage", "text": "<b>&" + "x" * 200, "time": 5.0}
    first = draw(URL, log_of({"name": "new WebSocket", "text": URL}, message), script)
    other = "ws://127.0.0.1:999/chat"
    second = draw(other, log_of({"name": "new WebSocket", "text": other}, {**message, "time": 9.0}), script)
    assert first == second
    assert "PORT" in first.text and "4321" not in first.svg + first.text
    words = "".join(ElementTree.fromstring(first.svg).itertext())
    assert "<b>&" in words and "// <two>" in words


async def test_shows_itself_without_address_or_port():
    data, _ = BrowserClient(URL)._repr_mimebundle_()
    assert data["text/plain"] == (
        "Your browser as a client · run this notebook in JupyterLab to use it.\n"
        "ws://127.0.0.1:PORT/chat · no socket"
    )
    assert "application/vnd.jupyter.widget-view+json" in data
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', data["text/html"])
    assert picture and b"Nothing has happened yet" in base64.b64decode(picture[1])
    assert 'alt="Your browser as a client' in data["text/html"]


async def test_a_probe_answers_once():
    url = await open_probe()
    with await asyncio.to_thread(urllib.request.urlopen, url) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with pytest.raises(urllib.error.URLError):
        await asyncio.to_thread(urllib.request.urlopen, url)
