"""Directories in which checkpoints are made and restored."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import threading
from typing import Optional


class WorkFolder:
    """The work folder of this process below `parent`, made when first needed; None: in the system's temporary directory.

    What processes of this host that died have left there is removed: containers that share a home see each
    other's folders, and not each other's processes.
    """

    def __init__(self, parent: Optional[str], writer_id: str) -> None:
        self._above = parent or os.path.join(tempfile.gettempdir(), f"paramo-work-{os.getuid() if hasattr(os, 'getuid') else 'own'}")
        self._own = os.path.join(self._above, f"{socket.gethostname()}-{os.getpid()}-{writer_id}")
        self._lock = threading.Lock()
        self._count = 0

    def open(self) -> str:
        """Makes a new, empty directory."""
        with self._lock:
            if self._count == 0:
                _remove_abandoned(self._above)
                os.makedirs(self._own, mode=0o700, exist_ok=True)
            directory = os.path.join(self._own, str(self._count))
            self._count += 1
        os.mkdir(directory, mode=0o700)
        return directory

    def remove(self, directory: str) -> None:
        """Removes one; never raises."""
        shutil.rmtree(directory, ignore_errors=True)

    def close(self) -> None:
        """Removes them all; never raises."""
        shutil.rmtree(self._own, ignore_errors=True)


def _remove_abandoned(above: str) -> None:
    try:
        names = os.listdir(above)
    except OSError:
        return
    for name in names:
        match = re.fullmatch(re.escape(socket.gethostname()) + r"-(\d+)-[^-]+", name)
        if match and not _is_alive(int(match[1])):
            shutil.rmtree(os.path.join(above, name), ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Somebody else's process is alive too.
        return True
    return True
