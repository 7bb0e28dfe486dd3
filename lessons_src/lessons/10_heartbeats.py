# %% [markdown]
# # 10 · Heartbeats
#
# **In {minutes} you give your server a heartbeat: both ends of a connection notice that the other one is gone, and you can say
# after how many seconds. Then you see what stops a heart that is well**, and tune yours on a live panel.

# %% [markdown]
# ## What the boss says
#
# > "The hospital gets its prices now, thank you. But the screen in our hall has stood still since Friday, *again*, and it still says
# > *connected*. You told me in the week of the cable why. You did not tell me when it stops."
#
# The folded cell fetches the laboratory. Each section stands on those before it: to begin in the middle, click its heading and take
# *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, watch
from wirelab.middlebox import Blackhole, Middlebox, Rate
from wirelab.widgets.heartbeats import HeartbeatPanel
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 10 minutes until the first ping, 10 for the build, 10 for the panel, 10 for the three ways to stop a heart. With little
# time leave out section 7.
#
# **A question to start with:** "Your grandmother lives alone, and you call her each evening. What do you learn from a call that she does not
# answer? After how many do you drive there?" Interval and time-out are the two numbers that everybody names.
#
# **What goes wrong in a class.** Somebody sets a time-out of 0.5 s on the panel, runs a cell that computes for some seconds, and finds everybody disconnected.
# That is section 6, seen by accident: the panel's cable runs in the kernel. Let them tell it.

# %% [markdown]
# ## 1. The cable, again
#
# Your server of lesson 09 comes out of its module, and the official client connects to it. It asks to have the cable pulled, and then
# waits two seconds for whatever happens.
#
# ```js pulled.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# socket.on("connect", () => socket.emit("pull"));
# socket.on("disconnect", (reason) => console.log("the client is told:", reason));
# setTimeout(() => {
#   console.log("the client is connected:", socket.connected);
#   process.exit();
# }, 2000);
# ```
#
# The server obeys, and writes down what its own handler of `disconnect` is told.

# %% tags=["export"]
import asyncio

from handmade import l08_meet_socketio as l08
from handmade import l09_core
from handmade import l09_long_polling_and_upgrade as l09

# %%
async def pull(io):
    """Serve with `io`, let the official client pull the cable, and print what both ends are told."""
    told = []

    @io.on("connection")
    def welcome(socket):
        @socket.on("pull")
        def cut():
            cable.rules = [Blackhole()]

        socket.on("disconnect", told.append)

    server = await bench.start("server", lambda port=0: io.listen(port))
    cable = await bench.start("cable", Middlebox(server))
    print(await bench.javascript(bench.program("10/pulled.mjs"), url=bench.url(cable, scheme="http")))
    print("the server is told:", *told or ["nothing"])


# %%
guess_cable = predict(
    "The official client has a heartbeat built in. The cable is pulled. Who notices?",
    a="The client, and soon. Your server has no heartbeat yet, and never notices.",
    b="Both: a heartbeat is a conversation, and both ends miss it.",
    c="Nobody.",
)

# %%
await pull(l09.Server())

# %%
guess_cable.reveal(
    "c",
    "The client waits for as long as the server told it to. Yours told it two days.",
    a="It has a clock. But the *server* sets it, and yours set it to two days.",
    b="It is. Yours has never begun it.",
)

# %% [markdown]
# It said so in its very first packet. You wrote a day there in lesson 08, for each of its two times, so that no client would wait for
# something that you could not send:

# %% tags=["folded"]
import contextlib
import json

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

SESSION = "/socket.io/?EIO=4&transport=websocket"
HEARTBEAT = [rule for rule in rulebook.RULES if rule.lesson == 10]


def show(opening):
    """What an open packet says of the heartbeat, in seconds."""
    for name in ("pingInterval", "pingTimeout"):
        print(f"{name:13}{json.loads(opening[1:])[name] / 1000:g} s")


# %%
yesterday = await bench.start("yesterday", l09.Server().listen())

async with connect(bench.url(yesterday, SESSION)) as bob:
    show(await bob.recv())

# %% [markdown]
# ## 2. Who asks whom?
#
# In lesson 05 a WebSocket could ping, but a page could not, and it was not told when a ping came. So Engine.IO has a ping of its own, which is an
# ordinary message. There are two packets, of one character each:
#
# | packet | name | who sends it | what it says |
# |---|---|---|---|
# | `2` | *ping* | the **server**, each `pingInterval` | are you there? |
# | `3` | *pong* | the **client**, at once | I am. |
#
# And two clocks, one at each end, because each end has to notice by itself:
#
# ```text
# server   pong ├──── pingInterval ────┤ ping ├── pingTimeout ──┤ no pong: it is over
# client   ping ├──────── pingInterval + pingTimeout ───────────┤ no ping: it is over
# ```
#
# The client need not be told that its pong has arrived: the next ping tells it that the server is alive.
#
# It was the other way round once. In Engine.IO 3 the *client* pinged. But browsers slow down the timers of a tab that nobody looks at, and pings came too
# late. The document of version 4 suspects delayed timers behind many time-outs: hence the turn. An answer to a message needs no timer.

