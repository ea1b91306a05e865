"""Spools are the same files in both languages."""

import re
import signal
import time

import pytest
from sandbox import REPOSITORY
from test_spool_delivery import NO_DAEMON, TRAINER, deliver, expected, kill_daemon, series, spools

# The points are counted, and those of the machine would count too.
VARIABLES = {"PARAMO_DESCRIBE": "0"}

pytestmark = pytest.mark.slow

NODE = """
import { connect, track } from 'paramo';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
await (await connect()).close();
const connection = await connect({ start: false });
await track('long', { connection }, async (run) => {
  console.log('runs');
  while (!existsSync('go')) await pause(10);
  for await (const step of run.steps(50)) run.log({ loss: 1 / (step + 1), other: step });
  console.log('trained');
  while (process.env.HOLD && !existsSync('never')) await pause(10);
});
console.log('over');
"""


def node(sandbox, **env):
    modules = sandbox.directory / "node_modules"
    modules.mkdir()
    (modules / "paramo").symlink_to(REPOSITORY / "apps" / "cli")
    (sandbox.directory / "trainer.mjs").write_text(NODE)
    trainer = sandbox.run("node", "trainer.mjs", **env)
    trainer.line("^runs$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    trainer.line("^trained$")
    return trainer


def test_what_a_trainer_in_python_left_is_delivered_by_paramo_sync(sandbox):
    sandbox.paramo("up")
    trainer = sandbox.python(TRAINER, STEPS="60", HOLD="1", **NO_DAEMON)
    trainer.line("^trial 0$")
    kill_daemon(sandbox)
    (sandbox.directory / "go").touch()
    assert trainer.end() == 0, trainer.stderr
    assert len(spools(sandbox)) == 1
    told = re.search(r"the daemon is away: (\d+) points and the end of a trial stay in", trainer.stderr)
    assert re.search(rf"^long\t{told[1]}\t", sandbox.paramo("sync"), re.M)
    assert spools(sandbox) == []
    assert sorted(series(sandbox)) == expected(60)
    (trial,) = sandbox.trials("long")
    assert (trial["state"], trial["done"]) == ("completed", 60)


def test_what_a_trainer_in_node_left_is_delivered_by_the_next_start_in_python(sandbox):
    trainer = node(sandbox)
    assert trainer.end() == 0, trainer.stderr
    assert len(spools(sandbox)) == 1
    assert re.search("delivered what an earlier process had left: 100 points and the end of a trial", deliver(sandbox))
    assert sorted(series(sandbox)) == expected(50)
    (trial,) = sandbox.trials("long")
    assert (trial["state"], trial["done"]) == ("completed", 50)


def test_what_a_killed_trainer_in_node_left_is_delivered_by_the_next_start_in_python(sandbox):
    trainer = node(sandbox, HOLD="1")
    time.sleep(0.3)
    trainer.kill(signal.SIGKILL)
    trainer.end()
    deliver(sandbox)
    assert sorted(series(sandbox)) == expected(50)
    (trial,) = sandbox.trials("long")
    assert (trial["state"], trial["reason"]) == ("failed", "lost: its process ended")
