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

# %% right check_waiting
from dataclasses import field

@dataclass
class MyWaiting:
    count: int = 0
    open: dict = field(default_factory=dict)

    def keep(self, question):
        question.number = self.count
        self.open[question.number] = question
        self.count += 1

    def take(self, number):
        question = self.open.get(number)
        if question is not None:
            del self.open[number]
        return question

    def answer(self, number, answers):
        match self.take(number):
            case None:
                pass
            case question:
                question.answered(*answers)

# %% right check_waiting
class MyWaiting(dict):
    count = 0

    def keep(self, question):
        question.number, self[self.count] = self.count, question
        self.count += 1

    def take(self, number):
        return self.pop(number, None)

    def answer(self, number, answers):
        if number in self:
            self.take(number).answered(*answers)

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.questions = set()

    def keep(self, question):
        question.number = self.count
        self.questions.add((self.count, id(question)))
        self.objects = getattr(self, "objects", {})
        self.objects[id(question)] = question
        self.count += 1

    def take(self, number):
        found = [pair for pair in self.questions if pair[0] == number]
        if not found:
            return None
        self.questions.remove(found[0])
        return self.objects.pop(found[0][1])

    def answer(self, number, answers):
        question = self.take(number)
        if question is None:
            return
        question.answered(*answers)

# %% wrong check_waiting: A second `MyWaiting()` has a question that the first was given to keep.
class MyWaiting:
    count = 0
    waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

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
        if number in self.waiting:
            self.take(number).answered(*answers)

# %% wrong check_waiting: Expected the number of the next question, when two have been answered and one waits to be `3`, got `1`.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        question = self.waiting.pop(number, None)
        if question:
            self.count -= 1
        return question

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: `answer` is called without `await`: write `def` in place of `async def`.
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

    async def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: Expected what was called to be … got `[('second', 'b'), ('first', 'a')]`.
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
            question.answered(answers[0])

# %% wrong check_waiting: An acknowledgement with the number 0 came, and nobody waits for it any more. ('third', '?') was called.
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = []

    def keep(self, question):
        question.number = self.count
        self.waiting.append(question)
        self.count += 1

    def take(self, number):
        if number is None or number >= len(self.waiting):
            return None
        return self.waiting.pop(number)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: Expected `count` at first to be `0`, got `'not there'`.
class MyWaiting:
    def __init__(self):
        count = 0
        waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.pop(number, None)

    def answer(self, number, answers):
        question = self.take(number)
        if question:
            question.answered(*answers)

# %% wrong check_waiting: `RuntimeError: dictionary changed size during iteration` was raised, in line
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
        for waiting, question in self.waiting.items():
            if waiting == number:
                self.take(number)
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

