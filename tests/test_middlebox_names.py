"""The names of `wirelab.middlebox`: a rule is loaded when it is asked for, and not before."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from wirelab import middlebox

SOURCE = Path(middlebox.__file__)


def test_every_rule_that_a_type_checker_sees_is_there_and_no_other():
    blocks = [node for node in ast.parse(SOURCE.read_text()).body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert len(seen) > 20
    assert seen == {name: f"wirelab.middlebox.rules.{module}" for name, module in middlebox._MODULES.items()}
    assert {name: getattr(middlebox, name).__module__ for name in seen} == seen


def test_every_public_name_is_there():
    assert set(middlebox._MODULES) <= set(middlebox.__all__)
    assert [name for name in middlebox.__all__ if not hasattr(middlebox, name)] == []
    with pytest.raises(AttributeError, match=r"module .wirelab\.middlebox. has no attribute .Rul."):
        middlebox.Rul  # noqa: B018


def test_a_rule_is_not_loaded_before_it_is_asked_for():
    code = """
import sys
from wirelab.middlebox import Middlebox
assert "wirelab.middlebox.rules.portals" not in sys.modules
from wirelab.middlebox import LoginPage
assert "wirelab.middlebox.rules.portals" in sys.modules
assert "wirelab.middlebox.rules.timeouts" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=SOURCE.parents[2], capture_output=True, text=True)
    assert done.stderr == ""
