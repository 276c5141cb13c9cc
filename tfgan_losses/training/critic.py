"""The one place that differentiates a discriminator with respect to its input."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import tensorflow as tf

from tfgan_losses.types import Examples, Logits, Outputs, Tensor


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
        discriminate: Callable[[Examples], Outputs],
        known: Iterable[tuple[Tensor, Tensor]] = (),
    ):
        self._discriminate, self._known = discriminate, tuple(known)

    def __call__(self, examples: Examples) -> Tensor:
        """The logits."""
        return self._discriminate(examples)["logits"]

    def gradients(self, examples: Examples) -> Tensor:
        """dD/dx at examples, of their shape."""
        for known, gradients in self._known:
            if known is examples:
                return gradients
        return outputs_and_gradients(self._discriminate, examples)[1]


def input_gradients(critic: Callable[[Examples], Logits], inputs: Examples) -> Tensor:
    """dD/dx of each example, differentiable once more.

    Args:
        critic: Maps [batch, ...] inputs to raw outputs; labels and `training` closed over.
        inputs: Floating-point tensor [batch, ...] of any rank.

    Returns:
        The gradients, the shape of `inputs`. Patch outputs [batch, h, w, 1] are summed per
        example first. Zero where the outputs do not depend on the inputs.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import penalties
        >>> penalties.input_gradients(lambda x: x**2, tf.constant([[3.0]])).numpy()
        array([[6.]], dtype=float32)
    """
    if isinstance(critic, Critic):
        return critic.gradients(inputs)
    return outputs_and_gradients(lambda x: {"logits": critic(x)}, inputs)[1]


def outputs_and_gradients(
    discriminate: Callable[[Examples], Outputs], inputs: Examples
) -> tuple[Outputs, Tensor]:
    """The outputs of one pass, and the gradients of its logits; see `input_gradients`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        outputs = discriminate(inputs)
        # Summed over the batch too: with no layer that mixes examples, the gradient of the sum
        # with respect to one example is that example's own gradient.
        total = tf.reduce_sum(tf.cast(tf.convert_to_tensor(outputs["logits"]), tf.float32))
    zero = tf.UnconnectedGradients.ZERO
    return outputs, tape.gradient(total, inputs, unconnected_gradients=zero)
