# Answers that people give to the exercises of lesson 10. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_session
class MySession(l09_core.Session):
    interval = timeout = 0.0
    task = None

    def beat(self):
        self.rest()
        self.task = asyncio.create_task(self.wait())

    async def wait(self):
        await asyncio.sleep(self.interval)
        self.send("2")
        await asyncio.sleep(self.timeout)
        self.task = None
        self.end("ping timeout")

    def rest(self):
        if self.task:
            self.task.cancel()

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

    def end(self, reason, goodbye="1"):
        self.rest()
        super().end(reason, goodbye)

# %% right check_session
class MySession(l09_core.Session):
    timers = ()

    def beat(self):
        self.rest()
        self.timers = [
            self.call_later(self.interval, lambda: self.send("2")),
            self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout")),
        ]

    def rest(self):
        for timer in self.timers:
            timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        if isinstance(packet, str) and packet.startswith("3"):
            self.beat()

    def end(self, reason, goodbye="1"):
        self.rest()
        super().end(reason, goodbye)

# %% right check_session
class MySession(l09_core.Session):
    interval = timeout = 0.0
    beats = 0

    def beat(self):
        self.beats += 1
        mine = self.beats
        self.call_later(self.interval, lambda: mine == self.beats and self.send("2"))
        self.call_later(self.interval + self.timeout, lambda: mine == self.beats and self.end("ping timeout"))

    def receive(self, packet):
        if packet == "3":
            self.beat()
        super().receive(packet)

    def end(self, reason, goodbye="1"):
        self.beats += 1
        super().end(reason, goodbye)

# %% wrong check_session: The interval was over, and no ping came. Nothing sends `2`.
class MySession(l09_core.Session):
    def beat(self):
        self.call_later(3 * (self.interval + self.timeout), lambda: self.end("ping timeout"))

    def receive(self, packet):
        super().receive(packet)

# %% wrong check_session: The interval was over, and the session had ended.
class MySession(l09_core.Session):
    timers = ()

    def beat(self):
        self.rest()
        self.timers = [
            self.call_later(self.interval, lambda: self.send("2")),
            self.call_later(self.timeout, lambda: self.end("ping timeout")),
        ]

    def rest(self):
        for timer in self.timers:
            timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

# %% wrong check_session: The ping came at once.
class MySession(l09_core.Session):
    timer = None

    def beat(self):
        if self.timer:
            self.timer.cancel()
        self.send("2")
        self.timer = self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout"))

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.call_later(self.interval, self.beat)

# %% wrong check_session: A client that answers was thrown out.
class MySession(l09_core.Session):
    def beat(self):
        self.call_later(self.interval, lambda: self.send("2"))
        self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout"))

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

# %% wrong check_session: A ping, its pong, and no second ping.
class MySession(l09_core.Session):
    timers = ()

    def beat(self):
        self.timers = [
            self.call_later(self.interval, lambda: self.send("2")),
            self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout")),
        ]

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            for timer in self.timers:
                timer.cancel()

# %% wrong check_session: A client talks, answers no ping, and is kept.
class MySession(l09_core.Session):
    timers = ()

    def beat(self):
        for timer in self.timers:
            timer.cancel()
        self.timers = [
            self.call_later(self.interval, lambda: self.send("2")),
            self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout")),
        ]

    def receive(self, packet):
        super().receive(packet)
        self.beat()

# %% wrong check_session: A client talks, answers no ping, and is kept.
class MySession(l09_core.Session):
    def beat(self):
        self.call_later(self.interval, lambda: self.send("2"))

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

# %% wrong check_session: The reason for the end of a silent client is 'timeout'.
class MySession(l09_core.Session):
    timers = ()

    def beat(self):
        self.rest()
        self.timers = [
            self.call_later(self.interval, lambda: self.send("2")),
            self.call_later(self.interval + self.timeout, lambda: self.end("timeout")),
        ]

    def rest(self):
        for timer in self.timers:
            timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

# %% wrong check_session: The session did not even begin
class MySession(l09_core.Session):
    def beat(self):
        self.timers[0].cancel()
        self.timers = [self.call_later(self.interval, lambda: self.send("2"))]

# %% right check_session
class MySession(l09_core.Session):
    def beat(self):
        self.pong = asyncio.Event()
        self.heart = asyncio.create_task(self.live())
        self.on_close.append(lambda reason: self.heart.cancel())
    async def live(self):
        while True:
            await asyncio.sleep(self.interval)
            self.pong.clear()
            self.send("2")
            try:
                await asyncio.wait_for(self.pong.wait(), self.timeout)
            except TimeoutError:
                self.end("ping timeout")
                return
    def receive(self, packet):
        super().receive(packet)
        if packet == "3": self.pong.set()

