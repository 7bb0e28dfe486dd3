# %% [markdown]
# # 04 · Load balancers
#
# **In {minutes} you put a second server behind your one address, and see four things break that were never broken
# before.** You repair two of them; for the other two you learn whom to ask.

# %% [markdown]
# ## What the boss says
#
# > "One server was full at four in the afternoon, so I had a second one put beside it, and a load balancer before
# > both. Now half of the customers say that the chat is empty, the prices stop at night, and when we restarted a
# > server yesterday the other one nearly died. It is twice the hardware. Why is it half the fun?"
#
# The first folded cell fetches the laboratory. Each section needs section 1 besides, section 6 needs section 5, and the exercises need sections 3 to 5. To begin at one of them, click its
# heading and take *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
import asyncio

from wirelab import bench
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import IdleDrop, IdleTimeout, Middlebox, RoundRobin, StickyByAddress, StickyByCookie
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 9 minutes for the two memories, 9 for the idle line, 10 for sessions, 12 for health and restart. If time is
# short, leave out the cookie and the exercises; do not leave out the restart, it is what they will meet first.
#
# **What goes wrong in a class.** Section 5 starts real processes and hangs one on purpose. Whoever stops in the middle
# runs the section again from its heading; `await bench.stop_all()` clears the whole bench.
#
# **A question to start with:** "A shop opens a second till. What must not depend on which till you go to?" (Prices, stock,
# your voucher: whatever one till alone remembers.)

# %% [markdown]
# ## 1. Two servers behind one address
#
# A *load balancer* is a middlebox with several servers behind it: clients know its address only, and it decides
# who gets whom. Start two echo servers that sign what they send back.

# %%
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


def signed_echo(name):
    """The handler of an echo server that signs with its name."""

    async def echo(websocket):
        async for message in websocket:
            await websocket.send(f"{message}, says {name}")

    return echo


one = await bench.start("server 1", serve(signed_echo("server 1"), "127.0.0.1", 0, compression=None))
two = await bench.start("server 2", serve(signed_echo("server 2"), "127.0.0.1", 0, compression=None))

# %% [markdown]
# The usual rule, and nginx's default, is *round robin*: each request goes to the next server, in turn. (The first
# argument of `Middlebox`, where it goes without such a rule, has no part in it.)

# %%
guess_robin = predict(
    "Ann connects through the balancer and sends three messages. Who answers them?",
    a="One server answers all three.",
    b="Server 1, server 2, server 1.",
    c="Both servers answer each of them.",
)

# %%
balancer = await bench.start("balancer", Middlebox(one, [RoundRobin([one, two])]))

for name in ("Ann", "Bob"):
    async with connect(bench.url(balancer), user_agent_header=name) as client:
        for message in ("Hello", "Still you?", "And now?"):
            await client.send(message)
            print(name, "hears:", await client.recv())

Wire(balancer, layer="HTTP")

# %%
guess_robin.reveal(
    "a",
    "To the balancer a WebSocket is a single request, the opening handshake. It chooses once; what comes after the 101 is a "
    "pipe into which it does not look.",
    b="So it would be if each message were a request. A WebSocket has one request, at its beginning.",
    c="A balancer divides the work. Sending everything to everybody would double it.",
)

# %% [markdown]
# On the wire, drawn here as HTTP, stands one request for each of them, and nothing else that a balancer could divide. (Choose *WebSocket* above
# it to see the messages.)
#
# So far, so good: two servers, twice the clients, and nobody had to change a line. Raw WebSocket even has an
# advantage here. A connection is one stream of bytes, and that never leaves its server.
#
# Then somebody keeps something in memory.

# %% [markdown]
# ## 2. A chat
#
# The smallest chat there is: a list of who is here, and every message goes to all of them.

# %%
from websockets.asyncio.server import broadcast


def chat():
    """The handler of a chat."""
    here = []

    async def handler(websocket):
        here.append(websocket)
        try:
            async for message in websocket:
                broadcast(here, message)
        finally:
            here.remove(websocket)

    return handler


chat_one = await bench.start("chat 1", serve(chat(), "127.0.0.1", 0, compression=None))
chat_two = await bench.start("chat 2", serve(chat(), "127.0.0.1", 0, compression=None))

# %%
guess_chat = predict(
    "Ann and Bob enter the chat through the balancer, Ann first. Ann writes “Hello”, then Bob writes “Anybody here?”. "
    "What does each of them read first?",
    a="Both read Hello.",
    b="Ann reads Hello, Bob reads his own Anybody here?",
    c="Each reads what the other one wrote.",
)

# %%
chat_balancer = await bench.start("chat balancer", Middlebox(chat_one, [RoundRobin([chat_one, chat_two])]))
url = bench.url(chat_balancer)

