"""Lesson 13: acknowledgements, without a network and with the clients and servers of others."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from seat import Seat
from test_handmade_client import HANDSHAKE, IN, Room
from test_handmade_sessions import Clock
from websockets.asyncio.client import connect

from handmade.l08_meet_socketio import ProtocolError
from handmade.l13_acknowledgements import Client, Manager, Server, io
from handmade.l13_core import Answer, Question, Questions
from wirelab import bench
from wirelab.process import Child
from wirelab.waiting import until

OFFICIAL = Path(__file__).with_name("socketio_server.mjs")
EVERY_WAY = (["polling"], ["websocket"], ["polling", "websocket"])
ONE = '{"_placeholder":true,"num":0}'


# Who waits


class Book:
    """Questions, and what became of them."""

    def __init__(self, most: int = 9) -> None:
        self.clock, self.heard, self.left = Clock(), [], []
        self.questions = Questions(most, self.clock.call_later)
        self.questions.on_leave = self.left.append

    def ask(self, name: str, seconds: float | None = None) -> Question:
        question = Question(
            lambda *answers: self.heard.append((name, *answers)),
            lambda error: self.heard.append((name, type(error))),
            seconds,
        )
        self.questions.keep(question)
        return question


def test_numbers_begin_at_0_and_each_answer_finds_its_question() -> None:
    book = Book()
    assert [book.ask(name).number for name in "abc"] == [0, 1, 2]
    for number, answers in ((2, ["last"]), (0, []), (0, ["again"]), (7, ["nobody's"]), (None, [1])):
        book.questions.answer(number, answers)
    assert book.heard == [("c", "last"), ("a",)]
    assert list(book.questions.waiting) == [1]
    assert book.left == [2, 0]


def test_a_time_limit_and_no_clock_left_behind() -> None:
    book = Book()
    book.ask("in time", 1), book.ask("late", 2), book.ask("patient")
    book.questions.answer(0, ["here"])
    book.clock.move(1.9)
    assert book.heard == [("in time", "here")]
    book.clock.move(0.2)
    assert book.heard[1:] == [("late", TimeoutError)]
    book.questions.answer(1, ["too late"])
    assert len(book.heard) == 2
    assert (book.clock.pending, list(book.questions.waiting)) == (0, [2])


def test_the_error_of_a_time_out_is_a_sentence() -> None:
    clock, errors = Clock(), []
    Questions(1, clock.call_later).keep(Question(lambda: None, errors.append, 0.5))
    clock.move(1)
    assert str(errors[0]) == "No acknowledgement came within 0.5 seconds."


def test_the_end_fails_all_but_what_is_kept_in_their_order() -> None:
    book = Book()
    for name in "abcde":
        book.ask(name, 5)
    book.questions.fail_all("transport close", but={1, 3, None})
    assert book.heard == [(name, ConnectionError) for name in "ace"]
    assert (list(book.questions.waiting), book.clock.pending) == ([1, 3], 2)


def test_who_waits_is_bounded_and_there_is_room_again() -> None:
    book = Book(most=2)
    book.ask("a"), book.ask("b")
    with pytest.raises(RuntimeError, match="2 events wait for an acknowledgement"):
        book.questions.next_number()
    book.questions.answer(0, [])
    assert book.questions.next_number() == 2


def test_only_the_first_answer_counts_and_a_bad_one_is_none() -> None:
    sent: list[list[object]] = []

    def send(answers: list[object]) -> None:
        json.dumps(answers)
        sent.append(answers)

    answer = Answer(send)
    with pytest.raises(TypeError):
        answer(object())
    answer("first", 1)
    answer("second")
    assert sent == [["first", 1]]


# The server without a network


class Talk(Seat):
    """A session of the server of lesson 13 that has joined; its handlers run at once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Server(**options), Client, "websocket")
        self.frame(0, "40")
        self.socket = self.client.sockets["/"]
        self.out.clear()

    def said(self) -> list[object]:
        out = [packet for packet in self.out if packet != "2"]
        self.out.clear()
        return out


def test_a_handler_gets_what_acknowledges_its_event() -> None:
    talk = Talk()
    talk.socket.on("add", lambda a, b, answer: answer(a + b))
    talk.frame(0, '420["add",1,2]')
    talk.frame(0, '42456["add",3,4]')
    assert talk.said() == ["430[3]", "43456[7]"]


