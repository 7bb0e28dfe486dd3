# Answers that people give to the exercises of lesson 20. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_archive
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        id = await self.client.xadd("room " + room, {"m": pack(message)}, maxlen=50, approximate=False)
        return id.decode()

    async def since(self, room, place):
        found = []
        for _, entries in await self.client.xread({"room " + room: place}):
            for id, fields in entries:
                found.append((id.decode(), unpack(fields[b"m"])))
        return found

# %% right check_archive
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        place = await self.client.xadd(f"archive:{room}", {b"message": pack(message)})
        await self.client.xtrim(f"archive:{room}", maxlen=50, approximate=False)
        return str(place, "ascii")

    async def since(self, room, place):
        entries = await self.client.xrange(f"archive:{room}", min="-" if place == "0" else f"({place}")
        return [[id.decode(), unpack(fields[b"message"])] for id, fields in entries]

# %% right check_archive
class MyArchive:
    def __init__(self, redis_client):
        self.redis = redis_client

    async def add(self, room, message):
        fields = {"id": message["id"], "rest": pack(message)}
        return (await self.redis.xadd(room, fields, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        streams = await self.redis.xread({room: place}, count=50)
        if not streams:
            return []
        [(_, entries)] = streams
        return [(id.decode(), unpack(fields[b"rest"])) for id, fields in entries]

# %% wrong check_archive: The place is due, as a `str`
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: the ids of what is kept of `gold` after 120 more messages
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)})).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: what is kept in `gold`
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd("messages", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({"messages": place}) for id, fields in entries]

# %% wrong check_archive: what is kept in `gold` after the place of the first message
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        entries = await self.client.xrange(f"room {room}", min=place if place != "0" else "-")
        return [(id.decode(), unpack(fields[b"message"])) for id, fields in entries]

# %% wrong check_archive: what another archive, on the same Redis, has of `gold`
class MyArchive:
    def __init__(self, client):
        self.kept = {}

    async def add(self, room, message):
        messages = self.kept.setdefault(room, [])
        messages.append((f"{len(messages) + 1}-0", message))
        return messages[-1][0]

    async def since(self, room, place):
        first = int(place.partition("-")[0])
        return self.kept.get(room, [])[first:][-50:]

# %% wrong check_archive: `since` returned a list with … in it.
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [unpack(fields[b"message"]) for _, entries in await self.client.xread({f"room {room}": place}) for _, fields in entries]

# %% right check_archive
import pickle

class MyArchive:
    def __init__(self, client):
        self.client = client

    def key(self, room):
        return f"chat/{room}/messages"

    async def add(self, room, message):
        place = await self.client.xadd(self.key(room), {"data": pickle.dumps(message)}, maxlen=50, approximate=False)
        return place.decode("utf-8")

    async def since(self, room, place):
        result = []
        answer = await self.client.xread({self.key(room): place})
        if answer:
            key, entries = answer[0]
            for entry_id, entry in entries:
                result.append((entry_id.decode("utf-8"), pickle.loads(entry[b"data"])))
        return result

# %% right check_archive
import base64
import json

class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        content = message.get("content")
        is_image = isinstance(content, bytes)
        kept = {**message, "content": base64.b64encode(content).decode()} if is_image else message
        place = await self.client.xadd(room, {"json": json.dumps(kept), "is_image": int(is_image)}, maxlen=50, approximate=False)
        return place.decode()

    async def since(self, room, place):
        return [pair async for pair in self.pairs(room, place)]

    async def pairs(self, room, place):
        for _, entries in await self.client.xread(streams={room: place}):
            for id, fields in entries:
                message = json.loads(fields[b"json"])
                if fields[b"is_image"] == b"1":
                    message["content"] = base64.b64decode(message["content"])
                yield id.decode(), message

# %% right check_archive
class MyArchive:
    most = 50

    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        async with self.client.pipeline() as pipe:
            pipe.xadd(f"room {room}", {"message": pack(message)})
            pipe.xtrim(f"room {room}", maxlen=self.most, approximate=False)
            place, _ = await pipe.execute()
        return place.decode()

    async def since(self, room, place):
        found = await self.client.xrange(f"room {room}", min=f"({place}" if place != "0" else "-", max="+")
        return list(zip([id.decode() for id, _ in found], [unpack(fields[b"message"]) for _, fields in found]))

