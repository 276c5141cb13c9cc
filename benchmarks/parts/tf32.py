"""TensorFloat-32: the number format of a GPU's products of float32, or its emulation elsewhere.

A GPU rounds the operands of convolutions and matrix products to 10 bits of mantissa and sums in
float32. The emulation does so in the pass, in its gradient, and in the gradient of that. It rounds
to the nearest, ties to even, which a card may do otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import tensorflow as tf

from tfgan_losses.types import Tensor

_DROPPED = 23 - 10  # bits of the mantissa

Gradient = Callable[[Tensor], Tensor]


def is_real() -> bool:
    """Whether there is a GPU, which is asked for it instead of the emulation."""
    return bool(tf.config.list_physical_devices("GPU"))


@contextlib.contextmanager
def products(enabled: bool) -> Iterator[None]:
    """Inside it, products of float32 are computed in TF32, or surely are not.

    Functions must be traced inside of it.
    """
    if is_real():
        before = tf.config.experimental.tensor_float_32_execution_enabled()
        tf.config.experimental.enable_tensor_float_32_execution(enabled)
        try:
            yield
        finally:
            tf.config.experimental.enable_tensor_float_32_execution(before)
        return
    own = {(tf.nn, "convolution"): tf.nn.convolution, (tf, "matmul"): tf.matmul}
    own[tf, "tensordot"] = tf.tensordot
    try:
        for (module, name), function in own.items() if enabled else ():
            setattr(module, name, _with_rounded_operands(function))
        yield
    finally:
        for (module, name), function in own.items():
            setattr(module, name, function)


def _with_rounded_operands(product: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def rounded(a: Tensor, b: Tensor, *arguments: object, **options: object) -> Tensor:
        a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
        if a.dtype != tf.float32:
            return product(a, b, *arguments, **options)
        return _pass(product(_round(a), _round(b), *arguments, **options))

    return rounded


@tf.custom_gradient
def _round(x: Tensor) -> tuple[Tensor, Gradient]:
    """An operand; what comes back for it is a result, and its gradient an operand again."""
    return nearest(x), _pass


@tf.custom_gradient
def _pass(x: Tensor) -> tuple[Tensor, Gradient]:
    """A result; what comes back for it is an operand of the products of the gradient."""
    return tf.identity(x), _round


def nearest(x: Tensor) -> Tensor:
    """The nearest numbers of 10 bits of mantissa, those that end in 0 of two equally near."""
    bits = tf.bitcast(x, tf.int32)
    is_odd = tf.bitwise.bitwise_and(tf.bitwise.right_shift(bits, _DROPPED), 1)
    bits += is_odd + (1 << (_DROPPED - 1)) - 1
    return tf.bitcast(tf.bitwise.bitwise_and(bits, -(1 << _DROPPED)), tf.float32)
