"""Pictures and links of Markdown cells: each must lead somewhere, each picture must have words."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from builder.lesson import Cell, Course, Lesson

_MARKDOWN = MarkdownIt("commonmark").enable("table")


class _Tags(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _tokens(cell: Cell) -> Iterator[Token]:
    for token in _MARKDOWN.parse(cell.source):
        yield token
        yield from token.children or ()


def _references(cell: Cell) -> Iterator[tuple[str, str, str | None]]:
    """Each picture and link as ("img" or "a", address, alternative text)."""
    for token in _tokens(cell):
        if token.type == "image":
            yield "img", str(token.attrs["src"]), token.content
        elif token.type == "link_open":
            yield "a", str(token.attrs["href"]), None
        elif token.type in ("html_block", "html_inline"):
            for tag, attributes in _Tags(token.content).found:
                if tag == "img":
                    yield tag, attributes.get("src") or "", attributes.get("alt")
                elif tag == "a" and attributes.get("href"):
                    yield tag, str(attributes["href"]), None


def _anchors(lesson: Lesson) -> set[str]:
    """The headings as JupyterLab names them: the text, with hyphens for spaces."""
    names = set()
    for cell in lesson.cells:
        if cell.kind == "markdown":
            tokens = list(_MARKDOWN.parse(cell.source))
            for head, inline in pairwise(tokens):
                if head.type == "heading_open":
                    names.add("".join(child.content for child in inline.children or ()).replace(" ", "-"))
    return names


def hold(course: Course, lessons: list[Lesson]) -> None:
    """Raise Refusal for a picture without words or a reference that leads nowhere."""
    anchors = {course.notebook(lesson).resolve(): _anchors(lesson) for lesson in lessons}
    for lesson in lessons:
        for cell in lesson.cells:
            if cell.kind == "markdown":
                for tag, address, words in _references(cell):
                    if tag == "img" and not (words or "").strip():
                        raise cell.refuse(
                            f"the picture {address!r} has no alternative text. Say what it shows."
                        )
                    _follow(cell, address, course.notebook(lesson).resolve(), anchors)


def _follow(cell: Cell, address: str, here: Path, anchors: dict[Path, set[str]]) -> None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
    if target not in anchors and (target.suffix == ".ipynb" or not target.exists()):
        raise cell.refuse(
            f"{address!r} leads nowhere: there is no {target.name}. Correct it, or add the file."
        )
    anchor = unquote(parts.fragment)
    if anchor and target in anchors and anchor not in anchors[target]:
        known = ", ".join(sorted(anchors[target]))
        raise cell.refuse(f"{address!r} leads nowhere: no such heading there. The headings are {known}.")
