"""The Python packages: in the environment that runs this, or in one of the course's own."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
import sysconfig
import venv
import zipfile
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution
from pathlib import Path
from typing import NamedTuple

from workplace.course import ME, RUN_LOCK, VENV
from workplace.files import read_json, write
from workplace.steps import complaint, run_or_stop, step


class Environment(NamedTuple):
    """A Python with its packages: `prefix` is its folder, `python` the program."""

    prefix: Path
    python: str
    packages: Path


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
