#!/usr/bin/env python3
"""From WebSocket to Socket.IO: this opens the course, and first sets up whatever is missing.

  python3 lab.py                 open your copies of the lessons in JupyterLab (Ctrl-C twice ends it)
  python3 lab.py --port 9000     on this port, instead of 8888 or the next one that is free
  python3 lab.py --no-browser    without opening a browser: the address is printed
  python3 lab.py fresh 03        make your copy of lesson 03 as new; the old one is kept under another name
  python3 lab.py slides 01       make slides of lesson 01: one HTML page that needs no network
  python3 lab.py teacher 01      make a page to print for whoever teaches lesson 01; without a number, of all
  python3 lab.py site            make a site of all lessons, from files, without a network; "site --to FOLDER"
  python3 lab.py handed-in DIR   what a class has solved: reads the files that pupils have handed in
  python3 lab.py setup           set up only
  python3 lab.py test            run every test; "test tests/test_trace.py -k name" runs some of them
  python3 lab.py test --all-pythons    the laboratory and the notebooks on each Python that this machine has

For those who work on the course:
  python3 lab.py build           make the notebooks from lessons_src/lessons; "build --check" only compares
  python3 lab.py bench wire      run the measurement tests/bench_wire.py
  python3 lab.py lock            remake the locks after a change of pyproject.toml or package.json. Versions
                                 stay as in uv.lock; without one (git has none) or with --upgrade: the newest

The packages go into the folders .venv and node_modules beside this file: delete the two, and they are gone.
Your copies, and what you have solved, are in the folder my_course; what you wrote is never overwritten.
"""

import argparse
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import webbrowser
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
FIRST_PAGE = "my_course/00_start_here.ipynb"

# A Python 3.6 must be able to read this file, and to run it down to here, for its sentence.
project = (ROOT / "pyproject.toml").read_text("utf-8")
oldest, too_new = map(int, re.findall(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project)[0])
if not (3, oldest) <= sys.version_info[:2] < (3, too_new):
    sys.exit(
        f"This course needs Python 3.{oldest} to 3.{too_new - 1}, and this is Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}: install one of those and start lab.py with it "
        f"(for example: python3.{too_new - 1} lab.py)."
    )

sys.path.insert(0, str(ROOT / "lessons_src"))
from workplace import copies, desk  # noqa: E402
from workplace.course import ME, RUN_LOCK, TEST_LOCK, VENV  # noqa: E402
from workplace.environment import RUNNING, Environment, environment  # noqa: E402
from workplace.files import write  # noqa: E402
from workplace.javascript import install_javascript  # noqa: E402
from workplace.locks import write_locks  # noqa: E402
from workplace.steps import complaint, step  # noqa: E402
from workplace.turns import one_at_a_time  # noqa: E402

# --- Set-up ---


def place_copies(env: Environment, renewed: str | None = None) -> desk.Desk:
    """The folder in which the learner works, its copies made and up to date, and `renewed` as new."""
    place = desk.find(ROOT)
    waiting = "Another lab.py is at your copies of the lessons: this one waits until it is done."
    with one_at_a_time(place.copies / ".lock", waiting):
        try:
            changes = copies.bring(ROOT / "notebooks", place.copies)
            if renewed is not None:
                again = copies.renew(ROOT / "notebooks", place.copies, renewed)
                changes = copies.Changes(changes.written + again.written, changes.said + again.said)
        except copies.Refusal as refusal:
            sys.exit(str(refusal).replace("lab.py", ME))
    if changes.written:
        with step(f"Copying lessons to {place.copies}"):
            # So that its outputs are shown at once; without it, once its cells have run: no failure stops us.
            complaint(env.python, "-m", "nbformat.sign", *map(str, changes.written))
    print(*changes.said, sep="\n", end="\n" if changes.said else "")
    return place


def set_up(lock: Path) -> Environment:
    waiting = "Another lab.py sets the course up: this one waits until it is done."
    with one_at_a_time(ROOT / ".set-up.lock", waiting):
        env = environment(lock)
        install_javascript(env, lock)
        write(env.packages / "lessons_src.pth", f"{ROOT / 'lessons_src'}\n")
        # Without this, JupyterLab begins with a question about news, and shows a page as its source.
        no_news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        rendered = {"defaultViewers": {"markdown": "Markdown Preview"}}
        viewers = {"@jupyterlab/docmanager-extension:plugin": rendered}
        for name, content in (("page_config", no_news), ("default_setting_overrides", viewers)):
            write(env.prefix / f"etc/jupyter/labconfig/{name}.json", json.dumps(content))
    for name, first in (("PYTHONPATH", ROOT / "lessons_src"), ("PATH", Path(env.python).parent)):
        os.environ[name] = os.pathsep.join(filter(None, (str(first), os.environ.get(name))))
    return env


# --- Commands ---


