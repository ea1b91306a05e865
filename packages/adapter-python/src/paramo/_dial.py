"""Finding a daemon, and starting one."""

from __future__ import annotations

import time
from typing import Mapping, Optional, Tuple

from ._channel import Channel
from ._daemon_file import DaemonFile, read_daemon_file
from ._daemon_process import DaemonProcess
from ._daemon_program import find_daemon_program
from ._errors import ParamoError, is_lost
from .v1.server_service_pb2 import GetServerInfoRequest, GetServerInfoResponse
from .v1.server_service_pb2_grpc import ServerServiceStub

# The major version of the protocol this package speaks.
_PROTOCOL = 1

_ANSWER_S = 3.0
_START_S = 10.0
_POLL_S = 0.015
# A daemon that is about to end still holds its home; after this another start is tried.
_YIELD_S = 0.3


def dial_address(address: str, token: str) -> Channel:
    """A channel to the daemon at a fixed address; raises ParamoError DAEMON_UNREACHABLE, UNAUTHENTICATED or DAEMON_VERSION."""
    try:
        return _greet(address, token)[0]
    except ParamoError as error:
        if not is_lost(error) and error.code != "TIMEOUT":
            raise
        raise ParamoError("DAEMON_UNREACHABLE", f"no daemon answers at {address} ({error.message})", "Start one there with `paramo up`, or correct PARAMO_ADDRESS.") from error


def dial_home(home: str, *, start: bool, start_dir: str, env: Mapping[str, str]) -> Channel:
    """A channel to the daemon of a home, started if need be.

    Processes that start one at the same time all end on the one that won the home. Raises ParamoError DAEMON_UNREACHABLE,
    DAEMON_VERSION, or what the daemon said when it could not start.
    """
    before = read_daemon_file(home)
    found = before and _try_daemon(before)
    if found:
        return found
    if not start:
        raise ParamoError("DAEMON_UNREACHABLE", f"no daemon runs on the home {home}", "Start one with `paramo up`.")
    gone = before.instance_id if before else None
    until = time.monotonic() + _START_S
    daemon: Optional[DaemonProcess] = _start(home, start_dir, env)
    retry_at = 0.0
    while True:
        time.sleep(_POLL_S)
        file = read_daemon_file(home)
        found = _try_daemon(file) if file and file.instance_id != gone else None
        if found:
            return found
        failure = daemon.failure() if daemon else None
        if failure:
            # Someone else's daemon won the home: it is about to answer, or about to end.
            if failure.code != "HOME_LOCKED" or time.monotonic() > until:
                raise failure
            daemon = None
            retry_at = time.monotonic() + _YIELD_S
        elif daemon is None and time.monotonic() > retry_at:
            daemon = _start(home, start_dir, env)
        if time.monotonic() > until:
            raise ParamoError("DAEMON_UNREACHABLE", f"the daemon of {home} was started but did not answer within {_START_S:.0f} s", f"Look into {home}/daemon.log, or run `paramo doctor`.")


def _start(home: str, start_dir: str, env: Mapping[str, str]) -> DaemonProcess:
    command = find_daemon_program(start_dir, env)
    if command is None:
        message = f"no daemon runs on the home {home}, and the program `paramo` that would start one was not found"
        raise ParamoError("DAEMON_UNREACHABLE", message, "Install it with `npm install paramo`, or set PARAMO_BIN to it.")
    return DaemonProcess(home, command, env)


def _try_daemon(file: DaemonFile) -> Optional[Channel]:
    """A channel to the daemon of the file; None when that daemon is gone."""
    try:
        channel, info = _greet(f"unix:{file.socket}" if file.socket else file.address, file.token)
    except ParamoError as error:
        if is_lost(error) or (error.code == "UNAUTHENTICATED" and not file.socket):
            return None
        if error.code != "TIMEOUT":
            raise
        message = f"the daemon of this home (process {file.pid}) does not answer"
        raise ParamoError("DAEMON_UNREACHABLE", message, f"Give it a moment; if it hangs, end it with `kill {file.pid}` and try again: nothing that was acked is lost.") from error
    # A port may have gone to the daemon of another home.
    if file.socket or info.instance_id == file.instance_id:
        return channel
    channel.close()
    return None


def _greet(address: str, token: str) -> Tuple[Channel, GetServerInfoResponse]:
    channel = Channel(address, token)
    try:
        info: GetServerInfoResponse = channel.unary(ServerServiceStub, "GetServerInfo", GetServerInfoRequest(), _ANSWER_S)
        if info.protocol != _PROTOCOL:
            hint = "Update this package (`pip install -U paramo`)." if info.protocol > _PROTOCOL else "Stop it with `paramo down`; the next call starts the installed version."
            raise ParamoError("DAEMON_VERSION", f"the running daemon (version {info.version}, process {info.pid}) speaks protocol {info.protocol}; this client speaks {_PROTOCOL}", hint)
    except BaseException:
        channel.close()
        raise
    return channel, info
