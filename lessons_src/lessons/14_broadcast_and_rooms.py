# %% [markdown]
# # 14 · Broadcast and rooms
#
# **In {minutes} you teach your server to speak to everybody at once, and to those in a room. Whoever is meant hears it once, it is encoded once, and who has left is nowhere any more. Then you
# move six clients about on a board, and say beforehand who will hear it.**

# %% [markdown]
# ## What the boss says
#
# > "The auction is on Friday. Who follows gold hears the price of gold, who follows silver that of silver. The dealers in copper are left out, they would
# > only laugh. And when it begins, everybody hears it. How hard can that be?"

# %% tags=["folded"]
# %load_ext wirelab
import asyncio
import contextlib
import json
from collections import defaultdict
from time import perf_counter
from unittest.mock import patch

from handmade import l08_meet_socketio as l08
from handmade import l13_acknowledgements as l13
from wirelab import bench, boss
from wirelab.bench import Child
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox
from wirelab.plots import bars
from wirelab.waiting import until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire


def encodings():
    """In `with`: counts the packets of Socket.IO that are written as text meanwhile."""
    return patch.object(l08, "encode", wraps=l08.encode)


# %% tags=["folded"]
def join(where):
    """A client of your own, who connects."""
    return l13.io(bench.url(where, scheme="http"), transports=["websocket"], reconnection=False)


@contextlib.asynccontextmanager
async def crowd(where, count, room="gold"):
    """So many clients of your own, all of them in that room; gives them and a list of what they hear."""
    clients, heard = [join(where) for _ in range(count)], []
    try:
        for client in clients:
            client.on("price", lambda *price: heard.append(price))
            await client.timeout(10).emit_with_ack("join", room)
        yield clients, heard
    finally:
        for client in clients:
            client.disconnect()


# %% [markdown] tags=["teacher"]
# **Timing.** 10 minutes until rooms by hand have failed, 12 for the build, 8 for who decides, 8 for the board, the rest for the comparison. With little time leave out the picture in section 5.
#
# **A question to start with:** "I telephone everyone in this class who has a dog. What must each of you know?" Nothing: only I need the list. And now: "Who can put you on it?" That is
# the mistake of section 7, before it is made.
#
# **What goes wrong in a class.** Many read `to("gold").to("silver")` as *in both*. It is *in either*. Do not say so: let the board say it.

# %% [markdown]
# ## 1. Fifty in a room
#
# With what you have, rooms are a dozen lines: a set of sockets for each name, and a loop. It is the chat of lesson 12, with names.

# %%
rooms = defaultdict(set)


def tell(room, price):
    """Say a price to everybody in a room."""
    for each in rooms[room]:
        each.emit("price", room, price)


def by_hand(server):
    """An auction on that server: the event `join` enters a room."""

    @server.on("connection")
    def welcome(socket):
        socket.on("join", lambda room, answer: answer(rooms[room].add(socket)))
        socket.on("pay", lambda room: server.start(join_when_paid(socket, room)))
        socket.on("disconnect", lambda reason: [members.discard(socket) for members in rooms.values()])

    return server


# %% [markdown]
# `pay` is for section 2. The folded cell starts the auction, and fifty clients of your own, who all join `gold`.

# %% tags=["folded"]
async def join_when_paid(socket, room):
    """Enter a room as soon as the bank says yes."""
    await asyncio.sleep(0.2)  # the bank
    rooms[room].add(socket)


rooms.clear()
first = await bench.start("by hand", by_hand(l13.Server()).listen())
fifty, heard = await bench.start("fifty", crowd(first, 50))

# %%
guess_fifty = predict(
    "`tell(\"gold\", 101)`: fifty hear it. How often does your server turn the price into JSON?",
    a="Once: it is the same for all.",
    b="Fifty times.",
    c="As often as there are rooms.",
)

# %%
with encodings() as counted:
    tell("gold", 101)
print("encoded:", counted.call_count)

await until(lambda: len(heard) == 50)
print("heard:  ", len(heard))

# %%
guess_fifty.reveal(
    "b",
    "`emit` of one socket knows of no other socket. Fifty times the same work, for fifty times the same text.",
    a="The text is the same, and nobody knows it.",
    c="There is one room here, and it was fifty. The loop goes over people.",
)

# %% [markdown]
# For a price that is little work. For the whole list of an auction, with 200 coins, it is not: section 5 measures it.
#
# ## 2. Who is in it?
#
# The loop does not wait, so nobody can come or go while it runs. But sometimes you have to wait in it. The auctioneer asks everybody in the room, one after the other, and each
# thinks for a moment. (Section 6 asks all of them at once.)

# %%
async def ask(room):
    """Ask everybody in a room, and return the answers."""
    return [await each.timeout(2).emit_with_ack("going once") for each in rooms[room]]


async def think(answer):
    """What a client does when it is asked."""
    await asyncio.sleep(0.1)
    answer("no")


# %%
guess_ask = predict(
    "Three are in the room and are asked. While the first of them thinks, Dan comes in. What does `ask` return?",
    a="Three answers: it began with three.",
    b="Four answers: Dan is asked, too.",
    c="Nothing.",
)

# %% tags=["folded"]
# Three are asked, and Dan comes in
rooms.clear()
three, _ = await bench.start("three", crowd(first, 3))
for client in three:
    client.on("going once", think)
asked = asyncio.create_task(ask("gold"))

dan, _ = await bench.start("Dan", crowd(first, 1))
try:
    print(await asked)
except RuntimeError as error:
    print(type(error).__name__)

# %%
guess_ask.reveal(
    "c",
    "The set has grown while a loop was going over it, and Python calls that an error. One newcomer, and the other two are not asked any more. Lesson 07 has warned of it.",
    a="That takes a copy: `for each in tuple(rooms[room])`. Then some of the copy may be gone when their turn comes.",
    b="That would be nice of the set. It does not know where to put him.",
)

# %% [markdown]
# Now the other door. Gold costs an entrance fee, and the bank takes a moment. You do not want Bob's other events to wait for the bank, so your handler starts a task:
# `join_when_paid` asks the bank, and then it adds him.

# %%
guess_bank = predict(
    "Bob sends `pay`, and closes his laptop while the bank is at it. Who is in the room afterwards?",
    a="Bob, for as long as the server runs.",
    b="Nobody: his `disconnect` has taken him out of all rooms.",
    c="Nobody: whoever is gone cannot be added.",
)

