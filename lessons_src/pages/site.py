"""The course as a site of files: all lessons after a run, their demos recorded. No network, no Python."""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pages import book, glossary, markup
from pages.book import Book, exercises, source, tags
from pages.films import Films, Shot, packed, widgets
from pages.glossary import Rule, Term, Text
from pages.lesson import Pages
from pages.links import Links
from wirelab.exercise.verdict import as_html

_HERE = Path(__file__).parent
_CODE = _HERE.parent
_ENTRY = re.compile(r"(\d\d) · (.+?): (.+)")
_PROMISE = (
    "<b>You build a real-time server in Python, watch it fail on real networks, and repair it, one feature "
    "at a time. At the end the code that you typed is a Socket.IO server.</b>"
)
_RUN = (
    "You read what one run of the course has shown. What says <b>● Recorded</b> was live when it was "
    "recorded, with real servers and real clients, and plays again here. To make the traffic yourself, take "
    "the course's folder and start <code>python3 lab.py</code> in it: you need Python 3.11 to 3.14, nothing "
    "else."
)


@dataclass(frozen=True)
class Board:
    """The boss's tiles as HTML, and the lesson that ends with them."""

    lesson: str
    title: str
    tiles: str


class Site:
    """The pages in one folder."""

    def __init__(self, notebooks: Path, folder: Path) -> None:
        self.notebooks = notebooks
        self.folder = folder
        self.books = [book.read(path) for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))]
        self.terms = glossary.collect(
            (Text(each.name, source(cell), tags(cell)) for each in self.books for cell in _texts(each)),
            Rule.read(_CODE / "glossary.toml"),
        )

    def write(self) -> Path:
        """Write all pages; the path of the first one."""
        (self.folder / "recorded").mkdir(parents=True, exist_ok=True)
        self._put("site.css", "".join(_styles()))
        self._put("site.js", (_HERE / "replay.js").read_text("utf-8"))
        self._put("widgets.js", f"window.WIDGETS = {json.dumps(widgets())};\n")
        boards = [found for place, each in enumerate(self.books) if (found := self._lesson(place, each))]
        self._put("glossary.html", _page("Glossary", _glossary(self.terms, self.books)))
        runs = self.notebooks / "where_it_runs.md"
        if runs.is_file():
            text = markup.markdown(runs.read_text("utf-8"), self.notebooks, Links("99", self.terms).to)
            self._put("where_it_runs.html", _page("Where it runs", text))
        last = boards[-1] if boards else Board("", "", "")
        self._put("index.html", _page("From WebSocket to Socket.IO", self._index(last), last.lesson))
        return self.folder / "index.html"

    def _put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def _lesson(self, place: int, lesson: Book) -> Board | None:
        """Write a lesson's page; the boss's tiles as its last review leaves them, if it has one."""
        films = Films(self.notebooks / "recordings" / f"{lesson.name}.json.gz")
        made = Pages(lesson, self.notebooks, films, Links(lesson.name, self.terms))
        text = made.body()
        self._put(f"recorded/{lesson.name}.js", _recorded(made.shots))
        ways = _ways(self.books, place)
        sections = [each.title for each in lesson.sections if each.title]
        self._put(
            f"{lesson.name}.html",
            _page(lesson.title, f"{ways}{_contents(sections)}{text}{ways}", lesson.name),
        )
        return Board(lesson.name, lesson.title, made.boards[-1]) if made.boards else None

    def _index(self, board: Board) -> str:
        start = next((each for each in self.books if each.number == "00"), None)
        first = f'<p><a class="big" href="{self.books[1].name}.html">Begin with lesson 01</a></p>'
        begin = f' The <a href="{start.name}.html">start page</a> has a first look.' if start else ""
        where = f'<a href="{board.lesson}.html">{html.escape(board.title)}</a>'
        tiles = (
            "<section><h2>The boss's list</h2><p>Each tile is a scenario that really ran, and opens its run. "
            f"So the list stands after lesson {where}:</p>{board.tiles}</section>"
        )
        return (
            f'<h1>From WebSocket to Socket.IO</h1><p>{_PROMISE}</p>{first}<p id="run">{_RUN}{begin}</p>'
            f"<section><h2>The map</h2>{self._map()}</section>{tiles if board.tiles else ''}"
        )

    def _map(self) -> str:
        books = {each.number: each for each in self.books}
        parts = tomllib.loads((_CODE / "course.toml").read_text("utf-8"))["parts"]
        found = []
        for part in parts:
            entries = [_ENTRY.fullmatch(entry) for entry in part["lessons"]]
            rows = "".join(
                _entry(entry[1], entry[2], entry[3], books.get(entry[1])) for entry in entries if entry
            )
            found.append(f"<h3>{html.escape(part['title'])}</h3><ul class=map>{rows}</ul>")
        return "".join(found)


