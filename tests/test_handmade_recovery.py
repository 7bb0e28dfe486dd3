"""Lesson 18: what is kept for who was lost; without a network, and with the official client and server."""

import asyncio
import contextlib
import json
import random
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from seat import Seat, Work, pause
from test_handmade_client import HANDSHAKE, Room
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from handmade.l16_core import ConnectError
from handmade.l17_core import Session
from handmade.l18_core import Recovery
from handmade.l18_nothing_lost import Manager, Server, io
from wirelab import bench
from wirelab.clients import Event, HandmadeClient, Kind, Node, Options
from wirelab.middlebox import Middlebox, ResetBoth, Roam
from wirelab.process import Child
from wirelab.waiting import until

# The server without a network


class Talk(Seat):
    """A session of a server that remembers."""

    session_type = Session

    def __init__(self, house: "House") -> None:
        self.house = house
        super().__init__(house.server, house.server.client_type, "websocket")

    def hang_up(self, number: int) -> None:
        """Its WebSocket is gone."""
        super().hang_up(number)
        self._work()

    def wait(self, seconds: float) -> None:
        """Time passes, for this session."""
        self.clock.move(seconds)
        self.house.work, self.house.waiting = self.house.waiting + self.house.work, []
        self._work()

    def _start(self, work: Any) -> Work:
        return self.house.start(work)

    def _work(self) -> None:
        self.house.go_on()

    def hears(self, *packets: str | bytes) -> list[Any]:
        """What it says to these packets."""
        self.out.clear()
        for packet in packets:
            self.frame(0, packet)
        return self.heard()

    def heard(self) -> list[Any]:
        """What has come since it was asked last; pings are left out."""
        out, self.out[:] = [packet for packet in self.out if packet != "2"], []
        return out

    def join(
        self, pid: str | None = None, offset: str | None = None, namespace: str = "", **auth: Any
    ) -> Any:
        """Ask to be let in; what the server says to that. An offset is a number of the house's."""
        claim = {} if pid is None else {"pid": pid}
        claim |= {} if offset is None else {"offset": offset}
        return self.hears(f"40{namespace}{json.dumps({**claim, **auth})}")

    def socket(self, namespace: str = "/") -> Any:
        return self.client.sockets[namespace]


class House:
    """A server with a clock of the test's own."""

    def __init__(self, options: dict[str, Any] | None = None, **recovery: Any) -> None:
        self.time = 0.0
        settings = Recovery(**{"name": "k", **recovery})
        self.server: Any = Server(connection_state_recovery=settings, **(options or {}))
        self.server.now = lambda: self.time
        self.came: list[Any] = []
        self.server.on("connection", self.came.append)
        self.work, self.waiting = list[Work](), list[Work]()

    def start(self, work: Any) -> Work:
        """What the server starts, whoever made it do so."""
        self.work.append(Work(work))
        return self.work[-1]

    def go_on(self) -> None:
        """Let all go on up to their next wait."""
        while self.work:
            work = self.work.pop(0)
            if not work.is_done():
                self.waiting.append(work)

    def talk(self) -> Talk:
        return Talk(self)

    def guest(self, **auth: Any) -> tuple[Talk, str]:
        """Somebody who has just been let in, and his pid."""
        talk = self.talk()
        return talk, pid_of(talk.join(**auth)[-1])

    def lost(self, *rooms: str) -> str:
        """The pid of somebody who has been let in, into these rooms, and then was lost."""
        talk, pid = self.guest()
        talk.socket().join(rooms)
        talk.hang_up(0)
        return pid


def pid_of(packet: Any) -> str:
    """The pid in a CONNECT."""
    return str(json.loads(packet[packet.index("{") :])["pid"])


def events(packets: list[Any]) -> list[Any]:
    """The events among some packets, without their offsets."""
    return [json.loads(packet[2:])[:-1] for packet in packets if str(packet).startswith("42")]


def test_without_the_option_nothing_is_different() -> None:
    server = Server()
    talk = Seat(server, server.client_type, "websocket")
    talk.frame(0, '40{"pid":"p","offset":"k-0"}')
    (packet,) = talk.out
    assert re.fullmatch(r'40\{"sid":"[\w-]{20}"\}', packet)
    socket = talk.client.sockets["/"]
    assert socket.handshake["auth"] == {"pid": "p", "offset": "k-0"}
    server.emit("news", 1)
    socket.emit("news", 2)
    server.to(socket.id).emit("news", b"3")
    assert talk.out[1:] == [
        '42["news",1]',
        '42["news",2]',
        '451-["news",{"_placeholder":true,"num":0}]',
        b"3",
    ]
    talk.hang_up(0)
    assert talk.leaves_nothing()