# %%
rooms.clear()
bob = join(first)
bob.emit("pay", "gold")
await bob.timeout(2).emit_with_ack("join", "silver")  # as soon as this is answered, `pay` is under way
bob.disconnect()

await asyncio.sleep(0.5)
print({room: [each.connected for each in members] for room, members in rooms.items()})

# %%
guess_bank.reveal(
    "a",
    "`disconnect` took him out of silver, and it comes once. The task was late: it added a socket that is no longer connected, and nobody will ever take it out.",
    b="It did, and then the task put him into gold. `disconnect` will not come again.",
    c="A set asks nothing. *You* would have to ask whether he is still there, after each `await`, in every handler.",
)

# %% [markdown]
# A day later gold has ten thousand such Bobs. So there are three wishes: encode **once**, mean those who are in it **now**, and let **nobody in who is gone**.

# %% [markdown]
# ## 3. Rooms
#
# A room is a name and the ids of those who are in it. You have written it before, in exercise 3 of lesson 07. In the folded cell it has *two* dictionaries, one for each question: `members["gold"]`, who is in gold, for whoever speaks; and
# `rooms[id]`, where is Bob, for when he leaves. Without the second, each goodbye would have to search every room.

# %% tags=["export", "core", "folded"]
from collections.abc import Iterable


def names(rooms: str | Iterable[str]) -> tuple[str, ...]:
    """The names of one room, or of several."""
    return (rooms,) if isinstance(rooms, str) else tuple(rooms)


class Membership:
    """Who is in which room, by id. A room is there as long as somebody is in it."""

    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, None]] = {}  # the rooms of each id, in the order of joining
        self.members: dict[str, dict[str, None]] = {}  # the ids in each room

    def join(self, id: str, rooms: str | Iterable[str]) -> None:
        """Put somebody into a room, or into several."""
        for room in names(rooms):
            self.rooms.setdefault(id, {})[room] = None
            self.members.setdefault(room, {})[id] = None

    def leave(self, id: str, room: str) -> None:
        """Take somebody out of a room, if he is there. The last one closes it."""
        if room in self.rooms.get(id, ()):
            del self.rooms[id][room]
            del self.members[room][id]
            if not self.members[room]:
                del self.members[room]

    def leave_all(self, id: str) -> None:
        """Take somebody out of all rooms."""
        for room in self.of(id):
            self.leave(id, room)
        self.rooms.pop(id, None)

    def of(self, id: str) -> set[str]:
        """The rooms in which somebody is."""
        return set(self.rooms.get(id, ()))


# %% [markdown]
# (A dictionary with `None` everywhere is a set that remembers its order.) Nobody creates a room, and nobody deletes one: the first who joins makes it, the last who leaves takes it along.
#
# And each socket will be in **a room of its own** from the beginning, whose name is its id. So `rooms` has *everybody* as its keys, and *Ann alone* is a room, too.

# %% tags=["folded"]
AIMS = ["gold", "gold or silver", "gold, not copper", "all but Ann", "gold but Ann", "everyone"]


def hall(server):
    """A server where Ann can say something to each of these."""

    @server.on("connection")
    def welcome(socket):
        gold = server.to("gold")
        aims = dict(zip(AIMS, [gold, gold.to("silver"), gold.except_("copper"), socket.broadcast, socket.to("gold"), server], strict=True))
        socket.on("join", lambda rooms, answer: answer(socket.join(rooms)))
        socket.on("say", lambda aim, answer: answer(aims[aim].emit("said", aim)))

    return server


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · Who is meant
# *12 minutes, medium*
#
# The heart of it. Write the method `select(self, rooms, but)` of `MyRooms`, which has the two dictionaries. It returns a list of ids: who is in **any** of `rooms`, but in **none** of `but`; each once. If `rooms` is `None`, everybody is
# meant, and if it is empty, nobody. A room that does not exist has nobody in it. The dictionaries stay as they are.
#
# The check puts your class into a server, and four official clients tell what they hear.
#
# <details><summary>The program that the check runs</summary>
#
# ```js hall.mjs
# import { io } from "socket.io-client";
#
# const people = { Ann: ["gold"], Bob: ["gold", "silver"], Cy: ["silver"], Dan: ["gold", "copper"] };
# const heard = Object.fromEntries(aims.map((aim) => [aim, []]));
# const sockets = {};
#
# for (const [name, rooms] of Object.entries(people)) {
#   sockets[name] = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
#   sockets[name].on("said", (aim) => heard[aim].push(name));
#   await sockets[name].timeout(3000).emitWithAck("join", rooms);
# }
# for (const aim of aims) await sockets.Ann.timeout(3000).emitWithAck("say", aim);
#
# await new Promise((resolve) => setTimeout(resolve, 100));                 // until the last has come to the last
# for (const aim of aims) console.log(aim.padEnd(18), heard[aim].sort().join(" ") || "nobody");
# process.exit();
# ```
# </details>

# %% tags=["check"]
from copy import deepcopy

from handmade import l14_broadcast_and_rooms, l14_core

PLACES = {"Ann": ["gold"], "Bob": ["gold", "silver"], "Cy": ["silver"], "Dan": ["gold", "copper"], "Eve": []}


def selected(MyRooms, rooms, but):
    """What `select` gives for five people in three rooms; its dictionaries must stay as they are."""
    hall = MyRooms()
    for name, joined in PLACES.items():
        hall.join(name, [name, *joined])
    before = deepcopy((hall.rooms, hall.members))
    try:
        got = hall.select(rooms, but)
    except KeyError as error:
        who = "He is not among those who are left: look before you take somebody out." if error.args[0] in PLACES else "A room without members is in no dictionary: `self.members.get(room, ())`."
        raise Wrong(f"`select({rooms}, {but})` raised a KeyError for {error}. {who}") from None
    if (hall.rooms, hall.members) != before:
        raise Wrong(f"After `select({rooms}, {but})` the rooms have changed. Collect the ids in something of your own.")
    if isinstance(got, str) or not isinstance(got, Iterable):
        raise Wrong(f"`select({rooms}, {but})` returned {got!r}. Return the list of ids.")
    found = [*got]
    hall.join("Fay", ["Fay", "gold", "silver"])
    if hasattr(got, "__len__") and len(got) > len(found):
        raise Wrong(f"`select({rooms}, {but})` grew when Fay came afterwards: it is one of the dictionaries, or a view of one. Return a list of those who are there now.")
    return found


