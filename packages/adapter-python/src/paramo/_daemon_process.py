"""Starting a daemon, and knowing why it did not stand."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import List, Mapping, Optional

from ._errors import ParamoError

# How much of the log's end is looked at for the reason of a failure.
_TAIL_BYTES = 8192
_TAIL_LINES = 5
_SAID = re.compile(r"(?:^|\s)([A-Z][A-Z_]+): (.*)$")

# Kept, so that their ends are noticed and they do not stay behind as zombies.
_started: List["subprocess.Popen[bytes]"] = []


class DaemonProcess:
    """A daemon that was started, detached, and may yet fail to stand.

    Runs `COMMAND up --foreground --home HOME`, its output appended to `daemon.log` of the home, which is created when it
    is missing. Raises ParamoError HOME_NOT_WRITABLE, or DAEMON_UNREACHABLE when the program cannot be run.
    """

    def __init__(self, home: str, command: List[str], env: Mapping[str, str]) -> None:
        self._log_path = os.path.join(home, "daemon.log")
        self._program = " ".join(command)
        try:
            os.makedirs(home, mode=0o700, exist_ok=True)
            log = os.open(self._log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise ParamoError("HOME_NOT_WRITABLE", f"the home {home} cannot be written ({error})", "Make it writable, or set PARAMO_HOME to a directory that is.") from error
        try:
            self._log_start = os.fstat(log).st_size
            # What this process was told about debugging or preloading is not meant for the daemon.
            given = {name: value for name, value in env.items() if name != "NODE_OPTIONS"}
            self._process = subprocess.Popen(
                [*command, "up", "--foreground", "--home", home], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=os.path.dirname(home), env=given, start_new_session=True
            )
        except OSError as error:
            raise ParamoError("DAEMON_UNREACHABLE", f"the daemon could not be started: {error} ({self._program})", "Correct PARAMO_BIN, or install it with `npm install paramo`.") from error
        finally:
            os.close(log)
        _started[:] = [process for process in _started if process.poll() is None]
        _started.append(self._process)

    def failure(self) -> Optional[ParamoError]:
        """Why it ended; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        lines = [line for line in self._read_log().split("\n") if line.strip()]
        for line in reversed(lines):
            said = _SAID.search(line)
            # What is INTERNAL is explained by the lines around it.
            if said and said[1] != "INTERNAL":
                return ParamoError(said[1], said[2])
        ended = f"it was ended by {signal.Signals(-code).name}" if code < 0 else f"it ended with code {code}"
        tail = "\n".join([line for line in lines if not re.match(r"\s+at ", line)][-_TAIL_LINES:])
        message = f"the daemon could not be started: {ended} ({self._program})" + (f". It said:\n{tail}\n" if tail else "")
        return ParamoError("DAEMON_UNREACHABLE", message, f"Run `paramo up --foreground` to see why, or look into {self._log_path}.")

    def _read_log(self) -> str:
        try:
            with open(self._log_path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(self._log_start, size - _TAIL_BYTES))
                return file.read(_TAIL_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""
