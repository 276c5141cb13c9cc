import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import BatchNormalization, ConditionalBatchNormalization

CLASSES, CHANNELS = 3, 4


def _inputs(shape=(6, 5, 5, CHANNELS)):
    rng = np.random.default_rng(0)
    features = (2 + 3 * rng.standard_normal(shape)).astype("float32")
    return features, np.eye(CLASSES, dtype="float32")[[0, 1, 2, 0, 1, 0]]


def _layer(**arguments):
    """A layer whose scales and shifts are no longer those of the start."""
    layer = ConditionalBatchNormalization(**arguments)
    layer.build([(None, 5, 5, CHANNELS), (None, CLASSES)])
    rng = np.random.default_rng(1)
    layer.gamma_kernel.assign(rng.standard_normal((CLASSES, CHANNELS)))
    layer.beta_kernel.assign(rng.standard_normal((CLASSES, CHANNELS)))
    return layer


def _expected(layer, features, condition, mean, variance):
    """One scale and one shift per class and channel, written with a loop over the examples."""
    normalized = (features - mean) / np.sqrt(variance + 1e-5)
    gamma, beta = 1 + layer.gamma_kernel.numpy(), layer.beta_kernel.numpy()
    rows = [
        gamma[label] * example + beta[label]
        for example, label in zip(normalized, condition.argmax(-1), strict=True)
    ]
    return np.stack(rows)


def test_values_in_training_and_inference(modes):
    features, condition = _inputs()
    mean, variance = features.mean((0, 1, 2)), features.var((0, 1, 2))
    for mode in modes.names:
        layer = _layer()
        trained = modes.run(
            mode,
            lambda x, y, layer=layer: layer([x, y], training=True),
            tf.constant(features),
            tf.constant(condition),
        )
        expected = _expected(layer, features, condition, mean, variance)
        np.testing.assert_allclose(trained, expected, rtol=1e-4, atol=1e-4)
        # One step of the moving statistics from mean 0 and variance 1, with momentum 0.9.
        expected = _expected(layer, features, condition, 0.1 * mean, 0.9 + 0.1 * variance)
        np.testing.assert_allclose(layer([features, condition]), expected, rtol=1e-4, atol=1e-4)


def test_starts_as_a_batch_normalization_without_scale_and_shift():
    features, condition = _inputs()
    plain = keras.layers.BatchNormalization(epsilon=1e-5, scale=False, center=False)
    result = ConditionalBatchNormalization()([features, condition], training=True)
    np.testing.assert_allclose(result, plain(features, training=True), rtol=1e-5, atol=1e-6)


def test_vectors():
    features, condition = _inputs((6, CHANNELS))
    layer = ConditionalBatchNormalization()
    layer([features, condition])
    layer.beta_kernel.assign(np.arange(12.0).reshape(3, 4))
    result = np.asarray(layer([features, condition], training=True))
    expected = _expected(layer, features, condition, features.mean(0), features.var(0))
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_each_class_has_a_gradient_from_its_own_examples_alone():
    features, condition = _inputs()
    layer = _layer()
    with tf.GradientTape() as tape:
        outputs = layer([features[:1], condition[:1]], training=False)
        loss = tf.reduce_sum(tf.square(outputs))
    for gradient in tape.gradient(loss, [layer.gamma_kernel.value, layer.beta_kernel.value]):
        assert np.all(np.asarray(gradient)[0] != 0)
        np.testing.assert_array_equal(np.asarray(gradient)[1:], 0)


def test_the_batch_normalization_inside_can_be_found():
    found = [type(layer) for layer in _layer()._flatten_layers()]
    assert BatchNormalization in found


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    features, condition = _inputs()
    expected = _layer()([features, condition], training=True)
    keras.config.set_dtype_policy(policy)
    layer = _layer()
    outputs = layer([features, condition], training=True)
    assert outputs.dtype == policy.removeprefix("mixed_")
    assert all(weight.dtype == "float32" for weight in layer.weights)
    np.testing.assert_allclose(tf.cast(outputs, "float32"), expected, atol=0.1)


def test_saving(tmp_path):
    features, condition = _inputs()
    inputs = [keras.Input((5, 5, CHANNELS)), keras.Input((CLASSES,))]
    layer = _layer(momentum=0.7, epsilon=1e-3, name="norm")
    model = keras.Model(inputs, layer(inputs))
    model([features, condition], training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded([features, condition]), model([features, condition]))
    assert loaded.get_layer("norm").get_config() == layer.get_config()
    assert layer.get_config()["momentum"] == 0.7


def test_synchronized_is_passed_on():
    assert ConditionalBatchNormalization(synchronized=True).normalization.synchronized


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda features, condition: features, r"\[features, condition\]. Received: "),
        (lambda features, condition: [features, features], "condition .* Received: "),
    ],
)
def test_wrong_inputs_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        ConditionalBatchNormalization()(make(*_inputs()))
