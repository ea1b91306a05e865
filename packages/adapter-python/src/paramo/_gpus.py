"""The GPUs of this host, as `nvidia-smi` names them."""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional

from ._ask_program import ask_program

# The first answer of a driver that was not loaded may take many seconds.
_TIMEOUT_S = 15.0
# So many failures in a row mean that there is no GPU that could be asked about, and none will come.
_MOST_FAILURES = 3
_MOST_BYTES = 256 * 1024
_MEBIBYTE = 1024 * 1024
_FIELDS = "index,name,memory.total,driver_version,utilization.gpu,memory.used"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
_DEVICES = re.compile(r"(?:[0-9]+(?:,[0-9]+)*)?\Z")

_failures = 0


class Gpu(NamedTuple):
    """One GPU as it stands."""

    number: int
    """Its number on the host."""
    model: str
    memory_bytes: int
    driver: str
    busy: Optional[float]
    """Share of the last moments in which it was at work, 0 to 1; None: it does not say."""
    used_bytes: Optional[int]


def read_gpus(timeout_s: float = _TIMEOUT_S) -> List[Gpu]:
    """All of them; none where there is no such program."""
    global _failures
    if _failures == _MOST_FAILURES:
        return []
    answer = ask_program(["nvidia-smi", f"--query-gpu={_FIELDS}", "--format=csv,noheader,nounits"], timeout_s=timeout_s, most_bytes=_MOST_BYTES)
    _failures = 0 if answer else _failures + 1
    return parse_gpus(answer.output.decode("utf-8", "replace")) if answer else []


def visible_gpus(gpus: List[Gpu], devices: Optional[str]) -> List[Gpu]:
    """Those that a process sees which has this in `CUDA_VISIBLE_DEVICES`; all where it names them in another way than by number."""
    if devices is None or not _DEVICES.match(devices):
        return gpus
    numbers = {int(number) for number in devices.split(",") if number}
    return [gpu for gpu in gpus if gpu.number in numbers]


def own_gpus() -> List[Gpu]:
    """Those that this process may see."""
    return visible_gpus(read_gpus(), os.environ.get("CUDA_VISIBLE_DEVICES"))


def parse_gpus(text: str) -> List[Gpu]:
    """Reads the lines of `nvidia-smi`, a GPU each; what it cannot say is `[N/A]`."""
    gpus: List[Gpu] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")] + [""] * 6
        if not cells[0].isdigit():
            continue
        _, model, total, driver, busy, used = cells[:6]
        gpus.append(Gpu(
            int(cells[0]), model, int(float(total) * _MEBIBYTE) if _NUMBER.match(total) else 0, driver,
            float(busy) / 100 if _NUMBER.match(busy) else None, int(float(used) * _MEBIBYTE) if _NUMBER.match(used) else None,
        ))
    return gpus
