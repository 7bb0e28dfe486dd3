# Answers that people give to the exercises of lesson 16. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_objection
import inspect


async def my_objection(middleware, subject):
    try:
        for function in middleware:
            result = function(subject)
            if inspect.isawaitable(result):
                await result
    except Exception as error:
        return error
    return None

# %% right check_objection
async def ask(function, subject):
    try:
        result = function(subject)
        if asyncio.iscoroutine(result):
            await result
    except Exception as error:
        return error


async def my_objection(middleware, subject):
    for function in list(middleware):
        error = await ask(function, subject)
        if error is not None:
            return error

# %% right check_objection
async def my_objection(middleware, subject):
    found = None
    index = 0
    while found is None and index < len(middleware):
        try:
            answer = middleware[index](subject)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except asyncio.CancelledError:
            raise
        except Exception as exception:
            found = exception
        index += 1
    return found

# %% wrong check_objection: Expected what is called, with a slow one, whose call gives a coroutine, before a plain one
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            function(subject)
        except Exception as error:
            return error
    return None

# %% wrong check_objection: Expected what is called, with two plain functions
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return error
        return None

# %% wrong check_objection: With a slow one that raises ConnectError, before another one, the exception came out of `my_objection`.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
        except Exception as error:
            return error
        if asyncio.iscoroutine(result):
            await result
    return None

# %% wrong check_objection: Expected what is called, with one that raises ConnectError, before another one
async def my_objection(middleware, subject):
    found = None
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            found = found or error
    return found

# %% wrong check_objection: With one with an error in it, which raises KeyError, the exception came out of `my_objection`.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except l16.ConnectError as error:
            return error
    return None

# %% wrong check_objection: With one that raises ConnectError, before another one, it returned 'no'. Return the exception itself.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return str(error)
    return None

# %% wrong check_objection: A client goes while a middleware awaits, and its task is cancelled. Yours went on:
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except BaseException as error:
            return error
    return None

# %% wrong check_objection: Expected what is called, with a slow one, whose call gives a coroutine, before a plain one
async def my_objection(middleware, subject):
    try:
        results = [function(subject) for function in middleware]
        for result in results:
            if asyncio.iscoroutine(result):
                await result
    except Exception as error:
        return error
    return None

# %% wrong check_objection: With no middleware, it returned True.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return error
    return True

# %% right check_objection
async def my_objection(middleware, subject):
    for function in middleware:
        error = None
        try:
            result = function(subject)
            if hasattr(result, "__await__"):
                await result
        except Exception as exception:
            error = exception
        if error:
            return error

# %% right check_objection
from inspect import iscoroutine

async def called(function, subject):
    result = function(subject)
    return await result if iscoroutine(result) else result

async def my_objection(middleware, subject):
    try:
        for each in middleware:
            await called(each, subject)
    except Exception as error:
        return error
    else:
        return None

# %% right check_objection
async def my_objection(middleware, subject):
    if not middleware:
        return None
    first, *others = middleware
    try:
        match first(subject):
            case None:
                pass
            case result if asyncio.iscoroutine(result):
                await asyncio.ensure_future(result)
    except Exception as error:
        return error
    return await my_objection(others, subject)

# %% wrong check_objection: Expected what is called, with a slow one, whose call gives a coroutine, before a plain one, to be
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            if asyncio.iscoroutinefunction(function):
                await function(subject)
            else:
                function(subject)
        except Exception as error:
            return error
    return None

# %% wrong check_objection: With two plain functions, it returned TypeError(
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            await function(subject)
        except Exception as error:
            return error
    return None

# %% wrong check_objection: With a slow one that raises TypeError, it returned None. Return the exception itself.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            try:
                await result
            except TypeError:
                pass
        except Exception as error:
            return error
    return None

# %% wrong check_objection: Expected what is called, with a slow one, whose call gives a coroutine, before a plain one, to be
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                asyncio.create_task(result)
        except Exception as error:
            return error
    return None

# %% wrong check_objection: `my_objection` is awaited: write `async def`
def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                asyncio.run(result)
        except Exception as error:
            return error

# %% wrong check_objection: With one that raises ConnectError, before another one, it returned <class 'Exception'>. Return the exception itself.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception:
            return Exception
    return None

# %% wrong check_objection: With one that raises ConnectError, before another one, the exception came out of `my_objection`.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            raise error
    return None

