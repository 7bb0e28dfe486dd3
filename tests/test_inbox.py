"""What a page tells reaches the cells' loop whole, whatever JavaScript has made of a text."""

import asyncio

from wirelab.page.inbox import in_this_loop, whole_letters
from wirelab.widgets.browser_client import BrowserClient


def test_half_a_letter_is_replaced_and_a_whole_one_stays() -> None:
    message = {"events": [{"text": "🙂 ok \ud83d", "size": 7, "\ude42": None}], "state": "OPEN"}
    assert whole_letters(message) == {
        "events": [{"text": "🙂 ok \ufffd", "size": 7, "\ufffd": None}],
        "state": "OPEN",
    }


async def test_messages_are_taken_in_the_loop_of_the_cells() -> None:
    taken: asyncio.Queue[object] = asyncio.Queue()
    receive = in_this_loop(taken.put_nowait)
    await asyncio.to_thread(receive, None, {"type": "a\ud83d"}, None)
    assert await asyncio.wait_for(taken.get(), 5) == {"type": "a\ufffd"}


async def test_a_browser_client_that_was_told_half_a_letter_can_be_shown() -> None:
    client = BrowserClient("ws://127.0.0.1:8000")
    report = {"event": {"kind": "received", "name": "onmessage", "text": "\ud83d"}, "state": "OPEN"}
    client._handle_custom_msg({"type": "reports", "page": "p1", "reports": [report]}, [])
    await asyncio.sleep(0.01)
    assert [each.text for each in client.events] == ["\ufffd"]
    data, _ = client._repr_mimebundle_()
    assert "image/png" in data or "text/html" in data
