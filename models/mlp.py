"""Multilayer perceptrons, for vectors and for small images.

No published table. "mlp": generator latent - 256 - 256 - example with ReLU, discriminator
example - 256 - 256 - 1 with LeakyReLU(0.2), a common size for two-dimensional mixtures (that of
Gulrajani et al. 2017, arXiv:1704.00028, has 512 units and three hidden layers in their code).
"deep_mlp": five hidden layers of 64 units in the generator and four in the discriminator, SiLU:
what benchmarks/mixtures.py found to draw narrow modes best for its time. Hidden layers start with
He et al. 2015 (normal), the last ones with Glorot & Bengio 2010 (uniform).
Images are flattened, and come out of a tanh; vectors come out of a linear layer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_example_shape, check_positive
from tfgan_losses.models.family import Family
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype


@dataclass(frozen=True)
class _Style:
    width: int
    g_layers: int
    d_layers: int
    # Slopes below zero of ReLUs; None for SiLU.
    slopes: tuple[float, float] | None


_MLP = _Style(width=256, g_layers=2, d_layers=2, slopes=(0.0, 0.2))
_DEEP_MLP = _Style(width=64, g_layers=5, d_layers=4, slopes=None)


def generate(
    latent: KerasTensor,
    *,
    example_shape: Sequence[int],
    width: int | None,
    normalization: Normalization,
    style: _Style = _MLP,
) -> KerasTensor:
    """Turns latent vectors into examples.

    Args:
        latent: `[batch, n]`.
        example_shape: `(features,)` or `(height, width, channels)`.
        width: Units of each hidden layer, default 256, or 64 in the deep one.
        normalization: Any but "instance".
        style: Layers and activations.

    Returns:
        `[batch, *example_shape]`; images in [-1, 1].

    Raises:
        ValueError: If an argument is out of its range.
    """
    shape = check_example_shape(example_shape)
    slope = style.slopes and style.slopes[0]
    units = _units(width, style)
    hidden = _hidden_layers(latent, style.g_layers, units, normalization, slope)
    dtype = output_dtype()
    output = layers.Dense(math.prod(shape), name="output", dtype=dtype)
    example = normalization.linear(output)(hidden)
    if len(shape) == 3:
        example = layers.Activation("tanh", name="tanh", dtype=dtype)(example)
        example = layers.Reshape(shape, name="image", dtype=dtype)(example)
    return example


def features(
    example: KerasTensor,
    *,
    width: int | None,
    normalization: Normalization,
    style: _Style = _MLP,
) -> KerasTensor:
    """Returns the hidden units of the discriminator.

    Args:
        example: `[batch, features]` or `[batch, height, width, channels]`.
        width: Units of each hidden layer, default 256, or 64 in the deep one.
        normalization: Any but "instance" and "conditional_batch".
        style: Layers and activations.

    Returns:
        `[batch, width]`.

    Raises:
        ValueError: If an argument is out of its range.
    """
    if len(example.shape) == 4:
        example = layers.Flatten(name="flatten")(example)
    slope = style.slopes and style.slopes[1]
    return _hidden_layers(example, style.d_layers, _units(width, style), normalization, slope)


FAMILY = Family(generate, features, lambda example_shape: (_MLP.width, _MLP.width))
DEEP_FAMILY = Family(
    functools.partial(generate, style=_DEEP_MLP),
    functools.partial(features, style=_DEEP_MLP),
    lambda example_shape: (_DEEP_MLP.width, _DEEP_MLP.width),
)


def _units(width: int | None, style: _Style) -> int:
    return style.width if width is None else check_positive("width", width)


def _hidden_layers(
    hidden: KerasTensor,
    count: int,
    units: int,
    normalization: Normalization,
    negative_slope: float | None,
) -> KerasTensor:
    for index in range(1, count + 1):
        dense = layers.Dense(
            units,
            use_bias=normalization.needs_bias,
            kernel_initializer="he_normal",
            name=f"dense_{index}",
        )
        hidden = normalization(normalization.linear(dense)(hidden), f"norm_{index}")
        hidden = activation(negative_slope, name=f"activation_{index}")(hidden)
    return hidden