async with connect(url, user_agent_header="Ann") as ann, connect(url, user_agent_header="Bob") as bob:
    await ann.send("Hello")
    print("Ann reads:", await ann.recv())
    await bob.send("Anybody here?")
    print("Bob reads:", await bob.recv())

Wire(chat_balancer)

# %%
guess_chat.reveal(
    "b",
    "There are two lists called `here`, one in each server's memory. Bob talks to himself, and nothing has failed.",
    a="With one server they would. With two, Ann's Hello never leaves server 1.",
    c="That would need somebody who carries messages from one server to the other. Nobody does.",
)

# %% [markdown]
# No error, no log line, no red arrow: every part did what it was told. Cy, who comes third, lands on server 1 and chats
# happily with Ann. That is the worst of it: *half* of the customers complain, and tomorrow it is another half.
#
# The same happens without any balancer in sight. `gunicorn --workers 2`, `uvicorn --workers 2`, a process manager in
# "cluster mode", two pods: each of them is several memories behind one address. "Add workers and it scales" is true of
# what forgets everything between two requests. A chat does not. What is missing here is a way for servers to tell each
# other; lesson 19 builds it. Where everybody may write to everybody, no setting of the balancer replaces it.

# %% [markdown]
# ## 3. The line falls asleep
#
# The next complaint: prices stop at night. At night nobody buys gold, the price does not change, and the connection
# has nothing to say. The balancer pays for each connection, quiet or not, so it has an *idle time-out*:
# it looks how long nothing has passed, in either direction. Often 60 seconds are enough. Ours takes one.
#
# The folded cell starts an echo server without something that `websockets` does by itself (`ping_interval=None`); you will see in a moment what that is.

# %% tags=["folded"]
async def echo(websocket):
    """Send every message back."""
    async for message in websocket:
        await websocket.send(message)


quiet_server = await bench.start(
    "quiet server", serve(echo, "127.0.0.1", 0, compression=None, ping_interval=None)
)

# %%
guess_idle = predict(
    "Ann connects, says “Good night”, hears it back, and listens. Nobody says a word. What happens after a second?",
    a="Nothing: a connection stands until one of the two ends closes it.",
    b="The balancer sends a close frame with a code that says why.",
    c="Both ends are closed with 1006, and neither of them did it.",
)

# %%
from websockets.exceptions import ConnectionClosedError

night = await bench.start("night", Middlebox(quiet_server, [IdleTimeout(1)]))
ann = await connect(bench.url(night), user_agent_header="Ann", ping_interval=None)
await ann.send("Good night")
print("Ann hears:", await ann.recv())
try:
    await ann.recv()
except ConnectionClosedError as error:
    print(f"Ann is closed with {ann.close_code}: {error}")

await night.quiet()
Wire(night)

# %%
guess_idle.reveal(
    "c",
    "Two FINs start in the middle. Each end believes that the other one went without a goodbye.",
    a="The two ends did nothing. There is a third party on the line, and it may hang up.",
    b="A close frame is WebSocket, and the balancer stopped reading at the 101. TCP is all that it can say.",
)

# %% [markdown]
# The cure is to have something to say. WebSocket has two frames for it, *ping* and *pong*: whoever gets a ping must
# answer with a pong, and no message is involved. `websockets` sends a ping each 20 seconds if you do not
# forbid it. Your pause between pings must be shorter than the shortest time-out on the way; here, a fifth of a second. Watch the pings:

# %% tags=["demo"]
night = await bench.start("night", Middlebox(quiet_server, [IdleTimeout(1)]))
Wire(night)

# %%
async with connect(bench.url(night), user_agent_header="Ann", ping_interval=0.2) as ann:
    await asyncio.sleep(1.6)
    await ann.send("Good morning")
    print("Ann hears:", await ann.recv())

# %% [markdown]
# ### Who hangs up, and when
#
# "The proxy passes WebSocket" is half of the question. The other half is: for how long?
#
# | | after, by default | what both ends see |
# |---|---|---|
# | nginx, `proxy_read_timeout` | 60 s | FIN, 1006 |
# | HAProxy, `timeout client` and `timeout server` | as set, often 30 to 60 s | FIN (the server perhaps a RST), 1006 |
# | HAProxy, `timeout tunnel` | as set; after the 101 it replaces the two above | FIN (the server a RST), 1006 |
# | AWS, application load balancer | 60 s | the connection is closed, 1006 |
# | AWS, network load balancer | 350 s | nothing, until one end sends: then it gets a RST |
# | home routers and firewalls (*connection tracking*) | minutes to hours; Linux five days | nothing; what is sent later is dropped, answered with a RST, or with luck let through |
#
# Two rules follow. Ping at *half* of the shortest time-out at most: if pause and time-out are both 60 seconds, they race. And let the *server*
# ping, for a reason that comes with the JavaScript below. The default of `websockets`, 20 seconds, is a good one.
#
# The last row of the table is the nasty one. A firewall keeps a list of the connections that it has seen. It forgets the
# quiet ones, and many a firewall drops what it does not know.

