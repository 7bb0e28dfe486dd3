"""What the build records of demos: kept while it shows the same, and as small as what has changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from builder import camera
from builder.camera import WIDGET_VIEW, Camera
from builder.lesson import Course, Lesson
from pages.films import Films, inspected
from wirelab import recording
from wirelab.boss import Row, raw_websockets, review
from wirelab.boss.scenarios import people
from wirelab.look.picture import Picture, name_of
from wirelab.widgets import film
from wirelab.widgets.wire import Wire

LESSON = Lesson("01_echo", ())


def told(seconds: float, **state: object) -> tuple[float, dict[str, object]]:
    moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + seconds
    return moment, {"type": "state", **state}


def shots_of(states: list[tuple[float, dict[str, object]]]) -> dict[str, object]:
    kept = Camera.__new__(Camera)
    kept._begin = 0.0
    kept._end = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC).timestamp()
    kept._names, kept._films = {"id": "wirelab.widgets.heartbeats.widget.HeartbeatPanel"}, {"id": states}
    return kept.shots({"cell": ["id"]}, {})


def test_a_film_has_of_each_state_what_has_changed():
    first, second = {"said": "a", "ends": [], "up": {}}, {"said": "a", "ends": [1], "up": {}}
    shots = shots_of([told(0, **first), told(1.5, **second), told(2, **second), told(11, said="gone")])
    assert shots == {
        "cell": [
            {
                "widget": "HeartbeatPanel",
                "frames": [[0.0, {"type": "state", "said": "a", "ends": [], "up": {}}], [1.5, {"ends": [1]}]],
            }
        ]
    }


def test_what_never_moved_is_no_film():
    assert shots_of([told(0, said="a")]) == {}


def test_cells_are_known_by_their_widgets_and_their_pictures():
    page = Picture("<svg/>", "A wire").to_html()
    book = new_notebook(cells=[new_code_cell("x", id="one"), new_code_cell("y", id="two")])
    book.cells[0].outputs = [
        new_output("display_data", {WIDGET_VIEW: {"model_id": "abc"}, "text/html": page})
    ]
    book.cells[1].outputs = [new_output("display_data", {"text/html": page}), new_output("stream", text="z")]
    assert camera.views(book) == {"one": ["abc"], "two": [name_of(page)]}


def test_recordings_stay_while_the_notebook_shows_the_same(tmp_path):
    course = Course(tmp_path)
    course.notebooks.mkdir()
    book = new_notebook(cells=[new_code_cell("x", id="one")])
    first, second = ({"one": [{"widget": name}]} for name in ("Wire", "Timeline"))
    path = course.recordings(LESSON)
    camera.keep(course, LESSON, first, book, None)
    before = path.read_bytes()
    camera.keep(course, LESSON, second, book, book)
    assert path.read_bytes() == before
    changed = new_notebook(cells=[new_code_cell("y", id="two")])
    camera.keep(course, LESSON, second, changed, book)
    assert camera.read(path)["shots"] == second
    (tmp_path / "lessons_src/wirelab/widgets").mkdir(parents=True)
    (tmp_path / "lessons_src/wirelab/widgets/wire.js").write_text("// draws otherwise", "utf-8")
    camera.keep(course, LESSON, first, changed, changed)
    assert camera.read(path)["shots"] == first
    camera.keep(course, LESSON, {}, book, changed)
    assert not path.exists()


async def test_a_wire_comes_back_as_it_was_and_its_review_with_it(tmp_path):
    found = await review(raw_websockets(), [Row("has rooms", people.rooms)])
    trace = found.findings[0].traces[0]
    wire = Wire(trace, "HTTP")
    wire.model.end_here()
    shelf = film._Shelf()
    shots = {"cell": [shelf.wire(wire)], "reviews": [shelf.review(found)], "traces": shelf.lines}
    course = Course(tmp_path)
    course.notebooks.mkdir()
    camera.keep(course, LESSON, shots, new_notebook(), None)
    films = Films(course.recordings(LESSON))
    (shown,) = films.of_cell("cell")
    expected = wire.recording()
    for name, layer in expected["layers"].items():
        assert shown["recording"]["layers"][name]["arrows"] == layer["arrows"]
        assert shown["recording"]["layers"][name]["details"] == layer["details"]
    assert shown["recording"]["layer"] == "HTTP"
    assert list(films.of_review(0)) == ["1"]
    assert films.of_review(1) == {}
    assert len(shelf.lines) == 1  # one trace, however many wires show it


def test_a_recording_without_a_file_is_none(tmp_path):
    films = Films(tmp_path / "none.json.gz")
    assert films.of_cell("x") == []
    assert films.reviews == 0


def test_the_lines_of_a_trace_are_read_again():
    with pytest.raises(ValueError, match="Line 1 of the recording"):
        recording.loads(["{}"])


def test_the_inspector_has_an_answer_to_each_single_flip():
    states = inspected()["states"]
    first = states["1 client fin"]
    flips = [key for key in states if key.startswith("1 client fin ")]
    assert len(flips) == len(first["bits"]) > 80
    assert states["1 client fin 1"]["mark"] == "✗"  # RSV1
