# Answers that people give to the exercises of lesson 19. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_broadcaster
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        names = [] if aim.rooms is None else list(aim.rooms)
        where = self.channel
        if len(names) == 1:
            where += names[0] + "#"
        what = dict(type=2, data=data, nsp=self.audience.name)
        how = dict(rooms=names, flags={"volatile": aim.is_volatile})
        how["except"] = list(aim.but)
        self.send(where, pack((self.uid, what, how)))

    def aim_at(self, options):
        here = self.here(options)
        here = here.to(options["rooms"]) if options["rooms"] else here
        return here.except_(options["except"]) if options["except"] else here

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid == self.uid:
            return
        if packet["nsp"] != self.audience.name:
            return
        event, *arguments = packet["data"]
        self.aim_at(options).emit(event, *arguments)

# %% right check_broadcaster
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        match aim.rooms:
            case (room,):
                channel = self.channel + f"{room}#"
            case _:
                channel = self.channel
        flags = {"volatile": True} if aim.is_volatile else {}
        packet = {"nsp": self.audience.name, "type": 2, "data": list(data)}
        self.send(channel, pack([self.uid, packet, {"flags": flags, "rooms": aim.rooms or [], "except": aim.but}]))

    def aim_at(self, options):
        aim = self.here(options)
        for room in options["rooms"]:
            aim = aim.to(room)
        for room in options["except"]:
            aim = aim.except_(room)
        return aim

    def receive(self, message):
        who, packet, options = unpack(message)
        if who != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% right check_broadcaster
