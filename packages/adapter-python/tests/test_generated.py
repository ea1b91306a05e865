import subprocess

import pytest
from sandbox import PACKAGE


def test_the_messages_are_those_of_the_proto_files(tmp_path):
    pytest.importorskip("grpc_tools.protoc", reason="grpcio-tools has no wheel for this Python; the one that made the messages is needed")
    subprocess.run(["bash", str(PACKAGE / "generate.sh"), str(tmp_path)], check=True, capture_output=True, text=True)
    made = {path.name: path.read_text() for path in (tmp_path / "paramo" / "v1").iterdir()}
    committed = {path.name: path.read_text() for path in (PACKAGE / "src" / "paramo" / "v1").iterdir() if "_pb2" in path.name and path.is_file()}
    assert len(made) > 30
    assert made == committed, "run `npm run generate -w @paramo/adapter-python`"
