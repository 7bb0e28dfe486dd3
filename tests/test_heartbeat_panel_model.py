"""The heartbeat panel without a browser: real processes, a real cable, and when each end gives up."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from page_tools import FakePage

from wirelab import bench
from wirelab.waiting import eventually, until
from wirelab.widgets.heartbeats import HeartbeatPanel
from wirelab.widgets.heartbeats.connections import IN_ORDER, NOT_RUNNING
from wirelab.widgets.heartbeats.ends import Belief, End
from wirelab.widgets.heartbeats.model import Heartbeats

ANN, BOB = ("Ann", "server's handler of Ann"), ("Bob", "server's handler of Bob")
LATE = 0.4
"""Seconds by which a machine that is busy may be late."""


@pytest.fixture
async def hearts() -> AsyncIterator[Heartbeats]:
    async with Heartbeats(interval=0.5, timeout=0.5) as running:
        yield running


def end(hearts: Heartbeats, name: str):
    return next(each for each in hearts.ends if each.name == name)


async def test_everybody_is_connected_and_nobody_gives_up_while_all_is_well(hearts: Heartbeats) -> None:
    await asyncio.sleep(1.5)
    assert [end(hearts, name).belief for name in ANN + BOB] == [Belief.OPEN] * 4
    assert hearts.said == IN_ORDER
    assert hearts.state == "Server running · cable plugged in"


async def test_a_pulled_cable_is_noticed_at_both_ends_after_interval_and_timeout(hearts: Heartbeats) -> None:
    await hearts.press("pull")
    assert hearts.said == "You pulled the cable: nothing passes, and nobody is told. Nobody has noticed."
    assert all(hearts.mistaken(end(hearts, name)) for name in ANN + BOB)
    await hearts.wait(*ANN, *BOB)
    for name in ANN + BOB:
        silence = end(hearts, name).silence
        assert silence is not None
        assert 1.0 - 0.05 < silence < 1.0 + LATE
    assert end(hearts, "Ann").noticed == "disconnect, ping timeout"
    assert end(hearts, "Bob").noticed == "disconnect, transport error"  # python-socketio's words
    assert end(hearts, "server's handler of Bob").noticed == "disconnect, ping timeout"
    assert all(name in hearts.said for name in ("Given up: ", *ANN, *BOB))


def test_a_server_that_reports_late_leaves_the_sign_of_life_that_was_heard_before() -> None:
    handler = End("server's handler of Ann", "")
    handler.sign = 5.0
    handler.begins()
    handler.ends("disconnect, ping timeout", 7.0)
    assert (handler.belief, handler.silence) == (Belief.OVER, 2.0)


async def test_whoever_hears_in_time_does_not_give_up(hearts: Heartbeats) -> None:
    await hearts.tune(0.5, 3)
    await hearts.press("pull")
    await asyncio.sleep(1)
    await hearts.press("plug")
    await asyncio.sleep(1)
    assert [end(hearts, name).belief for name in ANN + BOB] == [Belief.OPEN] * 4


async def test_a_frozen_server_notices_nothing_and_gives_everybody_up_when_it_wakes(
    hearts: Heartbeats,
) -> None:
    await hearts.press("freeze")
    await hearts.wait("Ann", "Bob")
    assert hearts.words(end(hearts, "server's handler of Ann")) == "stands still, and its clock with it"
    assert hearts.mistaken(end(hearts, "server's handler of Ann"))
    await hearts.press("thaw")
    await hearts.wait("server's handler of Ann", "server's handler of Bob")
    assert end(hearts, "server's handler of Ann").belief is Belief.OVER


async def test_only_what_can_be_done_is_offered_and_the_rest_says_why(hearts: Heartbeats) -> None:
    assert hearts.refusals.keys() == {"plug", "thaw"}
    await hearts.press("pull")
    await hearts.press("freeze")
    assert hearts.refusals.keys() == {"pull", "freeze"}
    for button, why in hearts.refusals.items():
        await hearts.press(button)
        assert hearts.said.startswith(why)
    with pytest.raises(ValueError, match=r"There is no button 'kill'\. Choose one of: pull, plug"):
        await hearts.press("kill")
    with pytest.raises(ValueError, match="There is no 'Eve' here"):
        await hearts.wait("Eve")


async def test_reset_makes_everything_new_whatever_was_broken(hearts: Heartbeats) -> None:
    for buttons in (["pull"], ["freeze"], ["freeze", "pull"]):
        for button in buttons:
            await hearts.press(button)
        await hearts.press("reset")
        assert hearts.state == "Server running · cable plugged in"
        assert [end(hearts, name).belief for name in ANN + BOB] == [Belief.OPEN] * 4
        assert hearts.said == IN_ORDER


async def test_what_is_tuned_is_what_the_server_announces(hearts: Heartbeats) -> None:
    await hearts.tune(1, 0.5)
    assert hearts.said == "A new server says: a ping each 1 s, 0.5 s for the pong."
    opened = b"".join(record.data for record in hearts.cable.trace)
    assert b'"pingInterval":1000,"pingTimeout":500' in opened
    passed = len(hearts.cable.trace)
    await hearts.tune(1, 0.5)  # nothing new: nobody has to connect again
    assert not any(b"pingInterval" in record.data for record in hearts.cable.trace.since(passed))
    for wrong in ((0.1, 1), (1, 60)):
        with pytest.raises(ValueError, match=r"Choose 0\.5 to 5 seconds"):
            await hearts.tune(*wrong)
    assert (hearts.interval, hearts.timeout) == (1, 0.5)


async def test_a_heartbeat_is_measured_on_the_wire(hearts: Heartbeats) -> None:
    assert hearts.cost is None
    await until(lambda: hearts.cost is not None)
    assert hearts.cost is not None
    assert (hearts.cost.down, hearts.cost.up) == (3, 7)  # frames of one byte, that of the client masked
    assert hearts.cost.an_hour(25) == 1440


async def test_the_page_is_a_client_like_the_others() -> None:
    async with HeartbeatPanel(0.5, 0.5) as panel:
        model, fake = panel.model, FakePage(panel.page)
        browser = end(model, "your browser")
        assert model.words(browser) == "not here: no page is open"
        fake.come()
        await until(lambda: len(fake.orders) == 1)
        order = fake.orders[0]
        assert order["do"] == "connect"
        number = order["with"][1]  # type: ignore[index]
        fake.saw(number, "connected", name="connect", transport="websocket")
        assert model.words(browser) == "connected"
        fake.saw(number, "disconnected", name="disconnect", text="ping timeout")
        assert (model.words(browser), browser.noticed) == (Belief.OVER, "disconnect, ping timeout")
        fake.go()
        assert model.words(browser) == "not here: no page is open"


async def test_the_picture_says_what_the_table_says() -> None:
    async with HeartbeatPanel(0.5, 5) as panel:
        await panel.press("pull")
        data, _ = panel._repr_mimebundle_()
        svg = base64.b64decode(re.search(r'base64,([^"]+)', data["text/html"])[1]).decode()  # type: ignore[index]
        ElementTree.fromstring(svg)
        assert "✗ still believes that it is connected" in svg
        assert "a ping each 0.5 s, 5 s for the pong" in svg
        assert panel.table() in data["text/plain"]


async def test_what_the_page_sends_amiss_is_said_and_breaks_nothing() -> None:
    async with HeartbeatPanel(0.5, 0.5) as panel:
        panel._take({"type": "tune", "interval": 99, "timeout": 1})
        assert await eventually(lambda: panel.model.said.startswith("That did not work: ValueError"))
        panel._take({"type": "press", "button": "nothing"})
        assert await eventually(lambda: "There is no button" in panel.model.said)


async def test_sliders_that_move_on_are_obeyed_once() -> None:
    async with HeartbeatPanel(0.5, 0.5) as panel:
        for tenth in range(6, 20):
            panel._take({"type": "tune", "interval": tenth / 2 - 2, "timeout": 1})
        await until(lambda: panel.model.interval == 5.0 or not panel._doing, 10)
        await until(lambda: not panel._doing, 10)
        opened = b"".join(record.data for record in panel.cable.trace)
        assert opened.count(b'"pingTimeout":1000') <= 2 * 4


async def test_after_its_end_a_panel_says_so_and_leaves_nothing() -> None:
    panel = await bench.start("panel", HeartbeatPanel)
    await bench.stop("panel")
    await panel.press("pull")
    assert panel.model.said == NOT_RUNNING
    await panel.tune(1, 1)
    assert panel.model.said == NOT_RUNNING
    assert not panel.model.server.running
