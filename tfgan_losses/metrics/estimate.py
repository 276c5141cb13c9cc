"""A measured number and how far it can be trusted."""

from __future__ import annotations

import dataclasses

# Of the standard normal distribution: 95 % lie within.
_NORMAL_95 = 1.959963984540054


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number that was estimated from samples.

    Attributes:
        value: The estimate.
        standard_error: Standard deviation of `value` over repeated draws of the samples it was
            estimated from, or None where nobody knows one.

    Examples:
        >>> from tfgan_losses import metrics
        >>> print(metrics.Estimate(12.31, 0.42))
        12.31 ± 0.42
    """

    value: float
    standard_error: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The normal interval of 95 %, or None without a standard error."""
        if self.standard_error is None:
            return None
        half = _NORMAL_95 * self.standard_error
        return self.value - half, self.value + half

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        """Returns such as `12.31 ± 0.42`, the standard error behind the value."""
        if self.standard_error is None:
            return f"{self.value:.4g}"
        return f"{self.value:.4g} ± {self.standard_error:.2g}"
