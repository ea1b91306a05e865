"""Says in the name of a process that is gone what it could not say any more."""

from __future__ import annotations

import queue
from typing import Dict, Iterator, List, Optional, Sequence, Set

from ._channel import OpenCall
from ._errors import ParamoError, is_lost, is_unheard
from ._link import Link
from ._spool_files import AttemptName
from .v1.spool_pb2 import SpoolRecord
from .v1.trial_pb2 import AttemptUpdate, Batch
from .v1.trial_service_pb2 import ReportOnceRequest, ReportRequest
from .v1.trial_service_pb2_grpc import TrialServiceStub

# A message holds so many bytes of batches, and one batch more.
_MESSAGE_BYTES = 256 * 1024
# The daemon will never know these.
_UNKNOWN = ("STUDY_NOT_FOUND", "TRIAL_NOT_FOUND")
# These points will never be stored; others of the attempt may.
_INVALID = ("INVALID_METRIC", "INVALID_ARGUMENT", "LIMIT_EXCEEDED")


class LateWriter:
    """The writer `writer_id`, of whom the daemon stores only what it does not have yet.

    It has one stream from its first batch to its goodbye: at the end of a stream the daemon takes the trials of a process
    that died from it, and one of which the end is still to come could go to another worker. Raises ParamoError when the
    daemon stays away.
    """

    def __init__(self, link: Link, writer_id: str) -> None:
        self.stored = 0
        """Points the daemon did not have."""
        self.refused = 0
        """Points and ends that it will never take."""
        self.why_refused = ""
        """Of the first of these."""
        self.ended = 0
        """Ends of attempts that it took."""
        self._link = link
        self._writer_id = writer_id
        self._known: Dict[AttemptName, int] = {}
        """By attempt, the sequence up to which the daemon has all."""
        self._gone: Set[AttemptName] = set()
        self._requests: "queue.SimpleQueue[Optional[ReportRequest]]" = queue.SimpleQueue()
        self._call: Optional[OpenCall] = None
        self._responses: Iterator[object] = iter(())

    def send(self, batches: Sequence[Batch]) -> None:
        """Sends the new ones of batches that are in order within each attempt, and empty ones for those that are missing."""
        message: List[Batch] = []
        size = 0
        expected: Dict[AttemptName, int] = {}
        for batch in batches:
            name = name_of(batch)
            if not self._learn(batch):
                self.refused += _points(batch)
                continue
            for sequence in range(expected.get(name, self._known[name] + 1), batch.sequence + 1):
                message.append(batch if sequence == batch.sequence else _empty(batch, sequence))
                expected[name] = sequence + 1
            size += batch.ByteSize()
            if size >= _MESSAGE_BYTES:
                self._send_together(message)
                message = []
                size = 0
        self._send_together(message)

    def end(self, record: SpoolRecord) -> bool:
        """Ends an attempt as the record says; False when it still goes on, because that end will never be taken."""
        kind = record.WhichOneof("kind") or ""
        request = getattr(record, kind)
        if self._learn(Batch(study_id=request.attempt.study_id, trial=request.attempt.trial, attempt=request.attempt.attempt)):
            try:
                self._link.unary(TrialServiceStub, kind.capitalize(), request)
                self.ended += 1
                return True
            except ParamoError as error:
                if is_unheard(error):
                    raise
                self._refuse(1, error)
                return error.code != "OBJECTIVE_MISSING"
        self.refused += 1
        return True

    def close(self, goodbye: bool = False) -> None:
        """Ends the stream. `goodbye`: what the writer still held is lost to it now, not after the lease."""
        if goodbye:
            self._stream().put(ReportRequest(writer_id=self._writer_id, goodbye=True))
        if self._call is None:
            return
        self._requests.put(None)
        try:
            for _ in self._responses:
                pass
        except ParamoError:
            # Its end came in another way.
            pass
        self._call = None

    def abandon(self) -> None:
        """Lets the stream go, if there is one."""
        if self._call is not None:
            self._requests.put(None)
            self._call.cancel()
            self._call = None

    def _learn(self, of: Batch) -> bool:
        """Asks once an attempt what the daemon has of it; False when it does not know it."""
        name = name_of(of)
        if name not in self._known and name not in self._gone:
            self._alone(_empty(of, 0))
        return name not in self._gone

    def _send_together(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        try:
            self._stream().put(ReportRequest(writer_id=self._writer_id, batches=batches))
            while any(batch.sequence > self._known[name_of(batch)] for batch in batches):
                response = next(self._responses, None)
                if response is None or response.refusals:  # type: ignore[attr-defined]
                    break
                for update in response.updates:  # type: ignore[attr-defined]
                    self._note(batches, update)
        except ParamoError as error:
            if is_lost(error):
                raise
        # One is refused, and those behind it with it: which one is seen when they go one by one.
        for batch in batches:
            name = name_of(batch)
            if name in self._gone:
                self.refused += _points(batch)
            elif batch.sequence > self._known[name]:
                self.abandon()
                self._alone(batch)

    def _alone(self, batch: Batch) -> None:
        name = name_of(batch)
        try:
            update = self._link.unary(TrialServiceStub, "ReportOnce", ReportOnceRequest(writer_id=self._writer_id, batch=batch)).update
        except ParamoError as error:
            if error.code in _UNKNOWN:
                self._gone.add(name)
                self._refuse(_points(batch), error)
            elif error.code in _INVALID and batch.series:
                self._refuse(_points(batch), error)
                self._alone(_empty(batch, batch.sequence))
            else:
                raise
            return
        if batch.sequence:
            self._note([batch], update)
        else:
            self._known[name] = update.acked_sequence

    def _refuse(self, count: int, error: ParamoError) -> None:
        self.refused += count
        self.why_refused = self.why_refused or f"{error.code}: {error.message}"

    def _note(self, batches: Sequence[Batch], update: AttemptUpdate) -> None:
        name = (update.study_id, update.trial, update.attempt)
        known = self._known.get(name)
        if known is None or update.acked_sequence <= known:
            return
        self.stored += sum(_points(batch) for batch in batches if name_of(batch) == name and known < batch.sequence <= update.acked_sequence)
        self._known[name] = update.acked_sequence

    def _stream(self) -> "queue.SimpleQueue[Optional[ReportRequest]]":
        if self._call is None:
            self._requests = queue.SimpleQueue()
            self._call = self._link.stream(TrialServiceStub, "Report", iter(self._requests.get, None))
            self._responses = iter(self._call)
        return self._requests



def name_of(batch: Batch) -> AttemptName:
    """The attempt it is of."""
    return (batch.study_id, batch.trial, batch.attempt)


def _empty(of: Batch, sequence: int) -> Batch:
    return Batch(study_id=of.study_id, trial=of.trial, attempt=of.attempt, sequence=sequence)


def _points(batch: Batch) -> int:
    return sum(len(series.steps) for series in batch.series)
