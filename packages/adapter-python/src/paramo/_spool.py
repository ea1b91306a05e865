"""What a process is about to send, on disk before it is sent, until it is acked."""

from __future__ import annotations

import math
import os
import threading
from typing import Dict, List, NamedTuple, Optional, Sequence

from ._spool_files import CLOSED, AttemptName, BatchFinder, spool_file_name
from ._spool_frame import frame_records
from .v1.spool_pb2 import SpoolOwner, SpoolRecord
from .v1.trial_pb2 import Batch
from .v1.trial_service_pb2 import AttemptKey

# Files are changed at this size, so that what is acked is soon gone from the disk.
_SEGMENT_BYTES = 1024 * 1024
# A file this large whose batches are all acked is removed although it is the newest.
_CLEAN_BYTES = 64 * 1024
# Past the quota, each further share of it of this size halves the points that are kept once more.
_HALVING_SHARE = 1 / 16
# Enough for any disk.
_MOST_HALVINGS = 30


class SpoolEntry(NamedTuple):
    """One record on its way into a spool."""

    attempt: AttemptName
    record: SpoolRecord
    sequence: Optional[int] = None
    """Of a batch; None: the attempt's end, which only `settle` takes out."""


class _Segment:
    __slots__ = ("path", "bytes", "last")

    def __init__(self, path: str) -> None:
        self.path = path
        self.bytes = 0
        self.last: Dict[AttemptName, float] = {}
        """Of each attempt the highest sequence in it; infinite: its end."""


class Spool:
    """The spool of this process. Folder and file come with the first record.

    Written without a sync: it outlives the process however that ends, but not a power cut. Any thread may call.
    """

    def __init__(self, directory: str, owner: SpoolOwner, quota_bytes: int) -> None:
        self.directory = directory
        self.trouble: Optional[str] = None
        """Why the last write failed; None while all is well."""
        self._owner = owner
        self._quota_bytes = quota_bytes
        self._lock = threading.Lock()
        self._finder = BatchFinder()
        self._acked: Dict[AttemptName, float] = {}
        self._segments: List[_Segment] = []
        self._file: Optional[int] = None
        """Descriptor of the newest segment's file while that grows."""
        self._count = 0
        self._used = 0

    @property
    def keep_every(self) -> int:
        """Of the points that come next, every how manieth is to be kept: 1 below the quota; past it 2, then 4, 8, … the more it holds."""
        if self._used < self._quota_bytes:
            return 1
        over = (self._used - self._quota_bytes) / max(1.0, self._quota_bytes * _HALVING_SHARE)
        return 1 << min(_MOST_HALVINGS, 1 + int(over))

    def append(self, entries: Sequence[SpoolEntry]) -> bool:
        """Writes records in one go; False when they are not on disk. Never raises."""
        if not entries:
            return True
        with self._lock:
            try:
                if self._file is not None and self._segments[-1].bytes >= _SEGMENT_BYTES:
                    self._leave()
                if self._file is None:
                    self._open()
                self._put([entry.record for entry in entries])
            except OSError as error:
                self.trouble = str(error)
                return False
            last = self._segments[-1].last
            for entry in entries:
                last[entry.attempt] = max(last.get(entry.attempt, 0), math.inf if entry.sequence is None else entry.sequence)
            self.trouble = None
            return True

    def ack(self, attempt: AttemptName, sequence: int) -> None:
        """Batches of the attempt up to `sequence` need not be kept."""
        with self._lock:
            if self._acked.get(attempt, 0) < sequence:
                self._acked[attempt] = sequence
                self._sweep()

    def settle(self, attempt: AttemptName) -> None:
        """Nothing of the attempt need be kept."""
        with self._lock:
            if any(attempt in segment.last for segment in self._segments):
                self._acked[attempt] = math.inf
            else:
                self._acked.pop(attempt, None)
            self._sweep()
            if self._file is None or attempt not in self._segments[-1].last:
                return
            # Else whoever finds the file would deliver it all once more, which costs time and changes nothing.
            study_id, trial, number = attempt
            try:
                self._put([SpoolRecord(settled=AttemptKey(study_id=study_id, trial=trial, attempt=number))])
            except OSError:
                pass

    def read(self, attempt: AttemptName, sequence: int) -> Optional[Batch]:
        """A batch that was written; None when it cannot be read any more."""
        with self._lock:
            for segment in self._segments:
                if segment.last.get(attempt, 0) >= sequence:
                    return self._finder.find(segment.path, attempt, sequence)
        return None

    def close(self) -> bool:
        """Closes the files and removes what need not be kept; what is left (True) may be delivered by others from then on."""
        with self._lock:
            self._leave()
            for segment in list(self._segments):
                if self._is_done(segment):
                    self._drop(segment)
            if self._count == 0:
                return False
            try:
                if not self._segments:
                    os.rmdir(self.directory)
                else:
                    os.close(os.open(os.path.join(self.directory, CLOSED), os.O_WRONLY | os.O_CREAT, 0o600))
            except OSError:
                # Somebody else's file lies in it, or nothing can be written: it is delivered once this process is gone.
                pass
            return bool(self._segments)

    def _open(self) -> None:
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        self._count += 1
        path = os.path.join(self.directory, spool_file_name(self._count))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self._segments.append(_Segment(path))
        self._put([SpoolRecord(owner=self._owner)])

    def _put(self, records: Sequence[SpoolRecord]) -> None:
        """Writes all of it, or leaves nothing that a reader would stop at."""
        segment = self._segments[-1]
        file = self._file
        assert file is not None
        data = memoryview(frame_records(record.SerializeToString() for record in records))
        try:
            at = 0
            while at < len(data):
                at += os.write(file, data[at:])
        except OSError:
            try:
                os.ftruncate(file, segment.bytes)
            except OSError:
                # Then the torn record stays, and nothing is written behind it.
                pass
            self._leave()
            if segment.bytes == 0:
                self._drop(segment)
            raise
        segment.bytes += len(data)
        self._used += len(data)

    def _leave(self) -> None:
        if self._file is None:
            return
        try:
            os.close(self._file)
        except OSError:
            # Nothing that was written is lost by it.
            pass
        self._file = None

    def _drop(self, segment: _Segment) -> None:
        if segment is self._segments[-1]:
            self._leave()
        self._segments.remove(segment)
        self._used -= segment.bytes
        try:
            os.unlink(segment.path)
        except OSError:
            # Gone already, or it will be delivered once more, which changes nothing.
            pass

    def _is_done(self, segment: _Segment) -> bool:
        return all(self._acked.get(attempt, 0) >= sequence for attempt, sequence in segment.last.items())

    def _sweep(self) -> None:
        for segment in list(self._segments):
            grows = self._file is not None and segment is self._segments[-1]
            if (not grows or segment.bytes >= _CLEAN_BYTES) and self._is_done(segment):
                self._drop(segment)
        for attempt in [attempt for attempt, sequence in self._acked.items() if sequence == math.inf]:
            if not any(attempt in segment.last for segment in self._segments):
                del self._acked[attempt]
