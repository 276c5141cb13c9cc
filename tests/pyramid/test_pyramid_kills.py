"""A real process, killed within a scale, between two, and in the last export, ends the same."""

import os
import signal
import time

import commands
import keras
import numpy as np
import pytest
from PIL import Image

import tfgan_losses.pyramid  # noqa: F401 - for Keras to find it.

STEPS = 8
FLAGS = (
    "--gan_type=singan", "--dataset=image:photo.png", "--min_size=11", "--max_size=14",
    "--width=2", "--concurrent=2", f"--steps={STEPS}", "--log_every=3", "--checkpoint_every=3",
    "--sample_every=8", "--deterministic", "--output_dir=out", "--resume=out",
)  # fmt: skip


def place(directory):
    """Where the command runs: with a photograph of two scales."""
    commands.workplace(directory)
    pixels = np.random.default_rng(0).integers(0, 256, (46, 46, 3), np.uint8)
    Image.fromarray(pixels).save(directory / "photo.png")
    return directory


def killed_when(directory, condition):
    process = commands.start(directory, *FLAGS)
    end = time.monotonic() + 300
    while not condition():
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert commands.finish(process).code == -signal.SIGKILL


def results(out):
    """The bytes of tables and pictures, and the numbers of all that has a date in it."""
    found = {
        str(file.relative_to(out)): file.read_bytes()
        for pattern in ("*.csv", "*/*.csv", "**/*.png", "generator/variables/*")
        for file in out.glob(pattern)
    }
    for file in out.glob("*/checkpoints/*"):
        arrays = commands.arrays(file)
        found |= {f"{file.relative_to(out)} {name}": arrays[name].tobytes() for name in arrays}
    pyramid = keras.saving.load_model(out / "pyramid.keras")
    return found | {v.path: np.asarray(v).tobytes() for v in pyramid.variables}


@pytest.mark.slow
def test_a_killed_pyramid_ends_as_one_that_was_not(tmp_path):
    whole = place(tmp_path / "whole")
    reference = commands.start(whole, *FLAGS)
    killed = place(tmp_path / "killed")
    out = killed / "out"
    killed_when(killed, lambda: list(out.glob("scale_00/checkpoints/step_00000003*")))
    killed_when(killed, (out / "scales.csv").exists)
    assert not (out / "pyramid.keras").exists()
    killed_when(killed, (out / "unfinished_generator").exists)
    assert not (out / "samples").exists()
    last = commands.train(killed, *FLAGS)
    assert last.code == 0, last
    assert "Reconstruction errors" in last.out and "retracing" not in last.err
    assert commands.finish(reference).code == 0
    found, expected = results(out), results(whole / "out")
    assert found.keys() == expected.keys() and len(expected) > 100
    assert not [name for name, content in expected.items() if found[name] != content]


@pytest.mark.slow
def test_a_signal_ends_well_and_says_how_to_go_on(tmp_path):
    directory = place(tmp_path / "interrupted")
    process = commands.start(directory, *(f for f in FLAGS if "steps=" not in f), "--steps=400")
    table = directory / "out" / "scale_00" / "metrics.csv"
    end = time.monotonic() + 200
    while not table.exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    result = commands.finish(process)
    assert result.code == 3, result
    assert "Stopped by SIGTERM at step" in result.out and "everything is saved" in result.out
    assert "To go on: python train.py --resume=out" in result.out
