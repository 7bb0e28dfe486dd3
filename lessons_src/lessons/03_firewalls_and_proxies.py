# %% [markdown]
# # 03 · Firewalls and proxies
#
# **In {minutes} you meet the boxes that stand between your server and your customers. You know each of them by the way
# in which it fails you**, in Python and in the browser, and you know what would get through.

# %% [markdown]
# ## What the boss says
#
# > "I showed your prices to our three best customers. The first has an office with a proxy, the second a security
# > department, the third sat in a hotel. None of them saw a price. I wrote down what the page said: *1006*, *1006* and *1006*.
# > It works here. Make it work there."
#
# The folded cell fetches the laboratory: its boxes, and its instruments.

# %% tags=["folded"]
# %load_ext wirelab
import asyncio

from wirelab import bench
from wirelab.exercise import Wrong, check, expect, watch
from wirelab.middlebox import (
    Answer,
    BadGateway,
    Blackhole,
    BlockPage,
    BufferingAntivirus,
    CaptivePortal,
    ConnectOnlyTo,
    DropAfterUpgrade,
    EmptyReply,
    ExplicitProxy,
    LoginPage,
    Middlebox,
    ProxyLogin,
    ResetUpgrade,
    StrictProxy,
    SwallowAnswer,
    SwallowUpgrade,
)
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.predict import predict
from wirelab.widgets.switchboard import Board, Switchboard
from wirelab.widgets.wire import Wire

# %% [markdown] tags=["teacher"]
# **Timing.** 12 minutes for the first proxy and 1006, 24 for the other boxes, 8 for the switchboard, the exercises at home.
# Short of time: sections 1, 3, 7 and 9.
#
# **A question to start with:** "Who here has had an app that works at home and not at school? What was different?" Somebody
# always says "the Wi-Fi". Ask what *in* the Wi-Fi.
#
# **What goes wrong in a class.** People blame the box. Insist on the reason: each of them does its job, and most do it by the
# book. The rules were held against real products (nginx, Squid, tinyproxy, iptables) with the same clients; the two that
# are models only (`BufferingAntivirus`, and `NoTunnel` on the switchboard) say so in their docstrings.

# %% [markdown]
# Your echo server again, and a client that knocks: it opens a WebSocket, says Hello, and reports how it went. It waits one second,
# where `connect` would wait ten. Each section needs these cells, section 4 also section 2, and the second exercise section 8: to begin at
# another one, run those.

# %%
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidProxyStatus, WebSocketException


async def echo(websocket):
    """Send every message back to where it came from."""
    try:
        async for message in websocket:
            await websocket.send(message)
    except ConnectionClosed:
        pass  # the client is gone: nobody to send to


server = await bench.start("echo server", serve(echo, "127.0.0.1", 0, compression=None))

# %%
async def knock(url, proxy=None):
    """Open a WebSocket as Ann, say Hello, and print how it went."""
    try:
        async with connect(url, proxy=proxy, open_timeout=1, user_agent_header="Ann") as ann:
            await ann.send("Hello")
            print("Ann hears:", await ann.recv())
    except (OSError, WebSocketException) as error:
        print(f"{type(error).__name__}: {error}")


await knock(bench.url(server))

# %% [markdown]
# ## 1. An ordinary proxy
#
# The first customer. Between the office and your server stands a *proxy*: a program that takes each HTTP request and makes one of
# its own out of it. Companies put them before their people, and you have one too, without thinking of it: nginx, in
# front of your server. Its configuration is the one that every tutorial begins with:
#
# ```nginx
# location / { proxy_pass http://127.0.0.1:8765; }
# ```

# %% tags=["demo"]
proxy = await bench.start("proxy", Middlebox(server, [StrictProxy()]))
proxy_wire = Wire(proxy, layer="HTTP")
proxy_wire

# %%
guess_proxy = predict(
    "Ann opens a WebSocket through this nginx. What happens?",
    a="It works: the opening handshake is plain HTTP, and HTTP is what nginx can do.",
    b="nginx says that it does not know WebSocket.",
    c="The server gets a request without `Upgrade`, and refuses it.",
)

# %%
await knock(bench.url(proxy))
await proxy.quiet()
proxy_wire.snapshot()

# %%
guess_proxy.reveal(
    "c",
    "The proxy wrote a request of its own, without `Upgrade` and in HTTP/1.0. The refusal comes from your own server.",
    a="The handshake is HTTP, but its most important header is meant for the next neighbour only.",
    b="nginx says nothing at all. It hands on what your server answered.",
)

