"""Warnings of this process."""

from __future__ import annotations

import sys
from typing import Set


class Warnings:
    """Tells the user something on stderr once a subject; never raises."""

    def __init__(self) -> None:
        self._said: Set[str] = set()

    def once(self, subject: str, text: str) -> None:
        """Says `text` unless `subject` was warned about before."""
        if subject in self._said:
            return
        self._said.add(subject)
        try:
            print(f"paramo: {text}", file=sys.stderr, flush=True)
        except Exception:
            # A closed stderr is no reason to stop a training.
            pass
