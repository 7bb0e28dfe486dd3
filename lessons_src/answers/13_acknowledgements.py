# Answers that people give to the exercises of lesson 13. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.questions = {}

    def keep(self, question):
        question.number = self.count
        self.questions[question.number] = question
        self.count = self.count + 1

    def take(self, number):
        if number in self.questions:
            question = self.questions[number]
            del self.questions[number]
            return question
        return None

    def answer(self, number, answers):
        question = self.take(number)
        if question is not None:
            question.answered(*answers)

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.all = []

    @property
    def count(self):
        return len(self.all)

    def keep(self, question):
        question.number = len(self.all)
        self.all.append(question)

    def take(self, number):
        if number is None or number >= len(self.all):
            return None
        question, self.all[number] = self.all[number], None
        return question

    def answer(self, number, answers):
        if question := self.take(number):
            question.answered(*answers)

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.count, self.open = 0, {}

    def keep(self, question):
        self.open[self.count] = question
        question.number, self.count = self.count, self.count + 1

    def take(self, number):
        return self.open.pop(number, None)

    def answer(self, number, answers):
        try:
            question = self.open.pop(number)
        except KeyError:
            return
        question.answered(*answers)

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = []

    def keep(self, question):
        question.number = self.count
        self.waiting.append(question)
        self.count += 1

    def take(self, number):
        for question in self.waiting:
            if question.number == number:
                self.waiting.remove(question)
                return question

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: The question with the number 0 never got its answer. 0 is a number, but it counts as false
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        if not number:
            return None
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: `answered` was called with one list. Each answer is an argument of its own
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(answers)

# %% wrong check_waiting: Expected the numbers of three questions to be `[0, 1, 2]`, got `[None, None, None]`.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: Expected the numbers of three questions to be `[0, 1, 2]`, got `[1, 2, 3]`.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        self.count += 1
        question.number = self.count
        self.waiting[self.count] = question

    def take(self, number):
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: An acknowledgement with the number 0 came, and nobody waits for it. Yours raised KeyError; nothing should happen, and `take` should return None.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.pop(number)

    def answer(self, number, answers):
        self.take(number).answered(*answers)

# %% wrong check_waiting: An acknowledgement with the number 0 came, and nobody waits for it any more. … was called.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.get(number)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: Expected the number of the next question, when two have been answered and one waits to be `3`, got `1`.
class MyWaiting:
    def __init__(self):
        self.waiting = {}

    @property
    def count(self):
        return len(self.waiting)

    def keep(self, question):
        question.number = len(self.waiting)
        self.waiting[question.number] = question

    def take(self, number):
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: `take(2)` returned None. The third question was still waiting under this number.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.waiting.pop(number, None)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: Expected what was called to be … got
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = []

    def keep(self, question):
        question.number = self.count
        self.waiting.append(question)
        self.count += 1

    def take(self, number):
        return self.waiting.pop(0) if self.waiting else None

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% right check_slow_shop
def slow_shop(io, bank):
    orders = {}

    def welcome(socket):
        async def buy(coin, number, answer):
            future = orders.get(number)
            if future is None:
                future = orders[number] = asyncio.get_running_loop().create_future()
                future.set_result(await bank(coin))
            answer(await future)

        socket.on("buy", buy)

    io.on("connection", welcome)

# %% right check_slow_shop
def slow_shop(io, bank):
    receipts = {}
    lock = asyncio.Lock()

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            async with lock:
                if number not in receipts:
                    receipts[number] = await bank(coin)
            answer(receipts[number])

# %% right check_slow_shop
def slow_shop(io, bank):
    class Order:
        def __init__(self):
            self.done = asyncio.Event()
            self.receipt = None

    book = {}

    @io.on("connection")
    async def welcome(socket):
        async def buy(coin, number, answer):
            if number in book:
                await book[number].done.wait()
            else:
                order = book[number] = Order()
                order.receipt = await bank(coin)
                order.done.set()
            answer(book[number].receipt)

        socket.on("buy", buy)

