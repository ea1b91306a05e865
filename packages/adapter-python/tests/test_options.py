from datetime import timedelta

import pytest

import paramo
from paramo import Objective, ParamoError
from paramo._duration import duration_ms
from paramo._objective import parse_objective
from paramo._requests import search_request
from paramo._seed import trial_seed

SPACE = {"x": paramo.Float(0, 1)}


def request(**options):
    return search_request("s", SPACE, parse_objective("min loss"), options, "r").spec


@pytest.mark.parametrize(("given", "ms"), [(1, 1000), (0.5, 500), ("90s", 90_000), ("1h30m", 5_400_000), ("250ms", 250), (timedelta(minutes=2), 120_000)])
def test_durations_are_seconds_or_text(given, ms):
    assert duration_ms("lease", given) == ms


@pytest.mark.parametrize("given", [0, -1, "10", "ten", None, True, float("nan"), float("inf")])
def test_what_is_no_duration_is_refused_with_its_name(given):
    with pytest.raises(ParamoError, match="INVALID_OPTIONS: lease is"):
        duration_ms("lease", given)


def test_objectives_are_text_or_more_exact():
    assert parse_objective("min val_loss") == [Objective("val_loss", "min")]
    assert parse_objective(["minimize a", Objective("b", "max", best=True)]) == [Objective("a", "min"), Objective("b", "max", best=True)]


@pytest.mark.parametrize("given", ["val_loss", "minimum x", [], ["min a", "max a"], None, 3, Objective("a", "up")])
def test_what_is_no_objective_is_refused(given):
    with pytest.raises(ParamoError, match="INVALID_OBJECTIVE"):
        parse_objective(given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(trails=3), "there is no option trails. Did you mean trials?"),
        (dict(budget=dict(trails=3)), "there is no option budget.trails. Did you mean budget.trials?"),
        (dict(trials=0), "trials is 0. Give a whole number from 1."),
        (dict(trials=3, budget=dict(trials=4)), "trials and budget.trials differ. Give one of them."),
        (dict(lease="soon"), "lease is 'soon', which is no time span above 0."),
        (dict(target=float("nan")), "target is nan. Give a number in the objective's unit."),
        (dict(strategy=3), "strategy is 3. Give its name, such as 'bayes', or ('bayes', {options})."),
        (dict(strategy={"nam": "random"}), "there is no option strategy.nam. Did you mean strategy.name?"),
        (dict(stopper=("median", {"x": object()})), "stopper options cannot be written as JSON"),
    ],
)
def test_a_slip_in_an_option_is_told_with_its_near_miss(options, message):
    with pytest.raises(ParamoError) as caught:
        request(**options)
    assert str(caught.value).removeprefix("INVALID_OPTIONS: ").removeprefix("budget.").startswith(message)


def test_a_decorator_tells_a_slip_where_it_stands():
    with pytest.raises(ParamoError, match="Did you mean stopper"):
        paramo.tune(SPACE, "min loss", stoper="median")


def test_what_is_not_asked_for_is_left_out_of_the_request():
    spec = request()
    assert not spec.HasField("budget") and not spec.HasField("rules") and not spec.HasField("seed")
    assert spec.plan.strategy.name == "bayes" and not spec.plan.HasField("stopper")
    assert not request(stopper="none").plan.HasField("stopper")


def test_plugins_take_options_in_two_forms():
    for choice in (("median", {"startupTrials": 3}), {"name": "median", "options": {"startupTrials": 3}}):
        stopper = request(stopper=choice).plan.stopper
        assert (stopper.name, stopper.options_json) == ("median", '{"startupTrials":3}')


def test_budget_and_rules_are_written_in_their_units():
    spec = request(trials=3, budget=dict(wall="1m"), lease="2s", retries=0, target=0.5)
    assert (spec.budget.trials, spec.budget.wall_ms, spec.rules.lease_ms, spec.rules.retries, spec.rules.target) == (3, 60_000, 2000, 0, 0.5)
    assert spec.rules.HasField("retries")


def test_the_seed_of_a_trial_is_the_same_as_in_other_languages():
    # Computed by createRandom('trial seed', studySeed, number).uint32() of @paramo/core.
    assert [trial_seed(*key) for key in ((1, 0), (7, 3), (123456789, 42), (2**40 + 5, 1000))] == [1484729063, 3859940784, 4000818461, 3639692413]
