"""What every registered augmentation keeps: its draws, its gradients, its shape, its options."""

import dataclasses
import inspect

import augmentation_cases as cases
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import augmentations, penalties, random
from tfgan_losses.training.pair import Pair
from tfgan_losses.training.view import View

MANY = 1500
# They stand for real examples, and change none.
KEEPS = {"adaptive_pseudo"}


@cases.each
def test_is_documented(name):
    text = inspect.getdoc(augmentations.registry.lookup(name))
    assert "arXiv:" in text and "Args:" in text and "References:" in text


@cases.each
def test_shape_and_type(name):
    augmentation = cases.made(name)
    for shape in [(3, 8, 8, 1), (2, 9, 12, 3), (1, 16, 8, 3)]:
        x = tf.constant(networks.examples(shape[0], shape[1:]))
        found = augmentation.augment(x, cases.occasion())
        assert found.shape == shape and found.dtype == tf.float32
        assert np.isfinite(found).all()


@cases.each
def test_is_made_again_from_its_config(name):
    augmentation = cases.made(name)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(augmentation))
    assert repr(copy) == repr(augmentation)
    for own, other in zip(augmentation.variables, copy.variables, strict=True):
        other.assign(own)
    x, occasion = cases.images(), cases.occasion()
    np.testing.assert_array_equal(copy.augment(x, occasion), augmentation.augment(x, occasion))


@cases.each
def test_draws_depend_on_network_side_and_update(name):
    augmentation, x = cases.made(name), cases.images()
    found = augmentation.augment(x, cases.occasion())
    np.testing.assert_array_equal(augmentation.augment(x, cases.occasion()), found)
    for change in ({"network": "generator"}, {"side": "real"}, {"update": 4}):
        other = augmentation.augment(x, cases.occasion(**change))
        assert (np.abs(other - found).max() > 0) == (name not in KEEPS), change


@cases.each
def test_one_distribution_and_independent_draws_for_both_sides_and_networks(name):
    """The same image many times over: means and deviations of pixels agree, changes do not."""
    augmentation = cases.made(name)
    x = tf.tile(cases.images()[:1], [MANY, 1, 1, 1])
    sides = [("discriminator", "real"), ("discriminator", "fake"), ("generator", "fake")]
    changes = [
        cases.change_of(augmentation, x, network=network, side=side).numpy().reshape(MANY, -1)
        for network, side in sides
    ]
    first, scale = changes[0], changes[0].std(axis=0).max() + 1e-9
    assert (scale > 1e-3) == (name not in KEEPS)
    for other in changes[1:]:
        assert np.abs(first.mean(0) - other.mean(0)).max() < 6 * scale * (2 / MANY) ** 0.5
        assert np.abs(first.std(0) - other.std(0)).max() < 0.25 * scale
        products = (first - first.mean(0)) * (other - other.mean(0))
        assert np.abs(products.mean(0)).max() < 6 * scale**2 / MANY**0.5


@cases.each
def test_examples_are_changed_each_alone(name):
    """What one of a batch becomes does not depend on the others."""
    augmentation, x = cases.made(name), cases.images()
    found = augmentation.augment(x, cases.occasion())
    other = tf.concat([x[:1], -x[1:]], axis=0)
    np.testing.assert_allclose(
        augmentation.augment(other, cases.occasion())[:1], found[:1], atol=1e-5
    )


@cases.each
def test_parts_of_a_batch_are_changed_as_in_the_whole(name):
    augmentation, x = cases.made(name), cases.images()
    whole = augmentation.augment(x, cases.occasion())
    parts = []
    for index, part in enumerate(tf.split(x, 3)):
        with random.part_of_batch(index, 3):
            parts.append(augmentation.augment(part, cases.occasion()))
    np.testing.assert_allclose(tf.concat(parts, 0), whole, atol=1e-6)


@cases.each
def test_a_graph_does_the_same(name):
    augmentation, x = cases.made(name), cases.images()
    step = tf.constant(3, tf.int64)
    eager = augmentation.augment(x, cases.occasion(update=step))

    @tf.function(autograph=False)
    def graph(x, step):
        return augmentation.augment(x, cases.occasion(update=step))

    found = graph(x, step)
    assert graph.get_concrete_function(x, step).structured_outputs.shape == x.shape
    np.testing.assert_allclose(found, eager, atol=1e-5)


