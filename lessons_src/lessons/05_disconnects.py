# %% [markdown]
# # 05 · Disconnects
#
# **In {minutes} you kill a server in two ways, freeze it, and pull its cable. You learn who notices, when, with what
# words, and who never does: your browser among them.**

# %% [markdown]
# ## What the boss says
#
# > "The screen in the hall has shown the same price since Friday. It says *connected*, in green. Support says that the
# > server is fine. If something is broken, why does nobody say so?"
#
# The folded cell fetches the laboratory. Each section needs it and section 1, the exercises also section 11: to begin at
# another one, run those, and go on there.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Blackhole, Middlebox
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 4 minutes to the first server, 3 for each of the four ways to go (sections 2 to 5), 5 for the ghosts, 8 for keepalive and ping,
# 4 for the browser, 10 for the panel and coming back. With little time, do section 2, section 5 and the panel.
#
# **What goes wrong in a class.** Somebody leaves the server frozen and wonders why the next cell waits: each cell
# that begins with `call()` makes everything new. Windows has no SIGTERM: there "politely" is the same as "killed".
#
# **A question to start with:** "You are on the phone and the other one has said nothing for ten seconds. What do you say?"
# (Everybody says "are you there?", and nobody calls it a heartbeat.)

# %% [markdown]
# ## 1. A server that you may kill
#
# Most of your servers so far lived in the notebook, and you cannot kill that without losing the notebook. This one is a program of
# its own, in a process of its own: an echo server, and two things in it matter here. `add_signal_handler(signal.SIGTERM, server.close)` says what to do
# when the system asks the process to end, and `ping_interval=None` switches something off that section 8 is about.
#
# `bench.Child` starts it and knows how to hurt it. `call` makes all new, whatever you did to it before, and connects Ann. `listen` is
# what her program does all day: wait for the next message. It says what comes of that. (`comes_true` waits for something to be so, as long as you allow.)
#
# <details><summary>The program</summary>
#
# ```python server.py
# import asyncio
# import contextlib
# import json
# import os
# import signal
#
# from websockets.asyncio.server import serve
#
#
# async def echo(websocket):
#     async for message in websocket:
#         await websocket.send(message)
#
#
# async def main():
#     port = int(os.environ["PORT"])
#     async with serve(echo, "127.0.0.1", port, ping_interval=None, compression=None) as server:
#         with contextlib.suppress(NotImplementedError):  # Windows has no SIGTERM
#             asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
#         print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
#         await server.wait_closed()
#
#
# asyncio.run(main())
# ```
# </details>

# %%
import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

server = await bench.start("echo server", Child.python("lessons_src/programs/05/server.py"))


async def call(name="Ann", ping_interval=None, **settings):
    """The server made new, a new cable to it, and a client on that."""
    await bench.restart("echo server")
    cable = await bench.start("cable", Middlebox(server))
    address = bench.url(cable)
    return cable, await connect(address, user_agent_header=name, ping_interval=ping_interval, **settings)


async def listen(client, patience):
    """What a client learns that waits for a message for so many seconds."""
    try:
        return f"a message, {await asyncio.wait_for(client.recv(), patience)!r}"
    except ConnectionClosed as end:
        return f"{type(end).__name__}: {end}"
    except TimeoutError:
        return f"nothing. Its state is {client.state.name}"


