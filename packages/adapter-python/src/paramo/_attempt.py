"""One attempt as its worker's process sees it: points on their way out, the daemon's will on its way in."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Deque, Dict, List, Optional, Set, Tuple, Union

from ._point_block import Point, PointBlock
from .v1 import trial_pb2
from .v1.trial_pb2 import AttemptUpdate, Batch
from .v1.trial_service_pb2 import AttemptKey

_VERDICTS: Dict[int, str] = {
    trial_pb2.VERDICT_STOP: "stop",
    trial_pb2.VERDICT_PAUSE: "pause",
    trial_pb2.VERDICT_FENCED: "fenced",
    trial_pb2.VERDICT_ENDED: "ended",
}

# Stop beats pause, and what is over beats both.
_GRAVITY = {"continue": 0, "pause": 1, "stop": 2, "ended": 3, "fenced": 4}


class KeptBatch:
    """Points that have a sequence and are kept until acked."""

    __slots__ = ("sequence", "block", "done", "thinned")

    def __init__(self, sequence: int, block: Optional[PointBlock], done: int, thinned: int) -> None:
        self.sequence = sequence
        self.block = block
        self.done = done
        self.thinned = thinned
        """Points of the attempt that were left out up to here."""


class Attempt:
    """An attempt at a trial. All but `loose.append` is guarded by the lock of its reporter.

    What is not acked has consecutive sequences: the first of them may lie on disk alone, the others are in memory.
    """

    def __init__(self, study_id: str, trial: int, attempt: int, lease_s: float, granted: float = math.inf) -> None:
        self.study_id = study_id
        self.trial = trial
        self.attempt = attempt
        self.lease_s = lease_s
        self.granted = granted
        """The done-count it may reach."""
        self.verdict = "continue"
        """`continue`, `pause`, `stop`, `ended` or `fenced`."""
        self.reason = ""
        """Why, in the daemon's words."""
        self.decided_done = 0
        """Reports up to this done-count have been decided on."""
        self.loose: Deque[Point] = deque()
        """Points in no batch yet; `append` and `popleft` are atomic."""
        self.last_sent = time.monotonic()
        self.forgotten = False
        """True once nothing of it is carried any more."""
        self.finishing = False
        """True once its last call carries what is unacked: the stream sends no more of it."""
        self.acked = 0
        """The highest sequence that need not be kept: it is stored with all before it, or never will be."""
        self.spooled = 0
        """The highest sequence that is in the spool."""
        self.held_points = 0
        """Points of batches in memory."""
        self.thinned = 0
        """Points left out because the spool was past its quota."""
        self._held_bytes = 0
        self._batches: List[KeptBatch] = []
        self._sequence = 0
        self._disk_points = 0
        self._disk_bytes = 0
        self._emptied: Set[int] = set()
        """Refused once: their points are not sent again."""
        self._again: List[int] = []
        """Of those the ones to send again on the stream at hand."""
        self._stream = 0
        self._next = 1
        """The next sequence to go out on stream `_stream`."""
        self._done = 0
        self._batched_done = 0

    @property
    def key(self) -> Tuple[str, int, int]:
        return (self.study_id, self.trial, self.attempt)

    @property
    def has_work(self) -> bool:
        """True while something waits to be sent or acked."""
        return bool(self.acked < self._sequence or self.loose or self._done > self._batched_done)

    @property
    def points(self) -> int:
        """Points not yet acked; those on disk alone count until the last of them is."""
        return len(self.loose) + self.held_points + self._disk_points

    @property
    def bytes(self) -> int:
        """Their size on the wire, without what is in no batch yet."""
        return self._held_bytes + self._disk_bytes

    def message(self) -> AttemptKey:
        """The attempt as the wire names it."""
        return AttemptKey(study_id=self.study_id, trial=self.trial, attempt=self.attempt)

    def mark_done(self, done: int) -> None:
        """Steps done so far, which points need not show."""
        self._done = max(self._done, done)

    def cut(self) -> None:
        """Makes a batch of what is loose, if anything is."""
        taken = [self.loose.popleft() for _ in range(len(self.loose))]
        if not taken and self._done <= self._batched_done:
            return
        block = PointBlock(taken) if taken else None
        self._sequence += 1
        self._batches.append(KeptBatch(self._sequence, block, self._done, self.thinned))
        self._batched_done = self._done
        if block:
            self.held_points += block.points
            self._held_bytes += block.bytes

    def thin(self, keep_every: int) -> int:
        """Keeps of what is loose every `keep_every`th point of each metric, and the last one; says how many it let go."""
        taken = [self.loose.popleft() for _ in range(len(self.loose))]
        left: Dict[str, int] = {}
        kept: List[Point] = []
        for point in reversed(taken):
            count = left.get(point[0], 0)
            if count % keep_every == 0:
                kept.append(point)
            left[point[0]] = count + 1
        self.loose.extendleft(kept)
        gone = len(taken) - len(kept)
        self.thinned += gone
        return gone

    def unspooled(self) -> List[KeptBatch]:
        """The batches that are not in the spool, in order."""
        first = self._first_held
        return self._batches[max(0, self.spooled + 1 - first) :] if self.spooled < self._sequence else []

    def demote(self, count: int) -> None:
        """Lets go of what is also on disk, beyond so many batches."""
        gone = min(len(self._batches) - count, self.spooled + 1 - self._first_held)
        if gone <= 0:
            return
        for batch in self._batches[:gone]:
            if batch.block:
                self._disk_points += batch.block.points
                self._disk_bytes += batch.block.bytes
        self._let_go(gone)

    def has_unsent(self, stream: int, spooled_only: bool = False) -> bool:
        """Whether a batch was not sent on stream `stream` yet. `spooled_only`: of those in the spool."""
        if self._stream != stream:
            self._stream = stream
            self._next = self.acked + 1
            self._again = []
        self._next = max(self._next, self.acked + 1)
        return bool(self._again) or self._next <= (self.spooled if spooled_only else self._sequence)

    def next_unsent(self, stream: int, spooled_only: bool = False) -> Union[None, int, Batch]:
        """The first of these, which counts as sent then; by its sequence if it lies on disk alone."""
        if not self.has_unsent(stream, spooled_only):
            return None
        if self._again:
            return self.unacked_at(self._again.pop(0))
        self._next += 1
        return self.unacked_at(self._next - 1)

    def unacked(self) -> List[Union[int, Batch]]:
        """Everything not acked, in order; by sequence what lies on disk alone."""
        return [self.unacked_at(sequence) for sequence in range(self.acked + 1, self._sequence + 1)]

    def unacked_at(self, sequence: int) -> Union[int, Batch]:
        """One of these."""
        at = sequence - self._first_held
        if at >= 0:
            return self.to_message(self._batches[at])
        return self.empty_batch(sequence) if sequence in self._emptied else sequence

    def shed(self) -> int:
        """Takes the points out of its oldest batch to free memory; says how many."""
        for batch in self._batches:
            if batch.block:
                return self._empty(batch)
        return 0

    def apply(self, update: AttemptUpdate) -> None:
        """Takes news in."""
        self._ack(update.acked_sequence)
        self.decided_done = max(self.decided_done, update.decided_done)
        if update.HasField("granted_through"):
            self.granted = max(self.granted if math.isfinite(self.granted) else 0, update.granted_through)
        self.judge(_VERDICTS.get(update.verdict, "continue"), update.reason)

    def judge(self, verdict: str, reason: str) -> None:
        """Takes a verdict in: what ends an attempt is never taken back by a message that was under way.

        That it is over is no news to whoever is ending it.
        """
        if _GRAVITY[verdict] > _GRAVITY[self.verdict] and not (self.finishing and verdict == "ended"):
            self.verdict = verdict
            self.reason = reason

    def refuse(self, sequence: int, why: str) -> None:
        """The daemon will never take the points of this batch."""
        if not self.acked < sequence <= self._sequence:
            return
        at = sequence - self._first_held
        batch = self._batches[at] if at >= 0 else None
        if sequence not in self._emptied and (batch is None or batch.block):
            # Its number must still arrive, or those after it would leave a gap: it goes out again without its points.
            if batch:
                self._empty(batch)
            self._emptied.add(sequence)
            self._again.append(sequence)
            return
        # Not even that is taken: the trial is gone.
        self._ack(self._sequence)
        if self.verdict == "continue":
            self.judge("ended", why)

    def to_message(self, batch: KeptBatch) -> Batch:
        """A batch as the wire has it."""
        return Batch(study_id=self.study_id, trial=self.trial, attempt=self.attempt, sequence=batch.sequence, series=batch.block.messages() if batch.block else (), done=batch.done)

    def empty_batch(self, sequence: int) -> Batch:
        """What stands for a batch whose points cannot be had or stored."""
        return Batch(study_id=self.study_id, trial=self.trial, attempt=self.attempt, sequence=sequence)

    @property
    def _first_held(self) -> int:
        return self._sequence - len(self._batches) + 1

    def _ack(self, sequence: int) -> None:
        if sequence <= self.acked:
            return
        self.acked = min(sequence, self._sequence)
        gone = self.acked + 1 - self._first_held
        if gone >= 0:
            self._disk_points = self._disk_bytes = 0
            self._let_go(gone)
        if self._emptied:
            self._emptied = {emptied for emptied in self._emptied if emptied > self.acked}
            self._again = [again for again in self._again if again > self.acked]

    def _let_go(self, count: int) -> None:
        for batch in self._batches[:count]:
            self._empty(batch)
        del self._batches[:count]

    def _empty(self, batch: KeptBatch) -> int:
        if not batch.block:
            return 0
        points = batch.block.points
        self.held_points -= points
        self._held_bytes -= batch.block.bytes
        batch.block = None
        return points
