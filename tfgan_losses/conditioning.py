"""What a generator is told beside its latents: labels of the data, or codes of its own choice.

Networks see either as one float32 vector [batch, size]. A person gives the *values*: the number of
a class, or one number for each factor of a code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
import tensorflow as tf

from tfgan_losses.registry import Registry, name_of
from tfgan_losses.types import Tensor, TensorLike

# Of pictures with one row for each value.
_MOST_ROWS = 16


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

    def encode(self, values: TensorLike) -> Tensor:
        """Values as the networks see them, float32 [n, size]."""
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

    def check(self, values: TensorLike, count: int) -> Tensor:
        """Values for so many samples as a tensor; one value stands for all.

        Raises:
            ValueError: If they have another shape or are out of range.
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
        options = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{name_of(self)}({options})"


registry = Registry("condition", base=Condition)


@registry.register("labels")
class Labels(Condition):
    """Classes of the data, as one-hot vectors.

    Args:
        num_classes: How many.

    Raises:
        ValueError: If there are fewer than two.
    """

    source = "labels"
    factors = 1

    def __init__(self, *, num_classes: int):
        if not isinstance(num_classes, int) or num_classes < 2:
            raise ValueError(
                f"Expected num_classes to be an integer >= 2. Received: num_classes={num_classes!r}"
            )
        self.num_classes = self.size = num_classes
        self.rows = min(num_classes, _MOST_ROWS)

    @property
    def value_spec(self) -> tf.TensorSpec:
        """Integers [n]."""
        return tf.TensorSpec([None], tf.int32, self.source)

    def encode(self, values: TensorLike) -> Tensor:
        """One-hot vectors of integers [n] or [n, 1]; one-hot vectors [n, num_classes] as they are.

        Raises:
            ValueError: If the labels have another shape.
        """
        values = tf.convert_to_tensor(values)
        if values.shape.rank == 2 and values.shape[1] == self.num_classes:
            return tf.cast(values, tf.float32)
        if values.shape.rank == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.shape.rank != 1:
            raise ValueError(
                f"Expected labels that are integers [n] or one-hot [n, {self.num_classes}]. "
                f"Received: shape {tuple(values.shape)}"
            )
        return _one_hot(tf.cast(values, tf.int32), self.num_classes)

    def from_uniforms(self, uniforms: Tensor) -> Tensor:
        """Every class as likely as any other, int32 [n]."""
        return _index(uniforms[:, 0], self.num_classes)

    def row_values(self, uniforms: Tensor) -> Tensor:
        """One class per row: 0, 0, ..., 1, 1, ..."""
        return _repeated(tf.range(self.rows), uniforms)

    def check(self, values: TensorLike, count: int) -> Tensor:
        """Integers [count] of classes or one-hot vectors [count, num_classes].

        Raises:
            ValueError: If they are neither, or a class does not exist.
        """
        values = tf.convert_to_tensor(values)
        if values.shape.rank == 0:
            values = tf.fill([count], values)
        if values.shape not in ([count], [count, self.num_classes]):
            raise ValueError(
                f"Expected labels of shape ({count},), or one-hot ({count}, {self.num_classes}), "
                f"or one label for all. Received: shape {tuple(values.shape)}"
            )
        if values.shape.rank == 2:
            values = tf.argmax(values, axis=1)
        if bool(tf.reduce_any((values < 0) | (values >= self.num_classes))):
            raise ValueError(
                f"Expected labels from 0 to {self.num_classes - 1}. "
                f"Received: {values.numpy().min()} to {values.numpy().max()}"
            )
        return tf.cast(values, tf.int32)

    def get_config(self) -> dict[str, Any]:
        """num_classes."""
        return {"num_classes": self.num_classes}


