import json
import subprocess
import sys

import commands
import pytest
from tfgan_losses.flags import command_line

from tfgan_losses.commands import compare
from tfgan_losses.comparing import cost, settings, training
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job, grid
from tfgan_losses.comparing.processes import Stop


def parse(*typed):
    return command_line.parse(compare.COMMAND.groups, typed)


def finish(directory, job, steps=30):
    """Leaves what a training leaves that has come to its end."""
    run = directory.run(job)
    run.path.mkdir(parents=True, exist_ok=True)
    run.metrics_csv.write_text(f"step,d_loss\n10,1.0\n{steps},1.0\n")
    run.gan.write_bytes(b"model")
    cost.append(directory.costs(job), cost.Attempt(code=0, wall_seconds=1.0))


def test_the_grid_goes_seed_after_seed():
    names = [job.name for job in grid(["gan", "wgan-gp"], 2)]
    assert names == ["gan-seed0", "wgan-gp-seed0", "gan-seed1", "wgan-gp-seed1"]


def test_a_training_is_finished_when_all_of_it_is_there(tmp_path):
    directory, job = ComparisonDirectory(tmp_path), Job("gan", 0)
    assert directory.state(job, 30) == "to do"
    finish(directory, job)
    assert directory.is_finished(job, 30) and directory.state(job, 30) == "finished"
    assert not directory.is_finished(job, 31)
    directory.run(job).gan.unlink()
    assert directory.state(job, 30) == "at step 30 of 30"
    finish(directory, job)
    cost.append(directory.costs(job), cost.Attempt(code=1, error="No.", wall_seconds=1.0))
    assert directory.state(job, 30) == "failed: No."


def test_costs_add_up_over_processes(tmp_path):
    path = tmp_path / "costs" / "a.json"
    assert cost.read(path) == []
    sizes = [(3, 1.5, 2.0, 100), (0, 2.5, 4.0, 80)]
    for code, wall, cpu, peak in sizes:
        own = {"wall_seconds": wall, "cpu_seconds": cpu, "peak_bytes": peak}
        cost.append(path, cost.Attempt(code=code, **own))
    assert cost.of_attempts(cost.read(path)) == cost.Cost(4.0, 6.0, 100, 2)
    cost.append(path, cost.Attempt(code=0, wall_seconds=1.0))
    # What one process did not tell is not 0.
    assert cost.of_attempts(cost.read(path)) == cost.Cost(5.0, None, 100, 3)
    assert cost.of_attempts([]) == cost.Cost(None, None, None, 0)


def test_only_what_is_missing_is_trained_in_order_and_failures_stop_nothing(
    tmp_path, monkeypatch, capsys
):
    directory = ComparisonDirectory(tmp_path)
    jobs = grid(["gan", "hinge"], 2)
    finish(directory, jobs[1])
    called = []

    def run(command, log, stop, tick):
        called.append(command)
        failed = "--gan_type=gan" in command and "--seed=0" in command
        return cost.Attempt(code=int(failed), error="Too bad." * failed, wall_seconds=60.0)

    monkeypatch.setattr(training.processes, "run", run)
    assert training.train_missing(directory, jobs, 300, ["--width=8"], Stop()) is True
    seen = [(command[4], command[5]) for command in called]
    assert seen == [
        ("--gan_type=gan", "--seed=0"),
        ("--gan_type=hinge", "--seed=0"),  # At step 30 only.
        ("--gan_type=gan", "--seed=1"),
        ("--gan_type=hinge", "--seed=1"),
    ]
    own = str(directory.run(jobs[0]).path)
    words = (f"--output_dir={own}", f"--resume={own}", "--log_every=3", "--width=8")
    assert called[0][6:] == [*words]
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("[1/4] gan, seed 0: failed: Too bad. (all of it: ")
    assert out[1] == "[2/4] hinge, seed 0: trained in 60 s, about 2 min left"
    assert out[3] == "[4/4] hinge, seed 1: trained in 60 s"
    assert cost.read(directory.costs(jobs[0]))[-1].error == "Too bad."
    called.clear()
    assert training.train_missing(directory, jobs, 30, [], Stop()) and len(called) == 3
    assert "hinge, seed 0: finished before" in capsys.readouterr().out


def test_what_a_person_gives_reaches_the_trainings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = parse("--steps=7", "--dataset=folder:a", "--nojit_compile", "--gan_types=gan")
    expected = [f"--dataset=folder:{tmp_path}/a", "--steps=7", "--nojit_compile"]
    assert settings.arguments(flags) == expected


