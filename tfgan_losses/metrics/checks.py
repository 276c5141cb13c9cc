"""What all metrics refuse, in one voice."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def check_pair(
    real: ArrayLike, generated: ArrayLike, *, at_least: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Returns features of real and of generated examples, in float64.

    Args:
        real: [n, features], of any float type.
        generated: [m, features]; m need not be n.
        at_least: So many rows of each.

    Returns:
        Both as float64 arrays; the same arrays where they are that already.

    Raises:
        ValueError: If they are not matrices of one width of a float type, one has fewer than
            `at_least` rows, or a value is not finite.
    """
    real, generated = _as_floats(real, "real"), _as_floats(generated, "generated")
    matrices = real.ndim == generated.ndim == 2
    if not matrices or real.shape[1] != generated.shape[1] or real.shape[1] == 0:
        raise ValueError(
            "Expected features [n, features] and [m, features] of one width. "
            f"Received: shapes {real.shape} and {generated.shape}"
        )
    if min(len(real), len(generated)) < at_least:
        raise ValueError(
            f"Expected at least {at_least} examples of each. "
            f"Received: {len(real)} real and {len(generated)} generated"
        )
    _check_finite(real, "real")
    _check_finite(generated, "generated")
    return real, generated


def check_logits(logits: ArrayLike, name: str = "logits", *, at_least: int = 1) -> np.ndarray:
    """Returns the logits of a classifier, in float64.

    Args:
        logits: [n, classes], without softmax, of any float type.
        name: What they are called in messages.
        at_least: So many rows.

    Returns:
        float64 [n, classes].

    Raises:
        ValueError: If they are not a matrix of a float type with 2 columns or more, there are
            fewer than `at_least` rows, or a value is not finite.
    """
    logits = _as_floats(logits, name)
    if logits.ndim != 2 or logits.shape[1] < 2:
        raise ValueError(
            "Expected logits [n, classes] of at least 2 classes. "
            f"Received: {name} of shape {logits.shape}"
        )
    if len(logits) < at_least:
        raise ValueError(f"Expected at least {at_least} examples. Received: {len(logits)} {name}")
    _check_finite(logits, name)
    return logits


def check_classes(classes: ArrayLike, name: str, count: int | None = None) -> np.ndarray:
    """Returns one class for each example.

    Args:
        classes: Integers [n], at least 0.
        name: What they are called in messages.
        count: n, or None if any number will do.

    Returns:
        int64 [n].

    Raises:
        ValueError: If they are not such integers.
    """
    classes = np.asarray(classes)
    if classes.ndim != 1 or classes.dtype.kind not in "iu" or not len(classes):
        raise ValueError(
            f"Expected one integer for each example. Received: {name} of dtype {classes.dtype} and "
            f"shape {classes.shape}"
        )
    if count is not None and len(classes) != count:
        raise ValueError(f"Expected {count} {name}. Received: {len(classes)}")
    if classes.min() < 0:
        raise ValueError(f"Expected classes from 0 on. Received: {classes.min()} in {name}")
    return classes.astype(np.int64)


def check_given(value: np.ndarray | None, name: str, metric: str, remedy: str) -> np.ndarray:
    """Returns what a metric needs beside features.

    Args:
        value: What there is of it.
        name: What it is, for messages.
        metric: Who needs it.
        remedy: Where it comes from.

    Raises:
        ValueError: If there is none.
    """
    if value is None:
        raise ValueError(f"Expected {name} for {metric}: {remedy}. Received: {name}=None")
    return value


def _as_floats(x: ArrayLike, name: str) -> np.ndarray:
    x = np.asarray(x)
    # bfloat16 is no float type of NumPy's own.
    if x.dtype.kind != "f" and x.dtype.name != "bfloat16":
        raise ValueError(
            "Expected features of a float type, such as a feature extractor gives; examples are "
            f"none. Received: {name} of dtype {x.dtype}"
        )
    return x.astype(np.float64, copy=False)


def _check_finite(x: np.ndarray, name: str) -> None:
    # A sum is not finite if a term is not, and needs no array of its own.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(x.sum()):
            return
    rows = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if len(rows):
        raise ValueError(
            f"Expected finite features. Received: NaN or infinity in {len(rows)} of {len(x)} rows "
            f"of {name}, the first of them row {rows[0]}"
        )
