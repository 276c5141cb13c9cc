"""Sources for sets that do not fit in memory: images are decoded as they are needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.datasets.fitting import Fitting
from tfgan_losses.datasets.images import (
    Element,
    explain_bad_data,
    fitted_batches,
    to_unit_range,
)
from tfgan_losses.datasets.order import pass_seed, shuffled_indices, spread_indices
from tfgan_losses.datasets.source import BaseSource

# An example as it is stored: encoded features by name.
Record: TypeAlias = dict[str, tf.Tensor]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class IndexedStream(BaseSource):
    """Examples that can be fetched by their number; `start` costs nothing.

    Attributes:
        size: Number of examples.
        fetch: Maps an int64 scalar to `(image,)` or `(image, label)`, the image uint8, or float32
            in [-1, 1].
        fitting: Brings the images to one size.
        labels: int32 `[size]`, or `None`.
    """

    size: int
    fetch: Callable[[tf.Tensor], Element]
    fitting: Fitting
    labels: np.ndarray | None = None

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        indices = shuffled_indices(self.size, batch_size, seed=seed, start=start)
        indices = indices.map(lambda whole: whole[own]).unbatch()
        return _decoded_batches(indices, self.fetch, self.fitting, own.stop - own.start)

    def choose(self, count: int, per_class: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns examples of all of the set; see `BaseSource.choose`."""
        return self._at(spread_indices(self.labels, self.size, count, per_class))

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        return self._at(np.arange(n))

    def _at(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        numbers = tf.data.Dataset.from_tensor_slices(indices)
        with explain_bad_data(self.name):
            return _first(numbers, self.fetch, self.fitting, len(indices))


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RecordStream(BaseSource):
    """Examples that can only be read one after the other.

    They are shuffled through a buffer of records that are still encoded, which is filled anew at
    the beginning of a pass. `start` reads and drops, without decoding, the records of its pass
    that come before it, but no earlier pass.

    Attributes:
        size: Number of examples.
        records: Maps a seed (int64 scalar), or `None` for the fixed order, to one pass over the
            records.
        decode: Maps a record to `(image,)` or `(image, label)`, the image uint8, or float32 in
            [-1, 1].
        fitting: Brings the images to one size.
        buffer_size: Records in the shuffle buffer.
        remedy: What can be done about damaged records, a sentence.
    """

    size: int
    records: Callable[[tf.Tensor | None], tf.data.Dataset]
    decode: Callable[[Record], Element]
    fitting: Fitting
    buffer_size: int
    remedy: str = ""

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        @tf.autograph.experimental.do_not_convert  # It warns about TFDS's decorators.
        def one_pass(number: tf.Tensor) -> tf.data.Dataset:
            # shuffle() mixes in the global seed; inside this graph it is a constant, so that the
            # order depends on our seed alone.
            tf.compat.v1.set_random_seed(1)  # 0 breaks a comparison in shuffle()
            files, examples = tf.unstack(random.integers([2], pass_seed(seed, number)))
            records = self.records(files)
            return records.shuffle(self.buffer_size, examples, reshuffle_each_iteration=False)

        first, offset = divmod(start * batch_size, self.size)
        records = tf.data.Dataset.range(first, 2**62).flat_map(one_pass).skip(offset)
        size = own.stop - own.start
        if size < batch_size:
            # Other parts are read, since records have no numbers, but not decoded.
            numbered = records.enumerate().filter(lambda i, _: _within(i % batch_size, own))
            records = numbered.map(lambda _, record: record)
        return _decoded_batches(records, self.decode, self.fitting, size)

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        with explain_bad_data(self.name, self.remedy):
            return _first(self.records(None), self.decode, self.fitting, n)


def _within(position: tf.Tensor, own: slice) -> tf.Tensor:
    return (position >= own.start) & (position < own.stop)


def _decoded_batches(
    elements: tf.data.Dataset, decode: Callable[..., Element], fitting: Fitting, batch_size: int
) -> tf.data.Dataset:
    decoded = elements.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
    batches = fitted_batches(decoded, fitting, batch_size, drop_remainder=True)

    def finish(images: tf.Tensor, *labels: tf.Tensor) -> tf.Tensor | Element:
        images = to_unit_range(images)
        return (images, *labels) if labels else images

    return batches.map(finish, num_parallel_calls=tf.data.AUTOTUNE)


def _first(
    elements: tf.data.Dataset, decode: Callable[..., Element], fitting: Fitting, n: int
) -> tuple[np.ndarray, np.ndarray | None]:
    images, *labels = next(iter(fitted_batches(elements.map(decode), fitting, n)))
    return to_unit_range(images).numpy(), labels[0].numpy() if labels else None
