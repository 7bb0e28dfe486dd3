# Answers that people give to the exercises of lesson 12. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_take_out
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        number = len(attachments)
        attachments.append(data)
        return {"_placeholder": True, "num": number}
    if isinstance(data, dict):
        result = {}
        for key in data:
            result[key] = my_take_out(data[key], attachments)
        return result
    if isinstance(data, (list, tuple)):
        result = []
        for each in data:
            result.append(my_take_out(each, attachments))
        return result
    return data

# %% right check_take_out
def my_take_out(data, attachments):
    def put_aside(value):
        attachments.append(bytes(value))
        return {"num": len(attachments) - 1, "_placeholder": True}

    return json.loads(json.dumps(data, default=put_aside))

# %% right check_take_out
def my_take_out(data, attachments):
    result = deepcopy([data])
    waiting = [(result, 0)]
    while waiting:
        container, key = waiting.pop()
        value = container[key]
        if type(value) is bytes:
            container[key] = {"_placeholder": True, "num": len(attachments)}
            attachments += [value]
        elif isinstance(value, dict):
            waiting += [(value, name) for name in reversed(list(value))]
        elif isinstance(value, list):
            waiting += [(value, index) for index in reversed(range(len(value)))]
    return result[0]

# %% right check_take_out
def my_take_out(data, attachments):
    match data:
        case bytes():
            attachments.append(data)
            return dict(_placeholder=True, num=len(attachments) - 1)
        case list():
            return list(map(lambda each: my_take_out(each, attachments), data))
        case dict():
            return dict(zip(data, my_take_out(list(data.values()), attachments)))
        case _:
            return data

# %% wrong check_take_out: The caller's own data was … Build new lists and dicts, and leave the old ones alone.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(pairs):
        data[key] = my_take_out(value, attachments)
    return data

# %% wrong check_take_out: There are bytes left in … call `my_take_out` for each value.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, list):
        result = []
        for each in data:
            if isinstance(each, bytes):
                result.append({"_placeholder": True, "num": len(attachments)})
                attachments.append(each)
            else:
                result.append(each)
        return result
    return data

# %% wrong check_take_out: There are bytes left in … call `my_take_out` for each value.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    return data

# %% wrong check_take_out: Expected what remains of b'\x01' to be `{'_placeholder': True, 'num': 0}`, got `{'_placeholder': True, 'num': 1}`.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments)}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% wrong check_take_out: Expected what remains of b'\x01' to be … got `{'placeholder': True, 'num': 0}`.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% wrong check_take_out: The attachments of … are [b'\x01'], in this order, as bytes. Yours are ['AQ=='].
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(b64encode(data).decode())
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% wrong check_take_out: The attachments of … are [b'\x89PNG', b'\xff\xd8', b'', b'\x89PNG'], in this order, as bytes. Yours are [b'\x89PNG', b'\xff\xd8', b''].
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        if data not in attachments:
            attachments.append(data)
        return {"_placeholder": True, "num": attachments.index(data)}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% wrong check_take_out: The attachments of … in this order, as bytes. Yours are [b'\x02', b'\x01'].
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.insert(0, data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% wrong check_take_out: Expected what remains of ['no bytes', … got `[None, None, None, None, {'a': [None]}]`.
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]

# %% right check_next_picture
async def next_picture(websocket):
    name, caption, missing = "", "", 0
    while True:
        packet = await websocket.recv()
        if isinstance(packet, bytes):
            missing -= 1
            if not missing and name == "picture":
                return caption, packet
        elif packet == "2":
            await websocket.send("3")
        elif packet[:2] == "45":
            head, text = packet.split("-", 1)
            missing = int(head[2:])
            name, *arguments = json.loads(text)
            caption = arguments[0]

# %% right check_next_picture
async def next_picture(websocket):
    async def receive():
        while (packet := await websocket.recv()) == "2":
            await websocket.send("3")
        return packet

    while True:
        header = await receive()
        if header.startswith("45"):
            number, text = header[2:].split("-", maxsplit=1)
            attachments = [await receive() for _ in range(int(number))]
            event = json.loads(text)
            if event[0] == "picture":
                return (event[1], attachments[0])

# %% right check_next_picture
async def next_picture(websocket):
    assembly = l12_core.Assembly(10**7, 60, asyncio.get_running_loop().call_later, lambda: None)
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif packet[:1] == "4" or isinstance(packet, bytes):
            whole = assembly.add(packet if isinstance(packet, bytes) else packet[1:])
            if whole and whole.type == Type.EVENT and whole.data[0] == "picture" and isinstance(whole.data[-1], bytes):
                return tuple(whole.data[1:])

# %% wrong check_next_picture: An event `sound` with two attachments came first, and then the picture. You returned … whose bytes are these?
async def next_picture(websocket):
    caption = None
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            return caption, packet
        elif packet.startswith("451-"):
            caption = json.loads(packet[4:])[1]

# %% wrong check_next_picture: An event `sound` with two attachments came first, and then the picture. You returned … whose bytes are these?
async def next_picture(websocket):
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, str) and packet.startswith("45"):
            caption = json.loads(packet[4:])[1]
            while (attachment := await websocket.recv()) == "2":
                await websocket.send("3")
            return caption, attachment

