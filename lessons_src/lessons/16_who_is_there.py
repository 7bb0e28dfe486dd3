# %% [markdown]
# # 16 · Who is there
#
# **In {minutes} you put a lock on the door. Whoever knocks says who he is, checks of yours decide, a stranger hears why not, and the list of who is here stays right when cables break.**

# %% [markdown]
# ## What the boss says
#
# > "A customer has telephoned. Somebody sold her gold in the chat, in *her* name. And the list of who is here had her twice. And it had her once more when she was on the telephone with me, with her laptop in the
# > bag. I want to know who is there. And I do not want anybody else."

# %% tags=["folded"]
# %load_ext wirelab
import asyncio

import aiohttp

from handmade import l15_namespaces as l15
from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.decode import Decoder
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Blackhole, Middlebox, ResetBoth
from wirelab.waiting import eventually, until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

QUICK = {"force_new": True, "reconnection_delay": 0.1, "reconnection_delay_max": 0.2}


class Ears:
    """What a socket hears of an event."""

    def __init__(self, socket, event):
        self.heard = asyncio.Queue()
        socket.on(event, lambda *what: self.heard.put_nowait(what))

    async def next(self):
        """The next one."""
        async with asyncio.timeout(5):
            return await self.heard.get()


# %% [markdown] tags=["teacher"]
# **Timing.** 12 minutes for the two ids, 15 for the build with the exercise, 10 for the list of who is here, 6 for Origin and cookies. With little time leave out section 8.
#
# **A question to start with:** "I telephone you and say: this is your bank. How do you know?" By the voice, by the number on the display, by something that only the bank can know. Only the third is worth anything, and it must not be
# written on the envelope. That is the whole lesson.
#
# **What goes wrong in a class.** Somebody sends the ticket in `query`, because it is shorter. Let them look at what the middlebox has seen of it.

# %% [markdown]
# ## 1. Who says so?
#
# This is how it is now. A customer says who she is, once, and the server keeps it under the id of her socket.

# %%
called = {}  # the name that somebody has given, by the id of the socket


def vault(io):
    """The customers' chat: they say who they are, and sell."""

    @io.on("connection")
    def welcome(socket):
        socket.on("i am", lambda name: called.update({socket.id: name}))
        socket.on("sell", lambda what: io.emit("sold", called.get(socket.id, "nobody"), what))


open_house = l15.Server()
vault(open_house)
unlocked = await bench.start("unlocked", open_house.listen())
cable = await bench.start("cable", Middlebox(unlocked))

ann = l15.io(bench.url(cable, scheme="http"), **QUICK)
ears = Ears(ann, "sold")
ann.emit("i am", "Ann")
ann.emit("sell", "a coin")
print(*await ears.next())

# %% [markdown]
# Now her cable breaks for a moment. Her client comes back by itself, as in lesson 11, and sends what she has said meanwhile.

# %%
guess_return = predict(
    "Ann has said who she is. Her connection breaks, her client comes back, and she sells a ring. Who has sold it?",
    a="Ann: it is the same client, and the same object `ann`.",
    b="Ann: the client tells the server its old id.",
    c="Nobody.",
)

# %% misconception=10
cable.rules = [ResetBoth()]
await until(lambda: not ann.connected)
cable.rules = []
ann.emit("sell", "a ring")

print(*await ears.next())
print("names that the server keeps:", list(called.values()))

# %%
guess_return.reveal(
    "c",
    "An id belongs to *one connection* in one namespace, not to a person. Ann has a new one now, and under that nothing is kept. And the old one still has her name, for ever.",
    a="At *her* end it is. The server has seen one socket end and another one begin.",
    b="It does not. (In lesson 18 there is something like that, and then it is a secret.)",
)

# %% [markdown]
# That is the honest case. Mallory needs no broken cable: she sends `i am` with Ann's name, and then she *is* Ann.
#
# ## 2. An id that is a key
#
# There are two ids, and both are called *sid*. The one in the answer to CONNECT (`40{"sid":"…"}`) is `socket.id`. Chats show it around, and by itself it opens nothing. The other one is in the open packet (`0{"sid":"…"}`),
# and it names the *session* of Engine.IO. Over polling it stands in the address of each request but the first:

# %% tags=["folded"]
POLLING = "/socket.io/?EIO=4&transport=polling&sid="


def requests(box):
    """The requests that a middlebox has seen from its clients."""
    return [unit.detail for unit in Decoder(box.trace).update() if unit.kind == "request" and unit.leg == "client"]


def log_line(request):
    """What a proxy writes of a request into its log. The id, which is another one each time, is left out here."""
    line = request.raw.split(b"\r\n")[0].decode()
    sid = request.query.get("sid")
    return line.replace(sid, "…") if sid else line


async def session_of_ann(box, transports):
    """Ann connects by these transports, says who she is, and stays. Gives her client."""
    ann = l15.io(bench.url(box, scheme="http"), auth={"token": "t-4711"}, transports=transports, **QUICK)
    ann.emit("i am", "Ann")
    await until(lambda: ann.connected and ann.io.engine.outbox.transport == transports[-1])
    return ann


async def theft(server, box, packet):
    """Send a packet in the session whose id can be read in the log of `box`."""
    ids = [request.query["sid"] for request in requests(box) if "sid" in request.query]
    if not ids:
        return "no id in any address"
    async with aiohttp.ClientSession() as http, http.post(bench.url(server, POLLING + ids[-1], scheme="http"), data=packet) as answer:
        return answer.status


# %%
ann.disconnect()
proxy = await bench.start("proxy", Middlebox(unlocked))
ann = await session_of_ann(proxy, ["polling"])
await asyncio.sleep(0.2)  # until she has said it

for line in sorted({log_line(request) for request in requests(proxy)}):
    print(line)

# %% [markdown]
# Proxies, load balancers and web servers write such lines into their logs. nginx does so by default, with all that stands behind the `?`. Mallory works where the log is kept.

# %%
guess_theft = predict(
    "Mallory takes Ann's session id from the log. From another connection, without a cookie, she POSTs an event with it. What does the server do?",
    a="It answers 200: Ann has sold something.",
    b="It refuses: Ann's session belongs to Ann's address.",
    c="It ends the session: two people speak in it.",
)

# %%
ears = Ears(ann, "sold")
print(await theft(unlocked, proxy, '42["sell","her house"]'))
print(*await ears.next())

# %%
guess_theft.reveal(
    "a",
    "Whoever has the id *is* the session. Such a thing is called a *bearer secret*: like a cloakroom ticket, it asks nobody's name.",
    b="No address is compared, in the official server and in python-socketio neither. On a phone it changes on the way from the Wi-Fi to the street.",
    c="For POSTs one after the other it is all the same who sends them. Two *polls* at once would end it: Mallory can also throw Ann out.",
)

