import numpy as np
import pytest

from tfgan_losses.divergences import (
    Density,
    Gaussian,
    jensen_shannon,
    optimal_discriminator,
    value,
)

GRID = np.linspace(-10, 12, 441)
P, Q = Gaussian(0, 1).on(GRID), Gaussian(1.5, 1.3).on(GRID)


def test_value_at_the_optimum_is_the_jensen_shannon_divergence():
    # Goodfellow et al., 2014, theorem 1.
    best = value(P, Q, optimal_discriminator(P, Q))
    assert best == pytest.approx(2 * jensen_shannon(P, Q) - 2 * np.log(2), abs=1e-12)
    assert best > -2 * np.log(2)
    assert value(P, P, optimal_discriminator(P, P)) == pytest.approx(-2 * np.log(2), abs=1e-15)


@pytest.mark.parametrize("mean", [0.0, 3.0, 8.0])
def test_a_tiny_probability_has_a_tiny_price(mean):
    grid = np.linspace(-12, 20, 641)
    p, q = Gaussian(0, 1).on(grid), Gaussian(mean, 1).on(grid)
    best = value(p, q, optimal_discriminator(p, q))
    assert best == pytest.approx(2 * jensen_shannon(p, q) - 2 * np.log(2), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_no_discriminator_does_better(seed):
    best = optimal_discriminator(P, Q)
    other = np.clip(best + 0.1 * np.random.default_rng(seed).normal(size=best.shape), 0, 1)
    assert value(P, Q, other) < value(P, Q, best)


def test_where_there_is_one_or_none():
    p, q = Density(np.arange(4), [0.5, 0.5, 0, 0]), Density(np.arange(4), [0, 0.5, 0.5, 0])
    np.testing.assert_array_equal(optimal_discriminator(p, q), [1, 0.5, 0, 0.5])
    assert value(p, q, optimal_discriminator(p, q)) == pytest.approx(np.log(0.5))
    assert value(p, q, [0, 0.5, 0, 0.5]) == -np.inf  # sure and wrong
    assert value(p, q, [1, 0.5, 0, 0]) == pytest.approx(np.log(0.5))


def test_errors():
    with pytest.raises(ValueError, match=r"in \[0, 1\].*sigmoid.*from 0\.5 to 2"):
        value(P, Q, np.linspace(0.5, 2, len(GRID)))
    with pytest.raises(ValueError, match="one value for each of the 441 points"):
        value(P, Q, [0.5])
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        value(P, Q, np.full(len(GRID), np.nan))
    with pytest.raises(ValueError, match="same grid"):
        optimal_discriminator(P, Density([0.0], [1.0]))
