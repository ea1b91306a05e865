"""Carries the points of all attempts of this process to the daemon, and its decisions back."""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, List, Optional, Union

from ._attempt import Attempt
from ._backoff import backoff_s
from ._channel import OpenCall
from ._errors import ParamoError, is_lost
from ._link import Link, advised_s
from ._outbox import Outbox
from ._points_and_ends import points_and_ends
from ._report_stream import ReportStream, StreamsEnd, is_wanted
from ._spool import Spool
from ._spool_files import AttemptName
from ._warnings import Warnings
from .v1.spool_pb2 import SpoolRecord
from .v1.trial_pb2 import Batch
from .v1.trial_service_pb2_grpc import TrialServiceStub

# 24 bytes of memory each: 12 MB.
_MAX_POINTS = 500_000
# How long the stream outlasts the last attempt.
_LINGER_S = 5.0
# The most unacked points the end of an attempt carries; what is beyond goes by the stream first.
_CARRIED_BYTES = 512 * 1024
# How often the daemon is looked for while the process waits for its end.
_CLOSING_WAIT_S = 0.5


class Reporter:
    """A thread that writes what is logged to the spool, and one with a `Report` stream, opened when there is something to say.

    `news` is the lock of everything here, notified when an attempt or the connection changed.
    """

    def __init__(self, link: Link, writer_id: str, warnings: Warnings, spool: Optional[Spool] = None, why_no_spool: str = "", max_points: int = _MAX_POINTS) -> None:
        self.news = threading.Condition()
        self.away = False
        """True from the loss of the daemon until it is found again."""
        self.refused = 0
        """Points refused at once: bad names, values or steps."""
        self.foreign = False
        """True in a child of a fork: it carries nothing there."""
        self._outbox = Outbox(self.news, warnings, spool, max_points)
        self.added = self._outbox.added
        self.progress = self._outbox.progress
        self.flush = self._outbox.flush
        self._link = link
        self._writer_id = writer_id
        self._warnings = warnings
        self._why_no_spool = why_no_spool
        self._end = StreamsEnd()
        self._stranded: Dict[AttemptName, int] = {}
        """Attempts whose end the daemon has not taken, with their points."""
        self._streams = 0
        self._open = False
        self._ended = False
        self._threads: List[threading.Thread] = []
        self._call: Optional[OpenCall] = None

    @property
    def dropped(self) -> int:
        """Points given up while the daemon was away: memory for unacked ones was full, or the spool past its quota."""
        return self._outbox.dropped

    def register(self, attempt: Attempt) -> Attempt:
        """Begins to carry an attempt and to renew its lease."""
        with self.news:
            if self._ended or self.foreign:
                raise ParamoError("ABORTED", "the connection was closed", "Open a new one with paramo.connect().")
            self._outbox.attempts[attempt.key] = attempt
            if not self._threads:
                self._threads = [threading.Thread(target=run, name=name, daemon=True) for run, name in ((self._run, "paramo-reports"), (self._outbox.run, "paramo-spool"))]
                for thread in self._threads:
                    thread.start()
            self.news.notify_all()
        return attempt

    def spool_end(self, attempt: Attempt, end: SpoolRecord) -> bool:
        """Writes the end of an attempt to the spool, and all that comes before it; True when it is on disk."""
        return self._outbox.write(attempt, end)

    def finish(self, attempt: Attempt, timeout_s: float) -> List[Batch]:
        """Makes an attempt ready for its end: nothing more of it goes out by the stream.

        Returns what the end has to carry along. Raises ParamoError UNAVAILABLE when that is too much and the daemon stays away.
        """
        with self.news:
            attempt.cut()
        self.flush()
        if attempt.bytes > _CARRIED_BYTES and not self.wait(lambda: attempt.bytes <= _CARRIED_BYTES, timeout_s=timeout_s, go_on_when_away=False):
            message = f"the daemon stays away, and trial {attempt.trial} has more to tell than its last call can carry"
            raise ParamoError("UNAVAILABLE", message, "What is in the spool is delivered later: see `paramo sync`.")
        with self.news:
            attempt.finishing = True
            attempt.cut()
            unacked = attempt.unacked()
            self.news.notify_all()
        return [self._outbox.read(attempt, batch) for batch in unacked]

    def leave(self, attempt: Attempt, end: SpoolRecord) -> None:
        """Ends an attempt in the spool alone. Never raises."""
        self._outbox.write(attempt, end)
        with self.news:
            attempt.finishing = True
        self.forget(attempt, False)

    def forget(self, attempt: Attempt, is_settled: bool) -> None:
        """Carries an attempt no more. `is_settled`: nor need the spool keep anything of it."""
        with self.news:
            attempt.forgotten = True
            if self._outbox.attempts.get(attempt.key) is attempt:
                del self._outbox.attempts[attempt.key]
            if not is_settled:
                self._stranded[attempt.key] = attempt.points
            self._end.linger_until = time.monotonic() + _LINGER_S
            self.news.notify_all()
        if is_settled:
            self.settle(attempt)

    def settle(self, attempt: Attempt) -> None:
        """Nothing of an attempt need be kept."""
        with self.news:
            self._stranded.pop(attempt.key, None)
        self._outbox.settle(attempt)

    def read(self, attempt: Attempt, batch: Union[int, Batch]) -> Batch:
        """A batch of an attempt that may lie on disk alone."""
        return self._outbox.read(attempt, batch)

    def refuse(self, subject: str, why: str) -> None:
        """Counts a point that cannot be stored, and says why once a subject."""
        self.refused += 1
        self._warnings.once(subject, why)

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
        """Sends what waits for at most `timeout_s` seconds, says goodbye and what stays behind, and ends."""
        if self.foreign:
            return
        until = time.monotonic() + timeout_s
        with self.news:
            if self._end.goodbye == "no" and self._outbox.attempts:
                self._end.goodbye = "due"
            self._end.linger_until = 0.0
            self.flush()
            while self._end.goodbye == "due" or (self._open and self._end.goodbye == "said"):
                left = until - time.monotonic()
                if left <= 0 or not self._threads or not self._threads[0].is_alive():
                    break
                self.news.wait(left)
            points = sum(self._stranded.values()) + sum(attempt.points for attempt in self._outbox.attempts.values())
            self._ended = True
            call = self._call
            self.news.notify_all()
        self._say_what_is_left(points, self._outbox.close())
        if call:
            call.cancel()

    def disown(self) -> None:
        """In a child of a fork: the threads, the stream, the spool and perhaps the lock's holder are the parent's."""
        self.foreign = True
        self._link.disown()
        self.news = threading.Condition()
        self._outbox.attempts = {}

    def _run(self) -> None:
        tries = 0
        while True:
            with self.news:
                while not self._ended and not is_wanted(self._outbox, self._end):
                    self.news.wait()
                if self._ended:
                    return
            stream: Optional[ReportStream] = None
            pause_s = 0.0
            opened = self._link.opened
            try:
                self._link.ready()
                opened = self._link.opened
                with self.news:
                    self._streams += 1
                    stream = ReportStream(self._streams, self._outbox, self.news, self._writer_id, self._warnings, self._end)
                    self._open = True
                self._set_away(False)
                call = self._call = self._link.stream(TrialServiceStub, "Report", stream.outgoing())
                for response in call:
                    tries = 0
                    stream.take(response)
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
                    if stream:
                        stream.over = True
                    self._open = False
                    self._call = None
                    self.news.notify_all()
            # Nobody but this thread waits for the daemon here, so it never gives up: spool and memory have limits of their own.
            with self.news:
                if is_wanted(self._outbox, self._end) and not self._ended:
                    self._sleep(backoff_s(tries), pause_s, opened)
                    tries += 1

    def _sleep(self, seconds: float, pause_s: float, opened: int) -> None:
        """Waits for another try: no longer than the leases held allow, nor than until another call finds the daemon; `pause_s` in any case."""
        begun = time.monotonic()
        lease_s = min((attempt.lease_s for attempt in self._outbox.attempts.values()), default=seconds * 2)
        while not self._ended:
            most_s = 0.0 if self._link.opened != opened else _CLOSING_WAIT_S if self._end.goodbye == "due" else lease_s / 2
            left = begun + max(pause_s, min(seconds, most_s)) - time.monotonic()
            if left <= 0:
                return
            self.news.wait(left)

    def look_again(self) -> None:
        """Notes that the daemon was found by another call."""
        with self.news:
            self.news.notify_all()

    def _set_away(self, away: bool) -> None:
        if away and not self.away and self._why_no_spool:
            self._warnings.once("spool", f"the daemon is away and points are kept in memory only, for {self._why_no_spool}")
        with self.news:
            self.away = away
            self.news.notify_all()

    def _say_what_is_left(self, points: int, directory: Optional[str]) -> None:
        ends = len(self._stranded)
        if points + ends == 0:
            return
        what = points_and_ends(points, ends)
        if directory:
            self._warnings.once("left", f"the daemon is away: {what} stay in {directory}; the next start on this home delivers them, or `paramo sync`")
        else:
            self._warnings.once("left", f"the daemon is away: {what} were not stored")
