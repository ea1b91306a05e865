import time
from typing import Optional

import pytest

import paramo
from paramo import Choice, Float, ParamoError, Space


class S(Space):
    x: float = Float(-3, 3)
    opt: str = Choice("adam", "sgd")
    momentum: Optional[float] = Float(0, 1, when={"opt": "sgd"})


def loss(params: S, step: int) -> float:
    return (params.x - 1) ** 2 + (0 if params.opt == "adam" else 1) + 1 / (step + 1)


def test_tuning_evaluates_the_budget_stops_the_worse_half_and_returns_the_best(common, connection, name):
    steps = {}

    @paramo.tune(S, "min loss", name=name, trials=20, seed=3, strategy="random", stopper=("median", {"startupTrials": 3}), connection=connection)
    def train(trial: paramo.Trial[S]):
        for epoch in trial.steps(6):
            steps[trial.number] = epoch
            trial.log(loss=loss(trial.params, epoch))

    ended = []
    best = train(on_trial=lambda record: ended.append(record.number))
    assert ended == list(range(20))
    counts = best.study.counts
    assert counts["completed"] + counts["stopped"] == 20 and counts["stopped"] >= 3
    assert min(steps.values()) < 5, "no trial was stopped early"
    assert isinstance(best.params, S) and best.state == "completed"
    assert best.value == best.metrics["loss"] == pytest.approx(loss(best.params, 5))
    completed = best.study.trials(filter="state = completed")
    assert best.value == min(trial.value for trial in completed)
    assert best.series("loss").values == [loss(best.params, epoch) for epoch in range(6)]
    assert common.paramo("replay", name).startswith("reproduced: ")


def test_the_same_seed_gives_the_same_trials(connection, name):
    found = []
    for again in range(2):
        study = paramo.open_study(f"{name}-{again}", S, "min loss", trials=4, seed=11, connection=connection)
        found.append([trial.params for trial in study.each() if trial.log(loss=0) is None])
    assert found[0] == found[1] and len(found[0]) == 4


def test_what_is_returned_overrides_what_was_logged(connection, name):
    @paramo.tune(S, "min loss", name=name, trials=2, connection=connection)
    def train(trial):
        trial.log(loss=1000)
        return trial.params.x

    best = train()
    assert best.value == best.params.x


def test_threads_share_the_trials_of_one_process(connection, name):
    @paramo.tune(S, "min loss", name=name, trials=8, connection=connection)
    def train(trial):
        time.sleep(0.1)
        return trial.params.x

    begun = time.monotonic()
    best = train(workers=4)
    assert time.monotonic() - begun < 0.8
    assert best.study.counts["completed"] == 8


def test_a_trial_that_raises_fails_and_the_study_goes_on(connection, name):
    @paramo.tune(S, "min loss", name=name, trials=4, connection=connection)
    def train(trial):
        if trial.number == 1:
            raise ValueError("out of memory")
        return trial.params.x

    study = train().study
    assert study.counts["failed"] == 1 and study.counts["completed"] == 3
    assert study.trial(1).error.message == "ValueError: out of memory"


def test_a_study_whose_trials_all_fail_raises_with_the_last_error(connection, name):
    @paramo.tune(S, "min loss", name=name, trials=10, max_failures=2, connection=connection)
    def train(trial):
        raise ValueError("no GPU")

    with pytest.raises(ParamoError) as caught:
        train()
    assert caught.value.code == "STUDY_ENDED"
    assert "too many failed trials. Trial 1: ValueError: no GPU" in caught.value.message and "fresh=True" in caught.value.hint


def test_a_trial_without_its_objective_fails_with_the_near_miss(connection, name):
    @paramo.tune(S, "min val_loss", name=name, trials=1, connection=connection)
    def train(trial):
        trial.log(val_los=1)

    with pytest.raises(ParamoError, match='without its objective "val_loss"; it logged val_los. Did you mean val_los'):
        train()


def test_nan_is_no_result(connection, name):
    @paramo.tune(S, "min loss", name=name, trials=2, connection=connection)
    def train(trial):
        return float("nan")

    with pytest.raises(ParamoError, match="none with a finite loss"):
        train()


def test_several_objectives_make_a_front(connection, name):
    @paramo.tune({"x": Float(0, 1)}, ["min a", "max b"], name=name, trials=10, connection=connection)
    def train(trial):
        return {"a": trial.params.x, "b": trial.params.x}

    front = train()
    # Each is better in one and worse in the other: none beats another.
    assert len(front) == 10 and all(trial.values["a"] == trial.values["b"] for trial in front)
    with pytest.raises(ParamoError, match="several objectives"):
        front[0].study.best()


def test_a_study_that_has_ended_gives_its_best_and_says_so(connection, name, capsys):
    @paramo.tune(S, "min loss", name=name, trials=2, connection=connection)
    def train(trial):
        return trial.params.x

    best = train()
    capsys.readouterr()
    assert train().number == best.number
    assert "has used up its budget; raise its budget of trials, or give fresh=True" in capsys.readouterr().err


def test_reports_wait_for_the_decision_at_a_milestone(connection, name):
    study = paramo.open_study(name, S, "min loss", stopper=("median", {"startupTrials": 1}), steps=5, connection=connection)
    good, bad = study.ask(), study.ask()
    for _ in good.steps(5):
        good.report(loss=1)
    good.complete()
    for step in bad.steps(5):
        bad.report(loss=2)
        if bad.stopped:
            break
    assert bad.stopped.cause == "stop" and bad.stopped.reason
    assert bad.complete().state == "stopped"


def test_the_name_of_a_study_is_by_default_that_of_script_and_function(sandbox):
    program = sandbox.python(
        """
import paramo
@paramo.tune({"x": paramo.Float(0, 1)}, "min y", trials=2)
def evaluate(trial):
    return trial.params.x
print(evaluate().study.name)
"""
    )
    assert program.end() == 0, program.stderr
    assert program.stdout == "script0.evaluate\n"


def test_a_person_can_stop_and_pause(connection, common, name):
    study = paramo.open_study(name, S, "min loss", trials=5, connection=connection)
    assert study.pause("lunch").state == "paused" and study.end_detail == "lunch"
    assert study.ask(wait=0) is None
    assert study.open().state == "open"
    study.tell(study.ask(), 1)
    study.end("enough")
    with pytest.raises(ParamoError, match="STUDY_ENDED"):
        study.ask()
    assert study.refresh().state == "ended" and study.end_reason == "user"
