# Answers that people give to the exercises of lesson 15. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        joined = packet.namespace in self.sockets
        if packet.type is Type.CONNECT and not joined:
            return self.connect(packet)
        if packet.namespace in self.left:
            return None
        return super().receive(packet)

    def connect(self, packet):
        auth = packet.data if packet.data else {}
        place = self.server.find(packet.namespace, auth)
        if place is None:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})
            return
        self.let_in(self.socket_type(self, packet))

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        match packet.type, packet.namespace in self.sockets, packet.namespace in self.left:
            case Type.CONNECT, False, _:
                self.connect(packet)
            case _, _, True:
                pass
            case _:
                super().receive(packet)

    def connect(self, packet):
        if not self.server.find(packet.namespace, packet.data or {}):
            self.refuse(packet.namespace, dict(message="Invalid namespace"))
        else:
            self.let_in(self.socket_type(self, packet))

# %% right check_client
class MyClient(Reception):
    def is_knock(self, packet):
        return packet.type == Type.CONNECT and self.sockets.get(packet.namespace) is None

    def receive(self, packet):
        if self.is_knock(packet):
            self.connect(packet)
        elif not packet.namespace in self.left:
            Reception.receive(self, packet)

    def connect(self, packet):
        found = self.server.find(packet.namespace, packet.data or {})
        action = self.let_in if found else self.refuse
        arguments = [self.socket_type(self, packet)] if found else [packet.namespace, {"message": "Invalid namespace"}]
        action(*arguments)

# %% wrong check_client: A CONNECT to `/office`, which is there, let nobody in.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.socket_type(self, packet)
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The office had sent the client away, and `42/office,["delete",7]` was on its way. It raised ProtocolError:
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        else:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The office had sent the client away. He asks to be let in again, and nothing happens.
class MyClient(Reception):
    def receive(self, packet):
        if packet.namespace in self.left:
            return
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        else:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The official client knocked at `/chat`, `/office` and `/cellar`, which is not there.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))

# %% wrong check_client: The official client knocked at `/chat`, `/office` and `/cellar`, which is not there.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, "Invalid namespace")

# %% wrong check_client: A server closes the connection at a second CONNECT to the same namespace. Yours does not:
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        name = packet.namespace
        is_knocking = packet.type == Type.CONNECT
        if is_knocking and name not in self.sockets:
            self.connect(packet)
            return
        if name not in self.left:
            super().receive(packet)

    def connect(self, packet):
        namespace = self.server.find(packet.namespace, packet.data or {})
        if namespace is not None:
            socket = self.socket_type(self, packet)
            self.let_in(socket)
            return
        self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% right check_client
INVALID = {"message": "Invalid namespace"}

class MyClient(Reception):
    def connect(self, packet):
        auth = packet.data
        if auth is None:
            auth = {}
        self.let_in(self.socket_type(self, packet)) if self.server.find(packet.namespace, auth) else self.refuse(packet.namespace, INVALID)

    def receive(self, packet):
        if packet.namespace in self.sockets or packet.type != Type.CONNECT:
            if packet.namespace in self.left:
                return
            super().receive(packet)
        else:
            self.connect(packet)

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        try:
            self.sockets[packet.namespace]
            is_in = True
        except KeyError:
            is_in = False
        if packet.type is Type.CONNECT and not is_in:
            self.connect(packet)
        elif not (packet.namespace in self.left):
            super().receive(packet)

    def connect(self, packet):
        if packet.data:
            found = self.server.find(packet.namespace, packet.data)
        else:
            found = self.server.find(packet.namespace, {})
        if found == None:
            return self.refuse(packet.namespace, {"message": "Invalid namespace"})
        return self.let_in(self.socket_type(self, packet))

# %% wrong check_client: Expected the `auth` with which `find` is asked
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: Expected the `auth` with which `find` is asked
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: 'Namespace' object has no attribute 'namespace'
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        namespace = self.server.find(packet.namespace, packet.data or {})
        if namespace:
            self.let_in(namespace)
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: A server closes the connection at an event to a namespace that was not joined. Yours does not:
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace in self.sockets:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: `receive` is called without `await`
class MyClient(Reception):
    async def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            await self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    async def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% right check_join_all
async def join_all(websocket, names):
    ids = {}
    for name in names:
        await websocket.send("40" + ("" if name == "/" else name + ","))
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        if packet[:2] in ("40", "44"):
            before, brace, data = packet[2:].partition("{")
            ids[before.rstrip(",") or "/"] = json.loads(brace + data).get("sid")
        if set(ids) == set(names):
            return ids