# %%
guess_wrong_way = predict(
    "Bob's library is old. It speaks version 4, and sends a ping from the client. What does the official server do?",
    a="It ends the connection.",
    b="It answers with a pong: a question is a question.",
    c="It ignores it.",
)

# %%
official = await bench.start("official", Child.node("lessons_src/programs/08/server.mjs"))

async with connect(bench.url(official, SESSION)) as bob:
    show(await bob.recv())
    await bob.send("2")
    try:
        print("Bob hears:", await bob.recv())
    except ConnectionClosed:
        print("Bob is thrown out.")

# %%
guess_wrong_way.reveal(
    "a",
    "In version 4 that packet does not exist in this direction, but for the `2probe` of an upgrade. Who breaks the protocol is closed. Your server does the same since lesson 09.",
    b="Engine.IO 3 did that. Two ends that both wait for a pong would never agree on who is late.",
    c="python-socketio does. Then Bob waits for a pong that nobody owes him.",
)

# %% [markdown]
# The defaults that you see, 25 and 20 seconds, are the official server's, and python-socketio's as well.

# %% [markdown]
# ## 3. The heart
#
# `l09_core.Session` is one client's conversation. Four things of it are needed here: `call_later(seconds, action)`, which returns a timer
# that has `cancel()`; `send(packet)`; `receive(packet)`, called for each packet of the client; and `end(reason, goodbye="1")`. The server of this lesson makes
# sessions of a class of yours, writes the two settings into them, and calls `beat()` once when a session begins.

# %% tags=["folded"]
async def next_ping(bob, patience=2.0):
    """Whether a ping comes in time; None if the server ends the connection instead."""
    try:
        return await asyncio.wait_for(bob.recv(), patience) == "2"
    except TimeoutError:
        return False
    except ConnectionClosed:
        return None


async def by_hand(server):
    """Hold a server with 0.6 and 0.4 seconds against what a heartbeat is, one step after the other."""
    async with connect(bench.url(server, SESSION), close_timeout=0.1) as bob:
        try:
            await asyncio.wait_for(bob.recv(), 2)
        except (TimeoutError, ConnectionClosed):
            raise Wrong("The session did not even begin: `beat()` raised. Look at `bench.log()`.") from None
        begin = asyncio.get_running_loop().time()
        first = await next_ping(bob)
        if not first:
            why = "The end comes `timeout` seconds after the ping." if first is None else "Nothing sends `2`."
            raise Wrong(f"The interval was over, and {'the session had ended' if first is None else 'no ping came'}. {why}")
        if asyncio.get_running_loop().time() - begin < 0.25:
            raise Wrong("The ping came at once. The first one, too, waits for `interval` seconds.")
        if await next_ping(bob, 0.1) is None:
            raise Wrong("The end came with the ping. It is due `timeout` seconds later: give `call_later` a function, and do not call it.")
        for _ in range(2):
            with contextlib.suppress(ConnectionClosed):
                await bob.send("3")
            again = await next_ping(bob)
            if again is None:
                raise Wrong("A client that answers was thrown out. A pong cancels what still waits, before it starts anew.")
            if not again:
                raise Wrong("A ping, its pong, and no second ping. After a pong everything begins anew: `self.beat()`.")
        with contextlib.suppress(ConnectionClosed):
            for packet in ("40", *['42["message"]'] * 30):
                await bob.send(packet)
                await asyncio.sleep(0.05)
        if bob.close_code is None:
            raise Wrong("A client talks, answers no ping, and is kept. A timer ends it, and only a `3` may stop that.")


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · A session with a heart
# *15 minutes, medium*
#
# Write `MySession`. After `beat()` it sends `2` when `interval` seconds are over, and ends with the reason `"ping timeout"` when `timeout` seconds more are
# over. A pong begins all that anew; nothing else that the client sends does. When the session ends, so does what waits.
#
# The check puts your class into a server. The rulebook watches it on the wire, and the official client lives with it.
#
# <details><summary>The program that the check runs</summary>
#
# ```js living.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { reconnection: false });
# let pings = 0;
# socket.on("connect", () => socket.io.engine.on("ping", () => { pings += 1; }));
# socket.on("disconnect", (reason) => console.log(reason));
# setTimeout(() => {
#   console.log(socket.connected && pings > 1 ? "lives" : `${pings} pings`);
#   process.exit();
# }, 2500);
# ```
# </details>

# %% tags=["check"]
from handmade import l10_heartbeats


def begun(MySession):
    """A session of this class that has begun to beat, what it sends, and the reason for its end."""
    sent, reasons = [], asyncio.Queue()

    class Heard(MySession):
        def send(self, packet):
            sent.append(packet)
            super().send(packet)

    session = Heard("polling", asyncio.get_running_loop().call_later)
    session.interval = session.timeout = 0.05
    session.on_close.append(reasons.put_nowait)
    session.beat()
    return session, sent, reasons