def test_without_a_number_there_is_nothing_to_call() -> None:
    talk = Talk()
    heard: list[tuple[object, ...]] = []
    talk.socket.on("x", lambda *data: heard.append(data))
    talk.frame(0, '42["x",1]')
    assert heard == [(1,)]


def test_two_handlers_have_one_acknowledgement() -> None:
    talk = Talk()
    for name in ("first", "second"):
        talk.socket.on("x", lambda answer, name=name: answer(name))
    talk.frame(0, '423["x"]')
    assert talk.said() == ['433["first"]']


def test_bytes_are_acknowledged_with_bytes() -> None:
    talk = Talk()
    talk.socket.on("x", lambda data, answer: answer({"deep": data}))
    talk.frame(0, f'451-7["x",{ONE}]')
    talk.frame(0, b"\1\2")
    assert talk.said() == [f'461-7[{{"deep":{ONE}}}]', b"\1\2"]


def test_after_the_end_an_answer_is_ignored() -> None:
    talk = Talk()
    answers: list[Any] = []
    talk.socket.on("x", answers.append)
    talk.frame(0, '421["x"]')
    talk.frame(0, "41")
    talk.said()
    answers[0]("late")
    assert talk.said() == []


def test_the_server_asks_and_hears() -> None:
    talk, heard = Talk(), []
    talk.socket.emit("ask", "one", lambda *answers: heard.append(answers))
    talk.socket.emit("ask", b"two", lambda *answers: heard.append(answers))
    assert talk.said() == ['420["ask","one"]', f'451-1["ask",{ONE}]', b"two"]
    talk.frame(0, f"461-1[{ONE}]")
    talk.frame(0, b"back")
    talk.frame(0, '430["a","b"]')
    assert heard == [(b"back",), ("a", "b")]
    for stale in ('430["again"]', "4399[]", "43[]"):
        talk.frame(0, stale)
    assert len(heard) == 2
    assert talk.socket.questions.waiting == {}


def test_with_a_time_limit_a_callback_hears_of_an_error_first() -> None:
    talk, heard = Talk(), []
    hear = lambda error, *answers: heard.append((type(error), *answers))  # noqa: E731
    talk.socket.timeout(1).emit("ask", hear)
    talk.socket.timeout(1).emit("ask", hear)
    talk.frame(0, '430["in time"]')
    talk.wait(1)
    talk.frame(0, '431["late"]')
    assert heard == [(type(None), "in time"), (TimeoutError,)]


def test_the_end_of_the_connection_ends_the_waiting() -> None:
    talk, heard = Talk(), []
    talk.socket.emit("ask", lambda *answers: heard.append(answers))
    talk.socket.timeout(99).emit("ask", lambda error: heard.append(error))
    talk.frame(0, "41")
    assert str(heard[0]) == "No acknowledgement can come any more: client namespace disconnect."
    talk.socket.timeout(99).emit("ask", lambda error: heard.append(error))
    talk._work()
    assert [type(error) for error in heard] == [ConnectionError] * 2
    assert talk.socket.questions.waiting == {}
    assert talk.leaves_nothing()


def test_what_cannot_be_asked_leaves_nothing_waiting() -> None:
    talk = Talk(max_unanswered=1)
    for bad, error in ((("ask", object()), TypeError), (("connect",), ValueError)):
        with pytest.raises(error):
            talk.socket.emit(*bad, print)
    assert talk.socket.questions.waiting == {}
    talk.socket.emit("ask", print)
    with pytest.raises(RuntimeError):
        talk.socket.emit("ask", print)
    assert talk.said() == ['420["ask"]']


def test_an_acknowledgement_for_a_namespace_that_was_left_breaks_the_protocol() -> None:
    talk = Talk()
    talk.frame(0, "41")
    with pytest.raises(ProtocolError):
        talk.session.receive("430[]")


async def test_what_is_awaited_is_the_first_answer_or_none() -> None:
    talk = Talk()
    waiting = [asyncio.create_task(talk.socket.emit_with_ack("ask")) for _ in range(2)]
    await asyncio.sleep(0)
    talk.frame(0, '430["first","second"]')
    talk.frame(0, "431[]")
    assert await asyncio.gather(*waiting) == ["first", None]


