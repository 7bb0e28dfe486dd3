# %% [markdown]
# # 18 · Nothing lost
#
# **In {minutes} you make up for a short disconnection: who was lost comes back as the same client, in the same rooms, and hears first what he has missed, each thing once. It works where the official server's recovery
# does not.**

# %% [markdown]
# ## What the boss says
#
# > "I was in the train, and the train was in a tunnel. Twelve seconds. Before it I read *Who takes the minutes?* After it I read *Good, then it is you*. What was said in between, everybody knows but me. And now I take the
# > minutes."

# %% tags=["folded"]
# %load_ext wirelab
import asyncio
import collections

from handmade import l17_async_and_backpressure as l17
from wirelab import bench, boss, clients, rulebook
from wirelab.bench import Child
from wirelab.clients import HandmadeClient, Kind, Node, PythonSocketIOClient
from wirelab.exercise import Wrong, check, expect
from wirelab.middlebox import Middlebox, ResetBoth, Roam
from wirelab.waiting import eventually, until
from wirelab.widgets.gap_board import GapBoard
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 8 minutes for the three guarantees, 15 for the build with the exercise, 10 for the four accidents, 10 for the cable of section 9. With little time: sections 1 to 3, then the cable of section 9.
#
# **A question to start with:** "You come back from the bathroom in the middle of a film. You ask your neighbour: what have I missed? What does he need to know before he can tell you?" Two things: that it is you, and what you saw last.
#
# **What goes wrong in a class.** People test recovery with a button that calls `disconnect()`, as the official tutorial does, and conclude that it does not work. That is section 8.
#
# **If somebody asks** whether each thing comes once, always: not to the official client (4.8.4), if its line breaks again between what it has missed and the answer. It keeps what came before the answer, asks with the old offset, and hears it twice.
# Yours does not.

# %% [markdown]
# ## 1. At most once
#
# A server on which everybody hears what anybody says, as `news`. The tunnel: Ben says *one*, Ann's line breaks, Ben says *two* and *three*, the line is mended, Ben says *four*. (The folded cell has the tunnel, and `Ear`, a client and what it was
# told.)

# %% tags=["folded"]
class Ear:
    """A client, what it was told as `news`, and at each connection whether it was recovered."""

    def __init__(self, client):
        self.client, self.told, self.returns = client, [], []
        client.listen(self.hear)

    def hear(self, event):
        if event.kind is Kind.RECEIVED and event.name == "news":
            self.told.append(event.data[1])
        elif event.kind is Kind.CONNECTED:
            self.returns.append(event.recovered)

    async def connect(self, where, delay=0.3):
        """Connect, and wait until that is done."""
        quick = {"reconnection_delay": delay, "reconnection_delay_max": delay}
        await self.client.connect(where, clients.Options(transports=["websocket"], **quick))
        await self.client.connected(10)

    async def lost(self):
        """Wait until it knows that its line is broken."""
        await until(lambda: self.client.state != "connected", 10)

    async def back(self):
        """Wait until it is connected for the second time."""
        await until(lambda: len(self.returns) > 1, 15)

    async def say(self, what, *others):
        """Say something, and wait until this one has heard it, and the others."""
        await self.client.emit("say", what)
        for each in (self, *others):
            await eventually(lambda each=each: what in each.told, 5)


# %% tags=["folded"]
node = await bench.start("Node", Node())


def official_client(name="Ann"):
    """The official JavaScript client, in Node."""
    return node.client(name)


async def tunnel(server, client, accident=ResetBoth, first=("one",)):
    """What Ann was told of one to four, and whether she was recovered, if her line breaks in between."""
    async with Middlebox(server) as line:
        ann, ben = Ear(client), Ear(official_client("Ben"))
        await ben.connect(server)
        await ann.connect(line)
        for what in first:
            await ben.say(what, ann)
        line.rules = [accident()]
        await ann.lost()
        for what in ("two", "three"):
            await ben.say(what)
        line.rules = [rule for rule in line.rules if isinstance(rule, Roam)]
        await ann.back()
        await ben.say("four", ann)
        await ann.client.close()
        await ben.client.close()
    return ann.told, ann.returns[1]


# %%
def hall(server):
    """Everybody hears what anybody says."""

    @server.on("connection")
    def welcome(socket):
        socket.on("say", lambda *what: server.emit("news", *what))

    return server


lesson_17 = await bench.start("lesson 17", hall(l17.Server()).listen())
told, recovered = await tunnel(lesson_17, official_client())
print("Ann is told:", *told)

# %% [markdown]
# You know this from lesson 11: the client keeps what it says while it is away; the server keeps nothing. What is sent arrives, or it does not: **at most once**. It is what Socket.IO promises unless you ask for more, and TCP does not help, for it
# promises nothing beyond the end of a connection.
#
# ## 2. At least once
#
# "Then let the server keep the last ten", says a colleague, "and send them to whoever comes."

# %%
def generous(server):
    """Everybody hears what anybody says, and who comes hears the last ten things that were said."""
    last_ten = collections.deque(maxlen=10)

    @server.on("connection")
    def welcome(socket):
        for what in last_ten:
            socket.emit("news", what)
        socket.on("say", lambda what: (last_ten.append(what), server.emit("news", what)))

    return server


# %% misconception=12
guess_twice = predict(
    "The same tunnel. What is Ann told?",
    a="one two three four",
    b="one one two three four",
    c="one two three two three four",
)

# %%
generous_hall = await bench.start("generous", generous(l17.Server()).listen())
told, recovered = await tunnel(generous_hall, official_client())
print("Ann is told:", *told)

# %%
guess_twice.reveal(
    "b",
    "Nothing is missing, and *one* came twice. The server cannot know what she has heard.",
    a="For that the server would have to know that *one* had arrived. Who told it?",
    c="*Two* and *three* were said while she was away: they can only come once.",
)

