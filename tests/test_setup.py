"""lab.py: sets up once from nothing, then does nothing again; and says in one sentence what is in its way."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
import run_all

from workplace.turns import one_at_a_time

ROOT = Path(__file__).parent.parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and permissions as POSIX has them")
ME = "python lab.py" if os.name == "nt" else "python3 lab.py"
OURS = ("PYTHONPATH", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "JUPYTER_TOKEN")
PLAIN = {name: value for name, value in os.environ.items() if name not in OURS}
# A Python without the course's packages, also where the tests run in conda.
OUTSIDE, HIDE = sys._base_executable, "sys.modules['packaging'] = None"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def start(course: Path, *arguments: str, before: str = HIDE, python: str = OUTSIDE, **variables: str):
    """Start lab.py as a process of its own, with `before` run in it first."""
    shim = f"import runpy, sys\n{before}\nsys.argv = {['lab.py', *arguments]!r}\n"
    return subprocess.Popen(
        [python, "-c", f"{shim}runpy.run_path('lab.py', run_name='__main__')"],
        cwd=course,
        env={**PLAIN, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def outcome(process: subprocess.Popen) -> tuple[str, str, int]:
    out, err = process.communicate(timeout=100)
    return out, err, process.returncode


def sentence(*arguments, **how) -> str:
    """The one sentence with which lab.py fails."""
    _, err, code = outcome(start(*arguments, **how))
    assert code == 1
    assert re.fullmatch(r"[^\n]+\.\n", err), err
    return err


def copy_of_the_course(folder: Path) -> Path:
    for name in ("lab.py", "pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, folder)
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, folder)
    (folder / "lessons_src/wirelab").mkdir(parents=True)
    (folder / "lessons_src/wirelab/__init__.py").touch()
    shutil.copy(ROOT / "lessons_src/wirelab/jupyter.py", folder / "lessons_src/wirelab")
    shutil.copytree(ROOT / "lessons_src/workplace", folder / "lessons_src/workplace")
    (folder / "notebooks").mkdir()
    (folder / "notebooks/00_start_here.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
    return folder


@pytest.fixture
def bare(tmp_path):
    return copy_of_the_course(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The course after one set-up from nothing (but the caches of this machine)."""
    course = copy_of_the_course(tmp_path_factory.mktemp("course with a blank"))
    out, err, code = outcome(start(course, "setup"))
    assert code == 0, err
    lines = out.splitlines()
    assert [line.partition(" ...")[0] for line in lines] == [
        "Making the Python environment .venv",
        "Installing uv, which installs the rest,",
        "Installing the Python packages",
        "Installing the JavaScript packages",
        f"Copying lessons to {course / 'my_course'}",
        f"All is set up: {ME} opens the course.",
    ]
    assert all(re.search(r" \.\.\. \d+\.\d s$", line) for line in lines[:-1])
    assert (course / "node_modules/socket.io").is_dir()
    assert not (course / "node_modules/typescript").exists()  # only who runs the tests needs it
    return course


def own_python(course: Path) -> str:
    return str(course / (".venv/Scripts/python.exe" if os.name == "nt" else ".venv/bin/python"))


