"""The right to deliver a spool in place of an owner that is gone."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import Optional

from ._process_identity import SPOOL_FORMAT, is_gone
from ._spool_files import CLOSED, read_spool_file, spool_files
from ._spool_frame import frame_records
from .v1.spool_pb2 import SpoolOwner, SpoolRecord

# A process of another host or container is taken for gone when nothing was written for so long.
_UNSEEN_S = 3600.0


class Claim:
    """Nobody else delivers the spool in `directory` while its process lives."""

    def __init__(self, directory: str, writer_id: str, path: str) -> None:
        self.directory = directory
        self.writer_id = writer_id
        """In whose name it is delivered."""
        self._path = path

    def release(self) -> None:
        """Lets go of what is left, for others; never raises."""
        try:
            os.unlink(self._path)
        except OSError:
            # It is free once this process is gone.
            pass

    def remove(self) -> None:
        """Removes the folder: all of it is delivered. Never raises."""
        shutil.rmtree(self.directory, ignore_errors=True)


def claim_spool(directory: str, by: SpoolOwner) -> Optional[Claim]:
    """Claims a spool; None: it is left alone, for somebody is at work on it, or may be. Raises OSError when the folder cannot be read or written."""
    names = os.listdir(directory)
    owner = _owner_of(directory)
    if owner is not None and owner.format > SPOOL_FORMAT:
        return None
    if CLOSED not in names and not _is_silent(owner, directory):
        return None
    before = max((int(match[1]) for match in (re.fullmatch(r"claim\.(\d+)", name) for name in names) if match), default=0)
    if before and not _is_silent(_read_owner(os.path.join(directory, f"claim.{before}")), directory):
        return None
    path = os.path.join(directory, f"claim.{before + 1}")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Somebody else was faster.
        return None
    try:
        os.write(file, frame_records([SpoolRecord(owner=by).SerializeToString()]))
    finally:
        os.close(file)
    return Claim(directory, owner.writer_id if owner is not None else os.path.basename(directory), path)


def _is_silent(process: Optional[SpoolOwner], directory: str) -> bool:
    """Whether a process is gone, or as good as gone."""
    gone = is_gone(process) if process is not None else None
    if gone is not None:
        return gone
    times = [os.path.getmtime(directory)]
    for name in os.listdir(directory):
        try:
            times.append(os.path.getmtime(os.path.join(directory, name)))
        except OSError:
            pass
    return time.time() - max(times) > _UNSEEN_S


def _owner_of(directory: str) -> Optional[SpoolOwner]:
    """Whose spool it is, by the first of its files that says so."""
    return next((owner for owner in (_read_owner(path) for path in spool_files(directory)) if owner is not None), None)


def _read_owner(path: str) -> Optional[SpoolOwner]:
    try:
        records = read_spool_file(path).records
    except OSError:
        return None
    return records[0].owner if records and records[0].WhichOneof("kind") == "owner" else None
