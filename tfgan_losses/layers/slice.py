"""Some of the last axis."""

from __future__ import annotations

from typing import Any

import keras

from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class Slice(keras.layers.Layer):
    """Returns the entries from `start` to `stop` of the last axis, `inputs[..., start:stop]`.

    Args:
        start: The first entry, at least 0.
        stop: The one after the last, above `start`.
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        ValueError: If these are no such numbers, or the axis is shorter.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.Slice(1, 3)(np.arange(4.0)[None]).numpy()
        array([[1., 2.]], dtype=float32)
    """

    def __init__(self, start: int, stop: int, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= start < stop:
            raise ValueError(f"Expected 0 <= start < stop. Received: start={start}, stop={stop}")
        self.start, self.stop = start, stop

    def build(self, input_shape: Shape) -> None:
        """Creates nothing."""
        if input_shape[-1] is None or input_shape[-1] < self.stop:
            raise ValueError(
                f"Expected inputs with a last axis of {self.stop} or more. "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the entries."""
        return inputs[..., self.start : self.stop]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape with so many entries."""
        return (*input_shape[:-1], self.stop - self.start)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return super().get_config() | {"start": self.start, "stop": self.stop}
