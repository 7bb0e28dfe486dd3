"""The course's plots: what they show and say, and that neither the machine nor the notebook changes them."""

import base64
from io import BytesIO
from itertools import pairwise

import matplotlib
import numpy
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure
from matplotlib.image import imread, imsave

from wirelab.look.svg import INK, PAPER
from wirelab.plots import Plot, bars, gallery, lines, plot
from wirelab.plots.style import SERIES

PANELS = {"bytes": {"binary": 1000.0, "base64": 1333.3}, "milliseconds": {"binary": 3.1, "base64": 0.7}}


@plot
def kept(figure, seen):
    """Keeps the figure, so that a test can look at what was drawn."""
    seen.append(figure)
    axes = figure.subplots()
    axes.bar(["a"], [1])
    return "One bar."


def pixels(made):
    return imread(BytesIO(made.png))


def blob(red, green, blue):
    """A PNG file of one colour."""
    file = BytesIO()
    imsave(file, numpy.full((20, 20, 3), (red, green, blue), dtype=numpy.uint8), format="png")
    return file.getvalue()


def test_the_same_plot_has_the_same_bytes_whatever_the_notebook_has_set():
    first = bars("Title", PANELS, "Words.")
    with matplotlib.rc_context({"font.family": "serif", "figure.facecolor": "black", "axes.linewidth": 9}):
        assert bars("Title", PANELS, "Words.") == first


def test_a_plot_leaves_matplotlib_as_it_was():
    before = dict(matplotlib.rcParams)
    bars("Title", PANELS, "Words.")
    assert dict(matplotlib.rcParams) == before


def test_paper_is_white_and_letters_come_with_matplotlib():
    made = bars("Title", PANELS, "Words.")
    corners = pixels(made)[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 1).all()
    seen = []
    kept(seen)
    (label,) = seen[0].axes[0].get_xticklabels()
    assert label.get_fontname() == "DejaVu Sans"


def test_bars_write_large_values_in_digits(monkeypatch):
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    assert bars("Title", {"echoes": {"one": 19_130.4, "two": 1_234_567.0}}, "Words.")
    assert [text.get_text() for text in figures[0].axes[0].texts] == ["19,130", "1,234,567"]


def test_long_ticks_of_many_panels_do_not_touch(monkeypatch):
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    four = {f"quantity {number}": {"one": 24_278.0, "two": 11_915.0} for number in range(4)}
    assert bars("Title", four, "Words.")
    figures[0].draw_without_rendering()
    letter = 15
    for axes in figures[0].axes:
        low, high = axes.get_xlim()
        ticks = [label for label in axes.get_xticklabels() if low <= label.get_position()[0] <= high]
        boxes = [label.get_window_extent() for label in ticks]
        assert all(later.x0 - box.x1 > letter for box, later in pairwise(boxes))


def test_bars_write_each_value_at_its_bar(monkeypatch):
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    assert bars("Title", PANELS, "Words.").text == "Words."
    written = [[text.get_text() for text in axes.texts] for axes in figures[0].axes]
    assert written == [["1,000", "1,333"], ["3.1", "0.7"]]
    names = [label.get_text() for label in figures[0].axes[0].get_yticklabels()]
    lengths = [[bar.get_width() for bar in axes.patches] for axes in figures[0].axes]
    assert names == ["binary", "base64"]
    assert lengths == [list(values.values()) for values in PANELS.values()]


def test_lines_have_one_name_each_and_go_up_at_least_so_far(monkeypatch):
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    panels = {
        "MiB": {"ours": [(0, 1), (1, 9)], "theirs": [(0, 2)]},
        "ms": {"ours": [(0, 3)], "theirs": [(0, 4)]},
    }
    assert lines("Title", panels, "seconds", "Words.", at_least={"ms": 200}).text == "Words."
    drawn = [[line.get_xydata().tolist() for line in axes.lines] for axes in figures[0].axes]
    assert drawn == [[[[0, 1], [1, 9]], [[0, 2]]], [[[0, 3]], [[0, 4]]]]
    tops = [axes.get_ylim()[1] for axes in figures[0].axes]
    assert 9 <= tops[0] < 12 and tops[1] == 200
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == ["ours", "theirs"]
    dashes = {line.get_linestyle() for line in figures[0].axes[0].lines}
    assert len(dashes) == 2
    with pytest.raises(ValueError, match="one to 5"):
        lines("Title", {"MiB": {}}, "seconds", "Words.")


def test_a_gallery_shows_each_picture_above_its_place_and_says_so():
    made = gallery(
        "Kept", [("gold", "a red square", blob(255, 0, 0)), ("tin", "a blue square", blob(0, 0, 255))]
    )
    assert made.text == "Kept.\nUnder “gold”: a red square.\nUnder “tin”: a blue square."
    image = pixels(made)[..., :3]
    left, right = image[:, : image.shape[1] // 2], image[:, image.shape[1] // 2 :]
    assert ((left == (1, 0, 0)).all(-1)).any()
    assert not ((right == (1, 0, 0)).all(-1)).any()
    assert ((right == (0, 0, 1)).all(-1)).any()
    assert made.kind == "wl-album"  # a photograph is not turned over: its page is dark already
    assert image[0, 0].max() < 0.3 < 0.9 < image.min(-1).max()


def test_a_plot_shows_itself_with_its_words_folded_below():
    InteractiveShell.instance()
    made = Plot(b"\x89PNG", "Less <b>\nthan.")
    with capture_output() as shown:
        made._ipython_display_()
    picture, words = shown.outputs
    assert base64.b64decode(picture.data["image/png"]) == made.png
    assert picture.metadata["image/png"]["alt"] == made.text
    assert "Less &lt;b&gt;<br>than.</details><style>" in words.data["text/html"]
    assert picture.data["text/plain"] == words.data["text/plain"] == made.text


@pytest.mark.parametrize("colour", [INK, *(colour for colour, _ in SERIES)])
def test_each_ink_stands_out_from_the_paper(colour):
    """WCAG 2.2: a contrast of 4.5 for text, and so more than the 3 that graphics need."""

    def light(hexadecimal):
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in matplotlib.colors.to_rgb(hexadecimal)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert (light(PAPER) + 0.05) / (light(colour) + 0.05) >= 4.5


def test_series_differ_without_colour():
    assert len({hatch for _, hatch in SERIES}) == len(SERIES)
