import numpy as np
import pytest
import scipy.stats

from tfgan_losses.divergences import Density, Gaussian, wasserstein_1d

GRID = np.linspace(-25, 25, 10_001)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 7), (10, 10), (13, 8), (1000, 999)])
def test_samples_against_scipy(n, m):
    rng = np.random.default_rng(n)
    p, q = rng.normal(size=n), rng.gamma(2, size=m)
    expected = scipy.stats.wasserstein_distance(p, q)
    assert wasserstein_1d(p, q) == pytest.approx(expected, rel=1e-12)


def test_densities_against_scipy_on_different_grids():
    rng = np.random.default_rng(0)
    grids = np.sort(rng.normal(size=20)), np.sort(rng.normal(size=31))
    shares = rng.dirichlet(np.ones(20)), rng.dirichlet(np.ones(31))
    expected = scipy.stats.wasserstein_distance(*grids, *shares)
    found = wasserstein_1d(*(Density(*pair) for pair in zip(grids, shares, strict=True)))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3.5])
def test_a_shift_costs_its_length(order):
    samples = np.random.default_rng(1).normal(size=50)
    assert wasserstein_1d(samples, samples + 3, order=order) == pytest.approx(3)
    assert wasserstein_1d(samples, samples[::-1], order=order) == 0


def test_order_of_samples_of_one_size():
    rng = np.random.default_rng(2)
    p, q = rng.normal(size=40), rng.normal(size=40)
    expected = np.mean(np.abs(np.sort(p) - np.sort(q)) ** 3) ** (1 / 3)
    assert wasserstein_1d(p, q, order=3) == pytest.approx(expected)


def test_triangle_inequality_and_growth_with_the_order():
    rng = np.random.default_rng(3)
    a, b, c = rng.normal(size=[3, 30])
    assert wasserstein_1d(a, c) <= wasserstein_1d(a, b) + wasserstein_1d(b, c)
    assert wasserstein_1d(a, b) <= wasserstein_1d(a, b, order=2)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        (Gaussian(0, 1), Gaussian(2, 1)),
        (Gaussian(0, 1), Gaussian(0, 1.7)),
        (Gaussian(-1, 0.4), Gaussian(0.5, 1.2)),
    ],
)
def test_gaussians_against_a_fine_grid(p, q, order):
    expected = wasserstein_1d(p.on(GRID), q.on(GRID), order=order)
    assert wasserstein_1d(p, q, order=order) == pytest.approx(expected, rel=2e-3)


def test_two_points_that_move_apart():
    """Unlike every f-divergence it says how far apart."""
    for theta in (0.0, 0.25, 7.0):
        assert wasserstein_1d([0.0], [theta]) == theta


def test_errors():
    with pytest.raises(ValueError, match=r"order >= 1.*order=0.5"):
        wasserstein_1d([0.0], [1.0], order=0.5)
    with pytest.raises(ValueError, match="order 1 or 2 for two Gaussians"):
        wasserstein_1d(Gaussian(0, 1), Gaussian(0, 2), order=3)
    with pytest.raises(TypeError, match="Received: Gaussian and list"):
        wasserstein_1d(Gaussian(0, 1), [0.0])
    for bad in ([], [[0.0]], 1.0, [np.nan]):
        with pytest.raises(ValueError, match="finite points on the line"):
            wasserstein_1d(bad, [0.0])
    plane = Density([[0.0, 0.0], [0.0, 1.0]], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"on the line.*shape \(2, 2\)"):
        wasserstein_1d(plane, plane)
