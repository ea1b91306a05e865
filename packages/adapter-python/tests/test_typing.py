"""Types, as users and we see them."""

import re
import subprocess
import sys

import pytest
from sandbox import PACKAGE, REPOSITORY

pytestmark = pytest.mark.slow


def mypy(*args):
    return subprocess.run([sys.executable, "-m", "mypy", *args], cwd=PACKAGE, capture_output=True, text=True)


def test_the_package_is_clean_under_strict():
    ended = mypy()
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_package_is_clean_under_pyright_for_the_oldest_python():
    # The one of npm brings all it needs. It takes Python 3.9 from pyproject.toml.
    ended = subprocess.run([str(REPOSITORY / "node_modules" / ".bin" / "pyright"), "--pythonpath", sys.executable], cwd=PACKAGE, capture_output=True, text=True)
    assert ended.returncode == 0 and "0 errors" in ended.stdout, ended.stdout + ended.stderr


def test_params_and_results_are_typed_by_the_space_and_slips_are_found():
    program = PACKAGE / "tests" / "typed_program.py"
    ended = mypy("--strict", "--no-incremental", str(program))
    found = {(int(line), code) for line, code in re.findall(r"typed_program\.py:(\d+): error: .*\[([a-z-]+)\]", ended.stdout)}
    wanted = {(number, code) for number, line in enumerate(program.read_text().split("\n"), 1) for code in re.findall(r"# error: ([a-z-]+)", line)}
    assert wanted and found == wanted, ended.stdout