# %% [markdown]
# **At least once**: whoever is not sure sends again. So do the `retries` of lesson 13. If what is said is *Order 20 pizzas*, you would rather have the hole.
#
# Between the two stands what everybody wants, **exactly once**. No network has it. It is made of two things that you can have: send again, *and* know what has been heard already.
#
# ## 3. What the server has to know
#
# Two questions. *Who is it?* To the server who comes back is somebody new (lesson 11), with a new id. And *what has he heard?* Only the client knows that. So Socket.IO gives it two things to keep, and asks for them again:
#
# | packet | says |
# |---|---|
# | `40{"sid":"…","pid":"…"}` | you are in, this is your id, and a *private id*: nobody else knows it |
# | `42["news","one","k-1"]` | an event, and behind its arguments its *offset* |
# | `40{"pid":"…","offset":"k-1"}` | (the client, later) I am that one, and I have heard everything up to here |
# | `42["news","two","k-2"]` … | what you have missed. It comes *before* the answer |
# | `40{"sid":"…","pid":"…"}` | you are in, and the same as before |
#
# Each event that asks for no acknowledgement has an offset (volatile ones: section 6). The client takes it for one more argument, remembers it and hands it to the handlers: a handler of `news` that takes one argument gets two. A function in JavaScript passes over
# what it has no parameter for. In Python write `def news(what, *offset)`.
#
# All this is called *connection state recovery*. The official client does it by itself, from 4.6 on. The server has to be asked. The folded cell has what your server can be asked: for how long it waits, and how much it keeps at most.

# %% tags=["export", "core", "folded"]
from dataclasses import dataclass, field
from secrets import token_urlsafe


@dataclass(frozen=True)
class Recovery:
    """What a server remembers, in each namespace, to make up for a short disconnection. Times in seconds.

    Its offsets begin with `name`, which has to be another one in each run of the server.
    """

    max_disconnection_duration: float = 120
    skip_middlewares: bool = True
    max_sessions: int = 10_000
    max_packets: int = 10_000
    max_bytes: int = 5_000_000
    name: str = field(default_factory=lambda: token_urlsafe(6))


# %% [markdown]
# ## 4. What was said
#
# A server with ten thousand clients cannot keep a list of missed events for each. It keeps *one*, of all events, and for each who was meant: the rooms and the exceptions, as `Aim` knows them since lesson 14. An event is kept as it was
# encoded, in the very packets that went to everybody: it is there once, however many have missed it.
#
# Lesson 17's rule: whatever can pile up has a bound. The first folded cell has `Said`, an event that was said, and a `Shelf` for them with three bounds. As the next event is said, the oldest goes if it is older than `seconds` (two minutes, and the 45 seconds in which a server
# notices a loss), if there are too many, or too many bytes. The second folded cell has what the check needs.

# %% tags=["export", "core", "folded"]
from collections import deque
from typing import Any, NamedTuple

from handmade.l09_core import EnginePacket


class Said(NamedTuple):
    """An event that was said: its number, how it is encoded, who was meant, and when that was."""

    number: int
    packets: list[EnginePacket]
    rooms: tuple[str, ...] | None
    but: tuple[str, ...]
    time: float

    @property
    def size(self) -> int:
        """How many bytes it has, or characters."""
        return sum(map(len, self.packets))


class Shelf:
    """Events in the order in which they were said. `count` is the number of the last one."""

    def __init__(self, recovery: Recovery, seconds: float) -> None:
        self.recovery, self.seconds = recovery, seconds
        self.events = deque[Said]()
        self.count = self.size = 0

    def is_too_full(self, now: float) -> bool:
        """Whether the oldest event has to go."""
        if not self.events:
            return False
        is_old = self.events[0].time < now - self.seconds
        return is_old or len(self.events) > self.recovery.max_packets or self.size > self.recovery.max_bytes


# %% tags=["folded"]
from handmade import l14_core, l18_core, l18_nothing_lost

AIM = l14_core.Aim(l14_core.Audience("/"), rooms=("hall",), but=("Ben",))


def filled(MyLog, *sizes, seconds=165, **bounds):
    """A log in which events of these sizes were said, one a second, each with an attachment of one byte."""
    log = MyLog(l18_core.Recovery(**bounds), seconds)
    for second, size in enumerate(sizes):
        log.add(["x" * (size - 1), b"x"], AIM, float(second))
    return log


def numbers(said):
    """The numbers of what `since` has returned."""
    return said if said is None else [each.number for each in said]


def check_bounds(MyLog):
    """The oldest go, and who would need them is told so."""
    for bound, words in (({"max_packets": 2}, "only two events may be kept"), ({"max_bytes": 25}, "25 bytes may be kept"), ({"seconds": 1.5}, "nothing is kept for more than 1.5 seconds")):
        log = filled(MyLog, 10, 10, 10, 10, **bound)
        kept = [said.number for said in log.events]
        if kept != [3, 4]:
            raise Wrong(f"Four events of 10 bytes, one a second, and {words}: the numbers {kept} are on the shelf. It should be [3, 4], the newest. `while self.is_too_full(now)` the oldest goes.")
        expect("`size` after that", log.size, 20)
        expect("`count` after that", log.count, 4)
        if log.since(1) is not None:
            raise Wrong(f"Of four events 1 and 2 have gone. `since(1)` returned {numbers(log.since(1))}. Number 2 is missing there: it should be None.")
        expect("the numbers of `since(2)`, if 1 and 2 have gone", numbers(log.since(2)), [3, 4])
    log = filled(MyLog, 10, 500, max_bytes=100)
    expect("what is on the shelf after an event that is too large for it", list(log.events), [])
    expect("`since(2)`, if all two have gone and both were heard", log.since(2), [])


# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The log
# *15 minutes, medium*
#
# Write `MyLog`, a `Shelf` with two methods.
#
# - `add(packets, aim, now)` puts a `Said(number, packets, rooms, but, time)` into `self.events`, a `deque`. The first has the number 1, and each the next one; `self.count` is the number of the last, `self.size` how many bytes all on the shelf have together. The aim has `rooms` and `but`.
#   Then the oldest go, as long as `self.is_too_full(now)`.
# - `since(number)` returns a list of all that was said *after* that number, the oldest first. If any of that has gone already, or if so many were not said yet, it returns None: who asks cannot be helped.
#
# Who has heard everything gets an empty list, also if nothing is on the shelf any more. The check fills and empties your log, and then the official client is lost at a server that has it.

# %% tags=["check"]
@check(
    "`add`: one more is counted, a `Said` goes to `self.events`, its size to `self.size`. Then a `while` loop takes from the left.",
    "`since`: as many have gone as `self.count - len(self.events)`. Between that number and `self.count` you can help; else return None.",
    "`list(self.events)[number - gone:]`, where `gone` is that difference.",
    timeout=40,
)
async def check_log(MyLog):
    """Your log knows what was missed, and when it does not know any more. The official client was recovered with it."""
    log = filled(MyLog, 10, 20, 30)
    expect("`count` after three events", log.count, 3)
    expect("`size` after events of 10, 20 and 30 bytes", log.size, 60)
    expect("the numbers of the events on the shelf", [said.number for said in log.events], [1, 2, 3])
    first = l18_core.Said(1, ["x" * 9, b"x"], ("hall",), ("Ben",), 0.0)
    expect("the first event on the shelf, said to the room `hall`, but not to Ben,", log.events[0], first)
    expect("the numbers of `since(1)` after three events", numbers(log.since(1)), [2, 3])
    expect("the numbers of `since(0)`", numbers(log.since(0)), [1, 2, 3])
    expect("`since(3)`, for somebody who has heard all three", log.since(3), [])
    if log.since(4) is not None:
        raise Wrong(f"Three events were said, and somebody claims to have heard four. `since(4)` returned {numbers(log.since(4))}. It should be None.")
    check_bounds(MyLog)

    class MyHistory(l18_core.History):
        log_type = MyLog

    server = l18_nothing_lost.Server(connection_state_recovery=l18_core.Recovery(name="k"))
    server.history = MyHistory(server.options.connection_state_recovery, 45, server.now)
    async with hall(server).listen() as listening:
        told, recovered = await tunnel(listening, official_client("Cleo"))
    if not recovered or told != ["one", "two", "three", "four"]:
        raise Wrong(f"The official client was lost at a server with your log. It was told {told}, and `recovered` was {recovered}.")


await check_log.verdict()

# %% tags=["export", "core", "folded"]
from itertools import islice


class Log(Shelf):
    """What was said last, by number. The oldest make room."""

    def add(self, packets: list[EnginePacket], aim: Any, now: float) -> None:
        """One more was said."""
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number: int) -> list[Said] | None:
        """What was said after that number; None if some of it has gone, or was not said yet."""
        gone = self.count - len(self.events)
        if not gone <= number <= self.count:
            return None
        return list(islice(self.events, number - gone, None))


# %% [markdown]
# ## 5. Who was there
#
# The other half is what is known of a client. A `Visit` outlives the socket: id, data, rooms. Of each room it knows *since when*: whoever joined it after an event was said was not meant by it, even if he comes with an old offset. Of a room that he has left it knows
# nothing any more.

# %% tags=["export", "core"]
from collections.abc import Callable, Iterable


@dataclass
class Visit:
    """What is known of a socket, and will be there again if its connection breaks and it comes back.

    Numbers are those of the last event that had been said before something happened.
    """

    id: str
    data: dict[str, Any]
    came: int = 0
    heard: int = 0  # everything up to this one
    rooms: dict[str, int] = field(default_factory=dict)  # each room, and when it was joined
    pid: str = field(default_factory=lambda: token_urlsafe(15))
    lost: float = 0.0  # the time

    def was_meant(self, said: Said) -> bool:
        """Whether an event was for this one."""
        is_meant = said.rooms is None or self.was_in(said.rooms, said.number)
        return is_meant and not self.was_in(said.but, said.number)

    def was_in(self, rooms: Iterable[str], number: int) -> bool:
        """Whether it is in any of these rooms, and was when that event was said."""
        return any(room in self.rooms and self.rooms[room] < number for room in rooms)


# %% [markdown]
# When somebody comes with a pid, there are three cases. Nobody knows it: a new client. Its owner was lost: here he is. And the third:

# %%
guess_alive = predict(
    "Ann's phone leaves the Wi-Fi and is back two seconds later, over another network, with her pid. The server still sees her old connection. What should it do?",
    a="Let her in as a new client: her seat is taken.",
    b="Refuse her until the old connection has timed out.",
    c="Believe her, and end the old connection.",
)

# %%
guess_alive.reveal(
    "c",
    "Who knows the pid *is* Ann: nobody else was told it. Then the old connection is a dead cable, whatever it looks like from here.",
    a="That is what the official server does (4.8.4): section 8 shows it. She loses everything, for the one reason that she was quick.",
    b="With the default heartbeat that takes up to 45 seconds, for somebody who has a good line.",
)

# %% [markdown]
# Ending the old connection, with all its namespaces, makes a lost visit of her, and then the case is the second one. A visit is taken *out* of `lost`: of two who come with one pid, never both are she. (`Lost`, folded, has two dicts: in `here`
# are the sockets, in `lost` the visits. It forgets a visit after two minutes, or the oldest one if there are too many.)

