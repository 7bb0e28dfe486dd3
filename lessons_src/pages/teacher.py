"""A lesson for whoever teaches it, as one page to print: timing, predictions, exercises, what goes wrong."""

from __future__ import annotations

import html
import re
from pathlib import Path

from pages import markup
from pages.book import Book, Exercise, Prediction, Section, exercises, source, tags
from pages.markup import Cell
from wirelab.exercise.verdict import as_html

_HERE = Path(__file__).parent
_BOX = re.compile(r"</?details[^>]*>|<summary>.*?</summary>")
_QUESTION = re.compile(r"<details><summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
_TASKS = re.compile(r"^\d+\. ", re.MULTILINE)


def page(book: Book, folder: Path) -> str:
    """One HTML page of its own; `folder` has the lesson's pictures."""
    parts = "".join(filter(None, (_section(book, section, folder) for section in book.sections)))
    style = (_HERE / "teacher.css").read_text("utf-8") + markup.code_style()
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>For the teacher: {html.escape(book.title)}</title>
<style>{style}</style></head>
<body><header><p>From WebSocket to Socket.IO · for the teacher</p><h1>{html.escape(book.title)}</h1>
{_promise(book, folder)}</header>
{_timetable(book)}
{parts}
</body></html>
"""


def _promise(book: Book, folder: Path) -> str:
    text = re.sub(r"^# .*\n+", "", source(book.sections[0].cells[0]))
    return markup.markdown(text, folder)


def _timetable(book: Book) -> str:
    """Minutes by section as they pass, and the exercises beside them."""
    rows, passed = [], 0.0
    for section in book.sections:
        tasks = [f"{as_html(each.title)} ({each.minutes} min, {each.level})" for each in exercises(section)]
        asked = len(list(book.predictions(section)))
        rows.append(
            f"<tr><td>{_clock(passed)}</td><td>{as_html(section.title or 'Promise')}</td>"
            f"<td>{section.minutes:.1f}</td><td>{asked or ''}</td><td>{'<br>'.join(tasks)}</td></tr>"
        )
        passed += section.minutes
    extra = sum(each.minutes for section in book.sections for each in exercises(section))
    head = "".join(
        f"<th>{each}</th>" for each in ("at", "section", "minutes", "predic&shy;tions", "exercises, on top")
    )
    end = (_clock(passed), "the end", str(book.minutes), "", f"{extra} min")
    foot = "".join(f"<td>{each}</td>" for each in end)
    return (
        f'<table class="timing"><caption>Timing</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr>{foot}</tr></tfoot></table>"
        '<p class="fine">Computed: 200 words of text and 11 lines of code a minute, half a minute for each '
        "cell to run and each prediction. A class that discusses its predictions needs more.</p>"
    )


def _clock(minutes: float) -> str:
    return f"0:{int(minutes + 0.5):02}"


def _section(book: Book, section: Section, folder: Path) -> str:
    """What a teacher needs of a section; nothing if that is nothing."""
    parts = [_prediction(each) for each in book.predictions(section)]
    parts += [_exercise(each, folder) for each in exercises(section)]
    parts += _notes(section, folder)
    if not parts:
        return ""
    return f"<section><h2>{as_html(section.title or 'Before you begin')}</h2>{''.join(parts)}</section>"


def _notes(section: Section, folder: Path) -> list[str]:
    """The boxes for the teacher, each after the tasks that it answers; and the questions of the recap."""
    found, before = [], ""
    for cell in section.cells:
        text = source(cell)
        if cell["cell_type"] != "markdown" or "exercise" in tags(cell):
            continue
        if "teacher" in tags(cell):
            tasks = f'<div class="tasks">{before}</div>' if before else ""
            found.append(f'<div class="note">{tasks}{markup.markdown(_BOX.sub("", text), folder)}</div>')
            before = ""
        else:
            found += _recap(text, folder)
            before = _tasks(cell, folder)
    return found


def _tasks(cell: Cell, folder: Path) -> str:
    """A cell that sets things to try."""
    text = source(cell)
    return markup.markdown(re.sub(r"^#+ .*\n", "", text), folder) if _TASKS.search(text) else ""


def _recap(text: str, folder: Path) -> list[str]:
    """The questions of a recap, with their answers, and what it gives to try."""
    found = []
    if "### Three questions" in text:
        pairs = _QUESTION.findall(text)
        questions = "".join(
            f"<dt>{question}</dt><dd>{markup.markdown(answer.strip(), folder)}</dd>"
            for question, answer in pairs
        )
        found.append(f"<h3>Three questions</h3><dl>{questions}</dl>")
    if tries := re.search(r"^### Things to try\n(.*?)(?=^### |\Z)", text, re.DOTALL | re.MULTILINE):
        found.append(f"<h3>Things to try</h3>{markup.markdown(tries[1].strip(), folder)}")
    return found


def _prediction(asked: Prediction) -> str:
    options = "".join(_option(asked, letter) for letter in asked.options)
    return (
        f'<div class="prediction"><p><b>Prediction.</b> {as_html(asked.text)}</p><ul>{options}</ul>'
        f"<p>{as_html(asked.because)}</p></div>"
    )


def _option(asked: Prediction, letter: str) -> str:
    said = f"<b>{letter}</b> {as_html(asked.options[letter])}"
    if letter == asked.answer:
        return f'<li class="right">✓ {said}</li>'
    reply = asked.replies.get(letter, "")
    return f"<li>{said}{f' <span class=reply>{as_html(reply)}</span>' if reply else ''}</li>"


def _exercise(task: Exercise, folder: Path) -> str:
    head = f"<h3>Exercise: {as_html(task.title)} <small>{task.minutes} minutes, {task.level}</small></h3>"
    fold = f"<details><summary>The solution</summary>{markup.code(task.solution)}</details>"
    return f'<div class="exercise">{head}{markup.markdown(task.task, folder)}{fold}</div>'
