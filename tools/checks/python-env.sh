#!/usr/bin/env bash
# Makes the Python environment of the tests that drive the daemon with a stock gRPC client: .venv at the root of the
# repository, with grpcio, its tools, reflection and health checking. Prints the path of its python, alone on stdout;
# all else goes to stderr. A second call finds the environment and returns at once. Where it cannot be made the script
# says so and fails; the caller decides what that means (with CI=true: a failed test).
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
environment="$root/.venv"
python="$environment/bin/python"
packages=(grpcio==1.71.2 grpcio-tools==1.71.2 grpcio-reflection==1.71.2 grpcio-health-checking==1.71.2)
stamp="$environment/.paramo-packages"

explain() {
  echo "The Python part of the tests cannot run: $1" >&2
  exit 1
}

make() {
  command -v python3 >/dev/null || explain 'there is no python3. Install Python 3.9 or newer with venv and pip.'
  rm -rf "$environment"
  python3 -m venv "$environment" >&2 || explain 'python3 -m venv failed. Install the venv module (Debian: python3-venv).'
  "$python" -m pip install --quiet --disable-pip-version-check --no-input "${packages[@]}" >&2 ||
    explain "pip could not install ${packages[*]}."
  "$python" -c 'import grpc, grpc_tools.protoc' || explain 'grpcio is installed but cannot be imported.'
  echo "${packages[*]}" >"$stamp"
}

current() { [[ -x "$python" && -f "$stamp" && "$(cat "$stamp")" == "${packages[*]}" ]]; }

if ! current; then
  exec 9>"$root/.venv.lock"
  if command -v flock >/dev/null; then flock 9; fi
  current || make
fi
echo "$python"
