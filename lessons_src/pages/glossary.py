"""The glossary: the terms that lessons have in italics, where they are explained, and with which sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_ITALICS = re.compile(r"(?<![*\w])\*(?![*\s])([^*\n]+?)(?<!\s)\*(?![*\w])")
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?s)`[^`]*`|<code>.*?</code>")
_BEFORE = re.compile(r"(?:\b(?:a|an|the|called|is|are|its)|[.:(|])\s*$", re.IGNORECASE)
_AFTER = re.compile(r"\s*(?:[:,.;)|]|is\b|that\b|which\b)")
_LEANS = re.compile(r"(?:That|This|It|Such|So|And|For it|He|One|The small|Another)\b")
_MOST_WORDS = 4
_SHORT = 90
"""A sentence of fewer letters is followed by the next one."""
_MISSED = ("teacher", "exercise", "solution")


@dataclass(frozen=True)
class Text:
    """A Markdown cell of a lesson."""

    lesson: str
    source: str
    tags: Collection[str] = ()


@dataclass(frozen=True)
class Term:
    """`said` is Markdown; `lesson` the name of a notebook, `section` one of its headings."""

    name: str
    said: str
    lesson: str
    section: str

    @property
    def anchor(self) -> str:
        """Its name in an address."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True)
class Rule:
    """Which words in italics are terms; see glossary.toml."""

    terms: frozenset[str]
    emphasis: frozenset[str]
    explained_in: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Rule:
        """The rule in a file; without one every word is judged by how it stands."""
        said = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        lower = {key: frozenset(map(str.lower, said.get(key, ()))) for key in ("terms", "emphasis")}
        return cls(lower["terms"], lower["emphasis"], dict(said.get("explained_in", {})))

    def takes(self, name: str, lesson: str, before: str, after: str) -> bool:
        """Whether a word in italics is a term that is explained here."""
        key = name.lower()
        if key in self.explained_in:
            return lesson.startswith(self.explained_in[key])
        if key in self.terms or key in self.emphasis:
            return key in self.terms
        return _stands_like_one(name, before, after)


def _stands_like_one(name: str, before: str, after: str) -> bool:
    few = len(name.split()) <= _MOST_WORDS and name[0].islower()
    return few and bool(_BEFORE.search(before)) and bool(_AFTER.match(after))


def collect(texts: Iterable[Text], rule: Rule) -> list[Term]:
    """The terms of a course, in the order of the alphabet; each where it is explained first."""
    found: dict[str, Term] = {}
    lesson, section = "", ""
    for text in texts:
        lesson, section = text.lesson, section if text.lesson == lesson else ""
        if not set(_MISSED).intersection(text.tags):
            for heading, term in _terms(text, rule, section):
                section = heading
                if term is not None:
                    found.setdefault(term.name.lower(), term)
    return sorted(found.values(), key=lambda term: term.name.lower())


def _terms(text: Text, rule: Rule, section: str) -> Iterator[tuple[str, Term | None]]:
    """Each term with the heading that it stands under, and each heading; `section` is the one before."""
    for paragraph in re.split(r"\n\s*\n|\n(?=[-|#>]|\d+\. |</?details)", _FENCE.sub("", text.source)):
        if heading := re.match(r"##+ +(.+)", paragraph):
            section = heading[1].strip()
            yield section, None
        elif not paragraph.startswith((">", "# ")):
            plain = _CODE.sub(lambda code: "\0" * len(code[0]), paragraph)  # as long as it is
            for word in _ITALICS.finditer(plain):
                beside = plain[: word.start()], plain[word.end() :]
                if "\0" not in word[1] and rule.takes(word[1], text.lesson, *beside):
                    said = _explanation(paragraph, plain, word.start())
                    yield section, Term(word[1], said, text.lesson, section)


def _explanation(paragraph: str, plain: str, place: int) -> str:
    """The sentence at that place, with the one before if it leans on it, and the one after if it is short."""
    if paragraph.lstrip().startswith("|"):
        return " · ".join(cell.strip() for cell in paragraph.strip().strip("|").split("|") if cell.strip())
    edges = [0, *(gap.end() for gap in re.finditer(r"(?<=[.?])\)?\s+(?=[A-Z*\0(“\"])", plain)), len(plain)]
    number = max(index for index, edge in enumerate(edges[:-1]) if edge <= place)
    first, last = number, number + 1
    if first and _LEANS.match(plain[edges[first] :]):
        first -= 1
    if edges[last] - edges[first] < _SHORT and last + 1 < len(edges):
        last += 1
    said = paragraph[edges[first] : edges[last]].strip().removeprefix("- ").removesuffix(":").strip()
    return re.sub(r"\s+", " ", said)


def page(terms: Iterable[Term], titles: dict[str, str]) -> str:
    """The glossary in Markdown, beside the notebooks; `titles` are those of the lessons, by name."""
    lines = [
        "# Glossary",
        "",
        "<!-- Built from the lessons: change the sentence there, or lessons_src/glossary.toml. -->",
        "",
        "The terms of the course, each in the words in which a lesson explains it first, and where.",
    ]
    for term in terms:
        where = titles[term.lesson] + (f", “{term.section}”" if term.section else "")
        anchor = f"#{quote(term.section.replace(' ', '-'))}" if term.section else ""
        lines += ["", f"**{term.name}**: {term.said} ([{where}]({term.lesson}.ipynb{anchor}))"]
    return "\n".join(lines) + "\n"
