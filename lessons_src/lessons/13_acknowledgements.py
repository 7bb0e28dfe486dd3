# %% [markdown]
# # 13 · Acknowledgements
#
# **In {minutes} you let the sender of a message know that it has arrived, or that nobody can say.** Then you buy gold over three bad lines, see
# what it costs to try again, and find the one number that makes trying again safe.

# %% [markdown]
# ## What the boss says
#
# > "A customer ordered a Ducat from us, for his wife. Nothing on his screen said that the order had come. So he pressed the button again. And again. Now
# > she has three, and I have a letter from a lawyer. When somebody orders, he has to *know*."

# %% tags=["folded"]
# %load_ext wirelab
import contextlib
import json
from time import perf_counter

from handmade import l12_binary as l12
from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Delay, Middlebox, ResetBoth, Swallow
from wirelab.plots import gallery
from wirelab.trace import Direction
from wirelab.waiting import eventually, until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire


buy_js, retries_js = bench.program("13/buy.mjs"), bench.program("13/retries.mjs")


async def bob(program, where, **settings):
    """Run one of Bob's programs, which have the official client, and print what it says."""
    print(await bench.javascript(program, url=bench.url(where, scheme="http"), **settings))


# %% [markdown] tags=["teacher"]
# **Timing.** 5 minutes until Bob is told nothing, 15 for the build, 10 for the three lines, 5 for the official retries, 5 for everybody. With little time leave out sections 4 and 9; but what follows needs the folded cell of section 4.
#
# **A question to start with:** "You text somebody: *I will transfer you 500 euros, is this the right account?* No answer. What do you know?" Nothing, and that is the lesson. "And what do
# you do?" Whoever says "send it again" has bought the second Ducat.
#
# **What goes wrong in a class.** People take a time-out for a *no*. Write on the board, before section 6: "A time-out means: I do not know." Let them say after each of the three lines which of
# the things that they could have done would have been right.

# %% [markdown]
# ## 1. Was that an order?
#
# Bob orders a Ducat. His client is the official one, and he does what its manual says: behind the arguments he puts a function, to be called when the order has arrived.
#
# ```js buy.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# const end = (...words) => { console.log(...words); process.exit(); };
# socket.emit("buy", "Ducat", (answer) => end("Bob is told:", answer));
# socket.on("disconnect", (reason) => end("disconnected:", reason));
# setTimeout(end, patience, "Bob is told nothing");
# ```
#
# At the desk stands your server of lesson 12, which writes each coin into its book.

# %%
guess_function = predict(
    "The last argument of Bob's event is a function. What becomes of it?",
    a="It is called at once: the event has been sent.",
    b="Bob is thrown out: a function is not JSON.",
    c="It is never called.",
)

# %%
book = []
before = l12.Server()
before.on("connection", lambda socket: socket.on("buy", book.append))

desk = await bench.start("desk", before.listen())
cable = await bench.start("cable", Middlebox(desk))
await bob(buy_js, cable, patience=1000)
print("in the book:", book)
await cable.quiet()
Wire(cable, layer="Socket.IO")

# %%
guess_function.reveal(
    "c",
    "The order is in the book, and Bob does not know. His client waits for an answer that your server has never heard of.",
    a="*Sent* he knows without asking. He wants to know that it has *arrived*, and that only the other end can say.",
    b="A function never leaves his program. Look at the wire: what went out in its place?",
)

# %% [markdown]
# ## 2. A number, and the same number back
#
# Click Bob's event. It has a number, for which the last five lessons had no use:
#
# ```text
# 420["buy","Ducat"]                    up
# 430["noted"]                          down: what he waits for
# ```
#
# | piece | name | says |
# |---|---|---|
# | `42` | message, EVENT | |
# | `0` | *acknowledgement id* | tell me, under this number |
# | `43` | message, ACK | this is for the one who asked under that number |
#
# Who asks keeps the function, and counts: 0, 1, 2. Who is asked gives the number back, with an array of answers. Each end counts for itself, and 0 is a number. (A server that says `if number:` never answers the official client's first question, and only that. python-socketio counts from 1.)
#
# A handler gets the way to answer as its last argument: a function, to call now, later or never. Called twice, it counts once: two handlers may have the same event, and the other end waits for one answer.

# %% tags=["export", "core"]
import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any


class Answer:
    """What a handler calls to acknowledge its event. Only the first call counts."""

    def __init__(self, send: Callable[[list[Any]], None]) -> None:
        self.send = send
        self.is_given = False

    def __call__(self, *answers: object) -> None:
        """Send the answers. Raises TypeError, ValueError for bad ones."""
        if not self.is_given:
            self.send([*answers])
            self.is_given = True


# %% [markdown]
# ## 3. Who waits
#
# Now the end that asks. One who waits is a `Question`, in the folded cell: `answered` is to be called with the answers, `failed` with an error, if none come in so many `seconds`. (The cell below it has what the check needs.)

# %% tags=["export", "core", "folded"]
@dataclass
class Question:
    """Somebody who waits for an answer: what hears it, and what hears the error if none comes in time."""

    answered: Callable[..., object]
    failed: Callable[[Exception], object]
    seconds: float | None = None
    number: int | None = None
    timer: Any = None


# %% tags=["folded"]
from unittest.mock import patch

from handmade import l13_acknowledgements, l13_core

SUMS = ((300, 1), (150, 2), (0, 3))


def asked(waiting, heard, name):
    """Keep a question with that name, and return it."""
    question = l13_core.Question(lambda *answers: heard.append((name, *answers)), heard.append)
    waiting.keep(question)
    return question


def with_theirs(waiting):
    """The kind of list that a socket has, with the learner's inside."""
    class Theirs(l13_core.Questions):
        count = property(lambda self: waiting.count, lambda self, number: None)

        def keep(self, question):
            waiting.keep(question)

        def answer(self, number, answers):
            waiting.answer(number, answers)

    return Theirs


