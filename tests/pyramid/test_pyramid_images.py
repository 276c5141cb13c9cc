import math

import numpy as np
import pytest

from tfgan_losses.pyramid import Scales, images


def cubic(x):
    """MATLAB's bicubic kernel, a = -0.5 (Keys, 1981), as the authors' `imresize` has it."""
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0


def shrink(row, length):
    """One row resized by its definition: the kernel stretched by the factor, around each centre."""
    factor = len(row) / length
    out = []
    for i in range(length):
        centre = (i + 0.5) * factor - 0.5
        weights = [cubic((j - centre) / factor) for j in range(len(row))]
        out.append(np.dot(weights, row) / math.fsum(weights))
    return np.array(out)


def test_images_shrink_with_the_kernel_of_matlab():
    image = np.random.default_rng(0).uniform(-0.7, 0.7, (12, 15, 3)).astype("float32")
    found = images.resize(image, 9, 11)
    rows = np.stack([shrink(row, 11) for row in np.moveaxis(image, 2, 1).reshape(-1, 15)])
    rows = rows.reshape(12, 3, 11)
    columns = np.stack([shrink(c, 9) for c in rows.reshape(12, -1).T], axis=1)
    expected = np.moveaxis(columns.reshape(9, 3, 11), 1, 2)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_images_stay_in_range_and_the_finest_is_the_image():
    image = np.sign(np.random.default_rng(1).normal(size=(30, 36, 1))).astype("float32")
    scales = Scales.of(30, 36)
    found = images.at_scales(image, scales)
    assert [each.shape for each in found] == [(*size, 1) for size in scales.sizes]
    assert max(np.abs(each).max() for each in found) == 1.0
    np.testing.assert_array_equal(found[-1], image)


def test_error_is_the_root_of_the_mean_square():
    assert images.error(np.zeros((2, 2, 1)), np.full((2, 2, 1), 0.5)) == 0.5
    assert images.error([[[0.0], [1.0]]], [[[0.0], [0.0]]]) == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize(
    ("image", "match"),
    [
        (np.zeros((4, 4)), r"shape \(4, 4\)"),
        (np.zeros((4, 4, 5)), r"shape \(4, 4, 5\)"),
        (np.zeros((4, 4, 3), "uint8"), "type uint8"),
        (np.full((4, 4, 3), 2.0), "values from 2 to 2"),
        (np.full((4, 4, 3), np.nan), "values from nan"),
    ],
)
def test_what_is_no_image_is_refused(image, match):
    with pytest.raises(ValueError, match=f"Expected one image .*{match}"):
        images.check_image(image)
