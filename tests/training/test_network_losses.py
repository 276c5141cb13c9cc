"""What the networks themselves ask for - regularisers, add_loss - counts in their own losses."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN

SGD = keras.optimizers.SGD
BATCH = 8
MODES = [{"run_eagerly": True}, {}, {"jit_compile": True}]


class AddsALoss(keras.layers.Layer):
    """x, and 0.5 times the mean square of it on top of the loss."""

    def call(self, x):
        self.add_loss(0.5 * keras.ops.mean(keras.ops.square(x)))
        return x


def regularised(*, kernel=0.0, activity=0.0, add_loss=False):
    """Linear networks, so that every number is known in closed form."""
    keras.utils.set_random_seed(1)
    options = {"kernel_regularizer": keras.regularizers.L2(kernel), "use_bias": False}
    if activity:
        options["activity_regularizer"] = keras.regularizers.L2(activity)
    extra = [AddsALoss()] if add_loss else []
    generator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, **options), *extra])
    discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, **options), *extra])
    return generator, discriminator


def make(pair, **options):
    gan = GAN(*pair, latent_dim=6, seed=3)
    rates = {"g_optimizer": SGD(0.1), "d_optimizer": SGD(0.1)}
    gan.compile(**{"loss": "wasserstein", **rates, **options})
    return gan


def one_step(gan):
    size = BATCH * gan.d_steps
    history = gan.fit(networks.examples(size, (3,)), batch_size=size, verbose=0, shuffle=False)
    return {key: values[0] for key, values in history.history.items()}


@pytest.mark.parametrize("mode", MODES)
def test_one_step_with_weight_decay_by_hand(mode):
    decay = 0.3
    gan = make(regularised(kernel=decay), **mode)
    kernel, psi = (x.get_weights()[0].astype("float64") for x in (gan.generator, gan.discriminator))
    real = networks.examples(BATCH, (3,))
    of_d, of_g = (
        np.asarray(gan.pair.latents(tf.constant(real), network, 0), "float64")
        for network in ("discriminator", "generator")
    )
    logs = one_step(gan)
    fake = of_d @ kernel
    d_loss = (fake @ psi).mean() - (real @ psi).mean() + decay * np.sum(psi**2)
    assert logs["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    psi_new = psi - 0.1 * ((fake.mean(0) - real.mean(0))[:, None] + 2 * decay * psi)
    g_loss = -(of_g @ kernel @ psi_new).mean() + decay * np.sum(kernel**2)
    assert logs["g_loss"] == pytest.approx(g_loss, rel=1e-5)
    kernel_new = kernel - 0.1 * (-of_g.mean(0)[:, None] @ psi_new.T + 2 * decay * kernel)
    np.testing.assert_allclose(gan.discriminator.get_weights()[0], psi_new, rtol=1e-5)
    np.testing.assert_allclose(gan.generator.get_weights()[0], kernel_new, rtol=1e-5)


@pytest.mark.parametrize("d_steps", [1, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "losses", [{"kernel": 0.3}, {"activity": 0.02}, {"add_loss": True}], ids=lambda x: next(iter(x))
)
def test_eager_graph_and_jit_are_the_same(losses, d_steps):
    """With more than one update, each is traced as a function of its own."""
    trained = []
    for mode in MODES:
        gan = make(regularised(**losses), d_steps=d_steps, **mode)
        logs = [one_step(gan) for _ in range(2)]
        trained.append((gan, logs))
    plain = make(regularised(), d_steps=d_steps)
    without = one_step(plain)
    for key in ("d_loss", "g_loss"):
        assert abs(trained[0][1][0][key] - without[key]) > 1e-3
    for gan, logs in trained[1:]:
        networks.assert_same_state(gan, trained[0][0], rtol=1e-4, atol=1e-6)
        for row, expected in zip(logs, trained[0][1], strict=True):
            assert row == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_activity_of_both_passes_counts_and_that_of_the_other_network_does_not():
    gan = make(regularised(activity=0.02), run_eagerly=True)
    assert not gan.pair.joint_pass
    real = tf.constant(networks.examples(BATCH, (3,)))
    (kernel,), (psi,) = gan.generator.get_weights(), gan.discriminator.get_weights()
    fake = np.asarray(gan.pair.latents(real, "discriminator", 0)) @ kernel
    plain = one_step(make(regularised(), run_eagerly=True))
    logs = one_step(gan)
    # Keras divides the regularisers of activity by the size of the batch.
    expected = 0.02 * (np.sum((real @ psi) ** 2) + np.sum((fake @ psi) ** 2)) / BATCH
    assert logs["d_loss"] - plain["d_loss"] == pytest.approx(expected, rel=1e-4)


def test_activity_of_the_generator_by_hand():
    gan = make(regularised(activity=0.02), run_eagerly=True, d_optimizer=SGD(0.0))
    real = tf.constant(networks.examples(BATCH, (3,)))
    (kernel,), (psi,) = gan.generator.get_weights(), gan.discriminator.get_weights()
    fake = np.asarray(gan.pair.latents(real, "generator", 0)) @ kernel
    expected = -(fake @ psi).mean() + 0.02 * np.sum(fake**2) / BATCH
    assert one_step(gan)["g_loss"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_weight_decay_in_parts_is_that_of_the_whole(accumulate):
    whole, parts = (make(regularised(kernel=0.3), accumulate=n) for n in (1, accumulate))
    assert one_step(parts) == pytest.approx(one_step(whole), rel=1e-5)
    networks.assert_same_state(parts, whole, rtol=1e-5, atol=1e-6)


def test_orthogonal_regularizer_trains():
    """keras.regularizers.OrthogonalRegularizer pulls the rows of a kernel apart."""

    def rows(strength):
        keras.utils.set_random_seed(1)
        layer = keras.layers.Dense(
            8, kernel_regularizer=keras.regularizers.OrthogonalRegularizer(strength, mode="rows")
        )
        generator = keras.Sequential([keras.Input((6,)), layer, keras.layers.Dense(3)])
        gan = make((generator, networks.discriminator((3,))), g_optimizer=SGD(0.05))
        gan.fit(networks.examples(400, (3,)), batch_size=8, verbose=0)
        units = layer.kernel.numpy()
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        return np.abs(units @ units.T - np.eye(6)).sum() / 2

    assert rows(1.0) < 0.5 * rows(0.0)


def test_a_spectrally_normalised_layer_keeps_its_regulariser():
    from tfgan_losses.layers import SpectralNormalization

    pair = regularised(kernel=0.3)
    wrapped = keras.Sequential(
        [
            keras.Input((3,)),
            SpectralNormalization(
                keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.3))
            ),
        ]
    )
    gan = make((pair[0], wrapped), run_eagerly=True)
    kernel = wrapped.layers[0].layer.kernel.numpy()
    logs = one_step(gan)
    distance = logs["d_real"] - logs["d_fake"]
    assert logs["d_loss"] + distance == pytest.approx(0.3 * np.sum(kernel**2), rel=1e-5)
