"""Params whose names are known only when the program runs."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ._errors import ParamoError
from ._near_miss import near_miss
from ._parameter import ParamValue


class Params(Mapping[str, ParamValue]):
    """A configuration by parameter name: `params["lr"]`, or `params.lr` where the name allows it. Read-only."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, ParamValue]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, name: str) -> ParamValue:
        return self._values[name]  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            near = near_miss(name, self._values)
            raise AttributeError(f"there is no parameter {name}" + (f"; did you mean {near}?" if near else "")) from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("params never change")

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __reduce__(self) -> Any:
        return (Params, (dict(self._values),))

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"


def invalid_params(message: str, hint: str) -> ParamoError:
    """An INVALID_PARAMS error."""
    return ParamoError("INVALID_PARAMS", message, hint)
