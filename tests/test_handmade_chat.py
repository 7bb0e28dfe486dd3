"""`python -m handmade`: the chat as programs see it, its command line, a server beside one's own routes."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from handmade import ClientSocket, Redis, Server, __main__, chat, io
from handmade.l09_long_polling_and_upgrade import site
from wirelab import bench
from wirelab.bench import RedisServer
from wirelab.middlebox import Middlebox, RoundRobin
from wirelab.waiting import until

SOURCES = Path(__file__).resolve().parents[1] / "lessons_src"
COMMAND = (sys.executable, "-m", "handmade")


class Guest:
    """Somebody in the chat, and what he heard."""

    def __init__(self, url: str, name: object, **options: Any) -> None:
        self.url, self.heard = url, list[Any]()
        said = {"name": name, **{key: options.pop(key) for key in ("room", "pid") if key in options}}
        options = {"reconnection": False, **options}
        self.socket: ClientSocket = io(url, said, force_new=True, **options)
        self.socket.on_any(lambda *what: self.heard.append(what[:-1]))  # without the offset behind it
        self.socket.on("connect_error", lambda error: self.heard.append(str(error)))

    async def ask(self, event: str, value: object) -> Any:
        return await self.socket.timeout(5).emit_with_ack(event, value)


@asynccontextmanager
async def party(*names: str, **options: Any) -> AsyncIterator[list[Guest]]:
    """Guests at the chat, who are let in one after the other."""
    guests = list[Guest]()
    async with site(chat.application(), "127.0.0.1", 0) as port:
        for name in names:
            guests.append(guest := Guest(f"http://127.0.0.1:{port}", name, **options))
            await until(lambda guest=guest: guest.socket.connected)
        yield guests
        for guest in guests:
            guest.socket.disconnect()


async def test_those_in_a_room_hear_each_other_and_know_who_is_there() -> None:
    async with party("Ann", "Bob", "Cem") as (ann, bob, cem):
        assert await ann.ask("enter", "gold") == ["Ann"]
        assert await cem.ask("enter", "silver") == ["Cem"]
        assert await bob.ask("enter", "gold") == ["Ann", "Bob"]
        await bob.ask("say", "Hello")
        await bob.ask("show", b"\x89PNG")
        assert await bob.ask("enter", "silver") == ["Cem", "Bob"]
        await until(lambda: ("people", ["Ann"]) in ann.heard[1:])
        bob.socket.disconnect()
        await until(lambda: ("people", ["Cem"]) in cem.heard[1:])
    assert ann.heard == [
        ("people", ["Ann"]),
        ("news", "Bob has come."),
        ("people", ["Ann", "Bob"]),
        ("said", "Bob", "Hello"),
        ("shown", "Bob", b"\x89PNG"),
        ("news", "Bob has gone."),
        ("people", ["Ann"]),
    ]
    assert cem.heard[-2:] == [("news", "Bob has gone."), ("people", ["Cem"])]
    assert not [what for what in cem.heard if what[0] in ("said", "shown")]


async def test_who_is_lost_for_a_moment_is_back_where_he_was_and_has_missed_nothing() -> None:
    async with party("Ann", "Bob", reconnection=True, reconnection_delay=0.5) as (ann, bob):
        await ann.ask("enter", "gold")
        await bob.ask("enter", "gold")
        await until(lambda: ("people", ["Ann", "Bob"]) in ann.heard)
        before = len(ann.heard), len(bob.heard)
        ann.socket.io.engine.end("transport close")
        await until(lambda: ("people", ["Bob"]) in bob.heard)
        await bob.ask("say", "meanwhile")
        await until(lambda: bool(ann.socket.recovered))
        await ann.ask("say", "here I am")
        await until(lambda: ("said", "Ann", "here I am") in bob.heard)
        await until(lambda: ("people", ["Bob", "Ann"]) in ann.heard[before[0] :])
    assert ann.heard[before[0] :] == [
        ("people", ["Bob"]),
        ("said", "Bob", "meanwhile"),
        ("people", ["Bob", "Ann"]),
    ]
    assert bob.heard[before[1] :] == [
        ("news", "Ann has gone."),
        ("people", ["Bob"]),
        ("news", "Ann is back."),
        ("people", ["Bob", "Ann"]),
        ("said", "Ann", "here I am"),
    ]


async def test_who_left_the_room_before_he_was_lost_is_not_back_in_it() -> None:
    async with party("Ann", "Bob", reconnection=True, reconnection_delay=0.1) as (ann, bob):
        await ann.ask("enter", "gold")
        await bob.ask("enter", "gold")
        await ann.ask("enter", "silver")
        await until(lambda: ("people", ["Bob"]) in bob.heard)
        ann.socket.io.engine.end("transport close")
        await until(lambda: bool(ann.socket.recovered))
        await bob.ask("say", "in gold")
        await ann.ask("say", "in silver")
    assert not [what for each in (ann, bob) for what in each.heard if what[0] == "said"]
    assert bob.heard[-1] == ("people", ["Bob"])


async def test_a_room_that_is_named_at_the_door_is_entered_before_anything_is_heard() -> None:
    async with party("Bob", "Cem") as (bob, cem):
        await bob.ask("enter", "gold")
        ann = Guest(bob.url, "Ann", room="gold")
        ann.socket.emit("say", "first of all")
        await until(lambda: ("said", "Ann", "first of all") in bob.heard)
        assert await ann.ask("enter", "gold") == ["Bob", "Ann"]
        with pytest.raises(TimeoutError):
            await cem.socket.timeout(0.2).emit_with_ack("say", "in no room")
        ann.socket.disconnect()
    assert bob.heard.count(("news", "Ann has come.")) == 1


async def test_who_comes_back_under_another_name_has_it() -> None:
    """As when a page changes its name, and its new connection is there before its goodbye."""
    async with party("Ann") as (ann,):
        await ann.ask("enter", "gold")
        eve = Guest(ann.url, "Eve", room="gold", pid=ann.socket.pid)
        await until(lambda: ("people", ["Eve"]) in eve.heard)
        assert eve.socket.recovered is False  # it does not know whom it has named
        assert eve.socket.pid == ann.socket.pid
        eve.socket.disconnect()


# Several servers


async def test_guests_of_several_servers_are_in_one_chat_as_long_as_there_is_a_redis() -> None:
    async with RedisServer.best() as store:
        lines = [Redis(bench.url(store, scheme="redis")) for _ in range(2)]
        one, two = (site(chat.application(line), "127.0.0.1", 0) for line in lines)
        async with one as first, two as second:
            ann, bob = Guest(f"http://127.0.0.1:{first}", "Ann"), Guest(f"http://127.0.0.1:{second}", "Bob")
            assert await ann.ask("enter", "gold") == ["Ann"]
            assert await bob.ask("enter", "gold") == ["Bob", "Ann"]
            await until(lambda: ("people", ["Bob", "Ann"]) in ann.heard)
            await bob.ask("say", "Hello")
            await bob.ask("show", b"\x89PNG")
            await until(lambda: ("shown", "Bob", b"\x89PNG") in ann.heard)
            assert ("news", "Bob has come.") in ann.heard and ("said", "Bob", "Hello") in ann.heard
            store.kill()
            assert await ann.ask("enter", "silver") == ["Ann"]
            ann.socket.disconnect()
            bob.socket.disconnect()


@pytest.mark.parametrize(
    "event, value",
    [
        ("enter", "attic"),
        ("enter", ["gold"]),
        ("say", ""),
        ("say", "x" * 2001),
        ("say", b"x"),
        ("show", "text"),
    ],
)
async def test_what_makes_no_sense_is_not_acknowledged(event: str, value: object) -> None:
    async with party("Ann", "Bob") as (ann, bob):
        await ann.ask("enter", "gold")
        await bob.ask("enter", "gold")
        with pytest.raises(TimeoutError):
            await ann.socket.timeout(0.1).emit_with_ack(event, value)
        await ann.ask("say", "the end")
        await until(lambda: ("said", "Ann", "the end") in bob.heard)
        assert ("people", ["Bob"]) not in bob.heard
        assert [what for what in bob.heard if what[0] in ("said", "shown")] == [("said", "Ann", "the end")]


@pytest.mark.parametrize("name", [None, "", 7, "x" * 41])
async def test_who_has_no_name_is_refused(name: object) -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port:
        stranger = Guest(f"http://127.0.0.1:{port}", name)
        await until(lambda: bool(stranger.heard))
    assert stranger.heard == ["Say who you are: a name of 1 to 40 letters."]


async def test_the_page_is_served_with_all_that_belongs_to_it() -> None:
    async with site(chat.application(), "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        for path, part in {
            "/": "<title>",
            "/chat.css": "prefers-color-scheme",
            "/chat.js": "io(",
            "/socket.io.js": "Socket.IO",
        }.items():
            async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert (answer.status, part in await answer.text()) == (200, True), path
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


# The command line


async def start(*arguments: str) -> asyncio.subprocess.Process:
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    return await asyncio.create_subprocess_exec(*COMMAND, *arguments, cwd=SOURCES, **pipes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_and_ends_politely(number: int) -> None:
    process = await start("--port", "0")
    try:
        said = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        url = said.split()[4]
        assert said == f"The chat is at {url} (open it in two windows; Ctrl-C ends it).\n"
        guest = Guest(url.removesuffix("/"), "Ann")
        await until(lambda: guest.socket.connected)
        process.send_signal(number)
        output, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, output, errors) == (0, b"The chat has ended.\n", b"")
        await until(lambda: not guest.socket.connected)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--port", "99999"), r"Port 99999 at 127.0.0.1 cannot be used"),
        (("--host", "203.0.113.7", "--port", "0"), r"Port 0 at 203.0.113.7 cannot be used"),
        (("--port", "tea"), r"argument --port: invalid int value: 'tea'"),
        (
            ("--port", "0", "--redis", "redis://127.0.0.1:1"),
            "No Redis answers at 127.0.0.1:1: start one there",
        ),
        (("--redis", "127.0.0.1:6379"), "Write it like redis://127.0.0.1:6379."),
        (("--redis", "redis://127.0.0.1:tea"), "Write it like redis://127.0.0.1:6379."),
    ],
)
async def test_a_bad_address_gets_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    process = await start(*arguments)
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    said = errors.decode()
    assert sentence in said and "Traceback" not in said and process.returncode
    assert ("cannot be used" in said) == ("cannot be used" in sentence)


async def test_two_that_were_started_with_one_redis_are_one_chat() -> None:
    async with RedisServer.best() as store:
        url = bench.url(store, scheme="redis")
        processes = [await start("--port", "0", "--redis", url) for _ in range(2)]
        try:
            guests = list[Guest]()
            for process in processes:
                said = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
                hint = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
                assert hint.startswith(f"All chats at the Redis at {url[8:]} are one")
                guests.append(Guest(said.split()[4].removesuffix("/"), "Ann"))
            for guest in guests:
                await guest.ask("enter", "gold")
            await guests[0].ask("say", "Hello")
            await until(lambda: ("said", "Ann", "Hello") in guests[1].heard)
            for process, guest in zip(processes, guests, strict=True):
                guest.socket.disconnect()
                process.send_signal(signal.SIGINT)
                assert await asyncio.wait_for(process.communicate(), 10) == (b"The chat has ended.\n", b"")
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()


async def test_over_streams_a_guest_of_one_that_is_killed_is_back_at_another() -> None:
    async with RedisServer.best() as store, contextlib.AsyncExitStack() as stack:
        url = bench.url(store, scheme="redis")
        processes = [await start("--port", "0", "--redis", url, "--streams") for _ in range(2)]
        try:
            ports = list[int]()
            for process in processes:
                said = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
                ports.append(int(said.split()[4].removesuffix("/").rpartition(":")[2]))
            balancer = await stack.enter_async_context(Middlebox(ports[0], [RoundRobin(ports)]))
            options = {"reconnection": True, "reconnection_delay": 0.5, "transports": ["websocket"]}
            ann = Guest(bench.url(balancer, scheme="http"), "Ann", **options)
            await ann.ask("enter", "gold")
            bob = Guest(f"http://127.0.0.1:{ports[1]}", "Bob")
            await bob.ask("enter", "gold")
            await until(
                lambda: ("people", ["Ann", "Bob"]) in ann.heard or ("news", "Bob has come.") in ann.heard
            )
            processes[0].kill()
            await until(lambda: not ann.socket.connected)
            await bob.ask("say", "meanwhile")
            await until(lambda: bool(ann.socket.connected and ann.socket.recovered), 10)
            await until(lambda: ("said", "Bob", "meanwhile") in ann.heard, 10)
            for guest in (ann, bob):
                guest.socket.disconnect()
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()


def test_it_warns_of_an_open_door_and_of_a_missing_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert __main__.warnings("127.0.0.1") == []
    assert __main__.warnings("0.0.0.0") == [__main__.OPEN]
    monkeypatch.setattr(__main__, "CLIENT", tmp_path / "nothing.js")
    assert __main__.warnings("localhost") == [__main__.NO_CLIENT]


# Beside an application


async def test_one_port_serves_routes_of_ones_own_and_socket_io() -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="Hello")

    app, server, met = web.Application(), Server(), list[Any]()
    app.router.add_get("/hello", hello)
    server.on("connection", met.append)
    server.attach(app, "/chat/socket.io/")
    async with site(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{port}"
        ours = io(url, path="/chat/socket.io/", force_new=True)
        await until(lambda: ours.connected)
        async with http.get(f"{url}/hello") as answer:
            assert await answer.text() == "Hello"
        async with http.get(f"{url}/socket.io/?EIO=4&transport=polling") as answer:
            assert answer.status == 404
        ended = list[object]()
        met[0].on("disconnect", ended.append)
        ours.disconnect()
        await until(lambda: bool(ended))
    assert (len(met), ended) == (1, ["client namespace disconnect"])


async def test_a_part_of_an_application_may_have_a_server_of_its_own() -> None:
    app, part = web.Application(), web.Application()
    servers = [Server(), Server()]
    servers[0].attach(app)
    servers[1].attach(part)
    app.add_subapp("/part", part)
    async with site(app, "127.0.0.1", 0) as port:
        paths = ("/socket.io/", "/part/socket.io/")
        clients = [io(f"http://127.0.0.1:{port}", path=path, reconnection=False) for path in paths]
        await until(lambda: all(client.connected for client in clients))
        assert [server.clients_count for server in servers] == [1, 1]
    await until(lambda: not any(client.connected for client in clients))
    assert [server.clients_count for server in servers] == [0, 0]
