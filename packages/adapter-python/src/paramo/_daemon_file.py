"""What a daemon says of itself in `daemon.json` of its home."""

from __future__ import annotations

import json
import os
from typing import NamedTuple, Optional


class DaemonFile(NamedTuple):
    """The content of `daemon.json`."""

    version: str
    protocol: int
    pid: int
    instance_id: str
    """A ULID drawn at each start."""
    address: str
    """Its loopback address, `127.0.0.1:PORT`."""
    token: str
    socket: str
    """Path of its unix socket; empty where there is none."""


def read_daemon_file(home: str) -> Optional[DaemonFile]:
    """What the home's `daemon.json` says; None where there is none, or none that is whole."""
    try:
        with open(os.path.join(home, "daemon.json"), encoding="utf-8") as file:
            found = json.load(file)
        return DaemonFile(
            version=str(found["version"]),
            protocol=int(found["protocol"]),
            pid=int(found["pid"]),
            instance_id=str(found["instanceId"]),
            address=str(found["address"]),
            token=str(found["token"]),
            socket=str(found.get("socket") or ""),
        )
    except (OSError, ValueError, TypeError, KeyError):
        # Absent, or caught in the middle of being written: the same to a caller that looks again.
        return None
