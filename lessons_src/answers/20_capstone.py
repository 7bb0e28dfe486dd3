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
