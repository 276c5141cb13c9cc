"""Runs that people lost: real commands, started together, killed, hung up, moved, out of room."""

import os
import shutil
import signal
import subprocess
import time

import commands
import pytest

from tfgan_losses.callbacks import all_checkpoints, checkpoint_step

pytestmark = pytest.mark.slow
# Points and small networks: the process itself takes longest.
FLAGS = (
    "--dataset=ring8", "--gan_type=hinge", "--model=mlp", "--width=8", "--batch_size=8",
    "--log_every=10", "--checkpoint_every=100", "--sample_every=1000",
)  # fmt: skip
ENDLESS = (*FLAGS, "--steps=1000000")


@pytest.fixture
def start(tmp_path):
    """Starts commands in a directory, and ends them with the test."""
    started = []

    def run(*flags, **options):
        started.append(commands.start(tmp_path, *flags, **options))
        return started[-1]

    yield run
    for process in started:
        with process:
            process.kill()


def wait_for(process, condition):
    """Waits until something is true of a running process."""
    end = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def has_checkpoint(directory):
    return any((directory / "checkpoints").glob("step_*.h5"))


def steps_of(directory):
    return [int(row["step"]) for row in commands.rows(directory / "metrics.csv")]


def check_refusal(result, *parts):
    assert result.code == 1 and "Traceback" not in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("train.py: ")]
    assert len(lines) == 1, result.err
    (line,) = lines
    for part in parts:
        assert part in line


def test_a_sweep_that_is_started_at_once_loses_none(tmp_path, start):
    processes = [start(*FLAGS, "--steps=20", f"--seed={seed}") for seed in range(4)]
    for process in processes:
        assert commands.finish(process).code == 0
    directories = sorted((tmp_path / "runs").iterdir())
    assert [path.name for path in directories] == [f"ring8-hinge-{n:03d}" for n in range(1, 5)]
    seeds = {line for path in directories for line in (path / "flags.txt").read_text().split()
             if line.startswith("--seed=")}  # fmt: skip
    assert seeds == {f"--seed={seed}" for seed in range(4)}
    for directory in directories:
        assert steps_of(directory) == [10, 20]
        assert (directory / "gan.keras").exists() and not (directory / "lock").exists()


def test_two_that_resume_a_killed_run_and_one_that_repeats_it(tmp_path, start):
    out = tmp_path / "out"
    process = start(*ENDLESS, "--output_dir=out")
    wait_for(process, lambda: has_checkpoint(out))
    check_refusal(commands.train(tmp_path, *FLAGS, "--output_dir=out"),
                  f"which process {process.pid} on ", " has held since ")  # fmt: skip
    process.kill()
    # Not asked for its exit code yet: a zombie. Its lock is still there.
    assert (out / "lock").exists()
    # A kill may leave an unfinished one beside them, which counts for nothing.
    step = checkpoint_step(all_checkpoints(out / "checkpoints")[-1])
    both = [start("--resume=out", f"--steps={step + 300}") for _ in range(2)]
    ended = sorted((commands.finish(each) for each in both), key=lambda result: result.code)
    assert ended[0].code == 0 and f"Going on at step {step} from" in ended[0].out
    check_refusal(ended[1], "that no other process works in. Received: --output_dir='out'")
    assert steps_of(out) == list(range(10, step + 301, 10))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_a_dropped_connection_and_the_signal_of_a_scheduler_save_all(tmp_path, start, number):
    process = start(*ENDLESS)
    run = tmp_path / "runs" / "ring8-hinge-001"
    wait_for(process, (run / "metrics.csv").exists)
    process.send_signal(number)
    result = commands.finish(process)
    assert result.code == 3 and "Traceback" not in result.err
    assert f"{number.name}: finishing this step and saving everything" in result.err
    assert f"Stopped by {number.name} at step " in result.out
    assert has_checkpoint(run) and (run / "generator").exists() and (run / "gan.keras").exists()
    assert not (run / "lock").exists()


def test_nohup_goes_on(tmp_path):
    process = commands.start_shell(
        commands.workplace(tmp_path), "nohup python train.py " + " ".join(FLAGS) + " --steps=3000"
    )
    wait_for(process, (tmp_path / "runs" / "ring8-hinge-001" / "metrics.csv").exists)
    process.send_signal(signal.SIGHUP)
    result = commands.finish(process)
    assert result.code == 0, result.err


def test_an_output_that_nobody_reads_ends_the_run_well(tmp_path, start):
    process = start(*ENDLESS, "--output_dir=out")
    while not process.stdout.readline().startswith("step 1/"):
        assert process.poll() is None
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=300) == 3
    assert "Stopped by SIGPIPE at step " in err and "To go on: python train.py --resume=out" in err
    assert "Traceback" not in err and "BrokenPipe" not in err
    assert has_checkpoint(tmp_path / "out") and (tmp_path / "out" / "generator").exists()


