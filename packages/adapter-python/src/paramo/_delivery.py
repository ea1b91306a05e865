"""Delivers what processes that are gone have left in the spools of a home."""

from __future__ import annotations

import os
import threading
from typing import Callable, Dict, List, Optional

from ._backoff import backoff_s
from ._claim import Claim, claim_spool
from ._errors import ParamoError, is_unheard
from ._late_writer import LateWriter, name_of
from ._link import Link
from ._points_and_ends import points_and_ends
from ._spool_files import AttemptName, read_spool_file, spool_files
from ._warnings import Warnings
from .v1.spool_pb2 import SpoolOwner
from .v1.trial_pb2 import Batch

_ENDS = ("complete", "fail", "release")


class Delivery:
    """A thread that delivers the spools in `spools`, begun once, that ends when nothing is left for it to do.

    However often a delivery is cut short and begun again, by whomever, the daemon stores each point once.
    """

    def __init__(self, spools: str, link: Link, by: SpoolOwner, warnings: Warnings) -> None:
        self._spools = spools
        self._link = link
        self._by = by
        self._warnings = warnings
        self._beginning = threading.Lock()
        self._closing = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def begin(self) -> None:
        """Looks for spools, and delivers them aside."""
        with self._beginning:
            if self._thread is None and self._directories():
                self._thread = threading.Thread(target=self._run, name="paramo-delivery", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for its end for at most `timeout_s`; what is left then is for the next who starts."""
        self._closing.set()
        if self._thread:
            self._thread.join(max(0.0, timeout_s))

    def _run(self) -> None:
        tries = 0
        for directory in self._directories():
            while True:
                try:
                    claim = claim_spool(directory, self._by)
                    if claim:
                        self._deliver(claim)
                except OSError:
                    # It was removed, or is not ours to read.
                    pass
                except ParamoError as error:
                    if is_unheard(error):
                        tries += 1
                        if not self._closing.wait(backoff_s(tries)):
                            continue
                        return
                    self._warnings.once(f"delivery of {directory}", f"the spool {directory} cannot be delivered: {error}")
                break

    def _deliver(self, claim: Claim) -> None:
        writer = LateWriter(self._link, claim.writer_id)
        try:
            deliver_files(claim.directory, writer, lambda path, count: self._warnings.once(path, f"{count} bytes at the end of {path} are damaged and were not delivered"))
        except BaseException:
            claim.release()
            raise
        finally:
            writer.abandon()
        claim.remove()
        if writer.stored or writer.ended:
            self._warnings.once(f"delivered {claim.directory}", f"delivered what an earlier process had left: {points_and_ends(writer.stored, writer.ended)}")
        if writer.refused:
            self._warnings.once(f"refused {claim.directory}", f"some of what an earlier process had left was refused: {writer.why_refused}")

    def _directories(self) -> List[str]:
        try:
            names = sorted(os.listdir(self._spools))
        except OSError:
            return []
        return [os.path.join(self._spools, name) for name in names if name != self._by.writer_id]


def deliver_files(directory: str, writer: LateWriter, on_damage: Callable[[str, int], None]) -> None:
    """Delivers the files of a claimed spool one by one, each removed then.

    `on_damage` is told of a file of which so many bytes cannot be read; the last one may end where its process was cut off.

    Raises ParamoError when the daemon stays away, OSError when the files cannot be read.
    """
    paths = spool_files(directory)
    settled = _settled(paths)
    open_attempts: Dict[AttemptName, bool] = {}
    position = 0
    for path in paths:
        batches: List[Batch] = []
        records, unread_bytes = read_spool_file(path)
        if unread_bytes and path != paths[-1]:
            on_damage(path, unread_bytes)
        for record in records:
            position += 1
            kind = record.WhichOneof("kind")
            if kind == "batch":
                name = name_of(record.batch)
                if position >= settled.get(name, 0):
                    batches.append(record.batch)
                    open_attempts[name] = True
            elif kind in _ENDS:
                attempt = getattr(record, kind).attempt
                name = (attempt.study_id, attempt.trial, attempt.attempt)
                if position < settled.get(name, 0):
                    continue
                writer.send(batches)
                batches = []
                if writer.end(record):
                    open_attempts.pop(name, None)
        writer.send(batches)
        os.unlink(path)
    writer.close(goodbye=bool(open_attempts))


def _settled(paths: List[str]) -> Dict[AttemptName, int]:
    """Of each attempt, the position before which its records need not be delivered."""
    positions: Dict[AttemptName, int] = {}
    position = 0
    for path in paths:
        for record in read_spool_file(path).records:
            position += 1
            if record.WhichOneof("kind") == "settled":
                positions[(record.settled.study_id, record.settled.trial, record.settled.attempt)] = position
    return positions
