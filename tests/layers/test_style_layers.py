"""Noise and styles: functions of latent vectors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import random_of_latents
from tfgan_losses.layers import (
    LatentNoise,
    LearnedConstant,
    SecondLatents,
    StyleMixing,
    TruncateStyles,
)

RNG = np.random.default_rng(0)


def latents(batch, size=4, seed=0):
    return np.random.default_rng(seed).standard_normal((batch, size)).astype("float32")


def noise_of(layer, z, shape=(4, 6, 3)):
    return np.asarray(layer([np.zeros((len(z), *shape), "float32"), z]))


def test_noise_is_one_number_per_pixel_times_a_strength():
    layer, z = LatentNoise("4x6", gain=2.0), latents(5)
    assert not noise_of(layer, z).any()
    layer.strength.assign(0.5)
    expected = random_of_latents.normal(z, 24, "4x6").numpy().reshape(5, 4, 6, 1)
    np.testing.assert_allclose(noise_of(layer, z), np.repeat(expected, 3, -1), rtol=1e-6)
    other = LatentNoise("another")
    other.build(None)
    other.strength.assign(1.0)
    assert abs(np.corrcoef(noise_of(other, z)[..., 0].ravel(), expected.ravel())[0, 1]) < 0.4


def test_half_precision_has_the_same_noise():
    """Latent vectors are not rounded first: rounded ones would have other noise."""
    full, half = LatentNoise("x"), LatentNoise("x", dtype="mixed_float16")
    z = latents(3)
    for layer in (full, half):
        layer.build(None)
        layer.strength.assign(1.0)
    features = np.zeros((3, 4, 4, 1), "float16")
    rounded = half([features, z])
    assert rounded.dtype == tf.float16
    np.testing.assert_allclose(noise_of(full, z, (4, 4, 1)), rounded, atol=4e-3)


def test_second_latents_are_independent_of_the_first():
    z = latents(4000, 3)
    second = np.asarray(SecondLatents()(z))
    assert second.shape == z.shape
    np.testing.assert_allclose(second.std(0), 1, atol=0.06)
    assert np.abs(np.corrcoef(z.T, second.T)[:3, 3:]).max() < 0.08


def test_mixed_styles():
    styles, batch = 6, 3000
    first, second = np.ones((batch, 2), "float32"), np.full((batch, 2), 2, "float32")
    z = latents(batch)
    layer = StyleMixing(styles, probability=0.9)
    assert np.all(np.asarray(layer([first, second, z])) == 1)
    mixed = np.asarray(layer([first, second, z], training=True))
    assert mixed.shape == (batch, styles, 2)
    assert np.all(mixed[..., 0] == mixed[..., 1])
    # Once the second style, always the second style; the first layer has the first one.
    assert np.all(np.diff(mixed[..., 0], axis=1) >= 0) and np.all(mixed[:, 0] == 1)
    starts = styles - (mixed[..., 0] == 2).sum(1)
    shares = np.bincount(starts, minlength=styles + 1) / batch
    # Five equally probable places for 0.9, and none for 0.1; four standard errors.
    np.testing.assert_allclose(shares[1:], [0.18] * 5 + [0.1], atol=0.03)
    np.testing.assert_array_equal(layer([first, second, z], training=True), mixed)


def test_styles_are_truncated_towards_their_mean():
    layer = TruncateStyles(0.25)
    styles = RNG.standard_normal((3, 4, 2)).astype("float32")
    layer.build(styles.shape)
    layer.mean.assign([1.0, -2.0])
    mean = np.array([1.0, -2.0])
    np.testing.assert_allclose(layer(styles), mean + 0.25 * (styles - mean), rtol=1e-5, atol=1e-6)
    assert not layer.trainable_weights


def test_a_constant_is_repeated_for_each_example():
    layer = LearnedConstant((2, 3, 4))
    result = np.asarray(layer(latents(5)))
    assert result.shape == (5, 2, 3, 4) and np.all(result == result[:1]) and result.std() > 0.5


def test_a_file_restores_them(tmp_path):
    z = keras.Input((4,))
    features = LearnedConstant((4, 4, 3))(z)
    noise = LatentNoise("x", gain=3.0)
    features = noise([features, z])
    styles = StyleMixing(3, probability=0.5)([z, SecondLatents()(z), z])
    model = keras.Model(z, [features, TruncateStyles(0.5)(styles)])
    noise.strength.assign(1.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for training in (False, True):
        for one, two in zip(
            model(latents(6), training=training), loaded(latents(6), training=training), strict=True
        ):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StyleMixing(1), "Expected styles >= 2.*Received: styles=1"),
        (lambda: StyleMixing(4, probability=2), "probability in .*Received.*probability=2"),
        (lambda: TruncateStyles(-1), "Expected psi to be a number >= 0. Received: psi=-1"),
        (lambda: TruncateStyles(float("nan")), "Expected psi .*Received: psi=nan"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
