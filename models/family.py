"""What a family of networks offers: functions of tensors that every kind of model is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.precision import output_dtype


def dense_head(units: int, name: str) -> keras.Layer:
    """Returns a dense layer with Keras' initialisers, in the precision of last layers."""
    return layers.Dense(units, name=name, dtype=output_dtype())


def sum_pool(features: KerasTensor) -> KerasTensor:
    """Sums a feature map over its positions.

    Args:
        features: `[batch, height, width, channels]`.

    Returns:
        `[batch, channels]`.
    """
    # Keras has only the mean, and a sum is the mean times the number of positions. In float32:
    # the sum of up to 64 positions is large for half precision.
    positions = features.shape[1] * features.shape[2]
    dtype = output_dtype()
    mean = layers.GlobalAveragePooling2D(name="mean_pool", dtype=dtype)(features)
    return layers.Rescaling(float(positions), name="sum_pool", dtype=dtype)(mean)


def _identity(features: KerasTensor) -> KerasTensor:
    return features


@dataclass(frozen=True)
class Family:
    """The functions of one family.

    Args:
        generate: `(latent, *, example_shape, width, normalization)` -> examples
            `[batch, *example_shape]`, the latent being any tensor `[batch, n]`.
        features: `(example, *, width, normalization)` -> what the discriminator sees in examples
            after its last activation, `[batch, n]` or `[batch, height, width, channels]`.
        default_widths: `example_shape` -> the widths of generator and discriminator that None
            stands for.
        pool: Features -> the vector `[batch, n]` that the last dense layer is applied to.
        head: `(units, name)` -> a new dense layer for that vector, in full precision.
        is_hierarchical: Whether "conditional_batch" goes by latent vectors as well as conditions,
            so that it needs none: the latent vector is its condition then.
        places_condition: Whether `generate` finds the condition in `normalization.condition` and
            has a place for it; else it is concatenated to the latent vector.
    """

    generate: Callable[..., KerasTensor]
    features: Callable[..., KerasTensor]
    default_widths: Callable[[Sequence[int]], tuple[int, int]]
    pool: Callable[[KerasTensor], KerasTensor] = _identity
    head: Callable[[int, str], keras.Layer] = dense_head
    is_hierarchical: bool = False
    places_condition: bool = False
