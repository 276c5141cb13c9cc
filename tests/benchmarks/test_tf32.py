"""Products in TF32 as `benchmarks/precision.py` emulates them."""

import numpy as np
import pytest
import tensorflow as tf

FINE = 2.0**-13  # Half a unit of 1 + 10 bits is 2^-11.


@pytest.fixture
def tf32(script):
    return script("parts.tf32")


def test_numbers_are_rounded_to_ten_bits(tf32):
    unit = 2.0**-10
    given = [1.0, 1 + 0.4 * unit, 1 + 0.5 * unit, 1 + 1.5 * unit, -1 - 0.6 * unit, 0.0, np.inf]
    expected = [1.0, 1.0, 1.0, 1 + 2 * unit, -1 - unit, 0.0, np.inf]
    assert tf32.nearest(tf.constant(given, tf.float32)).numpy().tolist() == expected


def test_operands_are_rounded_in_both_gradients_where_no_gpu_does_it(tf32):
    if tf32.is_real():
        pytest.skip("A GPU rounds by itself.")
    # y = x w, dy/dx = w, and the gradient of (dy/dx)^2 with respect to w is 2 w.
    x, w = tf.constant([[1 + FINE]]), tf.constant([[3 + 4 * FINE]])

    def everything():
        with tf.GradientTape() as outer:
            outer.watch(w)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.matmul(x, w)
            slope = inner.gradient(y, x)
        # The factor comes back as an operand, which is rounded, too.
        (second,) = outer.gradient(slope, [w], output_gradients=[tf.constant([[1 + FINE]])])
        return [value.numpy().item() for value in (y, slope, second)]

    with tf32.products(True):
        assert everything() == [3.0, 3.0, 1.0]
        assert float(tf.matmul(*(tf.cast(v, tf.float64) for v in (x, w)))[0, 0]) != 3.0
    exact = [float(v) for v in (x[0, 0] * w[0, 0], w[0, 0], 1 + FINE)]
    assert everything() == exact
    with tf32.products(False):
        assert everything() == exact
