"""A built notebook as a deck: which cells begin a slide, and the HTML blocks that stand on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pages import markup
from pages.markup import Cell
from slides.prediction import Questions

ALONE = "alone"  # a kind of block that shares its slide with no other
_TEACHER = re.compile(r"</?details[^>]*>|<summary>.*?</summary>")


@dataclass
class Block:
    """A piece that no slide divides; `kind` is its class on the page."""

    kind: str
    content: str

    def to_html(self) -> str:
        """The block as an element."""
        return f'<div class="block {self.kind}">{self.content}</div>'


@dataclass
class Slide:
    """Blocks under one heading; the page makes several slides of them if one screen is too small."""

    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def columns(notebook: Cell, folder: Path) -> list[list[Slide]]:
    """The deck of a notebook whose pictures lie in `folder`: a column of slides for each section.

    The cells' own metadata say where a slide begins, what is left out, and what only the teacher reads.
    """
    questions = Questions()
    deck: list[list[Slide]] = []
    for cell in notebook["cells"]:
        where = cell["metadata"].get("slideshow", {}).get("slide_type", "-")
        if where == "skip":
            continue
        if where == "slide" or not deck:
            deck.append([Slide()])
        elif where == "subslide":
            deck[-1].append(Slide())
        slide = deck[-1][-1]
        if where == "notes":
            slide.notes.append(markup.markdown(_TEACHER.sub("", "".join(cell["source"])), folder))
        else:
            slide.blocks += _blocks(cell, folder, questions)
    return deck


def _blocks(cell: Cell, folder: Path, questions: Questions) -> Iterator[Block]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        for part in _parts(markup.markdown(source, folder)):
            yield Block("text", part)
        return
    if question := questions.read(source):
        yield Block(ALONE, question)
        return
    if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
        yield Block("code", markup.code(source))
    for output in cell["outputs"]:
        yield Block("output", markup.output(output))


def _parts(text: str) -> list[str]:
    """The paragraphs, lists, tables and so on, one by one: between them a slide may end."""
    parts, depth, start = [], 0, 0
    for tag in re.finditer(r"<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>", text):
        if tag[3] or tag[2] in ("br", "hr", "img", "input", "wbr"):
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            parts.append(text[start : tag.end()].strip())
            start = tag.end()
    return [part for part in [*parts, text[start:].strip()] if part]
