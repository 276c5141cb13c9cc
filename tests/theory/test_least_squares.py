"""docs/theory/least_squares.md."""

import numpy as np
import pytest


@pytest.fixture
def page(experiment):
    return experiment("least_squares")


def gaussians(page, mean, std):
    return page.Gaussian(0, 1).on(page.GRID), page.Gaussian(mean, std).on(page.GRID)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.4, 1.2), (3.0, 0.8)])
def test_the_theorems_coding_is_pearsons_chi2(page, mean, std):
    p, q = gaussians(page, mean, std)
    expected = np.sum(
        np.square(2 * q.probabilities - p.probabilities - q.probabilities)
        / (p.probabilities + q.probabilities)
    )
    assert page.twice_generator_loss(page.PEARSON, p, q) == pytest.approx(expected, abs=1e-9)
    assert page.chi2_of_the_paper(p, q) == pytest.approx(expected, abs=1e-9)


def test_any_targets_with_these_differences_will_do(page):
    p, q = gaussians(page, 1.0, 1.0)
    shifted = "least_squares(a=2, b=4, c=3, scale=0.5)"
    expected = page.chi2_of_the_paper(p, q)
    assert page.twice_generator_loss(shifted, p, q) == pytest.approx(expected, abs=1e-9)


def test_the_usual_coding_is_not(page):
    p, q = gaussians(page, 0.0, 1.0)
    assert page.twice_generator_loss(page.ZERO_ONE, p, p) == pytest.approx(0.5, abs=1e-9)
    assert page.chi2_of_the_paper(p, q) == 0


def test_the_theorems_coding_repels_from_equal_modes(page):
    """The generator's loss of a sample, discriminator held: lower at the mode that has more."""
    p, q = page.two_modes(0.6)
    first, second = page.divergence_of(page.PEARSON).potential(p, q)
    assert first < second
    first, second = page.divergence_of(page.ZERO_ONE).potential(p, q)
    assert first > second


@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_what_the_generator_follows(page, share):
    pair = page.two_modes(share)
    assert page.divergence_of(page.PEARSON).followed(*pair) < 0
    assert page.divergence_of(page.ZERO_ONE).followed(*pair) > 0
