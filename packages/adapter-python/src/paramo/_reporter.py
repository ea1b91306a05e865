"""Carries the points of all attempts of this process to the daemon, and its decisions back."""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from ._attempt import Attempt
from ._backoff import backoff_s
from ._channel import OpenCall
from ._errors import ParamoError, is_lost
from ._link import Link, advised_s
from ._warnings import Warnings
from .v1.trial_pb2 import Batch
from .v1.trial_service_pb2 import AttemptKey, ReportRequest, ReportResponse
from .v1.trial_service_pb2_grpc import TrialServiceStub

# The longest a point waits for company.
_FLUSH_S = 0.1
# The longest that mere progress waits.
_PROGRESS_S = 1.0
# So many loose points make a batch at once.
_BATCH_POINTS = 4096
# A message holds so many bytes of batches, and one batch more.
_MESSAGE_BYTES = 256 * 1024
# 24 bytes of memory each: 12 MB.
_MAX_POINTS = 500_000
# A lease is renewed so many times within its length.
_RENEWALS = 6
# How long the stream outlasts the last attempt.
_LINGER_S = 5.0


class Reporter:
    """A thread with one `Report` stream, opened when there is something to say and again after every loss.

    `news` is the lock of everything here, notified when an attempt or the connection changed.
    """

    def __init__(self, link: Link, writer_id: str, warnings: Warnings, max_points: int = _MAX_POINTS) -> None:
        self.news = threading.Condition()
        self.away = False
        """True from the loss of the daemon until it is found again."""
        self.refused = 0
        """Points refused at once: bad names, values or steps."""
        self.dropped = 0
        """Points given up because memory for unacked ones was full while the daemon was away."""
        self.foreign = False
        """True in a child of a fork: it carries nothing there."""
        self._link = link
        self._writer_id = writer_id
        self._warnings = warnings
        self._max_points = max_points
        self._attempts: Dict[Tuple[str, int, int], Attempt] = {}
        self._flush_at: Optional[float] = None
        self._progress_at: Optional[float] = None
        self._linger_until = 0.0
        self._epoch = 0
        self._open = False
        self._goodbye = "no"
        self._ended = False
        self._thread: Optional[threading.Thread] = None
        self._call: Optional[OpenCall] = None

    def register(self, attempt: Attempt) -> Attempt:
        """Begins to carry an attempt and to renew its lease."""
        with self.news:
            if self._ended or self.foreign:
                raise ParamoError("ABORTED", "the connection was closed", "Open a new one with paramo.connect().")
            self._attempts[attempt.key] = attempt
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="paramo-reports", daemon=True)
                self._thread.start()
            self.news.notify_all()
        return attempt

    def forget(self, attempt: Attempt) -> None:
        """Ends that; what is unacked is let go."""
        with self.news:
            attempt.forgotten = True
            if self._attempts.get(attempt.key) is attempt:
                del self._attempts[attempt.key]
            self._linger_until = time.monotonic() + _LINGER_S
            self.news.notify_all()

    def added(self, attempt: Attempt) -> None:
        """Notes that points were put into `attempt.loose`. Never waits for the daemon, never raises."""
        if len(attempt.loose) >= _BATCH_POINTS:
            with self.news:
                attempt.cut()
                self._shed(attempt)
                self._flush_at = 0.0
                self.news.notify_all()
        elif self._flush_at is None:
            with self.news:
                self._flush_at = time.monotonic() + _FLUSH_S
                self.news.notify_all()

    def progress(self, attempt: Attempt, done: int) -> None:
        """Notes steps done that no point shows; sent before long."""
        with self.news:
            attempt.mark_done(done)
            if self._progress_at is None:
                self._progress_at = time.monotonic() + _PROGRESS_S
                self.news.notify_all()

    def refuse(self, subject: str, why: str) -> None:
        """Counts a point that cannot be stored, and says why once a subject."""
        self.refused += 1
        self._warnings.once(subject, why)

    def flush(self) -> None:
        """Sends what waits now, not at the next tick."""
        with self.news:
            self._flush_at = 0.0
            self.news.notify_all()

    def wait(self, until: Callable[[], bool], *, timeout_s: Optional[float], go_on_when_away: bool) -> bool:
        """Waits until `until` holds (True), or gives up (False): after `timeout_s`, or once the daemon is away where that is asked."""
        if self.foreign:
            return until()
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        with self.news:
            while not until():
                left = None if give_up is None else give_up - time.monotonic()
                if (left is not None and left <= 0) or self._ended or (go_on_when_away and self.away):
                    return False
                self.news.wait(left)
        return True

    def close(self, timeout_s: float) -> None:
        """Sends what waits for at most `timeout_s` seconds, says goodbye and ends."""
        if self.foreign:
            return
        until = time.monotonic() + timeout_s
        with self.news:
            if self._goodbye == "no" and self._attempts:
                self._goodbye = "due"
            self._linger_until = 0.0
            self._flush_at = 0.0
            self.news.notify_all()
            while self._goodbye == "due" or (self._open and self._goodbye == "said"):
                left = until - time.monotonic()
                if left <= 0 or self._thread is None or not self._thread.is_alive():
                    break
                self.news.wait(left)
            self._ended = True
            self._epoch += 1
            call = self._call
            self.news.notify_all()
        if call:
            call.cancel()

    def disown(self) -> None:
        """In a child of a fork: the thread, the stream and perhaps the lock's holder are the parent's."""
        self.foreign = True
        self._link.disown()
        self.news = threading.Condition()
        self._attempts = {}

    def _run(self) -> None:
        tries = 0
        while True:
            pause_s = 0.0
            with self.news:
                while not self._wanted() and not self._ended:
                    self.news.wait()
                if self._ended:
                    return
            try:
                self._link.ready()
                with self.news:
                    self._epoch += 1
                    epoch = self._epoch
                    self._open = True
                self._set_away(False)
                call = self._call = self._link.stream(TrialServiceStub, "Report", self._outgoing(epoch))
                for response in call:
                    tries = 0
                    self._dispatch(response)
            except Exception as error:
                if self._ended:
                    return
                if not is_lost(error):
                    self._warnings.once("stream", f"reports are held back: {error}")
                # A daemon that asks for a pause is there, and gets everything that is not acked again.
                if isinstance(error, ParamoError) and error.code == "OVERLOADED":
                    pause_s = advised_s(error)
                else:
                    self._set_away(True)
            finally:
                with self.news:
                    self._epoch += 1
                    self._open = False
                    self._call = None
                    self.news.notify_all()
            # Nobody but this thread waits for the daemon here, so it never gives up: the bound on memory is the limit.
            with self.news:
                if self._wanted() and not self._ended:
                    self._sleep(max(backoff_s(tries), pause_s))
                    tries += 1

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._ended and time.monotonic() < until:
            self.news.wait(until - time.monotonic())

    def _wanted(self) -> bool:
        if self._goodbye == "said":
            return False
        return bool(self._attempts) or self._goodbye == "due" or time.monotonic() < self._linger_until

    def _outgoing(self, epoch: int) -> Iterator[ReportRequest]:
        # The first message names the writer, and the attempts: the daemon says what became of each while we were away.
        with self.news:
            first = self._message([], list(self._attempts.values()))
        yield first
        while True:
            with self.news:
                request: Optional[ReportRequest] = None
                while self._epoch == epoch:
                    request = self._next_message(epoch)
                    if request or not self._wanted():
                        break
                    self.news.wait(self._until_due())
            if request is None:
                return
            yield request

    def _next_message(self, epoch: int) -> Optional[ReportRequest]:
        now = time.monotonic()
        flush = (self._flush_at is not None and now >= self._flush_at) or (self._progress_at is not None and now >= self._progress_at)
        if flush:
            # First this, then the cuts: a point that comes in between asks for the next flush.
            self._flush_at = self._progress_at = None
        batches: List[Batch] = []
        renewals: List[Attempt] = []
        size = 0
        for attempt in self._attempts.values():
            if attempt.finishing:
                continue
            if flush:
                attempt.cut()
            sent = False
            while size < _MESSAGE_BYTES:
                batch = attempt.next_unsent(epoch)
                if batch is None:
                    break
                batches.append(batch)
                size += batch.ByteSize()
                sent = True
            if sent:
                attempt.last_sent = now
            elif now - attempt.last_sent >= attempt.lease_s / _RENEWALS:
                renewals.append(attempt)
        if batches or renewals:
            return self._message(batches, renewals)
        if self._goodbye == "due" and not any(attempt.has_work and not attempt.finishing for attempt in self._attempts.values()):
            self._goodbye = "said"
            return ReportRequest(writer_id=self._writer_id, goodbye=True)
        return None

    def _until_due(self) -> Optional[float]:
        """Seconds until something is to be sent or to end, if nothing happens."""
        now = time.monotonic()
        due = [at for at in (self._flush_at, self._progress_at) if at is not None]
        due.extend(attempt.last_sent + attempt.lease_s / _RENEWALS for attempt in self._attempts.values() if not attempt.finishing)
        if not self._attempts:
            due.append(self._linger_until)
        return max(0.0, min(due) - now) if due else None

    def _message(self, batches: List[Batch], renewals: List[Attempt]) -> ReportRequest:
        now = time.monotonic()
        heartbeats: List[AttemptKey] = []
        for attempt in renewals:
            attempt.last_sent = now
            heartbeats.append(attempt.message())
        return ReportRequest(writer_id=self._writer_id, batches=batches, heartbeats=heartbeats)

    def _dispatch(self, response: ReportResponse) -> None:
        with self.news:
            for refusal in response.refusals:
                attempt = self._attempts.get((refusal.attempt.study_id, refusal.attempt.trial, refusal.attempt.attempt))
                if attempt:
                    attempt.refuse(refusal.sequence, refusal.error.message)
                hint = f". {refusal.error.hint}" if refusal.error.hint else ""
                self._warnings.once(f"refusal {refusal.error.code}", f"points were refused: {refusal.error.message}{hint}")
            for update in response.updates:
                attempt = self._attempts.get((update.study_id, update.trial, update.attempt))
                if attempt:
                    attempt.apply(update)
            self.news.notify_all()

    def _set_away(self, away: bool) -> None:
        with self.news:
            self.away = away
            self.news.notify_all()

    def _shed(self, attempt: Attempt) -> None:
        """Frees memory when the daemon has been away for long: the oldest points of `attempt` go first, then anybody's."""
        points = sum(one.points for one in self._attempts.values())
        while points > self._max_points:
            gone = attempt.shed() or next((shed for shed in (other.shed() for other in self._attempts.values()) if shed), 0)
            if gone == 0:
                return
            self.dropped += gone
            points -= gone
            self._warnings.once("dropped", f"the daemon has been away for long: the oldest of {self._max_points} unsent points are being dropped")
