"""A built notebook as a deck: which cells begin a slide, and the HTML blocks that stand on it."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbconvert.filters import ansi2html, markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from slides.prediction import Questions

ALONE = "alone"  # a kind of block that shares its slide with no other
_FORMATTER = HtmlFormatter(cssclass="highlight")
_PYTHON = get_lexer_by_name("ipython3")
_TEACHER = re.compile(r"</?details[^>]*>|<summary>.*?</summary>")
_CELL = dict[str, Any]


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


def style() -> str:
    """The CSS of highlighted code."""
    return str(_FORMATTER.get_style_defs(".highlight"))


def columns(notebook: _CELL, folder: Path) -> list[list[Slide]]:
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
            slide.notes.append(_markdown(_TEACHER.sub("", "".join(cell["source"])), folder))
        else:
            slide.blocks += _blocks(cell, folder, questions)
    return deck


def _blocks(cell: _CELL, folder: Path, questions: Questions) -> Iterator[Block]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        for part in _parts(_markdown(source, folder)):
            yield Block("text", part)
        return
    if question := questions.read(source):
        yield Block(ALONE, question)
        return
    if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
        yield Block("code", highlight(source, _PYTHON, _FORMATTER))
    for output in cell["outputs"]:
        yield Block("output", _output(output))


def _markdown(source: str, folder: Path) -> str:
    """HTML with the pictures inside it, and without links into a folder that the page does not have."""

    def inside(match: re.Match[str]) -> str:
        path = folder / match[1]
        kind = mimetypes.guess_type(path.name)[0]
        return f'src="data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"'

    text = re.sub(r'src="(?!data:|https?:)([^"]+)"', inside, markdown2html(source))
    text = re.sub(r'<a class="anchor-link".*?</a>', "", text)
    return re.sub(r'<a href="(?!https?:)[^"]*"[^>]*>(.*?)</a>', r"\1", text, flags=re.DOTALL)


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


def _terminal(lines: list[str]) -> str:
    return f"<pre>{ansi2html(''.join(lines))}</pre>"  # type: ignore[no-untyped-call]


def _output(output: _CELL) -> str:
    if output["output_type"] == "stream":
        return _terminal(output["text"])
    if output["output_type"] == "error":
        return _terminal([f"{line}\n" for line in output["traceback"]])
    data = {kind: "".join(content) for kind, content in output["data"].items() if kind != "application/json"}
    words = html.escape(data.get("text/plain", ""), quote=True)
    if "text/html" in data:
        return data["text/html"]
    if "image/svg+xml" in data:
        return data["image/svg+xml"]
    if "image/png" in data:
        return f'<img alt="{words}" src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{words}</pre>"
