"""What every augmentation has in common: it changes what the discriminator sees, at random."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, Self, TypeAlias

import keras
import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.registry import Registry, name_of, spec_of
from tfgan_losses.types import Examples, Report, Scalar, Seed, Shape, Tensor

# Real examples, generated ones, and any other point at which a penalty asks the discriminator.
Side: TypeAlias = Literal["real", "fake", "elsewhere"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Occasion:
    """For what is drawn: one side of one update of one network.

    Attributes:
        network: Whose update it is, `"discriminator"` or `"generator"`.
        side: What is augmented.
        seed: Seed of the run.
        update: Number of this update of the network, from 0, an int64 scalar.
        d_update: Number of updates of the discriminator before it, for schedules, an int64 scalar.
        d_updates: Updates of the discriminator in the whole run; None if that is unknown.
    """

    network: str
    side: Side
    seed: int
    update: Scalar
    d_update: Scalar
    d_updates: int | None

    def seed_for(self, purpose: str) -> Seed:
        """The seed of what is drawn for one purpose, int64 [2]."""
        return random.step_seed(self.seed, self.update, f"{self.network} {self.side} {purpose}")

    def at(self, number: schedules.Number) -> Scalar:
        """A number, or the value of a schedule over the updates of the discriminator."""
        return schedules.at(schedules.over(number, self.d_updates), self.d_update)


class Augmentation:
    """A random change of what the discriminator sees, in its own and in the generator's updates.

    Real and generated examples are changed by draws of one distribution, and gradients go through
    the change: to the generator, and to the examples before it, where penalties take theirs. A
    subclass implements `augment`. One with state, such as ADA's p, lists it in `variables` and
    changes it only in `end_update`. In a training loop of one's own an augmentation is called.

    Attributes:
        of_images: Whether it takes only images [batch, height, width, channels] in [-1, 1].
    """

    of_images = True

    @property
    def name(self) -> str:
        """The registered name."""
        return name_of(self)

    def __repr__(self) -> str:
        return spec_of(self)

    @property
    def variables(self) -> list[keras.Variable]:
        """The state, which is no part of the config."""
        return []

    @property
    def numbers(self) -> dict[str, schedules.Number]:
        """What may be a schedule, by the names of the options."""
        return {}

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if it cannot change such examples."""
        if self.of_images and len(example_shape) != 3:
            raise ValueError(
                f"Expected images (height, width, channels) for the augmentation {self.name!r}. "
                f"Received: examples of shape {tuple(example_shape)}"
            )

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Changed examples, float32 of the shape of `examples`, differentiable twice.

        Args:
            examples: Float32 [batch, ...].
            occasion: What the draws depend on.
        """
        return examples

    def stand_for_real(
        self, real: Tensor, generate: Callable[[], Tensor], occasion: Occasion
    ) -> Tensor:
        """What the objective takes for the real examples of an update, of their shape.

        Args:
            real: Float32 [batch, ...].
            generate: Makes as many generated examples under the same labels or codes, of latents
                of their own.
            occasion: What the draws depend on.
        """
        return real

    @property
    def report_keys(self) -> tuple[str, ...]:
        """Names of what `report` measures in updates of the discriminator."""
        return ()

    def report(self, real_logits: Tensor) -> Report:
        """What is logged, by name: values whose means are taken, or a number."""
        return {}

    def end_update(self, report: Report, update: Scalar) -> None:
        """Changes `variables` after an update of the discriminator.

        Args:
            report: Means over all examples and replicas of what `report` measured, `"d_real"` and
                `"d_fake"`; and `"examples"`, the number of real examples of the update.
            update: The number of the update.
        """

    def __call__(self, examples: Examples, *, seed: int | None = None, step: Scalar = 0) -> Tensor:
        """Changed examples, for a loop of one's own.

        Args:
            examples: [batch, ...]; images in [-1, 1].
            seed: An int; with `step` it decides the draws. None draws one.
            step: Updates so far, for the draws and schedules.

        Raises:
            ValueError: If it cannot change such examples.
        """
        examples = tf.cast(tf.convert_to_tensor(examples), tf.float32)
        self.check(tuple(examples.shape[1:]))
        step = tf.cast(step, tf.int64)
        occasion = Occasion(
            network="own loop",
            side="elsewhere",
            seed=0 if seed is None else seed,
            update=random.fresh_seed()[0] if seed is None else step,
            d_update=step,
            d_updates=None,
        )
        return self.augment(examples, occasion)

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        return {name: schedules.serialize(number) for name, number in self.numbers.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object that `get_config` describes."""
        return cls(**config)


registry = Registry("augmentation", base=Augmentation, options=schedules.registry)
