import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.layers import NearestUpSampling2D


def test_is_that_of_keras_for_images_whose_sides_differ():
    images = tf.constant(np.random.default_rng(0).standard_normal((2, 3, 5, 4)), tf.float32)
    weights = np.random.default_rng(1).standard_normal((2, 6, 10, 4)).astype("float32")
    gradients = []
    for layer in (NearestUpSampling2D(), keras.layers.UpSampling2D()):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = layer(images)
            loss = tf.reduce_sum(weights * outputs**2)
        gradients.append(tape.gradient(loss, images))
        np.testing.assert_array_equal(outputs, np.repeat(np.repeat(images, 2, 1), 2, 2))
    np.testing.assert_allclose(*gradients, rtol=1e-5, atol=1e-6)
    assert NearestUpSampling2D()(keras.Input((3, 5, 4))).shape == (None, 6, 10, 4)
