"""The reconnection timeline without a browser: real processes, a real cable, and who came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import psutil
import pytest
from page_tools import FakePage

from wirelab import bench
from wirelab.bench import javascript
from wirelab.clients import OFFICIAL, PythonSocketIOClient
from wirelab.clients.backoff import without_jitter
from wirelab.look.palette import STATES
from wirelab.process.spawning import reaper
from wirelab.trace import now
from wirelab.waiting import until
from wirelab.widgets.timeline import Replay, Timeline
from wirelab.widgets.timeline.drawing import draw
from wirelab.widgets.timeline.ends import NOT_RUNNING
from wirelab.widgets.timeline.model import Reconnection
from wirelab.widgets.timeline.recording import COMPUTED, MOST_ENTRIES, ORDERS, Entry, Lane, Recording
from wirelab.widgets.timeline.settings import PING_INTERVAL, PING_TIMEOUT
from wirelab.widgets.timeline.shadow import Shadow
from wirelab.widgets.timeline.widget import _HERE

NODE, PAGE, PYTHON, RAW = "official client", "your browser", "python-socketio", "raw WebSocket"


@pytest.fixture
async def page() -> FakePage:
    return FakePage()


@pytest.fixture
async def timeline(page: FakePage) -> AsyncIterator[Reconnection]:
    async with Reconnection(page.page.client("browser", OFFICIAL)) as running:
        yield running


def line(timeline: Reconnection, name: str) -> str:
    found = next(line for line in timeline.table().splitlines() if line.startswith(name))
    return found.removeprefix(name).strip()


def kinds(timeline: Reconnection, lane: str) -> list[str]:
    return [entry.kind for entry in timeline.recording.entries if entry.lane == lane]


async def test_sigkill_ends_all_and_who_comes_back_does_so_by_itself(timeline: Reconnection) -> None:
    await timeline.press("send")
    await timeline.wait("echoed")
    await timeline.press("kill")
    await timeline.wait("lost")
    await timeline.press("send")
    assert line(timeline, "server") == "down, cable plugged in"
    assert line(timeline, NODE) == "coming back · sent 1, echoed 1, kept 1, refused 0"
    assert line(timeline, PYTHON) == "coming back · sent 1, echoed 1, kept 0, refused 1"
    assert line(timeline, RAW) == "disconnected · sent 1, echoed 1, kept 0, refused 1"
    await timeline.press("restart")
    await timeline.wait("connected")
    await timeline.wait("echoed", "node")
    assert line(timeline, NODE) == "connected · sent 2, echoed 2, kept 0, refused 0"
    assert line(timeline, PYTHON) == "connected · sent 1, echoed 1, kept 0, refused 1"
    assert line(timeline, RAW) == "disconnected · sent 1, echoed 1, kept 0, refused 1"
    assert kinds(timeline, ORDERS) == ["start", "send", "kill", "send", "restart"]
    assert kinds(timeline, "server") == ["up", "down", "up"]


async def test_only_a_heartbeat_notices_a_frozen_server(timeline: Reconnection) -> None:
    await timeline.press("freeze")
    await timeline.press("send")
    await timeline.wait("lost", "node", "python")
    assert line(timeline, RAW) == "believes it is connected · sent 1, echoed 0, kept 0, refused 0"
    assert "ping timeout" in next(
        entry.said
        for entry in timeline.recording.entries
        if (entry.lane, entry.kind) == ("node", "disconnected")
    )
    await timeline.press("thaw")
    await timeline.wait("connected")
    await timeline.wait("echoed", "raw")
    assert line(timeline, RAW) == "connected · sent 1, echoed 1, kept 0, refused 0"
    assert line(timeline, NODE) == "connected · sent 1, echoed 0, kept 0, refused 0"


async def test_a_pulled_cable_is_silence_and_attempts_time_out(timeline: Reconnection) -> None:
    await timeline.press("pull")
    assert line(timeline, "server") == "up, cable pulled"
    assert line(timeline, NODE).startswith("believes it is connected")
    await timeline.wait("lost", "node", "python")
    await until(lambda: kinds(timeline, "node").count("failed") > 0, 8)
    tried, failed = (
        next(
            each.time
            for each in timeline.recording.entries
            if (each.lane, each.kind) == ("node", kind) and each.attempt
        )
        for kind in ("trying", "failed")
    )
    assert failed - tried == pytest.approx(2, abs=0.5)
    await timeline.press("plug")
    await timeline.wait("connected")
    assert line(timeline, RAW).startswith("connected")


async def test_a_button_that_can_do_nothing_says_why(timeline: Reconnection) -> None:
    assert set(timeline.refusals) == {"thaw", "restart", "plug"}
    await timeline.press("thaw")
    assert timeline.said == "The server is not frozen."
    await timeline.press("freeze")
    await timeline.press("freeze")
    assert timeline.said == "The server is frozen already."
    await timeline.press("restart")
    assert timeline.said == "The server's process still exists. Kill it first."
    await timeline.press("kill")
    assert set(timeline.refusals) == {"kill", "freeze", "thaw", "plug"}
    await timeline.press("kill")
    assert timeline.said == "There is no server process. Restart it, or press Reset."
    assert kinds(timeline, ORDERS) == ["start", "freeze", "kill"]
    with pytest.raises(ValueError, match=r"no button 'explode'\. Choose one of: kill, freeze"):
        await timeline.press("explode")


async def test_a_server_that_somebody_else_kills_is_gone_too(timeline: Reconnection) -> None:
    psutil.Process(timeline.child._process.pid).kill()  # type: ignore[union-attr]
    await timeline.wait("lost")
    await until(lambda: line(timeline, "server") == "down, cable plugged in")  # seen at a client's next event
    assert any(entry.said.endswith("nobody here ended it.") for entry in timeline.recording.entries)
    await timeline.press("restart")
    await timeline.wait("connected")


async def test_a_reset_repairs_all_and_begins_a_new_recording(timeline: Reconnection) -> None:
    for button in ("pull", "freeze", "send", "reset"):
        await timeline.press(button)
    assert kinds(timeline, ORDERS) == ["start"]
    assert line(timeline, "server") == "up, cable plugged in"
    for name in (NODE, PYTHON, RAW):
        assert line(timeline, name) == "connected · sent 0, echoed 0, kept 0, refused 0"
    assert timeline.recording.last(COMPUTED).state == "connected"  # type: ignore[union-attr]


async def test_sliders_are_in_force_after_the_next_reset(timeline: Reconnection) -> None:
    timeline.set("reconnectionDelay", 0.3)
    timeline.set("reconnectionDelayMax", 0.5)
    timeline.set("randomizationFactor", 0)
    assert timeline.said == "From the next connections on: press Reset."
    assert timeline.recording.parameters["reconnectionDelay"] == 1.0
    await timeline.press("kill")
    await timeline.wait("lost", "node")
    await until(lambda: "waiting" in kinds(timeline, "node"))
    assert next(e.delay for e in timeline.recording.entries if e.lane == "node" and e.delay) >= 0.5
    await timeline.press("reset")
    assert timeline.recording.parameters["reconnectionDelayMax"] == 0.5
    await timeline.press("kill")
    for lane in ("node", "python"):
        await until(lambda lane=lane: kinds(timeline, lane).count("waiting") == 3, 5)  # type: ignore[misc]
        delays = [e.delay for e in timeline.recording.entries if e.lane == lane and e.kind == "waiting"]
        assert delays == [0.3, 0.5, 0.5]
    with pytest.raises(ValueError, match=r"reconnectionDelay is a number from 0\.1 to 4, not 5"):
        timeline.set("reconnectionDelay", 5)
    with pytest.raises(ValueError, match="no parameter 'speed'"):
        timeline.set("speed", 1)


async def test_the_computed_lane_is_what_the_official_client_does_without_jitter(
    timeline: Reconnection,
) -> None:
    """Put to the test with factor 0: then the real one and the computed one try at the same moments."""
    timeline.set("randomizationFactor", 0)
    timeline.set("reconnectionDelay", 0.4)
    await timeline.press("reset")
    await timeline.press("kill")
    await until(lambda: kinds(timeline, "node").count("trying") == 4, 8)
    await until(lambda: kinds(timeline, COMPUTED).count("trying") == 3)
    await timeline.press("restart")
    await timeline.wait("connected")
    await until(lambda: kinds(timeline, COMPUTED)[-1] == "connected")

    def moments(lane: str) -> list[float]:
        return [
            e.time for e in timeline.recording.entries if e.lane == lane and e.kind == "trying" and e.attempt
        ]

    assert len(moments("node")) == len(moments(COMPUTED))
    assert moments("node") == pytest.approx(moments(COMPUTED), abs=0.3)


class Paper:
    """A computed client, and how the world is to it: "up", "gone" (an attempt is refused) or "silent"."""

    def __init__(self) -> None:
        self.world = "up"
        self.told: list[tuple[str, int]] = []
        self.shadow = Shadow(lambda: self.world == "gone", lambda: self.world == "up", self._tell)

    def _tell(self, kind: str, state: str, said: str, attempt: int = 0, delay: float | None = None) -> None:
        self.told.append((kind, attempt))

    def lose(self) -> None:
        self.shadow.lost(without_jitter(0.1, 0.3))

    async def until(self, *told: tuple[str, int]) -> None:
        await until(lambda: tuple(self.told) == told, 4)


@pytest.fixture
async def paper() -> AsyncIterator[Paper]:
    paper = Paper()
    paper.shadow.connected()
    paper.lose()
    await paper.until(("connected", 0), ("waiting", 1), ("trying", 1), ("connected", 0))
    paper.told.clear()
    yield paper
    paper.shadow.rest()


@pytest.mark.parametrize(("world", "least", "most"), [("gone", 0, 0.5), ("silent", 1, 2.5)])
async def test_the_computed_client_notices_an_outage_that_the_real_one_sleeps_through(
    paper: Paper, world: str, least: float, most: float
) -> None:
    began, paper.world = now(), world
    await until(lambda: paper.told[:1] == [("waiting", 1)], 4)
    assert least <= now() - began <= most
    paper.world = "up"
    await paper.until(("waiting", 1), ("trying", 1), ("connected", 0))


async def test_the_computed_client_stays_through_a_silence_that_is_short(paper: Paper) -> None:
    await asyncio.sleep(PING_INTERVAL - 0.4)
    paper.world = "silent"
    await asyncio.sleep(0.8)  # one ping is missed
    paper.world = "up"
    await asyncio.sleep(PING_INTERVAL + PING_TIMEOUT)
    assert paper.told == []


async def test_the_computed_client_does_not_begin_anew_while_it_is_on_its_way(paper: Paper) -> None:
    paper.world = "gone"
    await until(lambda: ("trying", 2) in paper.told)
    paper.lose()
    paper.world = "up"
    await until(lambda: ("connected", 0) in paper.told)
    assert paper.told.count(("waiting", 1)) == 1


async def test_beside_each_wait_stands_what_it_would_be_without_jitter(timeline: Reconnection) -> None:
    await timeline.press("kill")
    await until(lambda: kinds(timeline, "node").count("waiting") == 3, 10)
    waits = [e for e in timeline.recording.entries if (e.lane, e.kind) == ("node", "waiting")]
    assert [wait.unjittered for wait in waits] == [1, 2, 4]
    assert all(wait.delay <= 1.5 * wait.unjittered for wait in waits)  # type: ignore[operator]
    assert [wait.attempt for wait in waits] == [1, 2, 3]


@pytest.mark.parametrize("server", ["python-socketio", 10])
async def test_other_servers_are_broken_and_come_back_the_same_way(page: FakePage, server: str | int) -> None:
    async with Reconnection(page.page.client("browser", OFFICIAL), server) as timeline:
        for orders in (("kill", "restart"), ("freeze", "thaw")):
            await timeline.press(orders[0])
            await timeline.wait("lost", "node", "python")
            await timeline.press(orders[1])
            await timeline.wait("connected")
        await timeline.press("send")
        await timeline.wait("echoed", "node", "python")
        assert line(timeline, NODE) == "connected · sent 1, echoed 1, kept 0, refused 0"
    assert not timeline.child.running


def test_a_server_that_there_is_not_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"no server 9 here\. Choose 'socket\.io', 'python-socketio', or the"
    ):
        Reconnection(FakePage.__new__(FakePage), 9)  # type: ignore[arg-type]


async def test_a_client_of_our_own_gets_a_lane_above_the_others(page: FakePage) -> None:
    ours = PythonSocketIOClient("ours")
    async with Reconnection(page.page.client("browser", OFFICIAL), ours=ours) as timeline:
        assert [lane.key for lane in timeline.recording.lanes][2] == "ours"
        await timeline.press("kill")
        await timeline.wait("lost", "ours")
        assert line(timeline, "ours").startswith("coming back")
        assert any(entry.said.startswith("Our client waits ") for entry in timeline.recording.entries)


async def test_a_page_that_comes_connects_and_one_that_goes_is_not_here(
    timeline: Reconnection, page: FakePage
) -> None:
    page.page._changed = lambda: timeline.page_changed(page.page)
    assert line(timeline, PAGE).startswith("absent")
    page.come()
    await until(lambda: any(order["do"] == "connect" for order in page.orders))
    connection = page.orders[0]["with"][1]  # type: ignore[index]
    page.saw(connection, "trying", name="io")
    page.saw(connection, "connected", name="connect", transport="websocket")
    assert line(timeline, PAGE).startswith("connected")
    await timeline.press("send")
    assert [order["do"] for order in page.orders] == ["connect", "send"]
    page.go()
    assert line(timeline, PAGE) == "absent · sent 0, echoed 0, kept 0, refused 0"
    assert timeline.said.endswith(" Your browser is not here: no page shows the timeline.")
    with pytest.raises(TimeoutError, match=r"Not connected within 0\.1 s: page"):
        await timeline.wait("connected", "page", timeout=0.1)


async def test_waiting_for_nonsense_is_refused(timeline: Reconnection) -> None:
    with pytest.raises(
        ValueError, match=r"Nobody can wait for 'tea'\. Choose one of: connected, lost, echoed"
    ):
        await timeline.wait("tea")
    with pytest.raises(ValueError, match="There is no 'Bob' here; there is: node, page, python, raw"):
        await timeline.wait("lost", "Bob")


async def test_it_ends_with_its_processes_and_buttons_say_that_it_does_not_run() -> None:
    before = set(reaper._pids)
    page = FakePage()
    timeline = Reconnection(page.page.client("browser", OFFICIAL))
    assert timeline.said == NOT_RUNNING
    async with timeline:
        await timeline.press("kill")
        await timeline.wait("lost")
    assert set(reaper._pids) == before
    await timeline.press("restart")
    assert timeline.said == NOT_RUNNING
    recorded = len(timeline.recording.entries)
    await asyncio.sleep(1.2)  # the computed lane would have gone on
    assert len(timeline.recording.entries) == recorded


# What is recorded, drawn and played again


async def played() -> Timeline:
    timeline = await bench.start("timeline", Timeline)
    await timeline.press("send")
    await timeline.wait("echoed")
    await timeline.press("kill")
    await timeline.wait("lost")
    await timeline.press("send")
    await timeline.press("restart")
    await timeline.wait("connected")
    await timeline.wait("echoed", "node")
    return timeline


async def test_the_static_picture_is_the_same_in_every_run() -> None:
    try:
        first, second = [draw((await played()).model.recording) for _ in range(2)]
    finally:
        await bench.stop("timeline")
    assert first == second
    assert first.text.splitlines() == [
        "Who comes back? How everyone stood after each order: start, send, kill, send, restart.",
        "server: up, up, down, down, up",
        "cable: plugged in, plugged in, plugged in, plugged in, plugged in",
        "official client: connected, connected, coming back, coming back, connected; sent 2 · echoed 2",
        "your browser: not here, not here, not here, not here, not here",
        "python-socketio: connected, connected, coming back, coming back, connected; "
        "sent 1 · echoed 1 · refused 1",
        "raw WebSocket: connected, connected, gone, gone, gone; sent 1 · echoed 1 · refused 1",
        "reconnectionDelay 1000 ms · reconnectionDelayMax 5000 ms · randomizationFactor 0.5 · "
        "reconnectionAttempts ∞ · timeout 2000 ms · pingInterval 1000 ms · pingTimeout 1000 ms.",
    ]


async def test_a_recording_is_played_again_from_json() -> None:
    try:
        timeline = await played()
        data = json.loads(json.dumps(timeline.recording()))
        replay = Replay(data)
        assert replay._repr_mimebundle_()[0]["text/html"] == timeline._repr_mimebundle_()[0]["text/html"]
        assert Recording.from_json(data).entries == timeline.model.recording.entries
    finally:
        await bench.stop("timeline")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: {}, r"no recording of a timeline \(version 1\)"),
        (lambda data: {**data, "version": 2}, "no recording"),
        (lambda data: {**data, "lanes": []}, "it has no lane 'node'"),
        (lambda data: {**data, "entries": [{"time": 0}]}, "damaged"),
    ],
)
def test_what_is_no_recording_is_refused(change, said) -> None:  # type: ignore[no-untyped-def]
    recording = Recording([Lane("node", "official client", "")], {})
    recording.add(Entry(0.0, "node", "connected", "connected", "…"))
    with pytest.raises(ValueError, match=said):
        Replay(change(recording.to_json(1.0)))


def test_a_long_recording_forgets_its_beginning() -> None:
    recording = Recording([Lane("node", "", "")], {})
    for number in range(MOST_ENTRIES + 10):
        recording.add(Entry(number, "node", "sent", "connected", "", sent=number))
    assert MOST_ENTRIES * 0.9 <= len(recording.entries) <= MOST_ENTRIES
    assert recording.forgotten + len(recording.entries) == MOST_ENTRIES + 10
    assert recording.last("node").sent == MOST_ENTRIES + 9  # type: ignore[union-attr]


async def test_a_page_gets_all_once_and_then_what_is_new() -> None:
    timeline = await bench.start("timeline", Timeline)
    heard: list[dict[str, object]] = []
    try:
        timeline.send = heard.append
        timeline._take({"type": "show"})
        await until(lambda: bool(heard))
        await timeline.press("kill")
        await timeline.wait("lost")
        await until(lambda: timeline._told[1] == len(timeline.model.recording.entries))
        assert heard[0]["type"] == "all"
        assert {message["type"] for message in heard[1:]} == {"more"}
        sent = [*heard[0]["recording"]["entries"], *(e for m in heard[1:] for e in m["entries"])]  # type: ignore[index]
        assert sent == [entry.to_json() for entry in timeline.model.recording.entries]
        timeline._take({"type": "set", "name": "reconnectionDelay", "value": 99})
        await until(lambda: str(heard[-1]["notice"]).startswith("reconnectionDelay is a number from"))
        await timeline.press("reset")
        await until(lambda: heard[-1]["type"] == "all" or heard[-2]["type"] == "all")
    finally:
        await bench.stop("timeline")


SCRIPT = """
const { Recorded } = await import(folder + "/recording.js");
const { Playhead } = await import(folder + "/playhead.js");
const say = (value) => console.log(JSON.stringify(value));
const lanes = [{ key: "server" }, { key: "cable" }, { key: "node" }];
const entry = (time, lane, kind, state, more) => ({ time, lane, kind, state, said: kind, ...more });
const recorded = new Recorded({ lanes, parameters: {}, entries: [
  entry(0, "server", "up", "up"), entry(0, "cable", "plugged in", "plugged in"),
  entry(1, "node", "connected", "connected"), entry(2, "node", "sent", "connected", { sent: 1 }),
  entry(3, "server", "down", "down"), entry(3, "node", "disconnected", "waiting to reconnect"),
  entry(3, "node", "waiting", "waiting to reconnect", { delay: 2, attempt: 1 }),
] });
recorded.add([entry(5, "node", "trying", "trying to connect", { attempt: 1 })]);
const node = recorded.lane("node");
const spans = (from, to) => node.between(from, to).map(({ start, end, state }) => [start, end, state]);
say(spans(0, 9).map(([start, end, state]) => [start, end === Infinity ? null : end, state]));
say(spans(3.5, 4));
say([recorded.said(2.5), recorded.lane("node").at(0.5) ?? null, recorded.lane("node").at(2.5).sent]);
say([2.9, 3].map((time) => recorded.brokenAt(time)));
say([recorded.beside(2, 1), recorded.beside(3, -1), recorded.beside(0, -1), recorded.beside(5, 1)]);
let now = 10;
const playhead = new Playhead(() => 0, () => now);
const seen = [[playhead.live, playhead.time]];
playhead.setSpeed(0.1); now = 12; playhead.pass(2); seen.push([playhead.live, playhead.time]);
playhead.pause(); playhead.pass(2); seen.push([playhead.live, playhead.time]);
playhead.seek(99); seen.push([playhead.live, playhead.time]);
playhead.seek(11); playhead.play(); playhead.setSpeed(1); playhead.pass(5);
seen.push([playhead.live, playhead.time]);
say(seen);
"""


async def test_the_page_finds_each_moment_in_a_recording() -> None:
    printed = await javascript(SCRIPT, folder=_HERE.as_uri())
    spans, part, moments, broken, beside, seen = map(json.loads, printed.splitlines())
    assert spans == [
        [1, 3, "connected"],
        [3, 3, "waiting to reconnect"],
        [3, 5, "waiting to reconnect"],
        [5, None, "trying to connect"],
    ]
    assert part == [[3, 5, "waiting to reconnect"]]
    assert moments == ["sent", None, 1]
    assert broken == [False, True]
    assert beside == [3, 2, 0, 5]
    assert seen == [[True, 10], [False, 10.2], [False, 10.2], [False, 12], [True, 12]]


@pytest.mark.parametrize("colour", STATES.values(), ids=STATES)
def test_dark_letters_can_be_read_on_each_state(colour: str) -> None:
    """WCAG 2.2: a contrast of 4.5 for text."""

    def light(hexadecimal: str) -> float:
        values = [int(hexadecimal[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert (light(colour) + 0.05) / (light("#111111") + 0.05) >= 4.5
