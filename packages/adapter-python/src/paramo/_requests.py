"""Options of studies, and the requests they become."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Tuple, TypedDict, Union

from ._checks import check_names, invalid_option, positive, whole
from ._duration import Duration, duration_ms
from ._objective import Objective

if TYPE_CHECKING:
    from ._parameter import Parameter
    from .v1.study_service_pb2 import OpenStudyRequest

PluginChoice = Union[str, Tuple[str, Mapping[str, Any]], Mapping[str, Any]]
"""A strategy or stopper: its name, `("pbt", {"population": 8})`, or `{"name": "pbt", "options": {…}}`."""


class BudgetOptions(TypedDict, total=False):
    """Limits kept by the daemon at admission. Absent: no limit."""

    trials: int
    """First starts of trials."""
    steps: int
    """Distinct training steps over all trials."""
    wall: Duration
    """Time with at least one trial running: seconds, or text such as `'10m'`."""
    cost: float
    """In your own unit, as reported."""
    cost_per_trial: float
    """The most one trial can cost; makes the cost budget exact."""


class CommonOptions(TypedDict, total=False):
    """What a study of any kind may be given."""

    budget: BudgetOptions
    seed: int
    """Mixed into every random stream, from 0; absent: drawn by the daemon."""
    max_failures: int
    """End after so many failed trials in a row; 10 by default."""
    retries: int
    """How often a lost attempt is tried again; 2 by default."""
    retry_on_failure: bool
    """Whether a trial that fails by itself is tried again too."""
    lease: Duration
    """How long a worker may be silent before its trial is freed; 30 s by default."""
    keep_checkpoints: int
    """How many of its newest checkpoints a trial keeps, beside its best one and those others start from; 2 by default."""
    labels: Mapping[str, str]
    attributes: Mapping[str, Any]
    fresh: bool
    """Give the name to a new study; the old one is kept under another."""


class StudyOptions(CommonOptions, total=False):
    """What a search may be given beside its space and objective."""

    trials: int
    """Short for `budget=dict(trials=…)`."""
    strategy: PluginChoice
    """What proposes trials; by default `'bayes'`, or `'random'` with several objectives, which bayes cannot weigh."""
    stopper: PluginChoice
    """What stops trials early; `'none'` by default."""
    steps: int
    """The most steps a trial takes; stoppers with rungs need it."""
    strict_order: int
    """The same seed and this width give the same trials for any number of workers and any timing."""
    target: float
    """End when a completed trial is at least this good."""
    revise: bool
    """Change the study's space, strategy or stopper to these (revision 2, 3, …); its trials stay usable."""


_COMMON = ("budget", "seed", "max_failures", "retries", "retry_on_failure", "lease", "keep_checkpoints", "labels", "attributes", "fresh")
_SEARCH = (*_COMMON, "trials", "strategy", "stopper", "steps", "strict_order", "target", "revise")
_BUDGET = ("trials", "steps", "wall", "cost", "cost_per_trial")
_RULES = ("target", "max_failures", "retries", "retry_on_failure", "lease", "keep_checkpoints")


def check_search_options(options: Mapping[str, Any], more: Sequence[str] = ()) -> None:
    """Raises ParamoError INVALID_OPTIONS naming an unknown option of a search and its near miss."""
    check_names(options, (*_SEARCH, *more))


def search_request(name: str, parameters: Mapping[str, "Parameter"], objectives: Sequence[Objective], options: Mapping[str, Any], request_id: str) -> "OpenStudyRequest":
    """The request that opens a search; raises ParamoError INVALID_OPTIONS naming the option and its near miss."""
    from ._messages import objective_to_message, space_to_message

    check_search_options(options)
    if not parameters:
        raise invalid_option("the space has no parameters", "Give at least one to search, such as lr: float = Float(1e-5, 1e-1, log=True); to only track runs, use paramo.run().")
    request = _open_request(name, options, request_id, "OPEN_MODE_REVISE" if options.get("revise") else "OPEN_MODE_JOIN")
    plan = request.spec.plan
    plan.space.CopyFrom(space_to_message(parameters))
    plan.objectives.extend(objective_to_message(objective) for objective in objectives)
    _choose(plan.strategy, "strategy", options.get("strategy") or ("random" if len(objectives) > 1 else "bayes"))
    stopper = options.get("stopper") or "none"
    if stopper != "none":
        _choose(plan.stopper, "stopper", stopper)
    if options.get("steps") is not None:
        plan.steps = whole("steps", options["steps"], 1)
    if options.get("strict_order") is not None:
        plan.strict_order = whole("strict_order", options["strict_order"], 1)
    return request


