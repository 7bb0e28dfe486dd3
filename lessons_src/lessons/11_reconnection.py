# %% [markdown]
# # 11 · Reconnection
#
# **In {minutes} you write a client that comes back by itself: it waits, a little longer each time and never at the same moment as everybody
# else, it keeps what you say meanwhile, and it knows when it is not wanted.** Then you kill the server under it, as often as you like.

# %% [markdown]
# ## What the boss says
#
# > "Last night somebody restarted our server. Ten seconds. This morning half of the users had to reload their page, and they tell me so, one
# > by one. And in the other half something went on knocking so hard that the server needed a minute to get up. Can it not come back like a normal person?"

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench, boss
from wirelab.bench import Child
from wirelab.clients import HandmadeClient
from wirelab.clients.backoff import full_jitter
from wirelab.exercise import Wrong, check, expect
from wirelab.middlebox import Middlebox, ResetBoth
from wirelab.plots import Comeback, come_back, comebacks, delays
from wirelab.waiting import eventually, until
from wirelab.widgets.predict import predict
from wirelab.widgets.timeline import Timeline
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 5 minutes for the two ways to get it wrong, 10 for the back-off, 10 for the client, 10 for what is kept and what is lost, 10 for the timeline.
# With little time: sections 1 to 3, then the timeline.
#
# **A question to start with:** "The shop is closed, a hundred people wait outside, and each tries the door when they like. Who opens first tomorrow, and what
# does the door look like?" Somebody says: "Come back later." Ask: "All at the same time?"
#
# **What goes wrong in a class.** People think that jitter makes a client *faster*. It makes the crowd wider. Let them read the plots of section 9 aloud.

# %% [markdown]
# ## 1. Two ways to get it wrong
#
# The first half of the users have lesson 01's page, a plain WebSocket. Node.js plays it, in a folded cell, and the server is restarted.
#
# <details><summary>The program</summary>
#
# ```js page.mjs
# const socket = new WebSocket(url);
#
# socket.onopen = () => console.log("the page is connected");
# socket.onclose = (event) => {
#   console.log("the page is closed:", event.code);
#   setTimeout(() => {
#     console.log("later, the page is connected:", socket.readyState === WebSocket.OPEN);
#     process.exit();
#   }, 1500);
# };
# ```
# </details>

# %% tags=["folded"]
import asyncio
import contextlib

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

arrived = asyncio.Event()


async def echo(websocket):
    """Send every message back."""
    arrived.set()
    async for message in websocket:
        await websocket.send(message)


office = await bench.start("office", lambda port=0: serve(echo, "127.0.0.1", port))
page = asyncio.create_task(bench.javascript(bench.program("11/page.mjs"), url=bench.url(office)))
await arrived.wait()
office = await bench.restart("office")
print("the server is back:", office.is_serving())
print(await page)

# %% [markdown]
# Away for some milliseconds, and the page stays dead for ever: a browser's `WebSocket` never tries again. The other half have a colleague's page: if it fails, try again. Here is that loop in Python,
# for one second, at a port where nobody listens any more.

# %%
async with serve(echo, "127.0.0.1", 0) as gone:
    nowhere = bench.url(gone)

knocks = 0
with contextlib.suppress(TimeoutError):
    async with asyncio.timeout(1):
        while True:
            try:
                await connect(nowhere)
            except OSError:
                knocks += 1

print("one client, one second, more than fifty knocks:", knocks > 50)

# %% [markdown]
# Think of a thousand of them, and of a server that is getting up. How long should the pause be?

# %% [markdown]
# ## 2. Twice as long
#
# Who has been away for a second may be back in the next. Who has been away for an hour need not be asked five times a second. So after each failure the pause is
# twice as long, up to a limit: *exponential back-off*. The official client begins with one second, and five is the limit.
#
# A thousand clients do that. The server is away for ten seconds, and all lose it in the same instant. Then it takes 200 connections a second; 100 more may wait in its
# queue, and who finds that full is refused and tries again after the next pause.

# %%
guess_crowd = predict(
    "A thousand clients, 200 a second. When is the last of them back?",
    a="Five seconds after the server: a thousand divided by 200.",
    b="About ten seconds after it: five of waiting, five in the queue.",
    c="More than forty seconds after it.",
)

# %%
def doubled(attempt, chance):
    """How many seconds to wait before an attempt: 1, 2, 4, and then always 5."""
    return min(2.0 ** (attempt - 1), 5.0)


without = come_back(doubled, clients=1000, outage=10, per_second=200, backlog=100)
comebacks("A thousand clients come back", {"twice as long": without}, f"{without}.")

# %%
guess_crowd.reveal(
    "c",
    "All wait equally long. So all thousand knock in the same instant, a hundred find room, and nine hundred go away, together.",
    a="It could have been so. But between two waves the server had nothing to do.",
    b="With room for all of them in the queue, seven would do. It has room for a hundred.",
)

# %% [markdown]
# (A virtual clock jumps from one attempt to the next; the formula really runs.) This is a *thundering herd*. What these clients have in common is
# the moment at which they lost the server, and an exact formula keeps it alive.

# %% [markdown]
# ## 3. And never at the same time
#
# What is missing is a die. Each client makes its pause longer or shorter by chance: *jitter*. The folded cell has the settings of your client: the official names (only `proxy` is ours), with
# seconds for milliseconds. `reconnection_attempts` is infinite: as in the official client, nobody gives up unless you say so.

# %% tags=["export", "core", "folded"]
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The settings of a client, named as the official client's; times in seconds."""

    path: str = "/socket.io/"
    transports: Sequence[str] = ("polling", "websocket")
    auth: Mapping[str, object] | None = None
    extra_headers: Mapping[str, str] | None = None
    proxy: str | None = None
    timeout: float = 20
    reconnection: bool = True
    reconnection_attempts: float = math.inf
    reconnection_delay: float = 1
    reconnection_delay_max: float = 5
    randomization_factor: float = 0.5

    def __post_init__(self) -> None:
        if not self.transports or not {"polling", "websocket"}.issuperset(self.transports):
            raise ValueError(f'transports is a list of "polling" and "websocket", not {self.transports!r}.')
        if not 0 <= self.randomization_factor <= 1:
            raise ValueError(f"randomization_factor is from 0 to 1, not {self.randomization_factor!r}.")


# %% [markdown]
# <details><summary>The server of this lesson, for the exercises and all that follows: an official one, in a process of its own</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
# const subscribers = [];
#
# io.use((socket, next) => {
#   next(socket.handshake.auth.name === "stranger" ? new Error("not you") : undefined);
# });
# io.on("connection", (socket) => {
#   console.log("somebody has connected");
#   socket.on("say", (text) => io.emit("news", text));
#   socket.on("send me away", () => socket.disconnect());
#   socket.on("subscribe", () => subscribers.push(socket));
#   socket.on("count", () => socket.emit("count", subscribers.length));
#   socket.on("price", (price) => {
#     for (const each of subscribers) each.emit("price", price);
#   });
# });
# http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(JSON.stringify(http.address())));
# ```
# </details>

# %% tags=["folded"]
import json

