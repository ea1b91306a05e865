"""The program that starts a daemon."""

from __future__ import annotations

import os
import shutil
from typing import List, Mapping, Optional

from ._errors import ParamoError
from ._home import find_upward


def find_daemon_program(start: str, env: Mapping[str, str]) -> Optional[List[str]]:
    """The command `paramo`: `PARAMO_BIN`, else the nearest `node_modules/.bin/paramo` upward, else the first on the path.

    None when there is none. A JavaScript file is run by `node`; raises ParamoError DAEMON_UNREACHABLE where that is missing.
    """
    given = env.get("PARAMO_BIN")
    path = os.path.join(start, given) if given else find_upward(start, os.path.join("node_modules", ".bin", "paramo")) or shutil.which("paramo", path=env.get("PATH"))
    if path is None:
        return None
    if os.path.splitext(os.path.realpath(path))[1] not in (".js", ".mjs", ".cjs"):
        return [path]
    node = shutil.which("node", path=env.get("PATH"))
    if node is None:
        raise ParamoError("DAEMON_UNREACHABLE", f"no daemon runs, and {path}, which would start one, needs Node.js, which was not found", "Install Node.js 20.19 or newer, or put it on the path.")
    return [node, os.path.realpath(path)]
