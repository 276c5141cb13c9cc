"""What the transforms draw: uniform numbers in one tensor, a column for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.types import Scalar, Seed, Tensor


class Columns(NamedTuple):
    """How many uniform numbers a transform takes of each image."""

    numbers: int
    executions: int = 1


# All have their columns in every pipe, so that a transform draws the same beside any others.
TRANSFORMS = {
    "x_flip": Columns(1),
    "quarter_turn": Columns(1),
    "integer_translation": Columns(2),
    "scale": Columns(1),
    "rotation": Columns(2, executions=2),
    "stretch": Columns(1),
    "fractional_translation": Columns(2),
    "brightness": Columns(1),
    "contrast": Columns(1),
    "luma_flip": Columns(1),
    "hue": Columns(1),
    "saturation": Columns(1),
    "filter": Columns(4, executions=4),
    "noise": Columns(1),
    "cutout": Columns(2),
}


class Draws:
    """Parameters of the transforms for a batch.

    Args:
        batch: Number of images.
        p: Probability of each transform, a scalar in [0, 1].
        strengths: Factors of p by the names of the transforms; one that is missing never happens.
        seed: Of the draws, int64 [2].
        percentile: A number in (0, 1) that stands for every uniform number; then all transforms of
            `strengths` happen, whatever p is. None to draw.
    """

    def __init__(
        self,
        batch: Scalar,
        p: Scalar,
        strengths: Mapping[str, float],
        *,
        seed: Seed,
        percentile: float | None = None,
    ):
        self.batch, self._p, self._strengths = batch, tf.cast(p, tf.float32), strengths
        self._percentile = percentile
        names = [
            (name, kind, i)
            for name, columns in TRANSFORMS.items()
            for kind, count in columns._asdict().items()
            for i in range(count)
        ]
        uniforms = random.uniform(batch, [len(names)], seed)
        self._columns = dict(zip(names, tf.unstack(uniforms, axis=1), strict=True))

    def has(self, *names: str) -> bool:
        """Whether any of these transforms can happen."""
        return any(self._strengths.get(name, 0.0) > 0 for name in names)

    def of(
        self,
        name: str,
        make: Callable[[Tensor], Tensor],
        neutral: float,
        *,
        number: int = 0,
        execution: int = 0,
    ) -> Tensor:
        """A parameter of a transform, float32 [batch].

        Args:
            name: Of the transform.
            make: Makes the parameter of uniform numbers in (0, 1), [batch].
            neutral: What it is for images that the transform leaves out.
            number: Which of the uniform numbers of the transform it is made of.
            execution: Which of the executions of the transform it belongs to.
        """
        if not self.has(name):
            return tf.fill([self.batch], neutral)
        if self._percentile is not None:
            return make(tf.fill([self.batch], self._percentile))
        # Half of the distance of two numbers: 0 has no normal quantile.
        uniform = self._columns[name, "numbers", number] + 2.0**-24
        return tf.where(self.executes(name, execution), make(uniform), neutral)

    def executes(self, name: str, execution: int = 0) -> Tensor:
        """Which images undergo a transform, bool [batch]."""
        if self._percentile is not None or not self.has(name):
            return tf.fill([self.batch], self.has(name))
        p = tf.clip_by_value(self._strengths[name] * self._p, 0.0, 1.0)
        if name == "rotation":
            # That either of the two happens has the probability p (appendix B).
            p = 1.0 - tf.sqrt(1.0 - p)
        return self._columns[name, "executions", execution] < p


def normal(uniform: Tensor) -> Tensor:
    """Standard normal quantiles."""
    return tf.math.ndtri(uniform)


def log_normal(stddev: float) -> Callable[[Tensor], Tensor]:
    """Makes 2^x of x ~ N(0, stddev^2)."""
    return lambda uniform: tf.pow(2.0, stddev * normal(uniform))


def symmetric(limit: float) -> Callable[[Tensor], Tensor]:
    """Makes numbers between -limit and limit."""
    return lambda uniform: limit * (2.0 * uniform - 1.0)


def one_of(count: int) -> Callable[[Tensor], Tensor]:
    """Makes integers 0, ..., count - 1, as float32."""
    return lambda uniform: tf.minimum(tf.floor(count * uniform), count - 1.0)
