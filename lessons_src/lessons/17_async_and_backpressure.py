# %% [markdown]
# # 17 · Async and backpressure
#
# **In {minutes} you find out who holds up whom: a handler that stops everybody, an `emit` that has sent nothing, a man who does not read. Then you give each client a queue with a bound, and
# write down for everything that can pile up where it ends.**

# %% [markdown]
# ## What the boss says
#
# > "At ten everything stood still, for everybody at once, and then went on as if nothing had been. At eleven the server was gone: out of memory, says the log. The only unusual thing was Mr Bell, who followed the news from a train.
# > Tell me that one man on a train cannot do that."
#
# He can. But these are two different complaints, and the one at ten was not his.

# %% tags=["folded"]
# %load_ext wirelab
import contextlib

from handmade import l16_who_is_there as l16
from wirelab import bench, boss
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox
from wirelab.plots import lines
from wirelab.waiting import until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire


async def run_js(program, where, **values):
    """Run a program against a server, and return what it prints."""
    return await bench.javascript(program, url=bench.url(where, scheme="http"), **values)


# %% [markdown] tags=["teacher"]
# **Timing.** 8 minutes for the watchdog, 12 for order and `emit`, 10 until the plot with Mr Bell, 10 for the build, 5 for the table. With little time leave out section 3.
#
# **A question to start with:** "A waiter with one pair of hands, twenty tables. What does he do when a guest takes an hour over the menu? And when a guest orders without end and never eats?" The first is
# section 1, the second section 5.
#
# **What goes wrong in a class.** The plots measure time and memory. Thirty kernels on one small machine measure each other.

# %% [markdown]
# ## 1. Ten o'clock
#
# Lesson 10 had a `time.sleep` in a handler, and everybody's heart stopped: one thread runs all handlers, all timers and all sockets. There you knew where to look. In a program of ten thousand lines
# nobody tells you. (The folded cell has a shop in which somebody, somewhere, does not let go, and Ann and Bob.)

# %% tags=["folded"]
def write_report(seconds=1.0):
    """A report, written by a library that knows nothing of asyncio."""
    time.sleep(seconds)


def shop(server):
    """A shop on that server, which gives the total of some orders, and meanwhile writes a report."""

    @server.on("connection")
    def welcome(socket):
        @socket.on("total")
        def at_once(orders, answer):
            write_report()
            answer(sum(orders))

        @socket.on("total, in a thread")
        async def in_a_thread(orders, answer):
            await asyncio.to_thread(write_report)
            answer(sum(orders))

        socket.on("hello", lambda answer: answer("hello"))

    return server


def join(where, module=l16, **options):
    """A client of your own, who connects."""
    return module.io(bench.url(where, scheme="http"), force_new=True, transports=["websocket"], reconnection=False, **options)


first = await bench.start("shop", shop(l16.Server()).listen())
ann, bob = join(first), join(first)
await until(lambda: ann.connected and bob.connected)


# %% tags=["folded"]
async def who_is_first(event):
    """Ann asks for her total, and Bob says hello a moment later. Who is answered first?"""
    order = []

    async def ask(name, client, *question):
        await client.emit_with_ack(*question)
        order.append(name)

    async with asyncio.TaskGroup() as both:
        both.create_task(ask("Ann", ann, event, [3, 4]))
        await asyncio.sleep(0.1)
        both.create_task(ask("Bob", bob, "hello"))
    return order


# %% [markdown]
# asyncio has a debug mode, which logs whatever keeps the loop for more than 0.1 seconds. It names the *task*, and for a handler of yours that is always `Line.work` of lesson 08, which calls all of them for all events. Where it has been
# meanwhile the debug mode cannot know: it looks when the task has come back.
#
# So somebody has to look *while* it happens, and in this thread nobody has a turn. A second thread has. It asks the loop for a turn, again and again (`call_soon_threadsafe`). If none comes within a tenth of a second, it looks where the
# first thread stands: `sys._current_frames()` knows it of each thread. That is the `Watchdog` in the folded cell.

# %% tags=["export", "core", "folded"]
import asyncio
import sys
import threading
import time
import traceback
from typing import Any


class Watchdog:
    """In `async with`: notes in `found` who lets it wait for a turn longer than `patience`, and how long."""

    def __init__(self, patience: float = 0.1) -> None:
        self.patience = patience
        self.found: list[tuple[float, str]] = []

    async def __aenter__(self) -> "Watchdog":
        self.stopped = threading.Event()
        watching = (asyncio.get_running_loop(), threading.get_ident())
        self.watcher = threading.Thread(target=self.watch, args=watching, daemon=True)
        self.watcher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopped.set()
        await asyncio.to_thread(self.watcher.join)

    def watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        """Ask for a turn, again and again; if it takes too long, look where the thread stands."""
        while not self.stopped.wait(self.patience):
            turn, asked = threading.Event(), time.perf_counter()
            loop.call_soon_threadsafe(turn.set)
            if not turn.wait(self.patience):
                place = traceback.extract_stack(sys._current_frames()[thread])[-1]
                turn.wait()
                self.found.append((time.perf_counter() - asked, f"{place.name}, line {place.lineno}"))


# %%
guess_dog = predict(
    "Ann asks for a total. The watchdog says the name of the innermost Python function that kept the loop. Which is it?",
    a="`write_report`, in the library.",
    b="`Line.work`, which calls the handlers.",
    c="`at_once`, Ann's handler.",
)

# %%
async with Watchdog() as dog:
    await ann.emit_with_ack("total", [3, 4])
seconds, place = max(dog.found)
print(place.partition(",")[0])

# %%
guess_dog.reveal(
    "a",
    "And `place` has its line, too. `time.sleep` itself is written in C, so the line that calls it is as near as one can get.",
    b="That is what asyncio's debug mode would say.",
    c="It waits for `write_report` to come back. It is one step further out.",
)

# %% [markdown]
# The cure is lesson 10's: `await asyncio.to_thread(write_report)`, or a process of its own for a call that keeps Python's lock. Here is what that is worth to Bob, who says hello while Ann waits for her total.

# %%
for event in ("total", "total, in a thread"):
    print(f"{event:20}", await who_is_first(event))