def steps(course: Path, **how) -> list[str]:
    out, err, code = outcome(start(course, "setup", **how))
    assert code == 0, err
    return out.splitlines()[:-1]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def no_network(folder: Path) -> dict[str, str]:
    nowhere = f"http://127.0.0.1:{closed_port()}/"
    return {
        "PIP_CONFIG_FILE": os.devnull,
        **dict.fromkeys(("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "npm_config_registry"), nowhere),
        **dict.fromkeys(("PIP_CACHE_DIR", "UV_CACHE_DIR", "npm_config_cache"), str(folder)),
        **dict.fromkeys(("PIP_FIND_LINKS", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), ""),
    }


# --- set-up ---


def test_the_second_time_does_nothing(made):
    assert steps(made) == []


def test_the_environment_finds_the_laboratory_and_jupyter_asks_for_no_news(made):
    subprocess.run([own_python(made), "-c", "import wirelab, socketio"], env=PLAIN, check=True)
    page = json.loads((made / ".venv/etc/jupyter/labconfig/page_config.json").read_text("utf-8"))
    assert page == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    settings = (made / ".venv/etc/jupyter/labconfig/default_setting_overrides.json").read_text("utf-8")
    assert '"defaultViewers": {"markdown": "Markdown Preview"}' in settings


def test_only_a_changed_lesson_is_copied_again_and_jupyter_trusts_the_copy(made):
    notebook = made / "notebooks/00_start_here.ipynb"
    notebook.write_text(json.dumps(NOTEBOOK | {"metadata": {"changed": True}}), "utf-8")
    assert [line.split(" ...")[0] for line in steps(made)] == [f"Copying lessons to {made / 'my_course'}"]
    assert steps(made) == []
    trusted = "import sys, nbformat, nbformat.sign as s; nb = nbformat.read(sys.argv[1], 4); "
    trusted += "print(s.NotebookNotary().check_signature(nb))"
    copy, strange = made / "my_course/00_start_here.ipynb", made / "strange.ipynb"
    strange.write_text(json.dumps(NOTEBOOK | {"metadata": {"from": "a stranger"}}), "utf-8")
    for path, answer in ((copy, "True\n"), (strange, "False\n")):
        assert subprocess.check_output([own_python(made), "-c", trusted, path], text=True) == answer


def test_fresh_keeps_the_old_copy(made):
    copy = made / "my_course/00_start_here.ipynb"
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "a note"}
    copy.write_text(json.dumps(NOTEBOOK | {"cells": [cell]}), "utf-8")
    out, err, code = outcome(start(made, "fresh", "0"))
    assert (code, err) == (0, "")
    assert "00_start_here.ipynb is as new, and what you wrote is in '00_start_here (old 1).ipynb'." in out
    assert "a note" in (made / "my_course/00_start_here (old 1).ipynb").read_text("utf-8")
    assert "a note" not in copy.read_text("utf-8")
    said = sentence(made, "fresh", "77")
    assert said == f"Say which lesson shall be fresh, as in `{ME} fresh 03`. The lessons are 00_start_here.\n"


@pytest.mark.parametrize("lost", ["websockets-*.dist-info", "tornado", "aiohttp/web.py"])
def test_a_lost_package_is_put_back(made, lost):
    python, javascript = next(made.glob(f".venv/**/site-packages/{lost}")), made / "node_modules/ws"
    kind = Path.is_dir if python.is_dir() else Path.is_file
    for path in (python, javascript):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert [line.split(" ...")[0] for line in steps(made)] == [
        "Installing the Python packages",
        "Installing the JavaScript packages",
    ]
    assert kind(python)
    assert javascript.is_dir()
    assert steps(made) == []


@pytest.mark.parametrize("lost", ["tornado", "tornado/web.py"])
def test_a_damaged_environment_of_the_users_own_is_not_taken_for_whole(made, lost):
    path = next(made.glob(f".venv/**/site-packages/{lost}"))
    path.rename(path.with_name("elsewhere"))
    ask = "import lab; from workplace import environment; print(environment.has(lab.RUN_LOCK))"
    without = subprocess.check_output([own_python(made), "-c", ask], cwd=made, text=True)
    path.with_name("elsewhere").rename(path)
    assert without == "False\n"
    assert subprocess.check_output([own_python(made), "-c", ask], cwd=made, text=True) == "True\n"


def test_two_at_once_set_up_one_after_the_other(tmp_path):
    course = copy_of_the_course(tmp_path)
    with one_at_a_time(course / ".set-up.lock", ""):
        first, second = start(course, "setup"), start(course, "setup")
        waiting = "Another lab.py sets the course up: this one waits until it is done.\n"
        assert [process.stdout.readline() for process in (first, second)] == [waiting] * 2
    said = [outcome(process) for process in (first, second)]
    assert [(err, code) for _, err, code in said] == [("", 0)] * 2
    assert sorted(len(out.splitlines()) for out, _, _ in said) == [1, 6]


@POSIX
def test_it_opens_on_the_next_free_port_without_a_browser_and_a_signal_ends_it(made):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it: just as good
            taken.bind(("127.0.0.1", 8888))
            taken.listen()
        lab = start(made, PATH="")
        busy, found, address, end = (lab.stdout.readline() for _ in range(4))
    try:
        assert re.fullmatch(r"Port 8888 is busy, so the course opens on port \d+\.\n", busy)
        assert found.startswith("No browser was found." if sys.platform == "linux" else "The course opens")
        assert end == "Ctrl-C twice ends it.\n"
        assert b"JupyterLab" in first_answer(address.strip(), lab)
        lab.terminate()
        assert lab.wait(20) == 0
    finally:
        lab.kill()
        outcome(lab)


def first_answer(address: str, lab: subprocess.Popen) -> bytes:
    while lab.poll() is None:
        try:
            return urllib.request.urlopen(address, timeout=30).read()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("the Lab ended before it answered")


def test_an_environment_that_has_the_packages_is_used_as_it_is(made, bare):
    said = [line.split(" ...")[0] for line in steps(bare, python=own_python(made), before="")]
    assert said == ["Installing the JavaScript packages", f"Copying lessons to {bare / 'my_course'}"]
    assert not (bare / ".venv").exists()


# --- somewhere else than on one's own machine ---


@POSIX
def test_a_configuration_of_the_users_own_does_not_change_the_address(made, tmp_path):
    (tmp_path / "jupyter_server_config.py").write_text(
        "c.ServerApp.base_url = '/elsewhere/'\nc.ServerApp.certfile = '/no/such/file'\n", "utf-8"
    )
    lab = start(made, "--no-browser", JUPYTER_CONFIG_DIR=str(tmp_path))
    try:
        address = next(line for line in lab.stdout if line.startswith("  http"))
        assert b"JupyterLab" in first_answer(address.strip(), lab)
    finally:
        lab.kill()
        outcome(lab)


@POSIX
def test_on_a_hub_it_says_where_the_running_jupyterlab_has_the_course(made):
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTER_SERVER_ROOT": str(made.parent)}
    out, err, code = outcome(start(made, python=own_python(made), before="", **hub))
    assert (err, code) == ("", 0)
    blank = quote(f"{made.name}/my_course/00_start_here.ipynb")
    assert out.splitlines()[-1] == f"  /user/ada/lab/tree/{blank}"
    # Here lab.py has an environment of its own, and the hub's notebooks another one.
    elsewhere, err, code = outcome(start(made, **hub | {"JUPYTER_SERVER_ROOT": "/nowhere"}))
    assert f"open {made / 'my_course/00_start_here.ipynb'} in its JupyterLab" in elsewhere
    assert code == 1
    assert "its own Python needs the packages of" in err


@POSIX
def test_where_the_course_is_for_reading_only_the_copies_are_at_home(made, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    shutil.rmtree(made / "my_course", ignore_errors=True)
    made.chmod(0o555)
    # Root may write everywhere, unless it drops that capability for the program that it becomes.
    become = "os.execv(sys.executable, [sys.executable, 'lab.py', 'setup'])"
    drop = f"import ctypes, os; ctypes.CDLL(None).prctl(24, 1); {become}"
    out, err, code = outcome(start(made, "setup", before=HIDE if os.geteuid() else drop, HOME=str(home)))
    made.chmod(0o755)
    assert (err, code) == ("", 0)
    assert f"Copying lessons to {home}/websocket-to-socketio/my_course ..." in out
    assert (home / "websocket-to-socketio/my_course/00_start_here.ipynb").is_file()


@POSIX
def test_binder_starts_jupyter_with_the_laboratory_and_the_copies(made):
    shutil.copy(ROOT / "start", made)
    shutil.rmtree(made / "my_course", ignore_errors=True)
    path = os.pathsep.join([str(made / ".venv/bin"), PLAIN["PATH"]])
    said = subprocess.check_output(
        ["bash", "start", "python", "-c", "import wirelab; print('laboratory')"],
        cwd=made,
        env=PLAIN | {"PATH": path},
        text=True,
    )
    assert said == "laboratory\n"
    assert (made / "my_course/00_start_here.ipynb").is_file()


# --- one sentence ---


@POSIX
def test_a_folder_whose_name_splits_a_path(bare):
    course = bare / "10:30"
    course.mkdir()
    said = sentence(copy_of_the_course(course), "setup")
    assert said.startswith(f"The folder {course} must not have a ':' in its name: rename it")


def test_it_is_written_so_that_an_old_python_reads_it():
    ast.parse((ROOT / "lab.py").read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 1), (3, 15, 0), (4, 0, 0)])
