"""Client, middlebox and server in every picture: where they stand, how a cut or a frozen line looks."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from wirelab.look.palette import COLD_LIGHT, TROUBLE_LIGHT
from wirelab.look.svg import PAPER, sheet
from wirelab.widgets.stage import LIFELINE, columns, fitted, head, lifeline, sign


def texts(parts):
    svg = ElementTree.fromstring(sheet(100, parts))
    return [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("clients", [1, 3, 6, 7, 30])
@pytest.mark.parametrize("servers", [1, 2])
def test_columns_stand_in_order_within_their_room_and_many_clients_are_folded(clients, servers):
    places = columns(48, 528, clients, servers)
    order = [*places.clients, places.middlebox, *places.servers]
    assert all(right - left > 3 for left, right in pairwise(order))
    assert order[0] >= 48 + 30 and order[-1] <= 528 - 30
    assert places.are_folded is (clients > 6)
    assert places.middlebox - places.clients[-1] > 50


def test_a_line_that_is_cut_ends_there_in_the_colour_of_failure():
    whole, cut = "".join(lifeline(10, 0, 90)), "".join(lifeline(10, 0, 90, cut_at=40))
    assert "y2='90'" in whole and TROUBLE_LIGHT not in whole
    assert "y2='40'" in cut and TROUBLE_LIGHT in cut
    assert COLD_LIGHT in "".join(lifeline(10, 0, 90, iced=True))


def test_each_sign_is_a_form_of_its_own():
    assert len({"".join(sign(mark, 10, 10)) for mark in "✗‖■≠"}) == 4
    assert texts(sign("‖", 10, 10)) == ["‖"] and texts(sign("✗", 10, 10)) == []


def test_a_long_name_is_broken_in_two_and_of_many_the_first_is_told():
    assert texts(head(50, ["nginx as a strict proxy"], 110)) == ["nginx as a", "strict proxy"]
    assert texts(head(50, ["one", "two"], 110)) == ["one", "two"]
    assert texts(head(50, ["one", "two", "three"], 160)) == ["one", "and 2 more rules"]
    assert fitted("much too long", 40) == "much…"


def luminance(colour):
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [LIFELINE, COLD_LIGHT, TROUBLE_LIGHT])
def test_lines_have_a_contrast_of_3_to_1_on_paper(colour):
    assert (luminance(PAPER) + 0.05) / (luminance(colour) + 0.05) >= 3
