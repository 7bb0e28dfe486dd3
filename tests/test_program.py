"""Programs that lessons show, read by their code."""

import re
from pathlib import Path

import pytest

from builder.lesson import Course
from wirelab import bench

COURSE = Course(Path(__file__).resolve().parents[1])
READ = re.compile(r'bench\.program\("([^"]+)"\)|"lessons_src/programs/([^"]+)"')


def test_a_program_is_read_as_it_is_shown():
    text = bench.program("01/client.js")
    assert text.startswith("const socket = new WebSocket(url);\n") and text.endswith(");\n")


def test_a_program_that_is_missing_is_named_with_those_that_there_are():
    with pytest.raises(FileNotFoundError, match=r"no program .01/clint.js.. Write one of: 01/cli"):
        bench.program("01/clint.js")


@pytest.mark.parametrize("lesson", COURSE.lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_uses_all_programs_that_it_shows_and_none_that_no_lesson_up_to_it_shows(lesson):
    code = "\n".join(cell.source for cell in lesson.cells if cell.kind == "code")
    used = {first or second for first, second in READ.findall(code)}
    programs = list(COURSE.programs(lesson).glob("*.*"))
    shown = {f"{lesson.number}/{path.name}" for path in programs}
    for page in programs:
        if page.suffix == ".html":  # it loads its scripts itself
            scripts = re.findall(r'src="(\w+\.js)"', page.read_text("utf-8"))
            used |= {f"{lesson.number}/{name}" for name in scripts}
    earlier = {name for name in used if name < f"{lesson.number}/"}
    assert used - earlier == shown
    assert [name for name in earlier if not (COURSE.code / "programs" / name).is_file()] == []
