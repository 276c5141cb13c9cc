"""docs/theory/weight_clipping.md."""

import numpy as np
import pytest

from tfgan_losses import constraints


@pytest.fixture
def clipping(experiment):
    return experiment("clipped_critics")


@pytest.mark.parametrize("limit", [0.1, 0.01])
def test_gain_of_aligned_signs(clipping, limit):
    critic = clipping.uniform_within(limit)
    for layer in critic.layers[2:]:
        # Every other unit is active, and all signs into the active ones agree.
        signs = np.resize([1, -1], layer.kernel.shape[1])
        layer.kernel.assign(np.broadcast_to(limit * signs, layer.kernel.shape))
    examined = clipping.examine(critic, limit)
    assert examined.gain == pytest.approx(limit * clipping.WIDTH / 2, rel=1e-6)
    assert examined.gain == pytest.approx(clipping.aligned_gain(limit), rel=1e-6)


def test_gain_of_random_weights(clipping):
    # Uniform weights have the variance c^2 / 3, and half of the units are active: c sqrt(n / 6).
    limit = 0.1
    gain = clipping.examine(clipping.uniform_within(limit), limit).gain
    assert gain == pytest.approx(limit * np.sqrt(clipping.WIDTH / 6), rel=0.1)


def test_uniform_weights_are_not_at_the_bounds(clipping):
    weights = clipping.kernels(clipping.uniform_within(0.01)) / 0.01
    # 5 % of an interval is within 5 % of its ends.
    assert clipping.share_at_bounds(weights) == pytest.approx(0.05, abs=0.005)


def test_the_first_clipping_of_a_usual_start(clipping):
    critic = clipping.deep_network(initializer="glorot_uniform")
    constraints.get("weight_clipping(limit=0.01)")(critic.trainable_variables)
    kernel = critic.layers[5].kernel.numpy()
    # Glorot & Bengio, 2010: uniform up to sqrt(6 / (64 + 64)) = 0.2165.
    expected = 1 - 0.0095 / np.sqrt(6 / 128)
    assert clipping.share_at_bounds(kernel / 0.01) == pytest.approx(expected, abs=0.01)


def test_noise_makes_the_fake_points_from_real_ones(clipping):
    real, fake = (clipping.many(sampler) for sampler in (clipping.real, clipping.fake))
    assert real.shape == fake.shape == (8 * clipping.BATCH, 2)
    np.testing.assert_allclose(real.std(axis=0), 1, atol=0.1)
    np.testing.assert_allclose(fake.var(axis=0) - real.var(axis=0), 1, atol=0.2)
    np.testing.assert_allclose(fake.mean(axis=0), real.mean(axis=0), atol=0.15)
