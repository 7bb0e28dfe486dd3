"""The locks, and every file that names the same packages, agree; and none of them names a registry."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGE_LOCK = ROOT / "package-lock.json"
PLATFORMS = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
]


def blocks(name: str) -> dict[str, str]:
    """Each pin of a lock and the hashes under it."""
    text = LOCKS[name].read_text("utf-8")
    block = r"^(\w\S*==\S+(?: ; .+?)?) \\\n((?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
    found = re.findall(block, text, re.MULTILINE)
    assert "".join(f"{pin} \\\n{hashes}" for pin, hashes in found) == text, "a pin without hash, a stray line"
    return dict(found)


def wanted(name: str) -> list[Requirement]:
    groups = PROJECT["dependency-groups"]
    for_tests = groups["test"] if name == "test" else []
    return [Requirement(line) for line in PROJECT["project"]["dependencies"] + groups["setup"] + for_tests]


def supported_pythons() -> list[str]:
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    return [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in allowed]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_hashed(name):
    assert len(blocks(name)) > 100


@pytest.mark.parametrize("name", LOCKS)
def test_each_platform_gets_one_version_of_each_dependency_and_it_is_allowed(name):
    pins = [Requirement(pin) for pin in blocks(name)]
    for platform in PLATFORMS:
        for python in supported_pythons():
            marks = {**default_environment(), **platform, "python_version": python}
            marks["python_full_version"] = f"{python}.9"
            here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(marks)]
            versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in here}
            assert len(versions) == len(here), "two versions of one package"
            for requirement in wanted(name):
                assert versions[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_run_lock_is_part_of_the_test_lock():
    assert blocks("run").items() <= blocks("test").items()


def test_conda_installs_the_run_lock_on_a_supported_python():
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    python = next(item for item in wanted if str(item).startswith("python="))
    assert python.removeprefix("python=") in supported_pythons()
    assert wanted[-1] == {"pip": [f"-r {LOCKS['run'].name}"]}
    assert set(wanted[:-1]) == {python, "pip"}


def test_the_javascript_lock_is_of_this_package():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))
    packages = json.loads(PACKAGE_LOCK.read_text("utf-8"))["packages"]
    top = packages.pop("")
    for group in ("dependencies", "devDependencies"):
        assert top[group] == wanted[group]
        found = {name: packages[f"node_modules/{name}"] for name in wanted[group]}
        assert {name: package["version"] for name, package in found.items()} == wanted[group]
        assert {package.get("dev", False) for package in found.values()} == {group == "devDependencies"}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


@pytest.mark.parametrize("path", [*LOCKS.values(), PACKAGE_LOCK], ids=lambda path: path.name)
def test_no_address_in_a_lock(path):
    assert "://" not in path.read_text("utf-8")


def test_no_file_names_a_registry():
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout: which files belong to the course is not known")
    # In pieces, so that this file names none either.
    hosts = ["pypi org", "pythonhosted org", "npmjs org", "npmmirror com", "yarnpkg com", "anaconda org"]
    host = re.compile("|".join(name.replace(" ", r"\.") for name in hosts).encode())
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    files = [ROOT / name for name in names if name and (ROOT / name).is_file()]
    assert ROOT / "lab.py" in files
    assert [path.name for path in files if host.search(path.read_bytes())] == []
