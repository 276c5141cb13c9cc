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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gp", "lp"])
@pytest.mark.parametrize("q", [Gaussian(0.5, 1), Gaussian(4, 1), Gaussian(0, 2)])
def test_penalised_critics_say_what_the_formula_says(wasserstein, name, q):
    said = wasserstein.estimate(wasserstein.METHODS[name], q)
    assert said.gap == pytest.approx(wasserstein.penalised_distance(q, 10), rel=0.01)
    if q.mean == 0.5:
        assert said.gap == pytest.approx(said.exact, rel=0.05)
    if name == "lp":
        assert said.gap - 2 * said.penalty == pytest.approx(said.exact, rel=0.02)
    assert said.gap / said.steepest <= said.exact


@pytest.mark.slow
@pytest.mark.parametrize("q", [Gaussian(4, 1), Gaussian(0, 4)])
def test_a_large_weight_is_within_five_per_cent(wasserstein, q):
    said = wasserstein.estimate(wasserstein.METHODS["gp100"], q)
    assert said.gap == pytest.approx(said.exact, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("weight", "slope"), [(1.0, 2.0), (10.0, 1.1)])
def test_slope_between_two_points(wasserstein, weight, slope):
    # 1 + W1 / (2 weight) with W1 = 2.
    found = wasserstein.slope_between_points(distance=2.0, weight=weight)
    assert found == pytest.approx(slope, rel=0.02)


@pytest.mark.slow
def test_on_the_line_critics_are_caught_by_the_wrong_sign(wasserstein):
    assert wasserstein.reached(1, starts=4) < wasserstein.reached(2, starts=4)


@pytest.mark.slow
def test_spectral_normalisation_finds_shifts_and_half_of_scales(wasserstein):
    shift, scale = (
        wasserstein.estimate(wasserstein.METHODS["spectral"], q)
        for q in (Gaussian(2, 1), Gaussian(0, 2))
    )
    assert shift.gap == pytest.approx(shift.exact, rel=0.01)
    # 1 / 2 for one hidden layer, and slopes of at most 1 in any case.
    assert 0.5 < scale.gap / scale.exact < 0.7
    assert scale.steepest < 1.01  # one power iteration for each update lags a little


@pytest.mark.slow
@pytest.mark.parametrize("q", [Gaussian(2, 1), Gaussian(0, 2)])
def test_clipping_finds_a_fraction(wasserstein, q):
    said = wasserstein.estimate(wasserstein.METHODS["clipping"], q)
    assert 0 < said.gap / said.exact < 0.01
    assert 0.5 < said.gap / said.steepest / said.exact <= 1
