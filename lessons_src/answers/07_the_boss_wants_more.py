# Answers that people give to the exercises of lesson 07. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_tell_all
def tell_all(members, message):
    """Takes those off the list that were cut off."""
    for member in list(members):
        if member.transport.get_write_buffer_size() > 1_000_000:
            member.transport.abort()
            members.remove(member)
    broadcast(members, message)

# %% right check_tell_all
def tell_all(members, message):
    """Sends first, and then looks."""
    broadcast(members, message)
    for member in members:
        if member.transport.get_write_buffer_size() > 1_000_000:
            member.transport.abort()

# %% right check_tell_all
def tell_all(members, message):
    """Counts what is about to be added."""
    well = []
    for member in members:
        if member.transport.get_write_buffer_size() + len(message) > 10**6:
            member.transport.abort()
        else:
            well.append(member)
    broadcast(well, message)
    return len(well)

# %% wrong check_tell_all: bytes were waiting. Up to about a million it may stay.
def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 0:
            member.transport.abort()
    broadcast(members, message)

# %% wrong check_tell_all: bytes are waiting for a member that does not read, and you keep more for it. Cut it off.
def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 10_000_000:
            member.transport.abort()
    broadcast(members, message)

# %% wrong check_tell_all: bytes are waiting for a member that does not read, and you keep more for it.
def tell_all(members, message):
    broadcast(members, message)

# %% wrong check_tell_all: bytes are waiting for a member that does not read
def tell_all(members, message):
    broadcast([member for member in members if member.transport.get_write_buffer_size() <= 1_000_000], message)

# %% wrong check_tell_all: It is `async`: whoever awaits a member waits for the slow one.
async def tell_all(members, message):
    for member in members:
        await member.send(message)

# %% wrong check_tell_all: A member that is there and reads has heard nothing.
def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 1_000_000:
            member.transport.abort()

# %% wrong check_tell_all: You cut off one that reads all at once.
def tell_all(members, message):
    for member in members:
        member.transport.abort()
    broadcast(members, message)

# %% right check_tell_all
tasks = set()

async def send(member, message):
    try:
        await member.send(message)
    except ConnectionClosed:
        pass

def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 1_000_000:
            member.transport.abort()
        tasks.add(asyncio.ensure_future(send(member, message)))

# %% wrong check_tell_all: A hundred messages, and the slow one has hardly read any. Where do the others wait
queues = {}

async def deliver(member, queue):
    while True:
        await member.send(await queue.get())

def tell_all(members, message):
    for member in members:
        if member not in queues:
            queues[member] = asyncio.Queue()
            asyncio.ensure_future(deliver(member, queues[member]))
        queues[member].put_nowait(message)

# %% wrong check_tell_all: It returns something to be awaited
def tell_all(members, message):
    return asyncio.gather(*(member.send(message) for member in members), return_exceptions=True)

# %% wrong check_tell_all: `AttributeError: 'ServerConnection' object has no attribute 'get_write_buffer_size'` was raised, in line 3
def tell_all(members, message):
    for member in members:
        if member.get_write_buffer_size() > 1_000_000:
            member.transport.abort()
    broadcast(members, message)

# %% wrong check_tell_all: A member that is there and reads has heard nothing.
def tell_all(members, message):
    for m in members:
        if m.close_code is not None:
            members.remove(m)
        elif m.transport.get_write_buffer_size() > 1_000_000:
            m.transport.abort()
        else:
            broadcast([m], message)

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    future = client.pending[number] = asyncio.Future()
    try:
        await client.websocket.send(json.dumps(dict(message, path=path, id=number)))
        return await asyncio.wait_for(future, seconds)
    finally:
        if number in client.pending:
            del client.pending[number]

# %% right check_ask_within
from contextlib import contextmanager

@contextmanager
def expected(client):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    try:
        yield number, client.pending[number]
    finally:
        client.pending.pop(number, None)

