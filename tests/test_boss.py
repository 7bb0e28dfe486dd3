"""The boss's review: each scenario goes both ways, says the same in every run, and leaves nothing behind."""

import asyncio
import contextlib
import json
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import cycle
from typing import Self

import psutil
import pytest
from websockets.asyncio.server import Request, Response, Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from wirelab import boss, waiting
from wirelab.boss import Client, Fault, Finding, PingingRawClient, RawClient, Review, Row, Subject, Visitor
from wirelab.boss.scenarios import disconnects, messages, network, people, scale
from wirelab.clients import Event, Kind
from wirelab.process import reaper

SUBJECTS = {
    "raw": (boss.raw_websockets, "✗✗✓✗✗✗✗✗✗✗✗✓✗✗"),
    "node": (boss.node_socketio, "✓✓✓✓✓✓✓✓✓✓✓✓✓✗"),
    "python": (boss.python_socketio, "✗✓✓✓✓✓✓✓✓✓✓✓✗✗"),
}


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    before = psutil.Process().children(recursive=True)
    yield
    deadline = time.monotonic() + 10
    while True:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        children = [child for child in psutil.Process().children(recursive=True) if child not in before]
        children = [child for child in children if reaper.__file__ not in " ".join(child.cmdline())]
        listening = [each for each in psutil.Process().net_connections() if each.status == psutil.CONN_LISTEN]
        if not others and not children and not listening:
            return
        if time.monotonic() > deadline:
            pytest.fail(f"left behind: {others} {children} {listening}")
        await asyncio.sleep(0.02)


class Share:
    """How much of this machine's processors was left to us, from 0 to 1, since `with` began."""

    def __enter__(self) -> Self:
        self._time, self._busy, self._own = time.perf_counter(), self._busy_seconds(), self._own_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._time
        others = self._busy_seconds() - self._busy - (self._own_seconds() - self._own)
        self.left = max(0.1, 1 - others / self.seconds / (psutil.cpu_count() or 1))

    @staticmethod
    def _busy_seconds() -> float:
        times = psutil.cpu_times()
        return sum(times) - times.idle - getattr(times, "iowait", 0)

    @staticmethod
    def _own_seconds() -> float:
        """Of this process and of the children that have ended: a review ends all of its own."""
        return sum(psutil.Process().cpu_times()[:4])


def marks(review: Review) -> str:
    return "".join(finding.mark[0] for finding in review.findings)


# The three servers


@pytest.fixture(scope="module")
def seen() -> dict[str, Review]:
    """The review of each subject, as the first run found it."""
    return {}


@pytest.mark.parametrize("name", SUBJECTS)
async def test_the_whole_list_in_less_than_ten_seconds(name: str, seen: dict[str, Review]) -> None:
    make, expected = SUBJECTS[name]
    with Share() as share:
        seen[name] = await boss.review(make())
    assert share.seconds < 10 / share.left
    assert marks(seen[name]) == expected


@pytest.mark.parametrize("make", [boss.node_cluster, boss.python_cluster])
async def test_with_a_redis_two_servers_are_one(make: Callable[[], Subject]) -> None:
    review = await boss.review(
        make(), [row for row in boss.THE_LIST if row.scenario is scale.past_one_server]
    )
    assert marks(review) == "✓"


async def test_the_same_sentences_under_load(seen: dict[str, Review]) -> None:
    """All subjects at a time, twice, on a machine that is full with one. If it is full already, in turn."""
    crowded = psutil.getloadavg()[0] > 2 * (psutil.cpu_count() or 1)
    rounds, at_a_time = (1, 1) if crowded else (2, len(SUBJECTS))
    few = asyncio.Semaphore(at_a_time)

    async def review_of(make: Callable[[], Subject]) -> Review:
        async with few:
            return await boss.review(make())

    for _ in range(rounds):
        reviews = await asyncio.gather(*(review_of(make) for make, _ in SUBJECTS.values()))
        for name, review in zip(SUBJECTS, reviews, strict=True):
            pairs = zip(review.findings, seen.get(name, review).findings, strict=True)
            assert [pair for pair in pairs if pair[0] != pair[1]] == []
            assert marks(review) == SUBJECTS[name][1]


