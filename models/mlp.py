"""Multilayer perceptrons, for vectors and for small images.

No published table: generator latent - 256 - 256 - example with ReLU, discriminator
example - 256 - 256 - 1 with LeakyReLU(0.2), a common size for two-dimensional mixtures (that of
Gulrajani et al. 2017, arXiv:1704.00028, has 512 units and three hidden layers in their code).
Hidden layers start with He et al. 2015 (normal), the last ones with Glorot & Bengio 2010 (uniform).
Images are flattened, and come out of a tanh; vectors come out of a linear layer.
"""

import math

import keras
from keras import layers

from models.activations import activation
from models.checks import check_example_shape, check_positive
from models.normalization import check_normalization, linear, needs_bias, normalize
from models.precision import output_dtype

_DEFAULT_WIDTH = 256
_HIDDEN_LAYERS = 2


def build_generator(
    *,
    example_shape: tuple[int, ...],
    latent_dim: int,
    width: int | None = None,
    normalization: str = "batch",
) -> keras.Model:
    """Build the generator.

    Args:
        example_shape: `(features,)` or `(height, width, channels)`.
        latent_dim: length of a latent vector.
        width: units of each hidden layer, default 256.
        normalization: "none", "batch", "layer" or "spectral".

    Returns:
        A model `[batch, latent_dim]` -> `[batch, *example_shape]`; images in [-1, 1].

    Raises:
        ValueError: an argument out of its range.
    """
    shape = _check_shape(example_shape)
    latent = keras.Input((check_positive("latent_dim", latent_dim),), name="latent")
    hidden = _hidden_layers(latent, width, normalization, negative_slope=0.0)
    dtype = output_dtype()
    output = layers.Dense(math.prod(shape), name="output", dtype=dtype)
    example = linear(output, normalization)(hidden)
    if len(shape) == 3:
        example = layers.Activation("tanh", name="tanh", dtype=dtype)(example)
        example = layers.Reshape(shape, name="image", dtype=dtype)(example)
    return keras.Model(latent, example, name="generator")


def build_discriminator(
    *,
    example_shape: tuple[int, ...],
    width: int | None = None,
    normalization: str = "none",
) -> keras.Model:
    """Build the discriminator.

    Args:
        example_shape: `(features,)` or `(height, width, channels)`.
        width: units of each hidden layer, default 256.
        normalization: "none", "batch", "layer" or "spectral".

    Returns:
        A model `[batch, *example_shape]` -> logits `[batch, 1]`.

    Raises:
        ValueError: an argument out of its range.
    """
    shape = _check_shape(example_shape)
    example = keras.Input(shape, name="example")
    features = layers.Flatten(name="flatten")(example) if len(shape) == 3 else example
    hidden = _hidden_layers(features, width, normalization, negative_slope=0.2)
    output = layers.Dense(1, name="logits", dtype=output_dtype())
    return keras.Model(example, linear(output, normalization)(hidden), name="discriminator")


def _hidden_layers(features, width: int | None, normalization: str, negative_slope: float):
    check_normalization(normalization)
    units = _DEFAULT_WIDTH if width is None else check_positive("width", width)
    for index in range(1, _HIDDEN_LAYERS + 1):
        dense = layers.Dense(
            units,
            use_bias=needs_bias(normalization),
            kernel_initializer="he_normal",
            name=f"dense_{index}",
        )
        features = linear(dense, normalization)(features)
        features = normalize(features, normalization, f"norm_{index}")
        features = activation(negative_slope, name=f"activation_{index}")(features)
    return features


def _check_shape(example_shape: tuple[int, ...]) -> tuple[int, ...]:
    shape = check_example_shape(example_shape)
    if len(shape) not in (1, 3):
        raise ValueError(
            "`example_shape` must be (features,) or (height, width, channels). "
            f"Received: example_shape={example_shape}"
        )
    return shape
