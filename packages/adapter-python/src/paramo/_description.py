"""What this process is: the document that trials keep as an artifact. The Node SDK's `RunDescription` says what is in it."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import socket
import sys
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ._ask_program import ProgramAnswer, ask_program
from ._gpus import read_gpus
from ._redact import redact_arguments, redact_text, redact_variable

DESCRIPTION_NAME = "paramo.run.json"
"""Name of the artifact that holds a description."""
CHANGES_NAME = "paramo.changes.diff"
"""Name of the artifact that holds what was changed since the commit, as `git diff` writes it."""

_PREFIXES = ("CUDA_", "NVIDIA_", "OMP_", "MKL_", "TF_", "XLA_", "PYTORCH_", "TORCH_", "JAX_", "NCCL_", "SLURM_")
_NAMES = ("NODE_OPTIONS", "PARAMO_HOME", "PARAMO_ADDRESS", "PARAMO_MODE", "RANK", "WORLD_SIZE", "LOCAL_RANK")
_MOST_LENGTH = 4096
_MOST_ARGUMENTS = 1000
_MOST_PACKAGES = 1000

# How long git is waited for, in all.
_GIT_S = 2.0
# A description waits no longer for the GPUs.
_GPU_S = 2.0
_MOST_CHANGES = 1024 * 1024
_MOST_ANSWER = 64 * 1024

_LOCK_FILES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "conda-lock.yml", "requirements.txt", "environment.yml",
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "Cargo.lock", "go.sum", "Gemfile.lock", "renv.lock", "Manifest.toml",
)
_DISTRIBUTION = re.compile(r"(.+?)-([^-]+)(?:-py[0-9.]+)?\.(?:dist-info|egg-info)\Z")


class Described(NamedTuple):
    """A description with the content of what it names."""

    description: Dict[str, Any]
    changes: Optional[bytes]
    """What was changed since the commit."""


def describe_process() -> Described:
    """Describes this process. Takes up to a few seconds; what cannot be found out is left out."""
    directory = os.getcwd()
    command = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
    description: Dict[str, Any] = {
        "format": 1,
        "command": redact_arguments([argument[:_MOST_LENGTH] for argument in command[:_MOST_ARGUMENTS]]),
        "directory": directory,
        "runtime": {"name": "python", "version": platform.python_version()},
        "host": _host(),
        "packages": _packages(directory),
        "environment": training_variables(os.environ),
    }
    git = read_git(directory)
    if git is None:
        return Described(description, None)
    description["git"] = git.description
    return Described(description, git.changes)


def training_variables(env: Mapping[str, str]) -> Dict[str, str]:
    """The variables that change how a training runs, in order of name, without their secrets."""
    names = sorted(name for name in env if name in _NAMES or name.startswith(_PREFIXES))
    return {name: redact_variable(name, env[name][:_MOST_LENGTH]) for name in names}


def read_git(directory: str) -> Optional[Described]:
    """The state of the repository that a directory lies in; None where there is none, no commit yet, or no git."""
    until = time.monotonic() + _GIT_S

    def ask(most_bytes: int, *arguments: str) -> Optional[ProgramAnswer]:
        # Git takes no lock for it, and starts none of the programs that a repository may name.
        return ask_program(["git", "-C", directory, "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments], timeout_s=max(0.001, until - time.monotonic()), most_bytes=most_bytes)

    def line(*arguments: str) -> str:
        answer = ask(_MOST_ANSWER, *arguments)
        return answer.output.decode("utf-8", "replace").strip() if answer else ""

    commit = line("rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    description: Dict[str, Any] = {"commit": commit}
    branch = line("symbolic-ref", "--short", "-q", "HEAD")
    remote = line("config", "--get", "remote.origin.url")
    if branch:
        description["branch"] = branch
    if remote:
        description["remote"] = redact_text(remote)
    diff = ask(_MOST_CHANGES, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    description["dirty"] = bool(diff and diff.output)
    if not diff or not diff.output:
        return Described(description, None)
    description["changes"] = {"sha256": hashlib.sha256(diff.output).hexdigest(), "bytes": len(diff.output), "cut": diff.cut}
    return Described(description, diff.output)


def _host() -> Dict[str, Any]:
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        memory = 0
    gpus = [{"index": gpu.number, "model": gpu.model, "memoryBytes": gpu.memory_bytes, "driver": gpu.driver} for gpu in read_gpus(_GPU_S)]
    return {
        "name": socket.gethostname(), "platform": f"{sys.platform} {platform.release()} {platform.machine()}", "cpu": _processor(), "cores": _cores(), "memoryBytes": memory, "gpus": gpus,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for text in file:
                if text.startswith("model name"):
                    return text.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


def _packages(directory: str) -> Dict[str, Any]:
    packages: Dict[str, Any] = {"versions": installed_versions(sys.path)}
    lock_file = _lock_file(directory)
    if lock_file:
        packages["lockFile"] = lock_file
    return packages


def _lock_file(directory: str) -> Optional[Dict[str, str]]:
    while True:
        for name in _LOCK_FILES:
            path = os.path.join(directory, name)
            if os.path.isfile(path):
                try:
                    with open(path, "rb") as file:
                        return {"name": name, "sha256": hashlib.sha256(file.read()).hexdigest()}
                except OSError:
                    return None
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def installed_versions(path: List[str]) -> Dict[str, str]:
    """Versions of the installed distributions by name, the first on the path first.

    By the names of their folders: `importlib.metadata` would read and parse a file of each, which takes the interpreter from the training.
    """
    versions: Dict[str, str] = {}
    for directory in path:
        try:
            names = sorted(os.listdir(directory or "."))
        except OSError:
            continue
        for name in names:
            found = _DISTRIBUTION.match(name)
            if found:
                versions.setdefault(found[1].replace("_", "-").lower(), found[2])
    return dict(sorted(versions.items())[:_MOST_PACKAGES])
