"""Sixteen bits where it is safe: what stays in float32, and what a step that overflows does."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import gan_types, models, penalties

POLICIES = ("mixed_bfloat16", "mixed_float16")
BATCH, STEPS = 16, 2
# Seconds for each recipe. Fast: a critic, spectral normalisation and a posterior.
FAST = ("wgan-gp", "projection", "infogan")


def train(name, policy, *, steps=STEPS, **options):
    """A trained GAN, and the logs of each step."""
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(3)
    gan = networks.recipe_gan(name, d_steps=1, ema_decay=0.9)
    arguments = gan_types.get(name).compile_arguments(10)
    arguments |= {"d_steps": 1, "g_steps": 1, "run_eagerly": True}
    gan.compile(**arguments, **options)
    data = networks.examples(BATCH * steps), networks.labels(BATCH * steps)
    logs = []
    for step in range(steps):
        part = slice(step * BATCH, (step + 1) * BATCH)
        gan.reset_metrics()
        history = gan.fit(*(x[part] for x in data), batch_size=BATCH, verbose=0).history
        logs.append({key: values[0] for key, values in history.items()})
    return gan, logs


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
        for name in gan_types.names()
    ],
)
def test_every_recipe_trains_in_sixteen_bits(name):
    _, exact = train(name, "float32", steps=1)
    for policy in POLICIES:
        gan, logs = train(name, policy)
        assert all(v.dtype == "float32" for v in gan.trainable_variables)
        scaled = [isinstance(x, keras.optimizers.LossScaleOptimizer)
                  for x in (gan.g_optimizer, gan.d_optimizer)]  # fmt: skip
        assert scaled == [policy == "mixed_float16"] * 2
        assert np.isfinite([list(row.values()) for row in logs]).all()
        for optimizer in (gan.g_optimizer, gan.d_optimizer):
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            # A first scale that is too large costs float16 a step.
            assert inner.iterations.numpy() in ((1, 2) if policy == "mixed_float16" else (2,))
        # The first step has the weights of float32, and bfloat16 has 8 bits of precision.
        for key in ("d_real", "d_fake"):
            assert logs[0][key] == pytest.approx(exact[0][key], rel=0.02, abs=0.02), (policy, key)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("spec", ["gradient_penalty", "lipschitz_penalty", "r1", "r2", "dragan"])
def test_penalties_are_within_two_percent_of_float32(policy, spec):
    values = {}
    for each in ("float32", policy):
        keras.config.set_dtype_policy(each)
        keras.utils.set_random_seed(3)
        critic = models.build_discriminator(
            "dcgan", example_shape=(8, 8, 1), width=16, normalization="layer"
        )
        real, fake = (
            tf.constant(np.random.default_rng(seed).uniform(-1, 1, [64, 8, 8, 1]), tf.float32)
            for seed in (0, 1)
        )

        # Slopes from 1.2 to 2.7: a penalty that is nearly 0 at 1 has no relative precision there,
        # as bfloat16 gives slopes to 0.4 %.
        def own(x, critic=critic):
            return 6.0 * tf.cast(critic(x, training=True), tf.float32)

        seed = tf.constant([1, 2], tf.int64)
        values[each] = float(tf.reduce_mean(penalties.get(spec)(own, real, fake, seed=seed)))
    assert values["float32"] > 0.0
    assert values[policy] == pytest.approx(values["float32"], rel=0.02)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("spec", ["gradient_penalty", "r1", "dragan"])
def test_penalties_are_computed_in_float32(policy, spec):
    """A sum of squares of 3072 gradients of 10 is 3e5, and float16 ends at 65504."""
    critic = keras.Sequential(
        [
            keras.Input([32, 32, 3]),
            keras.layers.Flatten(),
            keras.layers.Dense(1, dtype=policy, kernel_initializer=keras.initializers.Constant(10)),
        ]
    )
    x = tf.constant(np.random.default_rng(0).uniform(-1, 1, [2, 32, 32, 3]), tf.float32)
    penalty = penalties.get(spec)
    values = penalty(critic, x, -x, seed=tf.constant([1, 2], tf.int64))
    assert values.dtype == tf.float32
    norm = np.sqrt(3072) * 10
    expected = penalty.weight / 2 * norm**2 if spec == "r1" else penalty.weight * (norm - 1) ** 2
    np.testing.assert_allclose(values, [expected] * 2, rtol=0.01)


@pytest.mark.parametrize(("overflowing", "other"), [("d", "g"), ("g", "d")])
def test_a_step_that_one_network_skips_is_not_skipped_by_the_other(overflowing, other):
    huge = {
        f"{overflowing}_optimizer": keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(0.1), initial_scale=2.0**120
        ),
        f"{other}_optimizer": keras.optimizers.SGD(0.1),
    }
    keras.config.set_dtype_policy("mixed_float16")
    gan = networks.recipe_gan("gan", d_steps=1)
    gan.compile("hinge", **huge)
    nets = {"g": gan.generator, "d": gan.discriminator}
    before = {key: [w.copy() for w in net.get_weights()] for key, net in nets.items()}
    history = gan.fit(networks.examples(BATCH), batch_size=BATCH, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    moved = {
        key: any((a != b).any() for a, b in zip(before[key], net.get_weights(), strict=True))
        for key, net in nets.items()
    }
    assert moved == {overflowing: False, other: True}
    skipped, applied = (getattr(gan, f"{key}_optimizer") for key in (overflowing, other))
    assert skipped.inner_optimizer.iterations.numpy() == 0
    assert applied.inner_optimizer.iterations.numpy() == 1
    # It tries again with half the scale.
    assert skipped.dynamic_scale.numpy() == 2.0**119
    assert gan.step.numpy() == 1