def test_connect_says_the_pid_and_each_event_its_offset() -> None:
    house = House()
    talk, pid = house.guest()
    assert re.fullmatch(r"[\w-]{20}", pid)
    assert pid != talk.socket().id
    house.server.emit("news", "all")
    talk.socket().emit("news", b"\0")
    house.server.to(talk.socket().id).emit("news")
    assert talk.heard() == [
        '42["news","all","k-1"]',
        '451-["news",{"_placeholder":true,"num":0},"k-2"]',
        b"\0",
        '42["news","k-3"]',
    ]


def test_what_was_missed_comes_before_connect_and_in_order() -> None:
    house = House()
    talk, pid = house.guest()
    sid = talk.socket().id
    house.server.emit("news", 1)
    talk.hang_up(0)
    house.server.emit("news", 2)
    house.server.to("elsewhere").emit("news", 3)
    house.server.emit("news", b"4")
    back = house.talk()
    assert back.join(pid, "k-1") == [
        '42["news",2,"k-2"]',
        '451-["news",{"_placeholder":true,"num":0},"k-4"]',
        b"4",
        f'40{{"sid":"{sid}","pid":"{pid}"}}',
    ]
    first, second = house.came
    assert (first.recovered, second.recovered, second.id) == (False, True, first.id)


def test_what_was_under_way_comes_again_from_the_offset_on() -> None:
    house = House()
    talk, pid = house.guest()
    for number in range(4):
        house.server.emit("news", number)
    talk.hang_up(0)
    assert events(house.talk().join(pid, "k-2")) == [["news", 2], ["news", 3]]


def test_rooms_and_data_are_there_again() -> None:
    house = House()
    talk, pid = house.guest()
    talk.socket().join(["gold", "silver"])
    talk.socket().leave("silver")
    talk.socket().data["name"] = "Ann"
    talk.hang_up(0)
    house.server.to("gold").emit("news", "gold")
    house.server.to("silver").emit("news", "silver")
    house.server.except_("gold").emit("news", "not gold")
    back = house.talk()
    assert events(back.join(pid)) == [["news", "gold"]]
    socket = back.socket()
    assert (socket.data, socket.rooms) == ({"name": "Ann"}, {"gold", socket.id})
    house.server.to("gold").emit("news", 1)
    assert events(back.heard()) == [["news", 1]]


def test_data_that_was_replaced_as_a_whole_is_there_again() -> None:
    house = House()
    talk, pid = house.guest()
    talk.socket().data = {"name": "Ann"}
    talk.hang_up(0)
    back = house.talk()
    back.join(pid)
    assert back.socket().data == {"name": "Ann"}


def test_it_works_before_the_first_event() -> None:
    house = House()
    house.server.emit("news", "before it came")
    pid = house.lost()
    house.server.emit("news", "while it was away")
    assert events(house.talk().join(pid)) == [["news", "while it was away"]]
    assert house.came[-1].recovered


def test_nobody_hears_what_was_said_before_he_came_or_joined() -> None:
    """With an offset of another one, or of before: the official server sends it (see below)."""
    house = House()
    house.server.emit("news", "long before")
    talk, pid = house.guest()
    house.server.emit("news", "heard")
    house.server.to("gold").emit("news", "a secret")
    talk.socket().join("gold")
    talk.hang_up(0)
    house.server.to("gold").emit("news", "for him, too")
    assert events(house.talk().join(pid, "k-2")) == [["news", "for him, too"]]
    pid = house.lost()
    assert events(house.talk().join(pid, "k-0")) == []


@pytest.mark.parametrize("reason", ["41", "goodbye", "goodbye to all"])
def test_who_left_or_was_sent_away_does_not_come_back_as_the_same(reason: str) -> None:
    house = House()
    talk, pid = house.guest()
    if reason == "41":
        talk.frame(0, "41")
    else:
        talk.socket().disconnect(close=reason == "goodbye to all")
    house.server.emit("news", 1)
    (connect,) = house.talk().join(pid)
    assert pid_of(connect) != pid
    assert not house.came[-1].recovered
    assert house.server.history.lost == {}


@pytest.mark.parametrize("reason", ["transport close", "transport error", "ping timeout", "queue full"])
def test_after_an_accident_it_comes_back(reason: str) -> None:
    house = House()
    talk, pid = house.guest()
    talk.session.end(reason)
    house.talk().join(pid)
    assert house.came[-1].recovered


def test_after_its_connection_was_closed_without_a_goodbye_to_its_socket_it_comes_back() -> None:
    """The client takes that for an accident, as with the official server after `socket.conn.close()`."""
    house = House()
    talk, pid = house.guest()
    talk.session.close()
    house.server.emit("news", 1)
    assert events(house.talk().join(pid)) == [["news", 1]]
    assert house.came[-1].recovered