def tracking_request(name: str, options: Mapping[str, Any], request_id: str) -> "OpenStudyRequest":
    """The request that opens a series of tracked runs; raises ParamoError INVALID_OPTIONS naming the option and its near miss."""
    check_names(options, _COMMON)
    return _open_request(name, options, request_id, "OPEN_MODE_JOIN")


def _open_request(name: str, options: Mapping[str, Any], request_id: str, mode: str) -> "OpenStudyRequest":
    from .v1.study_service_pb2 import OpenStudyRequest

    if not isinstance(name, str) or name == "":
        raise invalid_option("the study has no name", "Give it one: it is how other processes join it.")
    request = OpenStudyRequest(request_id=request_id, mode="OPEN_MODE_FRESH" if options.get("fresh") else mode)
    spec = request.spec
    spec.name = name
    spec.plan.SetInParent()
    spec.labels.update(options.get("labels") or {})
    if options.get("attributes"):
        spec.attributes_json = as_json("attributes", options["attributes"])
    if options.get("seed") is not None:
        spec.seed = whole("seed", options["seed"], 0)
    # What is not asked for stays as it is in a study that is joined.
    budget = _budget(options)
    if budget is not None:
        spec.budget.SetInParent()
        for limit, value in budget.items():
            setattr(spec.budget, limit, value)
    if any(options.get(rule) is not None for rule in _RULES):
        _rules(spec.rules, options)
    return request


def _budget(options: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    given: Mapping[str, Any] = options.get("budget") or {}
    check_names(given, _BUDGET, "budget.")
    if options.get("trials") is not None:
        if given.get("trials") is not None and given["trials"] != options["trials"]:
            raise invalid_option("trials and budget.trials differ", "Give one of them.")
        given = {**given, "trials": options["trials"]}
    if not given and options.get("budget") is None:
        return None
    limits: Dict[str, Any] = {}
    for limit, value in given.items():
        if value is None:
            continue
        if limit == "wall":
            limits["wall_ms"] = duration_ms("budget.wall", value)
        elif limit in ("trials", "steps"):
            limits[limit] = whole(f"budget.{limit}", value, 1)
        else:
            limits[limit] = positive(f"budget.{limit}", value)
    return limits


def _rules(rules: Any, options: Mapping[str, Any]) -> None:
    rules.SetInParent()
    target = options.get("target")
    if target is not None:
        if isinstance(target, bool) or not isinstance(target, (int, float)) or not math.isfinite(target):
            raise invalid_option(f"target is {target!r}", "Give a number in the objective's unit.")
        rules.target = target
    for name, least in (("max_failures", 1), ("retries", 0), ("keep_checkpoints", 1)):
        if options.get(name) is not None:
            setattr(rules, name, whole(name, options[name], least))
    rules.retry_on_failure = bool(options.get("retry_on_failure"))
    if options.get("lease") is not None:
        rules.lease_ms = duration_ms("lease", options["lease"])


def _choose(reference: Any, kind: str, choice: Any) -> None:
    """Writes the chosen plugin down; raises ParamoError INVALID_OPTIONS when it is neither a name nor a name with options."""
    name: Any = choice
    options: Any = {}
    if isinstance(choice, tuple) and len(choice) == 2:
        name, options = choice
    elif isinstance(choice, Mapping):
        check_names(choice, ("name", "options"), f"{kind}.")
        name, options = choice.get("name"), choice.get("options", {})
    if not isinstance(name, str) or name == "" or not isinstance(options, Mapping):
        example = "bayes" if kind == "strategy" else "median"
        raise invalid_option(f"{kind} is {choice!r}", f"Give its name, such as '{example}', or ('{example}', {{options}}).")
    reference.name = name
    if options:
        reference.options_json = as_json(f"{kind} options", options)


def as_json(what: str, value: Mapping[str, Any]) -> str:
    """A JSON object; raises ParamoError INVALID_OPTIONS when `value` is none."""
    try:
        return json.dumps(dict(value), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise invalid_option(f"{what} cannot be written as JSON ({error})", "Give plain dicts, lists, texts, numbers, True, False and None.") from None
