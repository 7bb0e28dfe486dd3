# %% [markdown]
# # 15 · Namespaces
#
# **In {minutes} you give one connection several conversations: a chat, a back office, whatever comes next. Each has handlers, clients and rooms of its own, and what is said in
# one is not heard in the other.**

# %% [markdown]
# ## What the boss says
#
# > "Two things. The new page shows the chat *and* the orders, and it opens two connections to us. And yesterday somebody deleted message 7 in the chat, and order 7 was gone. I do not
# > want to know why. I want one connection, and two rooms with a wall between them."
#
# He says *rooms*. It will turn out that he means something else.

# %% tags=["folded"]
# %load_ext wirelab
from wirelab import bench, boss, rulebook
from wirelab.bench import Child
from wirelab.decode import Decoder
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox
from wirelab.waiting import until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 8 minutes until the order is gone, 15 for the build with the exercise, 10 for what is shared, 7 for the three words that are mixed up (section 8). With little time leave out the client's
# side in section 7.
#
# **A question to start with:** "One house, one front door, three doctors. What does the name on the bell do, and what does the door do?" The bell is the namespace; the door is the connection. Nobody builds a
# second front door for a second doctor.
#
# **What goes wrong in a class.** Somebody takes `http://…/office` for a page and opens it in the browser. That is section 8, and worth waiting for.

# %% [markdown]
# ## 1. Two teams, one server
#
# One team wrote the chat, another one the back office. Each is a function that is given a server and hangs its handlers on it. Here is the chat. The office, folded below, is the same with orders: both
# teams thought of the word `delete`.

# %%
def chat(io):
    """The chat: somebody deletes a message, and everybody learns of it."""

    @io.on("connection")
    def welcome(socket):
        socket.join("gold")
        socket.on("delete", lambda number: io.emit("deleted", "message", number))


# %% [markdown]
# Both use the server of lesson 14. Ann has the chat open and deletes message 7. (The two folded cells have `Ears`, what a socket hears of one event, `connections`, which runs a program and counts how many it makes, and the office.)

# %% tags=["folded"]
import asyncio

from handmade import l14_broadcast_and_rooms as l14


class Ears:
    """What a socket hears of an event."""

    def __init__(self, socket, event):
        self.heard = asyncio.Queue()
        socket.on(event, lambda *what: self.heard.put_nowait(what))

    async def next(self, count):
        """The next so many."""
        async with asyncio.timeout(5):
            return [await self.heard.get() for _ in range(count)]

    def rest(self):
        """What has been heard besides."""
        return [self.heard.get_nowait() for _ in range(self.heard.qsize())]


async def let_in(*sockets):
    """Wait until all of them are connected."""
    await until(lambda: all(socket.connected for socket in sockets))


async def come(socket):
    """Have it connect, if it is not connected, and wait until it is."""
    socket.connect()
    await let_in(socket)


async def connections(program, server):
    """Run a program against a server, and count its connections: over WebSocket each is one request."""
    async with Middlebox(server) as box:
        print(await bench.javascript(program, url=bench.url(box, scheme="http")))
        return sum(unit.kind == "request" and unit.leg == "client" for unit in Decoder(box.trace).update())


# %% tags=["folded"]
def office(io):
    """The back office: somebody deletes an order, and everybody learns of it."""

    @io.on("connection")
    def welcome(socket):
        socket.join("gold")
        socket.on("delete", lambda number: io.emit("deleted", "order", number))


one_for_both = l14.Server()
chat(one_for_both)
office(one_for_both)
shared = await bench.start("shared", one_for_both.listen())

# %%
guess_delete = predict(
    "Two handlers of `delete` hang on each socket. Ann sends one event. Which is called?",
    a="Both.",
    b="The chat's: it was there first.",
    c="The office's: it came last and took its place.",
)

# %%
ann = l14.io(bench.url(shared, scheme="http"))
ears = Ears(ann, "deleted")
ann.emit("delete", 7)
for what, number in await ears.next(2):
    print("deleted:", what, number)
ann.disconnect()

# %%
guess_delete.reveal(
    "a",
    "`on` adds a handler and never takes one away. In the official library, too: it is how one adds a log to an event without touching the rest.",
    b="All that were added are called, in the order in which they were added.",
    c="So it is in python-socketio 5.18, or with `onclick` in a page. Your `on` keeps a list.",
)

# %% [markdown]
# The first thing that people try is a longer name: `chat:delete`, `office:delete`. It works as long as all teams keep to it, for all events *and* all rooms. Both teams have a room
# `gold` as well: for the customers who talk of gold, and for the orders of it.
#
# The second thing is a connection each. So let us count.
#
# ```js apart.mjs
# import { io } from "socket.io-client";
#
# const sockets = ["chat", "office"].map(() => io(url, { forceNew: true, transports: ["websocket"] }));
# await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
# console.log(sockets.length, "conversations, connected");
# process.exit();
# ```

# %%
print("connections:", await connections(bench.program("15/apart.mjs"), shared))

