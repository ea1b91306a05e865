"""Leaves secrets out of what is kept about a run."""

from __future__ import annotations

import re
from typing import List, Optional, Pattern, Sequence

_REDACTED = "[redacted]"
"""What stands where a secret was."""

# What is in a name whose value is a secret.
_SECRET = re.compile(r"token(?!iz)|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|credential|auth(?!or(?!iz))|private", re.IGNORECASE)
# `--max-tokens 512` counts; it is no secret.
_COUNT_NAME = re.compile(r"tokens\Z", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]+\Z")

# An argument that is one assignment as a whole: `--api-key=X`, `API_KEY=X`, `Authorization: X`.
_ASSIGNMENT = re.compile(r"([A-Za-z0-9_.-]+)(=|:\s*)(.*)\Z", re.DOTALL)
_FLAG = re.compile(r"-[A-Za-z0-9_.-]+\Z")

_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_VALUE = r"(\[redacted\]|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s&;,\"'})\]]+)"
_ASSIGNED = re.compile(r"([\"']?\s*[=:]\s*)" + _VALUE)
_FOLLOWING = re.compile(r"(\s+)" + _VALUE)
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9_.~+/=-]+", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<![a-z0-9+.-])([a-z0-9+.-]+://)[^\s/@\"']+@", re.IGNORECASE)


def redact_text(text: str) -> str:
    """A text without the secrets that it names: values that stand after names such as `api_key` or `--password`, and who logs in at a URL."""
    text = _USER_INFO.sub(rf"\1{_REDACTED}@", _BEARER.sub(rf"\1 {_REDACTED}", text))
    kept: List[str] = []
    end = at = 0
    while True:
        word = _WORD.search(text, at)
        if word is None:
            return "".join(kept) + text[end:]
        at = word.end()
        name = word[0]
        if not _SECRET.search(name):
            continue
        found = _after(text, at, _ASSIGNED) or (_after(text, at, _FOLLOWING) if name.startswith("-") else None)
        if found is None or _is_count(name, found[2]):
            continue
        kept.append(text[end:at] + found[1] + _REDACTED)
        end = at = found.end()


def redact_arguments(command: Sequence[str]) -> List[str]:
    """A command line without its secrets: in `--api-key=X`, `--api-key X`, `API_KEY=X`, `Authorization: X`, and as `redact_text` finds them."""
    kept: List[str] = []
    expected: Optional[str] = None
    for argument in command:
        name, expected = expected, None
        # The next flag is not the value of the one before.
        if name is not None and not argument.startswith("--"):
            kept.append(argument if _is_count(name, argument) else _REDACTED)
            continue
        if _FLAG.match(argument) and _SECRET.search(argument):
            expected = argument
        assignment = _ASSIGNMENT.match(argument)
        if assignment and _SECRET.search(assignment[1]):
            kept.append(argument if _is_count(assignment[1], assignment[3]) else f"{assignment[1]}{assignment[2]}{_REDACTED}")
        else:
            kept.append(redact_text(argument))
    return kept


def redact_variable(name: str, text: str) -> str:
    """The value of an environment variable without its secrets."""
    return _REDACTED if _SECRET.search(name) and not _is_count(name, text) else redact_text(text)


def _after(text: str, at: int, pattern: Pattern[str]) -> "Optional[re.Match[str]]":
    return pattern.match(text, at)


def _is_count(name: str, text: str) -> bool:
    return bool(_COUNT_NAME.search(name) and _COUNT.match(text))
