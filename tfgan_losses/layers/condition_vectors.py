"""Labels and codes as a network sees them."""

from __future__ import annotations

from typing import Any

import keras

from tfgan_losses import conditioning
from tfgan_losses.conditioning import Condition
from tfgan_losses.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tfgan_losses")
class ConditionVectors(keras.layers.Layer):
    """Encodes labels `[batch]` or codes `[batch, factors]`: `[batch, condition.size]`, float32.

    Args:
        condition: Whose values they are; an object, a name, or a config.
        **kwargs: Of `keras.layers.Layer`.

    Raises:
        tf.errors.InvalidArgumentError: When it is called on a label or code that does not exist.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.ConditionVectors("labels(num_classes=3)")(np.array([2, 0])).numpy()
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """

    def __init__(self, condition: Condition | str | dict, **kwargs: Any):
        # Large labels are no numbers of half precision.
        super().__init__(**{"autocast": False, **kwargs})
        self.condition: Condition = conditioning.registry.get(condition)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the vectors."""
        return self.condition.encode(inputs)

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Returns the shape of the vectors."""
        return keras.KerasTensor((inputs.shape[0], self.condition.size), "float32")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the vectors."""
        return (input_shape[0], self.condition.size)

    def get_config(self) -> dict[str, Any]:
        """Returns the condition as a config."""
        return super().get_config() | {"condition": conditioning.serialize(self.condition)}
