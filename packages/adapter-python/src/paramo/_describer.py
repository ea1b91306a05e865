"""Describes what attempts run as, and measures what they use, in the background."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from typing import Any, Iterator, List, Optional, Tuple

from ._attempt import Attempt
from ._backoff import backoff_s
from ._description import CHANGES_NAME, DESCRIPTION_NAME, Described, describe_process
from ._errors import ParamoError, is_lost
from ._gpus import own_gpus
from ._link import Link
from ._process_tree import read_tree
from ._reporter import Reporter
from .v1.artifact_service_pb2 import ArtifactHeader, PutArtifactRequest
from .v1.artifact_service_pb2_grpc import ArtifactServiceStub

WORTHWHILE_S = 1.0
"""A trial of a search that ends within so long is not worth a description."""

_SAMPLE_S = 15.0
_MOST_TRIES = 20
_UPLOAD_S = 30.0
# The most content of one message.
_PIECE_BYTES = 256 * 1024


class Describing:
    """An attempt that is described while it runs."""

    def __init__(self, describer: "Describer", attempt: Attempt, ahead_s: float, due: float) -> None:
        self._describer = describer
        self.attempt = attempt
        self.due = due
        """When its next sample is due."""
        self.begun = False
        self.over = False
        self.start = time.monotonic() - ahead_s
        """When its trial first started."""
        self.cpu: Optional[Tuple[float, float]] = None
        """Processor time, and when it was that."""

    def end(self) -> None:
        """Takes the last sample, and measures no more. Never raises."""
        self._describer.end(self)


class Describer:
    """One thread for all attempts of this process. Whatever fails is left out."""

    def __init__(self, link: Link, reporter: Reporter) -> None:
        self._link = link
        self._reporter = reporter
        self._changed = threading.Condition()
        self._open: List[Describing] = []
        self._undescribed: List[Describing] = []
        self._busy = False
        self._closed = False
        self._thread: Optional[threading.Thread] = None
        self._pid = os.getpid()
        self._own: Optional[Described] = None
        """The same for all attempts of this process, so that the store has it once."""

    def describe(self, attempt: Attempt, started_ms: int, after_s: float) -> Describing:
        """Describes an attempt once it has lasted for `after_s`; `started_ms`: when its trial first started."""
        # Other attempts may have run on hosts with other clocks; the first one needs none of them.
        ahead_s = 0.0 if attempt.attempt == 1 else max(0.0, time.time() - started_ms / 1000)
        describing = Describing(self, attempt, ahead_s, time.monotonic() + after_s)
        with self._changed:
            if self._closed or self._pid != os.getpid():
                return describing
            self._open.append(describing)
            if after_s == 0:
                # However short it is.
                self._undescribed.append(describing)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="paramo-describes", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return describing

    def end(self, describing: Describing) -> None:
        """The attempt ends."""
        if self._pid != os.getpid():
            return
        with self._changed:
            describing.over = True
            if describing in self._open:
                self._open.remove(describing)
        if describing.begun:
            self._sample(describing, False)

    def close(self, timeout_s: float) -> None:
        """Waits for what is under way, for `timeout_s` at most, and begins nothing more."""
        if self._pid != os.getpid():
            return
        until = time.monotonic() + timeout_s
        with self._changed:
            while (self._undescribed or self._busy) and time.monotonic() < until:
                self._changed.wait(until - time.monotonic())
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                describing = self._next()
                while describing is None and not self._closed:
                    due = min((one.due for one in self._open), default=None)
                    self._changed.wait(None if due is None else max(0.0, due - time.monotonic()))
                    describing = self._next()
                if describing is None or self._closed:
                    return
                self._busy = True
                is_first = not describing.begun
                describing.begun = True
                # After the description, which a short run must not miss, the GPUs may take their time.
                describing.due = time.monotonic() + (0 if is_first else _SAMPLE_S)
                if describing in self._undescribed:
                    self._undescribed.remove(describing)
            self._sample(describing, not is_first)
            if is_first:
                self._tell(describing.attempt)

    def _next(self) -> Optional[Describing]:
        if self._undescribed:
            return self._undescribed[0]
        now = time.monotonic()
        return next((one for one in self._open if one.due <= now), None)

    def _sample(self, describing: Describing, gpus: bool) -> None:
        try:
            use = read_tree(self._pid)
            if use is None:
                return
            now = time.monotonic()
            points = [("system/memory", float(use.memory_bytes))]
            before, describing.cpu = describing.cpu, (use.cpu_s, now)
            if before and now > before[1]:
                points.append(("system/cpu", max(0.0, use.cpu_s - before[0]) / (now - before[1])))
            for gpu in own_gpus() if gpus else ():
                if gpu.busy is not None:
                    points.append((f"system/gpu.{gpu.number}", gpu.busy))
                if gpu.used_bytes is not None:
                    points.append((f"system/gpu.{gpu.number}.memory", float(gpu.used_bytes)))
            attempt = describing.attempt
            if attempt.finishing or attempt.forgotten:
                return
            second = int(now - describing.start)
            for name, value in points:
                attempt.loose.append((name, second, value, time.time()))
            self._reporter.added(attempt)
        except Exception:
            # What cannot be measured is absent.
            pass

    def _tell(self, attempt: Attempt) -> None:
        try:
            self._own = self._own or describe_process()
            description, changes = self._own
            # The document names its file, which is there first.
            if changes:
                self._send(attempt, CHANGES_NAME, "text/x-diff", changes)
            self._send(attempt, DESCRIPTION_NAME, "application/json", (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        except Exception:
            # A training is not told that its description is missing.
            pass

    def _send(self, attempt: Attempt, name: str, media_type: str, content: bytes) -> None:
        for tries in range(_MOST_TRIES):
            try:
                self._link.stream(ArtifactServiceStub, "PutArtifact", _parts(attempt, name, media_type, content), timeout_s=_UPLOAD_S).result(_UPLOAD_S)
                return
            except ParamoError as error:
                if self._closed or not is_lost(error):
                    raise
            time.sleep(backoff_s(tries))


def _parts(attempt: Attempt, name: str, media_type: str, content: bytes) -> Iterator[Any]:
    header = ArtifactHeader(study_id=attempt.study_id, trial=attempt.trial, attempt=attempt.attempt, name=name, media_type=media_type, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    yield PutArtifactRequest(header=header)
    for at in range(0, len(content), _PIECE_BYTES):
        yield PutArtifactRequest(content=content[at : at + _PIECE_BYTES])
