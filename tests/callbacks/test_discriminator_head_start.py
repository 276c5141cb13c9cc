import networks
import numpy as np
import pytest

from tfgan_losses import GAN
from tfgan_losses.callbacks import DiscriminatorHeadStart
from tfgan_losses.datasets.source import MemorySource


def make():
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=1)
    gan.compile("wasserstein", constraint="weight_clipping", d_steps=2)
    return gan


def source():
    return MemorySource.from_arrays(networks.examples(64), name="test")


def test_updates_are_counted_and_the_generator_waits():
    gan, counts = make(), []
    head_start = DiscriminatorHeadStart(source(), 8, updates=10, first=2, every=4)
    data = source().batches(16, seed=gan.seed)
    for _ in range(6):
        gan.fit(data, steps_per_epoch=1, verbose=0, callbacks=[head_start])
        counts.append(int(gan.d_optimizer.iterations))
    # Steps 0 and 1 are the first two, step 4 is a fourth one.
    assert np.diff([0, *counts]).tolist() == [10, 10, 2, 2, 10, 2]
    assert int(gan.g_optimizer.iterations) == int(gan.step) == 6


def test_updates_are_functions_of_the_step():
    states = []
    for _ in range(2):
        networks.keras.utils.set_random_seed(0)
        gan = make()
        head_start = DiscriminatorHeadStart(source(), 8, updates=10, first=2, every=4)
        data = source().batches(16, seed=gan.seed)
        gan.fit(data, steps_per_epoch=3, verbose=0, callbacks=[head_start])
        states.append(gan)
    networks.assert_same_state(*states)


def test_bad_numbers():
    with pytest.raises(ValueError, match="updates to be an integer >= 1"):
        DiscriminatorHeadStart(source(), 8, updates=0)