async def ask_within(client, seconds, path, **message):
    with expected(client) as (number, answer):
        async with asyncio.timeout(seconds):
            await client.websocket.send(json.dumps({"path": path, "id": number} | message))
            return await answer

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    before = set(client.pending)
    asking = asyncio.ensure_future(client.ask(path, **message))
    await asyncio.sleep(0)
    own = set(client.pending) - before
    try:
        return await asyncio.wait_for(asking, seconds)
    finally:
        for number in own:
            client.pending.pop(number, None)

# %% wrong check_ask_within: No answer comes, and your number is left in `client.pending`: that is the leak.
async def ask_within(client, seconds, path, **message):
    return await asyncio.wait_for(client.ask(path, **message), seconds)

# %% wrong check_ask_within: Who asked is cancelled, and your number is left in `client.pending`
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    await client.websocket.send(json.dumps({"path": path, "id": number, **message}))
    try:
        return await asyncio.wait_for(client.pending[number], seconds)
    except TimeoutError:
        client.pending.pop(number, None)
        raise

# %% wrong check_ask_within: The connection is closed already, and your number is left in `client.pending`
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    await client.websocket.send(json.dumps({"path": path, "id": number, **message}))
    try:
        async with asyncio.timeout(seconds):
            return await client.pending[number]
    finally:
        client.pending.pop(number, None)

# %% wrong check_ask_within: No answer comes, and it returns `None`. Raise, so that the caller cannot miss it.
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(seconds):
            await client.websocket.send(json.dumps({"path": path, "id": number, **message}))
            return await client.pending[number]
    except TimeoutError:
        return None
    finally:
        client.pending.pop(number, None)

# %% wrong check_ask_within: In `client.pending` are others that still wait. Take out your own number
async def ask_within(client, seconds, path, **message):
    try:
        return await asyncio.wait_for(client.ask(path, **message), seconds)
    finally:
        client.pending.clear()

# %% wrong check_ask_within: No answer comes, and `ask_within(client, 0.3, …)` waits on for two seconds.
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    try:
        await client.websocket.send(json.dumps({"path": path, "id": number, **message}))
        return await client.pending[number]
    finally:
        client.pending.pop(number, None)

# %% wrong check_ask_within: was raised, in line 5
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    try:
        async with asyncio.timeout(seconds):
            await client.websocket.send({"path": path, "id": number, **message})
            return await client.pending[number]
    finally:
        client.pending.pop(number, None)

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    numbers = client.numbers
    n = next(numbers)
    f = client.pending[n] = asyncio.Future()
    timer = asyncio.get_running_loop().call_later(seconds, lambda: f.done() or f.set_exception(TimeoutError()))
    try:
        await client.websocket.send(json.dumps({**message, "path": path, "id": n}))
        return await f
    finally:
        timer.cancel()
        client.pending.pop(n, None)
        f.cancel()

# %% wrong check_ask_within: Who asked is cancelled, and it raises TimeoutError.
async def ask_within(client, seconds, path, **message):
    n = next(client.numbers)
    f = client.pending[n] = asyncio.Future()
    try:
        await put(client.websocket, path, id=n, **message)
        return await asyncio.wait_for(f, seconds)
    except asyncio.CancelledError:
        raise TimeoutError
    finally:
        client.pending.pop(n, None)

# %% wrong check_ask_within: A number went out twice.
async def ask_within(client, seconds, path, **message):
    f = client.pending[1] = asyncio.Future()
    try:
        await put(client.websocket, path, id=1, **message)
        return await asyncio.wait_for(f, seconds)
    finally:
        client.pending.pop(1, None)

# %% wrong check_ask_within: `KeyError: 1` was raised, in line 11
async def ask_within(client, seconds, path, **message):
    n = next(client.numbers)
    f = client.pending[n] = asyncio.Future()
    try:
        await put(client.websocket, path, id=n, **message)
        async with asyncio.timeout(seconds):
            return await f
    except ConnectionClosed:
        raise TimeoutError("gone") from None
    finally:
        del client.pending[n]

# %% right check_rooms
class Rooms:
    def __init__(self):
        self.members = {}

    async def handler(self, websocket):
        mine = set()
        try:
            async for frame in websocket:
                room = json.loads(frame)["join"]
                mine.add(room)
                self.members.setdefault(room, set()).add(websocket)
                await websocket.send(frame)
        except ConnectionClosed:
            pass
        for room in mine:
            self.members[room].remove(websocket)
            if not self.members[room]:
                self.members.pop(room)

