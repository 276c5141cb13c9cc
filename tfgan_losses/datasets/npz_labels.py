"""Labels among arrays, and the names of their classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from absl import logging

from tfgan_losses.datasets.array_files import Arrays
from tfgan_losses.datasets.folder_listing import natural_names, printable

LABEL_KEYS = ("labels", "label", "y_train", "y")
NAME_KEYS = ("class_names", "label_names", "names")


class Labels(NamedTuple):
    """Labels of a set: the array, the number of classes, and how they are called."""

    array: np.ndarray | None = None
    num_classes: int | None = None
    class_names: tuple[str, ...] | None = None


def count_classes(labels: np.ndarray | None, num_classes: int | None) -> tuple[int, ...] | None:
    """Returns the number of examples of each class; None without labels."""
    if labels is None or num_classes is None:
        return None
    return tuple(np.bincount(labels, minlength=num_classes).tolist())


def warn_of_empty_classes(
    name: str, counts: tuple[int, ...] | None, class_names: tuple[str, ...] | None
) -> None:
    """Warns if a class has no examples: nobody can learn what its samples should be."""
    empty = [label for label, count in enumerate(counts or ()) if not count]
    if empty:
        listed = ", ".join(class_names[i] if class_names else str(i) for i in empty[:10])
        logging.warning(
            "%s: %d of the %d classes have no examples: %s%s.",
            name, len(empty), len(counts or ()), listed, ", ..." if len(empty) > 10 else "",
        )  # fmt: skip


def read_labels(arrays: Arrays, size: int, path: str) -> Labels:
    """Reads the labels of a file, if it has any.

    They are integers from 0, `[size]` or `[size, 1]`, one-hot vectors, or words, whose numbers are
    those of their natural order. Names of the classes of integers are an array of their own.

    Args:
        arrays: The open file.
        size: Number of examples.
        path: The name of the file, for messages.

    Raises:
        ValueError: If they are nothing of that, or if most classes would have no examples.
    """
    key = next((key for key in LABEL_KEYS if key in arrays.keys), None)
    if key is None:
        return Labels()
    header = arrays.get(key)
    kind, shape = header.dtype.kind, header.shape
    if kind in "US" and shape in [(size,), (size, 1)]:
        return _of_words(_words(header.read()).reshape(size))
    labels: np.ndarray | None = None
    if shape in [(size,), (size, 1)] and kind in "iu":
        labels = header.read().reshape(size)
    elif len(shape) == 2 and shape[0] == size and kind in "iufb":
        labels = _of_one_hot(header.read())
    if labels is None or labels.min() < 0 or labels.max() >= np.iinfo(np.int32).max:
        raise ValueError(
            f"{path}: expected {key!r} to be {size} integers >= 0 of at most 31 bits, one for "
            f"each example, or {size} words or one-hot vectors. "
            f"Received: shape={shape}, dtype={header.dtype}"
        )
    width = shape[1] if len(shape) == 2 and shape[1] > 1 else 0
    num_classes = max(int(labels.max()) + 1, width)
    names = _class_names(arrays, num_classes, path)
    num_classes = num_classes if names is None else len(names)
    if (present := len(np.unique(labels))) * 2 < num_classes and names is None:
        raise ValueError(
            f"{path}: expected {key!r} to be numbers of classes from 0, most of which have "
            f"examples, or words. Received: {present} classes, numbered from {labels.min()} to "
            f"{labels.max()}"
        )
    return Labels(labels.astype(np.int32), num_classes, names)


def _of_words(words: np.ndarray) -> Labels:
    found, numbers = np.unique(words, return_inverse=True)
    ordered = natural_names(found.tolist())
    rank = {name: number for number, name in enumerate(ordered)}
    ranks = np.array([rank[name] for name in found.tolist()], np.int32)
    return Labels(ranks[numbers], len(ordered), tuple(map(printable, ordered)))


def _of_one_hot(vectors: np.ndarray) -> np.ndarray | None:
    whole = ((vectors == 0) | (vectors == 1)).all() and (vectors.sum(axis=1) == 1).all()
    return vectors.argmax(axis=1) if whole else None


def _class_names(arrays: Arrays, least: int, path: str) -> tuple[str, ...] | None:
    key = next((key for key in NAME_KEYS if key in arrays.keys), None)
    if key is None:
        return None
    header = arrays.get(key)
    fits = header.dtype.kind in "US" and len(header.shape) == 1 and header.shape[0] >= least
    names = tuple(map(printable, _words(header.read()).tolist())) if fits else ()
    if not fits or len(set(names)) < len(names):
        raise ValueError(
            f"{path}: expected {key!r} to be at least {least} different words, one for each class. "
            f"Received: shape={header.shape}, dtype={header.dtype}"
        )
    return names


def _words(array: np.ndarray) -> np.ndarray:
    return np.char.decode(array, "utf-8", "backslashreplace") if array.dtype.kind == "S" else array
