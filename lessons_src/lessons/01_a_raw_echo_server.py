# %% [markdown]
# # 01 · A raw echo server
#
# **In {minutes} you have a server that answers every client that speaks WebSocket: a Python program, a
# JavaScript program, and the browser in which you read this.** And you see each message on its way.

# %% [markdown]
# ## What the boss says
#
# > "Our customers look at prices that are ten minutes old. I want the new price on their screen the moment it
# > changes. How hard can it be?"

# %% [markdown]
# Run the cells from top to bottom: click into one and press <kbd>Shift</kbd>+<kbd>Enter</kbd>. This first one
# opens the laboratory. It holds your *bench*, on which servers and cables are started by name, and the
# instruments that you read. Everything in it runs on this machine, for real.
#
# The cell is folded, as all are that you need not read: run it all the same, and click its three dots when you are curious. Each
# section needs those before it. To begin in the middle, another day, click a heading and take *Run → Run All Above Selected Cell*.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 9 minutes to the first echo, 9 for the wire and the three clients, 14 for "What happens when", 6 for JavaScript,
# the exercises at home or in pairs. The wire is the star: put it on the projector beside the notebook
# (right-click the picture, *Create New View for Cell Output*) and leave it there.
#
# **What goes wrong in a class.** Somebody runs cells out of order: every cell can be run again, so go back to the
# last heading and run down from there. Somebody waits for a cell that awaits a message nobody sends: *Kernel →
# Interrupt* stops it, the servers live on.
#
# **A question to start with:** "Which programs on your phone tell you something that you did not ask for? How does it
# get there?"

# %% [markdown]
# ## 1. First try: a web page
#
# You know one way to get a price onto a screen: HTTP. Here is such a server, with one price in it.

# %%
from aiohttp import ClientSession, web

prices = {"gold": 100}


async def show_prices(request):
    """Answer every question with today's prices."""
    return web.json_response(prices)


def price_page():
    """A web server with one page."""
    app = web.Application()
    app.router.add_get("/prices", show_prices)
    return app


# %% [markdown]
# In a program of its own you would write `web.run_app(price_page())`. Here the bench runs the same application, on a free
# port of this machine, so that the notebook can go on meanwhile.
#
# Before it, put a *middlebox*: a relay that passes every byte on and keeps a note of it. Real networks are full of such boxes:
# firewalls, proxies, load balancers. This one is honest. You will meet others.
#
# (`await` stands in the cell itself here. A notebook can do that because an *event loop* runs behind it already. In a program of your own `await`
# stands in an `async def main()`, and `asyncio.run(main())` starts the loop.)

# %%
page = await bench.start("price page", bench.aiohttp(price_page()))
page_cable = await bench.start("price cable", Middlebox(page))

# %%
guess_http = predict(
    "Your program asks for the prices. One second later gold goes up. When does your program learn of it?",
    a="Not before it asks again.",
    b="At once: the connection is still open.",
    c="After a few seconds, when the page reloads itself.",
)

# %% [markdown]
# Try it. Your program asks, the price changes, your program asks again.

# %%
async with ClientSession(headers={"User-Agent": "Ann"}) as http:
    for new_price in (100, 100, 107):
        prices["gold"] = new_price
        async with http.get(bench.url(page_cable, "/prices", scheme="http")) as answer:
            print("Ann reads:", await answer.json())

Wire(page_cable, layer="HTTP")

# %%
guess_http.reveal(
    "a",
    "In HTTP the client asks and the server answers. A server that has news must wait until it is asked.",
    b="The connection is open, and still the server may not begin.",
    c="A page can do that, and then it is the page that asks again. Many pages do; most answers bring nothing new.",
)

# %% [markdown]
# Three questions, three answers, and the second answer was a waste. Ask each minute and your prices are up to a minute
# old. Ask each second and you pay for 3,600 questions an hour for each customer, nearly all for nothing.
#
# You want a connection on which *both* ends may speak when they have something to say. That is *WebSocket*: it
# begins as an HTTP request, and then the two ends agree to stop speaking HTTP.

# %% [markdown]
# ## 2. A server in four lines
#
# The smallest useful server sends back what it gets: an *echo server*. It has no purpose but to show that messages
# go there and back. You write a *handler*: a coroutine that the library calls once for each client that connects.

