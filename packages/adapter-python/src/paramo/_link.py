"""A connection that finds its daemon again."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Optional

from ._backoff import backoff_s
from ._channel import Channel, OpenCall, Stub
from ._errors import ParamoError, is_lost

_PATIENCE_S = 60.0
# A restart of the daemon takes less: no word is lost about it.
_QUIET_S = 2.0
# The daemon may hang, or be stopped: a call that stays unanswered so long is made again.
_TRY_TIMEOUT_S = 30.0


class Link:
    """Calls to the daemon, which `dial` finds or starts, with the first one and whenever it was lost.

    Unary calls that meet a lost connection are made again, so their requests must be idempotent (those of Paramo's wire
    are, by request id); streams fail, and their callers open new ones. All calls raise ParamoError. Any thread may call.
    """

    def __init__(self, dial: Callable[[], Channel], patience_s: Optional[float] = None, on_wait: Optional[Callable[[ParamoError], None]] = None) -> None:
        self._dial = dial
        self._patience_s = _PATIENCE_S if patience_s is None else patience_s
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._channel: Optional[Channel] = None
        self._closed = False
        self.opened = 0
        """How many channels were opened."""
        self.on_open: Callable[[], None] = lambda: None
        """Called after each of these."""
        self._abandoned: Optional[Channel] = None

    def unary(self, stub: Stub, method: str, request: Any, *, patience_s: Optional[float] = None, try_timeout_s: float = _TRY_TIMEOUT_S) -> Any:
        """The answer to one request, tried again for `patience_s` seconds while the daemon is away (0: once)."""
        return self._patiently(lambda channel: channel.unary(stub, method, request, try_timeout_s), patience_s)

    def patient(self, stub: Stub, method: str, request: Any, wait: Callable[[OpenCall], Any], *, try_timeout_s: float) -> Any:
        """The same with a call that `wait` awaits in its own way."""
        return self._patiently(lambda channel: wait(channel.begin(stub, method, request, try_timeout_s)), None)

    def stream(self, stub: Stub, method: str, requests: Any, *, timeout_s: Optional[float] = None) -> OpenCall:
        """Begins a streaming call, tried once."""
        channel = self._open()
        try:
            call = channel.begin(stub, method, requests, timeout_s)
        except ParamoError:
            self._drop(channel)
            raise
        call.on_lost = lambda: self._drop(channel)
        return call

    def ready(self) -> None:
        """Finds the daemon, or starts it. Tries once."""
        self._open()

    def close(self) -> None:
        """Ends all calls. Does not wait for one that is finding the daemon: that one ends by itself."""
        self._closed = True
        channel = self._channel
        self._channel = None
        if channel:
            channel.close()

    def disown(self) -> None:
        """In a child of a fork: the channel is the parent's, and not to be touched, not even to be closed."""
        self._closed = True
        self._abandoned = self._channel
        self._channel = None
        self._lock = threading.Lock()

    def _patiently(self, call: Callable[[Channel], Any], patience_s: Optional[float]) -> Any:
        begun = time.monotonic()
        give_up = begun + (self._patience_s if patience_s is None else patience_s)
        tries = 0
        while True:
            channel: Optional[Channel] = None
            try:
                channel = self._open()
                return call(channel)
            except ParamoError as error:
                if is_lost(error):
                    self._drop(channel)
                again = is_lost(error) or error.code in ("OVERLOADED", "TIMEOUT")
                wait_s = max(backoff_s(tries), advised_s(error))
                if not again or self._closed or time.monotonic() + wait_s > give_up:
                    raise
                if self._on_wait and time.monotonic() - begun > _QUIET_S:
                    self._on_wait(error)
            tries += 1
            time.sleep(wait_s)

    def _open(self) -> Channel:
        channel = self._channel
        is_new = False
        if channel is None:
            with self._lock:
                if self._closed:
                    raise _closed_error()
                channel = self._channel
                if channel is None:
                    channel = self._dial()
                    if self._closed:
                        channel.close()
                        raise _closed_error()
                    self._channel = channel
                    self.opened += 1
                    is_new = True
        if is_new:
            self.on_open()
        return channel

    def _drop(self, channel: Optional[Channel]) -> None:
        with self._lock:
            if channel is None or self._channel is not channel:
                return
            self._channel = None
        channel.close()


def _closed_error() -> ParamoError:
    return ParamoError("ABORTED", "the connection was closed, or belongs to the parent of this process", "Open a new one with paramo.connect().")


def advised_s(error: ParamoError) -> float:
    """How long the daemon asks to wait before the same is sent again; 0: it does not say."""
    ms = error.details.get("retryAfterMs") if isinstance(error.details, dict) else None
    return ms / 1000 if isinstance(ms, (int, float)) else 0.0
