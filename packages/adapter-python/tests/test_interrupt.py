"""A process that is told to end."""

import signal
import time

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import sys, time, paramo
@paramo.tune({"x": paramo.Float(-1, 1)}, "min loss", name="halted", trials=4)
def train(trial):
    sys.stdout.write(f"begin {trial.number}\\n")
    for step in trial.steps(3):
        trial.log(loss=trial.params.x ** 2)
        # In naps: Python tells of a signal that comes just before a long sleep only after it.
        for nap in range(max(1, int(PAUSE * 20))):
            time.sleep(min(PAUSE, 0.05))
train(workers=WORKERS)
print("over")
"""


def script(pause, workers):
    return SCRIPT.replace("PAUSE", str(pause)).replace("WORKERS", str(workers))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)])
def test_it_gives_its_trials_back_and_the_study_goes_on_later(sandbox, workers, number, code):
    program = sandbox.python(script(60, workers))
    for started in range(workers):
        program.line(f"^begin {started}$")
    begun = time.monotonic()
    program.kill(number)
    assert program.end() == code
    assert time.monotonic() - begun < 5
    assert "over" not in program.stdout
    assert [(trial["state"], trial["lost"]) for trial in sandbox.trials("halted")][:workers] == [("waiting", 0)] * workers
    later = sandbox.python(script(0.01, workers))
    assert later.end() == 0, later.stderr
    assert [(trial["state"], trial["lost"]) for trial in sandbox.trials("halted")] == [("completed", 0)] * 4


SAVING = """
import os, sys, time, paramo
@paramo.tune({"x": paramo.Float(-1, 1)}, "max count", name="halted", trials=WORKERS)
def train(trial):
    count = int(open(os.path.join(trial.resume.dir, "count")).read()) if trial.resume else 0
    sys.stdout.write(f"begin {trial.number} {count}\\n")
    def save(directory):
        with open(os.path.join(directory, "count"), "w") as file:
            file.write(str(count))
    for step in trial.steps(8):
        for nap in range(NAPS):
            time.sleep(0.05)
        count += 1
        trial.log(count=count)
        sys.stdout.write(f"step {trial.number} {step}\\n")
        trial.checkpoint(save)
train(workers=WORKERS)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_one_whose_trials_save_checkpoints_saves_what_is_at_hand_so_that_nothing_is_done_again(sandbox, workers):
    source = SAVING.replace("WORKERS", str(workers)).replace("NAPS", "3")
    program = sandbox.python(source)
    for number in range(workers):
        program.line(f"^step {number} 2$")
    program.kill(signal.SIGTERM)
    assert program.end() == 143, program.stderr
    assert [(trial["state"], trial["lost"]) for trial in sandbox.trials("halted")] == [("waiting", 0)] * workers
    last = [max(int(line.split()[2]) for line in program.stdout.splitlines() if line.startswith(f"step {number} ")) for number in range(workers)]
    later = sandbox.python(source)
    assert later.end() == 0, later.stderr
    for number in range(workers):
        assert f"begin {number} {last[number] + 1}\n" in later.stdout
        assert f"step {number} {last[number] + 1}\n" in later.stdout and f"step {number} {last[number]}\n" not in later.stdout
    assert [(trial["state"], trial["value"], trial["attempt"], trial["lost"]) for trial in sandbox.trials("halted")] == [("completed", 8.0, 2, 0)] * workers


@pytest.mark.parametrize("again", [False, True])
def test_one_that_does_not_come_to_its_next_checkpoint_ends_all_the_same(sandbox, again):
    program = sandbox.python(SAVING.replace("WORKERS", "1").replace("NAPS", "3 if count == 0 else 1200"))
    program.line("^step 0 0$")
    begun = time.monotonic()
    program.kill(signal.SIGTERM)
    if again:
        time.sleep(0.3)
        program.kill(signal.SIGTERM)
    assert program.end() == 143, program.stderr
    assert (time.monotonic() - begun < 3) is again
    assert time.monotonic() - begun < 8
    assert [(trial["state"], trial["lost"]) for trial in sandbox.trials("halted")] == [("waiting", 0)]


def test_while_it_waits_for_a_trial_it_ends_too(sandbox):
    sandbox.paramo("up")
    holder = sandbox.python(script(60, 1).replace("trials=4", "trials=1"))
    holder.line("^begin 0$")
    waiting = sandbox.python(script(60, 1).replace("trials=4", "trials=1").replace("train(workers", "print('asking'); train(workers"))
    waiting.line("^asking$")
    time.sleep(0.5)
    waiting.kill(signal.SIGINT)
    begun = time.monotonic()
    assert waiting.end() == -signal.SIGINT and time.monotonic() - begun < 3
    assert sandbox.trials("halted")[0]["state"] == "running"


def test_a_tracked_run_fails_with_the_reason(sandbox):
    program = sandbox.python("import time, paramo\nwith paramo.run('cut') as run:\n    run.log(a=1)\n    print('in')\n    for nap in range(1200): time.sleep(0.05)")
    program.line("^in$")
    program.kill(signal.SIGINT)
    assert program.end() == -signal.SIGINT
    [trial] = sandbox.trials("cut")
    assert trial["state"] == "failed" and "interrupted by SIGINT" in trial["error"]["message"] and trial["metrics"] == {"a": 1}


def test_the_end_of_the_process_is_delayed_by_five_seconds_at_most(sandbox):
    program = sandbox.python("import os, paramo, time\nstudy = paramo.open_study('left', {'x': paramo.Float(0, 1)}, 'min y')\ntrial = study.ask()\ntrial.log(y=1)\nprint('held', flush=True)")
    program.line("^held$")
    begun = time.monotonic()
    assert program.end() == 0 and time.monotonic() - begun < 3
    # It said goodbye: the trial is free at once, not when its lease runs out, and what it had logged is there.
    trial = sandbox.trials("left")[0]
    assert trial["state"] == "waiting"