# %%
from websockets.asyncio.server import serve


async def echo(websocket):
    """Send every message back to where it came from."""
    async for message in websocket:
        await websocket.send(message)


# %% [markdown]
# Read it aloud. *For each message that comes in on this connection, send it back.* While the handler waits, in
# `async for` or in `await`, others get their turn: one thread serves everybody. When the client says goodbye, the loop ends,
# the handler returns, and the connection is over.
#
# Start it. Port 0 means "any port that is free", and `127.0.0.1` means that nobody outside this machine can reach it.
# (`compression=None` keeps the bytes readable for now. Lesson 06 measures what compression is worth. And the bench gets not the server, but a
# function that makes one, `lambda port=0: …`. So it can start it again later, at the port that it had.)

# %%
server = await bench.start("echo server", lambda port=0: serve(echo, "127.0.0.1", port, compression=None))

# %% [markdown]
# ## 3. A client in three
#
# `connect` opens a connection, and `async with` closes it at the end, whatever happens in between.

# %%
from websockets.asyncio.client import connect

async with connect(bench.url(server)) as client:
    await client.send("Hello")
    print(await client.recv())

# %% [markdown]
# It works. Elsewhere you will find such clients as whole programs, with a `main` and a last line `asyncio.run(main())`.

# %% misconception=8
guess_run = predict(
    "You paste such a program into a cell of this notebook. What does `asyncio.run` do?",
    a="It runs `main`, as in a program of its own.",
    b="It refuses.",
    c="It waits for ever: the notebook's own loop does not get its turn.",
)

# %%
import asyncio


async def main():
    """Say hello, and return what comes back."""
    async with connect(bench.url(server)) as client:
        await client.send("Hello")
        return await client.recv()


program = main()
try:
    asyncio.run(program)
except RuntimeError as error:
    print("RuntimeError:", error)

print(await program)

# %%
guess_run.reveal(
    "b",
    "It starts an event loop, and here one runs already. Nothing is broken: in a notebook you await the same coroutine yourself.",
    a="There it is the first to start a loop. Here the notebook was.",
    c="The server lives in that loop too, and could not answer. So `asyncio.run` looks first whether a loop runs, and says so.",
)

# %% [markdown]
# So in a notebook write `await main()`. (You need no package that patches the loop, such as `nest_asyncio`.)
#
# It works, then. Did anything happen? So far you take the library's word for it. So look.

# %% [markdown]
# ## 4. See it on the wire
#
# Put a middlebox between client and server and watch it. Client left, server right, time downwards. Nothing has
# passed yet.

# %% tags=["demo"]
cable = await bench.start("cable", Middlebox(server))
wire = Wire(cable)
wire

# %%
guess_arrows = predict(
    "Ann connects, sends one message, hears its echo and leaves. How many arrows will you see?",
    a="Two: the message and its echo.",
    b="Four: hello, message, echo, goodbye.",
    c="Six, and two of them are HTTP.",
)

# %% [markdown]
# The client connects through the cable now. It calls itself Ann, in the header where browsers write their name.

# %%
async with connect(bench.url(cable), user_agent_header="Ann") as ann:
    await ann.send("Hello")
    print("Ann hears:", await ann.recv())

wire.snapshot()

# %%
guess_arrows.reveal(
    "c",
    "Each of the three parts, opening, talking and closing, goes both ways.",
    a="The two in the middle are yours. A connection is opened and closed as well, and both ends take part.",
    b="Close. Opening and closing are each a question and an answer.",
)

# %% [markdown]
# | arrow | what it is |
# |---|---|
# | `GET /` · upgrade to websocket | The client asks, in plain HTTP, to change the language: the *opening handshake*. |
# | `101 Switching Protocols` | The server agrees. These are the last words of HTTP on this connection. |
# | `text "Hello"`, twice | A *frame* each: a few bytes that say what comes, and then the message. |
# | `close 1000`, twice | The *closing handshake*. 1000 means: all is well, I am done. |
#
# Click an arrow in the live picture above, or use the arrow keys. On the left is what the bytes mean, on the right
# are the bytes. Move over a field and its bytes light up. Then choose another layer: at *TCP* you see what the network
# sees, which is bytes and no messages.
#
# Find two things. Ann's "Hello" is the same word as the server's, but the letters on the wire look different: who
# changed them? And how many bytes does a frame cost on top of the message? (Lesson 02 explains both.)