def nobody(waiting, number, heard):
    """An acknowledgement for which nobody waits."""
    before = [*heard]
    try:
        waiting.answer(number, ["?"])
        taken = waiting.take(number)
    except (KeyError, IndexError, AttributeError, TypeError) as error:
        raise Wrong(f"An acknowledgement with the number {number} came, and nobody waits for it. Yours raised {type(error).__name__}; nothing should happen, and `take` should return None.") from None
    if heard != before:
        raise Wrong(f"An acknowledgement with the number {number} came, and nobody waits for it any more. {heard[-1]} was called.")
    expect(f"what `take({number})` returns, when nobody waits under this number,", taken, None)


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Who waits
# *12 minutes, medium*
#
# Write `MyWaiting`, which knows who waits for an answer. Its `count` is the number that the next question gets: 0 at first.
#
# - `keep(question)`: this question has gone out. Write its number into `question.number`, and keep it.
# - `take(number)`: return the question with that number, which waits no longer. If there is none, return None. (`number` may be None: an acknowledgement without a number.)
# - `answer(number, answers)`: an acknowledgement has come. Call `question.answered` with the answers, each an argument of its own. If nobody waits under that number, nothing happens.
#
# A number is never given twice. The check puts your class into a server, which asks the official client.
#
# <details><summary>The program that the check runs</summary>
#
# ```js adds.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# socket.on("add", (a, b, answer) => setTimeout(() => answer(a + b), a));  // who is asked first answers last
# setTimeout(() => process.exit(), 5000);
# ```
# </details>

# %% tags=["check"]
@check(
    "A dict from numbers to questions. `keep` uses `self.count` as the key, and then makes it larger by one.",
    "`dict.pop(number, None)` returns what is there and forgets it, or returns None. It does not mind 0, and it does not mind None.",
    "`answer` takes the question; if there is one (`is not None`), it calls `question.answered(*answers)`.",
    timeout=20,
)
async def check_waiting(MyWaiting):
    """Each answer finds its question, and the official client's answers find theirs."""
    waiting, heard = MyWaiting(), []
    expect("`count` at first", getattr(waiting, "count", "not there"), 0)
    numbers = [asked(waiting, heard, name).number for name in ("first", "second", "third")]
    expect("the numbers of three questions", numbers, [0, 1, 2])
    waiting.answer(1, ["b"])
    waiting.answer(0, ["a", 7])
    if heard == [("second", "b")]:
        raise Wrong("The question with the number 0 never got its answer. 0 is a number, but it counts as false: ask `is not None`.")
    if ("second", ["b"]) in heard:
        raise Wrong('`answered` was called with one list. Each answer is an argument of its own: `question.answered(*answers)`.')
    expect("what was called", heard, [("second", "b"), ("first", "a", 7)])
    for number in (0, 99, None):
        nobody(waiting, number, heard)
    expect("the number of the next question, when two have been answered and one waits", asked(waiting, heard, "fourth").number, 3)
    taken = waiting.take(2)
    if getattr(taken, "number", None) != 2:
        raise Wrong(f"`take(2)` returned {taken!r}. The third question was still waiting under this number.")
    nobody(waiting, 2, heard)
    if MyWaiting().take(3) is not None:
        raise Wrong("A second `MyWaiting()` has a question that the first was given to keep. What `__init__` puts into `self` is each one's own; what stands in the class itself, all of them share.")
    results = {}
    club = l13_acknowledgements.Server()

    @club.on("connection")
    def ask(socket):
        for a, b in SUMS:
            socket.emit("add", a, b, lambda result, a=a, b=b: results.update({f"{a} + {b}": result}))

    with patch.object(l13_acknowledgements, "Questions", with_theirs(MyWaiting())):
        async with club.listen() as server, Middlebox(server) as line:
            watch(Wire(line, layer="Socket.IO"))
            asking = asyncio.ensure_future(bench.javascript(bench.program("13/adds.mjs"), url=bench.url(line, scheme="http")))
            await eventually(lambda: len(results) == len(SUMS), 4)
            asking.cancel()
    expect("what the official client answered", results, {"0 + 3": 3, "150 + 2": 152, "300 + 1": 301})


await check_waiting.verdict()

# %% tags=["export", "core", "folded"]
class Waiting:
    """Who waits for an answer at one end of a conversation, by number."""

    def __init__(self) -> None:
        self.count = 0
        self.waiting: dict[int, Question] = {}

    def keep(self, question: Question) -> None:
        """A question has gone out under the number `count`: it waits."""
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number: int | None) -> Question | None:
        """The question of that number, which waits no longer; None if there is none."""
        return None if number is None else self.waiting.pop(number, None)

    def answer(self, number: int | None, answers: list[Any]) -> None:
        """An acknowledgement has come. Nobody may wait for it: then it is none of ours, or too late."""
        if question := self.take(number):
            question.answered(*answers)


# %% [markdown]
# An unknown number is no crime: it may have been given up a moment ago. The official server and client ignore it, too.

# %% [markdown]
# ## 4. And if nobody answers?
#
# A handler may be missing, or have failed, or belong to an older program. The official server asks a screen a thousand times for a confirmation, and the screen has never heard of that event. Then it goes home.
#
# ```js
# for (let price = 0; price < 1000; price++) socket.emitWithAck("price", price).then(ended, ended);
# await pause();
# screen.disconnect();
# await pause();
# console.log("over, one way or the other:", over, "| kept:", socket.acks.size);
# ```
#
# <details><summary>The whole program</summary>
#
# ```js confirm.mjs
# import { Server } from "socket.io";
# import { io } from "socket.io-client";
#
# const server = new Server(0);
# const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
# let over = 0;
#
# server.on("connection", async (socket) => {
#   const ended = () => over++;
#   for (let price = 0; price < 1000; price++) socket.emitWithAck("price", price).then(ended, ended);
#   await pause();
#   screen.disconnect();
#   await pause();
#   console.log("the screen is connected:", socket.connected);
#   console.log("over, one way or the other:", over, "| kept:", socket.acks.size);
#   process.exit();
# });
# const screen = io(`http://127.0.0.1:${server.httpServer.address().port}`);
# ```
# </details>

# %%
guess_thousand = predict(
    "The screen is gone, and the server knows it. What becomes of its thousand questions?",
    a="They go on waiting.",
    b="They fail: the connection has ended.",
    c="They are answered with `undefined`.",
)

# %%
print(await bench.javascript(bench.program("13/confirm.mjs")))

# %% misconception=20
guess_thousand.reveal(
    "a",
    "For ever. Nobody can answer them any more, and nobody tells them. Each one is kept as long as its socket, and so is everything that waits behind it.",
    b="The official *client* does that for those who can hear an error. The official server (4.8) does not.",
    c="That would be the answer of somebody who has answered nothing. Nobody has.",
)

# %% [markdown]
# What is never answered leaks. `Questions`, in the folded cell, is a `Waiting` that knows three things without being told by the other end:
#
# - how long is too long: a time limit for each question, on a clock that is handed in;
# - how many are too many: a thousand at a time;
# - that the connection is over. Then all who can hear an error are told, and not when their time is up.
#
# Every way out of the list goes through `take`: the answer, the time-out, the end. So nobody is called twice, and no timer is left behind.