# %% [markdown]
# Click the two requests above and compare: `GET /` with Upgrade goes in, `GET /` without it comes out. Why would anybody build that?
# Because HTTP says so. `Upgrade` and `Connection` are *hop-by-hop* headers: they are between two neighbours, and a proxy that
# does not act on them **must** take them out (RFC 9110, section 7.6.1). The proxy is not broken. Nobody told it what you want.
#
# What your server answers depends on the HTTP that the proxy speaks. nginx spoke HTTP/1.0 to the servers behind it until version
# 1.29.7, and in HTTP/1.0 there is no WebSocket, hence 505. A newer nginx, or an old one that is told to speak HTTP/1.1, gets another refusal:

# %%
newer_proxy = await bench.start("newer proxy", Middlebox(server, [StrictProxy("1.1")]))
await knock(bench.url(newer_proxy))

# %% [markdown]
# 426, *Upgrade Required*: an honest server asking for the very header that was lost. If nginx is yours, these lines repair it:
#
# ```nginx
# map $http_upgrade $connection_upgrade { default upgrade; '' close; }
#
# location / {
#     proxy_pass http://127.0.0.1:8765;
#     proxy_http_version 1.1;                             # the default since nginx 1.29.7
#     proxy_set_header Upgrade $http_upgrade;
#     proxy_set_header Connection $connection_upgrade;    # a fixed "upgrade" would mark ordinary requests as well
# }
# ```
#
# With them it is a wire again:

# %%
newer_proxy.rules = []
await knock(bench.url(newer_proxy))

# %% [markdown]
# So with nginx "our proxy passes WebSocket" is not true by itself: somebody has to have written these lines. (HAProxy, Traefik and Caddy 2
# pass it without being asked.) And it has to be true of *each* proxy on the way. The one of your customer's office is not yours.

# %% [markdown]
# ## 2. Why the boss saw 1006
#
# In Python the exception has a status and a sentence. Here is what a script in a browser gets. Node.js first, which has
# the same class:
#
# ```js client.js
# const socket = new WebSocket(url);
# socket.onopen = () => { console.log("open"); socket.close(1000); };
# socket.onerror = (event) => console.log("error:", event.message || "no reason given");
# socket.onclose = (event) => console.log("close:", event.code, JSON.stringify(event.reason));
# ```

# %%
client_js = bench.program("03/client.js")
page_proxy = await bench.start("page's proxy", Middlebox(server, [StrictProxy()]))
print(await bench.javascript(client_js, url=bench.url(page_proxy)))

# %% [markdown]
# Press **Run** to see what your own browser says. Then look into its developer tools (<kbd>F12</kbd>, *Console*).

# %% tags=["demo"]
BrowserClient(bench.url(page_proxy), script=client_js)

# %% [markdown]
# Chromium's console, which *you* can read, has the 505. The script, which *anybody* may have written, gets 1006, whatever it was. That
# is on purpose: the standard for browsers forbids to tell a page why a WebSocket failed. A page from the internet could
# otherwise try every address in your office and learn from the reasons what stands there.
#
# | | Python, `websockets` | JavaScript, every browser of today |
# |---|---|---|
# | the status of a refusal | `error.response.status_code` | hidden |
# | reset, refused, timed out | exceptions of different classes | hidden |
# | how long to wait | `open_timeout=10` seconds | the browser decides |
# | what the script gets | `InvalidStatus`, `InvalidMessage`, `TimeoutError` … | `onerror`, then `onclose` with 1006 (Firefox may say 1015 for TLS) |
#
# So when a customer says 1006, you know that it failed and nothing more. To find out why, go there with Python.

# %% [markdown]
# ## 3. The proxy that has to be asked
#
# In many offices nothing goes out but through an *explicit proxy*, whose address is in each computer's settings. For an ordinary
# page the client asks it `GET http://…`, and the proxy fetches the page. For what it shall not read, the client asks with `CONNECT host:port`
# for a *tunnel*: bytes in, bytes out. For a WebSocket, a browser asks for a tunnel, and so does `websockets`.

# %%
office = await bench.start("office", Middlebox(server, [ExplicitProxy()]))
office_proxy = bench.url(office, scheme="http")

await knock(bench.url(server), proxy=office_proxy)
await office.quiet()
Wire(office)

