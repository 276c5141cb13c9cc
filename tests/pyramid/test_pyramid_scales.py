import pytest

from tfgan_losses.pyramid import Scales


@pytest.mark.parametrize(
    ("height", "width", "count", "factor", "coarsest", "finest"),
    [
        # ceil(log(25/250) / log 0.75) + 1 = ceil(8.004) + 1 = 10 steps, 0.1^(1/10).
        (250, 250, 11, 0.79433, (25, 25), (250, 250)),
        # ceil(6.581) + 1 = 8 steps, (25/166)^(1/8).
        (166, 250, 9, 0.78928, (25, 38), (166, 250)),
        # ceil(9.638) + 1 = 11, without ceil(log(250/500) / log 0.75) = ceil(2.409) = 3: 8 steps.
        (400, 500, 9, 0.77111, (25, 31), (200, 250)),
        # ceil(9.865) + 1 = 11, without ceil(3.268) = 4: 7 steps; (25/166.8)^(1/7).
        (427, 640, 8, 0.76252, (25, 37), (167, 250)),
    ],
)
def test_scales_are_those_of_the_authors(height, width, count, factor, coarsest, finest):
    scales = Scales.of(height, width)
    assert len(scales.sizes) == count and scales.factor == pytest.approx(factor, abs=5e-6)
    assert scales.sizes[0] == coarsest and scales.sizes[-1] == finest
    for (low, _), (high, _) in zip(scales.sizes, scales.sizes[1:], strict=False):
        assert low / high == pytest.approx(factor, abs=0.02)
    # The transposed image has the transposed scales.
    assert Scales.of(width, height).sizes == tuple((w, h) for h, w in scales.sizes)


def test_an_image_of_the_smallest_size_has_one_scale():
    assert Scales.of(25, 40) == Scales(((25, 40),), 0.75)
    assert Scales.of(50, 100, max_size=50) == Scales(((25, 50),), 0.75)
    assert len(Scales.of(26, 40).sizes) == 3  # ceil(0.136) + 1 steps.


def test_widths_double_after_four_scales():
    scales = Scales.of(250, 250)
    assert scales.widths() == (32,) * 4 + (64,) * 4 + (128,) * 3
    long = Scales.of(250, 250, factor=0.85)
    assert set(long.widths(8)[8:]) == {32} and len(long.widths(8)) == len(long.sizes) > 13


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"factor": 1.0}, r"Expected factor in \(0, 1\). Received: factor=1.0"),
        ({"min_size": 10}, "min_size of 11 pixels or more"),
        ({"min_size": 101}, "smaller side of the finest scale, 100. Received: min_size=101"),
        ({"max_size": 30}, r"finest scale, 15. Received: min_size=25, .*100x200.*max_size=30"),
        ({"factor": 0.99}, "at most 40 scales. Received: 140"),
    ],
)
def test_scales_that_cannot_be(arguments, match):
    with pytest.raises(ValueError, match=match):
        Scales.of(100, 200, **arguments)
