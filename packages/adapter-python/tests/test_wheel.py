"""The package as users get it."""

import os
import shutil
import subprocess
import sys
import tarfile
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the sdist, which holds all that is needed for it."""
    dist = tmp_path_factory.mktemp("dist")
    ended = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(dist)], cwd=PACKAGE, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    [sdist] = dist.iterdir()
    names = tarfile.open(sdist).getnames()
    assert {f"{sdist.name[:-7]}/{name}" for name in ("pyproject.toml", "README.md", "src/paramo/py.typed")} <= set(names)
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(dist / "wheel"), str(sdist))
    [made] = (dist / "wheel").iterdir()
    return made


def empty_environment(python, directory, wheel):
    """A Python with nothing in it but the wheel and what it depends on."""
    subprocess.run([str(python), "-m", "venv", str(directory)], check=True)
    made = directory / "bin" / "python"
    pip(made, "install", str(wheel))
    return made


def size_mb(directory, *left_out):
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file() and file.relative_to(directory).parts[0].split("-")[0] not in left_out) / 1e6


def test_the_wheel_installs_in_an_empty_environment_and_works_with_the_newest_dependencies(sandbox, tmp_path, wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert {"paramo/__init__.py", "paramo/py.typed", "paramo/v1/trial_pb2.py", "paramo/v1/trial_pb2.pyi", "paramo/v1/trial_service_pb2_grpc.py"} <= set(names)
    assert all(name.startswith(("paramo/", "paramo-")) for name in names)
    python = empty_environment(sys.executable, tmp_path / "empty", wheel)
    [packages] = (tmp_path / "empty" / "lib").glob("*/site-packages")
    (sandbox.directory / "program.py").write_text(PROGRAM)
    program = sandbox.run(str(python), "program.py")
    assert program.end() == 0, program.stderr
    assert program.stdout.startswith("6 ") and str(packages) in program.stdout.replace(os.path.realpath(str(packages)), str(packages))
    # grpcio, what it is made of and protobuf are all there is, beside what every environment has.
    installed = {name.name.split("-")[0].lower() for name in packages.glob("*.dist-info")} - {"pip", "setuptools"}
    assert installed <= {"paramo", "grpcio", "protobuf", "typing_extensions"}
    own, all_of_it = size_mb(packages / "paramo"), size_mb(packages, "pip", "setuptools", "_distutils_hack", "pkg_resources")
    print(f"{program.stdout}installed: {own:.1f} MB, with its dependencies {all_of_it:.1f} MB")
    assert own < 3


def interpreter(minor):
    """Python 3.`minor` of this machine: on the path, or among those of pyenv; None: there is none."""
    found = [shutil.which(f"python3.{minor}")]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True).stdout.strip()
        found += sorted(str(python) for python in Path(root).glob(f"versions/3.{minor}.*/bin/python"))
    for python in found:
        if python and subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
            return python
    return None


def test_it_works_with_every_python_from_3_9_that_is_on_this_machine(sandbox, tmp_path, wheel):
    # But the one at hand, which the test above takes.
    pythons = {f"3.{minor}": interpreter(minor) for minor in range(9, 14) if minor != sys.version_info.minor}
    missing = [version for version, python in pythons.items() if python is None]
    if missing:
        warnings.warn(f"not found here, and not tested: Python {', '.join(missing)}")
    sandbox.paramo("up")
    (sandbox.directory / "program.py").write_text(PROGRAM.replace("trials=6", "trials=6, name=sys.version.split()[0]").replace("import grpc", "import sys, grpc"))

    def said(version):
        python = empty_environment(pythons[version], tmp_path / version, wheel)
        program = sandbox.run(str(python), "program.py")
        assert program.end() == 0, f"{version}: {program.stderr}"
        return program.stdout

    with ThreadPoolExecutor(2) as pool:
        assert [text[:2] for text in pool.map(said, [version for version in pythons if version not in missing])] == ["6 "] * (len(pythons) - len(missing))


def test_the_version_is_that_of_the_other_packages():
    import json
    import re

    import paramo

    version = json.loads((PACKAGE.parent / "client" / "package.json").read_text())["version"]
    assert re.search(r'^version = "(.*)"$', (PACKAGE / "pyproject.toml").read_text(), re.M)[1] == version == paramo.__version__