async def comes_true(condition, seconds):
    """Whether `condition()` holds at some time in the next seconds."""
    for _ in range(round(seconds / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


# %%
cable, ann = await call()
await ann.send("Hello")
print("Ann hears:", await listen(ann, patience=2))

# %% [markdown]
# ## 2. Killed
#
# `kill -9` ends a process at once. On Linux and macOS it is the signal *SIGKILL*: the process cannot catch it, and does not run another line of its program.
# A crash of the interpreter ends a process in the same way, and so does a Linux system that has run out of memory.

# %%
guess_kill = predict(
    "The server is killed. It cannot say a word any more. When does Ann learn of it?",
    a="When she sends the next message.",
    b="Within milliseconds, though she only listens.",
    c="After about a minute, when some time-out is over.",
)

# %%
cable, ann = await call()
server.kill()
print("Ann learns:", await listen(ann, patience=5))

await cable.quiet()
Wire(cable, layer="TCP").snapshot()

# %%
guess_kill.reveal(
    "b",
    "The process is dead, but the operating system lives. It closes all that the process had open, and tells Ann's: FIN.",
    a="She need not. Her system is told at once and wakes her up.",
    c="You think of a machine that has lost its power. Here only a process died, and its system says so.",
)

# %% [markdown]
# Look at the end of the picture: *FIN*, "no more data", is TCP's word, and the system says it for the dead. (With bytes that
# the server had not read yet it would be *RST*, "reset"; on Windows it may be that in any case. Ann would learn as fast.) What is missing is WebSocket's word, the close
# frame. So Ann reads *no close frame received or sent*, and her `close_code` is 1006.

# %%
print("close code:", ann.close_code)

# %% [markdown]
# ## 3. Asked politely
#
# Who stops a server for good reasons, such as a new version, sends *SIGTERM*: please end. Many programs leave it at that and die of it
# as if they were killed. This one has a line for it: `server.close` tells every client goodbye, and then the program ends.

# %%
cable, ann = await call()
server.terminate()
print("Ann learns:", await listen(ann, patience=5))

await cable.quiet()
Wire(cable).snapshot()

# %% [markdown]
# 1001 is *going away*: the server ends, or the page is left. It is `ConnectionClosedOK`, no error. Ann knows that
# nobody crashed, and she may call again in a moment. That knowledge cost one line in the server.

# %% [markdown]
# ## 4. Frozen
#
# A process can also stand still and live. On Linux and macOS *SIGSTOP* does that on purpose. By accident it is a debugger at a breakpoint, or a handler
# that computes for a minute without an `await`.

# %%
guess_freeze = predict(
    "The server stands still. Ann sends `anyone?`. What happens to her `send`?",
    a="It returns at once, as if all were well.",
    b="It waits until the server takes the message.",
    c="It raises: nobody is there to take the message.",
)

# %%
cable, ann = await call()
server.freeze()
await ann.send("anyone?")
print("Ann has sent it.")
print("Ann learns:", await listen(ann, patience=1))

Wire(cable).snapshot()

# %%
guess_freeze.reveal(
    "a",
    "The server's system took the bytes, and told Ann's so. They lie in a buffer until the process reads them: for ever, if need be.",
    b="It would, after some megabytes, when the buffers of both systems are full. One message is nothing.",
    c="TCP is spoken by the system, not by the process. The system is awake.",
)

# %% [markdown]
# The message went all the way to the server's machine. No error, no FIN: the connection is open in every sense that
# TCP knows. Even a newcomer gets a connection, because the system accepts it. An answer to the handshake is what nobody gives:

# %%
try:
    await connect(bench.url(server), open_timeout=0.5)
except TimeoutError as problem:
    print("Bob, who is new:", problem)

# %% [markdown]
# Now let the server go on. It does not know that time has passed.

# %%
server.thaw()
print("Ann learns:", await listen(ann, patience=5))

# %% [markdown]
# ## 5. The cable
#
# Last, the one from the hall. Somewhere between the two a cable is pulled, a router dies, a Wi-Fi is left, a firewall
# forgets the connection. Or the other machine sleeps or has lost its power: then not even its system is left to acknowledge anything. The laboratory's
# word for it is the rule `Blackhole`: nothing passes any more.

# %%
guess_pull = predict(
    "The cable is pulled while Ann and the server have nothing to say. Who notices?",
    a="Both, within seconds: there is no connection any more.",
    b="Nobody, until somebody sends; then the sender gets an error at once.",
    c="Nobody. And a `send` succeeds as before.",
)

# %%
cable, ann = await call()
cable.rules = [Blackhole()]
await ann.send("anyone?")
print("Ann has sent it.")
print("Ann learns:", await listen(ann, patience=1))

Wire(cable).snapshot()

# %%
guess_pull.reveal(
    "c",
    "A connection is no thing on the line. It is what two systems remember. Nobody has told them to forget it.",
    a="A connection without traffic sends nothing, so there is nothing to miss.",
    b="The sender's system keeps the bytes and repeats them. On Linux it gives up after a quarter of an hour, and says so only then.",
)

# %% [markdown]
# This is often called *half-open*. Ann's arrow ends in the middle. Her system keeps the bytes and sends them again and again, with
# longer and longer pauses. Measured on Linux: the error came after 940 seconds, and every `send` until then succeeded in
# silence. (A program can ask for less there, with the socket option `TCP_USER_TIMEOUT`.) That is for those who send. Who only listens, like the screen in the hall, has nothing to repeat, and waits for ever if nobody asks (section 7).
#
# Plug it in again:

# %%
cable.rules = []
print("Ann learns:", await listen(ann, patience=5))

# %% [markdown]
# Be careful with that: this cable heals at once, because the middlebox hands on what it kept. On a real line you wait for the next
# repetition, which may be many seconds away. And a firewall that has forgotten you may not heal at all.

# %% [markdown]
# ## 6. Ghosts
#
# And the other side? Here is a server that keeps a list of who is there. Five clients come, the cable is pulled, the five
# shut their laptops and go home.

# %%
present = set()


async def lobby(websocket):
    """Keep the client on the list until it is gone."""
    present.add(websocket)
    try:
        async for _ in websocket:
            pass
    finally:
        present.discard(websocket)


# %%
guess_ghosts = predict(
    "Five clients are gone, and the cable was pulled before they went. How many are on the server's list?",
    a="Five, as long as the line is cut.",
    b="None: `finally` takes them off.",
    c="Five, for a few seconds.",
)

# %%
hall = await bench.start("lobby", serve(lobby, "127.0.0.1", 0, ping_interval=None))
hall_cable = await bench.start("hall cable", Middlebox(hall))
clients = [await connect(bench.url(hall_cable)) for _ in range(5)]

hall_cable.rules = [Blackhole()]
for client in clients:
    client.transport.abort()
await hall_cable.trace.wait(lambda: sum(record.event == "fin" for record in hall_cable.trace) == 5)
print("clients that are there:     ", sum(not client.transport.is_closing() for client in clients))
print("clients on the server's list:", len(present))

# %%
guess_ghosts.reveal(
    "a",
    "`finally` runs when the handler ends, and the handler waits for a word that was lost. For ever is a long time to pay for.",
    b="It would, if the handler came to its end. It waits.",
    c="Nothing is under way that could come after a few seconds.",
)

# %% [markdown]
# Each of them is a *ghost*: a handler, a socket, some memory, and a name in the list of who is online. Nothing on the server looks wrong.
# On a train the tunnels make new ones every minute. After some weeks the server has no file descriptors left, and somebody restarts
# it every Monday and does not know why it helps.
#
# When this line heals, the five goodbyes that it kept get through. (On a real one nobody is left to repeat them, and the ghosts stay.) Here they go:

# %%
hall_cable.rules = []
print("The list is empty:", await comes_true(lambda: not present, 5))

# %% [markdown]
# ## 7. Does TCP not look after that?
#
# It can. The option is *keepalive*: the system asks the other system now and then. Look whether it is on:

# %%
import socket

cable, ann = await call()
option = ann.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
print("keepalive is on:", bool(option))

# %% [markdown]
# It is off unless a program wants it. Who switches it on gets Linux's defaults: the first question after **two hours** of
# silence, and an error when nine of them, 75 seconds apart, had no answer. A program can tune that for itself (Chromium asks after 45 seconds, except on Android and iOS); a
# page in a browser cannot. But above all, it asks the wrong one. The *system* answers, so a frozen server passes the test. And if there
# is a proxy in between, then the proxy's system answers, and knows nothing about the cable behind it.
#
# The question must go to the program at the other end, and WebSocket has one.

# %% [markdown]
# ## 8. Are you there?
#
# A *ping* is a frame of a few bytes, which the other end must answer with a *pong*.
# In Python `await ws.ping()` sends it and gives you something to wait for. You decide how long.

# %%
async def ask(client):
    """Send a ping; say what came back within half a second."""
    pong = await client.ping()
    try:
        await asyncio.wait_for(pong, 0.5)
        return "a pong"
    except TimeoutError:
        return "silence"


# %%
guess_ping = predict(
    "Ann pings three times: a server that is well, one that is frozen, one behind a pulled cable. When does she hear a pong?",
    a="All three times: the system answers, as for TCP.",
    b="Twice: the frozen server's library still answers.",
    c="Once: the server that is well.",
)

# %%
cable, ann = await call()
print("well:        ", await ask(ann))
server.freeze()
print("frozen:      ", await ask(ann))
server.thaw()

cable, ann = await call()
cable.rules = [Blackhole()]
print("cable pulled:", await ask(ann))

# %%
guess_ping.reveal(
    "c",
    "Somebody has to read the ping and write the pong, and that is the process. One question finds both troubles.",
    a="The system knows TCP. It takes a ping for bytes like any others.",
    b="The library is a part of the process. It stands still with it.",
)

# %% [markdown]
# So a pong proves that a process reads there. (A proxy that speaks WebSocket itself may be the one that answers.)
# Silence is no proof. It may be a slow line, or a server with much to do; and `websockets` stops reading while a
# handler leaves more than 16 messages lying. But you have to decide at some time, and after
# that time the connection is of no use to you anyway.
#
# You need not write this loop. `websockets` has it, and it is on unless you switch it off, as you did above:

# %%
import inspect

for name in ("ping_interval", "ping_timeout", "close_timeout"):
    print(f"{name:14}", inspect.signature(connect).parameters[name].default, "seconds")

# %% [markdown]
# A ping each 20 seconds. No pong for 20 more, and the library closes with 1011. Then it waits up to 10 seconds for the other's close frame,
# which cannot come. Only then does your `recv()` raise: 30 to 50 seconds after the cable was pulled. (Later, if megabytes of yours are still waiting to be sent: the ping
# has to wait for room in that buffer, and its clock starts only then.) Here it is with 0.3 seconds for each:

# %%
cable, ann = await call(ping_interval=0.3, ping_timeout=0.3, close_timeout=0.3)
cable.rules = [Blackhole()]
print("Ann learns:", await listen(ann, patience=5))
print("close code:", ann.close_code)

await cable.trace.wait(lambda: any(record.event == "fin" for record in cable.trace))
Wire(cable).snapshot()

# %% [markdown]
# Read Ann's end closely. She *sent* 1011, "I give up on you", and it vanished like the ping before it. Nothing was
# received, so her own `close_code` is 1006. Two numbers, one end, and both are right.

# %% [markdown]
# ## 9. And in a browser?
#
# JavaScript's `WebSocket` tells you about the end in `onclose`. This server pulls its own cable when it is told *now*. Half a second later
# the script sends something, then it looks at what its `WebSocket` thinks.

# %%
guess_browser = predict(
    "The page has an `onclose` and an `onerror`. The cable is pulled, and the page sends a message. Which of them is called?",
    a="`onclose`, at once, with 1006.",
    b="`onerror`, at the `send`.",
    c="Neither. The socket says that it is open.",
)

# %% [markdown]
# Node.js runs the script.
#
# <details><summary>The script</summary>
#
# ```js anyone.js
# const socket = new WebSocket(url);
# socket.onclose = socket.onerror = (event) => console.log("noticed:", event.type);
# socket.onopen = () => {
#   socket.send("now");
#   setTimeout(() => socket.send("anyone?"), 500);
#   setTimeout(() => {
#     console.log("readyState:", socket.readyState, "where OPEN is", WebSocket.OPEN);
#     console.log("bytes that wait to be sent:", socket.bufferedAmount);
#     console.log("a function to send a ping:", typeof socket.ping);
#     process.exit();
#   }, 1000);
# };
# ```
# </details>

# %%
async def saw(websocket):
    """Cut the connection in silence when the client says so."""
    async for _ in websocket:
        js_cable.rules = [Blackhole()]


script = bench.program("05/anyone.js")
saw_server = await bench.start("saw", serve(saw, "127.0.0.1", 0, ping_interval=None, compression=None))
js_cable = await bench.start("js cable", Middlebox(saw_server))
print(await bench.javascript(script, url=bench.url(js_cable)))

# %%
guess_browser.reveal(
    "c",
    "Many programs are built on the belief that a disconnection is an event. It is an event if somebody says so. Silence is none.",
    a="Somebody would have to tell the browser. The one who could is cut off.",
    b="The browser handed the bytes to its system, and that took them. From there on it knows no more than you.",
)

# %% [markdown]
# The last line is the bad news. A browser answers pings, but a page cannot send one, and is not told when one comes. So the page in the
# hall cannot find out with WebSocket alone. It needs a heartbeat that a script can see: a *message*, now and then, and a clock that
# misses it. Socket.IO's server sends such a message, and this is why. You build it in lesson 10. (Such a clock may be late: in a tab that nobody
# looks at, Chromium lets timers run once a second, and after a minute or more perhaps once a minute.)
#
# The browser itself has a little more. Chromium's keepalive asks the *system* at the other end each 45 seconds. Measured on Linux, on a direct line: an idle
# socket got its 1006 seven and a half minutes after the cut. Behind a proxy, or with a frozen server, somebody's system always answers, and it waits for ever.

# %% [markdown]
# ## 10. The panel
#
# Everything at once. One server in its own process, one cable, three clients: Ann, who pings each second; Bob, who does
# not; and **your browser**, with a plain `new WebSocket`. And because a connection has two ends, the server's three handlers have a line
# each, too. Whoever believes in something that is not there is marked ✗, and the seconds count. In the drawing above the list, a ring
# is an end that knows it is over.

# %% tags=["demo"]
panel = await bench.start("panel", OutagePanel)
panel

# %% [markdown]
# Try these. Say first who will notice, then press:
#
# 1. **kill −9**. Compare the milliseconds. Then **restart**: who comes back?
# 2. **Reset**, **pull it**, **send a message**. Watch until Ann has given up. Then look at the server's handler of Ann.
# 3. **plug it in again**. Which messages arrive now? What does the handler of Ann learn?
# 4. **Reset**, **freeze**, **stop politely**. A polite question to a frozen server: what comes of it? Then **thaw**.
# 5. **Reset**, **pull it**, and leave the page open while you do the exercises.
#
# <details><summary>What you should have seen</summary>
#
# 1. Everybody knows within some milliseconds; nobody comes back.
# 2. Ann notices after 2 to 3 seconds. Her handler is a ghost: her goodbye never got there.
# 3. Bob's and the browser's echoes come back, all that was sent meanwhile. Ann's handler reads her late 1011.
# 4. Nothing, until it thaws: then it reads the signal and says goodbye with 1001.
# 5. The counter goes on. That is the screen in the hall.
# </details>

# %% [markdown]
# The same panel without a finger: each trouble once, and what each of the six witnesses says of it in the end. (A number is the close code with
# which somebody noticed. Your browser can say something only if this page is open while the cell runs; the notebook was saved without one.)

# %% tags=["folded"]
import re

from IPython.display import Markdown

troubles = {"kill": "killed", "stop": "asked to end", "freeze": "frozen", "pull": "cable pulled"}
noticing = ["Ann", "Bob", "your browser"]


def testimony(party):
    """What a witness says: the close code, or what it believes."""
    codes = re.findall(r"\b1\d{3}\b", party.noticed)
    mistaken = " ✗" if panel.model.mistaken(party) else ""
    return codes[-1] if codes else panel.model.words(party).split(":")[0] + mistaken


grid = {party.name: [] for party in panel.model.parties}
for trouble in troubles:
    await panel.press("reset")
    await panel.press(trouble)
    await panel.wait(*(noticing if trouble in ("kill", "stop") else ["Ann"]))
    for party in panel.model.parties:
        grid[party.name].append(testimony(party))

rows = [["", *troubles.values()], ["---"] * 5, *([name, *said] for name, said in grid.items())]
Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))

