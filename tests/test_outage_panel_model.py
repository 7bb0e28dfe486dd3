"""The outage panel without a browser: real processes, a real cable, and what everyone noticed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from page_tools import FakePage
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from wirelab import bench
from wirelab.decode import Decoder
from wirelab.trace import Direction, Event, Leg, now
from wirelab.waiting import eventually, until
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.outage_panel.lines import scene
from wirelab.widgets.outage_panel.model import NOT_RUNNING, Outage
from wirelab.widgets.outage_panel.party import BROWSER, Belief
from wirelab.widgets.scene import Half, Process

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
    await until(lambda: outage.clients["Bob"].heard == 1)
    assert outage.said == (
        "You let the server go on (SIGCONT). Noticed: Ann, server's handler of Ann. No echo for: Ann."
    )


async def test_a_question_to_a_frozen_server_is_acknowledged_at_once_and_waits(outage: Outage) -> None:
    await outage.press("freeze")
    async with asyncio.timeout(0.5):
        await outage.press("stop")
    assert "It is frozen, and cannot act on it until it goes on." in outage.said
    assert outage.state == "Server frozen, asked to end · cable plugged in"
    await outage.press("stop")
    assert outage.said.startswith("The server has been asked already.")
    await outage.press("thaw")
    await outage.wait("Bob")
    assert line(outage, "Bob")[1] == GOODBYE
    assert "now it has acted on the SIGTERM" in outage.said
    assert outage.state == "Server gone · cable plugged in"


async def test_what_is_asked_politely_is_acknowledged_before_it_is_done(outage: Outage) -> None:
    seen: list[tuple[str, str]] = []
    outage.listeners.append(lambda: seen.append((outage.said.split(" Nobody")[0], outage.state)))
    await outage.press("pull")  # the goodbyes do not get through: it takes a second
    stopping = asyncio.create_task(outage.press("stop"))
    assert await eventually(lambda: outage.state.startswith("Server running, asked to end"), 0.3)
    await stopping
    assert any(said.startswith("You asked the server to end (SIGTERM).") for said, _ in seen)
    assert "It did, and its process is gone." in outage.said


async def test_only_what_can_be_done_is_offered(outage: Outage) -> None:
    assert outage.refusals.keys() == {"thaw", "restart", "plug"}
    await outage.press("freeze")
    assert outage.refusals.keys() == {"freeze", "restart", "plug"}
    await outage.press("pull")
    await outage.press("kill")
    assert outage.refusals.keys() == {"kill", "stop", "freeze", "thaw", "pull"}
    for button, why in outage.refusals.items():
        await outage.press(button)
        assert outage.said.startswith(why)


async def test_the_state_says_since_when(outage: Outage) -> None:
    await asyncio.sleep(0.2)
    assert outage.state_for > 0.2
    await outage.press("send")
    assert outage.state_for > 0.2
    await outage.press("pull")
    assert outage.state_for < 0.2


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


def lines(outage: Outage) -> list[tuple[Half, str, Half]]:
    return [(each.near, each.stopped, each.far) for each in scene(outage).lines]


WHOLE, NOTHING = (Half.OPEN, "", Half.OPEN), (Half.NONE, "", Half.NONE)


async def test_the_lines_are_cut_where_the_cable_is_and_end_with_whom_they_end(outage: Outage) -> None:
    assert lines(outage) == [WHOLE, WHOLE, NOTHING]
    await outage.press("pull")
    assert lines(outage) == [(Half.OPEN, "✗", Half.OPEN)] * 2 + [NOTHING]
    assert scene(outage).rules == ("cable pulled",)
    await outage.wait("Ann")
    assert lines(outage)[0] == (Half.OVER, "✗", Half.OPEN)
    await outage.press("kill")
    assert lines(outage) == [(Half.OVER, "", Half.NONE), (Half.OPEN, "✗", Half.NONE), NOTHING]
    await outage.press("plug")
    await outage.wait("Bob")
    assert lines(outage)[:2] == [(Half.OVER, "", Half.NONE)] * 2
    assert scene(outage).rules == ("middlebox",)
    await outage.press("reset")
    assert lines(outage) == [WHOLE, WHOLE, NOTHING]


async def test_the_server_is_drawn_as_its_process_stands(outage: Outage) -> None:
    async def after(button: str) -> tuple[Process, str]:
        await outage.press(button)
        (server,) = scene(outage).servers
        return server.process, server.about

    assert await after("send") == (Process.RUNNING, "running")
    assert await after("freeze") == (Process.FROZEN, "frozen")
    assert lines(outage) == [WHOLE, WHOLE, NOTHING]
    await outage.wait("Ann")
    assert lines(outage)[0] == (Half.OVER, "✗", Half.OPEN)  # a frozen handler learns nothing
    assert await after("stop") == (Process.FROZEN, "frozen, asked to end")
    assert await after("kill") == (Process.GONE, "gone")
    assert await after("restart") == (Process.RUNNING, "running")
    await outage.wait("Ann", "Bob")
    assert lines(outage) == [(Half.OVER, "", Half.NONE)] * 2 + [NOTHING]


async def test_reset_makes_everything_new_again_and_again(outage: Outage) -> None:
    for button in ("pull", "freeze", "kill"):
        await outage.press(button)
        await outage.press("reset")
        assert outage.state == "Server running · cable plugged in"
        assert line(outage, "Ann") == line(outage, BOB_OF_SERVER) == ("open", "")
        assert len(outage.cable.flows) == 2
        assert outage.elapsed is None
    assert outage.said == "A new server, the cable plugged in, new connections: everything is in order."


@pytest.fixture
async def panel() -> AsyncIterator[OutagePanel]:
    async with OutagePanel() as running:
        yield running


def browser_of(panel: OutagePanel) -> FakePage:
    """A page that does connect, and whose script is played by the test."""
    fake = FakePage(panel.page)

    async def open_socket(number: int, address: str) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(address, proxy=None, ping_interval=None, close_timeout=0.1) as socket:
                fake.saw(number, "connected", name="onopen", transport="WebSocket")
                await socket.wait_closed()

    def obey(order: dict[str, object]) -> None:
        match order:
            case {"do": "connect", "with": [_, int(number), _, str(address), *_]}:
                fake.connection = number  # type: ignore[attr-defined]
                panel.model._run_errand(open_socket(number, address))
            case {"do": "send", "with": [_, message]}:
                fake.saw(fake.connection, "sent", name="send", data=[message])  # type: ignore[attr-defined]

    fake.on_order = obey  # type: ignore[method-assign]
    return fake


async def test_the_page_is_a_client_like_others(panel: OutagePanel) -> None:
    outage, fake = panel.model, browser_of(panel)
    assert line(outage, "your browser") == ("not here: no page is open", "")
    fake.come()
    assert await eventually(lambda: line(outage, "your browser") == ("open", ""))
    await panel.press("pull")
    assert line(outage, "your browser") == ("still believes it is open", "")
    await panel.press("send")
    assert outage.clients[BROWSER].sent == 1
    fake.saw(1, "disconnected", name="onclose", code=1006, clean=False)
    assert line(outage, "your browser") == ("knows that it is closed", "onclose: code 1006, wasClean false")
    fake.come("p2")
    assert outage.clients[BROWSER].belief is Belief.NONE  # the cable is still pulled
    await panel.press("reset")
    assert line(outage, "your browser") == ("open", "")


async def test_each_press_is_an_order_of_its_own(panel: OutagePanel) -> None:
    """The page may get them late, and all at once."""
    fake = browser_of(panel)
    fake.come()
    assert await eventually(lambda: panel.model.clients[BROWSER].belief is Belief.OPEN)
    for _ in range(3):
        panel._take({"type": "press", "button": "send"})
    assert await eventually(lambda: panel.model.clients[BROWSER].sent == 3)
    sent = [order for order in fake.orders if order["do"] == "send"]
    assert len({order["id"] for order in sent}) == 3
    assert panel.model.clients["Ann"].sent == 3


async def test_a_page_that_went_away_is_not_open_and_holds_nobody_up(panel: OutagePanel) -> None:
    outage, fake = panel.model, browser_of(panel)
    fake.come()
    assert await eventually(lambda: line(outage, "your browser") == ("open", ""))
    fake.lives = False  # the lid of the laptop is closed
    await panel.press("send")
    assert line(outage, "your browser") == ("not here: no page is open", "")
    assert outage.said.startswith("Sent without an exception: Ann, Bob.")
    for button in ("send", "pull", "plug", "reset"):
        begin = now()
        await panel.press(button)
        assert now() - begin < 1.5, button
    fake.lives = True
    fake.come("p2")
    assert await eventually(lambda: line(outage, "your browser") == ("open", ""))
    fake.go()
    assert line(outage, "your browser") == ("not here: no page is open", "")


async def test_a_page_that_cannot_open_its_socket_holds_a_button_up_once(
    panel: OutagePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirelab.widgets.outage_panel.ends.OPENING_TIME", 0.3)
    fake = FakePage(panel.page)
    fake.come()
    assert await eventually(lambda: panel.model.clients[BROWSER].belief is Belief.CONNECTING)
    await panel.press("send")
    async with asyncio.timeout(0.2):
        await panel.press("send")
    assert line(panel.model, "your browser") == ("connecting", "")


async def test_a_page_that_leaves_without_a_word_is_asked(panel: OutagePanel) -> None:
    outage, fake = panel.model, browser_of(panel)
    fake.come()
    assert await eventually(lambda: line(outage, "your browser") == ("open", ""))
    async with connect(bench.url(panel.cable, "/browser"), proxy=None):
        assert await eventually(lambda: outage.handlers[BROWSER].belief is Belief.OPEN)
        fake.lives = False
    assert await eventually(lambda: not outage.page_is_here)


async def test_before_the_start_and_after_the_end_every_button_says_so() -> None:
    panel = OutagePanel()
    buttons = ("reset", "kill", "stop", "freeze", "thaw", "restart", "pull", "plug", "send")
    for _ in range(2):
        assert panel.model.refusals.keys() == set(buttons)
        for button in buttons:
            await panel.press(button)
            assert panel.model.said == NOT_RUNNING
            panel._take({"type": "press", "button": button})
        while panel._pressing:
            await asyncio.gather(*panel._pressing)
        async with panel:
            await panel.press("freeze")
            assert panel.model.said.startswith("You froze")


async def test_the_end_does_not_wait_for_a_button(outage: Outage) -> None:
    begin = now()
    async with Outage() as other:
        await other.press("freeze")
        resetting = asyncio.create_task(other.press("reset"))
        await asyncio.sleep(0.05)
    await resetting
    assert (other.said, now() - begin < 5) == (NOT_RUNNING, True)


async def test_what_goes_wrong_with_a_button_of_the_page_is_said(panel: OutagePanel) -> None:
    async def fail() -> str:
        raise ChildProcessError("no more processes")

    panel.model._actions["pull"] = fail
    panel._take({"type": "press", "button": "pull"})
    assert await eventually(lambda: "ChildProcessError: no more processes" in panel.model.said)


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