# %% tags=["export", "core", "folded"]
class Lost:
    """Who was lost, by pid, the one that was lost first in front; and who is here."""

    def __init__(self, recovery: Recovery, now: Callable[[], float]) -> None:
        self.recovery, self.now = recovery, now
        self.lost: dict[str, Visit] = {}
        self.here: dict[str, Any] = {}  # sockets

    def lose(self, visit: Visit) -> None:
        """Its connection has broken."""
        visit.lost = self.now()
        self.wait_for(visit)

    def wait_for(self, visit: Visit) -> None:
        """It may come back. If too many may, the first of them is forgotten."""
        self.lost[visit.pid] = visit
        if len(self.lost) > self.recovery.max_sessions:
            del self.lost[next(iter(self.lost))]

    def is_over(self, visit: Visit) -> bool:
        """Whether it was lost too long ago."""
        return self.now() >= visit.lost + self.recovery.max_disconnection_duration

    def forget(self) -> None:
        """Forget those that were lost too long ago."""
        for pid, visit in tuple(self.lost.items()):
            if self.is_over(visit):
                del self.lost[pid]


# %% tags=["export", "core"]
class Memory(Lost):
    """Who was lost, who is here, and who comes back."""

    def take(self, pid: str) -> Visit | None:
        """Whose pid this is, if he can come back. If his old connection seems to live, that ends now."""
        if pid in self.here:
            self.here[pid].client.session.end("taken over")
        visit = self.lost.pop(pid, None)
        return None if visit is None or self.is_over(visit) else visit


# %% [markdown]
# ## 6. Put together
#
# The history of a namespace is both. In the folded cell `record` gives an event its offset, encodes it and puts it into the log; `number` reads an offset. `claim` asks who comes back, and `missed` what he has not heard. Somebody without an offset has
# not heard anything yet: for him everything counts since he *came*.

# %% tags=["export", "core", "folded"]
from handmade.l08_meet_socketio import Packet
from handmade.l12_core import encode, to_engine


class Chronicle(Memory):
    """What is remembered in a namespace: who was there, and what was said. `heartbeat` is in seconds."""

    log_type = Log

    def __init__(self, recovery: Recovery, heartbeat: float, now: Callable[[], float]) -> None:
        super().__init__(recovery, now)
        self.log = self.log_type(recovery, recovery.max_disconnection_duration + heartbeat)

    def record(self, packet: Packet, aim: Any) -> list[EnginePacket]:
        """Encode an event, with its offset behind its arguments, and keep it. A volatile one is not kept."""
        number = self.log.count if aim.is_volatile else self.log.count + 1
        offset = f"{self.recovery.name}-{number}"
        packets = [to_engine(message) for message in encode(packet._replace(data=[*packet.data, offset]))]
        if not aim.is_volatile:
            self.log.add(packets, aim, self.now())
        return packets

    def number(self, offset: object) -> int | None:
        """The number in an offset, if it is one of ours."""
        name, _, number = offset.rpartition("-") if isinstance(offset, str) else ("", "", "")
        is_ours = name == self.recovery.name and number.isdecimal() and len(number) < 16
        return int(number) if is_ours else None


# %% tags=["export", "core"]
class History(Chronicle):
    """What is remembered in a namespace, for those who come back."""

    def claim(self, pid: object, offset: object) -> Visit | None:
        """Who comes back with this pid, and has heard everything up to that offset; None: a new client."""
        visit = self.take(pid) if isinstance(pid, str) else None
        if visit is None:
            return None
        heard = visit.came if offset is None else self.number(offset)
        if heard is None:
            return None
        visit.heard = max(heard, visit.came)
        return None if self.missed(visit) is None else visit

    def missed(self, visit: Visit) -> list[Said] | None:
        """What was said to somebody who did not hear it; None if some of it has gone."""
        since = self.log.since(visit.heard)
        return None if since is None else [said for said in since if visit.was_meant(said)]


# %% [markdown]
# A volatile event (lesson 17) is not kept: nobody wants to hear it later. But look at its offset. It says what the one before it said, *up to here*. The official server gives it none; if its last argument is a text, the official client
# takes *that* for the offset, and is not recovered if the line breaks before the next event.
#
# What asks for no answer passes one place now: `deliver`. `Aim.emit` goes there, and in the folded cells `socket.emit`, which aims at the room that only this socket is in. So somebody who still holds the socket of before the tunnel reaches the one
# behind it.

# %% tags=["export", "core", "folded"]
from handmade import l17_core
from handmade.l08_meet_socketio import Type, is_allowed


class Aim(l17_core.Aim):
    """Who is meant. Where there is a history, it keeps what they are told."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to them, encoded once. Raises TypeError, ValueError for bad arguments."""
        packet = Packet(Type.EVENT, [event, *arguments], namespace=self.audience.name)
        if self.history and is_allowed(packet):
            self.deliver(packet, self.history)
        else:
            super().emit(event, *arguments)

    @property
    def history(self) -> History | None:
        """What is remembered in this namespace."""
        audience: Any = self.audience
        history: History | None = audience.history
        return history

    def deliver(self, packet: Packet, history: History) -> None:
        """Keep an event, and send it to those who are there."""
        packets = history.record(packet, self)
        for socket in self.sockets():
            socket.write(packets)


# %% tags=["export", "core", "folded"]
def is_known(socket: Any) -> bool:
    """Whether a client is here, or was lost, or has another socket by now, which is being examined."""
    pid, history = socket.visit.pid, socket.history
    others = (other for other in socket.audience.examined if other is not socket)
    return pid in history.here or pid in history.lost or any(pid == other.visit.pid for other in others)


class VolatileSocket(l17_core.VolatileSocket):
    """A socket to which is said what nobody wants to hear later: nor when it comes back."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event if it can go out at once, else drop it."""
        if arguments and callable(arguments[-1]):  # nothing that asks for an answer is kept
            super().emit(event, *arguments)
        else:
            self.socket.itself.volatile.emit(event, *arguments)


# %% tags=["export", "folded"]
from handmade import l17_async_and_backpressure as l17


