"""Which parameters go with the objective."""

from __future__ import annotations

from typing import List, Mapping, NamedTuple, Sequence, Tuple

from ._parameter import Parameter, ParamValue, same_value
from ._rank_correlation import correlation_ratio, ranks, spearman

_FEWEST_TRIALS = 3


class ParameterImportance(NamedTuple):
    """How strongly a parameter goes with the objective, over the trials that have it."""

    parameter: str
    correlation: float
    """Of a parameter with an order (`Float`, `Int`, `Ordinal`, `Bool` with False first) Spearman's correlation with the
    objective's value, from -1 to 1: above 0 where the value rises with the parameter, whether that is wanted or not. Of a
    `Choice` the correlation ratio of the value's ranks, from 0 to 1: how far the categories' mean ranks lie apart. 0 where
    parameter or value never varied."""
    measure: str
    """`spearman` or `correlation ratio`."""
    trials: int
    """How many trials that rests on."""


def parameter_importance(trials: Sequence[Tuple[Mapping[str, ParamValue], float]], parameters: Mapping[str, Parameter]) -> List[ParameterImportance]:
    """The parameters that at least three of `trials` (their params and values) have, strongest correlation first."""
    found = []
    for name, parameter in parameters.items():
        having = [(params[name], value) for params, value in trials if name in params]
        if len(having) < _FEWEST_TRIALS:
            continue
        values = [value for _, value in having]
        if parameter.kind == "choice":
            # 1 and True are equal in Python, and two categories here.
            correlation = correlation_ratio([(isinstance(setting, bool), setting) for setting, _ in having], ranks(values))
            found.append(ParameterImportance(name, correlation, "correlation ratio", len(having)))
        else:
            found.append(ParameterImportance(name, spearman([_place(parameter, setting) for setting, _ in having], values), "spearman", len(having)))
    return sorted(found, key=lambda one: -abs(one.correlation))


def _place(parameter: Parameter, setting: ParamValue) -> float:
    """Where a value stands among others of its parameter."""
    if parameter.kind == "ordinal":
        return next(place for place, value in enumerate(parameter.values) if same_value(value, setting))
    return float(setting or 0)
