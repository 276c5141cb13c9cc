"""What every feature extractor has in common."""

from __future__ import annotations

import abc
from typing import NamedTuple

import numpy as np

Facts = dict[str, str | int | float | list[int] | None]


class Extracted(NamedTuple):
    """Features [n, features], float32, and logits [n, classes] or None."""

    features: np.ndarray
    logits: np.ndarray | None = None


class FeatureExtractor(abc.ABC):
    """Maps examples to features: numbers of different extractors do not compare.

    Attributes:
        name: Stands in the name of every number that comes of it, and belongs to no other one:
            `"pixels"`, `"inception-2015"`, `"digits-cnn-1f2e3d4c"`.
        has_logits: Whether it is a classifier.
        has_maps: Whether it has features of patches of an image, too; see `maps`.
    """

    name: str
    has_logits: bool = False
    has_maps: bool = False

    @abc.abstractmethod
    def facts(self) -> Facts:
        """What another person needs to get the same numbers, in plain values.

        `hash` of the file or the weights, `input_size` [height, width] or None for any, `resizer`
        to it, `input_range` of the values that it gets, `layer`, and what else there is to say.
        """

    def resizing(self, example_shape: tuple[int, ...]) -> str:
        """Returns how images of a shape get to their size, in words; "" if they keep it.

        Aspect ratios are not kept where the sizes have different ones: every pixel is looked at, as
        by the authors' graph, torch-fidelity and clean-fid.
        """
        facts = self.facts()
        size, resizer = facts["input_size"], facts["resizer"]
        if not isinstance(size, list) or resizer is None or [*example_shape[:2]] == size:
            return ""
        (height, width), (new_height, new_width) = example_shape[:2], size
        how = "resized" if height * new_width == width * new_height else "stretched"
        return f"images {how} from {height}x{width} to {new_height}x{new_width} by {resizer}"

    @abc.abstractmethod
    def check(self, example_shape: tuple[int, ...]) -> None:
        """Raises ValueError if it cannot read examples of this shape."""

    @abc.abstractmethod
    def __call__(self, examples: np.ndarray) -> Extracted:
        """Returns features and logits of a batch; each row depends on its example alone.

        Args:
            examples: Images uint8 [n, height, width, channels] in 0..255; anything else as it is,
                float32 [n, ...].
        """

    def maps(self, examples: np.ndarray) -> np.ndarray:
        """Returns feature maps [n, height, width, features] of a batch.

        Args:
            examples: As above.

        Raises:
            ValueError: If it has none.
        """
        raise ValueError(
            "Expected an extractor with feature maps, such as inception:<inception-2015-12-05.tgz "
            "or .pb> or model:<.keras file>#<layer before the last pooling>. "
            f"Received: extractor={self.name!r}"
        )


def check_batch(examples: np.ndarray) -> None:
    """Refuses images that are not as files have them.

    Raises:
        ValueError: If images are no uint8, anything else is no float, or there are no examples.
    """
    if not len(examples):
        raise ValueError(f"Expected at least one example. Received: shape={examples.shape}")
    if examples.ndim == 4 and examples.dtype != np.uint8:
        raise ValueError(
            "Expected images as uint8 in 0..255, as `extractors.quantised` makes them of floats in "
            f"[-1, 1]. Received: dtype={examples.dtype}, shape={examples.shape}"
        )
    if examples.ndim != 4 and not np.issubdtype(examples.dtype, np.floating):
        raise ValueError(
            "Expected floats, since these are no images [n, height, width, channels]. "
            f"Received: dtype={examples.dtype}, shape={examples.shape}"
        )
