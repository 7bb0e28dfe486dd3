# Answers that people give to the exercises of lesson 01. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_shout
async def shout(websocket):
    while True:
        message = await websocket.recv()
        await websocket.send(message.upper())

# %% right check_shout
def loud(text):
    return "".join(letter.upper() for letter in text)

async def shout(websocket):
    """With a helper."""
    async for message in websocket:
        await websocket.send(loud(message))

# %% right check_shout
class Shouter:
    async def __call__(self, websocket):
        async for message in websocket:
            await websocket.send(str.upper(message))

shout = Shouter()

# %% right check_shout
async def shout(websocket):
    async def answer(message):
        await websocket.send(message.upper())

    async for message in websocket:
        asyncio.create_task(answer(message))

# %% wrong check_shout: 'hello' came back as it was. Make capitals of it
async def shout(websocket):
    async for message in websocket:
        message.upper()
        await websocket.send(message)

# %% wrong check_shout: Nothing came back for 'hello'. Is there an `await` before `websocket.send`?
async def shout(websocket):
    async for message in websocket:
        reply = websocket.send(message.upper())
        reply.close()

# %% wrong check_shout: It answers once and leaves. A loop, `async for`, goes on
async def shout(websocket):
    message = await websocket.recv()
    await websocket.send(message.upper())

# %% wrong check_shout: `AttributeError: 'str' object has no attribute 'uper' … was raised, in line 3: `await websocket.send(message.uper())`. The connection was closed in place of an answer
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message.uper())

# %% wrong check_shout: Expected the answer to 'hello' to be `'HELLO'`, got `'Hello'`.
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message.capitalize())

# %% wrong check_shout: Expected the answer to 'hello' to be `'HELLO'`, got `b'HELLO'`.
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message.upper().encode())

# %% wrong check_shout: The connection was closed in place of an answer: your handler came to its end.
async def shout(websocket):
    print

# %% wrong check_shout: `TypeError: 'async for' requires an object with __aiter__ method, got str` was raised, in line 3
async def shout(websocket):
    async for message in websocket:
        async for letter in message:
            await websocket.send(letter.upper())

# %% right check_ask_all
async def ask_all(url, questions):
    websocket = await connect(url)
    answers = []
    for question in questions:
        await websocket.send(question)
        answers.append(await websocket.recv())
    await websocket.close()
    return answers

# %% right check_ask_all
async def ask_all(url, questions):
    """All questions first, then all answers."""
    async with connect(url) as websocket:
        for question in questions:
            await websocket.send(question)
        return [await websocket.recv() for _ in questions]

# %% right check_ask_all
async def ask_all(url, questions):
    async with connect(url) as ws:
        await asyncio.gather(*map(ws.send, questions))
        answers = []
        async for answer in ws:
            answers.append(answer)
            if len(answers) == len(questions):
                break
        await ws.close(1000, "thank you")
    return answers

# %% wrong check_ask_all: the wire shows 3 handshakes: one connection for each question.
async def ask_all(url, questions):
    answers = []
    for question in questions:
        async with connect(url) as websocket:
            await websocket.send(question)
            answers.append(await websocket.recv())
    return answers

# %% wrong check_ask_all: the wire shows no handshake: nobody was asked.
async def ask_all(url, questions):
    return questions

# %% wrong check_ask_all: Expected three questions on the wire, came 0.
async def ask_all(url, questions):
    async with connect(url):
        return questions

# %% wrong check_ask_all: The wire shows no closing handshake: nobody said goodbye.
async def ask_all(url, questions):
    websocket = await connect(url)
    answers = []
    for question in questions:
        await websocket.send(question)
        answers.append(await websocket.recv())
    return answers

# %% wrong check_ask_all: Expected `close 1000` as the goodbye on the wire, came `close 3000
async def ask_all(url, questions):
    websocket = await connect(url)
    answers = []
    for question in questions:
        await websocket.send(question)
        answers.append(await websocket.recv())
    await websocket.close(3000)
    return answers

# %% wrong check_ask_all: Expected ask_all(url, ['one', 'two', 'three']) to be `['one', 'two', 'three']`, got `['one']`.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        answers = []
        for question in questions:
            await websocket.send(question)
            answers.append(await websocket.recv())
            return answers

