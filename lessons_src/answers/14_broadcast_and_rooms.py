# Answers that people give to the exercises of lesson 14. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        meant = set()
        if rooms is None:
            meant = set(self.rooms)
        else:
            for room in rooms:
                meant |= set(self.members.get(room, []))
        for room in but:
            meant -= set(self.members.get(room, []))
        return list(meant)

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        found = []
        for id, joined in self.rooms.items():
            inside = rooms is None or any(room in joined for room in rooms)
            if inside and not any(room in joined for room in but):
                found.append(id)
        return found

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        empty = {}
        out = {id for room in but for id in self.members.get(room, empty)}
        everybody = self.rooms if rooms is None else (id for room in rooms for id in self.members.get(room, empty))
        return sorted(set(everybody) - out)

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        return {id for id in self.rooms if (rooms is None or self.of(id) & {*rooms}) and not self.of(id) & {*but}}

# %% wrong check_select: `select(['gold', 'silver'], [])` gave … somebody would hear it twice
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            chosen = list(self.rooms)
        else:
            chosen = [id for room in rooms for id in self.members.get(room, ())]
        out = {id for room in but for id in self.members.get(room, ())}
        return [id for id in chosen if id not in out]

# %% wrong check_select: `select(['iron'], [])` raised a KeyError for 'iron'. A room without members is in no dictionary
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members[room]}
        return list(chosen - {id for room in but for id in self.members[room]})

# %% wrong check_select: After `select(['iron'], [])` the rooms have changed. Collect the ids in something of your own.
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else set()
        for room in rooms or ():
            chosen |= set(self.members.setdefault(room, {}))
        for room in but:
            chosen -= set(self.members.setdefault(room, {}))
        return list(chosen)

# %% wrong check_select: After `select(['gold'], ['copper'])` the rooms have changed.
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is not None and len(rooms) == 1:
            chosen = self.members.get(rooms[0], {})
        else:
            chosen = dict.fromkeys(self.rooms if rooms is None else [id for room in rooms for id in self.members.get(room, ())])
        for room in but:
            for id in self.members.get(room, ()):
                chosen.pop(id, None)
        return list(chosen)

# %% wrong check_select: Expected `select(['gold', 'silver'], [])`, sorted, … to be `['Ann', 'Bob', 'Cy', 'Dan']`, got `['Bob']`.
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            chosen = set(self.rooms)
        else:
            chosen = {id for id in self.rooms if rooms and set(rooms) <= self.of(id)}
        return [id for id in chosen if not self.of(id) & set(but)]

# %% wrong check_select: Expected `select([], [])`, sorted, … to be `[]`, got `['Ann', 'Bob', 'Cy', 'Dan', 'Eve']`.
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = {id for room in rooms for id in self.members.get(room, ())} if rooms else set(self.rooms)
        return list(chosen - {id for room in but for id in self.members.get(room, ())})

# %% wrong check_select: Expected `select(None, ['gold', 'silver'])`, sorted, … to be `['Eve']`
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        return [id for id in chosen if not but or not set(but) <= self.of(id)]

# %% wrong check_select: returned None. Return the list of ids.
class MyRooms(Membership):
    def select(self, rooms, but):
        self.found = list(self.rooms)

# %% wrong check_select: Expected `select(['gold'], ['copper'])`, sorted, … to be `['Ann', 'Bob']`, got `['Ann', 'Bob', 'Dan']`.
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            return list(self.rooms)
        return list({id for room in rooms if room not in but for id in self.members.get(room, ())})

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        def inside(room):
            return set(self.members.get(room, ()))
        chosen = set(self.rooms) if rooms is None else set().union(*map(inside, rooms))
        return list(chosen.difference(*map(inside, but)))

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = []
        if rooms is None:
            chosen = list(self.rooms)
        else:
            for room in rooms:
                if room in self.members:
                    for id in self.members[room]:
                        if id not in chosen:
                            chosen.append(id)
        result = []
        for id in chosen:
            excluded = False
            for room in but:
                if room in self.members and id in self.members[room]:
                    excluded = True
            if not excluded:
                result.append(id)
        return result

