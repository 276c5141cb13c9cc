"""Latent consistency of linear networks, by hand."""

import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import auxiliary, random

RNG = np.random.default_rng(0)
MATRIX, WEIGHTS = RNG.normal(size=(3, 5)).astype("float32"), RNG.normal(size=5).astype("float32")


def seen_in(network, latents):
    def generator(z):
        return z @ MATRIX

    def critic(x):
        return tf.linalg.matvec(x, WEIGHTS)[:, None]

    fake = generator(latents)
    found = {"fake": fake, "fake_outputs": {"logits": critic(fake)}}
    return networks.seen(network, latents=latents, generator=generator, critic=critic, **found)


def test_both_parts_of_linear_networks():
    """G(z) - G(z + e) = -A e whatever z is, and D's difference is -w.A e."""
    term = auxiliary.get("latent_consistency(weight=3, generator_weight=0.7, sigma=0.2)")
    latents = tf.constant(RNG.normal(size=(6, 3)), tf.float32)
    for network in term.networks:
        seen = seen_in(network, latents)
        noise = 0.2 * random.normal(6, [3], seen.seed_for("latent consistency")).numpy()
        moved = noise @ MATRIX
        if network == "discriminator":
            expected = 3 * (moved @ WEIGHTS)[:, None] ** 2
        else:
            expected = -0.7 * moved**2
        np.testing.assert_allclose(term.weighted(seen, 1), expected, rtol=2e-3, atol=1e-5)
        np.testing.assert_allclose(term.weighted(seen, 4), 4 * expected, rtol=2e-3, atol=1e-5)


def test_the_networks_have_noise_of_their_own():
    first, second = (
        auxiliary.LatentConsistency()._near(seen_in(network, tf.zeros([4, 3])))
        for network in ("discriminator", "generator")
    )
    assert np.abs(first - second).min() > 1e-6
    assert np.abs(first).max() < 0.05 * 5.5


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_sigmas(sigma):
    with pytest.raises(ValueError, match="Expected sigma > 0"):
        auxiliary.LatentConsistency(sigma=sigma)
