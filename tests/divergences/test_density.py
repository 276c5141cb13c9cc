import numpy as np
import pytest

from tfgan_losses.divergences import Density, Gaussian, mixture

GRID = np.linspace(-8, 8, 321)


def test_values_of_a_density_become_probabilities():
    density = Density.from_values(GRID, 7 * np.exp(-np.square(GRID) / 2))
    assert density.probabilities.sum() == pytest.approx(1, abs=1e-15)
    assert density.expectation(GRID) == pytest.approx(0, abs=1e-12)
    assert density.expectation(GRID**2) == pytest.approx(1, abs=1e-9)


def test_unequal_cells_weigh_by_their_width():
    """The mean of a uniform density is found on a grid that is finer on one side, too."""
    grid = np.concatenate([np.linspace(0, 1, 1000, endpoint=False), np.linspace(1, 4, 300)])
    density = Density.from_values(grid, np.ones(1300))
    assert density.expectation(grid) == pytest.approx(2, abs=0.01)


def test_a_gaussian_on_a_grid():
    density = Gaussian(1.5, 0.7).on(GRID)
    assert density.expectation(GRID) == pytest.approx(1.5, abs=1e-9)
    assert density.expectation(np.square(GRID - 1.5)) == pytest.approx(0.49, abs=1e-9)


def test_infinity_counts_only_where_there_is_probability():
    density = Density([0.0, 1.0, 2.0], [0.5, 0.5, 0.0])
    assert density.expectation([1, 2, np.inf]) == 1.5
    assert density.expectation([1, np.inf, 0]) == np.inf


def test_mixture():
    p, q = Density([0.0, 1.0], [1, 0]), Density([0.0, 1.0], [0, 1])
    np.testing.assert_array_equal(mixture(p, q).probabilities, [0.5, 0.5])
    np.testing.assert_array_equal(mixture(p, q, 0.25).probabilities, [0.25, 0.75])
    with pytest.raises(ValueError, match=r"weight in \[0, 1\].*weight=1.5"):
        mixture(p, q, 1.5)


def test_a_density_is_not_the_callers_array():
    probabilities = np.array([0.5, 0.5])
    density = Density([0.0, 1.0], probabilities)
    probabilities[0] = 7
    assert density.probabilities[0] == 0.5


@pytest.mark.parametrize(
    ("grid", "probabilities", "message"),
    [
        ([0, 1], [0.5, 0.4], r"sum to one.*Received: sum 0\.9"),
        ([0, 1], [1.5, -0.5], r"probabilities of at least 0.*from -0\.5 to 1\.5"),
        ([0, 1], [np.nan, 1], "finite probabilities"),
        ([0, 1, 2], [0.5, 0.5], r"shape \(3,\).*Received: shape \(2,\)"),
        ([1, 0], [0.5, 0.5], "strictly increasing"),
        ([0, 0], [0.5, 0.5], "strictly increasing"),
        ([0, np.inf], [0.5, 0.5], "finite points"),
        ([], [], "grid of finite points"),
        ([[[0.0]]], [1.0], "grid of finite points"),
    ],
)
def test_errors(grid, probabilities, message):
    with pytest.raises(ValueError, match=message):
        Density(grid, probabilities)


def test_errors_of_values():
    with pytest.raises(ValueError, match="2 points or more"):
        Density.from_values([[0.0, 1.0]], [1.0])
    with pytest.raises(ValueError, match="a value above 0"):
        Density.from_values([0, 1], [0, 0])
    with pytest.raises(ValueError, match="at least 0"):
        Density.from_values([0, 1], [1, -1])
    with pytest.raises(ValueError, match=r"one value for each of the 2 points.*\(3,\)"):
        Density([0, 1], [0.5, 0.5]).expectation([1, 2, 3])


def test_errors_of_gaussians():
    with pytest.raises(ValueError, match=r"std > 0.*std=0"):
        Gaussian(0, 0)
    with pytest.raises(ValueError, match=r"finite mean.*mean=nan"):
        Gaussian(float("nan"), 1)
    # A twentieth of it lies outside.
    with pytest.raises(ValueError, match=r"all but 1e-9.*0\.046 lies outside"):
        Gaussian(0, 1).on(np.linspace(-2, 2, 50))
