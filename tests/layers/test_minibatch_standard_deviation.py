import warnings

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.layers import MinibatchStandardDeviation
from tfgan_losses.training import inspection


def features(shape, dtype="float32"):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def expected(x, group_size, parts):
    """Word for word from the paper, one group and one part of the channels after the other."""
    maps = np.empty((*x.shape[:-1], parts))
    for first in range(0, len(x), group_size):
        group = x[first : first + group_size]
        for part, own in enumerate(np.split(group, parts, axis=-1)):
            maps[first : first + group_size, ..., part] = np.sqrt(own.var(axis=0) + 1e-8).mean()
    return np.concatenate([x, maps], axis=-1)


# Whole groups, a rest of two, a rest of one, fewer than a group; maps and vectors.
@pytest.mark.parametrize("count", [8, 6, 5, 3, 1])
@pytest.mark.parametrize("shape", [(3, 2, 4), (4,)])
def test_values(count, shape):
    x = features((count, *shape))
    for group_size, parts in ((4, 1), (4, 2), (2, 1)):
        layer = MinibatchStandardDeviation(group_size, parts)
        found = layer(x)
        np.testing.assert_allclose(found, expected(x, group_size, parts), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, 6])
def test_xla(modes, count):
    x = features((count, 3, 2, 4))
    found = modes.run("jit", MinibatchStandardDeviation(4), tf.constant(x))
    np.testing.assert_allclose(found, expected(x, 4, 1), rtol=1e-5, atol=1e-6)


def test_a_graph_for_any_batch_size():
    layer = MinibatchStandardDeviation(4)
    run = tf.function(layer, input_signature=[tf.TensorSpec([None, 2, 2, 3])])
    for count in (8, 7):
        x = features((count, 2, 2, 3))
        np.testing.assert_allclose(run(x), expected(x, 4, 1), rtol=1e-5, atol=1e-6)
    model = keras.Sequential([keras.Input((None, None, 3)), layer])
    assert model.output_shape == (None, None, None, 4)
    assert model(features((5, 2, 4, 3))).shape == (5, 2, 4, 4)


def test_parts_of_whole_groups_make_the_batch():
    """As replicas and `accumulate` see it."""
    layer, x = MinibatchStandardDeviation(2), tf.constant(features((8, 2, 2, 3)))
    parts = tf.concat([layer(x[:4]), layer(x[4:])], axis=0)
    np.testing.assert_array_equal(parts, layer(x))


def derivatives(x, direction):
    """d/dx of f = the sum of squared maps, and d/dx of <df/dx, direction>."""
    x = tf.convert_to_tensor(x)
    layer = MinibatchStandardDeviation(4, dtype="float64")
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = tf.reduce_sum(tf.square(layer(x)[..., -1]))
        slopes = inner.gradient(value, x)
        along = tf.reduce_sum(slopes * direction)
    return slopes.numpy(), outer.gradient(along, x).numpy()


def test_derivatives():
    """Against central differences; a rest of two examples beside a whole group."""
    x, direction = features((6, 2, 3), "float64"), features((6, 2, 3), "float64")[::-1]
    slopes, curvature = derivatives(x, direction)

    def f(x):
        return np.sum(expected(x, 4, 1)[..., -1] ** 2)

    step = 1e-5
    along = (f(x + step * direction) - f(x - step * direction)) / (2 * step)
    assert np.sum(slopes * direction) == pytest.approx(along, rel=1e-6)
    ahead, behind = (derivatives(x + s * direction, direction)[0] for s in (step, -step))
    np.testing.assert_allclose(curvature, (ahead - behind) / (2 * step), rtol=1e-5, atol=1e-6)


def test_equal_examples_have_finite_derivatives():
    x = np.ones((5, 2, 3))
    slopes, curvature = derivatives(x, features((5, 2, 3), "float64"))
    np.testing.assert_array_equal(slopes, 0)
    assert np.isfinite(curvature).all()
    # (x - mean) / sqrt(1e-8) begins with a slope of 1e4, in all but the example alone.
    assert np.abs(curvature[:4]).max() > 0 and np.abs(curvature[4]).max() == 0


def test_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    # The squares of these are beyond half precision.
    x = 1000 * features((4, 2, 2, 3))
    found = MinibatchStandardDeviation(4)(tf.constant(x))
    assert found.dtype == tf.float16
    np.testing.assert_allclose(found, expected(x, 4, 1), rtol=2e-3)


def test_serialisation():
    layer = MinibatchStandardDeviation(3, features=2, name="spread")
    model = keras.Sequential([keras.Input((2, 2, 4)), layer])
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    x = features((6, 2, 2, 4))
    np.testing.assert_array_equal(copy(x), model(x))
    assert copy.layers[0].get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_size": 1}, r"group_size to be an integer >= 2.*group_size=1"),
        ({"group_size": 2.0}, r"group_size=2\.0"),
        ({"features": 0}, r"features to be an integer >= 1.*features=0"),
        ({"features": 2}, r"divisible by features=2.*\(4, 3\)"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        MinibatchStandardDeviation(**options)(tf.ones([4, 3]))


def test_real_and_generated_examples_go_apart():
    """And a penalty takes the discriminator as it is, without a warning."""
    plain = networks.discriminator()
    mixing = networks.discriminator(extra=[MinibatchStandardDeviation(2)])
    assert inspection.treats_examples_alone(plain)
    assert not inspection.treats_examples_alone(mixing)
    gan = GAN(networks.generator(), mixing, latent_dim=networks.LATENT_DIM, seed=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gan.compile("non_saturating", penalties="r1(every=2)", run_eagerly=True)
    report = gan.train_step(tf.constant(networks.examples(4)))
    assert all(np.isfinite(np.asarray(value)) for value in report.values())
