"""Saving checkpoints of an attempt, when they are due."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Sequence

from ._attempt import Attempt
from ._cut_directory import CutDirectory, cut_directory
from ._decision_points import DecisionPoints
from ._errors import ParamoError
from ._while_lost import while_lost
from .v1.checkpoint_service_pb2 import CheckpointHeader, PutCheckpointRequest, StoredCheckpoint
from .v1.checkpoint_service_pb2_grpc import CheckpointServiceStub

if TYPE_CHECKING:
    from ._connection import Connection

# Between two checkpoints lies so much time at least, where nothing else asks for one.
_LEAST_S = 60.0
# And so many times what the last one took: saving costs a twentieth of the training at most.
_SHARE_OF_TIME = 19
# How long a checkpoint is tried while the daemon is away: long where the trial could not go on without it.
_SHORT_PATIENCE_S = 60.0
_LONG_PATIENCE_S = 600.0
# The most content of one message.
_CONTENT_BYTES = 256 * 1024

# Nobody waits for the trial any more, which its next report says.
_OVER = ("FENCED", "TRIAL_ENDED", "TRIAL_NOT_FOUND", "STUDY_NOT_FOUND")
# What the code of the trial can put right. A training cannot help all else: it goes on, and tries again when the next one is due.
_SLIPS = ("INVALID_ARGUMENT", "LIMIT_EXCEEDED")


class CheckpointSaver:
    """Saves checkpoints of an attempt that starts with `done` steps done, where `points` ask for one and as often as a restart is worth.

    `cause`: why the trial is to end, as `StopNotice` has it; empty: it is not.
    """

    def __init__(self, connection: "Connection", attempt: Attempt, points: DecisionPoints, done: int, barrier: bool, cause: Callable[[], str]) -> None:
        self.used = False
        """Whether the code of the trial saves checkpoints."""
        self._cause = cause
        self._connection = connection
        self._attempt = attempt
        self._points = points
        self._patience_s = _LONG_PATIENCE_S if barrier else _SHORT_PATIENCE_S
        self._insists = barrier
        self._saved_done = done
        self._passed_done = done
        self._not_before = time.monotonic() + _LEAST_S
        self._lock = threading.RLock()
        """Held while one is saved. The code that saves may end the trial."""

    @property
    def is_leaving(self) -> bool:
        """Whether the trial is about to be set aside for a later time: paused, or given back."""
        return self._cause() in ("pause", "aborted")

    def is_due(self, done: int) -> bool:
        """Whether one is due with so many steps done: asked for, worth the time, or because the trial is about to be set aside."""
        if done <= self._saved_done:
            return False
        if self._cause():
            return self.is_leaving
        return self._points.passed(self._passed_done, done) or time.monotonic() >= self._not_before

    def wait(self) -> None:
        """Returns when no other thread saves one."""
        with self._lock:
            pass

    def checkpoint(self, save: Callable[[str], object], done: int, force: bool) -> bool:
        """Saves one of step `done` if it is due or forced; True once it is on disk and decided about.

        False also when the trial is over or taken over, or it could not be stored, which is said once on stderr.
        Raises what `save` raises, and ParamoError INVALID_ARGUMENT, LIMIT_EXCEEDED for a directory that cannot be stored.
        """
        if not callable(save):
            raise ParamoError("INVALID_OPTIONS", "what saves the checkpoint is not a function", "Pass lambda dir: … that writes files into the directory.")
        self.used = True
        with self._lock:
            if done == 0 or self._is_gone() or not (force or self.is_due(done)):
                return False
            begun = time.monotonic()
            saved = self._save(save, done)
            if saved:
                self._saved_done = done
            # One that fails is tried again as late as one that was saved, unless the study cannot do without.
            if saved or not self._insists:
                self._passed_done = done
            self._not_before = time.monotonic() + max(_LEAST_S, (time.monotonic() - begun) * _SHARE_OF_TIME)
            return saved

    def _save(self, save: Callable[[str], object], done: int) -> bool:
        work_folder = self._connection.work_folder
        try:
            directory = work_folder.open()
        except OSError as error:
            return self._not_stored(error)
        try:
            save(directory)
            try:
                return self._store(directory, done)
            except (ParamoError, OSError) as error:
                return self._not_stored(error)
        finally:
            work_folder.remove(directory)

    def _store(self, directory: str, done: int) -> bool:
        attempt, reporter = self._attempt, self._connection.reporter
        cut = cut_directory(directory)
        reporter.flush()
        acked = reporter.wait(lambda: not attempt.has_work or self._is_gone(), timeout_s=self._patience_s, go_on_when_away=False)
        if self._is_gone():
            return False
        if not acked:
            raise ParamoError("UNAVAILABLE", "the daemon is away", "The training goes on; the next one is tried again.")
        stored = while_lost(self._patience_s, lambda: self._send(done, cut))
        if stored.HasField("update"):
            with reporter.news:
                attempt.apply(stored.update)
                reporter.news.notify_all()
        return True

    def _not_stored(self, error: Exception) -> bool:
        """False, said once; raises slips."""
        code = error.code if isinstance(error, ParamoError) else ""
        if code in _SLIPS:
            raise error
        if code not in _OVER:
            self._connection.warnings.once("checkpoint", f"a checkpoint of trial {self._attempt.trial} was not stored: {error}")
        return False

    def _is_gone(self) -> bool:
        return self._attempt.finishing or self._attempt.verdict in ("fenced", "ended")

    def _send(self, done: int, cut: CutDirectory) -> StoredCheckpoint:
        """Sends what the daemon lacks. When it goes away it is sent again: the same one changes nothing."""
        asked: "queue.SimpleQueue[Optional[Sequence[bytes]]]" = queue.SimpleQueue()

        def requests() -> Iterator[PutCheckpointRequest]:
            yield PutCheckpointRequest(header=CheckpointHeader(attempt=self._attempt.message(), done=done, manifest=cut.manifest))
            for sha256 in asked.get() or ():
                path, start, size = cut.places[sha256]
                with open(path, "rb") as file:
                    file.seek(start)
                    while size > 0:
                        content = file.read(min(_CONTENT_BYTES, size))
                        if not content:
                            break
                        size -= len(content)
                        yield PutCheckpointRequest(content=content)

        stored: Optional[StoredCheckpoint] = None
        try:
            for response in self._connection.link.stream(CheckpointServiceStub, "PutCheckpoint", requests()):
                if response.HasField("missing"):
                    asked.put(list(response.missing.chunks))
                elif response.HasField("stored"):
                    stored = response.stored
        finally:
            asked.put(None)
        if stored is None:
            raise ParamoError("UNAVAILABLE", "the daemon ended the upload of a checkpoint without an answer", "It is sent again.")
        return stored
