"""What people note about a trial, kept as its attributes of the same names."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from ._checks import invalid_option


def notes(tags: Sequence[str], note: Optional[str], group: Optional[str]) -> Dict[str, Any]:
    """Notes as attributes; raises ParamoError INVALID_OPTIONS for tags that are no texts."""
    if isinstance(tags, str) or not all(isinstance(tag, str) and tag.strip() for tag in tags):
        raise invalid_option(f"tags is {tags!r}", 'Give a list of texts, such as ["baseline"].')
    for name, value in (("note", note), ("group", group)):
        if value is not None and not isinstance(value, str):
            raise invalid_option(f"{name} is {value!r}", "Give a text.")
    given = {"tags": list(dict.fromkeys(tags)) or None, "note": note, "group": group}
    return {name: value for name, value in given.items() if value is not None}
