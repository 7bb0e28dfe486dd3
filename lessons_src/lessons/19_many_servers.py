# %% [markdown]
# # 19 · Many servers
#
# **In {minutes} you make one server of several: what is said at one is heard at all, official servers among them. Then you kill the thing in their middle, and see what that costs.**

# %% [markdown]
# ## What the boss says
#
# > "The server was full at eight o'clock, so I bought a second one, and a balancer. Now half of the bidders do not hear the other half. Gold was sold twice, at two prices, and both buyers have a receipt. I do not want two
# > auctions. I want one auction, on as many machines as it takes."

# %% tags=["folded"]
# %load_ext wirelab
import asyncio

import msgpack
import redis.asyncio

from handmade import l18_nothing_lost as l18
from wirelab import bench, boss
from wirelab.bench import Child, RedisServer
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import Middlebox, RoundRobin, StickyByCookie
from wirelab.plots import bars
from wirelab.waiting import eventually, until
from wirelab.widgets.predict import predict
from wirelab.widgets.wire import Wire

AUCTION, OFFICIAL = "lessons_src/programs/19/auction.py", "lessons_src/programs/19/official.mjs"

# %% [markdown] tags=["teacher"]
# **Timing.** 6 minutes until two servers have failed, 14 for the format and the exercise, 8 for the mixed cluster, 8 for stickiness and the script, 7 for the death of Redis. With little time leave out sections 10 and 11.
#
# **A question to start with:** "Two tills, one shop. The till on the left has sold the last ring. How does the till on the right know?" Somebody has to shout. Ask who, and what happens while he has a sore throat: that is section 8.
#
# **What goes wrong in a class.** Somebody has a firewall that asks about `redis-server`. It listens on 127.0.0.1 alone; they may say no, and everything works. Without any Redis installed the one in Python is used, and the outputs are the same.

# %% [markdown]
# ## 1. Two servers, two auctions
#
# The auction of lesson 14, as a program of its own, so that it can run twice. (Its server has an option `adapter`, which is what you build. Without it, it is the server of lesson 18.)

# %% [markdown]
# <details><summary>The auction</summary>
#
# ```python auction.py
# import asyncio
# import json
# import os
# import sys
#
# from handmade.l19_many_servers import Server
# from handmade.redis_line import Redis
#
#
# def auction(io, socket):
#     """Who is in a room hears its prices. One can ask how many are there, and ask them all."""
#
#     async def count(answer):
#         answer(len(await io.fetch_sockets()))
#
#     async def ask(answer):
#         answer(await io.timeout(2).emit_with_ack("going once"))
#
#     socket.on("join", lambda room, answer: answer(socket.join(room)))
#     socket.on("bid", lambda room, price: io.to(room).emit("price", price))
#     socket.on("echo", lambda word, answer: answer(word))
#     socket.on("count", count)
#     socket.on("ask", ask)
#
#
# async def main(*addresses):
#     io = Server(adapter=Redis(addresses[0]) if addresses else None)
#     io.on("connection", lambda socket: auction(io, socket))
#     async with io.listen(int(os.environ["PORT"])) as port:
#         print(json.dumps({"port": port}), flush=True)
#         await asyncio.Future()
#
#
# asyncio.run(main(*sys.argv[1:]))
# ```
# </details>

# %% [markdown]
# Three bidders with the official client join `gold`, Ann bids there, and they say what becomes of it. Ann asks her server two things, besides: how many bidders there are, and to ask them all.
#
# <details><summary>The bidders</summary>
#
# ```js bidders.mjs
# import { io } from "socket.io-client";
#
# const names = ["Ann", "Bob", "Cy"];
# const sockets = [], heard = [];
# for (const [number, name] of names.entries()) {
#   const socket = io(urls[number % urls.length], { transports: ["websocket"], forceNew: true });
#   socket.on("price", () => heard.push(name));
#   socket.on("going once", (answer) => answer(name));
#   await socket.timeout(3000).emitWithAck("join", "gold");
#   sockets.push(socket);
# }
# const ann = sockets[0].timeout(3000);
# ann.emit("bid", "gold", 101);
# await new Promise((resolve) => setTimeout(resolve, 500));
# console.log("the price is heard by", heard.sort().join(", "));
# console.log("bidders, says the server:", await ann.emitWithAck("count"));
# console.log("asked by it, and answered:", (await ann.emitWithAck("ask")).sort().join(", "));
# process.exit();
# ```
# </details>

# %%
BIDDERS = bench.program("19/bidders.mjs")

alone = [await bench.start(f"server {n}", Child.python(AUCTION)) for n in (1, 2)]
balancer = await bench.start("balancer", Middlebox(alone[0], [RoundRobin(alone)]))

# %%
guess_two = predict(
    "Ann, Bob and Cy come through the balancer, in turn, and join the room `gold`. Ann bids. Who hears the price, and how many bidders does her server know?",
    a="All three hear it; three: the room has one name.",
    b="Ann and Cy hear it; two.",
    c="Ann alone; one.",
)

# %%
print(await bench.javascript(BIDDERS, urls=[bench.url(balancer, scheme="http")]))

# %%
guess_two.reveal(
    "b",
    "Bob is in a room called `gold`, too, and it is another one: in the memory of the other server. The balancer put every second bidder there.",
    a="A name is not a place. Each server has a dictionary of its own, and `gold` is a key in both.",
    c="Cy came as the third, and that was server 1's turn again.",
)

# %% [markdown]
# No error, no line in a log: three answers, and each is wrong by Bob. What else lives in one server's memory?
#
# | what breaks | because | repaired |
# |---|---|---|
# | rooms, broadcasts, `fetch_sockets`, an acknowledgement by all | the lists of who is there | sections 3 to 5 |
# | long-polling | the session (lesson 09) | section 6 |
# | coming back to where one was | pid, and what was said meanwhile (lesson 18) | sections 6 and 9 |
#
# ## 2. Somebody who shouts
#
# Each server has to tell all others. Among a hundred that would be 4,950 connections, so there is somebody in the middle. **Redis** is a server that keeps data in memory for other servers, and it has a second trade, *publish and subscribe*: whoever has
# subscribed to a *channel* gets what anybody publishes there.
#
# The laboratory starts a real one if `redis-server` (6.2 or later) or `valkey-server` (a fork of it) is installed here. If not, it starts one in Python, `fakeredis`, over TCP as well. Only the times in section 10 depend on which. You speak to it with `redis-py`.

# %% tags=["folded"]
store = await bench.start("redis", RedisServer.best())
address = bench.url(store, scheme="redis")

client = redis.asyncio.Redis.from_url(address)
ear = client.pubsub(ignore_subscribe_messages=True)


async def hear():
    """The next message that comes to the ear. Raises TimeoutError if none does."""
    async with asyncio.timeout(5):
        while not (message := await ear.get_message(timeout=1)):
            pass
    return message


async def servers():
    """How many servers listen to Redis; none as long as it does not answer."""
    try:
        ((_, count),) = await client.pubsub_numsub("socket.io-request#/#")
    except redis.exceptions.ConnectionError:
        return 0
    return count


async def all_listen(count=3):
    """Wait until so many servers listen to Redis."""
    async with asyncio.timeout(20):
        while await servers() < count:  # noqa: ASYNC110 (Redis tells nobody)
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)  # until their patterns are subscribed, too

# %%
guess_publish = predict(
    "You publish `gold` on a channel, then somebody subscribes to it, then you publish `silver`. What does he get?",
    a="`silver`",
    b="`gold`, then `silver`: Redis keeps data.",
    c="Nothing: one has to fetch it.",
)

# %%
print("heard by", await client.publish("news", "gold"))
await ear.subscribe("news")
await ear.get_message(timeout=1)  # "you have subscribed"
print("heard by", await client.publish("news", "silver"))
message = await hear()
print(message["channel"], message["data"])

# %%
guess_publish.reveal(
    "a",
    "`publish` hands a message to those who listen *now*, returns how many they were, and forgets it. Remember that: it is the whole of section 8.",
    b="It keeps what you *set*. A channel is no data: nothing is stored there.",
    c="A subscriber is told, as a WebSocket is told.",
)

