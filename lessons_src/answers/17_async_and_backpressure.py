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

# %% wrong check_in_order: Expected the acknowledgements to be
def in_order(handler):
    locks = defaultdict(asyncio.Lock)

    async def in_turn(sid, *arguments):
        async with locks[sid]:
            await handler(sid, *arguments)

    return in_turn

from collections import defaultdict

# %% wrong check_in_order: Expected what two clients hear first, a call of each, to be
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