# %% [markdown]
# With the times, it is the summary of the lesson:
#
# | | a client without pings, a browser | a client with pings | the server |
# |---|---|---|---|
# | killed | at once, 1006 | at once, 1006 | is gone |
# | asked to end | at once, 1001 | at once, 1001 | knows |
# | frozen | never | after interval and both time-outs | sleeps |
# | cable pulled | never, or after many minutes | after interval and both time-outs | never, unless *it* pings, or sends and waits many minutes |
#
# The right column is easily forgotten. Ann's pings protect Ann. The server needs pings of its own, and `websockets` sends them
# from both ends: that is the default which you switched off.

# %% [markdown]
# ## 11. And then?
#
# Who has noticed can do something: come back. Did you see anybody come back on the panel? A browser's `WebSocket` never tries again, and
# neither do Ann and Bob. It is one loop more. The following one is naive:

# %%
async def stay(url, name, heard):
    """Connect, listen, and connect again, for ever."""
    while True:
        try:
            async with connect(url, user_agent_header=name) as client:
                async for message in client:
                    heard.append(message)
        except (OSError, ConnectionClosed):
            pass
        await asyncio.sleep(0.2)


# %%
async def greet(websocket):
    """Send one message and stay until the client leaves."""
    await websocket.send("You are connected.")
    async for _ in websocket:
        pass


