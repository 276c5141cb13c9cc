"""The data, labels and codes that `GAN` refuses, each with one message that says why."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from tfgan_losses.conditioning import Condition
from tfgan_losses.training.data_structure import DataError
from tfgan_losses.training.inspection import fits
from tfgan_losses.training.output_range import Range
from tfgan_losses.types import Shape, Tensor, TensorLike

# What rounding in half precision may add.
_TOLERANCE = 0.01
# What resizing by polynomials may add beside edges, as a part of the whole range.
_OVERSHOOT = 0.25
# Images in [0, 1] or standardised ones stay below, those of 8 bits hardly ever do.
_LEVELS = 16.0


def check_kind(shape: Shape, dtype: str, example_shape: Shape, reach: Range | None) -> None:
    """Raises DataError if a batch of this shape and type cannot be examples.

    Args:
        shape: Of the whole batch, as far as it is known.
        dtype: Its type.
        example_shape: What the generator makes.
        reach: In which range.
    """
    if not fits(shape[1:], example_shape) or not shape:
        raise DataError(
            f"Expected batches of examples of shape {example_shape}, which the generator makes. "
            f"Received: x with examples of shape {shape[1:]}{_advice_for(shape, example_shape)}"
        )
    if "float" not in dtype:
        images = f", images scaled to {reach or '[-1, 1]'} by {_scaling(reach)}"
        raise DataError(
            "Expected floating-point examples"
            f"{images if len(example_shape) == 3 or reach else ', such as x.astype(np.float32)'}. "
            f"Received: x of dtype {dtype}"
        )


def _advice_for(shape: Shape, example_shape: Shape) -> str:
    if fits(shape, example_shape):
        return f": single ones of shape {shape}. Give fit(..., batch_size=32), or dataset.batch(32)"
    moved = (*shape[2:], *shape[1:2])
    if len(example_shape) == 3 and len(moved) == 3 and fits(moved, example_shape):
        return ". Channels come last: x.transpose(0, 2, 3, 1), or x.permute(0, 2, 3, 1) in PyTorch"
    return ""


def _scaling(reach: Range | None) -> str:
    return "x / 255" if reach is not None and reach.low == 0.0 else "x / 127.5 - 1"


def is_source(x: object) -> bool:
    """Whether an object has what training asks of a `Source`."""
    return callable(getattr(x, "batches", None)) and hasattr(x, "example_shape")


def check_source(source: object) -> None:
    """Raises DataError if a run cannot take its data from an object."""
    if not is_source(source):
        raise DataError(
            "Expected a source: tfgan_losses.datasets.load('folder:photos'), "
            "MemorySource.from_arrays(images, name='mine') of tfgan_losses.datasets.source, a data "
            "set of Hugging Face, a keras.utils.PyDataset, or an object of your own with "
            "example_shape and batches(batch_size, seed=..., start=...). "
            f"Received: source of type {type(source).__name__}"
        )


def check_examples(
    examples: np.ndarray, example_shape: Shape, reach: Range | None, where: str = ""
) -> tuple[float, float]:
    """The lowest and the highest value of a batch, or of a whole set.

    Args:
        examples: [n, ...].
        example_shape: What the generator makes.
        reach: In which range.
        where: What the message says of the place, such as " in batch 3".

    Raises:
        DataError: If there are none, or they have another shape, are no floating-point numbers,
            not finite, or out of the reach of the generator.
    """
    if not len(np.atleast_1d(examples)):
        raise DataError(f"Expected at least one example. Received: none{where}")
    check_kind(examples.shape, examples.dtype.name, example_shape, reach)
    # NumPy's minimum and maximum are NaN if one value is: no further pass, and no memory.
    low, high = float(np.min(examples)), float(np.max(examples))
    if not (math.isfinite(low) and math.isfinite(high)):
        _refuse_non_finite(examples, where)
    if reach is not None:
        _check_range(low, high, reach, where)
    elif len(example_shape) == 3 and low >= 0.0 and high > _LEVELS:
        raise DataError(
            f"Expected images scaled to about [-1, 1] by {_scaling(reach)}. Received: values from "
            f"{low:g} to {high:g}{where}, which look like levels of 8 bits. "
            "A generator of other numbers from 0 on ends in relu or softplus"
        )
    return low, high


def are_plain(examples: Tensor, reach: Range | None) -> Tensor:
    """Whether there is surely nothing to say of the values of a batch; in a graph."""
    largest = examples.dtype.max
    if reach is not None:
        low, high = reach.low, min(reach.high, largest)
    else:
        high = _LEVELS if examples.shape.rank == 4 else largest
        low = -high
    least, greatest = tf.reduce_min(examples), tf.reduce_max(examples)
    # False for NaN, and for no examples, whose least value is infinite.
    return (low <= least) & (least <= high) & (greatest <= high)


def _refuse_non_finite(examples: np.ndarray, where: str) -> None:
    bad = ~np.isfinite(examples)
    first = tuple(int(i) for i in np.unravel_index(np.argmax(bad), bad.shape))
    raise DataError(
        f"Expected finite examples. Received: {np.count_nonzero(bad)} of {bad.size} values NaN or "
        f"infinite{where}, the first at {first}"
    )


def _check_range(low: float, high: float, reach: Range, where: str) -> None:
    width = reach.high - reach.low
    margin = _OVERSHOOT * width if math.isfinite(width) else _TOLERANCE
    if reach.low - margin <= low and high <= reach.high + margin:
        return
    if low >= 0.0 and high > 2.0:
        advice = f"Images of 8 bits are scaled by {_scaling(reach)}."
    elif reach.low == 0.0 and low >= -1.5 and high <= 1.5:
        advice = "Those in [-1, 1] are scaled by (x + 1) / 2."
    else:
        other = ", or give the generator another last activation"
        advice = f"Scale them{other if reach.augmentation is None else ''}."
    raise DataError(
        f"Expected examples in {reach}, {reach.reason}. "
        f"Received: values from {low:g} to {high:g}{where}. {advice}"
    )


def overshoot(low: float, high: float, reach: Range | None) -> str | None:
    """A warning of values a little beyond what the generator makes."""
    if reach is None or reach.augmentation is not None:
        return None
    if reach.low - _TOLERANCE <= low and high <= reach.high + _TOLERANCE:
        return None
    return (
        f"The examples have values from {low:g} to {high:g}, and the generator makes {reach}: the "
        "discriminator can tell them apart by those beyond. If that comes of resizing, clip them: "
        f"np.clip(x, {reach.low:g}, {reach.high:g})."
    )


def half_range(low: float, high: float, example_shape: Shape, reach: Range | None) -> str | None:
    """A warning of images that leave out the negative half of what the generator makes."""
    if len(example_shape) != 3 or reach is None or reach.augmentation is not None:
        return None
    if reach.low >= 0.0 or low < 0.0 or high <= 0.0:
        return None
    return (
        f"The images have values from {low:g} to {high:g}, and the generator makes {reach}: the "
        "discriminator tells them apart by that alone. Images in [0, 1] are scaled by 2 * x - 1."
    )


def classes_of(labels: object, condition: Condition, count: int) -> np.ndarray:
    """Labels of a batch, or of a whole set, as numbers of classes, int32 [count].

    Args:
        labels: Integers, one-hot vectors or names; None if there are none.
        condition: What the networks are conditioned on.
        count: Examples that the labels belong to.

    Raises:
        ValueError: If labels are missing, there are more or fewer, or they are no classes.
    """
    _refuse_missing(labels)
    with tf.device("CPU:0"):
        classes = np.asarray(condition.check_batch(labels))
    if len(classes) != count:
        raise DataError(
            "Expected as many labels as examples. "
            f"Received: {count} examples and {len(classes)} labels"
        )
    return classes


def check_label_spec(spec: object, condition: Condition) -> None:
    """Raises ValueError if no labels of this type and shape can be classes."""
    _refuse_missing(spec)
    if isinstance(spec, tf.TensorSpec) and spec.shape.rank is not None:
        tf.function(condition.check_batch, autograph=False).get_concrete_function(spec)


def _refuse_missing(labels: object) -> None:
    if labels is None:
        raise DataError(
            "The GAN is conditioned on labels. Expected pairs (examples, labels): fit(x, y), "
            "or a data set of pairs. Received: examples without labels"
        )


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
    batch_size: int | None,
    *,
    d_steps: int = 1,
    accumulate: int = 1,
    replicas: int = 1,
    pack: int = 1,
) -> None:
    """Raises ValueError unless a batch can be divided among updates, replicas and parts.

    Args:
        batch_size: Examples of a batch of `fit`, None if that is not known.
        d_steps: Discriminator updates that share it.
        accumulate: Parts of the examples of one update.
        replicas: Replicas that share each part.
        pack: Examples that the discriminator sees as one.
    """
    if batch_size is not None and batch_size % (d_steps * accumulate * replicas * pack):
        raise DataError(
            f"Expected a batch size divisible by "
            f"{divided_by(d_steps, accumulate, replicas, pack)}: "
            f"a batch holds the real examples of {d_steps} discriminator updates. "
            f"Received: batch_size={batch_size}"
        )


def divided_by(d_steps: int = 1, accumulate: int = 1, replicas: int = 1, pack: int = 1) -> str:
    """What a batch is divided by, in words."""
    return (
        f"d_steps={d_steps}"
        + (f" times accumulate={accumulate}" if accumulate > 1 else "")
        + (f" times {replicas} replicas" if replicas > 1 else "")
        + (f" times pack={pack}" if pack > 1 else "")
    )