# %%
guess_drop = predict(
    "A firewall on the way has forgotten Ann's connection. Ann sends a message. What does `await ann.send(…)` do?",
    a="It returns as always.",
    b="It waits until it times out.",
    c="It raises ConnectionClosedError.",
)

# %%
firewall = await bench.start("firewall", Middlebox(quiet_server, [IdleDrop(0.5)]))
ann = await connect(bench.url(firewall), user_agent_header="Ann", ping_interval=None)
await asyncio.sleep(0.8)

await ann.send("Is anybody there?")
print("send returned; the connection is", ann.state.name)
try:
    await asyncio.wait_for(ann.recv(), 0.5)
except TimeoutError:
    print("no answer; the connection is", ann.state.name)

Wire(firewall)

# %%
guess_drop.reveal(
    "a",
    "The message went to the operating system, which will try to deliver it (on Linux for about a quarter of an hour) before it "
    "gives up. Until then everything looks fine.",
    b="`send` does not wait for the other side; it waits only when its own buffer is full.",
    c="Who should tell Ann? Nobody on the way sent anything back.",
)

# %% [markdown]
# A time-out that says FIN is a friend: you learn of it and can come back. Silence is worse, and lesson 05 is about it. A
# ping in time avoids both.
#
# ### The same in JavaScript
#
# | | Python, `websockets` | JavaScript in a browser |
# |---|---|---|
# | answer a ping | the library does | the browser does |
# | send pings | `ping_interval=20`, by itself | there is no way: `WebSocket` has no `ping()` |
# | see that one came | `logging` at DEBUG | there is no way |
#
# So a browser depends on its server. Here is one script, run twice: at a server that never pings, and at one that does.
#
# <details><summary>The script</summary>
#
# ```js listen.js
# const socket = new WebSocket(url);
# socket.onopen = () => setTimeout(() => socket.close(1000), 1500);
# socket.onclose = (event) => console.log("closed:", event.code);
# ```
# </details>

# %% tags=["folded"]
ann.transport.abort()  # nobody else ends it
listen_js = bench.program("04/listen.js")

pinging_server = await bench.start(
    "pinging server", serve(echo, "127.0.0.1", 0, compression=None, ping_interval=0.2)
)

for at, habit in ((quiet_server, "a server that never pings"), (pinging_server, "a server that pings")):
    async with Middlebox(at, [IdleTimeout(1)]) as box:
        print(f"{habit:25} → {await bench.javascript(listen_js, url=bench.url(box))}")

# %% [markdown]
# ## 4. Sticky or not
#
# A WebSocket belongs to one server from its first byte to its last. But not everything that belongs together is one
# connection. Where WebSocket does not get through (lesson 03), there is a way to do the same with plain HTTP requests: the
# client asks again and again, and tells the server by a *session id* who it is. Socket.IO does that; lesson 09 takes
# it apart. For now you need to know one thing: *a session is many requests*.
#
# Start two of the official Socket.IO servers, each in a process of its own. They say hello with their name.
#
# <details><summary>Such a server</summary>
#
# ```js hello.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# new Server(http).on("connection", (socket) => socket.emit("hello", process.argv.at(-1)));
# http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
# ```
# </details>

# %% tags=["folded"]
hello_one, hello_two = [
    await bench.start(f"hello {n}", bench.Child.node("lessons_src/programs/04/hello.mjs", f"server {n}"))
    for n in (1, 2)
]

# %% [markdown]
# First by hand. Ann opens a session, and then she sends a packet twice, with the session id that she was given. (The answer that opens a session is
# a digit, the packet's type, and then JSON: `[1:]` takes everything from the second letter on.)

# %% misconception=3
guess_session = predict(
    "Three requests of one session, through a round-robin balancer with two servers. How many of them succeed?",
    a="All three: the session id says where they belong.",
    b="The first only.",
    c="The first and the third.",
)

# %%
import json

from aiohttp import ClientSession

hello_balancer = await bench.start("hello balancer", Middlebox(hello_one, [RoundRobin([hello_one, hello_two])]))
polling = bench.url(hello_balancer, "/socket.io/?EIO=4&transport=polling", scheme="http")

async with ClientSession(headers={"User-Agent": "Ann"}) as http:
    async with http.get(polling) as answer:
        sid = json.loads((await answer.text())[1:])["sid"]
        print("open:", answer.status)
    for _ in range(2):
        async with http.post(f"{polling}&sid={sid}", data="40") as answer:
            print("send:", answer.status, await answer.text())

Wire(hello_balancer, layer="HTTP")

