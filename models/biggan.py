"""BigGAN (Brock et al. 2019, arXiv:1809.11096, appendix B, tables 4 to 6, figure 15).

Images of 8 pixels or more, of any height and width. The tables are those of the paper for 128, 256
and 512 pixels (`models.biggan_parts`); 32 and 64 are the authors' PyTorch code. With 1000 classes
and 120 latent variables the networks for 128 pixels have the paper's 70 433 988 and 87 982 370
parameters.

The generator's "conditional_batch" is hierarchical: the latent vector is cut into chunks of one
length, one for the first dense layer and one for each block, and a block's normalisations are
scaled and shifted by linear maps (without bias) of its chunk and of the class's vector, which all
blocks share. Where the length does not divide, the first chunk takes the rest. Without labels it
is the chunk alone. With any other normalisation the whole latent vector goes to the first layer.
The last normalisation is the same for all classes.

A block of the generator is (normalisation, ReLU, 3x3 convolution) twice, doubled by nearest
neighbours before the first convolution. One of the discriminator is the same without doubling and
halves by average pooling at its end, but the last one, which keeps the resolution; the first one
has no activation in front. Features are summed over positions. Self-attention stands at 64x64, in
the generator for 256 pixels at 128x128 as in the paper, and at no stage below 128 pixels. All
kernels start orthogonal. `width` is the paper's ch, 96.

Different from the paper:
- normalisation is what is asked for; the paper's is "spectral+conditional_batch" in the generator
  and "spectral" in the discriminator, which is what the recipe `biggan` says.
- scales are 1 + linear, as in the authors' code, and epsilon is 1e-5 as there, not 1e-4.
- the discriminator's shortcut is the identity where the number of channels stays, pooled if the
  block halves. So it is in the authors' code but for blocks that halve, which have a convolution
  there; compare_gan, whose counts of parameters these are, has no shortcut in such blocks.
- the embedding of the projection starts as Keras' dense layers do.
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

_DEFAULT_WIDTH = 96

# Number of stages that double the resolution -> the blocks of generator and discriminator that
# self-attention follows.
_ATTENTION = {5: (4, 1), 6: (5, 2), 7: (4, 3)}


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
) -> KerasTensor:
    """Turns latent vectors into images.

    Args:
        latent: `[batch, n]`; n is 120 in the paper at 128 pixels, 140 at 256, 160 at 512.
        example_shape: `(height, width, channels)`, both sides of 8 or more.
        width: Channels of the last block from 128 pixels on; default 96.
        normalization: Any.

    Returns:
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range, or n is below the number of chunks.
    """
    plan = parts.plan(example_shape)
    width = parts.width_or(_DEFAULT_WIDTH, width)
    chunk, normalizations = _hierarchy(latent, normalization, plan.stages)
    image = parts.first_map(chunk, (*plan.sizes[0], plan.generator[0] * width), normalization)
    attended, _ = _ATTENTION.get(plan.stages, (None, None))
    stages = zip(plan.generator[1:], plan.sizes[1:], normalizations, strict=True)
    for index, (multiple, size, own) in enumerate(stages, start=1):
        image = _up_block(image, multiple * width, own, f"block_{index}", size=size)
        if index == attended:
            image = parts.attend(image, normalization, f"block_{index}_attention")
    return parts.to_image(image, example_shape[-1], normalization)


def features(
    example: KerasTensor, *, width: int | None, normalization: Normalization
) -> KerasTensor:
    """Returns the last feature map of the discriminator.

    Args:
        example: `[batch, height, width, channels]`, both sides of 8 or more.
        width: Channels of the first block from 64 pixels on; default 96.
        normalization: Any but the conditional ones.

    Returns:
        `[batch, height, width, channels]`; the paper sums over the positions.

    Raises:
        ValueError: If an argument is out of its range.
    """
    plan = parts.plan(example.shape[1:])
    width = parts.width_or(_DEFAULT_WIDTH, width)
    _, attended = _ATTENTION.get(plan.stages, (None, None))
    for index, multiple in enumerate(plan.discriminator, start=1):
        name, down = f"block_{index}", index <= plan.halvings
        first = index == 1
        example = _down_block(
            example, multiple * width, normalization, name, down=down, first=first
        )
        if index == attended:
            example = parts.attend(example, normalization, f"{name}_attention")
    return activation(0.0, name="activation")(example)


def _default_widths(example_shape: Sequence[int]) -> tuple[int, int]:
    parts.plan(example_shape)
    return _DEFAULT_WIDTH, _DEFAULT_WIDTH


FAMILY = Family(
    generate, features, _default_widths, pool=sum_pool, head=parts.head, is_hierarchical=True
)


def _hierarchy(
    latent: KerasTensor, normalization: Normalization, blocks: int
) -> tuple[KerasTensor, list[Normalization]]:
    """Returns what goes to the first layer, and the normalisation of each block."""
    if not normalization.is_conditional:
        return latent, [normalization] * blocks
    chunks, embedding = _chunks(latent, blocks + 1), parts.embed(latent, normalization)
    conditions = [
        parts.join([*embedding, chunk], f"condition_{index}")
        for index, chunk in enumerate(chunks[1:], start=1)
    ]
    return chunks[0], [normalization.given(condition) for condition in conditions]


def _chunks(latent: KerasTensor, count: int) -> list[KerasTensor]:
    length, rest = divmod(latent.shape[-1], count)
    if not length:
        raise ValueError(
            f"Expected latent_dim >= {count}: one for the first layer and one for each of the "
            f"{count - 1} blocks at this size. Received: latent_dim={latent.shape[-1]}"
        )
    ends = [rest + length * (index + 1) for index in range(count)]
    return [
        Slice(start, end, name=f"chunk_{index}")(latent)
        for index, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
    ]


def _up_block(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    size: tuple[int, int],
) -> KerasTensor:
    branch = parts.activate(features, normalization, f"{name}_1")
    branch = double(branch, f"{name}_up", size=size)
    branch = parts.convolve(
        branch, filters, 3, normalization, f"{name}_conv_1", normalized_next=True
    )
    branch = parts.activate(branch, normalization, f"{name}_2")
    branch = parts.convolve(branch, filters, 3, normalization, f"{name}_conv_2")
    # Of a 1x1 convolution and repeated pixels the order makes no difference but in work.
    shortcut = parts.convolve(features, filters, 1, normalization, f"{name}_shortcut")
    shortcut = double(shortcut, f"{name}_shortcut_up", size=size)
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def _down_block(
    features: KerasTensor,
    filters: int,
    normalization: Normalization,
    name: str,
    *,
    down: bool,
    first: bool,
) -> KerasTensor:
    branch = features if first else parts.activate(features, normalization, f"{name}_1")
    own = normalization.of_image() if first else normalization
    branch = parts.convolve(branch, filters, 3, own, f"{name}_conv_1", normalized_next=True)
    branch = parts.activate(branch, own, f"{name}_2")
    branch = parts.convolve(branch, filters, 3, normalization, f"{name}_conv_2")
    shortcut = features
    if down:
        branch = halve(branch, f"{name}_down")
        # Before the 1x1 convolution, which is the same map and a quarter of the work.
        shortcut = halve(features, f"{name}_shortcut_down")
    if features.shape[-1] != filters:
        shortcut = parts.convolve(shortcut, filters, 1, normalization, f"{name}_shortcut")
    return layers.Add(name=f"{name}_add")([branch, shortcut])
