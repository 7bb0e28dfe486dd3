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
