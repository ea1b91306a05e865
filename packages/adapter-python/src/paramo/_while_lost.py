"""What streams, which links do not repeat by themselves."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

from ._backoff import backoff_s
from ._errors import ParamoError, is_lost

T = TypeVar("T")


def while_lost(patience_s: float, work: Callable[[], T]) -> T:
    """Does `work` again and again while the daemon is away, for `patience_s` seconds at most."""
    give_up = time.monotonic() + patience_s
    tries = 0
    while True:
        try:
            return work()
        except ParamoError as error:
            if not is_lost(error):
                raise
            wait_s = backoff_s(tries)
            if time.monotonic() + wait_s > give_up:
                raise
        tries += 1
        time.sleep(wait_s)
