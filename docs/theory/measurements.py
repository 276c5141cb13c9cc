"""What a page states: measured values, what is expected of them, and within what."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True)
class Expected:
    """Where the values of a row have to be.

    Attributes:
        text: How the page says it.
        lowest: Bound of every value, or one for each; held itself.
        highest: The same from above.
    """

    text: str
    lowest: ArrayLike = -math.inf
    highest: ArrayLike = math.inf


@dataclasses.dataclass(frozen=True)
class Number:
    """A row of a page's table of measurements.

    Attributes:
        what: What was measured.
        values: One value or several.
        expected: Where they have to be.
        form: How they are written: a format of one value, or of several that belong together. It
            is repeated until all are written.
    """

    what: str
    values: ArrayLike
    expected: Expected
    form: str = "{:.3f}"

    def holds(self) -> bool:
        """Whether every value is where it is expected; one that is NaN is nowhere."""
        values = np.asarray(self.values, np.float64)
        lowest, highest = map(np.asarray, (self.expected.lowest, self.expected.highest))
        return bool(np.all((lowest <= values) & (values <= highest)))

    def cells(self) -> list[str]:
        """The row as the page shows it."""
        together = np.reshape(self.values, [-1, self.form.count("{")])
        measured = "; ".join(self.form.format(*values) for values in together)
        return [self.what, measured, self.expected.text]


def near(
    value: ArrayLike,
    *,
    within: float = 0.0,
    percent: float | None = None,
    text: str | None = None,
) -> Expected:
    """A value, or one for each, and how far from it is near enough.

    Args:
        value: What theory says.
        within: The largest difference; or
        percent: the largest difference as a part of the value.
        text: For the value; None writes it with four digits.
    """
    value = np.asarray(value, np.float64)
    text = text or "; ".join(map(short, np.ravel(value)))
    if percent is None:
        return Expected(f"{text} within {short(within)}", value - within, value + within)
    reach = abs(value) * percent / 100
    return Expected(f"{text} within {short(percent)} %", value - reach, value + reach)


def above(bound: float, text: str | None = None) -> Expected:
    """At least so much."""
    return Expected(text or f"above {short(bound)}", lowest=bound)


def below(bound: float, text: str | None = None) -> Expected:
    """At most so much."""
    return Expected(text or f"below {short(bound)}", highest=bound)


def between(lowest: float, highest: float, text: str | None = None) -> Expected:
    """Both."""
    return Expected(text or f"{short(lowest)} to {short(highest)}", lowest, highest)


def falling(values: Sequence[float] | np.ndarray, *, factor: float = 1.0) -> np.ndarray:
    """The highest that each value may be if it has to be below the one before.

    Args:
        values: The measured ones, [n].
        factor: How many times below.

    Returns:
        Bounds for `Expected.highest`, [n]; none for the first. The negative of those of negative
        values are bounds for `Expected.lowest` of values that rise.
    """
    bounds = np.asarray(values[:-1], np.float64) / factor
    return np.concatenate([[math.inf], np.nextafter(bounds, -math.inf)])


def short(number: float) -> str:
    """Four digits, or an exponent without zeros: 0.0125, 1e-9."""
    if 0 < abs(number) < 1e-3:
        return np.format_float_scientific(number, precision=3, trim="-", exp_digits=1)
    return f"{number:.4g}"


def write(path: Path, rows: list[Number]) -> None:
    """Writes a row a line, with all digits; infinite numbers are strings, as JSON has none."""
    lines = [json.dumps(_plain(dataclasses.asdict(row)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path: Path) -> list[Number]:
    """What `write` has written."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [_number(**row) for row in rows]


def _number(what: str, values: list, expected: dict, form: str) -> Number:
    lowest, highest, values = (
        np.asarray(x, np.float64) for x in (expected["lowest"], expected["highest"], values)
    )
    return Number(what, values, Expected(expected["text"], lowest, highest), form)


def _plain(value: object) -> object:
    """The same of types that JSON has."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return value
    if np.ndim(value):
        return [_plain(inner) for inner in np.asarray(value, np.float64)]
    return float(value) if math.isfinite(value) else str(float(value))