# %% wrong check_ask_all: it did not finish within 5 seconds. Your code waits in line 7: `answers.append(await websocket.recv())`.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        answers = []
        for question in questions:
            await websocket.send(question)
        for _ in range(4):
            answers.append(await websocket.recv())
        return answers

# %% wrong check_ask_all: `NameError: name 'repyl' is not defined` was raised, in line 6
async def ask_all(url, questions):
    async with connect(url) as websocket:
        answers = []
        for question in questions:
            await websocket.send(question)
            answers.append(repyl)
        return answers

# %% right check_lobby
class Lobby:
    def __init__(self):
        self.count = 0

    async def handler(self, websocket):
        self.count += 1
        try:
            await websocket.send(f"{self.count}")
            async for message in websocket:
                continue
        finally:
            self.count -= 1

# %% right check_lobby
class Lobby:
    present = []

    def __init__(self):
        self.present = []

    async def handler(self, websocket):
        self.present.append(websocket)
        await websocket.send(str(len(self.present)))
        while True:
            try:
                await websocket.recv()
            except ConnectionClosed:
                break
        self.present.remove(websocket)

# %% right check_lobby
from contextlib import contextmanager

class Lobby:
    def __init__(self):
        self.present = {}

    @contextmanager
    def here(self, websocket):
        self.present[websocket.id] = websocket
        yield str(len(self.present))
        del self.present[websocket.id]

    async def handler(self, websocket):
        with self.here(websocket) as number:
            await websocket.send(number)
            try:
                async for _ in websocket:
                    pass
            except ConnectionClosed:
                pass

# %% wrong check_lobby: Ann has left, and Cy hears 3. Nobody takes the ones who leave off the list.
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        await websocket.send(str(len(self.present)))
        async for _ in websocket:
            pass

# %% wrong check_lobby: Ann and Bob are both here, and Bob hears 1. … Does the handler stay until its client leaves?
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            await websocket.send(str(len(self.present)))
        finally:
            self.present.discard(websocket)

# %% wrong check_lobby: was raised, in line 8: `await websocket.send(len(self.present))`. Ann comes and is closed without a message
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            await websocket.send(len(self.present))
            async for _ in websocket:
                pass
        finally:
            self.present.discard(websocket)

# %% wrong check_lobby: Bob vanished without a goodbye and is still counted. Does your tidying-up run when `await` raises?
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        await websocket.send(str(len(self.present)))
        async for _ in websocket:
            pass
        self.present.discard(websocket)

# %% wrong check_lobby: Cy said 40 things and goodbye, and is still counted.
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            await websocket.send(str(len(self.present)))
            await websocket.wait_closed()
        finally:
            self.present.discard(websocket)

# %% wrong check_lobby: Ann comes and hears nothing. Send the number as soon as a client connects.
class Lobby:
    def __init__(self):
        self.count = 0

    async def handler(self, websocket):
        self.count += 1
        async for _ in websocket:
            await websocket.send(str(self.count))
        self.count -= 1

# %% wrong check_lobby: Expected what Ann hears to be `'1'`, got `'0'`.
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        await websocket.send(str(len(self.present)))
        self.present.add(websocket)
        try:
            async for _ in websocket:
                pass
        finally:
            self.present.discard(websocket)

# %% wrong check_calculator: {"add": ""} was answered with {'sum': 0}. … an empty text is no list, though `sum` makes 0 of it
async def calculator(websocket):
    async for message in websocket:
        try:
            await websocket.send(json.dumps({"sum": sum(json.loads(message)["add"])}))
        except Exception as error:
            await websocket.send(json.dumps({"error": f"I add numbers only ({error!r})"}))

# %% right check_calculator
def answer(text):
    try:
        question = json.loads(text)
    except ValueError:
        return {"error": "this is no JSON"}
    if not isinstance(question, dict) or "add" not in question:
        return {"error": "the key add is missing"}
    numbers = question["add"]
    if not isinstance(numbers, list) or not all(isinstance(number, int | float) for number in numbers):
        return {"error": "add takes a list of numbers"}
    return {"sum": sum(numbers)}

async def calculator(websocket):
    async for message in websocket:
        await websocket.send(json.dumps(answer(message)))

