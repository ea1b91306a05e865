"""Workers of this process that ask for trials and evaluate them until the study ends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Generic, List, Optional, TypeVar

from ._ask import LONGEST_ASK_S, AskAnswer, ask_once, ask_request, give_back, make_worker, read_answer
from ._holder import Holder
from ._interrupts import SAVE_S, leaving, told
from ._outcome import Ending, failure
from ._record import TERMINAL, TrialRecord
from ._study import Study
from ._trial import Trial

if TYPE_CHECKING:
    from ._connection import Connection

P = TypeVar("P")


class TrialPool(Generic[P]):
    """Evaluates trials of a study with `evaluate`. `on_trial` is called after every one that ended; its errors end the pool."""

    def __init__(self, connection: "Connection", study: Study[P], evaluate: Callable[[Trial[P]], Any], on_trial: Optional[Callable[[TrialRecord[P]], object]], describe: bool = True) -> None:
        self._connection = connection
        self._study = study
        self._evaluate = evaluate
        self._on_trial = on_trial
        self._describe = describe
        self._lock = threading.Lock()
        self._running: List[Holder[P]] = []
        self._stopping = False
        self._error: Optional[BaseException] = None

    def run(self, workers: int) -> None:
        """Works with so many threads until the study ends; with one, in the thread of the caller.

        An interrupt gives the running trials back, for 5 s at most, and is raised on.
        """
        if workers == 1:
            self._work()
            return
        threads = [threading.Thread(target=self._work_aside, name=f"paramo-worker-{slot}", daemon=True) for slot in range(workers)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException as error:
            self._abort(told(error))
            raise
        if self._error:
            raise self._error

    def _work_aside(self) -> None:
        try:
            self._work()
        except BaseException as error:
            # One that cannot go on takes the others with it: what stopped it stops them too.
            self._error = self._error or error
            self._abort(f"{type(error).__name__}: {error}")

    def _abort(self, reason: str) -> None:
        with self._lock:
            self._stopping = True
            running = list(self._running)
        for holder in running:
            holder.abort(reason)
        # Whoever takes a trial up goes on from its newest checkpoint, so one that can be had within a moment is waited for.
        until = time.monotonic() + SAVE_S
        for holder in running:
            if holder.saver.used:
                holder.ended.wait(max(0.0, until - time.monotonic()))
        for holder in running:
            holder.let_go(Ending("release", message=reason))

    def _work(self) -> None:
        worker = make_worker(self._connection, self._connection.next_slot(""))
        answer: Optional[AskAnswer] = None
        while not self._stopping:
            answer = answer or ask_once(self._connection, self._study, worker, LONGEST_ASK_S)
            if answer.kind == "ended":
                return
            if self._stopping:
                break
            answer = self._evaluate_one(answer, worker) if answer.kind == "trial" else None
        if answer and answer.assignment:
            # Handed out together with the end of the one before, while this was being aborted.
            give_back(self._connection, answer.assignment, "the worker ends")

    def _evaluate_one(self, answer: AskAnswer, worker: Any) -> Optional[AskAnswer]:
        holder = self._study.hold(answer, self._describe)
        with self._lock:
            self._running.append(holder)
        try:
            try:
                trial = holder.begin()
                with leaving(holder.leave):
                    outcome = self._evaluate(trial)
            except Exception as error:
                ending = failure(error)
            else:
                ending = holder.conclude(outcome)
            ended = holder.end(ending, None if self._stopping else lambda: ask_request(self._connection, self._study, worker, 0))
        except (KeyboardInterrupt, SystemExit) as error:
            holder.let_go(Ending("release", message=told(error)))
            raise
        finally:
            with self._lock:
                self._running.remove(holder)
        record = self._study.record_of(ended.trial)
        if self._on_trial and record.state in TERMINAL and not self._stopping:
            self._on_trial(record)
        return read_answer(ended.next) if ended.next else None
