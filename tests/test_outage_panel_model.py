"""The outage panel without a browser: real processes, a real cable, and what everyone noticed."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from wirelab import bench
from wirelab.decode import Decoder
from wirelab.trace import Direction, Event, Leg
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.outage_panel.model import BROWSER, Belief, Outage

ANN_OF_SERVER, BOB_OF_SERVER = "server's handler of Ann", "server's handler of Bob"
BROKE_OFF = "ConnectionClosedError: no close frame received or sent (close_code 1006)"
GOODBYE = "ConnectionClosedOK: received 1001 (going away); then sent 1001 (going away) (close_code 1001)"
UNANSWERED = (
    "ConnectionClosedError: sent 1011 (internal error) keepalive ping timeout; no close frame received "
    "(close_code 1006)"
)


@pytest.fixture
async def outage() -> AsyncIterator[Outage]:
    async with Outage() as running:
        yield running


def line(outage: Outage, name: str) -> tuple[str, str]:
    party = next(party for party in outage.parties if party.name == name)
    return outage.words(party), party.noticed


def frames(outage: Outage, leg: Leg) -> list[str]:
    return [unit.summary for unit in Decoder(outage.cable.trace).update() if unit.leg is leg]


async def test_sigkill_is_a_fin_and_1006_and_nobody_comes_back(outage: Outage) -> None:
    await outage.press("kill")
    await outage.wait("Ann", "Bob")
    assert line(outage, "Ann") == line(outage, "Bob") == ("knows that it is closed", BROKE_OFF)
    assert line(outage, ANN_OF_SERVER) == ("ended with its process", "")
    assert all(0 <= outage.clients[name].after < 1 for name in ("Ann", "Bob"))  # type: ignore[operator]
    heard = [record.event for record in outage.cable.trace if record.direction is Direction.DOWN]
    assert heard.count(Event.FIN) == 4  # two connections, two legs
    assert outage.said.startswith("You killed the server (SIGKILL): its process is gone. Noticed: ")
    await outage.press("freeze")
    assert outage.said.startswith("There is no server process any more.")
    await outage.press("restart")
    assert outage.said.startswith("A new server process listens on the old port. Connected to it: nobody.")
    assert outage.state == "Server running · cable plugged in"
    assert line(outage, BOB_OF_SERVER) == ("no connection", "")


async def test_sigterm_is_a_goodbye(outage: Outage) -> None:
    await outage.press("stop")
    await outage.wait("Ann", "Bob", ANN_OF_SERVER, BOB_OF_SERVER)
    assert line(outage, "Ann") == line(outage, "Bob") == ("knows that it is closed", GOODBYE)
    assert line(outage, BOB_OF_SERVER)[1].startswith(
        "ConnectionClosedOK: sent 1001 (going away); then received"
    )
    assert frames(outage, Leg.CLIENT).count("close 1001") == 4
    assert outage.state == "Server gone · cable plugged in"
    assert "It did, and its process is gone." in outage.said


async def test_only_a_ping_finds_a_frozen_server(outage: Outage) -> None:
    await outage.press("freeze")
    await outage.press("freeze")
    assert outage.said.startswith("The server is frozen already.")
    await outage.press("send")
    assert outage.said == (
        "Sent without an exception: Ann, Bob. Nobody has noticed. Still believing: Ann, Bob. "
        "No echo for: Ann, Bob."
    )
    await outage.wait("Ann")
    assert line(outage, "Ann") == ("knows that it is closed", UNANSWERED)
    assert line(outage, "Bob") == ("still believes it is open", "")
    assert line(outage, BOB_OF_SERVER) == ("frozen", "")
    assert outage.state == "Server frozen · cable plugged in"
    await outage.press("thaw")
    await outage.wait(ANN_OF_SERVER)
    assert line(outage, "Bob") == line(outage, BOB_OF_SERVER) == ("open", "")
    await outage._until(lambda: outage.clients["Bob"].heard == 1)
    assert outage.said == (
        "You let the server go on (SIGCONT). Noticed: Ann, server's handler of Ann. No echo for: Ann."
    )


async def test_a_frozen_server_cannot_be_asked_to_end(outage: Outage) -> None:
    await outage.press("freeze")
    await outage.press("stop")
    assert "Its process is still there and does not act on it." in outage.said
    await outage.press("thaw")
    await outage.wait("Bob")
    assert line(outage, "Bob")[1] == GOODBYE


async def test_a_pulled_cable_leaves_a_ghost_and_heals_at_once(outage: Outage) -> None:
    await outage.press("pull")
    passed = len(outage.cable.trace)
    await outage.wait("Ann")
    assert line(outage, "Ann") == ("knows that it is closed", UNANSWERED)
    assert line(outage, "Bob") == line(outage, BOB_OF_SERVER) == ("still believes it is open", "")
    assert line(outage, ANN_OF_SERVER) == ("a ghost: its client has given up", "")
    assert {record.leg for record in outage.cable.trace.since(passed)} == {Leg.CLIENT}
    assert 1 < outage.clients["Ann"].after < 5  # type: ignore[operator]
    await outage.press("plug")
    await outage.wait(ANN_OF_SERVER)
    assert line(outage, ANN_OF_SERVER)[1].startswith("ConnectionClosedError: received 1011")
    assert line(outage, "Bob") == ("open", "")
    await outage.press("plug")
    assert outage.said.startswith("The cable is plugged in.")


async def test_reset_makes_everything_new_again_and_again(outage: Outage) -> None:
    for button in ("pull", "freeze", "kill"):
        await outage.press(button)
        await outage.press("reset")
        assert outage.state == "Server running · cable plugged in"
        assert line(outage, "Ann") == line(outage, BOB_OF_SERVER) == ("open", "")
        assert len(outage.cable.flows) == 2
        assert outage.elapsed is None
    assert outage.said == "A new server, the cable plugged in, new connections: everything is in order."


async def test_the_page_is_a_client_like_others(outage: Outage) -> None:
    assert line(outage, "your browser") == ("not here: no page is open", "")
    outage.page_came()
    assert line(outage, "your browser") == ("connecting", "")
    outage.browser("open")
    await outage.press("pull")
    assert line(outage, "your browser") == ("still believes it is open", "")
    await outage.press("send")
    assert outage.browser_sends == 1
    outage.browser("closed", "onclose: code 1006, wasClean false")
    assert line(outage, "your browser") == ("knows that it is closed", "onclose: code 1006, wasClean false")
    outage.page_came()
    assert outage.clients[BROWSER].belief is Belief.NONE  # the cable is still pulled


async def test_wrong_names_are_told_the_right_ones(outage: Outage) -> None:
    with pytest.raises(ValueError, match=r"no button 'explode'. Choose one of: kill, stop"):
        await outage.press("explode")
    with pytest.raises(ValueError, match=r"no 'Eve' here; there is: Ann, Bob, your browser"):
        await outage.wait("Eve")
    with pytest.raises(TimeoutError, match=r"Not all of Bob noticed within 0.1 s."):
        await outage.wait("Bob", timeout=0.1)


async def test_the_bench_holds_the_panel_and_its_picture_has_no_times() -> None:
    panel = await bench.start("panel", OutagePanel)
    again = await bench.start("panel", OutagePanel)
    assert panel.model.said == "The panel is not running: run its cell again."
    await panel.press("kill")
    assert panel.model.said == "The panel is not running: run its cell again."
    await again.press("pull")
    bundle = again._repr_mimebundle_()[0]
    svg = base64.b64decode(re.search(r"base64,([^\"]+)", bundle["text/html"])[1])  # type: ignore[index]
    shown = "".join(ElementTree.fromstring(svg).itertext())
    assert "✗ still believes it is open" in shown
    assert "Server running · cable pulled" in bundle["text/plain"]
    assert again.table() in bundle["text/plain"]
    assert not re.search(r"\d+ (s|ms)\b", shown + bundle["text/plain"])
    await bench.stop("panel")