# %% wrong check_archive: the ids of what is kept of `gold` after 120 more messages
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50)).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: Invalid stream ID specified as stream command argument` was raised, in line
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return str(await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False))

    async def since(self, room, place):
        return [(str(id), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: Object of type bytes is not JSON serializable
import json

class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": json.dumps(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), json.loads(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: `KeyError: 'message'` was raised, in line
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields["message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: what is kept in `gold`
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", message, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), fields) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: Expected what is kept in `gold` to be
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        entries = await self.client.xrevrange(f"room {room}", max="+", min=f"({place}" if place != "0" else "-")
        return [(id.decode(), unpack(fields[b"message"])) for id, fields in entries]

# %% wrong check_archive: 'coroutine' object has no attribute 'decode'
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        place = self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)
        return place.decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: not enough values to unpack (expected 1, got 0)
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        [[_, entries]] = await self.client.xread({f"room {room}": place})
        return [(id.decode(), unpack(fields[b"message"])) for id, fields in entries]

# %% right check_whisper
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            people = await io.to(person(name)).fetch_sockets()
            for each in people:
                each.emit("whispered", socket.data["name"], text)
            answer(len(people) > 0)

# %% right check_whisper
def whisper(io):
    async def pass_on(by, name, text, answer):
        everybody = await io.fetch_sockets()
        meant = [each for each in everybody if each.data["name"] == name]
        for each in meant:
            io.to(each.id).emit("whispered", by, text)
        answer(meant != [])

    io.on("connection", lambda socket: socket.on("whisper", lambda name, text, answer: pass_on(socket.data["name"], name, text, answer)))

# %% right check_whisper
def whisper(io):
    def welcome(socket):
        async def say(name, text, answer):
            aim = io.in_(person(name))
            aim.emit("whispered", socket.data["name"], text)
            answer(True if await aim.fetch_sockets() else False)

        socket.on("whisper", say)

    io.on("connection", welcome)

# %% wrong check_whisper: who hears what Ann whispers to a person called `gold`
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        socket.join(socket.data["name"])

        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(name).fetch_sockets()
            io.to(name).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.local.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: `none` is none within two seconds
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            if sockets:
                io.to(person(name)).emit("whispered", socket.data["name"], text)
                answer(True)

# %% wrong check_whisper: the answers that Ann gets
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        def say(name, text, answer):
            io.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(True)

# %% wrong check_whisper: with the name of who said it
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", name, text)
            answer(bool(sockets))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            if sockets:
                sockets[0].emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% right check_whisper
def whisper(io):
    async def say(socket, name, text, answer):
        there = False
        for each in await io.in_(person(name)).fetch_sockets():
            there = True
            each.emit("whispered", socket.data["name"], text)
        answer(there)

    def welcome(socket):
        async def heard(*what):
            await say(socket, *what)

        socket.on("whisper", heard)

    io.on("connection", welcome)

# %% right check_whisper
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        me = socket.data["name"]

        @socket.on("whisper")
        async def say(name, text, answer):
            room = person(name)
            if not await io.in_(room).fetch_sockets():
                answer(False)
                return
            io.in_(room).emit("whispered", me, text)
            answer(True)

# %% right check_whisper
class Whisper:
    def __init__(self, io):
        self.io = io
        io.on("connection", self.welcome)

    def welcome(self, socket):
        socket.on("whisper", partial(self.say, socket.data["name"]))

    async def say(self, by, name, text, answer):
        aim = self.io.to(person(name))
        aim.emit("whispered", by, text)
        answer(len(await aim.fetch_sockets()) >= 1)

whisper = Whisper

# %% wrong check_whisper: Expected who hears what Ann whispers to Ann, which is herself to be `['Ann']`, got `[]`.
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            socket.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: the answers that Ann gets
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        def say(name, text, answer):
            sockets = io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: Expected the answers that Ann gets to be … 'Bob': 2,
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(len(sockets))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await socket.to(room_of(socket)).fetch_sockets()
            named = [each for each in sockets if each.data["name"] == name]
            for each in named:
                each.emit("whispered", socket.data["name"], text)
            answer(bool(named))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = [each for each in io.sockets.values() if each.data["name"] == name]
            for each in sockets:
                each.emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: `none` is none within two seconds: call `answer(…)` each time.
def whisper(io):
    @io.on("whisper")
    async def say(socket, name, text, answer):
        sockets = await io.in_(person(name)).fetch_sockets()
        io.to(person(name)).emit("whispered", socket.data["name"], text)
        answer(bool(sockets))

# %% wrong check_whisper: object NoneType can't be used in 'await' expression
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            await io.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% right check_writing
def writing(io):
    @io.on("connection")
    def welcome(socket):
        times = []

        @socket.on("writing")
        def note(*answer):
            if room_of(socket) is None or times and time.monotonic() - times[-1] < 1:
                return
            times.append(time.monotonic())
            socket.volatile and socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

# %% right check_writing
def writing(io):
    last = {}

    def note(socket):
        now = time.monotonic()
        if now - last.get(socket.id, now - 1) >= 1 and room_of(socket):
            last[socket.id] = now
            io.to(room_of(socket)).except_(socket.id).volatile.emit("writes", socket.data["name"])

    def welcome(socket):
        socket.on("writing", lambda: note(socket))
        socket.on("disconnect", lambda reason: last.pop(socket.id, None))

    io.on("connection", welcome)

# %% right check_writing
def writing(io):
    class Pen:
        def __init__(self, socket):
            self.socket, self.free_at = socket, 0

        def write(self):
            now = asyncio.get_running_loop().time()
            room = room_of(self.socket)
            if room and (not self.free_at or now >= self.free_at):
                self.free_at = now + 1
                self.socket.volatile
                self.socket.to(room).volatile.emit("writes", self.socket.data["name"])

    io.on("connection", lambda socket: socket.on("writing", Pen(socket).write))

# %% wrong check_writing: once a second would be
def writing(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("writing")
        def note():
            if room_of(socket):
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

# %% wrong check_writing: It is kept for those who are recovered
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room_of(socket)).emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: whom Bob hears, who writes
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                io.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: whom Cy hears, in another room
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.broadcast.volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Bob hears it once. After a second he should hear it again.
def writing(io):
    def welcome(socket):
        told = False

        @socket.on("writing")
        def note():
            nonlocal told
            if not told:
                told = True
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Bob, who is in `gold` at the other server, hears nothing of it
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room_of(socket)).local.volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% right check_writing
def writing(io):
    @io.on("connection")
    def welcome(socket):
        is_quiet = False

        def loud():
            nonlocal is_quiet
            is_quiet = False

        @socket.on("writing")
        def note():
            nonlocal is_quiet
            if is_quiet or not room_of(socket):
                return
            is_quiet = True
            asyncio.get_running_loop().call_later(1, loud)
            socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

# %% right check_writing
def writing(io):
    def said(socket):
        now = time.time()
        if now - socket.data.get("wrote", 0) >= 1:
            socket.data["wrote"] = now
            socket.volatile.to(room_of(socket)).emit("writes", socket.data["name"])

    io.on("connection", lambda socket: socket.on("writing", partial(said, socket)))

# %% right check_writing
from weakref import WeakKeyDictionary

def writing(io):
    last = WeakKeyDictionary()

    @io.on("connection")
    def welcome(socket):
        @socket.on("writing")
        def note():
            now = time.perf_counter()
            before = last.get(socket)
            if before is None or now - before >= 1:
                last[socket] = now
                room = room_of(socket)
                if room:
                    io.volatile.to(room).except_(socket.id).emit("writes", socket.data["name"])

# %% wrong check_writing: Expected whom Bob hears, who writes to be `['Ann', 'Dan']`, got `['Ann']`.
def writing(io):
    last = float("-inf")

    def welcome(socket):
        @socket.on("writing")
        def note():
            nonlocal last
            now, room = time.monotonic(), room_of(socket)
            if room and now >= last + 1:
                last = now
                socket.to(room).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Ann has stopped, and a second later Dan still hears that she writes.
def writing(io):
    def welcome(socket):
        @socket.on("writing")
        async def note():
            socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])
            await asyncio.sleep(1)

    io.on("connection", welcome)

# %% wrong check_writing: cannot access local variable 'last'
def writing(io):
    def welcome(socket):
        last = 0

        @socket.on("writing")
        def note():
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Bob hears it once. After a second he should hear it again.
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])
            last = now

    io.on("connection", welcome)

# %% wrong check_writing: Expected whom Cy hears, when Ann has gone over to his room and writes there, to be `['Ann']`, got `[]`.
def writing(io):
    def welcome(socket):
        last = float("-inf")
        room = room_of(socket)

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Expected whom Bob hears, who writes to be
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: Bob hears it once. After a second he should hear it again.
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1000:
                last = now
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% right check_deletion
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room:
                return answer(0, False)
            if not await archive.remove(room, place, socket.data["name"]):
                return answer(0, False)
            try:
                responses, is_all = await io.in_(room).timeout(1).emit_with_ack("deleted", place), True
            except Incomplete as incomplete:
                responses, is_all = incomplete.responses, False
            answer(len(responses), is_all)

# %% right check_deletion
def deletion(io, archive):
    async def ask(room, place):
        try:
            return len(await io.to(room).timeout(1.0).emit_with_ack("deleted", place)), True
        except Incomplete as error:
            return len(error.responses), False

    async def delete(socket, place, answer):
        room, name = room_of(socket), socket.data["name"]
        is_gone = room and await archive.remove(room, place, name)
        answer(*(await ask(room, place) if is_gone else (0, False)))

    io.on("connection", lambda socket: socket.on("delete", lambda *what: delete(socket, *what)))

# %% right check_deletion
def deletion(io, archive):
    class Eraser:
        def __init__(self, socket):
            self.socket = socket
            socket.on("delete", self.erase)

        async def erase(self, place, answer):
            room = room_of(self.socket)
            confirmed, everybody = [], False
            if room is not None and await archive.remove(room, place, self.socket.data["name"]):
                try:
                    confirmed = await io.timeout(1).to(room).emit_with_ack("deleted", place)
                    everybody = True
                except Incomplete as error:
                    confirmed = error.responses
            answer(len(confirmed), everybody)

    io.on("connection", Eraser)

# %% wrong check_deletion: were asked to take it off their pages
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            await archive.remove(room, place, socket.data["name"])
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: Cy has come, and does not acknowledge: there was no answer within four seconds.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
            answer(len(responses), True)

# %% wrong check_deletion: there was no answer within four seconds.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if await archive.remove(room, place, socket.data["name"]):
                try:
                    responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                    answer(len(responses), True)
                except Incomplete as error:
                    answer(len(error.responses), False)

# %% wrong check_deletion: the answer if Ann deletes what she has said
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await socket.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: the answer if Cy has come, and does not acknowledge
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete:
                answer(0, False)

# %% wrong check_deletion: the answer if Ann deletes what she has said
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            io.to(room).emit("deleted", place)
            answer(len(await io.to(room).fetch_sockets()), False)

# %% right check_deletion
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = socket.data.get("room")
            count, complete = 0, False
            if room and await archive.remove(room, place, socket.data["name"]):
                try:
                    answers = await io.in_(room).timeout(1).emit_with_ack("deleted", place)
                except Incomplete as error:
                    count = len(error.responses)
                else:
                    count, complete = len(answers), True
            answer(count, complete)

# %% right check_deletion
def deletion(io, archive):
    async def ask(each, place):
        try:
            await each.timeout(1).emit_with_ack("deleted", place)
            return True
        except (TimeoutError, ConnectionError):
            return False

    @io.on("connection")
    def welcome(socket):
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
            else:
                try:
                    heard = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                    answer(len(heard), True)
                except TimeoutError as error:
                    answer(len(error.responses), False)

        socket.on("delete", delete)

# %% right check_deletion
import contextlib

def deletion(io, archive):
    async def delete(socket, place, answer):
        room = room_of(socket)
        if room is None:
            return answer(0, False)
        his = await archive.remove(room, place, socket.data["name"])
        if his is False:
            return answer(0, False)
        responses, whole = [], False
        aim = io.to(room).timeout(1)
        everybody = await io.in_(room).fetch_sockets()
        try:
            responses = await aim.emit_with_ack("deleted", place)
        except Incomplete as error:
            responses = error.responses
        whole = len(responses) >= len(everybody)
        answer(len(responses), whole)

    def welcome(socket):
        socket.on("delete", partial(delete, socket))

    io.on("connection", welcome)

# %% wrong check_deletion: Cy has come, and does not acknowledge: there was no answer within four seconds.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1000).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: were asked to take it off their pages
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: Expected the answer if Bob wants to delete what Ann has said to be `[0, False]`, got `[[0, False]]`.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer((0, False))
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                answer((len(responses), True))
            except Incomplete as error:
                answer((len(error.responses), False))

# %% wrong check_deletion: Expected … to be
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: Incomplete: 2 of 3 have acknowledged.` was raised, in line
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            responses = await io.to(room).emit_with_ack("deleted", place)
            answer(len(responses), True)