CASES = [
    (["gold"], [], "Ann Bob Dan"), (["Cy"], [], "Cy"), (["gold", "silver"], [], "Ann Bob Cy Dan"), (["silver", "copper"], [], "Bob Cy Dan"),
    (None, [], "Ann Bob Cy Dan Eve"), ([], [], ""), (["iron"], [], ""), (["gold", "iron"], ["tin"], "Ann Bob Dan"),
    (["gold"], ["copper"], "Ann Bob"), (None, ["gold"], "Cy Eve"), (None, ["gold", "silver"], "Eve"), (["gold", "silver"], ["silver"], "Ann Dan"),
    (["gold"], ["gold"], ""), (None, ["Ann", "copper"], "Bob Cy Eve"), (("gold", "gold"), (), "Ann Bob Dan"),
]


@check(
    "Begin with everybody who is meant: `self.rooms` has everybody as its keys, `self.members.get(room, ())` those in a room.",
    "Who is in two of the rooms must not come twice. A set does that, or `dict.fromkeys(…)`, which keeps the order.",
    "Then take out, for each room in `but`, whoever is in it. He may be missing already.",
    timeout=15,
)
async def check_select(MyRooms):
    """Unions, each once, without the others; and four official clients hear what they should."""
    for chosen, but, wanted in CASES:
        found = selected(MyRooms, chosen, but)
        if len(set(found)) < len(found):
            raise Wrong(f"`select({chosen}, {but})` gave {found}: somebody would hear it twice, because he is in two of the rooms.")
        expect(f"`select({chosen}, {but})`, sorted, with Ann in gold, Bob in gold and silver, Cy in silver, Dan in gold and copper, Eve in none", sorted(found), wanted.split())
    with patch.object(l14_core, "Rooms", MyRooms):
        server = hall(l14_broadcast_and_rooms.Server())
    async with server.listen() as port, Middlebox(port) as line:
        watch(Wire(line, layer="Socket.IO"))
        said = await bench.javascript(bench.program("14/hall.mjs"), url=bench.url(line, scheme="http"), aims=AIMS)
    heard = {line[:18].strip(): line[18:].strip() for line in said.splitlines()}
    whole = ["Ann Bob Dan", "Ann Bob Cy Dan", "Ann Bob", "Bob Cy Dan", "Bob Dan", "Ann Bob Cy Dan"]
    expect("who hears what among the official clients", heard, dict(zip(AIMS, whole, strict=True)))


await check_select.verdict()

# %% tags=["export", "core"]
class Rooms(Membership):
    """Who is in which room, and so who is meant."""

    def select(self, rooms: Iterable[str] | None, but: Iterable[str]) -> list[str]:
        """Who is in any of the rooms (None: everybody), each once, but those in any of the others."""
        if rooms is None:
            chosen = dict.fromkeys(self.rooms)
        else:
            chosen = dict.fromkeys(id for room in rooms for id in self.members.get(room, ()))
        for room in but:
            for id in self.members.get(room, ()):
                chosen.pop(id, None)
        return list(chosen)


# %% [markdown]
# `select` gives a **list**: those who are in it at this moment. Whoever comes or goes afterwards changes the dictionaries, and not the list.

# %% [markdown]
# ## 4. Whom you mean
#
# The official server says it in a chain: `io.to("gold").except("copper").emit("price", 101)`. What stands before `emit` is an *aim*: rooms, and others to leave out. (`except` is a word of Python's, so here it is `except_`.)
# `to` after `to` adds a room: *in either*. Each step makes a **new** aim, with `replace`, and leaves the old one as it was. So an aim can be kept and handed on.
#
# One can aim from three things: the server, a socket, and an aim. They differ in where they begin, `aim()`: with everybody, with everybody but this one, with itself. The chain stands in the folded cell.

# %% tags=["export", "core", "folded"]
from dataclasses import dataclass, replace
from typing import Any


class Aiming:
    """What can choose by rooms who is meant."""

    def aim(self) -> "Aim":
        """Who is meant before anything is said about rooms."""
        raise NotImplementedError

    def to(self, rooms: str | Iterable[str]) -> "Aim":
        """Those in the room, or in any of the rooms (of none: nobody), besides those named already."""
        aim = self.aim()
        return replace(aim, rooms=(*(aim.rooms or ()), *names(rooms)))

    def in_(self, rooms: str | Iterable[str]) -> "Aim":
        """The same as `to`."""
        return self.to(rooms)

    def except_(self, rooms: str | Iterable[str]) -> "Aim":
        """But not those in the room, or in any of the rooms."""
        aim = self.aim()
        return replace(aim, but=(*aim.but, *names(rooms)))


# %% [markdown]
# And this is the sentence for which you came. It says who is meant, it encodes, *and then* it goes over the sockets:

# %% tags=["export", "core"]
from handmade.l08_meet_socketio import Packet, Type, is_allowed
from handmade.l12_core import encode, to_engine


class Telling(Aiming):
    """What can tell those who are meant something."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to them, encoded once. Raises TypeError, ValueError for bad arguments."""
        aim = self.aim()
        packet = Packet(Type.EVENT, [event, *arguments], namespace=aim.audience.name)
        if not is_allowed(packet):
            raise ValueError(f"{event!r} names no event: choose a string that is no name of Socket.IO's own.")
        packets = [to_engine(message) for message in encode(packet)]
        for socket in aim.sockets():
            socket.write(packets)


# %% [markdown]
# The folded cells do other things to all who are meant: ask them (section 6), put them into a room, say goodbye to them. The third has the `Audience`, which is the sockets by id and the rooms, and the
# `Aim` itself. It holds *names* of rooms. Who is in them is looked up at each `emit`: `aim.sockets()` asks `select`.

# %% tags=["export", "core", "folded"]
import asyncio


class Incomplete(TimeoutError):
    """Not everybody has acknowledged; `responses` are those that came."""

    def __init__(self, responses: list[Any], count: int) -> None:
        super().__init__(f"{len(responses)} of {count} have acknowledged.")
        self.responses = responses


class Gathering(Telling):
    """What can ask those who are meant."""

    def timeout(self, seconds: float) -> "Aim":
        """The same, who have so many seconds to acknowledge the next event."""
        return replace(self.aim(), seconds=seconds)

    async def emit_with_ack(self, event: str, *arguments: object) -> list[Any]:
        """Send an event to them, and return what each has answered. Raises Incomplete."""
        aim = self.aim()

        async def response(socket: Any) -> list[Any]:
            try:
                return [await socket.timeout(aim.seconds).emit_with_ack(event, *arguments)]
            except (TimeoutError, ConnectionError, RuntimeError):  # who owes too many answers gives none
                return []

        found = await asyncio.gather(*map(response, aim.sockets()))
        responses = [response for responses in found for response in responses]
        if len(responses) < len(found):
            raise Incomplete(responses, len(found))
        return responses