def test_a_python_too_old_or_too_new(bare, version):
    said = sentence(bare, before=f"sys.version_info = {version}")
    assert said.startswith(
        f"This course needs Python 3.11 to 3.14, and this is Python {version[0]}.{version[1]}: install one"
    )


def test_no_ensurepip(bare):
    said = sentence(bare, before=f"{HIDE}; sys.modules['ensurepip'] = None")
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in said


def test_no_network(bare, tmp_path):
    said = sentence(bare, **no_network(tmp_path / "cache"))
    assert said.startswith("Installing uv, which installs the rest, did not work, because the download")


def test_npm_fails(made, bare, tmp_path):
    said = sentence(bare, python=own_python(made), before="", **no_network(tmp_path / "cache"))
    assert said.startswith("Installing the JavaScript packages did not work, because the download failed")


def test_npm_refuses(made, bare):
    (bare / "package.json").write_text("not JSON", "utf-8")
    said = sentence(bare, python=own_python(made), before="")
    assert said.startswith("Installing the JavaScript packages did not work (npm error")


@POSIX
def test_no_permission_to_write(bare):
    # Root may write everywhere, until it drops that capability for the program that it becomes.
    become = "os.execv(sys.executable, [sys.executable, 'lab.py'])"
    drop = f"import ctypes, os; ctypes.CDLL(None).prctl(24, 1); {become}"
    bare.chmod(0o555)
    said = sentence(bare, before=HIDE if os.geteuid() else drop)
    bare.chmod(0o755)
    assert re.match(r"\S+\.venv could not be used \(Permission denied\): put the course into a folder", said)


