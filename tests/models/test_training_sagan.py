"""Trainings of SAGAN's networks, through second derivatives, XLA, half precision and files."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, gan_types

pytestmark = pytest.mark.slow
SHAPE = (8, 8, 1)
GAMMAS = ("g_attention_gamma", "d_attention_gamma")


def make(**arguments):
    """With an R1 penalty: a second derivative through convolutions, pooling and softmax."""
    keras.utils.set_random_seed(3)
    recipe = dataclasses.replace(gan_types.get("sagan"), penalties=("r1(weight=1)",))
    gan = GAN.from_recipe(
        recipe, SHAPE, num_classes=3, latent_dim=4, width=4, steps=9, seed=5, **arguments
    )
    for network in (gan.generator, gan.discriminator):
        for layer in network.layers:
            if hasattr(layer, "gamma") and layer.name.endswith("attention"):
                layer.gamma.assign(0.5)
    return gan


def batches(count=3):
    images = np.random.default_rng(0).uniform(-1, 1, (8 * count, *SHAPE)).astype("float32")
    return tf.data.Dataset.from_tensor_slices((images, np.arange(8 * count) % 3)).batch(8)


def logs(gan):
    history = gan.fit(batches(), verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    return {key: values[0] for key, values in history.items()}


def test_xla_trains_as_a_graph_and_without_one():
    eager, *others = (logs(make(**mode)) for mode in (
        {"run_eagerly": True}, {}, {"jit_compile": True}))  # fmt: skip
    assert {*GAMMAS, "r1", "d_loss", "g_loss"} <= set(eager) and eager["r1"] > 0
    for other in others:
        for key, value in eager.items():
            assert other[key] == pytest.approx(value, rel=1e-3, abs=1e-4), key


def test_half_precision():
    full = logs(make())
    keras.config.set_dtype_policy("mixed_float16")
    half = logs(make())
    for key in ("d_loss", "g_loss", *GAMMAS):
        assert half[key] == pytest.approx(full[key], rel=0.1, abs=0.02), key


def test_killed_and_resumed_is_uninterrupted(tmp_path):
    whole, first = make(), make()
    expected = logs(whole)
    first.fit(batches().take(1), verbose=0)
    first.save(tmp_path / "gan.keras")
    second = keras.saving.load_model(tmp_path / "gan.keras")
    history = second.fit(batches().skip(1), verbose=0).history
    for key in GAMMAS:
        # Means over three steps, and over the last two of them.
        assert history[key][0] == pytest.approx(expected[key], rel=1e-2)
    for a, b in zip(whole.variables, second.variables, strict=True):
        if not any(a is v for m in whole.metrics for v in m.variables):
            np.testing.assert_array_equal(a, b)


def test_parts_of_a_batch_make_the_whole():
    """Without batch normalisation, which looks at a part: eager, two parts of each update."""
    arguments = {"g_normalization": "spectral", "run_eagerly": True}
    whole, parts = (logs(make(**arguments, accumulate=n)) for n in (1, 2))
    for key in ("d_loss", "g_loss", *GAMMAS):
        assert parts[key] == pytest.approx(whole[key], rel=1e-3, abs=1e-4), key