# %% [markdown]
# ## 3. What servers say to each other
#
# You could invent a format now. But there is one, that of the official *adapter* for Redis, which comes as a package of its own. Every official server with that adapter understands it. So let us listen to one.
#
# <details><summary>The auction on the official server</summary>
#
# ```js official.mjs
# import { createServer } from "node:http";
# import { createAdapter } from "@socket.io/redis-adapter";
# import { createClient } from "redis";
# import { Server } from "socket.io";
#
# const publisher = createClient({ url: process.argv[2], RESP: 2 }); // which Redis in Python understands, too
# const subscriber = publisher.duplicate();
# for (const client of [publisher, subscriber]) client.on("error", () => {}); // else the adapter complains of each failure
# await Promise.all([publisher.connect(), subscriber.connect()]);
#
# const http = createServer();
# const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
# io.on("connection", (socket) => {
#   socket.on("join", (room, answer) => answer(socket.join(room)));
#   socket.on("bid", (room, price) => io.to(room).emit("price", price));
#   socket.on("count", async (answer) => answer((await io.fetchSockets()).length));
#   socket.on("ask", async (answer) => answer(await io.timeout(2000).emitWithAck("going once")));
# });
# http.listen(process.env.PORT, "127.0.0.1", () => {
#   console.log(JSON.stringify({ port: http.address().port }));
# });
# ```
# </details>

# %%
official = await bench.start("official", Child.node(OFFICIAL, address))
await ear.psubscribe("socket.io#/#*")  # a pattern: whatever begins like this

print(await bench.javascript(BIDDERS, urls=[bench.url(official, scheme="http")]))
message = await hear()
print(message["channel"])
for part in msgpack.unpackb(message["data"])[1:]:
    print(part)
await ear.aclose()

# %% [markdown]
# That was Ann's bid, as it would have come to other servers, but for the first part, which is another one each time:
#
# | part | is |
# |---|---|
# | channel | `socket.io#/#`: the namespace between two `#`. For *one* room its name follows, and `#`: `socket.io#/#gold#`. The pattern catches all of them |
# | `uid` | the name of the server that speaks. It has subscribed as well, so it gets back what it has said |
# | packet | type 2, an event, as in `42["price",101]`; what was said; the namespace once more |
# | options | the rooms (none: everybody), whom to leave out, and flags: `volatile`, if it is worth nothing later (lesson 17) |
#
# It is written as *MessagePack*: JSON's values, and bytes, in a form mostly shorter than text. (`pack` and `unpack` are in the folded cell.)

# %% tags=["export", "core", "folded"]
import json
from datetime import datetime
from typing import Any

import msgpack


def as_javascript(value: Any) -> float | None:
    """What MessagePack cannot say, as JavaScript would: long integers are floats, foreign things null."""
    return float(value) if isinstance(value, int) and abs(value) < 1e308 else None


def pack(value: Any) -> bytes:
    """A value as MessagePack. Raises ValueError, OverflowError."""
    packed: bytes = msgpack.packb(value, default=as_javascript)
    return packed