# %% wrong check_deletion: there was no answer within four seconds.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                return len(responses), True
            except Incomplete as error:
                return len(error.responses), False

# %% wrong check_deletion: Expected the answer if Ann deletes what she has said, and Ann and Bob acknowledge it to be `[2, True]`, got `[0, False]`.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, person(socket.data["name"])):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: Expected the answer if Ann deletes what she has said, and Ann and Bob acknowledge it to be `[2, True]`, got `[1, True]`.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.local.to(room).timeout(1).emit_with_ack("deleted", place)
                answer(len(responses), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% right check_archive
class MyArchive:
    """On a list and a counter, without a stream."""

    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        number = await self.client.incr(f"count of {room}")
        await self.client.rpush(f"said in {room}", pack([number, message]))
        await self.client.ltrim(f"said in {room}", -50, -1)
        return f"{number}-0"

    async def since(self, room, place):
        after = int(place.partition("-")[0])
        entries = map(unpack, await self.client.lrange(f"said in {room}", 0, -1))
        return [(f"{number}-0", message) for number, message in entries if number > after]

# %% right check_archive
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        key = ":".join(["messages", room])
        while await self.client.xlen(key) >= 50:
            [(oldest, _)] = await self.client.xrange(key, count=1)
            await self.client.xdel(key, oldest)
        id = await self.client.xadd(key, {"what": pack(message)})
        return id.decode("ascii")

    async def since(self, room, place):
        found = dict(await self.client.xread({":".join(["messages", room]): place}))
        entries = [entry for each in found.values() for entry in each]
        return [(id.decode(), unpack(*fields.values())) for id, fields in entries]

# %% right check_archive
class MyArchive:
    def __init__(self, client):
        self.client, self.key = client, "room {}".format

    async def add(self, room, message):
        fields = {name: pack(value) for name, value in message.items()}
        return (await self.client.xadd(self.key(room), fields, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        messages = []
        for stream in await self.client.xread({self.key(room): place}) or []:
            for place, fields in stream[1]:
                message = {name.decode(): unpack(value) for name, value in fields.items()}
                messages.append((place.decode(), message))
        return messages

# %% wrong check_archive: `since` returns the last 50, but Redis still has 122 entries in one stream.
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)})).decode()

    async def since(self, room, place):
        found = [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]
        return found[-50:]