# %% wrong check_session: The session had ended, and its timer still sent a ping.
class MySession(l09_core.Session):
    timers = ()
    def beat(self):
        for t in self.timers: t.cancel()
        self.timers = [self.call_later(self.interval, lambda: self.send("2")), self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout"))]
    def receive(self, packet):
        super().receive(packet)
        if packet == "3": self.beat()

# %% wrong check_session: A pong came early, and then there were two pings in place of one.
class MySession(l09_core.Session):
    timers = ()
    def beat(self):
        for t in self.timers[1:]: t.cancel()
        self.timers = [self.call_later(self.interval, lambda: self.send("2")), self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout"))]
    def receive(self, packet):
        super().receive(packet)
        if packet == "3": self.beat()
    def end(self, reason, goodbye="1"):
        for t in self.timers: t.cancel()
        super().end(reason, goodbye)

# %% wrong check_session: `beat` is called without `await`
class MySession(l09_core.Session):
    async def beat(self):
        while True:
            await asyncio.sleep(self.interval)
            self.send("2")
            await asyncio.sleep(self.timeout)
            self.end("ping timeout")

# %% right check_converse
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        packet = await asyncio.wait_for(websocket.recv(), deadline - loop.time())
        if packet == "2":
            deadline = loop.time() + patience
            await websocket.send("3")
        else:
            heard(packet)

# %% right check_converse
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv()).removeprefix("0"))
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    pinged = asyncio.Event()

    async def watch_clock():
        while True:
            pinged.clear()
            await asyncio.wait_for(pinged.wait(), patience)

    async def read():
        async for packet in websocket:
            if packet == "2":
                pinged.set()
                await websocket.send("3")
            else:
                heard(packet)

    clock, reading = asyncio.ensure_future(watch_clock()), asyncio.ensure_future(read())
    await asyncio.wait([clock, reading], return_when=asyncio.FIRST_COMPLETED)
    clock.cancel(), reading.cancel()
    if clock.done():
        clock.result()

# %% right check_converse
from websockets.exceptions import ConnectionClosedError

async def converse(websocket, heard):
    limits = json.loads((await websocket.recv())[1:])
    patience = limits["pingInterval"] / 1000 + limits["pingTimeout"] / 1000
    while True:
        try:
            async with asyncio.timeout(patience):
                while (packet := await websocket.recv()) != "2":
                    heard(packet)
            await websocket.send("3")
        except (ConnectionClosed, ConnectionClosedError):
            return

# %% wrong check_converse: The official server ended the connection: it had no pong from you.
async def converse(websocket, heard):
    async for packet in websocket:
        if packet != "2":
            heard(packet)

# %% wrong check_converse: `heard` got
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    async with asyncio.timeout(patience) as clock:
        async for packet in websocket:
            heard(packet)
            if packet == "2":
                await websocket.send("3")
                clock.reschedule(asyncio.get_running_loop().time() + patience)

# %% wrong check_converse: The cable was pulled two and a half seconds ago, and you wait still.
async def converse(websocket, heard):
    await websocket.recv()
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        else:
            heard(packet)

# %% wrong check_converse: The cable was pulled. Raise TimeoutError then; what came was 'ended'.
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    while True:
        try:
            packet = await asyncio.wait_for(websocket.recv(), patience)
        except TimeoutError:
            return
        if packet == "2":
            await websocket.send("3")
        else:
            heard(packet)

# %% wrong check_converse: talked and talked, and sent no ping for a second. Only a ping moves
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    while True:
        packet = await asyncio.wait_for(websocket.recv(), patience)
        if packet == "2":
            await websocket.send("3")
        else:
            heard(packet)

# %% wrong check_converse: All was well for two and a half seconds, and you came to an end
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    async with asyncio.timeout(patience):
        async for packet in websocket:
            if packet == "2":
                await websocket.send("3")
            else:
                heard(packet)

# %% wrong check_converse: The connection ended, and you did not
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    async with asyncio.timeout(patience) as clock:
        while True:
            try:
                packet = await websocket.recv()
            except ConnectionClosed:
                await asyncio.sleep(0.01)
                continue
            if packet == "2":
                await websocket.send("3")
                clock.reschedule(asyncio.get_running_loop().time() + patience)
            else:
                heard(packet)

# %% wrong check_converse: The cable was pulled two and a half seconds ago, and you wait still.
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = opening["pingInterval"] + opening["pingTimeout"]
    async with asyncio.timeout(patience) as clock:
        async for packet in websocket:
            if packet == "2":
                await websocket.send("3")
                clock.reschedule(asyncio.get_running_loop().time() + patience)
            else:
                heard(packet)

