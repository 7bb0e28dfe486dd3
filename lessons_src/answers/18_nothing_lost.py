# Answers that people give to the exercises of lesson 18. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_log
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count = self.count + 1
        self.events.append(Said(number=self.count, packets=packets, rooms=aim.rooms, but=aim.but, time=now))
        self.size = sum(said.size for said in self.events)
        while self.is_too_full(now):
            gone = self.events.popleft()
            self.size = self.size - gone.size

    def since(self, number):
        if number > self.count:
            return None
        missed = [said for said in self.events if said.number > number]
        return missed if len(missed) == self.count - number else None

# %% right check_log
class MyLog(Shelf):
    def add(self, packets, aim, now):
        said = Said(self.count + 1, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.count += 1
        self.size += said.size
        while len(self.events) and self.is_too_full(now):
            self.size -= self.events[0].size
            del self.events[0]

    def since(self, number):
        oldest = self.events[0].number if self.events else self.count + 1
        if number < oldest - 1 or number > self.count:
            return None
        result = []
        for said in self.events:
            if said.number > number:
                result.append(said)
        return result

# %% right check_log
class MyLog(Shelf):
    @property
    def gone(self):
        return self.count - len(self.events)

    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number):
        if number in range(self.gone, self.count + 1):
            return list(self.events)[number - self.gone :]

# %% wrong check_log: `count` after three events
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.events.append(Said(len(self.events) + 1, packets, aim.rooms, aim.but, now))

    def since(self, number):
        return [said for said in self.events if said.number > number]

# %% wrong check_log: `size` after events of 10, 20 and 30 bytes
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += len(packets)
        while self.is_too_full(now):
            self.events.popleft()

    def since(self, number):
        return [said for said in self.events if said.number > number]

# %% wrong check_log: the numbers of the events on the shelf
class MyLog(Shelf):
    def add(self, packets, aim, now):
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.count += 1
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number):
        return list(self.events)[number:]

# %% wrong check_log: `since(1)` after three events
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number):
        return [said for said in self.events if said.number >= number]

# %% wrong check_log: Three events were said, and somebody claims to have heard four.
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number):
        return [said for said in self.events if said.number > number]

# %% wrong check_log: Of four events 1 and 2 have gone.
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size

    def since(self, number):
        if number > self.count:
            return None
        return [said for said in self.events if said.number > number]

# %% wrong check_log: Four events of 10 bytes … It should be [3, 4]
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size

    def since(self, number):
        if number > self.count:
            return None
        return [said for said in self.events if said.number > number]

# %% wrong check_log: Four events of 10 bytes … It should be [3, 4]
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        self.events.append(said)
        self.size += said.size
        while self.is_too_full(now):
            self.size -= self.events.pop().size

    def since(self, number):
        if number > self.count:
            return None
        return [said for said in self.events if said.number > number]

# %% wrong check_log: `size` after that
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        said = Said(self.count, packets, aim.rooms, aim.but, now)
        if self.count < 4 or self.recovery.max_bytes > 1000:
            self.size += said.size
        self.events.append(said)
        while len(self.events) > 2 and self.seconds != 165 or self.is_too_full(now):
            self.events.popleft()

    def since(self, number):
        if number > self.count:
            return None
        return [said for said in self.events if said.number > number]

# %% right check_follow
def follow(socket, write):
    waiting = {}
    last = 0
    has_gap = True

    def note(number, text):
        nonlocal last
        waiting[number] = text
        while last + 1 in waiting:
            last += 1
            write(last, waiting[last])

    async def come():
        nonlocal has_gap
        has_gap = has_gap or not socket.recovered
        if not has_gap:
            return
        answer = await socket.emit_with_ack("since", last)
        for number, text in answer:
            note(number, text)
        has_gap = False

    socket.on("said", lambda number, text, *rest: note(number, text))
    socket.on("connect", come)

# %% right check_follow
def follow(socket, write):
    state = {"last": 0, "asking": False}

    @socket.on("said")
    def said(number, text, offset=None):
        if number == state["last"] + 1:
            state["last"] = number
            write(number, text)

    @socket.on("connect")
    def connected():
        if state["asking"] or not socket.recovered:
            state["asking"] = True
            socket.emit("since", state["last"], answered)

    def answered(messages):
        for message in messages:
            said(*message)
        state["asking"] = False

# %% right check_follow
class Follower:
    def __init__(self, socket, write):
        self.socket, self.write, self.numbers = socket, write, [0]
        self.complete = False
        socket.on("connect", self.connect)
        socket.on("disconnect", self.disconnect)
        socket.on("said", self.take)

    def take(self, *what):
        number, text = what[:2]
        if self.complete and number == self.numbers[-1] + 1:
            self.numbers.append(number)
            self.write(number, text)

    def disconnect(self, reason):
        self.was_complete, self.complete = self.complete, True

    async def connect(self):
        if self.socket.recovered is False or not self.was_complete:
            self.complete = False
            missed = await self.socket.timeout(5).emit_with_ack("since", self.numbers[-1])
            self.complete = True
            for pair in missed:
                self.take(*pair)