# %% [markdown]
# ## 5. The server speaks first
#
# Now the boss's wish. This handler waits for no question: it sends each new price when there is one. A price is more
# than a word, so it goes as JSON text. WebSocket carries text or bytes and does not care what they mean; that both
# ends read it as JSON is an agreement between the two of you.

# %%
import json


async def ticker(websocket):
    """Send the price of gold each time it changes."""
    for price in (100, 107, 103):
        await websocket.send(json.dumps({"gold": price}))


ticker_server = await bench.start("ticker", serve(ticker, "127.0.0.1", 0, compression=None))
ticker_cable = await bench.start("ticker cable", Middlebox(ticker_server))

# %%
async with connect(bench.url(ticker_cable), user_agent_header="Ann") as ann:
    async for message in ann:
        print("Ann reads:", json.loads(message))

Wire(ticker_cable)

# %% [markdown]
# One question at the very beginning, and then news as it happens. Compare this with the picture of HTTP above. And
# look who says goodbye here: the handler returned, so the *server* closed.

# %% [markdown]
# ## 6. Three clients at once
#
# Back to the echo server. Bob and Cy join Ann.

# %%
guess_three = predict(
    "Ann, Bob and Cy are connected to the same echo server. Ann sends a message. Who hears it?",
    a="All three.",
    b="Ann alone.",
    c="Bob and Cy, but not Ann.",
)

# %%
cable = await bench.start("cable", Middlebox(server))
url = bench.url(cable)

async with (
    connect(url, user_agent_header="Ann") as ann,
    connect(url, user_agent_header="Bob") as bob,
    connect(url, user_agent_header="Cy") as cy,
):
    for name, client in {"Ann": ann, "Bob": bob, "Cy": cy}.items():
        await client.send(f"I am {name}")
        print(name, "hears:", await client.recv())

Wire(cable)

# %%
guess_three.reveal(
    "b",
    "The server called your handler three times, once for each connection. Each call knows its own `websocket` only.",
    a="You think of a chat. Nobody has written one yet: your handler answers on the connection that asked.",
    c="You think of a broadcast, as in a chat. Nobody has written that yet. Lesson 14 does.",
)

# %% [markdown]
# ## 7. What happens when…
#
# A server meets people. Three things that will happen in its first week:

# %% [markdown]
# ### …two tasks send at once
#
# Ann's program does two things at a time, and both write on the same connection. Each message here is 40,000
# characters long. On an Ethernet one packet carries about 1,460 of them.

# %%
guess_tasks = predict(
    "Two tasks send a long message on one connection at the same moment. What comes back?",
    a="Two messages, each whole.",
    b="One long message, the two mixed.",
    c="An error: a connection belongs to one task.",
)

# %%
import asyncio

cable = await bench.start("cable", Middlebox(server))

async with connect(bench.url(cable), user_agent_header="Ann") as ann:
    await asyncio.gather(ann.send("a" * 40_000), ann.send("b" * 40_000))
    for echoed in (await ann.recv(), await ann.recv()):
        print(len(echoed), "characters, all of them", set(echoed))

Wire(cable)

# %%
guess_tasks.reveal(
    "a",
    "Each of these messages is one frame, and the library writes a frame as a whole. TCP may cut it anywhere; the other end puts "
    "it together before your code sees it.",
    b="On a bare TCP connection you would get 80,000 letters in a row, and no word of where one message ends. A frame says how long it is.",
    c="Sending is safe. Receiving is not: see below.",
)

# %% [markdown]
# *Receiving* in two tasks is another matter: who should get the next message? The library refuses to guess.

# %%
from websockets.exceptions import ConcurrencyError, ConnectionClosedError

async with connect(bench.url(server)) as ann:
    first = asyncio.create_task(ann.recv())
    await asyncio.sleep(0)  # the first task begins to wait
    try:
        await ann.recv()
    except ConcurrencyError as error:
        print("refused:", error)
    first.cancel()

# %% [markdown]
# ### …your handler raises
#
# This handler answers questions about prices. It trusts everybody to send proper JSON. Bob does not.

