"""The site's links: from lesson to lesson, and from the uses of a term to where it is explained."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pages.glossary import Term

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^>]*>|<!--.*?-->", re.DOTALL)
_UNTOUCHED = frozenset(
    ("a", "pre", "code", "em", "h1", "h2", "h3", "h4", "summary", "script", "style", "svg", "button")
)


@dataclass(frozen=True)
class Links:
    """The links of one lesson's page; `terms` are those of the whole glossary."""

    lesson: str
    terms: Sequence[Term]

    def to(self, address: str, text: str) -> str:
        """A link within the course, as the site has it; the text alone where the site has no such page."""
        path, _, anchor = address.partition("#")
        name = path.rpartition("/")[2]
        if path and not name.endswith((".ipynb", "glossary.md", "where_it_runs.md")):
            return text
        page = re.sub(r"\.(ipynb|md)$", ".html", name)
        return f'<a href="{html.escape(page)}{f"#{html.escape(anchor)}" if anchor else ""}">{text}</a>'

    def glossed(self, page: str, section: str) -> str:
        """A section's HTML; in it the first use of each term explained before leads to the glossary."""
        known = {
            term.name.lower(): term
            for term in self.terms
            if term.lesson <= self.lesson and (term.lesson, term.section) != (self.lesson, section)
        }
        if not known:
            return page
        names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
        word = re.compile(rf"(?<![\w./-])({names})(s?)(?![\w/-])", re.IGNORECASE)
        parts, depth, end = [], 0, 0
        for tag in _TAG.finditer(page):
            text = page[end : tag.start()]
            parts += [text if depth else _linked(text, word, known), tag[0]]
            end = tag.end()
            if tag[2] in _UNTOUCHED or (tag[2] == "div" and (depth or "class=" in tag[0])):
                depth += -1 if tag[1] else 1
        return "".join(parts) + page[end:]


def _linked(text: str, word: re.Pattern[str], known: dict[str, Term]) -> str:
    def link(found: re.Match[str]) -> str:
        term = known.pop(found[1].lower(), None)
        if term is None:
            return found[0]
        said = html.escape(re.sub(r"[`*]", "", term.said), quote=True)
        return f'<a class="term" href="glossary.html#{term.anchor}" title="{said}">{found[0]}</a>'

    return word.sub(link, text)