SERVER = "lessons_src/programs/11/server.mjs"
QUICK = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.4}


async def outage(server, *sockets):
    """Kill a server and restart it, and wait until all of these have lost it and are back."""
    server.kill()
    await until(lambda: not any(socket.connected for socket in sockets), 10)
    await server.restart()
    await until(lambda: all(socket.connected for socket in sockets), 10)


def listening(socket, event):
    """All that comes with an event from now on."""
    heard = []
    socket.on(event, heard.append)
    return heard


def waits(backoff, times):
    """So many durations, one after the other, in milliseconds."""
    return [backoff.duration() * 1000 for _ in range(times)]


async def survives(io):
    """Whether a client made by `io` comes back to a server that is killed and restarted, after four attempts."""
    async with Child.node(SERVER) as server:
        socket, attempts = io(bench.url(server, scheme="http"), **QUICK), []
        socket.io.on("reconnect_attempt", attempts.append)
        try:
            await eventually(lambda: socket.connected, 10)
            server.kill()
            await eventually(lambda: len(attempts) > 3, 5)
            tried = len(attempts)
            await server.restart()
            return tried > 3 and await eventually(lambda: socket.connected, 5)
        finally:
            socket.disconnect()


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The back-off
# *15 minutes, medium*
#
# Write `MyBackoff(options, chance)`. It keeps both, and `attempts`, which is 0 at first. `duration()` returns the seconds to wait before the next attempt, by the official client's rule:
#
# 1. Begin with `options.reconnection_delay`, doubled once for each attempt that there was.
# 2. `chance()` gives a random number from 0 up to 1. Ask for one. The *deviation* is this number, times `options.randomization_factor`, times the delay of step 1.
# 3. If the first digit after the number's point is odd, the deviation is added; if it is even, it is subtracted. (One die says how far, and in which direction.)
# 4. Nobody waits longer than `options.reconnection_delay_max`.
# 5. One more attempt: add it to `attempts`.
#
# It has to work after a thousand failures, too. The check compares your waits with those of the official client, and then a client with your back-off has its server killed.
#
# <details><summary>The program that the check runs</summary>
#
# ```js waits.mjs
# import { io } from "socket.io-client";
#
# const [reconnectionDelay, reconnectionDelayMax, randomizationFactor] = settings;
# const official = (chance) => {
#   const options = { reconnectionDelay, reconnectionDelayMax, randomizationFactor, autoConnect: false, forceNew: true };
#   const { backoff } = Object(io("http://127.0.0.1", options).io);
#   Math.random = () => chance;
#   return Array.from({ length: times }, () => backoff.duration());
# };
# console.log(JSON.stringify(chances.map(official)));
# ```
# </details>

# %% tags=["check"]
import itertools
from unittest.mock import patch

from handmade import l11_reconnection

CHANCES = (0.0, 0.12, 0.25, 0.34, 0.5, 0.78, 0.99)


async def official_waits(*settings):
    """Each random number, and ten waits of the official client with it and these settings, in milliseconds."""
    program = bench.program("11/waits.mjs")
    return zip(CHANCES, json.loads(await bench.javascript(program, settings=settings, chances=CHANCES, times=10)), strict=True)


def compare(options, chance, official, mine):
    """Raise Wrong for the first wait that is another than the official client's."""
    for number, (wanted, got) in enumerate(zip(official, mine, strict=True), 1):
        if abs(wanted - got) < 2:
            continue
        if options != Options():
            raise Wrong("With the default settings your waits are right, with others they are not. Take all three from `options`.")
        where = f"With the random number {chance}, wait {number} is {got / 1000:g} s; the official client waits {wanted / 1000:g} s."
        if got > 100 * max(wanted, 1):
            raise Wrong(f"{where} Is yours in milliseconds? The options and the result are in seconds.")
        if got > 5000:
            raise Wrong(f"{where} Nobody waits longer than the limit. It comes last, after the jitter.")
        if number > 1 and got == mine[0]:
            raise Wrong(f"{where} Yours does not grow. The delay is doubled once for each attempt.")
        rule = "minus for an even first digit, plus for an odd one" if chance else "here nothing, and the delay is doubled for each attempt *before* it"
        raise Wrong(f"{where} The deviation is `chance * factor * delay`, {rule}.")


@check(
    "`delay = options.reconnection_delay * 2.0 ** self.attempts`, in seconds. Then the die, then `min`, then one more attempt.",
    "The first digit of a number from 0 up to 1 is `math.floor(number * 10)`. It is odd if `% 2` is 1. Keep the number: it is used twice.",
    "`2.0 ** 1024` raises OverflowError. Long before that the limit is reached: `min(self.attempts, 1000)`.",
    timeout=40,
)
async def check_backoff(MyBackoff):
    """Your waits are the official client's, and a client with your back-off comes back."""
    thrown = []
    backoff = MyBackoff(Options(), lambda: thrown.append(0.3) or 0.3)
    thrown.clear()
    expect("`attempts` of a new back-off", getattr(backoff, "attempts", "not there"), 0)
    if not isinstance(first := backoff.duration(), int | float):
        raise Wrong(f"`duration()` returned {first!r}. It returns how many seconds to wait.")
    expect("`attempts` after one `duration()`", backoff.attempts, 1)
    if len(thrown) != 1:
        raise Wrong(f"One `duration()` asked for {len(thrown)} random numbers. It asks for one, and uses it twice.")
    slow = Options(reconnection_delay=3, reconnection_delay_max=60, randomization_factor=1)
    for options, settings in {Options(): (1000, 5000, 0.5), slow: (3000, 60_000, 1)}.items():
        for chance, official in await official_waits(*settings):
            compare(options, chance, official, waits(MyBackoff(options, itertools.repeat(chance).__next__), 10))
    try:
        late = waits(MyBackoff(Options(), lambda: 0.25), 1100)[-1]
    except OverflowError as error:
        raise Wrong(f"After a thousand failures it raises OverflowError ({error}). An outage of two hours is enough for that.") from None
    expect("the wait after 1,100 failures, the limit in milliseconds,", late, 5000)
    with patch.object(l11_reconnection, "Backoff", MyBackoff):
        if not await survives(l11_reconnection.io):
            raise Wrong("The waits are right, and the client with your back-off did not come back when its server was killed.")


await check_backoff.verdict()

# %% tags=["export", "core", "folded"]
class Backoff:
    """How long to wait before each attempt: twice as long as the last time, more or less, up to a limit."""

    def __init__(self, options: Options, chance: Callable[[], float]) -> None:
        self.options = options
        self.chance = chance
        self.attempts = 0

    def duration(self) -> float:
        """Seconds up to the next attempt. One random number says how much longer or shorter they are."""
        doublings = min(self.attempts, 1000)  # after some more the number would be infinite
        milliseconds = self.options.reconnection_delay * 1000 * 2.0**doublings
        chance = self.chance()
        deviation = math.floor(chance * self.options.randomization_factor * milliseconds)
        is_longer = math.floor(chance * 10) % 2 == 1
        milliseconds += deviation if is_longer else -deviation
        self.attempts += 1
        return math.floor(min(milliseconds, self.options.reconnection_delay_max * 1000)) / 1000


