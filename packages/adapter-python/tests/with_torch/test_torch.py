"""The real PyTorch, on the CPU."""

import subprocess
import sys

import pytest
import torch
from sandbox import REPOSITORY

import paramo
import paramo.torch

pytestmark = pytest.mark.slow

TRAIN = """
import os, sys, torch, paramo
def train(trial, die_at=None):
    torch.manual_seed(trial.seed % 2**31)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    paramo.torch.restore(trial, model=model, optimizer=optimizer)
    for epoch in trial.steps(6):
        x = torch.randn(32, 4)
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        trial.log(loss=loss)
        paramo.torch.checkpoint(trial, model=model, optimizer=optimizer, force=True)
        if epoch == die_at:
            os._exit(9)
"""


def test_a_training_that_is_cut_off_goes_on_as_if_it_had_not_been(sandbox):
    once = TRAIN + """
study = paramo.open_study("NAME", {"x": paramo.Float(0, 1)}, "min loss", trials=1, seed=5, lease="2s")
trial = study.ask()
train(trial, DIE)
print(study.tell(trial, None).series("loss").values)
"""
    whole = sandbox.python(once.replace("NAME", "whole").replace("DIE", "None"))
    assert whole.end() == 0, whole.stderr
    cut = sandbox.python(once.replace("NAME", "cut").replace("DIE", "2"))
    assert cut.end() == 9, cut.stderr
    on = sandbox.python(once.replace("NAME", "cut").replace("DIE", "None"))
    assert on.end() == 0, on.stderr
    assert on.stdout == whole.stdout and sandbox.trials("cut")[0]["attempt"] == 2


def test_what_goes_on_from_another_trial_trains_with_its_own_options(sandbox):
    modules = sandbox.directory / "node_modules" / "@paramo"
    modules.mkdir(parents=True)
    (modules / "strategy-pbt").symlink_to(REPOSITORY / "packages" / "strategy-pbt")
    (sandbox.directory / "package.json").write_text('{ "dependencies": { "@paramo/strategy-pbt": "*" } }')
    program = sandbox.python(
        """
import torch, paramo
@paramo.tune({"lr": paramo.Float(1e-3, 0.1, log=True)}, "min loss", name="population", steps=12, strategy=("pbt", {"population": 4, "every": 3}), seed=1)
def train(trial):
    weight = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(weight.parameters(), lr=trial.params.lr, momentum=0.5)
    restored = paramo.torch.restore(trial, weight=weight, optimizer=optimizer)
    assert optimizer.param_groups[0]["lr"] == trial.params.lr
    assert restored is (trial.resume is not None) is bool(optimizer.state)
    if restored and trial.resume.trial != trial.number:
        print("from another")
    for step in trial.steps(12):
        loss = ((weight(torch.ones(8, 1)) - 3) ** 2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        trial.log(loss=loss)
        paramo.torch.checkpoint(trial, weight=weight, optimizer=optimizer)
print("best", train(workers=4).value)
"""
    )
    assert program.end() == 0, program.stderr
    assert "from another" in program.stdout and "best" in program.stdout


def test_other_parts_than_those_saved_are_named(connection, name, tmp_path):
    with paramo.run(name, connection=connection) as run:
        module = torch.nn.Linear(1, 1)
        for _ in run.steps(1):
            assert paramo.torch.checkpoint(run, force=True, model=module) is True
        assert paramo.torch.restore(run, model=module) is False
        torch.save({"states": {"model": {}}, "random": {}}, tmp_path / "paramo-torch.pt")
        run._holder.resume = paramo.Resume(str(tmp_path), 0, 7, "")
        with pytest.raises(paramo.ParamoError, match="INVALID_ARGUMENT: model is in the checkpoint and was not given"):
            paramo.torch.restore(run)
        run._holder.resume = None


def test_the_loaders_of_a_training_may_be_processes_that_are_forked(sandbox):
    program = sandbox.python(
        """
import torch, paramo
class Data(torch.utils.data.Dataset):
    def __len__(self): return 40
    def __getitem__(self, at): return torch.full((3,), float(at))
with paramo.run("loaders") as run:
    loader = torch.utils.data.DataLoader(Data(), batch_size=4, num_workers=2, multiprocessing_context="fork")
    for epoch in run.steps(3):
        for at, batch in enumerate(loader):
            run.log({"mean": batch.mean()}, step=epoch * 10 + at)
print(run.result.state, run.result.series("mean").values == [4 * (at % 10) + 1.5 for at in range(30)])
"""
    )
    assert program.end(60) == 0, program.stderr
    assert program.stdout == "completed True\n"
    assert "Error" not in program.stderr and len(sandbox.trials("loaders")) == 1


