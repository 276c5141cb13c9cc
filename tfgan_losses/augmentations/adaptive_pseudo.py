"""APA: generated examples stand for some real ones, which so are hard to learn by heart."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from tfgan_losses import random, replicas
from tfgan_losses.augmentations.base import Occasion, registry
from tfgan_losses.augmentations.probability import Adapted, Probability
from tfgan_losses.types import Tensor


@registry.register("adaptive_pseudo")
class AdaptivePseudo(Adapted):
    """With probability p, a generated example stands for a real one, for each example alone.

    Losses, and penalties at real examples, have it as a real example; it comes of latents of its
    own, under the label or codes of the example that it replaces. p starts at 0 and follows ADA's
    rule on the signs of the outputs for what stands as real: see `Probability`. `evaluate` has
    only real examples as real. For points as well as for images, and beside other augmentations.
    As ADA's p, it says nothing under losses whose outputs may move by any constant, such as
    wasserstein and the relativistic ones.

    Args:
        target: What the mean sign of the outputs for real examples is held at, in (-1, 1).
        interval: Updates of the discriminator from one change of p to the next, >= 1.
        kimg: Thousands of real examples in which p goes from 0 to 1 at most; 500 in the paper.

    Raises:
        ValueError: If an option is out of range.

    Examples:
        >>> from tfgan_losses import augmentations
        >>> augmentations.get("adaptive_pseudo(kimg=100)")
        adaptive_pseudo(target=0.6, interval=4, kimg=100)

    References:
        Jiang et al., 2021, Deceive D: Adaptive Pseudo Augmentation for GAN Training with Limited
        Data, arXiv:2111.06849, section 3.2.
    """

    of_images = False

    def __init__(self, *, target: float = 0.6, interval: int = 4, kimg: float = 500.0):
        self.probability = Probability("pseudo", target=target, interval=interval, kimg=kimg)

    def stand_for_real(
        self, real: Tensor, generate: Callable[[], Tensor], occasion: Occasion
    ) -> Tensor:
        """Real examples, with generated ones in the place of some."""
        p = tf.convert_to_tensor(self.probability.p)

        def mixed() -> Tensor:
            # Beside the training of the generator: its averages and counters do not move, so that
            # it makes no difference whether this was run while p is 0.
            with keras.StatelessScope(collect_losses=True, initialize_variables=False):
                fake = tf.cast(generate(), real.dtype)
            shape = [1] * (len(real.shape) - 1)
            draws = random.uniform(tf.shape(real)[0], shape, occasion.seed_for("pseudo"))
            return tf.where(draws < p, fake, real)

        # A layer may wait for the other replicas, which it cannot within a branch.
        return mixed() if replicas.count() > 1 else tf.cond(p > 0.0, mixed, lambda: real)
