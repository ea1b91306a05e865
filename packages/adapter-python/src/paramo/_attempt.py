"""One attempt as its worker's process sees it: points on their way out, the daemon's will on its way in."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Deque, Dict, List, Optional, Tuple

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


class _KeptBatch:
    """Points that have a sequence and are kept until acked."""

    __slots__ = ("sequence", "block", "done", "sent_on")

    def __init__(self, sequence: int, block: Optional[PointBlock], done: int) -> None:
        self.sequence = sequence
        self.block = block
        self.done = done
        self.sent_on = 0
        """The stream it went out on last; 0: none."""


class Attempt:
    """An attempt at a trial. All but `loose.append` is guarded by the lock of its reporter."""

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
        self._batches: List[_KeptBatch] = []
        self._sequence = 0
        self._done = 0
        self._batched_done = 0

    @property
    def key(self) -> Tuple[str, int, int]:
        return (self.study_id, self.trial, self.attempt)

    @property
    def has_work(self) -> bool:
        """True while something waits to be sent or acked."""
        return bool(self._batches or self.loose or self._done > self._batched_done)

    @property
    def points(self) -> int:
        """Points not yet acked."""
        return len(self.loose) + sum(batch.block.points for batch in self._batches if batch.block)

    @property
    def bytes(self) -> int:
        """Their size on the wire, without what is in no batch yet."""
        return sum(batch.block.bytes for batch in self._batches if batch.block)

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
        self._sequence += 1
        self._batches.append(_KeptBatch(self._sequence, PointBlock(taken) if taken else None, self._done))
        self._batched_done = self._done

    def next_unsent(self, epoch: int) -> Optional[Batch]:
        """The next batch not sent on stream `epoch`, marked as sent."""
        for batch in self._batches:
            if batch.sent_on != epoch:
                batch.sent_on = epoch
                return self._to_message(batch)
        return None

    def unacked(self) -> List[Batch]:
        """Everything not acked, in order."""
        return [self._to_message(batch) for batch in self._batches]

    def shed(self) -> int:
        """Takes the points out of its oldest batch to free memory; says how many."""
        for batch in self._batches:
            if batch.block:
                points = batch.block.points
                batch.block = None
                return points
        return 0

    def apply(self, update: AttemptUpdate) -> None:
        """Takes news in."""
        if update.acked_sequence > 0:
            self._batches = [batch for batch in self._batches if batch.sequence > update.acked_sequence]
        self.decided_done = max(self.decided_done, update.decided_done)
        if update.HasField("granted_through"):
            self.granted = max(self.granted if math.isfinite(self.granted) else 0, update.granted_through)
        self.judge(_VERDICTS.get(update.verdict, "continue"), update.reason)

    def judge(self, verdict: str, reason: str) -> None:
        """Takes a verdict in: what ends an attempt is never taken back by a message that was under way."""
        if _GRAVITY[verdict] > _GRAVITY[self.verdict]:
            self.verdict = verdict
            self.reason = reason

    def refuse(self, sequence: int, why: str) -> None:
        """The daemon will never take the points of this batch."""
        for batch in self._batches:
            if batch.sequence != sequence:
                continue
            if batch.block:
                # Its number must still arrive, or those after it would leave a gap: it goes out again without its points.
                batch.block = None
                batch.sent_on = 0
                return
            # Not even that is taken: the trial is gone.
            self._batches = []
            if self.verdict == "continue":
                self.judge("ended", why)
            return

    def _to_message(self, batch: _KeptBatch) -> Batch:
        return Batch(study_id=self.study_id, trial=self.trial, attempt=self.attempt, sequence=batch.sequence, series=batch.block.messages() if batch.block else (), done=batch.done)
