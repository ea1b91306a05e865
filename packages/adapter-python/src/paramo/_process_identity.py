"""Which process writes or delivers a spool, and whether it is gone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Optional

from .v1.spool_pb2 import SpoolOwner

SPOOL_FORMAT = 1
"""Version of the format of spools."""


def identify_owner(writer_id: str) -> SpoolOwner:
    """This process."""
    pid = os.getpid()
    return SpoolOwner(format=SPOOL_FORMAT, writer_id=writer_id, host=socket.gethostname(), pid=pid, started=_start_of(pid) or "", boot=_boot(), namespace=_namespace())


def is_gone(process: SpoolOwner) -> Optional[bool]:
    """Whether a process is gone; None when it is one of another host or container, which cannot be seen from here."""
    boot = _boot()
    if process.boot == "" or process.boot != boot:
        if process.host != socket.gethostname():
            return None
        if process.boot != boot:
            # The host was started anew.
            return True
    if process.namespace != _namespace():
        return None
    now = _start_of(process.pid)
    return now is None or (now != "" and process.started != "" and now != process.started)


def _start_of(pid: int) -> Optional[str]:
    """When a living process started, empty where that cannot be known; None: there is none, or only what its parent has not collected."""
    if sys.platform == "win32":
        # Signal 0 would end it there.
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        # Somebody else's process is alive too.
        pass
    if sys.platform != "linux":
        return _start_by_ps(pid)
    # proc_pid_stat(5): `pid (name) state ppid …`, where the name may hold anything; field 3 is the state, 22 the start in clock ticks.
    fields = _read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not fields:
        return ""
    return None if fields[0] in ("Z", "X") else fields[19]


def _start_by_ps(pid: int) -> str:
    try:
        return subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}, check=True, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _boot() -> str:
    return _read_text("/proc/sys/kernel/random/boot_id").strip()


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
