"""What the average of a generator is, in which precision, and what layers do with it.

`python tests/training/test_exponential_moving_average.py CASE` runs a case with two devices.
"""

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, models
from tfgan_losses.layers import SpectralNormalization
from tfgan_losses.training.exponential_moving_average import average_of, update_average


def spectral_gan(name="mlp", example_shape=(8, 8, 1), *, width=None, learning_rate=2e-4):
    keras.utils.set_random_seed(1)
    shared = {"example_shape": example_shape, "width": width}
    gan = GAN(
        models.build_generator(name, latent_dim=6, normalization="spectral", **shared),
        models.build_discriminator(name, **shared),
        latent_dim=6,
        ema_decay=0.999,
        seed=3,
    )
    optimizers = {
        key: keras.optimizers.Adam(learning_rate, beta_1=0.5)
        for key in ("g_optimizer", "d_optimizer")
    }
    gan.compile("hinge", **optimizers)
    return gan


def sigmas_in_use(network):
    """The largest singular values of the normalised kernels; 1 is right."""
    found = []
    for layer in network.layers:
        if isinstance(layer, SpectralNormalization):
            vectors = zip(layer.kernels, layer.left_vectors, layer.right_vectors, strict=True)
            for kernel, left, right in vectors:
                matrix = np.asarray(kernel.to_matrix(kernel.variable.value))
                top = np.linalg.svd(matrix, compute_uv=False)[0]
                found.append(top / (np.asarray(left) @ matrix @ np.asarray(right)))
    assert found
    return np.array(found)


class _EverySigma(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.trained, self.averaged = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.trained.append(sigmas_in_use(self.model.generator))
        self.averaged.append(sigmas_in_use(self.model.ema_generator))


# The first steps are the hardest: the average moves as fast as the kernels, and the singular
# values of random kernels are near each other.
@pytest.mark.parametrize("learning_rate", [pytest.param(2e-4, marks=pytest.mark.slow), 5e-3])
@pytest.mark.parametrize(
    ("name", "example_shape", "width"), [("mlp", (8, 8, 1), 48), ("dcgan", (8, 8, 1), 16)]
)
def test_averaged_kernels_have_sigma_1_after_every_step(name, example_shape, width, learning_rate):
    gan = spectral_gan(name, example_shape, width=width, learning_rate=learning_rate)
    seen = _EverySigma()
    gan.fit(networks.examples(8 * 40, example_shape), batch_size=8, verbose=0, callbacks=[seen])
    assert len(seen.averaged) == 40
    np.testing.assert_allclose(seen.averaged, 1.0, rtol=0, atol=1e-2)
    # One step of the power iteration for each step of training is not enough for that.
    assert np.max(seen.trained) > 1.02


def test_the_audited_run_has_averaged_kernels_of_sigma_1():
    # After 600 steps, sigma in use was 4.5, 77.9 and 3.5 when u and v were averaged, too, and the
    # standard deviation of samples 460.8 instead of 0.64 (TensorFlow 2.21, a CPU).
    gan = spectral_gan(example_shape=(4,), width=64, learning_rate=1e-3)
    x = np.random.default_rng(0).normal(size=(16 * 600, 4)).astype("float32")
    gan.fit(x, batch_size=16, verbose=0)
    np.testing.assert_allclose(sigmas_in_use(gan.ema_generator), 1.0, rtol=0, atol=1e-3)
    samples = gan.generate(256)
    for layer in gan.ema_generator.layers:
        if isinstance(layer, SpectralNormalization):
            layer.converge()
    np.testing.assert_allclose(samples, gan.generate(256), rtol=1e-2, atol=1e-3)


def _moved(network, size=0.02):
    rng = np.random.default_rng(0)
    for variable in network.trainable_variables:
        variable.assign_add(size * rng.standard_normal(variable.shape))


@pytest.mark.slow
def test_eager_graph_and_xla_agree(modes):
    network = spectral_gan(width=24).generator
    averages = {mode: average_of(network) for mode in modes.names}
    for step in range(3):
        _moved(network)
        for mode, average in averages.items():
            modes.run(
                mode,
                lambda number, average=average: update_average(average, network, number, 0.9),
                tf.constant(step, tf.int64),
            )
    for average in averages.values():
        np.testing.assert_allclose(sigmas_in_use(average), 1.0, rtol=0, atol=1e-3)
    for mode in ("graph", "jit"):
        for a, b in zip(averages[mode].variables, averages["eager"].variables, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_without_spectral_normalisation_all_is_averaged_to_the_bit():
    network = models.build_generator(
        "mlp", example_shape=(4,), latent_dim=6, width=16, normalization="conditional_batch",
        condition_size=3,
    )  # fmt: skip
    average = average_of(network)
    expected = [np.asarray(variable) for variable in network.variables]
    for step in range(5):
        _moved(network, size=1.0)
        network([networks.examples(8, (6,)), np.eye(3, dtype="float32")[[0] * 8]], training=True)
        update_average(average, network, tf.constant(step), 0.999)
        decay = np.minimum(np.float32(0.999), np.float32(1 + step) / np.float32(10 + step))
        expected = [
            mean + (np.float32(1) - decay) * (np.asarray(variable) - mean)
            for mean, variable in zip(expected, network.variables, strict=True)
        ]
    for mean, variable in zip(expected, average.variables, strict=True):
        np.testing.assert_array_equal(mean, variable)


@keras.saving.register_keras_serializable("tests")
class Compass(keras.layers.Layer):
    """A layer of one's own with a state that follows its weights."""

    def build(self, input_shape):
        self.direction = self.add_weight(shape=(2,), initializer="ones", name="direction")
        self.length = self.add_weight(shape=(), initializer="ones", trainable=False, name="length")

    def call(self, x):
        return x * self.direction / self.length

    @property
    def not_averaged(self):
        return [self.length]

    def follow_average(self):
        self.length.assign(keras.ops.sqrt(keras.ops.sum(self.direction**2)))


@pytest.mark.parametrize("nested", [False, True])
def test_a_layer_says_what_is_not_averaged(nested):
    inner = keras.Sequential([keras.Input((2,)), Compass()])
    network = keras.Sequential([keras.Input((2,)), inner]) if nested else inner
    average = average_of(network)
    direction, length = network.variables
    direction.assign([3.0, 1.0])
    length.assign(100.0)
    update_average(average, network, tf.constant(10**6), 0.5)
    np.testing.assert_allclose(average.variables[0], [2.0, 1.0])
    np.testing.assert_allclose(average.variables[1], np.sqrt(5.0), rtol=1e-6)


class Offset(keras.layers.Layer):
    """A layer of a class that is not registered for saving."""

    def build(self, input_shape):
        self.offset = self.add_weight(shape=(1,), initializer="ones", name="offset")

    def call(self, x):
        return x + self.offset


def _of_half_precision(policy):
    keras.config.set_dtype_policy(policy)
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), Offset()])
    network = keras.Sequential(
        [
            keras.Input((6,)),
            SpectralNormalization(keras.layers.Dense(4)),
            keras.layers.BatchNormalization(),
            inner,
        ]
    )
    assert {variable.dtype for variable in network.trainable_variables} == {policy}
    return network