def as_json(value: Any) -> Any:
    """A value that JavaScript has packed: a Date becomes the text that JSON has for it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def unpack(message: bytes) -> Any:
    """The value of MessagePack, or of a JSON object. Raises ValueError, TypeError, RecursionError."""
    if message.startswith(b"{"):
        return json.loads(message)
    lists: Any = {"list_hook": lambda values: [as_json(value) for value in values]}
    objects: Any = {"object_hook": lambda pairs: {str(key): as_json(pairs[key]) for key in pairs}}
    return msgpack.unpackb(message, strict_map_key=False, timestamp=3, **lists, **objects)

# %% [markdown]
# ## 4. Your adapter
#
# The folded cell has `Letterbox`: what an adapter knows. `self.uid` is the name of this server, `self.audience` the namespace (`self.audience.name`), `self.channel` its channel. `self.send(channel, message)` publishes bytes. `self.here(options)` is an aim, lesson 14's: everybody **at this
# server**, and at no other.

# %% tags=["export", "core", "folded"]
from collections.abc import Callable


class Letterbox:
    """Where the servers of a cluster write to each other about one namespace, and the name of this one."""

    def __init__(self, audience: Any, uid: str, send: Callable[[str, bytes], object]) -> None:
        self.audience, self.uid, self.send = audience, uid, send
        self.channel = f"socket.io#{audience.name}#"

    def here(self, options: dict[str, Any]) -> Any:
        """Everybody at this server, as an aim; if the options have the flag volatile, those with room."""
        everybody = self.audience.local
        return everybody.volatile if (options.get("flags") or {}).get("volatile") else everybody

# %% tags=["folded"]
from handmade import l19_core, l19_many_servers
from handmade.redis_line import Redis


class Listener:
    """A socket without a network: it keeps the events that it is sent."""

    def __init__(self, audience, name, *rooms, has_room=True):
        self.id, self.is_writable, self.heard = name, has_room, []
        audience.add(self)
        audience.rooms.join(name, rooms)

    def write(self, packets):
        self.heard += packets


def office(MyBroadcaster, name="/"):
    """An adapter of that class without a network, its namespace, and the list of what it sends."""
    io, sent = l19_many_servers.Server(), []
    audience = io.of(name) if name != "/" else io
    adapter = MyBroadcaster(audience, "me", lambda channel, message: sent.append((channel, message)))
    audience.adapter = adapter
    return adapter, audience, sent


def published(MyBroadcaster, aim_of, *data, name="/"):
    """The channel and the content of what it publishes for an event and an aim."""
    adapter, audience, sent = office(MyBroadcaster, name)
    adapter.publish(["price", *data], aim_of(audience))
    if len(sent) != 1:
        raise Wrong(f"One event was to be published once. `self.send` was called {len(sent)} times.")
    channel, message = sent[0]
    try:
        parts = unpack(message)
    except (AttributeError, TypeError, ValueError):
        raise Wrong(f"`self.send` was given {message!r}. It takes the channel, and bytes: `pack([uid, packet, options])`.") from None
    if not isinstance(parts, list) or [type(part) for part in parts] != [str, dict, dict]:
        raise Wrong(f"What was published says {parts!r}. It is a list of three: the uid, the packet (a dict), the options (a dict).")
    return [channel, *parts]

# %% tags=["folded"]
def heard_of(MyBroadcaster, data, options, uid="other", nsp="/"):
    """Who hears of an event that somebody has published; Eve is somebody to whom nothing goes out now."""
    adapter, audience, sent = office(MyBroadcaster)
    rooms = {"Ann": ["gold"], "Bob": ["gold", "silver"], "Cy": ["silver"], "Dan": [], "Eve": []}
    people = [Listener(audience, name, *rooms[name], has_room=name != "Eve") for name in rooms]
    adapter.receive(pack([uid, {"type": 2, "data": data, "nsp": nsp}, options]))
    if sent:
        raise Wrong("What came from another server was published again: the two would go on for ever. An aim from `self.here(options)` stays here.")
    for person in people:
        if len(person.heard) > 1:
            raise Wrong(f"{person.id} heard one event {len(person.heard)} times.")
    return " ".join(person.id for person in people if person.heard)


async def answers_across(MyBroadcaster):
    """What the official client hears at an official server, when Ann is at ours and bids more."""

    class MyAdapter(l19_core.AskingAdapter):
        def __init__(self, audience, uid, bus, tell):
            super().__init__(audience, uid, bus, tell)
            mine = MyBroadcaster(audience, uid, bus.publish)
            self.publish, self.aim_at = mine.publish, mine.aim_at
            self.routes["socket.io#/#*"] = mine.receive

    class MyServer(l19_many_servers.Server):
        adapter_type = MyAdapter

    async with RedisServer.best() as middle:
        where = bench.url(middle, scheme="redis")
        io = MyServer(adapter=Redis(where))
        io.on("connection", lambda socket: socket.join("gold"))
        async with io.listen() as port, Child.node(OFFICIAL, where) as node, Middlebox(node) as line:
            watch(Wire(line, layer="Socket.IO"))
            ann = l18.io(bench.url(port, scheme="http"), transports=["websocket"], force_new=True)
            ann.on("price", lambda price: price == 101 and io.to("gold").emit("price", 102))
            await until(lambda: ann.connected)
            said = await bench.javascript(bench.program("19/across.mjs"), url=bench.url(line, scheme="http"))
            ann.disconnect()
    return said

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The adapter
# *15 minutes, medium*
#
# Write `MyBroadcaster`.
#
# - `publish(data, aim)`: tell the other servers. `data` is the list `[event, argument, …]`; of the aim you need `aim.rooms` (names, or `None` for everybody), `aim.but` and `aim.is_volatile`. The message is `[uid, packet, options]`, packed, with
#   the keys that you have seen. If exactly one room is meant, it goes to the channel of that room.
# - `aim_at(options)`: whom these options mean, of those at this server. Begin with `self.here(options)`; `to(…)` and `except_(…)` take lists.
# - `receive(message)`: somebody has published these bytes. Unless it was this server itself, or the packet is for another namespace, send the event to those whom its options mean.
#
# The check lets your class work without a network first. Then an official server and your own are one cluster, and the official client is at the official one.
#
# <details><summary>The program that the check runs</summary>
#
# ```js across.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { transports: ["websocket"], reconnection: false });
# const heard = [];
# socket.on("price", (price) => {
#   heard.push(price);
#   if (price === 102) end();
# });
# const end = () => { console.log(heard.join(" ")); process.exit(); };
# await socket.timeout(3000).emitWithAck("join", "gold");
# socket.emit("bid", "gold", 101);   // at the other server, Ann hears it and bids more
# setTimeout(end, 3000);
# ```
# </details>

# %% tags=["check"]
ALL = {"rooms": [], "except": [], "flags": {}}
AIMS = {
    "everybody": (lambda io: io.aim(), "socket.io#/#", ALL),
    '`to("gold")`': (lambda io: io.to("gold"), "socket.io#/#gold#", ALL | {"rooms": ["gold"]}),
    "two rooms": (lambda io: io.to(["gold", "silver"]), "socket.io#/#", ALL | {"rooms": ["gold", "silver"]}),
    '`except_("gold")`': (lambda io: io.except_("gold"), "socket.io#/#", ALL | {"except": ["gold"]}),
}


def in_order(names):
    """A list in the order of the alphabet: which room is named first does not matter."""
    return sorted(names, key=str) if isinstance(names, list) else names


@check(
    "`publish`: `packet = {'type': 2, 'data': data, 'nsp': self.audience.name}`. Of the options, `rooms` and `except` are lists, `[]` if there is nobody to name, and `flags` is `{'volatile': aim.is_volatile}`.",
    "`aim_at`: `aim = self.here(options)`. Only if there are rooms, `aim = aim.to(options['rooms'])`. At the end `aim.except_(options['except'])`.",
    "`receive`: `uid, packet, options = unpack(message)`, then an `if` with two conditions, then `self.aim_at(options).emit(*packet['data'])`.",
    timeout=40,
)
async def check_broadcaster(MyBroadcaster):
    """Who is told, who hears it, and an official server understands every word."""
    for words, (aim_of, channel, options) in AIMS.items():
        got = published(MyBroadcaster, aim_of, 101, b"bytes")
        expect(f"the channel for {words}", got[0], channel)
        expect(f"the uid in what is published for {words}", got[1], "me")
        expect(f"the packet that is published for {words}", got[2], {"type": 2, "data": ["price", 101, b"bytes"], "nsp": "/"})
        expect(f"the rooms and exceptions that are published for {words}", {key: in_order(got[3].get(key)) for key in ("rooms", "except")}, {key: in_order(options[key]) for key in ("rooms", "except")})
    expect("the channel and namespace in `/office`", [(got := published(MyBroadcaster, lambda io: io.aim(), name="/office"))[0], got[2]["nsp"]], ["socket.io#/office#", "/office"])
    if not (published(MyBroadcaster, lambda io: io.volatile)[3].get("flags") or {}).get("volatile"):
        raise Wrong("An aim with `is_volatile` was published without saying so: the other servers would keep it for who has no room. The options have `'flags': {'volatile': aim.is_volatile}`.")
    for options, wanted in (({}, "Ann Bob Cy Dan Eve"), ({"rooms": ["gold"]}, "Ann Bob"), ({"rooms": ["gold", "silver"]}, "Ann Bob Cy"), ({"except": ["gold"]}, "Cy Dan Eve"), ({"rooms": ["silver"], "except": ["gold"]}, "Cy"), ({"rooms": ["iron"]}, ""), ({"flags": {"volatile": True}}, "Ann Bob Cy Dan")):
        expect(f"who hears of an event with the options {options}, with Ann in gold, Bob in gold and silver, Cy in silver, Dan and Eve in none", heard_of(MyBroadcaster, ["price", 101], ALL | options), wanted)
    expect("who hears of what this server has published itself", heard_of(MyBroadcaster, ["price", 101], ALL, uid="me"), "")
    expect("who hears in `/` of what is for `/office`", heard_of(MyBroadcaster, ["price", 101], ALL, nsp="/office"), "")
    expect("the prices that the official client hears, at an official server in one cluster with yours", await answers_across(MyBroadcaster), "101 102")


await check_broadcaster.verdict()

# %% tags=["export", "core"]
from handmade.l08_meet_socketio import Type


class Broadcaster(Letterbox):
    """Tells the other servers what this one tells its clients, and the other way round."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Tell the other servers an event, and whom it is for."""
        packet = {"type": Type.EVENT, "data": data, "nsp": self.audience.name}
        rooms = list(aim.rooms or ())
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        self.send(channel, pack([self.uid, packet, options]))

    def aim_at(self, options: dict[str, Any]) -> Any:
        """Whom another server means, of those at this one."""
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message: bytes) -> None:
        """Pass an event of another server on."""
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% [markdown]
# ## 5. Where it sits
#
# Each event that is for several, and asks for no answer, goes through `emit` of an aim. So that does what it has done, and then tells the others, if any are meant:

# %% tags=["export"]
from collections.abc import Iterable

from handmade.l14_core import Handling, Incomplete, names


