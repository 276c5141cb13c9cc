"""A `keras.utils.PyDataset` as a source: batches of any size of its own, in an order of the run."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TypeAlias

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.datasets import fingerprint
from tfgan_losses.datasets.order import pass_seed
from tfgan_losses.datasets.source import BaseSource

# Examples, and labels if there are some.
_Arrays: TypeAlias = tuple[np.ndarray, ...]


def from_py_dataset(
    dataset: keras.utils.PyDataset, *, num_classes: int | None = None, name: str = "PyDataset"
) -> PyDatasetSource:
    """Makes a source of a `PyDataset`, whose first and last batch are read.

    A pass over it takes its batches in an order that the run draws; where they do not end, in
    their own. `on_epoch_end` and `on_epoch_begin` are not called, and `workers` not used: what
    changes between two readings of a batch cannot be resumed exactly.

    Args:
        dataset: Gives examples, or examples and labels, as NumPy arrays or tensors; all batches
            have one size, but for the last.
        num_classes: Number of classes, if there are labels and these are to have rows in pictures.
        name: What it is called in reports.

    Raises:
        ValueError: If it is empty, or its batches are neither arrays nor pairs of arrays.
    """
    count = dataset.num_batches
    if count == 0:
        raise ValueError("Expected at least one batch. Received: an empty PyDataset")
    first = _arrays(dataset[0])
    rows = len(first[0])
    size = None if count is None else (count - 1) * rows + len(_arrays(dataset[count - 1])[0])
    shape = tuple(first[0].shape[1:])
    return PyDatasetSource(
        name=name,
        example_shape=shape,
        size=size,
        num_classes=num_classes if len(first) > 1 else None,
        preparation="batches as they are",
        fingerprint=fingerprint.make("py_dataset", size=size, example_shape=list(shape)),
        dataset=dataset,
        rows=rows,
        signature=tuple(tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in first),
    )


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PyDatasetSource(BaseSource):
    """The examples of a `PyDataset`; see `from_py_dataset`.

    Attributes:
        dataset: Where they come from.
        rows: Examples of a batch of it.
        signature: What a batch of it consists of.
    """

    dataset: keras.utils.PyDataset
    rows: int
    signature: tuple[tf.TensorSpec, ...]

    def _batches(self, batch_size: int, seed: int, start: int, own: slice) -> tf.data.Dataset:
        parts = tf.data.Dataset.from_generator(
            lambda: self._parts(seed, start * batch_size), output_signature=self.signature
        )
        whole = parts.rebatch(batch_size, drop_remainder=True)
        return whole.map(lambda *arrays: _plain(tuple(array[own] for array in arrays)))

    def _take(self, n: int) -> tuple[np.ndarray, np.ndarray | None]:
        parts = list(itertools.islice(map(self._read, itertools.count()), -(-n // self.rows)))
        examples, *labels = (np.concatenate(arrays)[:n] for arrays in zip(*parts, strict=True))
        if not labels:
            return examples, None
        numbers = labels[0].argmax(axis=-1) if labels[0].ndim > 1 else labels[0]
        return examples, numbers.astype(np.int32)

    def _parts(self, seed: int, skipped: int) -> Iterator[_Arrays]:
        """Yields batches of the dataset, without the first so many examples."""
        passes, skipped = divmod(skipped, self.size) if self.size else (0, skipped)
        for index in self._order(seed, passes):
            if skipped >= (rows := self._rows_of(index)):
                skipped -= rows
                continue
            yield tuple(array[skipped:] for array in self._read(index))
            skipped = 0

    def _order(self, seed: int, first: int) -> Iterator[int]:
        """Yields the numbers of batches, from the first of a pass on."""
        count = self.dataset.num_batches
        if count is None or self.size is None:
            yield from itertools.count()
            return
        for number in itertools.count(first):
            with tf.device("CPU:0"):
                order = tf.argsort(random.integers([count], pass_seed(seed, number))).numpy()
            yield from order

    def _rows_of(self, index: int) -> int:
        count = self.dataset.num_batches
        if count is None or self.size is None or index < count - 1:
            return self.rows
        return self.size - (count - 1) * self.rows

    def _read(self, index: int) -> _Arrays:
        arrays = _arrays(self.dataset[int(index)])
        if len(arrays[0]) != self._rows_of(index):
            raise ValueError(
                f"Expected {self._rows_of(index)} examples in batch {index} of the PyDataset, as "
                f"in its first one, or as before in its last. Received: {len(arrays[0])}"
            )
        return arrays


def _arrays(batch: object) -> _Arrays:
    parts = batch if isinstance(batch, tuple | list) else (batch,)
    # Keras takes weights of examples as the third, which mean nothing here.
    if not 1 <= len(parts) <= 2 or any(part is None for part in parts[:1]):
        raise ValueError(
            "Expected a PyDataset that gives examples, or examples and labels. Received: "
            f"batches of {len(parts)} parts"
        )
    return tuple(np.asarray(part) for part in parts if part is not None)


def _plain(arrays: tuple[tf.Tensor, ...]) -> tf.Tensor | tuple[tf.Tensor, ...]:
    return arrays if len(arrays) > 1 else arrays[0]