# %% tags=["export", "core", "folded"]
class Handling(Gathering):
    """What can do something to all who are meant."""

    @property
    def local(self) -> "Aim":
        """Those at this server alone: as long as there is one server, everybody."""
        return self.aim()

    async def fetch_sockets(self) -> list[Any]:
        """Their sockets."""
        return self.aim().sockets()

    def sockets_join(self, rooms: str | Iterable[str]) -> None:
        """Put them into a room, or into several."""
        for socket in self.aim().sockets():
            socket.join(rooms)

    def sockets_leave(self, rooms: str | Iterable[str]) -> None:
        """Take them out of a room, or of several."""
        for socket in self.aim().sockets():
            for room in names(rooms):
                socket.leave(room)

    def disconnect_sockets(self, close: bool = False) -> None:
        """Say goodbye to them; with `close` their connections end, too."""
        for socket in self.aim().sockets():
            socket.disconnect(close)


# %% tags=["export", "core", "folded"]
class Audience(Handling):
    """Sockets by their ids, and the rooms in which they are."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rooms = Rooms()
        self.sockets: dict[str, Any] = {}

    def aim(self) -> "Aim":
        """Everybody."""
        return Aim(self)

    def add(self, socket: Any) -> None:
        """Somebody comes. His id is a room, in which nobody else is."""
        self.sockets[socket.id] = socket
        self.rooms.join(socket.id, socket.id)

    def remove(self, socket: Any) -> None:
        """Somebody goes, out of all rooms."""
        self.sockets.pop(socket.id, None)
        self.rooms.leave_all(socket.id)


@dataclass(frozen=True)
class Aim(Handling):
    """Who is meant: those in any of the rooms (None: everybody), but those in any of some others."""

    audience: Audience
    rooms: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    seconds: float | None = None

    def aim(self) -> "Aim":
        """This."""
        return self

    def sockets(self) -> list[Any]:
        """Their sockets, each once."""
        return [self.audience.sockets[id] for id in self.audience.rooms.select(self.rooms, self.but)]


# %% [markdown]
# ### The socket, and its end
#
# A socket joins and leaves, on the server. Look at `join` and at `closed`: who is gone enters nothing; and at the end the socket is first taken out of everything, and then the handlers are told. The event `disconnecting` is
# new. Its handlers still see the rooms where it was, for a last word to them; those of `disconnect` see none. (That is the folded cell.)

# %% tags=["export", "folded"]
from collections.abc import Iterable
from typing import Any

from handmade import l13_acknowledgements as l13


class Guest(l13.Socket):
    """One client, as the handlers see it: they see in which rooms it is, or was."""

    last_rooms: Iterable[str] = ()

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.audience: Audience = client.server

    @property
    def rooms(self) -> set[str]:
        """The rooms in which it is; at `disconnecting` those in which it was."""
        return self.audience.rooms.of(self.id) if self.connected else set(self.last_rooms)

    def leave(self, room: str) -> None:
        """Leave a room."""
        self.audience.rooms.leave(self.id, room)

    async def fire(self, event: object, *arguments: object) -> None:
        """Call the handlers of an event; those after `disconnecting` see no rooms any more."""
        await super().fire(event, *arguments)
        if event == "disconnecting":
            self.last_rooms = ()

    def write(self, packets: list[str | bytes]) -> None:
        """Send what was encoded for many."""
        if self.connected:
            for packet in packets:
                self.client.session.send(packet)


# %% tags=["export"]
class Socket(Guest, Aiming):
    """One client, as the handlers see it: it can be in rooms, and speak to those of others."""

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several. Who is gone enters none."""
        if self.connected:
            self.audience.rooms.join(self.id, rooms)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))

    @property
    def broadcast(self) -> Aim:
        """Everybody but this one."""
        return self.aim()

    def closed(self, reason: str) -> None:
        """It is over. Others do not reach it any more; its handlers still see where it was."""
        self.last_rooms = self.rooms
        self.audience.remove(self)
        self.client.line.tell(self, "disconnecting", reason)
        super().closed(reason)


# %% [markdown]
# *Everybody but me* needs no code of its own: it is an aim that leaves out the room of my own. What is left is folded: the client is let into its own room before any handler hears of it. For `io`, your client, **nothing**
# changes. Section 7 is about that.

# %% tags=["export", "folded"]
from handmade import l09_core
from handmade.l13_acknowledgements import io as io


class Client(l13.Client):
    """A client whose socket is in a room of its own."""

    server: "Server"

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket

    def connect(self, packet: Packet) -> None:
        """Let the client in: no handler knows of it before it is in its room."""
        super().connect(packet)
        self.server.add(self.sockets[packet.namespace])


class Server(l13.Server, Audience):
    """A Socket.IO server that can speak to everybody at once, and to those in a room, with Options."""

    client_type: type[l13.Client] = Client

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        Audience.__init__(self, "/")


# %% [markdown]
# ## 5. The complaints, again
#
# The auction on your new server. No set of sockets, no loop over them, and nothing to tidy up. Two handlers take down what they see at the end.

# %%
ended = []


def auction(server):
    """An auction on that server, with rooms."""

    @server.on("connection")
    def welcome(socket):
        socket.on("join", lambda room, answer: answer(socket.join(room)))
        socket.on("pay", lambda room: server.start(enter_when_paid(socket, room)))
        socket.on("price", lambda room, price: server.to(room).emit("price", room, price))
        socket.on("whisper", lambda id, text: server.to(id).emit("whisper", text))
        for event in ("disconnecting", "disconnect"):
            socket.on(event, lambda reason, event=event: ended.append((event, socket.rooms - {socket.id})))

    return server


async def enter_when_paid(socket, room):
    """Enter a room as soon as the bank says yes."""
    await asyncio.sleep(0.2)  # the bank
    socket.join(room)


mine = auction(Server())
second = await bench.start("my server", mine.listen())

# %% [markdown]
# **Fifty in a room:**

# %%
fifty, heard = await bench.start("fifty", crowd(second, 50))

with encodings() as counted:
    mine.to("gold").emit("price", "gold", 101)
await until(lambda: len(heard) == 50)
print("encoded:", counted.call_count, "heard:", len(heard))