class MyBroadcaster(Letterbox):
    def __init__(self, *what):
        super().__init__(*what)
        self.count = 0

    def options(self, aim):
        return {"rooms": [*(aim.rooms or ())], "except": [*aim.but], "flags": {"volatile": bool(aim.is_volatile)}}

    def publish(self, data, aim):
        self.count += 1
        options = self.options(aim)
        one = "".join(f"{room}#" for room in options["rooms"] if len(options["rooms"]) == 1)
        self.send(self.channel + one, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        rooms, but = options.get("rooms"), options.get("except") or []
        aim = self.here(options).except_(but)
        return aim.to(rooms) if rooms else aim

    def receive(self, message):
        letter = unpack(message)
        is_foreign = letter[0] != self.uid
        is_ours = letter[1].get("nsp", "/") == self.audience.name
        if is_foreign and is_ours:
            self.aim_at(letter[2]).emit(letter[1]["data"][0], *letter[1]["data"][1:])

# %% wrong check_broadcaster: who hears of what this server has published itself
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: What came from another server was published again: the two would go on for ever.
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.audience.to(options["rooms"]) if options["rooms"] else self.audience.aim()
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: who hears of an event with the options {}
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        return self.here(options).to(options["rooms"]).except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: the channel for `to("gold")`
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(self.channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: the channel for two rooms
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if rooms else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: who hears of an event with the options {'except': ['gold']}
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        return aim.to(options["rooms"]) if options["rooms"] else aim

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: `self.send` was given … It takes the channel, and bytes
import json


class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": {}}
        packet = {"type": 2, "data": [str(each) for each in data], "nsp": self.audience.name}
        self.send(self.channel, json.dumps([self.uid, packet, options]))

    def aim_at(self, options):
        return self.here(options)

    def receive(self, message):
        pass

# %% wrong check_broadcaster: An aim with `is_volatile` was published without saying so
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: who hears in `/` of what is for `/office`
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        if options["rooms"]:
            aim = aim.to(options["rooms"])
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: It is a list of three: the uid, the packet (a dict), the options (a dict).
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        self.send(self.channel, pack([self.uid, data, list(aim.rooms or ())]))

    def aim_at(self, options):
        return self.here(options)

    def receive(self, message):
        pass

# %% right check_announce
async def announce(client, room, event, *arguments):
    packet = {"type": 2, "data": (event,) + arguments, "nsp": "/"}
    options = {"rooms": [], "except": [], "flags": {}}
    channel = "socket.io#/#"
    if room is not None:
        options["rooms"].append(room)
        channel = channel + room + "#"
    heard = await client.publish(channel, msgpack.packb(["script", packet, options]))
    return heard

# %% right check_announce
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    letter = msgpack.Packer().pack(("nine", dict(type=2, data=[event, *arguments], nsp="/"), {"rooms": rooms, "except": []}))
    return await client.publish("#".join(["socket.io", "/", *rooms, ""]).encode(), letter)

# %% right check_announce
import uuid


def letter(room, event, arguments):
    where = {"rooms": [room] if room is not None else [], "except": [], "flags": {"compress": True}}
    return msgpack.packb([uuid.uuid4().hex, {"data": [event, *arguments], "nsp": "/", "type": 2}, where], use_bin_type=True)


async def announce(client, room, event, *arguments):
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    return await client.publish(channel, letter(room, event, arguments))

# %% wrong check_announce: The adapters read MessagePack
async def announce(client, room, event, *arguments):
    import json

    rooms = [room] if room else []
    packet = {"type": 2, "data": [event, str(arguments)], "nsp": "/"}
    return await client.publish("socket.io#/#", json.dumps(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: the rooms for `gold`
async def announce(client, room, event, *arguments):
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": [], "except": []}]))

# %% wrong check_announce: the channel for `gold`
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: Expected the packet to be
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: what `announce` returns when three servers have heard it
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    await client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: the channel and the rooms for everybody
async def announce(client, room, event, *arguments):
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    letter = msgpack.packb(["script", packet, {"rooms": [room], "except": []}])
    return await client.publish(f"socket.io#/#{room}#", letter)

# %% wrong check_announce: The three parts are … A text and two dictionaries are due.
async def announce(client, room, event, *arguments):
    return await client.publish(f"socket.io#/#{room}#", msgpack.packb([event, *arguments]))

# %% right check_broadcaster
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = sorted(set(aim.rooms or []), reverse=True)  # as a set has them, in any order
        options = {"except": list(set(aim.but)), "rooms": rooms, "flags": {"volatile": aim.is_volatile}}
        where = [room + "#" for room in rooms] if len(rooms) == 1 else []
        self.send("".join([self.channel, *where]), pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        rooms = options["rooms"]
        return (self.here(options).to(rooms) if len(rooms) else self.here(options)).except_(options["except"])

    def receive(self, message):
        match unpack(message):
            case [self.uid, _, _]:
                return
            case [_, {"nsp": self.audience.name, "data": [event, *arguments]}, options]:
                self.aim_at(options).emit(event, *arguments)

# %% right check_broadcaster
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        room = aim.rooms[0] + "#" if aim.rooms and not aim.rooms[1:] else ""
        options = {"rooms": [*aim.rooms] if aim.rooms else [], "except": [*aim.but]}
        if aim.is_volatile:
            options["flags"] = {"volatile": True}
        self.send(f"socket.io#{self.audience.name}#{room}", pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        for name in options["rooms"] or ():
            aim = aim.in_(name)
        return aim.except_(tuple(options["except"]))

    def receive(self, message):
        letter = dict(zip(("uid", "packet", "options"), unpack(message), strict=True))
        if letter["uid"] != self.uid and letter["packet"]["nsp"] == self.audience.name:
            self.aim_at(letter["options"]).emit(*letter["packet"]["data"])

# %% right check_broadcaster
import msgpack


class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms, but = (list(names or []) for names in (aim.rooms, aim.but))
        packet = {"data": data, "nsp": self.audience.name, "type": 2}
        packed = msgpack.packb([self.uid, packet, {"rooms": rooms, "except": but, "flags": {"volatile": aim.is_volatile}}])
        self.send(self.channel + (rooms[0] + "#" if len(rooms) == 1 else ""), packed)

    def aim_at(self, options):
        aim = self.here(options)
        return aim.to(options["rooms"]).except_(options["except"]) if options["rooms"] else aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = msgpack.unpackb(message)
        if uid == self.uid or packet["nsp"] != self.audience.name:
            return
        self.aim_at(options).emit(packet["data"][0], *packet["data"][1:])

# %% wrong check_broadcaster: the rooms and exceptions that are published for everybody
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        options = {"rooms": aim.rooms, "except": aim.but, "flags": {"volatile": aim.is_volatile}}
        channel = f"{self.channel}{aim.rooms[0]}#" if aim.rooms and len(aim.rooms) == 1 else self.channel
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        return (aim.to(options["rooms"]) if options["rooms"] else aim).except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: who hears of an event with the options {'rooms': ['gold', 'silver']
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        for room in options["rooms"]:
            aim = self.here(options).to(room)
        return aim.except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: the prices that the official client hears
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))
        self.uid = "me"

    def aim_at(self, options):
        aim = self.here(options)
        return (aim.to(options["rooms"]) if options["rooms"] else aim).except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid in ("other", "me") and uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: the packet that is published for everybody
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": "event", "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        return (aim.to(options["rooms"]) if options["rooms"] else aim).except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.aim_at(options).emit(*packet["data"])

# %% wrong check_broadcaster: missing 1 required positional argument: 'message'
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        return self.here(options)

    def receive(self, message):
        pass

# %% wrong check_broadcaster: who hears of an event with the options
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        channel = f"{self.channel}{rooms[0]}#" if len(rooms) == 1 else self.channel
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(channel, pack([self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options]))

    def aim_at(self, options):
        aim = self.here(options)
        return (aim.to(options["rooms"]) if options["rooms"] else aim).except_(options["except"])

    def receive(self, message):
        uid, packet, options = unpack(message)
        if uid != self.uid and packet["nsp"] == self.audience.name:
            self.here(options).emit(*packet["data"])

# %% wrong check_broadcaster: It takes the channel, and bytes
class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        rooms = list(aim.rooms or ())
        options = {"rooms": rooms, "except": list(aim.but), "flags": {"volatile": aim.is_volatile}}
        self.send(self.channel, [self.uid, {"type": 2, "data": data, "nsp": self.audience.name}, options])

    def aim_at(self, options):
        return self.here(options)

    def receive(self, message):
        pass

# %% right check_announce
async def announce(client, room, event, *arguments):
    options = {"except": [], "rooms": [room] if room is not None else []}
    name = f"{room}#" if room is not None else ""
    return int(await client.publish("socket.io#/#" + name, pack(["somebody", {"nsp": "/", "type": 2, "data": [event, *arguments]}, options])))

# %% right check_announce
async def announce(client, room, event, *arguments):
    where, rooms = ("socket.io#/#", ()) if room is None else (f"socket.io#/#{room}#", (room,))
    message = msgpack.packb(("morning", {"type": 2, "data": (event, *arguments), "nsp": "/"}, {"rooms": rooms, "except": (), "flags": {}}))
    return await client.publish(channel=where, message=message)

# %% right check_announce
async def announce(client, room, event, *arguments):
    class Envelope:
        name, rooms, but, is_volatile = "/", room and (room,), (), False

    letters = []
    l19_core.Broadcaster(Envelope, "nobody", lambda *letter: letters.append(letter)).publish([event, *arguments], Envelope)
    return await client.publish(*letters[0])

# %% right check_announce
async def announce(client, room, event, *arguments):
    channel = "socket.io#/#"  # every server hears this one; the options say who is meant
    if room is not None:
        channel = f"{channel}{room}#"
    body = bytearray(msgpack.packb(["cron", dict(type=2, nsp="/", data=[event] + list(arguments)), dict([("rooms", [room] if room else []), ("except", [])])]))
    return await client.publish(channel, bytes(body))

# %% wrong check_announce: whom it leaves out
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms}]))

# %% wrong check_announce: published 0 messages for one event. One is due, and `publish` has to be awaited.
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: Expected the packet to be
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "event": event, "data": [*arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: the rooms for `gold`
async def announce(client, room, event, *arguments):
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb(["script", packet, {"rooms": room, "except": []}]))

# %% wrong check_announce: It is a list of three
async def announce(client, room, event, *arguments):
    rooms = [room] if room else []
    channel = "socket.io#/#" if room is None else f"socket.io#/#{room}#"
    packet = {"type": 2, "data": [event, *arguments], "nsp": "/"}
    return await client.publish(channel, msgpack.packb([packet, {"rooms": rooms, "except": []}]))

# %% wrong check_announce: published 0 messages for one event
async def announce(client, room, event, *arguments):
    another.to(room).emit(event, *arguments)
    return 3

# %% wrong check_broadcaster: It takes the channel, and bytes: `pack([uid, packet, options])`.
import json


class MyBroadcaster(Letterbox):
    def publish(self, data, aim):
        options = {"rooms": list(aim.rooms or ()), "except": list(aim.but), "flags": {}}
        packet = {"type": 2, "data": [str(each) for each in data], "nsp": self.audience.name}
        self.send(self.channel, json.dumps([self.uid, packet, options]).encode())

    def aim_at(self, options):
        return self.here(options)

    def receive(self, message):
        pass

# %% wrong check_announce: The adapters read MessagePack
async def announce(client, room, event, *arguments):
    import json

    rooms = [room] if room else []
    packet = {"type": 2, "data": [event, *map(str, arguments)], "nsp": "/"}
    return await client.publish("socket.io#/#", json.dumps(["script", packet, {"rooms": rooms, "except": []}]).encode())
