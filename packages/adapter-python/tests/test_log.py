import math

import pytest

import paramo


class Half:
    """A number of some other library."""

    def __float__(self):
        return 0.5


@pytest.fixture
def study(connection, name):
    return paramo.open_study(name, {"x": paramo.Float(0, 1)}, "min loss", connection=connection)


def points(study, metric):
    series = study.series(0, metric)
    return list(zip(series.steps, series.values))


def test_outside_the_loop_log_counts_by_itself_and_a_step_given_sets_the_count(study):
    trial = study.ask()
    trial.log(a=1)
    trial.log(a=2, b=2)
    trial.log(a=3, step=10)
    trial.log({"a": 4})
    trial.complete(0)
    assert points(study, "a") == [(0, 1), (1, 2), (10, 3), (11, 4)]
    assert points(study, "b") == [(1, 2)]


def test_inside_the_loop_the_step_is_that_of_the_loop_and_after_it_the_last_one_stands(study):
    trial = study.ask()
    for step in trial.steps(3):
        trial.log(a=step)
        trial.log({"val/b": step * 10})
    trial.log(loss=0.5)
    trial.complete()
    assert points(study, "a") == [(0, 0), (1, 1), (2, 2)]
    assert points(study, "val/b") == [(0, 0), (1, 10), (2, 20)]
    assert points(study, "loss") == [(2, 0.5)]


def test_of_two_points_of_one_metric_at_one_step_the_last_wins(study):
    trial = study.ask()
    trial.log(loss=1, a=1, step=5)
    trial.log(loss=2, step=5)
    trial.log(a=2, step=3)
    trial.complete()
    assert points(study, "loss") == [(5, 2)] and points(study, "a") == [(3, 2), (5, 1)]


def test_numbers_of_any_library_are_stored_and_nan_is_never_best(study, connection):
    trial = study.ask()
    trial.log(loss=Half(), a=True, b=7, c=math.inf, d=math.nan)
    record = trial.complete()
    assert (record.metrics["loss"], record.metrics["a"], record.metrics["b"], record.metrics["c"]) == (0.5, 1, 7, math.inf)
    assert math.isnan(record.metrics["d"])


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (lambda trial: trial.log(a="0.5"), "a was '0.5' and not a number"),
        (lambda trial: trial.log(a=None), "a was None and not a number"),
        (lambda trial: trial.log(a=[1, 2]), "a was a list and not a number"),
        (lambda trial: trial.log(a=1, step=-1), "step -1 is no whole number from 0"),
        (lambda trial: trial.log(a=1, step=1.5), "step 1.5 is no whole number from 0"),
        (lambda trial: trial.log({"": 1}), "the metric name '' cannot be used"),
        (lambda trial: trial.log({"a\n": 1}), "cannot be used"),
        (lambda trial: trial.log({7: 1}), "the metric name 7 cannot be used"),
        (lambda trial: (trial.log(loss=1, step=5), trial.log(loss=1, step=4)), "its steps never go back within an attempt"),
    ],
)
def test_what_cannot_be_stored_is_counted_and_said_once(study, connection, capsys, log, said):
    trial = study.ask()
    before = connection.reporter.refused
    log(trial)
    log(trial)
    trial.complete({"loss": 0})
    assert connection.reporter.refused == before + 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"paramo: trial {trial.number}: ") and said in line


def test_log_after_the_end_changes_nothing(study):
    trial = study.ask()
    trial.log(loss=1)
    trial.complete()
    trial.log(loss=2)
    trial.report(loss=2)
    assert list(trial.steps(3)) == []
    assert trial.fail("again").state == "completed"
    assert points(study, "loss") == [(0, 1)]


def test_the_same_step_is_never_told_twice_to_a_loop_that_was_left(study):
    trial = study.ask()
    for step in trial.steps(5):
        if step == 2:
            break
    assert list(trial.steps(5)) == [2, 3, 4]
    trial.complete(1)
