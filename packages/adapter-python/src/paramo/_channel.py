"""One connection to a daemon over gRPC."""

from __future__ import annotations

import os
from typing import Any, Callable, Iterator, List, Optional, Tuple

# gRPC's own support for forks, on by default in newer versions, fills stderr when a data loader forks while a stream is
# open, and now and then breaks the child. No child uses a channel of its parent here, so none of it is needed.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import grpc

from ._errors import ParamoError, is_lost
from ._wire_errors import to_paramo_error

# The largest message sent or taken; senders cut at a quarter of it.
_MAX_MESSAGE_BYTES = 4 * 1024 * 1024

_OPTIONS: List[Tuple[str, int]] = [
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.enable_retries", 0),
    # A daemon is on this host: a proxy of the environment has no part in this.
    ("grpc.enable_http_proxy", 0),
    ("grpc.service_config_disable_resolution", 1),
    # Else a new channel to a restarted daemon would inherit the waiting time of the old one's failures.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]

Stub = Callable[[Any], Any]
"""A generated class of stubs, such as `TrialServiceStub`."""


# The process in which the first channel was opened.
_opened_in: Optional[int] = None


class Channel:
    """A connection that does not try again by itself: a lost one fails its calls, and whoever owns it opens another.

    `address` is `unix:/path/to/socket` or `127.0.0.1:PORT`. Calls raise ParamoError.
    """

    def __init__(self, address: str, token: str = "") -> None:
        _check_fork()
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._closed = False

    def unary(self, stub: Stub, method: str, request: Any, timeout_s: Optional[float]) -> Any:
        """One request, one answer."""
        try:
            return getattr(stub(self._channel), method)(request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise to_paramo_error(error) from None
        except ValueError as error:
            raise self._lost(error) from None

    def begin(self, stub: Stub, method: str, request: Any, timeout_s: Optional[float] = None) -> "OpenCall":
        """Begins a call whose answer is awaited later, or comes in parts."""
        try:
            multi = getattr(stub(self._channel), method)
            begun = multi.future(request, timeout=timeout_s, metadata=self._metadata) if hasattr(multi, "future") else multi(request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise to_paramo_error(error) from None
        except (ValueError, RuntimeError) as error:
            raise self._lost(error) from None
        return OpenCall(begun)

    def close(self) -> None:
        """Cancels what is under way and lets the connection go."""
        if not self._closed:
            self._closed = True
            self._channel.close()

    def _lost(self, error: Exception) -> ParamoError:
        if self._closed:
            return ParamoError("UNAVAILABLE", "the connection to the daemon was lost", "Try again in a moment.")
        return ParamoError("INTERNAL", str(error))


def _check_fork() -> None:
    """Raises ParamoError NOT_SUPPORTED in a child of a process that had opened a channel: gRPC would hang."""
    global _opened_in
    _opened_in = _opened_in or os.getpid()
    if _opened_in != os.getpid() and os.environ.get("GRPC_ENABLE_FORK_SUPPORT", "").lower() not in ("1", "true", "yes", "on"):
        message = "this process was forked from one that had opened a connection, and gRPC cannot work in both"
        raise ParamoError("NOT_SUPPORTED", message, "Fork before the first call of Paramo, or use the spawn method of multiprocessing.")


class OpenCall:
    """A call under way. `on_lost` is called when it meets a lost connection."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self.on_lost: Callable[[], None] = lambda: None

    def result(self, timeout_s: Optional[float] = None) -> Any:
        """The one answer; raises ParamoError TIMEOUT when it does not come in time, and the call goes on."""
        try:
            return self._call.result(timeout=timeout_s)
        except grpc.FutureTimeoutError:
            raise ParamoError("TIMEOUT", "no answer came in time", "Try again, or allow more time.") from None
        except grpc.FutureCancelledError:
            raise ParamoError("UNAVAILABLE", "the connection to the daemon was lost", "Try again in a moment.") from None
        except grpc.RpcError as error:
            raise to_paramo_error(error) from None

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._call
        except grpc.RpcError as error:
            failure = to_paramo_error(error)
            if is_lost(failure):
                self.on_lost()
            raise failure from None
        finally:
            self._call.cancel()

    def cancel(self) -> None:
        """Gives the call up."""
        self._call.cancel()
