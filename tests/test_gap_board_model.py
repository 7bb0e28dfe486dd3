"""The gap board without a browser: real servers, real lines, and what became of each number."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from page_tools import FakePage

from wirelab import bench
from wirelab.waiting import until
from wirelab.widgets.gap_board import GapBoard
from wirelab.widgets.gap_board.lane import Fate
from wirelab.widgets.gap_board.model import NOT_RUNNING, Gaps

OURS = ["ours", "node"]
OTHERS = ["official", "off", "python"]


@pytest.fixture
async def board() -> AsyncIterator[GapBoard]:
    async with GapBoard() as running:
        yield running


def fates(board: GapBoard, key: str) -> str:
    """What became of each number, a letter each."""
    letters = {Fate.HEARD: "h", Fate.LATE: "l", Fate.LOST: "✗", Fate.OPEN: "?", Fate.TWICE: "2"}
    lane = board.model.lanes[key]
    return "".join(letters.get(lane.fate(number), "-") for number in range(1, board.model.said + 1))


async def break_and_mend(board: GapBoard, how: str) -> None:
    await board.press(how)
    await board.wait("lost")
    for _ in range(2):
        await board.press("step")
    await board.press("plug")
    await board.wait("connected")
    await board.press("step")


async def test_a_pulled_cable_is_made_up_for_by_ours_alone(board: GapBoard) -> None:
    for _ in range(2):
        await board.press("step")
    await break_and_mend(board, "pull")
    assert {key: fates(board, key) for key in OURS} == dict.fromkeys(OURS, "hhllh")
    assert {key: fates(board, key) for key in OTHERS} == dict.fromkeys(OTHERS, "hh✗✗h")
    assert board.model.lanes["node"].outcome == "recovered"
    assert board.model.lanes["official"].outcome == "a new client"


async def test_a_cut_line_is_made_up_for_by_the_official_server_too(board: GapBoard) -> None:
    await board.press("step")
    await break_and_mend(board, "cut")
    assert {key: fates(board, key) for key in [*OURS, "official"]} == dict.fromkeys(
        [*OURS, "official"], "hllh"
    )
    assert {key: fates(board, key) for key in ("off", "python")} == dict.fromkeys(("off", "python"), "h✗✗h")


async def test_before_the_first_number_the_official_server_recovers_nobody(board: GapBoard) -> None:
    await break_and_mend(board, "cut")
    assert (fates(board, "node"), fates(board, "official")) == ("llh", "✗✗h")


async def test_what_is_said_while_they_are_away_is_open(board: GapBoard) -> None:
    await board.press("step")
    await board.press("pull")
    await board.wait("lost")
    await board.press("step")
    assert {fates(board, key) for key in OURS + OTHERS} == {"h?"}
    assert "?2" in board.table()


async def test_what_is_lost_stays_lost_when_the_line_breaks_again(board: GapBoard) -> None:
    await board.press("step")
    await break_and_mend(board, "pull")
    await board.press("cut")
    await board.wait("lost")
    await board.press("step")
    assert {key: fates(board, key) for key in OTHERS} == dict.fromkeys(OTHERS, "h✗✗h?")
    assert {key: fates(board, key) for key in OURS} == dict.fromkeys(OURS, "hllh?")


async def test_numbers_flow_until_they_are_stopped(board: GapBoard) -> None:
    await board.press("play")
    assert board.model.is_flowing
    await until(lambda: board.model.said > 2, 10)
    await board.press("step")
    assert board.model.notice == "Numbers flow already: stop them first."
    await board.press("play")
    said = board.model.said
    await asyncio.sleep(0.7)
    assert (board.model.said, board.model.is_flowing) == (said, False)


async def test_a_button_that_can_do_nothing_says_why(board: GapBoard) -> None:
    await board.press("plug")
    assert board.model.notice == "The line is whole."
    await board.press("pull")
    await board.press("cut")
    assert board.model.notice == "The line is broken already. Mend it first."
    assert set(board.model.refusals) == {"pull", "cut"}
    with pytest.raises(ValueError, match="There is no button 'kill'"):
        await board.press("kill")
    with pytest.raises(ValueError, match="Nobody can wait for 'joy'"):
        await board.wait("joy")


async def test_reset_begins_at_one_with_a_whole_line(board: GapBoard) -> None:
    await board.press("step")
    await board.press("pull")
    await board.press("play")
    await board.press("reset")
    assert (board.model.said, board.model.is_flowing, set(board.model.refusals)) == (0, False, {"plug"})
    await board.press("step")
    assert {fates(board, key) for key in OURS + OTHERS} == {"h"}


async def test_a_page_is_a_client_too(board: GapBoard) -> None:
    page = FakePage(board.page)
    page.come()
    await until(lambda: page.orders, 5)
    assert page.orders[0]["do"] == "connect"
    page.saw(1, "connected", name="connect")
    await board.press("step")
    page.saw(1, "received", name="number", data=["number", 1, "k-1"])
    assert fates(board, "browser") == "h"
    page.go()
    assert "not here" in board.table()


async def test_the_picture_says_what_the_table_says(board: GapBoard) -> None:
    await board.press("step")
    await break_and_mend(board, "pull")
    data, _ = board._repr_mimebundle_()
    assert "✗ 2" not in data["text/plain"]
    assert "↺2 ↺3 4 · recovered" in data["text/plain"]
    source = data["text/html"].split("base64,")[1].split('"')[0]
    root = ElementTree.fromstring(base64.b64decode(source))
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("↺2") == 2
    assert texts.count("✗2") == 3


async def test_closed_it_says_so_and_leaves_nothing() -> None:
    board = GapBoard()
    assert board.model.notice == NOT_RUNNING
    async with board:
        await board.press("play")
    await board.press("step")
    assert board.model.notice == NOT_RUNNING
    assert not board.model.is_flowing
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert [task for task in others if not task.done()] == []


async def test_the_bench_can_start_it_anew() -> None:
    first = await bench.start("gaps", GapBoard)
    second = await bench.start("gaps", GapBoard)
    assert isinstance(second.model, Gaps)
    assert not first.model.running
    await bench.stop("gaps")
