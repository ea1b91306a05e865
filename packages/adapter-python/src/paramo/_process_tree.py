"""What a process and all that it has started use."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Dict, List, NamedTuple, Optional, Tuple

# Linux has told user space this number ever since.
_TICKS_A_SECOND = 100
_RSS = re.compile(r"^VmRSS:\s*([0-9]+) kB$", re.MULTILINE)


class TreeUse(NamedTuple):
    """What was used."""

    cpu_s: float
    """Processor time so far, that of processes which have ended included."""
    memory_bytes: int
    """Memory that is resident now. What processes share is counted for each of them."""


def read_tree(pid: int) -> Optional[TreeUse]:
    """What a process tree has used; None when it is gone. On other systems than Linux only this process can be asked, without its children."""
    if sys.platform.startswith("linux"):
        return _read_linux(pid)
    if pid != os.getpid():
        return None
    import resource

    # The most that was ever resident: what is now, the system does not say.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return TreeUse(time.process_time(), most if sys.platform == "darwin" else most * 1024)


def _read_linux(root: int) -> Optional[TreeUse]:
    children: Dict[int, List[Tuple[int, int]]] = {}
    tree: List[Tuple[int, int]] = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        text = _read(f"/proc/{name}/stat")
        # proc_pid_stat(5): `pid (name) state ppid …`, where the name may hold anything; fields 14 to 17 are the time of the process and of its children that have ended.
        fields = text[text.rfind(")") + 2:].split(" ")
        if len(fields) < 15:
            continue
        one = (int(name), sum(int(ticks) for ticks in fields[11:15]))
        if one[0] == root:
            tree = [one]
        children.setdefault(int(fields[1]), []).append(one)
    if not tree:
        return None
    # Grows while it is gone through.
    for pid, _ in tree:
        tree.extend(children.get(pid, ()))
    return TreeUse(sum(ticks for _, ticks in tree) / _TICKS_A_SECOND, sum(_memory(pid) for pid, _ in tree))


def _memory(pid: int) -> int:
    found = _RSS.search(_read(f"/proc/{pid}/status"))
    return int(found[1]) * 1024 if found else 0


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        # Processes end while they are looked at.
        return ""
