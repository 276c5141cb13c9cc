"""What a pyramid is good for: held by stages of which the result is known."""

import numpy as np
import pytest
import tensorflow as tf
from pyramids import SCALES, largest_difference, small_pyramid

from tfgan_losses import random
from tfgan_losses.pyramid import sampling, uses
from tfgan_losses.pyramid.images import resize
from tfgan_losses.pyramid.pyramid import upsample
from tfgan_losses.pyramid.uses import images
from tfgan_losses.pyramid.uses.animation import walk
from tfgan_losses.pyramid.uses.masks import soft
from tfgan_losses.pyramid.uses.super_resolution import factors

HEIGHT, WIDTH = SCALES.sizes[-1]


@pytest.fixture(scope="module")
def pyramid():
    return small_pyramid()


@pytest.fixture(scope="module")
def silent():
    """A pyramid whose stages add nothing: what comes in goes out, resized."""
    pyramid = small_pyramid()
    for stage in pyramid.stages:
        for variable in stage.get_layer("output").variables:
            variable.assign(tf.zeros_like(variable))
    return pyramid


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).uniform(-1, 1, (HEIGHT, WIDTH, 3)).astype("float32")


def a_mask():
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[4:8, 4:8] = True
    return mask


def test_injection_starts_at_its_scale(pyramid, image):
    below = resize(image, *SCALES.sizes[0])[None]
    noises = pyramid.split(random.sample_latents(1, pyramid.latent_dim, 9))
    middle = pyramid.stages[1]([noises[1], upsample(below, noises[1])])
    finest = pyramid.stages[2]([noises[2], upsample(middle, noises[2])])
    found = uses.inject(pyramid, image, 1, seed=9)
    assert largest_difference(found, tf.clip_by_value(finest, -1.0, 1.0)) < 1e-6


def test_only_what_is_coarse_comes_through_an_injection(silent, image):
    found = uses.inject(silent, image, 2)[0].numpy()
    assert found.shape == image.shape
    # The average stays, and of white noise of pixels most of the variance goes.
    assert abs(found.mean() - image.mean()) < 0.05
    assert found.std() < 0.7 * image.std()
    flat = np.full((9, 5, 3), 0.25, "float32")
    assert (
        largest_difference(uses.inject(silent, flat, 1)[0], tf.fill((HEIGHT, WIDTH, 3), 0.25))
        < 1e-5
    )


def test_a_painting_is_injected(pyramid, image):
    found = uses.paint_to_image(pyramid, image, seed=3)
    assert found.dtype == np.float32 and found.shape == image.shape
    assert largest_difference(found, uses.inject(pyramid, image, 1, seed=3)[0]) == 0.0
    assert largest_difference(found, uses.paint_to_image(pyramid, image, seed=4)) > 0.01


@pytest.mark.parametrize(("use", "scale"), [(uses.harmonisation, 1), (uses.editing, 2)])
def test_outside_of_a_mask_the_image_stays(pyramid, image, use, scale):
    found = use(pyramid, image, a_mask(), seed=5)
    changed = uses.inject(pyramid, image, scale, seed=5)[0].numpy()
    if use is uses.editing:
        # The third coarsest is the finest here.
        assert largest_difference(found, use(pyramid, image, a_mask(), scale=2, seed=5)) == 0.0
    share = soft(a_mask(), (HEIGHT, WIDTH), 7.0 if use is uses.harmonisation else 20.0)
    expected = share[..., None] * changed + (1 - share[..., None]) * image
    assert largest_difference(found, expected) < 1e-6
    far = np.s_[13:, 18:]
    assert (share[far] == 0).all() and (found[far] == image[far]).all()
    assert np.abs(found - image)[4:8, 4:8].max() > 0.05


def test_a_mask_fades():
    mask = np.zeros((250, 250), bool)
    mask[100:150, 100:150] = True
    share = soft(mask, (250, 250), 7.0)
    assert share[125, 125] == 1.0 and share[125, 40] == 0.0
    across = share[125, 150:200]
    assert (np.diff(across) <= 0).all()
    # Half of it is left at the edge of the margin: the 8th pixel beyond the mask is outside.
    assert across[6] > 0.5 > across[7]


def test_super_resolution_of_stages_that_add_nothing_is_a_resized_image(silent, image):
    found = uses.super_resolution(silent, image, factor=2.0)
    assert found.shape == (2 * HEIGHT, 2 * WIDTH, 3)
    expected = tf.constant(image[None])
    for factor in factors(silent, 2.0):
        size = (round(HEIGHT * factor), round(WIDTH * factor))
        expected = tf.image.resize(expected, size, "bilinear")
    assert largest_difference(found, expected[0]) < 1e-6


