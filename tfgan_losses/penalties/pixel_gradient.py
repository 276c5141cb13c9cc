"""WGAN-GP for critics of patches: a gradient norm of its own for every pixel."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfgan_losses import schedules
from tfgan_losses.penalties import measures
from tfgan_losses.penalties.base import registry
from tfgan_losses.penalties.interpolated import Interpolated
from tfgan_losses.types import Tensor


@registry.register("pixel_gradient_penalty")
class PixelGradientPenalty(Interpolated):
    """weight mean over pixels of (|d S(x^) / d pixel| - 1)^2, x^ between real and generated.

    The norm is over the channels of a pixel, and S the sum of what the critic says of all its
    patches. Our critics say the mean, so the gradient is multiplied by the number of patches,
    (height - receptive_field + 1) (width - receptive_field + 1). Of points the last axis is what
    channels are, and there is one patch, as in an image that is smaller than the receptive field.

    Args:
        weight: lambda; 0.1 in the authors' code.
        receptive_field: Pixels that a patch is wide, an integer >= 1; 11 are those of
            `models.patch`. As wide as the image for a critic that judges it as a whole.
        every: See `Term`.

    Raises:
        ValueError: If the weight is negative or `receptive_field` is not a positive integer.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> def critic(images):
        ...     return 11.0 * images[..., :1]  # One output per pixel.
        >>> real, fake = tf.zeros([2, 16, 16, 3]), tf.ones([2, 16, 16, 3])
        >>> penalties.PixelGradientPenalty(receptive_field=11)(critic, real, fake).shape
        TensorShape([2])

    References:
        Shaham et al., 2019, SinGAN: Learning a Generative Model from a Single Natural Image,
        arXiv:1905.01164, section 3.2, as the authors' `calc_gradient_penalty` computes it. The
        paper names the loss of Gulrajani et al., 2017, whose norm is over the whole image.
    """

    def __init__(
        self, *, weight: schedules.Number = 0.1, receptive_field: int = 11, every: int = 1
    ):
        super().__init__(weight=weight, every=every)
        is_integer = isinstance(receptive_field, int) and not isinstance(receptive_field, bool)
        if not is_integer or receptive_field < 1:
            raise ValueError(
                "Expected receptive_field to be an integer >= 1. "
                f"Received: receptive_field={receptive_field}"
            )
        self.receptive_field = receptive_field

    def squared_norms(self, gradients: Tensor) -> Tensor:
        """Of the sum over all patches, for each pixel: [batch, ..., channels] -> [batch, ...]."""
        along_sides = tf.shape(gradients)[1:-1] - self.receptive_field + 1
        patches = tf.cast(tf.reduce_prod(tf.maximum(along_sides, 1)), tf.float32)
        return tf.reduce_sum(tf.square(patches * gradients), axis=-1)

    def measure(self, squared_norms: Tensor) -> Tensor:
        """The mean over pixels of (|grad| - 1)^2, [batch]."""
        pixels = tuple(range(1, len(squared_norms.shape)))
        return tf.reduce_mean(measures.two_sided(squared_norms), axis=pixels)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "receptive_field": self.receptive_field}