@pytest.mark.slow
@cases.each
def test_xla_does_the_same_with_gradients_of_both_orders(name):
    augmentation, x = cases.made(name), cases.images()
    step = tf.constant(3, tf.int64)

    def both_orders(x, step):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                seen = augmentation.augment(x, cases.occasion(update=step))
                value = tf.reduce_sum(tf.sin(3 * seen))
            slopes = tape.gradient(value, x)
            square = tf.reduce_sum(tf.square(slopes))
        return seen, slopes, outer.gradient(square, x)

    eager = both_orders(x, step)
    compiled = tf.function(both_orders, jit_compile=True, autograph=False)(x, step)
    for found, expected in zip(compiled, eager, strict=True):
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def linear_pair():
    """A critic w . x, whose gradient at what it sees is w."""
    keras.utils.set_random_seed(1)
    discriminator = keras.Sequential(
        [keras.Input(cases.SHAPE), keras.layers.Flatten(), keras.layers.Dense(1, use_bias=False)]
    )
    pair = Pair(
        networks.generator(cases.SHAPE), discriminator, latent_dim=6, condition=None, seed=5
    )
    return pair, tf.reshape(discriminator.layers[-1].kernel, cases.SHAPE)


def adjoint(augmentation, x, occasion, w):
    """T'(x)^T w, by way of the derivative of w . T(x) alone."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_sum(augmentation.augment(x, occasion) * w)
    return tape.gradient(value, x)


@cases.each
def test_penalties_take_gradients_at_the_examples_before_it(name):
    """R1 of D(T(x)) at x is |T'(x)^T w|^2 for D = w . x; and known gradients are these."""
    augmentation, x = cases.made(name), cases.images()
    (pair, w), fake = linear_pair(), tf.reverse(cases.images(), [0])
    view = View([augmentation], network="discriminator", **cases.view_arguments())
    expected = {
        side: adjoint(augmentation, examples, cases.occasion(side=side), w)
        for side, examples in (("real", x), ("fake", fake))
    }
    for sides in ((), ("real",), ("fake",), ("real", "fake")):
        found = pair.discriminate_both(x, fake, None, sides, view)
        for side, examples in (("real", x), ("fake", fake)):
            slopes = found.critic.gradients(examples)
            np.testing.assert_allclose(slopes, expected[side], atol=1e-5)
    # And it is the derivative: along a direction, by differences.
    along = tf.constant(networks.examples(len(x), cases.SHAPE, seed=4))
    occasion = cases.occasion(side="real")
    ends = [augmentation.augment(x + h * along, occasion) for h in (0.05, -0.05)]
    slope = tf.reduce_sum(expected["real"] * along, [1, 2, 3])
    found = tf.reduce_sum((ends[0] - ends[1]) / 0.1 * w, [1, 2, 3])
    np.testing.assert_allclose(found, slope, rtol=0.01, atol=2e-3)


def test_r1_in_closed_form():
    """For D = w . x: |w|^2 through noise, and that of the pixels that are left through cutout."""
    (pair, w), x = linear_pair(), cases.images()
    for spec in ("instance_noise(stddev=1)", "diff_augment(policy='cutout')"):
        augmentation = augmentations.get(spec)
        view = View([augmentation], network="discriminator", **cases.view_arguments())
        found = pair.discriminate_both(x, x + 0.0, None, ("real",), view)
        seen = networks.seen(real=x, fake=x, critic=found.critic, update=tf.constant(0))
        values = penalties.get("r1(weight=2)").weighted(seen, 1)
        left = np.ones_like(x) if "noise" in spec else augmentation.augment(
            tf.ones_like(x), cases.occasion(side="real")
        ).numpy()  # fmt: skip
        assert left.min() == ("noise" in spec)
        expected = np.sum(np.square(w * left), axis=(1, 2, 3))
        np.testing.assert_allclose(tf.reshape(values, [-1]), expected, rtol=1e-5)


@cases.each
def test_the_generator_learns_through_it(name):
    """One step of descent is the gradient of -mean D(T(G(z))), by hand."""
    still, moving = keras.optimizers.SGD(0.0), keras.optimizers.SGD(1.0)
    rates = {"g_optimizer": moving, "d_optimizer": still}
    gan = cases.compiled(cases.made(name), "wgan", constraint=None, run_eagerly=True, **rates)
    weights = gan.generator.trainable_variables
    before = [tf.convert_to_tensor(w) for w in weights]
    x = cases.images()
    latents = gan.pair.latents(x, "generator", 0)
    with tf.GradientTape() as tape:
        fake = gan.generator(latents, training=True)
        (own,) = gan.objective.augmentations
        occasion = dataclasses.replace(
            cases.occasion("generator"), update=0, d_update=5, d_updates=500
        )
        loss = -tf.reduce_mean(gan.discriminator(own.augment(fake, occasion)))
    slopes = tape.gradient(loss, weights)
    cases.train(None, gan=gan, steps=1)
    assert max(np.abs(slope).max() for slope in slopes) > 1e-3
    for weight, old, slope in zip(weights, before, slopes, strict=True):
        np.testing.assert_allclose(weight, old - slope, atol=1e-5)