greeter = await bench.start("greeter", lambda port=0: serve(greet, "127.0.0.1", port))
heard = []
staying = asyncio.create_task(stay(bench.url(greeter), "Ann", heard))

for number in (1, 2, 3):
    print(f"server number {number}: Ann is here:", await comes_true(lambda: heard, 5))
    heard.clear()
    await bench.restart("greeter")
stopped = staying.cancel()

# %% [markdown]
# She comes back. But a thousand Anns would come back in the same fifth of a second, again and again, until the server that has barely
# risen falls over. Nobody has told her what she missed. And she is a new connection: the server does not know that it
# is Ann. Lesson 11 and lesson 18 are about the rest.

# %% [markdown]
# ## Exercises
#
# The checks watch the wire while your code runs; the folded cell is their eye.

# %% tags=["folded"]
from wirelab.decode import Decoder
from wirelab.trace import Trace


def frames_up(box):
    """The kinds of frames that clients have sent through a middlebox."""
    return {unit.kind for unit in Decoder(box.trace).update() if unit.direction == "up"}


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Is it alive?
#
# *8 minutes, easy*
#
# Write `is_alive(websocket, patience)`: true if the process at the other end answers within `patience` seconds. It must not take
# messages away from whoever reads them, nor close the connection, and it must not raise, whatever state the connection is in.