# %% right check_select
class MyRooms(Membership):
    def members_of(self, rooms):
        for room in rooms:
            yield from self.members.get(room, {})

    def select(self, rooms, but):
        banned = set(self.members_of(but))
        meant = self.rooms if rooms is None else dict.fromkeys(self.members_of(rooms))
        return [id for id in meant if id not in banned]

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        seen = set(self.members_of(but))
        for id in (self.rooms if rooms is None else self.members_of(rooms)):
            if id not in seen:
                seen.add(id)
                yield id

    def members_of(self, rooms):
        return [id for room in rooms for id in self.members.get(room, ())]

# %% wrong check_select: raised a KeyError for 'Bob'. He is not among those who are left: look before you take somebody out.
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        for room in but:
            for id in self.members.get(room, ()):
                chosen.remove(id)
        return list(chosen)

# %% wrong check_select: `ValueError: list.remove(x): x not in list` was raised, in line
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = list(self.rooms) if rooms is None else list({id for room in rooms for id in self.members.get(room, ())})
        for room in but:
            for id in self.members.get(room, ()):
                chosen.remove(id)
        return chosen

# %% wrong check_select: Expected `select(['gold'], ['copper'])`, sorted,
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            rooms = self.members
        chosen = {id for room in rooms if room not in but for id in self.members.get(room, ())}
        return list(chosen)

# %% wrong check_select: 'NoneType' object is not iterable
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set()
        for room in rooms:
            chosen |= set(self.members.get(room, ()))
        for room in but:
            chosen -= set(self.members.get(room, ()))
        return list(chosen)

# %% wrong check_select: Set changed size during iteration
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        for id in chosen:
            if any(id in self.members.get(room, ()) for room in but):
                chosen.discard(id)
        return list(chosen)

# %% wrong check_select: Expected `select(['gold'], ['copper'])`, sorted,
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        return list(chosen - set(but))

# %% wrong check_select: `select` is called without `await`
class MyRooms(Membership):
    async def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        return list(chosen - {id for room in but for id in self.members.get(room, ())})

# %% wrong check_select: Expected `select(None, ['gold'])`, sorted,
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            return [id for id in self.rooms if not but or self.rooms[id] not in but]
        return list({id for room in rooms for id in self.members.get(room, ())} - {id for room in but for id in self.members.get(room, ())})

# %% right check_door
def door(server):
    def welcome(socket):
        def refuse(why):
            socket.emit("refused", why)

        def join(*arguments):
            if len(arguments) == 1 and isinstance(arguments[0], str) and arguments[0] in METALS:
                socket.join(arguments[0])
            else:
                refuse("No such room.")

        def say(*arguments):
            if len(arguments) != 2 or not all(isinstance(each, str) for each in arguments):
                return refuse("A room and a text.")
            room, text = arguments
            if room not in METALS:
                return refuse("No such room.")
            if room not in socket.rooms:
                return refuse("You are not in there.")
            socket.to(room).emit("said", room, text)

        socket.on("join", join)
        socket.on("say", say)

    server.on("connection", welcome)

# %% right check_door
def door(server):
    @server.on("connection")
    async def welcome(socket):
        @socket.on("join")
        async def join(room=None, *more):
            if more or type(room) is not str or room not in METALS:
                socket.emit("refused", "no")
                return
            socket.join([room])

        @socket.on("say")
        async def say(room=None, text=None, *more):
            allowed = socket.rooms & set(METALS)
            if more or not isinstance(room, str) or room not in allowed or not isinstance(text, str):
                socket.emit("refused", "no")
            else:
                socket.broadcast.to(room).emit("said", room, text)

