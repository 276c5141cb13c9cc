"""What every penalty has in common: its weight, its laziness, its seed, float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.penalties.input_gradients import input_gradients, squared_norm
from tfgan_losses.registry import Registry

registry = Registry("penalty", options=schedules.registry)

Critic = Callable[[Any], Any]


class Penalty:
    """A term of the discriminator's loss that looks at the discriminator as a function.

    A subclass implements `values`. Calling a penalty weighs them.

    Args:
        weight: Factor of the term; the papers' lambda or gamma. A number, or a schedule over the
            updates of the critic: `"r1(weight=cosine(start=1, end=0.1, steps=1000))"`.
        every: k to evaluate the penalty at every k-th critic update only, k times as strong
            ("lazy", Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN,
            section 3.1).

    Attributes:
        per_example: Whether the penalty takes the critic as a function of one example. Then
            layers that mix the examples of a batch, such as BatchNormalization, spoil it.
        sees_batch: Whether where the critic is looked at depends on the batch as a whole.
        at: `"real"` or `"fake"` if the critic's gradient is taken at those examples themselves.

    Raises:
        ValueError: If the weight is negative or `every` is not a positive integer.
    """

    per_example = True
    sees_batch = False
    at: str | None = None

    def __init__(self, *, weight: schedules.Number, every: int = 1):
        weight = schedules.get(weight, name="weight")
        if not schedules.lowest(weight) >= 0:
            raise ValueError(f"Expected weight >= 0. Received: weight={weight}")
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"Expected every to be an integer >= 1. Received: every={every}")
        self.weight, self.every = weight, every

    @property
    def name(self) -> str:
        """The key in the logs: the registered name."""
        return getattr(self, "registered_name", type(self).__name__)

    def values(self, critic: Critic, real: Any, fake: Any, seed: tf.Tensor) -> tf.Tensor:
        """The unweighted penalty of each example, float32 [batch].

        Args:
            critic: Maps [batch, ...] examples to raw outputs; labels and `training` closed over.
            real: Float32 real examples [batch, ...].
            fake: Float32 generated examples, the same shape.
            seed: Int64 [2], for the draws.
        """
        raise NotImplementedError

    def __call__(
        self, critic: Critic, real: Any, fake: Any, *, seed: Any = None, step: Any = None
    ) -> tf.Tensor:
        """The weighted penalty of each example, float32 [batch]; its mean belongs in the loss.

        Args:
            critic: Maps [batch, ...] examples to raw outputs; labels and `training` closed over.
            real: Real examples [batch, ...].
            fake: Generated examples, the same shape.
            seed: Int64 [2]; None draws one.
            step: Critic updates so far, for `every` and for a weight that changes. None evaluates
                the penalty now, with its first weight.

        Raises:
            ValueError: If the shapes of `real` and `fake` differ.
        """
        real, fake = (tf.cast(tf.convert_to_tensor(x), tf.float32) for x in (real, fake))
        if not real.shape.is_compatible_with(fake.shape):
            raise ValueError(
                "Expected real and fake of the same shape. "
                f"Received: real.shape={real.shape}, fake.shape={fake.shape}"
            )
        seed = random.fresh_seed() if seed is None else seed
        weight = schedules.at(self.weight, 0 if step is None else step)
        if step is None or self.every == 1:
            return weight * self.values(critic, real, fake, seed)
        return tf.cond(
            tf.equal(step % self.every, 0),
            lambda: self.every * weight * self.values(critic, real, fake, seed),
            lambda: tf.zeros(tf.shape(real)[:1]),
        )

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        return {"weight": schedules.serialize(self.weight), "every": self.every}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Penalty:
        """The object that `get_config` describes."""
        return cls(**config)


class GradientNormPenalty(Penalty):
    """A function of the norm of dD/dx at some points: where, and which function.

    A subclass says `points` and `measure`.
    """

    def points(self, real: Any, fake: Any, seed: tf.Tensor) -> tf.Tensor:
        """Where the gradient is taken, [batch, ...]."""
        raise NotImplementedError

    def measure(self, squared_norms: tf.Tensor) -> tf.Tensor:
        """The penalty for each squared gradient norm, [batch] -> [batch]."""
        raise NotImplementedError

    def values(self, critic: Critic, real: Any, fake: Any, seed: tf.Tensor) -> tf.Tensor:
        """`measure` of the squared gradient norms at `points`, [batch]."""
        gradients = input_gradients(critic, self.points(real, fake, seed))
        return self.measure(squared_norm(gradients))
