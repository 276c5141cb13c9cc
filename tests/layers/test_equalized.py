"""Equalised learning rates: what the layers compute, and how fast they learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import EqualizedConv2D, EqualizedDense

RNG = np.random.default_rng(0)


def test_a_dense_layer_by_hand():
    layer = EqualizedDense(5, gain=2.0, learning_rate_multiplier=0.1, activation="relu")
    x = RNG.standard_normal((4, 7)).astype("float32")
    layer.build((None, 7))
    layer.bias.assign(RNG.standard_normal(5))
    kernel, bias = layer.kernel.numpy(), layer.bias.numpy()
    expected = np.maximum(2 * (0.1 * x @ kernel / 7**0.5 + 0.1 * bias), 0)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)


def test_a_convolution_by_hand():
    layer = EqualizedConv2D(5, 3, gain=2.0, padding="same")
    x = RNG.standard_normal((2, 6, 4, 3)).astype("float32")
    layer.build(x.shape)
    layer.bias.assign(RNG.standard_normal(5))
    expected = tf.nn.conv2d(x, layer.kernel / 27**0.5, 1, "SAME") + layer.bias
    np.testing.assert_allclose(layer(x), 2 * expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("multiplier", [1.0, 0.01])
@pytest.mark.parametrize("inputs", [16, 1024])
def test_outputs_start_with_unit_variance(inputs, multiplier):
    keras.utils.set_random_seed(1)
    layer = EqualizedDense(256, learning_rate_multiplier=multiplier)
    outputs = layer(RNG.standard_normal((256, inputs)).astype("float32"))
    assert layer.kernel.numpy().std() == pytest.approx(1 / multiplier, rel=0.05)
    assert float(tf.math.reduce_std(outputs)) == pytest.approx(1, rel=0.1)


def test_a_step_of_one_size_moves_layers_by_what_their_multiplier_says():
    moves = []
    for inputs, multiplier in ((16, 1.0), (1024, 1.0), (16, 0.01)):
        layer = EqualizedDense(1, learning_rate_multiplier=multiplier, use_bias=False)
        x = np.ones((1, inputs), "float32")
        before = layer(x)
        # Adam's first step is the learning rate in every weight.
        layer.kernel.assign_add(1e-3 * np.ones((inputs, 1)))
        moves.append(float((layer(x) - before)[0, 0]) / inputs**0.5)
    assert moves == pytest.approx([1e-3, 1e-3, 1e-5], rel=0.05)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (EqualizedDense(3, gain=2.0, learning_rate_multiplier=0.5, use_bias=False), (5,)),
        (EqualizedConv2D(3, 3, gain=2.0, strides=2, padding="valid", use_bias=False), (9, 9, 2)),
    ],
)
def test_a_file_restores_them(layer, shape, tmp_path):
    model = keras.Sequential([keras.Input(shape), type(layer).from_config(layer.get_config())])
    model.save(tmp_path / "model.keras")
    x = RNG.standard_normal((2, *shape)).astype("float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.layers[-1].gain == 2.0


def test_a_multiplier_must_be_positive():
    with pytest.raises(ValueError, match=r"Expected learning_rate_multiplier > 0.*Received.*=0"):
        EqualizedDense(3, learning_rate_multiplier=0)
