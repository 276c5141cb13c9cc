"""Real processes, killed at any moment and resumed, end with the bytes of one that was not."""

import collections
import concurrent.futures
import os
import random
import signal
import time

import commands
import numpy as np
import pytest

STEPS = 100
# BEGAN with a k that moves, an average of the generator, and intervals that never meet.
FLAGS = (
    "--gan_type=began", "--loss=boundary_equilibrium(gamma=1.0, k_rate=0.01)",
    "--d_learning_rate=1e-5", "--ema_decay=0.99", "--model=mlp", "--width=128",
    f"--steps={STEPS}", "--batch_size=8", "--log_every=7", "--checkpoint_every=5",
    "--sample_every=35", "--deterministic", "--output_dir=out",
)  # fmt: skip
LAST = f"step_{STEPS:08d}"
# In the order in which a run comes to them; each is one kill.
PHASES = (
    ("start", "preparing the data", "first trace", "writing a checkpoint", "training",
     "writing a checkpoint", "training", "training", "end of training", "exporting", "exporting"),
    ("preparing the data", "start", "first trace", "training", "writing a checkpoint", "SIGTERM",
     "training", "writing a checkpoint", "end of training", "exporting", "exporting", "exporting"),
)  # fmt: skip
LEAST = {"preparing the data": 2, "first trace": 2, "training": 4, "writing a checkpoint": 4,
         "exporting": 4}  # fmt: skip
# Seconds that one takes at least, more or less.
LENGTHS = {"preparing the data": 0.2, "first trace": 0.5, "writing a checkpoint": 0.002,
           "exporting": 0.02}  # fmt: skip


class Place:
    """A directory in which a run is killed again and again."""

    def __init__(self, directory):
        self.directory = commands.workplace(directory)
        self.out, self.data = directory / "out", directory / "data"
        self.checkpoints = self.out / "checkpoints"
        # What a kill at such a moment leaves behind, and a resumed run has to deal with.
        self.unfinished = {
            "preparing the data": lambda: _has(self.data / "digits", "incomplete"),
            "writing a checkpoint": lambda: _has(self.checkpoints, "unfinished_step_"),
            "exporting": lambda: _has(self.out, "unfinished_generator"),
            "first trace": lambda: (
                self.checkpoints.exists() and not _has(self.checkpoints, "step_")
            ),
        }

    def start(self):
        return commands.start(self.directory, *FLAGS, f"--data_dir={self.data}", "--resume=out")

    def newest(self):
        return max(self.checkpoints.glob("step_*.h5"), default=None)


def _has(folder, part):
    try:
        return any(part in name for name in os.listdir(folder))
    except FileNotFoundError:
        return False


def wait_for(process, condition):
    end = time.monotonic() + 300
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(process.communicate())
        time.sleep(0.01)


def kill_in(place, phase, moments):
    """Starts or resumes a run and kills it in a phase, at a random moment."""
    process = place.start()
    before = place.newest()
    if phase == "start":
        time.sleep(moments.uniform(0.0, 3.0))
    elif phase in ("training", "SIGTERM"):
        wait_for(process, lambda: place.newest() not in (None, before))
        time.sleep(moments.uniform(0.0, 0.3))
    elif phase == "end of training":
        wait_for(process, (place.checkpoints / f"{LAST}.weights.h5").exists)
        time.sleep(moments.uniform(0.0, 0.01))
    else:
        while not catch(process, place.unfinished[phase], moments.uniform(0.0, LENGTHS[phase])):
            result = commands.finish(process)
            assert result.code == 0 and phase == "exporting", result
            process = place.start()
    if phase == "SIGTERM":
        process.send_signal(signal.SIGTERM)
        result = commands.finish(process)
        assert result.code == 3 and "everything is saved" in result.out, result
        return
    process.kill()
    assert commands.finish(process).code == -signal.SIGKILL
    if phase in place.unfinished:
        assert place.unfinished[phase]()


def catch(process, condition, delay):
    """Stops a process where something is true of it, which may be for a millisecond only.

    Returns:
        False if the process has ended before.
    """
    while process.poll() is None:
        time.sleep(0.0005)
        if condition():
            time.sleep(delay)
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.01)
            if condition():
                return True
            process.send_signal(signal.SIGCONT)
            delay = 0.0
    return False


def run_to_the_end(place):
    result = commands.finish(place.start())
    assert result.code == 0, result
    return result


def run_with_kills(place, phases, seed):
    """The phases in which the run was killed."""
    moments = random.Random(seed)
    for phase in phases:
        kill_in(place, phase, moments)
    result = run_to_the_end(place)
    assert "Skipping" not in result.err
    return [phase for phase in phases if phase != "SIGTERM"]


def samples(place):
    import tensorflow as tf

    generator = tf.saved_model.load(place.out / "generator")
    return generator.sample(16, seed=3).numpy()


@pytest.mark.slow
def test_a_run_that_is_killed_in_every_phase_ends_as_one_that_is_not(tmp_path):
    whole, *places = (Place(tmp_path / name) for name in ("whole", "first", "second"))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        chains = [
            pool.submit(run_with_kills, place, phases, seed)
            for seed, (place, phases) in enumerate(zip(places, PHASES, strict=True))
        ]
        pool.submit(run_to_the_end, whole).result()
        kills = collections.Counter(phase for chain in chains for phase in chain.result())
    assert kills.total() >= 20
    assert all(kills[phase] >= least for phase, least in LEAST.items())
    expected = commands.arrays(whole.checkpoints / f"{LAST}.weights.h5")
    k = [value for key, value in expected.items() if key.startswith("vars/") and value.shape == ()]
    assert any(0.0 < value < 1.0 for value in k)
    for place in places:
        found = commands.arrays(place.checkpoints / f"{LAST}.weights.h5")
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert found[key].tobytes() == value.tobytes(), key
        for name in ("metrics.csv", f"samples/{LAST}.png"):
            assert (place.out / name).read_bytes() == (whole.out / name).read_bytes()
        np.testing.assert_array_equal(samples(place), samples(whole))
        assert not [path for path in place.out.rglob("*") if "unfinished" in path.name]
