"""Precision, recall, density and coverage: exact values, what they see, and their errors."""

import numpy as np
import pytest
from sample_sets import covered, features, levels, naive_prdc

from tfgan_losses.metrics import (
    FeatureSet,
    density_coverage,
    distances,
    get,
    precision_recall,
)
from tfgan_losses.metrics.balls import Balls, Cover

# prdc 0.2, compute_prdc(real, generated, nearest_k): precision, recall, density, coverage.
NORMAL = features(300, 16, 0), features(250, 16, 1, scale=0.8, shift=0.2)
LEVELS = levels(200, 4, 2), levels(150, 4, 3)
GOLDEN = [
    (NORMAL, 3, (0.96, 0.4033333333333333, 2.1933333333333334, 0.92)),
    (NORMAL, 5, (0.984, 0.49333333333333335, 2.2424, 0.98)),
    # Integers, whose distances prdc computes without rounding: many of them are equal.
    (LEVELS, 3, (0.8866666666666667, 0.85, 0.5866666666666667, 0.585)),
    (LEVELS, 5, (0.9666666666666667, 0.97, 0.6626666666666667, 0.87)),
]


def all_four(real, generated, k):
    return (*precision_recall(real, generated, k), *density_coverage(real, generated, k))


def values(real, generated, k):
    return tuple(estimate.value for estimate in all_four(real, generated, k))


@pytest.mark.parametrize(("pair", "k", "expected"), GOLDEN)
def test_values_of_prdc(pair, k, expected):
    # The last digit: prdc divides by k before it takes the mean.
    assert values(*pair, k) == pytest.approx(expected, rel=1e-15)
    assert values(*(x.astype(np.float32) for x in pair), k) == pytest.approx(expected, rel=1e-15)


def test_precision_and_recall_of_torch_fidelity_without_equal_distances():
    # torch-fidelity 0.4.0, prc_features_to_metric with prc_neighborhood=3; it counts equal
    # distances as inside, which on LEVELS makes both 1.
    found = precision_recall(*NORMAL, k=3)
    assert found.precision.value == pytest.approx(0.9599999785423279, abs=1e-7)
    assert found.recall.value == pytest.approx(0.4033333361148834, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [1, 2, 6])
def test_equal_to_full_matrices(seed, k):
    pairs = [
        (features(60, 3, seed), features(40, 3, seed + 50, scale=1.5)),
        (levels(60, 3, seed, 4), levels(70, 3, seed + 50, 4)),
    ]
    for real, generated in pairs:
        assert values(real, generated, k) == pytest.approx(naive_prdc(real, generated, k))


def test_chunks_change_nothing(monkeypatch):
    whole = all_four(*NORMAL, 3)
    monkeypatch.setattr(distances, "_ENTRIES", 1700)
    assert all_four(*NORMAL, 3) == whole


def test_a_set_beside_itself():
    x = features(80, 4, 0)
    # Each ball has its centre and k - 1 neighbours.
    assert values(x, x, 4) == values(x, x[::-1], 4) == (1, 1, 1, 1)


def test_precision_of_one_is_the_recall_of_the_other():
    there, back = precision_recall(*NORMAL), precision_recall(*NORMAL[::-1])
    assert there == back[::-1]


def test_they_fall_with_a_shift():
    real, generated = features(200, 4, 0), features(150, 4, 1)
    found = np.array([values(real, generated + shift, 3) for shift in (0, 0.5, 1, 2, 10)])
    assert (np.diff(found, axis=0) < 0).all() and (found[-1] == 0).all()


def test_a_tight_cluster_is_precise_and_covers_little():
    real = features(300, 4, 0)
    precision, recall, density, coverage = values(real, features(300, 4, 1, scale=0.1), 3)
    assert precision == 1 and density > 1 and recall < 0.05 and coverage < 0.2
    wide = values(real, features(300, 4, 1, scale=4), 3)
    assert wide[0] < 0.3 and wide[1] > 0.9


def test_density_resists_an_outlier_and_precision_does_not():
    # One real outlier, and samples around it, far from the data.
    real = features(200, 2, 0)
    generated = features(200, 2, 1, scale=0.1, shift=30)
    with_outlier = np.vstack([real, [[30.0, 30.0]]])
    precision, _, density, coverage = values(with_outlier, generated, 5)
    assert precision == 1 and density == pytest.approx(1 / 5) and coverage == pytest.approx(1 / 201)


