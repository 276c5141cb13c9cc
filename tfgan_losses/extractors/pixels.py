"""Features without a network: the numbers of an example themselves."""

from __future__ import annotations

import numpy as np

from tfgan_losses.extractors.base import Extracted, Facts, FeatureExtractor


class Pixels(FeatureExtractor):
    """The values of an image, in [-1, 1]; for points their coordinates, named `points`.

    Cheap, and honest only about small images: two pictures of one thing a few pixels apart are
    far from each other.

    Args:
        example_shape: Of the examples.
    """

    def __init__(self, example_shape: tuple[int, ...]):
        self.example_shape = tuple(example_shape)
        self.name = "pixels" if len(self.example_shape) == 3 else "points"

    def facts(self) -> Facts:
        """The size; there is nothing to hash."""
        return {"hash": None, "input_size": [*self.example_shape], "resizer": None}

    def check(self, example_shape: tuple[int, ...]) -> None:
        """Raises ValueError if it is another shape."""
        if tuple(example_shape) != self.example_shape:
            raise ValueError(
                f"Expected examples of shape {self.example_shape}. "
                f"Received: example_shape={tuple(example_shape)}"
            )

    def __call__(self, examples: np.ndarray) -> Extracted:
        """Returns the values in a row."""
        self.check(examples.shape[1:])
        values = examples.astype(np.float32)
        if examples.dtype == np.uint8:
            values = values / 127.5 - 1
        return Extracted(values.reshape(len(values), -1))