def _texts(lesson: Book) -> Iterable[markup.Cell]:
    return (cell for cell in lesson.cells if cell["cell_type"] == "markdown")


def _styles() -> Iterable[str]:
    yield (_HERE / "site.css").read_text("utf-8")
    yield markup.code_style("[data-jp-theme-light=true] .highlight")
    yield markup.code_style("[data-jp-theme-light=false] .highlight", "github-dark")


def _recorded(shots: dict[str, Shot]) -> str:
    return f"window.RECORDED = {json.dumps({name: packed(shot) for name, shot in shots.items()})};\n"


def _ways(books: list[Book], place: int) -> str:
    ways = []
    if place:
        ways.append(f'<a href="{books[place - 1].name}.html">← {html.escape(books[place - 1].title)}</a>')
    if place + 1 < len(books):
        ways.append(f'<a href="{books[place + 1].name}.html">{html.escape(books[place + 1].title)} →</a>')
    return f'<nav class="ways">{"".join(ways)}</nav>'


def _contents(sections: list[str]) -> str:
    items = "".join(
        f'<li><a href="#{html.escape(markup.anchor(each))}">{as_html(each)}</a></li>' for each in sections
    )
    return f'<details class="contents"><summary>In this lesson</summary><ol>{items}</ol></details>'


def _entry(number: str, title: str, line: str, lesson: Book | None) -> str:
    name = f"{number} · {html.escape(title)}"
    if lesson is None:
        return f"<li><span>{name}</span> {html.escape(line)} <small>(is being written)</small></li>"
    tasks = sum(each.minutes for section in lesson.sections for each in exercises(section))
    time = f"{lesson.minutes} min" + (f", exercises {tasks}" if tasks else "")
    return f'<li><a href="{lesson.name}.html">{name}</a> {html.escape(line)} <small>{time}</small></li>'


def _glossary(terms: list[Term], books: list[Book]) -> str:
    titles = {each.name: each.title for each in books}
    entries = []
    for term in terms:
        anchor = f"#{html.escape(markup.anchor(term.section))}" if term.section else ""
        where = f'<a href="{term.lesson}.html{anchor}">{html.escape(titles[term.lesson])}</a>'
        entries.append(
            f'<dt id="{term.anchor}">{html.escape(term.name)}</dt><dd>{as_html(term.said)} {where}</dd>'
        )
    intro = (
        "<p>The terms of the course, each in the words in which a lesson explains it first, and where.</p>"
    )
    return f"<h1>Glossary</h1>{intro}<dl class=glossary>{''.join(entries)}</dl>"


def _page(title: str, inside: str, recorded: str = "") -> str:
    script = f'<script src="recorded/{recorded}.js"></script>' if recorded else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{html.escape(title)}</title>
<link rel="stylesheet" href="site.css"></head>
<body data-jp-theme-light="true">
<nav class="top"><a href="index.html">From WebSocket to Socket.IO</a><a href="glossary.html">Glossary</a>
<a href="where_it_runs.html">Where it runs</a></nav>
<main>{inside}</main>
<footer>Texts and pictures: CC BY 4.0 · code: MIT · this page needs no network</footer>
<script>window.RECORDED = {{}};</script>{script}
<script src="widgets.js"></script><script src="site.js"></script>
</body></html>
"""
