"""Consistency: T against NumPy, closed forms, draws, and what is refused before training."""

import json

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, penalties
from tfgan_losses.augmentations import Augmentation
from tfgan_losses.training.view import View


@keras.saving.register_keras_serializable("tests")
class Halve(Augmentation):
    """x / 2: no draws, so that everything can be computed by hand."""

    of_images = False

    def augment(self, examples, occasion):
        return examples / 2


@keras.saving.register_keras_serializable("tests")
class Adapting(Halve):
    """Has state."""

    @property
    def variables(self):
        return [keras.Variable(0.5, trainable=False, name="p")]


def by_numpy(image, flip, down, right, reach):
    """Flipped, padded with reflection, and cut out."""
    image = image[:, ::-1] if flip else image
    (height, width), (rows, columns) = image.shape[:2], reach
    padded = np.pad(image, [(rows, rows), (columns, columns), (0, 0)], mode="reflect")
    down, right = rows - down, columns - right
    return padded[down : down + height, right : right + width]


def test_flip_and_shift_is_that_of_numpy():
    """16 x 8 pixels: by at most 2 rows and 1 column, each shift in a part of equal size."""
    drawn = [(flip, row, column) for flip in (0, 1) for row in range(5) for column in range(3)]
    images = networks.examples(len(drawn), (16, 8, 2))
    uniforms = [[0.9 - 0.8 * f, (r + 0.5) / 5, (c + 0.5) / 3] for f, r, c in drawn]
    found = penalties.flip_and_shift(tf.constant(images), tf.constant(uniforms, tf.float32))
    for image, changed, (flip, row, column) in zip(images, found, drawn, strict=True):
        expected = by_numpy(image, flip, row - 2, column - 1, (2, 1))
        np.testing.assert_array_equal(changed, expected, err_msg=f"{flip} {row} {column}")


def test_of_the_ends_of_the_draws_no_pixel_is_missing():
    image = tf.constant(networks.examples(2, (8, 8, 1)))
    for end in (0.0, 1.0 - 2.0**-23):
        found = penalties.flip_and_shift(image, tf.fill([2, 3], end))
        expected = [
            by_numpy(x, end < 0.5, *[round(2 * end) - 1] * 2, (1, 1)) for x in image.numpy()
        ]
        np.testing.assert_array_equal(found, expected)


def linear(real, fake, weights, **found):
    """What a term sees of D(x) = w.x + 1."""

    def critic(x):
        return tf.linalg.matvec(x, weights)[:, None] + 1.0

    outputs = {"real_outputs": {"logits": critic(real)}, "fake_outputs": {"logits": critic(fake)}}
    return networks.seen(real=real, fake=fake, critic=critic, **outputs, **found)


def test_of_a_linear_discriminator():
    """(w.x / 2)^2 for T(x) = x / 2, and its gradient 2 (w.x / 2) x / 2 through both passes."""
    real, fake = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    weights = tf.Variable([0.5, -1.0, 2.0])
    slopes = real @ weights.numpy() / 2, fake @ weights.numpy() / 2
    with tf.GradientTape(persistent=True) as tape:
        seen = linear(tf.constant(real), tf.constant(fake), weights)
        one = tf.reduce_mean(penalties.Consistency(augmentation=Halve()).weighted(seen, 1))
        term = penalties.BalancedConsistency(weight=3.0, fake_weight=5.0, augmentation=Halve())
        two = tf.reduce_mean(term.weighted(seen, 2))
    np.testing.assert_allclose(one, 10 * np.mean(slopes[0] ** 2), rtol=1e-5)
    expected = 3 * np.mean(slopes[0] ** 2) + 5 * np.mean(slopes[1] ** 2)
    np.testing.assert_allclose(two, 2 * expected, rtol=1e-5)
    expected = 10 * np.mean(slopes[0][:, None] * real, axis=0)
    np.testing.assert_allclose(tape.gradient(one, weights), expected, rtol=1e-5)


def test_the_balanced_weights():
    for options, weights in (
        ({}, (10, 10)),
        ({"weight": 4}, (4, 4)),
        ({"fake_weight": 0}, (10, 0)),
    ):
        term = penalties.BalancedConsistency(**options)
        assert (term.weight, term.fake_weight) == weights


def test_draws_are_of_the_update_the_side_and_the_term_alone():
    noise = "instance_noise(stddev=1)"
    term, seen = penalties.Consistency(augmentation=noise), networks.seen(updates=None)
    zeros = tf.zeros([4, 3])

    def draws(side="real", update=0, term=term):
        return term._change(zeros, networks.seen(update=update), side).numpy()

    np.testing.assert_array_equal(draws(), draws())
    balanced = penalties.BalancedConsistency(augmentation=noise)
    before_d = View([term.augmentation], seed=seen.seed).of(zeros, "real")
    for other in (draws("fake"), draws(update=1), draws(term=balanced), before_d):
        assert np.abs(draws() - other).min() > 1e-6


def test_the_default_change_flips_half_of_the_images():
    images = tf.repeat(tf.constant(networks.examples(1, (8, 8, 1))), 400, axis=0)
    changed = penalties.Consistency()._change(images, networks.seen(), "real").numpy()
    kinds, counts = np.unique(changed, axis=0, return_counts=True)
    # Two by three by three.
    assert len(kinds) == 18 and counts.min() > 5


def gan_of(shape, **arguments):
    gan = GAN(*networks.pair(shape), latent_dim=networks.LATENT_DIM)
    gan.compile("hinge", **arguments)
    return gan


@pytest.mark.parametrize("name", ["consistency", "balanced_consistency"])
def test_what_cannot_be_changed_is_refused_before_training(name):
    with pytest.raises(
        ValueError, match=rf"Expected images for '{name}'.*augmentation=None.*\(3,\)"
    ):
        gan_of((3,), penalties=name)
    with pytest.raises(ValueError, match="Expected an augmentation without state"):
        penalties.registry.lookup(name)(augmentation=Adapting())
    with pytest.raises(ValueError, match="the stddev of instance_noise"):
        gan_of((3,), penalties=f"{name}(augmentation=instance_noise)")
    gan_of((3,), penalties=f"{name}(augmentation=instance_noise(stddev=0.1))")
    gan_of((4, 4, 1), penalties=name)


@pytest.mark.parametrize("augmentation", [None, Halve(), "instance_noise(stddev=0.25)"])
def test_configs(augmentation):
    original = penalties.BalancedConsistency(weight=2, augmentation=augmentation, every=3)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(original)))
    copy = keras.saving.deserialize_keras_object(config)
    assert repr(copy) == repr(original)
    assert penalties.get("balanced_consistency(augmentation=None)").augmentation is None
