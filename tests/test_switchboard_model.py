"""The switchboard without a browser: real clients and servers, each switch, and what belongs together."""

from __future__ import annotations

import asyncio
import base64
import re
from itertools import permutations
from xml.etree import ElementTree

import pytest

from handmade import l08_meet_socketio as l08
from handmade import l09_long_polling_and_upgrade as l09
from wirelab import bench
from wirelab.clients import Event, Kind
from wirelab.middlebox.rules.order import checked
from wirelab.trace import now
from wirelab.waiting import eventually
from wirelab.widgets.scene import Half
from wirelab.widgets.switchboard import Board, Switchboard
from wirelab.widgets.switchboard.drawing import draw
from wirelab.widgets.switchboard.parties import PATIENCE, Phase
from wirelab.widgets.switchboard.switches import GROUPS, INSPECTION, PROXIES, SWITCHES, Panel
from wirelab.widgets.wire import Wire

POLLING = ("✓", "polling", 'heard "Hello 1"')
UPGRADED = ("✓", "websocket", 'heard "Hello 1"')
SWALLOWED = ("✗", "", "TimeoutError: timed out during opening handshake")
WAITS = ("…", "", "not connected after 2 s")
RESET = ("✗", "", "InvalidMessage: did not receive a valid HTTP response")
NO_POLL = ("✗", "", "connect_error: xhr poll error")


def status(code: int) -> tuple[tuple[str, str, str], ...]:
    """What the three clients say of a page in the server's place."""
    return (
        ("✗", "", f"InvalidStatus: server rejected WebSocket connection: HTTP {code}"),
        ("✗", "", f"connect_error: xhr poll error (HTTP {code})"),
        ("✗", "", f"ConnectionError: Unexpected status code {code} in server response"),
    )


ANY_DOWN = ("✗", "", "")
SEEN = {
    "StrictProxy": (status(505)[0], POLLING, POLLING),
    "ExplicitProxy": (("✓", "WebSocket", 'heard "Hello 1"'), POLLING, POLLING),
    "ConnectOnlyTo": (("✗", "", "InvalidProxyStatus: proxy rejected connection: HTTP 403"), POLLING, POLLING),
    "ProxyLogin": (("✗", "", "InvalidProxyStatus: proxy rejected connection: HTTP 407"), *status(407)[1:]),
    "ResetUpgrade": (RESET, POLLING, POLLING),
    "SwallowUpgrade": (SWALLOWED, POLLING, WAITS),
    "SwallowAnswer": (SWALLOWED, POLLING, WAITS),
    "ResetAfterUpgrade": (("✗", "", "ConnectionClosedError 1006: "), POLLING, POLLING),
    "DropAfterUpgrade": (("?", "WebSocket", 'sent "Hello 1", nothing came back'), POLLING, WAITS),
    "NoTunnel": (("✗", "", "ConnectionClosedError 1006: sent 1002 (protocol error)"), POLLING, ANY_DOWN),
    "BufferingAntivirus": (SWALLOWED, POLLING, WAITS),
    "CaptivePortal": (
        ("✗", "", "InvalidURI: http://portal.invalid/login isn't a valid URI"),
        NO_POLL,
        ANY_DOWN,
    ),
    "LoginPage": (status(200)[0], ("✗", "", "connect_error: server error"), ANY_DOWN),
    "BlockPage": status(403),
    "Answer": status(511),
    "BadGateway": status(502),
    "EmptyReply": (RESET, NO_POLL, ("✗", "", "ConnectionError: Server disconnected")),
    "Refuse": (RESET, NO_POLL, ANY_DOWN),
    "ResetClient": (RESET, NO_POLL, ANY_DOWN),
    "ResetBoth": (RESET, NO_POLL, ANY_DOWN),
    "Blackhole": (SWALLOWED, WAITS, WAITS),
}


def heard(outcomes) -> dict[str, tuple[str, str, str]]:
    return {each.client: (each.lamp.phase, each.lamp.transport, each.saw) for each in outcomes}


