import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import ReconstructionError


def _pair(shape=(3, 4, 4, 2)):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype("float32") for _ in range(2)]


@pytest.mark.parametrize("shape", [(3, 5), (3, 4, 4, 2)])
@pytest.mark.parametrize("error", ["absolute", "squared"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_values(modes, shape, error, reduction):
    example, reconstruction = _pair(shape)
    difference = (example - reconstruction).reshape(3, -1)
    errors = np.abs(difference) if error == "absolute" else difference**2
    expected = getattr(errors, reduction)(-1, keepdims=True)
    layer = ReconstructionError(error=error, reduction=reduction)
    for mode in modes.names[:2]:
        result = modes.run(mode, layer, [tf.constant(example), tf.constant(reconstruction)])
        np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_gradients_reach_the_example_and_the_reconstruction():
    pair = [tf.constant(tensor) for tensor in _pair()]
    with tf.GradientTape() as tape:
        tape.watch(pair)
        errors = ReconstructionError(reduction="sum")(pair)
    to_example, to_reconstruction = tape.gradient(errors, pair)
    np.testing.assert_array_equal(to_example, np.sign(pair[0] - pair[1]))
    np.testing.assert_array_equal(to_reconstruction, -np.asarray(to_example))


def test_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    # 1e6 is beyond half precision, and so is a difference of 1e-3 at 1.
    example = np.array([[1e6, 1.001]], "float32")
    errors = ReconstructionError(reduction="sum")([example, np.array([[0, 1]], "float32")])
    assert errors.dtype == tf.float32
    assert float(errors[0, 0]) == pytest.approx(1e6)


def test_symbolic_shape_and_config():
    layer = ReconstructionError(error="squared", reduction="sum", name="error")
    assert layer([keras.Input((4, 4, 2)), keras.Input((4, 4, 2))]).shape == (None, 1)
    copy = ReconstructionError.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert (copy.error, copy.reduction, copy.name) == ("squared", "sum", "error")


@pytest.mark.parametrize("arguments", [{"error": "huber"}, {"reduction": "max"}])
def test_wrong_arguments_are_named(arguments):
    ((name, value),) = arguments.items()
    with pytest.raises(ValueError, match=rf"Expected {name} in \[.*Received: {name}='{value}'"):
        ReconstructionError(**arguments)