# %% right check_door
def door(server):
    @server.on("connection")
    def welcome(socket):
        mine = set()

        def join(*what):
            if what in [(metal,) for metal in METALS]:
                mine.add(what[0])
                socket.join(what[0])
            else:
                socket.emit("refused", "Sorry.")

        def say(*what):
            try:
                room, text = what
                if room in mine and isinstance(text, str):
                    server.to(room).except_(socket.id).emit("said", room, text)
                    return
            except (TypeError, ValueError):
                pass
            socket.emit("refused", "Sorry.")

        socket.on("join", join)
        socket.on("say", say)

# %% wrong check_door: Mallory sent `join` with 'id of Ann', and is in the room "Ann's own" now. Only one `str` that is one of METALS opens the door.
def door(server):
    @server.on("connection")
    def welcome(socket):
        def join(*what):
            if len(what) == 1 and isinstance(what[0], str) and what[0]:
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        def say(*what):
            if len(what) == 2 and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

        socket.on("join", join)
        socket.on("say", say)

# %% wrong check_door: Mallory sent `join` with ['gold'], and is in the room 'gold' now.
def door(server):
    @server.on("connection")
    def welcome(socket):
        def join(*what):
            if len(what) == 1 and (isinstance(what[0], list) and set(map(str, what[0])) <= set(METALS) or str(what[0]) in METALS):
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        def say(*what):
            if len(what) == 2 and isinstance(what[0], str) and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

        socket.on("join", join)
        socket.on("say", say)

# %% wrong check_door: Mallory sent `join` with nothing. Mallory should hear `refused`, once, and nothing else, and heard nothing. Did your handler raise?
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(room, *more):
            if not more and isinstance(room, str) and room in METALS:
                socket.join(room)
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(room, text, *more):
            if not more and isinstance(text, str) and room in METALS and room in socket.rooms:
                socket.to(room).emit("said", room, text)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Mallory sent `say` with 'gold', 'hi'. That should be refused, and others heard of it. What was heard: Ann: said gold hi; Bob: said gold hi.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            match what:
                case [str(room)] if room in METALS:
                    socket.join(room)
                case _:
                    socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in METALS:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Expected what is heard when Ann says ['gold', 'hello'] and is in the room with Bob to be `'Bob: said gold hello'`, got `'Ann: said gold hello; Bob: said gold hello'`.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            match what:
                case [str(room)] if room in METALS:
                    socket.join(room)
                case _:
                    socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in METALS and room in socket.rooms:
                    server.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Mallory sent `say` with 'id of Mallory', 'psst'. Mallory should hear `refused`, once, and nothing else, and heard nothing.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            match what:
                case [str(room)] if room in METALS:
                    socket.join(room)
                case _:
                    socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in socket.rooms:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Mallory sent `join` with 'gold', 'copper', and is in the room 'gold' now.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(room=None, *_):
            if isinstance(room, str) and room in METALS:
                socket.join(room)
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(room=None, text=None, *_):
            if isinstance(room, str) and isinstance(text, str) and room in METALS and room in socket.rooms:
                socket.to(room).emit("said", room, text)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Ann sent `join` with 'gold'. That is allowed. Ann is in [] now and heard nothing.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if what == METALS:
                socket.join(what)