def in_ranks(sandbox, source, **env):
    """Two processes, as torchrun starts them; what they said, sorted."""
    head = f"""
import os, torch, paramo
rank = int(os.environ["RANK"])
torch.distributed.init_process_group("gloo", init_method="file://{sandbox.directory}/ranks", rank=rank, world_size=2)
"""
    ranks = [sandbox.python(head + source, RANK=str(rank), WORLD_SIZE="2", GLOO_SOCKET_IFNAME="lo", **env) for rank in range(2)]
    for program in ranks:
        assert program.end(60) == 0, "".join(one.stderr for one in ranks)
    return sorted(line for program in ranks for line in program.stdout.splitlines())


def test_under_torchrun_rank_0_tracks_the_run_and_the_others_follow(sandbox):
    said = in_ranks(
        sandbox,
        """
with paramo.run("ranks", params=dict(lr=0.1)) as run:
    for step in run.steps(4):
        run.log(loss=step, rank=rank)
        torch.distributed.all_reduce(torch.ones(1))
print(rank, run.id[-2:], run.params.lr, step, run.stopped)
""",
    )
    assert said == ["0 /0 0.1 3 None", "1 /0 0.1 3 None"]
    [trial] = sandbox.trials("ranks")
    assert trial["state"] == "completed" and trial["metrics"] == {"loss": 3, "rank": 0}


def test_under_torchrun_all_ranks_tune_and_stop_together(sandbox):
    said = in_ranks(
        sandbox,
        """
class S(paramo.Space):
    x: float = paramo.Float(0, 1)
@paramo.tune(S, "min loss", name="together", trials=4, stopper=("median", {"startupTrials": 1}), strategy="random", seed=1, steps=6)
def train(trial):
    if trial.number == 2:
        raise ValueError("both ranks meet this")
    taken = 0
    for step in trial.steps(6):
        together = torch.tensor([trial.params.x])
        torch.distributed.all_reduce(together)
        assert together.item() == torch.tensor(2 * trial.params.x).item()
        trial.report(loss=trial.number)
        taken += 1
    print("trial", trial.number, taken, trial.stopped is not None)
best = train()
print("best", best.number, best.params.x == S(x=best.params.x).x, best.value)
""",
    )
    assert [line for line in said if line.startswith("best")] == ["best 0 True 0.0"] * 2
    taken = [line for line in said if line.startswith("trial")]
    assert taken[::2] == taken[1::2] and len(taken) == 6 and "True" in taken[-1]
    assert [trial["state"] for trial in sandbox.trials("together")].count("failed") == 1


def test_under_torchrun_all_ranks_train_the_trial_they_are_run_for_and_rank_0_reports(sandbox):
    with paramo.connect(home=str(sandbox.home)) as connection:
        study = paramo.open_study("runner", {"x": paramo.Float(0, 1)}, "min loss", trials=1, connection=connection)
        trial = study.ask()
        said = in_ranks(
            sandbox,
            """
class S(paramo.Space):
    x: float = paramo.Float(0, 1)
@paramo.tune(S, "min loss")
def train(trial):
    for step in trial.steps(4):
        torch.distributed.all_reduce(torch.ones(1))
        trial.report(loss=step + trial.params.x, rank=rank)
best = train()
with paramo.run("own") as run:
    run.log({f"by {rank}": run.params.x})
print(best.number, best.value == 3 + best.params.x, best.state, run.id == f"{best.study.id}/0", run.params.x == best.params.x)
""",
            PARAMO_TRIAL=f"{study.id}/{trial.number}/{trial.attempt}",
        )
        assert said == ["0 True running True True"] * 2
        x = trial.params["x"]
        assert study.trial(0).metrics == {"loss": 3 + x, "rank": 0, "by 0": x}
        trial.complete(0)


def test_without_torch_the_error_says_what_to_install():
    code = "import sys; sys.modules['torch'] = None; import paramo\ntry: paramo.torch\nexcept ImportError as error: print(error)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("PLUGIN_NOT_INSTALLED: paramo.torch needs") and "`pip install torch`" in said
