"""What the page is told: all that it shows, as JSON has it."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from typing import Any

from wirelab.widgets.rooms_board import places
from wirelab.widgets.rooms_board.aim import ROOMS
from wirelab.widgets.rooms_board.member import Member
from wirelab.widgets.rooms_board.model import Board
from wirelab.widgets.rooms_board.round import Verdict

_COMBINATIONS = [rooms for count in range(len(ROOMS) + 1) for rooms in combinations(ROOMS, count)]
PLAN = {
    "columns": places.COLUMNS,
    "head": places.HEAD,
    "height": places.HEIGHT,
    "middle": places.HEAD + places.ROW + 6,
    "strip": places.STRIP,
    "chip": places.CHIP,
    "areas": [asdict(area) for area in places.AREAS],
    "cells": [{"rooms": rooms, **asdict(places.cell(rooms))} for rooms in _COMBINATIONS],
}


def state(model: Board) -> dict[str, Any]:
    """All that the page shows."""
    aim, current = model.aim, model.round
    text = current.text if current is not None else model.next_text
    spots = places.spots(model.members.values())
    return {
        "type": "state",
        "said": model.said,
        "refusal": model.refusal,
        "rooms": ROOMS,
        "plan": PLAN,
        "notices": f"{model.timeout:g} to {model.interval + model.timeout:g} s",
        "predicting": model.predicting,
        "flowing": model.flowing,
        "crowd": {"count": model.crowd.count, "text": model.crowd.text},
        "aim": asdict(aim),
        "python": aim.python(text),
        "javascript": aim.javascript(text),
        "round": current.message() if current is not None else None,
        "members": [
            {**_row(model, each), "spot": asdict(spots[each.name])} for each in model.members.values()
        ],
    }


def _row(model: Board, member: Member) -> dict[str, Any]:
    verdict = model.verdict(member)
    return {
        "name": member.name,
        "kind": member.kind,
        "about": member.about,
        "known": member.known,
        "rooms": member.rooms,
        "pulled": member.pulled,
        "sender": member.name == model.aim.sender,
        "stands": member.stands,
        "believes": member.believes,
        "marked": member.name in model.marks,
        "stuck": verdict is Verdict.STUCK,
        "verdict": verdict and verdict.name,
        "sign": verdict and verdict.sign,
        "words": verdict and verdict.words,
        "lines": [[line.number, line.way, line.text] for line in model.wires.lines(member.name)],
    }
