"""The drawing of all panels: lines that are whole, cut, over or not there, and the servers' too."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from wirelab.look.palette import COLD_LIGHT, INKS, TROUBLE_LIGHT
from wirelab.look.svg import sheet
from wirelab.widgets.scene import Half, Line, Process, Scene, Server, is_believed_in_vain, parts, places

SVG = "{http://www.w3.org/2000/svg}"
START, ROW = 100, 90


def drawn(*lines, process=Process.RUNNING):
    """The SVG of lines to one server, and where everything stands."""
    scene = Scene(lines, ("middlebox",), (Server("server", "", process),))
    at = places(START, 800, 1, [ROW + 40 * number for number in range(len(lines))], 8)
    return ElementTree.fromstring(sheet(300, parts(scene, at))), at


def strokes(svg, y=ROW):
    """From where to where there is a line in a row, from the left."""
    found = [
        line.attrib for line in svg.iter(f"{SVG}line") if line.attrib["y1"] == line.attrib["y2"] == str(y)
    ]
    return sorted((float(each["x1"]), float(each["x2"])) for each in found)


def signs(svg):
    return [text.text for text in svg.iter(f"{SVG}text") if text.text in "✗‖■≠"]


def crosses(svg):
    return [path for path in svg.iter(f"{SVG}path") if path.attrib.get("stroke") == TROUBLE_LIGHT]


def test_a_connection_that_stands_goes_from_end_to_end():
    svg, at = drawn(Line("Ann", Half.OPEN, Half.OPEN))
    assert strokes(svg) == [(START, at.middle), (at.servers[0], at.middle)]
    assert signs(svg) == crosses(svg) == []
    assert TROUBLE_LIGHT not in ElementTree.tostring(svg, "unicode")


def test_a_line_that_is_cut_has_a_gap_with_a_cross_in_it():
    svg, at = drawn(Line("Ann", Half.OPEN, Half.OPEN, stopped="✗"))
    (_, left), (_, right) = strokes(svg)
    assert left < at.middle - 8 and at.middle + 8 < right
    assert len(crosses(svg)) == 1


def test_an_end_that_knows_that_it_is_over_has_a_stub_with_a_ring_and_one_that_never_was_has_nothing():
    svg, at = drawn(Line("Ann", Half.OVER, Half.NONE), Line("Bob"))
    assert strokes(svg) == [(START, START + 18)]
    assert strokes(svg, ROW + 40) == []
    rings = [each.attrib["cx"] for each in svg.iter(f"{SVG}circle")]
    assert rings == [str(START + 23)]
    svg, at = drawn(Line("Ann", Half.NONE, Half.OVER))
    assert strokes(svg) == [(at.servers[0], at.servers[0] - 18)]


def test_a_ghost_s_line_ends_in_the_middle():
    svg, at = drawn(Line("Ann", Half.OVER, Half.OPEN, stopped="✗"))
    assert (at.servers[0], at.middle + 12) in strokes(svg)
    assert is_believed_in_vain(Half.OVER, Half.OPEN) and is_believed_in_vain(Half.OPEN, Half.OVER)
    assert not is_believed_in_vain(Half.OPEN, Half.OPEN) and not is_believed_in_vain(Half.OPEN, Half.TRYING)


@pytest.mark.parametrize("sign", ["‖", "■", "≠"])
def test_each_deed_has_its_sign_and_says_whose_it_is(sign):
    svg, _ = drawn(Line("Ann", Half.TRYING, Half.NONE, stopped=sign, note="done by Somebody"))
    assert signs(svg) == [sign]
    assert "done by Somebody" in [text.text for text in svg.iter(f"{SVG}text")]


def test_a_frozen_server_is_iced_and_holds_what_reaches_it():
    svg, at = drawn(
        Line("Ann", Half.OPEN, Half.OPEN), Line("Bob", Half.OVER, Half.NONE), process=Process.FROZEN
    )
    assert signs(svg) == ["‖"]
    iced = [line.attrib for line in svg.iter(f"{SVG}line") if line.attrib["stroke"] == COLD_LIGHT]
    assert [float(line["x1"]) for line in iced] == [at.servers[0]]


def test_the_line_of_a_server_that_is_gone_ends_at_its_head_with_a_cross():
    svg, at = drawn(Line("Ann", Half.OVER, Half.NONE), process=Process.GONE)
    (lifeline,) = (
        line.attrib for line in svg.iter(f"{SVG}line") if float(line.attrib["x1"]) == at.servers[0]
    )
    assert float(lifeline["y2"]) < ROW - 20
    assert len(crosses(svg)) == 1


def test_polling_is_drawn_as_http():
    http = next(ink for ink in INKS.values() if ink.tag == "HTTP")
    svg, _ = drawn(Line("Ann", Half.OPEN, Half.OPEN, tag="HTTP"))
    flat = [each.attrib for each in svg.iter(f"{SVG}line") if each.attrib["y1"] == str(ROW)]
    assert {each["stroke"] for each in flat} == {http.light}


def test_a_server_s_line_reaches_down_to_its_last_client_so_that_no_line_crosses_it():
    lines = (Line("Ann", Half.OPEN, Half.OPEN), Line("Bob", Half.OPEN, Half.OPEN, server=1))
    scene = Scene(lines, ("middlebox",), (Server("one", ""), Server("two", "")))
    at = places(START, 800, 2, [ROW, ROW + 40], 8)
    svg = ElementTree.fromstring(sheet(300, parts(scene, at)))
    found = [line.attrib for line in svg.iter(f"{SVG}line")]
    ends = {float(each["x1"]): float(each["y2"]) for each in found if each["x1"] == each["x2"]}
    assert ROW < ends[at.servers[0]] < ROW + 40 < ends[at.servers[1]]


def test_it_says_in_words_what_it_shows():
    lines = (
        Line("Ann", Half.OVER, Half.OPEN, stopped="✗", note="dropped by Blackhole"),
        Line("Bob"),
    )
    scene = Scene(lines, ("cable pulled",), (Server("server", "", Process.FROZEN),))
    assert scene.in_words() == (
        "In the middle: cable pulled. Ann: over, ✗ at the middlebox (dropped by Blackhole), "
        "server's end: open. Bob: no connection. server: frozen."
    )
    message = scene.message()
    assert message["words"] == scene.in_words()
    assert message["lines"][1]["words"] == "Bob: no connection."
    assert not re.search(
        r"Half|Process", repr(message["servers"][0]["process"] + message["lines"][0]["near"])
    )
