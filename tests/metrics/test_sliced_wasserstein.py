import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, sliced_wasserstein, slices


def features(n, width, seed, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=[n, width])


def test_shift():
    # Each projection moves by u.s, and the mean of (u.s)^2 over the sphere is |s|^2 / width.
    real, shift = features(60, 5, 1), np.array([1.0, -2.0, 0.5, 0.0, 3.0])
    found = sliced_wasserstein(real, real + shift, projections=4000)
    exact = np.linalg.norm(shift) / np.sqrt(5)
    assert found.value == pytest.approx(exact, rel=0.03)
    # With directions along the axes, the mean over these is exact.
    along_axes, _ = slices.squared_distance(real, real + shift, np.eye(5))
    assert along_axes == pytest.approx(exact**2, rel=1e-12)


def test_scaled_gaussians():
    # Between N(0, 1) and N(0, 9), W2 is 2 on every line; mean and spread are those of the sample.
    real, generated = features(3000, 4, 2), features(3000, 4, 3, scale=3.0)
    assert sliced_wasserstein(real, 3 * real, projections=100).value == pytest.approx(2, rel=0.02)
    found = sliced_wasserstein(real, generated, projections=100)
    assert found.value == pytest.approx(2, rel=0.03)


def test_identity_order_symmetry_and_scale():
    real, generated = features(50, 6, 4), features(70, 6, 5) + 0.3
    itself = sliced_wasserstein(real, real)
    assert itself.value == 0 and itself.standard_error == 0
    there, back = sliced_wasserstein(real, generated), sliced_wasserstein(generated, real)
    assert there.value == pytest.approx(back.value, rel=1e-12)
    assert there.standard_error == pytest.approx(back.standard_error, rel=1e-9)
    shuffled = sliced_wasserstein(real[::-1], np.roll(generated, 3, axis=0))
    assert shuffled.value == pytest.approx(there.value, rel=1e-12)
    assert shuffled.standard_error == pytest.approx(there.standard_error, rel=1e-9)
    larger = sliced_wasserstein(10 * real, 10 * generated)
    assert larger.value == pytest.approx(10 * there.value, rel=1e-12)
    assert larger.standard_error == pytest.approx(10 * there.standard_error, rel=1e-9)


@pytest.mark.parametrize("sizes", [(7, 4), (4, 6), (5, 5), (2, 9)])
def test_unequal_sizes_against_the_quantile_functions(sizes):
    real, generated = features(sizes[0], 3, 6), features(sizes[1], 3, 7) + 1
    directions = slices.unit_directions(20, 3, seed=0)
    # Each point as often as makes both equally many: the same two distributions.
    squares = []
    for direction in directions:
        x = np.sort(np.repeat(real @ direction, sizes[1]))
        y = np.sort(np.repeat(generated @ direction, sizes[0]))
        squares.append(np.mean((x - y) ** 2))
    found = sliced_wasserstein(real, generated, projections=20)
    assert found.value == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-12)


def test_parts_and_seeds(monkeypatch):
    real, generated = features(30, 4, 8), features(20, 4, 9) + 1
    whole = sliced_wasserstein(real, generated, projections=50)
    assert whole == sliced_wasserstein(real, generated, projections=50)
    assert whole.value != sliced_wasserstein(real, generated, projections=50, seed=1).value
    monkeypatch.setattr(slices, "_ENTRIES", 100)
    in_parts = sliced_wasserstein(real, generated, projections=50)
    assert in_parts.value == pytest.approx(whole.value, rel=1e-12)
    assert in_parts.standard_error == pytest.approx(whole.standard_error, rel=1e-9)


def test_more_shift_is_further():
    real, generated = features(200, 8, 10), features(200, 8, 11)
    found = [sliced_wasserstein(real, generated + shift).value for shift in (0, 0.5, 1, 2)]
    assert found == sorted(found) and found[3] == pytest.approx(2, rel=0.05)


def test_few_examples_are_further_apart_than_many():
    few, many = (sliced_wasserstein(features(n, 8, 12), features(n, 8, 13)) for n in (50, 800))
    assert few.value > 2 * many.value > 0


@pytest.mark.parametrize(
    "sizes, shift, projections",
    [((60, 90), [1, 1, 1], 40), ((400, 400), [0, 0, 5], 30)],
    ids=["examples vary most", "directions vary most"],
)
def test_intervals_hold_what_they_say(sizes, shift, projections):
    """95 % of 200 intervals within 90 to 99 % hold the mean over repetitions."""
    rng = np.random.default_rng(14)
    found = []
    for seed in range(200):
        real, generated = (rng.normal(size=[n, 3]) for n in sizes)
        found.append(
            sliced_wasserstein(real, generated + shift, projections=projections, seed=seed)
        )
    mean = np.mean([estimate.value for estimate in found])
    held = np.mean([low <= mean <= high for low, high in (each.interval for each in found)])
    assert 0.90 <= held <= 0.99


def test_intervals_are_not_too_narrow_between_equal_distributions():
    rng = np.random.default_rng(15)
    found = [
        sliced_wasserstein(*rng.normal(size=[2, 50, 4]), projections=40, seed=seed)
        for seed in range(100)
    ]
    spread = np.std([estimate.value for estimate in found], ddof=1)
    error = np.mean([estimate.standard_error for estimate in found])
    assert 0.95 < error / spread < 2


def test_float32_is_measured_in_float64():
    noise = np.random.default_rng(0).integers(-8, 9, size=[100, 3])
    offset = (noise + 2**20).astype(np.float32)
    exact = sliced_wasserstein(noise.astype(np.float64), noise + 1.0).value
    assert sliced_wasserstein(offset, offset + 1).value == pytest.approx(exact, rel=1e-8)


def test_bad_input():
    good = features(5, 2, 0)
    with pytest.raises(ValueError, match=r"finite features. Received: NaN or infinity in 5 of 5"):
        sliced_wasserstein(good, good * np.nan)
    with pytest.raises(ValueError, match="Received: 5 real and 1 generated"):
        sliced_wasserstein(good, good[:1])
    with pytest.raises(ValueError, match="of one width"):
        sliced_wasserstein(good, features(5, 3, 0))
    for projections in (1, 2.5, True, "many"):
        with pytest.raises(
            ValueError, match=f"integer >= 2. Received: projections={projections!r}"
        ):
            sliced_wasserstein(good, good, projections=projections)
        with pytest.raises(ValueError, match="Expected projections"):
            metrics.get(f"sliced_wasserstein(projections={projections!r})")


def test_as_a_metric():
    metric = metrics.get("sliced_wasserstein(projections=20, seed=3)")
    real, generated = features(9, 2, 1), features(8, 2, 2)
    found = metric.measure(FeatureSet(real), FeatureSet(generated))
    expected = sliced_wasserstein(real, generated, projections=20, seed=3)
    assert found == {"sliced_wasserstein": expected} and set(found) == set(metric.best)
    assert repr(metric) == "sliced_wasserstein(projections=20, seed=3)"
