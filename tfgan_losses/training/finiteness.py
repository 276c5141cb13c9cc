"""Whether the weights of a model are numbers still."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_losses.types import Tensor


def first_non_finite_variable(model: keras.Model) -> str | None:
    """Returns what to call the first variable that holds a NaN or an infinity, or None.

    Args:
        model: A GAN, whose networks are named, or another model.
    """
    floating = [v for v in model.variables if keras.backend.is_float_dtype(v.dtype)]
    if not floating:
        return None
    # One answer for all: the device is waited for once.
    finite = _are_finite([tf.convert_to_tensor(v) for v in floating]).numpy()
    bad = next((v for v, ok in zip(floating, finite, strict=True) if not ok), None)
    return None if bad is None else f"{bad.path}{_owner(model, bad)}"


def _owner(model: keras.Model, variable: keras.Variable) -> str:
    for role in ("generator", "discriminator", "ema_generator"):
        network = getattr(model, role, None)
        if network is not None and any(variable is own for own in network.variables):
            return f" of the {role}"
    return ""


@tf.function(autograph=False, reduce_retracing=True)
def _are_finite(tensors: Sequence[Tensor]) -> Tensor:
    return tf.stack([tf.reduce_all(tf.math.is_finite(tensor)) for tensor in tensors])
