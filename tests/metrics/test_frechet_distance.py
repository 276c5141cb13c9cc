import numpy as np
import pytest
import scipy.linalg

from tfgan_losses.metrics import frechet_distance


def features_with(mean, covariance, n=50, seed=0):
    """Features whose sample mean and unbiased sample covariance are exactly those given."""
    noise = np.random.default_rng(seed).normal(size=[n, len(mean)])
    noise -= noise.mean(axis=0)
    whitening = np.linalg.inv(np.linalg.cholesky(np.cov(noise.T).reshape(len(mean), -1)))
    return noise @ whitening.T @ np.linalg.cholesky(covariance).T + mean


def random_covariance(rng, size):
    factor = rng.normal(size=[size, 2 * size])
    return factor @ factor.T / size


def test_one_dimension():
    # In one dimension it is (mu_r - mu_g)^2 + (sigma_r - sigma_g)^2.
    real = features_with([1.0], [[4.0]])
    generated = features_with([-0.5], [[0.25]], n=80, seed=1)
    np.testing.assert_allclose(frechet_distance(real, generated), 1.5**2 + 1.5**2, rtol=1e-12)


def test_covariances_that_commute():
    # For diagonal covariances it is the sum of the distances along the axes.
    real = features_with([0.0, 1.0, 2.0], np.diag([1.0, 4.0, 9.0]))
    generated = features_with([0.0, 3.0, 2.0], np.diag([4.0, 4.0, 0.25]), seed=1)
    np.testing.assert_allclose(frechet_distance(real, generated), 1 + 4 + 2.5**2, rtol=1e-10)


def test_general_covariances_against_scipy():
    # The formula to the letter, with SciPy's square root of the product, not symmetric.
    rng = np.random.default_rng(3)
    means = rng.normal(size=[2, 6])
    covariances = [random_covariance(rng, 6) for _ in range(2)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(sum(covariances) - 2 * root)
    pair = [
        features_with(m, c, seed=i) for i, (m, c) in enumerate(zip(means, covariances, strict=True))
    ]
    np.testing.assert_allclose(frechet_distance(*pair), expected, rtol=1e-9)


def test_equal_sets_have_distance_zero():
    features = np.random.default_rng(0).normal(size=[100, 8])
    assert frechet_distance(features, features) == 0
    assert frechet_distance(features, features[::-1]) == pytest.approx(0, abs=1e-9)


def test_shift_symmetry_and_rotation():
    rng = np.random.default_rng(1)
    real, generated = rng.normal(size=[60, 4]), rng.normal(size=[90, 4]) * [1, 2, 3, 4]
    np.testing.assert_allclose(frechet_distance(real, real + 0.5), 4 * 0.25, rtol=1e-9)
    distance = frechet_distance(real, generated)
    np.testing.assert_allclose(frechet_distance(generated, real), distance, rtol=1e-9)
    rotation = np.linalg.qr(rng.normal(size=[4, 4]))[0]
    np.testing.assert_allclose(
        frechet_distance(real @ rotation, generated @ rotation), distance, rtol=1e-9
    )


def test_fewer_examples_than_features():
    # Both covariances are singular; the distance to a shifted copy is still the shift.
    features = np.random.default_rng(2).normal(size=[5, 40])
    np.testing.assert_allclose(frechet_distance(features, features + 1), 40, atol=1e-5)
    # Two points on one axis against two on another: no overlap, so traces add up.
    one, other = np.zeros([2, 2, 3])
    one[1, 0], other[1, 1] = 2.0, 2.0
    # Means (1, 0, 0) and (0, 1, 0), variances 2 each.
    np.testing.assert_allclose(frechet_distance(one, other), 2 + 2 + 2, atol=1e-6)


def test_float32_features_are_measured_in_float64():
    # A large common offset leaves no digits for the variance in float32.
    noise = np.random.default_rng(0).integers(-8, 9, size=[400, 3])
    offset = (noise + 2**20).astype(np.float32)
    assert frechet_distance(offset, (offset + 1)) == pytest.approx(3, rel=1e-9)


@pytest.mark.parametrize("shapes", [((5, 2), (5, 3)), ((5,), (5, 1)), ((5, 2, 2), (5, 4))])
def test_wrong_widths(shapes):
    with pytest.raises(ValueError, match=r"of one width. Received: shapes \(5"):
        frechet_distance(*map(np.zeros, shapes))


def test_too_few_examples():
    with pytest.raises(ValueError, match="Received: 5 real and 1 generated"):
        frechet_distance(np.zeros([5, 2]), np.zeros([1, 2]))