# %% right check_slow_shop
def slow_shop(io, bank):
    receipts, waiting = {}, {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number in receipts:
                answer(receipts[number])
            elif number in waiting:
                waiting[number].append(answer)
            else:
                waiting[number] = [answer]
                receipts[number] = await bank(coin)
                for each in waiting.pop(number):
                    each(receipts[number])

# %% right check_slow_shop
def slow_shop(io, bank):
    pending, done = set(), {}

    @io.on("connection")
    def welcome(socket):
        async def buy(coin, number, answer):
            if number not in pending:
                pending.add(number)
                done[number] = await bank(coin)
            while number not in done:
                await asyncio.sleep(0.01)
            answer(done[number])

        socket.on("buy", buy)

# %% right check_slow_shop
import functools

def slow_shop(io, bank):
    coins = {}

    @functools.cache
    def receipt(number):
        return asyncio.ensure_future(bank(coins[number]))

    def welcome(socket):
        def buy(coin, number, answer):
            coins.setdefault(number, coin)
            receipt(number).add_done_callback(lambda task: answer(task.result()))

        socket.on("buy", buy)

    io.on("connection", welcome)

# %% right check_slow_shop
from collections import defaultdict

class Orders:
    def __init__(self, bank):
        self.bank, self.locks, self.receipts = bank, defaultdict(asyncio.Lock), {}

    async def receipt(self, coin, number):
        async with self.locks[number]:
            try:
                return self.receipts[number]
            except KeyError:
                self.receipts[number] = await self.bank(coin)
                return self.receipts[number]

def slow_shop(io, bank):
    orders = Orders(bank)

    @io.on("connection")
    async def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            answer(await orders.receipt(coin, number))

# %% wrong check_slow_shop: Object of type Task is not JSON serializable
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            answer(receipts[number])

# %% wrong check_slow_shop: cannot reuse already awaited coroutine
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = bank(coin)
            answer(await receipts[number])

# %% wrong check_slow_shop: while the bank was busy. They were told [['receipt 1 for a Ducat', None]].
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = None
                receipts[number] = await bank(coin)
            answer(receipts[number])

# %% wrong check_slow_shop: A customer tried twice on one connection. The bank was asked 2 times
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            answer(await receipts[number])
            del receipts[number]

# %% wrong check_slow_shop: A customer tried again over a second connection, while the bank was busy. The bank was asked 2 times
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        lock = asyncio.Lock()

        @socket.on("buy")
        async def buy(coin, number, answer):
            async with lock:
                if number not in receipts:
                    receipts[number] = await bank(coin)
                answer(receipts[number])

# %% wrong check_slow_shop: Does each socket have a handler of `buy`, and does that `await` the bank?
def slow_shop(io, bank):
    receipts = {}

    @io.on("buy")
    async def buy(coin, number, answer):
        if number not in receipts:
            receipts[number] = asyncio.create_task(bank(coin))
        answer(await receipts[number])

# %% wrong check_slow_shop: A customer tried again later, over a new connection. The bank was asked 2 times
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            key = (socket.id, number)
            if key not in receipts:
                receipts[key] = asyncio.create_task(bank(coin))
            answer(await receipts[key])

# %% wrong check_slow_shop: `slow_shop` is called without `await`: write `def` in place of `async def`.
async def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                receipts[number] = asyncio.create_task(bank(coin))
            answer(await receipts[number])

# %% wrong check_slow_shop: A customer ordered once. They were told [['noted']]. It should be
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in receipts:
                answer("noted")
                receipts[number] = asyncio.create_task(bank(coin))
            answer(await receipts[number])

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

# %% right check_insist
import secrets

async def insist(socket, coin, tries, seconds):
    number = secrets.token_hex(8)
    last = None
    for _ in range(tries):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except Exception as error:
            last = error
    raise last

# %% right check_insist
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for attempt in range(1, tries + 1):
        try:
            answer = await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if attempt == tries:
                raise
            while not socket.connected:
                await asyncio.sleep(0.05)
        else:
            return answer

# %% right check_insist
import itertools

NUMBERS = itertools.count(1)

async def insist(socket, coin, tries, seconds):
    number = f"{socket.id}-{next(NUMBERS)}"
    error = None
    while tries:
        tries -= 1
        try:
            async with asyncio.timeout(seconds):
                return await socket.emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError) as problem:
            error = problem
    raise error

# %% wrong check_insist: cannot access local variable 'error'
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError) as error:
            pass
    raise error

# %% wrong check_insist: `insist` returned TimeoutError( … and should raise the last error.
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError) as error:
            last = error
    return last

# %% wrong check_insist: Two Ducats were ordered, one after the other, under the same number
from uuid import uuid4

async def insist(socket, coin, tries, seconds, number=str(uuid4())):
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: Object of type UUID is not JSON serializable
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = uuid4()
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: object NoneType can't be used in 'await' expression
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: `insist` was allowed 3 tries of 0.8 seconds, and goes on after 6 seconds. The desk heard 1. Has each try
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(1000 * seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The desk did not answer the first two tries. Tries that the desk heard: 2. It should be 3.
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in range(tries - 1):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if left == tries - 2:
                raise

# %% wrong check_insist: The desk answered at once. Tries that the desk heard: 0. It should be 1. Is `emit_with_ack` awaited?
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The desk answered at once. The desk heard `buy` with … 'Ducat']. It should be the coin and the number
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", number, coin)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The desk answered at once. Tries that the desk heard: 3. It should be 1.
from uuid import uuid4

async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    answer = None
    for _ in range(tries):
        with contextlib.suppress(TimeoutError, ConnectionError):
            answer = await socket.timeout(seconds).emit_with_ack("buy", coin, number)
    if answer is None:
        raise TimeoutError
    return answer

# %% right check_waiting
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.slots = [None] * 1000

    def keep(self, question):
        self.slots[self.count] = question
        question.number = self.count
        self.count += 1

    def take(self, number):
        if number not in range(self.count):
            return None
        question = self.slots[number]
        self.slots[number] = None
        return question

    def answer(self, number, answers):
        if (question := self.take(number)) is not None:
            question.answered(*answers)

# %% wrong check_waiting: An acknowledgement with the number None came, and nobody waits for it. Yours raised TypeError
class MyWaiting:
    def __init__(self):
        self.count = 0
        self.waiting = {}

    def keep(self, question):
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number):
        return self.waiting.pop(number, None) if number >= 0 else None

    def answer(self, number, answers):
        question = self.take(number)
        if question is not None:
            question.answered(*answers)