async def alone(MySession):
    """Hold sessions without a network against what a heartbeat is."""
    session, sent, reasons = begun(MySession)
    session.receive("3")
    if (reason := await asyncio.wait_for(reasons.get(), 2)) != "ping timeout":
        raise Wrong(f"The reason for the end of a silent client is {reason!r}. It is called 'ping timeout'.")
    if sent.count("2") > 1:
        raise Wrong("A pong came early, and then there were two pings in place of one. A pong cancels what still waits.")
    session, sent, _ = begun(MySession)
    session.receive("1")  # the client says goodbye: `end` is called, and told which goodbye is due
    await asyncio.sleep(0.2)
    if sent:
        raise Wrong("The session had ended, and its timer still sent a ping. When it ends, for whatever reason, cancel them.")


@check(
    "One timer at a time, and a name for it, so that it can be cancelled: `self.timer = self.call_later(…)`.",
    "`beat` waits `self.interval`, and then calls a method that sends. That method waits `self.timeout`, and then ends the session.",
    "`receive` calls `super().receive(packet)`, and then `self.beat()` if the packet is a `3`. `beat` begins with `self.rest()`.",
    timeout=30,
)
async def check_session(MySession):
    """The rules of the heartbeat hold on the wire, and the official client stays."""

    class MyEngine(l10_heartbeats.Engine):
        session_type = MySession

    class MyServer(l10_heartbeats.Server):
        engine_type = MyEngine

    async with MyServer(ping_interval=0.6, ping_timeout=0.4).listen() as server:
        await by_hand(server)
        found = await rulebook.hold(server, rules=HEARTBEAT)
        said = await bench.javascript(bench.program("10/living.mjs"), url=bench.url(server, scheme="http"))
    await alone(MySession)
    for finding in found.findings:
        if not finding.kept:
            raise Wrong(f"A server {finding.sentence}. Yours does not: {finding.observed}")
    if said != "lives":
        raise Wrong(f"The official client did not stay for two and a half seconds. It says: {said}.")


await check_session.verdict()

# %% tags=["export"]
class Session(l09_core.Session):
    """A session that asks its client for a sign of life (Engine.IO v4, "Heartbeat")."""

    interval = timeout = 0.0
    timer: asyncio.TimerHandle | None = None

    def beat(self) -> None:
        """Begin to wait for the time of the next ping."""
        self.rest()
        self.timer = self.call_later(self.interval, self.ask)

    def ask(self) -> None:
        """Send a ping, and wait for the time at which its pong is too late."""
        self.send("2")
        self.timer = self.call_later(self.timeout, lambda: self.end("ping timeout"))

    def rest(self) -> None:
        """Wait no longer."""
        if self.timer:
            self.timer.cancel()

    def receive(self, packet: l09_core.EnginePacket) -> None:
        """Act on a packet of the client; after a pong, begin again. Raises ProtocolError."""
        super().receive(packet)
        if packet[:1] == "3" and self.state == "open":
            self.beat()

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over; nobody has to be asked any more."""
        self.rest()
        super().end(reason, goodbye)


# %% [markdown]
# Each session has a timer of its own: never two at a time, for a thousand idle clients wait for a thousand pings. One loop that looks at all clients now and then would be late for most of them.
#
# Around it the server needs two settings, which it announces. They are folded, with three more limits to what it waits for.
#
# <details><summary>What else is in the three folded cells</summary>
#
# - A *stranger* is a session that never says `40`. It could lie there for ever and answer pings. It has `connect_timeout` seconds, and no address may
#   have more than `max_strangers` of them at once.
# - The body of a POST that arrives byte by byte, each just in time, holds a task and memory. It has `body_timeout` seconds, and then gets a 408.
# - None of that is in the two documents. The official server gives a stranger a time, too (`connectTimeout`, 45 seconds), and Node.js five minutes to a body.
# </details>

# %% tags=["export", "folded"]
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web


def take_off(clock: asyncio.Timeout) -> None:
    """Take the time-out off: all has arrived, and what the handlers do with it may take its time."""
    with suppress(RuntimeError):  # it has rung, or the request is answered
        clock.reschedule(None)


@dataclass(frozen=True)
class Options(l09.Options):
    """The settings of a server: also how long it waits, in seconds, and for how many strangers."""

    ping_interval: float = 25
    ping_timeout: float = 20
    connect_timeout: float = 45
    body_timeout: float = 30
    max_strangers: int = 1000

    def opening(self) -> dict[str, int]:
        """What the open packet says of them, in milliseconds and bytes."""
        return {
            "pingInterval": round(self.ping_interval * 1000),
            "pingTimeout": round(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }


# %% tags=["export", "folded"]
class Engine(l09.Engine):
    """Engine.IO with a heartbeat. It waits for nothing for ever, and not for any number of strangers."""

    session_type = Session

    def __init__(self, greet: Any, options: Any) -> None:
        super().__init__(greet, options)
        self.strangers = dict[str, str | None]()  # the address of each session that nobody has used yet

    def forbids(self, request: web.Request) -> bool:
        """Whether too many strangers are there from this address already, or its page is foreign."""
        strangers = list(self.strangers.values()).count(request.remote)
        is_one_too_many = not request.query.get("sid") and strangers >= self.options.max_strangers
        return is_one_too_many or super().forbids(request)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; what is sent has to arrive in time."""
        patience = self.options.body_timeout if request.method == "POST" else None
        try:
            async with asyncio.timeout(patience) as clock:
                request.content.on_eof(partial(take_off, clock))
                return await super().handle(request)
        except TimeoutError:
            return web.Response(status=408)
        except ConnectionError:  # somebody asked for a WebSocket, and hung up before it was there
            return web.Response()

    def open(self, request: web.Request) -> Any:
        """A new session, of a stranger at first."""
        session: Any = super().open(request)
        session.interval, session.timeout = self.options.ping_interval, self.options.ping_timeout
        session.beat()
        self.strangers[session.sid] = request.remote
        return session