# %% right check_calculator
async def calculator(websocket):
    while True:
        text = await websocket.recv()
        try:
            match json.loads(text):
                case {"add": [*numbers]}:
                    total = 0
                    for number in numbers:
                        total += number
                    reply = {"sum": total}
                case _:
                    reply = {"error": "expected {\"add\": [...]}"}
        except (ValueError, TypeError) as error:
            reply = {"error": str(error)}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: was raised, in line 3: `numbers = json.loads(message)["add"]`. At 1 + 2 the connection was closed with 1011.
async def calculator(websocket):
    async for message in websocket:
        numbers = json.loads(message)["add"]
        await websocket.send(json.dumps({"sum": sum(numbers)}))

# %% wrong check_calculator: `KeyError: 'add'` was raised, in line 4
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except ValueError:
            reply = {"error": "send JSON"}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: 1 + 2 was answered with an empty error. Say what was wrong
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            reply = {"error": ""}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: At {"subtract": [3, 1]} the connection was closed with 1000. Answer, and go on.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            await websocket.send(json.dumps({"error": "send numbers"}))
            return
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: The answer to {"add": [1, 2, 3]} is not JSON. Use `json.dumps` before you send.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            reply = {"error": "send numbers"}
        await websocket.send(str(reply))

# %% wrong check_calculator: No answer to 1 + 2. Silence helps nobody
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            continue
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: 1 + 2 was answered with {'error': True}. Expected {"error": "a sentence"}: that is no JSON.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            reply = {"error": True}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: Expected the answer to {"add": [0.5, -2]} to be `{'sum': -1.5}`, got `{'sum': -1}`.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": int(sum(json.loads(message)["add"]))}
        except (ValueError, KeyError, TypeError):
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: At 1 + 2 the connection was closed with 1007.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except (ValueError, KeyError, TypeError):
            await websocket.close(1007, "send numbers")
        else:
            await websocket.send(json.dumps(reply))

# %% wrong check_shout: Nothing came back for 'hello'.
async def shout(websocket):
    while True:
        await asyncio.sleep(0.1)

# %% wrong check_shout: Expected the answer to 'And again' to be `'AND AGAIN'`, got `'aND AGAIN'`.
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message.swapcase())

# %% right check_shout
async def shout(websocket):
    """In parts: the other end gets one message."""
    async for message in websocket:
        await websocket.send([message[:1].upper(), message[1:].upper()])

# %% wrong check_shout: missing 1 required positional argument: 'path'` was raised. The connection was closed in place of an answer
async def shout(websocket, path):
    async for message in websocket:
        await websocket.send(message.upper())

# %% wrong check_shout: `TypeError: 'ServerConnection' object is not iterable` was raised, in line 2: `for message in websocket:`.
def shout(websocket):
    for message in websocket:
        websocket.send(message.upper())

# %% wrong check_shout: 'hello' came back as it was. Make capitals of it
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message)
        await websocket.send(message.upper())

# %% right check_ask_all
from websockets.sync.client import connect as connect_in_a_thread

def one_by_one(url, questions):
    with connect_in_a_thread(url) as websocket:
        for question in questions:
            websocket.send(question)
            yield websocket.recv()

async def ask_all(url, questions):
    return await asyncio.to_thread(lambda: list(one_by_one(url, questions)))

# %% right check_ask_all
async def ask_all(url, questions):
    async with ClientSession() as http, http.ws_connect(url) as websocket:
        answers = []
        while questions:
            await websocket.send_str(questions.pop(0))
            answers.append(await websocket.receive_str())
    return answers

# %% wrong check_ask_all: begin it with `async def`, and `return` where you `yield`.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        for question in questions:
            await websocket.send(question)
            yield await websocket.recv()

# %% wrong check_ask_all: The wire shows no closing handshake: nobody said goodbye. At its end `async with` does.
async def ask_all(url, questions):
    websocket = await connect(url)
    answers = []
    for question in questions:
        await websocket.send(question)
        answers.append(await websocket.recv())
    websocket.transport.abort()
    return answers

# %% wrong check_ask_all: Expected three questions on the wire, came 1.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        await websocket.send(json.dumps(questions))
        return json.loads(await websocket.recv())

# %% wrong check_ask_all: ConcurrencyError: cannot call recv while another coroutine … was raised, in line 5
async def ask_all(url, questions):
    async with connect(url) as websocket:
        async def ask(question):
            await websocket.send(question)
            return await websocket.recv()
        return await asyncio.gather(*map(ask, questions))