# %% right check_slow_shop
def slow_shop(io, bank):
    receipts, waiting = {}, {}

    async def ask(coin, number):
        receipt = await bank(coin)
        receipts[number] = receipt
        for answer in waiting.pop(number):
            answer(receipt)

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if number in receipts:
                answer(receipts[number])
            elif number in waiting:
                waiting[number].append(answer)
            else:
                waiting[number] = [answer]
                await ask(coin, number)

# %% wrong check_slow_shop: A customer tried again over a second connection, while the bank was busy. The bank was asked 2 times
def slow_shop(io, bank):
    receipts = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            receipt = receipts.get(number) or await bank(coin)
            receipts.setdefault(number, receipt)
            answer(receipts[number])

# %% right check_insist
from time import time_ns


async def insist(socket, coin, tries, seconds):
    number, patience = time_ns(), 0.1
    for left in range(tries, 0, -1):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if left == 1:
                raise
            await asyncio.sleep(patience)
            patience *= 2

# %% wrong check_insist: Two tries, and no answer to either. `insist` returned None
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    while tries > 0:
        tries -= 1
        with contextlib.suppress(OSError):
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)

# %% wrong check_slow_shop: A customer ordered two Ducats, and then tried the first order again. The bank was asked 3 times
def slow_shop(io, bank):
    last = {}

    @io.on("connection")
    def welcome(socket):
        @socket.on("buy")
        async def buy(coin, number, answer):
            if last.get("number") != number:
                last["number"], last["receipt"] = number, asyncio.create_task(bank(coin))
            answer(await last["receipt"])

# %% right check_slow_shop
def slow_shop(io, bank):
    queue, receipts, done, clerks = asyncio.Queue(), {}, {}, []

    async def clerk():
        while True:
            coin, number = await queue.get()
            receipts[number] = await bank(coin)
            done[number].set()

    @io.on("connection")
    def welcome(socket):
        if not clerks:
            clerks.append(asyncio.create_task(clerk()))

        @socket.on("buy")
        async def buy(coin, number, answer):
            if number not in done:
                done[number] = asyncio.Event()
                queue.put_nowait((coin, number))
            await done[number].wait()
            answer(receipts[number])

# %% right check_slow_shop
def slow_shop(io, bank):
    orders = {}

    async def ask(coin, into):
        into.set_result(await bank(coin))

    def buy(coin, number, answer):
        if number not in orders:
            orders[number] = asyncio.Future()
            io.start(ask(coin, orders[number]))
        orders[number].add_done_callback(lambda future: answer(future.result()))

    io.on("connection", lambda socket: socket.on("buy", buy))

# %% wrong check_insist: `insist` was allowed 2 tries of 0.8 seconds, and goes on after 6 seconds. The desk heard 2. Has each try, the last one, too, `seconds` as its limit?
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries - 1):
        with contextlib.suppress(TimeoutError, ConnectionError):
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
    return await socket.emit_with_ack("buy", coin, number)

# %% wrong check_insist: `insist` was allowed 2 tries of 0.8 seconds, and goes on after 6 seconds. The desk heard … Has each try
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    while True:
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            continue

# %% wrong check_insist: Two tries of 0.8 seconds each were over after 0.8 seconds. Each try waits `seconds` for its acknowledgement.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for left in reversed(range(tries)):
        try:
            return await socket.timeout(seconds / tries).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError):
            if not left:
                raise

# %% wrong check_insist: The line tore during the last try. `insist` should raise the error of that try, a ConnectionError.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number = str(uuid4())
    for _ in range(tries):
        with contextlib.suppress(TimeoutError, ConnectionError):
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
    raise TimeoutError("the desk does not answer")

# %% right check_insist
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number, error = uuid4().hex, None
    for _ in range(tries):
        future = asyncio.get_running_loop().create_future()

        def done(problem, *answers, future=future):
            if problem:
                future.set_exception(problem)
            else:
                future.set_result(answers[0])

        socket.timeout(seconds).emit("buy", coin, number, done)
        try:
            return await future
        except OSError as caught:
            error = caught
    raise error

# %% wrong check_insist: The line tore during the last try. `insist` should raise the error of that try, a ConnectionError.
from uuid import uuid4


async def insist(socket, coin, tries, seconds):
    number, problems = str(uuid4()), []
    for _ in range(tries):
        try:
            return await socket.timeout(seconds).emit_with_ack("buy", coin, number)
        except (TimeoutError, ConnectionError) as error:
            problems.append(error)
    raise problems[0]