# %% [markdown]
# The WebSocket frame around it is made once, too: `to_frame` of lesson 09 remembers the last one. What remains for each client is to hand the same bytes to its socket. Here is what encoding once is worth, in milliseconds in which
# your server does nothing else:

# %% tags=["folded", "measured"]
catalogue = [{"coin": f"No. {number}", "price": 10.5 * number, "year": 1900 + number % 100} for number in range(200)]


def by_one(*what):
    """The loop over all sockets."""
    for each in list(mine.sockets.values()):
        each.emit("price", *what)


async def milliseconds(say, *what):
    """The shortest of five times that it took to say something to all fifty."""
    times = []
    for _ in range(5):
        heard.clear()
        begin = perf_counter()
        say(*what)
        times.append(1000 * (perf_counter() - begin))
        await until(lambda: len(heard) == 50, 10)
    return min(times)


in_a_room = mine.to("gold").emit
bars(
    "To fifty clients",
    {
        f"milliseconds for {name}": {"encoded for each": await milliseconds(by_one, *what), "encoded once": await milliseconds(in_a_room, "price", *what)}
        for name, what in {"a price": ["gold", 101], "the whole list": ["gold", catalogue]}.items()
    },
    "A price takes less time if it is encoded once; a list of 200 coins takes many times longer if it is encoded for each of the fifty.",
)

# %% [markdown]
# **Bob, who pays and closes his laptop:**

# %%
ended.clear()
bob = join(second)
bob.emit("pay", "tin")
await bob.timeout(2).emit_with_ack("join", "silver")
bob.disconnect()

await asyncio.sleep(0.5)
print("tin is a room:", "tin" in mine.rooms.members)
print(ended)

# %% [markdown]
# The task was as late as before, and `join` did nothing. `disconnecting` saw silver, `disconnect` no room at all. Before either was called Bob was out of everything, so that a last word *to* his rooms does not go to him.

# %% [markdown]
# ## 6. What comes back
#
# **Somebody comes in while the others think.** That was the second complaint. `emit_with_ack` of an aim asks everybody who is in it now, all at once, and returns a list. (Each socket counts its own questions, so this *is* encoded for each. The
# official server has one count for all, and encodes a question once.) In the folded cell three are asked, and Dan comes in meanwhile. He has no handler for the question.

# %% tags=["folded"]
mine.to("silver").disconnect_sockets()  # who is left of an earlier run
three, _ = await bench.start("three", crowd(second, 3, "silver"))
for client in three:
    client.on("going once", think)
asked = asyncio.create_task(mine.to("silver").timeout(2).emit_with_ack("going once"))

dan, _ = await bench.start("Dan", crowd(second, 1, "silver"))
print(await asked)

# %% misconception=20
guess_silent = predict(
    "Now all four are asked, Dan among them. They have half a second. What does `emit_with_ack` give?",
    a="Three answers: the acknowledgements add up.",
    b="Three answers and a `None`.",
    c="An error.",
)

# %%
try:
    print(await mine.to("silver").timeout(0.5).emit_with_ack("going once"))
except TimeoutError as error:
    print(f"{type(error).__name__}: {error}")
    print(error.responses)

# %%
guess_silent.reveal(
    "c",
    "Not everybody has answered, and you must not take three for all. The answers that came are in the error: `error.responses`.",
    a="They are collected. But three answers of three and three of four are not the same, so it does not look the same.",
    b="A client may answer `None`, too: nobody could tell the two apart. (Whose an answer is, the list does not say either. If you need to know, ask each socket by itself.)",
)

# %% [markdown]
# An acknowledgement is one socket's. *Arrived at all* is a question about a list of people, and the list is the server's, from the moment of asking. Whoever disconnects meanwhile counts as somebody who has not answered; an empty
# room answers `[]` at once.

# %% [markdown]
# ## 7. Who decides
#
# Bob writes a program for the dealers in copper. He has read about rooms, so he joins one:
#
# ```js joins.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
#
# socket.on("connect", async () => {
#   try { socket.join("copper"); } catch (error) { console.log(error.name + ":", error.message); }
#   await socket.emitWithAck("join", "copper");            // an event like any other
#   socket.emit("price", "copper", 9);
# });
# socket.on("price", (...price) => {
#   console.log("heard:", ...price);
#   socket.disconnect();
# });
# ```

# %% misconception=21
guess_join = predict(
    "What does `socket.join(\"copper\")` do in a client?",
    a="Nothing but raise an error: there is no such method.",
    b="It sends the server a packet: *I am in copper*.",
    c="It makes the client listen to what is said in copper, and to nothing else.",
)

# %%
cable = await bench.start("cable", Middlebox(second))
print(await bench.javascript(bench.program("14/joins.mjs"), url=bench.url(cable, scheme="http")))
await cable.quiet()
Wire(cable, layer="Socket.IO")

# %%
guess_join.reveal(
    "a",
    "A client knows no rooms. There is no packet for them in the protocol, and no list of them in the client. A client asks, by an event that *you* have named, and the server decides.",
    b="Look through the types of packets: CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, and two for bytes. None is for rooms. The `join` on the wire is the name of an event, and it is yours.",
    c="What is said elsewhere never comes over its wire. The server does not send it.",
)

# %% [markdown]
# Click what came down. `copper` stands in it because *our* event has it as its first argument. Of the room itself the packet says nothing: Bob cannot see to whom else it went, or why he got it.
#
# So all power is in that handler, `socket.join(room)`. And it does whatever it is told.
#
# <details><summary>A program with Ann, Bob, and Mallory, who joins Ann</summary>
#
# ```js mallory.mjs
# import { io } from "socket.io-client";
#
# const heard = [], people = {};
# for (const name of ["Ann", "Bob", "Mallory"]) {
#   people[name] = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
#   people[name].on("whisper", (text) => heard.push(`${name} hears: ${text}`));
#   await new Promise((resolve) => people[name].on("connect", resolve));
# }
# const { Ann, Bob, Mallory } = people;
#
# await Mallory.emitWithAck("join", Ann.id);               // ids are no secret in many a chat
# Bob.emit("whisper", Ann.id, "My limit is 900.");
#
# setTimeout(() => { console.log(heard.sort().join("\n")); process.exit(); }, 200);
# ```
# </details>

# %%
guess_mallory = predict(
    "`whisper` goes `to(id)`. Mallory asks to join the room that has Ann's id as its name. Who hears what Bob whispers to Ann?",
    a="Ann alone: her room is hers.",
    b="Ann and Mallory.",
    c="Mallory alone: she has taken Ann's place.",
)

