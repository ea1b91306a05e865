"""What a failed call means."""

from __future__ import annotations

import json
import re
from typing import Any, Optional, Tuple

import grpc
from google.protobuf.message import DecodeError

from ._errors import ParamoError
from .v1.value_pb2 import ErrorDetail

_KEY = "paramo-error-bin"

# How gRPC reports that the other side went away, when no handler's answer came with it.
_LOST = (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL)
_CONNECTING = re.compile(r"connect|ECONN|ENOENT|EPIPE|resolution|socket", re.I)


def to_paramo_error(error: grpc.RpcError) -> ParamoError:
    """A failed call, as the error the daemon answered with; else one that fits the status of gRPC."""
    code, text = _status(error)
    detail = _detail(error)
    fallback = _foreign(code, text)
    if detail is None:
        return fallback
    try:
        details = json.loads(detail.details_json) if detail.details_json else None
    except ValueError:
        details = None
    if details is None and detail.retry_after_ms:
        details = {"retryAfterMs": detail.retry_after_ms}
    return ParamoError(detail.code, detail.message, detail.hint, details)


def _status(error: grpc.RpcError) -> Tuple[Any, str]:
    code = error.code() if hasattr(error, "code") else grpc.StatusCode.UNKNOWN
    details = error.details() if hasattr(error, "details") else str(error)
    return code, details or str(code)


def _detail(error: grpc.RpcError) -> Optional[ErrorDetail]:
    trailers = error.trailing_metadata() if hasattr(error, "trailing_metadata") else None
    metadata: Any = trailers or ()
    for key, value in metadata:
        if key == _KEY and isinstance(value, bytes):
            try:
                return ErrorDetail.FromString(value)
            except DecodeError:
                return None
    return None


def _foreign(code: Any, text: str) -> ParamoError:
    status = grpc.StatusCode
    if code == status.UNAVAILABLE:
        if _CONNECTING.search(text):
            return ParamoError("DAEMON_UNREACHABLE", text, "Check that the daemon runs (`paramo up`) and that the address is right.")
        return ParamoError("UNAVAILABLE", text, "Try again in a moment.")
    if code == status.DEADLINE_EXCEEDED:
        return ParamoError("TIMEOUT", text, "Try again, or allow more time.")
    if code in (status.UNAUTHENTICATED, status.PERMISSION_DENIED):
        return ParamoError("UNAUTHENTICATED", text, "Give the token that daemon.json of the home holds, or set PARAMO_TOKEN.")
    if code == status.RESOURCE_EXHAUSTED:
        if "larger than" in text:
            return ParamoError("LIMIT_EXCEEDED", text, "Send or ask for less at a time.")
        return ParamoError("OVERLOADED", text, "Send less at a time, or try again later.")
    if code == status.UNIMPLEMENTED:
        return ParamoError("DAEMON_VERSION", text, "The daemon does not know this call: bring client and daemon to the same version.")
    if code in _LOST:
        return ParamoError("UNAVAILABLE", f"the connection to the daemon was lost ({text})", "Try again in a moment.")
    return ParamoError("INTERNAL", text)
