"""Image-space filtering: four bands of frequencies become stronger or weaker."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import tensorflow as tf

from tfgan_losses.augmentations.pipe import draws as draw
from tfgan_losses.augmentations.pipe.draws import Draws
from tfgan_losses.types import Tensor

# How power is expected to be spread over the bands from [0, pi/8] to [pi/2, pi].
_POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)


def transform_frequencies(images: Tensor, draws: Draws) -> Tensor:
    """Images whose bands are weighted along either axis, reflected at their outer pixels."""
    if not draws.has("filter"):
        return images
    # Of what is changed, so that nothing is where all gains are 1.
    change = gains(draws) - 1.0
    vertical, horizontal = (
        tf.einsum("bk,kij->bij", change, tf.constant(band_matrices(size)))
        for size in images.shape[1:3]
    )
    images += tf.einsum("bij,bjwc->biwc", vertical, images)
    return images + tf.einsum("bij,bhjc->bhic", horizontal, images)


def gains(draws: Draws) -> Tensor:
    """Factors of the bands, [batch, 4], at which the expected power stays what it was."""
    product = tf.ones([draws.batch, 4])
    for i, power in enumerate(_POWER):
        gain = draws.of("filter", draw.log_normal(1.0), 1.0, number=i, execution=i)
        norm = tf.sqrt(1.0 + power * (gain**2 - 1.0))
        one = tf.ones_like(gain)
        product *= tf.stack([gain if j == i else one for j in range(4)], axis=1) / norm[:, None]
    return product


@functools.cache
def band_filters() -> np.ndarray:
    """The four bands of a bank of sym2 without delay, [4, 43]; their sum leaves all as it is."""
    root = np.sqrt(3)
    sym2 = np.array([1 + root, 3 + root, 3 - root, 1 - root]) / 8
    half_band = np.convolve(sym2, sym2[::-1])
    low, passes = np.ones(1), []
    for octave in range(3):
        stretched = np.zeros(6 * 2**octave + 1)
        stretched[:: 2**octave] = half_band
        low = np.convolve(low, stretched)
        passes.append(low)
    identity = np.ones(1)
    centred = [np.pad(x, (43 - len(x)) // 2) for x in (identity, *passes)]
    bands = [above - below for above, below in itertools.pairwise(centred)]
    return np.stack([centred[-1], *reversed(bands)])


@functools.cache
def band_matrices(size: int) -> np.ndarray:
    """The bands of a line of so many pixels, float32 [4, size, size]."""
    filters, matrices = band_filters(), np.zeros([4, size, size])
    reach, period = filters.shape[1] // 2, max(2 * size - 2, 1)
    for i in range(size):
        for k in range(-reach, reach + 1):
            place = (i + k) % period
            matrices[:, i, min(place, period - place) if size > 1 else 0] += filters[:, reach + k]
    return matrices.astype("float32")