# A row at a time, with servers and clients made to pass or to fail


Handler = Callable[[ServerConnection], object]


@asynccontextmanager
async def listening(
    handler: Handler, port: int = 0, ping: float | None = 1, **settings: object
) -> AsyncIterator[Server]:
    async with serve(
        handler, "127.0.0.1", port, ping_interval=ping, ping_timeout=2, close_timeout=0.2, **settings
    ) as server:
        yield server


async def echo(websocket: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for frame in websocket:
            await websocket.send(frame)


async def deaf(websocket: ServerConnection) -> None:
    await websocket.wait_closed()


def refuse(connection: ServerConnection, request: Request) -> Response:
    return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "closed for today\n")


class Hub:
    """A raw server at which a message for everyone, or for a room, reaches everyone."""

    def __init__(self) -> None:
        self._everyone: set[ServerConnection] = set()

    async def handler(self, websocket: ServerConnection) -> None:
        self._everyone.add(websocket)
        try:
            async for frame in websocket:
                if frame.startswith('{"tell"'):
                    await self.send_to(self._everyone, json.loads(frame)["tell"])
                else:
                    await websocket.send(frame)
        except ConnectionClosed:
            pass
        finally:
            self._everyone.discard(websocket)

    async def send_to(self, everyone: set[ServerConnection], message: str) -> None:
        broadcast(everyone, message)


class OneByOne(Hub):
    """It waits for each client before it sends to the next, the slow one first."""

    async def send_to(self, everyone: set[ServerConnection], message: str) -> None:
        for websocket in sorted(everyone, key=lambda each: each.remote_address[1]):
            await websocket.send(message)


class HubClient(RawClient):
    async def join(self, room: str) -> None:
        pass

    async def tell(self, room: str | None, message: object) -> None:
        await self.send({"tell": message})


class DeafClient(HubClient):
    async def tell(self, room: str | None, message: object) -> None:
        pass


class Liar(RawClient):
    """What it says about acknowledgements, passwords and memory is made up."""

    async def connect(self, port: int, visitor: Visitor, patience: float) -> None:
        if visitor.password == "guess":
            raise ConnectionError("no strangers")
        await super().connect(port, visitor, patience)

    async def confirm(self, message: object, patience: float) -> None:
        pass

    async def remember(self, text: str) -> None:
        pass

    async def recall(self) -> object:
        return ["Ann", "likes tea"]

    async def send(self, message: object) -> None:
        await super().send(message if isinstance(message, str) else str(message))


class Pessimist(RawClient):
    async def confirm(self, message: object, patience: float) -> None:
        raise TimeoutError


class Faithful(RawClient):
    """It connects again by itself, each time."""

    _leaving = False

    def _take(self, event: Event) -> None:
        super()._take(event)
        if event.kind is Kind.DISCONNECTED and not self._leaving:
            self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        while not self._leaving and not self.connected:
            with contextlib.suppress(ConnectionError):
                await self._open(self._port, "/", Visitor(), self._patience)
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        self._leaving = True
        await super().close()


class BusyBody(RawClient):
    """What it hears at one endpoint is heard at the other as well."""

    async def endpoint(self, name: str) -> Client:
        second = await super().endpoint(name)
        second.inbox = self.inbox
        return second


def hub_subject(make: type[Hub], client: type[Client] = HubClient, heartbeat: float = 3.5) -> Subject:
    """Each server has a hub of its own."""
    return Subject("a hub", lambda port: listening(make().handler, port), client, heartbeat)


@asynccontextmanager
async def two_at_one_hub() -> AsyncIterator[Sequence[object]]:
    handler = Hub().handler
    async with listening(handler) as one, listening(handler) as two:
        yield one, two


@asynccontextmanager
async def one_is_closed() -> AsyncIterator[Sequence[object]]:
    async with listening(echo) as one, listening(echo, process_request=refuse) as two:
        yield one, two


def raw(
    handler: Handler = echo, ping: float | None = 1, client: type[Client] = RawClient, **settings: object
) -> Subject:
    return Subject("raw", lambda port: listening(handler, port, ping), client, 3.5, **settings)