# %% misconception=23
guess_fourth = predict(
    "A thousand clients wait for their fourth attempt, with the default settings. The delay would be 8 s, the limit is 5 s. How much do their waits differ?",
    a="Hardly: nine in ten wait exactly 5 s.",
    b="They lie anywhere between 2.5 and 5 s.",
    c="They lie anywhere between 2.5 and 7.5 s.",
)

# %%
def official(attempt, chance):
    """What our back-off gives, which is the official client's, for an attempt and a random number."""
    backoff = Backoff(Options(), lambda: chance)
    backoff.attempts = attempt - 1
    return backoff.duration()


formulas = {"twice as long": doubled, "official": official, "full jitter": full_jitter()}
words = "The official jitter spreads the first three waits; from the fifth on all are 5 s. Full jitter spreads each."
delays("What a hundred clients wait", formulas, words)

# %%
guess_fourth.reveal(
    "a",
    "The limit comes after the jitter. 8 s more or less 4 is nearly always more than 5, and then it is cut to 5.",
    b="So it would be if the 5 s could only get shorter, by up to half. Other libraries do that; this one does not.",
    c="More or less so it would be with the jitter after the limit. Here the limit is the last word: nobody waits 7.5 s.",
)

# %% [markdown]
# The jitter dies at the limit: who comes there stays in step with whoever came there at the same time. *Full jitter*, on the right, is the remedy of others: anything from nothing to the
# whole delay. You keep the official rule, because you want to know the library that you will use.
#
# And the `min(…, 1000)` in your back-off is worth a line. In socket.io-client 4.8 the delay of wait 1,016, after nearly an hour and a half of failures, is more than a floating-point number can hold: infinite.
# Infinite minus infinite is no number, and that becomes 0. From there on half of its waits are none.

# %% [markdown]
# ## 4. A connection
#
# Now the client. Its `Engine` is the other end of lesson 09's session, and again it knows no network: clock, die, the ways to the network and to the handlers are handed in, as a `World`.
# A connection is in one of four states. Until it is closed it waits for something, and never for ever:
#
# | state | it waits for | at most | or else |
# |---|---|---|---|
# | *opening* | the open packet | `timeout`, 20 s | it ends: `"timeout"` |
# | *open* | the next ping | `pingInterval + pingTimeout` | it ends: `"ping timeout"` |
# | *closing* | the end, after its goodbye | what is left of that | it ends |
# | *closed* | nothing: who comes back makes a new one | | |
#
# However it ends, it says so once, with the reason, to the one who has made it: `io.closed(engine, reason, error)`. The four cells are folded.

# %% tags=["export", "core", "folded"]
from typing import Any

from handmade.l08_meet_socketio import RESERVED, Emitter, Line, Packet, ProtocolError, Type, decode, encode, from_json
from handmade.l09_core import EnginePacket, Outbox, Write, from_payload, to_payload


@dataclass
class World:
    """All that a client needs from outside. A time is in seconds, a chance a number from 0 up to 1."""

    dial: Callable[["Engine"], Any]  # begins to carry an engine's packets; returns what can be cancelled
    tell: Callable[..., object]  # tell(emitter, event, *arguments) has its handlers called, in order
    time: Callable[[], float]
    call_later: Callable[[float, Callable[[], object]], Any]  # returns what can be cancelled
    chance: Callable[[], float]


# %% tags=["export", "core", "folded"]
class Connection(Emitter):
    """A connection, from the first attempt on. Up to its end it waits for something, and never for ever."""

    def __init__(self, io: Any) -> None:
        super().__init__()
        self.io = io
        self.world: World = io.world
        self.state = "opening"
        self.outbox = Outbox(io.options.transports[0])
        self.timer: Any = None
        self.wait(io.options.timeout, "timeout")
        self.carrier = self.world.dial(self)

    def wait(self, seconds: float, reason: str) -> None:
        """What is waited for now has so many seconds; then it is over, for this reason."""
        if self.timer:
            self.timer.cancel()
        self.deadline = self.world.time() + seconds
        self.timer = self.world.call_later(seconds, lambda: self.end(reason))

    @property
    def is_late(self) -> bool:
        """Whether that time is over, even if nobody has looked at the clock yet."""
        return self.world.time() > self.deadline

    def end(self, reason: str, error: Exception | None = None) -> None:
        """It is over."""
        if self.state != "closed":
            self.state = "closed"
            self.timer.cancel()
            self.carrier.cancel()
            self.io.closed(self, reason, error)


# %% tags=["export", "core", "folded"]
class Way(Connection):
    """The way to the server: requests, or a WebSocket, which may take over from them."""

    is_paused = False

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, as soon as something can carry it."""
        if self.state == "open":
            self.outbox.send(packet)

    def close(self) -> None:
        """Say goodbye after all that waits, if there is somebody to say it to."""
        if self.state == "open":
            self.send("1")
            self.state = "closing"
        else:
            self.end("forced close")

    def pause(self) -> None:
        """No more requests. Who waits for packets to post gets none."""
        self.is_paused = True
        waiting = self.outbox.carrier
        self.outbox.carrier = None
        if waiting:
            waiting([])

    def take_over(self, write: Write) -> None:
        """From now on a WebSocket carries everything."""
        self.outbox.transport = "websocket"
        self.outbox.attach(write)


# %% tags=["export", "core", "folded"]
class Engine(Way):
    """The client's end of Engine.IO: packets in, packets out. It knows no network."""

    handshake: Mapping[str, Any] = {}

    def receive(self, packet: EnginePacket) -> None:
        """Act on a packet of the server. Raises ProtocolError."""
        match self.state, packet[:1]:
            case "opening", "0":
                self.open(from_json(str(packet[1:])))
            case "open", "4":
                self.io.receive(packet[1:])
            case "open", bytes():
                self.io.receive(packet)
            case "open", "2":
                self.wait_for_ping()
                self.send("3")
            case "open", "1":
                self.end("transport close")
            case ("open", "6") | ("closing" | "closed", _):
                pass
            case _:
                raise ProtocolError(f"{packet[:40]!r} is no packet that a server may send now")

    def open(self, handshake: Any) -> None:
        """The server has answered. Raises ProtocolError."""
        match handshake:
            case {"sid": str(), "upgrades": list(), "pingInterval": int(), "pingTimeout": int()}:
                self.handshake = handshake
                self.state = "open"
                self.wait_for_ping()
                self.io.opened()
            case _:
                raise ProtocolError("an open packet without sid, upgrades, pingInterval or pingTimeout")

    def wait_for_ping(self) -> None:
        """Only a ping starts the clock anew."""
        self.wait((self.handshake["pingInterval"] + self.handshake["pingTimeout"]) / 1000, "ping timeout")


# %% [markdown]
# ## 5. What is said meanwhile
#
# Somebody types while the server is away. An `emit` that raises would be honest, and every program would have to catch it, everywhere. So what is said is *kept*, in a `send_buffer`, and
# goes out later. It is encoded at once: bad data fails where it was written.