# %% tags=["export", "core", "folded"]
class Questions(Waiting):
    """Who waits, and not for ever. `call_later(seconds, action)` is the clock; `on_leave(number)` is told."""

    def __init__(self, most: int, call_later: Callable[..., Any], on_leave: Any = lambda number: None) -> None:
        super().__init__()
        self.most, self.call_later, self.on_leave = most, call_later, on_leave

    def next_number(self) -> int:
        """The number under which the next question goes out. Raises RuntimeError if too many wait."""
        if len(self.waiting) >= self.most:
            raise RuntimeError(f"{self.most} events wait for an acknowledgement: give them a timeout.")
        return self.count

    def keep(self, question: Question) -> None:
        """A question has gone out: it waits, with a time limit or without."""
        super().keep(question)
        if question.seconds is not None:
            error = TimeoutError(f"No acknowledgement came within {question.seconds:g} seconds.")
            question.timer = self.call_later(question.seconds, lambda: self.fail(question.number, error))

    def take(self, number: int | None) -> Question | None:
        """The question of that number, which waits no longer; None if there is none."""
        question = super().take(number)
        if question:
            self.on_leave(number)
            if question.timer:
                question.timer.cancel()
        return question

    def fail(self, number: int | None, error: Exception) -> None:
        """No answer will come."""
        if question := self.take(number):
            question.failed(error)

    def fail_all(self, reason: str, but: Collection[int | None] = ()) -> None:
        """The connection has ended, and with it all hope of an answer, but for some numbers."""
        for number in tuple(self.waiting):
            if number not in but:
                self.fail(number, ConnectionError(f"No acknowledgement can come any more: {reason}."))


# %% [markdown]
# ## 5. Both ends
#
# A socket that can ask has three ways, with the official names:
#
# | you write | and hear |
# |---|---|
# | `socket.emit("buy", "Ducat", callback)` | `callback(*answers)`, or nothing |
# | `socket.timeout(5).emit("buy", "Ducat", callback)` | `callback(None, *answers)`, or `callback(error)` |
# | `await socket.timeout(5).emit_with_ack("buy", "Ducat")` | the first answer; or it raises `TimeoutError`, `ConnectionError` |
#
# The folded cells: how a callback, or a *future* (lesson 07: a promise that somebody will put a result into), becomes a question; the three ways; the server's end; your client's. On the wire both do the same: an event with a number gets an `Answer` behind its arguments, and an ACK goes to who waits.
# Your client does one thing more, as the official one does: what is still in its buffer when the time is up does not go out. Who has given up should not order afterwards.

# %% tags=["export", "core", "folded"]
from handmade.l08_meet_socketio import Emitter, Packet


def of_callback(
    callback: Callable[..., object], seconds: float | None, tell: Callable[..., object]
) -> Question:
    """A callback that waits: it has its turn behind the handlers of what came before.

    With a time limit it is called with an error first, which is None if all went well.
    """
    emitter = Emitter()
    emitter.on("answer", callback)
    hear = partial(tell, emitter, "answer")
    if seconds is None:
        return Question(hear, lambda error: None)
    return Question(partial(hear, None), hear, seconds)


def of_future(future: asyncio.Future[Any], seconds: float | None) -> Question:
    """A future that waits for the first of the answers, or for the error. It may have been cancelled."""

    def answered(*answers: object) -> None:
        if not future.done():
            future.set_result(answers[0] if answers else None)

    def failed(error: Exception) -> None:
        if not future.done():
            future.set_exception(error)

    return Question(answered, failed, seconds)


# %% tags=["export", "core", "folded"]
class Asking:
    """What both ends' sockets have in common: they may ask."""

    questions: Questions
    tell: Callable[..., object]  # tell(emitter, event, *arguments) has its handlers called, in order
    ack_timeout: float | None = None

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event: each end does it in its own way."""
        raise NotImplementedError

    def timeout(self, seconds: float | None) -> "Within":
        """This socket for the next event, which has to be acknowledged in so many seconds."""
        return Within(self, seconds)

    async def emit_with_ack(self, event: str, *arguments: object) -> Any:
        """Send an event, and return the answer. Raises TimeoutError, ConnectionError, RuntimeError."""
        return await self.timeout(self.ack_timeout).emit_with_ack(event, *arguments)

    def asked(self, arguments: tuple[Any, ...], seconds: float | None) -> tuple[Any, ...]:
        """The arguments; a callback that is the last of them becomes a question."""
        if not arguments or not callable(arguments[-1]):
            return arguments
        return (*arguments[:-1], of_callback(arguments[-1], seconds, self.tell))

    def ask(self, packet: Packet, send: Callable[[Packet], None]) -> None:
        """Send a packet. A question that stands behind its arguments gives it a number, and waits."""
        match packet.data:
            case [*data, Question() as question]:
                send(packet._replace(data=data, id=self.questions.next_number()))
                self.questions.keep(question)
            case _:
                send(packet)


# %% tags=["export", "core", "folded"]
@dataclass(frozen=True)
class Within:
    """A socket whose question has so many seconds."""

    socket: Asking
    seconds: float | None

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event; the callback behind its arguments gets an error, or None and the answers."""
        self.socket.emit(event, *self.socket.asked(arguments, self.seconds))

    async def emit_with_ack(self, event: str, *arguments: object) -> Any:
        """Send an event, and return the answer. Raises TimeoutError, ConnectionError, RuntimeError."""
        future = asyncio.get_running_loop().create_future()
        question = of_future(future, self.seconds)
        self.socket.emit(event, *arguments, question)
        try:
            return await future
        finally:
            self.socket.questions.take(question.number)  # who was cancelled waits no longer


# %% tags=["export", "folded"]
from handmade import l12_binary as l12
from handmade.l08_meet_socketio import Type
from handmade.l12_core import encode