# %% [markdown]
# Each has its own handshake, its own heartbeat and its own memory on your server, and comes back in its own time after an outage. And over polling each holds a request open, of which Chromium and
# Firefox allow six to one host (HTTP/1.1): the seventh thing that the page wants, a picture perhaps, waits.
#
# ## 2. Ask for it
#
# The official client has an answer, and it looks like part of the address:
#
# ```js office.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url + "/office", { transports: ["websocket"], reconnection: false });
#
# socket.on("connect", () => end("connected"));
# socket.on("connect_error", (error) => end("refused:", error.message));
# socket.on("disconnect", (reason) => end("disconnected:", reason));
# const end = (...words) => { console.log(...words); process.exit(); };
# ```

# %%
guess_office = predict(
    "This program talks to the server of lesson 14, which has never heard of an office. What does it say?",
    a="`connected`: the server takes the name for a part of the address.",
    b="`refused`, with a reason.",
    c="`disconnected`.",
)

# %%
cable = await bench.start("cable", Middlebox(shared))
print(await bench.javascript(bench.program("15/office.mjs"), url=bench.url(cable, scheme="http")))
await cable.quiet()
Wire(cable, layer="Socket.IO")

# %%
guess_office.reveal(
    "c",
    "The address in the request was the old one. The name came later, in the CONNECT packet, and your server took that for an offence.",
    a="Look at the request: `/socket.io/`, as ever. No office in it.",
    b="That would be polite, and it is what you build now.",
)

# %% [markdown]
# ## 3. How it travels
#
# The name is a *namespace*. It stands in front of the data of a packet, with a comma behind it, and the main namespace, `/`, is the one that is left out. That is all that tells two conversations apart.
#
# | packet | says |
# |---|---|
# | `40` | let me into the main namespace |
# | `40/office,{"token":"…"}` | let me into `/office`; the object is for lesson 16 |
# | `40/office,{"sid":"…"}` | (the server) you are in, and this is your id *there* |
# | `44/office,{"message":"Invalid namespace"}` | (the server) you are not: a CONNECT_ERROR |
# | `42/office,["delete",7]` | an event in `/office` |
# | `430[…]` and `43/office,0[…]` | two acknowledgements with the number 0: each namespace counts for itself |
# | `41/office,` | I leave `/office` |
#
# Your `encode` and `decode` of lesson 08 have known them all the time. `Client` keeps a dict `sockets`, with the namespace as its key, since then as well. It has never had more than one entry.
#
# ## 4. A conversation of its own
#
# What has a namespace of its own? Handlers: that is an `Emitter`, lesson 08. Sockets and rooms: that is an `Audience`, lesson 14. So it is both, and `emit`, `to` and `except_` come along.
# (The parent, and what happens when the last one has gone, are for the folded box in section 6.)

# %% tags=["export", "core"]
from collections.abc import Callable
from typing import Any

from handmade.l08_meet_socketio import Emitter
from handmade.l14_core import Audience


class Namespace(Emitter, Audience):
    """A conversation of its own: handlers, sockets and rooms. With a parent it has the parent's handlers."""

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__()
        Audience.__init__(self, name)
        self.on_empty: Callable[[], object] = lambda: None
        if parent:
            self.handlers = {event: [*handlers] for event, handlers in parent.handlers.items()}

    def remove(self, socket: Any) -> None:
        """Somebody goes, the last one perhaps."""
        super().remove(socket)
        self.tidy()

    def tidy(self) -> None:
        """Nobody may be here any more."""
        if not self.sockets:
            self.on_empty()


# %% [markdown]
# A `Socket` is one client in *one* namespace. So it looks up whose audience it belongs to. The rest of its code stays: it says `self.audience` wherever it means the others.

# %% tags=["export", "core", "folded"]
from handmade import l14_broadcast_and_rooms as l14
from handmade.l08_meet_socketio import Packet


class Socket(l14.Socket):
    """One client in one namespace, as the handlers see it."""

    client: "Client"

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.audience = client.server.namespaces[self.namespace]

    def closed(self, reason: str) -> None:
        """It is over. What the client has sent before it learns of that is no offence."""
        super().closed(reason)
        if reason == "server namespace disconnect":
            self.client.left |= {self.namespace}


# %% [markdown]
# Then somebody has to stand at the door: let a socket in, or say no. Letting in has an order. First the socket is in its room, then the client hears of it, and then the handlers: so nothing that a handler
# sends can arrive before the answer.

# %% tags=["export", "core"]
from handmade import l08_meet_socketio as l08
from handmade import l09_core
from handmade.l08_meet_socketio import Type


