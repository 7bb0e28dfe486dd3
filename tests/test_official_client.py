"""The application that the official client's own tests want, as that client sees it: scenarios of our own."""

import json
import os
import time
from pathlib import Path
from unittest import mock

import aiohttp
import pytest

from wirelab.process import javascript
from wirelab.serve import serve_jsclient
from wirelab.serve.jsclient import DELAY

SCENARIOS = Path(__file__).with_name("official_client.mjs").read_text("utf-8")
SENTENCES = ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]
SEEN = {
    "a greeting comes back": True,
    "false stays false": False,
    "a date is a text": True,
    "so is a date in an object": True,
    "a date as an acknowledgement": True,
    "texts of five alphabets": SENTENCES,
    "bytes come": "asdfasdf",
    "bytes go": True,
    "bytes go among others": True,
    "bytes keep their place in line": True,
    "the server asks": True,
    "what was said before the connection comes first": [1, 2],
    "an id is known at both ends": [True, False],
    "in a namespace, too": True,
    "the query is seen": "=e",
    "what one says of oneself is seen": {"name": "Ann"},
    "and may be found out late": {"late": 1},
    "the main namespace refuses": "Auth failed (main namespace)",
    "another one refuses": "Auth failed (custom namespace)",
    "one does not exist": "Invalid namespace",
    "who was refused is not asked in again": 1,
    "two namespaces, one of which is left": [False, True],
    "one comes back, as the one it was": [True, True],
    "one leaves, comes back, and what was kept arrives": "kept",
    "an impatient one": "timeout",
    "an answer in time": 42,
    "no answer": "failed",
    "retries, all in order": ["0", '20["echo",1]', '21["echo",2]'],
    "retries that nobody answers": 4,
    "whatever comes is heard": ["handshake", {}],
}


BEFORE_RECOVERY = {"one comes back, as the one it was": [False, False]}


@pytest.mark.parametrize("lesson", [None, 16, 19])
async def test_the_official_client_finds_what_its_own_tests_want(lesson: int | None) -> None:
    async with serve_jsclient(lesson=lesson) as port:
        with mock.patch.dict(os.environ, URL=f"http://127.0.0.1:{port}"):
            said = await javascript(SCENARIOS, timeout=60)
    assert json.loads(said) == (SEEN | BEFORE_RECOVERY if lesson == 16 else SEEN)


async def test_who_opens_a_connection_waits_a_moment() -> None:
    """A client with the time limit 0 must be too impatient, on any machine."""
    async with serve_jsclient() as port, aiohttp.ClientSession() as http:
        began = time.monotonic()
        await http.get(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling")
        assert time.monotonic() - began >= DELAY


async def test_it_takes_a_stage_with_middleware() -> None:
    with pytest.raises(LookupError, match="take lesson 16"):
        async with serve_jsclient(lesson=15):
            pass
