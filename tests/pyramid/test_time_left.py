"""How long the finer scales take, foretold by the coarser ones."""

import types

import pytest

from tfgan_losses.pyramid import Scales, time_left
from tfgan_losses.pyramid.time_left import TimeLeft

SIZES = ((10, 10), (20, 10), (20, 20), (40, 40))


def plan(widths=(1, 1, 1, 1)):
    return types.SimpleNamespace(scales=Scales(SIZES, 0.5), widths=widths, steps=1000)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time_left.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("widths", [(1, 1, 1, 1), (1, 1, 2, 2)])
def test_a_step_takes_a_constant_and_a_part_for_pixels_and_channels(widths):
    times = TimeLeft(plan(widths))
    work = [h * w * c**2 for (h, w), c in zip(SIZES, widths, strict=True)]
    true = [0.01 + 1e-5 * each for each in work]
    assert times.after(0)(true[0]) is None  # One measurement has no slope.
    for scale in (1, 2):
        expected = 1000 * sum(true[scale + 1 :])
        assert times.after(scale)(true[scale]) == pytest.approx(expected)
    assert times.after(3)(true[3]) is None  # Nothing comes after it.


def test_no_scale_is_said_to_be_faster_than_the_one_before():
    times = TimeLeft(plan())
    times.after(0)(0.03)
    assert times.after(1)(0.02) == pytest.approx(1000 * (0.02 + 0.02))


def test_what_happens_between_two_scales_counts_for_each(clock):
    times = TimeLeft(plan())
    times.after(0)(0.02)
    clock[0] = 5.0
    times.after(0)(0.02)
    clock[0] = 12.0
    assert times.after(1)(0.02) == pytest.approx(1000 * 2 * 0.02 + 2 * 7.0)


def test_the_newest_measurement_of_a_scale_counts():
    times = TimeLeft(plan())
    times.after(0)(5.0)
    times.after(0)(0.02)
    assert times.after(1)(0.03) == pytest.approx(1000 * (0.05 + 0.17))


def test_a_run_that_goes_on_measures_anew():
    assert TimeLeft(plan()).after(2)(1.0) is None
