"""Numbers over seeds: means, their errors, and which recipes cannot be told apart."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence

_LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Summary:
    """A number over several trainings.

    Attributes:
        values: Of each training that has one; infinite ones, too, but not NaN.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean; NaN of none."""
        return sum(self.values) / len(self.values) if self.values else math.nan

    @property
    def standard_error(self) -> float | None:
        """That of the mean, from the spread of the trainings; None of fewer than 2."""
        count = len(self.values)
        if count < 2 or not math.isfinite(self.mean):
            return None
        squares = sum((value - self.mean) ** 2 for value in self.values)
        return math.sqrt(squares / (count - 1) / count)


def summary(values: Sequence[float | None]) -> Summary:
    """Returns that of the numbers among some values."""
    return Summary(tuple(x for x in values if x is not None and not math.isnan(x)))


def ranked(summaries: Mapping[str, Sequence[Summary]], best: Sequence[str]) -> list[str]:
    """Returns names from the best to the worst, those without numbers last.

    Args:
        summaries: Name -> of each column; the first decides, the next where it is equal.
        best: `"min"` or `"max"` of each column.
    """

    def key(name: str) -> list[float]:
        signs = [1.0 if way == "min" else -1.0 for way in best]
        pairs = zip(signs, summaries[name], strict=True)
        return [math.inf if math.isnan(x.mean) else sign * x.mean for sign, x in pairs]

    return sorted(summaries, key=key)


def can_be_told_apart(first: Summary, second: Summary) -> bool | None:
    """Whether the means differ by Welch's test, at 5 %; None of fewer than 2 trainings of one.

    With 3 seeds, only differences of several standard errors are.
    """
    errors = first.standard_error, second.standard_error
    if errors[0] is None or errors[1] is None:
        return None
    variances = errors[0] ** 2, errors[1] ** 2
    difference = abs(first.mean - second.mean)
    if sum(variances) == 0.0:
        return difference > 0.0
    freedoms = (
        variance**2 / (len(each.values) - 1)
        for variance, each in zip(variances, (first, second), strict=True)
    )
    freedom = sum(variances) ** 2 / sum(freedoms)
    return difference > _quantile(freedom) * math.sqrt(sum(variances))


@functools.cache
def _quantile(freedom: float) -> float:
    """Returns the two-sided quantile of Student's t distribution."""
    from scipy import stats

    return float(stats.t.ppf((1 + _LEVEL) / 2, freedom))
