"""How much generated images resemble each other, beside how much real ones do."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_classes, check_given
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet

# Of the scales, the finest first (Wang et al., 2003).
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW = 11
_BATCH = 2**22  # Values of images that are compared at once.


def ms_ssim(
    images: ArrayLike, pairs: int = 500, seed: int = 0, labels: ArrayLike | None = None
) -> Estimate:
    """The mean multi-scale structural similarity of random pairs of images.

    1 for images that are all the same, lower for more diverse ones. It is about variety only:
    noise is very diverse. Compare with the similarity of real images.

    The window is a Gaussian of 11 pixels and sigma 1.5, and has to fit into the coarsest of the
    scales, each half as large as the one before. From 176 pixels on there are the paper's five;
    smaller images have fewer, with the weights of the first so many divided by their sum; below
    22 it is the plain similarity, and below 11 of a window as large as the image.

    Args:
        images: uint8 [n, height, width, channels].
        pairs: At most so many; no image is in two of them.
        seed: Of the pairs.
        labels: Integers [n]; both images of a pair are of one class. None for any pairs.

    Returns:
        The mean, and its standard error over pairs.

    Raises:
        ValueError: If images or labels are none, there are fewer than 2 pairs, or `pairs` is no
            integer of at least 2.

    References:
        Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        arXiv:1610.09585; Wang et al., 2003, Multi-Scale Structural Similarity for Image Quality
        Assessment.
    """
    check_pairs(pairs)
    images = _checked(images)
    firsts, seconds = _draw_pairs(len(images), labels, np.random.default_rng(seed))
    firsts, seconds = firsts[:pairs], seconds[:pairs]
    if len(firsts) < 2:
        raise ValueError(
            "Expected at least 2 pairs of images, of one class each if there are labels. "
            f"Received: {len(images)} images, which are {len(firsts)} pairs"
        )
    size = max(1, _BATCH // images[0].size)
    found = np.concatenate(
        [
            _similarity(images[firsts[start : start + size]], images[seconds[start : start + size]])
            for start in range(0, len(firsts), size)
        ]
    )
    return Estimate(float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found))))


def check_pairs(pairs: int) -> None:
    """Raises ValueError unless it is a number of pairs."""
    if isinstance(pairs, bool) or not isinstance(pairs, int) or pairs < 2:
        raise ValueError(f"Expected pairs to be an integer >= 2. Received: pairs={pairs!r}")


def _checked(images: ArrayLike) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise ValueError(
            "Expected images uint8 [n, height, width, channels]. "
            f"Received: images of dtype {images.dtype} and shape {images.shape}"
        )
    return images


def _draw_pairs(
    count: int, labels: ArrayLike | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws pairs of which no two share an image, in random order."""
    order = rng.permutation(count)
    # Those of one class come to stand side by side, in random order.
    classes = np.zeros(count, int) if labels is None else check_classes(labels, "labels", count)
    order = order[classes[order].argsort(kind="stable")]
    classes = np.sort(classes)
    places = np.arange(count) - np.searchsorted(classes, classes)
    is_first = (places % 2 == 0) & np.append(classes[1:] == classes[:-1], False)
    first = rng.permutation(np.flatnonzero(is_first))
    return order[first], order[first + 1]


def _similarity(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The similarity of each pair, [pairs]."""
    side = min(x.shape[1:3])
    window = min(_WINDOW, side)
    scales = sum(side >> scale >= window for scale in range(len(_WEIGHTS)))
    weights = np.array(_WEIGHTS[:scales])
    found = tf.image.ssim_multiscale(
        tf.constant(x), tf.constant(y), 255, tuple(weights / weights.sum()), filter_size=window
    )
    return found.numpy().astype(np.float64)


@registry.register("ms_ssim")
class MSSSIM(GeneratorMetric):
    """`ms_ssim` of the generated images and of the real ones; within classes if both have labels.

    Args:
        pairs: At most so many.
        seed: Of the pairs.

    Raises:
        ValueError: If there are fewer than 2.
    """

    best: ClassVar[dict[str, str]] = {"ms_ssim": "min", "ms_ssim_real": "min"}
    of_features: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"examples"})

    def __init__(self, pairs: int = 500, seed: int = 0):
        check_pairs(pairs)
        self.pairs, self.seed = pairs, seed

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns both."""
        in_classes = real.labels is not None and generated.labels is not None
        return {
            name: ms_ssim(
                check_given(examples.examples, "examples", "ms_ssim", "images"),
                self.pairs,
                self.seed,
                examples.labels if in_classes else None,
            )
            for name, examples in (("ms_ssim", generated), ("ms_ssim_real", real))
        }

    def get_config(self) -> dict[str, Any]:
        """Number and seed of the pairs."""
        return {"pairs": self.pairs, "seed": self.seed}
