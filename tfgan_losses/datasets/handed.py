"""What a person hands to a training in Python, as a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import keras

from tfgan_losses.datasets.hugging_face import from_hugging_face, is_hugging_face
from tfgan_losses.datasets.py_datasets import from_py_dataset

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import Source


def as_source(data: object, *, num_classes: int | None = None) -> Source:
    """Returns a data set of Hugging Face, or a `PyDataset`, as a source; others as they are.

    Args:
        data: Whatever was handed over; whether it is a source is not looked at here.
        num_classes: Number of classes that the networks are conditioned on, if they are.

    Raises:
        ValueError: As `from_hugging_face` and `from_py_dataset`, which take options, too.
    """
    if is_hugging_face(data):
        return from_hugging_face(data)
    if isinstance(data, keras.utils.PyDataset):
        return from_py_dataset(data, num_classes=num_classes)
    return cast("Source", data)
