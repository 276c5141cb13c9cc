"""The gate that every batch goes through before it is trained on, on the host."""

from __future__ import annotations

import contextlib
import math
import re
import warnings
from collections.abc import Iterable, Iterator

import numpy as np
import tensorflow as tf

from tfgan_losses.conditioning import Condition
from tfgan_losses.training import data_checks
from tfgan_losses.training.data_structure import DataError, as_pair
from tfgan_losses.training.output_range import Range
from tfgan_losses.types import Shape, Tensor


class Gate:
    """Looks at batches: their structure, type, shape, values and labels.

    It looks at NumPy arrays in the input pipeline, so that it does not matter how the step is
    compiled or distributed, and that the device does not wait for it.

    Args:
        example_shape: What the generator makes.
        reach: In which range, None if that is not known.
        condition: What the networks are conditioned on, or None.
        divisors: What a batch is divided by in training, as `check_batch_size` takes it; nothing
            for an evaluation, which takes every example.
    """

    def __init__(
        self,
        example_shape: Shape,
        reach: Range | None,
        condition: Condition | None,
        **divisors: int,
    ):
        self.example_shape, self.reach = example_shape, reach
        self.divisors = divisors
        takes_labels = condition is not None and condition.source == "labels"
        self._classes = condition if takes_labels else None
        # On one device what cannot be divided starts again from its first example.
        self._divisor = math.prod(divisors.values()) if divisors.get("replicas", 1) > 1 else 1
        self._said: set[str] = set()

    def leaves_out(self, count: int | None) -> bool:
        """Whether a batch of so many examples, None for any number, may be left out."""
        return self._divisor > 1 and (count is None or count % self._divisor != 0)

    def look(self, batch: object, where: str = "") -> tuple[np.ndarray, ...]:
        """A batch, or a whole set, as arrays: examples, and classes if they are asked for.

        Args:
            batch: What `as_pair` takes, of anything that NumPy makes an array of.
            where: What a message says of its place.

        Raises:
            DataError: If it cannot be trained on.
        """
        examples, labels = as_pair(batch)
        examples = to_array(examples)
        low, high = data_checks.check_examples(examples, self.example_shape, self.reach, where)
        warning = data_checks.half_range(low, high, self.example_shape, self.reach)
        # One batch may be all bright where others are not: the first decides.
        self._say_once("range", warning)
        beyond = data_checks.overshoot(low, high, self.reach)
        if beyond is not None:
            self._say_once("overshoot", beyond)
        if self._classes is None:
            return (examples,)
        labels = None if labels is None else to_array(labels)
        try:
            return examples, data_checks.classes_of(labels, self._classes, len(examples))
        except ValueError as error:
            raise DataError(f"{error}{where}") from None

    def looked_at(self, batches: Iterable[object]) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches one after the other, without those that are left out."""
        for number, batch in enumerate(batches):
            arrays = self.look(batch, f" in batch {number}")
            if not self._is_left_out(len(arrays[0])):
                yield arrays

    def through(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """The same batches in the same order, each looked at before it is handed on.

        Raises:
            DataError: If no batch of this structure, type and shape can be trained on.
        """
        spec, labels = as_pair(dataset.element_spec)
        if self._classes is not None:
            data_checks.check_label_spec(labels, self._classes)
        if not isinstance(spec, tf.TensorSpec):
            raise DataError(f"Expected examples that are tensors. Received: {spec}")
        size = None
        if spec.shape.rank is not None:
            size = spec.shape[0] if spec.shape.rank else None
            shape = tuple(spec.shape)
            data_checks.check_kind(shape, spec.dtype.name, self.example_shape, self.reach)
            data_checks.check_batch_size(size, **self.divisors)

        # What can be looked at without Python, unless there is something to say.
        is_plain = (
            self._classes is None
            and self._divisor == 1
            and spec.shape.rank is not None
            and spec.shape[1:].is_fully_defined()
        )

        def look(number: np.ndarray, *batch: np.ndarray) -> tuple[np.int64, np.ndarray]:
            examples, *classes = self.look(batch, f" in batch {number}")
            self._is_left_out(len(examples))
            return np.int64(len(examples)), classes[0] if classes else np.zeros(0, np.int32)

        @tf.autograph.experimental.do_not_convert
        def look_first(number: Tensor, batch: object) -> Tensor | tuple[Tensor, Tensor]:
            examples, labels = as_pair(batch)
            looked_at = [examples] if self._classes is None else [examples, labels]

            def closely() -> list[Tensor]:
                types = (tf.int64, tf.int32)
                return tf.numpy_function(look, [number, *looked_at], types, stateful=False)

            # TensorFlow takes out what nothing depends on. So the batch ends where the look says
            # that it does: at its end, without a copy.
            if is_plain:
                # Python's lock would be waited for, which takes long beside a small step.
                whole = [tf.shape(examples, tf.int64)[0], tf.zeros([0], tf.int32)]
                plain = (number > 0) & data_checks.are_plain(examples, self.reach)
                count, classes = tf.cond(plain, lambda: whole, closely)
            else:
                count, classes = closely()
            examples = tf.convert_to_tensor(examples)[:count]
            examples = tf.ensure_shape(examples, [size, *self.example_shape])
            return (
                examples if self._classes is None else (examples, tf.ensure_shape(classes, [size]))
            )

        dataset = dataset.enumerate().map(
            look_first, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
        if not self.leaves_out(size):
            return dataset
        return dataset.filter(lambda x, *_: tf.shape(x)[0] % self._divisor == 0)

    def _is_left_out(self, count: int) -> bool:
        """Whether a batch of so many examples is; says so the first time."""
        if self.leaves_out(count):
            self.say_left_out(f"A batch of size {count}", count)
            return True
        return False

    def say_left_out(self, what: str, count: int) -> None:
        """Warns once that something is left out, because so many examples cannot be divided."""
        self._say_once(
            "left out",
            f"{what} is left out of every epoch: {count} cannot be divided by "
            f"{data_checks.divided_by(**self.divisors)}.",
        )

    def _say_once(self, subject: str, warning: str | None) -> None:
        if subject not in self._said:
            self._said.add(subject)
            if warning is not None:
                warnings.warn(warning, stacklevel=2)

    def is_single_example(self, spec: object) -> bool:
        """Whether the elements of a set have no axis for a batch."""
        shape = getattr(as_pair(spec)[0], "shape", None)
        return isinstance(shape, tf.TensorShape) and shape.rank == len(self.example_shape)


def to_array(values: object) -> np.ndarray:
    """What NumPy makes of an array, tensor or list of any library.

    Raises:
        DataError: If that is no array.
    """
    if hasattr(values, "detach"):  # PyTorch's tensors, which may be on a GPU.
        values = values.detach().cpu()
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError):
        raise DataError(
            "Expected arrays or tensors, all examples of one shape. "
            f"Received: an object of type {type(values).__name__}"
        ) from None


@contextlib.contextmanager
def one_line() -> Iterator[None]:
    """Raises what the gate raised in an input pipeline without the text of TensorFlow around it."""
    try:
        yield
    except tf.errors.OpError as error:
        refused = re.search(rf"{DataError.__name__}: ([^\n]*)", str(error))
        if refused is None:
            raise
        raise DataError(refused[1]) from None
