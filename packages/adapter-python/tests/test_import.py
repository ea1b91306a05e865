import subprocess
import sys


def test_importing_paramo_loads_neither_grpc_nor_protobuf():
    code = "import sys, paramo; print(sorted(m for m in sys.modules if m.split('.')[0] in ('grpc', 'google')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_defining_a_study_opens_nothing(tmp_path):
    code = """
import sys, threading, paramo
class S(paramo.Space):
    x: float = paramo.Float(0, 1)
@paramo.tune(S, "min loss", trials=3, strategy=("random", {}))
def train(trial): ...
assert "grpc" not in sys.modules and threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []
