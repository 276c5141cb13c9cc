"""Self-attention against a loop over positions: values, first and second derivatives."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import SelfAttention, SpectralNormalization

KERNELS = ("theta", "phi", "g", "o")


def features(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype("float32")


def built(shape, *, gamma=0.7, **arguments):
    """A layer that attends: with gamma = 0 its kernels would not matter."""
    layer = SelfAttention(**arguments)
    layer.build((None, *shape[1:]))
    layer.gamma.assign(gamma)
    return layer


def kernels_of(layer):
    """Name -> matrix [in, out], as each convolution uses it."""
    found = {}
    for name in KERNELS:
        convolution = getattr(layer, name)
        if isinstance(convolution, SpectralNormalization):
            kernel = np.squeeze(convolution.layer.kernel.numpy(), axis=(0, 1))
            found[name] = kernel / np.linalg.norm(kernel, 2)
        else:
            found[name] = np.squeeze(convolution.kernel.numpy(), axis=(0, 1))
    return found


def pooled(x):
    """Largest values of 2x2 positions, of those of them that there are, [positions, channels]."""
    height, width, _ = x.shape
    return np.stack(
        [
            x[row : row + 2, column : column + 2].max(axis=(0, 1))
            for row in range(0, height, 2)
            for column in range(0, width, 2)
        ]
    )


def expected(x, kernels, gamma):
    """One example and one position after the other."""
    y = np.array(x, "float64")
    for example, own in zip(y, x.astype("float64"), strict=True):
        keys, values = pooled(own @ kernels["phi"]), pooled(own @ kernels["g"])
        for row in range(own.shape[0]):
            for column in range(own.shape[1]):
                scores = [own[row, column] @ kernels["theta"] @ key for key in keys]
                weights = np.exp(scores - np.max(scores))
                found = sum(w * v for w, v in zip(weights / weights.sum(), values, strict=True))
                example[row, column] += gamma * (found @ kernels["o"])
    return y


# Even and odd sides, rectangles, one row, fewer than 8 channels and fewer than 2.
SHAPES = [(2, 4, 4, 16), (2, 6, 4, 8), (3, 5, 3, 9), (1, 1, 4, 3), (2, 2, 3, 1)]


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values(shape, spectral):
    layer, x = built(shape, spectral=spectral), 2 * features(*shape)
    np.testing.assert_allclose(layer(x), expected(x, kernels_of(layer), 0.7), rtol=1e-4, atol=1e-5)


def test_starts_as_the_identity_and_gamma_moves_first():
    layer, x = SelfAttention(), tf.constant(features(2, 4, 4, 8))
    with tf.GradientTape() as tape:
        y = layer(x)
        total = tf.reduce_sum(tf.sin(y))
    np.testing.assert_array_equal(y, x)
    gradients = tape.gradient(total, [variable.value for variable in variables_of(layer).values()])
    moved = {name: np.any(g) for name, g in zip(variables_of(layer), gradients, strict=True)}
    assert moved == {"gamma": True} | dict.fromkeys(KERNELS, False)
    assert layer.gamma.shape == ()


def test_widths_are_an_eighth_and_a_half_without_biases():
    layer = built((1, 4, 4, 32))
    shapes = {name: getattr(layer, name).kernel.shape[2:] for name in KERNELS}
    assert shapes == {"theta": (32, 4), "phi": (32, 4), "g": (32, 16), "o": (16, 32)}
    assert layer.count_params() == 32 * 4 + 32 * 4 + 32 * 16 + 16 * 32 + 1
    assert not np.array_equal(layer.theta.kernel, layer.phi.kernel)


def variables_of(layer):
    kernels = {name: getattr(layer, name) for name in KERNELS}
    found = {name: getattr(each, "layer", each).kernel for name, each in kernels.items()}
    return {"gamma": layer.gamma} | found


def derivatives(layer, x, direction):
    """d/d(x, variables) of f, a sum over outputs, and of <df/dx, direction>."""
    sources = [x, *(variable.value for variable in variables_of(layer).values())]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(sources)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(sources)
            value = tf.reduce_sum(tf.sin(layer(x)))
        slopes = inner.gradient(value, x)
        along = tf.reduce_sum(slopes * direction)
    return inner.gradient(value, sources), outer.gradient(along, sources)


def test_first_and_second_derivatives():
    """Against central differences, with respect to the features and to every variable."""
    shape = (2, 5, 4, 8)
    layer = built(shape, dtype="float64")
    x, direction = (tf.constant(part, tf.float64) for part in features(2, *shape))
    first, second = derivatives(layer, x, direction)
    kernels = kernels_of(layer)

    def f(x, kernels, gamma):
        return np.sum(np.sin(expected(x, kernels, gamma)))

    step, x, direction = 1e-6, x.numpy(), direction.numpy()
    along = f(x + step * direction, kernels, 0.7) - f(x - step * direction, kernels, 0.7)
    assert np.sum(first[0] * direction) == pytest.approx(along / (2 * step), rel=1e-6)
    for name, gradient in zip(variables_of(layer), first[1:], strict=True):
        towards = np.random.default_rng(3).standard_normal(gradient.shape[2:])
        values = []
        for sign in (1, -1):
            moved, gamma = dict(kernels), 0.7
            if name == "gamma":
                gamma += sign * step * towards
            else:
                moved[name] = moved[name] + sign * step * towards
            values.append(f(x, moved, gamma))
        slope = np.sum(np.reshape(gradient, towards.shape) * towards)
        assert slope == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-6), name
    # The derivative of <df/dx, direction> is that of df along the direction.
    ahead, behind = (
        derivatives(layer, tf.constant(x + s * direction), direction)[0] for s in (step, -step)
    )
    for found, plus, minus in zip(second, ahead, behind, strict=True):
        difference = (np.asarray(plus) - np.asarray(minus)) / (2 * step)
        np.testing.assert_allclose(found, difference, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", ["graph", pytest.param("jit", marks=pytest.mark.slow)])
@pytest.mark.parametrize("spectral", [False, True])
def test_graph_and_xla_have_the_same_derivatives(modes, mode, spectral):
    shape = (2, 5, 4, 8)
    layer = built(shape, spectral=spectral)
    x, direction = tf.unstack(tf.constant(features(2, *shape)))

    def run(x, direction):
        return layer(x), derivatives(layer, x, direction)

    found, eager = modes.run(mode, run, x, direction), run(x, direction)
    for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(eager), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_a_graph_for_any_size():
    layer = built((1, 4, 4, 8))
    run = tf.function(layer, input_signature=[tf.TensorSpec([None, None, None, 8])])
    for shape in ((2, 4, 4, 8), (3, 3, 5, 8)):
        np.testing.assert_allclose(run(features(*shape)), layer(features(*shape)), rtol=1e-5)
    model = keras.Sequential([keras.Input((None, None, 8)), SelfAttention()])
    assert model.output_shape == (None, None, None, 8)


@pytest.mark.parametrize(
    ("policy", "tolerance"), [("mixed_float16", 3e-3), ("mixed_bfloat16", 3e-2)]
)
def test_the_softmax_is_float32_under_mixed_precision(policy, tolerance):
    shape = (2, 4, 4, 16)
    x, full = features(*shape), built(shape)
    mixed = built(shape, dtype=policy)
    mixed.set_weights(full.get_weights())
    found = mixed(x)
    assert found.dtype == policy.removeprefix("mixed_")
    assert all(variable.dtype == "float32" for variable in mixed.variables)
    np.testing.assert_allclose(tf.cast(found, tf.float32), full(x), atol=tolerance)
    # Products of queries and keys beyond half precision: infinity minus infinity is NaN.
    mixed.theta.kernel.assign(300 * full.theta.kernel)
    mixed.phi.kernel.assign(300 * full.phi.kernel)
    assert np.isfinite(tf.cast(mixed(x), tf.float32)).all()


def test_vectors_of_spectral_kernels_move_in_training_only():
    layer, x = built((2, 4, 4, 8), spectral=True), features(2, 4, 4, 8)
    for name in KERNELS:
        convolution = getattr(layer, name)
        convolution.layer.kernel.assign(features(*convolution.layer.kernel.shape))
    vectors = [v for name in KERNELS for v in getattr(layer, name).left_vectors]
    before = [vector.numpy() for vector in vectors]
    layer(x)
    assert all(np.array_equal(*pair) for pair in zip(before, vectors, strict=True))
    layer(x, training=True)
    # A kernel to or from one channel has one vector, of one number.
    moved = [not np.array_equal(*pair) for pair in zip(before, vectors, strict=True)]
    assert moved == [vector.shape != (1,) for vector in vectors]
    # Also inside a model, which hands the word on.
    model = keras.Sequential([keras.Input((4, 4, 8)), layer])
    before = layer.o.left_vectors[0].numpy()
    model(x, training=True)
    assert not np.array_equal(before, layer.o.left_vectors[0])


@pytest.mark.parametrize("spectral", [False, True])
def test_saving(spectral, tmp_path):
    shape = (2, 4, 6, 8)
    layer = built(shape, spectral=spectral, kernel_initializer="orthogonal", name="attention")
    model, x = keras.Sequential([keras.Input(shape[1:]), layer]), features(*shape)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.layers[0].get_config() == layer.get_config()
    model.export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    served = saved.serve(x)
    np.testing.assert_allclose(served, model(x), rtol=1e-6, atol=1e-6)


def test_what_is_no_feature_map_is_refused():
    with pytest.raises(ValueError, match=r"Expected a feature map.*Received: input_shape=\(3, 8\)"):
        SelfAttention()(features(3, 8))
