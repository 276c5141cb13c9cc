"""What a run will take of the disk, beside what runs have taken, and what is said of too little."""

import logging

import keras
import numpy as np
import pytest

from tfgan_losses import GAN, Keeping, Run, datasets
from tfgan_losses.run_files import checkpoint_files, disk_space
from tfgan_losses.run_files.disk_space import DiskSpace, in_words


def small_gan(**arguments):
    recipe = {"width": 8, "seed": 0, "model": "mlp", "latent_dim": 4}
    return GAN.from_recipe("hinge", (2,), **{**recipe, **arguments})


@pytest.mark.parametrize("width", [8, 256])
def test_a_checkpoint_takes_what_is_said(width):
    gan = small_gan(width=width)
    keeping = Keeping(checkpoint_every=10, keep_checkpoints=3)
    said = disk_space.of_run(gan, keeping, 100).checkpoints / 4
    assert len(checkpoint_files.in_memory(gan).getbuffer()) == pytest.approx(said, abs=80_000)


def test_what_is_kept_decides():
    gan = small_gan(width=64)
    one = disk_space.of_run(gan, Keeping(checkpoint_every=10), 10).checkpoints / 2
    counts = {
        (10, None, 3): 2,  # One, while the next one is written.
        (1000, None, 3): 4,
        (1000, None, 5): 6,
        (1000, "d_loss", 3): 5,
    }
    for (steps, monitor, keep), count in counts.items():
        keeping = Keeping(checkpoint_every=10, keep_checkpoints=keep, monitor=monitor)
        assert disk_space.of_run(gan, keeping, steps).checkpoints == count * one
    models = [
        disk_space.of_run(gan, Keeping(monitor=monitor), 10).models for monitor in (None, "d_loss")
    ]
    assert models[1] - models[0] > 4 * gan.sampler.count_params()


def test_the_state_of_optimisers_and_the_average_count():
    def taken(recipe):
        gan = small_gan(width=512)
        gan.compile("hinge", g_optimizer=recipe(), d_optimizer=recipe())
        return disk_space.of_run(gan, Keeping(), 10).checkpoints / 2

    gan = small_gan(width=512)
    parameters = gan.generator.count_params() + gan.discriminator.count_params()
    adam, descent = taken(keras.optimizers.Adam), taken(keras.optimizers.SGD)
    assert adam - descent == pytest.approx(2 * 4 * parameters, rel=0.01)


@pytest.mark.parametrize(
    ("shape", "least", "most"),
    [((64, 64, 3), 15e6, 40e6), ((8, 8, 1), 1e6, 8e6), ((2,), 1e6, 12e6), ((7,), 0, 1e5)],
)
def test_pictures_count_by_their_size(shape, least, most):
    assert least <= disk_space.of_pictures(shape, Keeping(sample_every=100), 1000) <= most


def test_too_little_is_told_before_training(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(disk_space, "free", lambda path: 1_000_000)
    needed = DiskSpace(checkpoints=5e6, models=2e6, pictures=1e6)
    with caplog.at_level(logging.WARNING):
        disk_space.warn_if_short(tmp_path / "run", needed)
        (line,) = caplog.messages
        assert "takes about 8.0 MB" in line and "of which 8.0 MB are missing" in line
        assert "1.0 MB are free" in line and "keep_checkpoints" in line
        caplog.clear()
        # What a run has taken already is a part of it.
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "checkpoint").write_bytes(bytes(7_500_000))
        disk_space.warn_if_short(tmp_path / "run", needed)
        assert not caplog.messages


def test_free_space_of_a_directory_that_is_not_there_yet(tmp_path):
    assert disk_space.free(tmp_path / "a" / "b") == pytest.approx(
        disk_space.free(tmp_path), rel=0.1
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.0 MB"), (950_000, "0.9 MB"), (12.4e6, "12 MB"), (999.4e6, "999 MB"), (1e9, "1.0 GB")],
)
def test_sizes_in_words(size, text):
    assert in_words(size) == text


@pytest.mark.slow
def test_a_run_takes_no_more_and_not_much_less(tmp_path):
    gan = small_gan(width=128)
    keeping = Keeping(checkpoint_every=5, sample_every=5, log_every=5, health=False)
    said = disk_space.of_run(gan, keeping, 20)
    Run(tmp_path / "run").train(
        gan, datasets.load("ring8"), steps=20, batch_size=16, keeping=keeping
    )
    taken = sum(disk_space._sizes_below(tmp_path / "run"))
    assert np.clip(taken, 0.4 * said.total, said.total) == taken