# %% tags=["export", "folded"]
class Client(l09.Client):
    """A client that has to join a namespace in time, and then is no stranger any more."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.waiting = session.call_later(server.options.connect_timeout, session.close)

    def settle(self) -> None:
        """It is no stranger any more."""
        self.waiting.cancel()
        self.server.engine.strangers.pop(self.session.sid, None)

    def connect(self, packet: l08.Packet) -> None:
        """Let the client into a namespace."""
        self.settle()
        super().connect(packet)

    def closed(self, reason: str) -> None:
        """The connection has ended."""
        self.settle()
        super().closed(reason)


class Server(l09.Server):
    """A Socket.IO server that notices when a client is gone, with Options."""

    options_type, engine_type, client_type = Options, Engine, Client
    options: Options
    engine: Engine


# %% [markdown]
# ## 4. It beats
#
# First with Bob, by hand. He answers two pings, and not the third.

# %%
mine = await bench.start("my server", Server(ping_interval=0.5, ping_timeout=0.5).listen())
my_cable = await bench.start("my cable", Middlebox(mine))

async with connect(bench.url(my_cable, SESSION)) as bob:
    show(await bob.recv())
    for answer in ("3", "3", ""):
        print("Bob hears:", await bob.recv())
        if answer:
            await bob.send(answer)
    try:
        await bob.recv()
    except ConnectionClosed:
        print("Bob is thrown out.")

await my_cable.quiet()
Wire(my_cable, layer="Engine.IO")

# %% [markdown]
# And now the cable, with the official client. The settings are the same: a ping each half second, and half a second for the pong.

# %% misconception=15
guess_when = predict(
    "The cable is pulled. When does the server's handler of `disconnect` run?",
    a="At once: that is what the event is for.",
    b="Between half a second and a second later.",
    c="At the next `emit`, which fails.",
)

# %%
await pull(Server(ping_interval=0.5, ping_timeout=0.5))

# %%
guess_when.reveal(
    "b",
    "In the best case a ping was just due, and the time-out remains. In the worst a pong has just come, and both times have to pass.",
    a="Nothing happens on a line that is cut: that is the trouble with it. Silence has to last before it means something.",
    c="An `emit` to a dead line succeeds, as in lesson 05.",
)

# %% [markdown]
# Both were told, in the same words, and neither had heard anything. With the defaults it takes 20 to 45 seconds. So this *disconnect* is no news
# from the network. It is a decision, taken by a clock, and until then a client that is dead is in every list that you keep.

# %% [markdown]
# ## 5. The panel
#
# Three clients of your server: Ann in Node, Bob in Python, and **this page**. Each connection has two ends, and each end has a band: it
# grows as long as that end hears no heartbeat of the other. The dashed line is where a ping is due, the end of the band where patience ends.

# %% tags=["demo"]
panel = await bench.start("panel", HeartbeatPanel)
panel

# %% [markdown]
# Say first who will notice and when, then:
#
# 1. Watch for a while. Which band of a connection is always a little ahead of the other?
# 2. **pull it** the moment that a band is empty, **Reset**, and once more when it is nearly at the dashed line. Compare *gave up after* with your feeling.
# 3. **Reset**, **pull it**, and **plug it in** before anybody gives up. What happened to the ping?
# 4. **Reset**, **freeze**. Who can notice, and who cannot? Then **thaw**. What does the server decide in its first moment?
# 5. Move the sliders. Make it notice within a second. What does the line below them say about the price?
#
# <details><summary>What you should have seen</summary>
#
# 1. The client's: it hears the ping, and the server hears the pong a moment later.
# 2. Each end gives up after the same silence, interval and time-out together. What differs is how much of it was over when the cable was pulled.
# 3. TCP kept it. It arrives late, and if it is not *too* late, all is well.
# 4. The clients notice. The server sleeps, and its clock with it. Awake, it sends the ping that is due, and then reads that Ann and this page have
#    left: `transport close`. Bob's client gave up without closing anything, so his pong has to be missed first: `ping timeout`, a time-out later. (If the
#    server fell asleep while it waited for a pong, that time is over at once.)
# 5. More pings and more bytes, and a network that pauses for half a second loses everybody.
# </details>

# %% [markdown]
# The same without a finger. (Your browser's two lines say more if this page is open while the cell runs.)

# %%
clients = ["Ann", "Bob", "your browser"]
handlers = [f"server's handler of {name}" for name in clients]

for trouble, names in {"pull": clients + handlers, "freeze": clients}.items():
    await panel.press("reset")
    await panel.press(trouble)
    await panel.wait(*names)
    print(f"--- {trouble}\n{panel.table()}\n")

# %% [markdown]
# And the price. One heartbeat as it passed on this wire, and what it makes in an hour for one client:

# %%
await panel.press("reset")
cost = await panel.heartbeat()
print(f"ping {cost.down} bytes, pong {cost.up} bytes")
for every, within in ((1, 1), (5, 5), (25, 20), (60, 20)):
    print(f"{every:2} s and {within:2} s: {cost.an_hour(every):6,} bytes an hour, noticed after {within} to {every + within} s")

# %% [markdown]
# That is what the WebSocket carries. TCP and IP add headers of 40 bytes and more to each packet, and over polling a heartbeat is a GET and a POST. It is
# still little. What a short time-out really costs are those whom it throws out, and who were well.

# %% [markdown]
# ## 6. How to stop a heart that is well
#
# ### A handler that does not let go
#
# Ann asks for a report, which takes a second and a half. Bob asks for nothing. Both are official clients.
#
# ```js report.mjs
# import { io } from "socket.io-client";
#
# const news = [];
# const [ann, bob] = ["Ann", "Bob"].map((name) => {
#   const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
#   socket.on("report", () => news.push(`${name} has the report.`));
#   socket.on("disconnect", (reason) => news.push(`${name} is disconnected: ${reason}.`));
#   return socket;
# });
# const connected = (socket) => new Promise((resolve) => socket.on("connect", resolve));
# await Promise.all([connected(ann), connected(bob)]);
#
# ann.emit("report");
# setTimeout(() => {
#   console.log(news.sort().join("\n"));
#   process.exit();
# }, 3000);
# ```

# %%
import time


async def report(write):
    """Serve reports that are written with `write`, and print what happens to Ann and Bob."""
    io = Server(ping_interval=0.5, ping_timeout=0.5)

    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def answer():
            await write()
            socket.emit("report")

    server = await bench.start("office", lambda port=0: io.listen(port))
    print(await bench.javascript(bench.program("10/report.mjs"), url=bench.url(server, scheme="http")))


async def at_once():
    """Take a second and a half, and let nobody else have it."""
    time.sleep(1.5)


# %% misconception=5
guess_report = predict(
    "The handler of Ann's event calls `time.sleep(1.5)`. What does Bob notice, who has asked for nothing?",
    a="He is disconnected.",
    b="Nothing: only Ann's handler waits.",
    c="His messages come late.",
)

# %%
await report(at_once)

# %%
guess_report.reveal(
    "a",
    "One thread runs all handlers, all timers and all sockets. For a second and a half no ping went out, to anybody. The clients' clocks ran on.",
    b="`await` gives way to others. `time.sleep` does not, and neither does a loop that computes or a slow query that nobody awaits.",
    c="They would, if he could wait. But a second without a ping was his limit.",
)

# %% [markdown]
# Everybody is gone, also Ann, whose report was ready a moment too late. On a real server this is a query that takes a minute once a week, and "all
# users disconnect at once, for no reason". The cure is a thread:

# %%
async def in_a_thread():
    """Take as long, while the loop goes on."""
    await asyncio.to_thread(time.sleep, 1.5)


await report(in_a_thread)

# %% [markdown]
# (A thread is enough for what waits, and for a loop in Python, which lets the others in now and then. A single long call that keeps Python's
# lock, such as `7 ** 5_000_000`, stops the heart from a thread as well. Give such work a process of its own, with `ProcessPoolExecutor`.)
#
# ### A line that is full
#
# Ann has a slow line, and asks for a picture. It is large. Every byte of it that arrives says that the server is alive, does it not?
#
# ```js picture.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# socket.on("connect", () => socket.emit("picture"));
# const end = (...words) => { console.log(...words); process.exit(); };
# socket.on("picture", (text) => end("Ann has the picture:", text.length, "letters"));
# socket.on("disconnect", (reason) => end("Ann is disconnected:", reason));
# ```

# %%
async def picture(**settings):
    """Send a picture over a slow line, and print what comes of it at both ends."""
    io, gone = Server(**settings), asyncio.Event()

    @io.on("connection")
    def welcome(socket):
        socket.on("picture", lambda: socket.emit("picture", "x" * 600_000))
        socket.on("disconnect", lambda reason: gone.set())

    server = await bench.start("gallery", lambda port=0: io.listen(port))
    slow = await bench.start("slow line", Middlebox(server, [Rate(bits=2_400_000)]))
    print(await bench.javascript(bench.program("10/picture.mjs"), url=bench.url(slow, scheme="http")))
    await gone.wait()
    print("The server is told that she is gone.")


# %%
guess_picture = predict(
    "The picture needs two seconds on this line. Ping each 0.3 seconds, 0.2 for the pong. What does Ann get?",
    a="The picture, two seconds later: bytes are a sign of life.",
    b="The picture, in the end. The pings overtake it.",
    c="Nothing. She is disconnected in the middle of it.",
)

# %%
await picture(ping_interval=0.3, ping_timeout=0.2)

# %%
guess_picture.reveal(
    "c",
    "The ping stands in line behind the picture, and both clocks run. The server's 0.2 seconds begin when it has *put* the ping there. So both end half a second after the opening, and it is chance which one rings first.",
    a="A fair idea, and not the rule. The server counts pongs. The official client counts pings. (In the official server, engine.io 6.6.12, another packet of the client's puts the end off, once.)",
    b="A connection is one line. Nothing overtakes.",
)

# %% [markdown]
# A live client on a live line, killed by its own heartbeat. The official server does the same, its clock starts when the ping is queued. So the time-out has to be
# longer than the longest thing that you send takes on the slowest line that you serve, and that is one reason for the 20 seconds. (Or send less at once.)
# The pong has a line of its own to stand in: while more than 256 events of a client wait for your handlers, your server reads nothing of his (lesson 08), no pong either. The official server reads on.

# %%
await picture(ping_interval=0.3, ping_timeout=10)

# %% [markdown]
# ### A tab that nobody looks at
#
# A notebook cannot hide itself, so this one is told. Chrome lets the timers of a hidden page run once a second, and since version 88 *chained* ones,
# which timers set, once a *minute* after a while: five minutes (developer.chrome.com, "Heavy throttling of chained JS timers"; seen with Chromium 156),
# one in its source for a page that has loaded. Messages are not throttled. So:
#
# - The pong is an answer to a message, and is sent in time. That is what the turn in version 4 was for.
# - The client's own clock is a timer, but each ping sets it, so it is not chained: it may ring a second late. A page that the browser has *frozen* (to save
#   energy, on a locked phone) has no clock at all, and may say *connected* longer than both times together. The official client therefore looks at the clock
#   on the wall before each `emit`: if the deadline is over, it closes, and keeps the event for the next connection.
# - A laptop that sleeps sends no pong. Awake, its next `emit` learns from that same look that it is too late.
# - If the system says that it is *offline*, the official client closes at once (unless the address says `localhost`). For a cable further away nobody says it.

# %% [markdown]
# ## 7. The same in python-socketio, and in JavaScript
#
# | yours | python-socketio | JavaScript, the official one |
# |---|---|---|
# | `Server(ping_interval=25, ping_timeout=20)` | `socketio.AsyncServer(ping_interval=25, ping_timeout=20)` | `new Server(http, { pingInterval: 25000, pingTimeout: 20000 })` |
# | `socket.on("disconnect", f)`, with `"ping timeout"` | `@sio.event`, `async def disconnect(sid, reason)`, the same word | `socket.on("disconnect", (reason) => …)`, the same word |
#
# Seconds in Python, milliseconds in JavaScript. Now 0.8 and 0.4 seconds, in all three:
#
# ```js heart.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http, { pingInterval: 800, pingTimeout: 400 });
#
# io.on("connection", (socket) => {
#   setInterval(() => socket.emit("tick"), 50).unref();
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```

# %%
import socketio

app = web.Application()
socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.8, ping_timeout=0.4).attach(app)
python = await bench.start("python", bench.aiohttp(app))
node = await bench.start("node", Child.node("lessons_src/programs/10/heart.mjs"))
mine = await bench.start("my server", Server(ping_interval=0.8, ping_timeout=0.4).listen())

for name, server in {"yours": mine, "python-socketio": python, "official": node}.items():
    print(f"--- {name}")
    async with connect(bench.url(server, SESSION)) as bob:
        show(await bob.recv())

# %% [markdown]
# python-engineio 4.15 cuts the interval to whole seconds before it announces it, and 0.8 becomes 0. It still *sends* a ping each 0.8 seconds. But the
# official client believes what it was told, and gives the first one 0.4 seconds:

# %%
print(await bench.javascript(bench.program("10/living.mjs"), url=bench.url(python, scheme="http")))

# %% [markdown]
# It gives up before the first ping has come. So in python-socketio: whole seconds. With those, the rules of this lesson, at both:

# %%
rules_python = await bench.start("rules of python", rulebook.python_socketio())
await rulebook.hold(rules_python, rules=HEARTBEAT, name="python-socketio")

# %%
rules_node = await bench.start("rules of node", rulebook.node_socketio())
await rulebook.hold(rules_node, rules=HEARTBEAT, name="the official server")

# %% [markdown]
# python-engineio has one loop that looks at its clients in turn, once in each `ping_timeout`. Between two looks a client behind a cut cable counts as alive, up to one
# time-out more: 65 seconds in place of 45. (In the table nobody has cut the cable of those who keep silent.) The official server forgets about a pong that was due before the upgrade:
# whoever dies in that moment is never missed. Every library has red rows. Know those of yours.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has what the first check needs.

# %% tags=["folded"]
from websockets.asyncio.server import serve


async def chatter(websocket):
    """A server that talks all the time, and whose heart has stopped."""
    try:
        await websocket.send('0{"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}')
        while True:
            await websocket.send('42["tick"]')
            await asyncio.sleep(0.05)
    except ConnectionClosed:
        pass


SETTINGS = {"ping_interval": None, "compression": None, "close_timeout": 0.1}


async def outcome(task, seconds):
    """What became of it after so many seconds: "goes on", "ended", or the exception."""
    await asyncio.wait([task], timeout=seconds)
    if not task.done():
        return "goes on"
    return task.exception() or "ended"


async def after_chatter(converse, seconds, abort=False):
    """What becomes of it at a server that talks and never pings, or when that connection breaks off."""
    async with serve(chatter, "127.0.0.1", 0) as server, connect(bench.url(server), **SETTINGS) as ann:
        task = asyncio.ensure_future(converse(ann, lambda packet: None))
        await asyncio.sleep(0.1)
        if abort:
            ann.transport.abort()
        came = await outcome(task, seconds)
        task.cancel()
        return came


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The client's clock
# *15 minutes, medium*
#
# Ann's screen is a Python program now, and it must notice by itself. Write `converse(websocket, heard)`. The WebSocket is new: its first packet will be the open
# packet. Answer each ping, and hand every *other* packet to the function `heard`. When no ping has come for `pingInterval` and `pingTimeout` together, raise
# `TimeoutError`; other packets do not count. When the connection ends, end, too.
#
# The check connects you to the official server of section 7, which also sends an event every 50 milliseconds.

# %% tags=["solution"]
async def converse(websocket, heard):
    """Answer pings, hand other packets to `heard`. Raises TimeoutError when the server's heart stops."""
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    try:
        async with asyncio.timeout(patience) as clock:
            async for packet in websocket:
                if packet == "2":
                    await websocket.send("3")
                    clock.reschedule(asyncio.get_running_loop().time() + patience)
                else:
                    heard(packet)
    except ConnectionClosed:
        pass