# %% wrong check_next_picture: Between the header and the attachment came a `2`. After your `40` the server heard … a `3` was due.
async def next_picture(websocket):
    event, missing = [], 0
    async for packet in websocket:
        if isinstance(packet, bytes):
            missing -= 1
            if missing == 0 and event[0] == "picture":
                return event[1], packet
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            event, missing = json.loads(text), int(count)

# %% wrong check_next_picture: Expected what comes if a ping comes before the attachment to be … got `('gold', '2')`.
async def next_picture(websocket):
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            attachments = [await websocket.recv() for _ in range(int(count))]
            event = json.loads(text)
            if event[0] == "picture":
                return event[1], attachments[0]

# %% wrong check_next_picture: After 2 seconds it has not returned, and the picture had come.
async def next_picture(websocket):
    event, missing, found = [], 0, None
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            missing -= 1
            if missing == 0 and event[0] == "picture":
                found = event[1], packet
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            event, missing = json.loads(text), int(count)
    return found

# %% wrong check_next_picture: Expected what comes of a picture to be `('gold', b'\x89PNG')`, got `['picture', 'gold', b'\x89PNG']`.
async def next_picture(websocket):
    event, missing = [], 0
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            missing -= 1
            if missing == 0 and event[0] == "picture":
                return [*event[:2], packet]
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            event, missing = json.loads(text), int(count)

# %% wrong check_next_picture: Expected what comes if events without bytes come first to be … got `('of nothing', None)`.
async def next_picture(websocket):
    event, missing = [], 0
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            return event[1], packet
        elif packet.startswith("42"):
            event = json.loads(packet[2:])
            if event[0] == "picture":
                return event[1], None
        elif packet.startswith("45"):
            count, _, text = packet[2:].partition("-")
            event, missing = json.loads(text), int(count)

# %% right check_door
def door(io):
    everyone = []

    def is_picture(what):
        if len(what) != 2:
            return False
        words, image = what
        if not isinstance(words, str) or not isinstance(image, bytes):
            return False
        return len(words) <= 80 and len(image) <= 100000 and image[:8] == PNG

    def welcome(socket):
        def look(*what):
            if is_picture(what):
                for each in everyone:
                    each.emit("picture", *what)
            else:
                socket.emit("refused", "No, thank you.")

        everyone.append(socket)
        socket.on("picture", look)
        socket.on("disconnect", lambda reason: everyone.remove(socket))

    io.on("connection", welcome)

# %% right check_door
def door(io):
    @io.on("connection")
    async def welcome(socket):
        @socket.on("picture")
        async def look(words=None, image=None, *more):
            fine = type(words) is str and type(image) is bytes and not more
            if not fine or len(words) > 80 or len(image) > 100_000 or not image.startswith(b"\x89PNG"):
                socket.emit("refused", "That was no picture.")
                return
            for client in {each.client for each in sockets}:
                client.sockets["/"].emit("picture", words, image)

        sockets.add(socket)
        socket.on("disconnect", lambda reason: sockets.discard(socket))

    sockets = set()

# %% right check_door
def door(io):
    room = {}

    @io.on("connection")
    def welcome(socket):
        room[socket.id] = socket
        socket.on("disconnect", lambda reason: room.pop(socket.id))

        @socket.on("picture")
        def look(*what):
            try:
                words, image = what
                assert isinstance(words, str), "A caption is a text."
                assert len(words) < 81, "At most 80 letters."
                assert isinstance(image, bytes) and image.startswith(PNG), "That is no PNG file."
                assert len(image) < 100_001, "At most 100,000 bytes."
            except (ValueError, AssertionError) as error:
                socket.emit("refused", str(error))
            else:
                for each in room.values():
                    each.emit("picture", words, image)

# %% wrong check_door: Ann sent the caption alone. She should hear `refused`, once, and heard nothing. Did your handler raise? A stranger chooses the arguments: `*what` takes any number.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(words, image, *more):
            fine = isinstance(words, str) and isinstance(image, bytes) and not more
            if fine and len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                for each in everyone:
                    each.emit("picture", words, image)
            else:
                socket.emit("refused", "no")