# %% right check_door
def door(server):
    def welcome(socket):
        def refuse():
            socket.emit("refused", "That is not possible.")

        def enter(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                refuse()

        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and type(what[1]) is str:
                socket.to(what[0]).emit("said", *what)
            else:
                refuse()

        socket.on("join", enter)
        socket.on("say", say)

    server.on("connection", welcome)

# %% right check_door
class Doorman:
    def __init__(self, socket):
        self.socket = socket
        socket.on("join", self.join)
        socket.on("say", self.say)

    def refuse(self, reason):
        self.socket.emit("refused", reason)

    def join(self, *what):
        try:
            (room,) = what
            METALS.index(room)
        except ValueError:
            self.refuse("Only for metals")
        else:
            self.socket.join(room)

    def say(self, *what):
        match what:
            case (("gold" | "silver" | "copper") as room, str() as text):
                if room in self.socket.rooms:
                    self.socket.to(room).emit("said", room, text)
                else:
                    self.refuse("You are not in there")
            case _:
                self.refuse("What?")

def door(server):
    server.on("connection", Doorman)

# %% right check_door
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        async def join(*args):
            error = check_join(args)
            if error:
                socket.emit("refused", error)
            else:
                socket.join(args[0])

        @socket.on("say")
        async def say(*args):
            if check_join(args[:1]) or len(args) != 2 or not isinstance(args[1], str) or args[0] not in socket.rooms:
                socket.emit("refused", f"{args!r}: no")
                return
            room, text = args
            for other in await server.in_(room).fetch_sockets():
                if other.id != socket.id:
                    other.emit("said", room, text)

def check_join(args):
    if len(args) != 1:
        return "one argument, please"
    if args[0] not in METALS:
        return "no such room"
    return None

# %% wrong check_door: Mallory sent `join` with nothing. Mallory should hear `refused`
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(room):
            if room in METALS:
                socket.join(room)
            else:
                socket.emit("refused", "no such room")

        @socket.on("say")
        def say(room, text):
            if room in METALS and room in socket.rooms and isinstance(text, str):
                socket.to(room).emit("said", room, text)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: With `refused` comes a sentence that says why
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                socket.emit("refused")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused")

# %% wrong check_door: Mallory sent `say` with ['silver'], 'psst'. Mallory should hear `refused`
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in socket.rooms and what[0] in METALS and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: That should be refused, and others heard of it. What was heard: Ann: refused no
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                server.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                server.emit("refused", "no")

# %% wrong check_door: Mallory sent `join` with 'g', and is in the room 'g' now.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and isinstance(what[0], str) and what[0] in "gold silver copper":
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and isinstance(what[0], str) and what[0] in "gold silver copper" and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Ann sent `join` with 'gold', and is in. Nobody needs to hear of it. What was heard: Ann: joined gold.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
                socket.emit("joined", what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Expected what is heard when Bob says ['gold', ''] and is in the room with Ann to be
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str) and what[1]:
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Mallory should hear `refused`, once, and nothing else, and heard Mallory: refused no; Mallory: disconnect io server disconnect.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                socket.emit("refused", "no")
                socket.disconnect()

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")
                socket.disconnect()

# %% wrong check_door: Mallory sent `say` with 'gold', 'hi'. Mallory should hear `refused`
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                raise ValueError("refused")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                raise ValueError("refused")

# %% right check_presence
def presence(server):
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        async def join(room):
            if room in socket.rooms:
                return
            server.to(room).emit("came", room, name)
            socket.join(room)

        def gone(reason):
            for room in socket.rooms:
                if room != socket.id:
                    server.to(room).emit("left", room, name)

        socket.on("join", join)
        socket.on("disconnecting", gone)

    server.on("connection", welcome)

# %% right check_presence
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name, joined = socket.handshake["auth"]["name"], []

        @socket.on("join")
        def join(room):
            if room not in joined:
                joined.append(room)
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnect")
        def gone(reason):
            for room in joined:
                server.to(room).emit("left", room, name)

# %% right check_presence
def presence(server):
    there = {}

    @server.on("connection")
    def welcome(socket):
        who = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            members = there.setdefault(room, set())
            if socket not in members:
                for each in members:
                    each.emit("came", room, who)
                members.add(socket)

        @socket.on("disconnect")
        def gone(*_):
            for room, members in there.items():
                if socket in members:
                    members.discard(socket)
                    for each in members:
                        each.emit("left", room, who)

# %% wrong check_presence: Ann joins gold, and Ann hears it, too. `socket.to(…)` leaves out its own socket, `server.to(…)` does not.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                server.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Bob is gone, and nobody hears of it. … were the rooms gone already when you looked?
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnect")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Expected who hears what when Ann joins gold to be `[]`, got `['Bob came gold Ann', 'Cy came gold Ann']`.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            socket.join(room)
            socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Expected who hears what when Bob is gone to be … got `['Ann left gold Bob', 'Cy left gold Bob']`.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            first = sorted(socket.rooms - {socket.id})[0]
            socket.to(first).emit("left", first, name)

# %% wrong check_presence: Expected who hears what when Ann joins gold to be `[]`, got `['Bob came gold Ann', 'Cy came gold Ann', 'Dan came gold Ann']`.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.broadcast.emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.broadcast.emit("left", room, name)

# %% wrong check_presence: Bob joins gold, and nobody hears of it. … Did a handler raise
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            socket.join(room)
            if room not in socket.rooms:
                socket.to(room).emit("came", room, name)

# %% wrong check_presence: Expected who hears what when Bob is gone to be … got `['Ann left gold Bob'
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            aim = socket
            for room in socket.rooms - {socket.id}:
                aim = aim.to(room)
            aim.emit("left", "gold", name)

# %% right check_presence
from functools import partial

def presence(server):
    def enter(socket, name, room):
        is_new = room not in socket.rooms
        socket.join(room)
        if is_new:
            socket.broadcast.to(room).emit("came", room, name)

    def leave(socket, name, reason):
        rooms = set(socket.rooms)
        rooms.discard(socket.id)
        for room in sorted(rooms):
            server.to(room).except_(socket.id).emit("left", room, name)

    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]
        socket.on("join", partial(enter, socket, name))
        socket.on("disconnecting", partial(leave, socket, name))