def test_coverage_of_equal_distributions():
    # 1 - prod (n - i) / (2 n - i), the authors' lemma 2.
    n, k = 100, 5
    i = np.arange(1, k + 1)
    expected = 1 - np.prod((n - i) / (2 * n - i))
    found = [density_coverage(features(n, 3, s), features(n, 3, 500 + s), k) for s in range(30)]
    density, coverage = np.mean([[one.value for one in row] for row in found], axis=0)
    assert coverage == pytest.approx(expected, abs=0.01) and density == pytest.approx(1, abs=0.05)


SETTINGS = {
    "plane": (2, 150, 150, 0.8, 0.3, 3),
    "unequal": (8, 120, 80, 0.8, 0.3, 3),
    "wide": (16, 150, 150, 0.9, 0.1, 3),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_intervals_contain_what_they_should(name):
    d, n, m, scale, shift, k = SETTINGS[name]

    def draw(rng):
        return rng.normal(size=[n, d]), rng.normal(size=[m, d]) * scale + shift

    precision, recall, density, coverage = covered(lambda x, y: all_four(x, y, k), draw)
    # Shares near 1 come in steps, and the density's is known to be up to 1.5 times too wide.
    assert min(precision, recall, density, coverage) >= 0.9 and max(recall, coverage) <= 0.99


def test_both_sides_at_once(monkeypatch):
    monkeypatch.setattr(distances, "_ENTRIES", 900)
    balls = [Balls.around(x, 3) for x in LEVELS]
    for found, one, other in zip(Cover.both(*balls), balls, balls[::-1], strict=True):
        expected = Cover.of(other.centers, one)
        assert found.share_of_points == expected.share_of_points
        assert found.share_of_balls == expected.share_of_balls
        assert found.density == expected.density


@pytest.mark.parametrize("k", [1, 3])
def test_what_the_errors_are_made_of(k):
    """Each centre is left out once, and the balls of the others are made anew."""
    real, points = features(30, 2, 3), features(25, 2, 4, scale=1.3)
    cover = Cover.of(points, Balls.around(real, k))
    without = [Cover.of(points, Balls.around(np.delete(real, i, 0), k)) for i in range(30)]
    before = cover.around > 0
    after = np.array([one.around > 0 for one in without])
    gained, lost = cover.changes
    np.testing.assert_array_equal(gained, (after & ~before).sum(axis=1))
    np.testing.assert_array_equal(lost, (before & ~after).sum(axis=1))
    gained = cover.balls.of_neighbors(cover.inside_grown - cover.inside)
    changes = [one.inside.sum() - cover.inside.sum() for one in without]
    np.testing.assert_array_equal(gained - cover.inside, changes)


def test_an_error_is_never_0():
    x = features(50, 2, 0)
    for estimate in (*precision_recall(x, x), density_coverage(x, x).coverage):
        assert estimate.value == 1 and 0 < estimate.standard_error < 0.05


def test_metrics():
    real, generated = map(FeatureSet, NORMAL)
    found = get("precision_recall").measure(real, generated)
    assert found == precision_recall(*NORMAL)._asdict() and set(found) == {"precision", "recall"}
    found = get("density_coverage(k=3)").measure(real, generated)
    assert found == density_coverage(*NORMAL, k=3)._asdict()
    assert str(get("density_coverage")) == "density_coverage(k=5)"
    assert set(found) == set(get("density_coverage").best) == {"density", "coverage"}


@pytest.mark.parametrize("function", [precision_recall, density_coverage])
def test_bad_input(function):
    x = features(9, 2, 0)
    with pytest.raises(ValueError, match=r"Expected k to be an integer >= 1. Received: k=0"):
        function(x, x, k=0)
    with pytest.raises(ValueError, match=r"Expected at least 5 examples of each. Received: 9 real"):
        function(x, x[:4], k=3)
    with pytest.raises(ValueError, match=r"Received: NaN or infinity in 1 of 9 rows of generated"):
        function(x, np.where(np.arange(9)[:, None] == 3, np.nan, x))
    with pytest.raises(ValueError, match=r"Expected features of a float type"):
        function(x, x.astype(np.uint8))
    for name in ("precision_recall", "density_coverage"):
        with pytest.raises(ValueError, match=r"Expected k to be an integer >= 1"):
            get(f"{name}(k=0)")