class Spreading(Handling):
    """What is done to those who are meant is done at the other servers as well."""

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to those who are meant, wherever they are. Raises TypeError, ValueError."""
        super().emit(event, *arguments)
        aim: Any = self.aim()
        aim.others.publish([event, *arguments], aim)

# %% [markdown]
# `aim.others` is the adapter; for an aim that is `local`, or if this server has no adapter, it is `ALONE`, to whom one can say anything. That is why what is received does not go in circles: `here` is local.
#
# Servers say more to each other, by default on two more channels, `socket.io-request#/#` and `socket.io-response#/#`. Yours understands all that the official adapter 8.3 says, and says most of it:
#
# | | the others | what comes back |
# |---|---|---|
# | `sockets_join`, `sockets_leave`, `disconnect_sockets` | do it to theirs | nothing |
# | `fetch_sockets` | describe theirs: id, rooms, data, handshake | one answer from each server. How many there are, Redis knows: those who have subscribed |
# | `emit_with_ack` to many | ask theirs | from each server how many it asks, then an answer from each client |
# | `server_side_emit` | call their own handlers | nothing. (An official server can ask for answers here. Yours gives them, and does not ask) |
#
# It stands in the folded cells. The line to Redis itself (one task that publishes what waits, one that hears, and looks for Redis when it is gone) is the module [redis_line.py](../lessons_src/handmade/redis_line.py).

# %% tags=["export", "core", "folded"]
from contextlib import suppress
from enum import IntEnum

from handmade.l13_core import Answer, Question

RequestType = IntEnum(
    "RequestType",
    "SOCKETS ALL_ROOMS REMOTE_JOIN REMOTE_LEAVE REMOTE_DISCONNECT REMOTE_FETCH SERVER_SIDE_EMIT"
    " BROADCAST BROADCAST_CLIENT_COUNT BROADCAST_ACK",
    start=0,
)


def describe(socket: Any) -> dict[str, Any]:
    """What other servers learn of a socket."""
    known = {"handshake": socket.handshake, "data": socket.data}
    return {"id": socket.id, "rooms": [*socket.rooms], **known}


def ask_each(sockets: list[Any], data: list[Any], seconds: float, answered: Callable[[Any], object]) -> None:
    """Send an event to each of these sockets, and call `answered` with what each says in time."""
    for socket in sockets:
        question = Question(lambda *said: answered([*said, None][0]), lambda error: None, seconds)
        with suppress(RuntimeError):  # who owes too many answers gives none
            socket.emit(*data, question)

# %% tags=["export", "core", "folded"]
from functools import partial


class Answers(Broadcaster):
    """Answers what other servers ask. How to have handlers called, in order, is handed in."""

    tell: Callable[..., None]

    def respond(self, request: dict[str, Any], **answer: Any) -> None:
        """Answer a request."""
        channel = self.channel.replace("#", "-response#", 1)
        self.send(channel, pack({"requestId": request["requestId"], **answer}))

    def describe_sockets(self, request: dict[str, Any]) -> None:
        """Who is there?"""
        sockets = self.aim_at(request["opts"]).sockets()
        self.respond(request, sockets=[describe(socket) for socket in sockets])

    def hear_server(self, request: dict[str, Any]) -> None:
        """Another server says something to this one."""
        event, *arguments = request["data"]
        if "requestId" in request:
            kind = RequestType.SERVER_SIDE_EMIT
            arguments.append(Answer(lambda said: self.respond(request, type=kind, data=[*said, None][0])))
        if event != "connection":  # which only a client can bring about
            self.tell(self.audience, event, *arguments)

    def ask_clients(self, request: dict[str, Any]) -> None:
        """Ask the clients here who are meant: how many they are goes out first, then what each answers."""
        sockets = self.aim_at(request["opts"]).sockets()
        seconds = ((request["opts"].get("flags") or {}).get("timeout") or 5000) / 1000
        self.respond(request, type=RequestType.BROADCAST_CLIENT_COUNT, clientCount=len(sockets))
        answered = partial(self.respond, request, type=RequestType.BROADCAST_ACK)
        ask_each(sockets, request["packet"]["data"], seconds, lambda answer: answered(packet=answer))

# %% tags=["export", "core", "folded"]
class Work(Answers):
    """Does what other servers ask for."""

    def work(self, message: bytes) -> None:
        """Do what a server asks for, unless that is this one."""
        request, rooms = unpack(message), self.audience.rooms
        work: dict[int, Callable[[dict[str, Any]], None]] = {
            RequestType.SOCKETS: lambda r: self.respond(r, sockets=rooms.select(r["rooms"] or None, ())),
            RequestType.ALL_ROOMS: lambda r: self.respond(r, rooms=[*rooms.members]),
            RequestType.REMOTE_JOIN: lambda r: self.aim_at(r["opts"]).sockets_join(r["rooms"]),
            RequestType.REMOTE_LEAVE: lambda r: self.aim_at(r["opts"]).sockets_leave(r["rooms"]),
            RequestType.REMOTE_DISCONNECT: lambda r: self.aim_at(r["opts"]).disconnect_sockets(r["close"]),
            RequestType.REMOTE_FETCH: self.describe_sockets,
            RequestType.SERVER_SIDE_EMIT: self.hear_server,
            RequestType.BROADCAST: self.ask_clients,
        }
        if request.get("uid") != self.uid and request["type"] in work:
            work[request["type"]](request)

# %% tags=["export", "core", "folded"]
from asyncio import Event, get_running_loop


class Survey:
    """A question to so many servers: each says how many answers come from it, and then they come."""

    def __init__(self, servers: int) -> None:
        self.silent, self.expected = servers, 0
        self.answers: list[Any] = []
        self.is_over = Event()

    @property
    def missing(self) -> int:
        """How many answers are not there, at least."""
        return max(0, self.silent) + self.expected - len(self.answers)

    def count(self, answers: int) -> None:
        """A server has said how many answers come from it."""
        self.silent -= 1
        self.expected += answers
        self.look()

    def add(self, answer: Any) -> None:
        """One of them has come."""
        self.answers.append(answer)
        self.look()

    def look(self) -> None:
        """Is that all?"""
        if self.missing <= 0:
            self.is_over.set()

# %% tags=["export", "core", "folded"]
import re
from secrets import token_hex


class Adapter(Work):
    """The way from one namespace of this server to the same one of all others, and back."""

    patience = 5.0  # seconds that other servers have for an answer

    def __init__(self, audience: Any, uid: str, bus: Any, tell: Callable[..., None]) -> None:
        super().__init__(audience, uid, bus.publish)
        self.bus, self.tell = bus, tell
        self.surveys: dict[str, Survey] = {}
        self.requests = self.channel.replace("#", "-request#", 1)
        self.responses = self.channel.replace("#", "-response#", 1)
        self.routes: dict[str, Callable[[bytes], None]] = {
            re.sub(r"([*?\[\]\\])", r"\\\1", self.channel) + "*": self.receive,  # a pattern
            self.requests: self.work,
            self.responses: self.hear,
            f"{self.responses}{uid}#": self.hear,
        }

    def hear(self, message: bytes) -> None:
        """A server has answered somebody, perhaps us."""
        response = unpack(message)
        survey = self.surveys.get(response.get("requestId"))
        if survey:
            enter(survey, response)

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Have the other servers do something to those who are meant."""
        flags = {"timeout": round(1000 * aim.seconds)} if aim.seconds else {}
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": flags}
        self.send(self.requests, pack({"uid": self.uid, "type": kind, "opts": options, **what}))

# %% tags=["export", "core", "folded"]
def enter(survey: Survey, response: dict[str, Any]) -> None:
    """Enter a server's answer into a survey."""
    match response:
        case {"sockets": [*sockets]}:
            survey.answers += sockets
            survey.count(len(sockets))
        case {"clientCount": int(number)}:
            survey.count(number)
        case {"type": RequestType.BROADCAST_ACK}:
            survey.add(response.get("packet"))


class AskingAdapter(Adapter):
    """The same, which may ask, too."""

    async def ask(self, kind: RequestType, aim: Any, **what: Any) -> Survey:
        """Ask all servers. Whoever asks has to answer for this one. Raises ConnectionError."""
        survey = Survey(await self.bus.count(self.requests))
        number = token_hex(8)
        self.surveys[number] = survey
        self.command(kind, aim, requestId=number, **what)

        def end() -> None:
            del self.surveys[number]
            survey.is_over.set()

        get_running_loop().call_later(aim.seconds or self.patience, end)
        return survey

# %% tags=["export", "folded"]
class Alone:
    """There are no other servers."""

    def publish(self, data: list[Any], aim: Any) -> None:
        """Nobody has to hear of it."""

    def command(self, kind: RequestType, aim: Any, **what: Any) -> None:
        """Nobody has to do it."""


ALONE = Alone()

# %% tags=["export", "folded"]
class Moving(Spreading):
    """What can do something to those who are meant, wherever they are."""

    def elsewhere(self, kind: RequestType, **what: Any) -> None:
        """Have the other servers do it to theirs."""
        aim: Any = self.aim()
        aim.others.command(kind, aim, **what)

    def sockets_join(self, rooms: str | Iterable[str]) -> None:
        """Put them into a room, or into several."""
        super().sockets_join(rooms)
        self.elsewhere(RequestType.REMOTE_JOIN, rooms=names(rooms))

    def sockets_leave(self, rooms: str | Iterable[str]) -> None:
        """Take them out of a room, or of several."""
        super().sockets_leave(rooms)
        self.elsewhere(RequestType.REMOTE_LEAVE, rooms=names(rooms))

    def disconnect_sockets(self, close: bool = False) -> None:
        """Say goodbye to them; with `close` their connections end, too."""
        super().disconnect_sockets(close)
        self.elsewhere(RequestType.REMOTE_DISCONNECT, close=close)


class RemoteSocket:
    """A socket at another server: what is known of it, and what one can have done to it."""

    def __init__(self, audience: Any, told: dict[str, Any]) -> None:
        self.id, self.handshake, self.data = told["id"], told["handshake"], told["data"]
        self.rooms = set(told["rooms"])
        aim = audience.to(self.id)
        self.emit, self.disconnect = aim.emit, aim.disconnect_sockets
        self.join, self.leave = aim.sockets_join, aim.sockets_leave

