"""Path length: closed forms of linear generators, its average, and its noise."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, auxiliary, random

SGD, BATCH = keras.optimizers.SGD, 8


def seen_of(generator, latents, **found):
    return networks.seen("generator", latents=latents, generator=generator, **found)


@pytest.mark.parametrize(("shape", "places"), [((5,), 5), ((2, 3, 4), 6), ((1, 4, 1), 4)])
def test_of_a_linear_generator(shape, places):
    """G(z) = A z: every path has the length |A^T y|, wherever z is."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(3, int(np.prod(shape)))).astype("float32")

    def generator(z):
        return tf.reshape(z @ matrix, [-1, *shape])

    latents = tf.constant(rng.normal(size=(BATCH, 3)), tf.float32)
    seen, term = seen_of(generator, latents), auxiliary.PathLength(weight=3.0)
    noise = random.normal(BATCH, shape, seen.seed_for("path length")).numpy() / places**0.5
    expected = np.linalg.norm(noise.reshape(BATCH, -1) @ matrix.T, axis=1)
    np.testing.assert_allclose(term.lengths(seen), expected, rtol=1e-5)
    term.average.assign(2.0)
    np.testing.assert_allclose(term.weighted(seen, 1), 3 * (expected - 2) ** 2, rtol=1e-4)
    np.testing.assert_allclose(term.report(seen)["mean_path_length"], expected, rtol=1e-5)


def test_gradient_to_the_generator():
    """G(z) = s z with one output each: the length is s |y|, and d/ds (s |y| - a)^2 is known."""
    scale, latents = tf.Variable(2.0), tf.ones([BATCH, 1])
    term = auxiliary.PathLength()
    term.average.assign(0.5)
    with tf.GradientTape() as tape:
        seen = seen_of(lambda z: scale * z, latents)
        loss = tf.reduce_mean(term.values(seen))
    size = np.abs(random.normal(BATCH, [1], seen.seed_for("path length")).numpy())
    np.testing.assert_allclose(
        tape.gradient(loss, scale), np.mean(2 * (2 * size - 0.5) * size), rtol=1e-4
    )


def test_a_generator_that_ignores_its_latents_has_finite_gradients():
    bias = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        seen = seen_of(lambda z: bias + 0.0 * z, tf.ones([BATCH, 2]))
        loss = tf.reduce_mean(auxiliary.PathLength().values(seen))
    assert float(loss) == pytest.approx(0, abs=1e-6)
    gradient = tape.gradient(loss, bias, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    "mode",
    [
        {"run_eagerly": True},
        pytest.param({"jit_compile": False}, marks=pytest.mark.slow),
        pytest.param({"jit_compile": True}, marks=pytest.mark.slow),
    ],
)
def test_its_average_follows_the_updates_that_it_is_due_in(mode):
    """z W: |W y| for every latent; lazy, with state, in the updates of the generator."""
    keras.utils.set_random_seed(3)
    generator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, use_bias=False)])
    gan = GAN(generator, networks.discriminator((3,)), latent_dim=6, seed=11)
    term = auxiliary.PathLength(weight=2.0, every=2, decay=0.5)
    gan.compile("hinge", auxiliary=[term], g_optimizer=SGD(0.01), d_optimizer=SGD(0.0), **mode)
    average = 0.0
    for step in range(4):
        kernel = generator.get_weights()[0]
        seen = networks.seen("generator", seed=gan.seed, update=step)
        noise = random.normal(BATCH, [3], seen.seed_for("path length")).numpy() / 3**0.5
        lengths = np.linalg.norm(noise @ kernel.T, axis=1)
        x = networks.examples(BATCH, (3,))
        logs = gan.fit(x, batch_size=BATCH, verbose=0, shuffle=False).history
        if step % 2 == 0:
            expected = 2 * 2.0 * np.mean((lengths - average) ** 2)
            assert logs["path_length"][0] == pytest.approx(expected, rel=1e-4)
            average += 0.5 * (lengths.mean() - average)
        else:
            assert logs["path_length"][0] == 0
        assert float(term.average.numpy()) == pytest.approx(average, rel=1e-5)
        assert not np.array_equal(kernel, generator.get_weights()[0])
    assert average > 0.1


@pytest.mark.parametrize("decay", [0.0, 1.5, float("nan")])
def test_bad_decays(decay):
    with pytest.raises(ValueError, match=r"decay in \(0, 1\]"):
        auxiliary.PathLength(decay=decay)
