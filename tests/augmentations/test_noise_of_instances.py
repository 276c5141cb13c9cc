"""Instance noise: statistics, and the schedule over the updates of the discriminator."""

import dataclasses

import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import augmentations
from tfgan_losses.augmentations import InstanceNoise, Occasion

OCCASION = Occasion(
    network="discriminator", side="real", seed=0, update=0, d_update=0, d_updates=None
)


@pytest.mark.parametrize("shape", [(20000, 2), (200, 8, 8, 3)])
def test_the_noise_is_normal_and_independent_of_the_examples(shape):
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    noise = InstanceNoise(stddev=0.3).augment(tf.constant(x), OCCASION).numpy() - x
    z, count = noise.ravel() / 0.3, noise.size
    # Four standard errors of each.
    assert abs(z.mean()) < 4 / count**0.5
    assert abs(z.var() - 1) < 4 * (2 / count) ** 0.5
    assert abs((z**4).mean() - 3) < 4 * (96 / count) ** 0.5
    assert abs(np.corrcoef(z, x.ravel())[0, 1]) < 4 / count**0.5
    for axis in range(1, len(shape)):
        beside = np.take(noise, [0], axis).ravel(), np.take(noise, [1], axis).ravel()
        assert abs(np.corrcoef(*beside)[0, 1]) < 4 / len(beside[0]) ** 0.5


@pytest.mark.parametrize("d_update", [0, 250, 1000, 2000])
def test_the_default_falls_along_half_a_cosine(d_update):
    occasion = dataclasses.replace(OCCASION, d_update=tf.constant(d_update), d_updates=1000)
    x = tf.zeros([20, 2])
    found = InstanceNoise().augment(x, occasion)
    # The generator's number of updates decides its draws, not the deviation.
    z = InstanceNoise(stddev=1.0).augment(x, occasion)
    expected = 0.05 * (1 + np.cos(np.pi * min(d_update / 1000, 1)))
    np.testing.assert_allclose(found, expected * z, atol=1e-7)


@pytest.mark.parametrize("wrong", [-0.1, "cosine(start=0.1, end=-1)", float("nan"), "loud"])
def test_deviations_that_are_none(wrong):
    with pytest.raises(ValueError, match=r"Expected stddev .*Received: stddev="):
        InstanceNoise(stddev=wrong)


def test_both_networks_follow_the_updates_of_the_discriminator():
    """Also with two of them in a step: at the end of the run there is no noise for either."""
    seen = {"discriminator": [], "generator": []}

    class Noted(InstanceNoise):
        def augment(self, examples, occasion):
            seen[occasion.network].append(float(occasion.at(self.stddev)))
            return super().augment(examples, occasion)

    gan = networks.recipe_gan("gan", example_shape=(3,), d_steps=2)
    gan.compile("hinge", d_steps=2, augmentation=Noted(), steps=2, run_eagerly=True)
    gan.fit(networks.examples(24, (3,)), batch_size=8, shuffle=False, verbose=0)
    by_hand = [0.05 * (1 + np.cos(np.pi * min(k / 4, 1))) for k in range(7)]
    # Two sides in each of the six updates of D; in those of G what D has done counts.
    np.testing.assert_allclose(seen["discriminator"], np.repeat(by_hand[:6], 2), atol=1e-7)
    np.testing.assert_allclose(seen["generator"], [by_hand[k] for k in (2, 4, 6)], atol=1e-7)


def test_an_open_schedule_has_to_know_its_length():
    gan = networks.recipe_gan("gan")
    with pytest.raises(ValueError, match="the stddev of instance_noise to be a number or a sched"):
        gan.compile("hinge", augmentation="instance_noise")


def test_of_a_loop_of_ones_own():
    noise = augmentations.get("instance_noise(stddev=cosine(start=1, end=0, steps=10))")
    x = np.ones([4, 3])
    np.testing.assert_array_equal(noise(x, seed=1, step=10), x)
    first, again = noise(x, seed=1, step=3), noise(x, seed=1, step=3)
    np.testing.assert_array_equal(first, again)
    assert np.abs(noise(x, seed=1, step=4) - first).min() > 0
    # Without a seed the draws are others each time.
    free = augmentations.get("instance_noise(stddev=1)")
    assert np.abs(free(x) - free(x)).min() > 0
