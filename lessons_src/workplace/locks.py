"""The locks: which versions of the packages everybody gets, without the name of any server."""

from __future__ import annotations

import json
from pathlib import Path

from workplace.course import RUN_LOCK, TEST_LOCK
from workplace.environment import Environment
from workplace.files import read_json
from workplace.javascript import npm
from workplace.steps import run_or_stop


def write_locks(env: Environment, root: Path, arguments: list[str]) -> None:
    """Remake all locks of the course in `root`; the `arguments` are uv's, such as --upgrade."""
    uv = (env.python, "-m", "uv")
    run_or_stop("Choosing the Python packages", *uv, "lock", *arguments)
    plain = ["--no-emit-project", "--no-annotate", "--no-header", "--no-default-groups", "--group=setup"]
    for path, groups in ((RUN_LOCK, plain), (TEST_LOCK, [*plain, "--group=test"])):
        run_or_stop(f"Writing {path.name}", *uv, "export", *groups, "-o", str(path))
    choose = "update" if arguments else "install"
    run_or_stop("Choosing the JavaScript packages", *npm(env, choose, "--package-lock-only"))
    path = root / "package-lock.json"
    content = read_json(path)
    for package in content["packages"].values():
        package.pop("funding", None)  # the only addresses in it
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