class Socket(l12.Socket, Asking):
    """One client, as the handlers see it: it can be asked."""

    client: "Client"

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.tell = client.line.tell
        self.questions = Questions(client.server.options.max_unanswered, client.session.call_later)

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event; a callback behind it hears the answer. Raises RuntimeError if too many are due."""
        super().emit(event, *self.asked(arguments, self.ack_timeout))

    def send(self, kind: Type, data: Any = None) -> None:
        """Send a packet, if the client is still there."""
        self.ask(Packet(kind, data, namespace=self.namespace), self.transmit)
        if not self.connected:
            self.questions.fail_all("the client is not connected")

    def transmit(self, packet: Packet) -> None:
        """Send a packet as it is, if the client is still there."""
        if self.connected:
            for message in encode(packet):
                self.client.write(message)

    def answer_to(self, number: int) -> Answer:
        """What acknowledges the event of that number."""
        return Answer(lambda answers: self.transmit(Packet(Type.ACK, answers, number, self.namespace)))

    def closed(self, reason: str) -> None:
        """It is over, also for who waits."""
        super().closed(reason)
        self.questions.fail_all(reason)


# %% tags=["export", "folded"]
from handmade import l09_core


class Client(l12.Client):
    """A client that may ask, and be asked."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        match packet.type, self.sockets.get(packet.namespace):
            case Type.EVENT, Socket() as socket if packet.id is not None:
                packet.data.append(socket.answer_to(packet.id))
            case Type.ACK, Socket() as socket:
                socket.questions.answer(packet.id, packet.data)
        super().receive(packet)


# %% tags=["export", "folded"]
class AskingSocket(l12.ClientSocket, Asking):
    """Your end of a namespace, which may ask. It waits for `ack_timeout` seconds, unless that is None."""

    most = 1000

    def __init__(self, io: Any, namespace: str) -> None:
        super().__init__(io, namespace)
        self.tell = lambda *what: io.world.tell(*what)
        self.questions = Questions(self.most, io.world.call_later, self.withdraw)

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event, or keep it; a callback behind its arguments is called with the acknowledgement.

        Raises TypeError, ValueError for bad arguments, RuntimeError if too many acknowledgements are due.
        """
        super().emit(event, *self.asked(arguments, self.ack_timeout))

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected."""
        self.ask(packet, super().transmit)

    def withdraw(self, number: int | None) -> None:
        """Nobody waits for that acknowledgement any more: what has not gone out yet does not go."""
        self.send_buffer = [(packet, message) for packet, message in self.send_buffer if packet.id != number]


# %% tags=["export", "folded"]
class ClientSocket(AskingSocket):
    """Your end of a namespace, which may ask and be asked."""

    endings = 0

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        if packet.type == Type.ACK:
            self.questions.answer(packet.id, packet.data)
            return
        if packet.type == Type.EVENT and packet.id is not None:
            packet.data.append(self.answer_to(packet.id))
        super().receive(packet)

    def answer_to(self, number: int) -> Answer:
        """What acknowledges the event of that number, as long as this connection lasts."""
        endings = self.endings

        def send(answers: list[Any]) -> None:
            messages = encode(Packet(Type.ACK, answers, number, self.namespace))
            if self.connected and self.endings == endings:
                for message in messages:
                    self.io.write(message)

        return Answer(send)

    def closed(self, reason: str) -> None:
        """It is over, also for who waits. What is still kept will be asked later."""
        super().closed(reason)
        self.endings += 1
        kept = {packet.id for packet, _ in self.send_buffer}
        self.questions.fail_all(reason, but=kept)


# %% tags=["export", "folded"]
from handmade import l11_reconnection as l11


@dataclass(frozen=True)
class Options(l12.Options):
    """The settings of a server: also for how many acknowledgements a socket may wait at a time."""

    max_unanswered: int = 1000


class Server(l12.Server):
    """A Socket.IO server whose events can be acknowledged, and that can ask its clients, with Options."""

    options_type: type[l12.Options] = Options
    client_type: type[l12.Client] = Client
    options: Options


class Manager(l12.Manager):
    """The connection of a socket that may ask."""

    socket: ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.socket = ClientSocket(self, namespace)


def io(url: str, ack_timeout: float | None = None, **options: Any) -> ClientSocket:
    """Connect to a Socket.IO server, as the `io` of lesson 11 does. Raises ValueError."""
    socket: ClientSocket = l11.io(url, Manager, **options)
    socket.ack_timeout = ack_timeout
    return socket

# %% [markdown]
# The desk again, with your server, and for those who doubt it a photograph. The folded cells have a coin as in lesson 12; `visit`, which is your client; and for later a bad line, and what tears it.

# %% tags=["folded"]
from io import BytesIO

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.image import imsave


def photograph(metal, size=64):
    """A coin of that metal, as the bytes of a PNG file."""
    across, down = np.meshgrid(*2 * [np.linspace(-1.3, 1.3, size)])
    radius = across**2 + down**2
    light = np.where(radius < 1, 0.85 - 0.3 * (across + down) * radius**2, 0.2 - 0.1 * down)
    light *= np.where(abs(radius - 0.74) < 0.03, 0.6, 1)  # the ring along the edge
    colour = np.where((radius < 1)[..., None], to_rgb(metal), to_rgb("lightsteelblue"))
    file = BytesIO()
    imsave(file, np.clip(light[..., None] * colour, 0, 1), format="png")
    return file.getvalue()


@contextlib.asynccontextmanager
async def visit(where):
    """Your client, from the moment when it is connected to the end of the `async with`."""
    settings = {"transports": ["websocket"], "reconnection_delay": 0.1, "extra_headers": {"User-Agent": "Ann"}}
    socket = io(bench.url(where, scheme="http"), **settings)
    try:
        await until(lambda: socket.connected, 10)
        yield socket
    finally:
        socket.disconnect()


# %% tags=["folded"]
UP, DOWN = Direction.UP, Direction.DOWN


async def tear(line, socket):
    """End a connection on which something was swallowed; return when the client is back on a line that is well."""
    (swallow,) = line.rules
    line.rules = [swallow, ResetBoth()] if swallow.direction == UP else [ResetBoth(), swallow]
    await until(lambda: not socket.connected, 10)
    line.rules = []
    await until(lambda: socket.connected, 10)


async def bad_line(rule):
    """A new desk and its book, a line on which that rule is laid when Ann is connected, and Ann."""
    book = []
    desk = await bench.start("desk", shop(Server(), book).listen())
    line = await bench.start("line", Middlebox(desk))
    ann = await bench.start("Ann", visit(line))
    line.rules = [rule]
    return book, line, ann


async def order(ann, coin, book, patience=0.5):
    """Let Ann order, and print what she is told, and what is in the book at that moment."""
    try:
        answer = await ann.timeout(patience).emit_with_ack("buy", coin)
    except TimeoutError:
        answer = "TimeoutError"
    print(f"Ann orders a {coin} and is told: {answer}. In the book: {book}")


# %%
def shop(server, book):
    """A desk: each coin that is ordered goes into the book."""
    @server.on("connection")
    def welcome(socket):
        @socket.on("buy")
        def buy(coin, answer):
            book.append(coin)
            answer(f"noted, {len(book)} in the book")

        socket.on("photo", lambda metal, answer: answer(photograph(metal)))

    return server


