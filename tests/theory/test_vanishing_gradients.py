"""docs/theory/vanishing_gradients.md."""

import numpy as np
import pytest


@pytest.fixture
def page(experiment):
    return experiment("vanishing_gradients")


@pytest.mark.parametrize("theta", [0.5, 2.0, 6.0])
def test_minimax_follows_twice_the_jensen_shannon_divergence(page, theta):
    data, step = page.Gaussian(0, 1).on(page.GRID), 1e-4
    after, before = (
        page.jensen_shannon(data, page.Gaussian(theta + s, 1).on(page.GRID)) for s in (step, -step)
    )
    expected = 2 * (after - before) / (2 * step)
    assert page.best_gradient("minimax", theta) == pytest.approx(expected, abs=1e-7)


def test_minimax_vanishes(page):
    gradients = [page.best_gradient("minimax", theta) for theta in (2.0, 4.0, 6.0, 8.0, 10.0)]
    assert (np.diff(gradients) < 0).all()
    assert gradients[-1] < 1e-5 < 0.4 < gradients[0]


def test_non_saturating_grows_with_the_distance(page):
    # Minus the slope of log sigmoid, 1 where D is sure, times the slope of the output, -theta.
    for theta in (6.0, 10.0):
        assert page.best_gradient("non_saturating", theta) == pytest.approx(theta, rel=0.01)
    # The two add up to theta, since sigmoid(f) + sigmoid(-f) = 1.
    both = sum(page.best_gradient(name, 1.5) for name in ("minimax", "non_saturating"))
    assert both == pytest.approx(1.5, abs=1e-9)


@pytest.mark.parametrize("theta", [0.1, 10.0])
def test_wasserstein_is_one(page, theta):
    assert page.best_gradient("wasserstein", theta) == pytest.approx(1, abs=1e-9)