def test_super_resolution_uses_the_finest_stage_and_its_noise(pyramid, image):
    found = uses.super_resolution(pyramid, image[:10], factor=1.5)
    assert found.shape == (15, 36, 3) and np.abs(found).max() <= 1.0
    for stage, moved in zip(pyramid.stages, (False, False, True), strict=True):
        kernel = stage.get_layer("output").kernel
        before = kernel.value
        kernel.assign(1.5 * before)
        again = uses.super_resolution(pyramid, image[:10], factor=1.5)
        assert (largest_difference(found, again) > 1e-3) is moved
        kernel.assign(before)
    assert (
        largest_difference(found, uses.super_resolution(pyramid, image[:10], factor=1.5, seed=1))
        > 0
    )


def test_steps_of_super_resolution_are_those_between_the_scales(pyramid):
    found = factors(pyramid, 4.0)
    step = np.sqrt(16 * 24 / (13 * 20))
    assert len(found) == round(np.log(4) / np.log(step)) and found[-1] == 4.0
    assert np.allclose(np.divide(found[1:], found[:-1]), found[0])
    assert abs(found[0] / step - 1) < 0.05
    assert factors(pyramid, 1.01) == [1.01]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_files_keep_their_channels(channels, tmp_path):
    image = np.random.default_rng(1).uniform(-1, 1, (9, 7, channels)).astype("float32")
    images.write(tmp_path / "image.png", image)
    found = images.read(tmp_path / "image.png", channels)
    assert found.shape == image.shape and np.abs(found - image).max() <= 1 / 255 + 1e-6
    if channels == 1:
        assert (images.read_mask(tmp_path / "image.png") == (found[..., 0] > 0)).all()
        assert (images.read(tmp_path / "image.png", 3) == found).all()


def test_a_walk_without_a_pull_and_without_noise_goes_straight_on(pyramid):
    fixed = pyramid.reconstruction_latents()
    found = list(walk(pyramid, 3, alpha=0.0, beta=1.0, first=0))
    direction = 0.05 * (
        random.normal(1, fixed.shape[1:], random.step_seed(0, 0, "animation")) - fixed
    )
    for frame, latents in enumerate(found, start=1):
        assert largest_difference(latents, fixed + (frame + 1) * direction) < 1e-5


def test_a_walk_that_is_pulled_all_the_way_stands_still(pyramid):
    frames = uses.animation(pyramid, 2, alpha=1.0)
    expected = sampling.to_image(pyramid.reconstruct())
    assert largest_difference(frames, tf.repeat(expected, 2, axis=0)) < 1e-6


def test_a_walk_moves_its_scales_a_little_from_frame_to_frame(pyramid):
    found = list(walk(pyramid, 4, first=1))
    for frame, again in zip(found, walk(pyramid, 2, first=1), strict=False):
        assert largest_difference(frame, again) == 0.0
    below = 3 * 11 * 16
    fixed = pyramid.reconstruction_latents()
    assert largest_difference(found[3][:, :below], fixed[:, :below]) == 0.0
    step = tf.math.reduce_std(found[3][:, below:] - found[2][:, below:])
    assert 0.05 < step < 0.5
    assert largest_difference(found[3], next(walk(pyramid, 1, first=1, seed=1))) > 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda p, x: uses.inject(p, x, 0),
            "scale to be .* from 1 to 2. Received: scale=0",
        ),
        (lambda p, x: uses.inject(p, x, 3), "Received: scale=3"),
        (lambda p, x: uses.inject(p, x[..., :1], 1), r"shape \(16, 24, 1\)"),
        (lambda p, x: uses.inject(p, 2 * x, 1), "values from"),
        (lambda p, x: uses.inject(p, x * np.nan, 1), "values from nan"),
        (lambda p, x: uses.inject(p, x.astype(int), 1), "numbers of the type int64"),
        (lambda p, x: uses.editing(p, x, a_mask()[1:]), r"mask of shape \(15, 24\)"),
        (lambda p, x: uses.editing(p, x, a_mask().astype(int)), "mask of dtype int64"),
        (lambda p, x: uses.harmonisation(p, x, 0.0 * a_mask()), "mask of nothing inside"),
        (
            lambda p, x: uses.super_resolution(p, x, factor=1.0),
            "Received: factor=1.0",
        ),
        (lambda p, x: uses.animation(p, 0), "frames=0"),
        (lambda p, x: uses.animation(p, 1, alpha=1.5), "alpha=1.5"),
        (lambda p, x: uses.animation(p, 1, beta=-1.0), "beta=-1.0"),
        (lambda p, x: uses.animation(p, 1, first=3), "first=3"),
    ],
)
def test_what_cannot_be_is_refused(pyramid, image, call, message):
    with pytest.raises(ValueError, match=message):
        call(pyramid, image)