# %% right check_presence
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]
        news = {}

        def join(room):
            if news.get(room):
                return
            news[room] = socket.to(room)
            news[room].emit("came", room, name)
            socket.join(room)

        def gone(*_):
            for room, aim in news.items():
                aim.emit("left", room, name)

        socket.on("join", join)
        socket.on("disconnect", gone)

# %% right check_presence
class Person:
    def __init__(self, server, socket):
        self.server, self.socket = server, socket
        self.name = socket.handshake["auth"]["name"]
        socket.on("join", self.join)
        socket.on("disconnecting", self.leave)

    async def join(self, room):
        others = await self.server.in_(room).fetch_sockets()
        if self.socket not in others:
            for other in others:
                other.emit("came", room, self.name)
        self.socket.join(room)

    def leave(self, reason):
        for room in self.socket.rooms:
            if room == self.socket.id:
                continue
            self.socket.to(room).emit("left", room, self.name)

def presence(server):
    server.on("connection", lambda socket: Person(server, socket))

# %% wrong check_presence: Expected who hears what when Bob joins gold to be `['Ann came gold Bob']`, got `['Ann came Bob gold']`.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", name, room)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", name, room)

# %% wrong check_presence: Bob is gone, and nobody hears of it.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone():
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Expected who hears what when Bob is gone to be … got `['Ann left Bob', 'Cy left Bob']`.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            socket.to(socket.rooms - {socket.id}).emit("left", name)

# %% wrong check_presence: Bob joins gold, and nobody hears of it.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.auth["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Bob joins gold, and nobody hears of it.
def presence(server):
    joined = set()

    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in joined:
                joined.add(room)
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% wrong check_presence: Bob is gone, and nobody hears of it.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

    @server.on("disconnecting")
    def gone(socket, reason):
        for room in socket.rooms - {socket.id}:
            socket.to(room).emit("left", room, socket.handshake["auth"]["name"])

# %% right check_presence
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.join(room)
                socket.to(room).emit("came", room, name)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms:
                server.to(room).emit("left", room, name)
                socket.leave(room)

# %% wrong check_presence: Bob joins gold, and nobody hears of it.
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            if room in socket.rooms:
                socket.to(room).emit("came", room, name)
            socket.join(room)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                socket.to(room).emit("left", room, name)

# %% right check_select
from collections import Counter
from itertools import chain

class MyRooms(Membership):
    def select(self, rooms, but):
        inside = [self.rooms] if rooms is None else [self.members.get(room, {}) for room in rooms]
        counted = Counter(chain.from_iterable(inside))
        for out in map(self.members.get, but):
            for id in out or ():
                del counted[id]
        return [*counted]

