"""Blocks of a discriminator that stay as they are (FreezeD)."""

from __future__ import annotations

import re

import keras
from tfgan_losses.models.checks import check_positive

# The names that families give to the layers of a block: "conv_1" and "norm_1" of a DCGAN,
# "dense_1" of an MLP, "block_1_conv_2" of a ResNet, "block_16_1_conv_2" of R3GAN.
_OF_A_BLOCK = re.compile(
    r"(?:conv|dense|norm|activation)_(\d+)|block_(\d+(?:_\d+(?=_))?)_[a-z_]+(?:_\d+)?"
)


def blocks_of(discriminator: keras.Model) -> list[list[keras.Layer]]:
    """Returns the layers with variables of each block, the block next to the image first.

    A block is a convolution (DCGAN) or a dense layer (MLP) with its normalisation and activation,
    or a residual block (ResNet, R3GAN); what lies before the first one belongs to that. The heads
    belong to none.

    Args:
        discriminator: Of `build_discriminator`; any other model has no blocks, unless its layers
            are named like these.
    """
    blocks: dict[str, list[keras.Layer]] = {}
    before_all = []
    for layer in (layer for layer in discriminator.layers if layer.variables):
        match = _OF_A_BLOCK.fullmatch(layer.name)
        if match is not None:
            blocks.setdefault(match[1] or match[2], []).append(layer)
        elif not blocks:
            before_all.append(layer)
    first, *others = blocks.values() or [[]]
    return [[*before_all, *first], *others] if blocks else []


def freeze_blocks(discriminator: keras.Model, count: int) -> list[keras.Layer]:
    """Freezes the first blocks of a discriminator: neither weights nor statistics change.

    Call it before `GAN.compile`, since optimisers keep state for what is trained.

    Args:
        discriminator: Changed in place; see `blocks_of`.
        count: So many blocks from the image on; 0 freezes nothing.

    Returns:
        The frozen layers.

    Raises:
        ValueError: If there are not so many blocks.

    References:
        Mo, Cho & Shin 2020, Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs,
        arXiv:2002.10964.
    """
    if count == 0:
        return []
    check_positive("freeze_d", count)
    blocks = blocks_of(discriminator)
    if count > len(blocks):
        raise ValueError(
            f"Expected freeze_d <= {len(blocks)}, the number of blocks of this discriminator"
            + ("" if blocks else ": its layers are not named as those of models/ are")
            + f". Received: freeze_d={count}"
        )
    frozen = [layer for block in blocks[:count] for layer in block]
    for layer in frozen:
        layer.trainable = False
    return frozen
