# Answers that people give to the exercises of lesson 08. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_my_encode
def my_encode(packet):
    text = str(int(packet.type))
    if packet.attachments > 0:
        text += str(packet.attachments) + "-"
    if packet.namespace != "/":
        text += packet.namespace + ","
    if packet.id is not None:
        text += str(packet.id)
    if packet.data is not None:
        text += JSON.encode(packet.data)
    return text

# %% right check_my_encode
def my_encode(packet):
    kind, data, number, namespace, attachments = packet
    parts = [
        "%d" % kind,
        "%d-" % attachments if attachments else "",
        namespace + "," if namespace not in ("", "/") else "",
        "%d" % number if isinstance(number, int) else "",
        json.dumps(data, separators=(",", ":"), ensure_ascii=False) if data is not None else "",
    ]
    return "".join(parts)

# %% right check_my_encode
def my_encode(packet):
    match packet:
        case Packet(attachments=number) if number:
            return my_encode(packet._replace(attachments=0)).replace(f"{packet.type:d}", f"{packet.type:d}{number}-", 1)
        case Packet(namespace=name) if name != "/":
            return f"{packet.type:d}{name}," + my_encode(packet._replace(namespace="/"))[1:]
    number = {None: ""}.get(packet.id, packet.id)
    return f"{packet.type.value}{number}" + (JSON.encode(packet.data) if packet.data is not None else "")

# %% wrong check_my_encode: to be `'20["echo"]'`, got `'2["echo"]'`
def my_encode(packet):
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = packet.id if packet.id else ""
    data = JSON.encode(packet.data) if packet.data is not None else ""
    return f"{packet.type:d}{attachments}{namespace}{number}{data}"

# %% wrong check_my_encode: to be `'2["echo","你好"]'`, got `'2["echo", "\\u4f60\\u597d"]'`
def my_encode(packet):
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = json.dumps(packet.data) if packet.data is not None else ""
    data = data.replace(": ", ":")
    return f"{packet.type:d}{attachments}{namespace}{number}{data}"

# %% wrong check_my_encode: to be `'0'`, got `'0null'`
def my_encode(packet):
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    return f"{packet.type:d}{namespace}{number}{JSON.encode(packet.data)}"

# %% wrong check_my_encode: to be `'313[]'`, got `'313'`
def my_encode(packet):
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = JSON.encode(packet.data) if packet.data else ""
    return f"{packet.type:d}{attachments}{namespace}{number}{data}"

# %% wrong check_my_encode: to be `'1/news,'`, got `'1/news'`
def my_encode(packet):
    namespace = packet.namespace if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = "" if packet.data is None else JSON.encode(packet.data)
    return f"{packet.type:d}{namespace}{number}{data}"

# %% wrong check_my_encode: to be `'51-/news,13["photo"]'`, got `'5/news,1-13["photo"]'`
def my_encode(packet):
    attachments = f"{packet.attachments}-" if packet.attachments else ""
    namespace = f"{packet.namespace}," if packet.namespace != "/" else ""
    number = "" if packet.id is None else packet.id
    data = "" if packet.data is None else JSON.encode(packet.data)
    return f"{packet.type:d}{namespace}{attachments}{number}{data}"

# %% wrong check_my_encode: to be `'0'`, got `'40'`
def my_encode(packet):
    number = "" if packet.id is None else packet.id
    data = "" if packet.data is None else JSON.encode(packet.data)
    return f"4{packet.type:d}{number}{data}"

# %% right check_emitter
import logging
from collections import defaultdict

class MyEmitter:
    def __init__(self):
        self.ears = defaultdict(list)

    def on(self, event, handler=None):
        def keep(function):
            self.ears[event].append(function)
            return function

        return keep(handler) if handler else keep

    async def fire(self, event, *arguments):
        for ear in list(self.ears[event]):
            try:
                answer = ear(*arguments)
                if hasattr(answer, "__await__"):
                    await answer
            except Exception:
                logging.getLogger("handmade").exception("in %s", event)

# %% right check_emitter
import functools
import logging
import inspect

class MyEmitter:
    def __init__(self):
        self.pairs = []

    def on(self, event, handler=None):
        if handler is None:
            return functools.partial(self.on, event)
        self.pairs.append((event, handler))
        return handler

    async def call(self, handler, arguments):
        if inspect.iscoroutinefunction(handler):
            return await handler(*arguments)
        return handler(*arguments)

    async def fire(self, event, *arguments):
        for name, handler in self.pairs[:]:
            if name == event:
                try:
                    await self.call(handler, arguments)
                except Exception as error:
                    logging.getLogger("handmade").error("failed: %r", error)