# %% right check_lobby
class Lobby:
    """The library counts, too."""

    async def handler(self, websocket):
        await websocket.send(str(len(websocket.server.connections)))
        async for _ in websocket:
            pass

# %% right check_lobby
class Lobby:
    present = 0

    async def read(self, websocket):
        async for _ in websocket:
            pass

    async def handler(self, websocket):
        Lobby.present += 1
        await websocket.send("%d" % Lobby.present)
        reading = asyncio.create_task(self.read(websocket))
        await websocket.wait_closed()
        reading.cancel()
        Lobby.present -= 1

# %% wrong check_lobby: Five clients came, and the lobby sent … One for each who comes, and no answers.
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            for each in self.present:
                await each.send(str(len(self.present)))
            async for _ in websocket:
                pass
        finally:
            self.present.discard(websocket)

# %% wrong check_lobby: Five clients came, and the lobby sent … One for each who comes, and no answers.
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            await websocket.send(str(len(self.present)))
            async for message in websocket:
                await websocket.send(message)
        finally:
            self.present.discard(websocket)

# %% wrong check_lobby: Cy has talked, is still here, and is not counted any more. Listen in a loop
class Lobby:
    def __init__(self):
        self.number = 0

    async def handler(self, websocket):
        self.number += 1
        try:
            await websocket.send(str(self.number))
            await websocket.recv()
        finally:
            self.number -= 1

# %% wrong check_lobby: Lobby.handler() takes 1 positional argument but 2 were given` was raised. Ann comes and is closed
class Lobby:
    number = 0

    async def handler(websocket):
        Lobby.number += 1
        await websocket.send(str(Lobby.number))

# %% right check_calculator
import math

async def calculator(websocket):
    async for message in websocket:
        reply = {"error": "send numbers"}
        try:
            numbers = json.loads(message).get("add")
            if isinstance(numbers, list):
                reply = {"sum": math.fsum(numbers)}
        except (ValueError, AttributeError, TypeError):
            pass
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: {'add': [1, 2]} was answered with {'sum': 3}. … `eval` would run whatever a stranger sends
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(eval(message)["add"])}
        except Exception:
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: {"add": ["1", "2"]} was answered with {'sum': 3.0}. … a text is no number
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(map(float, json.loads(message)["add"]))}
        except (ValueError, KeyError, TypeError):
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: Expected the answer to an empty list to be `{'sum': 0}`, got `{'error': 'no numbers'}`.
async def calculator(websocket):
    async for message in websocket:
        try:
            numbers = json.loads(message).get("add")
            reply = {"sum": sum(numbers)} if numbers else {"error": "no numbers"}
        except (ValueError, AttributeError, TypeError):
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% right check_shout
from websockets.asyncio.server import broadcast

async def shout(websocket):
    """By the library's own loudspeaker."""
    async for message in websocket:
        broadcast([websocket], message.upper())

# %% right check_shout
async def shout(websocket):
    async def capitals():
        async for message in websocket:
            yield message.upper()

    async for message in capitals():
        await websocket.send(message)

# %% right check_shout
async def shout(websocket):
    """One task reads, another one writes."""
    queue = asyncio.Queue()

    async def write():
        while True:
            await websocket.send((await queue.get()).upper())

    writing = asyncio.create_task(write())
    async for message in websocket:
        queue.put_nowait(message)
    writing.cancel()

# %% wrong check_shout: The connection was closed in place of an answer: your handler came to its end.
async def shout(websocket):
    async for message in websocket:
        return message.upper()

# %% wrong check_shout: Expected the answer to 'hello' to be `'HELLO'`, got `'H'`.
async def shout(websocket):
    async for message in websocket:
        for letter in message:
            await websocket.send(letter.upper())

# %% wrong check_shout: was raised, in line 3: `await websocket.send(message.upper)`. The connection was closed in place of an answer
async def shout(websocket):
    async for message in websocket:
        await websocket.send(message.upper)

# %% right check_ask_all
async def ask_all(url, questions):
    """The loop that would come back; it need not."""
    async for websocket in connect(url):
        answers = []
        for question in questions:
            await websocket.send(question)
            answers.append(await websocket.recv())
        await websocket.close()
        return answers