# %% tags=["solution"]
async def is_alive(websocket, patience):
    """Return True if the other end's process answers within `patience` seconds, else False."""
    try:
        async with asyncio.timeout(patience):
            pong = await websocket.ping()
            await pong
    except (TimeoutError, ConnectionClosed):
        return False
    return True


# %% tags=["check"]
@check(
    "Your end knows nothing new by itself. `pong = await websocket.ping()` asks. How long do you wait for `pong`?",
    "Sending may wait, too, when much is on its way already. Put both into `async with asyncio.timeout(patience):`.",
    "`pong = await websocket.ping()` and `await pong` in there, a `try` around it, and "
    "`except (TimeoutError, ConnectionClosed): return False`.",
    timeout=25,
)
async def check_is_alive(is_alive):
    """It tells the living from the frozen, the cut off and the closed, and it takes no message away."""
    async def says(client, why_it_waits="An end to waiting is what `asyncio.timeout` makes."):
        asking = asyncio.ensure_future(is_alive(client, 0.4))
        await asyncio.wait([asking], timeout=2)
        if not asking.done():
            asking.cancel()
            raise Wrong(f"Patience was 0.4 seconds, and it still waits after 2. {why_it_waits}")
        return await asking

    async with (
        serve(greet, "127.0.0.1", 0, compression=None) as well, Middlebox(well) as line,
        Child.python("lessons_src/programs/05/server.py") as frozen, Middlebox(frozen) as ice,
    ):  # fmt: skip
        watch(Wire(line))
        settings = {"ping_interval": None, "compression": None, "close_timeout": 0.2}
        ann, bob = [await connect(bench.url(box), user_agent_header=name, **settings)
                    for box, name in ((line, "Ann"), (ice, "Bob"))]  # fmt: skip
        if not await says(ann):
            raise Wrong("The server is well, and you do not say True. It answers no messages, but it answers pings.")
        reading = asyncio.ensure_future(ann.recv())
        await asyncio.wait([reading], timeout=1)
        if not reading.done() or reading.exception():
            raise Wrong("The server had sent a message, and nobody can read it any more. No `recv()`, no closing: only ask.")
        line.rules = [Blackhole()]
        frozen.freeze()
        for client, box, what in ((ann, line, "The cable is pulled"), (bob, ice, "The server is frozen")):
            watch(Wire(box))
            if await says(client):
                why = "You sent nothing. `state` is what this end remembers, and nobody told it."
                if "ping" in frames_up(box):
                    why = "The ping went out. But `ping()` only sends it: await what it gives you, and say False if that is late."
                elif "pong" in frames_up(box):
                    why = "A pong asks nothing, and nobody answers it: send a ping."
                elif "text" in frames_up(box):
                    why = "That `send` succeeds proves nothing: the system takes the bytes."
                raise Wrong(f"{what}, and you say True. {why}")
            if client.state.name != "OPEN":
                raise Wrong(f"{what}, and you closed the connection. The line may heal. You were only asked whether it lives.")
        talking = asyncio.ensure_future(ann.send(bytes(20_000_000)))
        await asyncio.wait([talking], timeout=0.2)
        full = "20 MB are on their way to nowhere, and `websocket.ping()` itself has to wait: put it inside the time-out, too."
        expect("is_alive on a cut line that is full", await says(ann, full), False)
        ann.transport.abort()
        await asyncio.wait([talking])
        talking.exception()
        await ann.wait_closed()
        expect("is_alive on a closed connection", await says(ann), False)


