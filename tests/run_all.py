"""What `python3 lab.py test` runs, once the environment is there: every check, then pytest.

The real products that the tests compare with (debian-packages.txt) are installed first where this is root on
Debian; elsewhere the missing ones are named, and the tests that need them say that they are skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import all_pythons

HERE = Path(__file__).parent
CHECKS = {
    "ruff": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check", "--exclude", "lessons_src/lessons"],
    "mypy": ["-m", "mypy"],
    "biome and tsc": ["tests/javascript.py"],
    "build --check": ["lessons_src/build.py", "--check"],
}
PYTEST = ["-m", "pytest", "--nbval", "--nbval-cell-timeout=120"]
NOTEBOOKS = "notebooks"
FORKED = "tests/conftest.py"  # what is only run with it has its kernels forked
EACH_NOTEBOOK = "tests/test_notebooks.py"
ANSWERS = "tests/test_answers.py"
FORGET = "--cache-clear"  # what failed in an earlier run: only a run of everything is tried again
BROWSER = "tests/browser"
LESSONS = f"{BROWSER}/test_lessons.py"  # the longest first
# So many keep two cores busy without starving what has a time-out.
IN_TWO_WORKERS = ["-n", "2", "--dist", "loadfile"]
# The laboratory's tests wait a part of their time, a browser's half. All browsers share one JupyterLab.
IN_THREE_WORKERS = ["-n", "3", "--dist", "loadfile"]
AS_NAMED = "--no-loadscope-reorder"
# Notebooks wait most of their time, for time-outs above all; the answers to exercises wait, too, but less.
IN_SIX_WORKERS = ["-n", "6", "--dist", "loadfile", AS_NAMED]
IN_EIGHT_WORKERS = ["-n", "8", "--dist", "loadfile", AS_NAMED]  # once over, with nothing beside them


@contextmanager
def no_services(policy: Path = Path("/usr/sbin/policy-rc.d")) -> Iterator[None]:
    """A Debian package starts its service as it is installed. The tests start their own, on free ports."""
    if policy.exists():  # as in most container images, with the same content
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n", "utf-8")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def missing() -> list[str]:
    """The packages of debian-packages.txt whose command is not there."""
    lines = (HERE / "debian-packages.txt").read_text("utf-8").splitlines()
    package_and_command = [line.split() for line in lines if not line.startswith("#")]
    return [package for package, command in package_and_command if not shutil.which(command)]


def install_debian_packages() -> None:
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    names = missing()
    if names and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing the Debian packages {', '.join(names)} ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        apt = ["apt-get", "--quiet", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
        with no_services():
            subprocess.run([*apt, "update"], **quiet)
            if subprocess.run([*apt, "install", *names], **quiet).returncode:
                for name in names:  # one of them may be unknown to this release
                    subprocess.run([*apt, "install", name], **quiet)
    if left := missing():
        print(f"Not installed: {', '.join(left)}. The tests that need them are skipped, and say so.")


def selected(arguments: list[str]) -> dict[str, list[str]]:
    """The runs of pytest: of what was named, of what a change touches, or of everything."""
    if arguments[:1] == ["--changed"]:
        import changed  # it needs what the tests need

        names = changed.touched(changed.changed_files(*arguments[1:]))
        print(f"The change touches {' '.join(names) or 'no test'}.", flush=True)
        return {"pytest": [*PYTEST, *IN_TWO_WORKERS, *names]} if names else {}
    if arguments == [NOTEBOOKS]:
        return {"pytest": [*PYTEST, *IN_EIGHT_WORKERS, FORKED, NOTEBOOKS]}
    if arguments:
        return {"pytest": [*PYTEST, *IN_TWO_WORKERS, *arguments]}
    elsewhere = [f"--ignore={path}" for path in (EACH_NOTEBOOK, ANSWERS, BROWSER)]
    return {
        "pytest": [*PYTEST, FORGET, *IN_THREE_WORKERS, *elsewhere, "tests"],
        "pytest, the notebooks": [*PYTEST, FORGET, *IN_SIX_WORKERS, EACH_NOTEBOOK, NOTEBOOKS, ANSWERS],
        "other Pythons": ["tests/all_pythons.py", "--others", *all_pythons.WHERE_PYTHONS_DIFFER],
        "pytest, in a real browser": [*PYTEST, FORGET, *IN_THREE_WORKERS, AS_NAMED, LESSONS, BROWSER],
    }


def failed_last() -> list[str]:
    """What failed in the last run of pytest: tests by name, a notebook whole (its cells need each other)."""
    cache = HERE.parent / ".pytest_cache/v/cache/lastfailed"
    names = json.loads(cache.read_text("utf-8")) if cache.exists() else {}
    return list(dict.fromkeys(name.partition("::")[0] if ".ipynb::" in name else name for name in names))


def passes_alone(command: list[str]) -> bool:
    """Whether what failed beside other tests passes by itself: on two cores some of them starve.

    It is tried twice, and what passed then is named, so that nobody takes it for sound.
    """
    if FORGET not in command:
        return False
    for _ in range(2):
        names = failed_last()
        if not names:
            return False
        print(f"== once more, by itself, what failed beside others: {', '.join(names)}", flush=True)
        if subprocess.call([sys.executable, *PYTEST, *names]) == 0:
            return True
    return False


def main(arguments: list[str]) -> int:
    """Run everything, whatever fails; the number of what failed."""
    if "--all-pythons" in arguments:
        return all_pythons.main([each for each in arguments if each != "--all-pythons"])
    install_debian_packages()
    failed = []
    for name, command in (CHECKS | selected(arguments)).items():
        print(f"== {name}{', after a failure of ' + ' and '.join(failed) if failed else ''}", flush=True)
        if subprocess.call([sys.executable, *command]) and not passes_alone(command):
            failed.append(name)
    print(f"== {'failed: ' + ' and '.join(failed) if failed else 'everything passed'}", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
