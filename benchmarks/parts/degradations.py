"""What generators do wrong, done to real pictures on purpose."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

# What a perfect generator would make.
FLOOR = "fresh data"
_KEPT_CLASSES = 5


class Digits(NamedTuple):
    """Images [n, height, width, 1] in [-1, 1] and their classes [n]."""

    images: np.ndarray
    labels: np.ndarray

    def at(self, rows: np.ndarray | slice) -> Digits:
        """Returns some of them."""
        return Digits(self.images[rows], self.labels[rows])


def degraded(training: Digits, fresh: Digits, seed: int) -> dict[str, Digits]:
    """Returns what is to be compared with the training examples, by name.

    Args:
        training: Those that a generator would have been trained with.
        fresh: Others of the same distribution.
        seed: Of the noise.
    """
    rng = np.random.default_rng(seed)
    images = fresh.images
    noise = rng.normal(size=images.shape)
    first = [int(np.flatnonzero(fresh.labels == label)[0]) for label in np.unique(fresh.labels)]
    return {
        FLOOR: fresh,
        "copies of the training set": training,
        "blur of 0.5 pixels": fresh._replace(images=_blurred(images, 0.5)),
        "blur of 1 pixel": fresh._replace(images=_blurred(images, 1.0)),
        "noise of 0.1": fresh._replace(images=_shown(images + 0.1 * noise)),
        "noise of 0.3": fresh._replace(images=_shown(images + 0.3 * noise)),
        "pixels of 2 x 2": fresh._replace(images=_pixelated(images, 2)),
        "5 of 10 classes": fresh.at(fresh.labels < _KEPT_CLASSES),
        "1 picture per class": fresh.at(np.resize(first, len(images))),
    }


def _shown(images: np.ndarray) -> np.ndarray:
    return np.clip(images, -1, 1).astype(np.float32)


def _blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")


def _pixelated(images: np.ndarray, size: int) -> np.ndarray:
    n, height, width, channels = images.shape
    blocks = images.reshape(n, height // size, size, width // size, size, channels)
    means = np.broadcast_to(blocks.mean(axis=(2, 4), keepdims=True), blocks.shape)
    return means.reshape(images.shape)