# %% [markdown]
# ## 2. Who comes first
#
# A thread gives others a turn, and so does an `await` that waits. Which others? Ann sends two events, a slow one and a quick one. Each handler says when it begins, waits, and says when it ends.
#
# <details><summary>The program, and the official server</summary>
#
# ```js steps.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
# const said = [];
# socket.on("said", (what) => { if (said.push(what) === 4) end(); });
# socket.emit("step", "slow", 0.3);
# socket.emit("step", "quick", 0);
# const end = () => { console.log(said.join(", ")); process.exit(); };
# ```
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { setTimeout } from "node:timers/promises";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# io.on("connection", (socket) => {
#   socket.on("step", async (name, seconds) => {
#     socket.emit("said", `${name} begins`);
#     await setTimeout(1000 * seconds);
#     socket.emit("said", `${name} ends`);
#   });
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
def steps(server):
    """Two steps on your server."""

    @server.on("connection")
    def welcome(socket):
        @socket.on("step")
        async def step(name, seconds):
            socket.emit("said", f"{name} begins")
            await asyncio.sleep(seconds)
            socket.emit("said", f"{name} ends")

    return server


# %% tags=["folded"]
import aiohttp.web
import socketio


def python_steps(**settings):
    """The same on python-socketio; an application for aiohttp."""
    sio = socketio.AsyncServer(async_mode="aiohttp", **settings)

    @sio.on("step")
    async def step(sid, name, seconds):
        await sio.emit("said", f"{name} begins", to=sid)
        await asyncio.sleep(seconds)
        await sio.emit("said", f"{name} ends", to=sid)

    app = aiohttp.web.Application()
    sio.attach(app)
    return app


servers = {
    "yours": await bench.start("yours", steps(l16.Server()).listen()),
    "python-socketio": await bench.start("python", bench.aiohttp(python_steps())),
    "official": await bench.start("official", Child.node("lessons_src/programs/17/server.mjs")),
}

# %% misconception=13
guess_order = predict(
    "First `slow`, then `quick`. What does Ann hear of the four?",
    a="`slow begins, slow ends, quick begins, quick ends`: handlers run in the order of arrival.",
    b="`slow begins, quick begins, quick ends, slow ends`: the quick one overtakes.",
    c="The one or the other: ask your server.",
)

# %%
for name, server in servers.items():
    print(f"{name:16}", await run_js(bench.program("17/steps.mjs"), server))

# %%
guess_order.reveal(
    "c",
    "All three *begin* them in the order of arrival. Yours then waits for a handler's end before the next event of the same client; the other two do not.",
    a="In yours, yes: since the `Line` of lesson 08. Move such code to python-socketio, and `pay` can overtake `add to cart`.",
    b="In the official server and in python-socketio, as soon as a handler awaits something. In yours nothing overtakes.",
)

# %% [markdown]
# | | the next event of the same client begins | the price |
# |---|---|---|
# | yours | when the handler has ended | a slow handler holds up its own client |
# | official, 4.8 | as soon as the handler awaits | two handlers of one client may be in the middle of the same thing |
# | python-socketio, 5.18 | as soon as the handler awaits: `async_handlers=True` starts a task for each | the same |
# | python-socketio, `async_handlers=False` | when the handler has ended | its client's pongs wait, too; no `call()` |
#
# Other clients do not wait while Ann's handler awaits. And what may be overtaken says so: in yours, `server.start(work())` begins a task and lets the handler end. For the other way round there is exercise 2.
#
# ## 3. `emit` has returned
#
# Bob's page has a progress bar. The handler works in three parts, and emits after each. It does not await: each part is short.

# %%
def progress(server):
    """Work in three parts on that server, and say how far it is."""

    @server.on("connection")
    def welcome(socket):
        @socket.on("work")
        def work():
            for part in (1, 2, 3):
                time.sleep(0.2)
                socket.emit("progress", part)

    return server


# %% [markdown]
# <details><summary>The program: how long before the last one each came</summary>
#
# ```js progress.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["polling"], reconnection: false });
# const came = [];
# socket.on("progress", () => { if (came.push(Date.now()) === 3) end(); });
# socket.on("connect", () => socket.emit("work"));
# function end() {
#   const early = came.filter((time) => came[2] - time > 100).length;
#   console.log(`of three, ${early} came more than 0.1 s before the last`);
#   process.exit();
# }
# ```
# </details>

# %% misconception=6
guess_progress = predict(
    "Bob's page is connected by polling. How does his bar move?",
    a="A third, two thirds, whole: `emit` has sent each of them.",
    b="It stands at nothing, and then it is whole.",
    c="It stands at one third, and then it is whole.",
)

# %%
working = await bench.start("working", progress(l16.Server()).listen())
print(await run_js(bench.program("17/progress.mjs"), working))

# %%
guess_progress.reveal(
    "b",
    "`emit` has put a packet into the outbox. To carry it is the work of somebody else, in the same thread, and he has not had a turn.",
    a="It has *accepted* them. No `emit` of any of these libraries says that something has left the house, let alone arrived: that is lesson 13's acknowledgement.",
    c="Nearly: the official server, asked the same, shows the first one at once, because its first write reaches the system directly.",
)

# %% [markdown]
# (Over WebSocket yours is lucky: `connection.write` asks the system at once, and only what that refuses waits for a turn.) The cure is the same as at ten o'clock: a handler that works has to let go.
#
# ### From another thread
#
# If the work is in a thread, may the thread emit? Here is a server in a process of its own, where nothing else goes on. Its thread emits, and then Bob says hello.

# %% [markdown]
# <details><summary>The server</summary>
#
# ```python threads.py
# import asyncio
# import json
# import threading
#
# from handmade.l16_who_is_there import Server
#
# io = Server()
#
#
# @io.on("connection")
# def welcome(socket):
#     threading.Timer(0.2, socket.emit, ("news", "from a thread")).start()
#     socket.on("hello", lambda: socket.emit("news", "hello"))
#
#
# async def main():
#     async with io.listen() as port:
#         print(json.dumps({"port": port}))
#         await asyncio.Future()
#
#
# asyncio.run(main())
# ```
# </details>

# %% [markdown]
# <details><summary>The client</summary>
#
# ```js threads.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["polling"], reconnection: false });
# const heard = [];
# const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
# socket.on("news", (what) => heard.push(what));
#
# await pause(1500);
# console.log("after a second and more:", heard.join(", ") || "nothing");
# socket.emit("hello");
# await pause(500);
# console.log("after a hello:", heard.join(", "));
# process.exit();
# ```
# </details>

