"""How alike generated images are to each other, beside how alike real ones are."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_classes, check_given
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.random import derived_seed

# From the finest scale to the coarsest: Wang et al., 2003, section 3.2.
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_FILTER = 11  # Pixels, with a standard deviation of 1.5.
_ENTRIES = 2**22  # Pixels, times channels, that are compared at once.


def ms_ssim(
    images: ArrayLike, labels: ArrayLike | None = None, *, pairs: int = 500, seed: int = 0
) -> Estimate:
    """The mean multi-scale structural similarity of random pairs of these images.

    1 if all are alike, near 0 if they have nothing in common. Alone it says little: generated
    images lack diversity where they are more alike than real ones, and noise is least alike.

    Of the five scales of the paper there are as many as the images have room for
    (`number_of_scales`), with the weights of these divided by their sum, so that similarities of
    images of different sizes do not compare.

    Args:
        images: uint8 [n, height, width, channels].
        labels: Classes, integers [n]: pairs are of one class each, as in the paper. None pairs any
            images.
        pairs: So many at most; no image is in two of them.
        seed: Of the pairs.

    Returns:
        The mean over pairs and its standard error, or None for this if there is one pair.

    Raises:
        ValueError: If they are no uint8 images of at least 3 x 3 pixels, labels are no classes, or
            no two images can be paired.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> rng = np.random.default_rng(0)
        >>> images = rng.integers(0, 256, [1, 32, 32, 1], "uint8").repeat(10, axis=0)
        >>> round(metrics.ms_ssim(images, pairs=20).value, 4)  # All the same.
        1.0

    References:
        Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, section 4.2,
        arXiv:1610.09585; Wang et al., 2003, Multi-Scale Structural Similarity for Image Quality
        Assessment.
    """
    _check_pairs(pairs)
    images = _check_images(images)
    if labels is None:
        labels = np.zeros(len(images), np.int64)
    chosen = _random_pairs(check_classes(labels, "labels", len(images)), pairs, seed)
    parts = math.ceil(len(chosen) * images[0].size / _ENTRIES)
    similarities = np.concatenate(
        [
            _similarities(images[some[:, 0]], images[some[:, 1]])
            for some in np.array_split(chosen, min(parts, len(chosen)))
        ]
    )
    if len(chosen) == 1:
        return Estimate(float(similarities[0]))
    error = similarities.std(ddof=1) / np.sqrt(len(chosen))
    return Estimate(float(similarities.mean()), float(error))


def number_of_scales(height: int, width: int) -> int:
    """Returns at how many scales, each half the one before, images of this size are compared.

    The filter of 11 pixels fits into all of them: 5 from 176 pixels on, 4 from 88, 3 from 44, 2
    from 22, else 1. Below 11 pixels the filter is the largest odd one that fits.
    """
    room = min(height, width) // _FILTER
    return min(max(room, 1).bit_length(), len(_WEIGHTS))


def _similarities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the similarity of each image to the one at the same place, float64 [n]."""
    size = first.shape[1:3]
    weights = _WEIGHTS[: number_of_scales(*size)]
    found = tf.image.ssim_multiscale(
        first,
        second,
        max_val=255,
        power_factors=[weight / sum(weights) for weight in weights],
        filter_size=min(_FILTER, (min(size) - 1) // 2 * 2 + 1),
    )
    return found.numpy().astype(np.float64)


def _random_pairs(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Returns the indices of at most `count` pairs of one class each, [pairs, 2]."""
    rng = np.random.default_rng(derived_seed(seed, "pairs of images"))
    order = rng.permutation(len(labels))
    classes = [order[labels[order] == label] for label in np.unique(labels)]
    pairs = np.concatenate([own[: len(own) // 2 * 2].reshape(-1, 2) for own in classes])
    if not len(pairs):
        raise ValueError(
            "Expected at least 2 images of one class. "
            f"Received: {len(labels)} images of {len(classes)} classes"
        )
    return rng.permutation(pairs)[:count]


def _check_images(images: ArrayLike) -> np.ndarray:
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or min(images.shape[1:3]) < 3:
        raise ValueError(
            "Expected uint8 images [n, height, width, channels] of at least 3 x 3 pixels. "
            f"Received: dtype {images.dtype}, shape {images.shape}"
        )
    if len(images) < 2 or images.shape[3] == 0:
        raise ValueError(f"Expected at least 2 images. Received: shape {images.shape}")
    return images


def _check_pairs(pairs: int) -> None:
    whole = isinstance(pairs, int | np.integer) and not isinstance(pairs, bool)
    if not whole or pairs < 1:
        raise ValueError(f"Expected pairs to be an integer >= 1. Received: {pairs=}")


@registry.register("ms_ssim")
class MultiScaleSSIM(GeneratorMetric):
    """`ms_ssim` of generated images, and of real ones, which it should not exceed.

    Pairs are of one class each if real and generated examples have labels.

    Args:
        pairs: So many at most.
        seed: Of the pairs.
    """

    best: ClassVar[dict[str, str]] = {"ms_ssim": "min", "ms_ssim_real": "min"}
    of_features: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"examples"})

    def __init__(self, pairs: int = 500, seed: int = 0):
        _check_pairs(pairs)
        self.pairs = pairs
        self.seed = seed

    def get_config(self) -> dict[str, int]:
        """Number and seed of the pairs."""
        return {"pairs": self.pairs, "seed": self.seed}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns both similarities and their standard errors."""
        labelled = real.labels is not None and generated.labels is not None
        found = {}
        for name, own in {"ms_ssim": generated, "ms_ssim_real": real}.items():
            images = check_given(own.examples, "examples", "ms_ssim", "images, as uint8")
            found[name] = ms_ssim(images, own.labels if labelled else None, **self.get_config())
        return found