# %% right check_select
class MyRooms(Membership):
    def select(self, rooms, but):
        everybody = {} if rooms is not None else {**self.rooms}
        for room in rooms or []:
            everybody |= self.members.get(room) or {}
        for room in set(but) & self.members.keys():
            everybody = {id: None for id in everybody if id not in self.members[room]}
        return tuple(everybody)

# %% wrong check_select: Expected `select(['gold'], [])`, sorted, … got `['Ann', 'Bob', 'Dan', 'gold']`
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms) if rooms is None else {*rooms}.union(*(self.members.get(room, ()) for room in rooms))
        return list(chosen.difference(*(self.members.get(room, ()) for room in but)))

# %% wrong check_select: After `select(None, ['gold'])` the rooms have changed.
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = self.rooms if rooms is None else dict.fromkeys(id for room in rooms for id in self.members.get(room, ()))
        for room in but:
            for id in self.members.get(room, ()):
                chosen.pop(id, None)
        return list(chosen)

# %% wrong check_select: `select(['gold'], [])` returned … Return the list of ids.
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is None:
            return ", ".join(self.rooms)
        return ", ".join({id for room in rooms for id in self.members.get(room, ())} - {id for room in but for id in self.members.get(room, ())})

# %% right check_door
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if list(what) in [[metal] for metal in METALS]:
                socket.join(what)
            else:
                socket.emit("refused", "Only the rooms of the metals.")

        @socket.on("say")
        def say(*what):
            match what:
                case ("gold" | "silver" | "copper" as room, str()) if room in socket.rooms:
                    socket.to(room).emit("said", *what)
                case _:
                    socket.emit("refused", "Not that.")

# %% right check_door
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) != 1 or what[0] not in METALS:
                return socket.emit("refused", "There is no such room.")
            return socket.join(*what)

        @socket.on("say")
        async def say(*what):
            if len(what) == 2 and what[0] in METALS and isinstance(what[1], str):
                for each in await server.to(what[0]).fetch_sockets() if what[0] in socket.rooms else ():
                    if each is not socket:
                        each.emit("said", *what)
                if what[0] in socket.rooms:
                    return
            socket.emit("refused", "You are not in there.")

# %% wrong check_door: Mallory should hear `refused`, once, and nothing else, and heard
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in set(METALS):
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and what[0] in METALS and what[0] in socket.rooms and isinstance(what[1], str):
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Mallory sent `say` with 'id of Mallory', 'psst'
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and what[0] in METALS:
                socket.join(what[0])
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            if len(what) == 2 and all(isinstance(each, str) for each in what) and what[0] in socket.rooms:
                socket.to(what[0]).emit("said", *what)
            else:
                socket.emit("refused", "no")

# %% right check_presence
def presence(server):
    names = {}

    @server.on("connection")
    def welcome(socket):
        names[socket.id] = socket.handshake["auth"]["name"]

        @socket.on("join")
        async def join(room):
            there = {each.id for each in await server.to(room).fetch_sockets()}
            socket.join(room)
            if socket.id not in there:
                server.to(there).emit("came", room, names[socket.id])

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                server.to(room).emit("left", room, names[socket.id])
            del names[socket.id]

# %% wrong check_door: Mallory sent `join` with nothing. Mallory should hear `refused`, once, and nothing else, and heard Mallory: refused one; Mallory: refused metal.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) != 1:
                socket.emit("refused", "one")
            if not what or what[0] not in METALS:
                socket.emit("refused", "metal")
            else:
                socket.join(what[0])

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in METALS and room in socket.rooms:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Mallory sent `say` with 'silver', 7. That should be refused, and others heard of it. What was heard: Bob: said silver 7.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            match what:
                case [str(room)] if room in METALS:
                    socket.join(room)
                case _:
                    socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), text] if room in METALS and room in socket.rooms:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")