# %% right check_join_all
async def join_all(websocket, names):
    found = {}
    for name in names:
        await websocket.send("40" if name == "/" else "40" + name)
        while name not in found:
            packet = await websocket.recv()
            if packet == "2":
                await websocket.send("3")
            elif packet.startswith(("40/", "44/")):
                there, _, data = packet[2:].partition(",")
                found[there] = json.loads(data).get("sid")
            elif packet.startswith(("40{", "44{")):
                found["/"] = json.loads(packet[2:]).get("sid")
        if set(found) >= set(names):
            break
    return found

# %% right check_join_all
import re

async def join_all(websocket, names):
    pattern = re.compile(r"4([04])(?:(/[^,]*),)?(\{.*)")
    await asyncio.gather(*(websocket.send(f"40{name},".replace("40/,", "40")) for name in names))
    ids = dict.fromkeys(names, "")
    while "" in ids.values():
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif match := pattern.fullmatch(packet):
            ids[match[2] or "/"] = json.loads(match[3])["sid"] if match[1] == "0" else None
    return ids

# %% wrong check_join_all: Expected what comes of two namespaces to be
async def join_all(websocket, names):
    ids = []
    for name in names:
        await websocket.send(f"40{name},")
        ids.append(json.loads((await websocket.recv()).partition(",")[2])["sid"])
    return ids

# %% wrong check_join_all: Expected what comes if the second answers first to be
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    for name in names:
        packet = await websocket.recv()
        ids[name] = json.loads(packet[packet.index("{"):]).get("sid")
    return ids

# %% wrong check_join_all: After three seconds it has not returned, for ['/cellar', '/chat'].
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet.startswith("40/"):
            name, _, data = packet[2:].partition(",")
            ids[name] = json.loads(data)["sid"]
        elif packet.startswith("40"):
            ids["/"] = json.loads(packet[2:])["sid"]
    return ids

# %% wrong check_join_all: After three seconds it has not returned, for ['/', '/chat'].
async def join_all(websocket, names):
    for name in names:
        await websocket.send(f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, _, data = packet[2:].partition(",")
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: After three seconds it has not returned, for ['/chat', '/office'].
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: A ping came. The server was told … one `3` was due.
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        await websocket.send("3")
        if packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% right check_join_all
async def join_all(websocket, names):
    ids = {}
    for name in names:
        if name == "/":
            await websocket.send("40")
        else:
            await websocket.send("40" + name + ",")
    missing = set(names)
    while missing:
        packet = await websocket.recv()
        match packet[0], packet[1:2]:
            case "2", _:
                await websocket.send("3")
            case "4", ("0" | "4") as kind:
                rest = packet[2:]
                name = "/"
                if rest[0] == "/":
                    name, rest = rest.split(",", maxsplit=1)
                ids[name] = json.loads(rest)["sid"] if kind == "0" else None
                missing.discard(name)
    return ids

# %% right check_join_all
async def join_all(websocket, names):
    [await websocket.send(l08.encode(Packet(Type.CONNECT, None, namespace=name)) if False else ("40" if name == "/" else f"40{name},")) for name in names]
    result = {}
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
            continue
        parsed = l08.decode(packet[1:])
        if parsed.type == Type.CONNECT:
            result[parsed.namespace] = parsed.data["sid"]
        if parsed.type == Type.CONNECT_ERROR:
            result[parsed.namespace] = None
        if len(result) == len(names):
            break
    return result

# %% right check_join_all
async def join_all(websocket, names):
    waiting = {name: asyncio.get_running_loop().create_future() for name in names}

    async def listen():
        async for packet in websocket:
            if packet == "2":
                await websocket.send("3")
            elif packet[:2] in ("40", "44"):
                at = packet.index("{")
                name = packet[2:at].strip(",") or "/"
                waiting[name].set_result(json.loads(packet[at:]).get("sid"))

    listening = asyncio.create_task(listen())
    for name in names:
        await websocket.send(f"40{name}," if name != "/" else "40")
    try:
        return {name: await future for name, future in waiting.items()}
    finally:
        listening.cancel()

# %% wrong check_join_all: not enough values to unpack (expected 2, got 1)
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
            continue
        name, data = packet[2:].split(",", 1)
        ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: 'list' object has no attribute 'get'
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif "40" in packet or "44" in packet:
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: `KeyError: 'sid'` was raised, in line
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data)["sid"]
    return ids