desk = await bench.start("desk", shop(Server(), []).listen())
cable = await bench.start("cable", Middlebox(desk))
await bob(buy_js, cable, patience=5000)
await cable.quiet()
Wire(cable, layer="Socket.IO")

# %% [markdown]
# Bob's program is the same as in section 1. Now your client, and bytes in the answer:

# %%
ann = await bench.start("Ann", visit(desk))

gallery("The answer to a question", [("gold", "a gold coin", await ann.emit_with_ack("photo", "gold"))])

# %% [markdown]
# On the wire: `461-0[{"_placeholder":true,"num":0}]`, and the picture. Lesson 12 works in an answer, too, without a new line.
#
# And if the line tears? Ann has sixty seconds, and the rule `Swallow(DOWN)` lets nothing pass that comes down.

# %%
book, line, ann = await bad_line(Swallow(DOWN))
asking = asyncio.create_task(ann.timeout(60).emit_with_ack("photo", "gold"))
await asyncio.sleep(0.3)
await tear(line, ann)

try:
    await asking
except ConnectionError as error:
    print(type(error).__name__, "| Ann is back:", ann.connected, "| waiting:", ann.questions.waiting)

# %% [markdown]
# She hears of it when the connection ends, and the minute is not waited for. (A callback *without* a time limit cannot hear an error. It is dropped in silence, in the official client, too.)

# %% [markdown]
# ## 6. Three lines, one error
#
# So Ann is always told something: the answer, or an error. What does the error *say*? She orders three gold coins, at 4,000 euros each, over three lines, with half a second of patience:
#
# | she orders | the line | its rule |
# |---|---|---|
# | a Ducat | swallows what goes up | `Swallow(UP)` |
# | a Krugerrand | swallows what comes down | `Swallow(DOWN)` |
# | a Sovereign | is slow: a second, upwards | `Delay(1, direction=UP)` |

# %%
guess_book = predict(
    "Three times she is told `TimeoutError`. At that moment, in how many of the three books is her order?",
    a="In none: that is what the error says.",
    b="In one.",
    c="In two.",
)

# %% [markdown]
# **Lost.** The order dies on the way. The line tears, Ann is back, and orders again.

# %%
book, line, ann = await bad_line(Swallow(UP))

await order(ann, "Ducat", book)
await tear(line, ann)
await order(ann, "Ducat", book, patience=5)
Wire(line, layer="Socket.IO")

# %% [markdown]
# One Ducat. To try again was right.
#
# **Duplicated.** The order arrives, and its acknowledgement dies. Ann does the same.

# %%
book, line, ann = await bad_line(Swallow(DOWN))

await order(ann, "Krugerrand", book)
await tear(line, ann)
await order(ann, "Krugerrand", book, patience=5)
Wire(line, layer="Socket.IO")

# %% [markdown]
# Two Krugerrands. To try again has cost 4,000 euros.
#
# **Late.** The order is on its way, slowly. Ann has learnt from the Krugerrand, does *not* try again, and buys her Sovereign round the corner.

# %%
book, line, ann = await bad_line(Delay(1, direction=UP))

await order(ann, "Sovereign", book)
await until(lambda: book, 5)
print("A second later, in the book:", book)
Wire(line, layer="Socket.IO")

# %%
guess_book.reveal(
    "b",
    "The Krugerrand's. The Ducat's never came, and the Sovereign's came later. Ann saw the same error three times, and what was right the first time was wrong the second.",
    a="The error says that no *answer* has come in time. An order is not an answer.",
    c="A second later it was two. The Sovereign was neither refused nor cancelled: it was slow.",
)

# %% [markdown]
# Now she has two Sovereigns as well. (The wire draws the order when she sends it; the second of silence is how long it was on its way.) The acknowledgement came, and nobody waited for it: its number was given up, and no other question ever gets it.
#
# **A time-out means: I do not know.** What has gone out it does not take back. No clock and no better line changes that: the last message of any conversation is one that nobody has confirmed.

# %% [markdown]
# ## 7. "Then let the library try again"
#
# The official client has an option for it. With `retries: 3` it sends an event up to three times more, each time after `ackTimeout` milliseconds, or as soon as a lost connection is back; one event at a time, in order.
#
# ```js retries.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], retries: 3, ackTimeout: 300 });
#
# socket.emit("buy", ...what, (error, answer) => {
#   console.log("Bob is told:", error?.message ?? answer);
#   process.exit();
# });
# ```
#
# Bob orders an Eagle. With his first order the line begins to swallow what comes down.

# %% misconception=12
guess_retries = predict(
    "One Eagle, `retries: 3`, and no answer comes through. What is in the book, and what is Bob told?",
    a="One Eagle; that it has timed out.",
    b="Four Eagles; that they are noted.",
    c="Four Eagles; that it has timed out.",
)

# %% tags=["folded"]
async def bobs_line(make):
    """A desk that `make(server, book)` makes, and a line to it that swallows what comes down from the first order on."""
    book, server, swallow = [], Server(), Swallow(DOWN)

    @server.on("connection")
    def break_line(socket):
        if line.flows:
            socket.on("buy", lambda *order: setattr(line, "rules", [swallow]))
            socket.on("disconnect", lambda reason: setattr(line, "rules", [ResetBoth(), swallow]))

    desk = await bench.start("desk", make(server, book).listen())
    line = await bench.start("line", Middlebox(desk))
    return book, desk, line


# %%
book, desk, line = await bobs_line(shop)
await bob(retries_js, line, what=["Eagle"])
await line.quiet()
print("in the book:", book)
Wire(line, layer="Socket.IO")

# %%
guess_retries.reveal(
    "c",
    "16,000 euros, and a screen that knows nothing of it. Whoever presses the button once more buys once more.",
    a="That would be *exactly once*. Nothing here can know that the four are one.",
    b="Four were noted, four times the desk said so, and four times it was swallowed.",
)

# %% [markdown]
# A retry means **at least once**, and only if one gets through. Look at the wire: the events #0, #1, #2, #3. Each try is a new question with a new number, so the acknowledgement id cannot say that these four are one order. (After a reload Bob's client counts from 0 again: then his *next* order would look like a duplicate.) His socket's `id` is new with
# each connection. And two Eagles may be two Eagles.
#
# Nothing in the protocol can say *this is the same order*. Only Bob can.

# %% [markdown]
# ## 8. A number of the order's own
#
# So Bob gives his order a number when he *makes* it, and it stays the same however often it is sent: an *idempotency key*, any text that nobody else will choose. (*Idempotent* is what has the same effect done once or ten times, like pressing the button of a lift.)

