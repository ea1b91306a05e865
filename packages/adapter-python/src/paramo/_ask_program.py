"""Asks other programs of this machine."""

from __future__ import annotations

import shutil
import subprocess
import threading
from typing import NamedTuple, Optional, Sequence


class ProgramAnswer(NamedTuple):
    """What a program said."""

    output: bytes
    """What it wrote to stdout, up to the limit."""
    cut: bool
    """Whether it wrote more."""


def ask_program(command: Sequence[str], *, timeout_s: float, most_bytes: int) -> Optional[ProgramAnswer]:
    """Runs a program for what it writes to stdout. None: there is none of that name, it failed, or it took too long."""
    path = shutil.which(command[0])
    if path is None:
        return None
    try:
        # No descriptor is inherited anyway; with close_fds Python 3.9 would fork in place of spawning, and gRPC does not survive that.
        process = subprocess.Popen([path, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=False)
    except OSError:
        return None
    killer = threading.Timer(timeout_s, process.kill)
    killer.daemon = True
    killer.start()
    assert process.stdout is not None
    try:
        output = process.stdout.read(most_bytes + 1)
        cut = len(output) > most_bytes
        if cut:
            process.kill()
        code = process.wait()
    finally:
        killer.cancel()
        process.stdout.close()
    return ProgramAnswer(output[:most_bytes], cut) if code == 0 or cut else None
