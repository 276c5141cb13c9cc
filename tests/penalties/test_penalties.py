"""Values, gradients and properties of every registered penalty."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import penalties
from tfgan_losses.penalties import dragan

SEED = tf.constant([1, 2], tf.int64)

# Those that look at the discriminator's slope; the others have tests of their own.
OF_A_CRITIC = [
    name
    for name in penalties.names()
    if issubclass(penalties.registry.lookup(name), penalties.Penalty)
]
# Whose norms are not those of whole examples; `test_pixel_gradient.py` has their values.
OF_PIXELS = ["pixel_gradient_penalty"]
every_penalty = pytest.mark.parametrize("name", OF_A_CRITIC)

# What each penalty makes, with weight 1, of a critic w.x with |w| = `norm`: the papers' formulas.
OF_A_LINEAR_CRITIC = {
    "gradient_penalty": lambda norm: (norm - 1) ** 2,
    "lipschitz_penalty": lambda norm: max(0.0, norm - 1) ** 2,
    "dragan": lambda norm: (norm - 1) ** 2,
    "zero_centered": lambda norm: 0.5 * norm**2,
    "r1": lambda norm: 0.5 * norm**2,
    "r2": lambda norm: 0.5 * norm**2,
    "max_gradient": lambda norm: norm**2,
}


def linear_critic(shape, norm):
    weights = np.random.default_rng(0).normal(size=shape).astype("float32")
    weights *= norm / np.sqrt((weights**2).sum())
    axes = list(range(1, len(shape) + 1))
    return lambda x: tf.reduce_sum(x * weights, axis=axes)[:, None]


def examples(batch, shape):
    real, fake = np.random.default_rng(1).uniform(-1, 1, size=(2, batch, *shape))
    return tf.constant(real, tf.float32), tf.constant(fake, tf.float32)


def test_every_penalty_has_a_formula():
    assert {*OF_A_LINEAR_CRITIC, *OF_PIXELS} == set(OF_A_CRITIC)
    assert set(penalties.names()) - set(OF_A_CRITIC) == {
        "lecam",
        "consistency",
        "balanced_consistency",
    }


@pytest.mark.parametrize("name", OF_A_LINEAR_CRITIC)
@pytest.mark.parametrize("norm", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("batch", [1, 4, 64])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (4, 4, 2), (3, 4, 2, 2)])
def test_norms_are_per_example_over_all_axes(name, norm, batch, shape):
    penalty = penalties.get(f"{name}(weight=2)")
    values = penalty(linear_critic(shape, norm), *examples(batch, shape), seed=SEED)
    assert values.shape == (batch,) and values.dtype == tf.float32
    np.testing.assert_allclose(values, 2 * OF_A_LINEAR_CRITIC[name](norm), atol=1e-5)


def half_squared(x):
    return 0.5 * tf.reduce_sum(tf.square(x), axis=list(range(1, len(x.shape))))[:, None]


def test_alpha_is_uniform_and_one_per_example():
    # |grad| = |x^| = 1 - a, so the mean penalty is E a^2 = 1/3. A normal a gives 1, one per pixel
    # about 0.2: both are known bugs.
    fake = tf.math.l2_normalize(tf.random.stateless_normal([100_000, 8], SEED), axis=1)
    penalty = penalties.get("gradient_penalty(weight=1)")
    values = penalty(half_squared, tf.zeros_like(fake), fake, seed=SEED)
    assert float(tf.reduce_mean(values)) == pytest.approx(1 / 3, abs=4e-3)


def test_r1_is_at_real_and_r2_at_generated_examples():
    real, fake = examples(7, (4, 3))
    for name, points in (("r1", real), ("r2", fake)):
        expected = 0.5 * np.sum(np.square(points), axis=(1, 2))
        values = penalties.get(f"{name}(weight=1)")(half_squared, real, fake, seed=SEED)
        np.testing.assert_allclose(values, expected, rtol=1e-5)


@every_penalty
def test_constant_critic(name):
    scale = tf.Variable(0.0)
    real, fake = examples(4, (3, 3, 1))
    penalty = penalties.get(f"{name}(weight=1)")
    with tf.GradientTape() as tape:
        values = penalty(lambda x: scale * tf.reduce_sum(x, axis=[1, 2, 3]), real, fake, seed=SEED)
    expected = 1.0 if name in ("gradient_penalty", "dragan", *OF_PIXELS) else 0.0
    np.testing.assert_allclose(values, expected, atol=3e-6)
    assert np.isfinite(tape.gradient(values, scale))
    # An output that does not depend on the input at all has a zero gradient, not None.
    values = penalty(lambda x: tf.ones([4, 1]), real, fake, seed=SEED)
    np.testing.assert_allclose(values, expected, atol=3e-6)


@every_penalty
def test_patch_outputs_are_summed_per_example(name):
    real, fake = examples(3, (4, 4, 1))
    critic = linear_critic((4, 4, 1), 3.0)
    penalty = penalties.get(name)
    patches = penalty(lambda x: tf.tile(critic(x)[:, None, None], [1, 2, 2, 1]) / 4, real, fake)
    np.testing.assert_allclose(patches, penalty(critic, real, fake), rtol=1e-4)


def network():
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(4, 3, activation="softplus"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )


@every_penalty
def test_gradient_of_the_penalty_is_that_of_finite_differences(name):
    critic, (real, fake) = network(), examples(5, (6, 6, 1))
    penalty = penalties.get(name)
    kernel = critic.layers[0].kernel

    def value():
        return tf.reduce_mean(penalty(critic, real, fake, seed=SEED))

    with tf.GradientTape() as tape:
        loss = value()
    gradient = tape.gradient(loss, kernel.value)
    direction = np.random.default_rng(2).normal(size=kernel.shape).astype("float32")
    before, step = kernel.numpy(), 1e-2
    kernel.assign(before + step * direction)
    above = float(value())
    kernel.assign(before - step * direction)
    below = float(value())
    slope = (above - below) / (2 * step)
    assert slope == pytest.approx(float(tf.reduce_sum(gradient * direction)), rel=2e-2, abs=1e-3)


@every_penalty
def test_eager_graph_and_jit_agree(name, modes):
    critic, (real, fake) = network(), examples(5, (6, 6, 1))
    penalty = penalties.get(name)

    def gradients(real, fake):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(penalty(critic, real, fake, seed=SEED))
        kernels = [critic.layers[0].kernel.value, critic.layers[2].kernel.value]
        return loss, *tape.gradient(loss, kernels)

    first, *others = [modes.run(mode, gradients, real, fake) for mode in modes.names]
    for other in others:
        for a, b in zip(first, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5, rtol=1e-5)


@every_penalty
def test_permuting_the_batch_permutes_nothing_else(name):
    # With a critic of constant slope the random points do not matter.
    (real, fake), order = examples(4, (5,)), [2, 0, 3, 1]
    critic, penalty = linear_critic((5,), 2.0), penalties.get(name)
    np.testing.assert_allclose(
        penalty(critic, tf.gather(real, order), tf.gather(fake, order), seed=SEED),
        penalty(critic, real, fake, seed=SEED),
        rtol=1e-5,
    )


@every_penalty
def test_lazy_penalties_are_k_times_as_strong_every_k_steps(name):
    critic, pair = linear_critic((5,), 3.0), examples(4, (5,))
    always = penalties.get(name)(critic, *pair, seed=SEED)
    lazy = penalties.get(f"{name}(every=4)")
    evaluate = tf.function(lambda step: lazy(critic, *pair, seed=SEED, step=step))
    values = np.stack([evaluate(tf.constant(step, tf.int64)) for step in range(8)])
    np.testing.assert_allclose(values[[0, 4]], 4 * np.stack([always, always]), rtol=1e-5)
    assert not values[[1, 2, 3, 5, 6, 7]].any()


@every_penalty
def test_config_round_trip(name):
    original = penalties.get(f"{name}(weight=3, every=2)")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(original)))
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is type(original) and copy.get_config() == original.get_config()


@pytest.mark.usefixtures("same_bits")
@every_penalty
def test_same_seed_same_value_and_no_seed_any(name):
    critic, pair = network(), examples(4, (6, 6, 1))
    penalty = penalties.get(name)
    first, second = (penalty(critic, *pair, seed=SEED) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    if name in ("gradient_penalty", "zero_centered", "dragan", "max_gradient"):
        assert not np.array_equal(penalty(critic, *pair), penalty(critic, *pair))


def offsets(variant):
    real = tf.fill([4000, 6], 0.1) * tf.constant([[1.0], [-1.0]] * 2000)
    scale = 0.5
    return (dragan._VARIANTS[variant](real, SEED, scale=scale) - real).numpy(), 0.1 * scale


def test_dragan_of_tf_gans_loss():
    # noise in [0, 0.5 std), one sign per example from alpha in (-1, 1).
    delta, largest = offsets("tf_gans_loss")
    assert np.abs(delta).max() <= largest and np.abs(delta).max() > 0.95 * largest
    same_sign = (delta >= 0).all(axis=1) | (delta <= 0).all(axis=1)
    assert same_sign.all() and 0.45 < (delta[:, 0] > 0).mean() < 0.55
    # E|alpha u| = 1/4 of the largest.
    assert np.abs(delta).mean() == pytest.approx(largest / 4, rel=0.05)
    real = tf.ones([10, 3]) * tf.constant([[1.0], [-1.0]] * 5)
    clipped = dragan.tf_gans_loss_points(real, SEED)
    assert np.abs(clipped).max() <= 1.0
    # 97 % of points of a mixture in the plane, clipped too, were not near their examples.
    ring = 4.0 * tf.math.l2_normalize(tf.random.stateless_normal([4000, 2], SEED), axis=1)
    delta = (dragan.tf_gans_loss_points(ring, SEED) - ring).numpy()
    largest = 0.5 * float(np.std(ring))
    assert 0.95 * largest < np.abs(delta).max() <= largest
    assert delta.mean(axis=0) == pytest.approx(0.0, abs=0.02 * largest)


def test_dragan_of_the_paper():
    # N(0, c I) with variance c = 0.5.
    delta, _ = offsets("paper")
    assert delta.mean() == pytest.approx(0.0, abs=0.02)
    assert delta.var() == pytest.approx(0.5, rel=0.05)


def test_dragan_of_the_first_code():
    # Never negative: alpha in (0, 1) times noise in [0, 0.5 std).
    delta, largest = offsets("first_code")
    assert delta.min() >= 0.0 and 0.95 * largest < delta.max() <= largest
    assert delta.mean() == pytest.approx(largest / 4, rel=0.05)


@pytest.mark.parametrize(
    "spec, message",
    [
        ("gradient_penalti", "Unknown penalty. Expected one of .*gradient_penalty"),
        ("r1(wait=1)", r"no option 'wait'. Expected one of \['weight', 'every'\]"),
        ("r1(weight=-1)", "weight >= 0"),
        ("r1(every=0)", "every to be an integer >= 1"),
        ("dragan(variant='final')", "variant to be one of .*tf_gans_loss"),
        ("r1, r1(weight=2)", "each penalty once"),
        ("r1(", "Cannot read this penalty specification"),
    ],
)
def test_bad_specs_are_named(spec, message):
    with pytest.raises(ValueError, match=message):
        penalties.get_all(spec)


def test_several_specs_in_one_string():
    first, second = penalties.get_all("r1(weight=1, every=16), r2")
    assert (first.name, first.weight, first.every, second.name) == ("r1", 1, 16, "r2")


def test_shapes_must_match():
    with pytest.raises(ValueError, match="real and fake of the same shape"):
        penalties.get("r1")(half_squared, tf.zeros([4, 2]), tf.zeros([4, 3]))
