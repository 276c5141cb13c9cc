import importlib

import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, mind, sliced_wasserstein, slices

# The function has the name of its module.
MODULE = importlib.import_module("tfgan_losses.metrics.mind")


def features(n, width, seed, shift=0.0):
    return np.random.default_rng(seed).normal(size=[n, width]) + shift


def test_value_of_torch_fidelity(monkeypatch):
    rng = np.random.default_rng(41)
    real = rng.normal(size=[40, 6]).astype(np.float32)
    generated = (1.5 * rng.normal(size=[40, 6]) + 0.3).astype(np.float32)
    directions = rng.normal(size=[32, 6]).astype(np.float32)

    def given(count, width, seed):
        assert (count, width) == directions.shape
        return directions / np.linalg.norm(directions, axis=1, keepdims=True)

    monkeypatch.setattr(MODULE, "unit_directions", given)
    # mind_features_to_metric of torch_fidelity/metric_mind.py (main branch; 0.4.0 has none), in
    # float32, with torch.randn replaced by `directions`.
    assert mind(real, generated, projections=32).value == pytest.approx(9.692422986, rel=1e-6)


def test_shift_counts_three_times():
    # 3 width |shift|^2 / width: the standard error of 4000 directions is within 3 %.
    real, shift = features(60, 5, 1), np.array([1.0, -2.0, 0.5, 0.0, 3.0])
    found = mind(real, real + shift, projections=4000)
    assert found.value == pytest.approx(3 * shift @ shift, rel=0.06)


def test_it_is_the_sliced_distance_on_another_scale():
    real, generated = features(50, 7, 2), features(50, 7, 3, shift=0.4)
    sliced, found = sliced_wasserstein(real, generated), mind(real, generated)
    assert found.value == pytest.approx(3 * 7 * sliced.value**2, rel=1e-12)
    # The derivative of the square is twice the root.
    slope = 3 * 7 * 2 * sliced.value
    assert found.standard_error == pytest.approx(slope * sliced.standard_error, rel=1e-9)


def test_the_larger_set_is_drawn_from(monkeypatch):
    directions = slices.unit_directions(20, 3, seed=0)
    monkeypatch.setattr(MODULE, "unit_directions", lambda *_: directions)
    real, generated = features(4, 3, 4), features(3, 3, 5, shift=1.0)
    possible = [
        9 * slices.squared_distance(np.delete(real, i, axis=0), generated, directions)[0]
        for i in range(4)
    ]
    found = {mind(real, generated, seed=seed).value for seed in range(40)}
    assert sorted(found) == pytest.approx(sorted(possible), rel=1e-12)
    assert mind(generated, real).value == pytest.approx(mind(real, generated).value, rel=1e-12)


def test_identity_order_and_monotony():
    real, generated = features(64, 8, 6), features(64, 8, 7)
    assert mind(real, real).value == 0
    assert mind(real, real[::-1]).value == pytest.approx(0, abs=1e-20)
    found = [mind(real, generated + shift).value for shift in (0, 0.5, 1, 2)]
    assert found == sorted(found)


def test_intervals_hold_what_they_say():
    rng = np.random.default_rng(8)
    found = []
    for seed in range(200):
        real, generated = rng.normal(size=[60, 3]), rng.normal(size=[60, 3]) + 1
        found.append(mind(real, generated, projections=40, seed=seed))
    mean = np.mean([estimate.value for estimate in found])
    held = np.mean([low <= mean <= high for low, high in (each.interval for each in found)])
    assert 0.90 <= held <= 0.99


def test_bad_input():
    good = features(5, 2, 0)
    with pytest.raises(ValueError, match="features of a float type"):
        mind(good.astype(int), good)
    with pytest.raises(ValueError, match=r"integer >= 2. Received: projections=0"):
        mind(good, good, projections=0)
    with pytest.raises(ValueError, match="Expected projections"):
        metrics.get("mind(projections=1)")


def test_as_a_metric():
    metric = metrics.get("mind(projections=20)")
    real, generated = features(9, 2, 1), features(8, 2, 2)
    found = metric.measure(FeatureSet(real), FeatureSet(generated))
    assert found == {"mind": mind(real, generated, projections=20)}
    assert set(found) == set(metric.best)
