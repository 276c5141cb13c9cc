"""Checks of the arguments that all builders share."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import SupportsIndex


def check_example_shape(example_shape: Sequence[int]) -> tuple[int, ...]:
    """Returns the shape of a vector or an image as a tuple of positive integers.

    Raises:
        ValueError: If it is neither `(features,)` nor `(height, width, channels)`.
    """
    is_sequence = isinstance(example_shape, Sequence) and not isinstance(example_shape, str)
    if not is_sequence or not all(_is_positive(size) for size in example_shape):
        raise ValueError(
            "Expected example_shape to be a tuple of positive integers, the shape of one example "
            f"without the batch axis. Received: example_shape={example_shape}"
        )
    if len(example_shape) not in (1, 3):
        raise ValueError(
            "Expected example_shape to be (features,) or (height, width, channels). "
            f"Received: example_shape={example_shape}"
        )
    return tuple(int(size) for size in example_shape)


def check_image_shape(example_shape: Sequence[int]) -> tuple[int, int, int]:
    """Returns `(height, width, channels)` of an image.

    Raises:
        ValueError: If it is the shape of something else.
    """
    shape = check_example_shape(example_shape)
    if len(shape) != 3:
        raise ValueError(
            "Expected example_shape to be that of an image, (height, width, channels); for points "
            f"in the plane there are the models mlp and deep_mlp. Received: example_shape={shape}"
        )
    return shape[0], shape[1], shape[2]


def check_positive(argument: str, value: int) -> int:
    """Returns a positive integer.

    Raises:
        ValueError: If the value is anything else.
    """
    if not _is_positive(value):
        raise ValueError(
            f"Expected {argument} to be a positive integer. Received: {argument}={value}"
        )
    return int(value)


def _is_positive(value: object) -> bool:
    # bool is an int in Python, and True is no size. NumPy integers have __index__.
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return False
    return operator.index(value) > 0
