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


@pytest.mark.slow
def test_trained_discriminators(page):
    minimax, non_saturating, wasserstein = page.trained_gradients().values()
    # At 1, 2 and 4 they agree with the formula.
    for i, theta in enumerate(page.TRAINED_DISTANCES[:2]):
        for name, found in (("minimax", minimax), ("non_saturating", non_saturating)):
            assert found[i].mean() == pytest.approx(page.best_gradient(name, theta), rel=0.25)
    assert minimax[-1].mean() < 1e-3
    spread = non_saturating.std(axis=1) / non_saturating.mean(axis=1)
    assert spread[0] < 0.05 < 0.1 < spread[-2]
    # Slopes above 1 cost 100 (slope - 1)^2: the best is 1 + W / 200.
    expected = 1 + np.array(page.TRAINED_DISTANCES) / 200
    np.testing.assert_allclose(wasserstein.mean(axis=1), expected, rtol=0.02)
