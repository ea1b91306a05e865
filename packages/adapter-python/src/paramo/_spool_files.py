"""The files of a spool."""

from __future__ import annotations

import os
import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from ._spool_frame import read_frames
from .v1.spool_pb2 import SpoolRecord
from .v1.trial_pb2 import Batch

AttemptName = Tuple[str, int, int]
"""Study, trial, attempt."""

CLOSED = "closed"
"""Name of the empty file by which an owner that lives on lets others deliver what it has left."""


class SpoolFile(NamedTuple):
    """What can be read of a file."""

    records: List[SpoolRecord]
    unread_bytes: int
    """Bytes at its end that cannot be read; 0: it is whole."""


def spool_files(directory: str) -> List[str]:
    """The files of one spool, oldest first; raises OSError when the folder cannot be read."""
    return [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if re.fullmatch(r"\d{10}\.spool", name)]


def spool_file_name(number: int) -> str:
    """The name of the `number`th file."""
    return f"{number:010d}.spool"


def read_spool_file(path: str) -> SpoolFile:
    """The records of a file up to the first that is torn or damaged; raises OSError when it cannot be read."""
    with open(path, "rb") as file:
        data = file.read()
    payloads, _ = read_frames(data)
    records: List[SpoolRecord] = []
    read = 0
    for payload in payloads:
        try:
            records.append(SpoolRecord.FromString(payload))
        except Exception:
            # Its checksum is right, and yet it is no message of ours: as good as damaged.
            break
        read += 8 + len(payload)
    return SpoolFile(records, len(data) - read)


class BatchFinder:
    """Finds batches in files by attempt and sequence. The file read last is kept in memory, since they are asked for in order."""

    def __init__(self) -> None:
        self._path = ""
        self._batches: Dict[Tuple[AttemptName, int], Batch] = {}

    def find(self, path: str, attempt: AttemptName, sequence: int) -> Optional[Batch]:
        """The batch, if it can be read."""
        # It may have grown since.
        if self._path != path or (attempt, sequence) not in self._batches:
            self._path = path
            self._batches = _batches_of(path)
        return self._batches.get((attempt, sequence))


def _batches_of(path: str) -> Dict[Tuple[AttemptName, int], Batch]:
    try:
        records = read_spool_file(path).records
    except OSError:
        # Somebody removed it: its batches go out empty.
        return {}
    batches = [record.batch for record in records if record.WhichOneof("kind") == "batch"]
    return {((batch.study_id, batch.trial, batch.attempt), batch.sequence): batch for batch in batches}
