import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.callbacks import DiscriminatorHeadStart
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.penalties.base import Penalty


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
    assert head_start.count_updates(6, gan.d_steps) == counts[-1] == int(gan.d_updates)


class One(Penalty):
    """Is logged as its weight."""

    def penalize(self, critic, real, fake, seed):
        return tf.ones(tf.shape(real)[:1])


@pytest.mark.slow
def test_a_scheduled_weight_counts_the_updates_of_a_head_start():
    gan, found = make(), []
    head_start = DiscriminatorHeadStart(source(), 8, updates=10, first=2, every=4)
    updates = head_start.count_updates(6, 2)
    gan.compile(
        "wasserstein",
        penalties=[One(weight="cosine(start=1, end=0)")],
        d_steps=2,
        steps=6,
        d_updates=updates,
    )
    data = source().batches(16, seed=gan.seed)
    for _ in range(6):
        history = gan.fit(data, steps_per_epoch=1, verbose=0, callbacks=[head_start]).history
        found += history["One"]
    # The two updates of each step itself come after those of its head start.
    first = np.array([8, 18, 20, 22, 32, 34])
    weights = [0.5 * (1 + np.cos(np.pi * (first + part) / updates)) for part in range(2)]
    np.testing.assert_allclose(found, np.mean(weights, axis=0), atol=1e-6)


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


def test_every_head_start_has_examples_of_its_own():
    asked = []

    class Recorded:
        example_shape = (4, 4, 1)

        def batches(self, batch_size, *, seed, start):
            asked.append((batch_size, seed, start))
            return source().batches(batch_size, seed=seed, start=start)

    gan = make()
    head_start = DiscriminatorHeadStart(Recorded(), 8, updates=10, first=2, every=4)
    data = source().batches(16, seed=gan.seed)
    for _ in range(5):
        gan.fit(data, steps_per_epoch=1, verbose=0, callbacks=[head_start])
    # Four batches of two updates before steps 0, 1 and 4; in another order than the run's.
    assert asked == [(16, gan.seed + 1, start) for start in (0, 4, 16)]


def test_bad_numbers():
    with pytest.raises(ValueError, match="updates to be an integer >= 1"):
        DiscriminatorHeadStart(source(), 8, updates=0)
