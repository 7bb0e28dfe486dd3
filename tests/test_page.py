"""A notebook has no files beside it: each widget carries all of its script and style."""

import re
import subprocess
from pathlib import Path

import pytest

from wirelab.page import script
from wirelab.process.spawning import NODE
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.outage_panel import OutagePanel
from wirelab.widgets.rooms_board import RoomsBoard
from wirelab.widgets.switchboard import Switchboard
from wirelab.widgets.wire import Wire


@pytest.mark.parametrize(
    "widget", [BrowserClient, FrameInspector, OutagePanel, RoomsBoard, Switchboard, Wire]
)
def test_a_widget_needs_no_other_file_and_is_one_module(widget):
    assert re.search(r"^import ", str(widget._esm), re.MULTILINE) is None
    assert str(widget._esm).count("export function make(") == 1
    assert ".wl-widget" not in str(widget._css)
    argv = [NODE, "--check", "--input-type=module", "-"]
    said = subprocess.run(argv, input=str(widget._esm), text=True, encoding="utf-8", capture_output=True)
    assert said.stderr == ""


def files(folder: Path, **sources: str) -> Path:
    """Writes `name.js` for each of `sources`; returns the first."""
    paths = [folder / f"{name}.js" for name in sources]
    for path, source in zip(paths, sources.values(), strict=True):
        path.write_text(source, "utf-8")
    return paths[0]


def test_modules_that_import_each_other_stand_once_each_before_who_needs_them(tmp_path):
    main = files(
        tmp_path,
        main='import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\nexport default a + b;\n',
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b="export const b = 1;\n",
    )
    assert script(main) == "export const b = 1;\n\nexport const a = b;\n\nexport default a + b;\n"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('import { io } from "socket.io-client";\n', "only names of local files"),
        ('import { other as mine } from "./other.js";\n', "only names of local files"),
        ('import * as other from "./other.js";\n', "main.js: write `import"),
        ('export { other } from "./other.js";\n', "main.js: write `import"),
        ('import { other } from "./other.js";\nfunction other() {}\n', "define other more than once"),
        ('import { x } from "./main.js";\n', "main.js imports itself"),
    ],
)
def test_what_cannot_be_written_out_is_refused(tmp_path, source, sentence):
    main = files(tmp_path, main=source, other="export const other = 1;\n")
    with pytest.raises(ValueError, match=re.escape(sentence)):
        script(main)
