"""A project directory with a home of its own, for tests with real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGE = REPOSITORY / "packages" / "adapter-python"
PARAMO = REPOSITORY / "apps" / "cli" / "bin" / "paramo.js"


class Running:
    """A process at work; its output is collected."""

    def __init__(self, command: List[str], cwd: Path, env: Dict[str, str]) -> None:
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._out: List[str] = []
        self._err: List[str] = []
        self._threads = [threading.Thread(target=self._read, args=args, daemon=True) for args in ((self.process.stdout, self._out), (self.process.stderr, self._err))]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stdout(self) -> str:
        return "".join(self._out)

    @property
    def stderr(self) -> str:
        return "".join(self._err)

    def line(self, pattern: str, timeout_s: float = 20) -> "re.Match[str]":
        """The first line of stdout that matches; fails when the process ends without it."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            over = self.process.poll() is not None
            for line in self.stdout.split("\n")[:-1]:
                match = re.search(pattern, line)
                if match:
                    return match
            if over:
                break
            time.sleep(0.01)
        raise AssertionError(f"no line like {pattern}. It said:\n{self.stdout}\n{self.stderr}")

    def kill(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, timeout_s: float = 40) -> int:
        """Waits for its end and returns the exit code, negative when a signal ended it."""
        code = self.process.wait(timeout_s)
        for thread in self._threads:
            thread.join(5)
        return code

    @staticmethod
    def _read(stream: Any, into: List[str]) -> None:
        for line in stream:
            into.append(line)


class Sandbox:
    """Ends everything that was started in it when it is closed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.home = directory / ".paramo"
        self.defaults: Dict[str, str] = {}
        """Variables of all that runs here."""
        self._started: List[Running] = []
        self._scripts = 0

    def environment(self, **more: str) -> Dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not re.match(r"PARAMO_|NODE_|VITEST|FORCE_COLOR$", name)}
        return {**env, "PARAMO_BIN": str(PARAMO), "PYTHONUNBUFFERED": "1", **self.defaults, **more}

    def run(self, *command: str, **env: str) -> Running:
        running = Running(list(command), self.directory, self.environment(**env))
        self._started.append(running)
        return running

    def python(self, source: str, **env: str) -> Running:
        """Starts a program for Python that may import paramo."""
        path = self.directory / f"script{self._scripts}.py"
        self._scripts += 1
        path.write_text(source)
        return self.run(sys.executable, str(path), **env)

    def paramo(self, *args: str) -> str:
        """Runs `paramo ARGS`, which must end well, and returns what it printed."""
        running = self.run("node", str(PARAMO), *args)
        code = running.end()
        assert code == 0, f"paramo {' '.join(args)} ended with {code}: {running.stderr}"
        return running.stdout

    def trials(self, study: str) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = json.loads(self.paramo("trials", study, "--json"))
        return found

    def daemon(self) -> Dict[str, Any]:
        found: Dict[str, Any] = json.loads((self.home / "daemon.json").read_text())
        return found

    def close(self) -> None:
        for running in self._started:
            if running.process.poll() is None:
                running.kill(signal.SIGKILL)
            running.end()
        try:
            pid = self.daemon()["pid"]
            os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + 5
            while time.monotonic() < until and self._daemon_pid() == pid:
                time.sleep(0.01)
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError, KeyError):
            # None was started, or it has ended.
            pass

    def _daemon_pid(self) -> Optional[int]:
        try:
            pid: int = self.daemon()["pid"]
            return pid
        except (OSError, ValueError, KeyError):
            return None