# %% wrong check_archive: what is kept in `gold`
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": "$"}) for id, fields in entries]

# %% wrong check_archive: The place is due, as a `str`
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: A list of (place, message) is due
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return {id.decode(): unpack(fields[b"message"]) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries}

# %% wrong check_archive: Invalid stream ID
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)
        return f"place {message['id']}"

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: a pair of a place, which is a text, and a message
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id, unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]

# %% wrong check_archive: the ids of what is kept of `gold` after 120 more messages
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}, count=10) for id, fields in entries]

# %% wrong check_archive: async_generator can't be used in 'await' expression
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        for _, entries in await self.client.xread({f"room {room}": place}):
            for id, fields in entries:
                yield id.decode(), unpack(fields[b"message"])

# %% right check_whisper
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            if sockets := await io.to(person(name)).fetch_sockets():
                io.to([each.id for each in sockets]).emit("whispered", socket.data["name"], text)
            answer(sockets != [])

# %% right check_whisper
def whisper(io):
    async def say(by, name, text, answer):
        names = Counter(each.data["name"] for each in await io.fetch_sockets())
        io.except_([]).in_(person(name)).emit("whispered", by, text)
        answer(names[name] > 0)

    @io.on("connection")
    def welcome(socket):
        def heard(*what):
            return say(socket.data["name"], *what)

        socket.on("whisper", heard)