# %% right check_presence
from collections import defaultdict


class MyPresence:
    def __init__(self):
        self.ids = defaultdict(set)

    def came(self, name, id):
        known = name in self.ids
        self.ids[name].add(id)
        return not known

    def left(self, name, id):
        if name not in self.ids or id not in self.ids[name]:
            return False
        self.ids[name] -= {id}
        if self.ids[name]:
            return False
        self.ids.pop(name)
        return True

    def names(self):
        return sorted(self.ids)

# %% right check_presence
class MyPresence:
    def __init__(self):
        self.here = {}

    def came(self, name, id):
        is_new = name not in self.here.values()
        self.here[id] = name
        return is_new

    def left(self, name, id):
        if self.here.get(id) != name:
            return False
        del self.here[id]
        return name not in self.here.values()

    def names(self):
        return sorted(set(self.here.values()))

# %% right check_presence
class MyPresence:
    def __init__(self):
        self.pairs = []

    def names(self):
        return sorted({name for name, _ in self.pairs})

    def came(self, name, id):
        before = self.names()
        if (name, id) not in self.pairs:
            self.pairs.append((name, id))
        return name not in before

    def left(self, name, id):
        try:
            self.pairs.remove((name, id))
        except ValueError:
            return False
        return name not in self.names()

# %% wrong check_presence: Expected what `left("Ann", "1")` returns
class MyPresence:
    def __init__(self):
        self.people = set()

    def came(self, name, id):
        is_new = name not in self.people
        self.people.add(name)
        return is_new

    def left(self, name, id):
        was_here = name in self.people
        self.people.discard(name)
        return was_here

    def names(self):
        return sorted(self.people)

# %% wrong check_presence: Expected what `left("Ann", "1")` returns
class MyPresence:
    def __init__(self):
        self.count = {}

    def came(self, name, id):
        self.count[name] = self.count.get(name, 0) + 1
        return self.count[name] == 1

    def left(self, name, id):
        if name not in self.count:
            return False
        self.count[name] -= 1
        if self.count[name] == 0:
            del self.count[name]
            return True
        return False

    def names(self):
        return sorted(self.count)

# %% wrong check_presence: All have left, and this is still there: ids =
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_new = not self.ids.get(name)
        self.ids.setdefault(name, set()).add(id)
        return is_new

    def left(self, name, id):
        known = id in self.ids.get(name, ())
        if known:
            self.ids[name].remove(id)
        return known and not self.ids[name]

    def names(self):
        return sorted(name for name, ids in self.ids.items() if ids)

# %% wrong check_presence: KeyError
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_new = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_new

    def left(self, name, id):
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected what `left("Cy", "7")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_new = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_new

    def left(self, name, id):
        ids = self.ids.get(name, set())
        ids.discard(id)
        if not ids:
            self.ids.pop(name, None)
        return not ids

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected `names()`
class MyPresence:
    def __init__(self):
        self.here = {}

    def came(self, name, id):
        is_new = name not in self.here.values()
        self.here[id] = name
        return is_new

    def left(self, name, id):
        if self.here.get(id) != name:
            return False
        del self.here[id]
        return name not in self.here.values()

    def names(self):
        return sorted(self.here.values())

# %% wrong check_presence: Expected what `came("Ann", "3")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        self.ids.setdefault(name, set()).add(id)
        return True

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].discard(id)
        if not self.ids[name]:
            del self.ids[name]
        return name not in self.ids

    def names(self):
        return sorted(self.ids)

# %% right check_presence
from collections import Counter

class MyPresence:
    def __init__(self):
        self.ids = set()

    def came(self, name, id):
        new = not any(each == name for each, _ in self.ids)
        self.ids.add((name, id))
        return new

    def left(self, name, id):
        if (name, id) in self.ids:
            self.ids.remove((name, id))
            return Counter(each for each, _ in self.ids)[name] == 0
        return False

    def names(self):
        return sorted(Counter(name for name, _ in self.ids))

# %% right check_presence
class Person:
    def __init__(self):
        self.ids = []