# %% [markdown]
# It works: `CONNECT`, its answer, and from then on the proxy only carries bytes. But who may tunnel anywhere can do anything, so
# the usual configuration grants tunnels to one port: 443, the one of `https`. Squid comes like that; tinyproxy 1.11 has the lines for it in its configuration, commented out. Your
# `ws://` asks for port 80, or for 8765.

# %%
guess_tunnel = predict(
    "Such a proxy grants CONNECT to port 443 only. Ann wants to `prices.example`, at port 8765. What does she get?",
    a="A 403 from the proxy.",
    b="A time-out: what is forbidden is dropped.",
    c="1006.",
)

# %%
strict_office = await bench.start("strict office", Middlebox(server))
strict_office.rules = [ConnectOnlyTo(443), ExplicitProxy({"prices.example:443": server})]
strict_proxy = bench.url(strict_office, scheme="http")

await knock("ws://prices.example:8765/", proxy=strict_proxy)
await knock("ws://prices.example:443/", proxy=strict_proxy)
await strict_office.quiet()
Wire(strict_office)

# %%
guess_tunnel.reveal(
    "a",
    "A proxy is asked, so it can say no, and why. At port 443 the same proxy says 200, and carries the bytes.",
    b="Firewalls do that. A proxy was spoken to, and it answers.",
    c="A browser's script gets 1006 for it. Python gets the status.",
)

# %% [markdown]
# On the wire you see both: `CONNECT prices.example:8765`, and the same with `:443`. (`prices.example` does not exist. This proxy was told
# where the name leads.) Some proxies also want to know who you are. They say 407 to strangers. (Large companies often log in with Kerberos or NTLM,
# which `websockets` does not speak.)

# %%
shy_office = await bench.start("shy office", Middlebox(server, [ProxyLogin("ann", "secret"), ExplicitProxy()]))
shy_proxy = bench.url(shy_office, scheme="http")
await knock(bench.url(server), proxy=shy_proxy)
await knock(bench.url(server), proxy=shy_proxy.replace("//", "//ann:secret@"))

# %% [markdown]
# And a trap in your own program. You never have to name a proxy for it to be used:

# %%
import os
from unittest.mock import patch

with patch.dict(os.environ, {"http_proxy": shy_proxy}, clear=True):
    try:
        await connect("ws://prices.example/", open_timeout=1)
    except InvalidProxyStatus as error:
        print("prices.example:", error)

# %% [markdown]
# There is no `prices.example`, and nobody looked for it: `websockets` found the environment variable `http_proxy`, as `curl` does, and asked
# the office's proxy. (A `ws_proxy`, a `socks_proxy` or an `https_proxy` would come first; for `wss://`, `http_proxy` does not count.) That is mostly what you want. When it is not, say
# `proxy=None`, as Ann does in this lesson.

# %% [markdown]
# ## 4. The firewall that looks inside
#
# The second customer has a security department. Its firewall reads along: *deep packet inspection*, DPI. The reason is fair: a
# WebSocket is a tunnel in which anything may travel, so whoever has to know what travels forbids it. You meet two styles. The first sends a
# *RST*, "reset": the word by which TCP hangs up at once.

# %%
guess_firewall = predict(
    "A firewall sees `Upgrade: websocket` and resets the connection. What does Ann's exception say?",
    a="That a firewall has forbidden it.",
    b="That no valid HTTP answer came.",
    c="That the connection was refused, as if the server were down.",
)

# %% tags=["demo"]
firewall = await bench.start("firewall", Middlebox(server, [ResetUpgrade()]))
Wire(firewall, layer="HTTP")

# %%
await knock(bench.url(firewall))
print(await bench.javascript(client_js, url=bench.url(firewall)))

# %%
guess_firewall.reveal(
    "b",
    "The connection was there, the request went out, and instead of an answer came the end of the connection.",
    a="Firewalls do not introduce themselves. A RST gives no reason.",
    c="Nearly. Refused is the answer to the first packet, as a rule because nobody listens. Here somebody accepted, and then hung up on a word.",
)

# %% [markdown]
# The firewall forges the RST. (Some send one to each end; iptables with `REJECT --reject-with tcp-reset` sends one to whoever wrote the packet.) The other style is politer
# to nobody: the packet with the request is dropped. TCP sends it again, it is dropped again, and nobody is told anything.