def test_after_a_broken_rule_it_does_not() -> None:
    house = House()
    talk, pid = house.guest()
    talk.hears("nonsense")
    house.talk().join(pid)
    assert not house.came[-1].recovered


def test_a_pid_takes_over_a_socket_that_the_server_believes_alive() -> None:
    house = House()
    talk, pid = house.guest()
    reasons: list[str] = []
    talk.socket().on("disconnect", reasons.append)
    talk.socket().join("gold")
    talk.hears("40/else")  # refused: nothing is there
    house.server.emit("news", "into the dead cable")
    talk.heard()
    back = house.talk()
    assert events(back.join(pid)) == [["news", "into the dead cable"]]
    talk.wait(0)
    assert (talk.session.state, reasons) == ("closed", ["taken over"])
    assert list(house.server.sockets) == [back.socket().id]
    assert back.socket().rooms == {"gold", back.socket().id}


def test_the_other_namespaces_of_a_connection_that_was_taken_over_come_back_too() -> None:
    house = House()
    house.server.of("/shop")
    talk, pid = house.guest()
    shop = pid_of(talk.join(namespace="/shop,")[-1])
    back = house.talk()
    back.join(pid)
    house.server.of("/shop").emit("news", 1)
    assert back.join(shop, namespace="/shop,")[0] == '42/shop,["news",1,"k-1"]'
    assert back.socket("/shop").recovered


def test_one_pid_is_never_two_sockets() -> None:
    house = House()
    pid = house.lost()
    first, second = house.talk(), house.talk()
    assert pid_of(first.join(pid)[-1]) == pid
    assert pid_of(second.join(pid)[-1]) == pid
    assert (first.session.state, len(house.server.sockets)) == ("closed", 1)


def test_a_session_is_consumed_even_if_it_is_of_no_use() -> None:
    house = House()
    pid = house.lost()
    assert pid_of(house.talk().join(pid, "no offset of ours")[-1]) != pid
    assert pid_of(house.talk().join(pid)[-1]) != pid


@pytest.mark.parametrize(
    "offset", ["", "k", "k-", "k-x", "k--1", "k-²", "k-2", "j-1", "k-" + "9" * 5000, 1, {}, [None]]
)
def test_an_offset_that_is_none_recovers_nothing(offset: object) -> None:
    house = House()
    pid = house.lost()
    house.server.emit("news", 1)
    (connect,) = house.talk().join(pid, offset)  # type: ignore[arg-type]
    assert pid_of(connect) != pid
    assert house.server.history.lost == {}


@pytest.mark.parametrize("pid", ["", "unknown", 1, None, [], {"a": 1}, "__proto__"])
def test_a_pid_that_is_none_is_a_new_client(pid: object) -> None:
    house = House()
    talk = house.talk()
    talk.hears(f"40{json.dumps({'pid': pid, 'offset': 'k-0', 'token': 1})}")
    assert not talk.socket().recovered
    assert talk.socket().handshake["auth"] == {"token": 1}


def test_auth_is_seen_without_pid_and_offset() -> None:
    house = House(skip_middlewares=False)
    seen: list[Any] = []
    house.server.use(lambda socket: seen.append(socket.handshake["auth"]))
    pid = house.lost()
    house.talk().join(pid, "k-0", token="sesame")
    house.talk().join(offset="the application's own")
    assert seen == [{}, {"token": "sesame"}, {"offset": "the application's own"}]
    names: list[Any] = []
    house.server.of(lambda name, auth: names.append(auth))
    house.talk().hears('40/any,{"pid":"p","offset":"o"}')
    assert names == [{}]


def test_volatile_events_are_not_kept_and_do_not_break_it() -> None:
    house = House()
    talk, pid = house.guest()
    house.server.emit("news", 1)
    house.server.volatile.emit("price", "seven")
    talk.socket().volatile.emit("price", "eight")
    *_, price, last = talk.heard()
    assert (price, last) == ('42["price","seven","k-1"]', '42["price","eight","k-1"]')
    talk.hang_up(0)
    house.server.volatile.emit("price", "nine")
    house.server.emit("news", 2)
    assert events(house.talk().join(pid, "k-1")) == [["news", 2]]


def test_a_volatile_event_may_ask_for_an_answer() -> None:
    house = House()
    talk, _ = house.guest()
    heard: list[Any] = []
    talk.socket().volatile.emit("ask", heard.append)
    assert talk.heard() == ['420["ask"]']
    talk.hears('430["yes"]')
    assert heard == ["yes"]


def test_what_asks_for_an_answer_is_not_kept() -> None:
    house = House()
    talk, pid = house.guest()
    talk.socket().emit("ask", lambda: None)
    assert talk.heard() == ['420["ask"]']
    talk.hang_up(0)
    assert events(house.talk().join(pid)) == []