# %% right check_rooms
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        while True:
            try:
                message = json.loads(await websocket.recv())
                self.members[message["join"]].add(websocket)
                await websocket.send(json.dumps(message))
            except ConnectionClosed:
                break
        rest = {room: members - {websocket} for room, members in self.members.items()}
        self.members.clear()
        self.members.update({room: members for room, members in rest.items() if members})

# %% right check_rooms
class Rooms:
    def __init__(self):
        self.members: dict[str, set] = {}

    def join(self, websocket, room):
        self.members[room] = self.members.get(room, set()) | {websocket}

    def leave(self, websocket):
        for room in [name for name, members in self.members.items() if websocket in members]:
            if self.members[room] == {websocket}:
                del self.members[room]
            else:
                self.members[room] = self.members[room] - {websocket}

    async def handler(self, websocket):
        try:
            async for frame in websocket:
                self.join(websocket, json.loads(frame)["join"])
                await websocket.send(frame)
        finally:
            self.leave(websocket)

# %% wrong check_rooms: `KeyError: … was raised, in line 13: `members.remove(websocket)`
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for frame in websocket:
                self.members[json.loads(frame)["join"]].add(websocket)
                await websocket.send(frame)
        finally:
            for room, members in list(self.members.items()):
                if len(members) > 0:
                    members.remove(websocket)
                if not members:
                    del self.members[room]

# %% wrong check_rooms: A room is a `list`. In a *set* nobody stands twice
class Rooms:
    def __init__(self):
        self.members = defaultdict(list)

    async def handler(self, websocket):
        try:
            async for frame in websocket:
                self.members[json.loads(frame)["join"]].append(websocket)
                await websocket.send(frame)
        finally:
            for room, members in list(self.members.items()):
                if websocket in members:
                    members.remove(websocket)
                if not members:
                    del self.members[room]

# %% wrong check_rooms: Bob vanished and is still in his rooms. Does your tidying-up run when the loop raises?
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        async for frame in websocket:
            self.members[json.loads(frame)["join"]].add(websocket)
            await websocket.send(frame)
        for room, members in list(self.members.items()):
            members.discard(websocket)
            if not members:
                del self.members[room]

# %% wrong check_rooms: Bob vanished, and ['cake'] is still in `members`, empty. Names of rooms leak too.
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for frame in websocket:
                self.members[json.loads(frame)["join"]].add(websocket)
                await websocket.send(frame)
        finally:
            for members in self.members.values():
                members.discard(websocket)

# %% wrong check_rooms: `RuntimeError: dictionary changed size during iteration` was raised, in line 11
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for frame in websocket:
                self.members[json.loads(frame)["join"]].add(websocket)
                await websocket.send(frame)
        finally:
            for room, members in self.members.items():
                members.discard(websocket)
                if not members:
                    del self.members[room]

# %% wrong check_rooms: Who joins a room, or joins it again, hears nothing. Send the message back.
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        async for frame in websocket:
            self.members[json.loads(frame)["join"]].add(websocket)

# %% wrong check_rooms: Who joined a room was closed: your handler came to its end. Go on to the next message.
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        frame = await websocket.recv()
        self.members[json.loads(frame)["join"]].add(websocket)
        await websocket.send(frame)

# %% wrong check_rooms: Expected the rooms: Ann in tea and twice in coffee, Bob in tea and cake to be
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        async for frame in websocket:
            self.members["tea"].add(websocket)
            await websocket.send(frame)

# %% right check_rooms
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    async def handler(self, ws):
        watcher = asyncio.create_task(self.gone(ws))
        async for m in ws:
            self.members[json.loads(m)["join"]].add(ws)
            await ws.send(m)
    async def gone(self, ws):
        await ws.wait_closed()
        for r in [r for r in self.members]:
            self.members[r] -= {ws}
            if not self.members[r]: del self.members[r]