# %% right check_converse
async def converse(websocket, heard):
    limits = json.loads((await websocket.recv())[1:])
    patience = (limits["pingInterval"] + limits["pingTimeout"]) / 1000
    me = asyncio.current_task()
    loop = asyncio.get_running_loop()
    late = False
    def over():
        nonlocal late
        late = True
        me.cancel()
    timer = loop.call_later(patience, over)
    try:
        async for packet in websocket:
            if packet == "2":
                timer.cancel(); timer = loop.call_later(patience, over)
                await websocket.send("3")
            else:
                heard(packet)
    except asyncio.CancelledError:
        if late: raise TimeoutError("no ping") from None
        raise
    finally:
        timer.cancel()

# %% wrong check_converse: `heard` got ['0{
async def converse(websocket, heard):
    patience = 1.2
    async with asyncio.timeout(patience) as clock:
        async for packet in websocket:
            if packet == "2":
                await websocket.send("3")
                clock.reschedule(asyncio.get_running_loop().time() + patience)
            else:
                heard(packet)

# %% wrong check_converse: A server announced 0.3 and 0.2 seconds
async def converse(websocket, heard):
    await websocket.recv()
    patience = 1.2
    async with asyncio.timeout(patience) as clock:
        async for packet in websocket:
            if packet == "2":
                await websocket.send("3")
                clock.reschedule(asyncio.get_running_loop().time() + patience)
            else:
                heard(packet)

# %% wrong check_converse: `heard` got ['42["tick"]'
async def converse(websocket, heard):
    limits = json.loads((await websocket.recv())[1:])
    patience = (limits["pingInterval"] + limits["pingTimeout"]) / 1000
    try:
        async with asyncio.timeout(patience) as clock:
            async for packet in websocket:
                if packet == "2":
                    await websocket.send("3")
                    clock.reschedule(asyncio.get_running_loop().time() + patience)
                elif packet.startswith("42"):
                    heard(packet)
    except ConnectionClosed:
        pass

# %% right check_desk
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        async def report(number):
            loop = asyncio.get_running_loop()
            socket.emit("report", await loop.run_in_executor(None, compute, number))

        socket.on("report", report)

# %% right check_desk
from concurrent.futures import ThreadPoolExecutor

def desk(io, compute):
    pool = ThreadPoolExecutor(2)

    def welcome(socket):
        async def report(number, *rest):
            result = await asyncio.wrap_future(pool.submit(compute, number))
            socket.emit("report", result)

        socket.on("report", report)

    io.on("connection", welcome)

# %% right check_desk
def desk(io, compute):
    @io.on("connection")
    async def welcome(socket):
        @socket.on("report")
        def report(number):
            async def later():
                socket.emit("report", await asyncio.to_thread(compute, number))

            socket.task = asyncio.create_task(later())

# %% right check_desk
import threading

def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            loop = asyncio.get_running_loop()

            def work():
                result = compute(number)
                loop.call_soon_threadsafe(socket.emit, "report", result)

            threading.Thread(target=work).start()

# %% wrong check_desk: Bob, who asked for nothing, was disconnected
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        def report(number):
            socket.emit("report", compute(number))

# %% wrong check_desk: Bob, who asked for nothing, was disconnected
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            await asyncio.sleep(0)
            socket.emit("report", compute(number))

# %% wrong check_desk: The loop stood still while `compute` ran.
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            async def work():
                return compute(number)

            socket.emit("report", await asyncio.create_task(work()))

# %% wrong check_desk: `emit` was called in another thread.
import threading

def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        def report(number):
            threading.Thread(target=lambda: socket.emit("report", compute(number))).start()

# %% wrong check_desk: Ann asked for the report of 7. She should hear [[49]], and heard [].
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            socket.emit("report", asyncio.to_thread(compute, number))

# %% wrong check_desk: She should hear [[49]], and heard []
def desk(io, compute):
    @io.on("report")
    async def report(socket, number):
        socket.emit("report", await asyncio.to_thread(compute, number))

# %% wrong check_desk: All that was wanted came, and then `TypeError
def desk(io, compute):
    @io.on("connection")
    def hello(socket):
        @socket.on("report")
        async def report(n):
            await socket.emit("report", await asyncio.to_thread(compute, n))

# %% right check_desk
from concurrent.futures import ThreadPoolExecutor