# %%
guess_session.reveal(
    "c",
    "The second request went to server 2, and server 2 has never heard of this session. The third happened to be server "
    "1's turn again.",
    a="The balancer does not know what a session id is. It counts: one, two, one, two.",
    b="The turn comes round: every second request is right by luck. With ten servers it is every tenth.",
)

# %% [markdown]
# `Session ID unknown` (from a Python server: `Invalid session`) is reported again and again in Socket.IO's issue
# trackers. Now you know what it means most of the time: *there is more than one server, and your requests do not stay with one.* (One server
# alone says it too, when it was restarted, or when your session timed out.)
#
# (An arrow that ends at the middlebox and begins there anew was changed on its way: this balancer wants each request on a
# connection of its own, and says so in the header.)
#
# What does the official client make of it? It gives up a session after the first refusal and tries a new one, for
# ever; this script shows the first attempt.
#
# <details><summary>The script</summary>
#
# ```js client.js
# import { io } from "socket.io-client";
#
# const socket = io(url, options);
# socket.on("hello", (name) => { console.log("connected, and greeted by", name); socket.close(); });
# socket.on("connect_error", (error) => {
#   console.log("refused:", error.context?.status, error.context?.responseText);
#   socket.close();
# });
# ```
# </details>

# %% tags=["folded"]
client_js = bench.program("04/client.js")


async def try_client(rule, **options):
    """What the official client says behind a balancer with that rule."""
    async with Middlebox(hello_one, [rule]) as box:
        return await bench.javascript(client_js, url=bench.url(box, scheme="http"), options=options)


print(await try_client(RoundRobin([hello_one, hello_two])))

# %% [markdown]
# There are three ways out, and you can try each:
#
# - **One connection.** With `transports: ["websocket"]` there is one request and nothing to keep together, and no way
#   through the proxies of lesson 03 either.
# - ***Sticky by address.*** The balancer computes the server from the client's IP address: nginx's `ip_hash`,
#   HAProxy's `balance source`. (`ip_hash` looks at three of the four numbers of an IPv4 address.)
# - ***Sticky by cookie.*** The first answer brings a cookie with the server's number, and the client brings it back each time. (In a
#   browser the handshake of a WebSocket carries cookies as well, as far as their `SameSite` allows.)

# %%
both = [hello_one, hello_two]
print("one connection    →", await try_client(RoundRobin(both), transports=["websocket"]))
print("sticky by address →", await try_client(StickyByAddress(both)))
print("sticky by cookie  →", await try_client(StickyByCookie(both)))

# %% [markdown]
# The last one is a surprise, and a frequent one. The balancer did its part: it handed out a cookie. The client did not
# bring it back. In Node no program keeps cookies unless told so, and a browser sends none with what a script fetches from *another* origin
# (your page on `www.`, your server on `api.`) unless the script asks for it. There the server must agree, too, or the script may not
# read the answer (CORS). Ask for it:

# %%
print("sticky by cookie  →", await try_client(StickyByCookie(both), withCredentials=True))

# %% [markdown]
# ### Is it fair?
#
# A hundred customers sit in one office, behind one router. To the world they have one IP address (*NAT*). You can play
# that: whatever runs on this machine has the address 127.0.0.1.

# %%
guess_fair = predict(
    "Twelve clients come from one address. How are they divided between two servers: in turn, by address, by cookie?",
    a="6 and 6 each time.",
    b="In turn 6 and 6; by address 12 and 0; by cookie 6 and 6.",
    c="In turn 6 and 6; by address 6 and 6; by cookie 12 and 0.",
)

# %% tags=["folded"]
from collections import Counter


async def divided(rule):
    """How many of twelve clients, with a cookie jar each, land on which server: most first."""
    homes = Counter()
    async with Middlebox(one, [rule]) as box:
        for _ in range(12):
            async with ClientSession() as http, http.ws_connect(bench.url(box)) as websocket:
                await websocket.send_str("Hello")
                homes[await websocket.receive_str()] += 1
    return [homes[answer] for answer in sorted(homes, key=homes.get, reverse=True)]


for rule in (RoundRobin, StickyByAddress, StickyByCookie):
    print(f"{rule.__name__:15} →", *(f"{number:2} {'▇' * number}" for number in await divided(rule([one, two]))))

# %%
guess_fair.reveal(
    "b",
    "One address, one server. A cookie is given to each client, whoever shares its address.",
    a="By address the balancer cannot tell the twelve apart.",
    c="The other way round: the address is what they share, the cookie is what each has of its own.",
)

