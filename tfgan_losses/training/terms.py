"""Terms: whatever is added to the adversarial loss of a network, in one protocol.

A penalty is a term of the discriminator's loss, an auxiliary objective one of either or both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import keras
import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.conditioning import Condition
from tfgan_losses.registry import name_of, spec_of
from tfgan_losses.training.critic import Critic
from tfgan_losses.types import Outputs, Report, Scalar, Seed, Shape, Tensor

if TYPE_CHECKING:
    from tfgan_losses.augmentations.base import Augmentation

Network: TypeAlias = Literal["discriminator", "generator"]
"""Whose loss a term is a part of."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """What a term may look at in one update of one network.

    Attributes:
        network: Whose update it is.
        real: Real examples, float32 [batch, ...].
        fake: As many generated ones.
        real_outputs: Outputs of the discriminator for the real examples, `"logits"` among them;
            empty in an update of the generator, unless its loss or a term has `needs_real`.
        fake_outputs: Those for the generated examples.
        critic: The discriminator's logits as a function of examples alone.
        generator: Samples as a function of latents, under what `given` says.
        latents: What the generated examples were made of, [batch, latent_dim].
        fixed_latents: Returns latents [1, latent_dim] that are the same in every update.
        given: What both networks are conditioned on, [batch, condition.size], or None.
        condition: The condition of the GAN, or None.
        seed: Seed of the run.
        update: Number of this update of the network, from 0, an int64 scalar.
        updates: Updates of the network in the whole run; None if that is unknown.
        styles: Of a generator with a mapping network, latents to the styles, float32
            [batch, layers, size], and to samples as a function of such; None for any other.
    """

    network: Network
    real: Tensor
    fake: Tensor
    real_outputs: Outputs
    fake_outputs: Outputs
    critic: Critic
    generator: Callable[[Tensor], Tensor]
    latents: Tensor
    fixed_latents: Callable[[], Tensor]
    given: Tensor | None
    condition: Condition | None
    seed: int
    update: Scalar
    updates: int | None
    styles: Callable[[Tensor], tuple[Tensor, Callable[[Tensor], Tensor]]] | None = None

    def seed_for(self, purpose: str) -> Seed:
        """The seed of what is drawn for one purpose in this update, int64 [2]."""
        # The names of streams decide the draws, and stay.
        own = purpose if self.network == "discriminator" else f"generator {purpose}"
        return random.step_seed(self.seed, self.update, own)


class Term:
    """Something that is added to the loss of one network or of both.

    A subclass implements `values`. What is logged under `column` is the term's weighted part of
    the loss. A term with state lists it in `variables` and changes it only in `end_update`.

    Args:
        weight: Factor of the term; the papers' lambda or gamma. A number, or a schedule over the
            updates of the network: `"cosine(start=1, end=0.1)"`.
        every: k to evaluate the term at every k-th update of the network only, k times as strong
            ("lazy", Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN,
            section 3.1).

    Attributes:
        networks: Whose losses it is added to.
        outputs: Names of the outputs that the discriminator must have beside `"logits"`.
        source: `"labels"` or `"codes"` if the GAN must be conditioned on them.
        needs_real: Whether it looks at `real_outputs` in updates of the generator.
        per_example: Whether it takes the critic as a function of one example. Then layers that
            mix the examples of a batch, such as BatchNormalization, spoil it.
        sees_batch: Whether it depends on the batch as a whole.
        at: `"real"` or `"fake"` if the critic's gradient is taken at those examples themselves.

    Raises:
        ValueError: If the weight is negative or `every` is not a positive integer.
    """

    networks: tuple[Network, ...] = ("discriminator",)
    outputs: tuple[str, ...] = ()
    source: str | None = None
    needs_real = False
    per_example = False
    sees_batch = False
    at: str | None = None

    def __init__(self, *, weight: schedules.Number = 1.0, every: int = 1):
        self.weight = check_weight("weight", weight)
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"Expected every to be an integer >= 1. Received: every={every}")
        self.every = every

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
    def weights(self) -> dict[str, schedules.Number]:
        """All factors by the names of their options."""
        return {"weight": self.weight}

    @property
    def augmentations(self) -> Sequence[Augmentation]:
        """Those that it applies itself, whose schedules and examples are checked with its own."""
        return ()

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if it cannot look at such examples."""
        for augmentation in self.augmentations:
            augmentation.check(example_shape)

    def column(self, network: Network) -> str:
        """Where its part of the loss of a network is logged: `d_<name>` and `g_<name>` if two."""
        return self.name if len(self.networks) == 1 else f"{network[0]}_{self.name}"

    def values(self, seen: Seen) -> Tensor:
        """The unweighted term: of each example [batch] or of each output [batch, ...].

        A scalar is a number of the whole batch, over all replicas, and equal on these.
        """
        raise NotImplementedError

    def weighted(self, seen: Seen, times: int) -> Tensor:
        """What is added to the loss, `times` as strong; overridden by terms of several weights."""
        return times * self.at_update(self.weight, seen) * self.values(seen)

    def at_update(self, weight: schedules.Number, seen: Seen) -> Scalar:
        """A weight at this update; a schedule that is open goes over the whole run."""
        return schedules.at(schedules.over(weight, seen.updates), seen.update)

    def report_keys(self, network: Network, condition: Condition | None) -> tuple[str, ...]:
        """Names of what `report` measures in updates of a network."""
        return ()

    def report(self, seen: Seen) -> Report:
        """What else is logged, by name: values whose means are taken, as those of `values`."""
        return {}

    def end_update(self, report: Report, update: Scalar) -> None:
        """Changes `variables` after an update of one of `networks`.

        Args:
            report: Means over all examples and replicas: `"d_real"` and `"d_fake"`, or `"g_fake"`
                in updates of the generator, the mean logits; and what `report` measured, which
                is 0 in updates that `every` leaves out.
            update: The number of the update; `is_due` tells whether it was one of those of
                `every`.
        """

    def is_due(self, update: Scalar) -> Tensor:
        """Whether an update is one of those of `every`."""
        return tf.equal(update % self.every, 0)

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        weights = {name: schedules.serialize(weight) for name, weight in self.weights.items()}
        return {**weights, "every": self.every}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object that `get_config` describes."""
        return cls(**config)


def check_weight(name: str, weight: object) -> schedules.Number:
    """A number or schedule that is never negative.

    Args:
        name: Of the argument, for the message.
        weight: A number, or a schedule or its spec.

    Raises:
        ValueError: If it is something else.
    """
    number = schedules.get(weight, name=name)
    if not schedules.lowest(number) >= 0:
        raise ValueError(f"Expected {name} >= 0. Received: {name}={weight}")
    return number