# %%
async def quote(websocket):
    """Answer {"ask": NAME} with {"name": NAME, "price": PRICE}."""
    async for message in websocket:
        name = json.loads(message)["ask"]
        await websocket.send(json.dumps({"name": name, "price": prices[name]}))


quotes = await bench.start("quotes", serve(quote, "127.0.0.1", 0, compression=None))
quotes_cable = await bench.start("quotes cable", Middlebox(quotes))

# %%
guess_raise = predict(
    "Bob sends `gold, please`, which is not JSON, and `json.loads` raises in the handler. What then?",
    a="The server stops, for Ann too.",
    b="Bob hears nothing; the connection stays open.",
    c="Bob's connection is closed. Ann notices nothing.",
)

# %%
url = bench.url(quotes_cable)

async with connect(url, user_agent_header="Ann") as ann, connect(url, user_agent_header="Bob") as bob:
    await bob.send("gold, please")
    try:
        print("Bob hears:", await bob.recv())
    except ConnectionClosedError as error:
        print("Bob is closed:", error.rcvd.code)
    await ann.send(json.dumps({"ask": "gold"}))
    print("Ann hears:", await ann.recv())

Wire(quotes_cable)

# %%
guess_raise.reveal(
    "c",
    "The library catches what your handler raises, writes it to its log, and closes that one connection with 1011.",
    a="A handler is one client's. What it raises ends that connection and nothing else.",
    b="The handler is gone, so nobody would ever answer. The library closes rather than let Bob wait.",
)

# %% [markdown]
# 1011 means *internal error*: something broke at the server, and that is all that Bob is told. The reason stands in the
# server's log, which the laboratory keeps for you:

# %%
print(*bench.log(), sep="\n")

# %% [markdown]
# So Ann is fine. But poor Bob made a typing mistake and lost his connection for it, and nobody told him why. A server
# that is kind says what was wrong, and stays:

# %%
async def kind_quote(websocket):
    """Answer {"ask": NAME} with a price, and anything else with {"error": WHY}."""
    async for message in websocket:
        try:
            name = json.loads(message)["ask"]
            reply = {"name": name, "price": prices[name]}
        except (ValueError, KeyError, TypeError, RecursionError):
            reply = {"error": f'send {{"ask": NAME}}, where NAME is one of {sorted(prices)}'}
        await websocket.send(json.dumps(reply))


async with serve(kind_quote, "127.0.0.1", 0) as kind, connect(bench.url(kind)) as bob:
    for attempt in ("gold, please", '{"ask": "tin"}', '{"ask": "gold"}'):
        await bob.send(attempt)
        print(f"{attempt:16} →", await bob.recv())

# %% [markdown]
# (A `RecursionError`? Somebody sends a hundred thousand brackets, `[[[[…`, and `json` loses itself in them. It also reads `NaN`, which is no JSON,
# as a number, and would write it again: `json.loads(message, parse_constant=…)` lets you refuse that.)
#
# ### …a client leaves
#
# There are two ways to go. One says goodbye, the other is gone: the laptop is shut, the process killed. What does
# your handler notice? This one tells us how its client left.

# %%
farewells = asyncio.Queue()


async def doorkeeper(websocket):
    """Echo, and note how the client left."""
    try:
        async for message in websocket:
            await websocket.send(message)
        await farewells.put(f"the loop ended, close code {websocket.close_code}")
    except ConnectionClosedError:
        await farewells.put(f"ConnectionClosedError, close code {websocket.close_code}")


door = await bench.start("door", serve(doorkeeper, "127.0.0.1", 0, compression=None))
door_cable = await bench.start("door cable", Middlebox(door))

# %%
async with connect(bench.url(door_cable), user_agent_header="Ann"):
    pass
print("Ann says goodbye: ", await farewells.get())

bob = await connect(bench.url(door_cable), user_agent_header="Bob")
bob.transport.abort()
print("Bob pulls the plug:", await farewells.get())

await door_cable.quiet()
Wire(door_cable)

# %% [markdown]
# A goodbye with 1000, 1001 or no code ends your `async for` quietly; any other code raises `ConnectionClosedError`. So does a
# client that vanishes, and then the code is 1006, which never travels on the wire: it is the library's own note that *no* close
# frame came. Code that must run in all cases belongs into `finally`.
#
# Look at the end of the picture: no close frame from Bob, only *FIN*, the word by which TCP says "no more data". Bob's
# operating system said it for him, so the server heard at once. When a cable breaks, nobody says anything. That is
# lesson 05, and it is worse.

