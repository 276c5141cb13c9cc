"""What measured numbers are called where they are written, and how they are told."""

from __future__ import annotations

import math

from tfgan_losses.metrics.base import Estimates
from tfgan_losses.metrics.estimate import Estimate

_ERROR = "_error"


def error_column(name: str) -> str:
    """Returns what the standard error of a number is called: `frechet[pixels]_error`.

    Args:
        name: Of a number, `frechet[pixels]`.
    """
    return f"{name}{_ERROR}"


def is_error(name: str) -> bool:
    """Returns whether that is the name of a standard error."""
    return name.endswith(_ERROR)


def as_columns(estimates: Estimates) -> dict[str, float]:
    """Returns what is finite of values and standard errors, each under its name.

    Args:
        estimates: Of each number by its name, as metrics give them.
    """
    columns = {}
    for name, estimate in estimates.items():
        if math.isfinite(estimate.value):
            columns[name] = float(estimate.value)
            error = estimate.standard_error
            if error is not None and math.isfinite(error):
                columns[error_column(name)] = float(error)
    return columns


def in_words(name: str, value: float, error: float | None) -> str:
    """Returns such as `frechet[pixels] 12.3, 95 % interval 11.1 to 13.5`."""
    interval = Estimate(value, error).interval
    behind = "" if interval is None else ", 95 % interval {:.4g} to {:.4g}".format(*interval)
    return f"{name} {value:.4g}{behind}"
