"""Which parameters go with the objective; the numbers are those of the tests of the SDK for Node."""

import math

import pytest

import paramo
from paramo import Bool, Choice, Float, Int, Ordinal, ParameterImportance, ParamoError
from paramo._importance import parameter_importance
from paramo._rank_correlation import correlation_ratio, ranks, spearman


def test_equal_numbers_share_the_mean_of_their_ranks():
    assert ranks([10, 30, 20, 20, -math.inf]) == [2, 5, 3.5, 3.5, 1]


def test_correlations_are_the_published_ones():
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert spearman(iq, hours) == pytest.approx(-29 / 165, abs=1e-14)
    marks = {"algebra": [45, 70, 29, 15, 21], "geometry": [40, 20, 30, 42], "statistics": [65, 95, 80, 70, 85, 73]}
    subjects = [subject for subject, given in marks.items() for _ in given]
    assert correlation_ratio(subjects, [mark for given in marks.values() for mark in given]) == pytest.approx(math.sqrt(6780 / 9640), abs=1e-14)
    assert [spearman([2, 2, 2], [1, 2, 3]), spearman([1, 2, 3], [5, 5, 5]), correlation_ratio(["a", "b", "a"], [5, 5, 5])] == [0, 0, 0]


def test_one_and_true_are_two_categories():
    parameters = {"c": Choice(1, True)}
    trials = [({"c": 1}, 1.0), ({"c": True}, 2.0), ({"c": 1}, 1.0), ({"c": True}, 2.0)]
    assert parameter_importance(trials, parameters)[0].correlation == pytest.approx(1)


SPACE = {"noise": Float(0, 1), "same": Int(1, 4), "lr": Float(1e-4, 1, log=True), "size": Ordinal("s", "m", "l"), "flag": Bool(), "opt": Choice("adam", "sgd"), "momentum": Float(0, 1, when={"opt": "sgd"})}
TRIALS = [
    dict(noise=0.3, same=2, lr=1e-1, size="s", flag=False, opt="adam"),
    dict(noise=0.1, same=2, lr=1e-2, size="m", flag=False, opt="adam"),
    dict(noise=0.4, same=2, lr=1e-3, size="m", flag=True, opt="sgd", momentum=0.5),
    dict(noise=0.2, same=2, lr=1e-4, size="l", flag=True, opt="sgd", momentum=0.6),
]


def test_parameters_come_strongest_first_and_those_of_too_few_trials_not_at_all(connection, name):
    study = paramo.open_study(name, SPACE, "min loss", trials=10, connection=connection)
    for value, params in enumerate(TRIALS, 1):
        study.enqueue(params)
        trial = study.ask()
        trial.log(loss=-value)
        trial.complete(value)
    found = study.importance()
    assert isinstance(found[0], ParameterImportance)
    assert [one.parameter for one in found] == ["lr", "size", "flag", "opt", "noise", "same"]
    assert [one.correlation for one in found] == pytest.approx([-1, 4.5 / math.sqrt(22.5), 4 / math.sqrt(20), 4 / math.sqrt(20), 0, 0], abs=1e-14)
    assert [one.measure for one in found] == ["spearman", "spearman", "spearman", "correlation ratio", "spearman", "spearman"]
    assert {one.trials for one in found} == {4}
    # By the values at a step, which here fall where the last ones rise.
    assert study.importance(step=0)[0] == ParameterImportance("lr", pytest.approx(1), "spearman", 4)
    assert study.importance(step=1) == []
    with pytest.raises(ParamoError, match="step"):
        study.importance(step=-1)


def test_a_study_of_several_objectives_has_none(connection, name):
    study = paramo.open_study(name, {"x": Float(0, 1)}, ["min loss", "max score"], trials=1, connection=connection)
    with pytest.raises(ParamoError, match="INVALID_ARGUMENT.*has 2 objectives, and importance is that for one"):
        study.importance()
