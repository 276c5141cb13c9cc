"""Classes of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_losses.conditioning.base import (
    MOST_ROWS,
    Condition,
    Reading,
    as_tensor,
    index_of,
    registry,
    repeated,
    whole_in_range,
)
from tfgan_losses.names import did_you_mean
from tfgan_losses.types import Tensor, TensorLike

_MOST_NAMES = 20


@registry.register("labels")
class Labels(Condition):
    """Classes of the data, as one-hot vectors.

    Labels are integers [n] or [n, 1] of any type, floats that are whole numbers, bools for two
    classes, names if the classes have some, or one-hot vectors [n, num_classes]. Vectors of
    attributes (several ones) and soft labels are refused, as is whatever is no single class.

    Args:
        num_classes: How many.
        class_names: What they are called, in the order of their numbers, for `generate` and the
            export; None for classes without names.

    Raises:
        ValueError: If there are fewer than two, or the names are not as many different ones.

    Examples:
        >>> from tfgan_losses.conditioning import Labels
        >>> labels = Labels(num_classes=3, class_names=("cat", "dog", "owl"))
        >>> labels.encode(["dog", "owl"]).numpy()
        array([[0., 1., 0.],
               [0., 0., 1.]], dtype=float32)
    """

    source = "labels"
    factors = 1

    def __init__(self, *, num_classes: int, class_names: Sequence[str] | None = None):
        # labels.max() + 1 is an integer of NumPy.
        num_classes = int(num_classes) if isinstance(num_classes, np.integer) else num_classes
        if isinstance(num_classes, bool) or not isinstance(num_classes, int) or num_classes < 2:
            raise ValueError(
                f"Expected num_classes to be an integer >= 2. Received: num_classes={num_classes!r}"
            )
        self.num_classes = self.size = num_classes
        self.rows = min(num_classes, MOST_ROWS)
        self.class_names = None if class_names is None else _checked(class_names, num_classes)

    @property
    def value_spec(self) -> tf.TensorSpec:
        """Integers [n]."""
        return tf.TensorSpec([None], tf.int32, self.source)

    @property
    def given_types(self) -> tuple[tf.DType, ...]:
        """Names, too, if there are any."""
        return super().given_types + (() if self.class_names is None else (tf.string,))

    def read(self, values: Tensor) -> Reading:
        """The numbers of the classes, int32 [n]; -1 for what is no class.

        Raises:
            ValueError: If the labels have another shape, or are neither numbers nor names.
        """
        rank, dtype = values.shape.rank, values.dtype
        known = self.class_names is not None and dtype == tf.string
        if not (known or dtype.is_integer or dtype.is_floating or dtype.is_bool):
            raise ValueError(
                "Expected labels that are numbers, or names if the condition has class_names. "
                f"Received: labels of dtype {dtype.name}, {self!r}"
            )
        if rank == 2 and values.shape[1] == self.num_classes:
            return self._read_one_hot(values)
        if rank == 2 and values.shape[1] == 1:
            values, rank = values[:, 0], 1
        if rank != 1:
            shape = None if rank is None else tuple(values.shape)
            raise ValueError(
                f"Expected labels that are integers [n] or one-hot [n, {self.num_classes}]. "
                f"Received: shape {shape}"
            )
        return self._read_names(values) if known else self._read_numbers(values)

    def _read_one_hot(self, values: Tensor) -> Reading:
        values = tf.cast(values, tf.float32)
        hot = values == 1.0
        single = tf.reduce_sum(tf.cast(hot, tf.int32), axis=1) == 1
        right = single & tf.reduce_all(hot | (values == 0.0), axis=1)
        index = tf.argmax(tf.cast(hot, tf.int32), axis=1, output_type=tf.int32)
        return Reading(
            tf.where(right, index, -1),
            right,
            f"Expected one-hot labels [n, {self.num_classes}], a single 1 among zeros; several "
            "attributes and soft labels are not supported.",
        )

    def _read_names(self, values: Tensor) -> Reading:
        same = values[:, None] == tf.constant(self.class_names)
        right = tf.reduce_any(same, axis=1)
        index = tf.argmax(tf.cast(same, tf.int32), axis=1, output_type=tf.int32)
        return Reading(
            tf.where(right, index, -1),
            right,
            f"Expected one of {_shortened(self.class_names or ())}.",
        )

    def _read_numbers(self, values: Tensor) -> Reading:
        if values.dtype.is_bool and self.num_classes != 2:
            raise ValueError(
                f"Expected labels that are integers [n] from 0 to {self.num_classes - 1}. "
                "Received: dtype bool, which is for two classes"
            )
        right = whole_in_range(values, self.num_classes)
        # In float64 as in int64 every class that there is can be told from its neighbours.
        index = tf.where(right, values, tf.zeros_like(values))
        what = "labels that are whole numbers" if values.dtype.is_floating else "labels"
        return Reading(
            tf.where(right, tf.cast(index, tf.int32), -1),
            right,
            f"Expected {what} from 0 to {self.num_classes - 1}.",
        )

    def vectors(self, values: Tensor) -> Tensor:
        """One-hot vectors, float32 [n, num_classes]."""
        return tf.one_hot(values, self.num_classes)

    def from_uniforms(self, uniforms: Tensor) -> Tensor:
        """Every class as likely as any other, int32 [n]."""
        return index_of(uniforms[:, 0], self.num_classes)

    def row_values(self, uniforms: Tensor) -> Tensor:
        """One class per row: 0, 0, ..., 1, 1, ..."""
        return repeated(tf.range(self.rows), uniforms)

    def check(self, values: TensorLike | str | Sequence[str], count: int) -> Tensor:
        """Classes of so many samples, by number, by name or one-hot; int32 [count].

        Raises:
            ValueError: If they are none of these, a class does not exist, or there are not as many
                as samples, nor one for all.
        """
        values = as_tensor(self._numbers_of_names(values))
        if values.shape.rank == 0:
            values = tf.fill([count], values)
        if values.shape not in ([count], [count, 1], [count, self.num_classes]):
            raise ValueError(
                f"Expected labels of shape ({count},), or one-hot ({count}, {self.num_classes}), "
                f"or one label for all. Received: shape {tuple(values.shape)}"
            )
        return self.check_batch(values)

    def _numbers_of_names(self, values: TensorLike | str | Sequence[str]) -> TensorLike:
        array = np.asarray(values)
        if array.dtype.kind not in "USO":
            return values
        # Python's own texts, of NumPy's and of the bytes of TensorFlow.
        names = [x.decode() if isinstance(x, bytes) else x for x in array.ravel().tolist()]
        return np.array([self._number_of(name) for name in names], int).reshape(array.shape)

    def _number_of(self, name: object) -> int:
        if self.class_names is None:
            raise ValueError(
                f"Expected labels from 0 to {self.num_classes - 1}: these classes have no names, "
                f"which labels(num_classes=..., class_names=[...]) gives them. Received: {name!r}"
            )
        if name in self.class_names:
            return self.class_names.index(name)
        raise ValueError(
            f"Unknown class. Expected one of {_shortened(self.class_names)}. Received: {name!r}"
            f"{did_you_mean(name, self.class_names)}"
        )

    def get_config(self) -> dict[str, Any]:
        """num_classes, and class_names if there are any."""
        names = {} if self.class_names is None else {"class_names": list(self.class_names)}
        return {"num_classes": self.num_classes, **names}


def _checked(names: Sequence[str], num_classes: int) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"Expected class_names to be a list of texts. Received: {names!r}")
    names = tuple(str(name) for name in names)
    if len(names) != num_classes:
        raise ValueError(
            f"Expected as many class_names as num_classes={num_classes}. "
            f"Received: {len(names)} names, {_shortened(names)}"
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(
            f"Expected each of class_names once. Received: more than once {_shortened(twice)}"
        )
    return names


def _shortened(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return shown + (f" and {more} more" if more > 0 else "")