MOMENTS = {
    "imports": lambda run: (run / "lock").exists(),
    "first trace": lambda run: (run / "samples" / "step_00000000.png").exists(),
    "export": lambda run: (run / "unfinished_generator").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_at_any_moment(tmp_path, start, moment):
    run = tmp_path / "runs" / "ring8-hinge-001"
    process = start(*FLAGS, f"--steps={20 if moment == 'export' else 1000000}")
    wait_for(process, lambda: MOMENTS[moment](run))
    process.send_signal(signal.SIGINT)
    result = commands.finish(process)
    assert "Traceback" not in result.err and "KeyboardInterrupt" not in result.err
    lines = [line for line in result.err.splitlines() if "SIGINT" in line]
    assert len(lines) == 1
    if moment == "imports":
        assert (result.code, lines) == (3, ["train.py: Ended by SIGINT. Nothing was to save."])
        assert not (tmp_path / "runs").exists()
    else:
        assert result.code == (0 if moment == "export" else 3)
        assert lines[0].startswith("SIGINT: finishing this step and saving everything")
        assert has_checkpoint(run) and (run / "generator" / "saved_model.pb").exists()


def test_a_second_ctrl_c_does_not_wait(tmp_path, start):
    # A first step of seconds.
    process = start("--gan_type=wgan-gp", "--steps=1000000", "--output_dir=out")
    wait_for(process, (tmp_path / "out" / "samples" / "step_00000000.png").exists)
    process.send_signal(signal.SIGINT)
    while not (line := process.stderr.readline()).startswith("SIGINT: finishing"):
        assert line
    process.send_signal(signal.SIGINT)
    result = commands.finish(process)
    assert result.code == 3 and "Traceback" not in result.err
    # There may be nothing to go on from; the run itself is not lost.
    again = commands.train(tmp_path, "--resume=out", "--steps=1", "--dry_run")
    assert again.code == 0, again.err


def test_a_moved_run_goes_on_where_it_is(tmp_path, start):
    process = start(*ENDLESS)
    run = tmp_path / "runs" / "ring8-hinge-001"
    wait_for(process, lambda: has_checkpoint(run))
    process.kill()
    process.wait()
    moved = tmp_path / "elsewhere" / "my run"
    moved.parent.mkdir()
    shutil.move(run, moved)
    place = tmp_path / "another place"
    result = commands.train(place, f"--resume={moved}", "--steps=1")
    assert result.code == 0, result.err
    assert "nothing to train" in result.out and (moved / "generator").exists()
    check_refusal(commands.train(tmp_path, "--resume=runs/ring8-hinge-001"),
                  f"Looked for {run}/flags.txt: there is no such directory")  # fmt: skip
    assert not (tmp_path / "runs" / "ring8-hinge-001").exists()
    assert {path.name for path in place.iterdir()} == {"train.py"}


def test_files_that_may_not_grow(tmp_path):
    process = subprocess.Popen(
        [
            # 20 times 1024 bytes.
            *("bash", "-c", 'ulimit -f 20; exec "$@"', "bash"),
            *("python", "train.py", *FLAGS, "--steps=200", "--output_dir=out"),
        ],
        cwd=commands.workplace(tmp_path),
        env=commands.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    check_refusal(commands.finish(process), "Cannot write out/", "What was written before is whole")
    # With room it goes on, or begins if nothing was trained yet.
    result = commands.train(tmp_path, *FLAGS, "--steps=200", "--output_dir=out", "--resume=out")
    assert result.code == 0, result.err
    assert steps_of(tmp_path / "out")[-1] == 200


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("Nothing can be mounted here.")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_small_disk(tmp_path, small_disk):
    flags = (*FLAGS, "--steps=100000", "--sample_every=10", f"--output_dir={small_disk}/out")
    result = commands.train(tmp_path, *flags)
    # It was said before, and is no reason not to begin.
    warning, kept = result.err.split("\n", 1)
    assert warning.startswith("train.py: warning: The run takes about") and "disk/out" in warning
    check_refusal(result._replace(err=kept), "Cannot write", "No space left on device")
    assert not [p for p in (small_disk / "out").rglob("*") if "unfinished" in p.name]
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    step = max((int(p.name[5:13]) for p in (small_disk / "out" / "checkpoints").glob("step_*")),
               default=0)  # fmt: skip
    result = commands.train(tmp_path, f"--resume={small_disk}/out", f"--steps={step + 10}")
    assert result.code == 0, result.err
    assert os.listdir(small_disk) == ["out"]