# %% [markdown]
# How long is the key good? The same theft, with the transports that Ann may use:

# %%
ann.disconnect()
for transports in (["polling"], ["polling", "websocket"], ["websocket"]):
    async with Middlebox(unlocked) as box:
        ann = await session_of_ann(box, transports)
        await asyncio.sleep(0.2)
        print(f"{' → '.join(transports):20}", await theft(unlocked, box, '42["sell","her car"]'))
        ann.disconnect()

# %% [markdown]
# After the upgrade the id opens nothing: there are no polls any more. And who begins with a WebSocket has it in no address at all. So: HTTPS, no query strings in logs, and never show it.
#
# And no sid is a user. What is?
#
# ## 3. Say it at the door
#
# A client can say something of itself in its CONNECT packet: an object, *auth*. The server answers with CONNECT, or with CONNECT_ERROR and why:
#
# | packet | says |
# |---|---|
# | `40{"token":"…"}` | let me in; this is what I say of myself |
# | `40` | let me in; I say nothing: to your handlers that is `{}` |
# | `40{"sid":"…"}` | (the server) you are in |
# | `44{"message":"no strangers"}` | (the server) you are not, and why |
# | `44{"message":"…","data":{…}}` | the same, with something for the program |
# | `40[1]`, `40null` | against the protocol: the connection ends |
#
# It is better than the event `i am` in two ways. It comes *before* anything else. And it comes with *each* connection: the client says it again. (A token in the address,
# `query` or `?token=`, would do both, and would stand in the same log as the sid.)
#
# What should Ann say? Not her name, for Mallory knows it, too. A *ticket*, which she was given when she logged in with her password, somewhere else. (A real one is long and random, `secrets.token_urlsafe()`; hers is `t-4711`.) Whose it is stands in
# a table, and the table takes a moment, as databases do: `await database(ticket)`.

# %% [markdown]
# ## 4. The gate
#
# Who is let in is your application's business. So it hands the server functions, which are called with each socket *before* anybody knows of it: *middleware*. One of them may write down what it finds out, in `socket.data`. To say
# no, it raises `ConnectError("no strangers", data={…})`, with data or without.
#
# `Gate`, in the folded cell, keeps them, once for each namespace: the chat may be open to everybody, and the office not. `use` adds one to its list, `middleware`.

# %% tags=["export", "core", "folded"]
from collections.abc import Callable, Iterable
from typing import Any

from handmade import l08_meet_socketio as l08
from handmade import l11_core
from handmade.l08_meet_socketio import Packet, Type


class ConnectError(l11_core.ConnectError):
    """Raised by a middleware: who is refused is told `message` and `data`, which must be JSON."""

    def __init__(self, message: str, data: object = None) -> None:
        super().__init__(message)
        self.data = data
        l08.encode(Packet(Type.CONNECT_ERROR, self.reason()))  # raises here what could not be sent later

    def reason(self) -> dict[str, Any]:
        """What goes to the client; data only if there is some."""
        message = {"message": str(self)}
        return message if self.data is None else {**message, "data": self.data}



Middleware = Callable[[Any], Any]


class Gate:
    """What stands before a namespace: a row of middleware, each of which may say no."""

    def __init__(self) -> None:
        self.middleware: list[Middleware] = []
        self.examined = set[Any]()  # the sockets that stand before it now

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each socket before that is let in. It may be async, and raise ConnectError."""
        self.middleware.append(middleware)
        return middleware


# %% tags=["folded"]
from unittest.mock import patch

from handmade import l16_who_is_there as l16

TICKETS = {"t-4711": "Ann", "t-4712": "Bob"}
STRANGER = {"help": "Log in again."}
KNOCK = "nothing: refused: no strangers | Log in again. | tries again: false\nguess: refused: no strangers | Log in again. | tries again: false\nt-4711: connected as Ann"


async def database(ticket):
    """Whose ticket it is; None if it is nobody's."""
    await asyncio.sleep(0.05)
    return TICKETS.get(ticket)


async def check_ticket(socket):
    """A middleware: who has a ticket comes in, under the name that the ticket has."""
    name = await database(socket.handshake["auth"].get("token"))
    if name is None:
        raise l16.ConnectError("no strangers", data=STRANGER)
    socket.data["name"] = name


def guarded(io):
    """That server, with a gate; it tells who is in who he is."""
    io.use(check_ticket)
    io.on("connection", lambda socket: socket.on("who am i", lambda answer: answer(socket.data["name"])))
    return io


