"""The one place that differentiates a discriminator with respect to its input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

Outputs = dict[str, tf.Tensor]

# Inside the square root: sqrt, tf.norm and keras.ops.norm have no finite gradient at 0.
_NORM_EPSILON = 1e-12


class Critic:
    """The logits of a discriminator as a function of examples [batch, ...] alone.

    Args:
        discriminate: Maps examples to all outputs of the discriminator by name; what else it is
            given is closed over.
        known: Examples and the gradients there, of passes that were made anyhow: to ask for the
            gradients at these very tensors costs nothing.
    """

    def __init__(
        self,
        discriminate: Callable[[Any], Outputs],
        known: Iterable[tuple[tf.Tensor, tf.Tensor]] = (),
    ):
        self._discriminate, self._known = discriminate, tuple(known)

    def __call__(self, examples: Any) -> tf.Tensor:
        """The logits."""
        return self._discriminate(examples)["logits"]

    def gradients(self, examples: Any) -> tf.Tensor:
        """dD/dx at examples, of their shape."""
        for known, gradients in self._known:
            if known is examples:
                return gradients
        return outputs_and_gradients(self._discriminate, examples)[1]


def input_gradients(critic: Callable[[Any], Any], inputs: Any) -> tf.Tensor:
    """dD/dx of each example, differentiable once more.

    Args:
        critic: Maps [batch, ...] inputs to raw outputs; labels and `training` closed over.
        inputs: Floating-point tensor [batch, ...] of any rank.

    Returns:
        The gradients, the shape of `inputs`. Patch outputs [batch, h, w, 1] are summed per
        example first. Zero where the outputs do not depend on the inputs.
    """
    if isinstance(critic, Critic):
        return critic.gradients(inputs)
    return outputs_and_gradients(lambda x: {"logits": critic(x)}, inputs)[1]


def outputs_and_gradients(
    discriminate: Callable[[Any], Outputs], inputs: Any
) -> tuple[Outputs, tf.Tensor]:
    """The outputs of one pass, and the gradients of its logits; see `input_gradients`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        outputs = discriminate(inputs)
        # Summed over the batch too: with no layer that mixes examples, the gradient of the sum
        # with respect to one example is that example's own gradient.
        total = tf.reduce_sum(tf.cast(tf.convert_to_tensor(outputs["logits"]), tf.float32))
    zero = tf.UnconnectedGradients.ZERO
    return outputs, tape.gradient(total, inputs, unconnected_gradients=zero)


def squared_norm(gradients: Any) -> tf.Tensor:
    """The squared Euclidean norm of each example over all its axes: [batch, ...] -> [batch]."""
    return tf.reduce_sum(tf.square(gradients), axis=tuple(range(1, len(gradients.shape))))


def norm_from_squared(squared: Any) -> tf.Tensor:
    """sqrt(squared + 1e-12), elementwise, with a finite gradient at 0."""
    return tf.sqrt(squared + _NORM_EPSILON)
