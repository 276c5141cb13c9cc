"""What a person reads while the trainings of a comparison go on."""

import io

import pytest

from tfgan_losses.comparing import cost, preflight, progress
from tfgan_losses.comparing.jobs import ComparisonDirectory, grid

STEPS = 100


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress.progress, "done_at", lambda seconds: f"<{seconds:.0f}>")
    return now


def reach(directory, job, step):
    """Leaves the table of a training that has come so far."""
    run = directory.run(job)
    run.path.mkdir(parents=True, exist_ok=True)
    run.metrics_csv.write_text(f"step,d_loss\n{step},1.0\n")


def finish(directory, job, seconds):
    reach(directory, job, STEPS)
    directory.run(job).gan.write_bytes(b"model")
    cost.append(directory.costs(job), cost.Attempt(code=0, wall_seconds=seconds))


@pytest.fixture
def two_by_two(tmp_path):
    return ComparisonDirectory(tmp_path), grid(["gan", "wgan-gp"], 2)


def test_a_terminal_shows_how_far_a_training_is(two_by_two, clock, monkeypatch):
    directory, jobs = two_by_two
    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    tick = progress.Progress(directory, jobs, STEPS).watching(1)
    reach(directory, jobs[0], 25)
    clock[0] = 60.0
    tick()
    # A quarter took a minute: three more, and four of each of the three others.
    line = "[1/4] gan, seed 0: step 25/100 - about 15 min left - until <900>"
    assert out.getvalue() == f"\r{line}\x1b[K"
    clock[0] = 60.5
    tick()
    assert out.getvalue() == f"\r{line}\x1b[K"
    monkeypatch.setenv("COLUMNS", "30")
    clock[0] = 120.0
    tick()
    assert out.getvalue().split("\r")[-1].startswith("[1/4] 25/100 - 30 min left\x1b")


@pytest.mark.parametrize("term", ["file", "dumb"])
def test_elsewhere_there_is_a_line_each_minute(two_by_two, clock, monkeypatch, term):
    directory, jobs = two_by_two
    out = Terminal() if term == "dumb" else io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("TERM", "dumb")
    tick = progress.Progress(directory, jobs, STEPS).watching(4)
    reach(directory, jobs[3], 50)
    for second in range(125):
        clock[0] = float(second)
        tick()
    assert out.getvalue().splitlines() == [
        "[4/4] wgan-gp, seed 1: step 50/100 - about 60 s left - until <60>",
        "[4/4] wgan-gp, seed 1: step 50/100 - about 2 min left - until <120>",
    ]


def test_a_training_takes_as_long_as_others_of_its_recipe(two_by_two, clock, capsys):
    directory, jobs = two_by_two
    finish(directory, jobs[0], 100.0)  # In an earlier call.
    told = progress.Progress(directory, jobs, STEPS)
    told.say(1, "finished before")
    told.ended(2, cost.Attempt(code=0, wall_seconds=1000.0))
    told.ended(3, cost.Attempt(code=0, wall_seconds=300.0))
    told.ended(4, cost.Attempt(code=0, wall_seconds=1000.0))
    assert capsys.readouterr().out.splitlines() == [
        "[1/4] gan, seed 0: finished before",
        "[2/4] wgan-gp, seed 0: trained in 17 min, about 18 min left",
        "[3/4] gan, seed 1: trained in 5 min, about 17 min left",
        "[4/4] wgan-gp, seed 1: trained in 17 min",
    ]


def test_a_training_that_goes_on_is_measured_by_what_it_does_now(two_by_two, clock, capsys):
    directory, jobs = two_by_two
    reach(directory, jobs[3], 80)
    tick = progress.Progress(directory, jobs, STEPS).watching(4)
    reach(directory, jobs[3], 90)
    clock[0] = 70.0
    tick()
    assert "step 90/100 - about 70 s left" in capsys.readouterr().out


BUILDS = """
import json, sys
print("reading folder:x: 900 of 2,000", flush=True)
for name in "abcd":
    print("built: " + name, flush=True)
print("preflight: " + json.dumps({"error": "", "refused": {"a": sys.argv[1]}}))
"""


def test_building_recipes_is_counted_and_what_else_is_said_comes_through(monkeypatch, capsys):
    counted = []
    monkeypatch.setattr(preflight, "_PROGRAM", BUILDS)
    monkeypatch.setattr(preflight.progress.Counter, "add", lambda self, n: counted.append(n))
    found = preflight.check(["--why"], 4)
    assert found.refused == {"a": "--why"} and not found.error
    assert counted == [1, 1, 1, 1]
    assert capsys.readouterr().out == "reading folder:x: 900 of 2,000\n"


def test_a_process_that_ends_before_it_has_built_anything_is_an_error(monkeypatch):
    monkeypatch.setattr(preflight, "_PROGRAM", "raise SystemExit(7)")
    assert preflight.check([], 4).error.endswith("Received: 7")