class MyPresence:
    def __init__(self):
        self._people = {}

    def came(self, name, id):
        try:
            person = self._people[name]
        except KeyError:
            person = self._people[name] = Person()
        if id not in person.ids:
            person.ids.append(id)
            return len(person.ids) == 1
        return False

    def left(self, name, id):
        person = self._people.get(name)
        if person is None or id not in person.ids:
            return False
        person.ids.remove(id)
        if len(person.ids) == 0:
            del self._people[name]
            return True
        return False

    def names(self):
        names = list(self._people.keys())
        names.sort()
        return names

# %% right check_presence
from dataclasses import dataclass, field

@dataclass
class MyPresence:
    ids: dict = field(default_factory=dict)

    def came(self, name, id):
        before = self.ids.get(name, frozenset())
        self.ids[name] = before | {id}
        return before == frozenset()

    def left(self, name, id):
        before = self.ids.pop(name, frozenset())
        after = before - {id}
        if after:
            self.ids[name] = after
        return bool(before) and not after

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Zoe has come to one `MyPresence()`, and another one knows of her.
class MyPresence:
    ids = {}

    def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_first

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected what `left("Ann", "4")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, []).append(id)
        return is_first

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected what `came("Ann", "1")` returns to be `True`, got `False`.
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        self.ids.setdefault(name, set()).add(id)
        return name not in self.ids

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: to be `['Ann', 'Bob']`, got `['Bob', 'Ann']`.
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_first

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return list(self.ids)[::-1]

# %% wrong check_presence: Expected what `left("Cy", "7")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_first

    def left(self, name, id):
        if id in self.ids.get(name, ()):
            self.ids[name].remove(id)
            if not self.ids[name]:
                del self.ids[name]
        return name not in self.ids

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected what `left("Ann", "1")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}

    def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, set(id))
        return is_first

    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: to be `['Ann', 'Bob']`, got `['Ann', 'Bob', 'Cy']`.
from collections import defaultdict

class MyPresence:
    def __init__(self):
        self.ids = defaultdict(set)

    def came(self, name, id):
        is_first = not self.ids[name]
        self.ids[name].add(id)
        return is_first

    def left(self, name, id):
        if id not in self.ids[name]:
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: Expected what `came("Ann", "1")` returns to be `True`, got a coroutine
class MyPresence:
    def __init__(self):
        self.ids = {}

    async def came(self, name, id):
        is_first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return is_first

    async def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True

    def names(self):
        return sorted(self.ids)

# %% right check_renew
def renew(socket, fetch):
    tries = []
    socket.on("connect", lambda: tries.clear())

    async def refused(error):
        if isinstance(error, ConnectError) or hasattr(error, "data"):
            data = error.data
            if isinstance(data, dict) and data.get("expired") is True and not tries:
                tries.append(1)
                ticket = await fetch()
                socket.auth = {"token": ticket}
                socket.connect()

    socket.on("connect_error", refused)

# %% right check_renew
def renew(socket, fetch):
    state = {"fetched": False}

    async def renewed():
        socket.auth = dict(token=await fetch())
        socket.connect()

    @socket.on("connect")
    def _():
        state["fetched"] = False

    @socket.on("connect_error")
    def _(error):
        if getattr(error, "data", None) == {"expired": True} and not state["fetched"]:
            state["fetched"] = True
            state["task"] = asyncio.create_task(renewed())

# %% right check_renew
class Renewal:
    def __init__(self, socket, fetch):
        self.socket, self.fetch, self.left = socket, fetch, 1
        socket.on("connect", self.connected)
        socket.on("connect_error", self.refused)

    def connected(self):
        self.left = 1

    async def refused(self, error):
        try:
            expired = error.data["expired"] is True
        except (AttributeError, TypeError, KeyError):
            return
        if expired and self.left:
            self.left -= 1
            self.socket.auth = {**self.socket.auth, "token": await self.fetch()}
            self.socket.connect()

def renew(socket, fetch):
    Renewal(socket, fetch)

# %% wrong check_renew: The client knocks with … and then no more.
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = {"token": await fetch()}

# %% wrong check_renew: Expected the tickets with which the client knocks, if its first one has expired, to be
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.connect()
            socket.auth = {"token": await fetch()}

# %% wrong check_renew: Expected the tickets with which the client knocks, if it is refused with the data
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if it is refused with the data {'expired': False}, to be
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if "expired" in (error.data or {}) and isinstance(error.data, dict) and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired, too, to be
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired when the cable breaks
def renew(socket, fetch):
    fetched = []

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with … and then no more.
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = await fetch()
            socket.connect()

# %% wrong check_renew: Expected how often `fetch` is called, if its first one is good, to be
def renew(socket, fetch):
    @socket.on("connect")
    async def connected():
        socket.auth = {"token": await fetch()}

# %% right check_renew
def renew(socket, fetch):
    may_fetch = True

    def connected():
        nonlocal may_fetch
        may_fetch = True

    async def refused(error):
        nonlocal may_fetch
        data = getattr(error, "data", None)
        if not may_fetch or not isinstance(data, dict) or not data.get("expired"):
            return
        may_fetch = False
        ticket = await fetch()
        socket.auth["token"] = ticket
        socket.connect()

    socket.on("connect", connected)
    socket.on("connect_error", refused)

# %% right check_renew
import types

def renew(socket, fetch):
    state = types.SimpleNamespace(tries=0)

    @socket.on("connect_error")
    async def on_error(error):
        try:
            expired = error.data == {"expired": True}
        except AttributeError:
            expired = False
        if expired and state.tries == 0:
            state.tries = state.tries + 1
            socket.auth = {"token": await fetch()}
            socket.connect()

    @socket.on("disconnect")
    def on_disconnect(*reason):
        state.tries = 0

# %% right check_renew
def renew(socket, fetch):
    used = asyncio.Event()
    tasks = set()

    async def fetch_and_connect():
        token = await fetch()
        socket.auth = {**(socket.auth or {}), "token": token}
        socket.connect()

    def refused(error):
        match error:
            case ConnectError(data={"expired": True}) if not used.is_set():
                used.set()
                tasks.add(asyncio.ensure_future(fetch_and_connect()))
            case Exception(data={"expired": True}) if not used.is_set():
                used.set()
                tasks.add(asyncio.ensure_future(fetch_and_connect()))

    socket.on("connect", used.clear)
    socket.on("connect_error", refused)

# %% wrong check_renew: cannot access local variable 'fetched'
def renew(socket, fetch):
    fetched = False

    @socket.on("connect")
    def connected():
        fetched = False

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched = True
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: All that was wanted came, and then `TypeError: 'NoneType' object is not subscriptable` was raised
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if error.data["expired"] and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with ['old'], if its first one has expired, and then no more.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with ['old'], if its first one has expired, and then no more.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if error == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with ['old'], if its first one has expired, and then no more.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if "expired" in str(error) and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with ['old'], if its first one has expired, and then no more.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("disconnect")
    async def refused(reason):
        if not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if it is refused with the data {'expired': False}, to be
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) and "expired" in error.data and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: `renew` is called without `await`
async def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired, too, to be
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        fetched = False
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched = True
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% right check_presence
class MyPresence:
    __slots__ = ("here",)

    def __init__(self):
        self.here = {}

    def came(self, name, id):
        known = name in self.here
        self.here.setdefault(name, set()).add(id)
        return not known

    def left(self, name, id):
        ids = self.here.get(name, set())
        if id not in ids:
            return False
        ids.discard(id)
        if not ids:
            del self.here[name]
        return not ids

    def names(self):
        return sorted(self.here)

# %% right check_presence
from dataclasses import dataclass, field


@dataclass
class MyPresence:
    here: dict = field(default_factory=dict)

    def came(self, name, id):
        known = name in self.here
        self.here.setdefault(name, set()).add(id)
        return not known

    def left(self, name, id):
        match self.here.get(name):
            case ids if ids and id in ids:
                ids -= {id}
                return not ids and self.here.pop(name) == set()
        return False

    def names(self):
        return sorted(self.here)

# %% wrong check_objection: With two that return something, which is no objection, it returned TypeError(
async def my_objection(middleware, subject):
    queue = list(middleware)[::-1]
    while queue:
        function = queue.pop()
        try:
            result = function(subject)
            if result is not None:
                await result
        except Exception as error:
            return error

# %% wrong check_objection: it returned
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except Exception as error:
            return type(error)(*error.args)
    return None

# %% wrong check_objection: A client goes while a middleware awaits, and its task is cancelled.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await asyncio.gather(result, return_exceptions=False)
        except:
            import sys
            return sys.exc_info()[1]
    return None

# %% right check_renew
def renew(socket, fetch):
    state = {"tried": False}
    socket.on("connect", lambda: state.update(tried=False))

    async def again(error):
        if getattr(error, "data", None) == {"expired": True} and not state["tried"]:
            state["tried"] = True
            ticket = await fetch()
            socket.auth = dict(token=ticket)
            socket.connect()

    socket.on("connect_error", again)

# %% right check_renew
def renew(socket, fetch):
    fetched = []

    @socket.on("connect")
    def forget():
        fetched.clear()

    @socket.on("connect_error")
    def refused(error):
        data = getattr(error, "data", None)
        if fetched or not isinstance(data, dict) or data.get("expired") is not True:
            return
        fetched.append(asyncio.ensure_future(again()))

    async def again():
        socket.auth = {"token": await fetch()}
        socket.connect()

# %% wrong check_renew: Expected
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: The client knocks with
def renew(socket, fetch):
    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = {"token": await fetch()}

# %% wrong check_objection: Expected what is called, with two that return something, which is no objection, to be
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                result = await result
        except Exception as error:
            return error
        if result is not None:
            return result
    return None

# %% wrong check_objection: Expected what is called, with a slow one, whose call gives a coroutine, before a plain one, to be
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            if asyncio.iscoroutine(function(subject)):
                await function(subject)
        except Exception as error:
            return error

# %% wrong check_objection: With two that return something, which is no objection, it returned ConnectError('no'). Nobody had anything against it: None.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                result = await result
            if result is False:
                raise l16.ConnectError("no")
        except Exception as error:
            return error

# %% wrong check_objection: With one with an error in it, which raises KeyError, it returned None. Return the exception itself.
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                await result
        except l16.ConnectError as error:
            return error
        except Exception as error:
            print("a fault:", error)

# %% wrong check_objection: it returned RuntimeError('This event loop is already running').
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            if asyncio.iscoroutine(result):
                asyncio.get_event_loop().run_until_complete(result)
        except Exception as error:
            return error

# %% right check_objection
async def my_objection(middleware, subject):
    for function in middleware:
        try:
            result = function(subject)
            while asyncio.iscoroutine(result):
                result = await result
        except Exception as objection:
            return objection

# %% right check_objection
from inspect import isawaitable
async def my_objection(middleware, subject):
    steps = iter(middleware)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration:
                return None
            done = step(subject)
            if isawaitable(done):
                await done
    except Exception as error:
        return error

# %% right check_objection
async def my_objection(middleware, subject):
    objections = []
    for function in middleware:
        try:
            result = function(subject)
            await result if asyncio.iscoroutine(result) else None
        except Exception as error:
            objections.append(error)
        if objections:
            break
    return objections[0] if objections else None

# %% wrong check_presence: Expected what `left("Cy", "7")` returns
class MyPresence:
    def __init__(self):
        self.ids = {}
    def came(self, name, id):
        self.ids.setdefault(name, set()).add(id)
        return len(self.ids[name]) == 1
    def left(self, name, id):
        ids = self.ids.get(name, set())
        if id in ids:
            ids.remove(id)
        if ids:
            return False
        self.ids.pop(name, None)
        return True
    def names(self):
        return sorted(self.ids)

# %% wrong check_presence: to be `['Ann']`, got `{'Ann'}`.
class MyPresence:
    def __init__(self):
        self.ids = {}
    def came(self, name, id):
        first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return first
    def left(self, name, id):
        if id not in self.ids.get(name, ()):
            return False
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True
    def names(self):
        return set(self.ids)

# %% wrong check_presence: Expected what `left("Ann", "5")` returns
class MyPresence:
    def __init__(self):
        self.latest = {}
    def came(self, name, id):
        first = name not in self.latest
        self.latest[name] = id
        return first
    def left(self, name, id):
        if self.latest.get(name) != id:
            return False
        del self.latest[name]
        return True
    def names(self):
        return sorted(self.latest)

# %% wrong check_presence: All have left, and this is still there: gone =
class MyPresence:
    def __init__(self):
        self.ids, self.gone = {}, []
    def came(self, name, id):
        first = name not in self.ids
        self.ids.setdefault(name, set()).add(id)
        return first
    def left(self, name, id):
        if id in self.gone or id not in self.ids.get(name, ()):
            return False
        self.gone.append(id)
        self.ids[name].remove(id)
        if self.ids[name]:
            return False
        del self.ids[name]
        return True
    def names(self):
        return sorted(self.ids)

# %% right check_presence
class MyPresence(dict):
    def came(self, name, id):
        first = name not in self
        self.setdefault(name, []).append(id) if id not in self.get(name, []) else None
        return first
    def left(self, name, id):
        if id not in self.get(name, []):
            return False
        self[name].remove(id)
        return not self[name] and self.pop(name) == []
    def names(self):
        return sorted(self)

# %% right check_presence
from collections import Counter
class MyPresence:
    def __init__(self):
        self._sockets = set()
        self._count = Counter()
    def came(self, name, id):
        if (name, id) in self._sockets:
            return False
        self._sockets.add((name, id))
        self._count[name] += 1
        return self._count[name] == 1
    def left(self, name, id):
        if (name, id) not in self._sockets:
            return False
        self._sockets.discard((name, id))
        self._count[name] -= 1
        if not self._count[name]:
            del self._count[name]
            return True
        return False
    def names(self):
        return sorted(self._count)

# %% right check_presence
class MyPresence:
    def __init__(self):
        self.tree = {}
    def came(self, name, id):
        sockets = self.tree.get(name)
        if sockets is None:
            self.tree[name] = {id: True}
            return True
        sockets[id] = True
        return False
    def left(self, name, id):
        try:
            del self.tree[name][id]
        except KeyError:
            return False
        if len(self.tree[name]) > 0:
            return False
        self.tree.pop(name)
        return True
    def names(self):
        return sorted(list(self.tree.keys()))

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired when the cable breaks, to be
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", {"expired": True}) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

# %% wrong check_renew: Expected how often `fetch` is called, if it is refused with the data None, to be `0`, got `1`.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        ticket = await fetch()
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": ticket}
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired when the cable breaks, to be
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth = {"token": await fetch()}
            socket.connect()

    @socket.on("disconnect")
    async def lost(reason):
        socket.auth = {"token": await fetch()}

# %% wrong check_renew: The client knocks with ['old'], if its first one has expired, and then no more.
def renew(socket, fetch):
    @socket.on("connect_error")
    def refused(error):
        if getattr(error, "data", None) == {"expired": True}:
            socket.auth = fetch
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if its first one has expired, to be `['old', 'new 1']`, got `['old', 'old']`.
def renew(socket, fetch):
    fetched = []
    socket.on("connect", fetched.clear)

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not fetched:
            fetched.append(True)
            socket.auth["ticket"] = await fetch()
            socket.connect()

# %% wrong check_renew: Expected the tickets with which the client knocks, if the new one has expired, too, to be
def renew(socket, fetch):
    state = {"fetched": False}
    socket.on("connect", lambda: state.update(fetched=False))

    @socket.on("connect_error")
    async def refused(error):
        if getattr(error, "data", None) == {"expired": True} and not state["fetched"]:
            socket.auth = {"token": await fetch()}
            socket.connect()
            state["fetched"] = False

# %% right check_renew
def renew(socket, fetch):
    is_new = False

    async def refused(error):
        nonlocal is_new
        data = getattr(error, "data", None)
        expired = isinstance(data, dict) and data.get("expired") is True
        if not expired or is_new:
            return
        is_new = True
        ticket = await fetch()
        socket.auth = {"token": ticket}
        socket.connect()

    def connected(*_):
        nonlocal is_new
        is_new = False

    socket.on("connect_error", refused)
    socket.on("connect", connected)

# %% right check_renew
def renew(socket, fetch):
    async def fresh():
        return {"token": await fetch()}

    spent = set()
    socket.on("connect", spent.clear)

    @socket.on("connect_error")
    async def refused(error):
        if isinstance(error, Exception) and getattr(error, "data", 0) == {"expired": True}:
            if not spent:
                spent.add("spent")
                socket.auth = await fresh()
                socket.connect()

# %% right check_renew
from functools import partial

async def on_refusal(state, socket, fetch, error):
    try:
        if error.data != {"expired": True} or state:
            return
    except AttributeError:
        return
    state["tried"] = True
    socket.auth = {"token": await fetch()}
    socket.connect()

def renew(socket, fetch):
    state = {}
    socket.on("connect", state.clear)
    socket.on("connect_error", partial(on_refusal, state, socket, fetch))