# %% wrong check_rooms: `handler` is awaited
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    def handler(self, ws):
        pass
    def more(self):
        return 1

# %% right check_tell_all
from websockets.protocol import State

def tell_all(members, message):
    for member in tuple(members):
        if member.state is not State.OPEN:
            continue
        if member.transport.get_write_buffer_size() >= 1_000_000:
            member.transport.abort()
        else:
            broadcast((member,), message)

# %% right check_tell_all
def tell_all(members, message):
    sizes = {member: member.transport.get_write_buffer_size() for member in members}
    slow = {member for member, size in sizes.items() if size > 1_000_000}
    broadcast(set(members) - slow, message)
    [member.transport.abort() for member in slow]

# %% wrong check_tell_all: bytes were waiting. Up to about a million it may stay.
def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 1_000:
            member.transport.abort()
        broadcast([member], message)

# %% wrong check_tell_all: bytes are waiting for a member that does not read, and you keep more for it. Cut it off.
def tell_all(members, message):
    for member in members:
        if len(message) > 1_000_000:
            member.transport.abort()
    broadcast(members, message)

# %% wrong check_tell_all: A member that is there and reads has heard nothing.
def tell_all(members, message):
    for member in members:
        if member.transport.get_write_buffer_size() > 1_000_000:
            member.transport.abort()
        member.send(message).close()

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    """The clock stands beside it."""
    number = next(client.numbers)
    answer = client.pending.setdefault(number, asyncio.get_running_loop().create_future())
    try:
        await client.websocket.send(json.dumps({**message, "path": path, "id": number}))
        done, _ = await asyncio.wait([answer], timeout=seconds)
        if not done:
            raise TimeoutError(f"no answer to {number}")
        return answer.result()
    finally:
        client.pending.pop(number, None)

# %% right check_ask_within
class Waiting:
    def __init__(self, client):
        self.client, self.number = client, next(client.numbers)

    async def __aenter__(self):
        self.client.pending[self.number] = asyncio.Future()
        return self

    async def __aexit__(self, *problem):
        self.client.pending.pop(self.number, None)

async def ask_within(client, seconds, path, **message):
    async with Waiting(client) as waiting, asyncio.timeout(seconds):
        await put(client.websocket, path, id=waiting.number, **message)
        return await client.pending[waiting.number]

# %% wrong check_ask_within: No answer comes, and `ask_within(client, 0.3, …)` waits on for two seconds.
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    future = client.pending[number] = asyncio.Future()
    try:
        await put(client.websocket, path, id=number, **message)
        return await asyncio.wait_for(future, seconds)
    except TimeoutError:
        client.pending.pop(number)
        return await ask_within(client, seconds, path, **message)
    finally:
        client.pending.pop(number, None)

# %% wrong check_ask_within: In `client.pending` are others that still wait. Take out your own number, and nothing else.
async def ask_within(client, seconds, path, **message):
    try:
        async with asyncio.timeout(seconds):
            return await client.ask(path, **message)
    finally:
        client.pending.popitem()

# %% wrong check_ask_within: One who answers was asked, and you time out. Is your number in the message, as `id`
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    future = client.pending[number] = asyncio.Future()
    try:
        await put(client.websocket, path, **message)
        return await asyncio.wait_for(future, seconds)
    finally:
        client.pending.pop(number, None)

# %% right check_rooms
from contextlib import ExitStack

class Rooms:
    """What is to be done at the end is noted at the beginning."""

    def __init__(self):
        self.members = {}

    def leave(self, room, websocket):
        self.members[room].discard(websocket)
        if not len(self.members[room]):
            del self.members[room]

    async def handler(self, websocket):
        with ExitStack() as leaving:
            async for data in websocket:
                room = json.loads(data)["join"]
                members = self.members.setdefault(room, set())
                if websocket not in members:
                    members.add(websocket)
                    leaving.callback(self.leave, room, websocket)
                await websocket.send(data)