# %% wrong check_door: Ann sent the number 7 in place of the caption. She should hear `refused`, once, and heard nothing.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(*what):
            if len(what) == 2 and isinstance(what[1], bytes) and what[1].startswith(PNG):
                words, image = what
                if len(words) <= 80 and len(image) <= 100_000:
                    for each in everyone:
                        each.emit("picture", words, image)
                    return
            socket.emit("refused", "no")

# %% wrong check_door: Ann sent a PNG file of 100,001 bytes, and it was passed on. It should be refused.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Ann sent a caption of 80 letters and a PNG file of exactly 100,000 bytes. Both should get it once. Ann heard ['refused'], Bob [].
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) < 80 and len(image) < 100_000 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Ann sent a caption of 81 letters, and *Bob* was told that something was refused. That is between Ann and you.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    name, said = "picture", what
                case _:
                    name, said = "refused", ["no"]
            for each in everyone:
                each.emit(name, *said)

# %% wrong check_door: Ann sent a caption and a PNG file, and then a good picture. That one did not reach both: Ann heard … Bob [].
def door(io):
    @io.on("connection")
    def welcome(socket):
        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    socket.emit("picture", words, image)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Ann sent a JPEG file, and it was passed on. It should be refused.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000:
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused", "no")

# %% wrong check_door: Ann sent three arguments, and it was passed on. It should be refused.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)

        @socket.on("picture")
        def look(words="", image=b"", *more):
            fine = isinstance(words, str) and isinstance(image, bytes)
            if fine and len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                for each in everyone:
                    each.emit("picture", words, image)
            else:
                socket.emit("refused", "no")

# %% right check_take_out
from functools import singledispatch

def my_take_out(data, attachments):
    @singledispatch
    def walk(value):
        return value

    @walk.register
    def _(value: bytes):
        number = len(attachments)
        attachments.append(value)
        return dict(_placeholder=True, num=number)

    @walk.register
    def _(value: list):
        return list(map(walk, value))

    @walk.register
    def _(value: dict):
        return dict(zip(value.keys(), map(walk, value.values())))

    return walk(data)

# %% wrong check_take_out: in this order, as bytes. Yours are [b'\x89PNG', b'\xff\xd8', b''].
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        if data not in attachments:
            attachments.append(data)
        return {"_placeholder": True, "num": attachments.index(data)}
    if isinstance(data, list):
        return [my_take_out(each, attachments) for each in data]
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    return data

# %% right check_next_picture
async def next_picture(websocket):
    """A reader of packets below, a reader of events above."""
    async def packet():
        while (one := await websocket.recv()) == "2":
            await websocket.send("3")
        return one

    while True:
        header = await packet()
        if isinstance(header, str) and header[:2] == "45":
            number = header[2 : header.index("-")]
            event = json.loads(header[header.index("-") + 1 :])
            blobs = [await packet() for _ in range(int(number))]
            if event[0] == "picture":
                return event[1], blobs[0]

# %% wrong check_next_picture: Expected what comes if a ping comes before the attachment to be … got `('gold', '2')`.
async def next_picture(websocket):
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, str) and packet.startswith('451-["picture"'):
            return json.loads(packet[4:])[1], await websocket.recv()

# %% right check_door
def door(io):
    guests = []

    def problem(*what):
        if len(what) != 2:
            return "two arguments, please"
        words, image = what
        if not isinstance(words, str) or len(words) > 80:
            return "a caption is a text of at most 80 letters"
        if not isinstance(image, bytes) or image[:8] != PNG or len(image) > 100_000:
            return "the picture is a PNG file of at most 100,000 bytes"
        return ""

    @io.on("connection")
    async def welcome(socket):
        guests.append(socket)
        socket.on("disconnect", lambda *reason: guests.remove(socket))

        async def picture(*what):
            if why := problem(*what):
                socket.emit("refused", why)
                return
            for guest in list(guests):
                guest.emit("picture", *what)

        socket.on("picture", picture)

# %% wrong check_door: Ann sent a text that begins like a PNG file in place of bytes. She should hear `refused`, once, and heard nothing. Did your handler raise?
def door(io):
    guests = set()

    @io.on("connection")
    def welcome(socket):
        guests.add(socket)

        @socket.on("picture")
        def look(words, image):
            if len(words) <= 80 and image.startswith(PNG) and len(image) <= 100_000:
                for guest in guests:
                    guest.emit("picture", words, image)
            else:
                socket.emit("refused", "no")

# %% wrong check_take_out: in this order, as bytes. Yours are [b'', b'\x89PNG', b'\x89PNG', b'\xff\xd8'].
def my_take_out(data, attachments):
    result = deepcopy([data])
    containers = [result]
    for container in containers:
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in list(pairs):
            if isinstance(value, bytes):
                container[key] = {"_placeholder": True, "num": len(attachments)}
                attachments.append(value)
            elif isinstance(value, dict | list):
                containers.append(value)
    return result[0]

