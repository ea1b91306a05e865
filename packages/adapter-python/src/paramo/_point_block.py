"""Points that go out together."""

from __future__ import annotations

from array import array
from typing import Dict, Iterable, List, Tuple

from .v1.trial_pb2 import SeriesColumns

Point = Tuple[str, int, float, float]
"""Metric, step index from 0, value, seconds since 1970."""

# Step varint, double and time of a point, at most about so many bytes.
_BYTES_A_POINT = 22


class PointBlock:
    """Points as columns a metric, 24 bytes of memory each. Of neighbours of one metric at one step the last one wins."""

    __slots__ = ("points", "bytes", "_columns")

    def __init__(self, points: Iterable[Point]) -> None:
        columns: Dict[str, Tuple["array[int]", "array[float]", "array[int]"]] = {}
        count = 0
        for name, step, value, time_s in points:
            column = columns.get(name)
            if column is None:
                column = columns[name] = (array("Q"), array("d"), array("q"))
            steps, values, times = column
            if steps and steps[-1] == step:
                values[-1] = value
                times[-1] = int(time_s * 1000)
                continue
            steps.append(step)
            values.append(value)
            times.append(int(time_s * 1000))
            count += 1
        self._columns = columns
        self.points = count
        self.bytes = count * _BYTES_A_POINT + sum(len(name) * 3 + 16 for name in columns)
        """About what it takes on the wire."""

    def messages(self) -> List[SeriesColumns]:
        """The columns as they are sent."""
        return [SeriesColumns(name=name, steps=steps, values=values, times_ms=times) for name, (steps, values, times) in self._columns.items()]