await check_is_alive.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · No ghosts
#
# *15 minutes, medium*
#
# Write a class `Roll` with a handler and a set `present`. Each client is in the set while it is really there. Your handler asks it every
# `interval` seconds, and who has not answered after `patience` seconds is off the list. The clients themselves say nothing at all.

# %% tags=["solution"]
class Roll:
    """Knows who is really there."""

    def __init__(self, interval, patience):
        """Ask each client every `interval` seconds; it has `patience` seconds to answer."""
        self.interval = interval
        self.patience = patience
        self.present = set()

    async def handler(self, websocket):
        """Keep the client in `present` until it leaves or no longer answers."""
        self.present.add(websocket)
        try:
            while True:
                await asyncio.sleep(self.interval)
                async with asyncio.timeout(self.patience):
                    pong = await websocket.ping()
                    await pong
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            self.present.discard(websocket)


# %% tags=["check"]
@check(
    "`wait_closed()` and `async for` wait for a word from the client. Who speaks first instead?",
    "A loop in the handler: `asyncio.sleep(self.interval)`, and then, inside `asyncio.timeout(self.patience)`, a ping and its pong.",
    "`add` before the loop; `except (TimeoutError, ConnectionClosed): pass`; and in `finally` the `discard`.",
    timeout=20,
)
async def check_roll(Roll):
    """Ann is quiet and stays, Bob says goodbye, Cy vanishes without a word. The list is right."""
    roll, trace = Roll(interval=0.2, patience=1.0), Trace()
    settings = {"ping_interval": None, "compression": None, "close_timeout": 0.2}
    async with (
        serve(roll.handler, "127.0.0.1", 0, **settings) as server,
        Middlebox(server, trace=trace) as good, Middlebox(server, trace=trace) as bad,
    ):  # fmt: skip
        watch(Wire(good))
        if not hasattr(roll.present, "__len__"):
            raise Wrong(f"`present` is {roll.present!r}. It is a set, of the connections that are there.")
        _ann, bob, _cy = [await connect(bench.url(box), ping_interval=None, user_agent_header=name)
                          for box, name in ((good, "Ann"), (good, "Bob"), (bad, "Cy"))]  # fmt: skip
        if not await comes_true(lambda: len(roll.present) == 3, 1):
            raise Wrong(f"Three clients came, and `present` has {len(roll.present)}. Add each of them as soon as it connects.")
        await bob.close()
        if not await comes_true(lambda: len(roll.present) < 3, 2):
            raise Wrong("Bob said goodbye and is still in `present`. Take him off in `finally`.")
        bad.rules = [Blackhole()]
        if not await comes_true(lambda: len(roll.present) < 2, 3):
            raise Wrong("Cy's cable was pulled, and he is still there. " + (
                "You ask him. What happens when no pong comes?" if "pong" in frames_up(good)
                else "Ann, who is there, was never asked: the wire saw no pong of hers."))
        if await comes_true(lambda: not roll.present, 1.5):
            raise Wrong("Ann is off the list, too. She says nothing, but she is there and answers pings. " + (
                "Ask her again and again, as long as she answers, and take nobody off but the one who is gone." if "pong" in frames_up(good) else "Do not wait for messages."))


