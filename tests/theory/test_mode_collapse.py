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
    assert page.LOSS.followed(p, q) < 0.27
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
