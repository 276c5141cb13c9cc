"""That the ways `benchmarks/metrics.py` compares find the same number; not how long they take."""

import numpy as np
import pytest


@pytest.fixture
def ways(script):
    return script("parts.metric_ways")


@pytest.fixture
def metrics(script):
    return script("metrics")


def test_all_ways_find_one_number(ways):
    real, generated = ways.features(120, 12, 0), ways.features(110, 12, 1)
    for metric, found in ways.WAYS.items():
        numbers = {}
        for name, way in found.items():
            try:
                numbers[name] = float(way(real, generated))
            except ImportError:  # Of the extra [bench].
                continue
        ours = numbers.pop(ways.OURS)
        assert np.isfinite(ours)
        for name, number in numbers.items():
            drawn = {("kernel", "torch-fidelity"), ("mind", "torch-fidelity")}
            close = 0.3 if (metric, name) in drawn else 1e-5
            assert number == pytest.approx(ours, rel=close), (metric, name)


def test_lines_and_ratios(metrics):
    def calls(*seconds):
        return [metrics.Measured(s, 2 * s, 100.4, 3.25) for s in seconds]

    found = {"ours": calls(1.0, 2.0, 4.0), "slow": calls(3.0, 4.0, 20.0), "torch": "No module"}
    assert list(metrics.lines("kernel", found)) == [
        "| kernel | ours | 2 | 1.00 | 1.00 | 100 | 3.25 |",
        "| kernel | slow | 4 | 3.00 | 3.00 | 100 | 3.25 |",
        "| kernel | torch | skipped: No module |",
    ]


def test_a_call_is_measured_and_a_missing_package_is_a_reason(metrics, monkeypatch):
    found = metrics.measure("kernel", "ours", 50, 4)
    assert found.seconds > 0 and found.peak >= 0 and np.isfinite(found.number)

    def missing(real, generated):
        raise ImportError("No module named 'prdc'")

    monkeypatch.setitem(metrics.WAYS["density_coverage"], "prdc", missing)
    assert metrics.measure("density_coverage", "prdc", 50, 4) == "No module named 'prdc'"