# %%
def careful_shop(server, book):
    """A desk that notes each order once, and acknowledges each try."""
    orders = {}

    @server.on("connection")
    def welcome(socket):
        @socket.on("buy")
        def buy(coin, number, answer):
            if number not in orders:
                book.append(coin)
                orders[number] = f"noted, {len(book)} in the book"
            answer(orders[number])

    return server


book, desk, line = await bobs_line(careful_shop)
await bob(retries_js, line, what=["Eagle", "b3f1c2d4"])
print("in the book:", book)
await bob(retries_js, desk, what=["Eagle", "b3f1c2d4"])
print("in the book:", book)

# %% [markdown]
# Four tries, one Eagle. Bob was told once more that the time was up; but now he may ask again, on a line that is well, and hears what the first try should have told him. *At least once*, and a receiver that knows what it has seen: together that is **once**. It holds if
#
# - the number is made with the order, before the first try, and not inside the loop;
# - the *answer* is remembered. Who hears "duplicate" knows no more than before;
# - it is remembered *with* the book, in one transaction. (Ours forgets both when it is restarted. It has no gold, either);
# - it is remembered as long as somebody may try again. For ever would be the next leak.

# %% [markdown]
# ## 9. Have all of you got that?
#
# The boss wants to be sure that each of the four screens in the hall shows the new price. The official server can ask all at once. Here three need a tenth of a second to show it, one does not answer, and `called` prints with what it is called:
#
# ```js
# server.timeout(500).emit("price", 4000, called("half a second"));
# await pause();
# server.emit("price", 4000, called("no time limit"));
# ```
#
# <details><summary>The whole program</summary>
#
# ```js hall.mjs
# import { Server } from "socket.io";
# import { io } from "socket.io-client";
#
# const server = new Server(0);
# const url = `http://127.0.0.1:${server.httpServer.address().port}`;
# const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));
#
# for (const name of ["first", "second", "third", "fourth"]) {
#   const screen = io(url, { forceNew: true, transports: ["websocket"] });
#   if (name === "fourth") continue;
#   screen.on("price", (price, answer) => setTimeout(answer, 100, `${name} shows ${price}`));
# }
# await pause();
# const called = (how) => (error, answers) => console.log(how, "|", error?.message, "|", answers.sort());
# server.timeout(500).emit("price", 4000, called("half a second"));
# await pause();
# server.emit("price", 4000, called("no time limit"));
# await pause();
# process.exit();
# ```
# </details>

# %% misconception=20
guess_hall = predict(
    "One function, four screens, three answers, half a second. How is the function called?",
    a="Once, with an error and three answers.",
    b="Three times, with an answer each; then once with an error.",
    c="Once, with an error and nothing else.",
)

# %%
print(await bench.javascript(bench.program("13/hall.mjs")))

# %%
guess_hall.reveal(
    "a",
    "The answers are gathered, in the order in which they come. The function is called when all are there, or when the time is up, with what there is.",
    b="So it is with one function for each socket. For a broadcast it would have to count, and would never know when to stop counting.",
    c="Look at what stands behind the error. Who throws that away because of the error has thrown away three answers.",
)

# %% [markdown]
# And without a time limit? It is called after a millisecond, before any of these can answer: *no limit* has become *no time* (socket.io 4.8.4). Nor do the answers say whose they are, and "three have it" does not mean that the fourth has not: you know that from section 6.
#
# By hand it is a question for each socket, and one who waits for all of them:

# %%
async def ask_all(sockets, seconds, event, *arguments):
    """What each socket has answered, or why it has not."""
    asking = [socket.timeout(seconds).emit_with_ack(event, *arguments) for socket in sockets]
    return await asyncio.gather(*asking, return_exceptions=True)


# %% [markdown]
# Without `return_exceptions=True` the first error would be raised, and the other answers lost. Of four screens of your own, in the folded cell, two answer, the third has never heard of the event, and the fourth goes home when it is asked.

# %% tags=["folded"]
screens = []
hall = Server()
hall.on("connection", screens.append)
hall = await bench.start("hall", hall.listen())

first, second, third, fourth = [await bench.start(f"screen {place}", visit(hall)) for place in range(4)]
first.on("price", lambda price, answer: answer(f"first shows {price}"))
second.on("price", lambda price, answer: answer(f"second shows {price}"))
fourth.on("price", lambda price, answer: fourth.disconnect())

for answer in await ask_all(screens, 1, "price", 4000):
    print(repr(answer))

# %% [markdown]
# The fourth's error was there at once, the third's after a second; `gather` waits for both. (Lesson 14 has rooms, and one word for all this.)

# %% [markdown]
# ## 10. The same in python-socketio, and in JavaScript
#
# | yours | JavaScript, the official one | python-socketio 5.18 |
# |---|---|---|
# | the handler calls its last argument | the same | what the handler *returns* is the answer, `None` too; none if it fails |
# | `socket.emit("buy", "Ducat", f)` | the same | `await sio.emit("buy", "Ducat", callback=f)` |
# | `socket.timeout(5).emit(…, f)` | `socket.timeout(5000).emit(…, f)` | there is none |
# | `await socket.timeout(5).emit_with_ack("buy", "Ducat")` | `await socket.timeout(5000).emitWithAck("buy", "Ducat")` | `await sio.call("buy", "Ducat", timeout=5)` |
# | the end of the connection is an error, at both ends | at the client; the server waits | `call` waits for its time-out |
# | a thousand wait at most | no limit | no limit |
# | `insist`, exercise 3 | `retries`, at the client | there is none |
#
# (At a server, python-socketio's `emit` needs `to=sid`, too, or all are asked; `call` without it raises a ValueError.)
#
# The desk twice more. In the folded cell Ann, Bob and Carol, who has python-socketio's client, order a Ducat at each.
#
# <details><summary>The whole official server</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
# const book = [];
#
# io.on("connection", (socket) => {
#   socket.on("buy", (coin, answer) => {
#     book.push(coin);
#     answer(`noted, ${book.length} in the book`);
#   });
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
import socketio

sio = socketio.AsyncServer(async_mode="aiohttp")
python_book = []


@sio.on("buy")
async def buy(sid, coin):
    """Note a coin; what is returned is the acknowledgement."""
    python_book.append(coin)
    return f"noted, {len(python_book)} in the book"


# %% tags=["folded"]
from aiohttp import web