# %% [markdown]
# ## 8. The same client in JavaScript
#
# WebSocket was made for browsers. Their side of it has one class and four callbacks. Compare:
#
# | | Python, `websockets` | JavaScript, every browser of today |
# |---|---|---|
# | open | `async with connect(url) as ws:` | `const ws = new WebSocket(url)` and wait for `onopen` |
# | send | `await ws.send("Hello")` | `ws.send("Hello")` |
# | receive | `message = await ws.recv()` | `ws.onmessage = (event) => … event.data` |
# | close | `await ws.close(1000, "bye")` | `ws.close(1000, "bye")` |
# | the end | `recv` and `send` raise `ConnectionClosed` | `ws.onclose = (event) => … event.code` |
#
# In Python you wait for the next message where you need it. In JavaScript you say beforehand what shall happen when
# it comes. Here is the client of section 4 once more:
#
# ```js client.js
# const socket = new WebSocket(url);
#
# socket.onopen = () => socket.send("Hello from JavaScript");
# socket.onmessage = (event) => {
#   console.log("heard:", event.data);
#   socket.close(1000, "done");
# };
# socket.onclose = (event) => console.log("closed:", event.code, event.reason);
# ```
#
# Run it in Node.js, which since version 22 has the same `WebSocket` class as the browser. (`bench.program` reads what stands above, from
# the file `lessons_src/programs/01/client.js`; `url` is handed in.)

# %%
client_js = bench.program("01/client.js")
cable = await bench.start("cable", Middlebox(server))
print(await bench.javascript(client_js, url=bench.url(cable)))

Wire(cable)

# %% [markdown]
# ## 9. Your own browser is a client
#
# And now the real thing. The first picture shows the traffic. The panel below it runs the same script in *your
# browser*: nothing in Python between it and the wire. Press **Run**. You may edit the script and run it again.

# %% tags=["demo"]
browser_cable = await bench.start("browser cable", Middlebox(server))
Wire(browser_cable)

# %% tags=["demo"]
BrowserClient(bench.url(browser_cable), script=client_js)

# %% [markdown]
# The next panel is the same client with buttons, so that you decide when each thing happens. Connect, send something,
# and close with a code of your own.
#
# (Any page of any website may call a public server like this. The browser writes the page's *origin* into the handshake, in the header
# `Origin`, and it is the server that has to look at it: `serve(…, origins=["https://shop.example"])`.)

# %% tags=["demo"]
BrowserClient(bench.url(browser_cable))

# %% [markdown]
# Three things to try, and to look up on the wire:
#
# 1. Send `<b>bold</b>`. What comes back, and why is it not bold?
# 2. Close with code 1001. Who refuses, the server or the browser?
# 3. Connect, then run `await bench.stop("echo server")` in a cell of your own. What does `onclose` say? (Run the cell that
#    started the server, and the cells below, to go on.)
#
# <details><summary>What you should have seen</summary>
#
# 1. The bytes come back as they went; this page shows them as text. A page that puts them into `innerHTML` has given every visitor the keys.
# 2. The browser: scripts may use 1000 and 3000 to 4999. What lies between belongs to the protocol.
# 3. 1001, *going away*: the server said goodbye. (If JupyterLab itself runs on another machine, the traffic goes through its proxy, which changes
#    close codes.)
# </details>

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. Hints come one at a time.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · A louder echo
#
# *5 minutes, easy*
#
# Write a handler `shout` that sends each message back in capital letters.

# %% tags=["solution"]
async def shout(websocket):
    """Send every message back in capital letters."""
    async for message in websocket:
        await websocket.send(message.upper())


# %% tags=["check"]
from websockets.exceptions import ConnectionClosed