class Guest(l17.Socket):
    """One client, as the handlers see it. What is said to it is kept, in case that it is lost."""

    def __init__(self, client: Any, connect: Packet) -> None:
        super().__init__(client, connect)
        self.history: History = self.audience.history
        self.visit = Visit(self.id, self.data)

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))

    @property
    def itself(self) -> Aim:
        """This one, also if it has another connection by now."""
        return Aim(self.audience, rooms=(self.id,))

    @property
    def volatile(self) -> VolatileSocket:
        """This socket for an event that is dropped unless it can go out at once."""
        return VolatileSocket(self)

    def transmit(self, packet: Packet) -> None:
        """Send a packet. An event is kept, unless it asks for an answer; a CONNECT says the pid, too."""
        match packet.type, packet.id:
            case Type.EVENT, None:
                if is_known(self):
                    self.itself.deliver(packet, self.history)
            case Type.CONNECT, _:
                super().transmit(packet._replace(data={**packet.data, "pid": self.visit.pid}))
            case _:
                super().transmit(packet)


# %% tags=["export", "folded"]
class Member(Guest):
    """One client, as the handlers see it. It is remembered when it joined which room."""

    def join(self, rooms: str | Iterable[str]) -> None:
        """Enter a room, or several, as soon as it is let in. Who is gone enters none."""
        super().join(rooms)
        for room in self.rooms:
            self.visit.rooms.setdefault(room, self.history.log.count)

    def leave(self, room: str) -> None:
        """Leave a room."""
        super().leave(room)
        self.visit.rooms.pop(room, None)


# %% [markdown]
# A socket that was lost gets everything back, and one that is over may be lost. But only by an *accident*: whoever said goodbye, or was sent away, is gone for good.

# %% tags=["export"]
ACCIDENTS = ("transport close", "transport error", "ping timeout", "queue full", "taken over", "forced close")


class Socket(Member):
    """One client, as the handlers see it. It may be one that was lost: then it is `recovered`."""

    recovered = False

    def resume(self, visit: Visit) -> None:
        """It is one that was lost: all is there again."""
        self.recovered = True
        self.visit = visit
        self.id, self.data = visit.id, visit.data
        self.join(visit.rooms)

    def closed(self, reason: str) -> None:
        """It is over. If it was an accident, it may come back."""
        del self.history.here[self.visit.pid]
        self.visit.data = self.data  # a handler may have put others in their place
        if reason in ACCIDENTS:
            self.history.lose(self.visit)
            seconds = self.history.recovery.max_disconnection_duration + 1
            self.client.session.call_later(seconds, self.audience.forget)
        super().closed(reason)


# %% [markdown]
# Then the door. The pid and the offset come with `auth`. `Reception`, folded, puts them into `claim`, and middleware and handlers never see them: they are the keys to somebody's session.
#
# Look at the order in `admit`: what was missed, the answer, the handlers, with nothing in between. An event that is said during a slow middleware is either among what was missed, or comes afterwards. It cannot fall between the two.

# %% tags=["export", "folded"]
from handmade import l09_core


class Reception(l17.Client):
    """One connection, whose sockets may be some that were lost."""

    def __init__(self, server: "Server", session: l09_core.Session) -> None:
        super().__init__(server, session)
        self.socket_type = Socket
        self.claim: tuple[object, object] = (None, None)

    def connect(self, packet: Packet) -> None:
        """Let the client into a namespace. Its pid and its offset are nobody's business but ours."""
        auth = dict(packet.data or {})
        self.claim = (auth.pop("pid", None), auth.pop("offset", None)) if "pid" in auth else (None, None)
        super().connect(packet._replace(data=auth))

    def dismiss(self, socket: Any) -> None:
        """It stands before the gate no longer. If it was not let in, it may try again."""
        is_first_time = socket.namespace in self.examinations
        if is_first_time and socket.recovered and not socket.connected:
            socket.history.wait_for(socket.visit)
        super().dismiss(socket)


# %% tags=["export"]
class Client(Reception):
    """One connection, whose sockets may be some that were lost."""

    def let_in(self, socket: Any) -> None:
        """Let a socket in, or have it examined. One that was lost has been examined before."""
        visit = socket.history.claim(*self.claim)
        if visit:
            socket.resume(visit)
        if visit and socket.history.recovery.skip_middlewares:
            self.admit(socket)
        else:
            super().let_in(socket)

    def admit(self, socket: Any) -> None:
        """Let a socket in. What it has missed comes first."""
        history, visit = socket.history, socket.visit
        if not socket.recovered:
            visit.came = visit.heard = history.log.count
        missed = history.missed(visit)
        if missed is None:  # its examination has taken too long
            self.session.call_later(0, lambda: self.session.end("transport close"))
            return
        for said in missed:
            for packet in said.packets:
                self.session.send(packet)
        history.here[visit.pid] = socket
        super().admit(socket)


# %% [markdown]
# (`skip_middlewares` is true, as in the official server: who was in two minutes ago need not show his papers again. If he might have been banned meanwhile, set it to `False`.) The namespaces and the server are folded: a namespace gets
# a history if the options ask for one.

