"""Sizes of any height and width: the ladder, and what doubles, cuts and halves."""

import itertools

import keras
import numpy as np
import pytest
from tfgan_losses.models import dcgan, resolutions

from tfgan_losses import models

SIZES = [*itertools.product((8, 9, 15, 16, 17, 31, 60, 96, 100, 128, 333), repeat=2)]


def smaller_sides(sizes):
    return [min(size) for size in sizes]


@pytest.mark.parametrize("base", [2, 4])
def test_each_stage_is_the_half_of_the_next_rounded_up(base):
    for size in SIZES:
        sizes = resolutions.ladder((*size, 3), base=base)
        assert sizes[-1] == size
        for coarse, fine in itertools.pairwise(sizes):
            assert coarse == (-(-fine[0] // 2), -(-fine[1] // 2))
        # Names of layers have the smaller side: no two stages may share it.
        assert smaller_sides(sizes) == sorted(set(smaller_sides(sizes)))
        assert base <= min(sizes[0]) < 2 * base


def test_the_base_of_a_dcgan_is_smaller_below_16_pixels():
    for size in SIZES:
        sizes, filters = dcgan._plan((*size, 3), 1)
        assert min(sizes[0]) in ((2, 3) if min(size) < 16 else (4, 5, 6, 7)), size
        assert len(filters) == len(sizes) - 1


def test_sizes_of_the_papers():
    for size in (8, 16, 32, 64, 128, 256):
        assert resolutions.ladder((size, size, 3)) == [
            (4 * 2**i, 4 * 2**i) for i in range(size.bit_length() - 3 + 1) if 4 * 2**i <= size
        ]
    assert resolutions.ladder((48, 48, 1)) == [(6, 6), (12, 12), (24, 24), (48, 48)]
    assert resolutions.ladder((100, 60, 1)) == [(7, 4), (13, 8), (25, 15), (50, 30), (100, 60)]


@pytest.mark.parametrize("name", ["dcgan", "resnet", "r3gan"])
@pytest.mark.parametrize("shape", [(7, 7, 3), (64, 7, 1), (4, 200, 3)])
def test_a_side_below_eight_is_refused(name, shape):
    generator = {"latent_dim": 2, "normalization": "none"}
    message = rf"both sides of 8 pixels or more.*\({shape[0]}, {shape[1]}, {shape[2]}\)"
    for build, options in ((models.build_generator, generator), (models.build_discriminator, {})):
        with pytest.raises(ValueError, match=message):
            build(name, example_shape=shape, width=1, **options)


def test_odd_rows_and_columns_are_cut_at_the_end():
    image = np.arange(6.0, dtype="float32").reshape(1, 2, 3, 1)
    features = keras.Input((2, 3, 1))
    doubled = keras.Model(features, resolutions.double(features, "up", size=(3, 6)))
    expected = image.repeat(2, axis=1).repeat(2, axis=2)[:, :3]
    np.testing.assert_array_equal(doubled(image), expected)
    assert [layer.name for layer in doubled.layers[1:]] == ["up", "up_cut"]
    # Nothing to cut, no layer: networks of other sizes are those of before.
    whole = keras.Model(features, resolutions.double(features, "up", size=(4, 6)))
    assert [layer.name for layer in whole.layers[1:]] == ["up"]


def test_an_odd_last_row_is_averaged_alone():
    image = np.arange(15.0, dtype="float32").reshape(1, 3, 5, 1)
    features = keras.Input((3, 5, 1))
    halved = keras.Model(features, resolutions.halve(features, "down"))(image)
    expected = [[(0 + 1 + 5 + 6) / 4, (2 + 3 + 7 + 8) / 4, (4 + 9) / 2], [10.5, 12.5, 14]]
    np.testing.assert_allclose(halved[0, :, :, 0], expected)