# %% tags=["export", "folded"]
class Surveying(Moving):
    """What can ask for those who are meant, wherever they are, and ask them."""

    async def fetch_sockets(self) -> list[Any]:
        """Their sockets; of those at other servers, what is known. Raises TimeoutError, ConnectionError."""
        here = await super().fetch_sockets()
        aim: Any = self.aim()
        if aim.others is ALONE:
            return here
        survey = await aim.others.ask(RequestType.REMOTE_FETCH, aim)
        survey.count(0)  # ours are here
        await survey.is_over.wait()
        if survey.missing:
            raise TimeoutError(f"{survey.silent} of the other servers have not said who is there.")
        return [*here, *(RemoteSocket(aim.audience, told) for told in survey.answers)]

    async def emit_with_ack(self, event: str, *arguments: object) -> list[Any]:
        """Ask them all, by default for 5 seconds; return the answers. Raises Incomplete, ConnectionError."""
        aim: Any = self.aim()
        if aim.others is ALONE:
            return await super().emit_with_ack(event, *arguments)
        packet = {"type": Type.EVENT, "data": [event, *arguments], "nsp": aim.audience.name}
        survey = await aim.others.ask(RequestType.BROADCAST, aim, packet=packet)
        sockets = aim.sockets()
        survey.count(len(sockets))
        ask_each(sockets, packet["data"], aim.seconds or Adapter.patience, survey.add)
        await survey.is_over.wait()
        if survey.missing:
            raise Incomplete(survey.answers, len(survey.answers) + survey.missing)
        return list(survey.answers)

# %% tags=["export", "folded"]
from dataclasses import dataclass, replace

from handmade import l13_acknowledgements as l13
from handmade import l17_async_and_backpressure as l17
from handmade import l18_core
from handmade import l18_nothing_lost as before
from handmade.l18_nothing_lost import io as io


@dataclass(frozen=True)
class Aim(Surveying, l18_core.Aim):
    """Who is meant, at all servers or, if it is local, at this one."""

    is_local: bool = False

    @property
    def local(self) -> "Aim":
        """Those at this server alone."""
        return replace(self, is_local=True)

    @property
    def others(self) -> AskingAdapter | Alone:
        """The way to the other servers, if somebody there may be meant."""
        audience: Any = self.audience
        return ALONE if self.is_local or self.rooms == () else audience.adapter