def test_what_is_said_to_the_old_socket_reaches_the_new_one() -> None:
    house = House()
    talk, pid = house.guest()
    old = talk.socket()
    talk.hang_up(0)
    old.emit("news", "while away")
    back = house.talk()
    assert events(back.join(pid)) == [["news", "while away"]]
    old.emit("news", "afterwards")
    assert events(back.heard()) == [["news", "afterwards"]]
    back.frame(0, "41")
    old.emit("news", "for nobody")
    assert house.server.history.log.count == 2


def test_bad_arguments_are_refused_and_not_kept() -> None:
    house = House()
    for name, argument, error in [
        ("connect", 1, ValueError),
        ("news", object(), TypeError),
        ("news", "\ud800", ValueError),
    ]:
        with pytest.raises(error):
            house.server.emit(name, argument)
    assert house.server.history.log.count == 0


# Middleware


async def slow(socket: Any) -> None:
    await pause()


def test_by_default_who_comes_back_is_not_examined_again() -> None:
    house, asked = House(), []
    house.server.use(asked.append)
    pid = house.lost()
    house.talk().join(pid)
    assert len(asked) == 1


def test_what_is_said_during_a_slow_examination_is_not_skipped() -> None:
    house = House(skip_middlewares=False)
    pid = house.lost("gold")
    (before,) = house.came
    house.server.emit("news", 1)
    house.server.use(slow)
    back = house.talk()
    assert back.join(pid, "k-0") == []
    house.server.emit("news", 2)
    house.server.to("gold").emit("news", 3)
    before.emit("news", 4)  # by a handler that still holds the old socket
    back.wait(0)
    house.server.emit("news", 5)
    heard = back.heard()
    assert events(heard) == [["news", number] for number in range(1, 6)]
    assert str(heard[4]).startswith("40{")


def test_a_new_client_does_not_hear_later_what_was_said_during_its_examination() -> None:
    house = House(skip_middlewares=False)
    house.server.use(slow)
    talk = house.talk()
    talk.join()
    house.server.emit("news", 1)
    talk.wait(0)
    pid = pid_of(talk.heard()[-1])
    talk.hang_up(0)
    back = house.talk()
    back.join(pid)
    back.wait(0)
    assert events(back.heard()) == []


@pytest.mark.parametrize("ending", ["refused", "gone"])
def test_who_is_not_let_in_may_try_again(ending: str) -> None:
    house = House(skip_middlewares=False)
    pid = house.lost()
    house.server.emit("news", 1)

    async def examine(socket: Any) -> None:
        await pause()
        if "token" not in socket.handshake["auth"]:
            raise ConnectError("a new token, please")

    house.server.use(examine)
    back = house.talk()
    back.join(pid)
    if ending == "gone":
        back.hang_up(0)
    back.wait(0)
    assert [packet[:2] for packet in back.heard()] == (["44"] if ending == "refused" else ["1"])
    again = back if ending == "refused" else house.talk()
    again.join(pid, token=1)
    again.wait(0)
    heard = again.heard()
    assert events(heard) == [["news", 1]]
    assert pid_of(heard[-1]) == pid
    assert house.server.history.lost == {}


def test_while_one_is_examined_its_pid_is_nobody_elses() -> None:
    house = House(skip_middlewares=False)
    pid = house.lost()
    house.server.use(slow)
    first, second = house.talk(), house.talk()
    first.join(pid)
    second.join(pid)
    for talk in (first, second):
        talk.wait(0)
    assert pid_of(first.heard()[-1]) == pid
    assert pid_of(second.heard()[-1]) != pid


# The bounds


def test_after_two_minutes_it_is_a_new_client() -> None:
    house = House()
    pid = house.lost()
    late = house.lost()
    house.time = 119
    house.talk().join(pid)
    assert house.came[-1].recovered
    house.time = 120
    house.talk().join(late)
    assert not house.came[-1].recovered


def test_the_last_event_may_be_older_than_that() -> None:
    house = House()
    talk, pid = house.guest()
    house.server.emit("news", 1)
    house.time = 1000
    house.server.to("elsewhere").emit("news", 2)
    talk.hang_up(0)
    house.talk().join(pid, "k-1")
    assert house.came[-1].recovered


def test_who_was_lost_too_long_ago_is_forgotten() -> None:
    house = House()
    talk, _ = house.guest()
    talk.hang_up(0)
    assert len(house.server.history.lost) == 1
    house.time = 121
    talk.wait(121)
    assert house.server.history.lost == {}
    assert talk.leaves_nothing()


def test_of_too_many_that_are_lost_the_first_is_forgotten() -> None:
    house = House(max_sessions=2)
    pids = [house.lost() for _ in range(3)]
    assert list(house.server.history.lost) == pids[1:]
    for pid in pids:
        house.talk().join(pid)
    assert [socket.recovered for socket in house.came[3:]] == [False, True, True]


