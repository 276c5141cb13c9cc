"""The kinds of data that `fit` and `evaluate` take, each led through the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.datasets.hugging_face import from_hugging_face, is_hugging_face
from tfgan_losses.training import data_checks
from tfgan_losses.training.data_structure import DataError, as_pair
from tfgan_losses.training.gate import Gate, to_array


class Opened(NamedTuple):
    """Arguments of Keras' `fit` and `evaluate`.

    Attributes:
        x: Arrays, or something with batches.
        y: Labels of arrays.
        batch_size: Of arrays.
        shuffles: Whether Keras shuffles such data without a warning.
    """

    x: object
    y: object = None
    batch_size: int | None = None
    shuffles: bool = False


def opened(
    x: object,
    y: object,
    gate: Gate,
    batches_of: Callable[[Any, int], tf.data.Dataset],
    *,
    batch_size: int | None,
    steps: int | None,
    steps_name: str,
    shuffle: bool | str = True,
) -> Opened:
    """What Keras is given in place of the data of a person.

    Args:
        x: Arrays, tensors or lists, also in dictionaries; a `tf.data.Dataset`, PyDataset,
            `DataLoader` or another iterable, or iterator, of batches; a `Source`, or a data set
            of Hugging Face, which becomes one.
        y: Labels of arrays.
        gate: What looks at them.
        batches_of: The batches of a `Source`, given a batch size.
        batch_size: As the person gave it.
        steps: Batches of a pass, or None for all.
        steps_name: What the argument is called.
        shuffle: Whether arrays shall be shuffled.

    Raises:
        DataError: If the data, or arguments beside it, cannot be used.
    """
    if isinstance(x, tf.distribute.DistributedDataset):
        return Opened(x, y)
    if is_hugging_face(x):
        x = from_hugging_face(x)
    if data_checks.is_source(x):
        _refuse_endless(steps, steps_name, "a Source, whose batches do not end", in_run=True)
        size = batch_size or 32
        data_checks.check_batch_size(size, **gate.divisors)
        x = batches_of(x, size)
        return Opened(x if isinstance(x, tf.distribute.DistributedDataset) else gate.through(x))
    if isinstance(x, tf.data.Dataset):
        return Opened(gate.through(_batched(x, gate, batch_size, steps, steps_name)), y)
    if _is_arrays(x):
        return _of_arrays(x, y, gate, batch_size, steps, shuffle)
    _refuse_batch_size(batch_size, type(x).__name__)
    if isinstance(x, keras.utils.PyDataset):
        if x.num_batches is None:
            _refuse_endless(steps, steps_name, "a PyDataset without end")
        return Opened(_LookedAt(x, gate), y, shuffles=x.num_batches is not None)
    if isinstance(x, Iterator):
        # A generator, which is what Keras takes; its first batch is not lost.
        return Opened(_not_empty(gate.looked_at(x)), y)
    if isinstance(x, Iterable) and not isinstance(x, str | bytes):
        return Opened(_of_iterable(x, gate), y)
    raise DataError(
        "Expected arrays, a tf.data.Dataset, a PyDataset, a DataLoader or another iterable of "
        f"batches, or a Source. Received: x of type {type(x).__name__}"
    )


def _refuse_endless(steps: int | None, name: str, what: str, in_run: bool = False) -> None:
    if steps is None:
        run = ", or Run(directory).train(gan, source, steps=..., batch_size=...)" if in_run else ""
        raise DataError(f"Expected {name} for {what}{run}. Received: {name}=None")


def _refuse_batch_size(batch_size: int | None, kind: str) -> None:
    if batch_size is not None:
        raise DataError(
            f"Expected no batch_size for a {kind}, which has batches already. "
            f"Received: batch_size={batch_size}"
        )


def _batched(
    dataset: tf.data.Dataset,
    gate: Gate,
    batch_size: int | None,
    steps: int | None,
    steps_name: str,
) -> tf.data.Dataset:
    """Batches of a set of single examples if their size is given; a set of batches as it is."""
    count = int(dataset.cardinality())
    if count == 0:
        raise DataError("Expected at least one batch. Received: an empty tf.data.Dataset")
    if count == tf.data.INFINITE_CARDINALITY:
        _refuse_endless(steps, steps_name, "a tf.data.Dataset without end")
    if batch_size is None:
        return dataset
    if gate.is_single_example(dataset.element_spec):
        return dataset.batch(batch_size)
    examples, _ = as_pair(dataset.element_spec)
    shape = getattr(examples, "shape", None)
    if not shape or shape[0] != batch_size:
        _refuse_batch_size(batch_size, "tf.data.Dataset of batches")
    return dataset


def _is_arrays(x: object) -> bool:
    kinds = list | tuple | Mapping | np.ndarray | tf.Tensor | tf.Variable
    return isinstance(x, kinds) or hasattr(x, "__array__")


def _of_arrays(
    x: object, y: object, gate: Gate, batch_size: int | None, steps: int | None, shuffle: bool | str
) -> Opened:
    """Arrays, looked at once as a whole."""
    if isinstance(x, list | tuple) and 1 <= len(x) <= 3:
        # [x] or (x, y), unless that is a list of so many examples.
        first = x[0] if isinstance(x[0], Mapping) else to_array(x[0])
        is_set = isinstance(first, Mapping) or first.ndim > len(gate.example_shape)
        x, more = as_pair(x) if is_set else (x, None)
        y = more if y is None else y
    x, y = as_pair((x, y))
    arrays = gate.look((x, y))
    count = len(arrays[0])
    if y is not None and len(to_array(y)) != count:
        raise DataError(
            f"Expected as many labels as examples. Received: {count} examples and "
            f"{len(to_array(y))} labels"
        )
    size = batch_size or (-(-count // steps) if steps else 32)
    data_checks.check_batch_size(size if gate.divisors else None, **gate.divisors)
    rest = count % size
    if rest and gate.leaves_out(rest):
        return Opened(_whole_batches(arrays, gate, size, shuffle))
    examples = x if isinstance(x, np.ndarray | tf.Tensor) else arrays[0]
    labels = arrays[1] if len(arrays) > 1 else None
    return Opened(examples, labels, batch_size=batch_size, shuffles=True)


def _whole_batches(
    arrays: tuple[np.ndarray, ...], gate: Gate, size: int, shuffle: bool | str
) -> tf.data.Dataset:
    count = len(arrays[0])
    if count < size:
        raise DataError(
            f"Expected at least one batch of {size} examples that can be divided by "
            f"{data_checks.divided_by(**gate.divisors)}. Received: {count} examples"
        )
    gate.say_left_out(f"A last batch of size {count % size}, of {count} examples,", count % size)
    indices = tf.data.Dataset.range(count)
    if shuffle:
        indices = indices.shuffle(count, reshuffle_each_iteration=True)
    tensors = [tf.convert_to_tensor(array) for array in arrays]
    batches = indices.batch(size, drop_remainder=True).map(
        lambda i: tuple(tf.gather(tensor, i) for tensor in tensors),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    return batches.prefetch(tf.data.AUTOTUNE)


class _LookedAt(keras.utils.PyDataset):
    """A PyDataset of which every batch is looked at, where its workers make it."""

    def __init__(self, inner: keras.utils.PyDataset, gate: Gate):
        super().__init__(
            workers=inner.workers,
            use_multiprocessing=inner.use_multiprocessing,
            max_queue_size=inner.max_queue_size,
        )
        self._inner, self._gate = inner, gate
        self._count = inner.num_batches
        if self._count and gate.leaves_out(None):
            self._count -= not list(gate.looked_at([inner[self._count - 1]]))
        if self._count == 0:
            raise DataError("Expected at least one batch. Received: an empty PyDataset")
        if not gate.divisors:
            # Held-out examples are needed only after an epoch; what is wrong is said before.
            gate.look(inner[0], " in batch 0")

    @property
    def num_batches(self) -> int | None:
        """Without a last batch that is left out."""
        return self._count

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        arrays = self._gate.look(self._inner[index], f" in batch {index}")
        data_checks.check_batch_size(
            len(arrays[0]) if self._gate.leaves_out(len(arrays[0])) else None,
            **self._gate.divisors,
        )
        return arrays

    def on_epoch_begin(self) -> None:
        """That of the inner one."""
        self._inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """That of the inner one."""
        self._inner.on_epoch_end()


def _not_empty(batches: Iterable[object]) -> Iterator[object]:
    """Hands on batches. Keras before 3.15 expects a first one, and says nothing of it."""
    count = 0
    for count, batch in enumerate(batches, 1):  # noqa: B007
        yield batch
    if not count:
        raise DataError("Expected at least one batch. Received: x, an iterator without any")


def _of_iterable(batches: Iterable[object], gate: Gate) -> tf.data.Dataset:
    """A `DataLoader` of PyTorch, or whatever else can be gone through again."""
    first = next(gate.looked_at(batches), None)
    if first is None:
        raise DataError(f"Expected at least one batch. Received: an empty {type(batches).__name__}")
    dataset = tf.data.Dataset.from_generator(
        lambda: gate.looked_at(batches),
        output_signature=tuple(
            tf.TensorSpec([None, *array.shape[1:]], array.dtype) for array in first
        ),
    )
    try:
        count = len(batches)  # type: ignore[arg-type]
    except TypeError:
        return dataset
    if gate.leaves_out(None):
        return dataset
    return dataset.apply(tf.data.experimental.assert_cardinality(count))
