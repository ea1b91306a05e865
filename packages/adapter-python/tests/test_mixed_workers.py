"""One study, served in two languages."""

PYTHON = """
import time, paramo
class S(paramo.Space):
    x: float = paramo.Float(-1, 1)
    opt: str = paramo.Choice("adam", "sgd")
@paramo.tune(S, "min loss", name="together", trials=24, seed=1, strategy="random", stopper=("median", {"startupTrials": 3}))
def train(trial):
    for step in trial.steps(4):
        trial.log(loss=trial.params.x ** 2 + 1 / (step + 1))
        time.sleep(0.04)
print("best", train(on_trial=lambda trial: print("did", trial.number)).number)
"""

NODE = """
import { choice, float, space, tune } from 'paramo';
import { setTimeout as pause } from 'node:timers/promises';
const best = await tune({ name: 'together', space: space({ x: float(-1, 1), opt: choice(['adam', 'sgd']) }), objective: 'min loss', strategy: 'random', seed: 1, stopper: { name: 'median', options: { startupTrials: 3 } }, budget: { trials: 24 } }, async (trial) => {
  for await (const step of trial.steps(4)) {
    trial.log({ loss: trial.params.x ** 2 + 1 / (step + 1) });
    await pause(40);
  }
}, { onTrial: (trial) => console.log('did ' + trial.number) });
console.log('best ' + best.number);
"""


def test_two_workers_of_node_and_one_of_python_share_a_study_and_replay_confirms_it(sandbox):
    import re

    from sandbox import REPOSITORY

    modules = sandbox.directory / "node_modules"
    modules.mkdir()
    (modules / "paramo").symlink_to(REPOSITORY / "apps" / "cli")
    (sandbox.directory / "worker.mjs").write_text(NODE)
    sandbox.paramo("up")
    workers = [sandbox.run("node", "worker.mjs"), sandbox.python(PYTHON), sandbox.run("node", "worker.mjs")]
    did = []
    for worker in workers:
        assert worker.end() == 0, worker.stderr
        did.append([int(number) for number in re.findall(r"^did (\d+)$", worker.stdout, re.M)])
    assert all(len(numbers) >= 2 for numbers in did), did
    assert sorted(number for numbers in did for number in numbers) == list(range(24))
    assert len({re.search(r"^best (\d+)$", worker.stdout, re.M)[1] for worker in workers}) == 1
    assert {trial["state"] for trial in sandbox.trials("together")} <= {"completed", "stopped"}
    assert sandbox.paramo("replay", "together").startswith("reproduced: ")
