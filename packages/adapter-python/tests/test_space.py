from typing import Optional

import pytest

import paramo
from paramo import Bool, Choice, Float, Int, Ordinal, ParamoError, Params, Space
from paramo._messages import params_from_message, params_to_message, space_from_message, space_to_message
from paramo._open import read_space


class S(Space):
    lr: float = Float(1e-5, 1e-1, log=True, default=1e-3)
    drop: float = Float(0, 0.5, step=0.1)
    beta: float = Float(0, 0.999, log="reverse")
    layers: int = Int(1, 8)
    batch: int = Ordinal(16, 32, 64, default=32)
    opt: str = Choice("adam", "sgd")
    nesterov: bool = Bool(default=False)
    momentum: Optional[float] = Float(0, 1, when={"opt": "sgd"})


FULL = dict(lr=0.01, drop=0.1, beta=0.9, layers=2, batch=64, opt="sgd", nesterov=True, momentum=0.5)


def test_params_have_the_fields_of_the_space_and_never_change():
    params = S(**FULL)
    assert (params.lr, params.layers, params.opt, params.nesterov) == (0.01, 2, "sgd", True)
    with pytest.raises(AttributeError):
        params.lr = 1
    assert params == S(**FULL) and hash(params) == hash(S(**FULL)) and params != S(**{**FULL, "lr": 0.02})
    assert repr(params).startswith("S(lr=0.01, drop=0.1")


def test_a_parameter_whose_condition_does_not_hold_is_none_and_absent_from_the_mapping():
    params = S(**{name: value for name, value in FULL.items() if name != "momentum"} | {"opt": "adam"})
    assert params.momentum is None
    assert "momentum" not in params and "momentum" not in dict(params) and len(params) == 7
    assert dict(S(**FULL))["momentum"] == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lrr": 1}, "INVALID_PARAMS: lrr (1) is not a parameter of S. Did you mean lr?"),
        ({"opt": "adam"}, "INVALID_PARAMS: momentum is 0.5, but is used only when opt = 'sgd'. Leave momentum out."),
    ],
)
def test_params_that_do_not_fit_are_named(change, message):
    with pytest.raises(ParamoError) as caught:
        S(**{**FULL, **change})
    assert str(caught.value) == message


def test_a_missing_param_is_named():
    with pytest.raises(ParamoError, match="INVALID_PARAMS: lr is missing. Give lr."):
        S(drop=0.1)


def test_a_misspelt_field_says_the_near_miss():
    with pytest.raises(AttributeError, match="did you mean momentum"):
        S(**FULL).momentun
    with pytest.raises(AttributeError, match="did you mean lr"):
        Params({"lr": 1}).lrr


def test_spaces_inherit():
    class Larger(S):
        width: int = Int(1, 4)

    assert list(Larger.__parameters__) == [*S.__parameters__, "width"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Float("a", 1), "low is 'a'. Give a number."),
        (lambda: Int(1, 2.5), "high is 2.5. Give a whole number."),
        (lambda: Int(1, 8, log="reverse"), "log is 'reverse'. Give True or False."),
        (lambda: Float(0, 1, log="revers"), "log is 'revers'. Give True, False or \"reverse\"."),
        (lambda: Choice(["a", "b"]), "Choice was given ['a', 'b']. Give them one by one, as in Choice(*values)."),
        (lambda: type("T", (Space,), {"__annotations__": {"lr": float}}), "T.lr is annotated and has no range. Give it one, such as lr: float = Float(0, 1)."),
        (lambda: type("T", (Space,), {"keys": Float(0, 1)}), "T.keys cannot be the name of a parameter here."),
        (lambda: read_space({"lr": 1}), "lr is 1. Use Float, Int, Choice, Ordinal or Bool."),
        (lambda: read_space(None), "the space is None."),
    ],
)
def test_a_slip_in_a_space_is_told_at_once(make, message):
    with pytest.raises(ParamoError) as caught:
        make()
    assert str(caught.value).startswith(f"INVALID_SPACE: {message}")


def test_params_come_back_from_the_wire_as_they_were_declared():
    back = S(**params_from_message(params_to_message(dict(S(**FULL))), S.__parameters__))
    assert back == S(**FULL)
    assert [type(value) for value in dict(back).values()] == [float, float, float, int, int, str, bool, float]


def test_choices_of_mixed_types_keep_their_types():
    mixed, _ = read_space({"a": Choice(None, 1, True, "1", 2.5)})
    for value in (None, 1, True, "1", 2.5):
        found = params_from_message(params_to_message({"a": value}), mixed)["a"]
        assert found == value and type(found) is type(value)


def test_a_space_survives_the_wire():
    back = space_from_message(space_to_message(S.__parameters__))
    assert list(back) == list(S.__parameters__)
    assert back["momentum"].when == {"opt": "sgd"} and back["lr"].scale == "log" and back["beta"].scale == "reverse"
    assert back["batch"].values == (16, 32, 64) and back["drop"].step == 0.1


def test_the_daemon_checks_the_rest_and_says_what_to_do(connection, name):
    class Bad(Space):
        lr: float = Float(0, 1, log=True)

    with pytest.raises(ParamoError) as caught:
        paramo.open_study(name, Bad, "min loss", connection=connection)
    assert caught.value.code == "INVALID_SPACE" and "lr" in caught.value.message


def test_every_kind_of_parameter_reaches_the_trials_typed(connection, name):
    study = paramo.open_study(name, S, "min loss", trials=12, seed=1, connection=connection)
    seen = [trial.params for trial in study.each() if trial.log(loss=1) is None]
    assert len(seen) == 12
    for params in seen:
        assert isinstance(params, S) and type(params.layers) is int and type(params.lr) is float and params.batch in (16, 32, 64)
        assert (params.momentum is None) == (params.opt == "adam")
    assert {params.opt for params in seen} == {"adam", "sgd"}


def test_a_space_may_be_a_dict_with_names_that_are_no_identifiers(connection, name):
    study = paramo.open_study(name, {"model.lr": Float(0, 1), "values": Int(1, 3)}, "min loss", connection=connection)
    trial = study.ask()
    assert 0 <= trial.params["model.lr"] <= 1 and trial.params["values"] in (1, 2, 3)
    study.tell(trial, 1)
    assert study.enqueue({"model.lr": 0.5, "values": 2}).params == Params({"model.lr": 0.5, "values": 2})
