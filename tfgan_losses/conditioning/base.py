"""What labels and codes have in common: how values are checked, drawn and made into vectors."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.registry import Registry, spec_of
from tfgan_losses.types import Tensor, TensorLike

# Of pictures with one row for each value.
MOST_ROWS = 16


class Reading(NamedTuple):
    """Values as they were understood.

    Attributes:
        values: In the form of `Condition.value_spec`; what is wrong stays so in this form, too.
        right: Which of them are right, bool [n].
        expected: What all of them should be, a sentence.
    """

    values: Tensor
    right: Tensor
    expected: str


class Condition:
    """What the networks are conditioned on.

    Attributes:
        source: What its values are called: `"labels"`, which come with the data, or `"codes"`,
            which are drawn.
        size: Width of the vector that the networks get.
        factors: Numbers that a value consists of.
        rows: Different values of the first factor, one for each row of a picture.
    """

    source: str
    size: int
    factors: int
    rows: int

    @property
    def value_spec(self) -> tf.TensorSpec:
        """Shape and type of a batch of values."""
        raise NotImplementedError

    @property
    def given_types(self) -> tuple[tf.DType, ...]:
        """Types in which an export takes values; the first is that of integers of Python."""
        return (tf.int64, tf.int32, tf.float32, tf.float64)

    def read(self, values: Tensor) -> Reading:
        """Values in any accepted form, and which of them are right; works under XLA, too.

        Raises:
            ValueError: If all of them are wrong, by their type or shape.
        """
        raise NotImplementedError

    def vectors(self, values: Tensor) -> Tensor:
        """Right values as the networks see them, float32 [n, size]."""
        raise NotImplementedError

    def check_batch(self, values: TensorLike) -> Tensor:
        """Values as they come with data, checked; the door for everything that is trained on.

        For whole arrays, and for functions of `tf.data.Dataset.map`: these run on the host, where
        assertions are kept; XLA drops those of a training step.

        Args:
            values: An array, a list or a tensor, eager or of a graph, with one value per example.

        Returns:
            The values in the form of `value_spec`.

        Raises:
            ValueError: If one is wrong. In a graph, if all are, by their type or shape.
            tf.errors.InvalidArgumentError: When the graph runs, if one is wrong.
        """
        values = as_tensor(values)
        found = self.read(values)
        if tf.is_symbolic_tensor(found.right):
            return _asserted(found, values)
        if not bool(tf.reduce_all(found.right)):
            raise ValueError(_refusal(found, values))
        return found.values

    def encode(self, values: TensorLike) -> Tensor:
        """Values as the networks see them, float32 [n, size].

        What is wrong becomes NaN where no assertion is made, which is under XLA: zeros or the
        nearest class would be trained on without a word.

        Raises:
            ValueError: If all values are wrong, by their type or shape.
            tf.errors.InvalidArgumentError: If one is wrong.
        """
        values = as_tensor(values)
        found = self.read(values)
        if tf.is_symbolic_tensor(found.right):
            checked = _asserted(found, values)
            return tf.where(found.right[:, None], self.vectors(checked), float("nan"))
        if not bool(tf.reduce_all(found.right)):
            raise tf.errors.InvalidArgumentError(None, None, _refusal(found, values))
        return self.vectors(found.values)

    def check(self, values: TensorLike, count: int) -> Tensor:
        """Values that a person gives for so many samples; one value stands for all.

        Raises:
            ValueError: If they have another shape or are out of range.
        """
        raise NotImplementedError

    def from_uniforms(self, uniforms: Tensor) -> Tensor:
        """Values drawn from the prior, by numbers in [0, 1) of shape [n, factors]."""
        raise NotImplementedError

    def row_values(self, uniforms: Tensor) -> Tensor:
        """Values whose first factor goes through its range, row by row.

        Args:
            uniforms: Numbers in [0, 1), [rows * columns, factors], for the other factors.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        raise NotImplementedError

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object that `get_config` describes."""
        return cls(**config)

    def __repr__(self) -> str:
        return spec_of(self)


registry = Registry("condition", base=Condition)

get = registry.get_or_none


def serialize(condition: Condition | None) -> dict[str, Any] | None:
    """The config that `get` takes.

    Args:
        condition: What a generator is told, or None.
    """
    return None if condition is None else keras.saving.serialize_keras_object(condition)


def as_tensor(values: TensorLike) -> Tensor:
    """A tensor of whatever has numbers; lists of Python and NumPy in the type that NumPy sees.

    Raises:
        ValueError: If they are no numbers, such as names or lists of several lengths.
    """
    if isinstance(values, tf.Tensor | tf.Variable | keras.Variable):
        return tf.convert_to_tensor(values)
    try:
        array = np.asarray(values)
        return tf.convert_to_tensor(array if array.dtype.kind in "biufc" else values)
    except (ValueError, TypeError):
        received = repr(values)
        raise ValueError(
            "Expected labels or codes that are an array of numbers. Received: "
            f"{received if len(received) < 60 else type(values).__name__}"
        ) from None


def index_of(uniforms: Tensor, classes: int) -> Tensor:
    """The class, in equal parts of [0, 1), that each number falls into; int32."""
    # The largest float32 below 1 times many classes can round up to their number.
    return tf.minimum(tf.cast(uniforms * float(classes), tf.int32), classes - 1)


def repeated(steps: Tensor, uniforms: Tensor) -> Tensor:
    """Each step for one row of a picture of as many samples as there are numbers."""
    return tf.repeat(steps, tf.shape(uniforms)[0] // tf.shape(steps)[0])


def whole_in_range(numbers: Tensor, classes: int) -> Tensor:
    """Which numbers, of any type and size, are those of one of so many classes; bool."""
    # TFLite knows no float64.
    floating = tf.float64 if numbers.dtype == tf.float64 else tf.float32
    wide = tf.cast(numbers, floating if numbers.dtype.is_floating else tf.int64)
    inside = (wide >= 0) & (wide < classes)
    return inside & tf.equal(wide, tf.floor(wide)) if numbers.dtype.is_floating else inside


def _asserted(found: Reading, values: Tensor) -> Tensor:
    # The first that is wrong, or what follows all of them: a shape that is known without them,
    # since XLA compiles what assertions look at, though not them, and a replica may have none.
    index = tf.argmin(tf.pad(tf.cast(found.right, tf.int32), [[0, 1]]))
    first = tf.gather(tf.concat([values, tf.zeros([1, *values.shape[1:]], values.dtype)], 0), index)
    check = tf.debugging.Assert(tf.reduce_all(found.right), [f"{found.expected} Received:", first])
    with tf.control_dependencies([check]):
        return tf.identity(found.values)


def _refusal(found: Reading, values: Tensor) -> str:
    if values.dtype.is_integer and values.shape.rank == 1:
        received = f"{values.numpy().min()} to {values.numpy().max()}"
    else:
        position = np.flatnonzero(~found.right.numpy())[0]
        first = values.numpy()[position]
        shown = repr(first.decode()) if isinstance(first, bytes) else first.tolist()
        received = f"{shown} at position {position}"
    return f"{found.expected} Received: {received}"
