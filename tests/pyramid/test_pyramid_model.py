"""The pyramid as the generator of a GAN: how it computes, and how it comes back from a file."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pyramids import largest_difference, small_pyramid

from tfgan_losses import gan_types
from tfgan_losses.pyramid import Pyramid, Scales
from tfgan_losses.pyramid.plan import Plan

SCALES = Scales(((11, 14), (14, 18)), 0.8)


def test_images_and_gradients_are_the_same_in_every_mode(modes):
    pyramid = small_pyramid(channels=1, scales=SCALES)
    latents = tf.random.stateless_normal((2, pyramid.latent_dim), (1, 2))

    def image_and_gradient(latents):
        with tf.GradientTape() as tape:
            tape.watch(latents)
            image = pyramid(latents, training=False)
            loss = tf.reduce_sum(image**2)
        return image, tape.gradient(loss, latents)

    expected = image_and_gradient(latents)
    assert expected[0].shape == (2, 14, 18, 1)
    # The noise of every scale counts.
    assert all(tf.reduce_max(tf.abs(part)) > 1e-4 for part in pyramid.split(expected[1]))
    for mode in modes.names[1:]:
        found = modes.run(mode, image_and_gradient, latents)
        for one, other in zip(found, expected, strict=True):
            assert largest_difference(one, other) < 1e-4


def test_it_comes_back_from_a_file(tmp_path):
    pyramid = small_pyramid(channels=1, scales=SCALES)
    pyramid.stages[0].trainable = False
    pyramid.save(tmp_path / "pyramid.keras")
    again = keras.saving.load_model(tmp_path / "pyramid.keras")
    assert isinstance(again, Pyramid) and again.sizes == pyramid.sizes
    assert [stage.trainable for stage in again.stages] == [False, True]
    assert largest_difference(again.reconstruct(), pyramid.reconstruct()) == 0.0


@pytest.mark.slow
def test_half_precision_trains_as_single():
    image = np.random.default_rng(0).uniform(-1, 1, (14, 18, 3)).astype("float32")
    losses = []
    for name in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(name)
        plan = Plan(gan_types.get("singan"), image, SCALES, steps=2, width=4, concurrent=2)
        gan = plan.gan(1, plan.gan(0))
        history = gan.fit(plan.source(1).batches(3).take(2), steps_per_epoch=2, verbose=0)
        losses.append([history.history[name][-1] for name in ("d_loss", "g_loss")])
        assert gan.generator.reconstruct().dtype == tf.float32
    np.testing.assert_allclose(*losses, rtol=0.05)
