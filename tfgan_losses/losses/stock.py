"""Any classification loss of Keras as an adversarial loss: real is 1, generated is 0."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfgan_losses.losses.base import AdversarialLoss
from tfgan_losses.types import Logits, Tensor


@keras.saving.register_keras_serializable("tfgan_losses")
class StockLoss(AdversarialLoss):
    """A `keras.losses.Loss` of (labels, outputs), asked once with ones and once with zeros.

    The discriminator minimises loss(1, r) + loss(0, f), the generator loss(1, f), with the
    reduction of the loss. `GAN.compile` wraps stock losses by itself.

    Args:
        loss: For example `keras.losses.BinaryCrossentropy(from_logits=True)` or
            `keras.losses.MeanSquaredError()`.

    Raises:
        ValueError: If the loss expects probabilities; the discriminator gives raw outputs.

    Examples:
        >>> import keras
        >>> import numpy as np
        >>> from tfgan_losses import losses
        >>> loss = losses.StockLoss(keras.losses.BinaryCrossentropy(from_logits=True))
        >>> loss.discriminator_loss(np.array([[0.0]]), np.array([[0.0]])).numpy()
        array([1.38629436])
    """

    def __init__(self, loss: keras.losses.Loss | dict[str, Any]):
        if isinstance(loss, dict):
            loss = keras.saving.deserialize_keras_object(loss)
        if loss.get_config().get("from_logits") is False:
            raise ValueError(
                "Expected a loss of raw outputs (from_logits=True), since a discriminator has no "
                f"sigmoid. Received: {loss.__class__.__name__}(from_logits=False)"
            )
        self.loss = loss
        self.reduction = loss.reduction

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """loss(1, real_logits) + loss(0, fake_logits), as the loss leaves them unreduced."""
        real_loss = self.loss.call(ops.ones_like(real_logits), real_logits)
        return real_loss + self.loss.call(ops.zeros_like(fake_logits), fake_logits)

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """loss(1, fake_logits), as the loss leaves it unreduced."""
        return self.loss.call(ops.ones_like(fake_logits), fake_logits)

    def get_config(self) -> dict[str, Any]:
        """The wrapped loss."""
        return {"loss": keras.saving.serialize_keras_object(self.loss)}