@pytest.mark.parametrize("packets", [[], ['430["just then"]']])
async def test_a_wait_that_is_cancelled_leaves_nothing(packets: list[str]) -> None:
    talk = Talk()
    waiting = asyncio.create_task(talk.socket.timeout(60).emit_with_ack("ask"))
    await asyncio.sleep(0)
    assert list(talk.socket.questions.waiting) == [0]
    waiting.cancel()
    for packet in packets:
        talk.frame(0, packet)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert talk.socket.questions.waiting == {}


# The client without a network


class Away(Room):
    """Our client that may ask."""

    def __init__(self) -> None:
        super().__init__()
        self.socket.disconnect()
        self.manager = Manager("/", self.manager.options, self.manager.world)
        self.socket = self.manager.socket
        self.told.clear()
        self.socket.connect()
        self.heard: list[object] = []

    def tell(self, emitter: Any, *event: Any) -> None:
        super().tell(emitter, *event)
        for handler in emitter.handlers.get(event[0], ()):
            handler(*event[1:])

    def hears(self, *answers: object) -> None:
        self.heard.append(answers)


def inside() -> Away:
    room = Away()
    room.hear(HANDSHAKE, *IN)
    room.sent.clear()
    return room


def test_the_client_asks_and_hears() -> None:
    room = inside()
    room.socket.emit("ask", 1, room.hears)
    room.socket.timeout(5).emit("ask", 2, room.hears)
    assert room.sent == ['420["ask",1]', '421["ask",2]']
    room.hear('431["two"]', '430["one"]', '430["again"]')
    assert room.heard == [(None, "two"), ("one",)]


def test_the_client_answers_once_and_to_this_connection_alone() -> None:
    room = inside()
    answers: list[Any] = []
    room.socket.on("ask", answers.append)
    room.socket.on("tell", lambda *data: room.heard.append(data))
    room.hear('425["ask"]', '426["ask"]', '42["tell",1]')
    assert room.heard == [(1,)]
    answers[0]("yes")
    answers[0]("no")
    assert room.sent == ['435["yes"]']
    room.fail()
    room.hear(HANDSHAKE, *IN)
    room.sent.clear()
    answers[1]("to the server of before")
    assert room.sent == []


def test_an_event_that_came_too_early_can_be_acknowledged() -> None:
    room = Away()
    room.socket.on("ask", lambda answer: answer("yes"))
    room.hear(HANDSHAKE, '423["ask"]')
    assert room.sent == ["40"]
    room.hear(*IN)
    assert room.sent == ["40", '433["yes"]']


def test_what_is_kept_and_too_late_is_never_sent() -> None:
    room = Away()
    room.socket.timeout(1).emit("ask", b"1", lambda error: room.heard.append(type(error)))
    room.socket.timeout(60).emit("ask", 2, room.hears)
    room.socket.emit("say", 3)
    room.clock.move(2)
    assert room.heard == [TimeoutError]
    room.hear(HANDSHAKE, *IN)
    assert room.sent == ["40", '421["ask",2]', '42["say",3]']


def test_the_end_fails_what_was_sent_and_not_what_is_kept() -> None:
    room = inside()
    room.socket.timeout(60).emit("ask", "sent", room.hears)
    room.socket.emit("ask", "sent, too", room.hears)
    room.clock.now += 46  # the connection is dead, and nobody has looked at the clock yet
    room.socket.timeout(60).emit("ask", "kept", room.hears)
    room.fail()
    assert [type(error) for (error,) in room.heard] == [ConnectionError]
    assert ("disconnect", "transport error") in room.told
    room.hear(HANDSHAKE, *IN)
    assert room.sent[1:] == ['422["ask","kept"]']
    room.hear('432["heard"]')
    assert room.heard[1:] == [(None, "heard")]
    assert room.socket.questions.waiting == {}


def test_a_time_limit_for_all() -> None:
    room = inside()
    room.socket.ack_timeout = 3
    room.socket.emit("ask", lambda error: room.heard.append(type(error)))
    room.clock.move(3)
    assert room.heard == [TimeoutError]
    assert room.clock.pending == 1  # of the heartbeat


