"""Reconstruction: its closed form, whose latents are fixed, and what it makes a generator do."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.models import patch

from tfgan_losses import GAN, auxiliary, random
from tfgan_losses.pyramid import Pyramid

SGD = keras.optimizers.SGD


def test_the_mean_squared_error_of_the_whole_batch():
    real = np.random.default_rng(0).normal(size=(3, 4, 5, 2)).astype("float32")
    latents = tf.constant([[1.0, 2.0]])
    seen = networks.seen(
        "generator",
        real=tf.constant(real),
        latents=tf.zeros([3, 2]),
        fixed_latents=lambda: latents,
        generator=lambda z: tf.ones_like(real) * tf.reduce_sum(z, axis=1)[:, None, None, None],
    )
    found = tf.reduce_mean(auxiliary.Reconstruction(weight=7).weighted(seen, 1))
    assert float(found) == pytest.approx(7 * np.mean((real - 3.0) ** 2), rel=1e-5)


def make(**options):
    keras.utils.set_random_seed(3)
    pair = networks.pair((3,), batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=5, ema_decay=0.9)
    rates = {"g_optimizer": SGD(0.0), "d_optimizer": SGD(0.0)}
    gan.compile("wasserstein", auxiliary="reconstruction(weight=1)", **rates | options)
    return gan


def test_the_latents_are_those_of_a_sample_and_the_same_in_every_update():
    """In training, in evaluation, and where updates have parts."""
    x = networks.examples(8, (3,))
    for options in ({}, {"accumulate": 2}):
        gan = make(run_eagerly=True, **options)
        # The average and the generator are the same as long as nothing is learnt.
        expected = np.mean((x - np.asarray(gan.generate(1, seed=5))) ** 2)
        for _ in range(2):
            history = gan.fit(x, batch_size=8, verbose=0).history
            assert history["reconstruction"][0] == pytest.approx(expected, rel=1e-5)
        adversarial = gan.evaluate(x, batch_size=8, verbose=0, return_dict=True)["g_loss"]
        gan.compile("wasserstein")
        without = gan.evaluate(x, batch_size=8, verbose=0, return_dict=True)["g_loss"]
        assert adversarial - without == pytest.approx(expected, rel=1e-4)


def test_a_generator_says_which_latents_are_its_own():
    keras.utils.set_random_seed(3)
    sizes = [(11, 12), (13, 15)]
    pyramid = Pyramid([patch.build_stage(1, width=2) for _ in sizes], sizes, seed=1)
    critic = patch.build_critic(1, width=2)
    gan = GAN(pyramid, critic, latent_dim=pyramid.latent_dim, seed=9)
    np.testing.assert_array_equal(gan.pair.fixed_latents(), pyramid.reconstruction_latents())
    assert gan.evaluation_pair.fixed_latents().shape == (1, pyramid.latent_dim)


def test_other_generators_draw_them_from_the_seed_of_the_run():
    gan = make()
    for pair in (gan.pair, gan.evaluation_pair):
        expected = random.sample_latents(1, networks.LATENT_DIM, 5)
        np.testing.assert_array_equal(pair.fixed_latents(), expected)


def test_under_a_condition_they_have_the_labels_of_each_example():
    gan = networks.recipe_gan("cgan", auxiliary="reconstruction", run_eagerly=True)
    x, y = networks.examples(6), networks.labels(6)
    rates = {"g_optimizer": SGD(0.0), "d_optimizer": SGD(0.0)}
    gan.compile("hinge", auxiliary="reconstruction(weight=1)", run_eagerly=True, **rates)
    latents = tf.repeat(gan.pair.fixed_latents(), 6, axis=0)
    found = np.asarray(gan.generator([latents, tf.one_hot(y, 3)]))
    history = gan.fit(x, y, batch_size=6, verbose=0).history
    assert history["reconstruction"][0] == pytest.approx(np.mean((x - found) ** 2), rel=1e-5)


@pytest.mark.slow
def test_one_scale_learns_one_image():
    """`singan` on one image: the fixed noise becomes the image, other noise does not."""
    shape = (16, 20, 1)
    y, x = np.mgrid[0:16, 0:20]
    image = (0.8 * np.sin(0.9 * x) * np.cos(0.7 * y))[None, ..., None].astype("float32")
    options = {"latent_dim": 16 * 20, "width": 8, "steps": 150, "seed": 3}
    gan = GAN.from_recipe("singan", shape, **options)
    history = gan.fit(np.repeat(image, 3 * 150, axis=0), batch_size=3, verbose=0).history
    assert np.isfinite(history["d_loss"][0])
    fixed = gan.generator(gan.pair.fixed_latents(), training=True)
    others = gan.generate(8, seed=1)
    errors = [float(np.sqrt(np.mean((np.asarray(z) - image) ** 2))) for z in (fixed, others)]
    assert errors[0] < 0.25 < errors[1], errors