def test_other_settings_in_the_same_place_are_refused_by_name(tmp_path):
    path = tmp_path / "comparison.json"
    settings.check_same(path, settings.of(parse()))
    settings.write(path, settings.of(parse("--steps=30", "--width=8")))
    settings.check_same(path, settings.of(parse("--steps=30", "--width=8", "--data_dir=x")))
    with pytest.raises(ValueError, match=r"There: --width=8 --steps=30\. Received: --width by "):
        settings.check_same(path, settings.of(parse("--steps=40")))
    # Of another version, which has no such flag yet.
    known = json.loads(path.read_text())
    path.write_text(json.dumps({key: x for key, x in known.items() if key != "width"}))
    settings.check_same(path, settings.of(parse("--steps=30")))
    path.write_text("{")
    with pytest.raises(ValueError, match=r"Expected the settings of a comparison; delete it"):
        settings.check_same(path, settings.of(parse()))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("--gan_types=gan,wgan-pg", r"--gan_types: Unknown .*Did you mean 'wgan-gp'\?"),
        ("--gan_types=,", r"--gan_types: Expected names of recipes with commas .*Received: ','"),
        ("--seeds=0", "--seeds=0"),
        ("--steps=0", "--steps=0"),
        ("--samples=1", "--samples=1"),
        ("--metrics=frechte", r"--metrics: Unknown metric.*Did you mean 'frechet'"),
        ("--dataset=digist", r"Did you mean 'digits'"),
        ("--seed=3", "'seed'. Did you mean: seeds"),
        ("--gan_type=gan", "'gan_type'. Did you mean: gan_types"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything(typed, message):
    with pytest.raises(ValueError, match=message):
        parse(typed)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("--dataset=folder:nowhere", r"No such folder\. .*Received: folder:nowhere"),
        ("--strategy=multi_worker", r"Expected a strategy of one machine\. Received: "),
        ("--output=full", r"Expected a new or empty directory.*Received: --output=full, .* a\.txt"),
        ("--output=full/a.txt", r"Expected a directory\. Received: --output=full/a\.txt, a file"),
        ("--output=", r"Expected --output=<directory>\. Received: --output=$"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_process_starts(
    typed, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare.preflight, "check", None)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    with pytest.raises(ValueError, match=message):
        compare.run(parse(typed), "python -m tfgan_losses compare")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "a.txt"]


def test_a_dry_run_lists_what_there_is_and_writes_nothing(tmp_path, capsys):
    directory = ComparisonDirectory(tmp_path)
    finish(directory, Job("gan", 0))
    flags = parse(f"--output={tmp_path}", "--dry_run", "--gan_types=gan,gan", "--steps=30")
    settings.write(directory.settings, settings.of(flags))
    before = sorted(tmp_path.rglob("*"))
    assert compare.run(flags, "compare") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:-1] == [
        f"[{i + 1}/3] gan, seed {i}: {('to do', 'finished')[i == 0]}" for i in range(3)
    ]
    assert out[-1] == "About 2 s to do, by what those that are finished took."
    assert sorted(tmp_path.rglob("*")) == before


def test_recipes_that_cannot_train_are_left_out_unless_they_are_all(tmp_path, monkeypatch):
    found = compare.preflight.Found("", {"gan": "Expected labels"})
    monkeypatch.setattr(compare.preflight, "check", lambda arguments, recipes: found)
    trained = []
    monkeypatch.setattr(
        compare.training,
        "train_missing",
        lambda directory, jobs, steps, arguments, stop: trained.extend(jobs),
    )
    flags = parse(f"--output={tmp_path / 'a'}", "--gan_types=gan,hinge", "--seeds=1")
    assert compare.run(flags, "compare") == 3  # As after a signal.
    assert trained == [Job("hinge", 0)]
    flags = parse(f"--output={tmp_path / 'b'}", "--gan_types=gan")
    with pytest.raises(ValueError, match="Expected labels"):
        compare.run(flags, "compare")
    assert not (tmp_path / "b").exists()


def test_what_watches_trainings_needs_no_tensorflow(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tfgan_losses", "compare", "--dry_run"],
        cwd=tmp_path,
        env=commands.environment(PYTHONPATH=str(commands.ROOT)),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count(": to do") == 9 and not any(tmp_path.iterdir())
    imported = {line.split()[-1] for line in ended.stderr.splitlines() if "import time:" in line}
    assert "tfgan_losses.comparing.processes" in imported
    assert not [name for name in imported if name.startswith(("keras", "tensorflow.", "numpy"))]
