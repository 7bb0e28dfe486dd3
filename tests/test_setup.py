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
from contextlib import suppress
from pathlib import Path

import pytest
import run_all

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
        "Trusting the notebooks",
        f"All is set up: {ME} opens the course.",
    ]
    assert all(re.search(r" \.\.\. \d+\.\d s$", line) for line in lines[:-1])
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


def test_only_a_changed_notebook_is_trusted_again(made):
    notebook = made / "notebooks/00_start_here.ipynb"
    notebook.write_text(json.dumps(NOTEBOOK | {"metadata": {"changed": True}}), "utf-8")
    assert [line.split(" ...")[0] for line in steps(made)] == ["Trusting the notebooks"]
    assert steps(made) == []


def test_a_lost_package_is_put_back(made):
    python, javascript = next(made.glob(".venv/**/websockets-*.dist-info")), made / "node_modules/ws"
    shutil.rmtree(python)
    shutil.rmtree(javascript)
    assert [line.split(" ...")[0] for line in steps(made)] == [
        "Installing the Python packages",
        "Installing the JavaScript packages",
    ]
    assert python.is_dir()
    assert javascript.is_dir()


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
    assert said == ["Installing the JavaScript packages", "Trusting the notebooks"]
    assert not (bare / ".venv").exists()


# --- one sentence ---


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
        (["tset"], "lab.py has no command 'tset', only setup, test, build, bench, lock: see"),
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
    for command in ("--port 9000", "--no-browser", "setup", "test", "build", "bench wire", "lock"):
        assert f"{ME} {command} " in out


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


def test_a_package_is_missing_if_its_command_is(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert run_all.missing() == [
        "chromium", "nginx", "haproxy", "squid", "tinyproxy", "redis-server", "iptables", "iproute2",
    ]  # fmt: skip
