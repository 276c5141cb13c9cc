import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import datasets
from tfgan_losses.datasets.mixtures import MIXTURES, grid


def test_ring8_is_the_published_one():
    ring = MIXTURES["ring8"]
    assert ring.centers.shape == (8, 2) and ring.centers.dtype == np.float32
    np.testing.assert_allclose(np.hypot(*ring.centers.T), 1, rtol=1e-6)
    steps = np.hypot(*(ring.centers - np.roll(ring.centers, 1, axis=0)).T)
    np.testing.assert_allclose(steps, 2 * np.sin(np.pi / 8), rtol=1e-5)
    assert ring.sigma == 0.01


def test_grid25_is_the_published_one():
    axis = (-4, -2, 0, 2, 4)
    assert set(map(tuple, MIXTURES["grid25"].centers)) == {(x, y) for x in axis for y in axis}
    assert MIXTURES["grid25"].sigma == 0.05


@pytest.mark.parametrize("name", MIXTURES)
def test_samples_have_the_moments_of_the_mixture(name):
    mixture, n = MIXTURES[name], 50_000
    points = mixture.sample(n, seed=1)
    assert points.shape == (n, 2) and points.dtype == np.float32
    distances = np.linalg.norm(points[:, None] - mixture.centers, axis=-1)
    nearest = distances.argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(mixture.centers))
    expected = n / len(mixture.centers)
    assert ((counts - expected) ** 2 / expected).sum() < len(counts) + 5 * np.sqrt(2 * len(counts))
    noise = (points - mixture.centers[nearest]) / mixture.sigma
    assert abs(noise.mean(axis=0)).max() < 5 / np.sqrt(n)
    np.testing.assert_allclose(np.cov(noise.T), np.eye(2), atol=5 * np.sqrt(2 / n))
    # Within 3 sigma lie 1 - exp(-4.5) = 98.9 %, the ceiling of "high quality".
    assert abs((distances.min(axis=1) < 3 * mixture.sigma).mean() - 0.98889) < 0.0025


def test_density_integrates_to_one_and_has_the_closed_form():
    mixture = grid(2, spacing=1.0, sigma=0.2)
    axis = np.linspace(-3, 3, 301)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = mixture.density(points)
    assert density.shape == (301 * 301,)
    np.testing.assert_allclose(density.sum() * (axis[1] - axis[0]) ** 2, 1, rtol=1e-9)
    # At a centre: 1/4 (1 + 2 exp(-1/(2 s^2)) + exp(-2/(2 s^2))) / (2 pi s^2)
    value = (1 + np.exp(-1 / 0.08)) ** 2 / (4 * 2 * np.pi * 0.04)
    np.testing.assert_allclose(mixture.density(mixture.centers), value, rtol=1e-12)


def test_source_is_fresh_seeded_and_resumes_bitwise(draw):
    source = datasets.load("ring8")
    assert (source.size, source.num_classes, source.example_shape) == (None, None, (2,))
    assert source.batches(7).element_spec == tf.TensorSpec([7, 2], tf.float32)
    whole = [batch[0] for batch in draw(source, 7, 6, seed=3)]
    assert len({points.tobytes() for points in whole}) == 6
    tail = draw(source, 7, 4, seed=3, start=2)
    np.testing.assert_array_equal(whole[2:], [batch[0] for batch in tail])
    assert not np.array_equal(whole[0], draw(source, 7, 1, seed=4)[0][0])
    points, labels = source.take(9)
    assert labels is None
    np.testing.assert_array_equal(points, source.mixture.sample(9, seed=0))


def test_same_bits_eager_and_in_a_graph():
    mixture, seed = MIXTURES["grid25"], tf.constant([1, 2], tf.int64)
    np.testing.assert_array_equal(
        mixture.draw(64, seed), tf.function(lambda s: mixture.draw(64, s))(seed)
    )