# %% tags=["check"]
@check(
    "The first packet is `0` and JSON, in milliseconds. Then a loop: `async for packet in websocket`.",
    "`async with asyncio.timeout(patience) as clock:` around the loop ends it. A ping moves the end: `clock.reschedule(when)`.",
    "`when` is `asyncio.get_running_loop().time() + patience`. Around it all, `except ConnectionClosed`.",
    timeout=30,
)
async def check_converse(converse):
    """The official server keeps you, you notice a dead line in time, and talk does not deceive you."""
    async with Child.node("lessons_src/programs/10/heart.mjs") as living, Middlebox(living) as line:
        watch(Wire(line, layer="Engine.IO"))
        packets = []
        async with connect(bench.url(line, SESSION), **SETTINGS) as ann:
            await ann.send("40")
            task = asyncio.ensure_future(converse(ann, packets.append))
            if (came := await outcome(task, 2.5)) != "goes on":
                if ann.close_code is not None:
                    raise Wrong("The official server ended the connection: it had no pong from you. A ping is `2`, a pong is `3`.")
                raise Wrong(f"All was well for two and a half seconds, and you came to an end: {came!r}.")
            wanted = ["40", '42["tick"]', '42["tick"]']
            if [packet.partition("{")[0] for packet in packets[:3]] != wanted or "2" in packets:
                raise Wrong(f"`heard` got {packets[:4]}. It gets every packet but the pings, from the second on.")
            line.rules = [Blackhole()]
            came = await outcome(task, 2.5)
            if came == "goes on":
                task.cancel()
                raise Wrong("The cable was pulled two and a half seconds ago, and you wait still. What if *nothing* comes any more?")
            if not isinstance(came, TimeoutError):
                raise Wrong(f"The cable was pulled. Raise TimeoutError then; what came was {came!r}.")
            ann.transport.abort()
    came = await after_chatter(converse, 1.0)
    if not isinstance(came, TimeoutError):
        raise Wrong("A server announced 0.3 and 0.2 seconds, talked and talked, and sent no ping for a second. Only a ping moves "
                    "the deadline, and the first packet says how far.")
    came = await after_chatter(converse, 1.0, abort=True)
    if came == "goes on" or isinstance(came, TimeoutError):
        raise Wrong(f"The connection ended, and you did not: {came}. `async for` ends then, or raises ConnectionClosed.")


