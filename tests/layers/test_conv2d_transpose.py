"""A bias that is added to rows: the same numbers as Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers.conv2d_transpose import Conv2DTranspose

ARGUMENTS = (
    {"filters": 3, "padding": "same"},
    {"filters": 3, "activation": "tanh"},
    {"filters": 3, "use_bias": False},
    {"filters": 16},
)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=repr)
@pytest.mark.parametrize("shape", [(5, 4, 2), (None, None, 2)])
def test_equals_keras(arguments, shape, modes):
    x = tf.constant(np.random.default_rng(0).normal(size=[3, 5, 4, 2]), tf.float32)
    results = []
    for cls in (Conv2DTranspose, keras.layers.Conv2DTranspose):
        keras.utils.set_random_seed(0)
        layer = cls(kernel_size=4, strides=2, bias_initializer="random_normal", **arguments)
        network = keras.Sequential([keras.Input(shape), layer])

        def gradients(x, network=network):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = network(x)
                total = tf.reduce_sum(tf.sin(y))
            return [y, *tape.gradient(total, [x, *network.trainable_variables])]

        results.append([modes.run(mode, gradients, x) for mode in modes.names])
    for found in results[0]:
        for a, b in zip(found, results[1][0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_is_saved(tmp_path):
    network = keras.Sequential([keras.Input((4, 4, 2)), Conv2DTranspose(3, 4, strides=2)])
    network.save(tmp_path / "network.keras")
    x = np.ones([1, 4, 4, 2], "float32")
    copy = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(copy(x), network(x))


def test_channels_in_front_have_theirs():
    layer = Conv2DTranspose(3, 4, data_format="channels_first", bias_initializer="random_normal")
    layer.build([None, 2, 5, 4])
    outputs = layer._add_bias(tf.zeros([2, 3, 8, 7]))
    np.testing.assert_array_equal(outputs[1, :, 2, 3], layer.bias.numpy())
