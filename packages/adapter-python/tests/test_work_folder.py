"""Where checkpoints are made and restored."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from paramo._work_folder import WorkFolder


def test_what_a_dead_process_of_this_host_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    stay = [f"{socket.gethostname()}-{os.getpid()}-01LIVING", f"elsewhere-{dead.pid}-01OTHER", f"{dead.pid}-01OTHER"]
    for name in [*stay, f"{socket.gethostname()}-{dead.pid}-01DEAD"]:
        (tmp_path / name).mkdir()
    folder = WorkFolder(str(tmp_path), "01OWN")
    own = Path(folder.open()).parent.name
    assert sorted(os.listdir(tmp_path)) == sorted([*stay, own])
    folder.close()
    assert sorted(os.listdir(tmp_path)) == sorted(stay)


def test_without_a_parent_each_user_of_the_host_has_one_of_their_own() -> None:
    folder = WorkFolder(None, "01OWN")
    assert Path(folder.open()).parent.parent == Path(tempfile.gettempdir()) / f"paramo-work-{os.getuid()}"
    folder.close()