class Reception(l14.Client):
    """One connection, and the door to each namespace."""

    server: Any
    left: frozenset[str] = frozenset()  # the namespaces from which the server has sent this client away

    def __init__(self, server: Any, session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def let_in(self, socket: Any) -> None:
        """Let a socket into its namespace: first into its room, then the client hears of it, then we."""
        self.settle()
        if socket.namespace in self.left:
            self.left -= {socket.namespace}
        self.sockets[socket.namespace] = socket
        socket.audience.add(socket)
        socket.send(Type.CONNECT, {"sid": socket.id})
        self.line.tell(socket.audience, "connection", socket)

    def refuse(self, namespace: str, reason: dict[str, Any]) -> None:
        """Do not let the client into a namespace. Others are not concerned."""
        self.write(l08.encode(Packet(Type.CONNECT_ERROR, reason, namespace=namespace)))


# %% [markdown]
# `settle` is lesson 10's: who has joined something is no stranger any more. Whoever is refused everywhere stays one, and has 45 seconds.
#
# ## 5. Who gets a packet
#
# The heart of it is yours. (The folded cell builds a house with a chat and an office, for the checks.)

# %% tags=["folded"]
from handmade import l15_namespaces as l15

NAMESPACE_RULES = [rule for rule in rulebook.RULES if rule.lesson == 15]
DOORS = "/cellar: Invalid namespace\n/chat: message 7 is deleted\n/office: order 7 is deleted"
KIND = '42/office,["delete",7]'


def answer_messages(socket):
    """What the rules ask of a server."""
    socket.on("message", lambda *what: socket.emit("message-back", *what))
    socket.on("message-with-ack", lambda *what: what[-1](*what[:-1]))


def new_client(MyClient, server):
    """A client of that server, at the other end of which is nobody."""
    session = server.engine.session_type("websocket", lambda *later: asyncio.get_running_loop().call_later(0, str))
    return MyClient(server, session)


def house(server):
    """That server with a chat and an office, and what the rules ask for."""
    chat(server.of("/chat"))
    office(server.of("/office"))
    for each in (server, server.of("/custom")):
        each.on("connection", answer_messages)
    return server


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The reception
# *15 minutes, medium*
#
# Write `MyClient`, which makes two decisions.
#
# - `receive(packet)`: a CONNECT for a namespace in which the client has no socket yet (`self.sockets`) goes to `connect`. Whatever else comes for a namespace in `self.left` is ignored: the client may not have heard
#   yet that it was sent away. Everything else is for `super().receive(packet)`, which knows the rest, and what is an offence.
# - `connect(packet)`: ask `self.server.find(name, auth)` for the namespace; `auth` is the packet's data, or `{}` if there is none. If it is there, let `self.socket_type(self, packet)` in. If not (`None`), refuse, with
#   `{"message": "Invalid namespace"}`.
#
# The check puts your class into a server, holds it against the rules of the protocol, and the official client goes into two namespaces and is refused at a third.
#
# <details><summary>The program that the check runs</summary>
#
# ```js doors.mjs
# import { io } from "socket.io-client";
#
# const heard = [];
# const settings = { transports: ["websocket"], reconnection: false };
# for (const name of ["/chat", "/office", "/cellar"]) {
#   const socket = io(url + name, settings);
#   socket.on("connect", () => socket.emit("delete", 7));
#   socket.on("deleted", (what, number) => note(`${name}: ${what} ${number} is deleted`));
#   socket.on("connect_error", (error) => note(`${name}: ${error.message}`));
#   socket.on("disconnect", (reason) => note(`${name}: ${reason}`));
# }
# function note(words) {
#   heard.push(words);
#   if (heard.length === 3) end();
# }
# const end = () => { console.log(heard.sort().join("\n")); process.exit(); };
# setTimeout(end, 3000);
# ```
# </details>

# %% tags=["check"]
async def sent_away(MyClient):
    """What a client does that is sent out of the office while packets of his are on their way there."""
    server, called = l15.Server(), []
    server.client_type = MyClient
    client = new_client(MyClient, server)
    for name in ("/office", "/chat"):
        server.of(name).on("connection", lambda socket: socket.on("delete", called.append))
        client.receive(l08.decode(f"0{name},"))
        if name not in client.sockets:
            raise Wrong(f"A CONNECT to `{name}`, which is there, let nobody in. `self.let_in(…)` does all that has to be done.")
    client.sockets["/office"].disconnect()
    for packet in (KIND, KIND, "43/office,0[]", "41/office,"):
        try:
            client.receive(l08.decode(packet[1:]))
        except Exception as error:
            raise Wrong(f"The office had sent the client away, and `{packet}` was on its way. It raised {type(error).__name__}: {error}. What comes for a namespace in `self.left` is ignored.") from None
    client.receive(l08.decode('2/chat,["delete",1]'))
    await asyncio.sleep(0.01)
    if called != [1]:
        raise Wrong(f"The office had sent the client away, the chat had not, and an event for the chat came. The handlers were called with {called}. What is for no namespace in `self.left` goes to `super().receive(packet)`.")
    client.receive(l08.decode("0/office,"))
    if "/office" not in client.sockets:
        raise Wrong("The office had sent the client away. He asks to be let in again, and nothing happens. A CONNECT is looked at first, and then whether he was sent away.")


def asked(MyClient):
    """With which `auth` a server is asked for a namespace, by one who says nothing and by one with a token."""
    server, found = l15.Server(), []
    server.of(lambda name, auth: found.append(auth))
    for packet in ("0/cellar,", '0/cellar,{"token":"t"}'):
        new_client(MyClient, server).receive(l08.decode(packet))
    return found


@check(
    "`receive` is an `if`, an `elif`, an `else`. First: `packet.type == Type.CONNECT and packet.namespace not in self.sockets`.",
    "`connect` asks `self.server.find(packet.namespace, packet.data or {})`. It gives the namespace, or None.",
    'There: `self.let_in(self.socket_type(self, packet))`. Not there: `self.refuse(packet.namespace, {"message": "Invalid namespace"})`.',
    timeout=30,
)
async def check_client(MyClient):
    """Each packet finds its conversation, and who knocks at no door is told so."""

    class MyServer(l15.Server):
        client_type = MyClient

    await sent_away(MyClient)
    settings = {"ping_interval": 0.8, "ping_timeout": 0.8, "connect_timeout": 1.5}
    async with house(MyServer(**settings)).listen() as server, Middlebox(server) as line:
        watch(Wire(line, layer="Socket.IO"))
        said = await bench.javascript(bench.program("15/doors.mjs"), url=bench.url(line, scheme="http"))
        found = await rulebook.hold(server, rules=NAMESPACE_RULES)
    if said != DOORS:
        raise Wrong(f"The official client knocked at `/chat`, `/office` and `/cellar`, which is not there. It should say:\n{DOORS}\nIt says:\n{said or 'nothing'}")
    for finding in found.findings:
        if not finding.kept:
            raise Wrong(f"A server {finding.sentence}. Yours does not: {finding.observed}")
    expect("the `auth` with which `find` is asked, for a CONNECT without data and for one with a token,", asked(MyClient), [{}, {"token": "t"}])


await check_client.verdict()

# %% tags=["export", "core"]
class Client(Reception):
    """One connection, and a socket in each namespace that it has joined."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet. Raises ProtocolError if it must not come now."""
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace, if there is one of that name."""
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})


# %% [markdown]
# ## 6. The server
#
# The server is the main namespace, as it has always been, and knows the others by name. `of` makes one when it is first named. `find`, in the folded cell, is what the reception asks.
#
# <details><summary>Namespaces by the dozen</summary>
#
# A shop with ten thousand customers does not want to write `of("/customer-1")` and so on. `io.of(re.compile(r"^/customer-[0-9]+$"))`, or a plain function of the name and of what the client says of itself, gives a *parent*. (A function that is
# `async` lets everybody in: a coroutine is true.) Hang handlers on it. When a client asks for a name that matches, or you name one that matches the pattern, a child is made, with the handlers that the
# parent has then, and with sockets and rooms of its own. When the last one has left it, the child goes: do not keep it, name it again. (In the official server it stays, unless you ask for `cleanupEmptyChildNamespaces`. A stranger chooses the names, so there he can make you
# keep as many as he has patience for. And there the parent's `emit` reaches all children; here it reaches nobody.)
# </details>

# %% tags=["export", "core", "folded"]
import re

Condition = Callable[[str, Any], bool]  # of the name, and of what the client says of itself
Kind = re.Pattern[str] | Condition


def is_of(kind: Kind, name: str, auth: object) -> bool:
    """Whether a name is of that kind. A condition is about a client: if none asks, `auth` is None."""
    if isinstance(kind, re.Pattern):
        return "\n" not in name and kind.search(name) is not None  # `$` overlooks a line break at the end
    return auth is not None and kind(name, auth)


# %% tags=["export", "folded"]
from typing import Any

from handmade import l13_acknowledgements as l13
from handmade import l14_broadcast_and_rooms as l14


class Directory(l14.Server):
    """A server that finds namespaces by their names."""

    client_type: type[l13.Client] = Client
    namespace_type: type[Namespace] = Namespace
    namespaces: dict[str, Any]
    parents: list[tuple[Kind, Namespace]]

    def find(self, name: str, auth: object) -> Any:
        """The namespace that a client asks for, or None. The child of a parent ends with its last socket."""
        for kind, parent in self.parents:
            if name not in self.namespaces and is_of(kind, name, auth):
                child = self.namespaces[name] = self.namespace_type(name, parent)
                child.on_empty = lambda: self.namespaces.pop(name, None)
        return self.namespaces.get(name)


# %% tags=["export"]
class Server(Directory):
    """A Socket.IO server with namespaces, with Options. It is itself the one that is called `/`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.namespaces = {"/": self}
        self.parents = []

    def of(self, name: str | Kind) -> Any:
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        if not isinstance(name, str):
            parent = self.namespace_type("a parent")
            self.parents.append((name, parent))
            return parent
        name = "/" + name.removeprefix("/")
        if not self.find(name, None):
            self.namespaces[name] = self.namespace_type(name)
        return self.namespaces[name]


# %% [markdown]
# The two teams change nothing. Their functions get a namespace in place of the server, which has the methods that they call:

# %%
building = Server()
chat(building.of("/chat"))
office(building.of("/office"))
mine = await bench.start("my server", lambda port=0: building.listen(port))

# %% [markdown]
# Now the official client, in both at once, without `forceNew`. It deletes message 7 in the chat.
#
# ```js both.mjs
# import { io } from "socket.io-client";
#
# const [chat, office] = ["/chat", "/office"].map((name) => io(url + name, { transports: ["websocket"] }));
# for (const socket of [chat, office]) {
#   socket.on("deleted", (what, number) => console.log(socket.nsp, "hears of", what, number));
# }
# await Promise.all([chat, office].map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
# console.log("one connection:", chat.io === office.io, "- two ids:", chat.id !== office.id);
# chat.emit("delete", 7);
# setTimeout(() => process.exit(), 300);
# ```

# %%
print("connections:", await connections(bench.program("15/both.mjs"), mine))
print(await bench.javascript(bench.program("15/office.mjs"), url=bench.url(shared, scheme="http")), "by the server of lesson 14")
print(await bench.javascript(bench.program("15/office.mjs"), url=bench.url(mine, scheme="http")), "to yours")

# %% [markdown]
# ## 7. What is shared, and what is not
#
# Your own client learns the same. A *manager* has the connection. It has a dict of sockets now, one for each namespace; each that has not left asks to be let in when the connection is there, at first and after each outage.
# `io` looks whether there is a manager for this server already. It stands in the folded cells.

# %% tags=["export", "folded"]
from asyncio import get_running_loop
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from handmade import l11_reconnection as l11


class Visitor(l13.ClientSocket):
    """Your end of a namespace, which asks to be let in."""

    io: "Manager"
    auth: Any = None  # what we say of ourselves
    is_knocking = False

    def connect(self) -> None:
        """Connect, unless that is done or under way."""
        is_new = not self.active
        super().connect()
        if is_new and self.io.engine and self.io.engine.state == "open":
            self.knock()

    def knock(self) -> None:
        """Ask to be let in, unless we have asked and heard nothing yet."""
        if not self.is_knocking:
            self.is_knocking = True
            self.present(self.auth)

    def present(self, auth: Any) -> None:
        """Say who we are, and ask to be let in."""
        self.io.write(l08.encode(Packet(Type.CONNECT, auth, namespace=self.namespace)))


# %% tags=["export", "folded"]
class ClientSocket(Visitor):
    """Your end of a namespace. Others may share its connection."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server. If we are let in and have left already, we say goodbye."""
        if packet.type in (Type.CONNECT, Type.CONNECT_ERROR):
            self.is_knocking = False
        if self.active:
            super().receive(packet)
        elif packet.type == Type.CONNECT:
            self.io.write(l08.encode(Packet(Type.DISCONNECT, namespace=self.namespace)))


# %% tags=["export", "folded"]
class Household(l13.Manager):
    """One connection, and the sockets that share it."""

    socket_type: type[ClientSocket] = ClientSocket

    def __init__(self, namespace: str, options: Any, world: Any) -> None:
        super().__init__(namespace, options, world)
        self.sockets: dict[str, ClientSocket] = {}
        self.socket = self.of(namespace)

    def of(self, namespace: str) -> ClientSocket:
        """The socket of a namespace."""
        if namespace not in self.sockets:
            self.sockets[namespace] = self.socket_type(self, namespace)
        return self.sockets[namespace]

    def active(self) -> list[ClientSocket]:
        """The sockets that want to be connected."""
        return [socket for socket in self.sockets.values() if socket.active]

    def opened(self) -> None:
        """There is a connection: each socket asks to be let in. The next first wait is short again."""
        for socket in self.sockets.values():
            socket.is_knocking = False
        for socket in self.active():
            socket.knock()
        if self.backoff.attempts:
            self.world.tell(self, "reconnect", self.backoff.attempts)
        self.backoff.attempts = 0

    def receive(self, message: str | bytes) -> None:
        """Hand a packet to the socket that it is for, as soon as it is whole. Raises ProtocolError."""
        packet = self.assembly.add(message)
        if packet and packet.namespace in self.sockets:
            self.sockets[packet.namespace].receive(packet)


# %% tags=["export", "folded"]
class Manager(Household):
    """A connection that is there as long as one of its sockets wants it."""

    def closed(self, engine: Any, reason: str, error: Exception | None) -> None:
        """The connection is lost, or there was none: each socket that wanted it hears of it."""
        others = list[ClientSocket]()
        if engine == self.engine:
            self.socket, *others = self.active()
        super().closed(engine, reason, error)
        for socket in others:
            if engine.handshake:
                socket.closed(reason)
            else:
                self.world.tell(socket, "connect_error", error or ConnectionError(reason))

    def close(self) -> None:
        """One has left. The connection ends with the last one."""
        if not self.active():
            super().close()


# %% tags=["export", "folded"]
MANAGERS: WeakValueDictionary[Any, Manager] = WeakValueDictionary()


def io(
    url: str,
    auth: Any = None,
    ack_timeout: float | None = None,
    force_new: bool = False,
    manager_type: type[Manager] = Manager,
    **options: Any,
) -> Any:
    """Connect to a namespace of a Socket.IO server, `http://host:port/namespace`. Raises ValueError.

    Namespaces of one server share a connection, unless `force_new`; the first sets its options.
    """
    parts = urlsplit(url)
    namespace = parts.path or "/"
    site = (get_running_loop(), manager_type, parts.scheme, parts.netloc, options.get("path"))
    manager = MANAGERS.get(site)
    if force_new or not manager or namespace in manager.sockets:
        manager = l11.io(url, manager_type, **options).io
        if not force_new:
            MANAGERS.setdefault(site, manager)
    socket = manager.of(namespace)
    socket.auth, socket.ack_timeout = auth, ack_timeout
    socket.connect()
    return socket


# %% [markdown]
# Ann is in both. She is in the room `gold` of each, since both teams put everybody there.

# %%
where = bench.url(mine, scheme="http")
ann_in_chat, ann_in_office = io(where + "/chat"), io(where + "/office")
chat_ears, office_ears = Ears(ann_in_chat, "news"), Ears(ann_in_office, "news")
ends = {"/chat": Ears(ann_in_chat, "disconnect"), "/office": Ears(ann_in_office, "disconnect")}
await let_in(ann_in_chat, ann_in_office)

building.of("/chat").to("gold").emit("news", "Gold is dear.")
print("in the chat:", await chat_ears.next(1), "- in the office:", office_ears.rest())

# %%
guess_shared = predict(
    "The office sends Ann away (`disconnect` on the server's side). What becomes of her chat?",
    a="It ends as well: there is one connection.",
    b="It goes on.",
    c="It is interrupted: the client connects anew, without the office.",
)

# %%
await come(ann_in_office)
building.of("/office").disconnect_sockets()
print("/office:", await ends["/office"].next(1))
building.of("/chat").emit("news", "Silver is cheap.")
print("/chat:  ", await chat_ears.next(1), "and no end:", ends["/chat"].rest() == [])

# %%
guess_shared.reveal(
    "b",
    "A DISCONNECT packet, `41/office,`, ends one conversation. The connection below does not notice.",
    a="The connection is not the office's to end. With `disconnect(True)` it would end: that argument says so.",
    c="Nothing happened to the connection, so there is nothing to connect anew.",
)

# %% [markdown]
# And the other way round: when the connection breaks, all that it carried breaks.

# %%
await come(ann_in_office)  # she was sent away, but may come back
await bench.restart("my server")
for name, ears in ends.items():
    print(f"{name:8}", *(await ears.next(1))[0])

await let_in(ann_in_chat, ann_in_office)
print("Both are back.")

# %% [markdown]
# | each namespace has its own | all namespaces of a connection share |
# |---|---|
# | handlers, also of `connection` and `disconnect` | the connection, its transport and its heartbeat |
# | sockets, and so ids | the outage, and the coming back |
# | rooms, also those with the same name | the order on the wire: what was sent first arrives first |
# | numbers of acknowledgements | the limit for a message, and a large picture in the way |
#
# One more thing is shared on *your* server, and lesson 17 is about it: a client's handlers are called one after the other, from one queue. A handler of the chat that awaits something slow keeps Ann's orders waiting.
#
# ## 8. Three words that are mixed up
#
# *Path*, *namespace*, *room*: all three are names, and `io` takes a namespace where an address has its path. (`paths`, in the folded cell, has your client connect and looks at its requests.)

# %% tags=["folded"]
async def paths(address, **options):
    """The paths for which your client asks when it connects to that address of your server."""
    async with Middlebox(mine) as box:
        socket = io(bench.url(box, scheme="http") + address, force_new=True, **options)
        refused = Ears(socket, "connect_error")
        await until(lambda: socket.connected or refused.heard.qsize())
        socket.disconnect()
        units = Decoder(box.trace).update()
    asked = [unit.detail.path for unit in units if unit.kind == "request" and unit.leg == "client"]
    return sorted({target.partition("?")[0] for target in asked})


# %% misconception=18
guess_path = predict(
    '`io("http://127.0.0.1:…/office")`: for which path does the client ask in its first HTTP request?',
    a="`/socket.io/`",
    b="`/office/socket.io/`",
    c="`/office`",
)

# %%
for socket in (ann_in_chat, ann_in_office):
    socket.disconnect()  # Ann goes home

print(await paths("/office"))
print(await paths("/chat"))
print(await paths("/office", path="/elsewhere/", reconnection=False))

# %%
guess_path.reveal(
    "a",
    "Whatever the namespace. In no address that your proxy, your load balancer and your firewall read is there an office.",
    b="A sensible guess: it is what you get with the *option* `path`, and then the server has to be told, too.",
    c="That would be a page. The namespace is in no address: it comes later, in a packet.",
)

# %% [markdown]
# The third line is a wrong path: the client asks there, and gets a 404.
#
# | | path | namespace | room |
# |---|---|---|---|
# | is | where the server is, for HTTP | a conversation, within a connection | a set of sockets, within a namespace |
# | the client writes | option `path` | behind the address | nothing: there is no packet for it |
# | in sight on the wire | in each request | in each packet, unless it is `/` | never |
# | who decides | who sets up the server and its proxy | the client asks, the server lets in or refuses | the server alone |
# | a good use | two Socket.IO servers on one host | chat, office, whoever has different rights | a subject, a table, a game |
#
# So what did the boss want, *two rooms with a wall between them*? Two namespaces. A room has no handlers, and no door but the one that you wrote in lesson 14. A namespace has both, and lesson 16 puts a lock on the door.
#
# ## 9. An event for a place where one is not
#
# Bob is in the chat and never asked for the office. By hand he writes to it all the same. The folded cell has him.

# %% tags=["folded"]
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

SESSION = "/socket.io/?EIO=4&transport=websocket"


async def said_by_hand(where, *packets):
    """What somebody hears who joins the chat and then sends these packets: without the ids."""
    heard = []
    async with connect(bench.url(where, SESSION), compression=None, close_timeout=0.1) as bob:
        for packet in ("40/chat,", *packets, '42/chat,["delete",1]'):
            await bob.send(packet)
        try:
            async with asyncio.timeout(3):
                while not heard or "deleted" not in heard[-1]:
                    packet = await bob.recv()
                    if packet[:2] in ("42", "44"):
                        heard.append(packet)
        except (ConnectionClosed, TimeoutError):
            heard.append("the end")
    return heard


# %%
guess_not_joined = predict(
    'Bob sends `42/office,["delete",7]`, and has never joined `/office`. What does your server do?',
    a="It ignores the packet: nobody is there.",
    b="It answers with a CONNECT_ERROR.",
    c="It ends the connection, and with it his chat.",
)

# %%
print("an unknown namespace:  ", await said_by_hand(mine, "40/cellar,"))
print("an event, not joined:  ", await said_by_hand(mine, '42/office,["delete",7]'))

# %%
guess_not_joined.reveal(
    "c",
    "To ask for what is not there is a question, and gets an answer. To speak where one has not been let in breaks the protocol, and no client that keeps to it does that.",
    a="Then a client with an error in it would never learn of it, and speak to nobody all day.",
    b="That is the answer to a CONNECT. Nobody asked.",
)

# %% [markdown]
# (The exception is your `left`: whom the *server* has sent away may still have events on their way. The official server, 4.8.4, closes the connection then, too.)
#
# ## 10. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio | JavaScript, the official one |
# |---|---|---|---|
# | server | `io.of("/chat").on("connection", …)` | `@sio.on("delete", namespace="/chat")` | `io.of("/chat").on("connection", …)` |
# | | | or a class: `socketio.AsyncNamespace` | |
# | to all there | `io.of("/chat").emit(…)` | `sio.emit(…, namespace="/chat")` | `io.of("/chat").emit(…)` |
# | client | `io(url + "/chat")` | `connect(url, namespaces=["/chat"])` | `io(url + "/chat")` |
# | many of a kind | `io.of(re.compile(…))` | `namespace="*"`, and `AsyncServer(namespaces="*")` | `io.of(/…/)` |
#
# <details><summary>The official server</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# for (const [name, what] of [["/chat", "message"], ["/office", "order"]]) {
#   io.of(name).on("connection", (socket) => {
#     socket.on("delete", (number) => io.of(name).emit("deleted", what, number));
#   });
# }
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>
#
# Here is the chat in python-socketio. The office, in the folded cell, looks the same.

# %%
import socketio

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("delete", namespace="/chat")
async def delete_message(sid, number):
    """Somebody deletes a message."""
    await sio.emit("deleted", ("message", number), namespace="/chat")


# %% tags=["folded"]
from aiohttp import web


@sio.on("delete", namespace="/office")
async def delete_order(sid, number):
    """Somebody deletes an order."""
    await sio.emit("deleted", ("order", number), namespace="/office")


app = web.Application()
sio.attach(app)
python = await bench.start("python", bench.aiohttp(app))
official = await bench.start("official", Child.node("lessons_src/programs/15/server.mjs"))
rules_python = await bench.start("rules of python", rulebook.python_socketio())
rules_node = await bench.start("rules of node", rulebook.node_socketio())
found = await rulebook.hold(rules_node, rules=NAMESPACE_RULES)
kept = sum(finding.kept for finding in found.findings)
print(f"Of {len(NAMESPACE_RULES)} rules about namespaces the official server keeps {kept}.")

# %%
for name, server in {"yours": mine, "python-socketio": python, "official": official}.items():
    print(f"--- {name}")
    print(await bench.javascript(bench.program("15/doors.mjs"), url=bench.url(server, scheme="http")))

# %% [markdown]
# The refusal of python-socketio 5.18 arrives, and the official client finds no words in it: it is a string, and the protocol has an object with `message`.

# %%
await rulebook.hold(rules_python, rules=NAMESPACE_RULES, name="python-socketio")

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. The folded cell has what the check needs.

# %% tags=["folded"]
import contextlib
import json

from websockets.asyncio.server import serve


@contextlib.asynccontextmanager
async def scripted(answers):
    """A server that has answers: {what it is told: what it then says; a number is a pause in seconds}."""
    told, saying = [], set()

    async def say(websocket, packets):
        for packet in packets:
            with contextlib.suppress(ConnectionClosed):
                await (asyncio.sleep(packet) if isinstance(packet, float) else websocket.send(packet))

    async def listen(websocket):
        with contextlib.suppress(ConnectionClosed):
            async for message in websocket:
                told.append(message)
                saying.add(asyncio.create_task(say(websocket, answers.get(message.removesuffix(","), ()))))

    async with serve(listen, "127.0.0.1", 0, compression=None) as server:
        yield server, told


LATE = "Is each name asked for, with `await`, and the loop left when each has its answer?"


async def joined(join_all, where, names, path="", late=LATE):
    """What `join_all` returns there. With a path, the open packet is read first. `late` asks why it may be late."""
    async with connect(bench.url(where, path), compression=None, close_timeout=0.1) as websocket:
        if path:
            await websocket.recv()
        try:
            return await asyncio.wait_for(join_all(websocket, list(names)), 3)
        except TimeoutError:
            raise Wrong(f"After three seconds it has not returned, for {list(names)}. {late}") from None


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · Into all of them
# *15 minutes, medium*
#
# A device in the vault runs Python without any Socket.IO library. Write `join_all(websocket, names)`. The WebSocket is open, the open packet (`0{…}`) has been read, nothing else. Ask for each of the namespaces, and return a dict: for each
# name the id there, or None if the server refused. The answers may come in any order, events may come in between, and each ping (`2`) is answered (`3`). One of the names may be `/`.

# %% tags=["solution"]
async def join_all(websocket, names):
    """{name: the id there, or None if the server refuses} for each namespace, over one open WebSocket."""
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        kind, rest = packet[:2], packet[2:]
        if packet == "2":
            await websocket.send("3")
        elif kind in ("40", "44"):
            name, data = rest.split(",", 1) if rest.startswith("/") else ("/", rest)
            ids[name] = json.loads(data)["sid"] if kind == "40" else None
    return ids


# %% tags=["check"]
CHAT, OFFICE, MAIN = '40/chat,{"sid":"c"}', '40/office,{"sid":"o"}', '40{"sid":"m"}'
NO_CELLAR = '44/cellar,{"message":"Invalid namespace"}'


@check(
    "First ask for all: `40/chat,` for `/chat`, and `40` alone for `/`. Then a loop over the packets until each name has its answer.",
    "Four kinds come: `2`, `40…` (you are in), `44…` (you are not), and what is none of your business. The name is what stands between the two digits and the first comma, if a `/` comes first.",
    "`name, data = rest.split(',', 1)` if `rest` begins with `/`, else it is `/` and all of `rest` is the data. `json.loads(data)['sid']` is the id.",
    timeout=20,
)
async def check_join_all(join_all):
    """You are in wherever you are let in, and know where you are not."""
    async with scripted({"40/chat": [CHAT], "40/office": [OFFICE]}) as (server, _):
        expect("what comes of two namespaces", await joined(join_all, server, ["/chat", "/office"]), {"/chat": "c", "/office": "o"})
    async with scripted({"40/chat": [0.3, CHAT], "40/office": [OFFICE]}) as (server, _):
        expect("what comes if the second answers first", await joined(join_all, server, ["/chat", "/office"]), {"/chat": "c", "/office": "o"})
    async with scripted({"40/cellar": [NO_CELLAR], "40/chat": [CHAT]}) as (server, _):
        expect("what comes if one is refused", await joined(join_all, server, ["/cellar", "/chat"]), {"/cellar": None, "/chat": "c"})
    async with scripted({"40": [MAIN], "40/chat": [CHAT]}) as (server, _):
        expect("what comes of `/` and another one", await joined(join_all, server, ["/", "/chat"]), {"/": "m", "/chat": "c"})
    async with scripted({"40": ['44{"message":"no, thanks"}'], "40/chat": [CHAT]}) as (server, _):
        expect("what comes if `/` is refused", await joined(join_all, server, ["/", "/chat"]), {"/": None, "/chat": "c"})
    async with scripted({"40/chat": [CHAT, '42/chat,["news","40/office, is no answer"]', "2"], "3": [OFFICE]}) as (server, told):
        got = await joined(join_all, server, ["/chat", "/office"], late="An event and a ping, `2`, came in between. Is the ping answered, with `3`?")
        expect("what comes with an event and a ping in between", got, {"/chat": "c", "/office": "o"})
    if told.count("3") != 1:
        raise Wrong(f"A ping came. The server was told {told}: one `3` was due.")
    async with house(l15.Server()).listen() as living, Middlebox(living) as line:
        watch(Wire(line, layer="Socket.IO"))
        ids = await joined(join_all, line, ["/", "/chat", "/cellar", "/office"], SESSION)
    if len({*ids.values()}) != 4 or ids.get("/cellar", "") is not None:
        raise Wrong(f"From your own server, with `/`, `/chat` and `/office`, came {ids}. Three ids were due, and None for the cellar.")


await check_join_all.verdict()

# %% [markdown]
# ## The rules, and the boss's list

# %% tags=["folded"]
settings = {"ping_interval": 0.8, "ping_timeout": 0.8, "connect_timeout": 2.5, "attachments_timeout": 1.5}
under_rules = await bench.start("under rules", house(Server(**settings)).listen())

await rulebook.hold(under_rules, lesson=15, name="your server after lesson 15")

# %%
await boss.review(boss.handmade(15))

# %% [markdown]
# One row has turned green, and none red: *several endpoints over one connection*. Eleven of fourteen.

# %% [markdown]
# ## What you have now
#
# - A *namespace* is a conversation of its own within a connection: handlers, sockets, ids, rooms, numbers of acknowledgements.
# - The client asks for each with a CONNECT, the server lets in or refuses with a CONNECT_ERROR. The others are not concerned.
# - The connection is shared, and with it the heartbeat, the outage and the coming back.
# - Who speaks in a namespace without having joined it is thrown out, of all of them.
# - A path is for HTTP, a namespace for the client, a room for the server alone.
#
# ### Three questions
#
# <details><summary>1. The administrator wants to forbid <code>/office</code> from outside, and writes a rule for the proxy: no requests to <code>/office</code>. Does it help?</summary>
#
# No. No request ever goes there: all go to `/socket.io/`. The namespace is in the packets, where such a rule does not look, so the server itself has to look who comes (lesson 16). Or give the office a server of its own, under another *path*: that the
# proxy sees.
# </details>
#
# <details><summary>2. A game has ten thousand tables with four players each. Namespaces or rooms?</summary>
#
# Rooms. A table is a set of players, its events are the same as at the next one, and the server decides who sits where. Namespaces are for what has other handlers, or a door.
# </details>
#
# <details><summary>3. The page calls <code>io(url + "/chat")</code> in two of its scripts. How many connections are there?</summary>
#
# Two. The official client shares a connection among *different* namespaces. If the same one is asked for again, there cannot be two sockets for it on one connection, so it makes a new one. Yours does the same. Ask once and
# pass the socket around.
# </details>
#
# ### What is still missing
#
# There is a wall now between the chat and the office, and in the wall there is a door. It opens to whoever knocks. That is lesson 16.
