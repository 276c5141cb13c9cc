"""docs/theory/wasserstein.md."""

import numpy as np
import pytest

from tfgan_losses.divergences import Gaussian, wasserstein_1d


@pytest.fixture
def wasserstein(experiment):
    return experiment("wasserstein")


@pytest.fixture
def critics(experiment):
    return experiment("critics")


def test_parallel_lines(wasserstein):
    found = wasserstein.parallel_lines(np.array([-2.0, -0.1, 0.0, 1e-3, 3.0]))
    apart = np.array([True, True, False, True, True])
    # Arjovsky et al., 2017, example 1.
    np.testing.assert_allclose(found["JS"], np.where(apart, np.log(2), 0), atol=1e-12)
    np.testing.assert_allclose(found["TV"], apart, atol=1e-12)
    np.testing.assert_array_equal(found["KL"], np.where(apart, np.inf, 0))
    np.testing.assert_allclose(found["W1"], [2, 0.1, 0, 1e-3, 3], atol=1e-12)


@pytest.mark.parametrize("offset", [-0.4, 0.01, 2.0])
def test_the_projection_of_the_lines_loses_nothing(critics, offset):
    heights = np.random.default_rng(0).uniform(size=200)
    data = np.stack([np.zeros(200), heights], 1)
    generated = np.stack([np.full(200, offset), heights[::-1]], 1)
    assert critics.optimal_assignment(data, generated) == pytest.approx(abs(offset), abs=1e-12)


def test_a_projection_is_never_farther_apart(critics):
    x, y = np.random.default_rng(0).normal(size=[2, 100, 2]) * [[[1, 2]], [[3, 1]]]
    projected = wasserstein_1d(x[:, 0], y[:, 0])
    assert 0 < projected < critics.optimal_assignment(x, y)
    # On the line itself the two agree.
    line = critics.optimal_assignment(x[:, :1], y[:, :1])
    assert line == pytest.approx(projected, abs=1e-12)


def _gap_of_best_slopes(q, weight, rng):
    """E_p D - E_q D for the best slopes at 4001 points, of all slopes that were tried."""
    grid = np.linspace(-7 * q.std, q.mean + 7 * q.std, 4001)
    mix = rng.uniform(size=2000)[:, None]
    deviations = np.hypot(mix, (1 - mix) * q.std)
    scores = (grid - (1 - mix) * q.mean) / deviations
    density = (np.exp(-(scores**2) / 2) / deviations).mean(axis=0) / np.sqrt(2 * np.pi)
    difference = np.array(
        [q.probability_below(x) - Gaussian(0, 1).probability_below(x) for x in grid]
    )
    tried = np.linspace(-6, 6, 2401)[:, None]
    slopes = tried[np.argmax(tried * difference - weight * density * (abs(tried) - 1) ** 2, axis=0)]
    return np.trapezoid(slopes[:, 0] * difference, grid)


@pytest.mark.parametrize(("q", "weight"), [(Gaussian(2, 1), 10), (Gaussian(0, 2), 3)])
def test_what_the_penalised_critic_says(wasserstein, q, weight):
    searched = _gap_of_best_slopes(q, weight, np.random.default_rng(0))
    assert wasserstein.penalised_distance(q, weight) == pytest.approx(searched, rel=0.005)


@pytest.mark.parametrize("weight", [1, 10])
def test_the_excess_is_least_between_points(wasserstein, weight):
    for q in (Gaussian(0.5, 1), Gaussian(0, 3), Gaussian(2, 0.5)):
        w = wasserstein_1d(wasserstein.DATA, q)
        assert wasserstein.penalised_distance(q, weight) > w + w**2 / (2 * weight)
    # So far apart that they are almost points.
    far = wasserstein.penalised_distance(Gaussian(30, 1), weight)
    assert far == pytest.approx(30 + 30**2 / (2 * weight), rel=1e-3)


def test_where_five_per_cent_hold(wasserstein):
    def excess(shift, weight):
        return wasserstein.penalised_distance(Gaussian(shift, 1), weight) / shift - 1

    assert excess(0.9, 10) < 0.05 < excess(1.0, 10)
    assert excess(9.9, 100) < 0.05 < excess(10.0, 100)


@pytest.mark.parametrize("name", ["spectral", "clipping"])
def test_no_critic_says_more_than_w_for_each_unit_of_slope(wasserstein, name):
    said = wasserstein.estimate(wasserstein.METHODS[name], Gaussian(1, 1), steps=60)
    assert 0 < said.gap / said.steepest <= said.exact
