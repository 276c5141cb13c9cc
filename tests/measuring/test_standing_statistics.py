"""Statistics of batches of samples: against NumPy, layer by layer, and what stays as it is."""

import keras
import networks
import numpy as np
import pytest

from tfgan_losses import GAN, random, sampling
from tfgan_losses.layers import BatchNormalization, SpectralNormalization
from tfgan_losses.measuring import drawing
from tfgan_losses.measuring.saved_generator import SavedGenerator
from tfgan_losses.measuring.standing_statistics import with_standing_statistics
from tfgan_losses.truncation import Truncation


def inputs(gan, index, seed=0, truncation=None):
    own = random.derived_seed(seed, f"standing statistics {index}")
    return sampling.generator_inputs(256, gan.latent_dim, gan.condition, own, truncation=truncation)


def plain(ema_decay=None):
    keras.utils.set_random_seed(1)
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=5, ema_decay=ema_decay)
    gan.compile("hinge")
    return gan


@pytest.mark.parametrize("truncation", [None, 0.5, Truncation(0.5, "scaled")])
def test_means_of_the_statistics_of_each_batch(truncation):
    gan = plain(ema_decay=0.9)
    dense, norm, output, _ = gan.ema_generator.layers
    for variable in (*dense.weights, *norm.weights[:2]):
        rng = np.random.default_rng(len(variable.shape))
        variable.assign(rng.uniform(0.3, 1.0, variable.shape))
    before = gan.get_weights()
    standing = with_standing_statistics(gan, 3, seed=4, truncation=truncation)
    for a, b in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    hidden = [
        np.maximum(inputs(gan, i, 4, truncation) @ dense.kernel.numpy() + dense.bias.numpy(), 0)
        for i in range(3)
    ]
    found = standing.network.layers[1]
    mean, variance = np.mean([[h.mean(0), h.var(0)] for h in hidden], axis=0)
    np.testing.assert_allclose(found.moving_mean, mean, rtol=1e-4)
    np.testing.assert_allclose(found.moving_variance, variance, rtol=1e-4)
    assert found.momentum == norm.momentum
    # And the samples are those that these make.
    (samples, _), *_ = drawing.drawn(standing, 5, seed=1, truncation=truncation)
    latents = sampling.generator_inputs(5, gan.latent_dim, None, 1, truncation=truncation)
    h = np.maximum(latents @ dense.kernel.numpy() + dense.bias.numpy(), 0)
    h = (h - mean) / np.sqrt(variance + norm.epsilon) * norm.gamma.numpy() + norm.beta.numpy()
    expected = np.tanh(h @ output.kernel.numpy() + output.bias.numpy())
    np.testing.assert_allclose(samples.reshape(5, -1), expected, rtol=1e-3, atol=1e-4)


def test_layers_behind_see_what_batch_statistics_make_of_those_before():
    """One batch: then the samples of that batch are those of a training call."""
    gan = plain()
    standing = with_standing_statistics(gan, 1)
    batch = inputs(gan, 0)
    expected = gan.generator(batch, training=True)
    np.testing.assert_allclose(standing.draw(batch), expected, rtol=1e-4, atol=1e-5)


def test_conditional_normalisations_and_spectral_kernels():
    gan = GAN.from_recipe(
        "sagan", (4,), num_classes=3, latent_dim=networks.LATENT_DIM, width=8, seed=5
    )
    standing = with_standing_statistics(gan, 1)
    own = list(gan.generator._flatten_layers())
    for layer, copied in zip(own, standing.network._flatten_layers(), strict=True):
        if isinstance(layer, SpectralNormalization):
            for a, b in zip(layer.weights, copied.weights, strict=True):
                np.testing.assert_array_equal(a, b)
    assert sum(isinstance(layer, BatchNormalization) for layer in own) == 2
    batch = inputs(gan, 0)
    expected = gan.generator(batch, training=True)
    np.testing.assert_allclose(standing.draw(batch), expected, rtol=1e-3, atol=1e-4)


def test_a_seed_decides():
    gan = plain()
    first, same, other = (with_standing_statistics(gan, 2, seed=s) for s in (0, 0, 1))
    for a, b in zip(first.network.get_weights(), same.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    pairs = zip(first.network.get_weights(), other.network.get_weights(), strict=True)
    assert not all(np.array_equal(a, b) for a, b in pairs)


def test_what_has_none_is_refused(tmp_path):
    gan = plain()
    with pytest.raises(ValueError, match=r"integer >= 1.*standing_statistics=0"):
        with_standing_statistics(gan, 0)
    without = GAN(*networks.pair(batch_normalization=False), latent_dim=networks.LATENT_DIM)
    with pytest.raises(ValueError, match=r"with batch normalisation.*standing_statistics=2"):
        with_standing_statistics(without, 2)
    gan.export_generator(tmp_path / "generator")
    with pytest.raises(ValueError, match=r"networks of a run.*SavedGenerator"):
        with_standing_statistics(SavedGenerator(tmp_path / "generator"), 2)


def test_an_export_has_them(tmp_path):
    standing = with_standing_statistics(plain(), 1)
    standing.export_generator(tmp_path / "generator")
    latents = sampling.generator_inputs(4, networks.LATENT_DIM, None, 1)
    saved = SavedGenerator(tmp_path / "generator")
    np.testing.assert_allclose(saved.draw(latents), standing.draw(latents), rtol=1e-5, atol=1e-6)