@pytest.mark.parametrize("bound", [{"max_packets": 3}, {"max_bytes": 100}])
def test_what_is_kept_is_bounded_and_who_needs_more_is_a_new_client(bound: dict[str, int]) -> None:
    house = House(**bound)
    early = house.lost()
    for number in range(3):
        house.server.emit("news", number, "x" * 8)
    late = house.lost()
    log = house.server.history.log
    for number in range(2):
        house.server.emit("news", number, "x" * 8)
        assert len(log.events) <= 3
        assert log.size <= 110
    assert log.size == sum(len(packet) for said in log.events for packet in said.packets)
    house.talk().join(early)
    house.talk().join(late)
    assert [socket.recovered for socket in house.came[2:]] == [False, True]


def test_an_event_that_is_larger_than_all_that_is_kept_leaves_nothing() -> None:
    house = House(max_bytes=1000)
    pid = house.lost()
    house.server.emit("news", b"\0" * 2000)
    log = house.server.history.log
    assert (len(log.events), log.size, log.count) == (0, 0, 1)
    assert pid_of(house.talk().join(pid)[-1]) != pid


def test_old_events_go_when_nobody_can_ask_for_them_any_more() -> None:
    house = House({"ping_interval": 25, "ping_timeout": 20})
    house.server.emit("news", 1)
    house.time = 165  # two minutes, and the time it takes to notice
    house.server.emit("news", 2)
    assert len(house.server.history.log.events) == 2
    house.time = 166
    house.server.emit("news", 3)
    assert [said.number for said in house.server.history.log.events] == [2, 3]


def test_if_the_examination_takes_too_long_the_connection_ends_and_nothing_is_skipped() -> None:
    house = House(skip_middlewares=False, max_packets=1)
    pid = house.lost()
    house.server.use(slow)
    back = house.talk()
    back.join(pid)
    for number in range(2):
        house.server.emit("news", number)
    back.wait(0)
    back.wait(0)
    assert (back.session.state, events(back.heard()), house.server.sockets) == ("closed", [], {})
    house.talk().join(pid)
    assert house.server.history.lost == {}


def test_a_child_of_a_pattern_waits_for_who_was_lost_and_then_ends() -> None:
    house = House()
    house.server.of(re.compile("/shop"))
    talk = house.talk()
    pid = pid_of(talk.join(namespace="/shop,")[-1])
    talk.hang_up(0)
    house.server.namespaces["/shop"].emit("news", 1)
    back = house.talk()
    assert back.join(pid, namespace="/shop,")[0] == '42/shop,["news",1,"k-1"]'
    back.hang_up(0)
    house.time = 121
    back.wait(121)
    assert "/shop" not in house.server.namespaces


def test_a_random_story_loses_nothing_and_doubles_nothing() -> None:
    """A client whose connection breaks at any moment, told or not, hears all that was meant for it, once."""
    chance = random.Random(18)
    for _ in range(200):
        house = House()
        talk, pid = house.guest()
        client = Listener(talk)
        meant: list[int] = []
        for number in range(40):
            match chance.randrange(6):
                case 0:
                    client.lose(chance.randrange(4))
                    if chance.random() < 0.5:
                        talk.hang_up(0)
                case 1:
                    talk = house.talk()
                    client.come_back(talk, pid)
                    assert talk.socket().recovered
                case 2:
                    house.server.to("elsewhere").emit("news", -1)
                case 3:
                    house.server.volatile.emit("price", "seven")
                case 4:
                    client.listen()
                case _:
                    house.server.emit("news", number)
                    meant.append(number)
        client.come_back(house.talk(), pid)
        assert client.heard == meant


class Listener:
    """A client that hears numbers, as long as its cable is whole."""

    def __init__(self, talk: Talk) -> None:
        self.talk, self.is_whole = talk, True
        self.heard: list[int] = []
        self.offset: str | None = None

    def lose(self, count: int) -> None:
        """The cable breaks: of what is under way only so many packets arrive."""
        if self.is_whole:
            self.take(self.talk.heard()[:count])
            self.is_whole = False

    def come_back(self, talk: Talk, pid: str) -> None:
        """Over a new cable."""
        self.talk, self.is_whole = talk, True
        self.take(talk.join(pid, self.offset))

    def listen(self) -> None:
        """Hear what has come."""
        if self.is_whole:
            self.take(self.talk.heard())

    def take(self, packets: list[Any]) -> None:
        for packet in packets:
            if packet.startswith("42"):
                name, value, self.offset = json.loads(packet[2:])
                if name == "news":
                    self.heard.append(value)


