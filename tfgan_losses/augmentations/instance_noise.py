"""Instance noise: what the discriminator sees is blurred until the two distributions overlap."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.augmentations.base import Augmentation, Occasion, registry
from tfgan_losses.training.terms import check_weight
from tfgan_losses.types import Tensor


@registry.register("instance_noise")
class InstanceNoise(Augmentation):
    """Adds N(0, stddev^2) to every number of real and of generated examples alike.

    For points as well as for images.

    Args:
        stddev: Standard deviation, >= 0, in the units of the examples: images go from -1 to 1. A
            number, or a schedule over the updates of the discriminator, by default along half a
            cosine to 0.

    Raises:
        ValueError: If it is negative.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import augmentations
        >>> noise = augmentations.InstanceNoise(stddev=0.1)
        >>> noise(tf.zeros([2, 3]), seed=0).shape
        TensorShape([2, 3])

    References:
        Sonderby et al., 2017, Amortised MAP Inference for Image Super-resolution,
        arXiv:1610.04490, appendix C; Arjovsky & Bottou, 2017, Towards Principled Methods for
        Training Generative Adversarial Networks, arXiv:1701.04862, section 3.
    """

    of_images = False

    def __init__(self, *, stddev: schedules.Number | str = "cosine(start=0.1, end=0)"):
        self.stddev = check_weight("stddev", stddev)

    @property
    def numbers(self) -> dict[str, schedules.Number]:
        """The standard deviation."""
        return {"stddev": self.stddev}

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Examples and noise."""
        noise = random.normal(
            tf.shape(examples)[0], examples.shape[1:].as_list(), occasion.seed_for("instance noise")
        )
        return examples + occasion.at(self.stddev) * noise
