"""The real examples that a training is compared with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tfgan_losses import random
from tfgan_losses.types import Examples, TensorLike

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

# Examples, a pair of them and their labels, or where both come from.
Real: TypeAlias = "Examples | tuple[Examples, TensorLike] | Source"

# Numbers of an example up to which distances say where examples lie, and not only how bright they
# are: points in the plane. More of them are compared, as they cost less.
_FEW_NUMBERS = 8
_POINTS, _OTHERS = 256, 64
_LEAST = 16


def are_points(shape: tuple[int | None, ...]) -> bool:
    """Returns whether examples of this shape are points of few numbers."""
    return None not in shape and math.prod(map(int, shape)) <= _FEW_NUMBERS  # type: ignore[arg-type]


def how_many(shape: tuple[int | None, ...], batch_size: int | None) -> int:
    """Returns how many examples a look takes: of images never more than about a batch."""
    if are_points(shape):
        return _POINTS
    return _OTHERS if batch_size is None else min(_OTHERS, max(_LEAST, batch_size))


def size_of(given: Real) -> int | None:
    """Returns how many examples there are; None if nobody knows or there is no end."""
    if hasattr(given, "batches"):
        return getattr(given, "size", None)
    return len(given[0] if isinstance(given, tuple | list) else given)


def choose(given: Real, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Returns examples, float32 [n, ...] with n <= count, and their labels or None.

    Args:
        given: A source gives the first batch of an order of its own; of an array there are
            examples from all of it, since it may be sorted.
        count: How many at most.
        seed: Of the order.

    Raises:
        ValueError: If there are none.
    """
    size = size_of(given)
    if size == 0:
        raise ValueError("Expected examples. Received: none")
    count = count if size is None else min(count, size)
    if hasattr(given, "batches"):
        batches = given.batches(count, seed=random.derived_seed(seed, "health"), start=0)
        given = next(iter(batches))
        rows = np.arange(count)
    else:
        rows = np.linspace(0, (size or 1) - 1, count).astype(int)
    examples, labels = given if isinstance(given, tuple | list) else (given, None)
    chosen = np.asarray(examples)[rows].astype(np.float32)
    return chosen, None if labels is None else np.asarray(labels)[rows]