await check_converse.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · The report desk
# *8 minutes, easy*
#
# Write `desk(io, compute)`, which makes `io` answer the event `report`, with a number, by the event `report`, with `compute(number)`. `compute` is a plain function of
# somebody else's, and it takes its time. Nobody's heart may stop over it.
#
# <details><summary>The program that the check runs</summary>
#
# ```js asking.mjs
# import { io } from "socket.io-client";
#
# const [ann, bob] = [1, 2].map(() => io(url, { transports: ["websocket"], reconnection: false, forceNew: true }));
# const connected = (socket) => new Promise((resolve) => socket.on("connect", resolve));
# await Promise.all([connected(ann), connected(bob)]);
#
# const heard = [];
# let lost = "";
# ann.on("report", (...answer) => heard.push(answer));
# bob.on("disconnect", (reason) => { lost = reason; });
# ann.emit("report", 7);
# setTimeout(() => {
#   console.log(JSON.stringify({ heard, lost }));
#   process.exit();
# }, 3000);
# ```
# </details>

# %% tags=["solution"]
def desk(io, compute):
    """Make `io` answer `report` NUMBER with `report` compute(NUMBER), without holding up anybody."""

    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            socket.emit("report", await asyncio.to_thread(compute, number))


# %% tags=["check"]
import threading