await check_roll.verdict()

# %% [markdown]
# ## What you have now
#
# - A process that dies does not matter much: its system closes the connections, and the other end knows within milliseconds (1006).
# - A server that is asked to end can say goodbye: 1001. It needs a line for SIGTERM.
# - A frozen process and a pulled cable look alike: everything open, every `send` successful, no answer. Nobody is told.
# - Both ends have to look for themselves. A server that does not collects ghosts.
# - TCP's keepalive comes late, after two hours by default, and asks the system. A ping asks the process.
# - `websockets` pings by itself: 20 + 20 + 10 seconds at most, then `recv()` raises, unless your own send buffer is full. A page in a browser cannot ping.
# - Noticing is one half. Coming back is the other, and no browser's `WebSocket` does it for you. (`async for websocket in connect(url)`, in Python, does.)
#
# ### Three questions
#
# <details><summary>1. The screen in the hall says "connected". What does that tell you?</summary>
#
# That nobody has told it otherwise. It is what one end remembers. The last *answer* is what you know, and how old it is.
# </details>
#
# <details><summary>2. A colleague sets the ping time-out to one second, so that trouble is found at once. What do you say?</summary>
#
# That each pause of a second is trouble then: a slow line, a phone that changes cells, a server that is busy. It closes connections that were
# well, and all of these clients come back at the same time. Between fast and patient you have to choose.
# </details>
#
# <details><summary>3. The client pings the server every 20 seconds. Does the server need pings of its own?</summary>
#
# Not to stay connected. But it could not know that the pings *should* have come: a client that is cut off stops asking, and nobody
# hears silence. Either it pings too, or it expects a sign from the client and keeps a clock. In Engine.IO 4 the server pings, and the client
# keeps a clock that misses the pings: lesson 10.
# </details>
#
# ### What is still missing
#
# Two more rows of the boss's list are red, and you know why: nobody notices a silent end in a browser, and nobody comes back. You repair them in
# lessons 10 and 11. First the boss wants pictures: the messages have been small so far. Lesson 06 sends something large.
