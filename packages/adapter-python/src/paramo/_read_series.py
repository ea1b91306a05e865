"""The points of a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ._errors import ParamoError, is_lost
from ._near_miss import near_miss
from ._record import Series

if TYPE_CHECKING:
    from ._link import Link

_MOST_TRIES = 5


def read_series(link: "Link", study_id: str, trial: int, metric: str, *, from_step: int, to_step: Optional[int], max_points: int) -> Series:
    """Reads them, anew when the daemon is lost on the way. Raises ParamoError INVALID_METRIC with the near miss when the trial has no such metric."""
    tries = 0
    while True:
        tries += 1
        try:
            return _read(link, study_id, trial, metric, from_step, to_step, max_points)
        except ParamoError as error:
            if not is_lost(error) or tries == _MOST_TRIES:
                raise


def _read(link: "Link", study_id: str, trial: int, metric: str, from_step: int, to_step: Optional[int], max_points: int) -> Series:
    from .v1.metric_service_pb2 import ListSeriesRequest, StreamSeriesRequest
    from .v1.metric_service_pb2_grpc import MetricServiceStub

    request = StreamSeriesRequest(study_id=study_id, trial=trial, names=[metric], from_step=from_step, to_step=to_step, max_points=max_points)
    series = Series(metric, [], [], [])
    for part in link.stream(MetricServiceStub, "StreamSeries", request):
        series.steps.extend(part.series.steps)
        series.values.extend(part.series.values)
        series.times.extend(time_ms / 1000 for time_ms in part.series.times_ms)
    if not series.steps:
        listed = link.unary(MetricServiceStub, "ListSeries", ListSeriesRequest(study_id=study_id, trial=trial))
        names = [one.name for one in listed.series]
        if metric not in names:
            near = near_miss(metric, names)
            hint = f"Did you mean {near}?" if near else f"It has {', '.join(names[:20])}." if names else "It has logged nothing."
            raise ParamoError("INVALID_METRIC", f'trial {trial} has no metric "{metric}"', hint)
    return series
