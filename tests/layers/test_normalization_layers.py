"""Normalisations under a gradient penalty: right by finite differences, and Keras' own numbers."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import layers
from tfgan_losses.layers.leaky_relu import without_custom_gradients

X = np.random.default_rng(0).normal(0.5, 2.0, size=[6, 5, 5, 4])
# Class and arguments, by what they make.
KINDS = {
    "layer": ("LayerNormalization", {}),
    "layer over two axes": ("LayerNormalization", {"axis": [1, -1]}),
    "layer of all channels": ("GroupNormalization", {"groups": 1}),
    "groups": ("GroupNormalization", {"groups": 2}),
    "groups in front": ("GroupNormalization", {"groups": 5, "axis": 1}),
    "instance": ("GroupNormalization", {"groups": -1}),
    "without scale": ("GroupNormalization", {"groups": 2, "center": False, "scale": False}),
    "batch": ("BatchNormalization", {}),
    "batch in front": ("BatchNormalization", {"axis": 1}),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(kind, module=layers, dtype="float64", **options):
    name, arguments = KINDS[kind]
    layer = getattr(module, name)(epsilon=1e-2, dtype=dtype, **arguments, **options)
    layer.build(X.shape)
    for index, variable in enumerate(layer.trainable_variables):
        numbers = np.random.default_rng(index)
        variable.assign(numbers.uniform(0.5, 1.5, size=variable.shape))
    return layer


def normalized(layer, x):
    return layer(x, training=True) if "Batch" in type(layer).__name__ else layer(x)


def penalty(layer, kernel, x):
    """(|grad D| - 1)^2 of D(x) = sum v * softplus(normalisation(x W))."""
    directions = tf.constant(np.random.default_rng(3).normal(size=X.shape), x.dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        hidden = tf.nn.softplus(normalized(layer, tf.einsum("bhwc,cd->bhwd", x, kernel)))
        total = tf.reduce_sum(directions * hidden)
    norms = tf.sqrt(tf.reduce_sum(tape.gradient(total, x) ** 2, axis=[1, 2, 3]))
    return tf.reduce_mean((norms - 1) ** 2)


def error_of_the_gradient(layer):
    """Relative difference of the derivative along a direction and of finite differences."""
    kernel, direction = np.random.default_rng(2).normal(size=[2, 4, 4])
    kernel, direction = tf.constant(kernel), tf.constant(direction)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        loss = penalty(layer, kernel, tf.constant(X))
    slope = float(tf.reduce_sum(tape.gradient(loss, kernel) * direction))
    above, below = (
        float(penalty(layer, kernel + h * direction, tf.constant(X))) for h in (1e-5, -1e-5)
    )
    return abs(slope - (above - below) / 2e-5) / abs(slope)


@every_kind
def test_the_gradient_of_a_penalty_is_that_of_finite_differences(kind):
    assert error_of_the_gradient(make(kind)) < 1e-6


@pytest.mark.parametrize("kind", ["layer", "groups", "batch"])
def test_that_of_keras_is_not(kind):
    """When this fails, Keras has mended it, and the layers here may go."""
    assert error_of_the_gradient(make(kind, keras.layers)) > 1e-3


@every_kind
def test_values_variables_and_first_derivatives_are_those_of_keras(kind, modes):
    results = []
    for module in (layers, keras.layers):
        layer = make(kind, module, dtype="float32")

        def gradients(x, layer=layer):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = normalized(layer, x)
                total = tf.reduce_sum(tf.sin(y))
            return y, tape.gradient(total, [x, *(v.value for v in layer.trainable_variables)])

        names = modes.names if module is layers else ("eager",)
        for mode in names:
            results.append(modes.run(mode, gradients, tf.constant(X, tf.float32)))
        assert [v.path.split("/")[-1] for v in layer.variables] == [
            v.path.split("/")[-1] for v in make(kind, keras.layers).variables
        ]
    *found, expected = (tf.nest.flatten(result) for result in results)
    for result in found:
        for a, b in zip(result, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@every_kind
def test_statistics_are_in_float32_under_mixed_precision(kind, dtype):
    """Squares of 300 are beyond float16, and 300.5 is beyond the digits of bfloat16."""
    layer = make(kind, dtype=f"mixed_{dtype}")
    x = tf.cast(300 + 4 * X, dtype)
    found = normalized(layer, x)
    assert found.dtype == dtype
    expected = normalized(make(kind, dtype="float32"), tf.cast(x, tf.float32))
    np.testing.assert_allclose(tf.cast(found, tf.float32), expected, rtol=2e-2, atol=2e-2)


def test_are_saved_exported_and_read_with_open_sizes(tmp_path):
    inputs = keras.Input((None, None, 4))
    x = layers.GroupNormalization(groups=2)(layers.BatchNormalization()(inputs))
    network = keras.Model(inputs, layers.LayerNormalization()(x))
    images = X.astype("float32")
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded(images), network(images))
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in network.layers]
    network.export(tmp_path / "network", verbose=False)
    exported = tf.saved_model.load(tmp_path / "network")
    np.testing.assert_allclose(exported.serve(images[:3]), network(images[:3]), atol=1e-5)


def test_under_a_mask_the_numbers_are_those_of_keras():
    mask = np.arange(30).reshape(6, 5) % 3 > 0
    x = tf.constant(X[:, :, 0])
    for module in (layers, keras.layers):
        layer = module.BatchNormalization(dtype="float64")
        masked = layer(x, training=True, mask=mask)
        if module is layers:
            first = masked
    np.testing.assert_allclose(first, masked)


@every_kind
def test_the_gradient_of_a_penalty_in_float32_is_that_in_float64(kind):
    kernel = np.random.default_rng(2).normal(size=[4, 4])
    gradients = []
    for dtype in ("float32", "float64"):
        layer, kernel = make(kind, dtype=dtype), tf.cast(kernel, dtype)
        variables = [kernel, *(variable.value for variable in layer.trainable_variables)]
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            loss = penalty(layer, kernel, tf.constant(X, dtype))
        gradients.append(tape.gradient(loss, variables))
    for found, expected in zip(*gradients, strict=True):
        largest = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * largest)


@pytest.mark.parametrize("kind", ["layer", "layer of all channels", "groups", "instance"])
def test_the_third_derivative_is_that_of_tensorflow(kind):
    """Without the formulas of the first and second one, as in exported graphs."""

    results = []
    for context in (contextlib.nullcontext(), without_custom_gradients()):
        layer, x = make(kind), tf.constant(X)
        with context, tf.GradientTape() as outermost:
            outermost.watch(x)
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    total = tf.reduce_sum(tf.sin(2.0 * normalized(layer, x)) * x)
                slope = tf.reduce_sum(inner.gradient(total, x) ** 2)
            curvature = tf.reduce_sum(tf.sin(outer.gradient(slope, x)))
        results.append(outermost.gradient(curvature, x))
    np.testing.assert_allclose(*results, rtol=1e-8, atol=1e-8 * np.abs(results[1]).max())
