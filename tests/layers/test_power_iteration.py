"""Singular values by products, with the singular value decomposition as the oracle."""

import numpy as np
import pytest

from tfgan_losses.layers.power_iteration import krylov_step, power_iteration_step

EPSILON = 1e-12


def _with_values(rows, columns, values):
    """A matrix of random singular vectors and these singular values."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (rows, columns))
    count = len(values)
    return ((left[:, :count] * values) @ right[:, :count].T).astype("float32")


def _start(rows, columns):
    vectors = [
        np.random.default_rng(1).standard_normal(n).astype("float32") for n in (rows, columns)
    ]
    return [vector / np.linalg.norm(vector) for vector in vectors]


CASES = {
    "flat, as of random weights": (64, 256, np.linspace(2.0, 0.1, 64)),
    "tall": (256, 64, np.linspace(2.0, 0.1, 64)),
    "fewer columns than steps": (30, 3, [3.0, 2.9, 0.5]),
    "one row": (1, 20, [0.3]),
    "rank 2": (30, 40, [1.0, 0.99]),
    "all values equal": (20, 20, np.ones(20)),
    "small numbers": (30, 40, 1e-6 * np.linspace(2.0, 0.1, 30)),
    "large numbers": (30, 40, 1e6 * np.linspace(2.0, 0.1, 30)),
}


@pytest.mark.parametrize("case", CASES)
def test_sixteen_products_find_the_largest_singular_value(case, modes):
    rows, columns, values = CASES[case]
    matrix, (left, right) = _with_values(rows, columns, values), _start(rows, columns)
    for mode in modes.names:
        found = modes.run(mode, lambda *x: krylov_step(*x, 16, EPSILON), matrix, left, right)
        u, v = (np.asarray(x) for x in found)
        np.testing.assert_allclose([np.linalg.norm(u), np.linalg.norm(v)], 1.0, rtol=1e-5)
        assert u @ matrix @ v == pytest.approx(max(values), rel=5e-3), mode
        # Exact already, it stays.
        again = krylov_step(matrix, *found, 16, EPSILON)
        assert np.asarray(again[0]) @ matrix @ np.asarray(again[1]) >= 0.999 * (u @ matrix @ v)


def test_as_many_plain_steps_leave_ten_times_the_error():
    rows, columns, values = CASES["flat, as of random weights"]
    matrix, vectors = _with_values(rows, columns, values), _start(rows, columns)
    plain = vectors
    for _ in range(16):
        plain = power_iteration_step(matrix, *plain, EPSILON)
    found = krylov_step(matrix, *vectors, 16, EPSILON)
    errors = [
        max(values) - np.asarray(left) @ matrix @ np.asarray(right)
        for left, right in (plain, found)
    ]
    assert errors[0] > 10 * abs(errors[1])


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_matrix_without_a_direction_leaves_the_vectors(value):
    left, right = _start(5, 4)
    found = krylov_step(np.full((5, 4), value, "float32"), left, right, 6, EPSILON)
    for before, after in zip((left, right), found, strict=True):
        np.testing.assert_array_equal(before, after)
