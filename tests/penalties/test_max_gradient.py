"""Max gradient: the steepest example, and no other."""

import networks
import numpy as np
import tensorflow as tf

from tfgan_losses import penalties


def test_only_the_steepest_example_counts():
    """D(x) = s_i |x_i|^2 / 2 has the slope s_i |x_i|; where G(z) = x, x^ is x, too."""
    x = tf.constant(networks.examples(5, (3,)))
    scales = tf.Variable([[0.5], [1.0], [-3.0], [0.1], [2.0]])
    penalty = penalties.get("max_gradient(weight=2)")
    with tf.GradientTape() as tape:
        values = penalty(lambda x: 0.5 * scales * tf.reduce_sum(x**2, axis=1, keepdims=True), x, x)
        loss = tf.reduce_mean(values)
    squares = np.sum(np.square(x), axis=1)
    slopes = np.square(scales.numpy()[:, 0]) * squares
    np.testing.assert_allclose(values, np.full(5, 2 * slopes.max()), rtol=1e-5)
    expected = np.where(np.arange(5) == slopes.argmax(), 4 * scales.numpy()[:, 0] * squares, 0)
    np.testing.assert_allclose(tape.gradient(loss, scales)[:, 0], expected, rtol=1e-5)


def test_it_is_taken_between_the_pairs():
    """From 0 to unit vectors the slope of |x|^2 / 2 is a, and the greatest of many is near 1."""
    fake = tf.math.l2_normalize(tf.constant(networks.examples(2000, (4,))), axis=1)

    def critic(x):
        return 0.5 * tf.reduce_sum(x**2, axis=1)

    values = penalties.get("max_gradient(weight=1)")(critic, tf.zeros_like(fake), fake)
    assert 0.95 < float(values[0]) < 1.0