# %% tags=["demo"]
silent = await bench.start("silent firewall", Middlebox(server, [SwallowUpgrade()]))
silent_wire = Wire(silent, layer="HTTP")
silent_wire

# %%
await knock(bench.url(silent))
silent_wire.snapshot()

# %% [markdown]
# The worst answer is none. Without `open_timeout` your program may wait for as long as its operating system repeats the packet: on
# Linux a quarter of an hour.

# %% [markdown]
# ## 5. The answer that never comes
#
# Some boxes look at the way back. They let the request pass, and drop the 101.

# %%
guess_answer = predict(
    "The request arrives, the 101 is dropped. What do the two ends believe?",
    a="Both wait.",
    b="The server notices that its 101 was lost, and closes.",
    c="The server believes in an open WebSocket; the client waits.",
)

# %%
open_at_server = asyncio.Event()


async def believe(websocket):
    """Echo, and note that a WebSocket has opened."""
    open_at_server.set()
    await echo(websocket)


believer = await bench.start("believing server", serve(believe, "127.0.0.1", 0, compression=None))
lost = await bench.start("lost answer", Middlebox(believer, [SwallowAnswer()]))
lost_wire = Wire(lost, layer="HTTP")

# %%
open_at_server.clear()
knocking = asyncio.create_task(knock(bench.url(lost)))
await asyncio.wait_for(open_at_server.wait(), 5)
print("The server has called your handler. Ann has an answer:", knocking.done())
await knocking
lost_wire.snapshot()

# %%
guess_answer.reveal(
    "c",
    "Whoever sends the 101 is in. The server may even send its first message, and `send` returns without a word.",
    a="The server has no reason to wait: it has said yes.",
    b="Nobody confirms a 101, and TCP repeats it for minutes. (The pings of `websockets` give up within one: lesson 05.)",
)

# %% [markdown]
# Ann would wait here for ever, if she had no time-out: she has nothing to send again. A browser's `WebSocket` has none that a script could set;
# Chromium's stays in CONNECTING for four minutes before it says 1006. (A script may set a timer of its own, and `close` when it rings.)
#
# Remember this one when you write a protocol: *sent* is not *arrived*. Socket.IO takes care of it. It sends a probe over the new WebSocket
# and keeps the old way until the answer is there.

# %% [markdown]
# ## 6. The antivirus that waits for the end
#
# An antivirus on your customer's own computer looks into downloads before it lets the browser have them. To know whether a
# file is clean, it wants the *whole* file. An answer of HTTP has an end, and at the end it is handed on. When does a WebSocket end?

# %%
antivirus = await bench.start("antivirus", Middlebox(server, [BufferingAntivirus()]))
antivirus_wire = Wire(antivirus, layer="HTTP")
await knock(bench.url(antivirus))
antivirus_wire.snapshot()

# %% [markdown]
# It looks the same as the lost 101, and neither program can tell the two apart. (This box is a model. Products differ, and none
# was measured for it. The other boxes of these sections were held against nginx, Squid, tinyproxy and iptables.)

# %% [markdown]
# ## 7. The hotel
#
# The third customer. A *captive portal* keeps everybody out until they have ticked a box. In plain HTTP it answers in the place of every server in
# the world, and there is more than one way to say it:

# %%
guess_portal = predict(
    "One of these portals answers every request with `200 OK` and a page. What does Ann get?",
    a="`InvalidStatus`: 200 is not 101.",
    b="An open WebSocket: 200 means OK.",
    c="The page, as her first message.",
)

# %%
portals = [CaptivePortal(), LoginPage(), BlockPage(), Answer(511, "Please log in"), BadGateway(), EmptyReply()]

for rule in portals:
    async with Middlebox(server, [rule]) as hotel:
        print(f"{type(rule).__name__:14}", end="")
        await knock(bench.url(hotel))

# %%
guess_portal.reveal(
    "a",
    "In HTTP/1.1 only a 101 opens a WebSocket. Every other status is a refusal, and the best news you can get: somebody is talking.",
    b="OK is an answer to a question that Ann did not ask.",
    c="What comes before the 101 is HTTP. The library reads it and keeps it from you; it is in `error.response.body`.",
)