def become(*command: str) -> int:
    """End as another program. On POSIX it takes over this process, so that a signal to lab.py reaches it."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        with suppress(KeyboardInterrupt):  # the child has got it too
            return child.wait()


def free_port(wanted: int | None) -> int:
    for port in range(8888, 8988) if wanted is None else [wanted]:
        with socket.socket() as probe, suppress(OSError, OverflowError):
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    sys.exit(f"Port {wanted or 8888} is not free: choose another one after --port, or leave --port out.")


def open_course(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(add_help=False)
    unclear = "lab.py does not understand this ({}): see " + ME + " --help."
    parser.error = lambda message: sys.exit(unclear.format(message))  # type: ignore[method-assign]
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args(arguments)
    free_port(options.port)  # rather now than after the set-up
    env = set_up(RUN_LOCK)
    place = place_copies(env)
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        return point_to_the_hub(env, place)
    port = free_port(options.port)
    if options.port is None and port != 8888:
        print(f"Port 8888 is busy, so the course opens on port {port}.")
    token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))
    page = f"/lab/tree/{FIRST_PAGE}"
    command = [env.python, "-m", "jupyterlab", "--log-level=WARN"]
    command += [f"--ServerApp.root_dir={place.root}", f"--LabApp.default_url={page}"]
    # The address is what is printed below, whatever a configuration of the user's own says.
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.base_url=/", "--ServerApp.certfile="]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command.append("--ServerApp.kernel_websocket_connection_class=wirelab.jupyter.PromptConnection")
    if os.name != "nt" and os.geteuid() == 0:
        command.append("--allow-root")  # the user of most containers
    says = "The course opens in your browser. Its address:"
    try:
        webbrowser.get()
    except webbrowser.Error:
        options.no_browser, says = True, "No browser was found. Open this address in one:"
    if options.no_browser:
        command.append("--no-browser")
    print(f"{says}\n  http://127.0.0.1:{port}{page}?token={token}\nCtrl-C twice ends it.")
    return become(*command)


def point_to_the_hub(env: Environment, place: desk.Desk) -> int:
    """On a JupyterHub there is a JupyterLab already, and no way to another one."""
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    served = os.environ.get("JUPYTER_SERVER_ROOT") or Path.home()
    try:
        page = quote((place.root / FIRST_PAGE).relative_to(served).as_posix())
        print(f"You are on a JupyterHub. The course opens at this address of it:\n  {prefix}lab/tree/{page}")
    except ValueError:  # it is in a folder that this JupyterLab does not show
        print(f"You are on a JupyterHub: open {place.root / FIRST_PAGE} in its JupyterLab.")
    if env is not RUNNING:
        sys.exit(f"The hub's notebooks do not see {VENV}: its own Python needs the packages of {RUN_LOCK}.")
    return 0


def setup(arguments: list[str]) -> int:
    place_copies(set_up(RUN_LOCK))
    print(f"All is set up: {ME} opens the course.")
    return 0


def fresh(arguments: list[str]) -> int:
    place_copies(set_up(RUN_LOCK), " ".join(arguments))
    return 0


def slides(arguments: list[str]) -> int:
    env = set_up(RUN_LOCK)
    return become(env.python, "-m", "slides", str(desk.find(ROOT).root / "slides"), *arguments)


def handed_in(arguments: list[str]) -> int:
    return become(set_up(RUN_LOCK).python, "-m", "pages.handed_in", *arguments)


def pages(what: str, arguments: list[str]) -> int:
    env = set_up(RUN_LOCK)
    return become(env.python, "-m", "pages", what, str(desk.find(ROOT).root / what), *arguments)


def test(arguments: list[str]) -> int:
    return become(set_up(TEST_LOCK).python, "tests/run_all.py", *arguments)


def build(arguments: list[str]) -> int:
    return become(set_up(TEST_LOCK).python, "lessons_src/build.py", *arguments)


def bench(arguments: list[str]) -> int:
    known = sorted(path.stem.removeprefix("bench_") for path in ROOT.glob("tests/bench_*.py"))
    if not arguments or arguments[0] not in known:
        sys.exit(f"Say which measurement: {ME} bench {' or '.join(known)}.")
    return become(set_up(TEST_LOCK).python, f"tests/bench_{arguments[0]}.py", *arguments[1:])


def lock(arguments: list[str]) -> int:
    write_locks(environment(RUN_LOCK), ROOT, arguments)
    return 0


def main(arguments: list[str]) -> int:
    if os.pathsep in str(ROOT):
        sys.exit(f"The folder {ROOT} must not have a {os.pathsep!r} in its name: rename it, then start {ME}.")
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, every start of JupyterLab takes 3 s longer
    name, *more = arguments or [""]
    if name in ("-h", "--help", "help") or (name != "build" and {"-h", "--help"} & set(more)):
        print(__doc__.strip().replace("python3 lab.py", ME))
        return 0
    if not name or name.startswith("-"):
        return open_course(arguments)
    commands = {"fresh": fresh, "slides": slides, "setup": setup, "test": test, "build": build}
    commands |= {"handed-in": handed_in, "bench": bench, "lock": lock}
    commands |= {what: partial(pages, what) for what in ("teacher", "site")}
    if name not in commands:
        sys.exit(f"lab.py has no command {name!r}, only {', '.join(commands)}: see {ME} --help.")
    return commands[name](more)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(f"Stopped. {ME} goes on where this ended.")
    except OSError as error:
        sys.exit(
            f"{error.filename} could not be used ({error.strerror}): put the course into a folder that "
            f"you may write to, on a disk that is not full, and start {ME} there."
        )