# %% right check_emitter
import logging

class MyEmitter(dict):
    def on(self, event, handler=None):
        if not handler:
            return lambda function: self.on(event, function)
        self[event] = [*self.get(event, []), handler]
        return handler

    async def fire(self, event, *arguments):
        async def one(handler):
            result = handler(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        for handler in self.get(event, []):
            for problem in await asyncio.gather(one(handler), return_exceptions=True):
                if isinstance(problem, Exception):
                    logging.getLogger("handmade").exception("a handler failed", exc_info=problem)

# %% wrong check_emitter: Two handlers of one event, and only the second is called. Keep a list for each name.
class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers[event] = handler
        return handler

    async def fire(self, event, *arguments):
        if event in self.handlers:
            result = self.handlers[event](*arguments)
            if asyncio.iscoroutine(result):
                await result

# %% wrong check_emitter: After `@ears.on('a')` the function's name is None. A decorator returns the function.
class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers.setdefault(event, []).append(handler)

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            result = handler(*arguments)
            if asyncio.iscoroutine(result):
                await result

# %% wrong check_emitter: Expected what a decorated coroutine function says to be
class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            handler(*arguments)

# %% wrong check_emitter: Expected what is said after a function and a coroutine function have raised to be `[['said', 'still here']]`, got `[]`
class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            result = handler(*arguments)
            if asyncio.iscoroutine(result):
                await result

# %% wrong check_emitter: Expected what two handlers say to the event `a` with 1 and 2 to be
import logging

class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        self.handlers.setdefault(event, []).insert(0, handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            try:
                result = handler(*arguments)
                if asyncio.iscoroutine(result):
                    await result
            except Exception:
                logging.getLogger("handmade").exception("failed")

# %% wrong check_emitter: was raised, in line 9
class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda function: self.on(event, function)
        else:
            self.handlers[event].append(handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            handler(*arguments)

# %% wrong check_emitter: `KeyError: 'a'` was raised
import logging
class MyEmitter:
    def __init__(self): self.handlers = {}
    def on(self, event, handler=None):
        if handler is None: return lambda h: self.on(event, h)
        self.handlers.setdefault(event, []).append(handler)
        return handler
    async def fire(self, event, *arguments):
        for h in self.handlers[event]:
            try:
                r = h(*arguments)
                if asyncio.iscoroutine(r): await r
            except Exception:
                logging.getLogger("handmade").exception("oops")

# %% wrong check_emitter: the log `handmade` has not a word of it
class MyEmitter:
    def __init__(self): self.handlers = {}
    def on(self, event, handler=None):
        if handler is None: return lambda h: self.on(event, h)
        self.handlers.setdefault(event, []).append(handler)
        return handler
    async def fire(self, event, *arguments):
        for h in self.handlers.get(event, []):
            try:
                r = h(*arguments)
                if asyncio.iscoroutine(r): await r
            except Exception:
                pass

# %% wrong check_emitter: All that was wanted came, and then `TypeError
import logging
class MyEmitter:
    def __init__(self): self.handlers = {}
    def on(self, event, handler=None):
        if handler is None: return lambda h: self.on(event, h)
        self.handlers.setdefault(event, []).append(handler)
        return handler
    async def fire(self, event, *arguments):
        for h in self.handlers.get(event, []):
            try:
                await h(*arguments)
            except Exception:
                logging.getLogger("handmade").exception("oops")

# %% wrong check_emitter: `fire` is awaited
import logging
class MyEmitter:
    def __init__(self): self.handlers = {}
    def on(self, event, handler=None):
        if handler is None: return lambda h: self.on(event, h)
        self.handlers.setdefault(event, []).append(handler)
        return handler
    def fire(self, event, *arguments):
        for h in self.handlers.get(event, []):
            try:
                r = h(*arguments)
                if asyncio.iscoroutine(r): asyncio.create_task(r)
            except Exception:
                logging.getLogger("handmade").exception("oops")

# %% wrong check_emitter: `on('a')`, without a handler, raised.
import logging
class MyEmitter:
    def __init__(self): self.handlers = {}
    def on(self, event, handler):
        self.handlers.setdefault(event, []).append(handler)
        return handler
    async def fire(self, event, *arguments):
        for h in self.handlers.get(event, []):
            try:
                r = h(*arguments)
                if asyncio.iscoroutine(r): await r
            except Exception:
                logging.getLogger("handmade").exception("oops")

# %% wrong check_emitter: Two emitters share their handlers.
import logging
class MyEmitter:
    handlers = {}
    def on(self, event, handler=None):
        if handler is None: return lambda h: self.on(event, h)
        self.handlers.setdefault(event, []).append(handler)
        return handler
    async def fire(self, event, *arguments):
        for h in self.handlers.get(event, []):
            try:
                r = h(*arguments)
                if asyncio.iscoroutine(r): await r
            except Exception:
                logging.getLogger("handmade").exception("oops")

# %% right check_desk
def desk(io, prices):
    def connected(socket):
        def ask(*names):
            name = names[0] if names else None
            try:
                socket.emit("price", name, prices[name])
            except (KeyError, TypeError):
                socket.emit("unknown", name)

        socket.on("ask", ask)

    io.on("connection", connected)

# %% right check_desk
def desk(io, prices):
    @io.on("connection")
    async def _(socket):
        @socket.on("ask")
        async def _(name=None):
            known = type(name) is str and name in prices
            event = ["price", name, prices[name]] if known else ["unknown", name]
            socket.emit(*event)

# %% right check_desk
class Desk:
    def __init__(self, socket, prices):
        self.socket, self.prices = socket, prices

    def answer(self, name=None, *rest):
        for known, price in self.prices.items():
            if known == name:
                return self.socket.emit("price", name, price)
        self.socket.emit("unknown", name)

def desk(io, prices):
    io.on("connection", lambda socket: socket.on("ask", Desk(socket, prices).answer))

# %% wrong check_desk: The client asked for gold and heard nothing. Has its *socket* an `on('ask', …)` that emits, from a handler of `connection`?
def desk(io, prices):
    @io.on("ask")
    def answer(socket, name=None):
        socket.emit("price", name, prices[name])

# %% wrong check_desk: One argument came, a list. Give `emit` the name and the price as two arguments.
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if name in prices:
                socket.emit("price", [name, prices[name]])
            else:
                socket.emit("unknown", name)

# %% wrong check_desk: Somebody asked without a name and heard nothing. Did the handler raise? Look at `bench.log()`.
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name):
            if isinstance(name, str) and name in prices:
                socket.emit("price", name, prices[name])
            else:
                socket.emit("unknown", name)

# %% wrong check_desk: Somebody asked with a list and heard nothing. Did the handler raise? Look at `bench.log()`.
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if name in prices:
                socket.emit("price", name, prices[name])
            else:
                socket.emit("unknown", name)

# %% wrong check_desk: Expected what is heard after `ask` silver to be `[['unknown', 'silver']]`, got `[['price', 'silver', None]]`
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if name in (None, "the end"):
                socket.emit("unknown", name)
            else:
                socket.emit("price", name, prices.get(name))

# %% wrong check_desk: Expected what is heard after `ask` silver to be `[['unknown', 'silver']]`, got `[['unknown']]`
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if isinstance(name, str) and name in prices:
                socket.emit("price", name, prices[name])
            elif name == "the end":
                socket.emit("unknown", name)
            else:
                socket.emit("unknown")

# %% wrong check_desk: Expected what is heard after `ask` gold to be
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if isinstance(name, str) and name in prices:
                socket.emit("price", prices[name], name)
            else:
                socket.emit("unknown", name)

# %% wrong check_desk: All that was wanted came, and then `TypeError
def desk(io, prices):
    @io.on("connection")
    def hello(s):
        @s.on("ask")
        async def ask(n=None):
            if isinstance(n, str) and n in prices: await s.emit("price", n, prices[n])
            else: await s.emit("unknown", n)

# %% wrong check_desk: `desk` is called without `await`
async def desk(io, prices):
    @io.on("connection")
    def hello(s):
        pass

# %% right check_read
from itertools import takewhile

def read(text):
    kind, *rest = text
    rest = "".join(rest)
    namespace = "/"
    if rest[:1] == "/":
        namespace, rest = rest.split(",", 1)
    digits = "".join(takewhile(str.isdigit, rest))
    data = rest.removeprefix(digits)
    return int(kind), namespace, int(digits) if digits != "" else None, json.loads(data) if data else None

# %% right check_read
def read(text):
    position = 1
    namespace = "/"
    if text[1:2] == "/":
        comma = text.index(",")
        namespace, position = text[1:comma], comma + 1
    start = position
    while position < len(text) and text[position] in "0123456789":
        position += 1
    number = None if start == position else int(text[start:position])
    data = None
    if position < len(text):
        data = json.loads(text[position:])
    return [int(text[0]), namespace, number, data]

# %% right check_read
def read(text):
    head, bracket, tail = text, "", ""
    for place, letter in enumerate(text):
        if letter in "[{":
            head, bracket, tail = text[:place], letter, text[place + 1 :]
            break
    kind, rest = head[0], head[1:]
    namespace, comma, number = rest.rpartition(",")
    data = json.loads(bracket + tail) if bracket else None
    return (int(kind), namespace if comma else "/", int(number) if number else None, data)

# %% wrong check_read: Expected `20["echo"]` (the id 0) to be
def read(text):
    kind, rest, namespace = int(text[0]), text[1:], "/"
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
    digits = 0
    while rest[digits : digits + 1].isdecimal():
        digits += 1
    number = int(rest[:digits]) if digits and int(rest[:digits]) else None
    return kind, namespace, number, json.loads(rest[digits:]) if rest[digits:] else None

# %% wrong check_read: Return four things, (type, namespace, id, data). For `0` you returned `{'type': 0}`.
def read(text):
    return {"type": int(text[0])}

# %% wrong check_read: Expected `0` (nothing but a type) to be … got `['0',
def read(text):
    return text[0], "/", None, json.loads(text[1:]) if text[1:] else None

# %% wrong check_read: Expected `213["ask"]` (an id of two digits) to be
def read(text):
    kind, rest, namespace, number = int(text[0]), text[1:], "/", None
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
    if rest[:1].isdecimal():
        number, rest = int(rest[0]), rest[1:]
        rest = rest.lstrip("0123456789")
    return kind, namespace, number, json.loads(rest) if rest else None

# %% wrong check_read: was raised, in line 2: `return int(text[0]), "/", None, json.loads(text[1:])`
def read(text):
    return int(text[0]), "/", None, json.loads(text[1:])

# %% wrong check_read: Expected `1/news,` (a namespace and nothing more) to be … got `[1, '/news,',
def read(text):
    kind, rest, namespace = int(text[0]), text[1:], "/"
    if rest.startswith("/"):
        comma = rest.index(",") + 1
        namespace, rest = rest[:comma], rest[comma:]
    digits = 0
    while rest[digits : digits + 1].isdecimal():
        digits += 1
    number = int(rest[:digits]) if digits else None
    return kind, namespace, number, json.loads(rest[digits:]) if rest[digits:] else None

# %% wrong check_read: Expected `2/a-1,7["b,c",{"d":[]}]` (commas and digits everywhere) to be
def read(text):
    kind, rest, namespace = int(text[0]), text[1:], "/"
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
        namespace = namespace.rstrip("-0123456789")
    digits = 0
    while rest[digits : digits + 1].isdecimal():
        digits += 1
    number = int(rest[:digits]) if digits else None
    return kind, namespace, number, json.loads(rest[digits:]) if rest[digits:] else None

# %% wrong check_read: `read` is called without `await`
async def read(text):
    return 0, "/", None, None

# %% right check_read
def read(text):
    t = list(text)
    kind = int(t.pop(0))
    ns = ""
    if t and t[0] == "/":
        while (c := t.pop(0)) != ",": ns += c
    num = ""
    while t and t[0].isdigit(): num += t.pop(0)
    rest = "".join(t)
    return kind, ns or "/", int(num) if num else None, json.loads(rest) if rest else None

# %% wrong check_emitter: Expected what is said after a function and a coroutine function have raised to be `[['said', 'still here']]`, got `[]`.
import logging

class MyEmitter:
    """What is awaited is awaited outside the `try`."""

    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda handler: self.on(event, handler)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            try:
                result = handler(*arguments)
            except Exception:
                logging.getLogger("handmade").exception("A handler failed.")
                continue
            if asyncio.iscoroutine(result):
                await result

# %% right check_emitter
import logging
from collections import defaultdict
from inspect import isawaitable

class MyEmitter(defaultdict):
    """A dictionary of lists itself."""

    def __init__(self):
        super().__init__(list)

    def on(self, event, handler=None):
        def add(handler):
            self[event].append(handler)
            return handler

        return add if handler is None else add(handler)

    async def fire(self, event, *arguments):
        async def one(handler):
            result = handler(*arguments)
            return await result if isawaitable(result) else result

        for handler in self.get(event, []):
            [problem] = await asyncio.gather(one(handler), return_exceptions=True)
            if isinstance(problem, Exception):
                logging.getLogger("handmade").exception("%r failed", handler, exc_info=problem)

# %% right check_my_encode
def my_encode(packet):
    pieces = [str(int(packet.type))]
    if packet.attachments:
        pieces += [str(packet.attachments), "-"]
    if packet.namespace != "/":
        pieces += [packet.namespace, ","]
    if packet.id is not None:
        pieces.append(str(packet.id))
    if packet.data is not None:
        pieces.append(json.dumps(packet.data, ensure_ascii=False, separators=(",", ":")))
    return "".join(pieces)

# %% wrong check_my_encode: to be `'1/news,'`, got `'1'`.
def my_encode(packet):
    text = str(packet.type)
    if packet.data is not None:
        text += JSON.encode(packet.data)
    return text

# %% wrong check_my_encode: to be `'0'`, got `'0/,'`.
def my_encode(packet):
    text = f"{packet.type:d}"
    if packet.attachments:
        text += f"{packet.attachments}-"
    if packet.namespace:
        text += f"{packet.namespace},"
    if packet.id is not None:
        text += f"{packet.id}"
    if packet.data is not None:
        text += JSON.encode(packet.data)
    return text

# %% wrong check_my_encode: to be `'0'`, got `None`.
def my_encode(packet):
    text = f"{packet.type:d}"
    if packet.attachments:
        text += f"{packet.attachments}-"
    if packet.namespace != "/":
        text += f"{packet.namespace},"
    if packet.id is not None:
        text += f"{packet.id}"
    if packet.data is not None:
        text += JSON.encode(packet.data)
    print(text)

# %% right check_desk
def desk(io, prices):
    class Counter:
        def __init__(self, socket):
            self.socket = socket
            socket.on("ask", self.ask)

        async def ask(self, *question):
            name = question[0] if question else None
            try:
                self.socket.emit("price", name, prices[name])
            except (KeyError, TypeError):
                self.socket.emit("unknown", name)

    io.on("connection", Counter)

# %% wrong check_desk: The client asked for gold and heard nothing. Has its *socket* an `on('ask', …)` that emits, from a handler of `connection`?
def desk(io, prices):
    @io.on("ask")
    def answer(name=None):
        io.emit("price", name, prices[name])

# %% wrong check_desk: Expected what is heard after `ask` gold to be
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            for known, price in prices.items():
                socket.emit("price", known, price)

# %% right check_read
def read(text):
    kind, *rest = text
    namespace, number = "/", ""
    if rest[:1] == ["/"]:
        end = rest.index(",")
        namespace, rest = "".join(rest[:end]), rest[end + 1 :]
    while rest and rest[0] in "0123456789":
        number += rest.pop(0)
    data = "".join(rest)
    return [int(kind), namespace, int(number) if number else None, json.loads(data) if data else None]

# %% wrong check_read: was raised, in line 9: `return kind, namespace, number, json.loads(rest) if rest else None`.
def read(text):
    kind, rest = int(text[0]), text[1:]
    namespace = "/"
    if "," in rest:
        namespace, _, rest = rest.partition(",")
    number = None
    if rest[:1].isdigit():
        number, rest = int(rest[0]), rest[1:]
    return kind, namespace, number, json.loads(rest) if rest else None

# %% wrong check_desk: Has its *socket* an `on('ask', …)` that emits, from a handler of `connection`?
def desk(io, prices):
    @io.on("connect")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            if isinstance(name, str) and name in prices:
                socket.emit("price", name, prices[name])
            else:
                socket.emit("unknown", name)

# %% wrong check_desk: Has its *socket* an `on('ask', …)` that emits, from a handler of `connection`?
def desk(io, prices):
    @io.on("connection")
    def welcome(socket):
        @socket.on("ask")
        def answer(name=None):
            return ["price", name, prices.get(name)]

# %% right check_desk
from functools import partial

def answer(socket, prices, name=None, *more):
    match name:
        case str() if name in prices:
            socket.emit("price", name, prices[name])
        case _:
            socket.emit("unknown", name)

def desk(io, prices):
    io.on("connection", lambda socket: socket.on("ask", partial(answer, socket, prices)))

# %% wrong check_emitter: the log `handmade` has not a word of it
import logging

class MyEmitter:
    def __init__(self):
        self.handlers = {}

    def on(self, event, handler=None):
        if handler is None:
            return lambda handler: self.on(event, handler)
        self.handlers.setdefault(event, []).append(handler)
        return handler

    async def fire(self, event, *arguments):
        for handler in self.handlers.get(event, []):
            try:
                result = handler(*arguments)
                if asyncio.iscoroutine(result):
                    await result
            except Exception:
                logging.getLogger("hand-made").critical("failed", exc_info=True)

# %% wrong check_read: to be `[2, '/', None, ['echo', 'Hello']]`, got `[2, '/', ['echo', 'Hello'], None]`
def read(text):
    kind, rest, namespace = int(text[0]), text[1:], "/"
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
    digits = 0
    while rest[digits : digits + 1].isdecimal():
        digits += 1
    data = json.loads(rest[digits:]) if rest[digits:] else None
    return kind, namespace, data, int(rest[:digits]) if digits else None
