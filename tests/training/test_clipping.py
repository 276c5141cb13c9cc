"""Gradients are clipped before the fused step, after the mean over parts, and unscaled."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import schedules
from tfgan_losses.training.optimizers import ScheduledAdam, build_pair


def network():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])


@pytest.mark.parametrize("make", [keras.optimizers.SGD, keras.optimizers.Adam, ScheduledAdam])
def test_the_norm_of_all_gradients_together(make):
    """An epsilon of 1 shows in a step of Adam how large a gradient was."""
    options = {} if make is keras.optimizers.SGD else {"epsilon": 1.0}
    rng = np.random.default_rng(0)
    gradients = [rng.normal(size=(3, 4)), rng.normal(size=4)]
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    moved = []
    for clip, factor in (({"global_clipnorm": 0.5}, 1.0), ({}, 0.5 / norm)):
        keras.utils.set_random_seed(0)
        net = network()
        optimizer, _ = build_pair(net, make(learning_rate=0.1, **clip, **options), network(), None)
        before = net.get_weights()
        given = [tf.constant(g * factor, tf.float32) for g in gradients]
        optimizer.apply(given, net.trainable_variables)
        moved.append([a - b for a, b in zip(net.get_weights(), before, strict=True)])
    for clipped, scaled in zip(*moved, strict=True):
        assert np.abs(clipped).max() > 1e-4
        np.testing.assert_allclose(clipped, scaled, rtol=1e-4, atol=1e-7)


def test_the_loss_scale_is_taken_off_first():
    net = network()
    rule = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(1.0, global_clipnorm=0.5), initial_scale=1024.0
    )
    optimizer, _ = build_pair(net, rule, network(), None)
    before = net.get_weights()
    # Of norm 0.2 without the scale, and so not clipped.
    gradients = [tf.fill([3, 4], 1024 * 0.05), tf.fill([4], 1024 * 0.05)]
    optimizer.apply(gradients, net.trainable_variables)
    for a, b in zip(net.get_weights(), before, strict=True):
        np.testing.assert_allclose(b - a, 0.05, rtol=1e-5)


@pytest.mark.slow
def test_parts_are_clipped_as_the_whole():
    trained = []
    for accumulate in (1, 2):
        keras.utils.set_random_seed(3)
        gan = networks.recipe_gan("gan")
        rules = [keras.optimizers.SGD(1.0, global_clipnorm=0.01) for _ in range(2)]
        gan.compile("non_saturating", g_optimizer=rules[0], d_optimizer=rules[1],
                    accumulate=accumulate)  # fmt: skip
        before = gan.generator.get_weights()
        gan.train_on_batch(networks.examples(8))
        after = gan.generator.get_weights()
        moved = np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(after, before, strict=True)))
        assert moved == pytest.approx(0.01, rel=1e-3), "it is clipped"
        trained.append(gan)
    networks.assert_same_state(*trained, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["clipnorm", "global_clipnorm", "clipvalue"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_what_is_no_norm_is_refused(name, value):
    # Keras would clip nothing, without a word.
    with pytest.raises(ValueError, match=f"Expected d_optimizer with {name} > 0"):
        build_pair(network(), None, network(), keras.optimizers.SGD(0.1, **{name: value}))


def test_the_logged_rate_warms_up_and_a_saved_gan_goes_on(tmp_path):
    keras.utils.set_random_seed(3)
    gan = networks.recipe_gan("gan")
    warm = schedules.get("warmup(to=cosine(start=0.1, end=0), updates=4)")
    rules = [keras.optimizers.Adam(warm), keras.optimizers.Adam(warm)]
    gan.compile("hinge", g_optimizer=rules[0], d_optimizer=rules[1], d_steps=2, steps=8)
    gan.fit(networks.examples(12), batch_size=4, verbose=0, shuffle=False)
    half = [(1 + np.cos(np.pi * done)) / 2 for done in (3 / 8, 6 / 16)]
    assert float(gan.g_optimizer.learning_rate) == pytest.approx(0.1 * 0.75 * half[0], rel=1e-5)
    assert float(gan.d_optimizer.learning_rate) == pytest.approx(0.1 * half[1], rel=1e-5)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for each in (gan, again):
        each.fit(networks.examples(8, seed=2), batch_size=4, verbose=0, shuffle=False)
    networks.assert_same_state(gan, again)
