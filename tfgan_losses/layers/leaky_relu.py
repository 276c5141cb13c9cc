"""A LeakyReLU for discriminators whose gradients are differentiated once more."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from tfgan_losses.types import Tensor

_PLAIN = contextvars.ContextVar("without custom gradients", default=False)


@contextlib.contextmanager
def without_custom_gradients() -> Iterator[None]:
    """Inside it, layers are traced with TensorFlow's own gradient, for graphs that are saved.

    A SavedModel holds the first of two nested custom gradients only, and warns of it on loading.
    """
    token = _PLAIN.set(True)
    try:
        yield
    finally:
        _PLAIN.reset(token)


def is_plain() -> bool:
    """Whether this is inside of `without_custom_gradients`."""
    return _PLAIN.get()


@keras.saving.register_keras_serializable(package="tfgan_losses")
class LeakyReLU(keras.layers.LeakyReLU):
    """`keras.layers.LeakyReLU`, the same numbers and gradients, at less work under a penalty.

    A gradient penalty differentiates `g * f'(x)` with respect to `x`, which is `g * f''(x) = 0`.
    TensorFlow makes zeros of that and sends them back through all layers below: for a convolution
    as much work as its own two gradients. Here nothing is sent back.

    Args:
        negative_slope: Slope below zero, at least 0; 0 makes a ReLU.
        **kwargs: See `keras.layers.Layer`.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import layers
        >>> layers.LeakyReLU(0.2)(np.array([-1.0, 2.0])).numpy()
        array([-0.2,  2. ], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """max(x, 0) + negative_slope min(x, 0), elementwise."""
        slope = float(self.negative_slope)
        return _activate(inputs, slope) if is_plain() else _leaky_relu(inputs, slope)


def _activate(x: Tensor, slope: float) -> Tensor:
    # The graph optimiser makes one operation of a ReLU and the batch normalisation before it.
    return tf.nn.leaky_relu(x, slope) if slope else tf.nn.relu(x)


def _slopes(upstream: Tensor, y: Tensor, slope: float) -> Tensor:
    if slope:
        return tf.raw_ops.LeakyReluGrad(gradients=upstream, features=y, alpha=slope)
    return tf.raw_ops.ReluGrad(gradients=upstream, features=y)


def _leaky_relu(x: Tensor, slope: float) -> Tensor:
    @tf.custom_gradient
    def forward(x: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        y = _activate(x, slope)
        # The outputs have the signs of the inputs. So the inputs are not kept, and the graph
        # optimiser makes one operation of a convolution, its bias and the activation.
        return y, lambda upstream: backward(upstream, y)

    @tf.custom_gradient
    def backward(
        upstream: Tensor, y: Tensor
    ) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, None]]]:
        return _slopes(upstream, y, slope), lambda second: (backward(second, y), None)

    return forward(x)