async def test_whose_examination_was_broken_off_is_not_lost_twice() -> None:
    """He is back, over another line, before the task that examined him has come to its end."""
    house = House(skip_middlewares=False)
    pid = house.lost()
    house.server.use(lambda socket: asyncio.sleep(10))
    first = house.talk()
    first.client.server.start = first.client.line.start = asyncio.create_task
    first.session.receive(f"40{json.dumps({'pid': pid})}")
    await asyncio.sleep(0)
    first.session.end("transport close")
    house.server.middleware.clear()
    second = house.talk()
    assert pid_of(second.join(pid)[-1]) == pid
    await asyncio.sleep(0.01)
    assert house.server.history.lost == {}


# Our client


IN = '40{"sid":"s1","pid":"p1"}'


class Return(Room):
    """A room in which our client of lesson 18 lives."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.manager = Manager("/", self.manager.options, self.manager.world)
        self.socket = self.manager.socket
        self.socket.connect()

    def again(self) -> None:
        """Lose the connection, and make the next one."""
        self.dialled[-1].end("transport close")
        self.clock.move(10)
        self.hear(HANDSHAKE)

    @property
    def said(self) -> Any:
        """What it said of itself over this connection."""
        return json.loads(str(self.sent[0])[2:] or "null")


async def test_our_client_says_who_it_was_and_what_it_has_heard() -> None:
    room = Return()
    room.hear(HANDSHAKE)
    assert room.sent == ["40"]
    room.hear(IN)
    assert not room.socket.recovered
    room.again()
    assert room.said == {"pid": "p1"}
    room.hear(IN, '42["news",1,"o1"]')
    assert room.socket.recovered
    room.again()
    assert room.said == {"pid": "p1", "offset": "o1"}
    room.hear('42["news",2,"o2"]', IN)
    news = [what for what in room.told if what[0] == "news"]
    assert news == [("news", 1, "o1"), ("news", 2, "o2")]
    assert room.told[-2:] == [("news", 2, "o2"), ("connect",)]
    room.again()
    room.hear('40{"sid":"s2","pid":"p2"}')
    assert not room.socket.recovered
    room.again()
    assert room.said == {"pid": "p2"}  # what the one before had heard says nothing of this one


async def test_an_event_that_asks_for_an_answer_has_no_offset() -> None:
    room = Return()
    room.hear(HANDSHAKE, IN, '42["news",1,"o1"]', '420["ask","a text"]', '42["news"]', '42["news",2]')
    assert room.socket.offset == "o1"


async def test_of_a_server_that_recovers_nobody_our_client_keeps_nothing() -> None:
    room = Return()
    room.hear(HANDSHAKE, '40{"sid":"s1"}', '42["news","text"]')
    room.again()
    assert room.said is None
    assert (room.socket.recovered, room.socket.offset) == (False, None)


async def test_what_came_before_connect_comes_once_even_if_the_connection_breaks_in_between() -> None:
    room = Return()
    room.hear(HANDSHAKE, IN, '42["news",1,"o1"]')
    room.again()
    room.hear('42["news",2,"o2"]')
    room.again()
    assert room.said["offset"] == "o2"
    room.hear(IN)
    assert [what for what in room.told if what[0] == "news"] == [("news", 1, "o1"), ("news", 2, "o2")]


@pytest.mark.parametrize("makes", ["asynchronous", "function", "plain"])
async def test_auth_stays_what_it_was(makes: str) -> None:
    async def later() -> dict[str, int]:
        return {"token": 1}

    room = Return()
    room.socket.auth = {"asynchronous": later, "function": lambda: {"token": 1}, "plain": {"token": 1}}[makes]
    room.hear(HANDSHAKE)
    await asyncio.sleep(0.01)
    room.hear(IN)
    assert room.said == {"token": 1}
    room.again()
    await asyncio.sleep(0.01)
    assert room.said == {"pid": "p1", "token": 1}


# With the official client and the official server


def speaker(server: Any) -> None:
    """What recovery_server.mjs does."""

    @server.on("connection")
    def welcome(socket: Any) -> None:
        socket.on(
            "say", lambda room, *what: (server if room is None else server.to(room)).emit("news", *what)
        )
        socket.on("say volatile", lambda *what: server.volatile.emit("news", *what))
        socket.on("join", socket.join)
        socket.on("how many", lambda answer: answer(len(server.sockets)))

    slow = server.of("/slow")
    slow.use(lambda socket: asyncio.sleep(0.3))
    slow.on("connection", lambda socket: socket.on("say", lambda what: slow.emit("news", what)))


@contextlib.asynccontextmanager
async def at(which: str) -> AsyncIterator[Any]:
    """A server that recovers: ours, or the official one."""
    if which == "official":
        async with Child.node("tests/recovery_server.mjs") as child:
            yield child
        return
    recovery = Recovery(skip_middlewares=False)
    server = Server(connection_state_recovery=recovery, ping_interval=1, ping_timeout=1)
    speaker(server)
    async with server.listen() as listening:
        yield listening


class Ear:
    """A client behind a cable, and what it has heard."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.heard: list[Any] = []
        self.returns: list[bool] = []
        client.listen(self.take)

    def take(self, event: Event) -> None:
        if event.kind is Kind.RECEIVED and event.name == "news":
            self.heard.append(event.data[1])
        elif event.kind is Kind.CONNECTED:
            self.returns.append(event.recovered)

    async def came(self, times: int) -> None:
        """Wait until it has been let in so many times."""
        await until(lambda: len(self.returns) >= times, 15)

    async def hears(self, *what: Any) -> None:
        """Wait until it has heard the last of these, and hold all against them."""
        await until(lambda: what[-1] in self.heard, 10)
        assert self.heard == list(what)


