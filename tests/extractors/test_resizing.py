"""Each resizer against its formula, by hand and by others."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.extractors.areas import area_weights
from tfgan_losses.extractors.networks import NetworkExtractor
from tfgan_losses.extractors.pixels import Pixels
from tfgan_losses.extractors.resizing import RESIZERS, antialiased_bilinear, area, tf1_bilinear

SIZES = [((8, 8), (299, 299)), ((32, 20), (13, 47)), ((299, 150), (64, 64)), ((5, 5), (5, 5))]


def test_what_is_done_to_a_shape_is_said():
    """The aspect ratio is lost, as in the graph of 2015, and nobody may be surprised by it."""

    class Small(NetworkExtractor):
        name, input_shape, resizer = "small", (16, 16, 3), "tf1-bilinear"

    assert Small().resizing((48, 64, 3)) == "images stretched from 48x64 to 16x16 by tf1-bilinear"
    assert Small().resizing((8, 8, 1)) == "images resized from 8x8 to 16x16 by tf1-bilinear"
    assert Small().resizing((16, 16, 3)) == ""
    pixels = Pixels((12, 20, 4))
    assert pixels.resizing((12, 20, 4)) == "images stretched from 12x20 to 12x16 by area"
    assert Pixels((12, 10, 1)).resizing((12, 10, 1)) == Pixels((3,)).resizing((3,)) == ""


def test_transparency_is_refused_where_a_network_knows_colours_only():
    class Colours(NetworkExtractor):
        name, input_shape, resizer = "colours", (16, 16, 3), "area"

    message = r"such as channels=3, or 'pixels'.*example_shape=\(12, 20, 4\)"
    with pytest.raises(ValueError, match=message):
        Colours().check((12, 20, 4))
    Colours().check((12, 20, 1))


def images(size, channels=2, seed=0):
    shape = (2, *size, channels)
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


def weights_of_tf1(old, new):
    """Row i has the weights of the pixels below and above i old / new."""
    weights = np.zeros((new, old))
    for i in range(new):
        place = i * (old / new)
        low = int(place)
        high = min(low + 1, old - 1)
        weights[i, low] += 1 - (place - low)
        weights[i, high] += place - low
    return weights


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_tf1_bilinear(old, new):
    values = images(old)
    found = tf1_bilinear(tf.constant(values), new).numpy()
    rows, columns = (weights_of_tf1(*sizes) for sizes in zip(old, new, strict=True))
    by_hand = np.einsum("hi,wj,nijc->nhwc", rows, columns, values, optimize=True)
    # Places are computed in float32 there: 1e-5 of a pixel of 299, times differences of 255.
    np.testing.assert_allclose(found, by_hand, atol=0.02)
    stock = tf.compat.v1.image.resize_bilinear(values, new, align_corners=False)
    np.testing.assert_array_equal(found, stock)


# Of torch-fidelity 0.4.0, interpolate_bilinear_2d_like_tensorflow1x(squares, size,
# align_corners=False), rounded to 4 digits; computed once.
SQUARES = np.arange(12, dtype="float32").reshape(3, 4) ** 2
OF_TORCH_FIDELITY = {
    (5, 3): [
        [0, 2, 7.3333],
        [9.6, 18, 29.7333],
        [25.6, 40.4, 58.5333],
        [54.4, 75.6, 100.1333],
        [64, 87.3333, 114],
    ],
    (2, 6): [[0, 0.6667, 2, 4, 7.3333, 9], [40, 48.6667, 58, 68, 79.3333, 85]],
}


@pytest.mark.parametrize("size", list(OF_TORCH_FIDELITY))
def test_tf1_bilinear_is_that_of_torch_fidelity(size):
    found = tf1_bilinear(tf.constant(SQUARES[None, ..., None]), size)[0, ..., 0]
    np.testing.assert_allclose(found, OF_TORCH_FIDELITY[size], atol=1e-4)


def test_tf1_bilinear_is_not_that_of_today():
    values = images((32, 32))
    today = tf.image.resize(values, (13, 47)).numpy()
    assert np.abs(tf1_bilinear(tf.constant(values), (13, 47)) - today).mean() > 5


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_area(old, new):
    values = images(old)
    found = area(tf.constant(values), new).numpy()
    assert found.shape == (2, *new, 2)
    # Enlarged by repetition and averaged in blocks: exact for parts of pixels, too.
    for axis in (1, 2):
        repeated = np.repeat(values, new[axis - 1], axis=axis)
        shape = [*repeated.shape[:axis], new[axis - 1], old[axis - 1], *repeated.shape[axis + 1 :]]
        values = repeated.reshape(shape).mean(axis + 1)
    np.testing.assert_allclose(found, values, rtol=1e-4, atol=1e-3)


def test_shares_of_areas():
    np.testing.assert_allclose(area_weights(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]])


def test_the_antialiased_one_sees_all_of_an_image():
    values = images((256, 256))
    smaller = antialiased_bilinear(tf.constant(values), (4, 4)).numpy()
    # Each of 16 means over more than 64 x 64 uniform pixels of deviation 74; 2 x 2 of them would
    # have 37.
    assert smaller.std() < 2
    assert tf1_bilinear(tf.constant(values), (4, 4)).numpy().std() > 30


def test_all_keep_a_constant_and_the_size():
    for name, resize in RESIZERS.items():
        found = resize(tf.fill([1, 9, 9, 1], 7.0), (4, 20)).numpy()
        assert found.shape == (1, 4, 20, 1), name
        np.testing.assert_allclose(found, 7, rtol=1e-6, err_msg=name)
