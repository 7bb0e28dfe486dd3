"""What `python3 lab.py test` runs, once the environment is there: every check, and then one pytest.

The real products that the tests compare with (debian-packages.txt) are installed first where this is root on
Debian; elsewhere the missing ones are named, and the tests that need them say that they are skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
# Two workers and two browsers starve each other on two cores: tests/browser runs when it is named.
EVERYTHING = ["--ignore=tests/browser", "tests", "notebooks"]
PYTEST = ["-m", "pytest", "-n", "2", "--dist", "loadfile", "--nbval", "--nbval-cell-timeout=60"]
CHECKS = {
    "ruff": ["-m", "ruff", "check"],
    "mypy": ["-m", "mypy"],
}


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


def main(arguments: list[str]) -> int:
    install_debian_packages()
    checks = dict(CHECKS)
    if any(HERE.parent.glob("lessons_src/lessons/*.py")):
        checks["build --check"] = ["lessons_src/build.py", "--check"]
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.call([sys.executable, *command]):
            failed.append(name)
    print(f"== pytest{', after a failure of ' + ' and '.join(failed) if failed else ''}", flush=True)
    return subprocess.call([sys.executable, *PYTEST, *(arguments or EVERYTHING)]) or len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
