"""What every auxiliary objective has in common."""

from __future__ import annotations

from typing import Any

from tfgan_losses.registry import Registry

registry = Registry("auxiliary objective")

Outputs = dict[str, Any]
Terms = tuple[Any, dict[str, Any]]


class Auxiliary:
    """A term beside the adversarial loss, of outputs of the discriminator other than its logits.

    A subclass implements one or both of `discriminator_loss` and `generator_loss`. Each returns
    the weighted loss, [batch] or a scalar, whose mean is added; and what to report, a dict of
    tensors whose means are logged.

    Attributes:
        outputs: Names of the outputs that the discriminator must have beside `"logits"`.
        condition: `"labels"` or `"codes"` if the GAN must be conditioned on them.
        sees_batch: Whether the loss depends on the batch as a whole.
    """

    outputs: tuple[str, ...] = ()
    sees_batch = False
    condition: str | None = None

    def report_keys(self, condition: Any) -> tuple[str, ...]:
        """Names of what is logged, under this condition of the GAN."""
        return ()

    def discriminator_loss(self, real: Outputs, fake: Outputs, given: Any, condition: Any) -> Terms:
        """What is added to the discriminator's loss.

        Args:
            real: Outputs of the discriminator for real examples.
            fake: Outputs for generated ones.
            given: What both were conditioned on, [batch, condition.size], or None.
            condition: The `Condition` of the GAN, or None.
        """
        return 0.0, {}

    def generator_loss(self, fake: Outputs, given: Any, condition: Any) -> Terms:
        """What is added to the generator's loss; arguments as of `discriminator_loss`."""
        return 0.0, {}

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Auxiliary:
        """The object that `get_config` describes."""
        return cls(**config)


def check_weight(name: str, weight: float) -> float:
    """Returns the weight.

    Raises:
        ValueError: If it is negative or not a number.
    """
    if not weight >= 0:
        raise ValueError(f"Expected {name} >= 0. Received: {name}={weight}")
    return weight