# %% right check_ask_all
from contextlib import AsyncExitStack

async def ask_all(url, questions):
    async with AsyncExitStack() as stack:
        websocket = await stack.enter_async_context(connect(url))

        async def answer(question):
            await websocket.send(question)
            return await websocket.recv()

        return [await answer(question) for question in questions]

# %% right check_ask_all
async def ask_all(url, questions):
    """A task that hears, while this one asks."""
    async with connect(url) as websocket:
        async def listen():
            return [await websocket.recv() for _ in range(len(questions))]

        listening = asyncio.create_task(listen())
        for question in questions:
            await websocket.send(question)
        return await listening

# %% wrong check_ask_all: You left before the echoes were there. Return what comes *back*: `await websocket.recv()` for each question.
async def ask_all(url, questions):
    """An echo says the same, so why listen?"""
    async with connect(url) as websocket:
        for question in questions:
            await websocket.send(question)
    return questions

# %% wrong check_ask_all: Expected ask_all(url, ['one', 'two', 'three']) to be `['one', 'two', 'three']`, got `None`.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        answers = []
        for question in questions:
            await websocket.send(question)
            answers.append(await websocket.recv())

# %% wrong check_ask_all: Expected ask_all(url, ['one', 'two', 'three']) to be `['one', 'two', 'three']`, got `['three']`.
async def ask_all(url, questions):
    async with connect(url) as websocket:
        for question in questions:
            answers = []
            await websocket.send(question)
            answers.append(await websocket.recv())
        return answers

# %% right check_lobby
class Lobby:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        farewell = asyncio.create_task(websocket.wait_closed())
        farewell.add_done_callback(lambda _: self.present.discard(websocket))
        await websocket.send(str(len(self.present)))
        async for _ in websocket:
            ...

# %% right check_lobby
import itertools

class Lobby:
    """Comings and goings, counted apart."""

    def __init__(self):
        self.came = self.went = 0

    async def handler(self, websocket):
        self.came += 1
        await websocket.send(f"{self.came - self.went:d}")
        try:
            while True:
                await websocket.recv()
        except ConnectionClosed:
            self.went += 1

# %% right check_lobby
class Lobby:
    def __init__(self):
        self.present = []
        self.door = asyncio.Lock()

    async def handler(self, websocket):
        async with self.door:
            self.present = [each for each in self.present if each.close_code is None] + [websocket]
            number = len(self.present)
        await websocket.send(str(number))
        async for _ in websocket:
            pass

# %% wrong check_lobby: Ann has left, and Cy hears 1. Is she taken off twice?
class Lobby:
    def __init__(self):
        self.count = 0

    async def handler(self, websocket):
        self.count += 1
        try:
            await websocket.send(str(self.count))
            async for _ in websocket:
                pass
            self.count -= 1
        finally:
            self.count -= 1

# %% wrong check_lobby: Ann has left, and Cy hears 3. Nobody takes the ones who leave off the list.
class Lobby:
    def __init__(self):
        self.count = 0

    async def handler(self, websocket):
        self.count += 1
        await websocket.send(str(self.count))
        try:
            async for _ in websocket:
                pass
        except ConnectionClosed:
            self.count -= 1

# %% wrong check_lobby: Ann and Bob are both here, and Bob hears 1. Do all calls share one list?
class Lobby:
    async def handler(self, websocket):
        present = set()
        present.add(websocket)
        await websocket.send(str(len(present)))
        async for _ in websocket:
            pass

# %% right check_calculator
class Calculator:
    def add(self, numbers):
        if not isinstance(numbers, list):
            raise TypeError("add wants a list")
        return sum(numbers, start=0)

    async def __call__(self, websocket):
        async for message in websocket:
            try:
                question = json.loads(message)
                answer = {"sum": self.add(question["add"])}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            await websocket.send(json.dumps(answer).encode())

calculator = Calculator()

# %% right check_calculator
from functools import reduce
from operator import add

async def calculator(websocket):
    async for message in websocket:
        try:
            question = json.loads(message)
            numbers = question["add"]
            if not isinstance(numbers, list) or any(isinstance(number, str) for number in numbers):
                raise ValueError
            answer = dict(sum=reduce(add, numbers, 0))
        except (json.JSONDecodeError, LookupError, TypeError, ValueError):
            answer = dict(error="Please send a list of numbers, like so: {\"add\": [1, 2]}")
        await websocket.send(json.dumps(answer, indent=2))