# %% [markdown]
# | | who says that | why |
# |---|---|---|
# | 302 to a login page | the Wi-Fi of hotels and trains | your phone follows it and opens the login window. `websockets` would follow as well, but a page is no WebSocket |
# | 200 and a page | portals that do not redirect | the worst for programs: it looks like success |
# | 403 and a page | the filter of a school or a company | somebody made a list, and you are on it |
# | 511 | portals that know RFC 6585 | made for this, and rarely seen |
# | 502 | a proxy whose server is down | no portal at all: your own nginx, while you restart |
# | hangs up without a byte | nginx's `return 444`, a server that crashed | nobody wanted to talk to you |
#
# The browser's script? `onerror`, `onclose`, 1006. Each time.

# %% [markdown]
# ## 8. What gets through?
#
# Take the same boxes once more, and ask for an ordinary page.

# %%
guess_through = predict(
    "Which of these lets an ordinary `GET` through: the strict proxy, the two firewalls, the lost 101, the antivirus?",
    a="All of them.",
    b="Only the proxy: the others do not trust you.",
    c="None: they know your server by now.",
)

# %% tags=["folded"]
from aiohttp import ClientSession, web


async def hello(request):
    """An ordinary page."""
    return web.Response(text="Hello from the server")


async def socket(request):
    """A WebSocket that echoes."""
    websocket = web.WebSocketResponse()
    await websocket.prepare(request)
    async for message in websocket:
        send = websocket.send_str if message.type is web.WSMsgType.TEXT else websocket.send_bytes
        await send(message.data)
    return websocket


def website():
    """A web server with a page at /hello and a WebSocket at /."""
    app = web.Application()
    app.router.add_get("/hello", hello)
    app.router.add_get("/", socket)
    return app


site = await bench.start("website", bench.aiohttp(website()))

# %%
async def ask(box):
    """What an ordinary GET brings through a middlebox: its status, and who wrote the page."""
    url = bench.url(box, "/hello", scheme="http")
    async with ClientSession() as http, http.get(url, allow_redirects=False) as answer:
        return answer.status, await answer.text() == "Hello from the server"


firewalls = [StrictProxy(), ResetUpgrade(), SwallowUpgrade(), SwallowAnswer(), BufferingAntivirus()]

for rule in [*firewalls, CaptivePortal(), LoginPage()]:
    async with Middlebox(site, [rule]) as box:
        status, ours = await ask(box)
        print(f"{type(rule).__name__:20} {status}  {'your page' if ours else 'somebody else’s page'}")

# %%
guess_through.reveal(
    "a",
    "Only a portal keeps ordinary pages out as well, and it stops when you have logged in.",
    b="They do not trust `Upgrade`. A page is what they are there for.",
    c="They know no servers. They look at each request alone.",
)

# %% [markdown]
# Most of these boxes did nothing until you said `Upgrade`. They were all built for one thing: a request goes in, an answer comes
# out, and it ends. (Some proxies hold an answer back until it is complete, or a buffer is full: nginx's `proxy_buffering` is on by default, though
# the chunks of HTTP/1.1 go through it as they come. A short answer that ends does not mind.)
#
# Keep this list. If your messages travelled as ordinary requests and ordinary answers, they would get through nearly all of it: not through
# a portal, and not past a proxy that wants a password or a filter that has your name. It costs more requests, and there is a trick that makes it
# nearly as fast as a WebSocket. It is called *long-polling*, and you build it in lesson 09.

# %% [markdown]
# ## 9. Does `wss://` help?
#
# Encrypt it, then. `wss://` is the same protocol inside TLS. The firewall of section 4 searches for a word; inside TLS there is no
# word to find. Here is an echo server with TLS behind that firewall. (It has no certificate: both ends agree on a cipher that
# does not ask who you are. Good for one experiment on one machine, and for nothing else.)

# %%
import ssl


def anonymous(protocol):
    """TLS that encrypts and proves nothing."""
    context = ssl.SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context


tls = anonymous(ssl.PROTOCOL_TLS_SERVER)
secret_server = await bench.start("secret server", serve(echo, "127.0.0.1", 0, ssl=tls))
inspected = await bench.start("inspected", Middlebox(secret_server, [ResetUpgrade()]))

# %%
url = bench.url(inspected, scheme="wss")
async with connect(url, ssl=anonymous(ssl.PROTOCOL_TLS_CLIENT), proxy=None, open_timeout=1) as ann:
    await ann.send("Hello")
    print("Ann hears:", await ann.recv())

passed = b"".join(record.data for record in inspected.trace)
print("the word websocket passed by:", b"websocket" in passed.lower())