# %% [markdown]
# By address is unfair to whoever sits behind a big router, and forgetful with whoever moves: a telephone that goes from
# the Wi-Fi to the street has a new address, and with it perhaps a new server. A cookie is better where cookies work.
#
# (A balancer that speaks HTTP, by the way, makes connections of its own: your server sees the balancer's address, whoever comes. The client's own is in the header
# `X-Forwarded-For`, if the balancer writes it there. Believe it only if nobody can reach your server past the balancer, and only the part that the balancer wrote.)
#
# And what did stickiness do for the chat of section 2? Nothing. It keeps *Ann* at her server; it does not bring Bob there.
# Servers that tell each other everything are the cure for that, and they in turn do nothing for Ann's session. Two
# illnesses, two cures, and people try each on the other.

# %% [markdown]
# ## 5. Is the server well?
#
# A balancer should not send anybody to a server that is ill. So it asks, every few seconds: a *health check*. The cheap
# one is to open a TCP connection and to close it again. The other one asks something, over HTTP, and wants a good answer, such as a 200.
#
# The server is a program of its own, as in section 4 and in real life, so that it can fall ill without making you ill.
# In it the function that `serve` gets as `process_request` sees each HTTP request before it becomes a WebSocket; a response that it returns is the answer. So it answers
# `GET /healthz` with a 200.

# %% [markdown]
# <details><summary>The program</summary>
#
# ```python work.py
# import asyncio
# import json
# import os
# import sys
# import time
# from http import HTTPStatus
#
# from websockets.asyncio.server import serve
#
#
# def health(connection, request):
#     if request.path == "/healthz":
#         return connection.respond(HTTPStatus.OK, "well\n")
#
#
# async def handler(websocket):
#     await websocket.send(sys.argv[1])
#     async for message in websocket:
#         if message == "report":
#             time.sleep(600)  # a slow query: until it is done, nobody else gets a turn
#
#
# async def main():
#     port = int(os.environ["PORT"])
#     async with serve(handler, "127.0.0.1", port, process_request=health, compression=None) as server:
#         print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
#         await server.serve_forever()
#
#
# asyncio.run(main())
# ```
# </details>
#
# Two folded cells: the first starts two of it, the second examines them with both checks, which allow a second each.

# %% tags=["folded"]
work_one, work_two = works = [
    await bench.start(f"work {n}", bench.Child.python("lessons_src/programs/04/work.py", f"server {n}"))
    for n in (1, 2)
]

# %% tags=["folded"]
from aiohttp import ClientError, ClientTimeout, request


