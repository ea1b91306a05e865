"""The hyperparameters: `Float`, `Int`, `Choice`, `Ordinal` and `Bool` make them, a `Space` names them."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Tuple, TypeVar, Union, cast

from ._errors import ParamoError

ParamValue = Union[float, int, str, bool, None]
"""What a parameter can be."""

T = TypeVar("T", bound=ParamValue)
_NOTHING: Any = object()


class Parameter:
    """One hyperparameter without its name. Made by `Float`, `Int`, `Choice`, `Ordinal` and `Bool`."""

    __slots__ = ("kind", "low", "high", "scale", "step", "values", "default", "has_default", "when")

    def __init__(
        self,
        kind: str,
        *,
        low: float = 0,
        high: float = 0,
        scale: str = "linear",
        step: Optional[float] = None,
        values: Tuple[ParamValue, ...] = (),
        default: ParamValue = _NOTHING,
        when: Optional[Mapping[str, ParamValue]] = None,
    ) -> None:
        self.kind = kind
        self.low = low
        self.high = high
        self.scale = scale
        self.step = step
        self.values = values
        self.has_default = default is not _NOTHING
        self.default = default if self.has_default else None
        self.when = dict(when or {})

    def __repr__(self) -> str:
        given = [*map(repr, self.values)] if self.values else [f"{self.low:g}", f"{self.high:g}"] if self.kind in ("float", "int") else []
        if self.scale != "linear":
            given.append("log=True" if self.scale == "log" else "log='reverse'")
        given += [f"{name}={value!r}" for name, value in (("step", self.step), ("default", self.default), ("when", self.when or None)) if value is not None]
        return f"{self.kind.capitalize()}({', '.join(given)})"

    def read(self, value: ParamValue) -> ParamValue:
        """A value from the wire, as it was declared: whole numbers as int, choices as the objects given."""
        if self.kind == "int":
            return int(cast(float, value))
        if self.kind == "float":
            return float(cast(float, value))
        for declared in self.values:
            if same_value(declared, value):
                return declared
        return value


def same_value(a: ParamValue, b: ParamValue) -> bool:
    """Whether two values are one on the wire, where 1 and 1.0 are the same and 1 and True are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def Float(
    low: float,
    high: float,
    *,
    log: Union[bool, str] = False,
    step: Optional[float] = None,
    default: Optional[float] = None,
    when: Optional[Mapping[str, ParamValue]] = None,
) -> float:
    """A real number from `low` to `high`, both included.

    `log=True`: even in ln x, needs low above 0; `log="reverse"`: even in ln(1 - x), needs 0 <= low and high < 1. `step`
    is the distance between values, `default` the established value. `when={"model": "mlp"}`: it exists only while the
    earlier parameter `model` is `"mlp"`.
    """
    made = Parameter("float", low=number("low", low), high=number("high", high), scale=scale(log, reverse=True), step=None if step is None else number("step", step), default=_NOTHING if default is None else number("default", default), when=when)
    return cast(float, made)


def Int(
    low: int,
    high: int,
    *,
    log: bool = False,
    step: Optional[int] = None,
    default: Optional[int] = None,
    when: Optional[Mapping[str, ParamValue]] = None,
) -> int:
    """A whole number from `low` to `high`, both included; the options are those of `Float`, without the reverse log."""
    made = Parameter("int", low=whole_number("low", low), high=whole_number("high", high), scale=scale(log, reverse=False), step=None if step is None else whole_number("step", step), default=_NOTHING if default is None else whole_number("default", default), when=when)
    return cast(int, made)


def Choice(*values: T, default: T = _NOTHING, when: Optional[Mapping[str, ParamValue]] = None) -> T:
    """One of `values`, which have no order: texts, numbers, True, False or None."""
    return cast(T, Parameter("choice", values=listed("Choice", values), default=default, when=when))


def Ordinal(*values: T, default: T = _NOTHING, when: Optional[Mapping[str, ParamValue]] = None) -> T:
    """One of `values`, from the least to the most: neighbours are alike."""
    return cast(T, Parameter("ordinal", values=listed("Ordinal", values), default=default, when=when))


def Bool(*, default: Optional[bool] = None, when: Optional[Mapping[str, ParamValue]] = None) -> bool:
    """True or False."""
    return cast(bool, Parameter("bool", default=_NOTHING if default is None else default, when=when))


def number(what: str, value: object) -> float:
    """`value` as a float; raises ParamoError INVALID_SPACE naming `what`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise invalid_space(f"{what} is {value!r}", "Give a number.")


def whole_number(what: str, value: object) -> int:
    """`value` as an int; raises ParamoError INVALID_SPACE naming `what`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value and abs(value) < 2**53 and int(value) == value:
        return int(value)
    raise invalid_space(f"{what} is {value!r}", "Give a whole number.")


def listed(name: str, values: Tuple[Any, ...]) -> Tuple[ParamValue, ...]:
    """The values of a choice; raises ParamoError INVALID_SPACE when they are none."""
    for value in values:
        if value is not None and not isinstance(value, (str, int, float)):
            hint = f"Give them one by one, as in {name}(*values)." if isinstance(value, (list, tuple, set)) else "Give texts, numbers, True, False or None."
            raise invalid_space(f"{name} was given {value!r}", hint)
    return values


def scale(log: object, *, reverse: bool) -> str:
    """The name of the scale that `log` asks for."""
    if log is True or log is False:
        return "log" if log else "linear"
    if log == "reverse" and reverse:
        return "reverse"
    raise invalid_space(f"log is {log!r}", 'Give True, False or "reverse".' if reverse else "Give True or False.")


def invalid_space(message: str, hint: str) -> ParamoError:
    """An INVALID_SPACE error."""
    return ParamoError("INVALID_SPACE", message, hint)
