"""The auxiliary classifier of ACGAN."""

from __future__ import annotations

from typing import Any

import keras

from tfgan_losses import schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.conditioning import Condition
from tfgan_losses.training.terms import Network, Seen, check_weight
from tfgan_losses.types import Report, Tensor, TensorLike


def class_loss(given: TensorLike, class_logits: TensorLike) -> Tensor:
    """Cross-entropy in nats of one-hot labels [batch, n] and raw class logits [batch, n]: [batch].

    log n where the classifier knows nothing.

    Args:
        given: One-hot labels, float [batch, n].
        class_logits: Raw outputs of a classifier, [batch, n].

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.class_loss(np.eye(2), np.zeros([2, 2])).numpy().round(4)  # log 2
        array([0.6931, 0.6931])
    """
    return keras.losses.categorical_crossentropy(given, class_logits, from_logits=True)


@registry.register("classification")
class Classification(Auxiliary):
    """The discriminator names the class, and the generator makes examples whose class it names.

    D adds CE(real) + CE(generated), G adds CE(generated); the labels are those of the batch.

    Args:
        weight: Factor of the discriminator's terms; 1 in the paper.
        generator_weight: Factor of the generator's; None for `weight`.
        classify_fake: Whether the discriminator learns the classes of generated examples too, as
            in the paper. Several well-known scripts leave that out.
        every: See `Term`.

    Raises:
        ValueError: If a weight is negative.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("classification(weight=0.5)")
        classification(weight=0.5, generator_weight=0.5, every=1, classify_fake=True)

    References:
        Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        equation 3: D maximises L_C + L_S, G maximises L_C - L_S.
    """

    networks = ("discriminator", "generator")
    outputs = ("classes",)
    source = "labels"

    def __init__(
        self,
        *,
        weight: schedules.Number = 1.0,
        generator_weight: schedules.Number | None = None,
        classify_fake: bool = True,
        every: int = 1,
    ):
        super().__init__(weight=weight, every=every)
        chosen = weight if generator_weight is None else generator_weight
        self.generator_weight = check_weight("generator_weight", chosen)
        self.classify_fake = classify_fake

    @property
    def weights(self) -> dict[str, schedules.Number]:
        """That of each network."""
        return {"weight": self.weight, "generator_weight": self.generator_weight}

    def values(self, seen: Seen) -> Tensor:
        """D: CE(real), and CE(generated) if `classify_fake`. G: CE(generated). [batch]."""
        if seen.network == "generator":
            return class_loss(seen.given, seen.fake_outputs["classes"])
        loss = class_loss(seen.given, seen.real_outputs["classes"])
        if self.classify_fake:
            loss += class_loss(seen.given, seen.fake_outputs["classes"])
        return loss

    def weighted(self, seen: Seen, times: int) -> Tensor:
        """The values with the weight of the network."""
        weight = self.weight if seen.network == "discriminator" else self.generator_weight
        return times * self.at_update(weight, seen) * self.values(seen)

    def report_keys(self, network: Network, condition: Condition | None) -> tuple[str, ...]:
        """How many of the real examples' classes are recognised."""
        return ("class_accuracy",) if network == "discriminator" else ()

    def report(self, seen: Seen) -> Report:
        """1 for each real example whose class is recognised, else 0; [batch]."""
        right = keras.metrics.categorical_accuracy(seen.given, seen.real_outputs["classes"])
        return {"class_accuracy": right}

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "classify_fake": self.classify_fake}
