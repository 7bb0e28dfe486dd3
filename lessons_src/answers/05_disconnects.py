# Answers that people give to the exercises of lesson 05. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_is_alive
async def is_alive(websocket, patience):
    async def ask():
        await (await websocket.ping())

    try:
        await asyncio.wait_for(ask(), patience)
        return True
    except Exception:
        return False

# %% right check_is_alive
async def is_alive(websocket, patience):
    asking = asyncio.ensure_future(websocket.ping())
    done, _ = await asyncio.wait([asking], timeout=patience)
    if not done or asking.exception():
        asking.cancel()
        return False
    done, _ = await asyncio.wait([asking.result()], timeout=patience)
    return bool(done) and asking.result().exception() is None

# %% right check_is_alive
from websockets.exceptions import WebSocketException

async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            pong_waiter = await websocket.ping("are you there?")
            latency = await pong_waiter
    except TimeoutError:
        return False
    except WebSocketException:
        return False
    else:
        return latency >= 0

# %% wrong check_is_alive: 20 MB are on their way to nowhere, and `websocket.ping()` itself has to wait
async def is_alive(websocket, patience):
    try:
        pong = await websocket.ping()
        await asyncio.wait_for(pong, patience)
    except (TimeoutError, ConnectionClosed):
        return False
    return True

# %% wrong check_is_alive: The cable is pulled, and you say True. You sent nothing.
async def is_alive(websocket, patience):
    await asyncio.sleep(patience)
    return websocket.state.name == "OPEN"

# %% wrong check_is_alive: The cable is pulled, and you say True. The ping went out. But `ping()` only sends it
async def is_alive(websocket, patience):
    try:
        await asyncio.wait_for(websocket.ping(), patience)
    except (TimeoutError, ConnectionClosed):
        return False
    return True

# %% wrong check_is_alive: The cable is pulled, and you say True. That `send` succeeds proves nothing
async def is_alive(websocket, patience):
    try:
        await asyncio.wait_for(websocket.send("are you there?"), patience)
    except (TimeoutError, ConnectionClosed):
        return False
    return True

# %% wrong check_is_alive: The server had sent a message, and nobody can read it any more.
async def is_alive(websocket, patience):
    try:
        await asyncio.wait_for(websocket.recv(), patience)
    except (TimeoutError, ConnectionClosed):
        return False
    return True

# %% wrong check_is_alive: Patience was 0.4 seconds, and it still waits after 2.
async def is_alive(websocket, patience):
    try:
        pong = await websocket.ping()
        await pong
    except ConnectionClosed:
        return False
    return True

# %% wrong check_is_alive: The server is well, and you do not say True.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping())
    except (TimeoutError, ConnectionClosed):
        return False

# %% wrong check_is_alive: `TimeoutError` was raised, in line 2
async def is_alive(websocket, patience):
    async with asyncio.timeout(patience):
        await (await websocket.ping())
    return True

# %% wrong check_is_alive: was raised, in line 4: `pong = await websocket.ping()`
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            pong = await websocket.ping()
            await pong
    except TimeoutError:
        return False
    return True

# %% right check_is_alive
async def is_alive(websocket, patience):
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    asking = loop.create_task(websocket.ping())
    while loop.time() < end:
        await asyncio.sleep(0.01)
        if asking.done():
            if asking.exception():
                return False
            pong = asking.result()
            if pong.done():
                return pong.exception() is None
    asking.cancel()
    return False

# %% wrong check_is_alive: The cable is pulled, and you closed the connection.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping())
            return True
    except ConnectionClosed:
        return False
    except TimeoutError:
        await websocket.close()
        return False

# %% wrong check_is_alive: `is_alive` is awaited: write `async def` in place of `def`.
def is_alive(websocket, patience):
    try:
        websocket.ping()
        return True
    except ConnectionClosed:
        return False

# %% wrong check_is_alive: already waiting for a pong with the same data` was raised, in line 4
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping(b"alive"))
    except (TimeoutError, ConnectionClosed):
        return False
    return True

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        asking = asyncio.create_task(self.ask(websocket))
        try:
            async for _ in websocket:
                pass
        except ConnectionClosed:
            pass
        finally:
            asking.cancel()
            self.present.discard(websocket)

    async def ask(self, websocket):
        while True:
            await asyncio.sleep(self.interval)
            try:
                await asyncio.wait_for(await websocket.ping(), self.patience)
            except TimeoutError:
                websocket.transport.abort()

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval = interval
        self.patience = patience
        self.present = set()

    async def answers(self, websocket):
        try:
            async with asyncio.timeout(self.patience):
                await (await websocket.ping())
            return True
        except (TimeoutError, ConnectionClosed):
            return False

    async def handler(self, websocket):
        self.present.add(websocket)
        while await self.answers(websocket):
            await asyncio.sleep(self.interval)
        self.present.remove(websocket)