# %% [markdown]
# Through. And port 443 is the port to which explicit proxies grant tunnels. So: **always `wss://`, on port 443.** It gets past
# proxies and firewalls that never see what is inside. Where does it not help?
#
# - Many large companies and antivirus programs *intercept* TLS: they decrypt, look, and encrypt again, with a certificate that
#   company or antivirus has put on the computer. Inside that box one of the boxes above may stand, and it sees every word.
# - The proxy that terminates TLS may be your own: nginx decrypts, and passes on without Upgrade.
# - A portal lets nothing out before the login, a filter goes by the name of the host, which TLS shows as a rule (SNI), and a proxy that wants
#   a password wants it for port 443 too.
#
# It helps many of your customers, so do it. It does not help all of them. Besides, a page that came by `https://` has no choice: browsers
# let it open no `ws://` to the internet (*mixed content*). Chromium makes exceptions for the user's own machine and network.
#
# One more thing changes with TLS: browser and server may agree on HTTP/2. That has no `Upgrade`; a WebSocket can be opened with `CONNECT` there
# (RFC 8441), where the server says that it can. Otherwise the browser opens a connection in HTTP/1.1 for it.

# %% [markdown]
# ## 10. The switchboard
#
# Now all of them at once. Here is a board with four clients and, on the cable, a switch for each rule. Two of the clients you know. The other two
# speak *Socket.IO*.

# %%
guess_stay = predict(
    "The two Socket.IO clients want a WebSocket as well, and a strict proxy is in the way. What do their users notice?",
    a="An error, and then it works.",
    b="Nothing.",
    c="They have to log in again.",
)

# %%
board = await bench.start("board", Board())

for name in ("StrictProxy", "ResetUpgrade", "ConnectOnlyTo"):
    print(board.turn_on(name))
    print(await board.try_all(), end="\n\n")
    await board.reset()

# %%
guess_stay.reveal(
    "b",
    "`polling` means ordinary requests. Both tried a WebSocket, saw it fail, and stayed where they were. The message came back.",
    a="There was an error, and the library kept it to itself: it had another way, and was using it already.",
    c="The conversation began with ordinary requests, and it went on with them.",
)

# %% [markdown]
# The browser was absent because no page showed the board. Show it, and *this page* becomes the fourth client. Press **Try all**: everybody
# connects anew and sends a message. Then throw switches, before and after. They act on connections that are open, too. What a client shows is
# what it observed itself. In the picture, a ring is an end that knows it is over. A line that stops at the ✗ is still believed in.

# %% tags=["demo"]
board = await bench.start("board", Board())
Switchboard(board)

# %% tags=["demo"]
Wire(board.cable, layer="HTTP").live()

# %% [markdown]
# Things to try:
#
# 1. Connect everybody with all switches off, then turn on `Blackhole` and send. Who notices, and when? Turn it off again. What arrives?
# 2. Turn on `DropAfterUpgrade` and try all. Who says *connected* and is wrong? Who has seen through it, and how?
# 3. `SwallowUpgrade`, try all: the two Socket.IO clients are not the same. Which would you rather have?
# 4. `LoginPage`: find the client whose report would help you most, and the one whose report would help you least.
#
# <details><summary>What you should have seen</summary>
#
# 1. Nobody at first. The Socket.IO clients notice within six seconds (the server here sends a heartbeat each four, and
#    they wait two more; by default it is 25 and 20), the raw ones never (this board has switched off the pings of `websockets`). When the line
#    heals, messages that were on their way arrive late. That is lesson 05.
# 2. `websockets` got its 101 and is *silent*. The JavaScript client sent a probe over the WebSocket, got no answer, and
#    stays on polling; python-socketio waits for that answer.
# 3. python-socketio's `connect()` waits for the upgrade, until `aiohttp` gives up after five minutes; the JavaScript client
#    works while it waits. A library may be right about the protocol and still wait in the wrong place.
# 4. `websockets`: status 200. The browser: 1006.
# </details>

# %% [markdown] tags=["teacher"]
# If JupyterLab runs on another machine, the browser's lamp says that it goes through Jupyter's proxy: one more middlebox.

# %% [markdown]
# ## Exercises
#
# Write your answer into the cell below each task, run it, then run the check.