# %% misconception=7
guess_thread = predict(
    "`socket.emit` is called in a thread. Bob's poll is open and waits. What does he hear in the next second?",
    a="The news.",
    b="An exception in the thread, so nothing.",
    c="Nothing, and nobody has raised anything.",
)

# %%
idle = await bench.start("idle", Child.python("lessons_src/programs/17/threads.py"))
print(await run_js(bench.program("17/threads.mjs"), idle))

# %%
guess_thread.reveal(
    "c",
    "The packet is there. But the loop sleeps until something wakes it, and another thread's `emit` does not. Bob's hello did. In a busy server something always does: it works on your machine, and most of the time.",
    a="Over WebSocket, often: the write asks the system at once, from the wrong thread. Until it has to wait for room, or two threads write at a time.",
    b="asyncio looks which thread calls only in its debug mode.",
)

# %% [markdown]
# In python-socketio `emit` is a coroutine, and a thread without a loop to await it in is offered `asyncio.run(sio.emit(…))`: another loop, and the same silence, here over WebSocket as well (5.18). The door that asyncio has for it is
# `asyncio.run_coroutine_threadsafe(sio.emit(…), loop)`; for what is no coroutine, `loop.call_soon_threadsafe`. (And `asyncio.run` in a notebook, lesson 01, is this mistake the other way round: a loop in a thread that has one.)
#
# A good library says so at once. Yours will, in section 6: `emit` in a wrong thread raises, if anybody would hear it, and `server.from_thread(emit, …)` is the way.

# %% [markdown]
# ## 4. Eleven o'clock
#
# Mr Bell follows the news. So does Bob. The server tells its followers 200 kB fifty times a second, a chart perhaps. Then the train enters a tunnel, or Mr Bell's page is busy: nobody takes anything out of his end of
# the connection. Nothing is broken, nobody has hung up.
#
# Where does it go? Into the receive buffer of his system, until that is full (in a tunnel it does not come so far). Then into the send buffer of yours, until that is full: on Linux some megabytes together. Then nowhere. `emit` does not wait, so somebody has to keep it.
# Here are three servers, each in a process of its own. Bob asks again and again how much memory the server has, and measures how long the answer takes.

# %% [markdown]
# <details><summary>Your server, at any stage</summary>
#
# ```python stage.py
# import asyncio
# import json
# import sys
#
# import psutil
#
# from wirelab.serve import stage
#
# lesson, settings = json.loads(sys.argv[1])
# io = stage(lesson)(**settings)
# memory = psutil.Process().memory_info
#
#
# @io.on("connection")
# def welcome(socket):
#     socket.on("follow", lambda answer: answer(socket.join("news")))
#     socket.on("memory", lambda answer: answer(memory().rss))
#
#
# async def main():
#     async with io.listen() as port:
#         print(json.dumps({"port": port}))
#         while True:
#             io.to("news").emit("news", "n" * 200_000)
#             await asyncio.sleep(0.02)
#
#
# asyncio.run(main())
# ```
# </details>

# %% [markdown]
# <details><summary>The same in python-socketio</summary>
#
# ```python crowd.py
# import asyncio
# import json
#
# import psutil
# import socketio
# from aiohttp import web
#
# sio = socketio.AsyncServer(async_mode="aiohttp")
# memory = psutil.Process().memory_info
#
#
# @sio.on("follow")
# async def follow(sid):
#     await sio.enter_room(sid, "news")
#
#
# @sio.on("memory")
# async def say_memory(sid):
#     return memory().rss
#
#
# async def main():
#     app = web.Application()
#     sio.attach(app)
#     runner = web.AppRunner(app)
#     await runner.setup()
#     await web.TCPSite(runner, "127.0.0.1", 0).start()
#     print(json.dumps({"port": runner.addresses[0][1]}))
#     while True:
#         await sio.emit("news", "n" * 200_000, to="news")
#         await asyncio.sleep(0.02)
#
#
# asyncio.run(main())
# ```
# </details>

# %% [markdown]
# <details><summary>And in JavaScript</summary>
#
# ```js crowd.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# io.on("connection", (socket) => {
#   socket.on("follow", (answer) => answer(socket.join("news")));
#   socket.on("memory", (answer) => answer(process.memoryUsage().rss));
# });
# setInterval(() => io.to("news").emit("news", "n".repeat(200_000)), 20);
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
guess_bell = predict(
    "Mr Bell takes nothing for four seconds. What do you see?",
    a="The memory grows, and Bob notices nothing.",
    b="The memory stays, and Bob's answers come later and later.",
    c="The memory grows, and Bob's answers come later and later.",
)

# %% tags=["folded"]
import json

from websockets.asyncio.client import connect

SESSION = "/socket.io/?EIO=4&transport=websocket"
GROWING = "As soon as the systems' buffers are full, the memory of all three servers grows for as long as he takes nothing, by many MiB each second. The other client's answers come within milliseconds all the time."
BOUNDED = "Both begin to grow as soon as the systems' buffers are full. Before, the memory grows for as long as he takes nothing. Now it grows up to the bound, then he is cut off and it is given back. The other client's answers come within milliseconds all the time."


@contextlib.asynccontextmanager
async def on_a_train(where):
    """Mr Bell, who has joined and follows the news, and from then on takes nothing. Gives his WebSocket."""
    async with connect(bench.url(where, SESSION), compression=None, max_queue=1, max_size=None, close_timeout=0, proxy=None) as bell:
        await bell.recv()
        await bell.send("40")
        await bell.recv()
        await bell.send('420["follow"]')
        yield bell
        bell.transport.abort()


async def read_on(bell, last):
    """Mr Bell reads again, up to that event. Returns the names of all that he was told."""
    events = []
    while last not in events:
        packet = await bell.recv()
        if packet.startswith("42"):
            events.append(json.loads(packet[2:])[0])
    return events


# %% tags=["folded"]
async def measured(where, seconds=4):
    """What Bob measures beside Mr Bell: (seconds, MiB more, milliseconds for an answer), many times."""
    bob, found = join(where), []
    await bob.emit_with_ack("follow")
    before = await bob.emit_with_ack("memory")
    async with on_a_train(where):
        begin = asked = time.perf_counter()
        while asked < begin + seconds:
            memory = await bob.emit_with_ack("memory")
            found.append((asked - begin, (memory - before) / 2**20, 1000 * (time.perf_counter() - asked)))
            await asyncio.sleep(0.05)
            asked = time.perf_counter()
    bob.disconnect()
    return found