# %% right check_whisper
def whisper(io):
    def to_one(socket):
        async def pass_on(to_whom, words, done):
            meant = io.in_(person(to_whom))
            try:
                there = len(await meant.fetch_sockets())
            except (TimeoutError, ConnectionError):
                there = 0
            meant.emit("whispered", socket.data["name"], words)
            done(there >= 1)

        return pass_on

    io.on("connection", lambda socket: socket.on("whisper", to_one(socket)))

# %% wrong check_whisper: the answers that Ann gets
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.local.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: First comes the name of who said it, then the text.
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", text, socket.data["name"])
            answer(bool(sockets))

# %% wrong check_whisper: who hears what Ann whispers to Bob
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whisper", socket.data["name"], text)
            answer(bool(sockets))

# %% wrong check_whisper: `none` is none within two seconds
def whisper(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("whisper")
        async def say(name, text, answer):
            sockets = await io.in_(person(name)).fetch_sockets()
            io.to(person(name)).emit("whispered", socket.data["name"], text)
            return bool(sockets)

# %% wrong check_whisper: missing 1 required positional argument
def whisper(io):
    async def say(socket, name, text, answer):
        sockets = await io.in_(person(name)).fetch_sockets()
        io.to(person(name)).emit("whispered", socket.data["name"], text)
        answer(bool(sockets))

    io.on("connection", lambda socket: socket.on("whisper", say))

# %% wrong check_whisper: who hears what Ann whispers to Bob, who has two tabs
def whisper(io):
    tabs = {}

    @io.on("connection")
    def welcome(socket):
        tabs[socket.data["name"]] = socket

        @socket.on("whisper")
        def say(name, text, answer):
            if name in tabs:
                tabs[name].emit("whispered", socket.data["name"], text)
            answer(name in tabs)

# %% right check_writing
from datetime import datetime, timedelta


def writing(io):
    @io.on("connection")
    def welcome(socket):
        last = [datetime.min]

        @socket.on("writing")
        async def note():
            now = datetime.now()
            if now - last[0] < timedelta(seconds=1):
                return
            last[0] = now
            if room := room_of(socket):
                socket.in_(room).volatile.emit("writes", socket.data["name"])

# %% right check_writing
class Quill:
    def __init__(self, socket):
        self.socket, self.rests = socket, None

    def __call__(self):
        room = self.socket.data.get("room")
        if room and (self.rests is None or self.rests.done()):
            self.rests = asyncio.create_task(asyncio.sleep(1))
            self.socket.to(room).volatile.emit("writes", self.socket.data["name"])


def writing(io):
    io.on("connection", lambda socket: socket.on("writing", Quill(socket)))

# %% right check_writing
def writing(io):
    def note(socket, said_at):
        now = time.monotonic()
        if not said_at or now - said_at[-1] >= 1:
            said_at[:] = [now]
            socket.broadcast.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", lambda socket: socket.on("writing", partial(note, socket, [])))

# %% wrong check_writing: Expected whom Bob hears, who writes to be `['Ann', 'Dan']`, got `['Ann']`.
def writing(io):
    last = {}

    def welcome(socket):
        @socket.on("writing")
        def note():
            now, room = time.monotonic(), room_of(socket)
            if room and now >= last.get(room, 0) + 1:
                last[room] = now
                socket.to(room).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: to be `['Ann', 'Dan']`, got `['no name']`.
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room_of(socket)).volatile.emit("writes")

    io.on("connection", welcome)