def slowly(number):
    """Somebody else's function: the square of a number, after a second and a half."""
    time.sleep(1.5)
    return number * number


@check(
    "What does `compute(number)` do to the loop, if you call it in a coroutine?",
    "`await asyncio.to_thread(compute, number)` calls it in a thread and gives you what it returns.",
    "Emit after the `await`, in the handler. In a thread the loop would not notice.",
    timeout=15,
)
async def check_desk(desk):
    """Ann gets her report, Bob keeps his connection."""
    io, strays = l10_heartbeats.Server(ping_interval=0.5, ping_timeout=0.5), []

    @io.on("connection")
    def watch_emit(socket):
        emit = socket.emit

        def watched(*event):
            if threading.current_thread() is not threading.main_thread():
                strays.append(event)
            emit(*event)

        socket.emit = watched

    desk(io, slowly)
    async with io.listen() as server:
        said = await bench.javascript(bench.program("10/asking.mjs"), url=bench.url(server, scheme="http"))
    said = json.loads(said)
    if said["lost"]:
        raise Wrong(f"Bob, who asked for nothing, was disconnected: {said['lost']}. The loop stood still while `compute` ran.")
    if strays:
        raise Wrong("`emit` was called in another thread. Let the thread compute, and emit in the handler.")
    if said["heard"] != [[49]]:
        raise Wrong(f"Ann asked for the report of 7. She should hear [[49]], and heard {said['heard']}.")


