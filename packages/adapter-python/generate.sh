#!/usr/bin/env bash
# Writes the Python code of the .proto files into a folder, src/paramo/v1 by default. The result is committed, and a test
# compares it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$here/../.."
out="${1:-$here/src}"
python="$(bash "$root/tools/checks/python-env.sh" package)"
mkdir -p "$out"
rm -f "$out"/paramo/v1/*_pb2.py "$out"/paramo/v1/*_pb2.pyi "$out"/paramo/v1/*_pb2_grpc.py
"$python" -m grpc_tools.protoc -I "$root/proto" --python_out="$out" --pyi_out="$out" --grpc_python_out="$out" "$root"/proto/paramo/v1/*.proto
