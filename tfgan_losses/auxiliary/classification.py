"""The auxiliary classifier of ACGAN."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfgan_losses.auxiliary.base import Auxiliary, Outputs, Terms, check_weight, registry


def class_loss(given: Any, class_logits: Any) -> Any:
    """Cross-entropy in nats of one-hot labels [batch, n] and raw class logits [batch, n]: [batch].

    log n where the classifier knows nothing.
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

    Raises:
        ValueError: If a weight is negative.

    References:
        Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        equation 3: D maximises L_C + L_S, G maximises L_C - L_S.
    """

    outputs = ("classes",)
    condition = "labels"

    def __init__(
        self,
        *,
        weight: float = 1.0,
        generator_weight: float | None = None,
        classify_fake: bool = True,
    ):
        self.weight = check_weight("weight", weight)
        chosen = weight if generator_weight is None else generator_weight
        self.generator_weight = check_weight("generator_weight", chosen)
        self.classify_fake = classify_fake

    def report_keys(self, condition: Any) -> tuple[str, ...]:
        """The unweighted losses, and how many of the real examples' classes are recognised."""
        return ("d_class_loss", "class_accuracy", "g_class_loss")

    def discriminator_loss(self, real: Outputs, fake: Outputs, given: Any, condition: Any) -> Terms:
        """CE(real), and CE(generated) if `classify_fake`."""
        loss = class_loss(given, real["classes"])
        if self.classify_fake:
            loss += class_loss(given, fake["classes"])
        accuracy = keras.metrics.categorical_accuracy(given, real["classes"])
        return self.weight * loss, {"d_class_loss": loss, "class_accuracy": ops.mean(accuracy)}

    def generator_loss(self, fake: Outputs, given: Any, condition: Any) -> Terms:
        """CE(generated)."""
        loss = class_loss(given, fake["classes"])
        return self.generator_weight * loss, {"g_class_loss": loss}

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            "weight": self.weight,
            "generator_weight": self.generator_weight,
            "classify_fake": self.classify_fake,
        }
