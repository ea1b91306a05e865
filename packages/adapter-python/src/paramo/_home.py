"""The home: the directory that holds store, socket and token."""

from __future__ import annotations

import os
from typing import Mapping, Optional

_NAME = ".paramo"


def find_home(start: str, env: Mapping[str, str]) -> str:
    """The home that belongs to the directory `start`, an absolute path.

    `PARAMO_HOME` when set, else the nearest `.paramo/` from there upward, else `.paramo` in `start`, which may not exist yet.
    """
    given = env.get("PARAMO_HOME")
    if given:
        return os.path.abspath(os.path.join(start, given))
    return find_upward(start, _NAME) or os.path.join(os.path.abspath(start), _NAME)


def find_upward(start: str, relative: str) -> Optional[str]:
    """The first of `DIR/relative`, DIR being `start` and the directories above it, that exists."""
    directory = os.path.abspath(start)
    while True:
        path = os.path.join(directory, relative)
        if os.path.exists(path):
            return path
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
