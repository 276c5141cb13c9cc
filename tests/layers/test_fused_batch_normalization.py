"""The fused operation beside Keras' layer: numbers, both derivatives and the moving statistics."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import BatchNormalization

SHAPES = {"images": [5, 3, 7, 6], "vectors": [7, 3], "one image": [1, 4, 4, 3], "one value": [1, 3]}
MOVING = ([0.3, -0.2, 1.1, 0.5, 0.0, -1.0], [0.5, 2.0, 1.5, 1.0, 0.7, 0.3])


def make(cls, shape, dtype="float32", **options):
    layer = cls(epsilon=1e-3, momentum=0.8, dtype=dtype, **options)
    layer.build(shape)
    rng = np.random.default_rng(0)
    for variable in layer.trainable_variables:
        variable.assign(rng.uniform(0.5, 1.5, size=variable.shape))
    for variable, values in zip(layer.non_trainable_variables, MOVING, strict=True):
        variable.assign(values[: shape[-1]])
    return layer


def data(shape, dtype="float32"):
    return tf.constant(np.random.default_rng(1).normal(0.5, 2.0, size=shape), dtype)


def derivatives(layer, x, training):
    """Outputs, a first gradient, and the gradients of its square, in the dtype of x."""
    weights = tf.constant(np.random.default_rng(2).normal(size=x.shape), x.dtype)
    variables = [variable.value for variable in layer.trainable_variables]
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = layer(x, training=training)
            total = tf.reduce_sum(weights * tf.sin(y))
        slopes = inner.gradient(total, [x, *variables])
        penalty = sum(tf.reduce_sum(slope**2) for slope in slopes)
    return [y, *slopes, *outer.gradient(penalty, [x, *variables])]


def differ(found, expected):
    return [
        np.abs(np.asarray(a, "float64") - np.asarray(b, "float64")).max()
        / max(1.0, np.abs(np.asarray(b, "float64")).max())
        for a, b in zip(found, expected, strict=True)
    ]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", SHAPES)
def test_both_derivatives_are_those_in_float64(kind, training, modes):
    """There the layer is composed of operations that test_normalization_layers.py checks."""
    shape = SHAPES[kind]
    x = data(shape)
    expected = derivatives(
        make(BatchNormalization, shape, "float64"), tf.cast(x, "float64"), training
    )
    for mode in modes.names:
        layer = make(BatchNormalization, shape)
        found = modes.run(mode, lambda x, layer=layer: derivatives(layer, x, training), x)
        # Of a single value all is 0 times 1 / sqrt(epsilon)^3, which magnifies roundings.
        assert max(differ(found, expected)) < 1e-4 if kind != "one value" else 1e-2, mode


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}], ids=repr)
def test_values_and_moving_statistics_are_those_of_keras(kind, options, modes):
    """Which divides a variance by the number of values, not by one less."""
    x = data(SHAPES[kind])
    for mode in modes.names:
        results = []
        for cls in (BatchNormalization, keras.layers.BatchNormalization):
            layer = make(cls, x.shape, **options)
            run = mode if cls is BatchNormalization else "eager"
            y = modes.run(run, lambda x, layer=layer: layer(x, training=True), x)
            results.append([y, *layer.non_trainable_variables, layer(x)])
        for found, expected in zip(*results, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    moved = np.abs(np.asarray(layer.moving_variance) - MOVING[1][: x.shape[-1]])
    assert moved.min() > 0.01, "the test could hardly fail"


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16", "bfloat16", "float64"])
def test_other_types(dtype, training):
    half = dtype.removeprefix("mixed_")
    x = data(SHAPES["images"], half)
    results = []
    for cls in (BatchNormalization, keras.layers.BatchNormalization):
        layer = make(cls, x.shape, dtype)
        y = layer(x, training=training)
        assert y.dtype == half
        results.append([tf.cast(value, "float64") for value in (y, *layer.variables)])
    unit = float(tf.cast(2.0 ** {"float16": -10, "bfloat16": -7, "float64": -52}[half], "float64"))
    for found, expected in zip(*results, strict=True):
        # A unit in the last place of numbers up to 8, which may be rounded either way.
        np.testing.assert_allclose(found, expected, rtol=0, atol=8 * unit)


def test_a_layer_that_is_not_trained_stays():
    layer = make(BatchNormalization, SHAPES["images"])
    layer.trainable = False
    x = data(SHAPES["images"])
    np.testing.assert_allclose(layer(x, training=True), layer(x), rtol=1e-6)
    np.testing.assert_allclose(layer.moving_mean, np.float32(MOVING[0]))


def test_is_one_operation():
    layer = make(BatchNormalization, [None, 8, 8, 4])

    @tf.function
    def run(x):
        return layer(x, training=True)

    graph = run.get_concrete_function(tf.TensorSpec([None, 8, 8, 4])).graph
    types = [operation.type for operation in graph.get_operations()]
    assert types.count("FusedBatchNormV3") == 1
    assert not {"Mean", "SquaredDifference", "Rsqrt"} & set(types)
