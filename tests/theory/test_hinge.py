"""docs/theory/hinge.md."""

import numpy as np
import pytest


def test_measures_twice_the_total_variation(experiment):
    hinge = experiment("hinge")
    for mean in (0.3, 1.7, 5.0):
        p, q = hinge.Gaussian(0, 1).on(hinge.GRID), hinge.Gaussian(mean, 0.8).on(hinge.GRID)
        best = hinge.divergence_of("hinge")
        expected = 2 - 2 * hinge.total_variation(p, q)
        assert best.optimal_loss(p, q) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("mean", [0.25, 1.0, 3.0])
def test_the_generators_gradient_is_that_of_twice_tv(experiment, mean):
    hinge = experiment("hinge")
    gradient = hinge.gradient_of_twice_tv(mean)
    assert hinge.generator_gradient(mean) == pytest.approx(gradient, abs=1e-4)
    # The derivative of 2 TV = 2 erf(mean / sqrt 8) of two normal distributions; the grid rounds
    # the place where the densities cross to half of its step, 0.025.
    assert gradient == pytest.approx(np.sqrt(2 / np.pi) * np.exp(-(mean**2) / 8), abs=0.01)


def test_a_small_slope_measures_wasserstein(experiment):
    hinge = experiment("hinge")
    p, q = hinge.Gaussian(0, 1).on(hinge.GRID), hinge.Gaussian(4, 1).on(hinge.GRID)
    w = hinge.wasserstein_1d(p, q)
    small, middle, large = (
        hinge.divergence_of("hinge", lipschitz=slope).measured(p, q) for slope in (0.1, 1.0, 100.0)
    )
    assert small == pytest.approx(0.1 * w, abs=1e-6)
    assert small < middle < large
    assert large == pytest.approx(2 * hinge.total_variation(p, q), abs=1e-3)