async def is_stopped(my_objection):
    """Whether it ends when its task is cancelled: the client has gone."""
    task = asyncio.ensure_future(my_objection([lambda subject: asyncio.sleep(5)], "a socket"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The gatekeeper
# *12 minutes, medium*
#
# Write `my_objection(middleware, subject)`, the heart of the gate. It calls each function in `middleware` with `subject`, **one after the other**: if a call gives a coroutine, it is awaited before the next one begins. The first that raises ends it:
# `my_objection` *returns* that exception, whatever kind of `Exception` it is, and calls no further one. What a function *returns* is no objection. If nobody has anything against the subject, `my_objection` returns None.
#
# The check puts it into a server, and the official client knocks without a ticket, with a wrong one and with Ann's.
#
# <details><summary>The program that the check runs</summary>
#
# ```js knock.mjs
# import { io } from "socket.io-client";
#
# for (const token of [undefined, "guess", "t-4711"]) {
#   const options = { auth: { token }, transports: ["websocket"], forceNew: true };
#   const socket = io(url, options);
#   const end = (...words) => console.log(`${token ?? "nothing"}:`, ...words);
#   await new Promise((resolve) => {
#     socket.on("connect", async () => {
#       end("connected as", await socket.emitWithAck("who am i"));
#       resolve();
#     });
#     socket.on("connect_error", (error) => {
#       end("refused:", error.message, "|", error.data?.help, "| tries again:", socket.active);
#       resolve();
#     });
#   });
#   await new Promise((resolve) => setTimeout(resolve, 200));      // until his connection has ended
# }
# process.exit();
# ```
# </details>

# %% tags=["check"]
def note(order, name, fault=None, wait=None, result=None):
    """A middleware that notes that it was called, and raises `fault`; with `wait` its call gives a coroutine."""

    def examine(subject):
        order.append((name, subject))
        if fault:
            raise fault
        return result

    async def examine_later(subject):
        order.append((f"{name} begins", subject))
        await asyncio.sleep(wait)
        return examine(subject)

    return (lambda subject: order.append((f"{name} is called", subject)) or examine_later(subject)) if wait else examine


NO, FAULT, LATE = l16.ConnectError("no"), KeyError("token"), TypeError("no table")
ROWS = [  # in words, how to make the middleware, what is called, what is returned
    ("no middleware", lambda order: [], [], None),
    ("two plain functions", lambda order: [note(order, "first"), note(order, "second")], ["first", "second"], None),
    ("a slow one, whose call gives a coroutine, before a plain one", lambda order: [note(order, "slow", wait=0.02), note(order, "plain")], ["slow is called", "slow begins", "slow", "plain"], None),
    ("two that return something, which is no objection", lambda order: [note(order, "first", result=False), note(order, "slow", wait=0.02, result="words")], ["first", "slow is called", "slow begins", "slow"], None),
    ("one that raises ConnectError, before another one", lambda order: [note(order, "no", NO), note(order, "other")], ["no"], NO),
    ("a slow one that raises ConnectError, before another one", lambda order: [note(order, "no", NO, wait=0.02), note(order, "other")], ["no is called", "no begins", "no"], NO),
    ("one with an error in it, which raises KeyError", lambda order: [note(order, "fault", FAULT), note(order, "other")], ["fault"], FAULT),
    ("a slow one that raises TypeError", lambda order: [note(order, "fault", LATE, wait=0.02), note(order, "other")], ["fault is called", "fault begins", "fault"], LATE),
]


@check(
    "A loop over `middleware`. Each call stands in a `try`, and `except Exception as error` returns the error.",
    "A call of an `async def` gives a coroutine, and has done nothing yet: `if asyncio.iscoroutine(result): await result`. That may raise, too: it belongs into the `try`.",
    "After the loop comes `return None`. In the loop it would end after the first.",
    timeout=20,
)
async def check_objection(my_objection):
    """Each is asked in turn, the first no counts, and the official client hears it."""
    for words, make, called, returned in ROWS:
        order = []
        try:
            got = await my_objection(make(order), "a socket")
        except (l16.ConnectError, KeyError, TypeError) as error:
            if error is not returned:
                raise
            raise Wrong(f"With {words}, the exception came out of `my_objection`. It is to be *returned*, wherever it was raised, and of whatever kind it is.") from None
        if got is not returned and (returned or isinstance(got, Exception)):
            raise Wrong(f"With {words}, it returned {got!r}. {'Return the exception itself.' if returned else 'Nobody had anything against it: None.'}")
        expect(f"what is called, with {words},", order, [(name, "a socket") for name in called])
        if got is not returned:
            raise Wrong(f"With {words}, it returned {got!r}. Nobody had anything against it: None.")
    if not await is_stopped(my_objection):
        raise Wrong("A client goes while a middleware awaits, and its task is cancelled. Yours went on: `except Exception` leaves a cancellation alone, `except BaseException` and a bare `except` do not.")
    with patch.object(l16, "objection", my_objection):
        async with guarded(l16.Server()).listen() as port, Middlebox(port) as line:
            watch(Wire(line, layer="Socket.IO"))
            said = await bench.javascript(bench.program("16/knock.mjs"), url=bench.url(line, scheme="http"))
    expect("what the official client says", said, KNOCK)


await check_objection.verdict()

# %% tags=["export", "core"]
import asyncio


async def objection(middleware: Iterable[Middleware], subject: Any) -> Exception | None:
    """Ask one middleware after the other; what the first raises that has something against the subject."""
    for examine in tuple(middleware):
        try:
            result = examine(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return error
    return None


# %% [markdown]
# ## 5. In, or out, or gone
#
# What does a stranger hear? The words of a `ConnectError`: they are meant for him. But a middleware may also have a fault, and raise a KeyError, or a sentence of the database with its password in it. Then he is **refused**, for a check that could not be
# made was not passed; and he hears no more than `Internal error`. What has failed goes into *your* log. (`reason`, folded.)

# %% tags=["export", "folded"]
import logging


def reason(error: Exception, namespace: str) -> dict[str, Any]:
    """What is told to whom a middleware does not let in: its words, or no word of a fault of ours."""
    if isinstance(error, ConnectError):
        return error.reason()
    logging.getLogger("handmade").error("A middleware of %s failed.", namespace, exc_info=error)
    return {"message": "Internal error"}


# %% [markdown]
# (The official server, 4.8.4, tells a stranger the message of *any* error that is handed to `next(error)`. And if a middleware throws, plain or `async`, nobody there catches it: Node ends.)
#
# Then the client itself. Lesson 15 has let a socket in at once, `let_in`. Now there may be a gate before it, and then a task begins: the *examination*. While that awaits the database, much can happen. So it looks again before it does
# anything:

# %% tags=["export", "core", "folded"]
import time
from sys import intern

from aiohttp import web

from handmade import l15_core
from handmade.l08_meet_socketio import RESERVED
from handmade.l14_core import names


def describe(request: web.Request) -> dict[str, Any]:
    """What the first request of a connection says of the client, under the official server's names."""
    return {
        "headers": {intern(name.lower()): value for name, value in request.headers.items()},  # once for all
        "query": dict(request.query),
        "address": request.remote,
        "url": request.path_qs,
        "secure": request.secure,
        "xdomain": "Origin" in request.headers,
    }


class Namespace(l15_core.Namespace, Gate):
    """A namespace into which not everybody comes."""

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__(name, parent)
        Gate.__init__(self)
        if parent:
            self.middleware = [*parent.middleware]

    def tidy(self) -> None:
        """Nobody may be here any more, and nobody at the gate."""
        if not self.examined:
            super().tidy()


# %% tags=["export", "core", "folded"]
class Newcomer(l15_core.Socket):
    """One client in one namespace, with what is known of it, and kept for it. It may not be in yet."""

    audience: Any

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.connected = False  # until it is let in
        now = time.time()
        self.handshake |= client.session.handshake
        self.handshake |= {"time": time.ctime(now), "issued": round(now * 1000)}
        self.data: dict[str, Any] = {}
        self.early_rooms: list[str] | None = []

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several, as soon as it is let in."""
        if self.early_rooms is None:
            super().join(rooms)
        else:
            self.early_rooms += names(rooms)

    def leave(self, room: str) -> None:
        """Leave a room, or do not enter it."""
        if self.early_rooms:
            self.early_rooms = [early for early in self.early_rooms if early != room]
        super().leave(room)

    def begin(self) -> None:
        """It has been let in."""
        rooms, self.early_rooms = self.early_rooms or [], None
        self.join(rooms)


# %% tags=["export", "core", "folded"]
class Socket(Newcomer):
    """One client in one namespace, as the handlers see it. What it says may be looked at, too."""

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.middleware: list[Middleware] = []

    def use(self, middleware: Middleware) -> Middleware:
        """Have it called with each event, a list, before its handlers. What it raises is told as `error`."""
        self.middleware.append(middleware)
        return middleware

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event, unless a middleware has something against it."""
        error = None
        if self.middleware and event not in RESERVED:
            error = await objection(self.middleware, [event, *arguments])
        if error:
            await super().fire("error", error)
        else:
            await super().fire(event, *arguments)


# %% tags=["export", "folded"]
from handmade import l09_core
from handmade import l15_namespaces as l15
from handmade.l08_meet_socketio import ProtocolError


class Gatekeeper(l15.Client):
    """One connection, and those of its sockets that are being examined."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.examinations: dict[str, tuple[Socket, Any]] = {}

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace, unless that is being examined. Raises ProtocolError."""
        if packet.namespace in self.examinations:
            raise ProtocolError("a second CONNECT before the first is answered")
        super().connect(packet)

    def admit(self, socket: Socket) -> None:
        """Let a socket in."""
        socket.connected = True
        super().let_in(socket)
        socket.begin()

    def dismiss(self, socket: Socket) -> None:
        """It stands before the gate no longer."""
        self.examinations.pop(socket.namespace, None)
        if socket in socket.audience.examined:
            socket.audience.examined.remove(socket)
            socket.audience.tidy()

    def closed(self, reason: str) -> None:
        """The connection has ended. Nobody waits for the end of an examination any more."""
        for socket, examination in tuple(self.examinations.values()):
            examination.cancel()
            self.dismiss(socket)
        super().closed(reason)


# %% tags=["export"]
class Client(Gatekeeper):
    """One connection. Its sockets are examined before they come into their namespaces."""

    def let_in(self, socket: Socket) -> None:
        """Let a socket in, at once or after its examination."""
        gate = socket.audience
        if gate.middleware:
            gate.examined.add(socket)
            self.examinations[socket.namespace] = (socket, self.server.start(self.examine(socket)))
        else:
            self.admit(socket)

    async def examine(self, socket: Socket) -> None:
        """Let a socket in or refuse it, if its client is still there after all that."""
        try:
            error = await objection(socket.audience.middleware, socket)
            if self.session.state == "open":
                self.decide(socket, error)
        finally:
            self.dismiss(socket)

    def decide(self, socket: Socket, error: Exception | None) -> None:
        """Let a socket in, or refuse it."""
        if error:
            self.refuse(socket.namespace, reason(error, socket.namespace))
        else:
            self.admit(socket)


# %% [markdown]
# The other half is folded: when the connection ends, its examinations are *cancelled*, at the `await` at which they stand. The `if` is for the rest: a middleware may itself have thrown the client out.
#
# Folded, too: `Socket`, with `data` and `handshake`; a second CONNECT during an examination, which ends the connection (the official server makes two sockets of it); the server; and your client, whose `auth` may be a function now,
# asked at each connection.
#
# <details><summary>Middleware for each event</summary>
#
# `socket.use(check)` looks at what a client *says*: `check([event, *arguments])` runs before the handlers, and what it raises goes to the handlers of `error` on the server's side. The client hears nothing of it, unless you tell him; without
# such a handler nobody does. It is the place for a limit: so many events in a second.
#
# (A middleware of the *gate* may have its socket `join` a room. What the socket emits there goes nowhere: it is not in yet. The official server, 4.8.4, sends it, before CONNECT.)
# </details>

# %% tags=["export", "folded"]
from collections.abc import Mapping

from handmade import l10_heartbeats as l10
from handmade import l13_acknowledgements as l13


class Session(l10.Session):
    """A session that remembers with what it began."""

    handshake: Mapping[str, Any] = {}


class Engine(l10.Engine):
    """Engine.IO whose sessions remember with what they began."""

    session_type = Session

    def open(self, request: web.Request) -> Any:
        """A new session."""
        session = super().open(request)
        session.handshake = describe(request)
        return session


class Server(l15.Server, Gate):
    """A Socket.IO server that knows who is there, with Options."""

    engine_type = Engine
    client_type: type[l13.Client] = Client
    namespace_type = Namespace

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        Gate.__init__(self)

    def tidy(self) -> None:
        """This namespace stays, also when nobody is in it."""


# %% tags=["export", "folded"]
class ClientSocket(l15.ClientSocket):
    """Your end of a namespace. `auth` may be a function that is asked each time: it may be async."""

    def present(self, auth: Any) -> None:
        """Say who we are, as soon as we know, and ask to be let in."""
        if callable(auth):
            self.finding_out = asyncio.create_task(self.find_out(auth, self.io.engine))
        else:
            super().present(auth)

    async def find_out(self, auth: Callable[[], Any], engine: Any) -> None:
        """Ask the function, and present what it says, if this connection is still there and wanted."""
        try:
            said = auth()
            if asyncio.iscoroutine(said):
                said = await said
        except Exception as error:
            if self.io.engine is engine:
                self.is_knocking = False
                if self.active:
                    self.refused({"message": str(error)})
            return
        if self.io.engine is not engine:
            return
        if self.active:
            super().present(said)
        else:
            self.is_knocking = False


class Manager(l15.Manager):
    """One connection, and the sockets that share it."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace of a Socket.IO server, as the `io` of lesson 15 does. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)


# %% [markdown]
# ## 6. The vault, again
#
# One middleware, and no event `i am` any more. The handlers ask nobody: whoever reaches them has a name. What somebody has sold is kept twice, with the socket and with the person.

# %%
from collections import defaultdict

sold = defaultdict(list)  # what each person has sold, by name


def safe_vault(io):
    """The customers' chat: who has a ticket comes in, and sells under the name that the ticket has."""

    @io.use
    async def check_ticket(socket):
        name = await database(socket.handshake["auth"].get("token"))
        if name is None:
            raise ConnectError("no strangers", data={"help": "Log in again."})
        socket.data = {"name": name, "sold": []}

    @io.on("connection")
    def welcome(socket):
        name = socket.data["name"]
        socket.on("who am i", lambda answer: answer(name))

        @socket.on("sell")
        def sell(what):
            for items in (socket.data["sold"], sold[name]):
                items.append(what)
            io.emit("sold", name, what, socket.data["sold"], sold[name])


house = Server()
safe_vault(house)
mine = await bench.start("my server", house.listen())

# %% [markdown]
# The official client knocks three times: without a ticket, with a wrong one, with Ann's. Click the packets.

# %%
gate = await bench.start("gate", Middlebox(mine))
print(await bench.javascript(bench.program("16/knock.mjs"), url=bench.url(gate, scheme="http")))
await gate.quiet()
Wire(gate, layer="Socket.IO")

# %% [markdown]
# *Tries again: false.* A refusal is an answer, and no broken cable (lesson 11): the client stays away until somebody calls `connect()`. A page shows the form for the password then.

# %% [markdown]
# And Ann, whose cable breaks?

# %%
sold.clear()
cable = await bench.start("cable", Middlebox(mine))
ann = io(bench.url(cable, scheme="http"), auth={"token": "t-4711"}, **QUICK)
ears = Ears(ann, "sold")

for what in ("a coin", "a ring"):
    ann.emit("sell", what)
    name, _, of_socket, of_person = await ears.next()
    print(f"{name} · in socket.data: {of_socket} · under her name: {of_person}")
    cable.rules = [ResetBoth()]
    await until(lambda: not ann.connected)
    cable.rules = []
ann.disconnect()

# %% [markdown]
# Her client has said its `auth` again, by itself, and the gate has asked again. She is Ann, on a new socket with **new `data`**: that lives as long as the socket. Her language belongs there. Her basket does not: what is the *person's* is kept
# under the name that the gate has found.

# %% [markdown]
# ### After each `await`
#
# The gate looks whether a client is still there. In your *handlers* nobody does it for you. This one keeps a list, on the official server. Ann leaves meanwhile.
#
# ```js
# server.on("connection", async (socket) => {
#   await pause(200);                                         // the database
#   if (careful && !socket.connected) return;
#   present.add("Ann");
#   socket.on("disconnect", () => present.delete("Ann"));
# });
# ```
#
# <details><summary>The whole program</summary>
#
# ```js ghost.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
# import { io } from "socket.io-client";
#
# const http = createServer();
# const server = new Server(http);
# const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
# const present = new Set();
#
# server.on("connection", async (socket) => {
#   await pause(200);                                         // the database
#   if (careful && !socket.connected) return;
#   present.add("Ann");
#   socket.on("disconnect", () => present.delete("Ann"));
# });
#
# await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
# const ann = io(`http://127.0.0.1:${http.address().port}`, { transports: ["websocket"] });
# ann.on("connect", () => ann.disconnect());
# await pause(600);
# console.log("connected:", server.engine.clientsCount, "- on the list:", [...present].join() || "nobody");
# process.exit();
# ```
# </details>

# %%
guess_ghost = predict(
    "With `careful` false, the line in the middle does nothing. Who is on the list at the end?",
    a="Nobody: `disconnect` takes her off.",
    b="Ann, as long as the server runs.",
    c="Nobody: the handler is not run to its end, since she is gone.",
)

# %%
for careful in (False, True):
    print("careful" if careful else "careless", "·", await bench.javascript(bench.program("16/ghost.mjs"), careful=careful))

# %%
guess_ghost.reveal(
    "b",
    "The event came, and nobody listened to it yet. It comes once. Then she was put on the list, and nothing will take her off.",
    a="It would, if its line and the `add` stood *before* the `await`. That is the other cure. Its line alone would take her off before she is on.",
    c="In JavaScript nobody can stop a function that awaits. In Python a task can be cancelled, but only if somebody does it.",
)

# %% [markdown]
# On your server the handlers of one client come one after the other, so `disconnect` waits for the slow `connection`. A task that you have started yourself has the same trouble there, as in lesson 14. So:
# **after each `await`, look at `socket.connected`** before you put a client anywhere.
#
# ## 7. Who is here
#
# The boss's list. There are two that suggest themselves: the names by *socket*, a dict; and the names alone, a set. `connection` adds, `disconnect` takes off.

# %% tags=["folded"]
by_socket, by_name = {}, set()


def two_lists(io):
    """Keep both lists."""

    @io.on("connection")
    def welcome(socket):
        name = socket.data["name"]
        by_socket[socket.id] = name
        by_name.add(name)

        @socket.on("disconnect")
        def gone(reason):
            del by_socket[socket.id]
            by_name.discard(name)


async def ann_by(way):
    """Ann's client, which is there by that way, and whose server has done with its handlers."""
    ann = io(bench.url(way, scheme="http"), auth={"token": "t-4711"}, transports=["websocket"], reconnection=False, force_new=True)
    await until(lambda: ann.connected)
    await asyncio.sleep(0.05)
    return ann


# %% [markdown]
# Ann is on the train. Her cable is pulled: nothing passes, and nobody is told. She is back over another one before your server has noticed. Then its heartbeat notices the first one (lesson 10; here within a second and a half), and
# `disconnect` comes for it.

# %% tags=["folded"]
MOMENTS = ("she is here", "back over another cable", "the first one is noticed", "she leaves")


async def two_cables(server, show):
    """What `show()` gives while Ann's cable is pulled, she comes back over another one, the first is noticed, she leaves."""
    server.use(check_ticket)
    async with server.listen() as port, Middlebox(port) as cable:
        watch(Wire(cable, layer="Socket.IO"))
        seen = []
        for way in (cable, port):
            ann = await ann_by(way)
            seen.append(show())
            cable.rules = [Blackhole()]
        await until(lambda: len(server.sockets) == 1, 10)
        await asyncio.sleep(0.05)
        seen.append(show())
        ann.disconnect()
        await until(lambda: not server.sockets)
        await asyncio.sleep(0.05)
        seen.append(show())
    return seen


def show_both():
    """Both lists, in words."""
    return f"by socket: {' '.join(by_socket.values()) or '-':8} by name: {' '.join(by_name) or '-'}"


SHORT = {"ping_interval": 0.4, "ping_timeout": 1}

# %%
guess_list = predict(
    "Ann is here, over the second cable. Who is on the list *by name*, after the first one has been noticed?",
    a="Ann, once.",
    b="Nobody.",
    c="Ann, twice.",
)

# %%
hall = Server(**SHORT)
two_lists(hall)
for moment, lists in zip(MOMENTS, await two_cables(hall, show_both), strict=True):
    print(f"{moment:25}", lists)

# %%
guess_list.reveal(
    "b",
    "The first socket's end takes her name off, and does not ask whether there is another one. So it stays, since nothing happens to the second one.",
    a="That is what everybody wants, and what you write now.",
    c="That is the other list, for the time until the heartbeat has noticed. It was the boss's twice.",
)

# %% [markdown]
# Two tabs do the same as two cables, and need no accident. So the list is of *people*, and for each of them it knows their sockets.

# %% tags=["folded"]
def attendance(io, presence):
    """Others hear who comes and who leaves: people, and not sockets."""

    @io.on("connection")
    def welcome(socket):
        name = socket.data["name"]
        if presence.came(name, socket.id):
            socket.broadcast.emit("came", name)

        @socket.on("disconnect")
        def gone(reason):
            if presence.left(name, socket.id):
                io.emit("left", name)


TABS = "Ann came, one tab closes, the other closes, Ann left"

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The list that is right
# *12 minutes, medium*
#
# Write `MyPresence`, which is told of sockets and knows about people.
#
# - `came(name, id)`: a socket of that person has come. Returns True if the person was not here before, else False.
# - `left(name, id)`: that socket has gone. Returns True if it was the person's last one, else False; also False, and no error, if no such socket is known.
# - `names()`: the names of those who are here, as a sorted list.
#
# Who has left leaves nothing behind. The check is, among others, two tabs of the official client, and the pulled cable.
#
# <details><summary>The program that the check runs, with two tabs</summary>
#
# ```js tabs.mjs
# import { io } from "socket.io-client";
#
# const options = { transports: ["websocket"], forceNew: true, reconnection: false };
# const open = (token) => new Promise((resolve) => {
#   const socket = io(url, { ...options, auth: { token } });
#   socket.on("connect", () => resolve(socket));
# });
# const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
#
# const heard = [];
# const bob = await open("t-4712");
# for (const event of ["came", "left"]) bob.on(event, (name) => heard.push(`${name} ${event}`));
#
# const tabs = [await open("t-4711"), await open("t-4711")];
# for (const [index, words] of ["one tab closes", "the other closes"].entries()) {
#   await pause();
#   heard.push(words);
#   tabs[index].disconnect();
# }
# await pause();
# console.log(heard.join(", "));
# process.exit();
# ```
# </details>

# %% tags=["check"]
TOLD = [  # what happens, what it returns, who is here then
    (("came", "Ann", "1"), True, ["Ann"]), (("came", "Bob", "2"), True, ["Ann", "Bob"]), (("came", "Ann", "3"), False, ["Ann", "Bob"]),
    (("left", "Ann", "1"), False, ["Ann", "Bob"]), (("left", "Ann", "1"), False, ["Ann", "Bob"]), (("left", "Cy", "7"), False, ["Ann", "Bob"]),
    (("left", "Ann", "3"), True, ["Bob"]), (("came", "Ann", "4"), True, ["Ann", "Bob"]), (("came", "Ann", "4"), False, ["Ann", "Bob"]),
    (("came", "Ann", "5"), False, ["Ann", "Bob"]), (("left", "Ann", "5"), False, ["Ann", "Bob"]),
    (("left", "Ann", "2"), False, ["Ann", "Bob"]), (("left", "Ann", "4"), True, ["Bob"]), (("left", "Bob", "2"), True, []), (("left", "Bob", "2"), False, []),
]


def leftovers(presence):
    """What is in its collections, in words."""
    return [f"{name} = {value!r}" for name, value in getattr(presence, "__dict__", {}).items() if hasattr(value, "__len__") and len(value)]


@check(
    "For each name a set of the ids of its sockets: a dict of sets.",
    "`came`: look first whether the name is there, then add the id. `left`: take the id out, and if nothing is left of the set, the name, too.",
    "`discard` raises nothing if the id is not there, but then it was not the *last* socket either: look first.",
    timeout=30,
)
async def check_presence(MyPresence):
    """Two tabs are one person, a second cable is no second one, and the end of one socket is not the end of her."""
    other, presence, before = MyPresence(), MyPresence(), ""
    other.came("Zoe", "9")
    if presence.names():
        raise Wrong("Zoe has come to one `MyPresence()`, and another one knows of her. What `__init__` puts into `self` is each one's own; what stands in the class itself, all of them share.")
    for (what, name, id), returned, here in TOLD:
        call = f'{what}("{name}", "{id}")'
        expect(f"what `{call}` returns{before}", getattr(presence, what)(name, id), returned)
        before = f"{before}, and then `{call}`" if before else f", after `{call}`"
        expect(f"`names()`{before}", presence.names(), here)
    if found := leftovers(presence):
        raise Wrong(f"All have left, and this is still there: {'; '.join(found)}. In a year that is everybody who has ever been here.")
    server = l16.Server()
    server.use(check_ticket)
    attendance(server, MyPresence())
    async with server.listen() as port, Middlebox(port) as line:
        watch(Wire(line, layer="Socket.IO"))
        said = await bench.javascript(bench.program("16/tabs.mjs"), url=bench.url(line, scheme="http"))
    expect("what Bob hears of Ann's two tabs", said, TABS)
    server, presence = l16.Server(**SHORT), MyPresence()
    attendance(server, presence)
    expect("who is here, with the pulled cable", await two_cables(server, presence.names), [["Ann"], ["Ann"], ["Ann"], []])


await check_presence.verdict()

# %% tags=["export", "core", "folded"]
class Presence:
    """Who is here: people by name, however many sockets each of them has."""

    def __init__(self) -> None:
        self.sockets: dict[str, set[str]] = {}  # the ids of each person's sockets

    def came(self, name: str, id: str) -> bool:
        """A socket has come. Is it the first one of that person?"""
        is_first = name not in self.sockets
        self.sockets.setdefault(name, set()).add(id)
        return is_first

    def left(self, name: str, id: str) -> bool:
        """A socket has gone. Was it the last one of that person?"""
        ids = self.sockets.get(name, set())
        if id not in ids:
            return False
        ids.remove(id)
        if ids:
            return False
        del self.sockets[name]
        return True

    def names(self) -> list[str]:
        """Who is here."""
        return sorted(self.sockets)


# %%
hall, presence = Server(**SHORT), Presence()
attendance(hall, presence)
for moment, people in zip(MOMENTS, await two_cables(hall, presence.names), strict=True):
    print(f"{moment:25}", *people or ["nobody"])

# %% [markdown]
# What no list can know: a cable that breaks without a word leaves a *ghost*, until the heartbeat has noticed. With the defaults that takes up to 45 seconds.
#
# ## 8. Whose page is it?
#
# Many pages have their users log in, and the browser keeps a *cookie* for that. It sends it with its requests to that host, and also with the one that opens a WebSocket: so the gate can look at
# `socket.handshake["headers"]["cookie"]`, and needs no token. There is a trap in it. Chromium sends a cookie that says `SameSite=None` *whoever's page* makes the request, unless it blocks third-party cookies (Debian's 156 does, Chrome only in a private window).
#
# Lesson 09 has shown that the official server takes a WebSocket from any `Origin`. Here is a bank on it, which lets in who has the cookie.
#
# <details><summary>The bank, and a careful one</summary>
#
# ```js bank.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const isOwn = ({ headers: { origin, host } }) => !origin || origin.split("://")[1] === host;
# const careful = { allowRequest: (request, answer) => answer(null, isOwn(request)) };
#
# const http = createServer();
# const io = new Server(http, process.argv[2] === "careful" ? careful : {});
# const sessions = new Map([["session=c0ffee", "Ann"]]);       // no object: it would know "constructor", too
#
# io.use((socket, next) => {
#   socket.data.name = sessions.get(socket.handshake.headers.cookie);
#   next(socket.data.name ? undefined : new Error("no strangers"));
# });
# io.on("connection", (socket) => socket.emit("balance", socket.data.name, 1000));
#
# http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
# ```
# </details>

# %%
guess_bank = predict(
    "Ann is logged in at this bank, with a cookie that says `SameSite=None`, and her browser allows third-party cookies. In another tab she reads evil.example, and a script there opens a WebSocket to the bank. What does it get?",
    a="Ann's balance.",
    b="Nothing: by default the server allows no other origin.",
    c="`no strangers`: a foreign page has not got her cookie.",
)

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"


async def visit(server, origin):
    """What Ann's browser is told over a WebSocket that a page of that origin opens: we send its two headers."""
    headers = {"Origin": origin, "Cookie": "session=c0ffee"}
    try:
        async with connect(bench.url(server, WEBSOCKET), additional_headers=headers, compression=None, proxy=None) as websocket:
            await websocket.send("40")
            while (packet := await websocket.recv())[:2] not in ("42", "44"):
                pass
            return packet
    except InvalidStatus as error:
        return f"refused, with {error.response.status_code}"


# %% tags=["folded"]
def bank(io):
    """The same bank, on your server."""

    @io.use
    def check_cookie(socket):
        if socket.handshake["headers"].get("cookie") != "session=c0ffee":
            raise ConnectError("no strangers")
        socket.data["name"] = "Ann"

    io.on("connection", lambda socket: socket.emit("balance", socket.data["name"], 1000))
    return io


banks = {
    "official": await bench.start("official bank", Child.node("lessons_src/programs/16/bank.mjs")),
    "careful": await bench.start("careful bank", Child.node("lessons_src/programs/16/bank.mjs", "careful")),
    "yours": await bench.start("your bank", bank(Server()).listen()),
}

# %% misconception=24
for whose, server in banks.items():
    print(f"{whose:9} its own page:", await visit(server, bench.url(server, scheme="http")))
    print(f"{'':9} evil.example:", await visit(server, "https://evil.example"))

# %%
guess_bank.reveal(
    "a",
    "The official server (4.8.4) asks no WebSocket where it comes from, and the cookie came along. The name for it is *cross-site WebSocket hijacking*. `allowRequest` is the cure there; yours has had one since lesson 09.",
    b="That is the option `cors`, and it is about headers of answers. A browser asks for no such header before it opens a WebSocket.",
    c="The page cannot *read* it. A browser that allows third-party cookies sends it all the same.",
)

# %% [markdown]
# A cookie with `SameSite=Lax` or `Strict` (for Chromium one that says nothing is `Lax`) does not go along with a foreign *site*'s WebSocket. But a site is wider than an origin: a page at another port of the same host had even a `Strict` one sent
# along (seen with Chromium 156). So it is only a second lock.
#
# | | cookie | token in `auth` |
# |---|---|---|
# | who adds it | the browser, for whoever's page | your page's script |
# | a foreign page | may have it sent: look at Origin | has none |
# | a script that got *into* your page | cannot read it (`HttpOnly`) | can read it |
#
# And what does Origin protect? *Ann*, from pages. Not your server from programs: a program writes into that header what it likes. Against programs there is the ticket.

# %% [markdown]
# ## 9. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio | JavaScript, the official one |
# |---|---|---|---|
# | the client says | `io(url, auth={…})` | `connect(url, auth={…})` | `io(url, { auth: {…} })` |
# | anew each time | `auth=function` | `auth=function` | `auth: (answer) => answer({…})` |
# | the check | `io.use(check)`, several | the handler of `connect`, one | `io.use(check)`, several |
# | says no | `raise ConnectError("no", data=…)` | `raise ConnectionRefusedError("no", …)` | `next(error)`, with `error.data` |
# | kept for a socket | `socket.data` | `sio.session(sid)` | `socket.data` |
# | after a reconnection | new | new | new, unless it was recovered (lesson 18) |
#
# <details><summary>The official server</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
# const tickets = new Map([["t-4711", "Ann"], ["t-4712", "Bob"]]);
#
# io.use((socket, next) => {
#   socket.data.name = tickets.get(socket.handshake.auth.token);
#   const error = Object.assign(new Error("no strangers"), { data: { help: "Log in again." } });
#   next(socket.data.name ? undefined : error);
# });
# io.on("connection", (socket) => {
#   socket.on("who am i", (answer) => answer(socket.data.name));
# });
# http.listen(process.env.PORT, "127.0.0.1", () => console.log(JSON.stringify(http.address())));
# ```
# </details>

# %%
import socketio

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("connect")
async def look_at_ticket(sid, environ, auth):
    """The one check."""
    name = await database((auth or {}).get("token"))
    if name is None:
        raise socketio.exceptions.ConnectionRefusedError("no strangers", {"help": "Log in again."})
    await sio.save_session(sid, {"name": name})


# %% tags=["folded"]
@sio.on("who am i")
async def who_am_i(sid):
    """The name that was kept."""
    return (await sio.get_session(sid))["name"]


GATE_RULES = [rule for rule in rulebook.RULES if rule.lesson == 16]
rules_python = await bench.start("rules of python", rulebook.python_socketio())
app = web.Application()
sio.attach(app)
three = {
    "yours": mine,
    "python-socketio": await bench.start("python", bench.aiohttp(app)),
    "official": await bench.start("official", Child.node("lessons_src/programs/16/server.mjs")),
}

# %%
said = {}
for whose, server in three.items():
    said[whose] = await bench.javascript(bench.program("16/knock.mjs"), url=bench.url(server, scheme="http"))

print(said["yours"])
print("all three the same:", len(set(said.values())) == 1)

await rulebook.hold(rules_python, rules=GATE_RULES, name="python-socketio")

# %% [markdown]
# Look at *said to all*. Whoever knocks at python-socketio 5.18 is among *all* before the handler of `connect` has said yes, and hears what they hear. So say it to a room, which people enter after the check.

# %% [markdown]
# ## One more exercise

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · A ticket that has run out
# *12 minutes, medium*
#
# Tickets are good for an hour, and a client runs for days. Write `renew(socket, fetch)` for your client. When the server refuses `socket` with the data `{"expired": True}`, `await fetch()` gives a new ticket: put `{"token": ticket}` into `socket.auth`, and connect
# again. Once is enough: if the new ticket has expired as well, leave it, until the socket has been connected again. Other refusals, and errors of the network, are not yours.
#
# The check has a server of yours whose tickets expire, also in the middle of a conversation.

# %% tags=["solution"]
def renew(socket, fetch):
    """Have a new ticket when the server says that the old one has expired: once, until we have been in again."""
    has_fetched = False

    @socket.on("connect")
    def connected():
        nonlocal has_fetched
        has_fetched = False

    @socket.on("connect_error")
    async def refused(error):
        nonlocal has_fetched
        match getattr(error, "data", None):
            case {"expired": True} if not has_fetched:
                has_fetched = True
                socket.auth = {"token": await fetch()}
                socket.connect()


# %% tags=["check"]
async def day(renew, first, tickets, now, later):
    """With which tickets the client knocks, and how often it fetches one; `now` and `later`, in an hour, are due."""
    knocks, fetched, server = [], [], Server()

    @server.use
    def examine(socket):
        knocks.append(socket.handshake["auth"].get("token"))
        if tickets.get(knocks[-1]) is not True:
            raise ConnectError("no", data=tickets.get(knocks[-1]))

    async def fetch():
        await asyncio.sleep(0.3)  # who does not wait for it knocks meanwhile
        fetched.append(f"new {len(fetched) + 1}")
        return fetched[-1]

    async with server.listen() as port, Middlebox(port) as line:
        watch(Wire(line, layer="Socket.IO"))
        socket = io(bench.url(line, scheme="http"), auth={"token": first}, transports=["websocket"], **QUICK)
        renew(socket, fetch)
        await eventually(lambda: len(knocks) >= len(now))
        await asyncio.sleep(0.8)  # in which nobody else should knock
        if later:
            tickets["new 1"] = OLD
            line.rules = [ResetBoth()]
            await until(lambda: not server.sockets)
            await asyncio.sleep(0.6)  # in which the client tries, and hears errors of the network
            line.rules = []
            await eventually(lambda: len(knocks) >= len(now) + len(later))
            await asyncio.sleep(0.8)
        socket.disconnect()
    return knocks, len(fetched)


OLD, OTHERS = {"expired": True}, (None, {"help": "Log in."}, {"expired": False}, "expired", ["expired"])
DAYS = [  # in words, the first ticket, all tickets, those with which the client should knock, and after an hour
    ("if its first one is good", "good", {"good": True}, ["good"], []),
    ("if its first one has expired", "old", {"old": OLD, "new 1": True}, ["old", "new 1"], []),
    *((f"if it is refused with the data {data!r}", "bad", {"bad": data, "new 1": True}, ["bad"], []) for data in OTHERS),
    ("if the new one has expired, too", "old", {"old": OLD, "new 1": OLD, "new 2": True}, ["old", "new 1"], []),
    ("if the new one has expired when the cable breaks", "old", {"old": OLD, "new 1": True, "new 2": True}, ["old", "new 1"], ["new 1", "new 2"]),
]


@check(
    "A refusal is the event `connect_error`, and its handler gets the error. `error.data` is what the server says besides; an error of the network has none: `getattr(error, \"data\", None)`.",
    "The handler is `async`: first `socket.auth = {\"token\": await fetch()}`, then `socket.connect()`. The client does not try again by itself after a refusal.",
    "*Once*: a variable that says whether you have fetched; the event `connect` sets it back. In a function within a function that takes `nonlocal`.",
    timeout=40,
)
async def check_renew(renew):
    """A new ticket when one has run out, once; and nothing else disturbs it."""
    for words, first, tickets, now, later in DAYS:
        knocks, fetched = await day(renew, first, dict(tickets), now, later)
        if knocks == now[:1] != now:
            raise Wrong(f"The client knocks with {knocks}, {words}, and then no more. It should knock with {now}: `await fetch()`, the new ticket into `socket.auth` as `{{\"token\": …}}`, then `connect()`.")
        expect(f"the tickets with which the client knocks, {words},", knocks, now + later)
        expect(f"how often `fetch` is called, {words},", fetched, (len(now) + len(later)) // 2)


await check_renew.verdict()

# %% [markdown]
# ## The rules, and the boss's list

# %% tags=["folded"]
async def guard(socket):
    """What the rules ask of a gate: it takes a moment, lets in who says the word, and has nothing to add for who is late."""
    await asyncio.sleep(0.05)
    token = socket.handshake["auth"].get("token")
    if token == "late":
        raise ConnectError("closed today")
    if token != "sesame":
        raise ConnectError("no strangers", data={"hint": "sesame"})


def furnished(server):
    """That server with all that the rules ask for."""

    def greet(socket):
        socket.emit("auth", socket.handshake["auth"])
        socket.on("message", lambda *what: socket.emit("message-back", *what))
        socket.on("message-with-ack", lambda *what: what[-1](*what[:-1]))
        socket.on("to-all", lambda *what: socket.audience.emit("said-to-all", *what))

    for name in ("/", "/custom", "/guarded"):
        server.of(name).on("connection", greet)
    server.of("/guarded").use(guard)
    return server


settings = {"ping_interval": 0.8, "ping_timeout": 0.8, "connect_timeout": 2.5, "attachments_timeout": 1.5}
under_rules = await bench.start("under rules", furnished(Server(**settings)).listen())

await rulebook.hold(under_rules, lesson=16, name="your server after lesson 16")

# %%
await boss.review(boss.handmade(16))

# %% [markdown]
# One row has turned green, and none red: *knows who is there*. Twelve of fourteen.

# %% [markdown]
# ## What you have now
#
# - *auth* is what a client says of itself in its CONNECT, each time. A *middleware* looks at it, before anybody knows of the socket, and a `ConnectError` says why not.
# - A fault in a check lets nobody in, and no stranger learns what it was.
# - After each `await` look whether the client is still there.
# - The sid of Engine.IO is a secret: over polling, who has it is in. `socket.id` is none. Neither is a user.
# - `socket.data` lives as long as the socket. What belongs to a person is kept under the name that the gate has found.
# - A list of who is here counts a person's sockets, and is late by a heartbeat at most.
# - With cookies, look at Origin.
#
# ### Three questions
#
# <details><summary>1. Ann's train goes through five tunnels, of a minute each. Everybody's page says five times that she has left, and five times that she came. What do you do?</summary>
#
# When her last socket has gone, wait, a minute perhaps, and look again before you tell it: `call_later`, and then *is she still not there?* The list itself stays honest; only the news is slower.
# </details>
#
# <details><summary>2. Bob is dismissed. His ticket is deleted from the table. What does he notice?</summary>
#
# Nothing, as long as his connection lasts: the gate asks at the door. Throw his sockets out: have each join a room with the name of its person, and say `io.to(name).disconnect_sockets(True)`. His client does not come back by itself,
# and if he tries, he is refused.
# </details>
#
# <details><summary>3. A page shows the public chat to everybody, and the office to some. How many gates, how many connections?</summary>
#
# One connection, and a gate before <code>/office</code> alone: <code>io.of("/office").use(…)</code>. Who is refused there keeps his chat. And each CONNECT has its own <code>auth</code>.
# </details>
#
# ### What is still missing
#
# All who are in there are known now, by name. One of them reads very slowly, and the server keeps everything that it has not taken yet. That is lesson 17.