# Servers and clients of others


@contextlib.asynccontextmanager
async def ours(**options: Any) -> AsyncIterator[Any]:
    server = Server(**options)
    server.seen = []

    @server.on("connection")
    def connected(socket: Any) -> None:
        server.socket = socket
        socket.on("who am i", lambda answer: answer(socket.handshake["auth"]["name"]))

        async def ask(answer: Any) -> None:
            answer(await socket.timeout(2).emit_with_ack("how are you"))

        socket.on("ask me", ask)
        socket.on("back", lambda *data: data[-1](*data[:-1]))
        socket.on("never answered", lambda answer: None)
        socket.on("disconnect", server.seen.append)

    async with server.listen() as server.port:
        yield server


@contextlib.asynccontextmanager
async def official() -> AsyncIterator[Any]:
    async with Child.node(str(OFFICIAL)) as child:
        yield child


@pytest.mark.parametrize("name", ["official", "ours"])
@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_our_client_and_each_server(name: str, transports: list[str]) -> None:
    async with {"official": official, "ours": ours}[name]() as server:
        port = getattr(server, "port", None) or server
        url, ann = bench.url(port, scheme="http"), {"name": "Ann"}
        socket = io(url, transports=transports, auth=ann, ack_timeout=5)
        socket.on("how are you", lambda answer: answer({"well": b"\1"}))
        assert await socket.emit_with_ack("who am i") == "Ann"
        assert await asyncio.gather(*[socket.emit_with_ack("who am i") for _ in range(9)]) == ["Ann"] * 9
        assert await socket.emit_with_ack("ask me") == {"well": b"\1"}
        with pytest.raises(TimeoutError, match=r"within 0\.2 seconds"):
            await socket.timeout(0.2).emit_with_ack("never answered")
        waiting = asyncio.create_task(socket.emit_with_ack("never answered"))
        await asyncio.sleep(0)
        socket.disconnect()
        with pytest.raises(ConnectionError, match="io client disconnect"):
            await waiting
        assert socket.questions.waiting == {}
        await until(lambda: socket.io.engine is None)


@pytest.mark.parametrize("transports", EVERY_WAY, ids=" and ".join)
async def test_the_official_client(transports: list[str]) -> None:
    async with ours() as server:
        said = await bench.javascript(
            """
            import { io } from "socket.io-client";
            const socket = io(url, { transports, reconnection: false, auth: { name: "Ann" } });
            socket.on("how are you", (answer) => answer({ well: Buffer.from([1, 2]) }));
            console.log(await socket.emitWithAck("who am i"));
            const { well } = await socket.timeout(2000).emitWithAck("ask me");
            console.log(well.join());
            const many = await Promise.all([...Array(50).keys()].map((n) => socket.emitWithAck("back", n)));
            console.log(many.join() === [...Array(50).keys()].join());
            const seven = { deep: new Uint8Array([7]) };
            socket.emit("back", 1, seven, (one, two) => console.log(one, two.deep[0]));
            const late = socket.timeout(200).emitWithAck("never answered");
            console.log(await late.catch((error) => error.message));
            process.exit();
            """,
            url=f"http://127.0.0.1:{server.port}",
            transports=transports,
        )
    assert said.split("\n") == ["Ann", "1,2", "true", "1 7", "operation has timed out"]


async def test_the_client_of_python_socketio() -> None:
    async with ours() as server:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        client.on("how are you", lambda: b"well")
        await client.connect(f"http://127.0.0.1:{server.port}", auth={"name": "Ann"})
        assert await client.call("who am i", timeout=5) == "Ann"
        assert await client.call("ask me", timeout=5) == b"well"
        await client.disconnect()


async def test_who_asks_and_is_left_hears_of_it() -> None:
    async with ours() as server:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        async with connect(url, proxy=None, close_timeout=0.2) as websocket:
            await websocket.send("40")
            await until(lambda: hasattr(server, "socket"))
            waiting = asyncio.create_task(server.socket.emit_with_ack("ask"))
            await asyncio.sleep(0)
            websocket.transport.abort()
            with pytest.raises(ConnectionError, match="transport close"):
                await asyncio.wait_for(waiting, 3)
        assert server.socket.questions.waiting == {}
