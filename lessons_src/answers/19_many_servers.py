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
