"""The package as users get it."""

import os
import subprocess
import sys
import zipfile

import pytest
from sandbox import PACKAGE

pytestmark = pytest.mark.slow

PROGRAM = """
import grpc, google.protobuf, paramo
class S(paramo.Space):
    x: float = paramo.Float(-1, 1)
@paramo.tune(S, "min loss", trials=6, stopper="median")
def train(trial):
    for step in trial.steps(3):
        trial.log(loss=trial.params.x ** 2)
        trial.checkpoint(lambda directory: open(directory + "/x", "w").write("x"), force=True)
best = train()
print(best.study.counts["completed"] + best.study.counts["stopped"], paramo.__file__)
print("with grpcio", grpc.__version__, "and protobuf", google.protobuf.__version__)
"""


def pip(python, *args):
    ended = subprocess.run([str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *args], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_the_wheel_installs_in_an_empty_environment_and_works_with_the_newest_dependencies(sandbox, tmp_path):
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path / "dist"), str(PACKAGE))
    [wheel] = (tmp_path / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert {"paramo/__init__.py", "paramo/py.typed", "paramo/v1/trial_pb2.py", "paramo/v1/trial_pb2.pyi", "paramo/v1/trial_service_pb2_grpc.py"} <= set(names)
    assert all(name.startswith(("paramo/", "paramo-")) for name in names)
    empty = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", str(empty)], check=True)
    python = empty / "bin" / "python"
    pip(python, "install", str(wheel))
    (sandbox.directory / "program.py").write_text(PROGRAM)
    program = sandbox.run(str(python), "program.py")
    assert program.end() == 0, program.stderr
    assert program.stdout.startswith("6 ") and str(empty) in program.stdout.replace(os.path.realpath(str(empty)), str(empty))
    print(program.stdout)


def test_the_version_is_that_of_the_other_packages():
    import json
    import re

    import paramo

    version = json.loads((PACKAGE.parent / "client" / "package.json").read_text())["version"]
    assert re.search(r'^version = "(.*)"$', (PACKAGE / "pyproject.toml").read_text(), re.M)[1] == version == paramo.__version__