await check_desk.verdict()

# %% [markdown]
# ## The rules, and the boss's list
#
# Your server as it stands now, against all the rules that the lessons have reached:

# %%
io = Server(ping_interval=0.8, ping_timeout=0.8)
io.on("connection", lambda socket: socket.on("message", lambda *data: socket.emit("message-back", *data)))
under_rules = await bench.start("under rules", io.listen())

await rulebook.hold(under_rules, lesson=10, name="your server after lesson 10")

# %%
await boss.review(boss.handmade(10))

# %% [markdown]
# One row has turned green, and none red: *notices when the other side is gone without a word*. Six of fourteen.

# %% [markdown]
# ## What you have now
#
# - The server pings (`2`), the client answers (`3`), each with a clock of its own. In Engine.IO 3 it was the other way round.
# - The server announces both times in its first packet; the client obeys. It gives up after `pingInterval + pingTimeout` without a ping.
# - *disconnect* comes `pingTimeout` to `pingInterval + pingTimeout` after the end: 20 to 45 seconds by default.
# - Short times notice early, cost more bytes, and throw out whoever pauses. 10 bytes a heartbeat on a WebSocket.
# - A blocking call stops everybody's heart. A full line kills a live client: the clock starts when the ping is queued.
# - A hidden tab answers in time, but its own clock may be late.
#
# ### Three questions
#
# <details><summary>1. Every Monday at nine all clients get <code>ping timeout</code> within a minute. Where do you look?</summary>
#
# Not at their networks: those do not all fail on Mondays at nine. Something holds the loop, a report or a backup that somebody calls without `await`.
# </details>
#
# <details><summary>2. The boss wants a dead screen noticed within two seconds. What do you ask before you type it?</summary>
#
# What is the longest pause that a living one may make? A telephone that changes cells, 1 MB on a slow line, your own slowest handler: each pause longer than
# the time-out can be a disconnection.
# </details>
#
# <details><summary>3. Does an answer to a ping say that your last message has arrived?</summary>
#
# Over one WebSocket it says that everything sent *before* the ping has been read by the other's library. It does not say that a handler has run, or which message it was.
# That is lesson 13.
# </details>
#
# ### What is still missing
#
# The screen in the hall says *disconnected* now, forty-five seconds at most after the cable was pulled. The boss looks at it, and then at you. "And when does it come back?"
# That is lesson 11.