# %%
print(await bench.javascript(bench.program("14/mallory.mjs"), url=bench.url(second, scheme="http")))

# %%
guess_mallory.reveal(
    "b",
    "A room is a room. The handler let her in, so she is in. It is the same in the official server (4.8.4). python-socketio 5.18 refuses: nobody may enter the room that is another's id.",
    a="It is hers because nobody else *asks* for it. Nothing in the library keeps a second one out.",
    c="A room has room for two. Ann notices nothing.",
)

# %% [markdown]
# The name of a room that comes from a client is a wish, and the handler has to look at it: exercise 2.

# %% [markdown]
# ## 8. The rooms board
#
# A server in a process of its own, with your code of this lesson, and six clients: Ann and Bob in Python, Cleo and Dan with the official client in Node, Eve and Finn in this very page, each on a cable of their own. The areas are
# rooms in the *server's* memory. A chip that you move is a real `join` or `leave` there.

# %% tags=["folded"]
from wirelab.widgets.rooms_board import RoomsBoard

board = await bench.start("board", RoomsBoard)

# %% tags=["demo"]
board

# %% [markdown]
# Mark who will hear it, then **Send**. With **Play** or **Step** you see it again, slowly: who is in which room, one packet, and how often it is written. Try:
#
# 1. `to` gold and silver. Does Bob, who is in both, hear it twice? And with `except` copper?
# 2. Move Ann into copper. What has passed on *her* wire?
# 3. Let Dan be the sender, all but the sender, to a room in which Dan is not. Who hears it?
# 4. Pull Cleo's cable, and send at once. Was it written to her? And after some seconds?
# 5. Plug her in again. In which rooms is she?

# %% [markdown] tags=["teacher"]
# **Answers.** (1) Once: a union is a union. With `except` copper those who are in copper are out, whatever else they are in. (2) Nothing: she does not know it. (3) All in the room; it takes nobody out who was not in it. (4) Yes, once
# more for nothing; after the heartbeat has failed, no more. (5) In none: it is a new socket with a new id. The server forgot, and her client never knew. Her program has to ask for her rooms again, at each `connect`.

# %% [markdown] tags=["teacher"]
# **With the phones in the room.** The board, and everybody is a chip. Make a cell below this one and run it; lesson 11 says what there is to know, and what to do if nobody gets in.
#
# ```python
# from wirelab import classroom
#
# room = await classroom.open(pupils=30)
# room
# ```
#
# 1. Everybody goes into one or two of the rooms. Say something to *gold*: who hears it lifts the phone. Your panel says to how many it was sent.
# 2. `await room.say("Hello", "gold", "silver")`: let those stand up who think that they will hear it, before you run it. Whoever is in both hears it once.
# 3. Somebody who is not in copper says something to *copper*, and does not hear it: this chat sends with `server.to(room)`, and the sender is in the room or not.
# 4. **Restart.** All are back, and in which rooms? Every page says it: in none. The server had the list.

# %% [markdown]
# The same without a finger, for whoever reads this on paper:

# %% tags=["folded"]
# A message to gold and silver, but not to copper
board.choose("gold", "silver", but=["copper"])
board.predict("Ann", "Bob", "Cleo")
await board.emit()
print(board.said)
print(board.table())

# %% [markdown]
# ## 9. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio | JavaScript, the official one |
# |---|---|---|---|
# | everybody | `server.emit(…)` | `await sio.emit(…)` | `io.emit(…)` |
# | a room | `server.to("gold").emit(…)` | `await sio.emit(…, to="gold")` | `io.to("gold").emit(…)` |
# | either of two | `.to("gold").to("silver")` | `to=["gold", "silver"]` | `.to("gold").to("silver")` |
# | but not a room | `.except_("copper")` | – | `.except("copper")` |
# | all but me | `socket.broadcast.emit(…)` | `skip_sid=sid` | `socket.broadcast.emit(…)` |
# | enter, leave | `socket.join(room)`, `socket.leave(room)` | `await sio.enter_room(sid, room)`, `sio.leave_room` | `socket.join(room)`, `socket.leave(room)` |
# | its rooms | `socket.rooms` | `sio.rooms(sid)` | `socket.rooms` |
# | the last word | `disconnecting` | the handler of `disconnect` still sees the rooms | `disconnecting` |
# | ask a room | `.timeout(1).emit_with_ack(…)` | – | `.timeout(1000).emitWithAck(…)` |
#
# All three encode once what they tell many (python-socketio 5.18, socket.io 4.8). In python-socketio, `emit` to a room with a `callback` calls it once for each who answers; its source calls that “not tested or supported”. A late
# `enter_room` raises an error there (a KeyError or a ValueError); a late `join` in the official server does nothing, as yours. `to([])` is nobody with you, and everybody in both others; and at `disconnecting` the official server
# still has the socket in its rooms.
#
# The four of exercise 1 once more, at each server. The folded cell has it in python-socketio, and how you do without `except`.

# %% [markdown]
# <details><summary>The whole official server</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http);
#
# io.on("connection", (socket) => {
#   const gold = io.to("gold");
#   const aims = {
#     "gold": gold,
#     "gold or silver": gold.to("silver"),
#     "gold, not copper": gold.except("copper"),
#     "all but Ann": socket.broadcast,
#     "gold but Ann": socket.to("gold"),
#     "everyone": io,
#   };
#   socket.on("join", (rooms, answer) => answer(socket.join(rooms)));
#   socket.on("say", (aim, answer) => answer(aims[aim].emit("said", aim)));
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %% tags=["folded"]
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("join")
async def enter(sid, rooms):
    """Enter these rooms."""
    for room in rooms:
        await sio.enter_room(sid, room)


@sio.on("say")
async def say(sid, aim):
    """Say something to those who are meant."""
    dealers = [who for who, _ in sio.manager.get_participants("/", "copper")]
    to, skip = {
        "gold": ("gold", None),
        "gold or silver": (["gold", "silver"], None),
        "gold, not copper": ("gold", dealers),
        "all but Ann": (None, sid),
        "gold but Ann": ("gold", sid),
        "everyone": (None, None),
    }[aim]
    await sio.emit("said", aim, to=to, skip_sid=skip)


app = web.Application()
sio.attach(app)
theirs = {
    "yours": await bench.start("hall", hall(Server()).listen()),
    "python-socketio": await bench.start("python", bench.aiohttp(app)),
    "the official server": await bench.start("official", Child.node("lessons_src/programs/14/server.mjs")),
}