# %% right check_roll
from contextlib import suppress

class Roll:
    def __init__(self, interval, patience):
        self.interval = interval
        self.patience = patience
        self.clients = {}

    @property
    def present(self):
        return set(self.clients.values())

    async def handler(self, websocket):
        self.clients[websocket.id] = websocket
        with suppress(TimeoutError, ConnectionClosed):
            while websocket.close_code is None:
                pong = await websocket.ping()
                done, _ = await asyncio.wait([pong], timeout=self.patience)
                if not done:
                    break
                await asyncio.sleep(self.interval)
        del self.clients[websocket.id]

# %% wrong check_roll: Three clients came, and `present` has 0. Add each of them as soon as it connects.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        async for _ in websocket:
            self.present.add(websocket)

# %% wrong check_roll: Bob said goodbye and is still in `present`. Take him off in `finally`.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        while True:
            await asyncio.sleep(self.interval)
            await asyncio.wait_for(await websocket.ping(), self.patience)

# %% wrong check_roll: Cy's cable was pulled, and he is still there. Ann, who is there, was never asked
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            async for _ in websocket:
                pass
        finally:
            self.present.discard(websocket)

# %% wrong check_roll: Cy's cable was pulled, and he is still there. You ask him. What happens when no pong comes?
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            while True:
                await asyncio.sleep(self.interval)
                await (await websocket.ping())
        except ConnectionClosed:
            pass
        finally:
            self.present.discard(websocket)

# %% wrong check_roll: Ann is off the list, too. She says nothing, but she is there and answers pings.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            async with asyncio.timeout(self.patience + self.interval):
                async for _ in websocket:
                    pass
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            self.present.discard(websocket)

# %% wrong check_roll: `AttributeError: 'Roll' object has no attribute 'patience'` was raised, in line 11
class Roll:
    def __init__(self, interval, patience):
        self.interval = interval
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            while True:
                await asyncio.sleep(self.interval)
                await asyncio.wait_for(await websocket.ping(), self.patience)
        except ConnectionClosed:
            self.present.discard(websocket)

# %% wrong check_roll: `TypeError: Roll.__init__() got an unexpected keyword argument 'interval'` was raised.
class Roll:
    def __init__(self):
        self.present = set()

    async def handler(self, websocket):
        self.present.add(websocket)

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, []
    async def handler(self, websocket):
        self.present.append(websocket)
        async def beat():
            while True:
                await asyncio.sleep(self.interval)
                await asyncio.wait_for(await websocket.ping(), self.patience)
        async def read():
            async for _ in websocket: pass
        try:
            async with asyncio.TaskGroup() as g:
                g.create_task(beat()); g.create_task(read())
        except* (TimeoutError, ConnectionClosed):
            pass
        finally:
            self.present.remove(websocket)

# %% wrong check_roll: `handler` is awaited: write `async def`
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    def handler(self, websocket):
        self.present.add(websocket)

# %% wrong check_roll: Ask her again and again, as long as she answers
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, websocket):
        self.present.add(websocket)
        await asyncio.sleep(self.interval)
        try:
            await asyncio.wait_for(await websocket.ping(), self.patience)
        finally:
            self.present.discard(websocket)

# %% right check_is_alive
async def is_alive(websocket, patience):
    """Two tasks race: the answer and the clock."""
    async def answer():
        waiter = await websocket.ping()
        await waiter
        return True

    async def clock():
        await asyncio.sleep(patience)
        return False

    racers = [asyncio.create_task(answer()), asyncio.create_task(clock())]
    done, rest = await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
    for each in rest:
        each.cancel()
    first = done.pop()
    return first.exception() is None and first.result()

# %% right check_is_alive
from contextlib import suppress

async def is_alive(websocket, patience):
    alive = False
    deadline = asyncio.get_running_loop().time() + patience
    with suppress(TimeoutError, ConnectionClosed):
        async with asyncio.timeout_at(deadline):
            await (await websocket.ping())
            alive = True
    return alive

# %% wrong check_is_alive: The cable is pulled, and you say True. You sent nothing.
async def is_alive(websocket, patience):
    return websocket.close_code is None

