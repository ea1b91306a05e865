"""Several processes that train one model, without what they agree through; with it: `with_torch`."""

import pytest

from paramo._ranks import FollowingTrial, rank
from paramo._trial import Trial


@pytest.mark.parametrize(
    ("env", "wanted"),
    [({}, None), ({"RANK": "0", "WORLD_SIZE": "1"}, None), ({"RANK": "3", "WORLD_SIZE": "4"}, 3), ({"LOCAL_RANK": "1", "NODE_RANK": "0", "WORLD_SIZE": "2"}, 1), ({"RANK": "x", "WORLD_SIZE": "2"}, None)],
)
def test_the_rank_is_that_of_the_environment_where_there_are_several(monkeypatch, env, wanted):
    for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert rank() == wanted


def test_a_trial_that_follows_has_all_that_a_trial_has():
    public = {name for name in vars(Trial) if not name.startswith("_")}
    assert public and public <= set(vars(FollowingTrial))


def test_a_rank_but_the_first_tracks_nothing_and_starts_no_daemon(sandbox):
    program = sandbox.python("import paramo\nwith paramo.run('alone') as run:\n    for step in run.steps(3): run.log(a=1)\nprint(run.number, step, run.stopped)", RANK="1", WORLD_SIZE="2")
    assert program.end() == 0, program.stderr
    assert program.stdout == "-1 2 None\n" and not sandbox.home.exists()


def test_tuning_without_a_process_group_says_what_to_do(sandbox):
    program = sandbox.python("import paramo\nparamo.tune({'x': paramo.Float(0, 1)}, 'min y')(lambda trial: 1)()", RANK="1", WORLD_SIZE="2")
    assert program.end() == 1 and "INVALID_ARGUMENT: this is rank 1 of 2" in program.stderr and "init_process_group()" in program.stderr
