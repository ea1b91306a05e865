"""Ends of attempts that nobody took in while they were waited for."""

from __future__ import annotations

import threading
from typing import Any, Callable, List, NamedTuple

from ._backoff import backoff_s
from ._errors import ParamoError
from ._link import Link
from .v1.trial_service_pb2_grpc import TrialServiceStub

# A call that waits for a commit.
_TRY_TIMEOUT_S = 60.0


class LateEnd(NamedTuple):
    """An end on its way."""

    method: str
    request: Any
    settled: Callable[[], None]
    """Called once the daemon has taken or refused it."""


class LateEnds:
    """Sends them again, in a thread of its own, for as long as the connection is open: the process may live on for long."""

    def __init__(self, link: Link, is_unheard: Callable[[ParamoError], bool]) -> None:
        self._link = link
        self._is_unheard = is_unheard
        self._changed = threading.Condition()
        self._waiting: List[LateEnd] = []
        self._closed = False
        self._is_running = False

    def add(self, end: LateEnd) -> None:
        """Takes an end over."""
        with self._changed:
            if self._closed:
                return
            self._waiting.append(end)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="paramo-ends", daemon=True).start()

    def look_again(self) -> None:
        """Notes that the daemon was found by another call."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Sends no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        tries = 0
        while True:
            with self._changed:
                if not self._waiting or self._closed:
                    self._is_running = False
                    return
                end = self._waiting[0]
                opened = self._link.opened
            try:
                self._link.unary(TrialServiceStub, end.method, end.request, patience_s=0, try_timeout_s=_TRY_TIMEOUT_S)
            except ParamoError as error:
                if self._is_unheard(error):
                    with self._changed:
                        if self._link.opened == opened and not self._closed:
                            self._changed.wait(backoff_s(tries))
                    tries += 1
                    continue
            tries = 0
            with self._changed:
                self._waiting.pop(0)
            end.settled()
