"""Multilayer perceptrons, for vectors and for small images.

No published table: generator latent - 256 - 256 - example with ReLU, discriminator
example - 256 - 256 - 1 with LeakyReLU(0.2), a common size for two-dimensional mixtures (that of
Gulrajani et al. 2017, arXiv:1704.00028, has 512 units and three hidden layers in their code).
Hidden layers start with He et al. 2015 (normal), the last ones with Glorot & Bengio 2010 (uniform).
Images are flattened, and come out of a tanh; vectors come out of a linear layer.
"""

import math

from keras import layers

from models.activations import activation
from models.checks import check_example_shape, check_positive
from models.family import Family
from models.normalization import Normalization
from models.precision import output_dtype

_DEFAULT_WIDTH = 256
_HIDDEN_LAYERS = 2


def generate(latent, *, example_shape, width: int | None, normalization: Normalization):
    """Turn latent vectors into examples.

    Args:
        latent: `[batch, n]`.
        example_shape: `(features,)` or `(height, width, channels)`.
        width: units of each hidden layer, default 256.
        normalization: any but "instance".

    Returns:
        `[batch, *example_shape]`; images in [-1, 1].

    Raises:
        ValueError: an argument out of its range.
    """
    shape = check_example_shape(example_shape)
    hidden = _hidden_layers(latent, width, normalization, negative_slope=0.0)
    dtype = output_dtype()
    output = layers.Dense(math.prod(shape), name="output", dtype=dtype)
    example = normalization.linear(output)(hidden)
    if len(shape) == 3:
        example = layers.Activation("tanh", name="tanh", dtype=dtype)(example)
        example = layers.Reshape(shape, name="image", dtype=dtype)(example)
    return example


def features(example, *, width: int | None, normalization: Normalization):
    """Return the hidden units of the discriminator.

    Args:
        example: `[batch, features]` or `[batch, height, width, channels]`.
        width: units of each hidden layer, default 256.
        normalization: any but "instance" and "conditional_batch".

    Returns:
        `[batch, width]`.

    Raises:
        ValueError: an argument out of its range.
    """
    if len(example.shape) == 4:
        example = layers.Flatten(name="flatten")(example)
    return _hidden_layers(example, width, normalization, negative_slope=0.2)


FAMILY = Family(generate, features)


def _hidden_layers(hidden, width: int | None, normalization: Normalization, negative_slope: float):
    units = _DEFAULT_WIDTH if width is None else check_positive("width", width)
    for index in range(1, _HIDDEN_LAYERS + 1):
        dense = layers.Dense(
            units,
            use_bias=normalization.needs_bias,
            kernel_initializer="he_normal",
            name=f"dense_{index}",
        )
        hidden = normalization(normalization.linear(dense)(hidden), f"norm_{index}")
        hidden = activation(negative_slope, name=f"activation_{index}")(hidden)
    return hidden