# %%
found = {}
for name, server in theirs.items():
    url = bench.url(server, scheme="http")
    found[name] = await bench.javascript(bench.program("14/hall.mjs"), url=url, aims=AIMS)

print(found["yours"])
print("\nall three the same:", len(set(found.values())) == 1)

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check. Both checks run the same program with the official client, which does what a list says, and the folded cell reads what
# came of it.
#
# <details><summary>The program that the checks run</summary>
#
# ```js people.mjs
# import { io } from "socket.io-client";
#
# const sockets = {}, heard = [];
# let where = {}, marked = [];
# for (const name of names) {
#   const socket = sockets[name] = io(url, { auth: { name }, transports: ["websocket"], reconnection: false, forceNew: true });
#   socket.on("marker", (at) => { where = at; marked.push(name); });
#   socket.onAny((event, ...what) => { if (event !== "marker") heard.push([name, event, ...what]); });
#   socket.on("disconnect", (reason) => heard.push([name, "disconnect", reason]));
#   await new Promise((resolve) => socket.on("connect", resolve));
# }
# const real = (what) => Array.isArray(what) ? what.map(real)
#   : typeof what === "string" && what.startsWith("id of ") ? sockets[what.slice(6)].id : what;
# const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
#
# const found = [];
# for (const [name, event, ...what] of script) {
#   if (event === "goes") sockets[name].io.engine.close();
#   else sockets[name].emit(event, ...what.map(real));
#   if (event === "goes") await pause(100);
#   const here = names.filter((each) => sockets[each].connected);
#   marked = [];
#   (here.includes(name) ? sockets[name] : sockets[here[0]]).emit("marker");
#   for (let wait = 0; wait < 400 && marked.length < here.length; wait++) await pause(10);
#   const own = (line) => !(event === "goes" && line[0] === name);
#   found.push({ heard: heard.splice(0).filter(own), where, here });
# }
# console.log(JSON.stringify(found));
# process.exit();
# ```
# </details>

# %% tags=["folded"]
METALS = ("gold", "silver", "copper")


async def played(build, names, script):
    """What becomes of each line of the script at a server that `build` has made: (who hears what, who is in which rooms)."""
    club = Server()
    build(club)

    def where():
        people = {socket.id: socket.handshake["auth"]["name"] for socket in club.sockets.values()}
        own = {id: f"{name}'s own" for id, name in people.items()}
        return {name: sorted(own.get(room, str(room)) for room in club.rooms.of(id) - {id}) for id, name in people.items()}

    club.on("connection", lambda socket: socket.on("marker", lambda *_: club.emit("marker", where())))
    async with club.listen() as port, Middlebox(port) as line:
        watch(Wire(line, layer="Socket.IO"))
        url = bench.url(line, scheme="http")
        said = await bench.javascript(bench.program("14/people.mjs"), url=url, names=names, script=script, timeout=20)
    return [(step["heard"], step["where"]) for step in json.loads(said)]


def in_words(heard):
    """What was heard, in words."""
    return "; ".join(f"{name}: {' '.join(map(str, what))}" for name, *what in heard) or "nothing"


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The door
# *12 minutes, medium*
#
# Write `door(server)`, which gives each client two events. `join` with **one** argument that is one of `METALS` enters that room. `say` with a room and a text goes as `said`, with the same two, to everybody in the room but the speaker; the
# room has to be one of `METALS`, the speaker has to be in it, and the text has to be a `str`. Whatever else comes with these events, the sender hears `refused` with a sentence of yours, and nothing else happens.
#
# The check has a Mallory who tries ids, lists, numbers, and nothing at all.

# %% tags=["solution"]
def door(server):
    """Let clients into the rooms of the metals, and into no other."""

    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def enter(*what):
            match what:
                case [str(room)] if room in METALS:
                    socket.join(room)
                case _:
                    socket.emit("refused", f"There are rooms for {', '.join(METALS)}.")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in METALS and room in socket.rooms:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "A room in which you are, and a text, please.")


# %% tags=["check"]
REFUSED, JOINS = "refused", "enters"
DOOR = [  # who, event, arguments; what should become of it
    (["Ann", "join", "gold"], JOINS), (["Bob", "join", "gold"], JOINS), (["Bob", "join", "silver"], JOINS), (["Mallory", "join", "silver"], JOINS),
    (["Ann", "say", "gold", "hello"], ["Bob"]), (["Bob", "say", "silver", "hush"], ["Mallory"]), (["Bob", "say", "gold", ""], ["Ann"]),
    (["Mallory", "say", "gold", "hi"], REFUSED), (["Mallory", "join", "id of Ann"], REFUSED), (["Mallory", "join", ["id of Ann"]], REFUSED),
    (["Mallory", "join", ["gold"]], REFUSED), (["Mallory", "join", "iron"], REFUSED), (["Mallory", "join", 7], REFUSED), (["Mallory", "join"], REFUSED),
    (["Mallory", "join", {"gold": 1}], REFUSED), (["Mallory", "join", "gold", "copper"], REFUSED), (["Mallory", "join", "g"], REFUSED), (["Mallory", "join", "Gold"], REFUSED),
    (["Mallory", "say", "id of Ann", "psst"], REFUSED), (["Mallory", "say", "id of Mallory", "psst"], REFUSED), (["Mallory", "say", ["silver"], "psst"], REFUSED),
    (["Mallory", "say", "silver", 7], REFUSED), (["Mallory", "say", "silver", ["a"]], REFUSED), (["Mallory", "say", "silver"], REFUSED), (["Mallory", "say"], REFUSED),
    (["Mallory", "say", "silver", "a", "b"], REFUSED), (["Mallory", "join", "copper"], JOINS), (["Ann", "join", "copper"], JOINS), (["Mallory", "say", "copper", "bye"], ["Ann"]),
]


