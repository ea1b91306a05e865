"""Opening studies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Tuple, Type, TypeVar, Union, overload

from ._objective import OneObjective, SeveralObjectives, parse_objective
from ._parameter import Parameter, ParamValue, invalid_space
from ._params import Params
from ._requests import StudyOptions, search_request
from ._space import Space
from ._study import Study

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._connection import Connection

S = TypeVar("S", bound=Space)


@overload
def open_study(
    name: str, space: Type[S], objective: Union[OneObjective, SeveralObjectives], *, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]"
) -> Study[S]: ...


@overload
def open_study(
    name: str, space: Mapping[str, Any], objective: Union[OneObjective, SeveralObjectives], *, connection: "Optional[Connection]" = None, **options: "Unpack[StudyOptions]"
) -> Study[Params]: ...


def open_study(name: str, space: Any, objective: Any, *, connection: "Optional[Connection]" = None, **options: Any) -> Any:
    """Creates a study, or joins the one of that name.

    `space` is a subclass of `Space`, or a dict such as `{"model.lr": Float(0, 1)}`; `objective` is `'min NAME'` or
    `'max NAME'` (several in a list make a front). Raises ParamoError STUDY_MISMATCH when the study of that name is another
    one, UNKNOWN_PLUGIN, INVALID_OPTIONS, …
    """
    from ._connection import given_or_default
    from .v1.study_service_pb2_grpc import StudyServiceStub

    parameters, make_params = read_space(space)
    objectives = parse_objective(objective)
    # Checked before a daemon is started.
    search_request(name, parameters, objectives, options, "check")
    over = given_or_default(connection)
    request = search_request(name, parameters, objectives, options, over.next_request_id())
    return Study(over, over.link.unary(StudyServiceStub, "OpenStudy", request).study, parameters, make_params)


def find_study(name_or_id: str, *, connection: "Optional[Connection]" = None) -> Study[Params]:
    """The study of this name or id, for reading, and for working on it without knowing its space.

    Raises ParamoError STUDY_NOT_FOUND with the near miss.
    """
    from ._connection import given_or_default
    from ._messages import space_from_message
    from .v1.study_service_pb2 import GetStudyRequest
    from .v1.study_service_pb2_grpc import StudyServiceStub

    over = given_or_default(connection)
    is_id = re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", name_or_id)
    request = GetStudyRequest(study_id=name_or_id) if is_id else GetStudyRequest(name=name_or_id)
    study = over.link.unary(StudyServiceStub, "GetStudy", request).study
    return Study(over, study, space_from_message(study.spec.plan.space), Params)


def read_space(space: Any) -> Tuple[Mapping[str, Parameter], Callable[[Dict[str, ParamValue]], Any]]:
    """The parameters of a space, and what makes its params; raises ParamoError INVALID_SPACE when it is none."""
    if isinstance(space, type) and issubclass(space, Space):
        return space.__parameters__, lambda values: space(**values)
    if isinstance(space, Mapping):
        for name, parameter in space.items():
            if not isinstance(parameter, Parameter):
                raise invalid_space(f"{name} is {parameter!r}", "Use Float, Int, Choice, Ordinal or Bool.")
        return dict(space), Params
    raise invalid_space(f"the space is {space!r}", "Give a subclass of paramo.Space, or a dict of parameters by name.")
