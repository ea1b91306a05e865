#!/usr/bin/env bash
# Makes a Python environment of the tests and prints the path of its python, alone on stdout; all else goes to stderr. A
# call that finds the environment as it should be returns at once. Where it cannot be made the script says so and fails;
# the caller decides what that means (with CI=true: a failed test).
#   python-env.sh           .venv at the root: stock gRPC packages, for the tests that drive the daemon as a stranger does
#   python-env.sh package   packages/adapter-python/.venv: the pip package itself, and what its tests need
#   python-env.sh frameworks   packages/adapter-python/.venv-frameworks: the pip package, for the frameworks that the caller installs
#   python-env.sh torch     packages/adapter-python/.venv-torch: the pip package with PyTorch. For Linux on x86 pip has none
#                           but the build for CUDA, 5 GB of it; so the one of the system's Python is taken there.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
package="$root/packages/adapter-python"
base=python3
options=()

fail() {
  echo "The Python part of the tests cannot run: $1" >&2
  exit 1
}

case "${1:-stranger}" in
  stranger)
    environment="$root/.venv"
    packages=(grpcio==1.71.2 grpcio-tools==1.71.2 grpcio-reflection==1.71.2 grpcio-health-checking==1.71.2)
    inputs="${packages[*]}"
    check='import grpc, grpc_tools.protoc'
    ;;
  package)
    environment="$package/.venv"
    packages=(-r "$package/requirements-test.txt" -r "$package/requirements-frameworks.txt")
    inputs="$package
$(cat "$package/requirements-test.txt" "$package/requirements-frameworks.txt" "$package/pyproject.toml")"
    check='import grpc, pytest, mypy, hatchling, sklearn, lightgbm, xgboost'
    ;;
  torch)
    environment="$package/.venv-torch"
    packages=(grpcio protobuf pytest hatchling editables)
    for base in python3 /usr/bin/python3; do
      ! "$base" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' 2>/dev/null || { options=(--system-site-packages) && break; }
    done
    if [[ ${#options[@]} == 0 ]]; then
      [[ "$(uname -sm)" != 'Linux x86_64' ]] || fail "there is no PyTorch for the CPU. Install one for the system's Python (Debian: python3-torch and python3-venv)."
      base=python3 packages+=(torch)
    fi
    inputs="$package $base $("$base" --version) ${packages[*]}
$(cat "$package/pyproject.toml")"
    check='import grpc, pytest, torch'
    ;;
  frameworks)
    environment="$package/.venv-frameworks"
    packages=(-r "$package/requirements-test.txt")
    inputs="$package
$(cat "$package/requirements-test.txt" "$package/pyproject.toml")"
    check='import grpc, pytest'
    ;;
  *)
    echo "There is no environment $1." >&2
    exit 2
    ;;
esac
python="$environment/bin/python"
stamp="$environment/.paramo-inputs"

make() {
  command -v "$base" >/dev/null || fail 'there is no python3. Install Python 3.9 or newer with venv and pip.'
  rm -rf "$environment"
  "$base" -m venv "${options[@]}" "$environment" >&2 || fail 'python3 -m venv failed. Install the venv module (Debian: python3-venv).'
  pip install "${packages[@]}" || fail "pip could not install ${packages[*]}."
  if [[ "$environment" == "$package"/* ]]; then
    pip install --no-deps --no-build-isolation --editable "$package" || fail "pip could not install $package."
  fi
  "$python" -c "$check" || fail 'the packages are installed but cannot be imported.'
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