QUICK = Options(reconnection_delay=0.1, reconnection_delay_max=0.2)


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]])
@pytest.mark.parametrize(("server", "client"), [("ours", "official"), ("official", "ours"), ("ours", "ours")])
async def test_what_is_said_while_the_line_is_broken_arrives_once(
    server: str, client: str, transports: list[str]
) -> None:
    async with at(server) as listening, Middlebox(listening) as cable, Node() as node:
        mine = node.client("client") if client == "official" else HandmadeClient("client", io)
        ear, other = Ear(mine), Ear(node.client("other"))
        options = Options(reconnection_delay=0.3, reconnection_delay_max=0.3, transports=transports)
        await mine.connect(cable, options)
        await other.client.connect(listening, QUICK)
        await mine.connected(10)
        await other.client.connected(10)
        await mine.emit("join", "gold")
        await other.client.emit("say", None, 1)
        await ear.hears(1)
        await asyncio.sleep(0.2)  # the next poll waits: by its end the server sees that somebody has gone
        cable.rules = [ResetBoth()]
        await until(lambda: str(mine.state) != "connected", 10)
        await other.client.emit("say", None, 2)
        await other.client.emit("say", "gold", 3)
        await other.hears(1, 2)
        cable.rules = []
        await ear.came(2)
        await other.client.emit("say", "gold", 4)
        await ear.hears(1, 2, 3, 4)
        assert ear.returns == [False, True]
        await mine.close()


@pytest.mark.parametrize(("server", "recovered"), [("ours", True), ("official", False)])
async def test_a_client_on_a_silent_cable_is_back_before_the_server_has_noticed(
    server: str, recovered: bool
) -> None:
    """It reconnects over another line while the server still writes into the dead one."""
    async with at(server) as listening, Node() as node, Middlebox(listening) as cable:
        ear, other = Ear(node.client("client")), Ear(node.client("other"))
        await ear.client.connect(cable, Options(reconnection_delay=0.1, transports=["websocket"]))
        await other.client.connect(listening, QUICK)
        await ear.client.connected(10)
        await other.client.connected(10)
        await other.client.emit("say", None, 1)
        await ear.hears(1)
        cable.rules = [Roam()]
        await until(lambda: str(ear.client.state) != "connected", 10)
        await other.client.emit("say", None, 2)
        await ear.came(2)
        assert ear.returns == [False, recovered]
        await other.client.emit("say", None, 3)
        await ear.hears(*([1, 2, 3] if recovered else [1, 3]))


# What the official server does, and ours does not: the lesson says so


async def official_line(child: Any, claim: str = "", namespace: str = "") -> tuple[Any, str, list[str]]:
    """A WebSocket at a server, let in with this claim: it, its pid, and the events before that."""
    websocket = await connect(bench.url(child, "/socket.io/?EIO=4&transport=websocket"), compression=None)
    await websocket.recv()
    await websocket.send(f"40{namespace}{claim}")
    packets = await heard_until(websocket, "40")
    return websocket, pid_of(packets[-1]), packets[:-1]


async def heard_until(websocket: Any, begins: str) -> list[str]:
    """What comes up to a packet that begins so; pings are answered."""
    packets: list[str] = []
    async with asyncio.timeout(5):
        while not packets or not packets[-1].startswith(begins):
            packets.append(await websocket.recv())
            if packets[-1] == "2":
                await websocket.send("3")
                packets.pop()
    return packets


