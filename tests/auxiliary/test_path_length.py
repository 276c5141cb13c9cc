"""Path length: closed forms of linear generators, its average, and its noise."""

import dataclasses

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, auxiliary, gan_types, random

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


class LinearSynthesis:
    """What `Seen.styles` offers of a generator w -> sum over layers of w_k A_k, w = f(z)."""

    def __init__(self, layers=2, size=3, outputs=5):
        rng = np.random.default_rng(0)
        self.matrices = tf.constant(rng.normal(size=(layers, size, outputs)), tf.float32)
        self.layers = layers

    def divide(self, latents):
        styles = tf.repeat(tf.tanh(latents)[:, None], self.layers, axis=1)
        return styles, lambda w: tf.einsum("bkw,kwf->bf", w, self.matrices)

    def generate(self, latents):
        styles, synthesize = self.divide(latents)
        return synthesize(styles)


def test_of_a_generator_with_styles():
    """The mapping does not count: the length is the mean over the layers of |A_k y|^2, its root."""
    linear, latents = LinearSynthesis(), tf.random.stateless_normal([BATCH, 3], [1, 2])
    seen = seen_of(linear.generate, latents, styles=linear.divide)
    noise = random.normal(BATCH, [5], seen.seed_for("path length")).numpy() / 5**0.5
    products = np.einsum("kwf,bf->bkw", linear.matrices, noise)
    expected = np.sqrt(np.sum(products**2, axis=(1, 2)) / 2)
    np.testing.assert_allclose(auxiliary.PathLength().lengths(seen), expected, rtol=1e-5)
    without = seen_of(linear.generate, latents)
    assert not np.allclose(auxiliary.PathLength().lengths(without), expected, rtol=0.05)


@pytest.mark.parametrize("condition", [None, pytest.param("labels", marks=pytest.mark.slow)])
def test_the_styles_of_a_stylegan2(condition):
    """A pair offers them of its generator; finite differences of the synthesis say the same."""
    keras.utils.set_random_seed(3)
    recipe = dataclasses.replace(gan_types.get("stylegan2"), condition=condition)
    gan = GAN.from_recipe(recipe, (8, 8, 1), num_classes=3, latent_dim=4, width=2, steps=9, seed=3)
    real, labels = tf.zeros([3, 8, 8, 1]), tf.range(3)
    given = gan.pair.given(real, labels, "generator", 0)
    latents = gan.pair.latents(real, "generator", 0)
    seen = seen_of_pair(gan, given, latents)
    styles, synthesize = seen.styles(latents)
    np.testing.assert_allclose(synthesize(styles), seen.generator(latents), rtol=1e-5, atol=1e-5)
    found = auxiliary.PathLength().lengths(seen)
    noise = random.normal(3, [8, 8, 1], seen.seed_for("path length")).numpy() / 8
    slopes = np.zeros(styles.shape)
    for place in np.ndindex(*styles.shape[1:]):
        step = np.zeros(styles.shape, "float32")
        step[(slice(None), *place)] = 0.001
        change = (synthesize(styles + step) - synthesize(styles - step)) / 0.002
        slopes[(slice(None), *place)] = np.sum(change * noise, axis=(1, 2, 3))
    expected = np.sqrt(np.sum(slopes**2, axis=(1, 2)) / styles.shape[1])
    np.testing.assert_allclose(found, expected, rtol=0.03)
    # Both parts learn by it.
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(auxiliary.PathLength().values(seen_of_pair(gan, given, latents)))
    kernels = [
        gan.generator.get_layer(part).get_layer(name).trainable_weights[0].value
        for part, name in (("mapping", "dense_1"), ("synthesis", "block_4_conv"))
    ]
    assert all(np.any(np.asarray(gradient)) for gradient in tape.gradient(loss, kernels))


def seen_of_pair(gan, given, latents):
    nothing = dict.fromkeys(("real", "fake", "real_outputs", "fake_outputs", "critic"))
    return gan.pair.seen("generator", 0, updates=9, given=given, latents=latents, **nothing)