# %% wrong check_calculator: was raised, in line 3: `question = json.loads(message)`. At 1 + 2 the connection was closed with 1011.
async def calculator(websocket):
    async for message in websocket:
        question = json.loads(message)
        if "add" in question:
            await websocket.send(json.dumps({"sum": sum(question["add"])}))
        else:
            await websocket.send(json.dumps({"error": "no add"}))

# %% wrong check_calculator: Expected the answer to {"add": [1, 2, 3]} to be `{'sum': 6}`, got `{'sum': 1}`.
async def calculator(websocket):
    async for message in websocket:
        try:
            total = 0
            for number in json.loads(message)["add"]:
                total += number
                await websocket.send(json.dumps({"sum": total}))
        except Exception:
            await websocket.send(json.dumps({"error": "numbers, please"}))

# %% wrong check_calculator: Expected the answer to {"add": [1, 2, 3]} to be `{'sum': 6}`, got `6`.
async def calculator(websocket):
    async for message in websocket:
        try:
            await websocket.send(json.dumps(sum(json.loads(message)["add"])))
        except Exception:
            await websocket.send(json.dumps({"error": "numbers, please"}))

# %% right check_shout
from websockets.asyncio.server import broadcast
async def shout(websocket):
    async for message in websocket:
        broadcast([websocket], message.upper())

# %% right check_shout
async def shout(websocket):
    async for message in websocket:
        async def letters():
            for letter in message:
                yield letter.upper()
        await websocket.send(letters())

# %% wrong check_shout: Expected the answer to 'hello' to be `'HELLO'`, got `'H'`.
async def shout(websocket):
    async for message in websocket:
        for letter in message:
            await websocket.send(letter.upper())

# %% wrong check_shout: Expected the answer to 'größer' to be `'GRÖSSER'`, got `'GRößER'`.
import string
async def shout(websocket):
    async for message in websocket:
        await websocket.send("".join(chr(ord(c) - 32) if c in string.ascii_lowercase else c for c in message))

# %% wrong check_ask_all: to be `['one', 'two', 'three']`, got `('one', 'two', 'three')`.
async def ask_all(url, questions):
    async with connect(url) as ws:
        answers = ()
        for q in questions:
            await ws.send(q)
            answers += (await ws.recv(),)
        return answers

# %% wrong check_ask_all: to be `['one', 'two', 'three']`, got `'three'`.
async def ask_all(url, questions):
    async with connect(url) as ws:
        answers = []
        for q in questions:
            await ws.send(q)
            answers = await ws.recv()
        return answers

# %% right check_lobby
class Lobby:
    def __init__(self):
        self.present = []
    async def handler(self, ws):
        self.present = [p for p in self.present if p.close_code is None] + [ws]
        await ws.send(str(len(self.present)))
        async for _ in ws:
            pass

# %% right check_lobby
class Lobby:
    here = set()
    @classmethod
    async def handler(cls, ws):
        cls.here.add(ws)
        try:
            await ws.send(str(len(cls.here)))
            async for _ in ws: pass
        finally:
            cls.here.remove(ws)

# %% wrong check_lobby: Five clients came, and the lobby sent 10 messages. One for each who comes
from websockets.asyncio.server import broadcast
class Lobby:
    def __init__(self):
        self.present = set()
    async def handler(self, ws):
        self.present.add(ws)
        try:
            broadcast(self.present, str(len(self.present)))
            async for _ in ws: pass
        finally:
            self.present.discard(ws)

# %% wrong check_lobby: Expected what Ann hears to be `'1'`, got `'1 are here'`.
class Lobby:
    def __init__(self):
        self.present = set()
    async def handler(self, ws):
        self.present.add(ws)
        try:
            await ws.send(f"{len(self.present)} are here")
            async for _ in ws: pass
        finally:
            self.present.discard(ws)

# %% right check_calculator
async def calculator(websocket):
    async for message in websocket:
        try:
            question = json.loads(message)
            numbers = question.get("add")
            if type(numbers) is not list: raise ValueError("add wants a list")
            reply = {"sum": sum(numbers)}
        except (ValueError, TypeError, AttributeError) as error:
            reply = {"error": str(error), "you sent": message}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: 1 + 2 was answered with {'sum': 0, … Expected {"error": "a sentence"}: that is no JSON.
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(json.loads(message)["add"])}
        except Exception as e:
            reply = {"sum": 0, "error": repr(e)}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: that is Python and no JSON. `eval` would run whatever a stranger sends
