"""Spectral normalisation with the rest of Keras: graphs, precision, penalties, export, errors."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.layers import SpectralNormalization

L = keras.layers


def _model(**arguments):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            SpectralNormalization(L.Conv2D(4, 3, strides=2, **arguments)),
            L.LeakyReLU(0.2),
            L.Flatten(),
            SpectralNormalization(L.Dense(1, **arguments)),
        ]
    )


def _batch(size=4):
    return np.random.default_rng(0).standard_normal((size, 6, 6, 2)).astype("float32")


def _penalized_step(model, images, learning_rate=0.1):
    """One SGD step on a gradient penalty: a gradient of a gradient through the layers."""
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(images)
            logits = model(images, training=True)
        gradient = inner.gradient(logits, images)
        norm = tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3]) + 1e-12)
        loss = tf.reduce_mean(tf.square(norm - 1)) + tf.reduce_mean(logits)
    values = [variable.value for variable in model.trainable_variables]
    gradients = outer.gradient(loss, values)
    for value, gradient in zip(values, gradients, strict=True):
        value.assign_sub(learning_rate * gradient)
    return loss


def test_eager_graph_and_xla_agree_with_double_gradients():
    results = []
    for wrap in (
        lambda step: step,
        tf.function,
        lambda step: tf.function(step, jit_compile=True),
    ):
        model, images = _model(), tf.constant(_batch())
        step = wrap(lambda model=model, images=images: _penalized_step(model, images))
        losses = [float(step()) for _ in range(3)]
        results.append((losses, model.get_weights()))
    for losses, weights in results[1:]:
        np.testing.assert_allclose(losses, results[0][0], rtol=1e-4)
        for one, other in zip(weights, results[0][1], strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_double_gradient_agrees_with_finite_differences():
    model, images = _model(), tf.constant(_batch(2))
    kernel = model.layers[0].layer.kernel.value
    direction = np.random.default_rng(1).standard_normal(kernel.shape).astype("float32")

    def penalty():
        with tf.GradientTape() as inner:
            inner.watch(images)
            # Frozen vectors, or the differences would include their motion.
            logits = model(images, training=False)
        return tf.reduce_sum(tf.square(inner.gradient(logits, images)))

    with tf.GradientTape() as tape:
        value = penalty()
    slope = float(tf.reduce_sum(tape.gradient(value, kernel) * direction))
    step = 1e-2
    kernel.assign_add(step * direction)
    above = float(penalty())
    kernel.assign_sub(2 * step * direction)
    assert (above - float(penalty())) / (2 * step) == pytest.approx(slope, rel=2e-2)


def test_built_inside_a_function_trace():
    layer = SpectralNormalization(L.Dense(3))
    tf.function(lambda x: layer(x, training=True))(tf.ones((2, 5)))
    kernel = layer.layer.kernel.numpy()
    sigma = layer.left_vectors[0].numpy() @ kernel.T @ layer.right_vectors[0].numpy()
    assert sigma == pytest.approx(np.linalg.norm(kernel, 2), rel=1e-4)


def test_built_by_a_symbolic_call_of_a_subclassed_model():
    class Critic(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = SpectralNormalization(L.Dense(3))

        def call(self, inputs, training=False):
            return self.dense(inputs, training=training)

    critic = Critic()
    critic(keras.Input((5,)))
    kernel = critic.dense.layer.kernel.numpy()
    batch = np.eye(5, dtype="float32")
    np.testing.assert_allclose(critic(batch), kernel / np.linalg.norm(kernel, 2), atol=1e-4)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_the_master_weights(policy):
    layer = SpectralNormalization(L.Conv2D(4, 3, dtype=policy))
    images = _batch()
    outputs = layer(images, training=True)
    assert outputs.dtype == policy.removeprefix("mixed_")
    assert layer(keras.Input((6, 6, 2))).dtype == policy.removeprefix("mixed_")
    assert all(weight.dtype == "float32" for weight in layer.weights)
    # Many digits that half precision does not have: still there after a training call.
    kernel = np.random.default_rng(0).standard_normal(layer.layer.kernel.shape).astype("float32")
    layer.layer.kernel.assign(kernel)
    layer.converge()
    layer(images, training=True)
    np.testing.assert_array_equal(layer.layer.kernel.numpy(), kernel)
    exact = SpectralNormalization(L.Conv2D(4, 3))
    exact.build(images.shape)
    exact.layer.set_weights(layer.layer.get_weights())
    exact.converge()
    np.testing.assert_allclose(tf.cast(layer(images), "float32"), exact(images), atol=5e-2)
    sigma = np.linalg.norm(kernel.reshape(-1, 4), 2)
    vectors = layer.left_vectors[0].numpy(), layer.right_vectors[0].numpy()
    assert vectors[0] @ kernel.reshape(-1, 4).T @ vectors[1] == pytest.approx(sigma, rel=1e-5)


def test_fit_and_export(tmp_path):
    model, images = _model(), _batch(8)
    model.compile("sgd", "mse")
    model.fit(images, np.ones((8, 1)), epochs=2, batch_size=4, verbose=0)
    model.export(tmp_path / "export", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "export")
    np.testing.assert_allclose(loaded.serve(images), model(images), atol=1e-6)


def test_stateless_call_uses_the_values_that_it_is_given():
    model, images = _model(), _batch()
    trainable = [2 * tf.ones_like(v.value) for v in model.trainable_variables]
    state = [v.value + 0 for v in model.non_trainable_variables]
    before = model.get_weights()
    outputs, new_state = model.stateless_call(trainable, state, images, training=True)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.allclose(new_state[0], state[0])
    for variable, value in zip(model.trainable_variables, trainable, strict=True):
        variable.assign(value)
    np.testing.assert_allclose(outputs, model(images, training=True), rtol=1e-5)


def test_regularizers_of_the_layer_count_once_and_see_the_raw_weights():
    layer = SpectralNormalization(
        L.Dense(3, kernel_regularizer=keras.regularizers.L2(1.0), activity_regularizer="l2")
    )
    model = keras.Sequential([keras.Input((5,)), layer])
    outputs = model(np.ones((2, 5), "float32"))
    kernel = layer.layer.kernel.numpy()
    activity = 0.01 * np.sum(np.square(outputs)) / 2
    assert len(model.losses) == 2
    assert sum(float(x) for x in model.losses) == pytest.approx(
        np.sum(kernel**2) + activity, rel=1e-4
    )


def test_masks_pass_through():
    layer = SpectralNormalization(L.Embedding(5, 3, mask_zero=True))
    mask = layer.compute_mask(tf.constant([[0, 1]]))
    np.testing.assert_array_equal(mask, [[False, True]])
    assert layer.supports_masking


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L.LSTM(3), r"one of: Dense, Conv1D, .*EinsumDense. Received: layer=<LSTM"),
        (lambda: SpectralNormalization(L.Dense(3)), "normalised already"),
        (lambda: L.Dense(3, lora_rank=2), "without LoRA.*lora_rank=2"),
        (lambda: L.Dense(3, dtype="int8_from_float32"), "quantization_mode='int8'"),
        (lambda: "dense", "Received: layer=dense"),
    ],
)
def test_layers_that_cannot_be_normalised(make, message):
    with pytest.raises(ValueError, match=message):
        SpectralNormalization(make())


def test_lora_that_is_switched_on_later():
    layer = SpectralNormalization(L.Dense(3))
    layer.build((None, 4))
    layer.layer.enable_lora(2)
    with pytest.raises(ValueError, match="without LoRA"):
        layer(np.ones((1, 4), "float32"))


@pytest.mark.parametrize("arguments", [{"power_iterations": 0}, {"epsilon": 0.0}])
def test_arguments_out_of_range(arguments):
    with pytest.raises(ValueError, match=f"Received: {next(iter(arguments))}=0"):
        SpectralNormalization(L.Dense(3), **arguments)


def test_converge_needs_a_built_layer():
    with pytest.raises(ValueError, match="built layer"):
        SpectralNormalization(L.Dense(3)).converge()


_TWO_REPLICAS = """
    import keras, numpy as np, tensorflow as tf
    from tfgan_losses.layers import SpectralNormalization

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    images = np.random.default_rng(0).standard_normal((8, 6, 6, 2)).astype("float32")

    def train(strategy):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = keras.Sequential([
                keras.Input((6, 6, 2)),
                SpectralNormalization(keras.layers.Conv2D(4, 3)),
                keras.layers.Flatten(),
                SpectralNormalization(keras.layers.Dense(1)),
            ])
            model.compile(keras.optimizers.SGD(0.1), "mse")
        data = tf.data.Dataset.from_tensors((images, np.ones((8, 1), "float32"))).unbatch()
        model.fit(data.batch(8).repeat(5), verbose=0)
        return model

    one = train(tf.distribute.OneDeviceStrategy("/cpu:0"))
    two = train(tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]))
    for a, b in zip(one.get_weights(), two.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-5)
    # Every replica has the same vectors.
    for variable in two.non_trainable_variables:
        first, second = (replica.numpy() for replica in variable.value.values)
        np.testing.assert_array_equal(first, second)
    two.save("model.keras")
    loaded = keras.models.load_model("model.keras")
    for a, b in zip(two.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(a, b)
    two.load_weights("model.keras")
    two.layers[0].converge()
    tf.train.Checkpoint(model=two).save("checkpoint/c")
    one.layers[0].left_vectors[0].assign([1.0, 0.0, 0.0, 0.0])
    tf.train.Checkpoint(model=one).restore(tf.train.latest_checkpoint("checkpoint"))
    for a, b in zip(one.get_weights(), two.get_weights()):
        np.testing.assert_array_equal(a, b)
    print("agreed")
"""


@pytest.mark.slow
def test_two_replicas_agree_with_one(tmp_path, pytestconfig):
    # A process of its own: the devices are fixed at the start, and a failed collective poisons it.
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_TWO_REPLICAS)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(pytestconfig.rootpath), "TF_CPP_MIN_LOG_LEVEL": "3", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "agreed" in result.stdout, result.stderr
