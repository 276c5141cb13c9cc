"""Zero-centred penalties on the data (R1) and on the generator's output (R2)."""

from __future__ import annotations

from typing import Literal

import tensorflow as tf

from tfgan_losses import random, replicas, schedules
from tfgan_losses.penalties import measures
from tfgan_losses.penalties.base import GradientNormPenalty, registry
from tfgan_losses.training.terms import Seen
from tfgan_losses.types import Scalar, Seed, Shape, Tensor


def automatic_weight(pixels: Scalar, examples: Scalar) -> Scalar:
    """gamma = 0.0002 * pixels / examples: more for large images, less for large batches.

    Args:
        pixels: Height times width of an image.
        examples: Real examples of one update, over all replicas.

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, appendix C.
    """
    return 0.0002 * pixels / examples


class _ZeroCenteredAtExamples(GradientNormPenalty):
    def __init__(self, *, weight: schedules.Number | Literal["auto"] = 10.0, every: int = 1):
        self.is_automatic = isinstance(weight, str) and weight == "auto"
        super().__init__(weight=0.0 if self.is_automatic else weight, every=every)
        if self.is_automatic:
            self.weight = weight

    def measure(self, squared_norms: Tensor) -> Tensor:
        return measures.zero_centered(squared_norms)

    def check(self, example_shape: Shape) -> None:
        super().check(example_shape)
        if self.is_automatic and len(example_shape) != 3:
            raise ValueError(
                f"Expected a number or a schedule as the weight of {self.name!r}, or images, of "
                "whose size weight='auto' makes one. "
                f"Received: weight='auto', examples of shape {tuple(example_shape)}"
            )

    def at_update(self, weight: schedules.Number, seen: Seen) -> Scalar:
        if not self.is_automatic:
            return super().at_update(weight, seen)
        # As many latents as real examples, also where these are seen in packs.
        return _of_batch(seen.real, tf.shape(seen.latents)[0])

    def weight_at(self, step: Scalar, real: Tensor) -> Scalar:
        self.check(tuple(real.shape[1:]))
        if not self.is_automatic:
            return super().weight_at(step, real)
        return _of_batch(real, tf.shape(real)[0])


def _of_batch(real: Tensor, count: Tensor) -> Tensor:
    """`automatic_weight` of the images of an update, of which these may be a part."""
    height, width = real.shape[1:3]
    own = tf.cast(random.parts_of_batch() * count, tf.float32)
    # own / fraction are all examples; a replica without any adds nothing to the loss.
    return automatic_weight(float(height * width), own) * replicas.fraction()


@registry.register("r1")
class R1(_ZeroCenteredAtExamples):
    """weight / 2 |grad D(x)|^2 at real x.

    Args:
        weight: gamma; 10 in the paper. "auto" for `automatic_weight` of each update's batch.
        every: See `Term`; StyleGAN2 uses 16.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.R1(weight=2.0)(critic, real, fake).numpy()
        array([9., 9.], dtype=float32)

    References:
        Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, equation 9.
    """

    at = "real"

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """The real examples."""
        return real


@registry.register("r2")
class R2(_ZeroCenteredAtExamples):
    """weight / 2 |grad D(G(z))|^2 at generated examples.

    Args:
        weight: gamma; 10 in the paper. "auto" for `automatic_weight` of each update's batch.
        every: See `Term`.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(x):
        ...     return 3.0 * x  # Of slope 3 everywhere.
        >>> real, fake = tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [2.0]])
        >>> penalties.R2(weight=2.0)(critic, real, fake).numpy()
        array([9., 9.], dtype=float32)

    References:
        Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, equation 10.
    """

    at = "fake"

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """The generated examples."""
        return fake