# %% wrong check_is_alive: But `ping()` only sends it: await what it gives you, and say False if that is late.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping())
    except (TimeoutError, ConnectionClosed):
        return False
    finally:
        return True

# %% wrong check_is_alive: The server had sent a message, and nobody can read it any more. No `recv()`, no closing: only ask.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await websocket.send("alive?")
            await websocket.recv()
            return True
    except (TimeoutError, ConnectionClosed):
        return False

# %% right check_roll
class Roll:
    """With the library's own heart."""

    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()

    async def handler(self, websocket):
        websocket.ping_interval, websocket.ping_timeout = self.interval, self.patience
        websocket.start_keepalive()
        self.present.add(websocket)
        try:
            async for _ in websocket:
                pass
        except ConnectionClosed:
            pass
        finally:
            self.present.discard(websocket)

# %% right check_roll
class Roll:
    """When each was heard last."""

    def __init__(self, interval, patience):
        self.interval, self.patience, self.heard = interval, patience, {}

    @property
    def present(self):
        now = asyncio.get_running_loop().time()
        return {who for who, when in self.heard.items() if now - when < self.interval + self.patience}

    async def handler(self, websocket):
        now = asyncio.get_running_loop().time
        self.heard[websocket] = now()
        try:
            while True:
                pong = await websocket.ping()
                pong.add_done_callback(lambda pong: pong.exception() or self.heard.update({websocket: now()}))
                await asyncio.sleep(self.interval)
        except ConnectionClosed:
            del self.heard[websocket]

# %% wrong check_roll: Cy's cable was pulled, and he is still there. You ask him. What happens when no pong comes?
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            while True:
                await asyncio.sleep(self.interval)
                async with asyncio.timeout(self.patience):
                    await websocket.ping()
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            self.present.discard(websocket)

# %% wrong check_roll: Ann is off the list, too. She says nothing, but she is there and answers pings. Do not wait for messages.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()

    async def handler(self, websocket):
        self.present.add(websocket)
        try:
            while True:
                await websocket.send("are you there?")
                await asyncio.wait_for(websocket.recv(), self.patience)
                await asyncio.sleep(self.interval)
        except (TimeoutError, ConnectionClosed):
            self.present.discard(websocket)

# %% wrong check_roll: `present` is 0. It is a set, of the connections that are there.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
        self.present = 0

    async def handler(self, websocket):
        self.present += 1
        await websocket.wait_closed()
        self.present -= 1

# %% right check_is_alive
async def is_alive(websocket, patience):
    heard = asyncio.Event()
    async def ask():
        try:
            (await websocket.ping()).add_done_callback(lambda f: f.exception() or heard.set())
        except ConnectionClosed:
            pass
    task = asyncio.create_task(ask())
    try:
        await asyncio.wait_for(heard.wait(), patience)
    except TimeoutError:
        task.cancel()
    return heard.is_set()

# %% right check_is_alive
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience), asyncio.TaskGroup() as group:
            async def ask(): await (await websocket.ping())
            group.create_task(ask())
        return True
    except* (TimeoutError, ConnectionClosed):
        pass
    return False

# %% wrong check_is_alive: The cable is pulled, and you say True. A pong asks nothing, and nobody answers it: send a ping.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience): await websocket.pong()
        return True
    except Exception: return False

# %% wrong check_is_alive: The cable is pulled, and you say True. You sent nothing.
async def is_alive(websocket, patience):
    await asyncio.sleep(patience)
    return websocket.latency < patience

# %% right check_roll
class Roll:
    """A task for all."""
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
        self.rounds = None
    async def ask(self, ws):
        try:
            async with asyncio.timeout(self.patience): await (await ws.ping())
        except Exception:
            self.present.discard(ws)
    async def go_round(self):
        while True:
            await asyncio.sleep(self.interval)
            await asyncio.gather(*map(self.ask, self.present.copy()))
    async def handler(self, ws):
        self.rounds = self.rounds or asyncio.create_task(self.go_round())
        self.present.add(ws)
        await ws.wait_closed()
        self.present.discard(ws)

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, {}
    async def handler(self, ws):
        self.present[ws.remote_address] = ws
        try:
            while True:
                done, _ = await asyncio.wait([await ws.ping()], timeout=self.patience)
                if not done: return
                await asyncio.sleep(self.interval)
        except ConnectionClosed: pass
        finally: del self.present[ws.remote_address]

