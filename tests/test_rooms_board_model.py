"""The rooms board without a browser: a real server with rooms, real clients, and who hears what."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import combinations
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from page_tools import FakePage

from wirelab import bench
from wirelab.waiting import eventually, until
from wirelab.widgets.rooms_board import RoomsBoard, places
from wirelab.widgets.rooms_board.aim import ROOMS, Aim, from_json
from wirelab.widgets.rooms_board.crowd import Crowd, rooms_of
from wirelab.widgets.rooms_board.ends import NOT_RUNNING
from wirelab.widgets.rooms_board.model import MARK_FIRST, READY, Board
from wirelab.widgets.rooms_board.round import Round, Sent, Verdict
from wirelab.widgets.rooms_board.state import PLAN, state

INTERVAL, TIMEOUT = 0.5, 0.5


@asynccontextmanager
async def open_board(**options: Any) -> AsyncIterator[Board]:
    widget = RoomsBoard(interval=INTERVAL, timeout=TIMEOUT, **options)
    async with widget:
        yield widget.model


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    async with open_board() as running:
        yield running


async def send(board: Board, *marks: str, **aim: Any) -> set[str]:
    """Choose, mark, send; who heard it."""
    board.choose(**aim)
    board.predict(bool(marks))
    for name in marks:
        board.mark(name)
    await board.send()
    assert board.round is not None
    return set(board.round.heard)


# Who hears it


EARS: list[tuple[dict[str, Any], str]] = [
    ({"to": []}, "Ann Bob Cleo Dan"),
    ({"to": ["gold"]}, "Ann Bob"),
    ({"to": ["gold", "silver"]}, "Ann Bob Cleo Dan"),
    ({"to": ["copper"]}, "Dan"),
    ({"to": ["silver"], "but": ["copper"]}, "Bob Cleo"),
    ({"to": [], "but": ["silver"]}, "Ann"),
    ({"to": ["gold"], "but": ["gold"]}, ""),
    ({"to": ["gold"], "sender": "Bob"}, "Ann Bob"),
    ({"to": ["gold"], "sender": "Bob", "spares_sender": True}, "Ann"),
    ({"to": [], "sender": "Cleo", "spares_sender": True}, "Ann Bob Dan"),
    ({"to": [], "but": ["gold"], "sender": "Dan", "spares_sender": True}, "Cleo"),
]


async def test_exactly_those_who_are_meant_hear_it_once(board: Board) -> None:
    for aim, ears in EARS:
        heard = await send(board, **{"but": [], "sender": "server", "spares_sender": False, **aim})
        assert heard == set(ears.split()), aim
        assert board.round is not None
        assert board.round.sent is not None
        assert sorted(board.round.sent.written) == sorted(board.round.heard) == sorted(ears.split()), aim
        assert len(board.round.sent.packets) == (1 if ears else 0), aim


async def test_what_is_said_counts_what_happened(board: Board) -> None:
    await send(board, to=["gold", "silver"])
    assert board.said == "4 heard it: encoded once, written 4 times."
    await send(board, to=["copper"])
    assert board.said == "1 heard it: encoded once, written once."
    await send(board, to=["gold"], but=["gold"])
    assert board.said == "Nobody heard it: the server found nobody, and wrote nothing."


async def test_a_prediction_is_judged_chip_by_chip(board: Board) -> None:
    await send(board, "Ann", "Cleo", to=["gold"])
    verdicts = {name: board.verdict(member) for name, member in board.members.items()}
    assert verdicts == {
        "Ann": Verdict.RIGHT,
        "Bob": Verdict.SURPRISE,
        "Cleo": Verdict.MISSED,
        "Dan": Verdict.AS_SAID,
        "Eve": None,
        "Finn": None,
    }
    assert "You had not marked Bob. You had marked Cleo: nothing was heard there." in board.said
    await send(board, "Ann", "Bob", to=["gold"])
    assert board.said.endswith("You said so: all right.")


async def test_the_first_send_without_a_mark_asks_and_the_second_means_nobody(board: Board) -> None:
    await board.send()
    assert board.said == MARK_FIRST
    assert board.round is None
    await board.send()
    assert board.said == "2 heard it: encoded once, written twice. You had not marked Ann, Bob."
    board.mark("Dan")  # a new prediction: what was shown of the last message goes
    assert board.round is None
    assert board.marks == {"Dan"}
    board.mark("Dan")
    assert board.said == "You say: nobody will hear it."


async def test_slow_motion_tells_each_step_in_order(board: Board) -> None:
    await send(board, to=["gold", "silver"], but=["copper"], sender="Bob", spares_sender=True)
    assert board.round is not None
    assert [step.said for step in board.round.steps()] == [
        "Bob asks the server to say 'News 1': it knows no rooms.",
        "The server looks into its room gold: Ann, Bob.",
        "The server looks into its room silver: Bob, Cleo, Dan.",
        "Out goes who is in copper: Dan.",
        "Out goes the sender: Bob.",
        'One packet is encoded: 42["news","News 1"]',
        "It is written twice: Ann, Cleo.",
        "Heard by: Ann, Cleo.",
    ]


# Rooms are the server's


async def test_moving_a_chip_is_a_join_at_the_server_and_no_packet_at_the_client(board: Board) -> None:
    packets = board.wires.packets("Ann")
    await board.move("Ann", ["silver", "copper"])
    assert board.members["Ann"].rooms == ["silver", "copper"]
    assert board.said == (
        "The server has Ann in silver and copper now. On the wire of Ann, no packet passed."
    )
    assert board.wires.packets("Ann") == packets
    notes = [line.text for line in board.wires.lines("Ann") if line.way == "note"]
    assert notes[-3:] == [
        'socket.leave("gold") at the server: no packet passed',
        'socket.join("silver") at the server: no packet passed',
        'socket.join("copper") at the server: no packet passed',
    ]
    assert "Rooms? I have no word for them." in board.members["Ann"].believes
    assert await send(board, to=["copper"]) == {"Ann", "Dan"}


async def test_rooms_are_toggled_one_by_one_however_fast(board: Board) -> None:
    await asyncio.gather(
        *(board.toggle("Finn", "gold"), board.toggle("Ann", "silver"), board.toggle("Ann", "gold"))
    )
    assert board.members["Ann"].rooms == ["silver"]
    for room in ("silver", "gold", "copper"):
        board.turn("to", room)
    assert board.aim.to == ("silver", "copper")
    board.turn("but", "gold")
    assert board.aim.but == ("gold",)


async def test_the_wire_of_a_client_has_what_passed_there(board: Board) -> None:
    await send(board, to=["gold"], sender="Cleo")
    texts = [(line.way, re.sub(r'sid":"[^"]+', 'sid":"…', line.text)) for line in board.wires.lines("Ann")]
    assert texts[1:] == [
        ("up", '40{"name":"Ann"}'),
        ("down", '40{"sid":"…"}'),
        ("note", 'socket.join("gold") at the server: no packet passed'),
        ("down", '42["news","News 1"]'),
    ]
    assert [line.text[:8] for line in board.wires.lines("Cleo") if line.way == "up"][-1] == '42["say"'


async def test_a_wrong_name_or_room_is_refused_and_changes_nothing(board: Board) -> None:
    with pytest.raises(
        ValueError, match=r"There is no room 'lead' here\. Choose one of: gold, silver, copper"
    ):
        await board.move("Ann", ["lead"])
    for wrong in ({"to": ["lead"]}, {"but": ["lead"]}):
        with pytest.raises(ValueError, match="There is no room 'lead'"):
            board.choose(**wrong)
    with pytest.raises(ValueError, match="There is no 'Zoe' here; there is: Ann, Bob"):
        board.choose(sender="Zoe")
    with pytest.raises(ValueError, match="There is no 'Zoe' here"):
        board.mark("Zoe")
    assert board.aim == Aim(to=("gold",))
    assert board.members["Ann"].rooms == ["gold"]


# Cables


async def test_a_pulled_cable_keeps_its_place_until_the_server_notices(board: Board) -> None:
    await board.pull("Bob")
    assert board.said.startswith("You pulled the cable of Bob: nobody is told.")
    assert "notices after 0.5 to 1 s" in board.said
    bob = board.members["Bob"]
    assert bob.stands == "cable pulled, and the server has not noticed"
    assert await send(board, to=["gold"]) == {"Ann"}
    assert board.round is not None
    assert board.round.verdict("Bob") is Verdict.STUCK
    assert "It was also written to Bob, where nothing arrives." in board.said
    await until(lambda: bob.key is None)
    assert board.said == "The server has lost Bob (ping timeout), and takes Bob out of gold and silver."
    assert bob.rooms == []
    assert await send(board, to=["gold"]) == {"Ann"}
    assert board.said == "1 heard it: encoded once, written once."
    await board.plug("Bob")
    assert board.said == "Bob has connected anew: another socket, which is in no room."
    assert bob.stands == "connected"
    assert bob.rooms == []


async def test_plugged_in_before_anybody_notices_it_hears_late() -> None:
    widget = RoomsBoard(interval=3, timeout=3)
    async with widget:
        board = widget.model
        await board.pull("Bob")
        assert await send(board, to=["gold"]) == {"Ann"}
        await board.plug("Bob")
        assert await eventually(lambda: board.said == "2 heard it: encoded once, written twice.")
        assert board.members["Bob"].rooms == ["gold", "silver"]


async def test_a_sender_behind_a_pulled_cable_reaches_nobody_until_it_is_plugged_in() -> None:
    widget = RoomsBoard(interval=3, timeout=3)
    async with widget:
        board = widget.model
        await board.pull("Dan")
        assert await send(board, to=["gold"], sender="Dan") == set()
        assert board.said == "Dan has sent it, and nothing has reached the server: its cable is pulled."
        await board.plug("Dan")
        assert await eventually(lambda: board.said == "2 heard it: encoded once, written twice.")


async def test_who_is_not_connected_can_neither_send_nor_be_moved(board: Board) -> None:
    await board.pull("Dan")
    board.choose(sender="Dan")
    await until(lambda: board.members["Dan"].key is None and not board.members["Dan"].connected)
    await board.send()
    assert board.said == "Dan is not connected, and can send nothing. Choose another sender."
    await board.move("Dan", ["gold"])
    assert board.said == "Dan is not connected: the server has nobody to put into a room."
    await board.pull("Dan")
    assert board.said == "The cable of Dan is pulled already."
    await board.plug("Ann")
    assert board.said == "The cable of Ann is plugged in."
    for act in (board.pull, board.plug, lambda name: board.move(name, [])):
        await act("Eve")
        assert board.said == "Eve is not here: no page shows the board."


async def test_an_old_socket_that_ends_late_takes_nothing_from_the_new_one(board: Board) -> None:
    board._hear_server({"event": "out", "who": "Ann", "key": "an old one", "reason": "ping timeout"})
    assert board.members["Ann"].rooms == ["gold"]
    assert board.members["Ann"].known


async def test_whoever_leaves_in_a_reset_is_not_lost(board: Board) -> None:
    said: list[str] = []
    board.listeners.append(lambda: said.append(board.said))
    await board.reset()
    assert list(dict.fromkeys(said)) == ["A new server is starting, and everyone connects anew.", READY]


async def test_reset_brings_back_the_beginning_whatever_was_broken(board: Board) -> None:
    table = board.table()
    await board.pull("Ann")
    await board.move("Cleo", [])
    await send(board, to=["gold"])
    await board.reset()
    assert board.said == READY
    assert board.table() == table
    assert board.next_text == "News 1"
    assert await send(board, to=["gold"]) == {"Ann", "Bob"}


async def test_orders_in_any_order_at_once_leave_a_board_that_works(board: Board) -> None:
    board.predict(False)
    await asyncio.gather(
        board.pull("Ann"), board.reset(), board.send(), board.move("Bob", ["copper"]), board.plug("Ann"),
        board.reset(), board.send(),
    )  # fmt: skip
    assert await send(board, to=["gold"]) == {"Ann", "Bob"}


# The page's clients


async def test_the_clients_in_the_page_come_and_go_with_it() -> None:
    async with open_board() as board:
        eve = board.members["Eve"]
        assert eve.stands == "not here: no page shows the board"
        board.choose(sender="Eve")
        assert board.refusal.startswith("Eve is not here: no page shows the board.")


async def test_a_page_that_comes_is_let_in_and_placed_once() -> None:
    widget = RoomsBoard(interval=INTERVAL, timeout=TIMEOUT)
    async with widget:
        fake = FakePage(widget.page)
        fake.come()
        await until(lambda: any(order["do"] == "connect" for order in fake.orders))
        [order] = [order for order in fake.orders if order["do"] == "connect"][:1]
        assert order["with"][4]["auth"] == {"name": "Eve"}  # type: ignore[index]
        assert widget.model.members["Eve"].here
        fake.go()
        assert not widget.model.members["Eve"].here


async def test_what_the_page_sends_amiss_is_said_and_breaks_nothing() -> None:
    async with RoomsBoard(interval=INTERVAL, timeout=TIMEOUT) as widget:
        for message in (
            {"type": "aim", "change": {"to": ["lead"]}},
            {"type": "aim", "change": {"sender": "Zoe"}},
            {"type": "aim", "change": {"to": 5}},
            {"type": "mark", "name": "Zoe"},
            {"type": "move", "name": "Zoe", "rooms": []},
            {"type": "move", "name": "Ann", "rooms": [5]},
            {"type": "pull", "name": "Zoe"},
        ):
            widget.model.say("")
            widget._take({**message, "view": "v", "number": 1})
            assert await eventually(lambda: widget.said.startswith("That did not work")), message
        widget._take({"type": "what"})
        for order in ("pull", "plug"):
            widget._take({"type": order, "name": "Bob", "view": "v", "number": 2})
            assert await eventually(lambda: widget.model.members["Bob"].pulled == (order == "pull"))  # noqa: B023
        widget._take({"type": "move", "name": "Ann", "rooms": "gold", "view": "v", "number": 2})
        assert await send(widget.model, to=["gold"]) == {"Ann", "Bob"}


# Code, words, places


@pytest.mark.parametrize(
    ("aim", "python", "javascript", "meant"),
    [
        (Aim(), 'server.emit("news", "x")', 'io.emit("news", "x");', "everyone"),
        (
            Aim(to=("gold", "silver"), but=("copper",)),
            'server.to("gold").to("silver").except_("copper").emit("news", "x")',
            'io.to("gold").to("silver").except("copper").emit("news", "x");',
            "everyone in gold or silver, but not copper",
        ),
        (
            Aim("Ann", spares_sender=True),
            'socket.broadcast.emit("news", "x")',
            'socket.broadcast.emit("news", "x");',
            "everyone, but not Ann",
        ),
        (
            Aim("Ann", to=("gold",), but=("silver",), spares_sender=True),
            'socket.to("gold").except_("silver").emit("news", "x")',
            'socket.to("gold").except("silver").emit("news", "x");',
            "everyone in gold, but not silver or Ann",
        ),
        (
            Aim("Ann", but=("silver",), spares_sender=True),
            'socket.broadcast.except_("silver").emit("news", "x")',
            'socket.broadcast.except("silver").emit("news", "x");',
            "everyone, but not silver or Ann",
        ),
    ],
)
def test_an_aim_is_a_line_of_code(aim: Aim, python: str, javascript: str, meant: str) -> None:
    assert (aim.python("x"), aim.javascript("x"), aim.words()) == (python, javascript, meant)


@pytest.mark.parametrize("spares", [False, True])
@pytest.mark.parametrize("to", [(), ("gold",), ("gold", "silver")])
@pytest.mark.parametrize("but", [(), ("copper",), ("silver", "copper")])
def test_the_line_of_code_is_what_is_carried_out(
    to: tuple[str, ...], but: tuple[str, ...], spares: bool
) -> None:
    class Recorder:
        def __init__(self, said: str) -> None:
            self.said = said

        def __getattr__(self, name: str) -> Any:
            return Recorder(f"{self.said}.{name}")

        def __call__(self, argument: str) -> Any:
            return Recorder(f'{self.said}("{argument}")')

    aim = Aim("Ann", to, but, spares)
    target = aim.at(Recorder("server"), Recorder("socket"))
    assert aim.python("x") == f'{target.said}.emit("news", "x")'


def test_the_server_itself_is_never_left_out_as_the_sender() -> None:
    told = {"sender": "server", "to": ["copper", "gold"], "but": [], "spares_sender": True}
    assert from_json(told) == Aim(to=("gold", "copper"))


def test_each_combination_of_rooms_has_a_place_of_its_own_inside_of_exactly_its_rooms() -> None:
    all_of_them = [rooms for count in range(4) for rooms in combinations(ROOMS, count)]
    cells = {rooms: places.cell(rooms) for rooms in all_of_them}
    assert len({(cell.column, cell.top) for cell in cells.values()}) == len(PLAN["cells"]) == 8
    for rooms, cell in cells.items():
        around = {
            area.room
            for area in places.AREAS
            if area.left <= cell.column < area.right
            and area.top <= cell.top
            and cell.top + cell.height <= area.bottom
        }
        assert around == set(rooms)


@pytest.mark.parametrize("rooms", [["gold"], [], ["gold", "silver", "copper"]])
@pytest.mark.parametrize("known", [True, False])
def test_six_chips_in_one_place_do_not_cover_each_other(rooms: list[str], known: bool) -> None:
    chips = [SimpleNamespace(name=str(number), rooms=rooms, known=known) for number in range(6)]
    spots = list(places.spots(chips).values())
    for one, other in combinations(spots, 2):
        apart = abs(one.left - other.left) >= one.width or abs(one.top - other.top) >= places.CHIP
        assert apart
    foot = places.cell(rooms).top + places.cell(rooms).height
    assert not known or all(spot.top + places.CHIP <= foot for spot in spots)
    assert all(spot.left >= 0 and spot.left + spot.width <= places.COLUMNS for spot in spots)


def test_two_encodings_would_be_said() -> None:
    message = Round("x", Aim(), None, Sent({}, ["Ann", "Bob"], ["1", "2"]), ["Ann", "Bob"])
    assert message.summary([]) == "2 heard it: encoded twice, written twice."


# The picture


async def test_the_picture_says_what_the_live_board_says(board: Board) -> None:
    await send(board, "Ann", to=["gold"])
    await board.pull("Cleo")
    picture = RoomsBoard._repr_mimebundle_
    widget = next(listener for listener in board.listeners).__self__  # type: ignore[attr-defined]
    data, _ = picture(widget)
    svg = base64.b64decode(re.search(r'base64,([^"]+)', data["text/html"])[1]).decode()  # type: ignore[index]
    texts = [
        "".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")
    ]
    live = state(board)
    for member in live["members"]:
        assert member["name"] in texts
    assert live["python"] in texts
    assert "gold → meant" in texts
    assert texts.count("✗ cable") == 1
    assert board.said in " ".join(texts)
    assert board.table() in data["text/plain"]
    assert "Bob   gold, silver          connected · heard it, and you had not marked it" in data["text/plain"]


async def test_the_same_orders_give_the_same_words() -> None:
    tables = set()
    for _ in range(2):
        async with open_board(start={"Ann": ["gold"], "Cleo": ["gold", "copper"]}) as board:
            await board.move("Bob", ["copper"])
            await send(board, "Ann", "Bob", to=["copper"], sender="Ann")
            tables.add(board.table() + board.said)
    assert len(tables) == 1


# The crowd


def test_the_crowd_is_shared_out_over_all_combinations() -> None:
    there = [tuple(rooms_of(number)) for number in range(1000)]
    assert {there.count(rooms) for rooms in set(there)} == {125}
    with pytest.raises(ValueError, match="A crowd of 5,000 is none for one machine"):
        Crowd(5000, lambda report: None)


async def test_a_crowd_hears_as_the_chips_do_and_is_counted() -> None:
    async with open_board(crowd=80) as board:
        await send(board, to=["gold"])
        assert board.said == "42 heard it: encoded once, written 42 times."
        assert {number for number in range(80) if board.crowd.heard >> number & 1} == set(range(1, 80, 2))
        await send(board, to=["gold", "silver"], but=["copper"])
        assert board.round is not None
        assert board.round.crowd_heard == 30
        assert board.table().endswith("crowd 80 more clients · 30 of them heard it")
        await board.reset()
        await send(board, to=[], but=[])
        assert board.said == "84 heard it: encoded once, written 84 times."


async def test_a_flow_goes_on_until_it_is_told_to_stop() -> None:
    async with open_board(crowd=16) as board:
        flowing = asyncio.create_task(board.flow())
        await until(lambda: board.next_text == "News 4", 5)
        await board.flow()
        await flowing
        assert not board.flowing
        assert await send(board, to=["copper"]) == {"Dan"}


# The end


async def test_after_its_end_a_board_says_so_and_leaves_nothing() -> None:
    widget = await bench.start("board", RoomsBoard)
    process = widget.model.host._peer._process
    await bench.stop("board")
    for order in (widget.emit(), widget.move("Ann", "gold"), widget.pull("Ann"), widget.reset()):
        await order
        assert widget.said == NOT_RUNNING
    assert process.poll() is not None
    again = await bench.start("board", RoomsBoard)
    await again.emit()
    assert again.said == "2 heard it: encoded once, written twice."
    await bench.stop("board")


async def test_a_cell_can_do_what_a_hand_does() -> None:
    async with RoomsBoard({"Ann": ["gold"], "Bob": ["silver"]}, interval=INTERVAL, timeout=TIMEOUT) as widget:
        widget.choose("gold", "silver", sender="Ann", spares_sender=True)
        widget.predict("Bob")
        await widget.emit()
        assert widget.said == "1 heard it: encoded once, written once. You said so: all right."
        await widget.pull("Bob")
        await widget.lost("Bob")
        assert widget.said == "The server has lost Bob (ping timeout), and takes Bob out of silver."
        await widget.plug("Bob")
        await widget.move("Bob", "gold", "copper")
        await widget.emit()
        assert widget.said == "1 heard it: encoded once, written once."
        assert b"News 2" in b"".join(record.data for record in widget.cable.trace)