# %% tags=["export", "folded"]
class Speaking(l17.Speaking):
    """What can speak to all in a namespace, and remember it."""

    history: History | None = None

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to everybody, encoded once. Raises TypeError, ValueError for bad arguments."""
        self.aim().emit(event, *arguments)

    def forget(self: Any) -> None:
        """Some may have been lost too long ago."""
        self.history.forget()
        self.tidy()


class Namespace(Speaking, l17.Namespace):
    """A namespace that remembers who was lost."""

    def tidy(self) -> None:
        """Nobody may be here any more, and nobody may come back."""
        if not self.history or not self.history.lost:
            super().tidy()


# %% tags=["export", "folded"]
import time

from handmade import l13_acknowledgements as l13


@dataclass(frozen=True)
class Options(l17.Options):
    """The settings of a server: also whether and how it makes up for a short disconnection."""

    connection_state_recovery: Recovery | None = None


class Server(Speaking, l17.Server):
    """A Socket.IO server that loses nothing in a short disconnection, with Options."""

    options_type: type[l13.Options] = Options
    namespace_type: Any = Namespace
    options: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.now: Callable[[], float] = time.monotonic
        if self.options.connection_state_recovery:
            self.client_type = Client
            self.namespace_type = self.new_namespace
            self.history = self.new_history()

    def new_history(self) -> History:
        """What is remembered in a namespace, nothing at first."""
        heartbeat = self.options.ping_interval + self.options.ping_timeout
        return History(self.options.connection_state_recovery, heartbeat, lambda: self.now())

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history()
        return namespace


# %% [markdown]
# ## 7. Out of the tunnel
#
# The application does not change. One option does. (The name is for this page: with a random one the picture would be another one each time.)

# %%
mine = await bench.start("mine", hall(Server(connection_state_recovery=Recovery(name="k"))).listen())
line = await bench.start("line", Middlebox(mine))
ann, ben = Ear(official_client()), Ear(official_client("Ben"))
await ben.connect(mine)
await ann.connect(line)
await ben.say("one", ann)

line.rules = [ResetBoth()]
await ann.lost()
await ben.say("two")
line.rules = []
await ann.back()
print("Ann is told:", *ann.told, "| recovered:", ann.returns[1])
await ann.client.close()
await line.quiet()
Wire(line, layer="Socket.IO")

# %% [markdown]
# Click on the second `connect` of Ann: there are her pid and her offset. Then comes *two*, and then the answer, with her old id.
#
# Your own client, folded, learns the same in a few lines: it remembers pid and offset, says them when it knocks, and has `socket.recovered`.

# %% tags=["export", "folded"]
from handmade import l15_namespaces as l15


class Returning(l15.Visitor):
    """Your end of a namespace. It says who it was, and up to where it has heard everything."""

    recovered = False
    pid: str | None = None
    offset: str | None = None

    def present(self, auth: Any) -> None:
        """Say who we are, and were, and ask to be let in."""
        claim = {"pid": self.pid, "offset": self.offset}
        known = {name: value for name, value in claim.items() if value is not None}
        super().present({**known, **(auth or {})} if known else auth)


class ClientSocket(l17.ClientSocket, Returning):
    """Your end of a namespace, which may come back as the one it was."""

    def receive(self, packet: Packet) -> None:
        """Act on a packet of the server."""
        match packet.type, packet.data:
            case Type.CONNECT, {"sid": str()}:
                pid = packet.data.get("pid")
                self.recovered = pid is not None and pid == self.pid
                if not self.recovered:  # then it has heard nothing yet
                    self.offset = None
                self.pid = pid
            case Type.EVENT, [_, *_, str(offset)] if self.pid is not None and packet.id is None:
                self.offset = offset
        super().receive(packet)


# %% tags=["export", "folded"]
class Manager(l17.Manager):
    """One connection, and the sockets that share it; they may come back as those they were."""

    socket_type = ClientSocket


def io(url: str, auth: Any = None, **options: Any) -> Any:
    """Connect to a namespace, as in lesson 15, and come back as the same one. Raises ValueError."""
    return l15.io(url, auth, manager_type=Manager, **options)


# %% [markdown]
# ## 8. "It works out of the box"
#
# The official server has one option for all this, `new Server(http, { connectionStateRecovery: {} })`.
#
# <details><summary>The whole program</summary>
#
# ```js server.mjs
# import { createServer } from "node:http";
# import { Server } from "socket.io";
#
# const http = createServer();
# const io = new Server(http, { connectionStateRecovery: {} });
#
# io.on("connection", (socket) => {
#   socket.on("say", (...what) => io.emit("news", ...what));
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>
#
# Its tutorial shows how to try it out: a button on the page that calls `socket.disconnect()`, and again `socket.connect()`.
#
# ```js button.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"] });
#
# socket.once("connect", () => socket.emit("say", "hello"));
# socket.once("news", () => {
#   socket.disconnect();
#   socket.connect();
#   socket.once("connect", () => {
#     console.log(Boolean(socket.recovered));
#     process.exit();
#   });
# });
# ```

# %% misconception=22
guess_box = predict(
    "Four accidents, at the official server: a line that breaks; one that breaks before the client has heard any event; that button; a phone that changes networks. In how many is the client recovered?",
    a="In one.",
    b="In all but the button.",
    c="In all four.",
)

# %%
official = await bench.start("official", Child.node("lessons_src/programs/18/server.mjs"))

both = {"official": official, "yours": mine}
accidents = {"a broken line": (ResetBoth, ["one"]), "before any event": (ResetBoth, []), "another network": (Roam, ["one"])}
for words, (accident, first) in accidents.items():
    for name, server in both.items():
        told, recovered = await tunnel(server, official_client(), accident, first)
        print(f"{words:16} at the server {name:9} recovered: {recovered}")

for name, server in both.items():
    recovered = await bench.javascript(bench.program("18/button.mjs"), url=bench.url(server, scheme="http"))
    print(f"{'the button':16} at the server {name:9} recovered: {recovered.capitalize()}")

# %%
guess_box.reveal(
    "a",
    "Without an event there is no offset, and the official server does not even look. On another network the old connection is still alive to it. And the button says goodbye: who leaves is not lost.",
    b="So it is at *your* server. At the official one (4.8.4) two more fail.",
    c="The button is the first thing that people try. It sends `41`, I leave, and there is nothing to recover.",
)

# %% [markdown]
# To try it out, break what is below: `socket.io.engine.close()`, says the official documentation.
#
# Two more differences, each with a test (`tests/test_handmade_recovery.py`). At the official server, who joins a room after his last event and is then lost hears afterwards what was said there *between* the two. And with `skipMiddlewares: false` and a slow middleware
# what is said meanwhile is skipped.
#
# ## 9. Pull the cable
#
# Four servers say the same numbers: yours, yours without recovery, the official one and python-socketio's. Each row is a client. (If this page is open in JupyterLab, *your browser* is one of them.)
#
# 1. Press **Play**, *pull the cable*, count to five, *mend it*. Whose gap is closed, and by what?
# 2. The same with *cut it in the middle*, where the servers are told, too. Which row is another one now?
# 3. **Reset**, then *cut it* before any number was said, *mend it*, and **Step**. Which *new client* should have been recovered?

# %%
board = await bench.start("board", GapBoard)
board

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# 1. The clients of your server get what they have missed, all at once, before they are connected again (↺). At the official server a new client came back: its old socket is still alive there, and gets the numbers that nobody hears.
# 2. The official server: it was told, so it knows whom it has lost.
# 3. Again the official one: its client has no offset yet.
# </details>
#
# The same without a finger:

# %%
await board.press("reset")
for button in ("step", "step", "pull", "lost", "step", "step", "plug", "connected", "step"):
    await (board.wait(button) if button in ("lost", "connected") else board.press(button))
print(board.table())
board

# %% [markdown]
# ## 10. What it is not
#
# | bound | what happens there |
# |---|---|
# | two minutes (`max_disconnection_duration`) | the visit is forgotten: a new client |
# | 10,000 events, 5 MB, 165 seconds, in each namespace | the oldest go. Who has heard nothing since is a new client, even after two seconds away, and even if none of them was for him |
# | 10,000 who are lost, in each namespace | the one that was lost first is forgotten |
# | the server is restarted | all is forgotten: it was in memory |
#
# So `recovered` can be false, on any day. It is a hope, not a promise: the documentation says so, too. Nor does it help the other direction: what *Ann* said into the dead cable is lost. For her there are acknowledgements and `retries`, at least once; and an id in
# each order, so that the server does it once (lesson 13).
#
# A program for which a hole is a catastrophe numbers its own messages and keeps them where a restart does not reach them. Recovery then spares it most of the work. That is exercise 2.
#
# ## 11. The same in python-socketio, and in JavaScript
#
# | yours | JavaScript, the official one | python-socketio 5.18 |
# |---|---|---|
# | `Server(connection_state_recovery=Recovery())` | `new Server({ connectionStateRecovery: {} })` | there is none |
# | `max_disconnection_duration=120` | `maxDisconnectionDuration: 120000` | |
# | `skip_middlewares=True` | `skipMiddlewares: true` | |
# | a number of events, of bytes, of sessions | no bound but the time | |
# | `socket.recovered`, at both ends | `socket.recovered`, at both ends | |
#
# Three clients go through the tunnel at three servers: the official one, yours, python-socketio's. (The folded cell has them.)

# %% tags=["folded"]
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")


@sio.on("say")
async def say(sid, what):
    """Everybody hears it."""
    await sio.emit("news", what)


app = web.Application()
sio.attach(app)
python = await bench.start("python", bench.aiohttp(app))
servers = {"yours": mine, "official": official, "python-socketio": python}
travellers = {
    "official": official_client,
    "yours": lambda: HandmadeClient("Ann", io),
    "python-socketio": lambda: PythonSocketIOClient("Ann"),
}

# %%
for server_name, server in servers.items():
    for client_name, client in travellers.items():
        told, recovered = await tunnel(server, client())
        print(f"server: {server_name:16} client: {client_name:16}", *told)

# %% [markdown]
# It takes two. python-socketio has neither end.
#
# ## Exercises
#
# Write your answer into the cell below the task, run it, then run the check. The folded cells have what the check needs.

# %% tags=["folded"]
import contextlib


class Minutes(contextlib.AsyncExitStack):
    """A server that numbers what is said, and keeps it though it is restarted. It counts how often it is asked."""

    texts, asked, port, is_mute = (), 0, 0, False

    async def start(self):
        """Begin to listen, on the old port if there was one."""
        self.server = Server(connection_state_recovery=Recovery())
        self.server.on("connection", lambda socket: socket.on("since", self.answer))
        self.port = await self.enter_async_context(self.server.listen(self.port))

    async def restart(self):
        """End, and begin anew: only the texts are kept."""
        await self.aclose()
        await self.start()

    def answer(self, number, answer):
        self.asked += 1
        if not self.is_mute:
            answer([[place, text] for place, text in enumerate(self.texts, 1) if place > number])

    def say(self, *texts):
        for text in texts:
            self.texts += (text,)
            self.server.emit("said", len(self.texts), text)


# %% tags=["folded"]
async def written(book, count, when):
    """Wait until so many are written, and a little longer, and hold them against the numbers from 1 on."""
    await eventually(lambda: len(book) >= count, 3)
    await asyncio.sleep(0.2)
    for what in book:
        if what not in enumerate("abcdefghi", 1):
            raise Wrong(f"`write{what}` was called. Call it with a number, and the text that was said under that number.")
    book = [number for number, _ in book]
    wanted = list(range(1, count + 1))
    if book == wanted:
        return
    twice = sorted({number for number in book if book.count(number) > 1})
    missing = [number for number in wanted if number not in book]
    if missing:
        raise Wrong(f"{when} the numbers {book} are written: {missing} is missing. After a connection that was not recovered, ask `since` the last number that you have.")
    if twice:
        raise Wrong(f"{when} the numbers {book} are written: {twice} twice. Remember the last number, and pass over what is not behind it.")
    raise Wrong(f"{when} the numbers {book} are written: all are there, in another order. Write what comes next, and nothing before it.")


async def interrupted(socket, minutes, line, book):
    """Through a restart, and through a tunnel before the question is answered."""
    asked, minutes.is_mute = minutes.asked, True
    line.rules = [ResetBoth()]
    await until(lambda: not socket.connected, 10)
    await minutes.restart()
    minutes.texts += ("h",)
    line.rules = []
    await until(lambda: minutes.asked > asked, 10)
    minutes.say("i")
    line.rules = [ResetBoth()]
    await until(lambda: not socket.connected, 10)
    minutes.is_mute = False
    line.rules = []
    await until(lambda: socket.connected, 10)
    await written(book, 9, "The line broke before `since` was answered, so ask again when it is back, and write nothing before what comes next;")


# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The minutes
# *15 minutes, medium*
#
# The boss's minutes must have no hole and nothing twice, whatever happens to line and server. The server numbers what is said from 1 on, keeps it in a file, and tells it as the event `said` with `(number, text)`. Asked by the event `since` with a number, it acknowledges with a list of all `[number, text]` after that.
#
# Write `follow(socket, write)`. The socket is a client of yours that is not connected yet. `write(number, text)` has to be called for each number once, in order. What is recovered comes by itself. After a connection that was *not* recovered (`socket.recovered`), ask; and again, if the line breaks before
# the answer. What comes twice, because it was told *and* is in the answer, is written once. There may be an offset behind the arguments.

# %% tags=["solution"]
def follow(socket, write):
    """Have `write(number, text)` called for everything that is said, once and in order."""
    last = 0
    is_answered = False  # since the last connection that was not recovered

    def note(number, text, *offset):
        nonlocal last
        if number == last + 1:
            last = number
            write(number, text)

    def catch_up(messages):
        nonlocal is_answered
        is_answered = True
        for number, text in messages:
            note(number, text)

    @socket.on("connect")
    def ask():
        nonlocal is_answered
        is_answered = is_answered and socket.recovered
        if not is_answered:
            socket.emit("since", last, catch_up)

    socket.on("said", note)


# %% tags=["check"]
async def followed(follow, minutes, line, book):
    """Through a tunnel, and through a restart."""
    quick = {"reconnection_delay": 0.2, "reconnection_delay_max": 0.2, "transports": ["websocket"]}
    socket = io(bench.url(line, scheme="http"), force_new=True, **quick)
    try:
        follow(socket, lambda *what: book.append(what))
        await until(lambda: socket.connected, 10)
        await written(book, 2, "Two things were said before it came;")
        minutes.say("c", "d")
        await written(book, 4, "Two were said before, two afterwards;")
        asked = minutes.asked
        line.rules = [ResetBoth()]
        await until(lambda: not socket.connected, 10)
        minutes.say("e")
        line.rules = []
        await until(lambda: socket.connected, 10)
        await written(book, 5, "After a tunnel")
        line.rules = [ResetBoth()]
        await until(lambda: not socket.connected, 10)
        await minutes.restart()
        minutes.texts += ("f",)
        line.rules = []
        await until(lambda: socket.connected, 10)
        minutes.say("g")
        await written(book, 7, "After a restart of the server")
        if minutes.asked > asked + 1:
            raise Wrong("After a tunnel it was recovered, and asked the server all the same. With a thousand clients in one tunnel that is a thousand questions for nothing: look at `socket.recovered`.")
        await interrupted(socket, minutes, line, book)
    finally:
        socket.disconnect()


@check(
    "Keep the number that was written last. One function takes what is told and what is answered, and writes only what comes next.",
    "A handler of `connect`: if it was not `socket.recovered`, or if the question before was not answered, `socket.emit(\"since\", last, answered)`, with a function for the answer.",
    "`def note(number, text, *offset)`, with `nonlocal last`, writes if `number == last + 1`. Register `said` and `connect` once, outside of each other.",
    timeout=60,
)
async def check_follow(follow):
    """No hole and nothing twice: through a tunnel, and through a restart."""
    book = []
    async with Minutes() as minutes:
        minutes.texts = ("a", "b")
        await minutes.start()
        async with Middlebox(minutes.port) as line:
            await followed(follow, minutes, line, book)


await check_follow.verdict()

# %% [markdown]
# ## The rules, and the boss's list
#
# No document of the protocol speaks of recovery, so these rules are the course's own. Your server keeps them all; here is the official one.

# %%
RECOVERY_RULES = [rule for rule in rulebook.RULES if rule.lesson == 18]
under_rules = await bench.start("under rules", rulebook.handmade(18))
found = await rulebook.hold(under_rules, rules=RECOVERY_RULES)
print(f"Of {len(RECOVERY_RULES)} rules about recovery yours keeps {sum(finding.kept for finding in found.findings)}.")

await rulebook.hold(await bench.start("official rules", rulebook.node_socketio()), rules=RECOVERY_RULES, name="the official server")

# %%
await boss.review(boss.handmade(18))

# %% [markdown]
# One row has turned green, and none red: *loses nothing and doubles nothing in a short disconnection*. Thirteen of fourteen.

# %% [markdown]
# ## What you have now
#
# - *At most once*: send and forget. *At least once*: send again until somebody confirms. *Exactly once* is at least once, and a receiver that knows what it has.
# - Recovery: the client keeps a private id and an offset. The server keeps what was said, and who was lost, both bounded.
# - What was missed comes before CONNECT, with the old id, data and rooms.
# - Only accidents are recovered. A goodbye is none.
# - A pid takes over a connection that looks alive. Whoever knows it *is* the client: never log it.
# - `recovered` may be false. What must not be lost has numbers of its own.
#
# ### Three questions
#
# <details><summary>1. A colleague sets <code>max_disconnection_duration</code> to a day, "so that nobody ever loses anything". What happens?</summary>
#
# At 10,000 events or 5 MB the oldest go all the same, so on a busy server nobody is recovered after some minutes, let alone hours. With larger bounds the memory fills. And a restart forgets everything. For a day there is a database, and the numbers of exercise 2.
# </details>
#
# <details><summary>2. Why does the client not acknowledge each event, so that the server knows what it has heard?</summary>
#
# It could: that is TCP once more, one layer higher, and a packet back for each packet. The offset costs some bytes, and is asked for only when it is needed: once, at the return.
# </details>
#
# <details><summary>3. Somebody finds a pid in your log. What can he do with it?</summary>
#
# Until two minutes after its owner is lost, he can be him: he gets his id, his rooms, his `data`, and all that was said to him and is still kept, and the real one is thrown out. No password is asked for, unless `skip_middlewares` is `False`.
# </details>
#
# ### What is still missing
#
# All this is in the memory of *one* server. The boss has bought a second one. That is lesson 19.