async def differences(names, server=None) -> list[str]:
    """What is not seen as SEEN says: one board for each switch, side by side."""
    few = asyncio.Semaphore(7)

    async def observe(name: str) -> dict[str, tuple[str, str, str]]:
        async with few, Board(server) as board:
            board.turn_on(name)
            return heard(await board.try_all())

    found = dict(zip(names, await asyncio.gather(*map(observe, names)), strict=True))
    wrong = []
    for name in names:
        expected = SEEN[name]
        seen = found[name]
        assert seen.pop("browser") == ("–", "", "absent: no page shows the board")
        for wanted, (client, got) in zip(expected, seen.items(), strict=True):
            if got[:2] != wanted[:2] or not got[2].startswith(wanted[2]):
                wrong.append(f"{name}, {client}: expected {wanted}, saw {got}")
    return wrong


async def test_every_switch_is_seen_by_every_client_as_it_sees_it():
    """Each client tells its own error, status and transport."""
    assert SEEN.keys() == SWITCHES.keys()
    assert await differences(SEEN) == []


def echo_server(kind, said):
    """One of ours; what is said to it is kept."""
    io = kind()

    @io.on("connection")
    def welcome(socket):
        socket.on("message", said.append)
        socket.on("message", lambda text: socket.emit("message", text))

    return io.listen()


async def test_a_server_of_the_learners_takes_the_official_ones_place():
    said = []
    async with echo_server(l09.Server, said) as server:
        names = [name for name, switch in SWITCHES.items() if switch.group in (PROXIES, INSPECTION)]
        assert await differences(names, server) == []
    assert set(said) == {"Hello 1"}


async def test_the_clients_of_socketio_can_be_told_their_transports():
    said = []
    async with echo_server(l08.Server, said) as server, Board(server, transports=["websocket"]) as board:
        await board.try_all()
        assert said == ["Hello 1", "Hello 1"]
        board.turn_on("StrictProxy")
        seen = heard(await board.try_all())
        assert seen["socket.io-client"] == ("✗", "", "connect_error: websocket error")
        assert seen["python-socketio"] == ("✗", "", "ConnectionError: Connection error")
        assert board.servers["Socket.IO server"] == "your own"


def test_what_does_not_listen_is_refused_at_once():
    with pytest.raises(TypeError, match="Expected a port number"):
        Board("my server")


async def test_a_live_connection_meets_a_switch_and_its_end():
    async with Board() as board:
        assert set(heard(await board.try_all()).values()) >= {UPGRADED, ("✓", "WebSocket", 'heard "Hello 1"')}
        board.turn_on("Blackhole")
        again = heard(await board.send_all())
        assert again["websockets"] == ("?", "WebSocket", 'sent "Hello 2", nothing came back')
        assert board.said == "An echo came back to nobody."
        node = board.clients["socket.io-client"]
        assert await eventually(lambda: node.lamp.saw == "disconnect: ping timeout", 10)
        assert node.lamp.phase is Phase.DOWN
        board.turn_off("Blackhole")
        assert await eventually(lambda: board.clients["websockets"].lamp.saw == 'heard "Hello 2"')
        assert heard(await board.send_all())["websockets"] == ("✓", "WebSocket", 'heard "Hello 3"')
        await board.send("socket.io-client")
        assert node.lamp.saw == "disconnect: ping timeout · nothing to send on: connect first"
        board.turn_on("ResetBoth")
        assert await eventually(
            lambda: board.clients["websockets"].lamp.saw.startswith("ConnectionClosedError 1006")
        )
        await board.reset()
        assert {party.lamp.phase for party in board.clients.values()} == {Phase.IDLE, Phase.ABSENT}
        assert (board.panel.rules, board.said) == ((), "Every switch is off, every client has left.")
        assert board.cable.rules == ()


async def test_a_message_that_was_sent_is_not_shown_as_the_echo_before() -> None:
    async with Board() as board:
        names = [name for name in board.clients if name != "browser"]
        await board.try_all()
        board.turn_on("Blackhole")
        sending = asyncio.create_task(board.send_all())
        for name in names:
            lamp = board.clients[name].lamp
            assert await eventually(lambda name=name: board.clients[name].lamp.phase is Phase.SENT, 0.5), lamp
        sent = {name: board.clients[name].lamp for name in names}
        assert {lamp.saw for lamp in sent.values()} == {'sent "Hello 2", no echo yet'}
        await sending
        for name in names:
            lamp = board.clients[name].lamp
            assert (lamp.phase, lamp.saw) == (Phase.SILENT, 'sent "Hello 2", nothing came back')
            assert lamp.since == sent[name].since  # it has been silent since it sent


