"""Minimising convex functions to rounding, and a quadrature. Nothing here knows of losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import scipy.optimize
import scipy.sparse

Matrix: TypeAlias = np.ndarray | scipy.sparse.sparray

# Each halves the interval: 1600 / 2^64 < 1e-16.
_HALVINGS = 64
_MOST_CUTS = 200
_GAP = 1e-10
# The solver drops coefficients below 1e-9.
_ROW_SCALE = 1e3


def minimise_pointwise(
    derivative: Callable[[np.ndarray], np.ndarray], size: int, lowest: float, highest: float
) -> np.ndarray:
    """Where each of many convex functions of one variable is least, by bisection.

    Args:
        derivative: Maps places [size] to the derivatives there, [size]: the i-th is that of the
            i-th function at the i-th place.
        size: The number of functions.
        lowest: Lower end of the interval that is searched.
        highest: Its upper end.

    Returns:
        The places, float64 [size]; an end if the function falls towards it. Where a function is
        constant, the first such place that was met.
    """
    low, high = np.full(size, float(lowest)), np.full(size, float(highest))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        slope = derivative(middle)
        low = np.where(slope <= 0, middle, low)
        high = np.where(slope >= 0, middle, high)
    return (low + high) / 2


def minimise_jointly(
    terms: Callable[[np.ndarray], tuple[np.ndarray, Matrix]],
    weights: np.ndarray,
    lowest: float,
    highest: float,
    largest_steps: np.ndarray | None,
    size: int,
) -> np.ndarray:
    """Where a weighted sum of convex functions of the same variables is least, by cutting planes.

    Each function lies above its tangents. A linear program minimises the sum of the tangents found
    so far; the functions there give new ones. The program's value is a lower bound, so the search
    stops when the result is known to be within 1e-10 of the least sum, smooth or not.

    Args:
        terms: Maps the variables [size] to the functions' values [m] and their derivatives
            [m, size], dense or sparse.
        weights: The functions' weights, [m], at least 0.
        lowest: Lower bound of every variable.
        highest: Upper bound of every variable.
        largest_steps: The most that neighbours may differ by, [size - 1]; None for no limit.
        size: The number of variables.

    Returns:
        The variables, float64 [size].

    Raises:
        ArithmeticError: If the bounds are still apart after 200 rounds.

    References:
        Kelley, 1960, The Cutting-Plane Method for Solving Convex Programs.
    """
    best = point = np.clip(np.zeros(size), lowest, highest)
    least = np.inf
    values, jacobian = terms(point)
    program = _TangentProgram(size, weights, lowest, highest, largest_steps)
    for _ in range(_MOST_CUTS):
        if weights @ values < least:
            best, least = point, weights @ values
        program.add_tangents(point, values, jacobian)
        point, bound = program.solve()
        if least - bound <= _GAP * max(1.0, abs(least)):
            return best
        values, jacobian = terms(point)
    raise ArithmeticError(f"The bounds are {least - bound:.2g} apart after {_MOST_CUTS} rounds.")


class _TangentProgram:
    """Minimises the weighted sum of t with every t above the tangents of its function."""

    def __init__(
        self,
        size: int,
        weights: np.ndarray,
        lowest: float,
        highest: float,
        largest_steps: np.ndarray | None,
    ):
        self._size, terms = size, len(weights)
        self._minus_t = -scipy.sparse.eye_array(terms)
        self._costs = np.concatenate([np.zeros(size), weights])
        self._bounds = [(lowest, highest)] * size + [(None, None)] * terms
        self._rows, self._limits = [], []
        if largest_steps is not None:
            ones = np.ones(size - 1)
            steps = scipy.sparse.diags_array(
                [-ones, ones], offsets=[0, 1], shape=(size - 1, size + terms)
            )
            self._rows, self._limits = [steps, -steps], [largest_steps, largest_steps]

    def add_tangents(self, point: np.ndarray, values: np.ndarray, jacobian: Matrix) -> None:
        jacobian = scipy.sparse.csr_array(jacobian)
        # value + slope (variables - point) - t <= 0
        scale = _ROW_SCALE / np.maximum(1.0, abs(jacobian).max(axis=1).toarray().ravel())
        rows = scipy.sparse.hstack([jacobian, self._minus_t])
        self._rows.append(scipy.sparse.diags_array(scale) @ rows)
        self._limits.append(scale * (jacobian @ point - values))

    def solve(self) -> tuple[np.ndarray, float]:
        result = scipy.optimize.linprog(
            self._costs,
            A_ub=scipy.sparse.vstack(self._rows, format="csr"),
            b_ub=np.concatenate(self._limits),
            bounds=self._bounds,
            method="highs",
            options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-10},
        )
        if result.status != 0:
            raise ArithmeticError(f"The linear program was not solved: {result.message}")
        return result.x[: self._size], result.fun


def quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of an integral from 0 to 1 that may have singular ends, [64] each.

    References:
        Takahasi & Mori, 1974, Double Exponential Formulas for Numerical Integration.
    """
    step = 0.1
    u = step * (np.arange(64) - 31.5)
    inner = np.pi / 2 * np.sinh(u)
    nodes = 1 / (1 + np.exp(-2 * inner))
    weights = step * np.pi / 4 * np.cosh(u) / np.square(np.cosh(inner))
    return nodes, weights / weights.sum()
