"""Feature matching: generated examples have the mean features of the real ones."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import replicas, schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.training.terms import Seen
from tfgan_losses.types import Tensor, TensorLike


def feature_matching_term(real_features: TensorLike, fake_features: TensorLike) -> Tensor:
    """|E f(x) - E f(G(z))|^2: the squared distance of mean features.

    The means are those of the whole batch, over all replicas.

    Args:
        real_features: f(x), [batch, ...].
        fake_features: f(G(z)), the same shape.

    Returns:
        A float32 scalar >= 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import auxiliary
        >>> float(auxiliary.feature_matching_term(np.zeros([4, 2]), np.ones([4, 2])))
        2.0

    References:
        Salimans et al., 2016, Improved Techniques for Training GANs, section 3.1.
    """
    difference = tf.cast(real_features, tf.float32) - tf.cast(fake_features, tf.float32)
    count = replicas.global_sum(tf.cast(tf.shape(difference)[0], tf.float32))
    mean = replicas.global_sum(tf.reduce_sum(difference, axis=0)) / count
    return tf.reduce_sum(tf.square(mean))


@registry.register("feature_matching")
class FeatureMatching(Auxiliary):
    """G adds weight |E f(x) - E f(G(z))|^2, f what D's last layer is applied to.

    In the paper it takes the place of the generator's loss; here it stands beside that.
    `GAN.from_recipe` and the command give the discriminator its output "features"; one of your own
    has it among its named outputs.

    Args:
        weight: Factor of the term; the paper has no other.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("feature_matching")
        feature_matching(weight=1.0, every=1)

    References:
        Salimans et al., 2016, Improved Techniques for Training GANs, arXiv:1606.03498,
        section 3.1.
    """

    networks = ("generator",)
    outputs = ("features",)
    needs_real = True
    sees_batch = True

    def __init__(self, *, weight: schedules.Number = 1.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def values(self, seen: Seen) -> Tensor:
        """The squared distance, a scalar."""
        return feature_matching_term(seen.real_outputs["features"], seen.fake_outputs["features"])
