"""Our own scripts under Node's test runner: projection, arrows, labels, tables."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def test_scripts_pass_their_own_tests():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: install nodejs to run the tests of the page's scripts")
    file = Path(__file__).with_name("scripts.test.mjs")
    done = subprocess.run([node, "--test", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
