import itertools

import numpy as np
import pytest

from tfgan_losses import divergences
from tfgan_losses.divergences import Density, Gaussian

GRID = np.linspace(-25, 25, 10_001)
NAMES = ("kl", "reverse_kl", "jensen_shannon", "total_variation", "pearson_chi2", "hellinger")
SYMMETRIC = {"jensen_shannon", "total_variation", "hellinger"}
HIGHEST = {"jensen_shannon": np.log(2), "total_variation": 1.0, "hellinger": 1.0}
CLOSED = ("kl", "reverse_kl", "total_variation", "pearson_chi2", "hellinger")


def of(name):
    return getattr(divergences, name)


def points(*probabilities):
    return Density(np.arange(len(probabilities)), probabilities)


def random_pair(seed, points=9):
    draws = np.random.default_rng(seed).dirichlet(np.ones(points), size=2)
    return [Density(np.arange(points), x) for x in draws]


# By hand, for p = (1/2, 1/2) and q = (1/4, 3/4).
BY_HAND = {
    "kl": 0.5 * np.log(2) + 0.5 * np.log(2 / 3),
    "reverse_kl": 0.25 * np.log(0.5) + 0.75 * np.log(1.5),
    "jensen_shannon": (
        0.5 * (0.5 * np.log(4 / 3) + 0.5 * np.log(4 / 5))
        + 0.5 * (0.25 * np.log(2 / 3) + 0.75 * np.log(6 / 5))
    ),
    "total_variation": 0.25,
    "pearson_chi2": 0.25**2 / 0.25 + 0.25**2 / 0.75,
    "hellinger": np.sqrt(1 - np.sqrt(0.125) - np.sqrt(0.375)),
}


@pytest.mark.parametrize("name", NAMES)
def test_values_by_hand(name):
    p, q = points(0.5, 0.5), points(0.25, 0.75)
    assert of(name)(p, q) == pytest.approx(BY_HAND[name], abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_kl_against_its_sum(seed):
    p, q = random_pair(seed)
    expected = np.sum(p.probabilities * (np.log(p.probabilities) - np.log(q.probabilities)))
    assert divergences.kl(p, q) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_zero_if_and_only_if_equal(name, seed):
    p, q = random_pair(seed)
    assert of(name)(p, p) == 0
    assert of(name)(p, q) > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_symmetry_is_as_said(name):
    p, q = random_pair(3)
    assert (of(name)(p, q) == pytest.approx(of(name)(q, p), rel=1e-9)) == (name in SYMMETRIC)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_common_point(name):
    p, q = points(0.3, 0.7, 0, 0), points(0, 0, 0.9, 0.1)
    assert of(name)(p, q) == pytest.approx(HIGHEST.get(name, np.inf))


def test_infinite_only_where_the_second_has_nothing():
    p, q = points(0.5, 0.5, 0), points(0.2, 0.3, 0.5)
    assert np.isfinite(divergences.kl(p, q)) and np.isfinite(divergences.pearson_chi2(p, q))
    assert divergences.kl(q, p) == divergences.pearson_chi2(q, p) == np.inf
    assert divergences.reverse_kl(p, q) == np.inf


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_where_the_points_are_does_not_matter(name, seed):
    """What sets them apart from a Wasserstein distance: any order of the points will do."""
    p, q = random_pair(seed)
    order = np.random.default_rng(seed).permutation(len(p.grid))
    moved = [Density(100.0 + p.grid**3, x.probabilities[order]) for x in (p, q)]
    assert of(name)(*moved) == pytest.approx(of(name)(p, q), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_merging_points_loses_information(name):
    """The data-processing inequality, of every f-divergence."""
    p, q = random_pair(4, points=8)
    coarse = [points(*x.probabilities.reshape(4, 2).sum(1)) for x in (p, q)]
    assert of(name)(*coarse) < of(name)(p, q)


@pytest.mark.parametrize("seed", range(5))
def test_inequalities_between_them(seed):
    p, q = random_pair(seed)
    tv, h = divergences.total_variation(p, q), divergences.hellinger(p, q)
    assert tv <= np.sqrt(divergences.kl(p, q) / 2)  # Pinsker
    assert h**2 <= tv <= np.sqrt(2) * h
    assert divergences.kl(p, q) <= np.log1p(divergences.pearson_chi2(p, q))


PAIRS = [
    (Gaussian(0, 1), Gaussian(1, 1)),
    (Gaussian(-1, 0.5), Gaussian(0.3, 0.8)),
    (Gaussian(2, 1.1), Gaussian(-1, 0.9)),
    (Gaussian(0, 0.5), Gaussian(0, 0.6)),
]


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_closed_forms_of_gaussians_against_a_fine_grid(name, p, q):
    expected = of(name)(p.on(GRID), q.on(GRID))
    # The sign of p - q changes between points of the grid.
    rel = 1e-4 if name == "total_variation" else 1e-8
    assert of(name)(p, q) == pytest.approx(expected, rel=rel)


def test_one_gaussian_too_wide_for_pearson():
    # p^2 / q grows as exp(x^2 (1/(2 s_q^2) - 1/s_p^2)): the integral diverges from s_p^2 = 2 s_q^2.
    assert divergences.pearson_chi2(Gaussian(0, np.sqrt(2)), Gaussian(0, 1)) == np.inf
    assert np.isfinite(divergences.pearson_chi2(Gaussian(0, 1.4), Gaussian(0, 1)))
    assert divergences.pearson_chi2(Gaussian(0, 1), Gaussian(40, 1)) == np.inf  # exp overflows


@pytest.mark.parametrize("name", CLOSED)
def test_gaussians_that_are_equal(name):
    assert of(name)(Gaussian(1, 2), Gaussian(1, 2)) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_different_grids(name):
    p, q = points(0.5, 0.5), Density([0.0, 1.5], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"same grid.*2 points from 0\.0 to 1\.\d.*to 1\.\d"):
        of(name)(p, q)


def test_what_is_no_pair_of_densities():
    density, gaussian = points(0.5, 0.5), Gaussian(0, 1)
    for pair in itertools.permutations([density, gaussian], 2):
        with pytest.raises(TypeError, match=r"\.on\(grid\).*Gaussian"):
            divergences.kl(*pair)
    with pytest.raises(TypeError, match="Received: Gaussian and Gaussian"):
        divergences.jensen_shannon(gaussian, gaussian)
    with pytest.raises(TypeError, match="Received: list and Density"):
        divergences.kl([0.5, 0.5], density)