def show(found, words):
    """The picture of what Bob has measured at some servers."""
    return lines(
        "One client takes nothing",
        {
            "memory of the server, MiB more": {name: [(second, more) for second, more, _ in each] for name, each in found.items()},
            "another client's answer, milliseconds": {name: [(second, late) for second, _, late in each] for name, each in found.items()},
        },
        "seconds since he takes nothing",
        words,
        at_least={"another client's answer, milliseconds": 200},
    )


def in_a_process(lesson, **settings):
    """Your server after a lesson, in a process of its own."""
    return Child.python("lessons_src/programs/17/stage.py", json.dumps([lesson, settings]))


crowds = {
    "yours, lesson 16": in_a_process(16),
    "python-socketio": Child.python("lessons_src/programs/17/crowd.py"),
    "official": Child.node("lessons_src/programs/17/crowd.mjs"),
}

# %% tags=["measured"]
found = {}
for name, crowd in crowds.items():
    async with crowd as server:
        found[name] = await measured(server)
show(found, GROWING)

# %%
guess_bell.reveal(
    "a",
    "Bob notices nothing, until the server is gone. And then so does everybody else.",
    b="Then somebody would have to wait for Mr Bell. None of the three does.",
    c="A queue that is long is a matter of memory. Bob has a queue of his own.",
)

# %% [markdown]
# So the boss's row *does not let one slow client hold up the others* has been green since lesson 08, for your server, python-socketio and the official one. It is paid for with memory, and nothing in these pictures says where it ends.
# Something does: the ping stands in his queue, too, and after 20 to 45 seconds he is gone (lesson 10). At this pace that is up to 450 MB. *For one Mr Bell.* The heartbeat is a bound in time.
# What you need is one in bytes.
#
# ## 5. What one can do
#
# Somebody speaks faster than somebody else listens. The word for what the listener then does to the speaker is *backpressure*. There are four ways to answer it.
#
# | | what happens | good for | who does it |
# |---|---|---|---|
# | **wait** | the speaker stops until there is room | one speaker, one listener: a file, an upload | TCP; `await websocket.send()`; `drain` in lesson 09, for a client's own echo |
# | **keep** | it goes into a queue | a hiccup | `emit`, everywhere |
# | **drop** | it is gone, and nobody is told | what will be out of date anyway: a position, a price | `volatile` |
# | **cut off** | the listener is gone, and learns of it | who has missed too much to go on | you, in a moment |
#
# A broadcast cannot wait: all would wait for the slowest. (`for each in clients: await each.send(…)` is how a raw WebSocket chat fails that row of the list.) So: keep, up to a bound; then cut off. Whoever
# is cut off comes back by himself (lesson 11), with an empty queue. And what is worth nothing later: drop.
#
# ## 6. A queue with a bound
#
# First the queue has to be *yours*. At present it is asyncio's: `connection.write` takes whatever it is given. But asyncio says when it would rather have no more (64 KiB that the system has not taken), and `drain` says when it
# has room again. So a carrier may now return something: a function, which wants to know what it shall do when there is room. As long as it has none, the outbox keeps its packets, as it does when no poll is open. That is the
# `PausingOutbox` in the folded cell. It has a size and a bound, too, and does nothing with them: that is for you.

# %% tags=["export", "core", "folded"]
from collections.abc import Callable

from handmade import l09_core


class PausingOutbox(l09_core.Outbox):
    """Packets that wait for something to carry them, and as long as that has no room."""

    def __init__(self, transport: str) -> None:
        super().__init__(transport)
        self.is_busy = False
        self.size = 0  # how many bytes wait
        self.most = 10_000_000
        self.on_full: Callable[[], object] = lambda: None

    @property
    def is_writable(self) -> bool:
        """Whether a packet would go out at once."""
        return self.carrier is not None and not self.is_busy

    def flush(self) -> None:
        """Hand what waits to the carrier, if it has room. A poll carries once."""
        if self.packets and self.carrier and not self.is_busy:
            carrier, packets = self.carrier, self.packets
            self.packets = []
            if self.transport == "polling":
                self.carrier = None
            call_me_later: Any = carrier(packets)
            if call_me_later:  # that was all it has room for
                self.is_busy = True
                call_me_later(self.resume)

    def resume(self) -> None:
        """The carrier has room again."""
        self.is_busy = False
        self.flush()


# %% tags=["folded"]
from sys import getsizeof

from handmade import l17_async_and_backpressure as l17


def news(server, told):
    """Sixty pieces of news for who follows, and what the server is told of those who leave."""

    @server.on("connection")
    def welcome(socket):
        socket.on("follow", lambda answer: answer(socket.join("news")))
        socket.on("begin", lambda: server.start(tell_all()))
        socket.on("disconnect", told.append)

    async def tell_all():
        for _ in range(60):
            server.to("news").emit("news", "n" * 200_000)
            await asyncio.sleep(0.01)
        server.emit("end")

    return server


def with_outbox(Outbox, **settings):
    """Your server of this lesson, whose sessions have that outbox."""
    session_type = type("TheirSession", (l17.Session,), {"outbox_type": Outbox})
    engine_type = type("TheirEngine", (l17.Engine,), {"session_type": session_type})
    return type("TheirServer", (l17.Server,), {"engine_type": engine_type})(**settings)


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The bound
# *12 minutes, medium*
#
# The heart of it. Write `MyOutbox`, a `PausingOutbox` that counts. It has `self.size`, `self.most` and `self.on_full` already.
#
# - `send(packet)`: do what `super()` does. If the packet *waits* afterwards, it counts in `self.size`, with `getsizeof(packet)`: that is what Python needs for it. If now more than `self.most` bytes wait: drop all packets that
#   wait, so that none is kept, and call `self.on_full()`.
# - `flush()`: do what `super()` does. If nothing waits afterwards, the size is 0.
#
# The check puts your class into a server. Mr Bell follows the news there, and beside him the official client, who must miss nothing.
#
# <details><summary>The program that the check runs</summary>
#
# ```js news.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
# let heard = 0;
# socket.on("news", () => heard++);
# socket.on("connect", () => socket.emit("follow", () => socket.emit("begin")));
# socket.on("end", () => { console.log(heard); process.exit(); });
# socket.on("disconnect", (reason) => { console.log(reason); process.exit(); });
# ```
# </details>