# %% tags=["export", "folded"]
class Speaking(Surveying):
    """What can speak to all in a namespace, wherever they are, and to the other servers."""

    adapter: Any = ALONE

    def aim(self: Any) -> Aim:
        """Everybody."""
        return Aim(self)

    @property
    def local(self) -> Aim:
        """Everybody at this server."""
        return self.aim().local

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event to everybody, wherever they are. Raises TypeError, ValueError."""
        self.aim().emit(event, *arguments)

    def server_side_emit(self, event: str, *arguments: object) -> None:
        """Have the handlers of an event called at the other servers."""
        self.adapter.command(RequestType.SERVER_SIDE_EMIT, self.aim(), data=[event, *arguments])


class Namespace(Speaking, before.Namespace):
    """A namespace that has members at other servers, too."""

# %% tags=["export", "folded"]
class Reaching:
    """What a socket says to others is said at the other servers as well."""

    audience: Any
    id: str

    def aim(self) -> Aim:
        """Everybody but this one."""
        return Aim(self.audience, but=(self.id,))


class Socket(Reaching, l17.Socket):
    """One client, as the handlers see it."""


class RecoverableSocket(Reaching, before.Socket):
    """One client, as the handlers see it. It may be one that was lost."""


@dataclass(frozen=True)
class Options(before.Options):
    """The settings of a server: also what connects it to the other ones."""

    adapter: Any = None

# %% tags=["export", "folded"]
from aiohttp import web

from handmade.l08_core import Line


class Member(Speaking, before.Server):
    """A server that may be one of several."""

    adapter_type: type[AskingAdapter] = AskingAdapter
    options_type: type[l13.Options] = Options
    namespace_type: Any = Namespace
    options: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.uid = token_hex(8)
        self.connect(self)

    def greet(self, session: Any) -> None:
        """Somebody has opened a session."""
        client: Any = self.client_type(self, session)
        client.socket_type = RecoverableSocket if self.history else Socket

    def new_namespace(self, name: str, parent: Any = None) -> Namespace:
        """A namespace that remembers."""
        namespace = Namespace(name, parent)
        namespace.history = self.new_history()
        return namespace

    def connect(self, namespace: Any) -> None:
        """Connect a namespace to those of its name at the other servers, if it is not."""
        bus = self.options.adapter
        if bus and namespace.adapter is ALONE:
            tell = Line(self.start).tell
            namespace.adapter = self.adapter_type(namespace, self.uid, bus, tell)
            bus.adapters.append(namespace.adapter)
            if bus.is_open:
                self.start(bus.subscribe(namespace.adapter))

# %% tags=["export", "folded"]
class Server(Member):
    """A Socket.IO server that may be one of several, with Options."""

    def of(self, name: Any) -> Any:
        """The namespace of that name; for a pattern or a condition the parent of all those that match."""
        namespace = super().of(name)
        if isinstance(name, str):
            self.connect(namespace)
        return namespace

    def find(self, name: str, auth: object) -> Any:
        """The namespace that a client asks for, or None. A child is connected for as long as it lives."""
        is_child = name not in self.namespaces
        namespace = super().find(name, auth)
        if namespace and is_child:
            self.connect(namespace)
            namespace.on_empty = partial(self.end, namespace, namespace.on_empty)
        return namespace

    def end(self, namespace: Any, forget: Callable[[], object]) -> None:
        """Nobody is in a child any more: it ends, and nobody listens for it."""
        forget()
        adapter, namespace.adapter = namespace.adapter, ALONE
        if adapter is not ALONE:
            adapter.bus.adapters.remove(adapter)
            self.start(adapter.bus.unsubscribe(adapter))

    def attach(self, app: web.Application, path: str = "/socket.io/") -> None:
        """Serve at that path of an application, as one of several servers."""
        super().attach(app, path)
        if self.options.adapter:
            app.cleanup_ctx.append(lambda app: self.options.adapter.connected())

# %% [markdown]
# Now the same program twice more, this time with the address of Redis, and the balancer in front of both.

# %%
ours = [await bench.start(f"server {n}", Child.python(AUCTION, address)) for n in (1, 2)]
balancer = await bench.start("balancer", Middlebox(ours[0], [RoundRobin(ours)]))
print(await bench.javascript(BIDDERS, urls=[bench.url(balancer, scheme="http")]))

# %% [markdown]
# Bob is back in the auction. And nothing says that all servers have to be yours: the official one of section 3 is still there, on the same Redis. The balancer gets a third server.
#
# ### ★ One cluster, two languages
#
# Ann is at your first server, Bob at your second, Cy at the official one, which the wire calls server 3. Run the cells, watch the wire, then try `await bid("Bob", 7)` in a cell of your own.

# %% tags=["folded"]
heard = {}


async def arrive(name, where):
    """Somebody comes in, joins gold, and keeps the prices that he hears."""
    socket = l18.io(bench.url(where, scheme="http"), transports=["websocket"], force_new=True, extra_headers={"User-Agent": name})
    heard[name] = []
    socket.on("price", heard[name].append)
    socket.on("going once", lambda answer: answer(name))
    await socket.timeout(5).emit_with_ack("join", "gold")
    return socket


async def bid(name, price, listeners=3):
    """Somebody bids in gold; prints who hears it, when so many have, or after a second."""
    before = {each: heard[each].count(price) for each in heard}

    def hearers():
        return [each for each in heard if heard[each].count(price) > before[each]]

    people[name].emit("bid", "gold", price)
    await eventually(lambda: len(hearers()) == listeners, 1)
    print(f"{name} bids {price}: heard by", ", ".join(hearers()) or "nobody")


async def leave():
    """All of them go."""
    for socket in people.values():
        socket.disconnect()
    await asyncio.sleep(0.2)


people = {}

# %% tags=["demo"]
cluster = [*ours, official]
mixed = await bench.start("mixed", Middlebox(ours[0], [RoundRobin(cluster)]))
Wire(mixed, layer="Socket.IO")

# %%
await leave()
people = {name: await arrive(name, mixed) for name in ("Ann", "Bob", "Cy")}
await bid("Ann", 101)
await bid("Cy", 102)
print("Cy's server asks all:", sorted(await people["Cy"].timeout(5).emit_with_ack("ask")))
print("Bob's server counts:", await people["Bob"].timeout(5).emit_with_ack("count"))

# %% [markdown]
# ## 6. Stickiness
#
# So your servers know each other now. Until here all clients have used WebSocket from the beginning. But the official client begins with long-polling, as it comes.
#
# ```js knock.mjs
# import { io } from "socket.io-client";
#
# const socket = io(url, { reconnection: false, withCredentials: true, ...options });
# socket.on("connect", () => end("connected"));
# socket.on("connect_error", (error) => end("refused:", error.context?.responseText ?? error.message));
# const end = (...words) => { console.log(...words); process.exit(); };
# ```

# %%
guess_sticky = predict(
    "The balancer sends each request to the next of your two servers. They have an adapter. What does a client say that begins with long-polling?",
    a="`connected`: whatever server is asked, it knows of the others.",
    b="`connected`, after some failures.",
    c="`refused`.",
)

# %% misconception=3
KNOCK = bench.program("19/knock.mjs")


async def knock(rule, **options):
    """What the official client says behind a balancer with that rule."""
    async with Middlebox(ours[0], [rule]) as box:
        return await bench.javascript(KNOCK, url=bench.url(box, scheme="http"), options=options)


print("in turn:            ", await knock(RoundRobin(ours)))
print("by cookie:          ", await knock(StickyByCookie(ours)))
print("WebSocket, in turn: ", await knock(RoundRobin(ours), transports=["websocket"]))

# %%
guess_sticky.reveal(
    "c",
    "The adapter carries *events*, between namespaces. A session is Engine.IO's, one storey below, and it is known to the server that opened it.",
    a="It knows of their sockets when it asks for them. It has never heard of a session there.",
    b="A client that tries again opens a new session, and its second request goes astray again. With two servers in strict turn, always.",
)

# %% [markdown]
# *Add workers and it scales* has two halves, then. The adapter is one; that all requests of a session find its server is the other, and neither replaces the other. There are three ways:
#
# - **A sticky balancer**, by cookie or by address (lesson 04). By cookie, a page of another origin needs `withCredentials`.
# - **WebSocket alone**: one connection is one request. Then nobody gets in whom a proxy does not let through (lesson 03).
# - **Servers that pass polls on to each other**, as with the official `@socket.io/cluster-engine`. Yours do not.
#
# Coming back (lesson 18) needs the same: pid and missed events are in the memory of *one* server. If a client returns to it, it is recovered, and hears also what other servers have said meanwhile. If not, it is a new one, and `recovered` says so: until section 9.
#
# ## 7. "I only want to emit"
#
# Each morning at nine a script sets the opening price. It is no server. "It can import the server's module and emit," says a colleague. This kernel is another process than the three servers, so you can try it here:

# %%
guess_import = predict(
    "This kernel makes a `Server()` of the same class as two of the servers, and emits to `gold`. Ann, Bob and Cy are connected, each to one of the servers. Who hears it?",
    a="Nobody.",
    b="All three: it is the same code.",
    c="Ann and Bob: Cy's server is another program.",
)

# %% misconception=19
from handmade.l19_many_servers import Server as FinishedServer

another = FinishedServer()
another.to("gold").emit("price", 1)
await asyncio.sleep(0.5)
print({name: 1 in prices for name, prices in heard.items()})

# %%
guess_import.reveal(
    "a",
    "The same code in another process is another server, with nobody in it. It has emitted to everyone it knows.",
    b="Code is shared, memory is not. That was section 1, from the other side.",
    c="Not even they. A server is an object in one process, whatever the file is called.",
)

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The script at nine
# *10 minutes, medium*
#
# A script needs no server: it needs Redis, and the format. Write `announce(client, room, event, *arguments)`, a coroutine. `client` is a Redis client as above (`await client.publish(channel, message)`); all in that room of the main namespace hear the event, at all servers. If `room` is `None`, everybody hears it. Return how many servers have
# heard it. For the `uid` take any word that is no server's.

# %% tags=["solution"]
async def announce(client, room, event, *arguments):
    """Have all in a room hear an event, wherever they are; None: everybody. Return how many servers there were."""
    rooms = [] if room is None else [room]
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["the script", packet, {"rooms": rooms, "except": []}]))

# %% tags=["check"]
class Paper:
    """A Redis client that writes down what is published."""

    def __init__(self):
        self.letters = []

    async def publish(self, channel, message):
        """Three servers have heard it."""
        self.letters.append((channel, message))
        return 3


async def letter(announce, *what):
    """The one message that `announce` publishes, as the official adapter reads it."""
    paper = Paper()
    count = await announce(paper, *what)
    if len(paper.letters) != 1:
        raise Wrong(f"`announce` published {len(paper.letters)} messages for one event. One is due, and `publish` has to be awaited.")
    channel, message = paper.letters[0]
    try:
        parts = msgpack.unpackb(message)
    except (TypeError, ValueError):
        raise Wrong(f"`publish` was given {message!r} as its message. The adapters read MessagePack: `msgpack.packb([…])`.") from None
    if not isinstance(parts, list) or len(parts) != 3:
        raise Wrong(f"The message says {parts!r}. It is a list of three: `[uid, packet, options]`.")
    expect("what `announce` returns when three servers have heard it", count, 3)
    return channel.decode() if isinstance(channel, bytes) else channel, *parts


@check(
    "The message is `[uid, packet, options]`, packed. It was printed in section 3, but for the uid.",
    "`packet = {'type': 2, 'data': [event, *arguments], 'nsp': '/'}`; the options have `rooms`, a list, and `except`, an empty one.",
    "`return await client.publish(channel, msgpack.packb([\"the script\", packet, options]))`, with `socket.io#/#gold#` for the room `gold`, and `socket.io#/#` for everybody.",
    timeout=40,
)
async def check_announce(announce):
    """All hear it who are meant, at official servers and at yours."""
    channel, uid, packet, options = await letter(announce, "gold", "price", 99, b"seal")
    if not isinstance(uid, str) or not isinstance(packet, dict) or not isinstance(options, dict):
        raise Wrong(f"The three parts are {uid!r}, {packet!r} and {options!r}. A text and two dictionaries are due.")
    expect("the packet", packet, {"type": 2, "data": ["price", 99, b"seal"], "nsp": "/"})
    expect("the rooms for `gold`", options.get("rooms"), ["gold"])
    expect("whom it leaves out", options.get("except"), [])
    expect("the channel for `gold`", channel, "socket.io#/#gold#")
    channel, uid, packet, options = await letter(announce, None, "closing")
    expect("the packet of an event without arguments", packet.get("data"), ["closing"])
    expect("the channel and the rooms for everybody", [channel, options.get("rooms")], ["socket.io#/#", []])
    async with RedisServer.best() as middle:
        where = bench.url(middle, scheme="redis")
        async with Child.python(AUCTION, where) as one, Child.node(OFFICIAL, where) as two:
            pair = [bench.url(each, scheme="http") for each in (one, two)]
            listening = asyncio.create_task(bench.javascript(bench.program("19/nine.mjs"), urls=pair))
            script = redis.asyncio.Redis.from_url(where)
            while not listening.done():
                await announce(script, "gold", "price", 99)
                await asyncio.sleep(0.2)
            await script.aclose()
    expect("who hears the price, of an official client at each of two servers", listening.result(), "at yours: 99\nat the official one: 99")


await check_announce.verdict()

# %% [markdown]
# <details><summary>The program that the check runs</summary>
#
# ```js nine.mjs
# import { io } from "socket.io-client";
#
# const heard = {};
# for (const [number, name] of ["at yours", "at the official one"].entries()) {
#   const socket = io(urls[number], { transports: ["websocket"], forceNew: true, reconnection: false });
#   await socket.timeout(3000).emitWithAck("join", "gold");
#   socket.once("price", (price) => {
#     heard[name] = price;
#     if (Object.keys(heard).length === 2) end();
#   });
# }
# const end = () => {
#   for (const name of Object.keys(heard).sort().reverse()) console.log(`${name}: ${heard[name]}`);
#   process.exit();
# };
# setTimeout(end, 4000);
# ```
# </details>
#
# Such a script is called an *emitter*; the official one is the package `@socket.io/redis-emitter`. And note what you have needed for it: nothing but the address. Whoever can publish there speaks to all your clients in your name. A Redis belongs behind a password and a firewall.
#
# ## 8. Redis dies
#
# You have taken a weakness out of the system, the one server, and put another one in. The three bidders are still connected. Now Redis is killed, in the middle of the auction. (The wire of section 5 goes on drawing.)

# %%
guess_dead = predict(
    "Redis is dead. Ann, at your first server, bids 103. Who hears it?",
    a="Nobody: `emit` fails.",
    b="Ann.",
    c="Nobody: all were disconnected.",
)

# %%
store.kill()
await bid("Ann", 103, listeners=1)
print("still connected:", all(socket.connected for socket in people.values()))
await bench.restart("redis")
await all_listen()
await bid("Ann", 104)
print("Bob has heard", heard["Bob"])

# %%
guess_dead.reveal(
    "b",
    "Each server goes on for its own clients. The cluster has fallen apart into three auctions, and nobody has had an error. When Redis is back, all subscribe again, and 103 is lost to the others.",
    a="`emit` hands the message to a task and returns. Whoever waits for the network in `emit` makes everybody wait.",
    c="Clients are connected to servers. None of them knows that there is a Redis.",
)

# %% [markdown]
# | yours | while Redis is away | when it is back |
# |---|---|---|
# | clients and their connections | nothing happens to them | |
# | events within one server | as always | |
# | events for other servers | lost; it counts them (`lost`) and says so in the log once | |
# | `fetch_sockets`, `emit_with_ack` to all | `ConnectionError` | work again |
# | subscriptions | | are made again, within some tenths of a second |
#
# <details><summary>What the official server does with it</summary>
#
# The official server keeps what it cannot publish and says it later: `node-redis` 6.3 has a queue for it, without a bound. That is friendlier, and no guarantee: who has not subscribed again by then will never hear it. And
# what was on its way to Redis as that died fails. The adapter (8.3) does not catch this, and by default Node ends a process for it: a busy official server may die with its Redis.
# </details>
#
# ## 9. What must not be lost
#
# A price is replaced by the next one. An order is not. For that, a channel is the wrong thing: it keeps nothing. Redis has another one, a *stream*: a list to which one adds (`XADD`), in which each entry has an id, and which one reads from any id on (`XREAD`). It is lesson 18, between servers: numbers, and *what came after 17?*
#
# Here a server is restarted while orders come in. It listens to a channel, and it reads a stream.

# %% tags=["folded"]
client = redis.asyncio.Redis.from_url(address)  # the old line has died with the old Redis
await client.delete("orders")


async def order(number):
    """Say it on a channel, and add it to a stream."""
    await client.publish("orders", number)
    await client.xadd("orders", {"number": number})


class Reader:
    """A server that takes orders: from the channel, and from the stream."""

    def __init__(self):
        self.by_channel, self.by_stream, self.last_id = [], [], "0"

    async def starts(self):
        self.listener = client.pubsub(ignore_subscribe_messages=True)
        await self.listener.subscribe("orders")
        await self.listener.get_message(timeout=1)

    async def reads(self):
        message = await self.listener.get_message(timeout=2)
        self.by_channel.append(int(message["data"]))
        for _, entries in await client.xread({"orders": self.last_id}):
            self.by_stream += [int(entry[b"number"]) for _, entry in entries]
            self.last_id = entries[-1][0]

    async def works(self, number):
        """It starts, an order comes in, it reads that, and stops."""
        await self.starts()
        await order(number)
        await self.reads()
        await self.listener.aclose()

# %%
server = Reader()
await server.works(1)
await order(2)  # while it is not there
await order(3)
await server.works(4)
print("channel:", *server.by_channel)
print("stream: ", *server.by_stream)

# %% [markdown]
# An adapter can stand on that. Yours is one option, since the library beside the lessons has it ([streams.py](../lessons_src/handmade/streams.py)), in the format of the official `@socket.io/redis-streams-adapter`:
#
# - **What is said goes into the stream first** (unless it is volatile), and to its own clients when a server reads it there. So all hear all in one order, and the id of an entry is the *offset* of lesson 18, the same at each server.
# - **Who a client is** (id, rooms, data) stands in Redis under its pid, from the moment it comes: a server that is killed can say nothing any more. The official one writes it when the connection ends, and so not then.
# - **At whichever server it comes back**, that one takes this away (`GETDEL`: nobody gets it twice) and reads what was said after the offset.
#
# <details><summary>A server on a stream</summary>
#
# ```python stream.py
# import asyncio
# import json
# import os
# import sys
#
# from handmade import Recovery, RedisStreams, Server
#
#
# async def main(address):
#     io = Server(adapter=RedisStreams(address), connection_state_recovery=Recovery())
#     io.on("connection", lambda socket: socket.on("join", lambda room, answer: answer(socket.join(room))))
#     async with io.listen(int(os.environ["PORT"])) as port:
#         print(json.dumps({"port": port}), flush=True)
#         await asyncio.Future()
#
#
# asyncio.run(main(sys.argv[1]))
# ```
# </details>
#
# Two of these, and a third server here that says numbers into `gold`. Cleo joins at the first. At 30 it is killed.

# %% tags=["folded"]
import handmade

pair = [await bench.start(f"stream {n}", Child.python("lessons_src/programs/19/stream.py", address)) for n in (1, 2)]
line = await bench.start("line", Middlebox(pair[0], [RoundRobin(pair)]))
crier = handmade.Server(adapter=handmade.RedisStreams(address), connection_state_recovery=handmade.Recovery())
await bench.start("crier", crier.listen())


async def come():
    """Cleo, in gold, and the list of the numbers that she hears."""
    numbers, cleo = [], l18.io(bench.url(line, scheme="http"), transports=["websocket"], force_new=True)
    cleo.on("number", lambda number, offset: numbers.append(number))
    await cleo.timeout(5).emit_with_ack("join", "gold")
    return cleo, numbers

# %%
cleo, numbers = await come()
for number in range(1, 101):
    crier.to("gold").emit("number", number)
    if number == 30:
        pair[0].kill()
    await asyncio.sleep(0.02)
await eventually(lambda: len(numbers) >= 100, 10)
print("the same client, at the other server:", cleo.recovered)
print("each number once, in order:", numbers == list(range(1, 101)))
cleo.disconnect()

# %% [markdown]
# Whose last event lies more than about 10,000 entries back is a new client, much as at one server. "The customer has it" is said by an acknowledgement (lesson 13), by nothing else.
#
# <details><summary>If Redis goes away, or loses its memory</summary>
#
# While it is away each server goes on alone, as in section 8, and nobody comes back as who he was; afterwards each reads on from where it was. A Redis that loses its memory loses the stream, unless it writes to disk before it answers (`appendonly yes`, `appendfsync always`; the usual `everysec` may lose a second).
# </details>

# %% [markdown]
# ## 10. What it brings
#
# One, two and four processes of yours on one Redis, sixty bidders spread over them. First each asks and waits for the answer, again and again (an *echo*). Then one of them bids, and all sixty hear each price.
#
# <details><summary>The load</summary>
#
# ```js load.mjs
# import { io } from "socket.io-client";
#
# const sockets = [];
# let deliveries = 0;
# for (let number = 0; number < 60; number++) {
#   const socket = io(urls[number % urls.length], { transports: ["websocket"], forceNew: true });
#   socket.on("price", () => deliveries++);
#   await socket.timeout(9000).emitWithAck("join", "load");
#   sockets.push(socket);
# }
# if (kind === "echo") {
#   const times = [], end = performance.now() + 1000;
#   await Promise.all(sockets.map(async (socket) => {
#     while (performance.now() < end) {
#       const begin = performance.now();
#       await socket.timeout(9000).emitWithAck("echo", "a word");
#       times.push(performance.now() - begin);
#     }
#   }));
#   times.sort((a, b) => a - b);
#   console.log(JSON.stringify({ messages: times.length, p99: times[Math.floor(times.length * 0.99)] }));
# } else {
#   for (let price = 0; price < 300; price++) {
#     sockets[0].emit("bid", "load", price);
#     if (price % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
#   }
#   const patience = performance.now() + 8000;
#   while (deliveries < 300 * 60 && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 10));
#   console.log(JSON.stringify({ messages: deliveries, p99: 0 }));
# }
# process.exit();
# ```
# </details>

# %% tags=["folded", "measured"]
import contextlib
import os

LOAD = bench.program("19/load.mjs")
TITLE = f"Sixty bidders on one machine, {os.cpu_count()} cores for servers, Redis and load"
IN_WORDS = """For one, two and four processes: how many echoes there are in a second, within how many milliseconds 99 of 100 are there,
and what one echo, and one price heard by one bidder, cost the servers' processors."""


