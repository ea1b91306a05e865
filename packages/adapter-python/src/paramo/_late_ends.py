"""Ends of attempts that nobody took in while they were waited for."""

from __future__ import annotations

import threading
from typing import List, Tuple

from ._attempt import Attempt
from ._backoff import backoff_s
from ._errors import ParamoError, is_unheard
from ._late_writer import LateWriter
from ._link import Link
from ._reporter import Reporter
from .v1.spool_pb2 import SpoolRecord

# So many batches are read from disk at once.
_BATCHES = 64


class LateEnds:
    """Tells them later, with the points before them, in a thread of its own: the process may live on for long."""

    def __init__(self, link: Link, writer_id: str, reporter: Reporter) -> None:
        self._link = link
        self._writer_id = writer_id
        self._reporter = reporter
        self._changed = threading.Condition()
        self._waiting: List[Tuple[Attempt, SpoolRecord]] = []
        self._closed = False
        self._is_running = False

    def add(self, attempt: Attempt, end: SpoolRecord) -> None:
        """Takes an end over, of an attempt that nobody else carries any more."""
        with self._changed:
            if self._closed:
                return
            self._waiting.append((attempt, end))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="paramo-ends", daemon=True).start()

    def look_again(self) -> None:
        """Notes that the daemon was found by another call."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Tells no more."""
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
                attempt, end = self._waiting[0]
                opened = self._link.opened
            try:
                self._tell(attempt, end)
            except ParamoError as error:
                if is_unheard(error):
                    with self._changed:
                        if self._link.opened == opened and not self._closed:
                            self._changed.wait(backoff_s(tries))
                    tries += 1
                    continue
            tries = 0
            with self._changed:
                self._waiting.pop(0)
            self._reporter.settle(attempt)

    def _tell(self, attempt: Attempt, end: SpoolRecord) -> None:
        writer = LateWriter(self._link, self._writer_id)
        try:
            unacked = attempt.unacked()
            for at in range(0, len(unacked), _BATCHES):
                writer.send([self._reporter.read(attempt, batch) for batch in unacked[at : at + _BATCHES]])
            writer.end(end)
            writer.close()
        finally:
            writer.abandon()