@registry.register("codes")
class Codes(Condition):
    """Latent codes that samples shall show: categorical ones first, then continuous ones.

    Args:
        categorical: Number of classes of each categorical code, equally likely.
        continuous: Number of continuous codes, uniform in [-1, 1].

    Raises:
        ValueError: If there is no code, or a categorical one has fewer than two classes.

    References:
        Chen et al., 2016, InfoGAN, sections 4 and 7.
    """

    source = "codes"

    def __init__(self, *, categorical: Iterable[int] = (10,), continuous: int = 0):
        self.categorical, self.continuous = tuple(categorical), continuous
        self.factors = len(self.categorical) + continuous
        self.size = sum(self.categorical) + continuous
        if not self.factors or continuous < 0 or any(k < 2 for k in self.categorical):
            raise ValueError(
                "Expected at least one code, categorical ones of at least two classes. "
                f"Received: categorical={self.categorical}, continuous={continuous}"
            )
        self.rows = min(self.categorical[0], _MOST_ROWS) if self.categorical else 9

    @property
    def posterior_size(self) -> int:
        """Numbers that describe Q(c|x).

        Logits of every categorical code, then the means of the continuous ones, then the
        logarithms of their standard deviations.
        """
        return self.size + self.continuous

    @property
    def categorical_entropy(self) -> float:
        """H(c) of the categorical codes in nats: 2.303 for ten classes."""
        return sum(math.log(classes) for classes in self.categorical)

    @property
    def continuous_entropy(self) -> float:
        """Differential entropy of the continuous codes in nats: log 2 for each."""
        return self.continuous * math.log(2.0)

    @property
    def value_spec(self) -> tf.TensorSpec:
        """One column for each code: the index of a class, or a number in [-1, 1]."""
        return tf.TensorSpec([None, self.factors], tf.float32, self.source)

    def encode(self, values: TensorLike) -> Tensor:
        """One-hot vectors of the categorical codes beside the continuous ones."""
        parts = [
            _one_hot(tf.cast(values[:, i], tf.int32), classes)
            for i, classes in enumerate(self.categorical)
        ]
        return tf.concat([*parts, values[:, len(self.categorical) :]], axis=1)

    def from_uniforms(self, uniforms: Tensor) -> Tensor:
        """Codes of the prior, float32 [n, factors]."""
        classes = [
            tf.cast(_index(uniforms[:, i], k), tf.float32) for i, k in enumerate(self.categorical)
        ]
        numbers = tf.unstack(2.0 * uniforms[:, len(classes) :] - 1.0, num=self.continuous, axis=1)
        return tf.stack([*classes, *numbers], axis=1)

    def row_values(self, uniforms: Tensor) -> Tensor:
        """One value of the first code per row; the other codes are drawn."""
        if self.categorical:
            steps = tf.range(self.rows, dtype=tf.float32)
        else:
            steps = tf.linspace(-1.0, 1.0, self.rows)
        drawn = self.from_uniforms(uniforms)
        return tf.concat([_repeated(steps, uniforms)[:, None], drawn[:, 1:]], axis=1)

    def check(self, values: TensorLike, count: int) -> Tensor:
        """Float32 [count, factors].

        Raises:
            ValueError: If the shape is another, or a class does not exist.
        """
        values = tf.cast(tf.convert_to_tensor(values), tf.float32)
        if values.shape == [self.factors]:
            values = tf.tile(values[None], [count, 1])
        if values.shape != [count, self.factors]:
            raise ValueError(
                f"Expected codes of shape ({count}, {self.factors}), one column for each of "
                f"{self.get_config()}, or one row for all. Received: shape {tuple(values.shape)}"
            )
        for column, classes in enumerate(self.categorical):
            index = values[:, column]
            if bool(tf.reduce_any((index < 0) | (index >= classes) | (index != tf.round(index)))):
                raise ValueError(
                    f"Expected whole numbers from 0 to {classes - 1} in column {column} of the "
                    f"codes. Received: {index.numpy().min()} to {index.numpy().max()}"
                )
        return values

    def get_config(self) -> dict[str, Any]:
        """categorical and continuous."""
        return {"categorical": list(self.categorical), "continuous": self.continuous}


get = registry.get_or_none


def serialize(condition: Condition | None) -> dict[str, Any] | None:
    """The config that `get` takes."""
    return None if condition is None else keras.saving.serialize_keras_object(condition)


def _one_hot(index: Tensor, classes: int) -> Tensor:
    # tf.one_hot makes zeros of classes that do not exist, and networks would train on them.
    message = f"Expected labels or codes from 0 to {classes - 1}."
    checks = [
        tf.debugging.assert_non_negative(index, message),
        tf.debugging.assert_less(index, classes, message),
    ]
    # Eager checks have raised by now and are None.
    with tf.control_dependencies([check for check in checks if check is not None]):
        return tf.one_hot(index, classes)


def _index(uniforms: Tensor, classes: int) -> Tensor:
    # The largest float32 below 1 times many classes can round up to their number.
    return tf.minimum(tf.cast(uniforms * float(classes), tf.int32), classes - 1)


def _repeated(steps: Tensor, uniforms: Tensor) -> Tensor:
    return tf.repeat(steps, tf.shape(uniforms)[0] // tf.shape(steps)[0])
