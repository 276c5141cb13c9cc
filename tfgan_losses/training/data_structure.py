"""What a batch, or a whole set of data, consists of: examples and labels, however they come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

EXAMPLES = ("image", "images", "x", "examples")
LABELS = ("label", "labels", "y")
_WEIGHTS = ("weight", "weights", "sample_weight", "sample_weights")


class DataError(ValueError):
    """What was given cannot be trained on; the message is one line for a person."""

    # AutoGraph raises errors again that have the constructor of all, others as its own.
    __init__ = Exception.__init__


# Any, of every library that has arrays: NumPy's, tensors, their types and shapes alone.
def as_pair(batch: object) -> tuple[Any, Any]:
    """Examples and labels of a batch, None for no labels.

    Args:
        batch: Examples; a tuple or list of examples and labels; a dictionary of both, or of one
            inside of a tuple, under the names of `EXAMPLES` and `LABELS`. What else a dictionary
            holds, such as the names of files, is no part of the training.

    Raises:
        DataError: If it is none of these, or has weights of examples.
    """
    parts = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
    if len(parts) > 2 and parts[2] is not None:
        refuse_weights("sample_weight")
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"Expected batches (examples,) or (examples, labels). Received: {len(parts)} parts"
        )
    examples, labels = parts[0], parts[1] if len(parts) > 1 else None
    if isinstance(examples, Mapping):
        if labels is None and set(examples) & set(LABELS):
            labels = _named(examples, LABELS)
        examples = _named(examples, EXAMPLES)
    if isinstance(labels, Mapping):
        labels = _named(labels, LABELS)
    return examples, labels


def _named(parts: Mapping[str, object], names: Collection[str]) -> object:
    for name in _WEIGHTS:
        if parts.get(name) is not None:
            refuse_weights(name)
    found = [name for name in names if name in parts]
    if len(found) != 1:
        raise DataError(
            f"Expected a dictionary with one of the names {', '.join(names)}. "
            f"Received: one with {', '.join(map(str, parts))}"
        )
    return parts[found[0]]


def refuse_weights(name: str) -> NoReturn:
    """Raises DataError: examples have no weights in a GAN."""
    raise DataError(
        f"Expected no {name}: an update looks at real and generated examples together. To show "
        "some examples more often, repeat them in the data, or draw them so with "
        f"tf.data.Dataset.sample_from_datasets. Received: {name}"
    )