@check(
    "It is the echo server with one word changed.",
    "A text message arrives as a `str`, and `str` has a method that makes capitals.",
    "`await websocket.send(message.upper())`, inside the `async for`.",
)
async def check_shout(shout):
    """Every message comes back in capitals, not only the first."""
    async with serve(shout, "127.0.0.1", 0, compression=None) as loud, Middlebox(loud) as box:
        watch(Wire(box))
        client = await connect(bench.url(box), user_agent_header="Ann", close_timeout=0.3)
        try:
            for number, text in enumerate(("hello", "And again", "größer")):
                try:
                    await client.send(text)
                    answer = await asyncio.wait_for(client.recv(), 1)
                except TimeoutError:
                    raise Wrong(f"Nothing came back for {text!r}. Is there an `await` before `websocket.send`?") from None
                except ConnectionClosed as closed:
                    if number and closed.rcvd and closed.rcvd.code == 1000:
                        raise Wrong("It answers once and leaves. A loop, `async for`, goes on to the next message.") from None
                    raise Wrong("The connection was closed in place of an answer: your handler came to its end.") from None
                if answer == text:
                    raise Wrong(f"{text!r} came back as it was. Make capitals of it before you send it.")
                expect(f"the answer to {text!r}", answer, text.upper())
        finally:
            await client.close()


await check_shout.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · One connection, many questions
#
# *5 minutes, easy*
#
# Write a client: `ask_all(url, questions)` sends each question to an echo server and returns the list of answers. It
# opens **one** connection for all of them and closes it with code 1000. The check looks at the wire, and shows it to you.

# %% tags=["solution"]
async def ask_all(url, questions):
    """Send each question on one connection to `url`; return the answers in order."""
    async with connect(url) as websocket:
        answers = []
        for question in questions:
            await websocket.send(question)
            answers.append(await websocket.recv())
        return answers


# %% tags=["check"]
from contextlib import suppress

from wirelab.decode import Decoder


def said(box, direction):
    """What clients have sent ("up") or heard ("down") through a middlebox: the kind and the label of each unit."""
    units = Decoder(box.trace).update()
    return [(unit.kind, unit.summary) for unit in units if unit.leg == "client" and unit.direction == direction]


@check(
    "Where does the connection open, and how often does your code get there?",
    "`async with connect(url) as websocket:` outside, the `for` loop inside.",
    "Collect the answers in a list: `answers.append(await websocket.recv())`.",
)
async def check_ask_all(ask_all):
    """One handshake, three questions, one goodbye: seen on the wire."""
    questions = ["one", "two", "three"]

    async def slow_echo(websocket):
        async for message in websocket:
            await asyncio.sleep(0.02)
            await websocket.send(message)

    async with serve(slow_echo, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        watch(Wire(box))
        answers = await ask_all(bench.url(box), list(questions))
        with suppress(TimeoutError):
            await box.quiet(0.5)
        wire, heard = said(box, "up"), [kind for kind, _ in said(box, "down")].count("text")
    expect("ask_all(url, ['one', 'two', 'three'])", answers, questions)
    kinds = [kind for kind, _ in wire]
    opened, asked, byes = kinds.count("request"), kinds.count("text"), [label for kind, label in wire if kind == "close"]
    if not opened:
        raise Wrong("The answers are right, but the wire shows no handshake: nobody was asked.")
    if opened > 1:
        raise Wrong(f"The answers are right, but the wire shows {opened} handshakes: one connection for each question.")
    if asked != 3:
        raise Wrong(f"Expected three questions on the wire, came {asked}. Send each one, and return what comes back.")
    if heard < 3:
        raise Wrong("You left before the echoes were there. Return what comes *back*: `await websocket.recv()` for each question.")
    if not byes:
        raise Wrong("The wire shows no closing handshake: nobody said goodbye. At its end `async with` does.")
    if not byes[0].startswith("close 1000"):
        raise Wrong(f"Expected `close 1000` as the goodbye on the wire, came `{byes[0]}`. 1000 means: all is well.")


await check_ask_all.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Who is here?
#
# *8 minutes, medium*
#
# Write a class `Lobby` with a handler. Each client that connects is sent one text message, the number of
# clients that are connected now, itself included. Clients may talk, and nobody answers. Whoever leaves is no longer
# counted: also one who leaves without a goodbye, and one who has talked a lot.

# %% tags=["solution"]
class Lobby:
    """Counts the clients that are connected."""

    def __init__(self):
        """Nobody is here yet."""
        self.present = set()

    async def handler(self, websocket):
        """Tell the newcomer how many are here, and listen until it leaves."""
        self.present.add(websocket)
        try:
            await websocket.send(str(len(self.present)))
            async for _ in websocket:
                pass
        finally:
            self.present.discard(websocket)


# %% tags=["check"]
async def arrive(box, name, number, mistakes):
    """Connect; the message that comes must be `number`, and `mistakes` has a sentence for others."""
    client = await connect(bench.url(box), user_agent_header=name, close_timeout=0.2)
    try:
        heard = await asyncio.wait_for(client.recv(), 1)
    except TimeoutError:
        raise Wrong(f"{name} comes and hears nothing. Send the number as soon as a client connects.") from None
    except ConnectionClosed:
        raise Wrong(f"{name} comes and is closed without a message: your handler came to its end.") from None
    if heard in mistakes:
        raise Wrong(mistakes[heard])
    expect(f"what {name} hears", heard, number)
    return client


async def left(lobby, number):
    """Give the server a second to notice that only so many connections are left."""
    for _ in range(50):
        if len(lobby.connections) <= number:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)