async def load(kind, children):
    """One kind of load: what it found, and the CPU microseconds of all children for one message."""
    before = sum(child.cpu_time for child in children)
    urls = [bench.url(child, scheme="http") for child in children]
    found = json.loads(await bench.javascript(LOAD, timeout=30, urls=urls, kind=kind))
    used = sum(child.cpu_time for child in children) - before
    return found, 1e6 * used / found["messages"]


async def measure(count):
    """So many processes under load: the echoes of one second, and the rest in the order of the panels."""
    async with contextlib.AsyncExitStack() as stack:
        children = [await stack.enter_async_context(Child.python(AUCTION, address)) for _ in range(count)]
        found, echo = await load("echo", children)
        _, price = await load("bid", children)
    return found["messages"], found["p99"], echo, price


async def figures():
    """The panels of the picture."""
    panels = {"echoes a second": {}, "99 % within (ms)": {}, "CPU: an echo (µs)": {}, "CPU: a price (µs)": {}}
    for count, name in ((1, "1 process"), (2, "2 processes"), (4, "4 processes")):
        for panel, value in zip(panels.values(), await measure(count), strict=True):
            panel[name] = value
    return panels

# %% tags=["measured"]
bars(TITLE, await figures(), IN_WORDS)

# %% [markdown]
# Three things to read in it, on whatever machine:
#
# - An echo concerns one server, and nothing of it goes through Redis. Twice the processes can do twice the work **as far as there are cores**, for them, for Redis, and for the load as well. Two cores cannot show more than two.
# - A price concerns all. Each process more has to read it from Redis, unpack it and encode it once, however few of its clients are in the room. What an adapter costs grows with the number of *servers*.
# - So a cluster is for many *clients*. It makes no single broadcast cheaper.
#
# ## 11. On to hundreds
#
# <details><summary>On paper: a hundred servers, and Kubernetes</summary>
#
# With a hundred servers, 10,000 clients each, and 20 messages a second from each server into rooms:
#
# | | figure | what to do |
# |---|---|---|
# | messages into Redis | 100 · 20 = 2,000 a second | nothing: one Redis does that easily |
# | messages out of Redis | 2,000 · 100 servers = **200,000** a second, wherever the room is | do not send to who is not concerned |
# | of them, with 5 servers that have somebody in the room | 2,000 · 5 = 10,000 | *sharded pub/sub* (Redis 7): a channel for each room, on one of several Redis; a server subscribes to the rooms that it has. In the official package `createShardedAdapter`, which its manual recommends for new projects |
# | clients that come back when one server is restarted | 10,000, with jitter in 0.5 to 1.5 seconds (lesson 11) | 10,000 handshakes in a second, 101 for each of the others |
# | when all are restarted, one after the other | a million reconnections, at least | 30 seconds apart it takes 50 minutes. Slowly, at night |
#
# In **Kubernetes** a server is a *pod*, and what stands before them an *ingress*. With ingress-nginx (retired in March 2026) it is sticky by the annotation `nginx.ingress.kubernetes.io/affinity: "cookie"`; a pod that is to end gets SIGTERM, and `terminationGracePeriodSeconds` for ending. Catch the signal and close the server in that time: the programs above do not. As a container's first process they do not even notice it, and are killed when the time is over. Rooms, namespaces, your
# handlers: not a line of them changes.
# </details>
#
# ## 12. The same in python-socketio, and in JavaScript
#
# | | yours | python-socketio 5.18 | JavaScript, the official one |
# |---|---|---|---|
# | one of several | `Server(adapter=Redis(url))` | `AsyncServer(client_manager=AsyncRedisManager(url))` | `new Server({ adapter: createAdapter(pub, sub) })` |
# | recovery at any server | `Server(adapter=RedisStreams(url), …)` | – | `createAdapter(client)` of `redis-streams-adapter`, unless a server is killed |
# | only emit | `announce` | `AsyncRedisManager(url, write_only=True)` | `new Emitter(client)` |
# | this server alone | `io.local.emit(…)` | `sio.emit(…, ignore_queue=True)` | `io.local.emit(…)` |
# | tell the servers | `io.server_side_emit(…)` | – | `io.serverSideEmit(…)` |
#
# python-socketio has a format of its own. It is JSON, on a channel of its own:

