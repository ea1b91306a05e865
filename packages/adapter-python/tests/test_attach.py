"""Code in a process that finds a trial it is run for."""

import pytest

import paramo
from paramo import Bool, Choice, Float, Int, ParamoError, Space
from paramo._attached_params import fit_params


@pytest.fixture
def held(connection, name, monkeypatch):
    """A trial that somebody runs, named to the programs that are run for it."""
    study = paramo.open_study(name, {"x": Float(0, 1)}, "min loss", trials=1, connection=connection)
    trial = study.ask()
    monkeypatch.setenv("PARAMO_TRIAL", f"{study.id}/{trial.number}/{trial.attempt}")
    return study, trial


@pytest.fixture
def program(common):
    """Makes connections, each like that of a process of its own."""
    made = []

    def open_one():
        made.append(paramo.connect(home=str(common.home), start=False))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


def test_of_two_programs_the_one_that_came_first_reports_and_when_it_has_ended_another_may(held, program):
    study, trial = held
    first = program()
    with paramo.run("own", connection=first) as run:
        assert run.id == trial.id and run.params.x == trial.params["x"]
        run.log(loss=3, step=0)
        with paramo.run("own", connection=program()) as other:
            other.log(loss=9, other=1, step=7)
            assert other.checkpoint(lambda directory: 1 / 0, force=True) is False
            assert list(other.steps(3)) == [0, 1, 2]
        run.log(loss=2, step=1)
    assert (run.result.state, run.result.metrics) == ("running", {"loss": 2})
    first.close()
    with paramo.run("own", connection=program()) as third:
        third.log(loss=1, step=2)
    record = study.trial(0)
    assert (record.state, record.value, record.done, record.metrics) == ("running", 1, 3, {"loss": 1})


def test_one_whose_trial_was_taken_over_logs_nothing_more_of_it_and_says_so_once(held, program, capfd):
    study, trial = held
    connection = program()
    with paramo.run("own", connection=connection) as run:
        run.log(loss=3, step=0)
        run._holder.deliver(5)
        trial.release()
        again = study.ask()
        run.log(loss=2, step=1)
        assert connection.reporter.wait(lambda: run.stopped is not None, timeout_s=10, go_on_when_away=False)
        assert run.stopped.cause == "fenced"
        for step in range(2, 50):
            run.log(loss=-step, step=step)
        ended = again.complete(5)
    assert (ended.value, ended.attempt, ended.metrics) == (5, 2, {"loss": 5})
    assert run.result.value == 5
    assert capfd.readouterr().err.count("was taken over by another worker") == 1
    connection.close()


def test_what_the_code_raises_is_raised_on_and_ends_nothing(held, program):
    study, trial = held

    @paramo.tune({"x": Float(0, 1)}, "min loss", connection=program())
    def train(own):
        own.log(loss=4)
        raise ValueError("no such data set")

    with pytest.raises(ValueError, match="no such data set"):
        train()
    record = study.trial(0)
    assert (record.state, record.metrics) == ("running", {"loss": 4})


def test_a_trial_that_is_over_is_no_trial_to_report_for(held, program):
    study, trial = held
    trial.complete(1)
    with pytest.raises(ParamoError) as told:
        paramo.run("own", connection=program()).__enter__()
    assert told.value.code == "TRIAL_ENDED"


class S(Space):
    lr: float = Float(0, 1)
    opt: str = Choice("adam", "sgd")
    momentum: float = Float(0, 1, when={"opt": "sgd"})
    layers: int = Int(1, 8)
    fast: bool = Bool()


def test_params_are_those_of_the_space_as_far_as_it_knows_them():
    params = fit_params(S, {"lr": 1, "opt": "adam", "momentum": 0.5, "layers": 2.0, "fast": True, "seed": 3}, 0)
    assert params == S(lr=1.0, opt="adam", layers=2, fast=True) and type(params.lr) is float and type(params.layers) is int
    assert dict(fit_params({"lr": Float(0, 1)}, {"lr": 1, "seed": 3}, 0)) == {"lr": 1.0, "seed": 3}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lr": None, "fast": None}, "has no lr, fast"),
        ({"opt": "sgd"}, "has no momentum"),
        ({"lr": "high"}, "has lr 'high', which is no float"),
        ({"layers": 2.5}, "has layers 2.5, which is no int"),
        ({"layers": True}, "has layers True, which is no int"),
    ],
)
def test_a_space_that_does_not_fit_is_told(change, why):
    values = {**{"lr": 0.5, "opt": "adam", "layers": 2, "fast": True}, **change}
    with pytest.raises(ParamoError) as told:
        fit_params(S, {name: value for name, value in values.items() if value is not None}, 7)
    assert told.value.code == "INVALID_OPTIONS"
    assert f"trial 7, for which this program is run, {why}" in told.value.message and "Give `paramo run` the params of this program" in told.value.hint


def test_params_that_every_trial_has_alike_are_there_too(held, program, monkeypatch):
    monkeypatch.setenv("PARAMO_PARAMS", '{"x": 0, "batch": 32}')
    with paramo.run("own", connection=program()) as run:
        assert run.params.batch == 32 and run.params.x == held[1].params["x"]
    monkeypatch.setenv("PARAMO_PARAMS", "{")
    with pytest.raises(ParamoError) as told:
        paramo.run("own", connection=program()).__enter__()
    assert told.value.code == "INVALID_ARGUMENT"