async def test_the_echo_of_an_earlier_connection_is_not_taken_for_this_one() -> None:
    async with Board() as board:
        for _ in range(3):
            outcomes = await board.try_all()
            seen = {each.client: each.lamp.phase for each in outcomes if each.client != "browser"}
            assert set(seen.values()) == {Phase.OPEN}


async def test_an_attempt_goes_on_and_says_since_when() -> None:
    async with Board() as board:
        board.turn_on("Blackhole")
        began = now()
        outcomes = {each.client: each for each in await board.try_all()}
        waiting = board.clients["socket.io-client"].lamp
        assert outcomes["socket.io-client"].saw == "not connected after 2 s"  # true when it was asked
        assert (waiting.phase, waiting.saw) == (Phase.CONNECTING, "waiting for an answer")
        assert abs(waiting.since - began) < 0.5
        await board.send("socket.io-client")
        after = board.clients["socket.io-client"].lamp
        assert after.saw == "waiting for an answer · nothing to send on yet"
        assert after.since == waiting.since


async def test_the_browser_is_the_client_of_the_page_that_came_last() -> None:
    async with Board() as board:
        switchboards = [Switchboard(board), Switchboard(board)]
        for number, each in enumerate(switchboards):
            page = {"page": f"p{number}", "direct": True, "origin": ""}
            each._take({"type": "here", **page})
            assert board.browser.lamp.phase is Phase.IDLE
        first, second = (each._browser for each in switchboards)
        second._observe(0, Event(Kind.CONNECTED, "onopen", transport="WebSocket"))
        assert board.browser.lamp.saw == "onopen"
        first._observe(0, Event(Kind.DISCONNECTED, "onclose"))
        switchboards[0]._take({"type": "gone", "page": "p0"})
        assert board.browser.lamp.saw == "onopen"
        switchboards[1]._take({"type": "gone", "page": "p1"})
        assert board.browser.lamp.phase is Phase.ABSENT


async def test_a_second_click_ends_what_the_first_began():
    async with Board() as board:
        board.turn_on("SwallowUpgrade")
        first = asyncio.create_task(board.connect("websockets"))
        assert await eventually(lambda: board.clients["websockets"].lamp.phase is Phase.CONNECTING)
        async with asyncio.timeout(PATIENCE * 0.75):
            await board.reset()
        assert await eventually(first.done)
        await board.connect("websockets")
        assert board.clients["websockets"].lamp.saw == "connected"


async def test_who_is_cut_off_does_not_wait_for_an_echo():
    async with Board() as board:
        await board.connect("websockets")
        board.turn_on("ResetClient")
        async with asyncio.timeout(PATIENCE * 0.75):
            await board.send("websockets")
        assert board.clients["websockets"].lamp.saw.startswith("ConnectionClosedError 1006")


async def test_closes_everything_within_a_second():
    before = asyncio.all_tasks()
    board = await bench.start("board", Board())
    await board.try_all()
    board.turn_on("Blackhole")
    async with asyncio.timeout(bench.registry.CLOSING_TIME):
        await bench.stop("board")
    assert await eventually(lambda: asyncio.all_tasks() <= before)
    with pytest.raises(ConnectionError, match="does not run: start it with"):
        await board.connect("websockets")


def test_two_switches_always_make_sense_together():
    for first, second in permutations(SWITCHES, 2):
        panel = Panel()
        panel.turn_on(first)
        assert panel.turn_on(second).startswith(f"{second} is on")
        assert second in panel
        checked(panel.rules)
        for name in (first, second, "ExplicitProxy"):
            panel.turn_off(name)
            checked(panel.rules)
        assert panel.rules == ()


def test_switches_that_go_together_say_so():
    panel = Panel()
    assert panel.turn_on("ConnectOnlyTo").endswith(
        " ExplicitProxy went on as well: it is that proxy's setting."
    )
    panel.turn_on("ProxyLogin")
    panel.turn_on("LoginPage")
    names = ["ProxyLogin", "ConnectOnlyTo", "ExplicitProxy", "LoginPage"]
    assert [type(rule).__name__ for rule in panel.rules] == names
    assert panel.turn_on("LoginPage") == "LoginPage is on already."
    assert "LoginPage went off: nothing gets past it" in panel.turn_on("Blackhole")
    assert panel.turn_off("ExplicitProxy") == (
        "ExplicitProxy is off. ConnectOnlyTo went off as well: it is that proxy's setting. "
        "ProxyLogin went off as well: it is that proxy's setting."
    )
    assert panel.turn_off("LoginPage") == "LoginPage is off already."
    with pytest.raises(ValueError, match=r"There is no switch 'Firewall'\. Choose one of: Blackhole, "):
        panel.turn_on("Firewall")
    assert {switch.group for switch in SWITCHES.values()} == set(GROUPS)