def judge_door(line, wanted, heard, before, after):
    """Hold what became of one line against what should have."""
    name, event, *what = line
    tried = f"{name} sent `{event}` with {', '.join(map(repr, what)) or 'nothing'}"
    entered = sorted(set(after.get(name, ())) - set(before.get(name, ())))
    if wanted == REFUSED:
        if entered:
            raise Wrong(f"{tried}, and is in the room {entered[0]!r} now. Only one `str` that is one of METALS opens the door.")
        if any(who != name for who, *_ in heard):
            raise Wrong(f"{tried}. That should be refused, and others heard of it. What was heard: {in_words(heard)}.")
        if [each[1] for each in heard] != ["refused"]:
            raise Wrong(f"{tried}. {name} should hear `refused`, once, and nothing else, and heard {in_words(heard)}.{'' if heard else ' Did your handler raise? `*what` takes any number of arguments.'}")
        if not all(len(each) == 3 and isinstance(each[2], str) for each in heard):
            raise Wrong(f"{tried}. With `refused` comes a sentence that says why, and this came: {in_words(heard)}.")
    elif wanted == JOINS:
        if entered != what:
            raise Wrong(f"{tried}. That is allowed. {name} is in {after.get(name)} now and heard {in_words(heard)}.")
        if heard:
            raise Wrong(f"{tried}, and is in. Nobody needs to hear of it. What was heard: {in_words(heard)}.")
    else:
        expect(f"what is heard when {name} says {what} and is in the room with {wanted[0]}", in_words(heard), in_words([[who, "said", *what] for who in wanted]))


@check(
    "A stranger chooses how many arguments there are, and of which kind: `def enter(*what)`, and then look.",
    "`room in METALS` is False for a number, a list or an object. The text has to be looked at, too: `isinstance(text, str)`.",
    "`socket.rooms` has the rooms of the speaker, her own among them: so `METALS` is asked, too. Then `socket.to(room).emit(…)`.",
    timeout=30,
)
async def check_door(door):
    """The members hear each other, and Mallory gets in nowhere."""
    steps = await played(door, ["Ann", "Bob", "Mallory"], [line for line, _ in DOOR])
    before = {}
    for (line, wanted), (heard, after) in zip(DOOR, steps, strict=True):
        judge_door(line, wanted, heard, before, after)
        before = after


await check_door.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 3 · Who came, who left
# *12 minutes, medium*
#
# Write `presence(server)`. Each client has said its name: `socket.handshake["auth"]["name"]`. The event `join` with a room enters it, and the others in it hear `came` with the room and the name. When somebody is gone, the others in
# each room where he was hear `left` with that room and his name. Nobody hears of himself; who joins a room twice has come once; and the room of his own is nobody's business.

# %% tags=["solution"]
def presence(server):
    """Tell those in a room who comes and who leaves."""

    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def enter(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def leave(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)


# %% tags=["check"]
PRESENCE = [  # who, event, room; who hears what
    (["Ann", "join", "gold"], []),
    (["Bob", "join", "gold"], ["Ann came gold Bob"]),
    (["Bob", "join", "silver"], []),
    (["Cy", "join", "silver"], ["Bob came silver Cy"]),
    (["Cy", "join", "gold"], ["Ann came gold Cy", "Bob came gold Cy"]),
    (["Ann", "join", "gold"], []),
    (["Dan", "join", "copper"], []),
    (["Bob", "goes"], ["Ann left gold Bob", "Cy left gold Bob", "Cy left silver Bob"]),
    (["Dan", "goes"], []),
    (["Cy", "goes"], ["Ann left gold Cy"]),
]


@check(
    "`came` is said to the room, but not to the newcomer: `socket.to(room).emit(…)`.",
    "At `disconnect` it is too late: `socket.rooms` is empty. `disconnecting` comes before it, with the same reason.",
    "`socket.rooms` has his own room, too. `socket.rooms - {socket.id}` are the others. And is he in the room already when he joins it?",
    timeout=20,
)
async def check_presence(presence):
    """All hear who comes and who leaves, in their own rooms, and nobody hears of himself."""
    steps = await played(presence, ["Ann", "Bob", "Cy", "Dan"], [line for line, _ in PRESENCE])
    for (line, wanted), (heard, _) in zip(PRESENCE, steps, strict=True):
        name, _, *room = line
        said = f"{name} joins {room[0]}" if room else f"{name} is gone"
        for each in heard:
            if each == [name, "came", *room, name]:
                raise Wrong(f"{said}, and {name} hears it, too. `socket.to(…)` leaves out its own socket, `server.to(…)` does not.")
        got = sorted(" ".join(map(str, each)) for each in heard)
        if wanted and not got:
            raise Wrong(f"{said}, and nobody hears of it. Expected: {wanted}. Did a handler raise, or were the rooms gone already when you looked?")
        expect(f"who hears what when {said}", got, wanted)


await check_presence.verdict()

# %% [markdown]
# ## The boss's list

# %%
await boss.review(boss.handmade(14))

# %% [markdown]
# One row has turned green, and none red: *reaches everyone at once, and group chat rooms*. Ten of fourteen.

# %% [markdown]
# ## What you have now
#
# - A *room* is a name on the server, with the ids of those who are in it. Clients know nothing of it; no packet is about it.
# - Each socket is in a room of its own, which has its id as a name. So one, some, all, and all but one are the same sentence.
# - `to` after `to` is a union, each hears it once, and `except_` takes out. An *aim* is never changed, and it is looked up at the moment of `emit`.
# - What many are to hear is encoded once, and without bytes in it the frame is made once, too.
# - At the end: out of all rooms, then `disconnecting`, which still sees them, then `disconnect`, which does not. Whoever is gone enters nothing.
# - The answers of a room are a list, and if one is missing it is an error that has the others.
# - The name of a room that comes from a client is a wish. Look at it.
#
# ### Three questions
#
# <details><summary>1. A client reconnects, and “the rooms are gone”. Where did they go, and what do you do?</summary>
#
# It is a new socket with a new id, in its own room alone; the old one leaves everything as soon as the server notices its end. The client asks again, in its handler of `connect`, or the server looks up who it is and joins for it.
# </details>
#
# <details><summary>2. A chat sends to <code>to("gold").to("premium")</code>, and people without premium read it. Why?</summary>
#
# It is *either*, not *both*. For both there is no word. Make a room for it, `gold premium`, and join those who are in both, when they join.
# </details>
#
# <details><summary>3. A colleague keeps <code>gold = server.to("gold")</code> in a variable from the start of the program. May he?</summary>
#
# Yes. An aim has names, not people. Who is in it is looked up at each `emit`.
# </details>
#
# ### Things to try
#
# 1. On the board, `await board.move("Ann", "copper")` in a cell of your own while she is the sender. Does it change what she can say?
# 2. Let `auction` say at `disconnecting` how many are left in each room.
#
# ### What is still missing
#
# The auction has its events, and so have the reports, and the support, and all of them call theirs `message`. One connection, three programs, and each hears what is meant for the others. That is lesson 15.
