"""Nearest neighbours, exact whatever the chunks and however close the points."""

import numpy as np
import pytest
from sample_sets import all_squares, features, levels

from tfgan_losses.metrics import distances, nearest_neighbors
from tfgan_losses.metrics.distances import chunks

PAIRS = {
    "normal": (features(90, 5, 0), features(70, 5, 1)),
    "equal distances": (levels(90, 3, 2), levels(70, 3, 3)),
    # |x|^2 + |y|^2 - 2 x.y has no digits left of these in float32, nor many in float64.
    "far from 0": (features(90, 5, 0) + 1e7, features(70, 5, 1) + 1e7),
    "close together, and one far away": (
        np.vstack([features(90, 5, 0, scale=1e-9), np.full([1, 5], 1e3)]),
        features(70, 5, 1, scale=1e-9),
    ),
    "all the same": (np.ones([40, 3]), np.ones([30, 3])),
    "huge": (features(90, 5, 0, scale=1e120), features(70, 5, 1, scale=1e120)),
    "tiny": (features(90, 5, 0, scale=1e-120), features(70, 5, 1, scale=1e-120)),
    "wide": (features(60, 300, 0), features(50, 300, 1)),
}


@pytest.fixture(params=["one chunk", "small chunks", "as on a GPU"])
def _chunks(request, monkeypatch):
    if request.param == "small chunks":
        monkeypatch.setattr(distances, "_ENTRIES", 200)
        monkeypatch.setattr(distances, "_DIFFERENCES", 2000)
    if request.param == "as on a GPU":
        product = distances._by_tensorflow, np.float64
        monkeypatch.setattr(distances, "_product", lambda: product)


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("name", PAIRS)
def test_neighbours_are_those_of_all_differences(name):
    x, y = PAIRS[name]
    own = all_squares(x, x)
    np.fill_diagonal(own, np.inf)
    for others, squares in ((y, all_squares(x, y)), (None, own)):
        found = nearest_neighbors(x, others, k=4)
        indices = squares.argsort(axis=1, kind="stable")[:, :4]
        np.testing.assert_array_equal(found.indices, indices)
        expected = np.sqrt(np.take_along_axis(squares, indices, axis=1))
        np.testing.assert_array_equal(found.distances, expected)


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("name", PAIRS)
def test_comparisons_are_those_of_all_differences(name):
    x, y = PAIRS[name]
    squares = all_squares(x, y)
    # Radii that are distances themselves: equal is not smaller.
    for limits in (np.sort(squares, axis=1)[:, 3:4], np.sort(squares, axis=0)[6:7]):
        parts = chunks(x, y)
        found = [c.below(limits[c.rows] if limits.shape[1] == 1 else limits) for c in parts]
        np.testing.assert_array_equal(np.concatenate(found), squares < limits)


def test_few_pairs_are_computed_anew(monkeypatch):
    # Otherwise the product would be for nothing.
    pairs = []
    exactly = distances._squares_of_pairs

    def counted(points, others, rows, columns):
        pairs.append(len(rows))
        return exactly(points, others, rows, columns)

    monkeypatch.setattr(distances, "_squares_of_pairs", counted)
    nearest_neighbors(features(400, 50, 0), features(400, 50, 1), k=3)
    assert 3 * 400 <= sum(pairs) < 4 * 400


def test_of_copies_few_pairs_are_computed_anew(monkeypatch):
    pairs = []
    exactly = distances._squares_of_pairs

    def counted(points, others, rows, columns):
        pairs.append(len(rows))
        return exactly(points, others, rows, columns)

    monkeypatch.setattr(distances, "_squares_of_pairs", counted)
    x = np.repeat(features(2, 50, 0), 200, axis=0)
    found = nearest_neighbors(x, k=3)
    assert (found.distances == 0).all() and sum(pairs) < 20 * 400
    np.testing.assert_array_equal(
        found.indices[[0, 7, 399]], [[1, 2, 3], [0, 1, 2], [200, 201, 202]]
    )


def test_float32_and_the_first_of_equals():
    found = nearest_neighbors(np.array([[0.0], [1.0]], np.float32), [[2.0], [-1.0], [1.0]], k=2)
    assert found.distances.dtype == np.float64 and found.indices.dtype == np.int64
    np.testing.assert_array_equal(found.indices, [[1, 2], [2, 0]])
    np.testing.assert_array_equal(found.distances, [[1, 1], [0, 1]])


@pytest.mark.parametrize("k", [0, -1, 1.0, True, "3"])
def test_bad_numbers(k):
    with pytest.raises(ValueError, match=r"Expected k to be an integer >= 1. Received: k="):
        nearest_neighbors(np.zeros([5, 2]), k=k)


def test_too_few_points():
    nearest_neighbors(np.zeros([4, 2]), k=3)
    with pytest.raises(
        ValueError, match=r"at least 5 points for 4 nearest neighbours. Received: 4"
    ):
        nearest_neighbors(np.zeros([4, 2]), k=4)
    with pytest.raises(
        ValueError, match=r"at least 4 points for 4 nearest neighbours. Received: 3"
    ):
        nearest_neighbors(np.zeros([9, 2]), np.zeros([3, 2]), k=4)
