"""Which examples come when: passes over a set, and a few that show all of it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Seed


def spread_indices(labels: np.ndarray | None, size: int, count: int, per_class: int) -> np.ndarray:
    """Returns the numbers of examples that `BaseSource.choose` chooses of a set."""

    def spread(indices: np.ndarray, most: int) -> np.ndarray:
        chosen = np.linspace(0, len(indices) - 1, min(most, len(indices))).round()
        return indices[chosen.astype(int)]

    if labels is None:
        return spread(np.arange(size), count)
    classes = (np.flatnonzero(labels == label) for label in np.unique(labels))
    return np.concatenate([spread(indices, per_class) for indices in classes])


def shuffled_indices(size: int, batch_size: int, *, seed: int, start: int) -> tf.data.Dataset:
    """Returns batches of shuffled indices, each a function of (seed, batch number) alone.

    A pass is a uniform permutation, drawn from (seed, number of the pass) while the pass before
    is consumed. `start` costs one permutation, however large it is.

    (`tf.raw_ops.RandomIndexShuffle` would need no memory, but uses 8 bits of each part of its key
    for small sets, so that orders return after 256 passes, and is not uniform with few rounds.)

    Args:
        size: Number of examples.
        batch_size: Indices per batch.
        seed: Chooses the permutations.
        start: Number of the first batch.

    Returns:
        An infinite data set of int32 `[batch_size]` in `[0, size)`.
    """
    first, offset = divmod(start * batch_size, size)

    def one_pass(number: tf.Tensor) -> tf.Tensor:
        order = tf.argsort(random.integers([size], pass_seed(seed, number)))
        return order[tf.where(number == first, offset, 0) :]

    passes = tf.data.Dataset.range(first, 2**62).map(one_pass, num_parallel_calls=2)
    return passes.prefetch(1).rebatch(batch_size, drop_remainder=True)


def pass_seed(seed: int, number: tf.Tensor) -> Seed:
    """Returns the seed of the order of a pass, given that of the run and the number of the pass."""
    return random.step_seed(seed, number, "data order")