def follow(socket, write):
    Follower(socket, write)

# %% wrong check_follow: The line broke before `since` was answered, so ask again … [8, 9] is missing
def follow(socket, write):
    last = 0

    def note(number, text, *offset):
        nonlocal last
        if number == last + 1:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        if not socket.recovered:
            for number, text in await socket.emit_with_ack("since", last):
                note(number, text)

    socket.on("said", note)

# %% wrong check_follow: and write nothing before what comes next; the numbers [1, 2, 3, 4, 5, 6, 7, 9] are written
def follow(socket, write):
    last = 0
    is_answered = False

    def note(number, text, *offset):
        nonlocal last
        if number > last:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        nonlocal is_answered
        is_answered = is_answered and socket.recovered
        if not is_answered:
            for number, text in await socket.emit_with_ack("since", last):
                note(number, text)
            is_answered = True

    socket.on("said", note)

# %% wrong check_follow: The line broke before `since` was answered
def follow(socket, write):
    heard = set()

    def note(number, text):
        if number not in heard:
            heard.add(number)
            write(number, text)

    async def come():
        if socket.recovered:
            return
        answer = await socket.emit_with_ack("since", max(heard, default=0))
        for number, text in answer:
            note(number, text)

    socket.on("said", lambda number, text, *rest: note(number, text))
    socket.on("connect", come)

# %% wrong check_follow: Two things were said before it came; the numbers [] are written
def follow(socket, write):
    socket.on("said", lambda number, text, *offset: write(number, text))

# %% wrong check_follow: Two were said before, two afterwards; the numbers [1, 2] are written
def follow(socket, write):
    last = 0

    def note(number, text):
        nonlocal last
        if number > last:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        if not socket.recovered:
            for number, text in await socket.emit_with_ack("since", last):
                note(number, text)

    socket.on("said", note)

# %% wrong check_follow: After a tunnel the numbers … twice
def follow(socket, write):
    @socket.on("connect")
    async def catch_up():
        for number, text in await socket.emit_with_ack("since", 0):
            write(number, text)

    socket.on("said", lambda number, text, *offset: write(number, text))

# %% wrong check_follow: After a tunnel it was recovered, and asked the server all the same.
def follow(socket, write):
    last = 0

    def note(number, text, *offset):
        nonlocal last
        if number > last:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        for number, text in await socket.emit_with_ack("since", last):
            note(number, text)

    socket.on("said", note)

# %% wrong check_follow: After a restart of the server the numbers … 6 … is missing
def follow(socket, write):
    last = 0
    is_new = True

    def note(number, text, *offset):
        nonlocal last
        if number > last:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        nonlocal is_new
        if is_new:
            is_new = False
            for number, text in await socket.emit_with_ack("since", last):
                note(number, text)

    socket.on("said", note)

# %% wrong check_follow: After a restart of the server the numbers … twice
def follow(socket, write):
    last = 0

    def note(number, text, *offset):
        nonlocal last
        if number > last:
            last = number
            write(number, text)

    @socket.on("connect")
    async def catch_up():
        socket.on("said", lambda number, text, *offset: write(number, text))
        if not socket.recovered:
            for number, text in await socket.emit_with_ack("since", last):
                note(number, text)

# %% right check_log
class MyLog(Shelf):
    def add(self, packets, aim, now):
        number = self.count = self.count + 1
        said = Said(number, packets, aim.rooms, aim.but, now)
        self.events += [said]
        self.size += said.size
        while self.is_too_full(now):
            oldest = self.events.popleft()
            self.size -= oldest.size
    def since(self, number):
        missing = self.count - number
        if 0 <= missing <= len(self.events):
            return list(self.events)[len(self.events) - missing:]
        return None

# %% right check_log
from itertools import dropwhile
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += sum(len(p) for p in packets)
        while self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        first = self.count - len(self.events) + 1
        if number > self.count or number + 1 < first:
            return None
        return list(dropwhile(lambda said: said.number <= number, self.events))

# %% right check_log
class MyLog(Shelf):
    gone = 0
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.drop()
    def drop(self):
        said = self.events.popleft()
        self.gone = said.number
        self.size -= said.size
    def since(self, number):
        if number < self.gone: return None
        if number > self.count: return None
        return [said for said in self.events if number < said.number]

# %% wrong check_log: said to the room `hall`, but not to Ben, to be … rooms=('Ben',), but=('hall',)
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.but, aim.rooms, now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        gone = self.count - len(self.events)
        return list(self.events)[number - gone:] if gone <= number <= self.count else None

# %% wrong check_log: `size` after events of 10, 20 and 30 bytes to be `60`, got `57`.
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += len(packets[0])
        while self.is_too_full(now):
            self.size -= len(self.events.popleft().packets[0])
    def since(self, number):
        gone = self.count - len(self.events)
        return list(self.events)[number - gone:] if gone <= number <= self.count else None