BOB = {"1": "Ann and Bob are both here, and Bob hears 1. Do all calls share one list? Does the handler stay until its client leaves?"}
CY = {"3": "Ann has left, and Cy hears 3. Nobody takes the ones who leave off the list.", "1": "Ann has left, and Cy hears 1. Is she taken off twice?"}
DAN = {"3": "Bob vanished without a goodbye and is still counted. Does your tidying-up run when `await` raises?"}
EVE = {"2": "Cy has talked, is still here, and is not counted any more. Listen in a loop: clients may talk."}
FAY = {"4": "Cy said 40 things and goodbye, and is still counted. Nobody reads what he says, and his goodbye stands "
            "behind it: `async for _ in websocket: pass` reads, and ends when he has left."}  # fmt: skip


@check(
    "All calls of the handler share one object: `self`. What do they have to write down there?",
    "A `set` of the connections that are here: `add` at the beginning, `discard` at the end.",
    "`async for _ in websocket: pass` listens until the client has left. Around it `try:`, and in `finally:` the `discard`, "
    "so that it runs however the client left.",
    timeout=15,
)
async def check_lobby(Lobby):
    """It counts who comes, who says goodbye, who vanishes and who talks a lot."""
    settings = {"compression": None, "close_timeout": 0.3}
    async with serve(Lobby().handler, "127.0.0.1", 0, **settings) as lobby, Middlebox(lobby) as box:
        watch(Wire(box))
        ann, bob = await arrive(box, "Ann", "1", {}), await arrive(box, "Bob", "2", BOB)
        await ann.close()
        await left(lobby, 1)
        cy = await arrive(box, "Cy", "2", CY)
        bob.transport.abort()
        await left(lobby, 1)
        await arrive(box, "Dan", "2", DAN)
        with suppress(ConnectionClosed):
            for _ in range(40):
                await cy.send("bla")
        await asyncio.sleep(0.1)
        await arrive(box, "Eve", "3", EVE)
        if (number := [kind for kind, _ in said(box, "down")].count("text")) > 5:
            raise Wrong(f"Five clients came, and the lobby sent {number} messages. One for each who comes, and no answers.")
        await cy.close()
        await left(lobby, 2)
        await arrive(box, "Fay", "3", FAY)


await check_lobby.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 4 · A kind calculator
#
# *7 minutes, medium*
#
# Write a handler `calculator`. It answers `{"add": [1, 2, 3]}` with `{"sum": 6}`; no numbers make 0. What is not JSON, or has
# no list of numbers under `add`, it answers with `{"error": "…"}` and a sentence that helps, and keeps the connection open.

# %% tags=["solution"]
async def calculator(websocket):
    """Answer {"add": [numbers]} with {"sum": total}, anything else with {"error": why}."""
    async for message in websocket:
        try:
            numbers = json.loads(message)["add"]
            if not isinstance(numbers, list):
                raise TypeError("no list")
            reply = {"sum": sum(numbers)}
        except (ValueError, KeyError, TypeError, RecursionError):
            reply = {"error": 'send {"add": [1, 2, 3]} with numbers of your own'}
        await websocket.send(json.dumps(reply))


# %% tags=["check"]
async def calculate(client, question):
    """Send a question as it is; return the answer as an object."""
    try:
        await client.send(question)
        return json.loads(await asyncio.wait_for(client.recv(), 1))
    except TimeoutError:
        raise Wrong(f"No answer to {question}. Silence helps nobody: send an error.") from None
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        raise Wrong(f"At {question} the connection was closed with {code}. Answer, and go on.") from None
    except ValueError:
        raise Wrong(f"The answer to {question} is not JSON. Use `json.dumps` before you send.") from None