@POSIX
def test_ctrl_c(bare, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silence = no_network(tmp_path / "cache") | {
            "PIP_INDEX_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/"
        }
        # Programs that a shell started in the background ignore Ctrl-C, and so would this one.
        heed = f"{HIDE}; import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        process = start(bare, before=heed, **silence)
        silent.accept()
        os.killpg(process.pid, signal.SIGINT)
        _, err, code = outcome(process)
    assert (err.splitlines()[-1], code) == (f"Stopped. {ME} goes on where this ended.", 1)


def test_a_port_that_is_busy(bare):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert sentence(bare, "--port", str(port)).startswith(f"Port {port} is not free: choose another one")


@pytest.mark.parametrize(
    ("arguments", "start_of_sentence"),
    [
        (
            ["tset"],
            "lab.py has no command 'tset', only fresh, slides, setup, test, build, handed-in, bench, "
            "lock, teacher, site: see",
        ),
        (["--prot", "8"], "lab.py does not understand this (unrecognized arguments: --prot 8): see"),
        (["--port", "x"], "lab.py does not understand this (argument --port: invalid int value: 'x'): see"),
        (["--port", "70000"], "Port 70000 is not free: choose another"),
        (["bench"], "Say which measurement: "),
    ],
)
def test_words_that_it_does_not_know(bare, arguments, start_of_sentence):
    assert sentence(bare, *arguments).startswith(start_of_sentence)


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help(bare, word):
    out, err, code = outcome(start(bare, word))
    assert (err, code) == ("", 0)
    opening = ("--port 9000", "--no-browser", "fresh 03", "slides 01", "setup", "test")
    for command in (*opening, "build", "bench wire", "lock"):
        assert f"{ME} {command} " in out


COMMANDS = ("setup", "fresh", "slides", "teacher", "site", "handed-in", "test", "bench", "lock")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_for_a_command_does_nothing_else(bare, command):
    out, err, code = outcome(start(bare, command, "--help"))
    assert (err, code) == ("", 0)
    assert f"{ME} {command} " in out
    assert not (bare / ".venv").exists()


# --- what `lab.py test` adds ---


def test_a_service_is_forbidden_to_start_only_for_the_time_of_the_installation(tmp_path):
    policy = tmp_path / "policy-rc.d"
    with run_all.no_services(policy):
        assert subprocess.call([policy]) == 101
    assert not policy.exists()
    policy.write_text("of the machine", "utf-8")
    with run_all.no_services(policy):
        pass
    assert policy.read_text("utf-8") == "of the machine"


def test_the_whole_run_has_each_test_file_and_each_notebook_in_one_of_its_parts():
    def files(command):
        paths = {ROOT / each.removeprefix("--ignore="): each.startswith("--") for each in command}
        found = {True: set(), False: set()}  # whether they are left out
        for path, left_out in paths.items():
            inside = [path] if path.is_file() else [*path.rglob("test_*.py"), *path.rglob("*.ipynb")]
            found[left_out].update(inside)
        return found[False] - found[True]

    parts = [files(command) for name, command in run_all.selected([]).items() if name.startswith("pytest")]
    everything = files(["tests", "notebooks"])
    assert len(everything) > 120
    assert Counter(path for part in parts for path in part) == Counter(everything)


def test_a_package_is_missing_if_its_command_is(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert run_all.missing() == [
        "chromium", "nginx", "haproxy", "squid", "tinyproxy", "redis-server", "iptables", "iproute2",
    ]  # fmt: skip


def test_what_failed_is_tried_again_a_notebook_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(run_all, "HERE", tmp_path / "tests")
    assert run_all.failed_last() == []
    cache = tmp_path / ".pytest_cache/v/cache"
    cache.mkdir(parents=True)
    failed = ["tests/test_boss.py::test_a[x]", "notebooks/05_a.ipynb::Cell 3", "notebooks/05_a.ipynb::Cell 4"]
    cache.joinpath("lastfailed").write_text(json.dumps(dict.fromkeys(failed, True)), "utf-8")
    assert run_all.failed_last() == ["tests/test_boss.py::test_a[x]", "notebooks/05_a.ipynb"]