def stands(board, name):
    """A client's line: what it has of it, the sign in the middle, who did it, what the server has of it."""
    line = next(line for line in board.scene.lines if line.client == name)
    return line.near, line.stopped, line.note, line.far


LINES = {
    "StrictProxy": (Half.OVER, "≠", "changed by StrictProxy", Half.OVER),
    "ExplicitProxy": (Half.OPEN, "", "", Half.OPEN),
    "ConnectOnlyTo": (Half.OVER, "■", "answered by ConnectOnlyTo", Half.NONE),
    "SwallowUpgrade": (Half.OVER, "✗", "dropped by SwallowUpgrade", Half.OPEN),
    "ResetAfterUpgrade": (Half.OVER, "✗", "dropped by ResetAfterUpgrade", Half.OVER),
    "DropAfterUpgrade": (Half.OPEN, "✗", "dropped by DropAfterUpgrade", Half.OPEN),
    "BlockPage": (Half.OVER, "■", "answered by BlockPage", Half.NONE),
    "Refuse": (Half.OVER, "✗", "", Half.NONE),
    "ResetClient": (Half.OVER, "✗", "dropped by ResetClient", Half.OPEN),
    "Blackhole": (Half.OVER, "✗", "dropped by Blackhole", Half.NONE),
}


async def test_each_line_ends_where_its_connection_ends():
    """What stands at the server is no matter of what the client believes: a ghost is drawn as one."""

    async def observe(rule):
        async with Board() as board:
            board.turn_on(rule)
            await board.connect("websockets")
            await board.send("websockets")
            return stands(board, "websockets")

    assert dict(zip(LINES, await asyncio.gather(*map(observe, LINES)), strict=True)) == LINES


async def test_a_cable_that_is_pulled_is_cut_at_once_and_whole_again_at_once():
    whole, cut = (Half.OPEN, "", "", Half.OPEN), (Half.OPEN, "✗", "", Half.OPEN)
    async with Board() as board:
        await board.try_all()
        names = [name for name in board.clients if name != "browser"]
        assert {stands(board, name) for name in names} == {whole}
        board.turn_on("Blackhole")
        assert {stands(board, name) for name in names} == {cut}
        assert board.scene.rules == ("cable pulled",)
        board.turn_off("Blackhole")
        assert {stands(board, name) for name in names} == {whole}
        assert stands(board, "browser") == (Half.NONE, "", "", Half.NONE)
        await board.reset()
        assert await eventually(
            lambda: {stands(board, name)[::3] for name in names} == {(Half.NONE, Half.NONE)}
        )


async def test_listeners_hear_of_whatever_passes():
    """A ghost's end at the server, for one: no client says anything of it."""
    async with Board() as board:
        told = []
        board.listen(lambda: told.append(board.said))
        _, writer = await asyncio.open_connection("127.0.0.1", board.cable.port)
        assert await eventually(lambda: told)
        writer.close()


async def test_the_wire_of_the_board_knows_the_servers_names():
    async with Board() as board:
        await board.try_all()
        assert Wire(board.cable).snapshot().text.splitlines()[0].endswith("echo server | Socket.IO server.")


async def test_the_picture_shows_what_the_board_says():
    board = Board()
    empty = draw(board)
    assert empty == draw(Board())
    assert "passes everything on" in "".join(ElementTree.fromstring(empty.svg).itertext())
    async with board:
        board.turn_on("BlockPage")
        await board.connect("websockets")
        data, _ = Switchboard(board)._repr_mimebundle_()
    assert "✗ websockets (Python · WebSocket): InvalidStatus: server rejected" in data["text/plain"]
    said = "a block page. websockets: over, ■ at the middlebox (answered by BlockPage), echo server's end:"
    assert said in data["text/plain"]
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', data["text/html"])
    assert picture
    shown = list(ElementTree.fromstring(base64.b64decode(picture[1])).itertext())
    assert {"filter with a block page", "■", "echo server", "Socket.IO server"} <= set(shown)
    assert "BlockPage(" not in "".join(shown)
