"""Where the parts of the course are, and the command that opens it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ME = ("python" if os.name == "nt" else "python3") + " lab.py"
RUN_LOCK, TEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
VENV = ROOT / ".venv"