# %% tags=["folded"]
import socketio

ear = client.pubsub(ignore_subscribe_messages=True)
await ear.psubscribe("*")
await ear.get_message(timeout=1)

manager = socketio.AsyncRedisManager(address, write_only=True)
await manager.emit("price", 105, room="gold")
message = await hear()
print(message["channel"], {key: json.loads(message["data"])[key] for key in ("method", "event", "data", "room")})
await ear.aclose()

# %% [markdown]
# So servers on python-socketio understand each other, and neither the official ones nor yours.
#
# ## The boss's list

# %%
await leave()
await boss.review(boss.handmade(19))

# %% [markdown]
# The last row is green: *grows past one server*. Fourteen of fourteen. (The review gives your two servers a Redis, as the boss would have to.)
#
# ## What you have now
#
# - Two servers are two memories. Nothing fails, and half of the people do not hear.
# - An *adapter* tells the other servers what this one says to many. Yours speaks the official format, so that a cluster can be mixed.
# - It does not replace stickiness: a session belongs to one server.
# - Another process has no sockets. To emit from it, publish.
# - Pub/sub is at most once. If Redis is away, each server goes on alone, and what is said meanwhile is lost to the others. A stream keeps what was missed, and so a client comes back at any server.
# - More processes are for more clients. A broadcast costs each of them.
#
# ### Three questions
#
# <details><summary>1. The auction runs on four processes behind a sticky balancer, without an adapter. It passes all tests, which have one client. What do you test in addition?</summary>
#
# Two clients at *different* servers, and one says something to a room. With one client everything is in one memory. It is the row of the boss's list that was red in twelve lessons.
# </details>
#
# <details><summary>2. A server gets its own messages back from Redis. Why does it not leave out its own clients in <code>emit</code>, and wait for the echo?</summary>
#
# It could, and it would be slower: to reach a client at the same server, a message would go through Redis. And when Redis is away, not even they would hear it. So: first one's own, then publish, then ignore what comes back. (Over a stream yours does wait for the echo: it brings the offset, and one order for all.)
# </details>
#
# <details><summary>3. <code>io.to(id).emit(…)</code>, with the id of one socket: does it reach a client at another server? And <code>socket.emit(…)</code>?</summary>
#
# The first does: an id is a room, and so a channel. `socket` is an object of the server at which the client is, and writes to its connection: there is no other server to ask. What `fetch_sockets` gives of other servers looks like it, and its `emit` is the first.
# </details>
#
# ### What is still missing
#
# Nothing of the boss's list. What is missing is that somebody uses it: lesson 20.
