"""One room for all clients: `websockets`, python-socketio, our own, the official one in Node, this page.

Each is a `Client`. It takes orders, and it tells what it observes itself: an `Event` for each thing that
happened, in its library's own words, and the `State` that they add up to.

    ann = WebSocketsClient("Ann")                       # or PythonSocketIOClient, HandmadeClient
    async with Node() as node:
        ben = node.client("Ben")                        # the official client; WEBSOCKET: Node's own
        cid = page.client("Cid", OFFICIAL)              # in the page that shows a widget (see Page)
        for client in (ann, ben, cid):
            await client.connect(server, Options(reconnection=False))   # begins; what was before is over
            await client.connected(timeout=3)           # raises ConnectionError with what the client saw
            await client.send("Hello")                  # Socket.IO: the event "message"
            await client.emit("chat", {"text": "Hi"})   # Socket.IO alone
            await client.call("chat", "Hi", timeout=1)  # … and the acknowledgement that comes back
            client.state, client.transport              # State.CONNECTED, "websocket"
            client.last(Kind.WAITING).delay             # seconds until it tries again
            client.inbox                                # [("message", "Hello")]; raw: [("Hello",)]
            await client.close()                        # from now on nothing is heard of that connection

The same orders and the same kinds of event for all of them:

    TRYING       an attempt begins; `attempt` 0 is the first, then as the library counts
    CONNECTED    `transport`; `upgrading`: an upgrade is under way, and ends with UPGRADED or NOT_UPGRADED
    FAILED       the attempt failed: the exception, or the browser's or the library's own event
    DISCONNECTED why, in the library's words; raw: with the closing `code`
    WAITING      it will try again by itself in `delay` seconds
    GIVEN_UP     it will not any more
    LEFT         it was told to close
    SENT, KEPT, RECEIVED   `data`; KEPT: for when the connection stands, as the official client and ours do
    NOTE         anything else that a browser tells

`client.listen(f)` calls `f(event)` after each. What a library does not do is not made up: `websockets` and
the page's WebSocket have no events (`emit` raises TypeError), the page's WebSocket cannot reconnect or name a
proxy (ValueError), python-socketio keeps nothing while it is not connected (ConnectionError), and retries no
first connection that failed; our own has no acknowledgements before lesson 13 (`call` raises TypeError).

In JavaScript, driver.mjs obeys, with raw.mjs (a WebSocket) and official.mjs; node.mjs runs it in Node,
page_clients.js in a page. A page finds its way to the kernel's servers by itself: direct, or through
Jupyter's proxy (line.js). A widget with clients in its page brings them like this:

    class MyWidget(anywidget.AnyWidget):                # its script imports page_clients.js
        official_client = traitlets.Unicode().tag(sync=True)         # only for the official client

        def __init__(self):
            super().__init__(official_client=official_client())
            self.page = Page(self.send, self._page_changed)
            self.on_msg(in_this_loop(lambda message: self.page.take(message) or self._take(message)))

`Page.present` says whether a page is there at all: an order that is not answered within two seconds, or a
page that says that it goes, ends that, and its clients are not connected any more.
"""

from wirelab.clients.client import Client, Options
from wirelab.clients.event import Event, Kind, State
from wirelab.clients.handmade_client import HandmadeClient
from wirelab.clients.javascript import OFFICIAL, WEBSOCKET, JavaScriptClient
from wirelab.clients.node import Node
from wirelab.clients.page import Absent, Page, official_client
from wirelab.clients.socketio_client import PythonSocketIOClient
from wirelab.clients.websockets_client import WebSocketsClient

__all__ = [
    "OFFICIAL",
    "WEBSOCKET",
    "Absent",
    "Client",
    "Event",
    "HandmadeClient",
    "JavaScriptClient",
    "Kind",
    "Node",
    "Options",
    "Page",
    "PythonSocketIOClient",
    "State",
    "WebSocketsClient",
    "official_client",
]
