"""The tests on every Python that the course promises and this machine has; it says which ones it has not.

Libraries and Python itself word things differently from one version to the next (reason phrases, exceptions,
JSON errors), and a server stops differently: neither shows on the one Python that builds the notebooks.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-test.lock"
ENVIRONMENTS = ROOT / ".artefacts" / "pythons"
PYTEST = ["-m", "pytest", "-p", "no:cacheprovider", "--nbval", "--nbval-cell-timeout=60"]
IN_TWO_WORKERS = ["-n", "2", "--dist", "loadfile"]
WHERE_PYTHONS_DIFFER = ["tests/test_stopping.py", "tests/test_rules.py", "notebooks/06_blobs.ipynb"]
"""What has failed on one Python and passed on another."""
OF_THE_LABORATORY = [
    # These test the tools of those who work on the course, which run on one Python.
    *(f"--ignore=tests/{name}" for name in ("browser", "proxies", "test_setup.py", "test_notebooks.py")),
    *(f"--ignore=tests/{name}" for name in ("test_build.py", "test_build_refusals.py", "test_locks.py")),
    "tests",
    "notebooks",
]


def promised() -> list[str]:
    """The versions that pyproject.toml allows, such as "3.11"."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    allowed = SpecifierSet(project["requires-python"])
    return [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in allowed]


def said(*command: str) -> str:
    """What a command prints; nothing if it is not there, or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def candidates(version: str) -> list[str]:
    """Where a Python of that version may be: this one, on the PATH, in pyenv, in uv; the likeliest first."""
    name = f"python{version}"
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv, uv = said("pyenv", "root"), said(sys.executable, "-m", "uv", "python", "dir")
    if pyenv:
        folders += sorted(Path(pyenv, "versions").glob(f"{version}.*/bin"), reverse=True)
    if uv:
        folders += sorted(Path(uv).glob(f"cpython-{version}.*/bin"), reverse=True)
    return [sys.executable, *(str(folder / name) for folder in folders if (folder / name).is_file())]


def find(version: str) -> str | None:
    """A Python of that version on this machine; a shim of pyenv may be there and not run."""
    ask = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
    for python in candidates(version):
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return python
    return None


def environment(version: str, python: str) -> str:
    """The Python of an environment with the test lock's packages, made if it must be."""
    if python == sys.executable:
        return python
    folder = ENVIRONMENTS / version
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = folder / "made-from", f"{python} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        uv = [sys.executable, "-m", "uv", "--quiet"]
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([*uv, "venv", "--python", python, str(folder)], check=True)
        install = [*uv, "pip", "install", "--no-deps", "--require-hashes", "-r", str(LOCK)]
        subprocess.run([*install, "--python", str(inside)], check=True)
        stamp.write_text(wanted, "utf-8")
    return str(inside)


def run(version: str, arguments: list[str]) -> bool | None:
    """Whether the tests pass on that Python; None, said aloud, if the machine has none."""
    python = find(version)
    if python is None:
        print(f"== Python {version}: not on this machine, so nothing was run on it", flush=True)
        return None
    print(f"== Python {version}: {' '.join(arguments)}", flush=True)
    inside = environment(version, python)
    paths = {"PYTHONPATH": ROOT / "lessons_src", "PATH": Path(inside).parent}
    there = {name: f"{first}{os.pathsep}{os.environ.get(name, '')}" for name, first in paths.items()}
    return not subprocess.call([inside, *PYTEST, *arguments], cwd=ROOT, env={**os.environ, **there})


def main(arguments: list[str]) -> int:
    """Run what was named, or the laboratory's tests and all notebooks; the number of Pythons that failed.

    After `--others` it does so on all but this Python.
    """
    versions = promised()
    if arguments[:1] == ["--others"]:
        arguments = arguments[1:]
        versions.remove(f"{sys.version_info.major}.{sys.version_info.minor}")
    chosen = arguments or OF_THE_LABORATORY
    outcomes = {version: run(version, [*IN_TWO_WORKERS, *chosen]) for version in versions}
    words = {True: "passed", False: "FAILED", None: "not on this machine"}
    print("== " + " · ".join(f"Python {version} {words[each]}" for version, each in outcomes.items()))
    return list(outcomes.values()).count(False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
