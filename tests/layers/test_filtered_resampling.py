"""The filter [1, 3, 3, 1], beside sums over its sixteen places."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import Blur, FilteredUpSampling2D
from tfgan_losses.layers.filtered_resampling import blur, double

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
X = np.random.default_rng(0).standard_normal((2, 5, 6, 3)).astype("float32")


def filtered(x, padding, strides=1):
    x = np.pad(x, [(0, 0), *padding, (0, 0)])
    rows, columns = x.shape[1] - 3, x.shape[2] - 3
    whole = sum(
        FILTER[i, j] * x[:, i : i + rows, j : j + columns] for i in range(4) for j in range(4)
    )
    return whole[:, ::strides, ::strides]


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", [((1, 2), (1, 1)), ((2, 2), (2, 3)), ((0, 0), (0, 0))])
def test_blur(padding, strides):
    layer = Blur(padding, strides=strides)
    expected = filtered(X, padding, strides)
    np.testing.assert_allclose(layer(X), expected, rtol=1e-4, atol=1e-6)
    assert layer.compute_output_shape(X.shape) == expected.shape
    assert layer.compute_output_shape((None, None, 6, 3))[:2] == (None, None)


def test_doubling_is_the_filter_between_zeros():
    spread = np.zeros((2, 10, 12, 3), "float32")
    spread[:, ::2, ::2] = X
    expected = 4 * filtered(spread, ((2, 1), (2, 1)))
    np.testing.assert_allclose(FilteredUpSampling2D()(X), expected, rtol=1e-4, atol=1e-6)


def test_half_and_double_have_one_centre():
    """A ramp stays a ramp away from the border, neither moved nor steeper."""
    ramp = np.tile(np.arange(8.0, dtype="float32")[None, :, None, None], (1, 1, 8, 1))
    half = blur(ramp, ((1, 1), (1, 1)), strides=2)[0, 1:-1, 2, 0]
    np.testing.assert_allclose(half, [2.5, 4.5], rtol=1e-5)
    twice = double(tf.constant(ramp))[0, 1:-1, 8, 0]
    np.testing.assert_allclose(twice, np.arange(1, 15) / 2 - 0.25, rtol=1e-5)


@pytest.mark.parametrize("mode", ["graph", pytest.param("jit", marks=pytest.mark.slow)])
def test_double_gradients_agree_with_eager_ones(mode, modes):
    def derivatives(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.sin(double(blur(tf.sin(x), ((1, 1), (1, 1)), strides=2)))
            value = tf.reduce_sum(tf.square(inner.gradient(y, x)))
        return outer.gradient(value, x)

    eager, other = (modes.run(each, derivatives, tf.constant(X)) for each in ("eager", mode))
    assert np.any(np.asarray(eager))
    np.testing.assert_allclose(eager, other, rtol=1e-3, atol=1e-5)


def test_a_file_restores_them(tmp_path):
    layers = [Blur([(1, 2), (1, 1)], strides=2), FilteredUpSampling2D()]
    model = keras.Sequential([keras.Input(X.shape[1:]), *layers])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(X), model(X))
