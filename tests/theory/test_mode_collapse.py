"""docs/theory/mode_collapse.md."""

import numpy as np
import pytest


@pytest.fixture
def page(experiment):
    return experiment("mode_collapse")


@pytest.mark.parametrize("generator", [(0.5, 1.5), (2.0, 0.6), (-1.0, 3.0)])
def test_the_gradient_is_that_of_kl_less_twice_jsd(page, generator):
    held = page.generator_gradient(*generator)
    assert np.abs(held).max() > 0.05
    np.testing.assert_allclose(held, page.divergence_gradient(*generator), atol=1e-4)


def test_a_missed_mode_costs_little_and_an_implausible_sample_much(page):
    # KL(q || p) = log 2 if q has one of two equal modes.
    p, q = page.missed_mode(0.5)
    cost = page.LOSS.followed(p, q)
    assert cost == pytest.approx(np.log(2) - 2 * page.jensen_shannon(p, q), abs=1e-9)
    assert cost < 0.27
    assert page.LOSS.followed(*page.misplaced_samples(0.1)) > 3 * cost
    # Likelihood sees it the other way round.
    assert page.kl(p, q) == np.inf
    assert page.kl(*page.misplaced_samples(0.1)) < 0.2


def test_rarer_places_cost_more_without_limit(page):
    costs = []
    for rarity in (1e-3, 1e-6, 1e-12):
        data = page.Density([0, 1], [1 - rarity, rarity])
        costs.append(page.LOSS.followed(data, page.Density([0, 1], [0.9, 0.1])))
    # A tenth of the samples, a factor of 1e-6 in log p: 0.1 log 1e6.
    assert costs[2] - costs[1] == pytest.approx(0.1 * np.log(1e6), rel=1e-3)
    assert costs[0] < costs[1]


@pytest.mark.slow
def test_one_collapses_and_the_other_covers(page):
    mean, std = page.descend(page.generator_gradient)[-1]
    assert (mean, std) == pytest.approx((3, 0.5), abs=0.02)
    mean, std = page.descend(page.likelihood_gradient)[-1]
    # The moments of the mixture.
    assert (mean, std) == pytest.approx((0, np.sqrt(9.25)), abs=0.1)
