"""Checks of the arguments that pyramids and their uses share."""

from __future__ import annotations

import operator
from typing import SupportsIndex


def check_integer(name: str, value: object, at_least: int = 0, at_most: int = 2**31 - 1) -> int:
    """Returns a whole number.

    Raises:
        ValueError: If the value is none, or out of its range.
    """
    # bool is an int in Python, and True is no size. NumPy integers have __index__.
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        number = operator.index(value)
        if at_least <= number <= at_most:
            return number
    raise ValueError(
        f"Expected {name} to be a whole number from {at_least} to {at_most}. "
        f"Received: {name}={value}"
    )