# %% wrong check_roll: Ann is off the list, too. She says nothing, but she is there and answers pings. Do not wait for messages.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, ws):
        self.present.add(ws)
        try:
            while True:
                await asyncio.sleep(self.interval)
                await ws.send("are you there?")
                await asyncio.wait_for(ws.recv(), self.patience)
        except (TimeoutError, ConnectionClosed): pass
        finally: self.present.discard(ws)

# %% wrong check_roll: Cy's cable was pulled, and he is still there. You ask him. What happens when no pong comes?
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, ws):
        self.present.add(ws)
        try:
            while True:
                await asyncio.sleep(self.interval)
                await asyncio.wait_for(ws.ping(), self.patience)
        except (TimeoutError, ConnectionClosed): pass
        finally: self.present.discard(ws)

# %% wrong check_roll: `present` is 0. It is a set, of the connections that are there.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, 0
    async def handler(self, ws):
        self.present += 1
        await ws.wait_closed()
        self.present -= 1

# %% right check_is_alive
async def is_alive(websocket, patience):
    result, = await asyncio.gather(asyncio.wait_for(answered(websocket), patience), return_exceptions=True)
    return result is True
async def answered(websocket):
    await (await websocket.ping())
    return True

# %% right check_is_alive
async def is_alive(websocket, patience):
    """The protocol below."""
    if websocket.state.name != "OPEN":
        return False
    import os
    data = os.urandom(4)
    waiter = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(patience):
            pong = await websocket.ping(data)
            pong.add_done_callback(lambda f: waiter.done() or waiter.set_result(f.exception() is None))
            return await waiter
    except (TimeoutError, ConnectionClosed):
        return False

# %% wrong check_is_alive: `websockets.exceptions.ConnectionClosedError: no close frame received or sent` was raised, in line 4
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping())
        return True
    except TimeoutError:
        return False

# %% wrong check_is_alive: The server is well, and you do not say True.
async def is_alive(websocket, patience):
    try:
        async with asyncio.timeout(patience):
            await (await websocket.ping())
    except (TimeoutError, ConnectionClosed):
        return False

# %% right check_roll
from contextlib import contextmanager
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    @contextmanager
    def here(self, ws):
        self.present.add(ws)
        try:
            yield
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            self.present.remove(ws)
    async def handler(self, ws):
        with self.here(ws):
            while True:
                await asyncio.wait_for(await ws.ping(), self.patience)
                await asyncio.sleep(self.interval)

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, ws):
        self.present |= {ws}
        beating = asyncio.create_task(self.beat(ws))
        try:
            async for _ in ws:
                pass
        except ConnectionClosed:
            pass
        finally:
            beating.cancel()
            self.present -= {ws}
    async def beat(self, ws):
        while True:
            await asyncio.sleep(self.interval)
            try:
                await asyncio.wait_for(await ws.ping(), self.patience)
            except TimeoutError:
                ws.transport.abort()
                return

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, {}
    async def handler(self, ws):
        self.present[ws.id] = ws
        loop = asyncio.get_running_loop()
        try:
            while True:
                pong = await ws.ping()
                timer = loop.call_later(self.patience, pong.cancel)
                await pong
                timer.cancel()
                await asyncio.sleep(self.interval)
        except (asyncio.CancelledError, ConnectionClosed):
            pass
        finally:
            self.present.pop(ws.id)

# %% right check_roll
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, ws):
        self.present.add(ws)
        while True:
            try:
                async with asyncio.timeout(self.interval):
                    async for _ in ws: pass
                break
            except TimeoutError:
                pass
            except ConnectionClosed:
                break
            try:
                async with asyncio.timeout(self.patience):
                    await (await ws.ping())
            except (TimeoutError, ConnectionClosed):
                break
        self.present.discard(ws)

# %% wrong check_roll: and take nobody off but the one who is gone.
class Roll:
    def __init__(self, interval, patience):
        self.interval, self.patience, self.present = interval, patience, set()
    async def handler(self, ws):
        self.present.add(ws)
        try:
            while True:
                await asyncio.sleep(self.interval)
                async with asyncio.timeout(self.patience):
                    await (await ws.ping())
        finally:
            self.present.clear()

# %% wrong check_roll: Bob said goodbye and is still in `present`.
class Roll:
    present = set()
    def __init__(self, interval, patience):
        self.interval, self.patience = interval, patience
    async def handler(self, ws):
        while True:
            await asyncio.sleep(self.interval)
            async with asyncio.timeout(self.patience):
                await (await ws.ping())
            self.present.add(ws)
