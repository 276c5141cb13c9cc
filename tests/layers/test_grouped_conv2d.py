"""A grouped convolution by other means: the same numbers as Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import GroupedConv2D
from tfgan_losses.layers.grouped_conv2d import _count_parts

ARGUMENTS = (
    {"groups": 1},
    {"groups": 2, "padding": "same"},
    {"groups": 4, "strides": 2, "use_bias": False},
    {"groups": 2, "dilation_rate": 2, "activation": "relu"},
    {"groups": 4, "filters": 64},  # Two convolutions of two groups each.
)


def test_groups_are_divided_evenly_into_convolutions_of_about_32_filters():
    counts = {(1, 64): 1, (8, 128): 4, (8, 64): 2, (4, 16): 1, (96, 1536): 48, (9, 72): 1,
              (9, 100): 3, (2, 512): 2}  # fmt: skip
    assert {key: _count_parts(*key) for key in counts} == counts


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=repr)
def test_equals_keras(arguments):
    arguments = {"filters": 12, "kernel_size": 3, **arguments}
    ours, keras_own = GroupedConv2D(**arguments), keras.layers.Conv2D(**arguments)
    x = tf.constant(np.random.default_rng(0).normal(size=[2, 7, 7, 8]), tf.float32)
    ours.build(x.shape)
    keras_own.build(x.shape)
    keras_own.set_weights(ours.get_weights())
    assert [w.shape for w in ours.weights] == [w.shape for w in keras_own.weights]

    def penalty_gradients(layer):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                value = tf.reduce_sum(layer(x) ** 2)
            norm = tf.reduce_sum(inner.gradient(value, x) ** 2)
        return [layer(x), *outer.gradient(norm, layer.trainable_variables)]

    for a, b in zip(penalty_gradients(ours), penalty_gradients(keras_own), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)


def test_is_saved(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 8)), GroupedConv2D(8, 3, groups=4)])
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones([1, 4, 4, 8], "float32")
    np.testing.assert_array_equal(copy(x), model(x))
    assert copy.layers[0].groups == 4