@pytest.fixture(params=["ours", "official"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[tuple[bool, Any]]:
    """Whether it is ours, and one of the two."""
    async with at(request.param) as listening:
        yield request.param == "ours", listening


async def test_before_the_first_event_only_ours_recovers(server: tuple[bool, Any]) -> None:
    is_ours, listening = server
    first, pid, _ = await official_line(listening)
    first.transport.abort()
    await asyncio.sleep(0.1)
    again, second, _ = await official_line(listening, json.dumps({"pid": pid}))
    assert (second == pid) == is_ours
    await again.close()


async def test_after_a_volatile_event_that_ends_in_a_string_only_ours_recovers(
    server: tuple[bool, Any],
) -> None:
    is_ours, listening = server
    first, pid, _ = await official_line(listening)
    await first.send('42["say",null,1]')
    await heard_until(first, "42")
    await first.send('42["say volatile","seven"]')
    (event,) = await heard_until(first, "42")
    first.transport.abort()
    await asyncio.sleep(0.1)
    claim = {"pid": pid, "offset": json.loads(event[2:])[-1]}  # as the official client does
    again, second, _ = await official_line(listening, json.dumps(claim))
    assert (second == pid) == is_ours
    await again.close()


async def test_of_two_with_one_pid_only_the_official_server_keeps_both(server: tuple[bool, Any]) -> None:
    is_ours, listening = server
    first, pid, _ = await official_line(listening)
    await first.send('42["say",null,1]')
    (event,) = await heard_until(first, "42")
    first.transport.abort()
    await asyncio.sleep(0.1)
    claim = json.dumps({"pid": pid, "offset": json.loads(event[2:])[-1]})
    (one, first_pid, _), (two, second_pid, _) = [await official_line(listening, claim) for _ in range(2)]
    assert (first_pid, second_pid) == (pid, pid)
    answered = False
    with contextlib.suppress(ConnectionClosed):
        await one.send('420["how many"]')
        answered = bool(await heard_until(one, "43"))
    assert answered == (not is_ours)
    await one.close()
    await two.close()


async def test_only_the_official_server_tells_what_was_said_in_a_room_before_one_joined(
    server: tuple[bool, Any],
) -> None:
    is_ours, listening = server
    first, pid, _ = await official_line(listening)
    await first.send('42["say",null,1]')
    (event,) = await heard_until(first, "42")
    for packet in ('42["say","gold","a secret"]', '42["join","gold"]', '420["how many"]'):
        await first.send(packet)
    await heard_until(first, "43")
    first.transport.abort()
    await asyncio.sleep(0.1)
    again, _, missed = await official_line(
        listening, json.dumps({"pid": pid, "offset": json.loads(event[2:])[-1]})
    )
    assert ["a secret" in str(each) for each in missed] == ([] if is_ours else [True])
    await again.close()


async def test_only_the_official_server_skips_what_is_said_during_a_slow_examination(
    server: tuple[bool, Any],
) -> None:
    is_ours, listening = server
    (ann, pid, _), (ben, _, _) = [await official_line(listening, namespace="/slow,") for _ in range(2)]
    await ben.send('42/slow,["say",1]')
    (event,) = await heard_until(ann, "42/slow")
    ann.transport.abort()
    await asyncio.sleep(0.1)
    claim = {"pid": pid, "offset": json.loads(event[8:])[-1]}
    coming = asyncio.create_task(official_line(listening, json.dumps(claim), "/slow,"))
    await asyncio.sleep(0.15)
    await ben.send('42/slow,["say","during"]')
    again, second, missed = await coming
    assert second == pid
    assert ["during" in packet for packet in missed] == ([True] if is_ours else [])
    await ben.send('42/slow,["say","afterwards"]')
    assert "afterwards" in (await heard_until(again, "42/slow"))[-1]
    for websocket in (again, ben):
        await websocket.close()


@pytest.mark.parametrize(("which", "heard"), [("official", "one two two"), ("ours", "one two")])
async def test_a_line_that_breaks_before_the_answer_doubles_only_for_the_official_client(
    which: str, heard: str
) -> None:
    claims = []

    async def meet(websocket: Any) -> None:
        await websocket.send(HANDSHAKE.replace('"websocket"', ""))  # no upgrade
        claims.append(await websocket.recv())
        answer, two = '40{"sid":"s","pid":"p"}', '42["news","two","k-2"]'
        missed = [two] if "k-1" in claims[-1] else []
        packets = [[answer, '42["news","one","k-1"]'], missed, [*missed, answer]]
        for packet in packets[len(claims) - 1]:
            await websocket.send(packet)
        await asyncio.sleep(0.2)
        if len(claims) < 3:
            websocket.transport.abort()
        else:
            await websocket.wait_closed()

    async with serve(meet, "127.0.0.1", 0) as server, Node() as node:
        ear = Ear(node.client("client") if which == "official" else HandmadeClient("client", io))
        port = server.sockets[0].getsockname()[1]
        await ear.client.connect(port, Options(transports=["websocket"], reconnection_delay=0.1))
        await ear.came(2)
        await asyncio.sleep(0.2)
        assert " ".join(ear.heard) == heard
        await ear.client.close()