# %% right check_door
class Refused(Exception):
    pass

def polite(socket, handler):
    def wrapped(*what):
        try:
            handler(*what)
        except (Refused, TypeError) as error:
            socket.emit("refused", str(error) or "no")
    return wrapped

def door(server):
    @server.on("connection")
    def welcome(socket):
        def join(room):
            if room not in METALS:
                raise Refused("There is no such room.")
            socket.join(room)

        def say(room, text):
            if room not in METALS or room not in socket.rooms or not isinstance(text, str):
                raise Refused("Not here.")
            socket.to(room).emit("said", room, text)

        socket.on("join", polite(socket, join))
        socket.on("say", polite(socket, say))

# %% wrong check_presence: Expected who hears what when Ann joins gold to be `[]`, got `['Ann came lobby Ann'
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]
        server.emit("came", "lobby", name)

        @socket.on("join")
        def join(room):
            if room not in socket.rooms:
                socket.to(room).emit("came", room, name)
                socket.join(room)

        @socket.on("disconnecting")
        def gone(reason):
            for room in socket.rooms - {socket.id}:
                server.to(room).emit("left", room, name)

# %% right check_presence
def presence(server):
    @server.on("connection")
    def welcome(socket):
        name = socket.handshake["auth"]["name"]

        @socket.on("join")
        def join(room):
            before = socket.rooms
            socket.join(room)
            for new in socket.rooms - before:
                socket.to(new).emit("came", new, name)

        @socket.on("disconnecting")
        def gone(*_):
            aims = [(room, server.to(room)) for room in socket.rooms if room != socket.id]
            for room, aim in aims:
                aim.emit("left", room, name)

# %% right check_select
class MyRooms(Membership):
    def everybody_in(self, rooms):
        result = {}
        for room in rooms:
            result.update(self.members.get(room, {}))
        return result

    def select(self, rooms, but):
        chosen = dict(self.rooms) if rooms is None else self.everybody_in(rooms)
        return sorted(chosen.keys() - self.everybody_in(but).keys())

# %% wrong check_select: Expected `select(['gold', 'silver'], [])`, sorted, … got `['Bob', 'Cy']`.
class MyRooms(Membership):
    def select(self, rooms, but):
        chosen = set(self.rooms)
        for room in rooms or ():
            chosen = set(self.members.get(room, ()))
        if rooms is not None and not list(rooms):
            chosen = set()
        for room in but:
            chosen -= set(self.members.get(room, ()))
        return list(chosen)

# %% wrong check_select: `select(None, [])` grew when Fay came afterwards: it is one of the dictionaries, or a view of one.
class MyRooms(Membership):
    def select(self, rooms, but):
        ids = self.rooms.keys() if rooms is None else {id for room in rooms for id in self.members.get(room, ())}
        out = {id for room in but for id in self.members.get(room, ())}
        return ids - out if out else ids

# %% wrong check_select: `select(['gold'], [])` grew when Fay came afterwards
class MyRooms(Membership):
    def select(self, rooms, but):
        if rooms is not None and len(rooms) == 1 and not but:
            return self.members.get(rooms[0], {})
        chosen = dict.fromkeys(self.rooms) if rooms is None else {id: None for room in rooms for id in self.members.get(room, ())}
        return [id for id in chosen if not any(id in self.members.get(room, ()) for room in but)]

# %% wrong check_door: Mallory sent `join` with 'Gold', and is in the room 'gold' now. Only one `str` that is one of METALS opens the door.
def door(server):
    @server.on("connection")
    def welcome(socket):
        @socket.on("join")
        def join(*what):
            if len(what) == 1 and isinstance(what[0], str) and what[0].lower() in METALS:
                socket.join(what[0].lower())
            else:
                socket.emit("refused", "no")

        @socket.on("say")
        def say(*what):
            match what:
                case [str(room), str(text)] if room in METALS and room in socket.rooms:
                    socket.to(room).emit("said", room, text)
                case _:
                    socket.emit("refused", "no")
