"""What every adversarial loss has in common: two halves, and the Keras losses made of them."""

from __future__ import annotations

from typing import Any, Self

import keras
from keras import ops

from tfgan_losses.registry import Identifier, Registry, spec_of
from tfgan_losses.types import Logits, Report, Scalar, Tensor


def check_logits(real_logits: Logits, fake_logits: Logits) -> None:
    """Raises unless the outputs for real and for generated examples have one shape.

    A [batch, 1] and a [batch] tensor would broadcast to [batch, batch] and train on nonsense
    without a word.

    Raises:
        ValueError: If the static shapes differ.
    """
    real_shape, fake_shape = tuple(real_logits.shape), tuple(fake_logits.shape)
    same = len(real_shape) == len(fake_shape) and all(
        r == f or r is None or f is None for r, f in zip(real_shape, fake_shape, strict=True)
    )
    if not same:
        raise ValueError(
            "Expected real_logits and fake_logits of the same shape. "
            f"Received: real_logits.shape={real_shape}, fake_logits.shape={fake_shape}"
        )


class AdversarialLoss:
    """The two losses of a game: what the discriminator and what the generator minimises.

    A subclass implements `discriminator_loss` and `generator_loss` on raw discriminator outputs,
    higher = more real, of any one shape ([batch, 1], or [batch, h, w, 1] for patches), and returns
    unreduced values of that shape. `discriminator` and `generator` are the same two as
    `keras.losses.Loss` objects, which reduce, cast, scale under replicas and serialise as Keras
    does, and can be given to any `compile`.

    A loss with state keeps it in `variables`, which are saved with the GAN, and changes it only in
    `end_step`, which is called once after both updates of a step.

    Attributes:
        needs_real: Whether `generator_loss` depends on `real_logits`. Only then does the
            generator's step pay for evaluating real examples.
        estimates_distance: Whether E[real_logits] - E[fake_logits] estimates the distance that
            the generator minimises. If so, `GAN` reports it as `w_distance`.
        autoencoding: Whether raw outputs have to be minus a reconstruction error, so that the
            loss means something only for an autoencoding discriminator, one with the outputs
            "reconstruction" and "encoding".
        sees_batch: Whether the loss of an example depends on the others of its batch.
        report_keys: The keys that `end_step` adds to the report of a step.
        reduction: The reduction of the Keras losses.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.losses import AdversarialLoss
        >>> class Linear(AdversarialLoss):
        ...     def discriminator_loss(self, real_logits, fake_logits):
        ...         return fake_logits - real_logits
        ...     def generator_loss(self, real_logits, fake_logits):
        ...         return -fake_logits
        >>> Linear().discriminator_loss(np.array([1.0]), np.array([-2.0]))
        array([-3.])
    """

    needs_real = False
    estimates_distance = False
    autoencoding = False
    sees_batch = False
    report_keys: tuple[str, ...] = ()
    reduction = "sum_over_batch_size"

    def discriminator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """Unreduced loss of the discriminator; the shape of the logits."""
        raise NotImplementedError

    def generator_loss(self, real_logits: Logits, fake_logits: Logits) -> Tensor:
        """Unreduced loss of the generator; `real_logits` is ignored unless `needs_real`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return spec_of(self)

    @property
    def variables(self) -> list[keras.Variable]:
        """The state of the loss, which is no part of its config."""
        return []

    def end_step(self, d_real: Scalar, g_fake: Scalar) -> Report:
        """Updates `variables` after a step.

        Args:
            d_real: Mean raw output on the real examples of the discriminator's updates, a scalar,
                averaged over all replicas.
            g_fake: The same on the generated examples of the generator's update.

        Returns:
            A scalar for each of `report_keys`.
        """
        return {}

    @property
    def discriminator(self) -> DiscriminatorLoss:
        """The discriminator's half as a Keras loss (y_true = real, y_pred = fake logits)."""
        return DiscriminatorLoss(self, reduction=self.reduction)

    @property
    def generator(self) -> GeneratorLoss:
        """The generator's half as a Keras loss (y_true = real, y_pred = fake logits)."""
        return GeneratorLoss(self, reduction=self.reduction)

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal object."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The object that `get_config` describes."""
        return cls(**config)


registry = Registry("loss", base=AdversarialLoss)


class _Half(keras.losses.Loss):
    """One half of an adversarial loss as a Keras loss.

    Args:
        loss: The `AdversarialLoss`, or its name, spec or config.
    """

    def __init__(self, loss: Identifier, name: str | None = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        self.loss = registry.get(loss)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}


@keras.saving.register_keras_serializable("tfgan_losses")
class DiscriminatorLoss(_Half):
    """What the discriminator minimises: `y_true` = real logits, `y_pred` = fake logits."""

    def call(self, y_true: Logits, y_pred: Logits) -> Tensor:
        """Unreduced values, the shape of the logits."""
        return self.loss.discriminator_loss(y_true, y_pred)


@keras.saving.register_keras_serializable("tfgan_losses")
class GeneratorLoss(_Half):
    """What the generator minimises: `y_pred` = fake logits; `y_true` matters if `needs_real`."""

    def call(self, y_true: Logits, y_pred: Logits) -> Tensor:
        """Unreduced values, the shape of the logits."""
        return self.loss.generator_loss(y_true, y_pred)


def as_float(logits: Logits) -> Tensor:
    """The logits as a floating-point tensor.

    Raises:
        TypeError: If they are integers or booleans.
    """
    logits = ops.convert_to_tensor(logits)
    if "float" not in keras.backend.standardize_dtype(logits.dtype):
        raise TypeError(f"Expected floating-point logits. Received: dtype={logits.dtype}")
    return logits
