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