# %% [markdown] tags=["exercise"]
# ### Exercise 1 · The diagnosis
#
# *12 minutes, medium*
#
# A customer sends you the exception from her log. Write `diagnose(error)`, which returns one of these words:
#
# | word | what stands in the way |
# |---|---|
# | `"proxy"` | a proxy took the Upgrade away: the server answered 426 or 505 |
# | `"tunnel"` | an explicit proxy refused CONNECT |
# | `"page"` | somebody else answered: any other status, or a redirect |
# | `"reset"` | the connection ended in place of an answer |
# | `"silence"` | nothing came in time |
# | `"nobody"` | nobody listens at that port |

# %% tags=["solution"]
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, InvalidURI


def diagnose(error):
    """Which box made `connect` raise this: "proxy", "tunnel", "page", "reset", "silence" or "nobody"."""
    match error:
        case InvalidStatus():
            return "proxy" if error.response.status_code in (426, 505) else "page"
        case InvalidProxyStatus():
            return "tunnel"
        case InvalidURI():
            return "page"
        case InvalidMessage() | ConnectionResetError():
            return "reset"
        case TimeoutError():
            return "silence"
        case ConnectionRefusedError():
            return "nobody"


# %% tags=["check"]
async def exception_behind(port, word):
    """The exception that Ann really gets there; for silence she waits half a second."""
    to, proxy = (server, bench.url(port, scheme="http")) if word == "tunnel" else (port, None)
    try:
        async with connect(bench.url(to), proxy=proxy, open_timeout=0.5 if word == "silence" else 5):
            return None
    except (OSError, WebSocketException) as error:
        return error


@check(
    "Look at the classes first: which of the six words has a class of its own?",
    "`InvalidStatus` stands for two of them. The status is in `error.response.status_code`.",
    "`InvalidURI` is a redirect to what is no WebSocket. `TimeoutError` and `ConnectionRefusedError` are Python's own.",
    timeout=20,
)
async def check_diagnose(diagnose):
    """Eleven real boxes and a closed port, and each diagnosis is right."""
    boxes = {StrictProxy(): "proxy", StrictProxy("1.1"): "proxy", ResetUpgrade(): "reset", EmptyReply(): "reset"}
    boxes |= {CaptivePortal(): "page", LoginPage(): "page", BlockPage(): "page", BadGateway(): "page"}
    boxes |= {SwallowUpgrade(): "silence", ConnectOnlyTo(443): "tunnel", ProxyLogin("ann", "secret"): "tunnel"}
    for rule, word in boxes.items():
        async with Middlebox(server, [rule, ExplicitProxy()] if word == "tunnel" else [rule]) as box:
            error = await exception_behind(box, word)
        expect(f"the diagnosis of `{type(error).__name__}: {error}`, got behind {rule!r},", diagnose(error), word)
    error = await exception_behind(box, "nobody")  # closed by now
    expect("the diagnosis of a port where nobody listens", diagnose(error), "nobody")


await check_diagnose.verdict()

# %% [markdown] tags=["exercise"]
# ### Exercise 2 · The way through
#
# *15 minutes, medium*
#
# Write `way_through(port)`, which tries what works: it returns `"websocket"` if a message sent to `ws://127.0.0.1:PORT/` comes back, else
# `"http"` if `http://127.0.0.1:PORT/hello` brings `Hello from the server`, else `"nothing"`. It never raises, and waits for nothing longer than
# half a second. This is what a Socket.IO client does when it starts, the other way round. (Server and boxes live in this kernel: a call that
# blocks, `urllib`'s for one, stops them as well.)

# %% tags=["solution"]
from aiohttp import ClientError, ClientTimeout


async def way_through(port):
    """The best way to the server at `port` of this machine: "websocket", "http" or "nothing"."""
    try:
        async with connect(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=0.5, close_timeout=0.1) as websocket:
            await websocket.send("Hello")
            await asyncio.wait_for(websocket.recv(), 0.5)
            return "websocket"
    except (OSError, WebSocketException):
        pass
    try:
        url = f"http://127.0.0.1:{port}/hello"
        async with ClientSession(timeout=ClientTimeout(0.5)) as http, http.get(url, allow_redirects=False) as answer:
            return "http" if await answer.text() == "Hello from the server" else "nothing"
    except (OSError, ClientError):
        return "nothing"


# %% tags=["check"]
import time
from itertools import pairwise

from wirelab.decode import Decoder


async def tick(times):
    """Note the time again and again, as often as the loop allows it."""
    while True:
        times.append(time.monotonic())
        await asyncio.sleep(0.02)


