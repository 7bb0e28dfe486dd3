"""The page around a deck, with every script and style inside it."""

from __future__ import annotations

import html
from pathlib import Path

from pages import markup
from slides.deck import Slide

_HERE = Path(__file__).parent


def page(title: str, deck: list[list[Slide]], reveal: Path) -> str:
    """One HTML page; `reveal` is the folder of reveal.js as it is published."""
    styles = [
        _text(reveal / "reset.css"),
        _text(reveal / "reveal.css"),
        markup.code_style(),
        _text(_HERE / "slides.css"),
    ]
    scripts = [reveal / "reveal.js", reveal / "plugin/notes.js", _HERE / "slides.js"]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{html.escape(title)}</title>
{"".join(f"<style>{css}</style>" for css in styles)}
</head>
<body>
<div class="reveal"><div class="slides">{"".join(map(_column, deck))}</div></div>
{"".join(f"<script>{markup.script(_text(path))}</script>" for path in scripts)}
</body>
</html>
"""


def _column(slides: list[Slide]) -> str:
    return f"<section>{''.join(map(_section, slides))}</section>"


def _section(slide: Slide) -> str:
    notes = f'<aside class="notes">{"".join(slide.notes)}</aside>' if slide.notes else ""
    return f"<section>{''.join(block.to_html() for block in slide.blocks)}{notes}</section>"


def _text(path: Path) -> str:
    return path.read_text("utf-8")