NONSENSE = {
    "1 + 2": "that is no JSON",
    '{"subtract": [3, 1]}': "it has no `add`",
    '{"add": ["one", 2]}': "a word is no number",
    '{"add": ["1", "2"]}': "a text is no number, though digits stand in it",
    '{"add": 3}': "a number is no list",
    "[]": "a list has no `add`",
    "{'add': [1, 2]}": "that is Python and no JSON. `eval` would run whatever a stranger sends, `json.loads` does not",
    '{"add": ""}': "an empty text is no list, though `sum` makes 0 of it: ask `isinstance(numbers, list)`",
}

@check(
    "`json.loads` raises `ValueError` for what is not JSON. What raises when the key is missing? When a number is a word?",
    "`try` around the calculation, `except (ValueError, KeyError, TypeError)`, and `send` after both.",
    "`sum` also adds what is no list, an empty text for one. Before it: `if not isinstance(numbers, list): raise TypeError`.",
)
async def check_calculator(calculator):
    """It adds, it explains, and it survives nonsense."""
    async with serve(calculator, "127.0.0.1", 0, compression=None) as server, Middlebox(server) as box:
        watch(Wire(box))
        client = await connect(bench.url(box), user_agent_header="Bob", close_timeout=0.3)
        try:
            expect('the answer to {"add": [1, 2, 3]}', await calculate(client, '{"add": [1, 2, 3]}'), {"sum": 6})
            expect('the answer to {"add": [0.5, -2]}', await calculate(client, '{"add": [0.5, -2]}'), {"sum": -1.5})
            expect("the answer to an empty list", await calculate(client, '{"add": []}'), {"sum": 0})
            for nonsense, why in NONSENSE.items():
                answer = await calculate(client, nonsense)
                if not (isinstance(answer, dict) and isinstance(answer.get("error"), str)) or "sum" in answer:
                    raise Wrong(f'{nonsense} was answered with {answer}. Expected {{"error": "a sentence"}}: {why}.')
                if not answer["error"].strip():
                    raise Wrong(f"{nonsense} was answered with an empty error. Say what was wrong, or what you expect.")
            expect("the answer to two and two, after all that", await calculate(client, '{"add": [2, 2]}'), {"sum": 4})
        finally:
            await client.close()


await check_calculator.verdict()

# %% [markdown]
# ## What you have now
#
# - A *handler* is called once for each connection. `async for` gives it each message, and ends when the client leaves.
# - On the wire a WebSocket is one HTTP request with its answer, then frames both ways, then a close frame from each end.
# - Either end may speak at any time. A question and its answer cannot do that. (HTTP can do half of it: in a *server-sent events*
#   stream the server goes on answering for hours. For prices that is enough. As soon as the client has something to say, it needs
#   a second request for it.)
# - A message is text or bytes. What it means is up to you; JSON is an agreement, not a part of the protocol.
# - What a handler raises costs its own client the connection (1011) and nobody else.
# - A browser speaks it too, with `new WebSocket(url)` and four callbacks.
#
# ### Three questions
#
# <details><summary>1. Why does the picture begin with HTTP when WebSocket is not HTTP?</summary>
#
# Because the way in is an HTTP server's. The same port can serve pages and WebSockets, and the handshake is a request
# that says "may we speak something else from here on?". After the 101 it is no longer HTTP.
# </details>
#
# <details><summary>2. A client is closed with 1006. Which frame carried that number?</summary>
#
# None. 1006 is what a library reports when the connection ended without a close frame.
# </details>
#
# <details><summary>3. <code>await websocket.send(…)</code> returned. Has the other side read the message?</summary>
#
# Nobody knows. It may lie in a buffer of your own program, in the operating system, or anywhere on the way. Whether it arrived,
# was read, or was understood, no one has told you.
# Lesson 13 is about that.
# </details>
#
# ### What is still missing
#
# You show it to the boss. It works: on your machine. Of the boss's list, nothing is done yet that a network could spoil.
# Before you let the network try, look inside: what exactly are those bytes, and could you write them yourself?