async def tcp_check(server):
    """Whether the server accepts a connection."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", server.port), 1)
    except OSError:
        return False
    writer.close()
    return True


async def http_check(server):
    """Whether the server answers GET /healthz with 200."""
    try:
        address = bench.url(server, "/healthz", scheme="http")
        async with request("GET", address, timeout=ClientTimeout(total=1)) as answer:
            return answer.status == 200
    except (ClientError, TimeoutError):
        return False


async def examine():
    """Print what the two checks find."""
    for number, server in enumerate(works, 1):
        tcp, http = ["passes" if well else "fails" for well in (await tcp_check(server), await http_check(server))]
        print(f"server {number}: TCP check {tcp}, HTTP check {http}")


await examine()

# %% [markdown]
# Bob asks server 1 for a report. The handler runs a slow query, with a function that *blocks*. There is one thread, and
# it is busy for ten minutes.

# %%
guess_check = predict(
    "Server 1 hangs in Bob's report. Which check notices?",
    a="Both.",
    b="The HTTP check only.",
    c="The TCP check only.",
)

# %%
await work_one.restart()  # for those who run this cell again
async with connect(bench.url(work_one), user_agent_header="Bob", close_timeout=0) as bob:
    await bob.send("report")

await examine()

# %%
guess_check.reveal(
    "b",
    "TCP connections are accepted by the operating system, in the program's name. The program need not be awake for it.",
    a="The port is open, and the operating system of the server says so. That is all that a TCP check sees.",
    c="The other way round: TCP is the operating system's, HTTP is the program's.",
)

# %% [markdown]
# nginx makes no checks ahead of time (the free one); HAProxy's `check` alone is the TCP check, `option httpchk` makes it
# ask. So what do the customers get from a balancer that believes that both are well?

# %% tags=["folded"]
async def visit(box, name):
    """Connect, and say who greets."""
    try:
        async with connect(bench.url(box), user_agent_header=name, open_timeout=1) as client:
            return f"{name} is greeted by {await client.recv()}"
    except TimeoutError:
        return f"{name} gives up after a second"


clinic = await bench.start("clinic", Middlebox(work_one, [RoundRobin(works)]))
for name in ("Ann", "Bob"):
    print(await visit(clinic, name))

Wire(clinic)

# %% [markdown]
# A health check is a loop around three steps: ask all, keep the ones who are well, balance between those.

# %%
clinic.rules = [RoundRobin([server for server in works if await http_check(server)])]
for name in ("Ann", "Bob"):
    print(await visit(clinic, name))

# %% [markdown]
# Do not let the check do too much, though. One that also asks the database finds, on the day when the database is slow, that
# *every* server is ill, and may take them all away at once.

# %% [markdown]
# ## 6. Kill one
#
# Somebody notices that server 1 hangs, and restarts it. Then, in the afternoon, it really dies. Four clients are
# connected, two at each server. Give the wire a look while you run the cells below.

# %% tags=["demo"]
await work_one.restart()
clinic = await bench.start("clinic", Middlebox(work_one, [RoundRobin(works)]))
Wire(clinic)

# %% tags=["folded"]
crowd = {}


async def enter(*names):
    """Connect these clients, one after the other, and note each with its server."""
    for name in names:
        client = await connect(bench.url(clinic), user_agent_header=name)
        crowd[name] = client, await client.recv()


def show():
    """Who is where."""
    for home in ("server 1", "server 2"):
        print(f"{home}:", *sorted(name for name, (_, where) in crowd.items() if where == home))


await enter("Ann", "Bob", "Cy", "Dan")
show()

# %%
guess_kill = predict(
    "Server 1 is killed: SIGKILL, no time for a goodbye. What happens to Ann and Cy, who are connected to it?",
    a="They are closed at once, with 1006.",
    b="The balancer moves them to server 2; they notice nothing.",
    c="They wait until their next ping fails.",
)

# %%
work_one.kill()
for name, (client, where) in crowd.items():
    if where == "server 1":
        await client.wait_closed()
        print(name, "is closed with", client.close_code)

# %%
guess_kill.reveal(
    "a",
    "The program could say nothing, but its operating system closed its sockets: FIN, and the balancer hands it on.",
    b="It could not: what server 1 knew of Ann is gone with server 1. A connection cannot move.",
    c="They would if the machine had died, or its cable. Here an operating system was left to say FIN (lesson 05).",
)

# %% [markdown]
# Ann and Cy come back. It is server 1's turn for one of them, but nobody listens there, so the balancer takes the next
# one. (Choose *TCP* above the picture: the *RST* of server 1 is the refusal.)

# %%
await enter("Ann", "Cy")
show()

# %% [markdown]
# Everybody has a server: well done, balancer. Look closer: the survivor has now twice the clients. If each server was more
# than half full, the first crash has just caused the second. "The other one nearly died", said the boss.
#
# Server 1 is started again.

# %%
guess_back = predict(
    "Server 1 is back and well, and the balancer knows. When does it have half of the clients again?",
    a="At once: the balancer spreads them anew.",
    b="As soon as each of them sends its next message.",
    c="Not as long as they stay connected.",
)

# %%
await work_one.restart()
await asyncio.gather(*(client.ping() for client, _ in crowd.values()), return_exceptions=True)
show()

print("Eve and Fay come.")
await enter("Eve", "Fay")
show()

# %%
guess_back.reveal(
    "c",
    "Eve and Fay are divided in turn, one each. The four of before stay: a WebSocket is a long request, and the "
    "balancer chose when it began.",
    a="A connection cannot move. To come to server 1 a client has to leave and to connect again.",
    b="Messages are not requests. The balancer does not even know that there are any.",
)

# %% [markdown]
# Web pages come into balance within seconds, for each click is a new request. WebSockets do not: after a restart, or
# when you add a third server at four in the afternoon, the new one idles while the old ones gasp. What people do:
#
# - *Least connections* instead of round robin (`least_conn`, `leastconn`): newcomers go where it is empty. It
#   heals slowly, and sends *all* newcomers to a server that has just started.
# - Ask some to go (*draining*, when all of them have to): the server closes a few connections at a time (code 1012, *service restart*), and the clients come
#   back. That needs clients that do come back, and not all in the same second (lesson 11).
# - Keep so much room that the survivors can carry everybody.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. Hints come one at a time. Two of the checks
# look at the wire; in the folded cell is their eye.

# %% tags=["folded"]
from wirelab.decode import Decoder


def seen(box, direction):
    """What clients said ("up") or heard ("down"): (kind, label) for each unit that passed."""
    decoder = Decoder(box.trace)
    decoder.update()
    return [(u.kind, u.summary) for u in decoder.units if u.leg == "client" and u.direction == direction]


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Sticky, and steady
#
# *8 minutes, easy*
#
# Write `pick_server(address, servers)`: choose one of the servers for a client's address. The same address always gets the
# same server, many addresses are spread evenly, and when one server leaves, **only its own clients** get another
# one. (The remainder of a division does not do that.) Remember nothing: a balancer that was restarted chooses as before.

# %% tags=["solution"]
from hashlib import sha256


def pick_server(address: str, servers: list[str]) -> str:
    """The server for the client at `address`, e.g. pick_server("192.0.2.7", ["red", "green", "blue"])."""
    return max(servers, key=lambda server: sha256(f"{server} {address}".encode()).digest())


# %% tags=["check"]
import builtins
from unittest.mock import patch


@check(
    "Let every server compete for the client, and let the best one win. Who wins when a loser leaves the race?",
    "Give each *pair* of a server and the address a number that looks random but is always the same: a hash of both.",
    "`max(servers, key=lambda server: sha256(f'{server} {address}'.encode()).digest())`; this is *rendezvous hashing*: "
    "for each client all servers meet, and the one with the largest number gets it.",
    timeout=30,
)
def check_pick_server(pick_server):
    """The same address stays, the load is even, and only the clients of the server that left have moved."""
    addresses = [f"10.0.{high}.{low}" for high in range(4) for low in range(100)]
    servers = ["red", "green", "blue"]
    with patch.object(builtins, "hash", wraps=hash) as python_hash:
        pick_server("10.0.0.1", list(servers))
    if python_hash.called:
        raise Wrong("Python's `hash` of a text is another one in each process: a restart would move everybody. Use hashlib.")
    for address in addresses:
        pick_server(address, servers[:2])
    before = {address: pick_server(address, list(servers)) for address in addresses}
    if strange := set(before.values()) - set(servers):
        raise Wrong(f"It returned {strange.pop()!r}, which is none of the servers {servers}.")
    if any(pick_server(address, list(servers)) != before[address] for address in addresses[::4]):
        raise Wrong("The same address got two different servers. Compute the choice from the address, without chance or turns.")
    counts = Counter(before.values())
    if not counts["blue"] and counts["red"] and counts["green"]:
        raise Wrong("Blue joined red and green, and got none of the 400 clients. Compute the choice, and remember nothing.")
    if min(counts[server] for server in servers) < 80:
        raise Wrong(f"400 addresses on three servers, and one of them got {min(counts[s] for s in servers)}. Spread them.")
    for gone in servers:
        rest = [server for server in servers if server != gone]
        stay = [address for address in addresses[::2] if before[address] != gone]
        moved = sum(pick_server(address, list(rest)) != before[address] for address in stay)
        if moved:
            raise Wrong(f"{gone.capitalize()} left, and {moved} of {len(stay)} clients who were elsewhere moved too. Only {gone}'s may.")
    if any(pick_server(address, ["blue", "red", "green"]) != before[address] for address in addresses[::4]):
        raise Wrong("The same servers in another order, and clients moved. The order of the list must not matter.")


await check_pick_server.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · Leaving without a scandal
#
# *15 minutes, medium*
#
# A server that is about to be updated should get no *new* clients, and the old ones should be left in peace. Write a class
# `Service` for `serve(..., process_request=service.health)`. `/healthz` is answered with 200, and with 503 once
# `service.leaving` is true. All other requests become WebSockets as always, also then. The check looks at the wire.

# %% tags=["solution"]
from http import HTTPStatus


class Service:
    """Tells a load balancer whether to send new clients."""

    leaving: bool = False

    def health(self, connection, request):
        """Answer GET /healthz with 200, or with 503 when leaving; return None for everything else."""
        if request.path != "/healthz":
            return None
        if self.leaving:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "leaving\n")
        return connection.respond(HTTPStatus.OK, "well\n")


# %% tags=["check"]
import inspect

from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.http11 import Response


@check(
    "`process_request` is called for every request. Which one is yours? What does it return for the others?",
    "`request.path` is the path. Returning None means: go on with the handshake.",
    "`return connection.respond(HTTPStatus.OK, 'well\\n')`, and `HTTPStatus.SERVICE_UNAVAILABLE` when leaving.",
    either=("health",),
)
async def check_service(Service):
    """200 while it stays, 503 when it leaves, and the clients notice nothing. So says the wire."""
    service, strange = Service(), []
    answered = service.health

    async def health(connection, request):
        answer = answered(connection, request)
        if inspect.isawaitable(answer):
            answer = await answer
        if not isinstance(answer, Response | None):
            strange.append(f"For {request.path} `health` returned `{answer!r}`. `websockets` takes a response, which "
                           "`connection.respond(…)` makes, or None.")  # fmt: skip
        return answer

    async with (
        serve(signed_echo("me"), "127.0.0.1", 0, process_request=health, compression=None) as server,
        Middlebox(server) as box,
    ):
        watch(Wire(box))
        clients = []
        for service.leaving, name in ((False, "Ann"), (True, "Bob")):
            await http_check(box)
            try:
                clients.append(await connect(bench.url(box), user_agent_header=name))
            except InvalidStatus as refused:
                code = refused.response.status_code
                why = "`health` raised" if code == 500 else "return None for other paths"
                raise Wrong(strange[0] if strange else f"{name} got {code} for the handshake: {why}.") from None
            except InvalidMessage:
                raise Wrong(strange[0] if strange else f"{name} got no answer to the handshake.") from None
        if strange:
            raise Wrong(strange[0])
        for client in clients:
            await client.send("Hello")
            expect("what a client hears", await asyncio.wait_for(client.recv(), 1), "Hello, says me")
            await client.close()
        answers = [label.split()[0] for kind, label in seen(box, "down") if kind == "response"]
    if "426" in answers:
        raise Wrong("`/healthz` was answered with 426, upgrade required: your method returned None for it.")
    expected = ["200", "101", "503", "101"]
    expect("the wire's answers to a check, a client, a check when leaving, and a late client", answers, expected)


await check_service.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Stay awake
#
# *12 minutes, medium*
#
# Write `await_news(url)`: connect, wait for one message, return it. The news comes after a second and a half, the server
# never pings, and the middlebox on the way closes what is silent for a second. Nobody lets you touch that middlebox.
# One connection must do: whoever comes back has missed the news.

# %% tags=["solution"]
async def await_news(url):
    """Return the first message that comes on one connection to `url`, however long it takes."""
    async with connect(url, ping_interval=0.3) as websocket:
        return await websocket.recv()


# %% tags=["check"]
async def late_news(websocket):
    """Say nothing for a second and a half, then the news."""
    await asyncio.sleep(1.5)
    await websocket.send("gold 107")


@check(
    "What can one end of a WebSocket say without sending a message?",
    "`connect` has a parameter for the time between two pings. Its default is 20 seconds.",
    "`connect(url, ping_interval=0.3)`: well below the time-out of one second.",
    timeout=10,
)
async def check_await_news(await_news):
    """One connection, kept alive by frames that are no messages."""
    async with (
        serve(late_news, "127.0.0.1", 0, compression=None, ping_interval=None) as server,
        Middlebox(server, [IdleTimeout(1)]) as box,
    ):
        watch(Wire(box))
        waiting = asyncio.ensure_future(await_news(bench.url(box)))
        await asyncio.wait([waiting], timeout=4)
        waiting.cancel()
        kinds = Counter(kind for kind, _ in seen(box, "up"))
        if not kinds["request"]:
            if waiting.done():
                await waiting  # raises what the learner's code raised
            raise Wrong("The wire shows no handshake: nobody was asked.")
        if kinds["request"] > 1:
            raise Wrong(f"The wire shows {kinds['request']} handshakes. You came back, and missed what was said meanwhile.")
        if kinds["text"] or kinds["binary"]:
            raise Wrong("You kept it alive with messages, and the server's handler has to read them. There is a frame for that.")
        if not waiting.done():
            raise Wrong("After four seconds it still waits. The wire shows whether the news came, and what you said till then.")
        if isinstance(waiting.exception(), ConnectionClosedError):
            raise Wrong("Closed with 1006 before the news came: for more than a second nothing passed on the line.")
        expect("await_news(url)", await waiting, "gold 107")


await check_await_news.verdict()

# %% [markdown]
# ## What you have now
#
# - A balancer chooses once for each request, and a WebSocket is one request: a connection stays with its server. (One that knows only
#   TCP, a *layer 4* balancer, chooses for each connection.)
# - What a server keeps in memory, only its own clients share. "Add workers" makes a second memory.
# - Somebody on the way closes or forgets quiet connections. Pings at half of the shortest time-out prevent it, and the
#   server has to send them, for a browser cannot.
# - A session of several requests needs a *sticky* balancer: by address (unfair, forgetful) or by cookie
#   (`withCredentials`). Otherwise: 400, `Session ID unknown`.
# - A TCP check asks the operating system, an HTTP check asks the program.
# - When a server dies its clients go to the survivors, and they stay there.
#
# ### Three questions
#
# <details><summary>1. Your chat runs with two workers and sticky sessions. Ann still does not see what Bob writes. Why?</summary>
#
# Stickiness keeps each client at one server. It does not connect the servers with each other: Ann and Bob are each very
# reliably in a different memory. Messages have to be carried between the servers (lesson 19).
# </details>
#
# <details><summary>2. Connections die each night with 1006, after exactly a minute. Whose fault is it, and who can mend it?</summary>
#
# Nobody's fault: a middlebox has an idle time-out of 60 seconds. You may raise it in *your* proxy. You cannot in the customer's,
# so let the server ping every 20 or 25 seconds.
# </details>
#
# <details><summary>3. You add a third server in the busiest hour. An hour later it has hardly anything to do. What is wrong with it?</summary>
#
# Nothing. The connections that were there stay where they are, and only newcomers reach it. Web traffic would have
# moved within seconds.
# </details>
#
# ### What is still missing
#
# The prices come at night again, and sessions stay together. The chat is still two chats: the servers must talk to each
# other. And after a restart somebody must bring the clients back, and not all in the same second. First comes a case that is
# harder than all of this. Here somebody always said something, but for the one firewall and the server that hung. Lesson 05 pulls the cable.
