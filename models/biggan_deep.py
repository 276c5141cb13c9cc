"""BigGAN-deep (Brock et al. 2019, arXiv:1809.11096, appendix B, tables 7 to 9, figure 16).

Images of 8 pixels or more, of any height and width. The tables are those of the paper for 128, 256
and 512 pixels (`models.biggan_parts`); at 64 and 32 pixels the channels are BigGAN's.

Every stage has two blocks with bottlenecks: 1x1 to a quarter of the channels (of the wider end),
3x3, 3x3 and 1x1 back, each after a normalisation and a ReLU. In the generator the second block of a
stage doubles, and a shortcut leaves channels out where there are to be fewer; in the discriminator
the first block of a stage halves, and the channels that are to be more are a 1x1 convolution beside
the shortcut's. So shortcuts keep what they have. The discriminator starts with a 3x3 convolution
and sums over positions. Self-attention stands at 64x64, and at no stage below 128 pixels. All
kernels start orthogonal. `width` is the paper's ch, 128.

The generator's "conditional_batch" goes by the whole latent vector and the class's vector, which
enter the first dense layer, too. Without labels it is the latent vector alone.

Different from the paper: as in `models.biggan`, but for the shortcuts.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import KerasTensor, layers
from tfgan_losses.models import biggan_parts as parts
from tfgan_losses.models.activations import activation
from tfgan_losses.models.family import Family, sum_pool
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.resolutions import double, halve

from tfgan_losses.layers import Slice

_DEFAULT_WIDTH = 128

# Self-attention follows the fourth stage, 64x64, where another one comes after it.
_STAGES_TO_64 = 4


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 128 in the paper.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels of the last block from 128 pixels on; default 128.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = parts.plan(example_shape)
    width = parts.width_or(_DEFAULT_WIDTH, width)
    own = normalization
    if normalization.is_conditional:
        latent = parts.join([latent, *parts.embed(latent, normalization)], "latent_and_class")
        own = normalization.given(latent)
    image = parts.first_map(latent, (*plan.sizes[0], plan.generator[0] * width), normalization)
    stages = zip(plan.generator[1:], plan.sizes[1:], strict=True)
    for stage, (multiple, size) in enumerate(stages, start=1):
        image = _block(image, image.shape[-1], own, f"block_{2 * stage - 1}")
        image = _block(image, multiple * width, own, f"block_{2 * stage}", double_to=size)
        if stage == _STAGES_TO_64 < plan.stages:
            image = parts.attend(image, normalization, f"block_{2 * stage}_attention")
    return parts.to_image(image, example_shape[-1], normalization)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of the first convolution from 64 pixels on; default 128.
        normalization: Any but the conditional ones.

    Returns:
        `[batch, height, width, channels]`; the authors' code sums over the positions.

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = parts.plan(example.shape[1:])
    width = parts.width_or(_DEFAULT_WIDTH, width)
    first, *multiples = plan.discriminator
    example = parts.convolve(example, first * width, 3, normalization.of_image(), "from_image")
    for stage, multiple in enumerate(multiples, start=1):
        down, name = stage <= plan.halvings, f"block_{2 * stage}"
        example = _block(
            example, multiple * width, normalization, f"block_{2 * stage - 1}", down=down
        )
        example = _block(example, multiple * width, normalization, name)
        if stage == plan.stages - _STAGES_TO_64:
            example = parts.attend(example, normalization, f"{name}_attention")
    return activation(0.0, name="activation")(example)


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    parts.plan(example_shape)
    return _DEFAULT_WIDTH, _DEFAULT_WIDTH


FAMILY = Family(
    generate, features, _default_widths, pool=sum_pool, head=parts.head, is_hierarchical=True
)


def _block(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    double_to: tuple[int, int] | None = None,
    down: bool = False,
) -> KerasTensor:
    hidden = max(max(features.shape[-1], filters) // 4, 1)

    def convolve(branch: KerasTensor, filters: int, size: int, index: int) -> KerasTensor:
        own = f"{name}_conv_{index}"
        return parts.convolve(branch, filters, size, normalization, own, normalized_next=index < 4)

    branch = parts.activate(features, normalization, f"{name}_1")
    branch = convolve(branch, hidden, 1, index=1)
    branch = parts.activate(branch, normalization, f"{name}_2")
    if double_to:
        branch = double(branch, f"{name}_up", size=double_to)
    branch = convolve(branch, hidden, 3, index=2)
    branch = parts.activate(branch, normalization, f"{name}_3")
    branch = convolve(branch, hidden, 3, index=3)
    branch = parts.activate(branch, normalization, f"{name}_4")
    if down:
        branch = halve(branch, f"{name}_down")
    branch = convolve(branch, filters, 1, index=4)
    shortcut = _resampled(features, name, double_to, down)
    shortcut = _with_channels(shortcut, filters, normalization, f"{name}_shortcut")
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def _resampled(
    features: KerasTensor, name: str, double_to: tuple[int, int] | None, down: bool
) -> KerasTensor:
    if double_to:
        return double(features, f"{name}_shortcut_up", size=double_to)
    return halve(features, f"{name}_shortcut_down") if down else features


def _with_channels(
    features: KerasTensor, filters: int, normalization: Normalization, name: str
) -> KerasTensor:
    """Leaves channels out, or has new ones beside the old."""
    channels = features.shape[-1]
    if channels > filters:
        return Slice(0, filters, name=f"{name}_fewer")(features)
    if channels == filters:
        return features
    new = parts.convolve(features, filters - channels, 1, normalization, name)
    return layers.Concatenate(name=f"{name}_more")([features, new])
