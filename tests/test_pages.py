"""The teacher's pages, the glossary and the site's links: made from the notebooks, and true to them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pages import book, glossary, handed_in, teacher
from pages.glossary import Rule, Term, Text
from pages.links import Links
from wirelab.exercise.progress import Progress

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if not path.stem.startswith("00")]
NO_RULE = Rule(frozenset(), frozenset(), {})


# The teacher's page


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_minutes_of_the_sections_are_those_of_the_promise(path):
    lesson = book.read(path)
    promised = re.search(r"(\d+) minutes \(and (\d+) for", book.source(lesson.cells[0]))
    assert promised is not None
    assert lesson.minutes == int(promised[1])
    computed = sum(
        section.minutes for section in lesson.sections
    )  # the promise itself has grown by some words
    assert abs(computed - lesson.minutes) < 0.6
    tasks = [each for section in lesson.sections for each in book.exercises(section)]
    assert sum(each.minutes for each in tasks) == int(promised[2])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_teachers_page_has_all_that_only_the_teacher_needs(path):
    lesson = book.read(path)
    page = teacher.page(lesson, path.parent)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    asked = sum(
        "predict(" in "".join(cell["source"]) and "= predict(" in "".join(cell["source"]) for cell in cells
    )
    assert page.count('class="prediction"') == page.count('class="right"') == asked > 1
    assert (
        page.count("<summary>The solution</summary>") == sum("exercise" in book.tags(c) for c in cells) // 2
    )
    boxes = [
        cell
        for cell in cells
        if "teacher" in cell["metadata"].get("tags", ()) and cell["cell_type"] == "markdown"
    ]
    assert page.count('class="note"') == len(boxes) > 0
    assert not re.findall(r"""(?:src|href)=["']?https?://|@import""", page.partition("<body>")[0])


def test_the_right_option_is_marked_and_each_wrong_one_has_its_reply():
    asked = book.Prediction("b", "Because.", {"a": "No: `x`."}, "Which?", {"a": "This", "b": "That"})
    page = teacher._prediction(asked)
    assert '<li class="right">✓ <b>b</b> That</li>' in page
    assert "<li><b>a</b> This <span class=reply>No: <code>x</code>.</span></li>" in page


# The glossary


def terms(source: str, rule: Rule = NO_RULE, lesson: str = "03_walls") -> dict[str, str]:
    return {term.name: term.said for term in glossary.collect([Text(lesson, source)], rule)}


def test_a_word_that_stands_like_a_term_is_one_and_a_stressed_word_is_none():
    sentence = "Put a *middlebox*: a relay that passes all on, and keeps a note of all that it has passed on."
    assert terms(sentence) == {"middlebox": sentence}
    assert terms("You want *both* ends to speak, *now*, and `a *b*` is code.") == {}
    assert terms("> A *quotation*: no.\n\n```\na *fence*: neither\n```\n## A *heading*: nor that") == {}


def test_what_is_listed_is_decided_by_the_list():
    rule = Rule(frozenset(["both"]), frozenset(["middlebox"]), {"room": "14"})
    source = "Put a *middlebox*: a relay. You want *both* ends. It is in a *room*: a name."
    assert set(terms(source, rule)) == {"both"}
    assert set(terms(source, rule, "14_rooms")) == {"both", "room"}


def test_the_first_explanation_counts_with_its_section_and_teachers_boxes_do_not():
    texts = [
        Text("01_a", "A *ping*: for the teacher.", ("teacher",)),
        Text("01_a", "# Title\n\n## 1. Hearts\n\nNothing."),
        Text(
            "01_a",
            "So it sends a *ping*: four bytes, and whoever gets them has to answer, and at once.",
        ),
        Text(
            "02_b",
            "## 2. Later\n\nA *ping*: something else, which comes after what has been said.",
        ),
    ]
    (found,) = glossary.collect(texts, NO_RULE)
    assert (found.lesson, found.section) == ("01_a", "1. Hearts")
    assert found.said.startswith("So it sends")


def test_an_explanation_brings_along_the_sentence_that_it_leans_on():
    said = terms(
        "One line, and each message says where it belongs. That is called *multiplexing*. Later more."
    )
    assert said["multiplexing"].startswith("One line")
    assert terms("| `6` | *noop*: nothing, so that a poll has an answer |")["noop"] == (
        "`6` · *noop*: nothing, so that a poll has an answer"
    )


