"""Curves as SVG that stands in a page: colours and letters are those of the page."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Sequence

COLORS = 8  # Of the page; see `style`.
DASHES = ("", "6 3", "2 3")
_WIDTH, _HEIGHT = 420, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 10, 30
# From so many times on, the largest value leaves nothing to see of the smallest.
_LOGARITHMIC = 30.0
_MOST_DECADES = 6
_NEAR = 10.0


@dataclasses.dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        points: (x, y); values that are not finite are gaps.
        color: Number of a colour; from 8 on the line is dashed.
        thin: Whether it is one of several of that colour.
    """

    points: Sequence[tuple[float, float]]
    color: int
    thin: bool = False


class Scale:
    """From values to places, linear or logarithmic.

    Args:
        low, high: The values at the ends.
        start, end: Their places.
        logarithmic: Whether equal ratios are equal ways.
    """

    def __init__(
        self, low: float, high: float, start: float, end: float, logarithmic: bool = False
    ):
        if high <= low:
            low, high = (low / 2, high * 2) if logarithmic else (low - 0.5, high + 0.5)
        self.low, self.high, self.logarithmic = low, high, logarithmic
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        """Returns the place of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(max(value, self.low))
        return self._start + (value - low) / (high - low) * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Returns round values between the ends."""
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            every = math.ceil(len(decades) / _MOST_DECADES)
            parts = (1, 2, 5) if len(decades) <= 2 else (1,)
            found = [part * 10.0**decade for decade in list(decades)[::every] for part in parts]
        else:
            found = next(
                ticks
                for parts in (4, 6, 9)
                if len(ticks := _multiples(self.low, self.high, parts)) > 2 or parts == 9
            )
        margin = 1e-9 * abs(self.high)
        return [x for x in found if self.low - margin <= x <= self.high + margin]


def line_chart(lines: Sequence[Line], label: str, floor: float | None = None) -> str:
    """Returns a chart.

    Args:
        lines: The curves, those in front last.
        label: What it shows, for who cannot see it.
        floor: A value that is drawn as a dotted line across, or None; left out where it is so far
            from the curves that it would flatten them.
    """
    xs = [x for line in lines for x, y in line.points if math.isfinite(y)]
    ys = [y for line in lines for _, y in line.points if math.isfinite(y)]
    if not xs:
        return ""
    if floor is not None and not _is_near(floor, min(ys), max(ys)):
        floor = None
    shown = ys if floor is None else [*ys, floor]
    positive = [y for y in shown if y > 0]
    logarithmic = len(positive) == len(shown) and max(shown) > _LOGARITHMIC * min(shown)
    across = Scale(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT)
    up = Scale(min(shown), max(shown), _HEIGHT - _BOTTOM, _TOP, logarithmic)
    parts = [*_grid(across, up), *(_path(line, across, up) for line in lines)]
    if floor is not None:
        y = round(up(floor), 1)
        parts.append(f'<path class="floor" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{html.escape(label)}">{"".join(parts)}</svg>'
    )


def _is_near(floor: float, low: float, high: float) -> bool:
    """Returns whether curves between `low` and `high` keep a good part of a chart with it."""
    if floor > 0 and low > 0:
        return low / _NEAR <= floor <= high * _NEAR
    return low - (high - low) <= floor <= high + (high - low)


def _grid(across: Scale, up: Scale) -> list[str]:
    parts = []
    for value in up.ticks():
        y = round(up(value), 1)
        parts.append(f'<path class="grid" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="y" x="{_LEFT - 6}" y="{y + 4}">{_short(value)}</text>')
    for value in across.ticks():
        if value == int(value):
            x = round(across(value), 1)
            parts.append(f'<text class="x" x="{x}" y="{_HEIGHT - 10}">{_short(value)}</text>')
    return parts


def _path(line: Line, across: Scale, up: Scale) -> str:
    places, pen = [], "M"
    for x, y in line.points:
        if not math.isfinite(y) or (up.logarithmic and y <= 0):
            pen = "M"
            continue
        places.append(f"{pen}{across(x):.1f} {up(y):.1f}")
        pen = "L"
    if len(places) == 1:
        places.append("h0")  # A dot, by the round ends of lines.
    dash = DASHES[line.color // COLORS % len(DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    kind = "thin" if line.thin else "mean"
    return f'<path class="{kind} c{line.color % COLORS}" d="{"".join(places)}"{dashes}/>'


def _multiples(low: float, high: float, parts: int) -> list[float]:
    """Returns those of a round number, of which about so many parts fit between two others."""
    step = _round_step((high - low) / parts)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _round_step(width: float) -> float:
    power = 10.0 ** math.floor(math.log10(width))
    return next(x * power for x in (1, 2, 2.5, 5, 10) if x * power >= width * 0.999)


def _short(value: float) -> str:
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4g}"
    if abs(value) >= 1e4 and value % 1000 == 0:
        return f"{value / 1000:g}k" if abs(value) < 1e6 else f"{value:.3g}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e")