# %% tags=["check"]
PACKET = "4" + "n" * 200
ONE = getsizeof(PACKET)


def filled(MyOutbox, count, most, transport="polling"):
    """An outbox to which so many packets were sent while nothing could carry them; and how often it was full."""
    outbox, full = MyOutbox(transport), []
    outbox.most, outbox.on_full = most, lambda: full.append(True)
    for _ in range(count):
        outbox.send(PACKET)
    return outbox, full


@check(
    "Begin with `super().send(packet)`. It has either handed everything to the carrier, and `self.packets` is empty, or the packet waits in there.",
    "`if self.packets:` count with `self.size += getsizeof(packet)`, and compare with `self.most`. At the bound nothing happens; above it, empty `self.packets`, set the size to 0, then call `self.on_full()`.",
    "`flush` is called when there is room again: `super().flush()`, and then `if not self.packets: self.size = 0`.",
    timeout=20,
)
async def check_outbox(MyOutbox):
    """Mr Bell is cut off when too much waits for him, and nobody else notices."""
    outbox, full = filled(MyOutbox, 3, 10 * ONE)
    expect(f"the size with three packets that wait, each of {ONE} bytes (`getsizeof`),", outbox.size, 3 * ONE)
    carried = []
    outbox.attach(lambda packets: carried.extend(packets))
    expect("how many packets a poll carries that comes then,", len(carried), 3)
    expect("the size when a poll has taken all of them,", outbox.size, 0)
    outbox, full = filled(MyOutbox, 4, 4 * ONE)
    expect(f"how often it was full with four packets, where {4 * ONE} bytes may wait,", len(full), 0)
    outbox.send(PACKET)
    if not full:
        raise Wrong("A fifth packet waits, where four may, and `on_full` was not called.")
    expect("how often `on_full` was called, how many packets still wait, and the size,", (len(full), len(outbox.packets), outbox.size), (1, 0, 0))
    busy, later = MyOutbox("websocket"), []
    busy.most, busy.on_full = 4 * ONE, lambda: full.append("busy")
    busy.attach(lambda packets: carried.extend(packets) or later.append)
    for _ in range(4):
        busy.send(PACKET)
    expect("the size with one packet handed on to a carrier that then has no room, and three that wait,", busy.size, 3 * ONE)
    later.pop()()
    expect("the size when the carrier has had room again,", busy.size, 0)
    free = MyOutbox("websocket")
    free.most, free.on_full = ONE // 2, lambda: full.append("free")
    free.attach(lambda packets: None)
    for _ in range(9):
        free.send(PACKET)
    expect("how often it was full, and the size, after nine packets that went out at once, each of them larger than the bound,", (len(full) - 1, free.size), (0, 0))
    told = []
    async with news(with_outbox(MyOutbox, max_queue_size=1_000_000), told).listen() as port, on_a_train(port):
        heard = await run_js(bench.program("17/news.mjs"), port, timeout=15)
        await until(lambda: len(told) >= 2)
    expect("how many of sixty pieces of news the official client heard", heard, "60")
    expect("why the server lost its two clients", sorted(told), ["queue full", "transport close"])


await check_outbox.verdict()

# %% tags=["export", "core"]
from sys import getsizeof

from handmade.l09_core import EnginePacket


class Outbox(PausingOutbox):
    """Packets that wait, up to `most` bytes. If more wait, all are dropped, and `on_full` is called."""

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, or have it wait."""
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self) -> None:
        """Hand what waits to the carrier, if it has room."""
        super().flush()
        if not self.packets:
            self.size = 0


# %% [markdown]
# What has been handed on is never counted, however large it is: asyncio may hold as much again. And a packet that many wait for is *one* object in all their queues; it is counted for each, because nobody knows who else has it.
#
# What to do at the bound is the session's business. It takes nothing more, and ends, but not in the middle of somebody's `emit`: whoever is speaking may finish first. And since all that you emit passes here, here it looks which
# thread sends.

# %% tags=["export", "core"]
from handmade import l16_who_is_there as l16


class Session(l16.Session):
    """A session whose client is cut off if it does not take what it is sent."""

    outbox_type = Outbox
    outbox: Any

    def __init__(self, transport: str, call_later: Callable[..., Any]) -> None:
        super().__init__(transport, call_later)
        self.outbox.on_full = self.cut_off
        self.thread = threading.get_ident()

    @property
    def is_writable(self) -> bool:
        """Whether a packet would go out at once."""
        return self.state == "open" and bool(self.outbox.is_writable)

    def send(self, packet: EnginePacket) -> None:
        """Send a packet, unless a goodbye was said. Raises RuntimeError in another thread."""
        if threading.get_ident() != self.thread:
            raise RuntimeError("This is not the server's thread: write server.from_thread(socket.emit, …).")
        super().send(packet)

    def cut_off(self) -> None:
        """Too much waits for this client: it gets nothing more. Who is speaking now may finish first."""
        self.state = "full"
        self.call_later(0, lambda: self.end("queue full"))

    def end(self, reason: str, goodbye: str = "1") -> None:
        """It is over; the goodbye does not wait for room."""
        self.outbox.is_busy = False
        super().end(reason, goodbye)


# %% [markdown]
# `queue full` is a reason of your own. The other two servers have neither it nor the bound. Your `disconnect` handlers hear it; the client sees `transport close`, over polling `transport error`, and comes back.
#
# `Frames` is folded: it returns that function when aiohttp says that writing is paused. And the `Options` will have `max_queue_size`, ten million bytes unless you say otherwise.

# %% tags=["export", "folded"]
import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from handmade import l09_long_polling_and_upgrade as l09
from handmade import l13_acknowledgements as l13
from handmade import l16_who_is_there as l16
from handmade.l09_core import EnginePacket


class Frames(l09.Frames):
    """The way back to a client over its WebSocket. It knows whether there is room."""

    def write(self, packets: list[EnginePacket]) -> Any:
        """Write packets. If there is no room for more, return a function that takes what to do later."""
        super().write(packets)
        return self.later if self.unsent.protocol.writing_paused else None

    def later(self, action: Callable[[], None]) -> None:
        """Call this as soon as the system has taken most of what waits here."""
        self.waiting = asyncio.create_task(self.wait(action))

    async def wait(self, action: Callable[[], None]) -> None:
        """Wait for room, or for the end of the connection."""
        with suppress(ConnectionError):
            await self.unsent.drain()
            action()


# %% [markdown]
# ## 7. What is worth nothing later
#
# A dealer's cursor moves over the chart, and everybody sees where it is: sixty positions a second. A position that waits is old before it arrives. The official server has a word for it: `io.volatile.emit(…)` sends to whom it can go out
# at once, and to nobody else. Nothing is kept.

# %%
guess_volatile = predict(
    "Mr Bell's connection has no room. A thousand positions are sent to everybody, volatile. Then he reads again. Which does he get?",
    a="The last one: of what is volatile the newest is kept.",
    b="None of them.",
    c="Whatever fits below the bound.",
)

# %% [markdown]
# An aim (lesson 14) that is volatile means those of its sockets that are *writable*. The decision is made once for an event, so no header goes out without its attachments. For one socket there is a small class with an `emit` of its own.

# %% tags=["export", "core"]
from dataclasses import dataclass, replace

from handmade import l14_core


@dataclass(frozen=True)
class Aim(l14_core.Aim):
    """Who is meant, as in lesson 14. If it is volatile: of those, who can take it at once."""

    is_volatile: bool = False

    @property
    def volatile(self) -> "Aim":
        """Those of them to whom it can go out at once."""
        return replace(self, is_volatile=True)

    def sockets(self) -> list[Any]:
        """Their sockets, each once."""
        found = super().sockets()
        return [socket for socket in found if socket.is_writable] if self.is_volatile else found


# %% [markdown]
# The rest is folded: sockets, namespaces, the server and the client learn the word (your client drops it while it is not connected or a POST is on its way; over a WebSocket it queues, and the official one drops), and the server
# learns `from_thread`, which you may look up.

# %% tags=["export", "core", "folded"]
from handmade.l14_core import Aiming


class Volatile:
    """A socket to which is said what nobody wants to hear later."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event if it can go out at once, else drop it."""
        if self.socket.is_writable:
            self.socket.emit(event, *arguments)