def test_the_glossary_of_the_course_is_whole():
    rule = Rule.read(ROOT / "lessons_src/glossary.toml")
    lessons = [book.read(path) for path in NOTEBOOKS]
    texts = (
        Text(each.name, book.source(cell), book.tags(cell))
        for each in lessons
        for cell in each.cells
        if cell["cell_type"] == "markdown"
    )
    found = glossary.collect(texts, rule)
    names = {term.name.lower() for term in found}
    assert rule.terms | set(rule.explained_in) <= names
    assert not names & rule.emphasis
    page = (ROOT / "notebooks/glossary.md").read_text("utf-8")
    for term in found:
        assert f"**{term.name}**: " in page
        sections = next(each for each in lessons if each.name == term.lesson).sections
        headings = re.findall(
            r"^##+ +(.+)$", "\n".join(book.source(c) for s in sections for c in s.cells), re.M
        )
        assert term.section in ("", *(heading.strip() for heading in headings))


# The site's links


FRAME = Term("frame", "A *frame* has a `head`.", "01_a", "See it")
LINK = '<a class="term" href="glossary.html#frame" title="A frame has a head.">'


def test_the_first_use_of_a_term_in_a_section_leads_to_the_glossary():
    links = Links("02_b", [FRAME])
    assert links.glossed("<p>Two frames, one Frame.</p>", "1") == f"<p>Two {LINK}frames</a>, one Frame.</p>"
    assert links.glossed("<p>iframe, frame-like</p>", "1") == "<p>iframe, frame-like</p>"


UNLINKED = ("<h2>A frame</h2>", "<code>frame</code>", '<a href="x">frame</a>', "<p><em>frame</em></p>")


@pytest.mark.parametrize("page", UNLINKED)
def test_where_no_link_belongs_there_is_none(page):
    assert Links("02_b", [FRAME]).glossed(page, "1") == page


def test_an_output_is_not_touched_and_what_follows_it_is():
    page = '<div class="output"><div><p>frame</p></div></div><p>frame</p>'
    assert Links("02_b", [FRAME]).glossed(page, "1").endswith(f"</div></div><p>{LINK}frame</a></p>")


def test_a_term_is_no_link_before_it_is_explained_nor_where_it_is():
    assert "<a" not in Links("00_start", [FRAME]).glossed("<p>a frame</p>", "1")
    assert "<a" not in Links("01_a", [FRAME]).glossed("<p>a frame</p>", "See it")
    assert "<a" in Links("01_a", [FRAME]).glossed("<p>a frame</p>", "Later")


def test_links_of_the_notebooks_become_links_of_the_site():
    links = Links("02_b", [])
    assert links.to("03_walls.ipynb#A-wall", "walls") == '<a href="03_walls.html#A-wall">walls</a>'
    assert links.to("../notebooks/glossary.md", "words") == '<a href="glossary.html">words</a>'
    assert links.to("#Below", "below") == '<a href="#Below">below</a>'
    assert links.to("../README.md", "read me") == "read me"


# What a class has handed in


def test_a_class_is_read_from_the_files_that_were_handed_in(tmp_path):
    first = Progress(set()).rows()[0][0]
    solved = {(first.number, name) for name in first.exercises}
    Progress(solved, tmp_path).hand_in("Ann <b>")
    Progress(set(), tmp_path).hand_in("Bob")
    (tmp_path / "progress_broken.html").write_text("<p>no progress", "utf-8")
    lines = handed_in.table(tmp_path).splitlines()
    count = len(first.exercises)
    assert lines[0].startswith("Ann <b> ")
    assert f"{count} of " in lines[0]
    assert f"{first.number}: {count}/{count}" in lines[0]
    assert f"{first.number}: 0/{count}" in lines[1]
    assert lines[2] == "(progress_broken.html is no progress that was handed in.)"
    page = (tmp_path / "progress_Ann_b.html").read_text("utf-8")
    assert "Progress of Ann &lt;b&gt;" in page
    assert f"{count} of {count}" in page


def test_a_folder_without_such_files_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="hand_in"):
        handed_in.table(tmp_path)
