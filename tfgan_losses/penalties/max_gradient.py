"""The greatest slope of a batch, which bounds the Lipschitz constant from below."""

from __future__ import annotations

import tensorflow as tf

from tfgan_losses import replicas, schedules
from tfgan_losses.penalties.base import GradientNormPenalty, registry
from tfgan_losses.penalties.interpolated import interpolate
from tfgan_losses.types import Seed, Tensor


@registry.register("max_gradient")
class MaxGradient(GradientNormPenalty):
    """LGAN: weight max |grad D(x^)|^2 over the batch, x^ between real and generated.

    The maximum is that of the whole batch, over all replicas, and the value of each of its
    examples. Only the steepest one has a gradient.

    Args:
        weight: The paper's lambda; 10, as StudioGAN has it.
        every: See `Term`.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.MaxGradient(weight=2.0)(critic, real, fake).numpy()
        array([18., 18.], dtype=float32)

    References:
        Zhou et al., 2019, Lipschitz Generative Adversarial Nets, arXiv:1902.05687, section 4.
    """

    sees_batch = True

    def __init__(self, *, weight: schedules.Number = 10.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """On the lines between pairs, as `gradient_penalty` has them."""
        return interpolate(real, fake, seed)

    def measure(self, squared_norms: Tensor) -> Tensor:
        """max |grad|^2, once for each example."""
        return tf.ones_like(squared_norms) * replicas.global_max(squared_norms)
