"""What spectral normalisation is, with the singular value decomposition as the oracle."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from spectral_cases import CASES, inputs, kernels, top_singular_values

from tfgan_losses.layers import SpectralNormalization


@pytest.fixture(params=CASES)
def case(request):
    return request.param


def _wrapped(case, **arguments):
    keras.utils.set_random_seed(0)
    return SpectralNormalization(CASES[case][0](), **arguments)


def _by_hand(layer, case):
    """A plain layer with each kernel divided by its singular value from the SVD."""
    plain = CASES[case][0]()
    plain.build((None, *CASES[case][1]))
    plain.set_weights(layer.layer.get_weights())
    sigmas = top_singular_values(layer.layer, case)
    for variable, sigma in zip(kernels(plain, case).values(), sigmas, strict=True):
        variable.assign(variable / sigma)
    return plain


def _move(layer, case, size=0.5):
    """Pretend an optimiser step."""
    rng = np.random.default_rng(1)
    for variable in kernels(layer.layer, case).values():
        variable.assign_add(size * rng.standard_normal(variable.shape))


def test_exact_at_the_first_call(case):
    layer, batch = _wrapped(case), inputs(case)
    outputs = layer(batch)
    np.testing.assert_allclose(outputs, _by_hand(layer, case)(batch), rtol=1e-3, atol=1e-4)
    assert top_singular_values(_by_hand(layer, case), case) == pytest.approx(
        [1.0] * len(CASES[case][2])
    )


def test_off_after_a_step_and_exact_again_after_training_calls(case):
    layer, batch = _wrapped(case), inputs(case)
    layer(batch)
    _move(layer, case)
    exact = _by_hand(layer, case)(batch)
    assert not np.allclose(layer(batch), exact, rtol=1e-3)
    step = tf.function(lambda: layer(batch, training=True))
    for _ in range(200):
        step()
    np.testing.assert_allclose(layer(batch), exact, rtol=1e-3, atol=1e-4)


def test_converge_is_exact_at_once(case):
    layer, batch = _wrapped(case), inputs(case)
    layer(batch)
    _move(layer, case)
    layer.converge()
    np.testing.assert_allclose(layer(batch), _by_hand(layer, case)(batch), rtol=1e-3, atol=1e-4)


def test_calls_move_the_vectors_in_training_only_and_never_the_weights(case):
    layer, batch = _wrapped(case), inputs(case)
    layer(batch)
    _move(layer, case)
    weights = [w.numpy() for w in layer.layer.weights]
    vectors = [v.numpy() for v in layer.left_vectors + layer.right_vectors]
    layer(batch)
    layer(batch, training=False)
    for before, after in zip(vectors, layer.left_vectors + layer.right_vectors, strict=True):
        np.testing.assert_array_equal(before, after.numpy())
    layer(batch, training=True)
    assert not np.allclose(layer.left_vectors[0], vectors[0])
    for before, after in zip(weights, layer.layer.weights, strict=True):
        np.testing.assert_array_equal(before, after.numpy())


def test_an_average_is_followed_at_once(case):
    layer, batch = _wrapped(case), inputs(case)
    layer(batch)
    states = layer.not_averaged
    assert {id(v) for v in states} == {id(v) for v in layer.non_trainable_weights}
    _move(layer, case)
    weights = [w.numpy() for w in layer.layer.weights]
    layer.follow_average()
    np.testing.assert_allclose(layer(batch), _by_hand(layer, case)(batch), rtol=1e-3, atol=1e-4)
    for before, after in zip(weights, layer.layer.weights, strict=True):
        np.testing.assert_array_equal(before, after.numpy())


@pytest.mark.parametrize("training", [False, True])
def test_the_gradient_is_orthogonal_to_the_weights(case, training):
    layer, batch = _wrapped(case), inputs(case)
    layer(batch)
    variables = list(kernels(layer.layer, case).values())
    with tf.GradientTape() as tape:
        outputs = layer(batch, training=training)
        loss = tf.reduce_sum(tf.sin(3 * outputs))
    for variable, gradient in zip(
        variables, tape.gradient(loss, [v.value for v in variables]), strict=True
    ):
        gradient = tf.convert_to_tensor(gradient)
        scale = np.linalg.norm(gradient) * np.linalg.norm(variable)
        assert scale > 0
        assert abs(np.vdot(gradient, variable)) < 1e-4 * scale


def test_output_and_weights_are_those_of_the_layer(case):
    layer = _wrapped(case)
    dtype = "int32" if case == "Embedding" else "float32"
    symbolic = layer(keras.Input(CASES[case][1], dtype=dtype))
    actual = layer(inputs(case))
    assert symbolic.dtype == actual.dtype
    for inferred, size in zip(symbolic.shape, actual.shape, strict=True):
        assert inferred in (None, size)
    assert layer.trainable_weights == layer.layer.trainable_weights
    count = len(CASES[case][2])
    assert len(layer.non_trainable_weights) == 2 * count
    assert all(w.dtype == "float32" for w in layer.non_trainable_weights)


def test_saving_restores_weights_and_vectors(case, tmp_path):
    batch = inputs(case)
    layer = _wrapped(case, power_iterations=2, epsilon=1e-8)
    model = keras.Sequential([keras.Input(CASES[case][1], dtype=batch.dtype.name), layer])
    _move(layer, case)
    model(batch, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.layers[0].power_iterations, loaded.layers[0].epsilon) == (2, 1e-8)
    for before, after in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(before.numpy(), after.numpy())
    np.testing.assert_array_equal(model(batch), loaded(batch))


def test_a_checkpoint_of_tensorflow_restores_weights_and_vectors(case, tmp_path):
    layer, other = _wrapped(case), _wrapped(case)
    for one in (layer, other):
        one(inputs(case))
    _move(layer, case)
    layer.converge()
    path = tf.train.Checkpoint(model=layer).save(tmp_path / "checkpoint")
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    for before, after in zip(layer.weights, other.weights, strict=True):
        np.testing.assert_array_equal(before.numpy(), after.numpy())


@pytest.mark.parametrize("steps", [1, 3])
def test_twenty_steps_of_sgd_agree_with_numpy(steps):
    # torch.nn.utils.spectral_norm written down: v = W^T u, u = W v, both of unit length; sigma =
    # u^T W v; dL/dW = (G - <G, W / sigma> u v^T) / sigma for a gradient G at W / sigma.
    rng = np.random.default_rng(0)
    batch, target = rng.standard_normal((8, 4)), rng.standard_normal((8, 3))
    layer = SpectralNormalization(keras.layers.Dense(3, use_bias=False), power_iterations=steps)
    layer.build((None, 4))
    w = layer.layer.kernel.numpy().astype("float64").T
    u = layer.left_vectors[0].numpy().astype("float64")
    optimizer = keras.optimizers.SGD(0.5)
    for _ in range(20):
        for _ in range(steps):
            v = w.T @ u / np.linalg.norm(w.T @ u)
            u = w @ v / np.linalg.norm(w @ v)
        sigma = u @ w @ v
        error = batch @ w.T / sigma - target
        at_normalized = 2 * error.T @ batch / error.size
        w -= 0.5 * (at_normalized - np.sum(at_normalized * w / sigma) * np.outer(u, v)) / sigma
        with tf.GradientTape() as tape:
            outputs = layer(batch.astype("float32"), training=True)
            loss = tf.reduce_mean(tf.square(outputs - target.astype("float32")))
        variables = layer.trainable_variables
        optimizer.apply(tape.gradient(loss, [x.value for x in variables]), variables)
    np.testing.assert_allclose(layer.layer.kernel.numpy().T, w, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.left_vectors[0].numpy(), u, atol=1e-5)


def test_a_kernel_of_zeros_is_used_as_it_is_and_recovers():
    layer = SpectralNormalization(keras.layers.Dense(3, kernel_initializer="zeros"))
    batch = np.ones((2, 4), "float32")
    with tf.GradientTape() as tape:
        outputs = layer(batch, training=True)
        loss = tf.reduce_sum(outputs)
    np.testing.assert_array_equal(outputs, np.zeros((2, 3)))
    gradient = np.asarray(tape.gradient(loss, layer.layer.kernel.value))
    assert np.isfinite(gradient).all()
    assert gradient.any()
    kernel = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    layer.layer.kernel.assign(kernel)
    for _ in range(100):
        outputs = layer(batch, training=True)
    np.testing.assert_allclose(outputs, batch @ kernel / np.linalg.norm(kernel, 2), rtol=1e-3)
