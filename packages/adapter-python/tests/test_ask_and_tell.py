import pytest

import paramo
from paramo import Float, Int, ParamoError, Space


class S(Space):
    x: float = Float(-3, 3)
    n: int = Int(1, 5)


@pytest.fixture
def study(connection, name):
    return paramo.open_study(name, S, "min y", trials=8, connection=connection)


def test_trials_are_asked_for_and_told_about(study):
    for number in range(8):
        trial = study.ask()
        assert trial.number == number
        record = study.tell(trial, {"y": (trial.params.x - 1) ** 2, "extra": 1})
        assert record.state == "completed" and record.metrics["extra"] == 1
    with pytest.raises(ParamoError, match="STUDY_ENDED: study .* has ended \\(budget: 8 trials\\)"):
        study.ask()
    best = study.best()
    assert best.value == pytest.approx((best.params.x - 1) ** 2) and isinstance(best.params, S)


def test_trials_are_read_by_filter_order_and_limit(study):
    for _ in range(8):
        trial = study.ask()
        study.tell(trial, trial.params.x)
    values = [trial.value for trial in study.trials(order="value")]
    assert values == sorted(values) and len(values) == 8
    assert [trial.value for trial in study.trials(order="-value", limit=3)] == values[::-1][:3]
    positive = study.trials(filter="state = completed and x > 0", order="number")
    assert {trial.number for trial in positive} == {trial.number for trial in study.trials() if trial.params.x > 0}
    with pytest.raises(ParamoError) as caught:
        study.trials(filter="xx > 0 and")
    assert caught.value.code == "INVALID_ARGUMENT" and caught.value.hint


def test_a_result_is_told_by_number_id_or_as_an_error(study):
    a, b, c = study.ask(), study.ask(), study.ask()
    assert study.tell(a.number, 1).value == 1
    assert study.tell(b.id, 2).value == 2
    failed = study.tell(c, ValueError("bad"))
    assert failed.state == "failed" and failed.error.message == "ValueError: bad"


def test_the_first_end_wins(study):
    trial = study.ask()
    assert trial.complete(1).value == 1
    assert study.tell(trial, 2).value == 1 and trial.fail("x").value == 1 and trial.release().value == 1


def test_a_slip_in_a_result_can_be_put_right(study):
    trial = study.ask()
    for wrong, message in (({"Y": 1}, "Did you mean Y"), ({"y": "1"}, "a str and not a number"), ([1], "the result is a list"), (None, "it logged nothing")):
        with pytest.raises(ParamoError, match=message):
            study.tell(trial, wrong)
    assert study.tell(trial, {"y": 1}).state == "completed"


def test_a_trial_of_another_process_is_told_about(common, study, connection):
    # A connection of its own is what another process has.
    with paramo.connect(home=str(common.home)) as other:
        paramo.find_study(study.name, connection=other).ask()
        assert study.tell(0, 5).value == 5
        assert study.tell(0, 6).value == 5
    with pytest.raises(ParamoError, match="TRIAL_NOT_FOUND"):
        study.tell(99, 1)


def test_what_names_no_trial_is_refused(study):
    for wrong in ("nonsense", "01TOYSTUDY0000000000000000/0", -1):
        with pytest.raises(ParamoError):
            study.tell(wrong, 1)


def test_enqueued_params_are_handed_out_first(study):
    study.enqueue(S(x=1, n=2), seed=9, attributes={"why": "known good"})
    trial = study.ask()
    assert trial.params == S(x=1, n=2) and trial.seed == 9
    with pytest.raises(ParamoError, match="INVALID_PARAMS"):
        study.enqueue({"x": 5, "n": 2})


def test_a_trial_given_back_is_handed_out_again(study):
    trial = study.ask()
    assert trial.release("later").state == "waiting"
    again = study.ask()
    assert (again.number, again.attempt, again.params) == (trial.number, 2, trial.params)
    assert again.seed == trial.seed


def test_each_completes_with_what_was_logged_and_gives_back_on_leaving(study):
    for trial in study.each():
        trial.log(y=trial.params.x)
        if trial.number == 3:
            break
    assert [trial.state for trial in study.trials()][:4] == ["completed"] * 3 + ["waiting"]


def test_each_gives_back_when_its_body_raises(study):
    with pytest.raises(ZeroDivisionError):
        for _ in study.each():
            1 / 0
    assert study.trial(0).state == "waiting"


def test_asking_with_a_wait_is_none_when_there_is_none(connection, name):
    study = paramo.open_study(name, {"x": Float(0, 1)}, "min y", trials=1, connection=connection)
    trial = study.ask(wait="1s")
    assert study.ask(wait=0.05) is None
    study.tell(trial, 1)


def test_joining_another_study_is_a_mismatch_that_says_what_to_do(study, connection):
    with pytest.raises(ParamoError) as caught:
        paramo.open_study(study.name, {"x": Float(-3, 3)}, "max z", connection=connection)
    assert caught.value.code == "STUDY_MISMATCH" and caught.value.hint and str(caught.value).startswith("STUDY_MISMATCH: ")
    fresh = paramo.open_study(study.name, {"x": Float(-3, 3)}, "max z", fresh=True, connection=connection)
    assert fresh.id != study.id


@pytest.mark.parametrize(
    ("act", "code", "text"),
    [
        (lambda c, s: paramo.find_study(s.name[:-1], connection=c), "STUDY_NOT_FOUND", "Did you mean"),
        (lambda c, s: s.trial(99), "TRIAL_NOT_FOUND", "has no trial 99"),
        (lambda c, s: paramo.open_study("p", S, "min y", strategy="randon", connection=c), "UNKNOWN_PLUGIN", "Did you mean random?"),
        (lambda c, s: paramo.open_study("p", S, "min y", stopper=("median", {"startupTrial": 3}), connection=c), "INVALID_OPTIONS", "startupTrials"),
        (lambda c, s: s.series(s.tell(s.ask(), {"y": 1}).number, "yy"), "INVALID_METRIC", "has no metric"),
    ],
)
def test_errors_of_the_daemon_come_with_code_and_near_miss(connection, study, act, code, text):
    with pytest.raises(ParamoError) as caught:
        act(connection, study)
    assert caught.value.code == code and text in str(caught.value)


def test_a_worker_that_waits_in_a_paused_study_says_why_once(study, capfd):
    study.pause("the cluster is needed")
    assert study.ask(wait=0) is None
    assert study.ask(wait=0) is None
    assert capfd.readouterr().err.count("waiting for trials: the cluster is needed") == 1
    study.open()
    assert study.ask().number == 0