class VolatileSocket(Volatile, Aiming):
    """The same at a server, where a socket can speak to others, too."""

    def aim(self) -> Aim:
        """Everybody but this one, who can take it at once."""
        aim: Aim = self.socket.aim()
        return aim.volatile

    @property
    def broadcast(self) -> Aim:
        """The same."""
        return self.aim()


# %% tags=["export", "folded"]
from handmade import l09_core


class Socket(l16.Socket):
    """One client, as the handlers see it. It may be told something that is worth nothing later."""

    client: Any

    @property
    def is_writable(self) -> bool:
        """Whether an event would go out at once."""
        return self.connected and bool(self.client.session.is_writable)

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))


class Client(l16.Client):
    """One connection. Its sockets know whether there is room."""

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket


# %% tags=["export", "folded"]
from dataclasses import dataclass


@dataclass(frozen=True)
class Options(l13.Options):
    """The settings of a server: also how many bytes may wait in a client's outbox."""

    max_queue_size: int = 10_000_000


class Engine(l16.Engine):
    """Engine.IO whose outboxes keep no more than the Options say."""

    session_type, frames_type = Session, Frames

    def open(self, request: web.Request) -> Any:
        """A new session."""
        session = super().open(request)
        session.outbox.most = self.options.max_queue_size
        return session


class Speaking:
    """What can speak to all in a namespace."""

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    @property
    def volatile(self) -> Aim:
        """Everybody to whom an event can go out at once."""
        return self.aim().volatile


class Namespace(Speaking, l16.Namespace):
    """A namespace that drops what is worth nothing later."""


# %% tags=["export", "folded"]
from threading import get_ident


