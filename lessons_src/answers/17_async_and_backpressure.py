# Answers that people give to the exercises of lesson 17. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if not self.packets:
            return
        self.size = self.size + getsizeof(packet)
        if self.size > self.most:
            self.packets.clear()
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        self.size = 0 if not self.packets else self.size

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def send(self, packet):
        PausingOutbox.send(self, packet)
        self.measure()
        if self.size > self.most:
            self.on_full()
            self.packets, self.size = [], 0

    def flush(self):
        PausingOutbox.flush(self)
        self.measure()

    def measure(self):
        self.size = sum(map(getsizeof, self.packets))

# %% right check_outbox
import sys

class MyOutbox(PausingOutbox):
    def send(self, packet):
        before = len(self.packets)
        super().send(packet)
        waits = len(self.packets) > before
        self.size += sys.getsizeof(packet) * waits
        if waits and self.most < self.size:
            del self.packets[:]
            self.flush()
            self.on_full()

    def flush(self):
        super().flush()
        if len(self.packets) == 0:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be `750`, got `0`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.size > self.most:
            self.packets = []
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be `750`, got `603`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += len(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size when a poll has taken all of them, to be `0`
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        super().flush()

# %% wrong check_outbox: Expected how often it was full with four packets, where … bytes may wait, to be `0`, got `1`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size >= self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: A fifth packet waits, where four may, and `on_full` was not called.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected how often `on_full` was called, how many packets still wait, and the size, to be `(1, 0, 0)`, got
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with one packet handed on to a carrier that then has no room, and three that wait, to be
class MyOutbox(PausingOutbox):
    def send(self, packet):
        self.size += getsizeof(packet)
        super().send(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets and self.transport == "polling":
            self.size = 0

# %% wrong check_outbox: Expected how many packets a poll carries that comes then, to be `3`, got `0`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        if not self.packets:
            self.size = 0

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def send(self, packet):
        self.size += getsizeof(packet)
        super().send(packet)
        self.forget_if_empty()
        if self.size > self.most:
            self.packets = []
            self.forget_if_empty()
            self.on_full()

    def forget_if_empty(self):
        if not self.packets:
            self.size = 0

    def flush(self):
        super().flush()
        self.forget_if_empty()

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if packet in self.packets:
            self.size += getsizeof(packet)
            if not self.size <= self.most:
                while self.packets:
                    self.packets.pop()
                self.size = 0
                self.on_full()

    def flush(self):
        result = super().flush()
        if len(self.packets) == 0:
            self.size = 0
        return result

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def counted(self):
        total = 0
        for packet in self.packets:
            total += getsizeof(packet)
        return total

    def send(self, packet):
        super().send(packet)
        self.size = self.counted()
        if self.size <= self.most:
            return
        self.packets = []
        self.size = 0
        self.on_full()

    def flush(self):
        super().flush()
        self.size = self.counted()

# %% wrong check_outbox: Expected how often `on_full` was called, how many packets still wait, and the size, to be `(1, 0, 0)`, got `(1, 0, 1250)`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with one packet handed on to a carrier that then has no room, and three that wait, to be `750`, got `1000`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: to be `(1, 0, 0)`, got `(1, 4, 1000)`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets.pop()
            self.size -= getsizeof(packet)
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be `750`, got `3`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += 1
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: A fifth packet waits, where four may, and `on_full` was not called.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be `750`, got `500`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()
        super().send(packet)

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size = getsizeof(self.packets)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: Expected the size with three packets that wait, each of 250 bytes (`getsizeof`), to be `750`, got `250`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        self.size = 0

# %% wrong check_outbox: Expected the size with one packet handed on to a carrier
class MyOutbox(PausingOutbox):
    def send(self, packet):
        self.packets.append(packet)
        self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: `send` is called without `await`
class MyOutbox(PausingOutbox):
    async def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets = []
            self.size = 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% right check_in_order
def in_order(handler):
    last = {}

    async def in_turn(sid, *arguments):
        before = last.get(sid)
        mine = last[sid] = asyncio.get_running_loop().create_future()
        try:
            if before:
                await before
            return await handler(sid, *arguments)
        finally:
            mine.set_result(None)
            if last[sid] is mine:
                del last[sid]

    return in_turn

# %% right check_in_order
import functools

def in_order(handler):
    @functools.wraps(handler)
    async def wrapper(sid, *args):
        lock = wrapper.locks.setdefault(sid, asyncio.Lock())
        await lock.acquire()
        try:
            result = await handler(sid, *args)
        finally:
            lock.release()
        return result

    wrapper.locks = {}
    return wrapper

# %% right check_in_order
class Turns:
    def __init__(self, handler):
        self.handler, self.queues = handler, {}

    async def __call__(self, sid, *arguments):
        if sid not in self.queues:
            self.queues[sid] = asyncio.Semaphore(1)
        async with self.queues[sid]:
            return await self.handler(sid, *arguments)

def in_order(handler):
    turns = Turns(handler)

    async def call(*arguments):
        return await turns(*arguments)

    return call

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
def in_order(handler):
    async def in_turn(sid, *arguments):
        async with asyncio.Lock():
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what comes of `await in_order(total)("a sid", 3, 4)`, where `total` returns 7, to be `7`, got `None`.
def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        async with locks[sid]:
            await handler(sid, *arguments)

    return in_turn

from collections import defaultdict

# %% wrong check_in_order: Expected what two clients hear, a call of each, to be
def in_order(handler):
    lock = asyncio.Lock()

    async def in_turn(sid, *arguments):
        async with lock:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what is heard if the first call raises, to be
def in_order(handler):
    locks = {}

    async def in_turn(sid, *arguments):
        lock = locks.setdefault(sid, asyncio.Lock())
        await lock.acquire()
        result = await handler(sid, *arguments)
        lock.release()
        return result

    return in_turn

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
def in_order(handler):
    return handler

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
def in_order(handler):
    busy = set()

    async def in_turn(sid, *arguments):
        if sid in busy:
            return None
        busy.add(sid)
        try:
            return await handler(sid, *arguments)
        finally:
            busy.discard(sid)

    return in_turn

# %% right check_in_order
def in_order(handler):
    queues = {}

    async def work(sid):
        queue = queues[sid]
        while True:
            arguments, future = await queue.get()
            try:
                future.set_result(await handler(sid, *arguments))
            except Exception as error:
                future.set_exception(error)

    async def in_turn(sid, *arguments):
        if sid not in queues:
            queues[sid] = asyncio.Queue()
            in_turn.workers.append(asyncio.create_task(work(sid)))
        future = asyncio.get_running_loop().create_future()
        queues[sid].put_nowait((arguments, future))
        return await future

    in_turn.workers = []
    return in_turn

# %% right check_in_order
def in_order(handler):
    last = {}

    async def in_turn(sid, *arguments):
        previous = last.get(sid)

        async def run():
            if previous is not None:
                await asyncio.wait([previous])
            return await handler(sid, *arguments)

        last[sid] = asyncio.create_task(run())
        return await last[sid]

    return in_turn

# %% right check_in_order
from collections import defaultdict, deque

def in_order(handler):
    waiting = defaultdict(deque)

    async def in_turn(sid, *arguments):
        me = object()
        waiting[sid].append(me)
        while waiting[sid][0] is not me:
            await asyncio.sleep(0.01)
        try:
            return await handler(sid, *arguments)
        finally:
            waiting[sid].popleft()

    return in_turn

# %% wrong check_in_order: does not support the asynchronous context manager protocol` was raised, in line
def in_order(handler):
    locks = {}

    async def in_turn(sid, *arguments):
        if sid not in locks:
            locks[sid] = asyncio.Lock
        async with locks[sid]:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
def in_order(handler):
    locks = {}

    async def in_turn(sid, *arguments):
        locks[sid] = asyncio.Lock()
        async with locks[sid]:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: `in_order` is called without `await`
from collections import defaultdict

async def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        async with locks[sid]:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: does not support the context manager protocol` was raised, in line
from collections import defaultdict

def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    def in_turn(sid, *arguments):
        with locks[sid]:
            return handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: where `total` returns 7, to be `7`, got a coroutine
from collections import defaultdict

def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        async with locks[sid]:
            return handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: but 3 were given
from collections import defaultdict

def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, arguments):
        async with locks[sid]:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
from collections import defaultdict

def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        async with locks[arguments[0]]:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what is heard if the first call raises, to be … got `['bad begins']`.
def in_order(handler):
    queues = {}

    async def work(sid):
        while True:
            arguments, future = await queues[sid].get()
            future.set_result(await handler(sid, *arguments))

    async def in_turn(sid, *arguments):
        if sid not in queues:
            queues[sid] = asyncio.Queue()
            in_turn.worker = asyncio.create_task(work(sid))
        future = asyncio.get_running_loop().create_future()
        queues[sid].put_nowait((arguments, future))
        return await future

    return in_turn

# %% wrong check_in_order: Expected what is heard if the first call raises, to be … got `['bad begins', 'bad begins', 'next begins', 'next ends']`.
from collections import defaultdict

def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        try:
            async with locks[sid]:
                return await handler(sid, *arguments)
        except Exception:
            return await handler(sid, *arguments)

    return in_turn

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be … got `['first begins', 'first ends', 'second begins', 'third begins'
def in_order(handler):
    last = {}

    async def in_turn(sid, *arguments):
        if sid in last:
            await last[sid]
        last[sid] = asyncio.ensure_future(handler(sid, *arguments))
        return await last[sid]

    return in_turn

# %% right check_in_order
def in_order(handler):
    last = {}

    async def in_turn(sid, *arguments):
        while sid in last:
            await asyncio.wait([last[sid]])
        last[sid] = asyncio.ensure_future(handler(sid, *arguments))
        try:
            return await last[sid]
        finally:
            del last[sid]

    return in_turn

# %% wrong check_in_order: Expected whether another handler answers this client, while a step of his is not finished, to be `True`, got `False`.
from collections import defaultdict

shared = defaultdict(asyncio.Lock)

def in_order(handler):
    async def in_turn(sid, *arguments):
        async with shared[sid]:
            return await handler(sid, *arguments)

    return in_turn

# %% right check_in_order
def in_order(handler):
    locks, calls = {}, {}

    async def in_turn(sid, *arguments):
        lock = locks.setdefault(sid, asyncio.Lock())
        calls[sid] = calls.get(sid, 0) + 1
        try:
            async with lock:
                return await handler(sid, *arguments)
        finally:
            calls[sid] -= 1
            if not calls[sid]:
                del locks[sid], calls[sid]

    return in_turn

# %% wrong check_in_order: Expected what one client hears of three calls, the slowest first, to be
from weakref import WeakValueDictionary

def in_order(handler):
    locks = WeakValueDictionary()

    async def in_turn(sid, *arguments):
        locks[sid] = lock = asyncio.Lock()
        async with lock:
            return await handler(sid, *arguments)

    return in_turn

# %% right check_outbox
class MyOutbox(PausingOutbox):
    size = property(lambda self: sum(map(getsizeof, self.packets)), lambda self, size: None)

    def send(self, packet):
        super().send(packet)
        if self.size > self.most:
            self.packets = []
            self.on_full()

# %% right check_outbox
class MyOutbox(PausingOutbox):
    def drop(self):
        self.packets, self.size = [], 0
        self.on_full()

    def send(self, packet):
        super().send(packet)
        match self.packets:
            case [*_, last] if last is packet:
                self.size += getsizeof(packet)
        self.size <= self.most or self.drop()

    def flush(self):
        super().flush()
        self.size *= bool(self.packets)

# %% wrong check_outbox: nine packets that went out at once, each of them larger than the bound, to be `(0, 0)`, got `(9, 0)`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        if self.size + getsizeof(packet) > self.most:
            self.packets = []
            self.size = 0
            self.on_full()
            return
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: that then has no room, and three that wait, to be `750`, got `0`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.carrier is None:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: that then has no room, and three that wait, to be `750`, got `500`.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()

    def flush(self):
        waiting = list(self.packets)
        super().flush()
        if not self.packets:
            self.size -= sum(map(getsizeof, waiting))

# %% wrong check_outbox: `RuntimeError: full` was raised, in line
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        if self.size > self.most:
            self.packets, self.size = [], 0
            self.on_full()
            raise RuntimeError("full")

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% wrong check_outbox: A fifth packet waits, where four may, and `on_full` was not called.
class MyOutbox(PausingOutbox):
    def send(self, packet):
        super().send(packet)
        if self.packets:
            self.size += getsizeof(packet)
        while self.size > self.most:
            self.size -= getsizeof(self.packets.pop(0))

    def flush(self):
        super().flush()
        if not self.packets:
            self.size = 0

# %% right check_in_order
from collections import deque

def in_order(handler):
    lines = {}

    async def in_turn(sid, *arguments):
        line = lines.setdefault(sid, deque())
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        if len(line) > 1:
            await turn
        try:
            return await handler(sid, *arguments)
        finally:
            line.popleft()
            if line:
                line[0].set_result(None)
            else:
                del lines[sid]

    return in_turn

# %% right check_in_order
class Tickets:
    def __init__(self, handler):
        self.handler, self.drawn, self.served = handler, {}, {}
        self.condition = asyncio.Condition()

    async def call(self, sid, *arguments):
        mine = self.drawn[sid] = self.drawn.get(sid, 0) + 1
        async with self.condition:
            await self.condition.wait_for(lambda: self.served.get(sid, 0) == mine - 1)
        try:
            return await self.handler(sid, *arguments)
        finally:
            async with self.condition:
                self.served[sid] = mine
                self.condition.notify_all()

def in_order(handler):
    return Tickets(handler).call

# %% wrong check_in_order: Expected what `await` raises if the handler raises LookupError, to be `'LookupError'`, got `'NoneType'`.
def in_order(handler):
    locks = {}

    async def in_turn(sid, *arguments):
        async with locks.setdefault(sid, asyncio.Lock()):
            try:
                return await handler(sid, *arguments)
            except Exception:
                return None

    return in_turn

# %% wrong check_in_order: if the third comes when the first has ended, to be … got `['first begins', 'first ends', 'second begins', 'third begins'
def in_order(handler):
    locks = {}

    async def in_turn(sid, *arguments):
        async with locks.setdefault(sid, asyncio.Lock()):
            result = await handler(sid, *arguments)
        locks.pop(sid, None)
        return result

    return in_turn

# %% wrong check_in_order: where `total` returns 7, to be `7`, got `None`.
def in_order(handler):
    locks = {}

    async def work(sid, *arguments):
        async with locks.setdefault(sid, asyncio.Lock()):
            return await handler(sid, *arguments)

    async def in_turn(sid, *arguments):
        asyncio.create_task(work(sid, *arguments))

    return in_turn