def first_and_second(first: Handler, second: Handler) -> Subject:
    """The second server that is started, in the place of the first, has another handler.

    A row that is tried again begins with the first.
    """
    handlers = cycle([first, second])
    return Subject("raw", lambda port: listening(next(handlers), port), Faithful, 3.5)


ONE_ROW = [
    (
        disconnects.server_comes_back,
        first_and_second(echo, echo),
        "✓ connected again by itself and was answered.",
    ),
    (disconnects.server_comes_back, first_and_second(echo, deaf), "✗ but it got no answer any more."),
    (network.firewall, raw(deaf), "✗ No message got through."),
    (scale.load_balancer, raw(start_two=one_is_closed), "✗ not every client was answered;"),
    (scale.load_balancer, raw(ping=None), "✗ worked until nobody spoke for a while; round robin did too."),
    (disconnects.gone_without_a_word, raw(client=PingingRawClient), "✓ Both ends missed"),
    (disconnects.gone_without_a_word, raw(ping=None, client=PingingRawClient), "✗ The client noticed;"),
    (disconnects.gone_without_a_word, raw(), "✗ The server noticed;"),
    (disconnects.gone_without_a_word, raw(ping=None), "✗ Neither end noticed"),
    (messages.images, raw(client=Liar), "✗ did not arrive as it was sent."),
    (messages.acknowledgements, raw(client=Liar), "✗ the sender was told that it had arrived."),
    (messages.acknowledgements, raw(client=Pessimist), "✗ its sender was never told."),
    (messages.endpoints, raw(deaf), "✗ A message to one of two endpoints was not answered there."),
    (messages.endpoints, raw(client=BusyBody), "✗ What was said at one endpoint was heard at the other."),
    (people.rooms, hub_subject(Hub), "✗ What was said in one room was heard in the other."),
    (people.rooms, hub_subject(Hub, DeafClient), "✗ What was said in a room did not reach everyone there."),
    (people.who_is_there, raw(client=Liar), "✗ the server did not remember who is who."),
    (people.slow_client, hub_subject(Hub), "✓ the others got all that was sent to everyone."),
    (people.slow_client, hub_subject(OneByOne), "✗ what was sent to everyone waited for it."),
    (people.slow_client, raw(deaf), "✗ nobody else was answered."),
    (scale.past_one_server, raw(client=HubClient, start_two=two_at_one_hub), "✓ of the other server"),
    (scale.past_one_server, hub_subject(Hub), "✗ nobody at the other."),
    (scale.past_one_server, hub_subject(Hub, DeafClient), "✗ the clients of the same server."),
]


async def test_scenarios_go_both_ways() -> None:
    """Beyond what the three servers show; one after the other this would take a minute."""
    few = asyncio.Semaphore(5)

    async def finding_of(subject: Subject, row: Row) -> Finding:
        async with few:
            [finding] = (await boss.review(subject, [row])).findings
            return finding

    asked = [finding_of(subject, Row("", scenario)) for scenario, subject, _ in ONE_ROW]
    found = await asyncio.gather(*asked)
    for finding, (_, _, expected) in zip(found, ONE_ROW, strict=True):
        mark, sentence = expected.split(" ", 1)
        assert (finding.mark[0], sentence in finding.observed) == (mark, True), finding


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (["a", "b"], "✓ The line broke for a moment; every message arrived, once and in order."),
        (["a"], '✗ The line broke for a moment; the client came back and never got "b".'),
        (["a", "b", "a"], '✗ The line broke for a moment; the client came back and got "a" twice.'),
        (["b", "a"], "✗ The line broke for a moment, and every message arrived once, but in another order."),
    ],
)
def test_what_counts_as_lost(got: list[object], sentence: str) -> None:
    try:
        said = f"✓ {disconnects._compare(['a', 'b'], got)}"
    except Fault as fault:
        said = f"✗ {fault}"
    assert said == sentence


# The table, and the processes behind it


