"""Modulated convolutions beside one convolution for each example."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import ModulatedConv2D

BATCH, SIZE, CHANNELS, STYLE, FILTERS = 3, (5, 4), 3, 6, 4


def inputs(seed=0):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((BATCH, *SIZE, CHANNELS)).astype("float32")
    return [tf.constant(features), tf.constant(rng.standard_normal((BATCH, STYLE)), tf.float32)]


def build(**arguments):
    size = arguments.pop("kernel_size", 3)
    layer = ModulatedConv2D(FILTERS, size, gain=1.5, **arguments)
    layer.build([(None, *SIZE, CHANNELS), (None, STYLE)])
    rng = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(weight + 0.3 * rng.standard_normal(weight.shape))
    return layer


def convolved(features, kernel):
    """Correlation with zeros around, in loops."""
    height, width, _ = features.shape
    reach = kernel.shape[0] // 2
    padded = np.pad(features, [(reach, reach), (reach, reach), (0, 0)])
    return np.array(
        [
            [
                np.einsum(
                    "ijc,ijcf->f", padded[y : y + 2 * reach + 1, x : x + 2 * reach + 1], kernel
                )
                for x in range(width)
            ]
            for y in range(height)
        ]
    )


def doubled(features, kernel):
    """Zeros between the pixels, the kernel, and [1, 3, 3, 1] along both sides, in loops."""
    height, width, _ = features.shape
    # The transposed convolution adds a kernel at each pixel.
    spread = np.zeros((2 * height + 3, 2 * width + 3, kernel.shape[-1]))
    for y in range(height):
        for x in range(width):
            patch = np.einsum("c,ijcf->ijf", features[y, x], kernel)
            spread[1 + 2 * y : 4 + 2 * y, 1 + 2 * x : 4 + 2 * x] += patch
    line = np.array([1, 3, 3, 1]) / 4
    result = np.zeros((2 * height, 2 * width, kernel.shape[-1]))
    for y in range(2 * height):
        for x in range(2 * width):
            result[y, x] = np.einsum("i,j,ijf->f", line, line, spread[y : y + 4, x : x + 4])
    return result


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize(("kernel_size", "up"), [(3, False), (1, False), (3, True)])
def test_is_one_convolution_for_each_example(demodulate, kernel_size, up):
    layer = build(demodulate=demodulate, kernel_size=kernel_size, up=up)
    kernel, bias, style_kernel, style_bias = (w.numpy().astype("float64") for w in layer.weights)
    features, styles = (x.numpy().astype("float64") for x in inputs())
    expected = []
    for one, style in zip(features, styles, strict=True):
        scales = style @ style_kernel / STYLE**0.5 + style_bias
        # Equations 1 and 3 of the paper, of a kernel with an equalised learning rate.
        own = scales[:, None] * kernel / (kernel_size**2 * CHANNELS) ** 0.5
        if demodulate:
            own = own / np.sqrt(np.sum(own**2, axis=(0, 1, 2)) + 1e-8)
        expected.append(1.5 * ((doubled if up else convolved)(one, own) + bias))
    result = layer(inputs())
    assert result.shape == layer.compute_output_shape([(BATCH, *SIZE, CHANNELS), (BATCH, STYLE)])
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def one_by_one(layer, features, styles):
    """The same in TensorFlow, with a kernel for each example, for its gradients."""
    kernel, bias, style_kernel, style_bias = layer.weights
    scales = tf.matmul(styles, style_kernel) / STYLE**0.5 + style_bias
    results = []
    for i in range(BATCH):
        own = scales[i][:, None] * tf.convert_to_tensor(kernel) / (9 * CHANNELS) ** 0.5
        own *= tf.math.rsqrt(tf.reduce_sum(tf.square(own), [0, 1, 2]) + 1e-8)
        results.append(tf.nn.conv2d(features[i : i + 1], own, 1, "SAME"))
    return 1.5 * (tf.concat(results, 0) + bias)


def derivatives(layer, call):
    """First ones, and those of the length of a path, to features, styles and all weights."""
    features, styles = inputs()
    weights = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([features, styles])
        with tf.GradientTape() as inner:
            inner.watch(styles)
            values = tf.reduce_sum(tf.sin(call(features, styles)))
        slopes = inner.gradient(values, styles)
        length = tf.reduce_sum(tf.sqrt(tf.reduce_sum(tf.square(slopes), 1)))
    at = [features, styles, *weights]
    zero = tf.UnconnectedGradients.ZERO
    return [g for y in (values, length) for g in outer.gradient(y, at, unconnected_gradients=zero)]


@pytest.mark.parametrize("mode", ["eager", "graph", pytest.param("jit", marks=pytest.mark.slow)])
def test_first_and_second_derivatives(mode, modes):
    layer = build()
    expected = derivatives(layer, lambda x, s: one_by_one(layer, x, s))
    assert sum(bool(np.any(np.asarray(g))) for g in expected) == 12
    found = modes.run(mode, lambda: derivatives(layer, lambda x, s: layer([x, s])))
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, two, rtol=2e-3, atol=2e-4)


def test_outputs_have_unit_variance_whatever_the_styles():
    keras.utils.set_random_seed(2)
    layer = ModulatedConv2D(32, 3)
    rng = np.random.default_rng(0)
    features = rng.standard_normal((8, 16, 16, 32)).astype("float32")
    for size in (1e-3, 1.0, 1e3):
        styles = size * rng.standard_normal((8, 16)).astype("float32")
        inside = np.asarray(layer([features, styles]))[:, 1:-1, 1:-1]
        assert inside.std() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_does_not_overflow(policy):
    """Scales of 1e5 are beyond float16, and are taken away again by demodulation."""
    layers = [build(), ModulatedConv2D(FILTERS, 3, gain=1.5, dtype=policy)]
    layers[1].build([(None, *SIZE, CHANNELS), (None, STYLE)])
    layers[1].set_weights(layers[0].get_weights())
    features, styles = inputs()
    full, half = (layer([features, 1e5 * styles]) for layer in layers)
    assert half.dtype == policy.removeprefix("mixed_")
    assert all(weight.dtype == "float32" for weight in layers[1].weights)
    tolerance = 0.01 if policy == "mixed_float16" else 0.08
    np.testing.assert_allclose(tf.cast(half, tf.float32), full, atol=tolerance)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"Expected kernel_size to be odd.*kernel_size=1, up=True"):
        ModulatedConv2D(4, 1, up=True)
    with pytest.raises(ValueError, match=r"Expected features .* and a style.*Received"):
        ModulatedConv2D(4, 3).build([(None, 4, 4, 2), (None, 4, 4)])
