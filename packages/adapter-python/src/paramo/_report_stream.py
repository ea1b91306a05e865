"""One `Report` stream: batches and heartbeats out, acks and decisions back."""

from __future__ import annotations

import threading
import time
from typing import Iterator, List

from ._attempt import Attempt
from ._outbox import Outbox
from ._warnings import Warnings
from .v1.trial_pb2 import Batch
from .v1.trial_service_pb2 import AttemptKey, ReportRequest, ReportResponse

# A message holds so many bytes of batches, and one batch more.
_MESSAGE_BYTES = 256 * 1024
# A lease is renewed so many times within its length.
_RENEWALS = 6


class StreamsEnd:
    """When the streams of a process end. Guarded by the lock of its reporter."""

    def __init__(self) -> None:
        self.goodbye = "no"
        """`due` once the process ends, `said` once the daemon was told."""
        self.linger_until = 0.0
        """How long a stream outlasts the last attempt."""


class ReportStream:
    """Carries the outbox until it is `over` or nothing is left to carry. Its number differs from those of all before."""

    def __init__(self, number: int, outbox: Outbox, news: threading.Condition, writer_id: str, warnings: Warnings, ending: StreamsEnd) -> None:
        self.over = False
        self._number = number
        self._outbox = outbox
        self._news = news
        self._writer_id = writer_id
        self._warnings = warnings
        self._ending = ending

    def outgoing(self) -> Iterator[ReportRequest]:
        """What is sent."""
        # The first message names the writer, and the attempts: the daemon says what became of each while we were away.
        with self._news:
            first = self._message([], list(self._outbox.attempts.values()))
        yield first
        while True:
            with self._news:
                while not (self.over or self._has_unsent() or self._due() or self._goodbye_is_due()):
                    if not is_wanted(self._outbox, self._ending):
                        return
                    self._news.wait(self._until_due())
            batches = self._gather()
            with self._news:
                if self.over:
                    return
                renewals = self._due()
                if batches or renewals:
                    request = self._message(batches, renewals)
                elif self._goodbye_is_due():
                    self._ending.goodbye = "said"
                    request = ReportRequest(writer_id=self._writer_id, goodbye=True)
                else:
                    continue
            yield request

    def take(self, response: ReportResponse) -> None:
        """Takes in what has come."""
        attempts = self._outbox.attempts
        with self._news:
            for refusal in response.refusals:
                attempt = attempts.get((refusal.attempt.study_id, refusal.attempt.trial, refusal.attempt.attempt))
                if attempt:
                    attempt.refuse(refusal.sequence, refusal.error.message)
                hint = f". {refusal.error.hint}" if refusal.error.hint else ""
                self._warnings.once(f"refusal {refusal.error.code}", f"points were refused: {refusal.error.message}{hint}")
            for update in response.updates:
                attempt = attempts.get((update.study_id, update.trial, update.attempt))
                if attempt:
                    attempt.apply(update)
            self._news.notify_all()
        self._outbox.note_acks()

    def _gather(self) -> List[Batch]:
        """Batches for one message. Those that lie on disk alone are read without the lock."""
        batches: List[Batch] = []
        size = 0
        with self._news:
            attempts = [attempt for attempt in self._outbox.attempts.values() if not attempt.finishing]
        for attempt in attempts:
            while size < _MESSAGE_BYTES and not self.over:
                with self._news:
                    found = None if attempt.finishing else attempt.next_unsent(self._number, self._outbox.spooled_only)
                    if found is None:
                        break
                    attempt.last_sent = time.monotonic()
                batch = self._outbox.read(attempt, found)
                batches.append(batch)
                size += batch.ByteSize()
        return batches

    def _has_unsent(self) -> bool:
        return any(attempt.has_unsent(self._number, self._outbox.spooled_only) for attempt in self._outbox.attempts.values() if not attempt.finishing)

    def _due(self) -> List[Attempt]:
        """The attempts whose leases are to be renewed."""
        now = time.monotonic()
        return [attempt for attempt in self._outbox.attempts.values() if not attempt.finishing and now - attempt.last_sent >= attempt.lease_s / _RENEWALS]

    def _goodbye_is_due(self) -> bool:
        return self._ending.goodbye == "due" and not self._outbox.has_work

    def _until_due(self) -> float:
        """Seconds until something is to be sent or to end, if nothing happens."""
        due = [attempt.last_sent + attempt.lease_s / _RENEWALS for attempt in self._outbox.attempts.values() if not attempt.finishing]
        if not self._outbox.attempts:
            due.append(self._ending.linger_until)
        now = time.monotonic()
        return max(0.0, min(due) - now) if due else 1.0

    def _message(self, batches: List[Batch], renewals: List[Attempt]) -> ReportRequest:
        now = time.monotonic()
        heartbeats: List[AttemptKey] = []
        for attempt in renewals:
            attempt.last_sent = now
            heartbeats.append(attempt.message())
        return ReportRequest(writer_id=self._writer_id, batches=batches, heartbeats=heartbeats)


def is_wanted(outbox: Outbox, ending: StreamsEnd) -> bool:
    """Whether a stream is needed, or soon may be."""
    if ending.goodbye == "said":
        return False
    return bool(outbox.attempts) or ending.goodbye == "due" or time.monotonic() < ending.linger_until
