"""How long to wait before another try."""

from __future__ import annotations

import os

_FIRST_S = 0.04
_MOST_S = 30.0


def backoff_s(tries: int) -> float:
    """Seconds before try `tries` + 2 (the first wait has `tries` 0): doubling, capped at 30 s, each cut by up to half at random."""
    ceiling = min(_MOST_S, _FIRST_S * 2.0 ** min(tries, 20))
    return ceiling * (0.5 + os.urandom(1)[0] / 512)
