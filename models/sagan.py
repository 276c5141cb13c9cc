"""Self-attention GANs (Zhang et al. 2019, arXiv:1805.08318), as the authors' released code.

The paper has no table of layers, and readers found that what it says is not what was trained:
this follows google-brain's self-attention-gan (generator.py, discriminator.py, ops.py,
non_local.py), which makes images of 128 pixels. Those are the residual networks of SNGAN
(`models.resnet`, table 6 of that paper) with one self-attention in each, at 32x32: in the
generator behind the third of five blocks (256 of 1024 to 64 channels), in the discriminator behind
the second of six (128 of 64 to 1024 channels). And with three smaller differences from `resnet`:

- the hidden map of a block of the discriminator has the channels of its result;
- Glorot weights have no gain in the residual branches;
- the last normalisation of the generator has one scale and shift for all classes.

For other sizes, which the code does not have, the networks are those that `resnet` has for them,
and the attention is at the stage whose smaller side is nearest to 32, but one below the image
itself: of 64 and more pixels at 32, of 32 pixels at 16, of 8 at 4. At 32 pixels that makes the
widths of mimicry's SAGAN-32, whose discriminator has its attention at 8x8, one block later.

`width` is the number of channels nearest to the image. `None` is the code's 64, and that of
mimicry, 256 in the generator and 128 in the discriminator, up to 32 pixels.

Different from the code:
- `normalization="none"` is the default of the discriminator. The recipe `sagan` has "spectral" in
  it and "spectral+conditional_batch" in the generator, which is the code's; the convolutions of
  the attention are spectrally normalised where the others are. Singular vectors start converged
  and are held constant in gradients; the code starts from a random one and differentiates them.
- convolutions that a centring normalisation follows have no bias, which would have no effect.
- moving statistics keep 0.9 of the old value, in the code 0.999.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import KerasTensor
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_positive
from tfgan_losses.models.family import Family, sum_pool
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.residual import (
    down_block,
    first_down_block,
    first_map,
    to_image,
    up_block,
)
from tfgan_losses.models.resnet import plan_of

from tfgan_losses.layers import SelfAttention

_ATTENDED = 32
_GAIN = 1.0


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 128 in the code.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels of the last block; default as in the module's docstring.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = plan_of(example_shape)
    attended = attended_size(plan.sizes)
    width = plan.default_widths[0] if width is None else check_positive("width", width)
    first, *multiples = plan.g_multiples
    image = first_map(latent, (*plan.sizes[0], first * width), normalization)
    if attended == plan.sizes[0]:
        image = _attend(image, normalization, "attention")
    for index, (multiple, size) in enumerate(zip(multiples, plan.sizes[1:], strict=True), start=1):
        name = f"block_{index}"
        image = up_block(image, multiple * width, normalization, name, size=size, gain=_GAIN)
        if size == attended:
            image = _attend(image, normalization, f"{name}_attention")
    return to_image(image, example_shape[-1], normalization.unconditional())


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of the first block; default as in the module's docstring.
        normalization: Any but "conditional_batch".

    Returns:
        `[batch, height, width, channels]`; the code sums over the positions.

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = plan_of(example.shape[1:])
    attended = attended_size(plan.sizes)
    width = plan.default_widths[1] if width is None else check_positive("width", width)
    for index, multiple in enumerate(plan.d_multiples, start=1):
        down, name, filters = index <= plan.halvings, f"block_{index}", multiple * width
        if index == 1:
            example = first_down_block(example, filters, normalization, name, gain=_GAIN)
        else:
            example = down_block(
                example, filters, normalization, name, down=down, hidden=filters, gain=_GAIN
            )
        if down and example.shape[1:3] == attended:
            example = _attend(example, normalization, f"{name}_attention")
    return activation(0.0, name="activation")(example)


def attended_size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Returns which of the sizes of a network, the last being that of the image, has attention."""
    return min(sizes[:-1], key=lambda size: abs(min(size) - _ATTENDED))


def _attend(features: KerasTensor, normalization: Normalization, name: str) -> KerasTensor:
    return SelfAttention(spectral=normalization.is_spectral, name=name)(features)


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    return plan_of(example_shape).default_widths


FAMILY = Family(generate, features, _default_widths, pool=sum_pool)