def desk(io, compute):
    pool = ThreadPoolExecutor(4)

    def welcome(socket):
        async def report(number):
            loop = asyncio.get_running_loop()
            result = await loop.run_in_executor(pool, compute, number)
            socket.emit("report", result)

        socket.on("report", report)

    io.on("connection", welcome)

# %% wrong check_desk: Bob, who asked for nothing, was disconnected
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            await asyncio.sleep(0)
            socket.emit("report", compute(number))

# %% wrong check_desk: `TypeError: Object of type coroutine is not JSON serializable` was raised, in line 6
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        async def report(number):
            socket.emit("report", asyncio.to_thread(compute, number))

# %% right check_converse
async def converse(websocket, heard):
    """One `recv` at a time, each with what is left of the patience."""
    loop = asyncio.get_running_loop()
    try:
        opening = json.loads((await websocket.recv()).removeprefix("0"))
        seconds = sum(opening[name] for name in ("pingInterval", "pingTimeout")) / 1000
        end = loop.time() + seconds
        while True:
            packet = await asyncio.wait_for(websocket.recv(), end - loop.time())
            if packet != "2":
                heard(packet)
                continue
            end = loop.time() + seconds
            await websocket.send("3")
    except ConnectionClosed:
        return

# %% wrong check_converse: A server announced 0.3 and 0.2 seconds, talked and talked
async def converse(websocket, heard):
    opening = json.loads((await websocket.recv())[1:])
    patience = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
    try:
        while True:
            packet = await asyncio.wait_for(websocket.recv(), patience)
            if packet == "2":
                await websocket.send("3")
            else:
                heard(packet)
    except ConnectionClosed:
        pass

# %% right check_session
class MySession(l09_core.Session):
    """One timer after the other."""

    interval = timeout = 0.0
    timer = None

    def rest(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def beat(self):
        self.rest()
        self.timer = self.call_later(self.interval, self.ask)

    def ask(self):
        self.send("2")
        self.timer = self.call_later(self.timeout, self.give_up)

    def give_up(self):
        self.end("ping timeout")

    def receive(self, packet):
        super().receive(packet)
        if packet == "3" and self.state != "closed":
            self.beat()

    def end(self, reason, goodbye="1"):
        self.rest()
        return super().end(reason, goodbye)

# %% wrong check_session: A client talks, answers no ping, and is kept.
class MySession(l09_core.Session):
    interval = timeout = 0.0
    timers = ()

    def beat(self):
        self.rest()
        self.timers = [self.call_later(self.interval, lambda: self.send("2")),
                       self.call_later(self.interval + self.timeout, lambda: self.end("ping timeout"))]

    def rest(self):
        for timer in self.timers:
            timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        self.beat()

    def end(self, reason, goodbye="1"):
        self.rest()
        super().end(reason, goodbye)

# %% wrong check_session: end() got an unexpected keyword argument 'goodbye'` was raised
class MySession(l09_core.Session):
    timer = None

    def beat(self):
        self.rest()
        self.timer = self.call_later(self.interval, self.ask)

    def ask(self):
        self.send("2")
        self.timer = self.call_later(self.timeout, lambda: self.end("ping timeout"))

    def rest(self):
        if self.timer:
            self.timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

    def end(self, reason):
        self.rest()
        super().end(reason)

# %% right check_session
class MySession(l09_core.Session):
    task = None

    def beat(self):
        if self.task:
            self.task.cancel()
        self.task = asyncio.ensure_future(self.live())

    async def live(self):
        await asyncio.sleep(self.interval)
        self.send("2")
        await asyncio.sleep(self.timeout)
        self.task = None
        self.end("ping timeout")

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

    def end(self, *reason, **goodbye):
        if self.task:
            self.task.cancel()
        super().end(*reason, **goodbye)

# %% wrong check_desk: The loop stood still while `compute` ran.
def desk(io, compute):
    @io.on("connection")
    def welcome(socket):
        @socket.on("report")
        def report(number):
            results = []
            thread = threading.Thread(target=lambda: results.append(compute(number)))
            thread.start()
            thread.join()
            socket.emit("report", results[0])

# %% wrong check_session: The end came with the ping. It is due `timeout` seconds later
class MySession(l09_core.Session):
    timer = None

    def beat(self):
        self.rest()
        self.timer = self.call_later(self.interval, self.ask)

    def ask(self):
        self.send("2")
        self.timer = self.call_later(self.timeout, self.end("ping timeout"))

    def rest(self):
        if self.timer:
            self.timer.cancel()

    def receive(self, packet):
        super().receive(packet)
        if packet == "3":
            self.beat()

    def end(self, reason, goodbye="1"):
        self.rest()
        super().end(reason, goodbye)
