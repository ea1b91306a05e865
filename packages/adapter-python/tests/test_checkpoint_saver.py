"""When a checkpoint is saved, without a daemon."""

from types import SimpleNamespace
from typing import Any

from paramo._checkpoint_saver import CheckpointSaver


def _saver(barrier: bool) -> "tuple[Any, list[int]]":
    points = SimpleNamespace(passed=lambda before, done: any(before < step <= done for step in (1, 10)))
    saver: Any = CheckpointSaver(None, SimpleNamespace(verdict="continue", finishing=False), points, 0, barrier)  # type: ignore[arg-type]
    tried: "list[int]" = []
    saver._save = lambda _save, done: tried.append(done)
    return saver, tried


def test_one_that_cannot_be_stored_is_tried_again_no_sooner_than_one_that_was() -> None:
    saver, tried = _saver(barrier=False)
    for done in range(1, 13):
        saver.checkpoint(print, done, False)
    assert tried == [1, 10]


def test_one_that_the_study_cannot_do_without_is_tried_again_at_once() -> None:
    saver, tried = _saver(barrier=True)
    for done in range(1, 4):
        saver.checkpoint(print, done, False)
    assert tried == [1, 2, 3]
