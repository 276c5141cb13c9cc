"""The error of an autoencoder, as a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from tfgan_losses.types import Shape, Tensor

_ERRORS = {"absolute": ops.abs, "squared": ops.square}
_REDUCTIONS = {"mean": ops.mean, "sum": ops.sum}


@keras.saving.register_keras_serializable(package="tfgan_losses")
class ReconstructionError(keras.layers.Layer):
    """Measures how far a reconstruction is from the example, one number for each example.

    Called on `[example, reconstruction]`, both `[batch, ...]`, it returns `[batch, 1]` in float32.
    The error has a gradient to both: where the example is a generated one, it moves as well.

    The margins of EBGAN are for a summed error; the mean absolute error is BEGAN's.

    Args:
        error: "absolute" or "squared" differences.
        reduction: "mean" or "sum" over all axes but that of the batch.
        **kwargs: Of `keras.layers.Layer`; the default `dtype` is float32, whatever the policy.

    Raises:
        ValueError: If the error or the reduction is unknown.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.ReconstructionError()([np.zeros([2, 3]), np.ones([2, 3])]).numpy()
        array([[1.],
               [1.]], dtype=float32)

    References:
        Zhao, Mathieu & LeCun 2017, Energy-based Generative Adversarial Network, arXiv:1609.03126.
        Berthelot, Schumm & Metz 2017, BEGAN, arXiv:1703.10717.
    """

    def __init__(self, *, error: str = "absolute", reduction: str = "mean", **kwargs: Any):
        _check("error", error, _ERRORS)
        _check("reduction", reduction, _REDUCTIONS)
        # Small differences of large numbers, and a sum over many positions.
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.error = error
        self.reduction = reduction

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Returns the errors `[batch, 1]`."""
        example, reconstruction = inputs
        errors = _ERRORS[self.error](example - reconstruction)
        axes = tuple(range(1, len(errors.shape)))
        return ops.expand_dims(_REDUCTIONS[self.reduction](errors, axis=axes), -1)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Returns `[batch, 1]`."""
        return (input_shape[0][0], 1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"error": self.error, "reduction": self.reduction}


def _check(argument: str, value: str, known: dict[str, Callable[..., Tensor]]) -> None:
    if value not in known:
        raise ValueError(f"Expected {argument} in {list(known)}. Received: {argument}={value!r}")