# %% tags=["export", "core"]
class Channel(Emitter):
    """What is said in a namespace, and kept while it cannot be heard."""

    def __init__(self, io: Any, namespace: str) -> None:
        super().__init__()
        self.io = io
        self.namespace = namespace
        self.active = self.connected = False
        self.id: str | None = None
        self.send_buffer: list[tuple[Packet, str]] = []
        self.receive_buffer: list[list[Any]] = []

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event, or keep it. Raises TypeError, ValueError for bad arguments."""
        if event in RESERVED:
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        self.transmit(Packet(Type.EVENT, [event, *arguments], namespace=self.namespace))

    def transmit(self, packet: Packet) -> None:
        """Send a packet, or keep it until we are connected."""
        text = encode(packet)
        if self.connected and not self.io.engine.is_late:
            self.io.write(text)
        else:
            self.send_buffer.append((packet, text))

    def welcome(self, sid: str) -> None:
        """We are in. What was kept comes first: theirs, then ours."""
        self.id = sid
        self.connected = True
        for event in self.receive_buffer:
            self.io.world.tell(self, *event)
        for _, text in self.send_buffer:
            self.io.write(text)
        self.receive_buffer.clear()
        self.send_buffer.clear()
        self.io.world.tell(self, "connect")


# %% [markdown]
# The order in `welcome` is the official client's: events that came before we were let in, then what you have kept, and only then do your handlers hear `connect`.

# %% [markdown]
# ## 6. When to come back, and when not
#
# Not every end is an accident:
#
# | what happened | the handlers are told | does it come back? |
# |---|---|---|
# | killed, frozen, cut, nobody there, an Engine.IO `1` | `disconnect` or `connect_error` | yes |
# | the server says `41`: `socket.disconnect()` | `disconnect`, `"io server disconnect"` | no |
# | the server says `44`: you may not come in | `connect_error`, with its reason | no |
# | your own `disconnect()` | `disconnect`, `"io client disconnect"` | no |
#
# One fact remembers it: a socket that is `active` *wants* to be connected, also while it is not. Only `connect()` makes it active again. Four folded cells: coming in and leaving; what a packet means;
# what joins a socket and its engine of the moment; and `reconnect()`, which takes the next wait from the back-off, and tries when it is over.

# %% tags=["export", "core", "folded"]
class ConnectError(Exception):
    """The server does not let us in; `data` is what it says besides."""

    data: object = None


class Membership(Channel):
    """How one comes in and leaves. As long as it is `active`, it wants to be connected."""

    def connect(self) -> None:
        """Connect, unless that is done or under way."""
        self.active = True
        self.io.connect()

    def disconnect(self) -> None:
        """Leave, and do not come back."""
        if self.connected:
            self.io.write(encode(Packet(Type.DISCONNECT, namespace=self.namespace)))
        self.leave("io client disconnect")

    def leave(self, reason: str) -> None:
        """It is over for good: only `connect` brings us back."""
        self.active = False
        self.io.close()
        if self.connected:
            self.closed(reason)

    def closed(self, reason: str) -> None:
        """It is over, for now or for good."""
        self.connected = False
        self.id = None
        self.io.world.tell(self, "disconnect", reason)


# %% tags=["export", "folded"]
from handmade import l10_heartbeats as l10

Server = l10.Server  # to a server, who comes back is a new client


class Socket(Membership):
    """Your end of a namespace."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        match packet.type, packet.data:
            case Type.CONNECT, {"sid": str(sid)}:
                self.welcome(sid)
            case Type.EVENT, event if self.connected:
                self.io.world.tell(self, *event)
            case Type.EVENT, event:
                self.receive_buffer.append(event)
            case Type.DISCONNECT, _:
                self.leave("io server disconnect")
            case Type.CONNECT_ERROR, reason:
                self.refused(reason if isinstance(reason, dict) else {"message": reason})

    def refused(self, reason: dict[str, Any]) -> None:
        """The server does not let us in. That was a decision: we do not knock again by ourselves."""
        error = ConnectError(reason.get("message"))
        error.data = reason.get("data")
        self.leave("refused")
        self.io.world.tell(self, "connect_error", error)


# %% tags=["export", "folded"]
class Sharing(Emitter):
    """A socket, and the engine that it has while it is connected."""

    def __init__(self, namespace: str, options: Options, world: World) -> None:
        super().__init__()
        self.options = options
        self.world = world
        self.backoff = Backoff(options, world.chance)
        self.socket = Socket(self, namespace)
        self.engine: Engine | None = None
        self.waiting: Any = None

    def opened(self) -> None:
        """There is a connection: ask to be let in. After the next loss the first wait is short again."""
        self.write(encode(Packet(Type.CONNECT, self.options.auth, namespace=self.socket.namespace)))
        if self.backoff.attempts:
            self.world.tell(self, "reconnect", self.backoff.attempts)
        self.backoff.attempts = 0

    def write(self, text: str) -> None:
        """Send a packet."""
        if self.engine:
            self.engine.send(f"4{text}")

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket. Raises ProtocolError."""
        packet = decode(message)
        if packet.namespace == self.socket.namespace:
            self.socket.receive(packet)


# %% tags=["export", "folded"]
class Returning(Sharing):
    """Connects, and tries again after a while."""

    def connect(self) -> None:
        """Connect, unless that is done, under way or due."""
        if not self.engine and not self.waiting:
            self.engine = Engine(self)

    def reconnect(self) -> None:
        """Try again in a while, unless that was done often enough."""
        if self.backoff.attempts < self.options.reconnection_attempts:
            self.waiting = self.world.call_later(self.backoff.duration(), self.attempt)
        else:
            self.backoff.attempts = 0
            self.world.tell(self, "reconnect_failed")

    def attempt(self) -> None:
        """The wait is over."""
        self.waiting = None
        self.world.tell(self, "reconnect_attempt", self.backoff.attempts)
        self.connect()


# %% [markdown]
# The *manager* has the two ways to lose an engine. `closed` is called when one has ended, `close` when the socket does not want it any more:

# %% tags=["export"]
class Manager(Returning):
    """The connection of a socket, for as long as the socket wants one."""

    def closed(self, engine: Engine, reason: str, error: Exception | None) -> None:
        """The connection is lost, or there was none. If we have left it, that is no news."""
        if engine == self.engine:
            self.engine = None
            error = error or ConnectionError(reason)
            if engine.handshake:
                self.socket.closed(reason)
            else:
                self.world.tell(self.socket, "connect_error", error)
            if self.backoff.attempts:
                self.world.tell(self, "reconnect_error", error)
            if self.options.reconnection:
                self.reconnect()

    def close(self) -> None:
        """Say goodbye, and try nothing more."""
        engine = self.engine
        if self.waiting:
            self.waiting.cancel()
        self.engine = self.waiting = None
        self.backoff.attempts = 0
        if engine:
            engine.close()


# %% [markdown]
# `close` forgets the engine *before* it closes it, so its end is no news any more. That is the whole difference between leaving and losing.
#
# The network comes last, folded: lesson 09 from the other side, and `io(url, **options)`, which puts it all together.
#
# <details><summary>What is in the folded cells</summary>
#
# - One GET after the other, and POSTs of one packet each: python-socketio's server drops a body with more than 16, and answers 200.
# - `2probe`, `3probe`, then polling is paused and its last GET awaited, then `5`. If the probe fails, polling goes on.
# - What aiohttp or the system raises, and what no request can carry, ends the connection with `transport error`; what breaks the protocol, such as a hotel's login page for a poll, with `parse error`.
# </details>

# %% tags=["export", "folded"]
import asyncio
import random
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp


def address(engine: Engine, transport: str) -> dict[str, Any]:
    """Where a request of this engine goes."""
    query = {"EIO": "4", "transport": transport}
    if engine.handshake:
        query["sid"] = engine.handshake["sid"]
    return {"url": engine.io.options.path, "params": query}


async def get(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Fetch packets, as soon as there are some."""
    async with http.get(**address(engine, "polling")) as response:
        for packet in from_payload(await response.read()):
            engine.receive(packet)