# %% wrong check_take_out: Expected what remains of ['a', b'\x01', b'\x02'] to be … got
def my_take_out(data, attachments):
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": 0}
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    if isinstance(data, list):
        return [my_take_out(value, attachments) for value in data]
    return data

# %% right check_next_picture
async def next_picture(websocket):
    import re

    header, boxes = None, []
    while True:
        match await websocket.recv():
            case "2":
                await websocket.send("3")
            case bytes(box):
                boxes.append(box)
                if len(boxes) == int(header[1]):
                    name, *rest = json.loads(header[2])
                    if name == "picture":
                        return rest[0], boxes[0]
            case text if found := re.fullmatch(r"45(\d+)-(.*)", text, re.DOTALL):
                header, boxes = found, []

# %% wrong check_next_picture: too many values to unpack
async def next_picture(websocket):
    event, missing = [], 0
    while True:
        packet = await websocket.recv()
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes):
            missing -= 1
            if missing == 0 and event[0] == "picture":
                return event[1], packet
        elif packet.startswith("45"):
            count, text = packet[2:].split("-")
            event, missing = json.loads(text), int(count)

# %% right check_door
def door(io):
    people = {}

    def is_good(words, image):
        return isinstance(words, str) and isinstance(image, bytes) and len(words) < 81 and len(image) < 100_001 and image[: len(PNG)] == PNG

    @io.on("connection")
    def welcome(socket):
        people[socket.id] = socket
        socket.on("disconnect", lambda reason, own=socket.id: people.pop(own))

        @socket.on("picture")
        def look(*what):
            try:
                words, image = what
                assert is_good(words, image)
            except (ValueError, AssertionError):
                return socket.emit("refused", "No.")
            for each in people.values():
                each.emit("picture", words, image)

# %% wrong check_door: Ann sent a caption and a PNG file. Both should get it once. Ann heard ['picture', 'picture'
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    socket.emit("picture", words, image)
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused", "No.")

# %% wrong check_door: Ann sent a caption of 81 letters, and heard `refused` without a word. It needs a sentence of yours.
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words, image)
                case _:
                    socket.emit("refused")

# %% wrong check_door: A `picture` has two arguments, a text and bytes. … [['picture', 1, 'gold', None], ['picture', 1, 'marker 0', None]].
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words)
                case _:
                    socket.emit("refused", "No.")

# %% wrong check_door: A `picture` has two arguments, a text and bytes. … [['picture', 2, 'gold', None], ['picture', 2, 'marker 0', None]].
def door(io):
    everyone = set()

    @io.on("connection")
    def welcome(socket):
        everyone.add(socket)
        socket.on("disconnect", lambda reason: everyone.discard(socket))

        @socket.on("picture")
        def look(*what):
            match what:
                case [str(words), bytes(image)] if len(words) <= 80 and len(image) <= 100_000 and image.startswith(PNG):
                    for each in everyone:
                        each.emit("picture", words, b64encode(image).decode())
                case _:
                    socket.emit("refused", "No.")

# %% right check_door
def door(io):
    members = []

    def reason(what):
        if len(what) != 2:
            return "Two things, please."
        caption, image = what
        if type(caption) is not str or len(caption) > 80:
            return "The caption is a text of at most 80 letters."
        if type(image) is not bytes or not image.startswith(PNG):
            return "A PNG file, please."
        if len(image) > 100_000:
            return "Too large."

    def welcome(socket):
        def look(*what):
            if why := reason(what):
                return socket.emit("refused", why)
            for each in members:
                each.emit("picture", *what)

        members.append(socket)
        socket.on("picture", look)
        socket.on("disconnect", lambda _: members.remove(socket))

    io.on("connection", welcome)

# %% wrong check_take_out: (`b''` is bytes, too.)
def my_take_out(data, attachments):
    if not data:
        return data
    if isinstance(data, bytes):
        attachments.append(data)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, list):
        return [my_take_out(each, attachments) for each in data]
    if isinstance(data, dict):
        return {key: my_take_out(value, attachments) for key, value in data.items()}
    return data

# %% right check_next_picture
async def next_picture(websocket):
    from handmade.l12_core import Assembly

    assembly = Assembly(10_000_000, 60, asyncio.get_running_loop().call_later, lambda: None)
    async for packet in websocket:
        if packet == "2":
            await websocket.send("3")
        elif isinstance(packet, bytes) or packet[:2] in ("42", "45"):
            whole = assembly.add(packet if isinstance(packet, bytes) else packet[1:])
            match whole and whole.data:
                case ["picture", str(words), bytes(image)]:
                    return words, image
