"""What was logged, on its way to disk and then to the daemon."""

from __future__ import annotations

import threading
import time
from typing import Dict, List, Optional, Union

from ._attempt import Attempt
from ._spool import Spool, SpoolEntry
from ._spool_files import AttemptName
from ._warnings import Warnings
from .v1.spool_pb2 import SpoolRecord
from .v1.trial_pb2 import Batch

# The longest a point waits for company; so much is lost of a process that is killed.
_FLUSH_S = 0.1
# The longest that mere progress waits.
_PROGRESS_S = 1.0
# Past its quota the spool is written to more rarely, but as often as this.
_RAREST_FLUSH_S = 60.0
# So many loose points make a batch at once.
_BATCH_POINTS = 4096
# So many batches of an attempt stay in memory although they are on disk.
_HELD_BATCHES = 64
# A disk that took nothing is left alone for so long.
_RETRY_S = 1.0
# The longest that the disk is waited for at the end.
_CLOSE_S = 1.0


class Outbox:
    """The attempts of this process. Its thread cuts batches of what was logged and writes them to the spool, if there is one.

    `news` guards it and the attempts, and is never held while the disk is waited for.
    """

    def __init__(self, news: threading.Condition, warnings: Warnings, spool: Optional[Spool], max_points: int) -> None:
        self.attempts: Dict[AttemptName, Attempt] = {}
        self.dropped = 0
        """Points given up: memory for unacked ones was full, or the spool past its quota."""
        self.max_points = max_points
        """The most points of unacked batches kept in memory, 24 bytes each."""
        self.ended = False
        self._news = news
        self._warnings = warnings
        self._spool = spool
        # Held from the look at what is to be written until it is: each batch goes to disk once, in order.
        self._writing = threading.Lock()
        self._keep_every = 1
        self._retry_at = 0.0
        self._flush_at: Optional[float] = None
        self._progress_at: Optional[float] = None

    @property
    def spooled_only(self) -> bool:
        """Whether batches go out only once they are on disk: not where the disk takes none."""
        return self._spool is not None and self._spool.trouble is None

    @property
    def has_work(self) -> bool:
        """True while something waits to be sent or acked."""
        return any(attempt.has_work and not attempt.finishing for attempt in self.attempts.values())

    def added(self, attempt: Attempt) -> None:
        """Notes that points were put into `attempt.loose`. Never waits for disk or daemon, never raises."""
        if len(attempt.loose) >= _BATCH_POINTS:
            with self._news:
                self._cut(attempt)
                self._shed(attempt)
                self._flush_at = 0.0
                self._news.notify_all()
        elif self._flush_at is None:
            with self._news:
                self._flush_at = time.monotonic() + min(_RAREST_FLUSH_S, _FLUSH_S * self._keep_every)
                self._news.notify_all()

    def progress(self, attempt: Attempt, done: int) -> None:
        """Notes steps done that no point shows."""
        with self._news:
            attempt.mark_done(done)
            if self._progress_at is None:
                self._progress_at = time.monotonic() + _PROGRESS_S
                self._news.notify_all()

    def flush(self) -> None:
        """Lets what waits go now, not at the next tick."""
        with self._news:
            self._flush_at = 0.0
            self._news.notify_all()

    def run(self) -> None:
        """The work of the thread, until `ended`."""
        while True:
            with self._news:
                while not self.ended:
                    due = [at for at in (self._flush_at, self._progress_at) if at is not None]
                    left = min(due) - time.monotonic() if due else None
                    if left is not None and left <= 0:
                        break
                    self._news.wait(left)
                if self.ended:
                    return
            self.write()

    def write(self, attempt: Optional[Attempt] = None, end: Optional[SpoolRecord] = None) -> bool:
        """Cuts what is loose and brings it to disk, and last the end of `attempt`; True when it is there. Never raises."""
        is_written = False
        with self._writing:
            if self.ended:
                return False
            with self._news:
                # First this, then the cuts: a point that comes in between asks for the next flush.
                self._flush_at = self._progress_at = None
                for other in self.attempts.values():
                    if not other.finishing:
                        self._cut(other)
                if attempt and end:
                    end.dropped = attempt.thinned
            if self._spool:
                is_written = self._append(self._spool, SpoolEntry(attempt.key, end) if attempt and end else None)
            with self._news:
                self._news.notify_all()
        return is_written

    def read(self, attempt: Attempt, batch: Union[int, Batch]) -> Batch:
        """A batch of an attempt that may lie on disk alone; without its points when it cannot be read any more."""
        if isinstance(batch, Batch):
            return batch
        return (self._spool and self._spool.read(attempt.key, batch)) or attempt.empty_batch(batch)

    def note_acks(self) -> None:
        """Removes from disk what was acked."""
        if not self._spool:
            return
        with self._news:
            acked = [(attempt.key, attempt.acked) for attempt in self.attempts.values()]
        for key, sequence in acked:
            self._spool.ack(key, sequence)
        self._keep_every = self._spool.keep_every

    def settle(self, attempt: Attempt) -> None:
        """The spool need keep nothing of an attempt that has ended."""
        if self._spool:
            with self._writing:
                self._spool.settle(attempt.key)

    def close(self) -> Optional[str]:
        """Writes nothing more. Says where what was not acked lies; None: nowhere."""
        self.ended = True
        # A disk that hangs keeps no process from its end.
        is_idle = self._writing.acquire(timeout=_CLOSE_S)
        left = self._spool.close() if self._spool and is_idle else False
        return self._spool.directory if self._spool and left else None

    def _append(self, spool: Spool, end: Optional[SpoolEntry]) -> bool:
        if not end and spool.trouble and time.monotonic() < self._retry_at:
            return False
        entries: List[SpoolEntry] = []
        written: Dict[AttemptName, int] = {}
        with self._news:
            for key, attempt in self.attempts.items():
                for batch in attempt.unspooled():
                    entries.append(SpoolEntry(key, SpoolRecord(batch=attempt.to_message(batch), dropped=batch.thinned), batch.sequence))
                    written[key] = batch.sequence
        if end:
            entries.append(end)
        is_written = spool.append(entries)
        with self._news:
            self._keep_every = spool.keep_every
            if is_written:
                for key, sequence in written.items():
                    # An attempt that has ended in the meantime keeps nothing.
                    if key in self.attempts:
                        self.attempts[key].spooled = sequence
                        self.attempts[key].demote(_HELD_BATCHES)
                return True
        self._retry_at = time.monotonic() + _RETRY_S
        self._warnings.once("spool", f"the spool {spool.directory} cannot be written ({spool.trouble}): points are kept in memory until the daemon has them, and lost if this process is killed")
        return False

    def _cut(self, attempt: Attempt) -> None:
        if self._keep_every > 1:
            gone = attempt.thin(self._keep_every)
            self.dropped += gone
            if gone and self._spool:
                self._warnings.once("quota", f"the spool {self._spool.directory} is past its quota: until the daemon is back, of each metric only some points are kept, the last always; ends of trials and checkpoints are not affected")
        attempt.cut()

    def _shed(self, attempt: Attempt) -> None:
        """Frees memory when the daemon has been away for long: the oldest points of `attempt` go first, then anybody's."""
        points = sum(one.held_points for one in self.attempts.values())
        if points > self.max_points:
            for other in self.attempts.values():
                other.demote(0)
            points = sum(one.held_points for one in self.attempts.values())
        while points > self.max_points:
            gone = attempt.shed() or next((shed for shed in (other.shed() for other in self.attempts.values()) if shed), 0)
            if gone == 0:
                return
            self.dropped += gone
            points -= gone
            self._warnings.once("dropped", f"the daemon has been away for long: the oldest of {self.max_points} unsent points are being dropped")