app = web.Application()
sio.attach(app)
python_book.clear()
desks = {
    "yours": await bench.start("desk", shop(Server(), []).listen()),
    "python-socketio": await bench.start("python", bench.aiohttp(app)),
    "official": await bench.start("official", Child.node("lessons_src/programs/13/server.mjs")),
}
carol = socketio.AsyncClient(handle_sigint=False)

for name, where in desks.items():
    print(f"--- {name}")
    await bob(buy_js, where, patience=5000)
    async with visit(where) as ann:
        print("Ann is told:", await ann.timeout(5).emit_with_ack("buy", "Ducat"))
    await carol.connect(bench.url(where, scheme="http"), transports=["websocket"])
    print("Carol is told:", await carol.call("buy", "Ducat", timeout=5))
    await carol.disconnect()

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has what the checks need.

# %% tags=["folded"]
async def tried(slow_shop, *rounds):
    """What customers are told in each round of tries (who, coin, number), and which coins the bank was asked for."""
    coins, told = [], []

    async def bank(coin):
        coins.append(coin)
        await asyncio.sleep(0.3)
        return f"receipt {coins.index(coin) + coins.count(coin)} for a {coin}"

    club = Server()
    slow_shop(club, bank)
    async with club.listen() as server, Middlebox(server) as line:
        watch(Wire(line, layer="Socket.IO"))
        for tries in rounds:
            told.append(json.loads(await bench.javascript(bench.program("13/impatient.mjs"), url=bench.url(line, scheme="http"), tries=tries)))
    return told, coins


async def ended(insist, socket, orders, tries, seconds=0.8):
    """What `insist` returns, or the kind of error that it raises."""
    try:
        async with asyncio.timeout(6) as limit:
            return await insist(socket, "Ducat", tries, seconds)
    except (TimeoutError, ConnectionError) as error:
        if limit.expired():
            raise Wrong(f"`insist` was allowed {tries} tries of {seconds} seconds, and goes on after 6 seconds. The desk heard {len(orders)}. Has each try, the last one, too, `seconds` as its limit?") from None
        return type(error)


def look(what, orders, count):
    """Hold the orders of one customer's one coin against what they should be."""
    for order in orders:
        said = [each for each in order if not callable(each)]
        unasked = "" if len(said) < len(order) else ", and nobody wanted an acknowledgement"
        if unasked or len(said) != 2 or said[0] != "Ducat":
            raise Wrong(f"{what} The desk heard `buy` with {said}{unasked}. It should be the coin and the number, with `emit_with_ack`.")
    if len({order[1] for order in orders}) > 1:
        raise Wrong(f"{what} Its {len(orders)} tries came with {len({order[1] for order in orders})} numbers: to the desk these are as many orders. Make the number before the loop.")
    if len(orders) != count:
        raise Wrong(f"{what} Tries that the desk heard: {len(orders)}. It should be {count}.{'' if orders else ' Is `emit_with_ack` awaited?'}")


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The slow bank
# *15 minutes, medium*
#
# The desk has to ask its bank, and the bank is slow. Write `slow_shop(io, bank)`, which has the server `io` answer the event `buy`. It comes with a coin, the order's number, and what acknowledges it: `coin, number, answer`. `await bank(coin)` buys the coin, takes a while, and
# returns a receipt, which is the answer.
#
# For each order number the bank is asked once, however often the order comes: on the same connection or on another one, later, or *while the bank is still busy*. Each try gets the receipt.
#
# The check has customers with the official client, who try again over two connections at a time.
#
# <details><summary>The program that the check runs</summary>
#
# ```js impatient.mjs
# import { io } from "socket.io-client";
#
# const sockets = [0, 1].map(() => io(url, { transports: ["websocket"], reconnection: false, forceNew: true }));
# await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
#
# const told = tries.map(([who, coin, number]) =>
#   sockets[who].timeout(2500).emitWithAck("buy", coin, number).catch((error) => error.message));
# console.log(JSON.stringify(await Promise.all(told)));
# process.exit();
# ```
# </details>

# %% tags=["solution"]
def slow_shop(io, bank):
    """Answer each `buy` with the bank's receipt, and ask the bank once for each order number."""
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            answer(await receipts[number])


# %% tags=["check"]
TIMED_OUT = "operation has timed out"


def compare(what, told, coins, wanted_told, wanted_coins):
    """Hold what customers were told, and what the bank was asked for, against what should have been."""
    if len(coins) > len(wanted_coins):
        raise Wrong(f"{what} The bank was asked {len(coins)} times, for {coins}. It should be asked for {wanted_coins}.")
    if len(coins) < len(wanted_coins):
        never = "" if coins else " Does each socket have a handler of `buy`, and does that `await` the bank?"
        raise Wrong(f"{what} The bank was asked for {coins}, and should have been asked for {wanted_coins}.{never}")
    if any(TIMED_OUT in answers for answers in told):
        raise Wrong(f"{what} They were told {told}: a try was never answered. Did your handler raise? Each try gets the receipt.")
    if told != wanted_told:
        raise Wrong(f"{what} They were told {told}. It should be {wanted_told}: each try of an order gets its receipt.")


@check(
    "A dict from order numbers to what the bank has said. Where does it have to live, if an order may come again over another connection?",
    "Between `if number not in receipts` and `receipts[number] = await bank(coin)` the second try comes in, and finds nothing. Something has to stand in the dict *before* the first `await`.",
    "A task may stand there: `receipts[number] = asyncio.create_task(bank(coin))`. Any number of handlers may `await` the same task.",
    timeout=30,
)
async def check_slow_shop(slow_shop):
    """The bank is asked once for each order, and each try hears its receipt."""
    ducat, second = "receipt 1 for a Ducat", "receipt 2 for a Ducat"
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1")])
    compare("A customer ordered once.", told, coins, [[ducat]], ["Ducat"])
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1"), (0, "Ducat", "a1")])
    compare("A customer tried twice on one connection.", told, coins, [[ducat] * 2], ["Ducat"])
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1")], [(1, "Ducat", "a1")])
    compare("A customer tried again later, over a new connection.", told, coins, [[ducat]] * 2, ["Ducat"])
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1"), (1, "Ducat", "a1")])
    compare("A customer tried again over a second connection, while the bank was busy.", told, coins, [[ducat] * 2], ["Ducat"])
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1")], [(0, "Ducat", "a2")])
    compare("A customer ordered two Ducats, with two numbers.", told, coins, [[ducat], [second]], ["Ducat", "Ducat"])
    told, coins = await tried(slow_shop, [(0, "Ducat", "a1")], [(0, "Ducat", "a2")], [(1, "Ducat", "a1")])
    compare("A customer ordered two Ducats, and then tried the first order again.", told, coins, [[ducat], [second], [ducat]], ["Ducat", "Ducat"])


