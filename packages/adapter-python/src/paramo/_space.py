"""What is searched: a class whose fields are hyperparameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterator, List, Mapping, Tuple

from ._near_miss import near_miss
from ._parameter import Parameter, ParamValue, invalid_space, same_value
from ._params import invalid_params


class Space:
    """Subclass it with hyperparameters as fields; an instance is one configuration.

        class S(Space):
            lr: float = Float(1e-5, 1e-1, log=True)
            opt: str = Choice("adam", "sgd")
            momentum: Optional[float] = Float(0, 1, when={"opt": "sgd"})

    A parameter whose `when` does not hold is None as a field and absent from the mapping: `dict(params)` and `**params`
    have live parameters alone. Instances never change.
    """

    __parameters__: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        parameters: Dict[str, Parameter] = dict(cls.__parameters__)
        for name, value in list(vars(cls).items()):
            if isinstance(value, Parameter):
                if name == "keys" or name.startswith("_"):
                    raise invalid_space(f"{cls.__name__}.{name} cannot be the name of a parameter here", 'Give the space as a dict, such as {"' + name + '": Float(0, 1)}, or another name.')
                parameters[name] = value
        for name, annotation in _annotations(cls).items():
            if name not in parameters and name not in vars(cls) and "ClassVar" not in str(annotation):
                raise invalid_space(f"{cls.__name__}.{name} is annotated and has no range", f"Give it one, such as {name}: float = Float(0, 1).")
        cls.__parameters__ = parameters

    def __init__(self, **values: ParamValue) -> None:
        checked = check_params(self.__parameters__, values, type(self).__name__)
        for name in self.__parameters__:
            self.__dict__[name] = checked.get(name)
        self.__dict__["_live"] = tuple(checked)

    def keys(self) -> Tuple[str, ...]:
        """The names of the live parameters."""
        live: Tuple[str, ...] = self.__dict__["_live"]
        return live

    def __getitem__(self, name: str) -> Any:
        if name in self.keys():
            return self.__dict__[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("params never change")

    if not TYPE_CHECKING:
        # Types know the fields, and nothing else.
        def __getattr__(self, name: str) -> Any:
            if not name.startswith("_"):
                near = near_miss(name, self.__parameters__)
                raise AttributeError(f"{type(self).__name__} has no parameter {name}" + (f"; did you mean {near}?" if near else ""))
            raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.__dict__.items())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self.keys())})"


def _annotations(cls: type) -> Dict[str, Any]:
    try:
        return dict(cls.__annotations__)
    except Exception:
        # Evaluated only now, and they name what is not there yet.
        return {}


def check_params(parameters: Mapping[str, Parameter], values: Mapping[str, ParamValue], space: str) -> Dict[str, ParamValue]:
    """The values of all live parameters, in the order of the space; ranges are checked by the daemon.

    Raises ParamoError INVALID_PARAMS when one is unknown (with the near miss), missing, or not live.
    """
    for name, value in values.items():
        if name not in parameters:
            near = near_miss(name, parameters)
            raise invalid_params(f"{name} ({value!r}) is not a parameter of {space}", f"Did you mean {near}?" if near else f"It has: {', '.join(parameters)}.")
    checked: Dict[str, ParamValue] = {}
    for name, parameter in parameters.items():
        unmet: List[str] = [f"{other} = {wanted!r}" for other, wanted in parameter.when.items() if other not in checked or not same_value(checked[other], wanted)]
        if unmet:
            if name in values and values[name] is not None:
                raise invalid_params(f"{name} is {values[name]!r}, but is used only when {' and '.join(unmet)}", f"Leave {name} out.")
        elif name in values:
            checked[name] = values[name]
        else:
            raise invalid_params(f"{name} is missing", f"Give {name}.")
    return checked
