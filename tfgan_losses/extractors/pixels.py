"""Features without a network: the numbers of an example themselves."""

from __future__ import annotations

import numpy as np

from tfgan_losses.extractors.areas import area_weights
from tfgan_losses.extractors.base import Extracted, Facts, FeatureExtractor, check_batch

_MOST = 16


class Pixels(FeatureExtractor):
    """The values of an image, in [-1, 1]; for points their coordinates, named `points`.

    Cheap, and honest only about small images: two pictures of one thing a few pixels apart are
    far from each other. Areas of larger images are averaged down to at most 16x16, since a
    covariance of thousands of pixels is slow and says nothing; then it is named `pixels-16x16`.

    Args:
        example_shape: Of the examples.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses.extractors import Pixels
        >>> Pixels((28, 28, 1))(np.zeros([2, 28, 28, 1], "uint8")).features.shape
        (2, 256)
    """

    def __init__(self, example_shape: tuple[int, ...]):
        self.example_shape = tuple(int(size) for size in example_shape)
        self.name = "points"
        self._weights: list[np.ndarray] = []
        if len(self.example_shape) == 3:
            sizes = [min(size, _MOST) for size in self.example_shape[:2]]
            self.name = "pixels"
            if sizes != [*self.example_shape[:2]]:
                self.name += f"-{sizes[0]}x{sizes[1]}"
                self._weights = [
                    area_weights(old, new).astype(np.float32)
                    for old, new in zip(self.example_shape, sizes, strict=False)
                ]

    def facts(self) -> Facts:
        """The sizes; there is nothing to hash."""
        images = len(self.example_shape) == 3
        sizes = [len(weights) for weights in self._weights] or [*self.example_shape[:2]]
        return {
            "hash": None,
            "input_size": sizes if images else None,
            "resizer": "area" if self._weights else None,
            "input_range": [-1, 1] if images else None,
            "layer": None,
        }

    def check(self, example_shape: tuple[int, ...]) -> None:
        """Raises ValueError if it is another shape."""
        if tuple(example_shape) != self.example_shape:
            raise ValueError(
                f"Expected examples of shape {self.example_shape} for the extractor "
                f"{self.name!r}. Received: example_shape={tuple(example_shape)}"
            )

    def __call__(self, examples: np.ndarray) -> Extracted:
        """Returns the values in a row."""
        self.check(examples.shape[1:])
        check_batch(examples)
        values = examples.astype(np.float32)
        if examples.ndim == 4:
            values = values / 127.5 - 1
        if self._weights:
            rows, columns = self._weights
            # One axis after the other: [h, i] [n, i, w c], then [w, j] [n, h, j, c].
            count, height, width, channels = values.shape
            values = rows @ values.reshape(count, height, width * channels)
            values = columns @ values.reshape(count, len(rows), width, channels)
        return Extracted(values.reshape(len(values), -1))
