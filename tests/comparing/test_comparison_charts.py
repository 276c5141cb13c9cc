import math
import re

import pytest

from tfgan_losses.comparing.charts import Line, Scale, line_chart


def places(svg, kind):
    """The points of each path of a kind."""
    paths = re.findall(rf'<path class="{kind}[^"]*" d="([^"]*)"', svg)
    return [
        [tuple(map(float, point.split())) for point in re.split("[ML]", path)[1:]] for path in paths
    ]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.25, 0.5, 0.75, 1]), (-3, 9, [-2, 0, 2, 4, 6, 8]), (0, 600, [0, 200, 400, 600])],
)
def test_ticks_are_round_and_within(low, high, expected):
    assert Scale(low, high, 0, 100).ticks() == pytest.approx(expected)


def test_ticks_of_a_logarithmic_scale_are_powers():
    scale = Scale(0.5, 2000, 0, 300, logarithmic=True)
    assert scale.ticks() == pytest.approx([1, 10, 100, 1000])
    assert scale(1000) - scale(100) == pytest.approx(scale(10) - scale(1))


def test_a_curve_goes_from_left_to_right_and_larger_is_higher():
    svg = line_chart([Line([(0, 1.0), (10, 2.0), (20, 3.0)], 0)], "loss")
    ((a, b, c),) = places(svg, "mean")
    assert a[0] < b[0] < c[0] and a[1] > b[1] > c[1]
    assert b[1] == pytest.approx((a[1] + c[1]) / 2)


def test_values_far_apart_are_shown_by_their_ratios():
    svg = line_chart([Line([(0, 1.0), (1, 10.0), (2, 100.0)], 0)], "distance")
    ((a, b, c),) = places(svg, "mean")
    assert b[1] == pytest.approx((a[1] + c[1]) / 2, abs=0.2)


def test_what_is_not_finite_is_a_gap_and_nothing_at_all_no_chart():
    points = [(0, 1.0), (1, math.nan), (2, 1.0), (3, 2.0)]
    svg = line_chart([Line(points, 3, thin=True)], "a < b")
    assert svg.count("M", svg.index('class="thin c3"')) >= 2 and "nan" not in svg
    assert 'aria-label="a &lt; b"' in svg
    assert line_chart([Line([(0, math.inf)], 0)], "x") == line_chart([], "x") == ""


def test_one_point_and_equal_values_can_be_drawn():
    assert "h0" in line_chart([Line([(5, 1.0)], 0)], "x")
    ((a, b),) = places(line_chart([Line([(0, 0.0), (1, 0.0)], 0)], "x"), "mean")
    assert a[1] == b[1]


def test_the_ninth_recipe_is_dashed_in_the_first_colour():
    svg = line_chart([Line([(0, 1.0), (1, 2.0)], 8)], "x")
    assert 'class="mean c0"' in svg and 'stroke-dasharray="6 3"' in svg


def test_a_floor_is_drawn_where_it_flattens_nothing():
    lines = [Line([(0, 100.0), (1, 20.0)], 0)]
    assert 'class="floor"' in line_chart(lines, "x", 10.0)
    assert 'class="floor"' in line_chart(lines, "x", 50.0)
    assert "floor" in line_chart(lines, "x", -5.0)
    for far in (0.01, -500.0):
        assert line_chart(lines, "x", far) == line_chart(lines, "x")
