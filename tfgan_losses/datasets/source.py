"""`Source`, what training reads data from, the base of those of this package; one in memory."""

from __future__ import annotations

import dataclasses
import math
import operator
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from tfgan_losses.datasets.fingerprint import Fingerprint, of_arrays
from tfgan_losses.datasets.images import to_unit_range
from tfgan_losses.datasets.order import shuffled_indices, spread_indices

# Values from which those of a picture are chosen where only the first examples can be read.
_SEEN = 2**24
_SMALL = 2**24  # bytes; a copy of this many takes 5 ms


class Source(Protocol):
    """An endless supply of real examples: what training asks of an object, of any class.

    `datasets.load` returns one. One of your own needs no base class, and what is not there is
    missed only where it is asked for: training reads `example_shape` and calls `batches`, without
    `shard` if there is one worker; a condition on labels asks for `num_classes`; reports for
    `name` and `size`. What more `BaseSource` has is used where it is there.
    """

    @property
    def name(self) -> str:
        """What it is called in reports."""

    @property
    def example_shape(self) -> tuple[int, ...]:
        """Shape of one example, e.g. `(8, 8, 1)` or `(2,)`."""

    @property
    def size(self) -> int | None:
        """Number of examples; `None` if they are drawn afresh without end."""

    @property
    def num_classes(self) -> int | None:
        """Number of classes; `None` if there are no labels."""

    def batches(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        start: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> tf.data.Dataset:
        """Returns an infinite data set of batches.

        Args:
            batch_size: Examples per batch.
            seed: Chooses the order.
            start: Number of batches already consumed. So that a run can be resumed, the batches
                are, bit for bit, those of `start=0` without the first `start`.
            shard: `(index, count)` for one of several workers, which gets the index-th of count
                equal parts of each batch.

        Returns:
            A `tf.data.Dataset` of `examples`, float32 `[batch_size / count, *example_shape]`,
            images in [-1, 1]; or, if there are labels, of `(examples, labels)` with integer labels
            `[batch_size / count]`.
        """


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class BaseSource:
    """What the sources of this package have in common; `_batches` and `_take` make one.

    Attributes:
        name: The name it was loaded by.
        example_shape: Shape of one example, e.g. `(8, 8, 1)` or `(2,)`.
        size: Number of examples; `None` if they are drawn afresh without end.
        num_classes: Number of classes; `None` if there are no labels.
        class_names: Their names in the order of the labels, if they have any.
        counts: Number of examples of each class, if that is known.
        left_out: How many files were left out, by ending, or as "unreadable"; arrays of an .npz.
        preparation: What is done to the images, such as "centre squares, 480x640 (height x width)
            to 64x64; RGB".
        fingerprint: What tells it from other data, in plain values; see `describe_change`.
    """

    name: str
    example_shape: tuple[int, ...]
    size: int | None = None
    num_classes: int | None = None
    class_names: tuple[str, ...] | None = None
    counts: tuple[int, ...] | None = None
    left_out: dict[str, int] = dataclasses.field(default_factory=dict)
    preparation: str = ""
    fingerprint: Fingerprint | None = None

    def __repr__(self) -> str:
        """Returns one line, whatever the set holds."""
        size = "endless examples" if self.size is None else f"{self.size} examples"
        classes = "" if self.num_classes is None else f", {self.num_classes} classes"
        return (
            f"{type(self).__name__}({self.name!r}, {size} of shape {self.example_shape}{classes})"
        )

    def batches(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        start: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> tf.data.Dataset:
        """Returns an infinite data set of batches.

        Every pass over the set is another permutation of all its examples, and a batch may hold
        the end of one pass and the beginning of the next. So any `batch_size` suits any set.

        Args:
            batch_size: Examples per batch.
            seed: Chooses the order (for mixtures: the samples).
            start: Number of batches already consumed. The batches are, bit for bit, those of
                `start=0` without the first `start`.
            shard: `(index, count)` for one of several workers, which gets the index-th of count
                equal parts of each batch, and reads no other images.

        Returns:
            A `tf.data.Dataset` of `examples`, float32 `[batch_size / count, *example_shape]`, or,
            if there are labels, of `(examples, labels)` with labels int32 `[batch_size / count]`.
            Images are in [-1, 1].

        Raises:
            ValueError: If `batch_size < 1` or `start < 0`, or if the batch cannot be divided.
        """
        batch_size = to_integer("batch_size", batch_size, minimum=1)
        start = to_integer("start", start, minimum=0)
        own = part_of_batch(batch_size, shard)
        dataset = self._batches(batch_size, operator.index(seed), start, own)
        options = tf.data.Options()
        options.deterministic = True
        return dataset.with_options(options).prefetch(tf.data.AUTOTUNE)

    def take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the first examples in their fixed order, for pictures and classifiers.

        Args:
            n: Number of examples. A set with fewer gives all it has.

        Returns:
            Examples, float32 `[n, *example_shape]`, and labels, int32 `[n]`, or `None`.

        Raises:
            ValueError: If `n < 1`.
        """
        n = to_integer("n", n, minimum=1)
        return self._take(n if self.size is None else min(n, self.size))

    def choose(self, count: int, per_class: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns examples that show what is in the set, for a picture.

        Args:
            count: So many at most, spread over the set, if there are no labels.
            per_class: So many of each class at most, if there are labels; in their order.

        Returns:
            Examples and labels as from `take`.
        """
        examples, labels = self.take(max(count, _SEEN // math.prod(self.example_shape)))
        chosen = spread_indices(labels, len(examples), count, per_class)
        return examples[chosen], None if labels is None else labels[chosen]

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        """Batches of which only the slice `own` is delivered."""
        raise NotImplementedError

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        raise NotImplementedError


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MemorySource(BaseSource):
    """All examples in one array in host memory.

    Attributes:
        examples: uint8 or float32 `[size, *example_shape]`; uint8 is scaled to [-1, 1] on the way.
        labels: int32 `[size]`, or `None`.
        size: Number of examples.
    """

    size: int
    examples: np.ndarray
    labels: np.ndarray | None = None

    @classmethod
    def from_arrays(
        cls, examples: np.ndarray, labels: np.ndarray | None = None, **attributes: Any
    ) -> MemorySource:
        """Makes a source of `examples` `[size, ...]` and `labels` `[size]`; see `BaseSource`."""
        shape = tuple(examples.shape[1:])
        if "fingerprint" not in attributes:
            attributes["fingerprint"] = of_arrays(examples, labels)
        return cls(
            examples=examples, labels=labels, example_shape=shape, size=len(examples), **attributes
        )

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        arrays = [self.examples] if self.labels is None else [self.examples, self.labels]
        fetch = [_rows_of(array) for array in arrays]

        def batch(indices: tf.Tensor) -> tf.Tensor | tuple[tf.Tensor, ...]:
            examples, *labels = (rows(indices) for rows in fetch)
            examples = to_unit_range(examples)
            return (examples, *labels) if labels else examples

        indices = shuffled_indices(self.size, batch_size, seed=seed, start=start)
        return indices.map(lambda whole: batch(whole[own]), num_parallel_calls=tf.data.AUTOTUNE)

    def choose(self, count: int, per_class: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns examples of all of the set; see `BaseSource.choose`."""
        return self._at(spread_indices(self.labels, self.size, count, per_class))

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        return self._at(np.arange(n))

    def _at(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        with tf.device("CPU:0"):
            examples = to_unit_range(tf.constant(self.examples[indices])).numpy()
        return examples, None if self.labels is None else self.labels[indices]


def _rows_of(array: np.ndarray) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns what fetches rows by their numbers in a graph."""
    if array.nbytes <= _SMALL:
        # Without Python, whose lock would be waited for beside steps of a millisecond.
        with tf.device("CPU:0"):
            captured = tf.constant(array)
        return lambda indices: tf.gather(captured, indices)

    # tf.data copies a captured tensor whenever an iterator is made, 2.4 s for 0.8 GB.
    def rows(indices: tf.Tensor) -> tf.Tensor:
        found = tf.numpy_function(lambda i: array[i], [indices], array.dtype, stateful=False)
        return tf.ensure_shape(found, [*indices.shape, *array.shape[1:]])

    return rows


def part_of_batch(batch_size: int, shard: tuple[int, int]) -> slice:
    """Returns which rows of a batch a shard gets; see `BaseSource.batches`."""
    index, count = shard
    if not 0 <= index < count or batch_size % count:
        raise ValueError(
            "Expected shard=(index, count) with 0 <= index < count, and a batch size divisible "
            f"by count. Received: shard={shard}, batch_size={batch_size}"
        )
    size = batch_size // count
    return slice(index * size, (index + 1) * size)


def to_integer(name: str, value: object, *, minimum: int) -> int:
    """Returns an integer of any type as an int; a ValueError names what is none, or too small."""
    if not hasattr(value, "__index__") or operator.index(value) < minimum:
        raise ValueError(
            f"Expected {name} to be an integer >= {minimum}. Received: {name}={value!r}"
        )
    return operator.index(value)
