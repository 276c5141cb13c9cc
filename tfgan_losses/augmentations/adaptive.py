"""Adaptive augmentation: as many transforms as the discriminator learns by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from tfgan_losses.augmentations.base import Occasion, registry
from tfgan_losses.augmentations.pipe import Pipe
from tfgan_losses.augmentations.probability import Adapted, Probability
from tfgan_losses.types import Shape, Tensor


@registry.register("adaptive")
class Adaptive(Adapted):
    """Each image undergoes each transform with a probability p, which follows overfitting.

    A discriminator that knows its real examples by heart is sure of them: r = E[sign(D(real))]
    tends to 1. Every `interval` updates p grows if r is above `target` and falls if it is below,
    by what takes it from 0 to 1 within 1000 * `kimg` real images. It is for losses whose outputs
    are about 0 where the discriminator does not know, such as non_saturating and hinge: outputs of
    wasserstein and of the relativistic losses may move by any constant, and r says nothing.

    Args:
        target: r that is aimed at, in (-1, 1).
        pipe: Which transforms, and how often beside each other; see `pipe.Pipe`.
        interval: Updates of the discriminator between changes of p, >= 1.
        kimg: How many thousand real images take p from 0 to 1, > 0. The paper has 500, and the
            authors' code 100 when it goes on with another network.

    Raises:
        ValueError: If a number is out of range or a transform unknown.

    Examples:
        >>> from tfgan_losses import augmentations
        >>> augmentations.get("adaptive(target=0.6)")
        adaptive(target=0.6, interval=4, kimg=500, pipe='bgc')

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, section 3.
    """

    def __init__(
        self,
        *,
        target: float = 0.6,
        pipe: str | Mapping[str, float] = "bgc",
        interval: int = 4,
        kimg: float = 500,
    ):
        self.probability = Probability("adaptive", target=target, interval=interval, kimg=kimg)
        self.pipe, self._transform = pipe, Pipe(pipe)

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if the transforms cannot change such examples."""
        super().check(example_shape)
        self._transform.check(self.name, example_shape)

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Transformed images."""
        return self._transform(examples, tf.convert_to_tensor(self.probability.p), occasion)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "pipe": self.pipe}
