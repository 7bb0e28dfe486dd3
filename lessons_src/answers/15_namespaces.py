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

# %% wrong check_client: The office had sent the client away, and an event of his was on its way. It raised ProtocolError:
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
            elif packet.startswith("40{"):
                found["/"] = json.loads(packet[2:])["sid"]
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
