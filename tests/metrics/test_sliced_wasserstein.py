import sys

import numpy as np
import pytest
import scipy.stats
from sample_sets import covered, features

from tfgan_losses.metrics import FeatureSet, get, mind, sliced_wasserstein

REAL, GENERATED = features(300, 16, 0), features(250, 16, 1, scale=0.8, shift=0.2)
FUNCTIONS = {"sliced_wasserstein": sliced_wasserstein, "mind": mind}


def directions(count, d, seed):
    vectors = np.random.default_rng(seed).normal(size=[count, d])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_equal_to_scipy_in_each_direction():
    found = sliced_wasserstein(REAL, GENERATED, projections=20, seed=3)
    lines = [(REAL @ u, GENERATED @ u) for u in directions(20, 16, 3)]
    expected = np.mean([scipy.stats.wasserstein_distance(*line) for line in lines])
    assert found.value == pytest.approx(expected, rel=1e-12)


def test_equal_to_the_formula_of_mind():
    # 3 d times the mean squared difference of sorted projections. torch-fidelity, commit a51aa64,
    # metric_mind.py, in float32 with the directions of this seed: 5.679304122924805.
    found = mind(REAL[:250], GENERATED, projections=64, seed=0)
    pairs = [(REAL[:250] @ u, GENERATED @ u) for u in directions(64, 16, 0)]
    expected = 3 * 16 * np.mean([np.square(np.sort(x) - np.sort(y)) for x, y in pairs])
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert found.value == pytest.approx(5.679304122924805, rel=1e-6)


def test_a_shift_has_a_closed_form():
    # In each direction u the distance is |u.shift|, whose square is |shift|^2 / d on average.
    found = mind(REAL, REAL + 0.5, projections=20_000)
    assert found.value == pytest.approx(3 * 16 * 0.25, rel=0.03)
    assert abs(found.value - 12) < 4 * found.standard_error
    # Of |cos| in the plane the mean is 2 / pi.
    x = features(50, 2, 0)
    found = sliced_wasserstein(x, x + np.array([3.0, 4.0]), projections=20_000)
    assert found.value == pytest.approx(5 * 2 / np.pi, rel=0.02)
    assert abs(found.value - 10 / np.pi) < 4 * found.standard_error


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_both_have_in_common(name):
    function = FUNCTIONS[name]
    same = function(REAL, REAL[::-1])
    assert same.value == same.standard_error == 0
    found = function(REAL, GENERATED)
    assert function(REAL, GENERATED) == found and function(REAL, GENERATED, seed=1) != found
    assert function(REAL[:250], GENERATED).value == pytest.approx(
        function(GENERATED, REAL[:250]).value
    )
    order = np.random.default_rng(0).permutation(300)
    assert function(REAL[order], GENERATED[::-1]).value == pytest.approx(found.value, rel=1e-12)
    shifted = [function(REAL, GENERATED + shift).value for shift in (0, 0.2, 0.5, 1, 2)]
    assert (np.diff(shifted) > 0).all()
    # Far from 0, where squares would have no digits left.
    near, far = function(REAL[:250], GENERATED), function(REAL[:250] + 1e6, GENERATED + 1e6)
    assert far.value == pytest.approx(near.value, rel=1e-6)
    metric = get(f"{name}(projections=40, seed=2)")
    found = metric.measure(FeatureSet(REAL), FeatureSet(GENERATED))
    assert found == {name: function(REAL, GENERATED, 40, 2)}
    assert str(get(name)) == f"{name}(projections=1000, seed=0)"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_directions_in_parts_change_nothing(name, monkeypatch):
    whole = FUNCTIONS[name](REAL, GENERATED, projections=50)
    monkeypatch.setattr(sys.modules[sliced_wasserstein.__module__], "_ENTRIES", 2000)
    parts = FUNCTIONS[name](REAL, GENERATED, projections=50)
    assert (parts.value, parts.standard_error) == pytest.approx((whole.value, whole.standard_error))


def test_mind_sees_what_moments_do_not():
    # Two points on each axis have the mean and the covariance of a Gaussian.
    rng = np.random.default_rng(0)
    corners = rng.choice([-1.0, 1.0], [400, 2])
    other = [mind(corners, rng.normal(size=[400, 2]), 200).value for _ in range(5)]
    equal = [mind(rng.normal(size=[400, 2]), rng.normal(size=[400, 2]), 200).value for _ in "12345"]
    assert min(other) > 4 * max(equal)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("sizes", [(100, 100), (90, 150)])
def test_intervals_contain_what_they_should(name, sizes):
    def draw(rng):
        return rng.normal(size=[sizes[0], 5]), rng.normal(size=[sizes[1], 5]) * 1.3 + 0.3

    seeds = iter(range(200))
    (share,) = covered(lambda x, y: [FUNCTIONS[name](x, y, 40, next(seeds))], draw)
    assert 0.9 <= share <= 0.99


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bad_input(name):
    for count in (1, 2.0, True):
        with pytest.raises(
            ValueError, match=r"Expected projections to be an integer >= 2. Receive"
        ):
            FUNCTIONS[name](REAL, GENERATED, projections=count)
    with pytest.raises(ValueError, match=r"at least 2 examples of each"):
        FUNCTIONS[name](REAL, GENERATED[:1])
    with pytest.raises(ValueError, match=r"projections=0"):
        get(f"{name}(projections=0)")
