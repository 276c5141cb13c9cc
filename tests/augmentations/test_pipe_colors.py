"""Colour, bands of frequencies, noise and cutout beside NumPy and SciPy, on a photograph."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
from augmentations.test_pipe_geometry import photograph, transform
from scipy.spatial.transform import Rotation

from tfgan_losses.augmentations.pipe import filtering

COLOR = ("brightness", "contrast", "luma_flip", "hue", "saturation")
LUMA = np.ones(3) / np.sqrt(3)


def color_matrix(names, quantile):
    """C of the paper's algorithm, 4 x 4."""
    normal = scipy.stats.norm.ppf(quantile)
    luma = np.zeros([4, 4])
    luma[:3, :3] = np.outer(LUMA, LUMA)
    brightness, hue = np.eye(4), np.eye(4)
    brightness[:3, 3] = 0.2 * normal
    hue[:3, :3] = Rotation.from_rotvec(np.pi * (2 * quantile - 1) * LUMA).as_matrix()
    flip = np.floor(2 * quantile)
    contrast = np.diag([*([2 ** (0.5 * normal)] * 3), 1.0])
    saturation = luma + (np.eye(4) - luma) @ np.diag([*([2**normal] * 3), 1.0])
    factors = (brightness, contrast, np.eye(4) - 2 * luma * flip, hue, saturation)
    matrix = np.eye(4)
    for name, factor in zip(COLOR, factors, strict=True):
        matrix = factor @ matrix if name in names else matrix
    return matrix


@pytest.mark.parametrize("names", [*((name,) for name in COLOR), COLOR])
@pytest.mark.parametrize("quantile", [0.2, 0.8])
def test_one_matrix_is_that_of_numpy(names, quantile):
    image = photograph(9, 14)
    matrix = color_matrix(names, quantile)
    expected = image @ matrix[:3, :3].T + matrix[:3, 3]
    found = transform(image, dict.fromkeys(names, 1), quantile)
    if names != ("luma_flip",) or quantile > 0.5:
        assert np.abs(found - image).max() > 0.05
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-6)


def test_grey_is_grey():
    grey = photograph(9, 14, channels=1)
    found = transform(grey, {"color": 1}, 0.8)
    of_three = transform(np.repeat(grey, 3, axis=-1), {"color": 1}, 0.8)
    np.testing.assert_allclose(np.repeat(found, 3, axis=-1), of_three, rtol=0, atol=2e-6)
    assert np.abs(found - grey).max() > 0.1


def test_bands_are_octaves_of_the_bank_of_sym2():
    """|H|^2 of Daubechies' filter of two vanishing moments is cos^4(w/2) (1 + 2 sin^2(w/2))."""
    frequencies = np.linspace(0, np.pi, 50)
    places = np.arange(43) - 21
    found = filtering.band_filters() @ np.cos(np.outer(places, frequencies))

    def low(frequency):
        half = frequency / 2
        return np.cos(half) ** 4 * (1 + 2 * np.sin(half) ** 2)

    first, second, third = (low(factor * frequencies) for factor in (1, 2, 4))
    expected = [
        first * second * third,
        first * second * (1 - third),
        first * (1 - second),
        1 - first,
    ]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(filtering.band_filters().sum(axis=0), np.eye(43)[21], atol=1e-12)


@pytest.mark.parametrize("size", [(21, 30), (3, 8)])
def test_filters_are_those_of_scipy(size):
    image, quantile = photograph(*size), 0.8
    gain = 2 ** scipy.stats.norm.ppf(quantile)
    power = np.array([10, 1, 1, 1]) / 13
    gains = np.ones(4)
    for i in range(4):
        own = np.where(np.arange(4) == i, gain, 1.0)
        gains *= own / np.sqrt((power * own**2).sum())
    kernel = gains @ filtering.band_filters()
    expected = image.astype("float64")
    for axis in (0, 1):
        expected = scipy.ndimage.convolve1d(expected, kernel, axis=axis, mode="mirror")
    found = transform(image, {"filter": 1}, quantile)
    assert np.abs(found - image).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_noise_is_normal():
    image = photograph(64, 64)
    noise = transform(image, {"noise": 1}, 0.7) - image
    # The quantile of |N(0, 0.1^2)|.
    stddev = 0.1 * scipy.stats.halfnorm.ppf(0.7)
    assert scipy.stats.kstest(noise.ravel() / stddev, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.06


@pytest.mark.parametrize("quantile", [0.1, 0.57])
@pytest.mark.parametrize("channels", [1, 3])
def test_cutout(quantile, channels):
    image = photograph(21, 30, channels)
    expected = image.copy()
    rows, columns = (
        slice(*(max(round((quantile + side) * size), 0) for side in (-0.25, 0.25)))
        for size in (21, 30)
    )
    expected[rows, columns] = 0
    assert 0 < (expected != image).sum() < image.size / 2
    np.testing.assert_array_equal(transform(image, {"cutout": 1}, quantile), expected)