async def calculator(websocket):
    async for message in websocket:
        try:
            reply = {"sum": sum(eval(message)["add"])}
        except Exception:
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% wrong check_calculator: Expected the answer to an empty list to be `{'sum': 0}`, got
async def calculator(websocket):
    async for message in websocket:
        try:
            numbers = json.loads(message)["add"]
            if not numbers: raise ValueError
            reply = {"sum": sum(numbers)}
        except (ValueError, TypeError, KeyError):
            reply = {"error": "send numbers"}
        await websocket.send(json.dumps(reply))

# %% right check_shout
from functools import partial
async def echo_with(change, websocket):
    async for message in websocket:
        await websocket.send(change(message))
shout = partial(echo_with, str.upper)

# %% right check_shout
async def shout(websocket):
    async for message in websocket:
        await websocket.send([letter.upper() for letter in message])

# %% right check_ask_all
async def ask_all(url, questions):
    async with connect(url) as ws:
        async def talk():
            for q in questions:
                await ws.send(q)
        talking = asyncio.create_task(talk())
        got = []
        async for a in ws:
            got.append(a)
            if len(got) == len(questions):
                break
        await talking
        return got

# %% right check_ask_all
from websockets.sync.client import connect as sync_connect
def work(url, questions):
    with sync_connect(url) as ws:
        return [(ws.send(q), ws.recv())[1] for q in questions]
async def ask_all(url, questions):
    return await asyncio.to_thread(work, url, questions)

# %% wrong check_ask_all: got `[<coroutine object Connection.recv>
async def ask_all(url, questions):
    async with connect(url) as ws:
        answers = []
        for q in questions:
            await ws.send(q)
            answers.append(ws.recv())
        return answers

# %% right check_lobby
class Lobby:
    async def handler(self, websocket):
        await websocket.send(str(len(websocket.server.connections)))
        async for message in websocket:
            pass

# %% right check_lobby
from contextlib import ExitStack
class Lobby:
    def __init__(self): self.here = set()
    async def handler(self, ws):
        with ExitStack() as stack:
            self.here.add(ws); stack.callback(self.here.remove, ws)
            await ws.send(str(len(self.here)))
            async for _ in ws: continue

# %% right check_lobby
class Lobby:
    def __init__(self): self.here = set()
    async def read(self, ws):
        async for _ in ws: pass
    async def handler(self, ws):
        self.here.add(ws)
        reader = asyncio.create_task(self.read(ws))
        try:
            await ws.send(str(len(self.here)))
            await ws.wait_closed()
        finally:
            reader.cancel()
            self.here.discard(ws)

# %% wrong check_lobby: Ann and Bob are both here, and Bob hears 1.
class Lobby:
    def __init__(self): self.here = set()
    async def handler(self, ws):
        self.here.add(ws.remote_address[0])
        try:
            await ws.send(str(len(self.here)))
            async for _ in ws: pass
        finally: self.here.discard(ws.remote_address[0])

# %% right check_calculator
async def calculator(websocket):
    async for message in websocket:
        try:
            question = json.loads(message)
        except ValueError:
            question = None
        match question:
            case {"add": [*numbers]} if all(isinstance(n, int | float) for n in numbers):
                reply = {"sum": sum(numbers)}
            case _:
                reply = {"error": "numbers, please"}
        await websocket.send(json.dumps(reply))

# %% right check_calculator
class Calculator:
    def answer(self, message):
        try: data = json.loads(message)
        except Exception as error: return {"error": f"no JSON: {error}"}
        if not isinstance(data, dict): return {"error": "an object, please"}
        if "add" not in data: return {"error": "say add"}
        if not isinstance(numbers := data["add"], list): return {"error": "a list"}
        total = 0
        for n in numbers:
            if type(n) not in (int, float): return {"error": f"{n!r} is no number"}
            total += n
        return {"sum": total}
    async def __call__(self, ws):
        async for m in ws: await ws.send(json.dumps(self.answer(m)))
calculator = Calculator()
