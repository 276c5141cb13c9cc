"""Geometric transforms beside NumPy and SciPy, on a photograph."""

import functools

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
import sklearn.datasets
import tensorflow as tf
from PIL import Image

from tfgan_losses.augmentations.base import Occasion
from tfgan_losses.augmentations.pipe import Pipe, warp

OCCASION = Occasion(
    network="discriminator", side="real", seed=1, update=0, d_update=0, d_updates=None
)
# Odd, square, and neither.
SIZES = [(21, 30), (24, 24)]
# The low-pass filter of sym6, as PyWavelets 1.8 has it (its rec_lo is this reversed).
SYM6 = np.array([
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633,
    0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252,
    -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
])  # fmt: skip


@functools.cache
def photograph(height, width, channels=3):
    image = Image.fromarray(sklearn.datasets.load_sample_image("china.jpg"))
    pixels = np.asarray(image.resize((width, height), Image.Resampling.BOX), "float32")
    return pixels[..., :channels] / 127.5 - 1


def transform(image, pipe, percentile):
    """One image, changed by all transforms of a pipe at a quantile of their parameters."""
    changed = Pipe(pipe, percentile=percentile)(tf.constant(image[None]), 0.0, OCCASION)
    return changed.numpy()[0]


@pytest.mark.parametrize("size", SIZES)
def test_flips(size):
    image = photograph(*size)
    np.testing.assert_array_equal(transform(image, {"x_flip": 1}, 0.3), image)
    np.testing.assert_array_equal(transform(image, {"x_flip": 1}, 0.7), image[:, ::-1])


@pytest.mark.parametrize(("percentile", "turns"), [(0.1, 0), (0.3, 1), (0.6, 2), (0.9, 3)])
def test_quarter_turns(percentile, turns):
    image = photograph(24, 24)
    found = transform(image, {"quarter_turn": 1}, percentile)
    np.testing.assert_array_equal(found, np.rot90(image, turns))


@pytest.mark.parametrize("size", SIZES)
def test_integer_translation(size):
    image = photograph(*size)
    # 0.125 * 0.9 * (30, 21) = (3.4, 2.4) and 0.125 * 0.9 * 24 = 2.7 pixels.
    right, down = (3, 2) if size == (21, 30) else (3, 3)
    padded = np.pad(image, [(down, 0), (right, 0), (0, 0)], mode="reflect")
    found = transform(image, {"integer_translation": 1}, 0.95)
    np.testing.assert_array_equal(found, padded[: size[0], : size[1]])


def doubled(image):
    """Zeros between pixels, and the filter of sym6 forth and back along both axes."""
    height, width, channels = image.shape
    large = np.zeros([2 * height - 1, 2 * width - 1, channels])
    large[::2, ::2] = image
    both = np.convolve(SYM6, SYM6[::-1])
    for axis in (0, 1):
        large = scipy.ndimage.convolve1d(large, both, axis=axis, mode="mirror")
    return large


def scaled(x, y):
    return np.diag([x, y, 1.0])


def turned(angle):
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])


def moved(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def forward(names, quantile, height, width):
    """G of the paper's algorithm, its origin at the centre, x before y."""
    normal = scipy.stats.norm.ppf(quantile)
    scale, angle, step = 2 ** (0.2 * normal), np.pi * (2 * quantile - 1), 0.125 * normal
    blit = 0.125 * (2 * quantile - 1)
    factors = [
        ("x_flip", scaled(1 - 2 * np.floor(2 * quantile), 1)),
        ("quarter_turn", turned(-np.pi / 2 * np.floor(4 * quantile))),
        ("integer_translation", moved(np.round(blit * width), np.round(blit * height))),
        ("scale", scaled(scale, scale)),
        ("rotation", turned(-angle)),
        ("stretch", scaled(scale, 1 / scale)),
        ("rotation", turned(-angle)),
        ("fractional_translation", moved(step * width, step * height)),
    ]
    matrix = np.eye(3)
    for name, factor in factors:
        matrix = factor @ matrix if name in names else matrix
    return matrix


ALL = (
    *("x_flip", "quarter_turn", "integer_translation"),
    *("scale", "rotation", "stretch", "fractional_translation"),
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("names", [*((name,) for name in ALL[1:]), ALL])
@pytest.mark.parametrize("quantile", [0.31, 0.84])
def test_one_warp_is_that_of_scipy(names, quantile, size):
    image, (height, width) = photograph(*size), size
    centre = moved((width - 1) / 2, (height - 1) / 2)
    back = centre @ np.linalg.inv(forward(names, quantile, height, width)) @ np.linalg.inv(centre)
    # Rows before columns, and places in the image of twice the size.
    back = back[[1, 0, 2]][:, [1, 0, 2]]
    matrix, offset = 2 * back[:2, :2], 2 * back[:2, 2]
    expected = np.stack([
        scipy.ndimage.affine_transform(
            channel, matrix, offset, output_shape=size, order=1, mode="mirror"
        )
        for channel in np.moveaxis(doubled(image), -1, 0)
    ], axis=-1)  # fmt: skip
    found = transform(image, dict.fromkeys(names, 1), quantile)
    assert np.abs(found - image).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


def test_what_is_halfway_is_the_product_of_the_filters_of_sym6():
    product = np.convolve(SYM6, SYM6[::-1])
    np.testing.assert_allclose(warp.halfway_weights(), product[::2], rtol=0, atol=1e-12)
    np.testing.assert_allclose(product[1::2], np.eye(11)[5], rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3)])
def test_tiny_images(size):
    """Reflected so often that a single pixel goes on for ever."""
    image = photograph(*size)
    found = transform(image, "bg", 0.8)
    assert found.shape == image.shape and np.isfinite(found).all()
    if size == (1, 1):
        np.testing.assert_array_equal(found, image)