# %% wrong check_slow_shop: A customer tried twice on one connection. The bank was asked 2 times, for ['Ducat', 'Ducat']. It should be asked for ['Ducat'].
def slow_shop(io, bank):
    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            answer(await bank(coin))

# %% wrong check_slow_shop: A customer tried again over a second connection, while the bank was busy. The bank was asked 2 times
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = await bank(coin)
            answer(receipts[number])

# %% wrong check_slow_shop: A customer tried again later, over a new connection. The bank was asked 2 times
def slow_shop(io, bank):
    @io.on("connection")
    def welcome(socket):
        receipts = {}

        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            answer(await receipts[number])

# %% wrong check_slow_shop: A customer ordered two Ducats, with two numbers. The bank was asked for ['Ducat'], and should have been asked for ['Ducat', 'Ducat'].
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if coin not in receipts:
                receipts[coin] = asyncio.create_task(bank(coin))
            answer(await receipts[coin])

# %% wrong check_slow_shop: A customer tried twice on one connection. They were told … a try was never answered
def slow_shop(io, bank):
    seen = set()

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in seen:
                seen.add(number)
                answer(await bank(coin))

# %% wrong check_slow_shop: A customer tried twice on one connection. They were told [['receipt 1 for a Ducat', 'duplicate']]. It should be
def slow_shop(io, bank):
    seen = set()

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number in seen:
                answer("duplicate")
            else:
                seen.add(number)
                answer(await bank(coin))

# %% wrong check_slow_shop: The bank was asked for [], and should have been asked for ['Ducat'].
def slow_shop(io, bank):
    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            answer(bank(coin))

# %% wrong check_slow_shop: A customer ordered once. They were told … a try was never answered
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            return await receipts[number]

# %% right check_insist
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    while True:
        tries -= 1
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except OSError:
            if tries == 0:
                raise

# %% right check_insist
from uuid import uuid4


async def insist(socket, coin, tries, seconds, number=None):
    number = number or uuid4().hex
    try:
        return await asyncio.wait_for(socket.emit_with_ack("buy", coin, number), seconds)
    except (TimeoutError, ConnectionError):
        if tries == 1:
            raise
        return await insist(socket, coin, tries - 1, seconds, number)

# %% right check_insist
import random


async def insist(socket, coin, tries, seconds):
    number = f"order {random.random()}"
    last = None
    for attempt in range(1, tries + 1):
        heard = asyncio.Queue()
        socket.timeout(seconds).emit("buy", coin, number, lambda *what: heard.put_nowait(what))
        error, *answers = await heard.get()
        if error is None:
            return answers[0]
        last = error
    raise last

# %% wrong check_insist: The desk did not answer the first two tries. Its 3 tries came with 3 numbers
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, str(uuid4()))
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: Two Ducats were ordered, one after the other, under the same number
async def insist(socket, coin, tries, seconds):
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, "order " + coin)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The line tore during the first try, and `insist` raised the ConnectionError
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except TimeoutError:
            if not left:
                raise

# %% wrong check_insist: Two tries, and no answer to either. `insist` returned None, and should raise the last error.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            pass

# %% wrong check_insist: The desk answered nothing, and two tries were allowed. Tries that the desk heard: 3. It should be 2.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        with contextlib.suppress(TimeoutError, ConnectionError):
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
    return await socket.timeout(seconds).emit_with_ack("buy", coin, number)

# %% wrong check_insist: The desk answered at once. The desk heard `buy` with ['Ducat']. It should be
async def insist(socket, coin, tries, seconds):
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The desk answered at once. The desk heard `buy` with … and nobody wanted an acknowledgement
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        socket.emit("buy", coin, number)
        await asyncio.sleep(seconds)

# %% wrong check_insist: The desk did not answer the first two tries. Tries that the desk heard: 1. It should be 3.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    return await socket.timeout(seconds * tries).emit_with_ack("buy", coin, str(uuid4()))