async def get_all(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Fetch packets again and again."""
    while not engine.is_paused:
        await get(engine, http)


async def post_all(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Send packets, each in a request of its own: no server finds those too many. The goodbye is the last."""
    while not engine.is_paused:
        packets = asyncio.Queue[list[EnginePacket]]()
        engine.outbox.attach(packets.put_nowait)
        for packet in await packets.get():
            async with http.post(**address(engine, "polling"), data=to_payload([packet])):
                pass
            if packet == "1":
                engine.end("forced close")


# %% tags=["export", "folded"]
async def poll(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Carry an engine's packets by requests, and try whether a WebSocket can take over."""
    await get(engine, http)
    async with asyncio.TaskGroup() as tasks:
        requests = [tasks.create_task(get_all(engine, http)), tasks.create_task(post_all(engine, http))]
        if "websocket" in engine.handshake["upgrades"] and "websocket" in engine.io.options.transports:
            await upgrade(engine, http, requests)


async def upgrade(engine: Engine, http: aiohttp.ClientSession, requests: list[asyncio.Task[None]]) -> None:
    """Probe a WebSocket; if it works, it takes over (Engine.IO v4, "Upgrade")."""
    try:
        websocket = await http.ws_connect(**address(engine, "websocket"), max_msg_size=0)
        await websocket.send_str("2probe")
        if (await websocket.receive()).data != "3probe":
            raise ProtocolError("no answer to the probe")
    except (aiohttp.ClientError, OSError, ProtocolError) as error:
        engine.io.world.tell(engine, "upgrade_error", error)
        return
    engine.pause()
    await asyncio.wait(requests)
    await websocket.send_str("5")
    engine.io.world.tell(engine, "upgrade")
    await talk(engine, websocket)


# %% tags=["export", "folded"]
async def talk(engine: Engine, websocket: Any) -> None:
    """Carry an engine's packets by a WebSocket, up to the end."""
    line = asyncio.Queue[list[EnginePacket]]()
    engine.take_over(line.put_nowait)
    sending = asyncio.create_task(pump(websocket, line))
    try:
        async for frame in websocket:
            if frame.type == aiohttp.WSMsgType.ERROR:
                raise ProtocolError(f"no WebSocket frame: {frame.data}")
            engine.receive(frame.data)
        engine.end("transport close")
    finally:
        sending.cancel()


async def carry(engine: Engine, url: str) -> None:
    """Carry an engine's packets over the network, up to the end."""
    options = engine.io.options
    cookies = aiohttp.CookieJar(unsafe=True)  # of an IP address, too: by a cookie a load balancer knows us
    settings: Any = {"headers": options.extra_headers, "proxy": options.proxy, "cookie_jar": cookies}
    settings["timeout"] = aiohttp.ClientTimeout(total=None)  # the engine looks at the clock
    try:
        async with aiohttp.ClientSession(url, raise_for_status=True, **settings) as http:
            if options.transports[0] == "polling":
                await poll(engine, http)
            else:
                await talk(engine, await http.ws_connect(**address(engine, "websocket"), max_msg_size=0))
    except* ProtocolError as errors:
        engine.end("parse error", errors.exceptions[0])
    except* (aiohttp.ClientError, OSError, ValueError) as errors:
        engine.end("transport error", errors.exceptions[0])


# %% tags=["export", "folded"]
async def pump(websocket: Any, line: asyncio.Queue[list[EnginePacket]]) -> None:
    """Send what is put in line, up to the goodbye, for which WebSocket has words of its own."""
    with suppress(ConnectionError):
        while True:
            for packet in await line.get():
                if packet == "1":
                    await websocket.close()
                    return
                send = websocket.send_str if isinstance(packet, str) else websocket.send_bytes
                await send(packet)


def io(url: str, manager_type: type[Manager] = Manager, **options: Any) -> Any:
    """Connect to a Socket.IO server at `http://host:port`, or a namespace. Raises TypeError, ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname or parts.port == 0:
        raise ValueError(f"A Socket.IO server has an address like http://127.0.0.1:3000, not {url!r}.")
    site = f"{parts.scheme}://{parts.netloc}"
    loop = asyncio.get_running_loop()

    def dial(engine: Engine) -> asyncio.Task[None]:
        return loop.create_task(carry(engine, site))

    world = World(dial, Line(asyncio.create_task).tell, loop.time, loop.call_later, random.random)
    manager = manager_type(parts.path or "/", Options(**options), world)
    encode(Packet(Type.CONNECT, manager.options.auth))  # bad data fails here, and not when we are connected
    manager.socket.connect()
    return manager.socket


# %% [markdown]
# ## 7. It comes back
#
# The folded cell has helpers. `visit` is a client of yours with short waits; `told` writes down what its handlers are told; the others wait.

# %% tags=["folded"]
@contextlib.asynccontextmanager
async def visit(server, name="Ann", **options):
    """Your client, as long as the `async with` lasts."""
    headers = {"User-Agent": name}
    socket = io(bench.url(server, scheme="http"), extra_headers=headers, **QUICK | options)
    try:
        yield socket
    finally:
        socket.disconnect()


def told(socket):
    """What the handlers of a socket are told from now on, in order."""
    story = []
    for name in ("connect", "disconnect", "connect_error", "news"):
        socket.on(name, lambda *data, name=name: story.append((name, *data)))
    return story


async def connected(socket):
    """Return when it is."""
    await until(lambda: socket.connected, 10)


async def lost(socket):
    """Return when it has noticed that its connection is gone."""
    await until(lambda: not socket.connected, 10)


async def hears(story, text):
    """Return when these news are in the story."""
    await until(lambda: ("news", text) in story, 10)


# %%
server = await bench.start("server", Child.node(SERVER))

for transports in (["polling"], ["websocket"], ["polling", "websocket"]):
    ann = await bench.start("Ann", visit(server, transports=transports))
    story = told(ann)
    await connected(ann)
    server.kill()
    await lost(ann)
    ann.emit("say", "I was away")
    await server.restart()
    await hears(story, "I was away")
    print(*transports, "→", *[name for name, *_ in story if name != "connect_error"])

# %% [markdown]
# The official server, killed with `kill -9` and started again, and she is back, by each way. So is what she said meanwhile: this server tells everybody, as `news`, what anybody says. (Failed attempts are left out: their number is chance.)

# %% misconception=11
guess_kept = predict(
    "The server freezes. Ann emits `first`: nobody has noticed anything. The server is killed, she notices, and emits `second`. It comes back. What does it hear?",
    a="Both: that is what the buffer is for.",
    b="`second` alone.",
    c="Neither: it is a new server.",
)

# %%
ann = await bench.start("Ann", visit(server, transports=["websocket"]))
story = told(ann)
await connected(ann)

server.freeze()
ann.emit("say", "first")
await asyncio.sleep(0.2)
server.kill()
await lost(ann)
ann.emit("say", "second")
await server.restart()
await hears(story, "second")
print("news:", *[data[0] for name, *data in story if name == "news"])

# %%
guess_kept.reveal(
    "b",
    "The buffer takes what is said while she *knows* that she is away. `first` was handed to the system, and died with the connection. No word to anybody.",
    a="The client cannot know whether the server has read `first`. To send it again might order two pizzas.",
    c="A new server has forgotten Ann, but Ann has not forgotten what she wanted to say.",
)

# %% [markdown]
# An accident may be noticed 45 seconds late, with the default heartbeat. What is sent until then can be lost, and an answer that was due never comes. And the other direction? Ann's line is cut, and Ben, on another one, goes on talking.

# %% tags=["folded"]
cable = await bench.start("cable", Middlebox(server))
ben = await bench.start("Ben", visit(server, "Ben"))
ben_is_told = told(ben)


async def ben_says(text, *stories):
    """Let Ben say something, and wait until he hears it himself, and the others in whose stories it belongs."""
    ben.emit("say", text)
    for story in (ben_is_told, *stories):
        await hears(story, text)


async def cut(socket):
    """Cut the cable, and wait until the client has noticed."""
    cable.rules = [ResetBoth()]
    await lost(socket)


async def mend(socket):
    """Mend the cable, and wait until the client is back."""
    cable.rules = []
    await connected(socket)


# %%
exact = {"reconnection_delay": 1, "reconnection_delay_max": 1, "randomization_factor": 0}
cable = await bench.start("cable", Middlebox(server))
ann = await bench.start("Ann", visit(cable, transports=["websocket"], **exact))
story = told(ann)
await connected(ann)
await ben_says("one", story)
await cut(ann)
await ben_says("two")
await mend(ann)
await ben_says("three", story)
print("Ann is told:", *[data[0] for name, *data in story if name == "news"])

Wire(cable, layer="Socket.IO").snapshot()

# %% [markdown]
# `two` is lost. **The server keeps nothing for who is away.** And who comes back is somebody new to it: look at the two `connect`, each with its answer. Another id, no name, no subscription, nothing of what the
# server knew about the old one. (Lesson 18 gives Ann back what she missed.)

# %% misconception=9
guess_handlers = predict(
    "Ann's program registers its handler of `news` inside its handler of `connect`. Her line breaks twice and is mended. Then Ben says one thing. How often does Ann show it?",
    a="Three times.",
    b="Once: the new handler replaces the old one.",
    c="Once: with the connection its handlers are gone.",
)

# %%
ann = await bench.start("Ann", visit(cable, transports=["websocket"]))
shown = []
ann.on("connect", lambda: ann.on("news", shown.append))

await mend(ann)
for _ in range(2):
    await cut(ann)
    await mend(ann)
await ben_says("hello")
await until(lambda: len(shown) > 2, 10)
print(shown)

# %%
guess_handlers.reveal(
    "a",
    "`connect` came three times, and each time one more handler. On the server each connection is a new socket, and `on` inside `on` is right. On the client the socket is one for life.",
    b="`on` adds; nothing replaces.",
    c="The connection is new, the socket is the old one: that is why `emit` works while it is away.",
)

# %% [markdown]
# The official client does the same; "after a while my messages come twice" is what people write then. Register handlers once, outside. Into `connect` goes only what a *new* server must be told.
#
# Last, the two ends by which the server says no. Ann asks to be sent away, and a stranger knocks. A second later:

# %% tags=["folded"]
ann = await bench.start("Ann", visit(server))
stranger = await bench.start("stranger", visit(server, auth={"name": "stranger"}))
stories = {ann: told(ann), stranger: told(stranger)}
ann.emit("send me away")
await until(lambda: not ann.active and not stranger.active, 10)
await asyncio.sleep(1)

for socket, story in stories.items():
    print(*story[-1], "| wants to come back:", socket.active, "| is back:", socket.connected)

ann.connect()
await connected(ann)
print("Ann has called connect():", ann.connected)

# %% [markdown]
# Nobody came back: both ends were decisions, not accidents. But a screen that the server sends away stays dark, unless its program looks at the reason and calls `connect()` when it is time.

# %% [markdown]
# ## 8. The timeline
#
# All of them at once: **ours**, which is what you typed above; the official client, in Node and in *this page*; python-socketio; a raw WebSocket. Each lane shows what that client observed itself; *without jitter* is the official one's computed twin.

# %% tags=["demo"]
timeline = await bench.start("timeline", lambda: Timeline(ours=HandmadeClient("ours", io)))
timeline

# %% [markdown]
# Say first what you will see, then:
#
# 1. **Kill**, and watch the pies fill. From which attempt on are they alike? **Restart**: who comes first, and who never?
# 2. **Reset**, **Kill**, **Send** twice, **Restart**. Whose messages were kept, whose refused?
# 3. **Reset**, **Freeze**, **Send** at once. How long does each believe? Then **Kill**, **Restart**: what became of the message?
# 4. **Reset**, **Pull the cable**. How long does an attempt last now? **Plug it in**.
# 5. *reconnectionDelay* 0.1, *randomizationFactor* 0, **Reset**, **Kill**. Count the attempts of ten seconds.
# 6. Scrub back to the kill, and **Play** it at a tenth of the speed.
#
# <details><summary>What you should have seen</summary>
#
# 1. From the fourth attempt on nearly all wait 5 s, like their twin; python-socketio up to half a second more or less. The raw WebSocket never comes.
# 2. Ours and the official ones kept them. python-socketio and the raw WebSocket, Python's `websockets`, refused: they raise, and you have to keep what you want to keep. (A browser's WebSocket throws it away, and raises nothing.)
# 3. Two seconds at most (a ping each second here, and one more); the raw WebSocket up to the kill. The message was *sent*, and is lost.
# 4. Two seconds, the `timeout` of this board; 20 by default, 5 in python-socketio. Nobody refuses it (python-socketio reports a refusal all the same), so somebody has to give up.
# 5. Six, after 0.1, 0.3, 0.7, 1.5, 3.1 and 6.3 seconds. The first ones are quick, and that is what most outages need.
# </details>

# %% [markdown]
# The same without a finger. (If this page is open while the cell runs, *your browser* takes part.)

# %%
await timeline.press("reset")
await timeline.press("kill")
await timeline.wait("lost")
await timeline.press("send")
await timeline.press("restart")
await timeline.wait("connected")
await timeline.wait("echoed", "ours", "node")
print(timeline.table())
timeline

# %% [markdown] tags=["teacher"]
# **With the phones in the room.** The same buttons, and thirty people who wait. Make a cell below this one and run it:
#
# ```python
# from wirelab import classroom
#
# room = await classroom.open(pupils=30)
# room
# ```
#
# It shows an address, a code and a QR code. From now on, and until you close it, one port of this machine listens to the room; nobody comes in without
# the code, at most 30 do, and neither address nor code is kept in the notebook. Nobody installs anything, and no internet is needed. *The class* in the README has a check-list.
#
# 1. **Kill.** Each reads the bar at the top of the screen aloud: who waits, and for how long? The waits differ. That is the jitter of section 3, in thirty hands. Somebody writes a
#    message meanwhile: the page keeps it. **Restart**, and count with your panel who is back.
# 2. **Freeze.** Ask first: "When will you notice?" For some seconds every screen says *connected*, then *silent*, and after seven seconds at most (a ping is due after 3, and a page waits 4 more) all
#    have lost it. Whoever wrote in those seconds reads *nobody here knows whether it arrived*. Then **Thaw**, and look at your panel: the text has
#    arrived, though its writer had given up. With **Kill** in place of Thaw it would be lost. The writer cannot tell the two apart.
# 3. **Close the class.** Every page says so, and the port is gone.
#
# **Nobody gets in?** Your firewall asks once whether Python may be reached: Windows when the first program listens, macOS if its firewall is on. Allow it for *private* networks, and tell the system that
# this network is one. In Linux with `ufw` or `firewalld` open the port that the address names. Many guest networks let no two devices talk to each other; no setting of yours
# helps there: take another network, or the hotspot of a phone. A VPN may be the wrong address: `classroom.addresses()` lists them, `open(address=...)` takes one. And if Jupyter
# runs elsewhere (Binder, a hub, WSL), so does the class: phones do not reach it.

# %% [markdown]
# ## 9. A thousand come back
#
# The crowd of section 2 again, with your `Backoff`, and with full jitter.

# %%
runs = {"twice as long": without, "yours": come_back(official), "full jitter": come_back(full_jitter())}
comebacks("A thousand clients come back", runs, "\n".join(f"{name}: {run}." for name, run in runs.items()))

# %% [markdown]
# A sixth of the time, with half of the attempts. And full jitter? Hardly faster, with more attempts: its waits are shorter on average. The official die has spread the crowd in the first three throws, and at the
# limit it *stays* spread. What the dead jitter cannot do is spread a crowd that falls into step later, as when all attempts hang in one proxy and fail together.
#
# Now without a virtual clock: twice a hundred of your clients lose a real server. One hundred throws dice. The server can take a hundred at once, so the last comes no sooner: look how high the bars are.

# %% tags=["folded"]
async def crowd(count, **options):
    """So many clients lose a real server for a few seconds; when they tried, and when they were back."""
    now, tried, returned = asyncio.get_running_loop().time, [], []
    async with Child.node(SERVER) as server, contextlib.AsyncExitStack() as stack:
        sockets = [io(bench.url(server, scheme="http"), transports=["websocket"], **options) for _ in range(count)]
        for socket in sockets:
            stack.callback(socket.disconnect)
        await until(lambda: all(socket.connected for socket in sockets), 30)
        for socket in sockets:
            socket.io.on("reconnect_attempt", lambda number: tried.append(now()))
            socket.on("connect", lambda: returned.append(now()))
        server.kill()
        began = now()
        await asyncio.sleep(3.5)
        returned.clear()  # a handler may have been told late of the connection before
        await server.restart()
        outage = now() - began
        await until(lambda: len(returned) >= count, 50)
    return Comeback(outage, tuple(each - began for each in tried), tuple(each - began for each in returned))


# %% tags=["measured"]
without_dice, with_dice = await asyncio.gather(crowd(100, randomization_factor=0), crowd(100))
words = "Without jitter a hundred attempts fall into one instant each time. With it they are spread over seconds."
comebacks("A hundred and a hundred, for real", {"no jitter": without_dice, "yours": with_dice}, words)

# %% [markdown]
# ## 10. The same in python-socketio, and in JavaScript
#
# | yours | JavaScript, the official one | python-socketio 5.18 |
# |---|---|---|
# | `io(url, reconnection_delay=1)` | `io(url, { reconnectionDelay: 1000 })` | `AsyncClient(reconnection_delay=1)` |
# | `reconnection_delay_max=5` | `reconnectionDelayMax: 5000` | `reconnection_delay_max=5` |
# | `randomization_factor=0.5`, a share | `randomizationFactor: 0.5`, a share | `randomization_factor=0.5`, **seconds**, after the limit |
# | `reconnection_attempts=math.inf` | `reconnectionAttempts: Infinity`, or 0 | `reconnection_attempts=0`, no end |
# | a first attempt that fails is repeated | the same | `connect` raises, unless `retry=True` |
# | `emit` while away is kept | the same | `emit` raises |
# | `socket.io.on("reconnect", f)` | the same | there is none |
#
# Both, with their server killed and restarted. First this one, then python-socketio, in the folded cell:
#
# ```js screen.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, {
#   transports: ["websocket"],
#   reconnectionDelay: 100,
# });
# socket.on("disconnect", (reason) => {
#   console.log("disconnected:", reason, "| wants to come back:", socket.active);
#   socket.emit("say", "I was away");
# });
# socket.io.on("reconnect", () => console.log("came back"));
# socket.on("news", (text) => { console.log("hears:", text); process.exit(); });
# ```

# %% tags=["folded"]
import socketio


async def lose_server(client):
    """Run `client(url)`, kill and restart the server under it, and print what it says."""
    async with Child.node(SERVER) as shop:
        running = asyncio.ensure_future(client(bench.url(shop, scheme="http")))
        await until(lambda: shop.output, 20)
        await asyncio.sleep(0.2)
        await shop.restart()
        print(await running)


async def javascript(url):
    """The official client."""
    return await bench.javascript(bench.program("11/screen.mjs"), url=url)


async def python(url):
    """The same with python-socketio, whose factor is in seconds: 0.05 of them."""
    sio = socketio.AsyncClient(handle_sigint=False, **QUICK, randomization_factor=0.05)
    await sio.connect(url, transports=["websocket"])
    await until(lambda: not sio.connected, 10)
    try:
        await sio.emit("say", "I was away")
    except socketio.exceptions.BadNamespaceError as refusal:
        print("emit raises:", refusal)
    await until(lambda: sio.connected, 10)
    await sio.disconnect()
    return "and it came back"


await lose_server(javascript)
await lose_server(python)

# %% [markdown]
# ## Exercises
#
# Write your answer below each task, run it, then run the check.

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The screen in the hall
# *10 minutes, easy*
#
# Write `follow(socket, show)`. It gets a client that is not connected yet, and has `show(price)` called for each event `price`, once, however often the server is restarted. This server tells prices only to those who have said
# `subscribe`, and for two subscriptions it tells each price twice. A new server has no subscriptions.

# %% tags=["solution"]
def follow(socket, show):
    """Have `show(price)` called once for each `price`, before and after every outage."""
    socket.on("price", show)
    socket.on("connect", lambda: socket.emit("subscribe"))


# %% tags=["check"]
import functools

async def subscriptions(desk, counts):
    """How many subscriptions the server has, a moment after the first, or after a second without any."""
    for _ in range(20):
        counts.clear()
        desk.emit("count")
        await until(lambda: counts, 10)
        if counts[-1]:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    desk.emit("count")
    await until(lambda: len(counts) > 1, 10)
    return counts[-1]


STRANGER = "The server was restarted and your client is back, but nobody has subscribed: the new server has never heard of it. Subscribe in each `connect`."


@check(
    "What has to be done once in the life of the program, and what once in the life of a server?",
    "A handler stays. A subscription goes with the server. `connect` is told each time.",
    "`socket.on(\"price\", show)` outside, `socket.emit(\"subscribe\")` inside the handler of `connect`, and nowhere else.",
    timeout=60,
)
async def check_follow(follow):
    """Each price is shown once, through two outages."""
    async with Child.node(SERVER) as server, visit(server) as hall, visit(server) as desk:
        shown, counts = [], listening(desk, "count")
        follow(hall, shown.append)
        await until(lambda: hall.connected and desk.connected, 10)
        for when, price in {"Before any outage": 7, "After one outage": 8, "After two outages": 7}.items():
            if counts:
                await outage(server, hall, desk)
            subscribed = await subscriptions(desk, counts)
            if not subscribed:
                raise Wrong(STRANGER if shown else "Your client is connected, and nobody has subscribed: `socket.emit(\"subscribe\")`.")
            shown.clear()
            desk.emit("price", price)
            await eventually(functools.partial(shown.__contains__, price), 1)
            await asyncio.sleep(0.2)
            if price not in shown:
                raise Wrong(f"{when} the server told the price {price}, and `show` was not called with it. `socket.on(\"price\", show)`.")
            if subscribed > 1:
                raise Wrong(f"{when} the server has {subscribed} subscriptions of yours. Say it once for each `connect`, and nowhere else.")
            if shown.count(price) > 1:
                raise Wrong(f"{when} {price} was shown {shown.count(price)} times. Each `connect` adds one more handler: `on` belongs outside.")
            expect(f"what was shown {when.lower()}", shown, [price])


await check_follow.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · The water level
# *12 minutes, medium*
#
# A gauge in a river tells its level each minute by `socket.emit("say", level)`. After an outage of a night the buffer would send six hundred old levels at once; nobody wants them. Write `gauge(socket)`, which returns a function `report(level)`. While the
# client is connected, `report` emits the level. While it is away, only the newest is kept, and it goes out once, when the client is back.

# %% tags=["solution"]
def gauge(socket):
    """A function `report(level)` that says the level; of those reported while away, only the last."""
    waiting = []

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        else:
            waiting[:] = [level]

    @socket.on("connect")
    def catch_up():
        if waiting:
            socket.emit("say", waiting.pop())

    return report


# %% tags=["check"]
@check(
    "`socket.connected` says which of the two it is. What you do not `emit`, the buffer does not keep.",
    "Keep the newest level in a variable, and emit it in a handler of `connect`, which is registered once.",
    "When it is sent, forget it: `waiting.pop()`. Otherwise the next outage sends it again.",
    timeout=60,
)
async def check_gauge(gauge):
    """Of what was reported while away the last arrives, once."""
    async with Child.node(SERVER) as server, visit(server) as socket:
        heard = listening(socket, "news")
        report = gauge(socket)
        if not callable(report):
            raise Wrong(f"`gauge(socket)` returned {report!r}. It returns a function, `report(level)`.")
        await until(lambda: socket.connected, 10)
        await asyncio.sleep(0.1)
        for level in (10, 11):
            report(level)
        if not await eventually(lambda: 11 in heard):
            raise Wrong(f"Connected, 10 and 11 were reported. The server heard {heard}.")
        expect("what the server heard of 10 and 11, reported while connected,", heard, [10, 11])
        server.kill()
        await until(lambda: not socket.connected, 10)
        for level in (20, 21, 0):
            report(level)
        await server.restart()
        await until(lambda: socket.connected, 10)
        await eventually(lambda: 0 in heard, 1)
        await asyncio.sleep(0.3)
        came = heard[2:]
        if not came:
            raise Wrong("20, 21 and 0 were reported while away. Nothing came when the client was back. Emit the newest then. (0 is a level, too.)")
        if came.count(0) > 1:
            raise Wrong(f"0 came {came.count(0)} times. How often is your handler of `connect` registered?")
        if came != [0]:
            raise Wrong(f"20, 21 and 0 were reported while away. The server heard {came} afterwards; it should be 0, the newest.")
        await outage(server, socket)
        await asyncio.sleep(0.3)
        if heard[3:]:
            raise Wrong(f"One more outage, and nothing was reported in it. The server heard {heard[3:]}: forget what you have sent.")
        report(30)
        await eventually(lambda: 30 in heard)
        expect("what the server heard in the end", heard, [10, 11, 0, 30])


await check_gauge.verdict()

# %% [markdown]
# ## The boss's list
#
# The server is that of lesson 10, without a change. What is new is the client, and the row is judged with yours.

# %%
await boss.review(boss.handmade(11))

# %% [markdown]
# One row has turned green, and none red: *comes back by itself when the server comes back*. Seven of fourteen. *Nothing lost, nothing twice* is red, and you have seen two reasons.

# %% [markdown]
# ## What you have now
#
# - A WebSocket never comes back by itself. A loop without a pause attacks your own server.
# - Back-off: twice as long each time, up to a limit. Jitter: never at the same moment. The official jitter dies at the limit.
# - The client keeps what is emitted while it *knows* that it is away. What was sent before, unnoticed, can be lost; what the server says meanwhile is.
# - It comes back after accidents. Not after `io server disconnect`, a refusal, or its own `disconnect()`. `active` says which.
# - To the server who comes back is somebody new. The client's handlers stay: register them once.
#
# ### Three questions
#
# <details><summary>1. A colleague sets <code>reconnectionDelay</code> to 0 "so that nobody has to wait". What do you tell them?</summary>
#
# Twice nothing is nothing: every wait is 0, jitter and all, for every client, for as long as the server is away. It is the loop of section 1.
# (socket.io-client 4.8 takes its default of 1,000 ms in its place: 0 counts as not given. Yours does what it is told.)
# </details>
#
# <details><summary>2. "The buffer keeps what I say, so I need no acknowledgements." Where is the hole?</summary>
#
# In the time between the accident and the moment it is noticed, up to `pingInterval + pingTimeout`. And the buffer lives in the page: a reload empties it.
# </details>
#
# <details><summary>3. After a deployment all clients are back within two seconds, and the database falls over. Why, and what helps?</summary>
#
# Each of them does in `connect` what a new client does: log in, load, subscribe. Longer delays spread that, and a larger `randomizationFactor` (1 at most: what is more counts as 0). Or the old server lets its clients go in small groups before it ends, with `socket.conn.close()`: for a client that is an accident. After `socket.disconnect()` it would stay away.
# </details>
#
# ### What is still missing
#
# The screen in the hall comes back. Now the boss wants a picture on it, and everything you can send is text. That is lesson 12.