class Server(Speaking, l16.Server):
    """A Socket.IO server that keeps a bounded number of bytes for each client, with Options."""

    options_type: type[l13.Options] = Options
    engine_type = Engine
    client_type: type[l13.Client] = Client
    namespace_type = Namespace
    loop: asyncio.AbstractEventLoop | None = None
    thread: int | None = None

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application."""
        super().attach(app, path)
        app.on_startup.append(self.begin)

    async def begin(self, app: web.Application) -> None:
        """Remember where it runs."""
        self.loop, self.thread = asyncio.get_running_loop(), get_ident()

    def from_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in the server's thread, from another one. Returns, or raises, what that does."""
        if get_ident() == self.thread:
            raise RuntimeError("This is the server's own thread: call the function as it is.")
        if self.loop is None:
            raise RuntimeError("The server does not listen yet: it has no thread that could call the function.")

        async def call() -> Any:
            result = function(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()


# %% tags=["export", "folded"]
from handmade import l15_namespaces as l15
from handmade.l16_core import ConnectError as ConnectError


class ClientSocket(l16.ClientSocket):
    """Your end of a namespace. It may say what is worth nothing later."""

    @property
    def is_writable(self) -> bool:
        """Whether a POST would take an event at once, or the WebSocket's queue, which takes all."""
        engine = self.io.engine
        return bool(self.connected and engine and engine.outbox.carrier and not engine.is_late)

    @property
    def volatile(self) -> Volatile:
        """This socket for an event that is dropped unless it can go out at once."""
        return Volatile(self)


class Manager(l16.Manager):
    """One connection, and the sockets that share it."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace of a Socket.IO server, as the `io` of lesson 16 does. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)


# %%
club = news(Server(), told=[])
mine = await bench.start("mine", club.listen())

async with on_a_train(mine) as bell:
    (socket,) = club.sockets.values()
    while socket.is_writable:  # until his connection has no room
        club.emit("news", "n" * 200_000)
        await asyncio.sleep(0)
    for position in range(1000):
        club.volatile.emit("position", position)
    club.emit("end")

    events = await read_on(bell, "end")
print(events.count("position"), "positions,", events.count("end"), "end")

# %%
guess_volatile.reveal(
    "b",
    "Dropped is dropped. `end`, which is not volatile, waited and arrived. The next position that is sent will find room again.",
    a="That is what one would like, and it takes a store by name: the newest position of each cursor. You could build it in an afternoon; `volatile` is the afternoon before.",
    c="What is volatile never waits, so the bound has nothing to do with it.",
)

# %% [markdown]
# The official server drops earlier than yours: its transport is not writable from one write to the system's answer, so a volatile event right behind another `emit` is lost to a client on a perfect line (4.8.4). Yours has room
# over WebSocket until more than 64 KiB wait; an open poll carries once.
#
# ## 8. The complaints, again
#
# **Eleven o'clock.** Your server as it was, and as it is, with five million bytes for each client:

# %% tags=["measured"]
async with in_a_process(17, max_queue_size=5_000_000) as server:
    bounded = await measured(server)
show({"yours, lesson 16": found["yours, lesson 16"], "yours, now": bounded}, BOUNDED)

# %% [markdown]
# **The thread**, which had emitted into a sleeping loop:

# %%
bob, heard = join(mine), asyncio.Queue()
bob.on("news", heard.put_nowait)
await until(lambda: bob.connected)
try:
    await asyncio.to_thread(club.emit, "news", "from a thread")
except RuntimeError as error:
    print(error)

await asyncio.to_thread(club.from_thread, club.emit, "news", "from a thread, by the door")
print(await heard.get())
bob.disconnect()

# %% [markdown]
# ## 9. Where it ends
#
# A server is used by people whom it does not know. Whatever they can make it keep needs a number, and something that happens there. Most of them you have built in earlier lessons. All in one table:
#
# | what piles up | at most | what happens there | since |
# |---|---|---|---|
# | bytes in a client's outbox | `max_queue_size` = 10,000,000 | he is cut off: `queue full` | 17 |
# | acknowledgements that a socket still owes you | `max_unanswered` = 1,000 | `emit` raises `RuntimeError`: you ask too much | 13 |
# | sessions of one address that have joined nothing | `max_strangers` = 1,000 | HTTP 403; a WebSocket gets 400 | 10 |
# | seconds until one has joined something | `connect_timeout` = 45 | goodbye | 10 |
# | seconds without a pong | `ping_interval` + `ping_timeout` = 25 + 20 | `ping timeout` | 10 |
# | bytes in a message, or in a POST | `max_http_buffer_size` = 1,000,000 | HTTP 413 and the session lives; a WebSocket is closed with 1009 | 08 |
# | seconds for the body of a POST | `body_timeout` = 30 | HTTP 408: `transport error` | 10 |
# | seconds for a WebSocket that wants to take over | `upgrade_timeout` = 10 | it is shown out, the session stays | 09 |
# | attachments of an event | 10 | `parse error` | 12 |
# | bytes in them | `max_attachments_size` = 10,000,000 | `parse error` | 12 |
# | seconds until the last of them | `attachments_timeout` = 45 | `parse error` | 12 |
# | events of a client that wait for your handlers | 256, and one more | his connection is not read until they have caught up | 08 |
# | what he says while more than 64 KiB wait for him | 512 KiB and one message more, which aiohttp keeps | his WebSocket is not read until he takes some | 09 |
#
# A whole class, a company, or all who come through a proxy of yours may have one address: whoever serves them sets `max_strangers` higher, `Server(max_strangers=5000)`. And some things have no bound at all: how many clients come and join, how many children of a
# pattern (lesson 15) each joins, what your own handlers keep, and what a client, yours or the official one, has not sent yet.

# %% [markdown]
# ## 10. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio 5.18 | JavaScript, the official one, 4.8 |
# |---|---|---|---|
# | drop what is late | `io.volatile.emit(…)` | – | `io.volatile.emit(…)` |
# | a bound for what waits | `Server(max_queue_size=…)` | – | – |
# | how much waits | `socket.client.session.outbox.size`, bytes | nothing public | `socket.conn.writeBuffer.length`, packets |
# | off the loop | `await asyncio.to_thread(work)` | the same | a worker: `node:worker_threads` |
# | from a thread | `io.from_thread(emit, …)` | `asyncio.run_coroutine_threadsafe(sio.emit(…), loop)` | a worker posts a message |
#
# In JavaScript you can add a bound, with a watchman who looks ten times a second: `if (socket.conn.writeBuffer.length > 25) socket.conn.close(true)`. Without `true` the official server would
# wait until all of it has gone out. Here is the crowd again, with him and Mr Bell.
#
# <details><summary>The program</summary>
#
# ```js watched.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# io.on("connection", (socket) => {
#   socket.on("follow", (answer) => answer(socket.join("news")));
#   socket.on("memory", (answer) => answer(process.memoryUsage().rss));
#   socket.on("disconnect", (reason) => console.log("left:", reason));
# });
# setInterval(() => io.to("news").emit("news", "n".repeat(200_000)), 20);
# setInterval(() => {
#   for (const socket of io.sockets.sockets.values()) {
#     if (socket.conn.writeBuffer.length > 25) socket.conn.close(true);
#   }
# }, 100);
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
watched = await bench.start("watched", Child.node("lessons_src/programs/17/watched.mjs"))
async with on_a_train(watched):
    await until(lambda: bool(watched.output), timeout=10)
print(watched.output)

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has what the check needs.

# %% tags=["folded"]
@contextlib.asynccontextmanager
async def cashier(in_order):
    """python-socketio with a handler that `in_order` decorates; gives where it listens."""
    sio = socketio.AsyncServer(async_mode="aiohttp")

    async def step(sid, name, seconds):
        await sio.emit("said", f"{name} begins", to=sid)
        await asyncio.sleep(seconds)
        if name == "bad":
            raise ValueError("this one fails")
        await sio.emit("said", f"{name} ends", to=sid)
        return f"{name} is done"

    sio.on("step", in_order(step))
    app = web.Application()
    sio.attach(app)
    async with bench.aiohttp(app) as site:
        yield site
        await sio.shutdown()


async def total(sid, *numbers):
    """A handler that adds."""
    return sum(numbers)


async def fail(sid, *arguments):
    """A handler that fails."""
    raise LookupError


def both(*names):
    """Each of them begins and ends, one after the other."""
    return [f"{name} {what}" for name in names for what in ("begins", "ends")]


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · One after the other
# *15 minutes, medium*
#
# The cashier runs python-socketio, and his handlers overlap. Write the decorator `in_order(handler)`. `handler` is an async function of `sid` and the arguments. What you return is one as well, and gives, or raises, what `handler` does; but its
# calls for one `sid` run one after the other, in the order in which they came. Different clients do not wait for each other, nor do different handlers, and a call that raises does not hold up the next.
#
# <details><summary>The program that the check runs</summary>
#
# ```js queue.mjs
# import { io } from "socket.io-client";
#
# const settings = { transports: ["websocket"], reconnection: false, forceNew: true };
# const heard = [];
# const answers = [];
# const sockets = people.map(() => io(url, settings));
# await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
# sockets.forEach((socket) => socket.on("said", (what) => heard.push(what)));
#
# for (const [who, name, seconds] of calls) {
#   sockets[who].emit("step", name, seconds, (answer) => answers.push(answer));
# }
# await new Promise((resolve) => setTimeout(resolve, patience));
# console.log(JSON.stringify({ heard, answers }));
# process.exit();
# ```
# </details>

# %% tags=["solution"]
from weakref import WeakValueDictionary


def in_order(handler):
    """A handler for python-socketio whose calls for one client run one after the other, as they came."""
    locks = WeakValueDictionary()  # a lock stays as long as a call has it or waits for it

    async def in_turn(sid, *arguments):
        lock = locks.setdefault(sid, asyncio.Lock())
        async with lock:  # who waits for it gets it in the order of coming
            return await handler(sid, *arguments)

    return in_turn


# %% tags=["check"]
async def stepped(in_order, calls, people=1, patience=900):
    """What is heard of these calls, (who, name, seconds), and what is answered."""
    async with cashier(in_order) as site, Middlebox(site) as line:
        watch(Wire(line, layer="Socket.IO"))
        said = await run_js(bench.program("17/queue.mjs"), line, people=list(range(people)), calls=calls, patience=patience)
    return json.loads(said)


async def in_one_queue(in_order):
    """Two steps of a client, while his other handler is asked; and a third step, when the first has ended."""
    heard, gate = [], asyncio.Event()

    async def step(sid, name):
        heard.append(f"{name} begins")
        await gate.wait()
        await asyncio.sleep(0.05)
        heard.append(f"{name} ends")

    stepping, adding = in_order(step), in_order(total)
    first, second = [asyncio.create_task(stepping("a sid", name)) for name in ("first", "second")]
    answer = asyncio.create_task(adding("a sid", 3, 4))
    await asyncio.wait([answer], timeout=2)
    is_answered = answer.done()
    gate.set()
    expect("whether another handler answers this client, while a step of his is not finished,", is_answered, True)
    await first
    await asyncio.gather(second, stepping("a sid", "third"))
    expect("what is heard of three calls, if the third comes when the first has ended,", heard, both("first", "second", "third"))


@check(
    "Something has to be kept for each `sid`: who of that client is at work. It lives outside the function that you return.",
    "An `asyncio.Lock` for each `sid`: `async with lock:` waits for its turn, and gives it back, also after an exception. Whoever waits for a lock gets it in the order of coming.",
    "`locks = WeakValueDictionary()` in `in_order`, so that no lock outlives its last call; then, in an inner `async def in_turn(sid, *arguments)`: `lock = locks.setdefault(sid, asyncio.Lock())` and `async with lock: return await handler(sid, *arguments)`.",
    timeout=20,
)
async def check_in_order(in_order):
    """Nobody overtakes himself, and nobody waits for another."""
    expect("what comes of `await in_order(total)(\"a sid\", 3, 4)`, where `total` returns 7,", await in_order(total)("a sid", 3, 4), 7)
    found = await stepped(in_order, [(0, "first", 0.3), (0, "second", 0.1), (0, "third", 0)])
    expect("what one client hears of three calls, the slowest first,", found["heard"], both("first", "second", "third"))
    expect("the acknowledgements", found["answers"], ["first is done", "second is done", "third is done"])
    await in_one_queue(in_order)
    found = await stepped(in_order, [(0, "slow", 0.9), (1, "quick", 0.3)], people=2, patience=1500)
    begun, ended = found["heard"][:2], found["heard"][2:]  # which of two connections is read first is chance
    expect("what two clients hear, a call of each,", sorted(begun) + ended, ["quick begins", "slow begins", "quick ends", "slow ends"])
    found = await stepped(in_order, [(0, "bad", 0.1), (0, "next", 0)])
    expect("what is heard if the first call raises,", found["heard"], ["bad begins", "next begins", "next ends"])
    (error,) = await asyncio.gather(in_order(fail)("a sid", 3), return_exceptions=True)
    expect("what `await` raises if the handler raises LookupError,", type(error).__name__, "LookupError")


await check_in_order.verdict()

# %% [markdown]
# ## The boss's list

# %%
await boss.review(boss.handmade(17))

# %% [markdown]
# No row has changed: twelve of fourteen, as after lesson 16. *Does not let one slow client hold up the others* was green before, and the list does not ask what it costs. You do.

# %% [markdown]
# ## What you have now
#
# - One thread: a handler that does not let go stops everybody. A second thread, a *watchdog*, sees where.
# - The events of one client: in yours each handler ends before the next begins. In the official server and python-socketio they may overlap at each `await`.
# - `emit` accepts. It does not wait, promises nothing, and belongs to the server's thread.
# - *Backpressure*: wait, keep, drop, cut off. A broadcast keeps up to a bound, and then cuts off; `volatile` drops.
# - A heartbeat is a bound in time, a queue needs one in bytes, and everything that others can fill needs a number.

# %% [markdown]
# ### Three questions
#
# <details><summary>1. A client on a slow line is cut off by <code>queue full</code>, comes back, and is cut off again, all day. What do you do?</summary>
#
# More is sent to him than his line can carry; no queue helps against that. Send less: `volatile` for what is out of date soon, one picture in ten, smaller ones. A larger bound only makes what he reads older.
# </details>
#
# <details><summary>2. Your handler of <code>upload</code> awaits a slow disk for a minute, and during that minute the same client's <code>cancel</code> is not heard. Why, and what helps?</summary>
#
# His events are handled one after the other, and `cancel` waits behind `upload`. Let the handler end: `server.start(save(…))`, and keep the task, so that `cancel` can cancel it.
# </details>
#
# <details><summary>3. Ten thousand clients, ten million bytes for each. How much memory does the server need?</summary>
#
# In the worst case a hundred gigabytes in the outboxes, and as much again in asyncio's buffers, so this bound protects you from one Mr Bell and not from ten thousand. Mostly they wait for the *same* packets, which are there once. Else divide the memory that you have by the clients
# that you expect, and set that.
# </details>
#
# ### What is still missing
#
# Mr Bell is cut off, and comes back with an empty queue. What he was told in between is gone, and he does not even know. That is lesson 18.