# %% wrong check_join_all: Expected what comes if one is refused to be … got `{'/cellar': 'Invalid namespace', '/chat': 'c'}`.
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] == "40":
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data)["sid"]
        elif packet[:2] == "44":
            ids[packet[2:].split(",")[0]] = json.loads(packet.split(",", 1)[1])["message"]
    return ids

# %% wrong check_join_all: Expected what comes if one is refused to be … got `{'/cellar': None, '/chat': None}`.
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] == "44":
            break
        elif packet[:2] == "40":
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data)["sid"]
    return {name: ids.get(name) for name in names}

# %% wrong check_join_all: After three seconds it has not returned, for ['/chat', '/office']. … the loop left when each has its answer?
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: Is each name asked for, with `await`
async def join_all(websocket, names):
    for name in names:
        websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: After three seconds it has not returned, for ['/chat', '/office'].
async def join_all(websocket, names):
    await websocket.send("40" + ",".join(names))
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% right check_join_all
async def join_all(websocket, names):
    ids = {}
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
        packet = await websocket.recv()
        while packet[:2] not in ("40", "44"):
            if packet == "2":
                await websocket.send("3")
            packet = await websocket.recv()
        data = json.loads(packet[packet.index("{"):])
        ids[name] = data.get("sid")
    return ids

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        match packet:
            case Packet(type=Type.CONNECT, namespace=name) if name not in self.sockets:
                self.connect(packet)
            case Packet(namespace=name) if name in self.left:
                return
            case _:
                super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}) is None:
            self.write(l08.encode(Packet(Type.CONNECT_ERROR, {"message": "Invalid namespace"}, namespace=packet.namespace)))
        else:
            self.let_in(self.socket_type(self, packet))

# %% wrong check_client: The official client knocked at `/chat`, `/office` and `/cellar`, which is not there.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse("/", {"message": "Invalid namespace"})

# %% wrong check_client: A CONNECT to `/office`, which is there, let nobody in.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if not self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% right check_join_all
async def join_all(websocket, names):
    missing = set(names)
    ids = {}
    for name in names:
        await websocket.send("40" + name.removesuffix("/") + "," * (name != "/"))
    while missing:
        match await websocket.recv():
            case "2":
                await websocket.send("3")
            case str(packet) if packet.startswith(("40", "44")):
                address, brace, data = packet[2:].partition("{")
                name = address.strip(",") or "/"
                ids[name] = json.loads(brace + data).get("sid")
                missing.discard(name)
    return ids

