"""When a checkpoint is saved, without a daemon."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from paramo import ParamoError
from paramo._checkpoint_saver import CheckpointSaver


def _saver(barrier: bool) -> "tuple[Any, list[int]]":
    points = SimpleNamespace(passed=lambda before, done: any(before < step <= done for step in (1, 10)))
    saver: Any = CheckpointSaver(None, SimpleNamespace(verdict="continue", finishing=False), points, 0, barrier, lambda: "")  # type: ignore[arg-type]
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


def _storing(tmp_path: Path, error: Exception) -> "tuple[Any, list[str]]":
    """A saver whose daemon refuses everything with `error`, and what is said on stderr."""
    said: "dict[str, str]" = {}
    connection = SimpleNamespace(
        work_folder=SimpleNamespace(open=lambda: str(tmp_path), remove=lambda directory: None),
        reporter=SimpleNamespace(flush=lambda: None, wait=lambda until, **_: True),
        warnings=SimpleNamespace(once=lambda key, line: said.setdefault(key, line)),
    )
    attempt = SimpleNamespace(trial=3, verdict="continue", finishing=False, has_work=False)
    saver: Any = CheckpointSaver(connection, attempt, SimpleNamespace(passed=lambda before, done: True), 0, False, lambda: "")  # type: ignore[arg-type]

    def send(*_: Any) -> None:
        raise error

    saver._send = send
    return saver, said


def _write(directory: str) -> None:
    Path(directory, "weights").write_text("w")


@pytest.mark.parametrize("error", [ParamoError("DATA_LOSS", "a dying disk"), ParamoError("INTERNAL", "a bug"), OSError(5, "the own disk")])
def test_whatever_keeps_one_from_being_stored_ends_no_training_and_is_said_once(tmp_path: Path, error: Exception) -> None:
    saver, said = _storing(tmp_path, error)
    assert [saver.checkpoint(_write, done, True) for done in (1, 2)] == [False, False]
    assert list(said.values()) == [f"a checkpoint of trial 3 was not stored: {error}"]


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "LIMIT_EXCEEDED"])
def test_slips_of_whoever_saves_are_raised(tmp_path: Path, code: str) -> None:
    saver, said = _storing(tmp_path, ParamoError(code, "no"))
    with pytest.raises(ParamoError, match=code):
        saver.checkpoint(_write, 1, True)

    def fails(directory: str) -> None:
        raise OSError(28, "my own disk")

    with pytest.raises(OSError, match="my own disk"):
        saver.checkpoint(fails, 2, True)
    assert not said