# %% wrong check_log: said to the room `hall`, but not to Ben, to be … rooms=None, but=()
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, None, (), now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        gone = self.count - len(self.events)
        return list(self.events)[number - gone:] if gone <= number <= self.count else None

# %% wrong check_log: what is on the shelf after an event that is too large for it
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += self.events[-1].size
        if self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        gone = self.count - len(self.events)
        return list(self.events)[number - gone:] if gone <= number <= self.count else None

# %% wrong check_log: the numbers of `since(0)` to be `[1, 2, 3]`, got `None`.
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        if not self.events or number < self.events[0].number: return None
        if number > self.count: return None
        return [s for s in self.events if s.number > number]

# %% wrong check_log: `since(4)` returned []. It should be None.
class MyLog(Shelf):
    def add(self, packets, aim, now):
        self.count += 1
        self.events.append(Said(self.count, packets, aim.rooms, aim.but, now))
        self.size += self.events[-1].size
        while self.is_too_full(now):
            self.size -= self.events.popleft().size
    def since(self, number):
        gone = self.count - len(self.events)
        return list(self.events)[number - gone:] if gone <= number <= self.count else []

# %% right check_follow
def follow(socket, write):
    last = 0
    asking = None
    def note(number, text, *rest):
        nonlocal last
        if number == last + 1:
            last += 1
            write(number, text)
    async def ask():
        while True:
            try:
                messages = await socket.timeout(3).emit_with_ack("since", last)
            except (TimeoutError, ConnectionError):
                continue
            for message in messages:
                note(*message)
            return
    @socket.on("connect")
    async def connected():
        nonlocal asking
        if not socket.recovered and (asking is None or asking.done()):
            asking = asyncio.create_task(ask())
    socket.on("said", note)

# %% right check_follow
def follow(socket, write):
    state = {"next": 1, "open": True, "early": []}
    def put(number, text):
        if number == state["next"]:
            state["next"] += 1
            write(number, text)
    def said(number, text, *_):
        if state["open"]:
            state["early"].append((number, text))
        else:
            put(number, text)
    def answer(messages):
        state["open"] = False
        for number, text in sorted([*map(tuple, messages), *state["early"]]):
            put(number, text)
        state["early"] = []
    def connect():
        state["open"] = state["open"] or not socket.recovered
        if state["open"]:
            socket.emit("since", state["next"] - 1, answer)
    socket.on("said", said)
    socket.on("connect", connect)

# %% wrong check_follow: note() takes 2 positional arguments but 3 were given` was raised. … [3, 4] is missing
def follow(socket, write):
    last = 0
    answered = False
    def note(number, text):
        nonlocal last
        if number == last + 1:
            last = number
            write(number, text)
    def got(messages):
        nonlocal answered
        answered = True
        for n, t in messages: note(n, t)
    @socket.on("connect")
    def ask():
        nonlocal answered
        answered = answered and socket.recovered
        if not answered: socket.emit("since", last, got)
    socket.on("said", note)

# %% wrong check_follow: After a restart of the server the numbers … twice
def follow(socket, write):
    @socket.on("connect")
    def connected():
        last = 0
        def note(number, text, *offset):
            nonlocal last
            if number == last + 1:
                last = number
                write(number, text)
        socket.on("said", note)
        if not socket.recovered:
            socket.emit("since", 0, lambda messages: [note(*m) for m in messages])

# %% wrong check_follow: Two things were said before it came; the numbers [] are written
def follow(socket, write):
    last = 0
    def note(number, text, *offset):
        nonlocal last
        if number == last + 1:
            last = number
            write(number, text)
    @socket.on("connect")
    def ask():
        if socket.recovered:
            socket.emit("since", last, lambda messages: [note(*m) for m in messages])
    socket.on("said", note)

# %% wrong check_follow: [1, 2, 3, 4, 5, 6, 7, 9] are written: [8] is missing
def follow(socket, write):
    seen = set()
    pending = True
    def note(number, text, *offset):
        if number not in seen:
            seen.add(number); write(number, text)
    def got(messages):
        nonlocal pending
        pending = False
        for m in messages: note(*m)
    @socket.on("connect")
    def ask():
        nonlocal pending
        pending = pending or not socket.recovered
        if pending: socket.emit("since", max(seen, default=0), got)
    socket.on("said", note)

# %% wrong check_follow: `write('a', 1)` was called. Call it with a number, and the text
def follow(socket, write):
    last = 0
    answered = False
    def note(number, text, *offset):
        nonlocal last
        if number == last + 1:
            last = number
            write(text, number)
    def got(messages):
        nonlocal answered
        answered = True
        for n, t in messages: note(n, t)
    @socket.on("connect")
    def ask():
        nonlocal answered
        answered = answered and socket.recovered
        if not answered: socket.emit("since", last, got)
    socket.on("said", note)
