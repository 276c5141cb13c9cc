"""Numbers that layers ask to be logged: the share of an attention, through every door."""

import csv

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.flags import checks

from tfgan_losses import GAN
from tfgan_losses.callbacks import MetricsLog
from tfgan_losses.layers import SelfAttention
from tfgan_losses.training.reported_numbers import numbers_of

L = keras.layers
KEYS = ("g_attention_gamma", "d_attention_gamma")


def attending(seed=2, spectral=False, **arguments):
    """A GAN of 4x4 images with attention in both networks."""
    keras.utils.set_random_seed(seed)
    latent, image = keras.Input((networks.LATENT_DIM,)), keras.Input((4, 4, 1))
    x = SelfAttention(spectral=spectral)(L.Reshape((4, 4, 4))(L.Dense(64)(latent)))
    generator = keras.Model(latent, L.Conv2D(1, 3, padding="same", activation="tanh")(x))
    y = SelfAttention(spectral=spectral)(L.Conv2D(8, 3, padding="same", activation="relu")(image))
    discriminator = keras.Model(image, L.Dense(1)(L.Flatten()(y)))
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=5, ema_decay=0.5)
    gan.compile("hinge", g_optimizer="adam", d_optimizer="adam", **arguments)
    return gan


def gammas(gan):
    return [float(number) for number in numbers_of(gan.generator, gan.discriminator).values()]


def batches(count=4):
    return tf.data.Dataset.from_tensor_slices(networks.examples(4 * count)).batch(4)


@pytest.mark.parametrize("options", [{"run_eagerly": True}, {"steps_per_execution": 2}])
def test_a_step_reports_what_there_is_after_it(options):
    gan = attending(**options)
    assert gammas(gan) == [0, 0]
    logs = gan.fit(batches(1), epochs=3, verbose=0).history
    assert [logs[key][-1] for key in KEYS] == gammas(gan) and all(gammas(gan))
    # Of one step an epoch: the means are the numbers themselves.
    assert all(len(set(logs[key])) == 3 for key in KEYS)


def test_a_table_has_means_over_its_rows(tmp_path):
    log = MetricsLog(tmp_path / "metrics.csv", every=2)
    gan, other = attending(run_eagerly=True), attending(run_eagerly=True)
    gan.fit(batches(), verbose=0, callbacks=[log])
    with open(log.path, newline="") as file:
        rows = list(csv.DictReader(file))
    each = [other.fit(batches().skip(i).take(1), verbose=0).history for i in range(4)]
    for key in KEYS:
        means = [np.mean([each[i][key][0], each[i + 1][key][0]]) for i in (0, 2)]
        np.testing.assert_allclose([float(row[key]) for row in rows], means, rtol=1e-5)


@pytest.mark.slow
def test_saved_in_the_middle_of_a_row(tmp_path):
    whole, halves = attending(), attending()
    whole.fit(batches(), verbose=0)
    halves.fit(batches().take(2), verbose=0)
    halves.save_weights(tmp_path / "a.weights.h5")
    resumed = attending(seed=7)
    resumed.load_weights(tmp_path / "a.weights.h5")
    assert [float(m.result()) for m in resumed.metrics] == [
        float(m.result()) for m in halves.metrics
    ]
    resumed.fit(batches().skip(2), verbose=0)
    networks.assert_same_state(resumed, whole)
    assert gammas(resumed) == gammas(whole)
    halves.save(tmp_path / "gan.keras")
    assert gammas(keras.saving.load_model(tmp_path / "gan.keras")) == gammas(halves)


def test_the_average_follows():
    """gamma by its mean, and the spectral norms of the kernels of its mean are 1."""
    gan = attending(spectral=True, run_eagerly=True)
    gan.fit(batches(), verbose=0)
    own, average = (
        next(layer for layer in network.layers if isinstance(layer, SelfAttention))
        for network in (gan.generator, gan.ema_generator)
    )
    assert 0 < abs(float(average.gamma)) < abs(float(own.gamma))
    for convolution in (average.theta, average.phi, average.g, average.o):
        matrix = np.squeeze(convolution.layer.kernel.numpy(), axis=(0, 1))
        u, v = convolution.left_vectors[0].numpy(), convolution.right_vectors[0].numpy()
        sigma = np.linalg.norm(matrix, 2)
        np.testing.assert_allclose(u @ matrix.T @ v, sigma, rtol=5e-3)


def test_several_layers_of_one_network_are_counted():
    image = keras.Input((4, 4, 8))
    inner = keras.Sequential([keras.Input((4, 4, 8)), SelfAttention(), SelfAttention()])
    network = keras.Model(image, SelfAttention()(inner(image)))
    layers = [each for each in network._flatten_layers() if isinstance(each, SelfAttention)]
    for number, layer in enumerate(layers, start=1):
        layer.gamma.assign(number)
    found = numbers_of(network, networks.discriminator())
    expected = {"g_attention_gamma": 1, "g_attention_gamma_2": 2, "g_attention_gamma_3": 3}
    assert {key: float(number) for key, number in found.items()} == expected
    assert numbers_of(*networks.pair()) == {}


def test_names_of_columns_are_known():
    for key in KEYS:
        checks.monitor(key, None)
    with pytest.raises(ValueError, match="g_attention_gamma"):
        checks.monitor("g_attention_gama", None)


@pytest.mark.slow
def test_xla():
    plain, compiled = attending(), attending(jit_compile=True)
    found = [gan.fit(batches(), verbose=0).history for gan in (plain, compiled)]
    for key in KEYS:
        np.testing.assert_allclose(found[0][key], found[1][key], rtol=1e-3)


def one_row_of_two_replicas():
    one, strategy = attending(), commands.two_replicas()
    with strategy.scope():
        two = attending()
    found = [gan.fit(batches(), verbose=0).history for gan in (one, two)]
    for key in KEYS:
        np.testing.assert_allclose(found[0][key], found[1][key], rtol=1e-3)


CASES = {"one_row_of_two_replicas": one_row_of_two_replicas}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
