"""Augmentations of RGBA images, whose opacity is no colour, and of images that are no squares."""

import numpy as np
import pytest
import scipy.ndimage
from augmentations.test_pipe_geometry import photograph, transform

from tfgan_losses import augmentations

COLORS = ("diff_augment(policy='color')", "fixed(p=1, pipe={'color': 1})")
OTHERS = (
    "diff_augment(policy='translation,cutout')",
    "fixed(p=1, pipe={'blit': 1, 'geometry': 1, 'filter': 1, 'cutout': 1})",
)


def rgba(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (*shape, 4)).astype("float32")


@pytest.mark.parametrize("spec", COLORS)
def test_colours_leave_opacity_alone(spec):
    """The colours are those of the image without it, to the bit, and it is what it was."""
    images, change = rgba(6, 12, 20), augmentations.get(spec)
    found = change(images, seed=1).numpy()
    np.testing.assert_array_equal(found[..., 3], images[..., 3])
    np.testing.assert_array_equal(found[..., :3], change(images[..., :3], seed=1))
    assert np.all(np.abs(found - images)[..., :3].max(axis=(1, 2, 3)) > 1e-3)


@pytest.mark.parametrize("spec", OTHERS)
def test_opacity_moves_with_its_pixels(spec):
    images = rgba(6, 12, 20)
    images[..., 3] = images[..., 0]
    found = augmentations.get(spec)(images, seed=1).numpy()
    np.testing.assert_array_equal(found[..., 3], found[..., 0])
    assert np.abs(found - images).max() > 0.1


def test_fields_of_other_channels_have_no_colours_of_the_pipe():
    with pytest.raises(ValueError, match=r"1, 3 or 4 channels for brightness.*\(8, 8, 5\)"):
        augmentations.get("fixed").check((8, 8, 5))


@pytest.mark.parametrize("size", [(12, 20), (17, 9)])
@pytest.mark.parametrize(("percentile", "turns"), [(0.3, 1), (0.6, 2), (0.9, 3)])
def test_quarter_turns_are_about_the_centre_in_pixels(size, percentile, turns):
    """What lies within the smaller side is turned as that square alone; nothing is stretched."""
    image, side = photograph(*size), min(size)
    top, left = ((own - side) // 2 for own in size)
    square = slice(top, top + side), slice(left, left + side)
    found = transform(image, {"quarter_turn": 1}, percentile)
    np.testing.assert_array_equal(found[square], np.rot90(image[square], turns))


@pytest.mark.parametrize("size", [(12, 20), (17, 9)])
@pytest.mark.parametrize("percentile", [0.1, 0.3, 0.45])
def test_rotations_of_rectangles_keep_distances(size, percentile):
    """A disc stays a disc; an aspect ratio would make it an oval. Farther out edges reflect."""
    rows, columns = (np.arange(own) - (own - 1) / 2 for own in size)
    far = np.hypot(rows[:, None], columns)
    disc = np.exp(-(far**2) / 8).astype("float32")
    turned = transform(disc[..., None], {"rotation": 1}, percentile)[..., 0]
    inside = far <= (min(size) - 1) / 2
    np.testing.assert_allclose(turned[inside], disc[inside], atol=0.03)
    # One beside the centre goes around it.
    off = np.exp(-(rows[:, None] ** 2 + (columns - 2) ** 2)).astype("float32")
    turned = transform(off[..., None], {"rotation": 1}, percentile)[..., 0]
    place = scipy.ndimage.center_of_mass(np.where(inside & (turned > 0.2), turned, 0))
    ways = np.subtract(place, (np.array(size) - 1) / 2)
    angle = 4 * np.pi * (percentile - 0.5)  # Twice, before and after the stretch.
    np.testing.assert_allclose(ways, [-2 * np.sin(angle), 2 * np.cos(angle)], atol=0.2)


@pytest.mark.parametrize("shape", [(12, 20, 3), (17, 9, 1), (16, 16, 1), (9, 17, 4)])
@pytest.mark.parametrize(
    "spec", ["adaptive(pipe='bgcfnc')", "diff_augment", "fixed(p=1, pipe='bgcfnc')"]
)
def test_every_pipe_takes_every_image(shape, spec):
    images = np.random.default_rng(0).uniform(-1, 1, (3, *shape)).astype("float32")
    found = augmentations.get(spec)(images, seed=0)
    assert found.shape == images.shape and np.isfinite(found).all()
