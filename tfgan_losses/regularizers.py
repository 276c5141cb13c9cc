"""Regularisers of the weights of a network, and how they are attached to one that is built."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras import ops

from tfgan_losses.layers.shared_embedding import SharedEmbedding
from tfgan_losses.layers.spectral_kernels import SpectralKernel, find_kernels, is_supported
from tfgan_losses.registry import Identifier, Registry, spec_of
from tfgan_losses.types import Scalar, Tensor, TensorLike

registry = Registry("regulariser", base=keras.regularizers.Regularizer)


@registry.register("orthogonal")
class Orthogonal(keras.regularizers.Regularizer):
    """Holds the outputs of a layer apart: weight * ||W^T W * (1 - I)||_F^2, * elementwise.

    The products of different columns of W shall vanish, while their lengths are free. W is the
    matrix `[everything else, out]` of a kernel, whose last axis is that of the outputs; `apply`
    finds it in kernels that lie otherwise, such as those of transposed convolutions.

    Args:
        weight: Factor >= 0, the paper's beta.

    Raises:
        ValueError: If it is negative or not finite.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import regularizers
        >>> float(regularizers.Orthogonal(weight=1.0)(np.eye(3, dtype="float32")))
        0.0

    References:
        Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis,
        arXiv:1809.11096, equation 3.
    """

    def __init__(self, *, weight: float = 1e-4):
        if not 0.0 <= weight < math.inf:
            raise ValueError(f"Expected weight >= 0 and finite. Received: weight={weight}")
        self.weight = weight

    def __call__(self, x: TensorLike) -> Tensor:
        """The regulariser of a kernel [..., out], a scalar."""
        x = ops.convert_to_tensor(x)
        matrix = ops.reshape(x, (-1, x.shape[-1]))
        products = ops.matmul(ops.transpose(matrix), matrix)
        others = 1.0 - ops.eye(x.shape[-1], dtype=products.dtype)
        return self.weight * ops.sum(ops.square(products * others))

    def __repr__(self) -> str:
        return spec_of(self)

    def get_config(self) -> dict[str, Any]:
        """The weight."""
        return {"weight": self.weight}


class _OfKeras:
    """A regulariser of Keras as a spec would name it, since its options are tensors."""

    registered_name: str
    get_config: Callable[[], dict[str, Any]]

    def __repr__(self) -> str:
        options = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{self.registered_name}({options})"


@registry.register("l2")
class L2(_OfKeras, keras.regularizers.L2):
    """Keras' own, l2 * ||W||_F^2."""


@registry.register("orthogonal_regularizer")
class OrthogonalRegularizer(_OfKeras, keras.regularizers.OrthogonalRegularizer):
    """Keras' own: the mean of |cos| of the angles between the rows, or the columns, of W."""


@keras.saving.register_keras_serializable("tfgan_losses")
class OfMatrix(keras.regularizers.Regularizer):
    """A regulariser of the matrix `[everything else, out]` of a kernel, as that of `Dense` lies.

    Args:
        regularizer: Of such a matrix; an object, or its config.
        row_axes: The axes of the kernel that are those of the outputs.
    """

    def __init__(self, regularizer: Identifier, row_axes: tuple[int, ...]):
        self.regularizer, self.row_axes = registry.get(regularizer), tuple(row_axes)

    def __call__(self, x: TensorLike) -> Scalar:
        """The regulariser of a kernel, a scalar."""
        x = ops.convert_to_tensor(x)
        matrix = SpectralKernel(x, self.row_axes).to_matrix(x)
        return self.regularizer(ops.transpose(matrix))

    def __repr__(self) -> str:
        return repr(self.regularizer)

    def get_config(self) -> dict[str, Any]:
        """The regulariser and the axes."""
        regularizer = keras.saving.serialize_keras_object(self.regularizer)
        return {"regularizer": regularizer, "row_axes": list(self.row_axes)}


def apply(network: keras.Model, regularizer: Identifier) -> None:
    """Attaches a regulariser to every kernel of a built network.

    Kernels are those of dense layers and of convolutions of every kind, also within
    `SpectralNormalization`, where W is the variable and not W / sigma. Biases, scales of
    normalisations, what a class is looked up in (embeddings, conditional normalisation that is not
    spectral) and layers of other classes are left alone. `network.losses` count it, `GAN` adds
    these to the loss of the network, and a saved network keeps it.

    Args:
        network: A built network.
        regularizer: A name, a spec (`"orthogonal(weight=1e-4)"`), or an object of Keras.

    Raises:
        ValueError: If the network is not built or has no kernels, or one has a regulariser.
    """
    regularizer = registry.get(regularizer)
    if not network.built:
        raise ValueError(f"Expected a built network. Received: network={network}")
    found = list(_kernels_of(network))
    for layer, _, attribute in found:
        if getattr(layer, attribute) is not None:
            raise ValueError(
                "Expected kernels without a regulariser. Received: a layer "
                f"{layer.name!r} with {attribute}={getattr(layer, attribute)}"
            )
    if not found:
        raise ValueError(f"Expected a network with kernels. Received: network={network}")
    for layer, kernel, attribute in found:
        # The layer has it for its config, the variable for what is added to the loss.
        attached = OfMatrix(regularizer, kernel.row_axes)
        setattr(layer, attribute, attached)
        kernel.variable.regularizer = attached


def of_network(network: keras.Model) -> list[str]:
    """The different regularisers that trainable weights of a network have, as specs.

    Args:
        network: A built model.
    """
    found = [v.regularizer for v in network.trainable_variables if v.regularizer is not None]
    return list(dict.fromkeys(map(written, found)))


def written(regularizer: keras.regularizers.Regularizer) -> str:
    """A regulariser as a spec; one of a user's own by its class.

    Args:
        regularizer: Any of Keras'.
    """
    own = isinstance(regularizer, Orthogonal | OfMatrix | _OfKeras)
    return repr(regularizer) if own else type(regularizer).__name__


def _kernels_of(network: keras.Model) -> Iterator[tuple[keras.Layer, SpectralKernel, str]]:
    """Layers, their kernels, and where each layer has the regulariser of a kernel."""
    for layer in dict.fromkeys(network._flatten_layers()):
        if not is_supported(layer) or isinstance(layer, keras.layers.Embedding | SharedEmbedding):
            continue
        for kernel in find_kernels(layer) if layer.built else ():
            part = kernel.variable.name.removesuffix("_kernel")  # `depthwise_kernel`, `kernel`.
            depthwise = keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D
            part = "depthwise" if isinstance(layer, depthwise) else part
            yield layer, kernel, f"{part}_regularizer"


names = registry.names
get = registry.get_or_none