# %% right check_rooms
class Rooms(dict):
    """A dictionary itself."""

    @property
    def members(self):
        return self

    async def handler(self, websocket):
        try:
            while data := await websocket.recv():
                match json.loads(data):
                    case {"join": room}:
                        self[room] = {websocket, *self.get(room, ())}
                await websocket.send(data)
        except ConnectionClosed:
            pass
        finally:
            for room in [*self]:
                self[room].discard(websocket)
                self[room] or self.pop(room)

# %% wrong check_rooms: Expected the rooms, after Bob has vanished from tea and cake to be
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for data in websocket:
                self.members[json.loads(data)["join"]].add(websocket)
                await websocket.send(data)
        finally:
            self.members.pop(json.loads(data)["join"], None)

# %% wrong check_rooms: Expected the rooms, after Bob has vanished from tea and cake to be
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for data in websocket:
                room = json.loads(data)["join"]
                self.members[room].add(websocket)
                await websocket.send(data)
        finally:
            self.members[room].discard(websocket)
            if not self.members[room]:
                del self.members[room]

# %% wrong check_rooms: Who said `{"join": "coffee"}` heard `joined`. Send the message back, as it came, and to nobody else.
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)

    async def handler(self, websocket):
        try:
            async for data in websocket:
                self.members[json.loads(data)["join"]].add(websocket)
                await websocket.send("joined")
        finally:
            for room, members in list(self.members.items()):
                members.discard(websocket)
                if not members:
                    del self.members[room]

# %% right check_tell_all
def slow(m): return m.transport.get_write_buffer_size() >= 1_000_000
def tell_all(members, message):
    for m in filter(slow, members): m.transport.abort()
    broadcast(filter(lambda m: not slow(m), members), message)

# %% right check_tell_all
def tell_all(members, message):
    def later():
        broadcast(members, message)
        for m in members:
            if m.transport.get_write_buffer_size() > 1_000_000: m.transport.abort()
    asyncio.get_running_loop().call_soon(later)

# %% wrong check_tell_all: You closed it, and … bytes still wait: `close()` wants them read first. `abort()` lets them go.
def tell_all(members, message):
    for m in members:
        if m.transport.get_write_buffer_size() > 1_000_000: m.transport.close()
    broadcast(members, message)