class Tiles(HTMLParser):
    """The text of the caption, of each tile, and of each paragraph that one opens."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._is_read = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("p", "summary"):
            self.said.append("")
        if tag == "br":
            self.said[-1] += " "
        self._is_read = tag != "style"

    def handle_data(self, data: str) -> None:
        if self._is_read:
            self.said[-1] += data


TABLE = Review(
    "a <b>server</b>",
    (
        Finding("works", True, "It answered Hello & <Good morning>."),
        Finding("flies", False, "It lay where it was, " + "long " * 20 + "after."),
    ),
)


def test_the_table_in_words_and_in_html() -> None:
    assert repr(TABLE).splitlines()[:4] == [
        "The boss's list, a <b>server</b>: 1 of 2",
        "✓ yes works",
        "      It answered Hello & <Good morning>.",
        "✗ no  flies",
    ]
    assert max(map(len, repr(TABLE).splitlines())) <= 106
    page = TABLE._repr_html_()
    tiles = Tiles()
    tiles.feed(page)
    assert tiles.said[0] == "The boss's list, a <b>server</b>: 1 of 2. The boss wants that it …"
    assert tiles.said[1:3] == ["✓ yes · 1 works", "It answered Hello & <Good morning>."]
    assert tiles.said[3] == "✗ no · 2 flies"
    assert "<b>" not in page
    assert "boss.trace" not in page  # nothing was kept of these runs


async def test_each_tile_names_the_wire_of_its_run(seen: dict[str, Review]) -> None:
    review = seen.get("node") or await boss.review(boss.node_socketio())
    page = review._repr_html_()
    for number, finding in enumerate(review.findings, 1):
        assert finding.traces, finding.wish
        assert all(len(trace) > 3 for trace in finding.traces), finding.wish
        assert f"Wire(boss.trace({number}))" in page
    assert "Wire(boss.trace(1, 2))" in page  # the firewall, and the antivirus


async def test_the_trace_of_a_run_is_that_of_the_newest_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirelab.boss.run.latest", [])
    with pytest.raises(ValueError, match="no review yet"):
        boss.trace(1)
    finding = (await boss.review(raw(), [Row("has rooms", people.rooms)])).findings[0]
    assert boss.trace(1) is finding.traces[0]
    for row, box in ((0, 1), (2, 1), (1, 0), (1, 2)):
        with pytest.raises(ValueError, match="and no"):
            boss.trace(row, box)


async def test_without_fork_each_server_is_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork")
    subject = boss.python_socketio()
    assert len(subject.equipment) == 1
    review = await boss.review(subject, [Row("works", people.who_is_there)])
    assert marks(review) == "✓"


async def test_a_review_that_is_interrupted_leaves_nothing() -> None:
    before = len(psutil.Process().children())
    task = asyncio.create_task(boss.review(boss.python_socketio()))
    async with asyncio.timeout(30):
        while len(psutil.Process().children()) < before + 2:  # noqa: ASYNC110 (a process raises no event)
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever(lab: object) -> str:
        await asyncio.Future()
        return "never"

    monkeypatch.setattr("wirelab.boss.run.TIME_LIMIT", 0.1)
    review = await boss.review(raw(), [Row("ends", for_ever)])
    assert review.findings == (Finding("ends", False, "The scenario did not come to its end."),)


async def test_what_nobody_foresaw_is_a_red_row_and_the_others_stay() -> None:
    async def forgetful(lab: object) -> str:
        return {}["sid"]

    async def fine(lab: object) -> str:
        return "It worked."

    review = await boss.review(raw(), [Row("remembers", forgetful), Row("works", fine)])
    assert review.findings == (
        Finding("remembers", False, "An error broke it off: KeyError: 'sid', raised by forgetful."),
        Finding("works", True, "It worked."),
    )


async def test_a_scenario_that_failed_on_a_late_machine_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[object] = []

    async def scenario(lab: object) -> str:
        ran.append(lab)
        await asyncio.sleep(0.06)
        time.sleep(0.4)  # noqa: ASYNC251 (so every clock is late)
        await asyncio.sleep(0.06)
        if len(ran) == 1:
            raise Fault("Nobody was answered.")
        return "Everybody was answered."

    row = Row("answers", scenario, "01", "01")
    assert (await boss.review(boss.raw_websockets(), [row])).findings[0].passed
    assert len(ran) == 2
    ran.clear()
    monkeypatch.setattr(waiting, "TOO_LATE", math.inf)
    assert not (await boss.review(boss.raw_websockets(), [row])).findings[0].passed