await check_slow_shop.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Until it has arrived
# *12 minutes, medium*
#
# The other end of it. Write `insist(socket, coin, tries, seconds)`. It emits `buy` with the coin and a number of the order's own, waits `seconds` for the acknowledgement, and returns it. If none comes, it tries again, at most `tries` times in all. If the last try fails, it raises that error.
#
# The line may tear as well: then the wait ends with a `ConnectionError`, and your client is back a moment later. Two orders of the same coin are two orders. (`uuid4()` from the module `uuid` gives a number that nobody else has; `str` makes a text of it.)

# %% tags=["solution"]
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    """Order a coin, again and again until it is acknowledged, and return the answer."""
    number = str(uuid4())
    for _ in range(tries - 1):
        with contextlib.suppress(TimeoutError, ConnectionError):
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
    return await socket.timeout(seconds).emit_with_ack("buy", coin, number)


# %% tags=["check"]
@contextlib.asynccontextmanager
async def moody(*moods):
    """A desk that treats one try after the other so: "silent", "tears" or an answer; a client of it, and its orders."""
    orders = []
    club = Server()

    @club.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(*order):
            mood = moods[min(len(orders), len(moods) - 1)]
            orders.append(order)
            if mood == "tears":
                line.rules = [ResetBoth()]
                line.rules = []
            elif mood != "silent" and callable(order[-1]):
                order[-1](mood)

    async with club.listen() as server, Middlebox(server) as line, visit(line) as socket:
        watch(Wire(line, layer="Socket.IO"))
        yield socket, orders


@check(
    'The number first, and then a loop over the tries. Each try is `await socket.timeout(seconds).emit_with_ack("buy", coin, number)`.',
    "`return` leaves the loop as soon as one try is answered. `except (TimeoutError, ConnectionError)` goes on to the next.",
    "The error of the last try has to get out. So make the last try outside of the loop, where nothing catches it.",
    timeout=40,
)
async def check_insist(insist):
    """One order, one number, as many tries as it takes, and the last error gets out."""
    async with moody("noted") as (socket, orders):
        got = await ended(insist, socket, orders, 3)
        look("The desk answered at once.", orders, 1)
        expect("what is returned when the desk answers `noted`", got, "noted")
        await ended(insist, socket, orders, 3)
    if orders[0][1] == orders[1][1]:
        raise Wrong("Two Ducats were ordered, one after the other, under the same number. The desk will note the first only: each order has a number of its own.")
    async with moody("silent", "silent", "noted") as (socket, orders):
        got = await ended(insist, socket, orders, 3)
        look("The desk did not answer the first two tries.", orders, 3)
        expect("what is returned when the third try is answered", got, "noted")
    async with moody("silent") as (socket, orders):
        begin = perf_counter()
        got = await ended(insist, socket, orders, 2)
        took = perf_counter() - begin
        look("The desk answered nothing, and two tries were allowed.", orders, 2)
        if got is not TimeoutError:
            raise Wrong(f"Two tries, and no answer to either. `insist` returned {got!r}, and should raise the last error.")
        if took < 1.5:
            raise Wrong(f"Two tries of 0.8 seconds each were over after {took:.1f} seconds. Each try waits `seconds` for its acknowledgement.")
    async with moody("silent", "tears") as (socket, orders):
        if await ended(insist, socket, orders, 2, 2) is not ConnectionError:
            raise Wrong("The line tore during the last try. `insist` should raise the error of that try, a ConnectionError.")
    async with moody("tears", "noted") as (socket, orders):
        got = await ended(insist, socket, orders, 3, 5)
        if got is ConnectionError:
            raise Wrong("The line tore during the first try, and `insist` raised the ConnectionError. Two tries were left, and the client comes back by itself.")
        look("The line tore during the first try.", orders, 2)
        expect("what is returned when the second try is answered", got, "noted")


await check_insist.verdict()

# %% [markdown]
# ## The rules, and the boss's list

# %% tags=["folded"]
club = Server(ping_interval=0.8, ping_timeout=0.8, attachments_timeout=1.5)


@club.on("connection")
def under_test(socket):
    """What the rules ask for."""
    socket.on("message", lambda *what: socket.emit("message-back", *what))
    socket.on("message-with-ack", lambda *what: what[-1](*what[:-1]))


under_rules = await bench.start("under rules", club.listen())
await rulebook.hold(under_rules, lesson=13, name="your server after lesson 13")

# %%
await boss.review(boss.handmade(13))

# %% [markdown]
# One row has turned green, and none red: *tells the sender that a message has arrived*. Nine of fourteen.

# %% [markdown]
# ## What you have now
#
# - Who wants to know gives the event a number; the answer brings it back. Each end counts for itself, and 0 is a number.
# - Who waits has a time limit, and is told when the connection ends. Otherwise it waits for ever, and is kept.
# - A time-out means *I do not know*: lost, done already, or still on its way.
# - A retry means *at least once*. Each try has a new acknowledgement id, so a duplicate looks like an order.
# - The order's own number, made with it, makes *once* of it: the receiver remembers the number and its answer.
# - A broadcast gives what comes in time, and an error with it if somebody is missing.
#
# ### Three questions
#
# <details><summary>1. The customer's app shows "failed" after a time-out. What should it show?</summary>
#
# "We do not know yet", and then it should find out: the same order, with the same number, again. "Failed" is a claim, and in section 6 it would have been wrong two times out of three.
# </details>
#
# <details><summary>2. A colleague takes the hash of the order as its number: "then I need not store one". When does that go wrong?</summary>
#
# When somebody wants the same thing twice. Two Ducats for two daughters are two orders with one hash. Only who orders knows whether it is a second wish or a second try.
# </details>
#
# <details><summary>3. The desk answers first, and writes into its book afterwards, "because it is faster". What has it promised?</summary>
#
# Nothing. If it falls over in between, the customer has an acknowledgement, and nobody has the order. Answer when it is done: the acknowledgement says what *you* decide it says.
# </details>
#
# ### Things to try
#
# 1. Let the bank of exercise 2, in the folded cell above it, refuse some coins (`raise`). What should a second try of a refused order hear?
# 2. `await bench.start("desk", lambda port=0: careful_shop(Server(), []).listen(port))`, and `await bench.restart("desk")` between two tries. What does the shop know then, and what would a real one need?
#
# ### What is still missing
#
# Asking each socket in a loop is well for four screens. The boss has four hundred, and half of them are not to hear the price at all: they hang in the canteen. That is lesson 14.