# %% wrong check_tell_all: bytes are waiting for a member that does not read, and you keep more for it. Cut it off.
def tell_all(members, message):
    for m in members:
        if m.transport.get_write_buffer_size() > 1_000_000: m.close()
    broadcast(members, message)

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    n = next(client.numbers)
    f = asyncio.get_event_loop().create_future()
    client.pending |= {n: f}
    f.add_done_callback(lambda _: client.pending.pop(n, None))
    try:
        async with asyncio.timeout(seconds):
            await put(client.websocket, path, id=n, **message)
            return await f
    except BaseException:
        f.cancel()
        client.pending.pop(n, None)
        raise

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    n = next(client.numbers)
    f = client.pending[n] = asyncio.Future()
    try:
        await asyncio.wait_for(put(client.websocket, path, id=n, **message), seconds)
        await asyncio.wait([f, client.reading], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if f.done(): return f.result()
        if client.reading.done(): raise ConnectionError("gone")
        raise TimeoutError
    finally:
        client.pending.pop(n, None)

# %% wrong check_ask_within: A number went out twice. What is acknowledged late would be taken for the second
async def ask_within(client, seconds, path, **message):
    n = len(client.pending) + 1
    f = client.pending[n] = asyncio.Future()
    try:
        async with asyncio.timeout(seconds):
            await put(client.websocket, path, id=n, **message)
            return await f
    finally:
        client.pending.pop(n, None)

# %% wrong check_ask_within: `TypeError: Asker.ask() takes 2 positional arguments but 3 were given` was raised
async def ask_within(client, seconds, path, **message):
    try:
        return await asyncio.wait_for(client.ask(path, message), seconds)
    except TimeoutError:
        raise

# %% right check_rooms
class Room(set): pass
class Rooms:
    def __init__(self): self.members = defaultdict(Room)
    async def handler(self, ws):
        try:
            async for data in ws:
                m = json.loads(data)
                self.members[m["join"]].add(ws)
                await ws.send(json.dumps(m, separators=(",", ":")))
        finally:
            self.members = {r: Room(m - {ws}) for r, m in self.members.items() if m - {ws}}
            self.members = defaultdict(Room, self.members)

# %% wrong check_rooms: A room is a `int`. In a *set* nobody stands twice
class Rooms:
    def __init__(self): self.members = defaultdict(int)
    async def handler(self, ws):
        async for data in ws:
            self.members[json.loads(data)["join"]] += 1; await ws.send(data)

# %% wrong check_rooms: Who joins a room, or joins it again, hears nothing.
class Rooms:
    def __init__(self): self.members = defaultdict(set)
    async def handler(self, ws):
        try:
            async for data in ws:
                r = json.loads(data)["join"]
                if ws in self.members[r]: continue
                self.members[r].add(ws); await ws.send(data)
        finally:
            for r in list(self.members):
                self.members[r].discard(ws)
                if not self.members[r]: del self.members[r]

# %% wrong check_rooms: Expected the rooms, after all have left to be `{}`, got `{'coffee': 1}`.
class Rooms:
    def __init__(self): self.members = defaultdict(set)
    async def handler(self, ws):
        try:
            async for data in ws:
                self.members[json.loads(data)["join"]].add(ws); await ws.send(data)
        finally:
            for r in list(self.members):
                self.members[r].discard(ws)
                if not self.members[r]:
                    del self.members[r]
                    break

# %% wrong check_ask_within: Two asked at once, and one took the other's number for its own.
async def ask_within(client, seconds, path, **message):
    """One place for the numbers of all."""
    client.number = next(client.numbers)
    client.pending[client.number] = asyncio.Future()
    try:
        async with asyncio.timeout(seconds):
            await put(client.websocket, path, id=client.number, **message)
            return await client.pending[client.number]
    finally:
        client.pending.pop(client.number, None)

# %% right check_tell_all
def tell_all(members, message):
    data = message.encode() if isinstance(message, str) else message
    slow = set()
    for m in members:
        if m.transport.get_write_buffer_size() + len(data) > 1_000_000:
            slow.add(m)
    for m in slow:
        m.transport.abort()
    broadcast([m for m in members if m not in slow], message, raise_exceptions=False)

# %% right check_tell_all
def tell_all(members, message):
    """With the sans-I/O protocol."""
    for m in members:
        if m.state.name != "OPEN":
            continue
        if m.transport.get_write_buffer_size() > 1_000_000:
            m.transport.abort()
            continue
        m.protocol.send_text(message.encode())
        m.send_data()

# %% wrong check_tell_all: bytes are waiting for a member that does not read, and you keep more for it. Cut it off.
def tell_all(members, message):
    try:
        broadcast(members, message, raise_exceptions=True)
    except* Exception:
        pass

# %% wrong check_tell_all: A member that is there and reads has heard nothing.
def tell_all(members, message):
    for m in members:
        if m.transport.get_write_buffer_size() > 1_000_000:
            m.transport.abort()
            return
    broadcast(members, message)

# %% right check_ask_within
import contextlib
async def ask_within(client, seconds, path, **message):
    async with contextlib.AsyncExitStack() as stack:
        n = next(client.numbers)
        client.pending[n] = asyncio.Future()
        stack.callback(client.pending.pop, n, None)
        await stack.enter_async_context(asyncio.timeout(seconds))
        await put(client.websocket, path, id=n, **message)
        return await client.pending[n]

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    """In a TaskGroup"""
    n = next(client.numbers)
    f = client.pending[n] = asyncio.get_event_loop().create_future()
    async def ask():
        await put(client.websocket, path, id=n, **message)
        return await f
    task = asyncio.create_task(ask())
    try:
        return await asyncio.wait_for(asyncio.shield(task), seconds)
    finally:
        task.cancel()
        client.pending.pop(n, None)

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    before = next(client.numbers)
    asking = asyncio.create_task(client.ask(path, **message))
    try:
        done, waiting = await asyncio.wait({asking}, timeout=seconds)
        if waiting:
            raise TimeoutError("no answer")
        return asking.result()
    finally:
        asking.cancel()
        client.pending.pop(before + 1, None)

# %% right check_ask_within
async def ask_within(client, seconds, path, **message):
    """Also ends when the connection ends."""
    n = next(client.numbers)
    f = client.pending[n] = asyncio.Future()
    gone = asyncio.ensure_future(client.websocket.wait_closed())
    try:
        await put(client.websocket, path, id=n, **message)
        await asyncio.wait([f, gone], timeout=seconds, return_when="FIRST_COMPLETED")
        if f.done():
            return await f
        if gone.done():
            raise ConnectionResetError
        raise asyncio.TimeoutError
    finally:
        gone.cancel()
        client.pending.pop(n, None)

# %% wrong check_ask_within: One who answers was asked, and you time out.
async def ask_within(client, seconds, path, **message):
    n = next(client.numbers)
    client.pending[n] = asyncio.Future()
    await put(client.websocket, path, id=n, **message)
    return await asyncio.wait_for(client.pending.pop(n), seconds)

# %% wrong check_ask_within: cannot call recv while another coroutine is already running
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(seconds):
            await client.websocket.send(json.dumps({"path": path, "id": number, **message}))
            return await client.websocket.recv()
    finally:
        client.pending.pop(number, None)

# %% wrong check_ask_within: One who answers was asked, and you time out.
async def ask_within(client, seconds, path, **message):
    number = next(client.numbers)
    client.pending[number] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(seconds):
            await client.websocket.send(json.dumps({"path": path, "id": number, "message": message}))
            return await client.pending[number]
    finally:
        client.pending.pop(number, None)

# %% right check_rooms
from dataclasses import dataclass, field
@dataclass
class Rooms:
    members: dict = field(default_factory=dict)
    async def handler(self, ws):
        joined = []
        try:
            async for raw in ws:
                match json.loads(raw):
                    case {"join": str(room)} if room not in joined:
                        joined.append(room)
                        self.members.setdefault(room, set()).add(ws)
                await ws.send(raw)
        finally:
            while joined:
                room = joined.pop()
                self.members[room] -= {ws}
                if len(self.members[room]) == 0:
                    del self.members[room]

# %% right check_rooms
import weakref
class Rooms:
    def __init__(self):
        self.members = {}
    async def handler(self, ws):
        async def serve_it():
            async for data in ws:
                self.members.setdefault(json.loads(data)["join"], set()).add(ws)
                await ws.send(data)
        try:
            await serve_it()
        except Exception:
            pass
        finally:
            self.members = {room: rest for room, who in self.members.items() if (rest := who - {ws})}

# %% right check_rooms
from contextlib import asynccontextmanager
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    @asynccontextmanager
    async def presence(self, ws):
        mine = set()
        try:
            yield mine
        finally:
            for room in mine:
                self.members[room].remove(ws)
                if not self.members[room]:
                    del self.members[room]
    async def handler(self, ws):
        async with self.presence(ws) as mine:
            async for data in ws:
                room = json.loads(data)["join"]
                mine.add(room); self.members[room].add(ws)
                await ws.send(json.dumps({"join": room}))

# %% wrong check_rooms: Expected the rooms, after Bob has vanished
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    async def handler(self, ws):
        try:
            async for data in ws:
                self.members[json.loads(data)["join"]].add(ws)
                await ws.send(data)
        finally:
            for room in list(self.members):
                self.members[room].discard(ws)
            self.members.clear()

# %% wrong check_rooms: Expected the rooms: Ann in tea and twice in coffee
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    async def handler(self, ws):
        try:
            async for data in ws:
                self.members[data].add(ws)
                await ws.send(data)
        finally:
            for room in list(self.members):
                self.members[room].discard(ws)
                if not self.members[room]: del self.members[room]

# %% wrong check_rooms: Who said … heard … and to nobody else.
class Rooms:
    def __init__(self):
        self.members = defaultdict(set)
    async def handler(self, ws):
        try:
            async for data in ws:
                self.members[json.loads(data)["join"]].add(ws)
                broadcast(self.members[json.loads(data)["join"]], data)
        finally:
            for room in list(self.members):
                self.members[room].discard(ws)
                if not self.members[room]: del self.members[room]