# %% wrong check_writing: hears nothing of it
def writing(io):
    def welcome(socket):
        last = time.monotonic()

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                socket.to(person(socket.data["name"])).volatile.emit("writes", socket.data["name"])
                last = now

    io.on("connection", welcome)

# %% wrong check_writing: Ann has stopped, and a second later Dan still hears that she writes.
def writing(io):
    def welcome(socket):
        waiting = None

        def tell():
            nonlocal waiting
            waiting = None
            socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

        @socket.on("writing")
        def note():
            nonlocal waiting
            waiting = waiting or asyncio.get_running_loop().call_later(1, tell)

    io.on("connection", welcome)

# %% wrong check_writing: once a second would be
def writing(io):
    def welcome(socket):
        @socket.on("writing")
        def note():
            last = float("-inf")
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: once a second would be
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 0.1:
                last = now
                socket.to(room_of(socket)).volatile.emit("writes", socket.data["name"])

    io.on("connection", welcome)

# %% wrong check_writing: 'NoneType' object has no attribute 'emit'
def writing(io):
    def welcome(socket):
        last = float("-inf")

        @socket.on("writing")
        def note():
            nonlocal last
            now = time.monotonic()
            if now >= last + 1:
                last = now
                socket.volatile.emit("writes", socket.data["name"]).emit("writes")

    io.on("connection", welcome)