async def found(way_through, box):
    """The answer, which has two waits of half a second to find it, and for how long the loop stood still meanwhile."""
    looking = asyncio.ensure_future(way_through(box.port))
    ticking = asyncio.create_task(tick(times := [time.monotonic()]))
    try:
        await asyncio.wait([looking], timeout=3)
    finally:
        ticking.cancel()
    if not looking.done():
        looking.cancel()
        sent = [unit.summary for unit in Decoder(box.trace).update() if unit.direction == "up"]
        bye = any(label.startswith("close") for label in sent)
        why = "It has said goodbye and waits for an answer: `close_timeout`." if bye else "Each attempt has half a second."
        raise Wrong(f"Behind {box.rules[0]!r} it still looks after three seconds. {why}" if box.rules else f"It still looks. {why}")
    return await looking, max(later - before for before, later in pairwise([*times, time.monotonic()]))


@check(
    "Two attempts, one after the other. What may the first one raise, and what if it raises nothing and stays silent?",
    "An open WebSocket proves little: send a message, and `asyncio.wait_for(websocket.recv(), 0.5)`.",
    "A status of 200 proves nothing: compare the text of the page.",
    timeout=40,
)
async def check_way_through(way_through):
    """It finds the way through, and is not taken in by a box that only looks open."""
    http = (StrictProxy(), ResetUpgrade(), SwallowUpgrade(), DropAfterUpgrade())
    nothing = (LoginPage(), CaptivePortal(), EmptyReply(), Blackhole())
    ways = [(None, "websocket"), *((rule, "http") for rule in http), *((rule, "nothing") for rule in nothing)]
    async with bench.aiohttp(website()) as shop:
        for rule, word in ways:
            async with Middlebox(shop, [rule] if rule else []) as box:
                watch(Wire(box))
                said, stood_still = await found(way_through, box)
            if said != word and stood_still > 0.4:
                raise Wrong(f"It says {said!r}, and a call of yours stopped the loop, in which server and box live too. "
                            "Take one that can be awaited, or hand it to `asyncio.to_thread`.")  # fmt: skip
            if said == "websocket" and word != said:
                raise Wrong(f"Behind {rule!r} it opens, and then nothing passes. Send a message, wait for its echo.")
            if said == "http" and word == "nothing":
                raise Wrong(f"Behind {rule!r} a page came, but not the server's. Compare its text.")
            expect(f"the way through {rule!r}" if rule else "the way through an honest middlebox", said, word)
        said, _ = await found(way_through, box)
        expect("the way to a port where nobody listens", said, "nothing")


await check_way_through.verdict()

# %% [markdown]
# ## What you have now
#
# - A *proxy* that does not act on `Upgrade` takes it out, as HTTP demands. A `websockets` server then answers 426 or 505.
# - An *explicit proxy* is asked with CONNECT. Many say 403 to ports other than 443, some say 407 to strangers. `websockets` uses it without being
#   told when `http_proxy` is set.
# - A firewall that inspects resets or is silent. Silence is worse: always have a time-out.
# - A portal answers in everybody's place. 200 can be a refusal.
# - Python tells you which it was. A browser says 1006, on purpose.
# - `wss://` on port 443 gets past many of them, and not past those that decrypt.
# - Ordinary requests get through most of them: not through a portal, not past a proxy that wants a password, not past a filter that has
#   your name on its list.
#
# ### Three questions
#
# <details><summary>1. A colleague says: "nginx is broken, it loses my headers." What do you answer?</summary>
#
# It does what HTTP tells a proxy to do with headers that are meant for one hop. A few lines of configuration tell it to pass them on.
# </details>
#
# <details><summary>2. Why does <code>websockets</code> raise <code>TimeoutError</code> for an antivirus and for a firewall alike?</summary>
#
# Because from where it stands they are alike: a request went out and nothing came back. The difference is below it, in TCP: a dropped
# request is sent again and again, one that arrived is not.
# </details>
#
# <details><summary>3. The server's log says that the customer is connected. The customer says that she is not. Who is right?</summary>
#
# Both. The server has sent its 101, and the 101 was dropped. An open connection is what each end believes.
# </details>
#
# ### What is still missing
#
# The first two rows of the boss's list are red, and you know what green will need: messages that can travel as ordinary requests (lesson 09).
# And these boxes were each alone. What happens when the box in the middle has *two* servers behind it, and your messages may go to either?
# That is a load balancer, and the next lesson.
