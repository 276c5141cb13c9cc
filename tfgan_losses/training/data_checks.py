"""The data, labels and codes that `GAN` refuses, each with one message that says why."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.conditioning import Condition
from tfgan_losses.training.inspection import fits
from tfgan_losses.types import Shape, Tensor, TensorLike


def check_training_data(
    x: object,
    batch_size: int | None,
    example_shape: Shape,
    *,
    y: object = None,
    condition: Condition | None = None,
    **divisors: int,
) -> None:
    """Raises ValueError if what `fit` was given cannot be examples for the discriminator.

    Shapes and batch sizes that are only known while training are not checked here. `divisors`
    are what `check_batch_size` takes.
    """
    if condition is not None and condition.source == "labels":
        _check_labels(x, y, condition)
    if isinstance(x, tf.data.Dataset):
        spec = x.element_spec[0] if isinstance(x.element_spec, tuple) else x.element_spec
        if not isinstance(spec, tf.TensorSpec) or spec.shape.rank is None:
            return
        shape, dtype, batch_size = tuple(spec.shape[1:]), spec.dtype.name, spec.shape[0]
    elif isinstance(x, np.ndarray | tf.Tensor):
        shape, dtype = tuple(x.shape[1:]), keras.backend.standardize_dtype(x.dtype)
        batch_size = batch_size or 32
    else:
        return
    if not fits(shape, example_shape):
        raise ValueError(
            f"Expected examples of shape {example_shape}, which the generator makes. "
            f"Received: x with examples of shape {shape}"
        )
    if "float" not in dtype:
        raise ValueError(
            "Expected floating-point examples, images scaled to [-1, 1] as the generator makes "
            f"them. Received: x of dtype {dtype}"
        )
    check_batch_size(batch_size, **divisors)


def _check_labels(x: object, y: object, condition: Condition) -> None:
    if isinstance(x, tf.data.Dataset):
        missing = not isinstance(x.element_spec, tuple) or len(x.element_spec) < 2
    else:
        missing = y is None and isinstance(x, np.ndarray | tf.Tensor)
    if missing:
        raise ValueError(
            "The GAN is conditioned on labels. Expected pairs (examples, labels): fit(x, y), "
            "or a tf.data.Dataset of pairs. Received: examples without labels"
        )
    if isinstance(x, tf.data.Dataset):
        spec = x.element_spec[1]
        if isinstance(spec, tf.TensorSpec) and spec.shape.rank is not None:
            # Refuses by type and shape; the values come with the batches.
            tf.function(condition.check_batch, autograph=False).get_concrete_function(spec)
    elif hasattr(y, "__array__"):
        condition.check_batch(y)


def check_values(
    condition: Condition | None, count: int, **given: TensorLike | None
) -> Tensor | None:
    """The labels or codes for `generate` as a tensor; None if they are to be drawn.

    Raises:
        ValueError: If they do not fit the condition.
    """
    source = None if condition is None else condition.source
    for name, value in given.items():
        if value is not None and name != source:
            raise ValueError(
                f"Expected {name} only for a GAN that is conditioned on {name}. "
                f"Received: {name} for one with condition={source}"
            )
    if condition is None or given[condition.source] is None:
        return None
    return condition.check(given[condition.source], count)


def check_batch_size(
    batch_size: int | None, *, d_steps: int = 1, accumulate: int = 1, replicas: int = 1
) -> None:
    """Raises ValueError unless a batch can be divided among updates, replicas and parts.

    Args:
        batch_size: Examples of a batch of `fit`, None if that is not known.
        d_steps: Discriminator updates that share it.
        accumulate: Parts of the examples of one update.
        replicas: Replicas that share each part.
    """
    if batch_size is not None and batch_size % (d_steps * accumulate * replicas):
        raise ValueError(
            f"Expected a batch size divisible by d_steps={d_steps}"
            + (f" times accumulate={accumulate}" if accumulate > 1 else "")
            + (f" times {replicas} replicas" if replicas > 1 else "")
            + f": a batch holds the real examples of {d_steps} discriminator updates. "
            f"Received: batch_size={batch_size}"
        )
