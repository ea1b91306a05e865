#!/usr/bin/env bash
# Makes a Python environment of the tests and prints the path of its python, alone on stdout; all else goes to stderr. A
# call that finds the environment as it should be returns at once. Where it cannot be made the script says so and fails;
# the caller decides what that means (with CI=true: a failed test).
#   python-env.sh           .venv at the root: stock gRPC packages, for the tests that drive the daemon as a stranger does
#   python-env.sh package   packages/adapter-python/.venv: the pip package itself, and what its tests need
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
package="$root/packages/adapter-python"
case "${1:-stranger}" in
  stranger)
    environment="$root/.venv"
    packages=(grpcio==1.71.2 grpcio-tools==1.71.2 grpcio-reflection==1.71.2 grpcio-health-checking==1.71.2)
    inputs="${packages[*]}"
    check='import grpc, grpc_tools.protoc'
    ;;
  package)
    environment="$package/.venv"
    packages=(-r "$package/requirements-test.txt")
    inputs="$package
$(cat "$package/requirements-test.txt" "$package/pyproject.toml")"
    check='import grpc, pytest, mypy, hatchling'
    ;;
  *)
    echo "There is no environment $1." >&2
    exit 2
    ;;
esac
python="$environment/bin/python"
stamp="$environment/.paramo-inputs"

explain() {
  echo "The Python part of the tests cannot run: $1" >&2
  exit 1
}

make() {
  command -v python3 >/dev/null || explain 'there is no python3. Install Python 3.9 or newer with venv and pip.'
  rm -rf "$environment"
  python3 -m venv "$environment" >&2 || explain 'python3 -m venv failed. Install the venv module (Debian: python3-venv).'
  pip install "${packages[@]}" || explain "pip could not install ${packages[*]}."
  if [[ "$environment" == "$package/.venv" ]]; then
    pip install --no-deps --no-build-isolation --editable "$package" || explain "pip could not install $package."
  fi
  "$python" -c "$check" || explain 'the packages are installed but cannot be imported.'
  echo "$inputs" >"$stamp"
}

pip() { "$python" -m pip --quiet --disable-pip-version-check --no-input "$@" >&2; }

current() { [[ -x "$python" && -f "$stamp" && "$(cat "$stamp")" == "$inputs" ]]; }

if ! current; then
  exec 9>"$environment.lock"
  if command -v flock >/dev/null; then flock 9; fi
  current || make
fi
echo "$python"
