"""What a discriminator says of real examples that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from tfgan_losses import random
from tfgan_losses.augmentations.base import Side
from tfgan_losses.health.probe import latents_and_given, one_each, view_of
from tfgan_losses.training.packing import rounded_up
from tfgan_losses.types import Tensor

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN

# Standard errors; means of a few dozen outputs differ by less all the time.
_CERTAIN = 4.0


class Mean(NamedTuple):
    """Of the outputs for some examples.

    Attributes:
        value: The mean.
        error: Its standard error.
    """

    value: float
    error: float = 0.0


def position(trained_on: Mean, held_out: Mean, fake: float) -> float | None:
    """Returns where held-out examples are between those trained on, 0, and generated ones, 1.

    0 as well if that is within the error of the means; None if the discriminator does not put
    the examples that it was trained on above generated ones.
    """
    whole, way = trained_on.value - fake, trained_on.value - held_out.value
    if not whole > 0.0:
        return None
    certain = way > _CERTAIN * float(np.hypot(trained_on.error, held_out.error))
    return way / whole if certain else 0.0


class Scores:
    """Mean outputs of a GAN's discriminator in inference mode, as `evaluate` has them.

    It sees examples as in training: through augmentations, with the same draws every time.

    Args:
        gan: The GAN.
    """

    def __init__(self, gan: GAN):
        self._gan = gan

        def outputs(examples: Tensor, given: Tensor | None, side: Side) -> Tensor:
            pair = gan.evaluation_pair
            packs = pair.packed(rounded_up(examples, gan.pack))
            seen = view_of(gan, pair).of(packs, side)
            return one_each(pair.discriminate(seen, given)["logits"])

        self._outputs: Callable[..., Tensor] = tf.function(
            outputs, autograph=False, reduce_retracing=True
        )

    def of(self, examples: np.ndarray, labels: np.ndarray | None) -> Mean | None:
        """Returns the mean for real examples; None for a GAN under codes, which they lack."""
        given, condition = None, self._gan.condition
        if condition is not None:
            if condition.source != "labels" or labels is None:
                return None
            given = condition.encode(condition.check(labels, len(examples)))
        outputs = self._outputs(tf.constant(examples), given, "real").numpy()
        return Mean(float(outputs.mean()), float(outputs.std() / np.sqrt(len(outputs))))

    def of_generated(self, count: int) -> float:
        """Returns the mean for so many generated examples, always of the same latents."""
        gan = self._gan
        seed = random.derived_seed(gan.seed, "health")
        latents, given = latents_and_given(gan, count, seed)
        fake = gan.evaluation_pair.generate(latents, given)
        return float(tf.reduce_mean(self._outputs(tf.cast(fake, tf.float32), given, "fake")))
