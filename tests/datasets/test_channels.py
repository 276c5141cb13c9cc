"""Grey, colours and transparency, alike for files, arrays and records."""

import numpy as np
import pytest
from image_bytes import encoded, noise
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.datasets.channels import converted

WHITE = (255, 255, 255)


def levels(source, count=9):
    return np.round((source.take(count)[0] + 1) * 127.5).astype(int)


@pytest.fixture
def load(tmp_path):
    def save_and_load(images, kind, **options):
        if kind == "npz":
            np.savez(tmp_path / "a.npz", x=np.stack(images))
            return datasets.load(f"npz:{tmp_path / 'a.npz'}", **options)
        (tmp_path / "images").mkdir(exist_ok=True)
        for i, pixels in enumerate(images):
            image = pixels if isinstance(pixels, Image.Image) else np.squeeze(pixels)
            (tmp_path / "images" / f"{i}.png").write_bytes(encoded(image, "PNG"))
        return datasets.load(f"folder:{tmp_path / 'images'}", **options)

    return save_and_load


def half_transparent():
    pixels = noise(8, 8, 4)
    pixels[:4, :, 3], pixels[4:, :, 3] = 0, 255
    return pixels


def test_grey_is_that_of_pillow_bit_for_bit():
    colors = noise(64, 64, 3)
    expected = np.asarray(Image.fromarray(colors).convert("L"))
    np.testing.assert_array_equal(converted(colors, 1, background=WHITE)[..., 0], expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_there_and_back(dtype):
    white = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    grey = (noise(2, 5, 6, 1) / 255 * white).astype(dtype)
    for channels in (3, 4):
        more = converted(grey, channels, background=WHITE, white=white)
        assert more.dtype == dtype and (more[..., :3] == grey).all()
        assert (more[..., 3:] == white).all()
        back = converted(more, 1, background=(1, 2, 3), white=white)
        np.testing.assert_allclose(back, grey, rtol=1e-6)


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_colours_to_grey_and_grey_to_colours(load, kind):
    source = load([noise(8, 8, 3)] * 2, kind, channels=1)
    expected = np.asarray(Image.fromarray(noise(8, 8, 3)).convert("L"))
    np.testing.assert_array_equal(levels(source)[..., 0], [expected] * 2)
    assert "colours to grey as 0.299 R + 0.587 G + 0.114 B" in source.preparation
    source = load([noise(8, 8, 1)] * 2, kind, channels=3)
    np.testing.assert_array_equal(levels(source), [np.repeat(noise(8, 8, 1), 3, -1)] * 2)
    assert source.example_shape == (8, 8, 3)


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_alpha_is_the_fourth_channel_or_used_up(load, kind):
    rgba = half_transparent()
    np.testing.assert_array_equal(levels(load([rgba], kind, channels=4)), [rgba])
    laid = levels(load([rgba], kind, channels=3, background="#204060"))[0]
    assert (laid[:4] == (32, 64, 96)).all() and (laid[4:] == rgba[4:, :, :3]).all()
    grey = levels(load([rgba], kind, channels=1, background="#204060"))[0, ..., 0]
    expected = np.asarray(Image.fromarray(laid.astype(np.uint8)).convert("L"))
    np.testing.assert_array_equal(grey, expected)
    # Without a word: as before.
    assert load([rgba], kind).example_shape == (8, 8, 3 if kind == "folder" else 4)


def test_opaque_and_grey_files_beside_transparent_ones(load, caplog):
    images = [half_transparent(), noise(8, 8, 3), noise(8, 8)]
    images.append(Image.fromarray(half_transparent()).convert("LA"))
    for limit in (None, 0):
        source = load(images, "folder", channels=4, memory_limit=limit)
        found = levels(source)
        np.testing.assert_array_equal(found[1, ..., :3], noise(8, 8, 3))
        np.testing.assert_array_equal(found[2, ..., 1], noise(8, 8))
        assert (found[1:3, ..., 3] == 255).all() and (found[3, :4, :, 3] == 0).all()
        assert source.preparation == (
            "8x8 as they are; four channels; 2 of 4 are grey; alpha as the fourth channel, below "
            "1 in 2"
        )


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_colours_of_transparent_pixels_do_not_show_at_edges(load, kind):
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, 5:] = (200, 100, 50, 255)
    image = Image.fromarray(pixels)
    expected = np.asarray(image.resize((6, 6), Image.Resampling.LANCZOS), int)
    found = levels(load([pixels], kind, channels=4, image_size=6))[0]
    seen = found[..., 3] > 8
    assert abs(found[seen][:, :3] - (200, 100, 50)).max() <= 1
    assert abs(found[..., 3] - expected[..., 3]).max() <= 2


@pytest.mark.parametrize("channels", [0, 2, 5, "3"])
def test_other_numbers_of_channels(channels):
    message = f"Expected channels to be 1, 3 or 4. Received: channels={channels}"
    with pytest.raises(ValueError, match=message):
        datasets.load("digits", channels=channels)


def test_a_background_that_nothing_is_transparent_over(load, data_dir):
    options = {"background": "red", "channels": 4}
    with pytest.raises(ValueError, match=r"no image with transparent parts.*background=red"):
        datasets.load("digits", data_dir=data_dir, **options)
    with pytest.raises(ValueError, match=r"four channels.*under a background"):
        load([half_transparent()], "npz", **options)
    signed = half_transparent() / np.float32(127.5) - 1
    with pytest.raises(ValueError, match="none of them below 0"):
        load([signed], "npz", channels=3)
    np.testing.assert_allclose(load([signed], "npz", channels=4).take(1)[0][0], signed, atol=1e-6)


@pytest.mark.parametrize("limit", [None, 0])
def test_records_of_tfds(data_dir, limit):
    digits = levels(datasets.load("digits", data_dir=data_dir))
    for channels, bands in ((3, [0, 0, 0]), (4, [0, 0, 0, None])):
        source = datasets.load("digits", data_dir=data_dir, channels=channels, memory_limit=limit)
        expected = [digits[..., 0] * 0 + 255 if b is None else digits[..., b] for b in bands]
        np.testing.assert_array_equal(levels(source), np.stack(expected, axis=-1))
        assert source.batches(4).element_spec[0].shape == (4, 8, 8, channels)
