"""Latent codes of the generator's own choice."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

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
from tfgan_losses.types import Tensor, TensorLike


@registry.register("codes")
class Codes(Condition):
    """Latent codes that samples shall show: categorical ones first, then continuous ones.

    Args:
        categorical: Number of classes of each categorical code, equally likely.
        continuous: Number of continuous codes, uniform in [-1, 1].

    Raises:
        ValueError: If there is no code, or a categorical one has fewer than two classes.

    Examples:
        >>> from tfgan_losses.conditioning import Codes
        >>> codes = Codes(categorical=(3,), continuous=1)
        >>> codes.encode([[2, 0.5]]).numpy()  # Class 2, one-hot, and a number in [-1, 1].
        array([[0. , 0. , 1. , 0.5]], dtype=float32)

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
        self.rows = min(self.categorical[0], MOST_ROWS) if self.categorical else 9

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

    def read(self, values: Tensor) -> Reading:
        """Float32 [n, factors]; -1 for a class that does not exist.

        Raises:
            ValueError: If the codes have another shape, or are no numbers.
        """
        if values.shape.rank != 2 or values.shape[1] != self.factors or values.dtype.is_bool:
            shape = None if values.shape.rank is None else tuple(values.shape)
            raise ValueError(
                f"Expected codes [n, {self.factors}], one column for each of {self.get_config()}. "
                f"Received: shape {shape} of dtype {values.dtype.name}"
            )
        values = tf.cast(values, tf.float32)
        columns = tf.unstack(values, num=self.factors, axis=1)
        # Beyond [-1, 1] a continuous code is no draw of the prior, but shows where it leads.
        right = [tf.math.is_finite(column) for column in columns]
        for i, classes in enumerate(self.categorical):
            right[i] = whole_in_range(columns[i], classes)
            columns[i] = tf.where(right[i], columns[i], -1.0)
        return Reading(
            tf.stack(columns, axis=1),
            tf.reduce_all(tf.stack(right, axis=1), axis=1),
            self._expected,
        )

    @property
    def _expected(self) -> str:
        kinds = [
            f"whole numbers from 0 to {classes - 1} in column {column}"
            for column, classes in enumerate(self.categorical)
        ]
        kinds += ["finite numbers in the others"] if self.continuous else []
        return f"Expected codes with {', '.join(kinds)}."

    def vectors(self, values: Tensor) -> Tensor:
        """One-hot vectors of the categorical codes beside the continuous ones."""
        parts = [
            tf.one_hot(tf.cast(values[:, i], tf.int32), classes)
            for i, classes in enumerate(self.categorical)
        ]
        return tf.concat([*parts, values[:, len(self.categorical) :]], axis=1)

    def from_uniforms(self, uniforms: Tensor) -> Tensor:
        """Codes of the prior, float32 [n, factors]."""
        classes = [
            tf.cast(index_of(uniforms[:, i], k), tf.float32) for i, k in enumerate(self.categorical)
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
        return tf.concat([repeated(steps, uniforms)[:, None], drawn[:, 1:]], axis=1)

    def check(self, values: TensorLike, count: int) -> Tensor:
        """Float32 [count, factors].

        Raises:
            ValueError: If the shape is another, or a class does not exist.
        """
        values = as_tensor(values)
        if values.shape == [self.factors]:
            values = tf.tile(values[None], [count, 1])
        if values.shape != [count, self.factors]:
            raise ValueError(
                f"Expected codes of shape ({count}, {self.factors}), one column for each of "
                f"{self.get_config()}, or one row for all. Received: shape {tuple(values.shape)}"
            )
        return self.check_batch(values)

    def get_config(self) -> dict[str, Any]:
        """categorical and continuous."""
        return {"categorical": list(self.categorical), "continuous": self.continuous}