# %% wrong check_join_all: Expected what comes of two namespaces to be
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[3:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_client: an event for the chat came. The handlers were called with [].
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif not self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The office had sent the client away, and `42/office,["delete",7]` was on its way. It raised ProtocolError:
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace in self.left:
            self.left -= {packet.namespace}
        else:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The office had sent the client away, and `43/office,0[]` was on its way. It raised ProtocolError:
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.type == Type.EVENT and packet.namespace in self.left:
            return
        else:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: ProtocolError: CONNECT at this moment` was raised
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        if packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: The official client knocked at `/chat`, `/office` and `/cellar`, which is not there.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.of(packet.namespace):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: Expected the `auth` with which `find` is asked
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if packet.namespace in self.server.namespaces:
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: 'Packet' object has no attribute 'audience'
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace not in self.left:
            super().receive(packet)

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(packet)
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% wrong check_client: goes to `super().receive(packet)`.
class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace in self.left:
            return

    def connect(self, packet):
        if self.server.find(packet.namespace, packet.data or {}):
            self.let_in(self.socket_type(self, packet))
        else:
            self.refuse(packet.namespace, {"message": "Invalid namespace"})

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        is_new = packet.type == 0 and packet.namespace not in self.sockets.keys()
        return (self.connect if is_new else self.other)(packet)

    def other(self, packet):
        if not {packet.namespace} & self.left:
            super().receive(packet)

    def connect(self, packet):
        try:
            assert self.server.find(packet.namespace, dict(packet.data or ()))
        except AssertionError:
            self.refuse(namespace=packet.namespace, reason={"message": "Invalid namespace"})
        else:
            self.let_in(self.socket_type(self, connect=packet))

# %% right check_client
class MyClient(Reception):
    def receive(self, packet):
        if packet.namespace in self.sockets:
            super().receive(packet)
        elif packet.type is Type.CONNECT:
            self.connect(packet)
        elif packet.namespace in self.left:
            pass
        else:
            raise l08.ProtocolError(f"{packet.type.name} at this moment")

    def connect(self, packet):
        if not (place := self.server.find(packet.namespace, packet.data or {})):
            return self.refuse(packet.namespace, {"message": "Invalid namespace"})
        self.let_in(self.socket_type(self, packet))

# %% right check_client
from contextlib import suppress

class MyClient(Reception):
    def receive(self, packet):
        if packet.type == Type.CONNECT and packet.namespace not in self.sockets:
            self.connect(packet)
        elif packet.namespace in self.left:
            print(f"ignored: {packet}")
        else:
            l14.Client.receive(self, packet)

    def connect(self, packet):
        namespace, auth = packet.namespace, packet.data
        found = self.server.find(namespace, auth if auth is not None else {})
        if found is not None:
            new = self.socket_type(self, packet)
            self.let_in(new)
        else:
            self.refuse(namespace, {"message": "Invalid namespace"})

# %% wrong check_join_all: Expected what comes if `/` is refused to be
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet.startswith("44"):
            ids[packet[2:].split(",")[0]] = None
        elif packet.startswith("40/"):
            name, data = packet[2:].split(",", 1)
            ids[name] = json.loads(data)["sid"]
        elif packet.startswith("40"):
            ids["/"] = json.loads(packet[2:])["sid"]
    return ids

# %% wrong check_join_all: After three seconds it has not returned, for ['/', '/chat'].
async def join_all(websocket, names):
    ids = {}
    for name in names:
        await websocket.send(f"40{name}," if name != "/" else "40/")
    while set(ids) != set(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        for name in names:
            if packet.startswith(f"40{name},"):
                ids[name] = json.loads(packet.split(",", 1)[1])["sid"]
            if packet.startswith(f"44{name},"):
                ids[name] = None
    return ids

# %% wrong check_join_all: Is the ping answered, with `3`?
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet.startswith("2"):
            await websocket.send("2")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: got `{'/chat': 'c'}`.
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids, answers = {}, 0
    while answers < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] == "44":
            answers += 1
        elif packet[:2] == "40":
            answers += 1
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data)["sid"]
    return ids

# %% wrong check_join_all: Expected what comes with an event and a ping in between to be
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    for _ in names:
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data).get("sid")
    return ids

# %% wrong check_join_all: Expected what comes of two namespaces to be
async def join_all(websocket, names):
    for name in names:
        await websocket.send("40" if name == "/" else f"40{name},")
    ids = {}
    while len(ids) < len(names):
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[:2] in ("40", "44"):
            name, data = packet[2:].split(",", 1) if packet[2] == "/" else ("/", packet[2:])
            ids[name] = json.loads(data)
    return ids

# %% right check_join_all
async def join_all(websocket, names):
    ids = dict.fromkeys(names)
    waiting = set(names)
    for name in names:
        await websocket.send(f"40{name.rstrip('/')}" + ("," if name != "/" else ""))
    while waiting:
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif packet[0:2] in {"40", "44"}:
            before, _, rest = packet[2:].partition("{")
            name = before[:-1] or "/"
            if packet[1] == "0":
                ids[name] = json.loads("{" + rest)["sid"]
            waiting.remove(name)
    return ids

# %% right check_join_all
async def join_all(websocket, names):
    ids = {}

    async def answer(packet):
        match list(packet[:3]):
            case ["2"]:
                await websocket.send("3")
            case ["4", "0", "/"]:
                ids[packet[2:packet.index(",")]] = json.loads(packet[packet.index(",") + 1:])["sid"]
            case ["4", "4", "/"]:
                ids[packet[2:packet.index(",")]] = None
            case ["4", "0", *_]:
                ids["/"] = json.loads(packet[2:])["sid"]
            case ["4", "4", *_]:
                ids["/"] = None

    for name in names:
        await websocket.send({"/": "40"}.get(name, f"40{name},"))
    while not set(names) <= set(ids):
        await answer(await websocket.recv())
    return ids

# %% right check_join_all
from handmade.l08_meet_socketio import Packet, Type, decode, encode

async def join_all(websocket, names):
    ids = {}
    for name in names:
        await websocket.send("4" + encode(Packet(Type.CONNECT, namespace=name)))
    while any(name not in ids for name in names):
        message = await websocket.recv()
        if message == "2":
            await websocket.send("3")
        elif message[0] == "4":
            packet = decode(message[1:])
            if packet.type in (Type.CONNECT, Type.CONNECT_ERROR):
                ids[packet.namespace] = packet.data.get("sid")
    return ids
