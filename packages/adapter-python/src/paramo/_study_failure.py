"""Why an ended study has no result."""

from __future__ import annotations

from typing import Any, Optional

from ._errors import ParamoError
from ._record import TERMINAL
from ._study import Study


def study_failure(study: Study[Any]) -> Optional[ParamoError]:
    """Why an ended study has no result to hand out, or must not pass for a success: a plugin failed, too many trials did, or none has a value."""
    message = study._message
    name = f'"{study.name}"'
    if message.error_code:
        return ParamoError(message.error_code, f"study {name} was ended by an error: {study.end_detail or message.error_code}", _so_far(study))
    counts = study.counts
    has_result = counts["completed"] + counts["stopped"] > 0 if len(study.objective_names) > 1 else message.HasField("best_trial")
    if study.end_reason != "failures" and has_result:
        return None
    tally = ", ".join(f"{counts[state]} {state}" for state in TERMINAL if counts[state]) or "no trial was evaluated"
    why = f"study {name} ended after too many failed trials" if study.end_reason == "failures" else f"study {name} ended without a result: {tally}"
    unusable = not has_result and counts["failed"] == 0 and counts["completed"] > 0
    failed = study.trials(filter="state = failed", order="-number", limit=1) if counts["failed"] else []
    if failed and failed[0].error:
        why += f". Trial {failed[0].number}: {failed[0].error.message}"
    elif unusable:
        why += f", none with a finite {' and '.join(study.objective_names)}"
    hint = _so_far(study) if has_result else f"{'Find out why it is NaN or infinite' if unusable else 'Fix what fails'}, then run it again with fresh=True."
    return ParamoError("STUDY_ENDED", why, hint, {state: counts[state] for state in TERMINAL})


def _so_far(study: Study[Any]) -> str:
    message = study._message
    if not message.HasField("best_trial"):
        return "There is no result so far."
    return f"Best so far: trial {message.best_trial} with {study.objective_names[0]} {message.best_value}."
