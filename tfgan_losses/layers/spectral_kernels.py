"""Which kernels a layer has, and which matrix each of them is for spectral normalisation.

Every kernel is a linear map. Its matrix is `[rows, columns]` with the output of the layer on the
rows; only the split of the kernel's axes into rows and columns differs between layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

import keras
from keras import layers, ops

from tfgan_losses.types import Tensor


@dataclass(frozen=True)
class SpectralKernel:
    """One kernel variable of a built layer, with the axes that are the rows of its matrix."""

    variable: keras.Variable
    row_axes: tuple[int, ...]

    @property
    def _order(self) -> tuple[int, ...]:
        columns = (axis for axis in range(len(self.variable.shape)) if axis not in self.row_axes)
        return (*self.row_axes, *columns)

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """`(rows, columns)`; each is at least 1."""
        rows = columns = 1
        for axis, size in enumerate(self.variable.shape):
            if axis in self.row_axes:
                rows *= size
            else:
                columns *= size
        return rows, columns

    def to_matrix(self, kernel: Tensor) -> Tensor:
        """Brings a tensor with the shape of the variable to `matrix_shape`."""
        rank = len(self.variable.shape)
        if self.row_axes == tuple(range(rank - len(self.row_axes), rank)):
            # A transposed matrix is multiplied with as it lies; other orders have to be copied.
            rows, columns = self.matrix_shape
            return ops.transpose(ops.reshape(kernel, (columns, rows)))
        return ops.reshape(ops.transpose(kernel, self._order), self.matrix_shape)


def _last_axis(layer: keras.Layer, rank: int) -> tuple[int, ...]:
    return (rank - 1,)


def _last_but_one_axis(layer: keras.Layer, rank: int) -> tuple[int, ...]:
    # Kernels of transposed convolutions are stored as [..., out, in].
    return (rank - 2,)


def _last_two_axes(layer: keras.Layer, rank: int) -> tuple[int, ...]:
    # [..., in, multiplier]: a depthwise convolution has in * multiplier output channels.
    return (rank - 2, rank - 1)


def _first_axis(layer: keras.Layer, rank: int) -> tuple[int, ...]:
    # An embedding table is taken as it is, [input_dim, output_dim], as torch does.
    return (0,)


def _einsum_output_axes(layer: keras.Layer, rank: int) -> tuple[int, ...]:
    left, output = layer.equation.replace(" ", "").split("->")
    kernel_letters = left.split(",")[1]
    return tuple(axis for axis, letter in enumerate(kernel_letters) if letter in output)


RowAxes = Callable[[keras.Layer, int], tuple[int, ...]]

# Layer class -> the kernels by variable name, each with the rule for its rows. The variable is
# looked up by name: `layer.kernel` may be a property that returns a tensor.
_RULES: dict[type[keras.Layer], dict[str, RowAxes]] = {
    layers.Dense: {"kernel": _last_axis},
    layers.Conv1D: {"kernel": _last_axis},
    layers.Conv2D: {"kernel": _last_axis},
    layers.Conv3D: {"kernel": _last_axis},
    layers.Conv1DTranspose: {"kernel": _last_but_one_axis},
    layers.Conv2DTranspose: {"kernel": _last_but_one_axis},
    layers.Conv3DTranspose: {"kernel": _last_but_one_axis},
    layers.DepthwiseConv1D: {"kernel": _last_two_axes},
    layers.DepthwiseConv2D: {"kernel": _last_two_axes},
    layers.SeparableConv1D: {"depthwise_kernel": _last_two_axes, "pointwise_kernel": _last_axis},
    layers.SeparableConv2D: {"depthwise_kernel": _last_two_axes, "pointwise_kernel": _last_axis},
    layers.Embedding: {"embeddings": _first_axis},
    layers.EinsumDense: {"kernel": _einsum_output_axes},
}


def is_supported(layer: object) -> TypeGuard[keras.Layer]:
    """Whether the layer is of a class whose kernels are known here (subclasses included)."""
    return isinstance(layer, tuple(_RULES))


def check_layer(layer: object) -> None:
    """Refuses a layer whose kernels cannot be normalised.

    Raises:
        ValueError: If the class is not known, or the kernel is not one plain variable because
            LoRA or quantisation is on.
    """
    if not is_supported(layer):
        known = ", ".join(cls.__name__ for cls in _RULES)
        raise ValueError(
            "SpectralNormalization cannot find the kernel of this layer. Expected an instance of "
            f"one of: {known}. Received: layer={layer}"
        )
    if getattr(layer, "lora_rank", None) or getattr(layer, "lora_enabled", False):
        raise ValueError(
            "SpectralNormalization needs a layer whose kernel is one variable. Expected a layer "
            f"without LoRA (`lora_rank=None`). Received: layer={layer} with "
            f"lora_rank={layer.lora_rank}"
        )
    if layer.quantization_mode is not None:
        raise ValueError(
            "SpectralNormalization needs a layer whose kernel is one floating point variable. "
            f"Expected a layer that is not quantised. Received: layer={layer} with "
            f"quantization_mode={layer.quantization_mode!r}"
        )


def find_kernels(layer: keras.Layer) -> list[SpectralKernel]:
    """Lists the kernels of a built layer that `check_layer` accepts."""
    rules = next(rules for cls, rules in _RULES.items() if isinstance(layer, cls))
    by_name = {variable.name: variable for variable in layer.weights}
    kernels = []
    for name, row_axes in rules.items():
        variable = by_name[name]
        kernels.append(SpectralKernel(variable, row_axes(layer, len(variable.shape))))
    return kernels
