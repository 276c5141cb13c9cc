"""Penalties on straight lines between real and generated examples."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses import random, schedules
from tfgan_losses.penalties import measures
from tfgan_losses.penalties.base import GradientNormPenalty, registry
from tfgan_losses.types import Seed, Tensor


def interpolate(real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
    """a x + (1 - a) G(z) with one a ~ U(0, 1) for each example, [batch, ...].

    One number per example, not per pixel and not normal: the points are on the line between a
    pair (Gulrajani et al., 2017, algorithm 1, line 6).

    Args:
        real: x, float32 [batch, ...].
        fake: G(z), the same shape.
        seed: Int64 [2], see `step_seed`.
    """
    batch = tf.shape(real)[0]
    alpha = random.uniform(batch, [1] * (len(real.shape) - 1), seed)
    return alpha * real + (1.0 - alpha) * fake


class Interpolated(GradientNormPenalty):
    """A function of gradient norms on these lines."""

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """One on the line between each pair, [batch, ...]."""
        return interpolate(real, fake, seed)


@registry.register("gradient_penalty")
class GradientPenalty(Interpolated):
    """WGAN-GP: weight (|grad D(x^)| - target)^2, x^ between real and generated.

    Args:
        weight: The paper's lambda, 10.
        target: The norm that costs nothing.
        every: See `Term`.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.GradientPenalty(weight=10.0)(critic, real, fake).numpy()
        array([40., 40.], dtype=float32)

    References:
        Gulrajani et al., 2017, Improved Training of Wasserstein GANs, equation 3.
    """

    def __init__(self, *, weight: schedules.Number = 10.0, target: float = 1.0, every: int = 1):
        super().__init__(weight=weight, every=every)
        self.target = target

    def measure(self, squared_norms: Tensor) -> Tensor:
        """(|grad| - target)^2."""
        return measures.two_sided(squared_norms, target=self.target)

    def get_config(self) -> dict[str, Any]:
        """weight, target and every."""
        return {**super().get_config(), "target": self.target}


@registry.register("lipschitz_penalty")
class LipschitzPenalty(Interpolated):
    """WGAN-LP: weight max(0, |grad D(x^)| - 1)^2; a critic flatter than 1 is left alone.

    Args:
        weight: The paper has no one value; 10 as for WGAN-GP.
        every: See `Term`.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.LipschitzPenalty(weight=10.0)(critic, real, fake).numpy()
        array([40., 40.], dtype=float32)

    References:
        Petzka et al., 2018, On the Regularization of Wasserstein GANs.
    """

    def __init__(self, *, weight: schedules.Number = 10.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def measure(self, squared_norms: Tensor) -> Tensor:
        """max(0, |grad| - 1)^2."""
        return measures.one_sided(squared_norms)


@registry.register("zero_centered")
class ZeroCentered(Interpolated):
    """weight / 2 |grad D(x^)|^2, x^ between real and generated.

    Args:
        weight: gamma. The paper writes lambda |grad|^2 without the half; lambda = gamma / 2.
        every: See `Term`.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.ZeroCentered(weight=2.0)(critic, real, fake).numpy()
        array([9., 9.], dtype=float32)

    References:
        Thanh-Tung et al., 2019, Improving Generalization and Stability of GANs.
    """

    def __init__(self, *, weight: schedules.Number = 10.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def measure(self, squared_norms: Tensor) -> Tensor:
        """1/2 |grad|^2."""
        return measures.zero_centered(squared_norms)
