"""What lies in a spool, in words."""

from __future__ import annotations


def points_and_ends(points: int, ends: int) -> str:
    """Such as `3 points and the end of a trial`."""
    parts = []
    if points:
        parts.append(f"{points} {'point' if points == 1 else 'points'}")
    if ends:
        parts.append("the end of a trial" if ends == 1 else f"the ends of {ends} trials")
    return " and ".join(parts) or "nothing"
