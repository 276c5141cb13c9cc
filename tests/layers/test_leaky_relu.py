"""A LeakyReLU that sends no zeros back: the same numbers as Keras' own, with fewer products."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import LeakyReLU

MODES = ("eager", "graph", "jit")
X = np.random.default_rng(0).normal(size=[5, 8, 8, 3]).astype("float32")


def critic(layer, slope):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(4, 3), layer(negative_slope=slope)]
    layers += [keras.layers.Conv2D(4, 3), layer(negative_slope=slope), keras.layers.Flatten()]
    network = keras.Sequential([keras.Input(X.shape[1:]), *layers, keras.layers.Dense(1)])
    for variable in network.variables:  # Biases begin at 0.
        variable.assign(variable + 0.1)
    return network


def penalty_gradients(network):
    def gradients(x):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                logits = network(x)
            slopes = inner.gradient(logits, x)
            total = tf.reduce_sum(slopes**2) + tf.reduce_sum(logits)
        return logits, slopes, outer.gradient(total, network.trainable_variables)

    return gradients


@pytest.mark.parametrize("slope", [0.2, 0.0])
@pytest.mark.parametrize("mode", MODES)
def test_equals_keras(mode, slope, modes):
    found = modes.run(mode, penalty_gradients(critic(LeakyReLU, slope)), tf.constant(X))
    expected = penalty_gradients(critic(keras.layers.LeakyReLU, slope))(tf.constant(X))
    for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_the_third_derivative_is_that_of_keras():
    results = []
    for layer in (LeakyReLU, keras.layers.LeakyReLU):
        x = tf.constant([-2.0, 0.5, 3.0])
        with tf.GradientTape() as third:
            third.watch(x)
            with tf.GradientTape() as second:
                second.watch(x)
                with tf.GradientTape() as first:
                    first.watch(x)
                    y = layer(negative_slope=0.2)(x) ** 4
                slope = first.gradient(y, x)
            curvature = second.gradient(slope, x)
        results.append(third.gradient(curvature, x))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6)
    np.testing.assert_allclose(results[0], [24 * -2.0 * 0.2**4, 12.0, 72.0], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_types(dtype):
    x = tf.cast(X, dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = LeakyReLU(negative_slope=0.2, dtype=dtype)(x)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(tape.gradient(y, x), tf.cast(tf.where(x > 0, 1.0, 0.2), dtype))


def test_a_penalty_does_not_go_back_through_the_forward_pass():
    """The gradients of the kernels come from the two products for each slope alone."""
    counts = {}
    for layer in (LeakyReLU, keras.layers.LeakyReLU):
        network = critic(layer, 0.2)

        def gradients(x, network=network):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    logits = network(x)
                penalty = tf.reduce_sum(inner.gradient(logits, x) ** 2)
            return outer.gradient(penalty, network.trainable_variables)

        graph = tf.function(gradients).get_concrete_function(tf.constant(X)).graph
        types = [op.type for op in graph.get_operations()]
        counts[layer] = types.count("Conv2DBackpropFilter")
    # Of the first pass back, which nobody asks for, and of the second.
    assert counts[LeakyReLU] == 4
    assert counts[keras.layers.LeakyReLU] == 6


def test_is_saved_and_exported(tmp_path):
    network = critic(LeakyReLU, 0.2)
    network.save(tmp_path / "critic.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "critic.keras")(X), network(X))
    network.export(tmp_path / "critic", verbose=False)
    exported = tf.saved_model.load(tmp_path / "critic")
    np.testing.assert_allclose(exported.serve(X), network(X), atol=1e-6)