# %% right check_deletion
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            count, is_all = 0, False
            room = room_of(socket)
            if room in ROOMS and await archive.remove(room, place, socket.data["name"]):
                aim, is_all = io.in_([room]).timeout(1), True
                try:
                    count = len(await aim.emit_with_ack("deleted", place))
                except Incomplete as missing:
                    count, is_all = len(missing.responses), False
            answer(count, is_all)

# %% right check_deletion
def deletion(io, archive):
    async def removed(socket, place):
        room = room_of(socket)
        return room and await archive.remove(room, place, socket.data["name"]) and room

    def welcome(socket):
        async def delete(place, answer):
            if not (room := await removed(socket, place)):
                return answer(0, False)
            asking = asyncio.create_task(io.timeout(1).in_(room).emit_with_ack("deleted", place))
            await asyncio.wait([asking])
            error = asking.exception()
            answer(len(error.responses if error else asking.result()), error is None)

        socket.on("delete", delete)

    io.on("connection", welcome)

# %% right check_deletion
def deletion(io, archive):
    async def delete(socket, place, answer):
        match room_of(socket):
            case str(room) if await archive.remove(room, place, socket.data["name"]):
                with contextlib.suppress(Incomplete):
                    answer(len(await io.to(room).timeout(1).emit_with_ack("deleted", place)), True)
                    return
                answer(len({each.data["name"] for each in await io.to(room).fetch_sockets()}) - 1, False)
            case _:
                answer(0, False)

    io.on("connection", lambda socket: socket.on("delete", partial(delete, socket)))

# %% wrong check_deletion: Expected the answer if Ann deletes what she has said, and Ann and Bob acknowledge it to be `[2, True]`, got `[[
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                answer(await io.to(room).timeout(1).emit_with_ack("deleted", place), True)
            except Incomplete as error:
                answer(error.responses, False)

# %% wrong check_deletion: Expected the answer if Cy has come, and does not acknowledge to be `[2, False]`, got `[2, True]`.
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                responses = await io.to(room).timeout(1).emit_with_ack("deleted", place)
            except Incomplete as error:
                responses = error.responses
            answer(len(responses), True)

# %% wrong check_deletion: to be `[2, True]`, got `[True, 2]`
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                answer(True, len(await io.to(room).timeout(1).emit_with_ack("deleted", place)))
            except Incomplete as error:
                answer(False, len(error.responses))

# %% wrong check_deletion: whether for the right place
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                answer(len(await io.to(room).timeout(1).emit_with_ack("deleted", room)), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: whether for the right place
def deletion(io, archive):
    @io.on("connection")
    def welcome(socket):
        @socket.on("delete")
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                answer(len(await io.to(room).timeout(1).emit_with_ack("deleted")), True)
            except Incomplete as error:
                answer(len(error.responses), False)

# %% wrong check_deletion: there was no answer within four seconds
def deletion(io, archive):
    @io.on("connection")
    async def welcome(socket):
        async def delete(place, answer):
            room = room_of(socket)
            if not room or not await archive.remove(room, place, socket.data["name"]):
                answer(0, False)
                return
            try:
                answer(len(await io.to(room).timeout(1).emit_with_ack("deleted", place)), True)
            except Incomplete as error:
                answer(len(error.responses), False)

        io.on("delete", delete)

# %% right check_archive
class MyArchive:
    def __init__(self, client):
        self.client = client

    async def add(self, room, message):
        return (await self.client.xadd(f"room {room}", {"message": pack(message)}, maxlen=50, approximate=False)).decode()

    async def since(self, room, place):
        if place != "0":
            time, number = map(int, place.split("-"))  # a place has both
            place = f"{time}-{number}"
        return [(id.decode(), unpack(fields[b"message"])) for _, entries in await self.client.xread({f"room {room}": place}) for id, fields in entries]
