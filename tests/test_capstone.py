"""The chat of lesson 20: who hears what, on two servers, over a real Redis and an embedded one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import fakeredis
import pytest
import redis.asyncio

from handmade.l18_nothing_lost import io
from handmade.l20_capstone import Archive, Server, chat, earlier, member, person
from wirelab import bench
from wirelab.bench import RedisServer
from wirelab.middlebox import Middlebox, ResetBoth
from wirelab.process.redis import real_redis
from wirelab.waiting import until


@pytest.fixture(params=["embedded", "real"])
async def address(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "real" and not real_redis():
        pytest.skip("no redis-server or valkey-server is installed")
    store = RedisServer.best() if request.param == "real" else RedisServer.embedded()
    async with store:
        yield bench.url(store, scheme="redis")


class Guest:
    """Somebody in the chat, and what he was told."""

    def __init__(self, port: object, name: object, room: object = "gold", place: object = None) -> None:
        auth = {"name": name, "room": room, "place": place}
        quick = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.2, "transports": ["websocket"]}
        self.socket: Any = io(bench.url(port, scheme="http"), auth, force_new=True, **quick)
        self.told, self.people = list[Any](), list[Any]()
        self.socket.on("said", self.hear)
        self.socket.on("people", lambda room, names, *offset: self.people.append((room, names)))

    def hear(self, place: str, message: dict[str, Any], *offset: str) -> None:
        time, number = map(int, place.split("-"))
        self.told.append(((time, number), message["by"], message["content"]))

    @property
    def said(self) -> list[Any]:
        """What he was told, in the order of the places: two servers may tell it in another one."""
        return [message for _, *message in sorted(self.told, key=lambda each: each[0])]

    async def ask(self, event: str, *what: object) -> Any:
        return await self.socket.timeout(5).emit_with_ack(event, *what)


@contextlib.asynccontextmanager
async def two(address: str) -> AsyncIterator[tuple[int, int, Archive]]:
    archive = Archive(redis.asyncio.Redis.from_url(address))
    async with (
        chat(member(address), archive).listen() as one,
        chat(member(address), archive).listen() as other,
    ):
        yield one, other, archive
    await archive.client.aclose()


async def test_all_in_a_room_hear_it_at_both_servers_and_who_comes_late(address: str) -> None:
    async with two(address) as (one, other, _):
        ann, cem = Guest(one, "Ann"), Guest(other, "Cem", "silver")
        await until(lambda: bool(ann.people and cem.people))  # they have heard the archive
        bob = Guest(other, "Bob")
        await until(lambda: ("gold", ["Ann", "Bob"]) in bob.people)
        assert await ann.ask("say", "1", "你好 🙂") is True
        assert await bob.ask("say", "2", b"\x89PNG") is True
        said = [["Ann", "你好 🙂"], ["Bob", b"\x89PNG"]]
        await until(lambda: len(ann.said) == len(bob.said) == 2)
        assert ann.said == bob.said == said
        late = Guest(one, "Dan")
        await until(lambda: bool(late.people))
        assert (late.said, cem.said) == (said, [])
        assert await cem.ask("enter", "gold") is True
        await until(lambda: len(cem.said) == 2)
        assert cem.said == said
        for guest in (ann, bob, cem, late):
            guest.socket.disconnect()


async def test_a_name_counts_once_and_a_tab_that_closes_takes_nobody_away(address: str) -> None:
    async with two(address) as (one, other, _):
        ann, tab, bob = Guest(one, "Ann"), Guest(other, "Ann"), Guest(one, "Bob")
        await until(lambda: bob.people[-1:] == [("gold", ["Ann", "Bob"])])
        tab.socket.disconnect()
        told = len(bob.people)
        await until(lambda: len(bob.people) > told)
        assert bob.people[-1] == ("gold", ["Ann", "Bob"])
        ann.socket.disconnect()
        await until(lambda: ("gold", ["Bob"]) in bob.people)
        bob.socket.disconnect()


async def test_who_is_recovered_hears_what_he_missed_once(address: str) -> None:
    async with two(address) as (one, other, _), Middlebox(one) as line:
        ann = Guest(line, "Ann")
        await until(lambda: bool(ann.people))  # she has heard the archive, and not from it what Bob says
        bob = Guest(other, "Bob")
        await until(lambda: ("gold", ["Ann", "Bob"]) in ann.people)
        await bob.ask("say", "1", "one")
        await until(lambda: len(ann.said) == 1)
        line.rules = [ResetBoth()]
        await until(lambda: not ann.socket.connected)
        await bob.ask("say", "2", "two")
        line.rules = []
        await until(lambda: bool(ann.socket.connected))
        await until(lambda: bob.people[-1] == ("gold", ["Ann", "Bob"]))
        assert ann.socket.recovered
        assert ann.said == [["Bob", "one"], ["Bob", "two"]]
        ann.socket.disconnect()
        bob.socket.disconnect()


async def test_who_names_a_place_hears_what_comes_after_it_and_a_little_before(address: str) -> None:
    async with two(address) as (one, _, archive):
        old, new = ({"id": id, "by": "Ann", "content": id} for id in ("old", "new"))
        await archive.client.xadd(
            "room gold", {"message": b"\x83\xa2id\xa1x\xa2by\xa1A\xa7content\xa1x"}, id="1-0"
        )
        place = await archive.add("gold", old)
        await archive.add("gold", new)
        bob = Guest(one, "Bob", place=place)
        await until(lambda: bool(bob.people))
        assert bob.said == [["Ann", "old"], ["Ann", "new"]]
        assert len(await archive.since("gold", "0")) == 3
        bob.socket.disconnect()


class Moody(Archive):
    """An archive that does not answer at first."""

    moods = 2

    async def since(self, room: str, place: str) -> list[tuple[str, dict[str, Any]]]:
        self.moods -= 1
        if self.moods >= 0:
            raise redis.exceptions.ConnectionError("Redis is away")
        return await super().since(room, place)


async def test_who_comes_while_the_archive_is_away_hears_it_later(address: str) -> None:
    async with two(address) as (_, _, archive):
        await archive.add("gold", {"id": "1", "by": "Ann", "content": "before"})
        async with chat(member(address), Moody(archive.client)).listen() as port:
            bob = Guest(port, "Bob")
            await until(lambda: bob.said == [["Ann", "before"]], 10)
            await until(lambda: ("gold", ["Bob"]) in bob.people)
            assert bob.socket.connected
            bob.socket.disconnect()


@pytest.mark.parametrize(
    "place",
    [None, 7, "", "-", "0", "12", "x-1", "1-x", "٣-0", "1-2-3", ["1-0"], "9" * 400 + "-0", "-5-0", "1-0\n"],
)
def test_a_place_that_is_none_is_the_beginning(place: object) -> None:
    assert earlier(place) == "0"


def test_a_place_is_taken_a_little_earlier() -> None:
    assert (earlier("1700000005000-3"), earlier("3-0")) == ("1700000000000-0", "0-0")


@pytest.mark.parametrize("place", ["9" * 15 + "-" + "9" * 15, "1-1"])
async def test_no_place_that_a_stranger_names_breaks_the_archive(address: str, place: str) -> None:
    async with two(address) as (one, _, archive):
        await archive.add("gold", {"id": "1", "by": "Ann", "content": "x"})
        bob = Guest(one, "Bob", place=place)
        await until(lambda: bool(bob.people))
        assert len(bob.said) == (place == "1-1")
        bob.socket.disconnect()


@pytest.mark.parametrize(
    "id, content",
    [("1", ""), ("1", "x" * 2001), ("1", bytes(200_001)), ("1", 7), ("1", None), (7, "x"), ("x" * 41, "x")],
)
async def test_what_is_no_message_is_not_taken(id: object, content: object) -> None:
    archive = Archive(None)  # which nobody may ask
    async with chat(Server(), archive).listen() as port:
        ann = Guest(port, "Ann", room=None)
        await until(lambda: bool(ann.socket.connected))
        assert await ann.ask("say", id, content) is False
        assert await ann.ask("say", "1", "in no room") is False
        assert await ann.ask("enter", ["gold"]) is False
        ann.socket.disconnect()


@pytest.mark.parametrize("name", [None, "", 7, "x" * 41])
async def test_who_has_no_name_is_refused(name: object) -> None:
    async with chat(Server(), Archive(None)).listen() as port:
        errors = asyncio.Queue[Exception]()
        stranger = Guest(port, name)
        stranger.socket.on("connect_error", errors.put_nowait)
        error = await asyncio.wait_for(errors.get(), 5)
        assert str(error) == "Say who you are: a name of 1 to 40 letters."


@pytest.mark.parametrize("room", [None, "iron", "", ["gold"], 7])
async def test_who_enters_what_is_no_room_is_in_none(room: object) -> None:
    io = chat(Server(), Archive(fakeredis.FakeAsyncRedis()))
    async with io.listen() as port:
        ann = Guest(port, "Ann")
        assert await ann.ask("enter", room) is False
        assert await ann.ask("say", "1", "Hello") is False
        assert await ann.ask("enter", "silver") is True
        ann.socket.disconnect()


def test_nobody_can_be_called_like_a_room() -> None:
    assert person("gold") != "gold"
