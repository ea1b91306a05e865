"""One process's connection to a daemon."""

from __future__ import annotations

import atexit
import os
import socket
import threading
import time
import weakref
from typing import TYPE_CHECKING, Callable, Dict, Optional

from ._channel import Channel
from ._delivery import Delivery
from ._describer import Describer
from ._dial import dial_address, dial_home
from ._errors import ParamoError
from ._home import find_home
from ._late_ends import LateEnds
from ._link import Link
from ._process_identity import identify_owner
from ._reporter import Reporter
from ._spool import Spool
from ._warnings import Warnings
from ._work_folder import WorkFolder

if TYPE_CHECKING:
    from ._attach import Attachment

# The longest that closing, and with it the end of the process, is delayed.
_CLOSE_S = 5.0
# How much of that descriptions under way may take.
_DESCRIBE_S = 2.5

SPOOL_QUOTA_BYTES = 256 * 1024 * 1024
"""Bytes of a spool past which metrics are thinned."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Connection:
    """It finds the daemon again when that goes away, and starts a home's one anew. Opened with the first call."""

    def __init__(
        self, dial: Callable[[], Channel], *, patience_s: Optional[float] = None, work_path: Optional[str] = None, spools: Optional[str] = None, spool_quota_bytes: int = SPOOL_QUOTA_BYTES, describes: bool = False
    ) -> None:
        self.pid = os.getpid()
        self.writer_id = _ulid()
        """The writer id of this process: a ULID."""
        self.host = socket.gethostname()
        self.warnings = Warnings()
        self.link = Link(dial, patience_s, lambda error: self.warnings.once("away", f"waiting for the daemon: {error.message}"))
        self.spool: Optional[Spool] = None
        """Where what is logged lies until the daemon has it; None: with the daemon of another home, in memory."""
        self._delivery: Optional[Delivery] = None
        if spools:
            owner = identify_owner(self.writer_id)
            self.spool = Spool(os.path.join(spools, self.writer_id), owner, spool_quota_bytes)
            self._delivery = Delivery(spools, self.link, owner, self.warnings)
        self.reporter = Reporter(self.link, self.writer_id, self.warnings, self.spool, "" if spools else "the daemon is one of another home")
        self.describer: Optional[Describer] = Describer(self.link, self.reporter) if describes else None
        """Keeps with attempts what they ran as; None: nothing is kept."""
        self.late_ends = LateEnds(self.link, self.writer_id, self.reporter)
        self.link.on_open = self._opened
        self.work_folder = WorkFolder(work_path, self.writer_id)
        self.attaching = threading.Lock()
        self.attachment: "Optional[Attachment]" = None
        """What it reports for beside the worker that runs this program, once it does. Guarded by `attaching`."""
        self._lock = threading.Lock()
        self._requests = 0
        self._slots = 0
        self._closed = False
        _connections.add(self)

    def next_request_id(self) -> str:
        """An id unique to this process; ids sort in the order they were drawn."""
        with self._lock:
            self._requests += 1
            return f"{self.writer_id}-{self._requests:010d}"

    def next_slot(self, what: str) -> str:
        """Names a slot of this process that evaluates one trial at a time."""
        with self._lock:
            self._slots += 1
            return f"{self.writer_id}.{what}{self._slots - 1}"

    def close(self) -> None:
        """Sends what waits (for 5 s at most), lets go of the trials still held, and ends."""
        if self._closed or self.pid != os.getpid():
            return
        self._closed = True
        _connections.discard(self)
        until = time.monotonic() + _CLOSE_S
        if self.describer and not self.reporter.away:
            self.describer.close(_DESCRIBE_S)
        self.reporter.close(until - time.monotonic())
        if self._delivery:
            self._delivery.close(until - time.monotonic())
        self.late_ends.close()
        self.link.close()
        self.work_folder.close()

    def _opened(self) -> None:
        self.reporter.look_again()
        self.late_ends.look_again()
        if self._delivery:
            self._delivery.begin()

    def __deepcopy__(self, memo: object) -> "Connection":
        """Itself: what holds it may be copied, as scikit-learn copies estimators."""
        return self

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_connection(*, home: Optional[str] = None, address: Optional[str] = None, token: Optional[str] = None, start: bool = True, patience_s: Optional[float] = None, spool_quota_bytes: int = SPOOL_QUOTA_BYTES) -> Connection:
    """A connection as `paramo.connect` describes it; it dials with its first call."""
    env: Dict[str, str] = dict(os.environ)
    describes = env.get("PARAMO_DESCRIBE") != "0"
    # A home that was asked for outright is not overruled by an address of the environment.
    where = address or (env.get("PARAMO_ADDRESS") if home is None else None)
    if where:
        bearer = token or env.get("PARAMO_TOKEN") or ""
        return Connection(lambda: dial_address(where, bearer), patience_s=patience_s, describes=describes)
    start_dir = os.getcwd()
    found = os.path.abspath(home) if home is not None else find_home(start_dir, env)
    return Connection(
        lambda: dial_home(found, start=start, start_dir=start_dir, env=env),
        patience_s=patience_s,
        work_path=os.path.join(found, "work"),
        spools=os.path.join(found, "spool"),
        spool_quota_bytes=spool_quota_bytes,
        describes=describes,
    )


def default_connection() -> Connection:
    """The connection of this process, opened by the first call that needs one; a child of a fork gets its own."""
    global _default
    with _lock:
        if _default is None or _default._closed:
            connection = open_connection()
            connection.link.ready()
            _default = connection
        return _default


def given_or_default(connection: Optional[Connection]) -> Connection:
    """The connection to use; raises ParamoError ABORTED for one of a parent process."""
    if connection is None:
        return default_connection()
    if connection.pid != os.getpid():
        raise ParamoError("ABORTED", "the connection belongs to the parent of this process", "Open one here with paramo.connect().")
    return connection


_lock = threading.Lock()
_default: Optional[Connection] = None
_connections: "weakref.WeakSet[Connection]" = weakref.WeakSet()


def _close_all() -> None:
    for connection in list(_connections):
        connection.close()


def _after_fork() -> None:
    """In a child of a fork nothing of the parent's connections is used: neither channels nor locks."""
    global _default, _lock
    _lock = threading.Lock()
    _default = None
    for connection in list(_connections):
        connection.reporter.disown()
    _connections.clear()


def _ulid() -> str:
    """48 bits of time, then 80 bits of entropy, in 26 characters that sort by time."""
    ms = int(time.time() * 1000)
    head = "".join(_CROCKFORD[ms >> shift & 31] for shift in range(45, -1, -5))
    return head + "".join(_CROCKFORD[byte % 32] for byte in os.urandom(16))


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
