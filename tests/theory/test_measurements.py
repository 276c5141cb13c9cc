"""What holds and what does not, and how it is written."""

import math

import numpy as np
import pytest


@pytest.fixture
def measurements(experiment):
    return experiment("measurements")


@pytest.mark.parametrize(
    ("name", "arguments", "inside", "outside"),
    [
        ("near", {"value": 0, "within": 1e-9}, [-9e-10, 0, 9e-10], [-2e-9, 2e-9]),
        ("near", {"value": -2, "percent": 5}, [-2.09, -1.91], [-2.11, -1.89, 2]),
        ("near", {"value": math.inf, "within": 1}, [math.inf], [-math.inf, 1e300]),
        ("above", {"bound": 0.5}, [0.51, math.inf], [0.49]),
        ("below", {"bound": -0.5}, [-0.51, -math.inf], [-0.49]),
        ("between", {"lowest": 1, "highest": 3}, [1, 2, 3], [0.99, 3.01]),
    ],
)
def test_where_a_value_may_be(measurements, name, arguments, inside, outside):
    expected = getattr(measurements, name)(**arguments)
    assert measurements.Number("", inside, expected).holds()
    for value in [*outside, math.nan]:
        assert not measurements.Number("", value, expected).holds()
        # One of several is enough.
        assert not measurements.Number("", [*inside, value], expected).holds()


def test_each_value_has_bounds_of_its_own(measurements):
    expected = measurements.near([1, 10], percent=10)
    assert measurements.Number("", [1.05, 10.5], expected).holds()
    assert not measurements.Number("", [1.05, 11.5], expected).holds()
    assert not measurements.Number("", [1.5, 10.5], expected).holds()


@pytest.mark.parametrize(
    ("values", "factor", "holds"),
    [
        ([3, 2, 1], 1, True),
        ([3, 3, 1], 1, False),
        ([3, 1, 2], 1, False),
        ([9, 3, 1], 2.9, True),
        ([9, 3, 1], 3.1, False),
    ],
)
def test_falling_and_rising(measurements, values, factor, holds):
    highest = measurements.falling(values, factor=factor)
    assert (
        measurements.Number("", values, measurements.Expected("", highest=highest)).holds() == holds
    )
    if factor == 1:
        rising = -np.array(values)
        lowest = -measurements.falling(-rising)
        assert measurements.Number("", rising, measurements.Expected("", lowest)).holds() == holds


def test_how_it_is_written(measurements):
    near, number = measurements.near, measurements.Number
    row = number("what", [1, 2, 3, 4], near(0, within=1e-9), "{:.1f} to {:.2f}")
    assert row.cells() == ["what", "1.0 to 2.00; 3.0 to 4.00", "0 within 1e-9"]
    assert number("", 0.97, near([1.02849, 3], percent=2.5)).cells()[1:] == [
        "0.970",
        "1.028; 3 within 2.5 %",
    ]
    assert near(2, within=0.02, text="1 + W₁").text == "1 + W₁ within 0.02"
    assert measurements.above(0.5).text == "above 0.5"
    assert measurements.between(1, 3).text == "1 to 3"


def test_a_file_keeps_all_digits_and_what_holds(measurements, tmp_path):
    rows = [
        measurements.Number("W₁", 1 / 3, measurements.near(1 / 3, within=1e-16), "{:.1e}"),
        measurements.Number("two", [math.inf, 0.1], measurements.near([math.inf, 0.3], within=0.1)),
        measurements.Number("float32", np.float32([0.5]), measurements.above(0.5)),
    ]
    measurements.write(tmp_path / "rows.jsonl", rows)
    found = measurements.read(tmp_path / "rows.jsonl")
    assert [row.cells() for row in found] == [row.cells() for row in rows]
    assert [row.holds() for row in found] == [row.holds() for row in rows] == [True, False, True]
    assert found[0].values == 1 / 3
    assert "Infinity" not in (tmp_path / "rows.jsonl").read_text()
