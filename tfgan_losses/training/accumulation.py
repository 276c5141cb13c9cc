"""Gradients of a large batch, made of those of its parts one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Report, Tensor

Gradients = list[Tensor | None]


def mean_over_parts(
    gradients_of: Callable[..., tuple[Gradients, Report]], count: int, *batch: Tensor | None
) -> tuple[Gradients, Report]:
    """Gradients and report of a batch, in the memory that one of its parts needs.

    Args:
        gradients_of: Maps the tensors of a part to the gradients of a mean over its examples, and
            scalars to report. Random draws in it are those of the whole batch.
        count: How many equal parts.
        *batch: Tensors [batch, ...], or None, with `batch` divisible by `count`.

    Returns:
        The mean gradients, None where no part has one, and the mean report.
    """
    if count == 1:
        return gradients_of(*batch)
    split = [[None] * count if x is None else tf.split(x, count) for x in batch]
    found: list[tuple[Gradients, Report]] = []
    for index, part in enumerate(zip(*split, strict=True)):
        # Without an order the graph would hold the activations of all parts at once.
        before = [x for x in found[-1][0] if x is not None] if found else []
        with tf.control_dependencies(before), random.part_of_batch(index, count):
            found.append(gradients_of(*part))
    gradients = [_mean(same) for same in zip(*(x for x, _ in found), strict=True)]
    return gradients, {key: _mean([report[key] for _, report in found]) for key in found[0][1]}


def _mean(values: Sequence[Tensor | None]) -> Tensor | None:
    present = [value for value in values if value is not None]
    return tf.add_n(present) / len(values) if present else None
