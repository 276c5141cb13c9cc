import numpy as np
import pytest

from tfgan_losses.divergences import solvers


@pytest.mark.parametrize(
    ("function", "integral"),
    [(lambda t: t**3, 1 / 4), (np.log, -1), (lambda t: t**-0.25, 4 / 3), (np.exp, np.e - 1)],
)
def test_quadrature_with_singular_ends(function, integral):
    nodes, weights = solvers.quadrature()
    assert weights @ function(nodes) == pytest.approx(integral, abs=1e-10)


def test_pointwise_smooth_kinked_flat_and_falling():
    def derivative(x):
        return np.array(
            [2 * (x[0] - 0.3), np.sign(x[1] + 2), 0.0, -1.0, np.clip(x[4] - 5, 0, None)]
        )

    places = solvers.minimise_pointwise(derivative, 5, -10, 8)
    np.testing.assert_allclose(places[:2], [0.3, -2], atol=1e-14)
    assert places[2] == -1  # the first place that was met
    assert places[3] == pytest.approx(8)
    assert derivative(places)[4] == 0


def quadratic(centers):
    return lambda x: (np.square(x - centers), np.diag(2 * (x - centers)))


def test_jointly_without_limits_is_each_for_itself():
    found = solvers.minimise_jointly(
        quadratic(np.array([0.5, -3.0, 9.0])), np.array([1.0, 2.0, 0.1]), -5, 5, None, 3
    )
    np.testing.assert_allclose(found, [0.5, -3, 5], atol=1e-4)


def test_jointly_with_limited_steps():
    # x^2 + (y - 4)^2 with |y - x| <= 1: on the way between, (1.5, 2.5).
    found = solvers.minimise_jointly(
        quadratic(np.array([0.0, 4.0])), np.ones(2), -10, 10, np.array([1.0]), 2
    )
    np.testing.assert_allclose(found, [1.5, 2.5], atol=1e-4)


def test_jointly_with_kinks():
    """The median of weighted points: one variable, three terms."""

    def terms(x):
        differences = x - np.array([1.0, 2.0, 7.0])
        return abs(differences), np.sign(differences)[:, None]

    found = solvers.minimise_jointly(terms, np.array([1.0, 1.0, 1.5]), -50, 50, None, 1)
    np.testing.assert_allclose(found, [2.0], atol=1e-9)


def test_not_converged(monkeypatch):
    monkeypatch.setattr(solvers, "_MOST_CUTS", 2)
    with pytest.raises(ArithmeticError, match=r"apart after 2 rounds"):
        solvers.minimise_jointly(quadratic(np.ones(2)), np.ones(2), -5, 5, None, 2)