@pytest.mark.parametrize("policy", ["bfloat16", "float16"])
def test_the_average_of_half_precision_is_float32_and_follows(policy):
    network = _of_half_precision(policy)
    average = average_of(network)
    assert {variable.dtype for variable in average.variables} == {"float32"}
    latents = networks.examples(5, (6,))
    assert average(latents).dtype == policy
    np.testing.assert_array_equal(average(latents), network(latents))
    offset, mean = (
        next(v for v in net.variables if v.name == "offset") for net in (network, average)
    )
    offset.assign([1.0])
    mean.assign([2.0])
    # The first step is 1e-3; near 2, float16 is exact to 2e-3 and bfloat16 to 2e-2.
    update = tf.function(lambda: update_average(average, network, tf.constant(10**6), 0.999))
    for _ in range(1000):
        update()
    np.testing.assert_allclose(mean, 1.0 + 0.999**1000, rtol=1e-4)


def test_half_precision_is_saved_and_loaded(tmp_path):
    keras.config.set_dtype_policy("bfloat16")
    gan = spectral_gan(width=16)
    gan.fit(networks.examples(32, (8, 8, 1)), batch_size=8, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    networks.assert_same_state(loaded, gan)
    assert {variable.dtype for variable in loaded.ema_generator.variables} == {"float32"}


@pytest.mark.slow
def test_averages_of_spectral_networks_are_saved_loaded_and_exported(tmp_path):
    gan = spectral_gan(width=16)
    gan.fit(networks.examples(32, (8, 8, 1)), batch_size=8, verbose=0)
    samples = gan.generate(6, seed=4)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    networks.assert_same_state(loaded, gan)
    np.testing.assert_array_equal(loaded.generate(6, seed=4), samples)
    # It goes on as the other does.
    for each in (gan, loaded):
        each.fit(networks.examples(16, (8, 8, 1), seed=1), batch_size=8, verbose=0, shuffle=False)
    networks.assert_same_state(loaded, gan)
    gan.export_generator(tmp_path / "generator")
    exported = tf.saved_model.load(tmp_path / "generator")
    np.testing.assert_allclose(exported.sample(6, seed=4), gan.generate(6, seed=4), atol=1e-6)


def two_replicas_average_as_one_device():
    def train():
        gan = spectral_gan(width=16)
        # SGD: Adam would turn the order of sums into other steps.
        gan.compile("hinge", g_optimizer=keras.optimizers.SGD(0.05),
                    d_optimizer=keras.optimizers.SGD(0.05))  # fmt: skip
        return gan

    one = train()
    with commands.two_replicas().scope():
        two = train()
    for gan in (one, two):
        gan.fit(networks.examples(16 * 20, (8, 8, 1)), batch_size=16, verbose=0, shuffle=False)
    networks.assert_same_state(two, one, rtol=0, atol=1e-3)
    for variable in two.ema_generator.variables:
        first, second = (np.asarray(value) for value in variable.value.values)
        np.testing.assert_array_equal(first, second)
    for gan in (one, two):
        np.testing.assert_allclose(sigmas_in_use(gan.ema_generator), 1.0, rtol=0, atol=1e-2)


CASES = {"two_replicas_average_as_one_device": two_replicas_average_as_one_device}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
