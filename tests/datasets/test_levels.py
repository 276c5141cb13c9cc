"""Which value is white, what is behind transparent parts, and warnings of what shows nothing."""

import struct

import numpy as np
import pytest
from image_bytes import encoded, noise
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.datasets.image_files import inspect_image


def load(folder, **options):
    return datasets.load(f"folder:{folder}", **options)


def fill(folder, images, kind="PNG", ending="png", **options):
    for i, pixels in enumerate(images):
        (folder / f"{i}.{ending}").write_bytes(encoded(pixels, kind, **options))


def levels(source):
    return np.round((source.take(99)[0] + 1) * 127.5).astype(int)


TWELVE_BITS = np.random.default_rng(0).integers(0, 4096, (4, 8, 8)).astype(np.uint16)


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("TIFF", "tif")])
def test_twelve_bits_kept_in_sixteen(tmp_path, caplog, kind, ending):
    fill(tmp_path, TWELVE_BITS, kind, ending)
    assert len(np.unique(levels(load(tmp_path)))) <= 17
    assert "nearly constant" in caplog.text and "such as white_level=4095" in caplog.text
    caplog.clear()
    source = load(tmp_path, white_level=4095)
    np.testing.assert_array_equal(levels(source)[..., 0], np.round(TWELVE_BITS / 4095 * 255))
    np.testing.assert_allclose(source.take(4)[0][..., 0], TWELVE_BITS / 2047.5 - 1, atol=1e-6)
    assert "values to 4095 in all their levels" in source.preparation and not caplog.text


@pytest.mark.parametrize("channels", [1, 3])
def test_masks_of_0_and_1(tmp_path, caplog, channels):
    masks = noise(4, 8, 8, channels) % 2
    fill(tmp_path, masks.squeeze())
    assert levels(load(tmp_path)).max() == 1 and "white_level=1" in caplog.text
    np.testing.assert_array_equal(levels(load(tmp_path, white_level=1)), masks.astype(int) * 255)


def test_images_of_one_bit_are_white_at_any_level(tmp_path):
    fill(tmp_path, [Image.fromarray(noise(8, 8)).convert("1")])
    np.testing.assert_array_equal(levels(load(tmp_path, white_level=1)), levels(load(tmp_path)))


def test_transparency_has_no_white_level(tmp_path):
    pixels = np.stack([np.ones((4, 4)), np.full((4, 4), 255)], axis=-1).astype(np.uint8)
    pixels[0, :, 1] = 0
    fill(tmp_path, [Image.fromarray(pixels, "LA")])
    read = levels(load(tmp_path, white_level=1, background="black"))
    assert (read[0, 0] == 0).all() and (read[0, 1:] == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_files_in_which_white_is_0(tmp_path, dtype):
    values = noise(8, 8).astype(dtype)
    fill(tmp_path, [values], "TIFF", "tif")
    (path,) = tmp_path.iterdir()
    one, zero = (struct.pack("<HHLHH", 262, 3, 1, meaning, 0) for meaning in (1, 0))
    assert path.read_bytes().count(one) == 1
    path.write_bytes(path.read_bytes().replace(one, zero))
    expected = 255 - values.astype(int)
    np.testing.assert_array_equal(levels(load(tmp_path, white_level=255))[0, ..., 0], expected)


def test_floats_need_a_white_level(tmp_path):
    values = np.linspace(0, 0.5, 64, dtype=np.float32).reshape(8, 8)
    fill(tmp_path, [Image.fromarray(values)], "TIFF", "tif")
    with pytest.raises(ValueError, match=r"floats from 0 to 0\.5.*such as white_level=1"):
        load(tmp_path)
    np.testing.assert_array_equal(
        levels(load(tmp_path, white_level=0.5))[0, ..., 0], np.round(values * 2 * 255)
    )
    fill(tmp_path, [Image.fromarray(values * np.nan)], "TIFF", "tif")
    with pytest.raises(ValueError, match="from nan to nan"):
        load(tmp_path, white_level=1)


def test_values_above_the_white_level_are_refused(tmp_path):
    fill(tmp_path, [noise(8, 8)])
    with pytest.raises(ValueError, match=r"0\.png.*from 0 to 2\d\d; expected 0 to .* level, 99"):
        load(tmp_path, white_level=99)
    fill(tmp_path, [noise(8, 8).astype(np.int32) * 1000], "TIFF", "tif")
    with pytest.raises(ValueError, match=r"0\.tif.*000; expected 0 to the white level, 65535"):
        load(tmp_path)


def test_colours_of_sixteen_bits_have_no_white_level(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff_of_sixteen_bits(noise(2, 3, 3).astype(np.uint16) * 257))
    source = load(tmp_path)
    np.testing.assert_array_equal(levels(source)[0], noise(2, 3, 3))
    assert source.preparation.endswith("; 8 of the 16 bits of 1 with colours")
    with pytest.raises(ValueError, match=r"a\.tif.*colours of 16 bits.*no white_level=4095"):
        load(tmp_path, white_level=4095)


def tiff_of_sixteen_bits(pixels):
    """A TIFF file of colours, which Pillow would not write."""
    height, width, _ = pixels.shape
    entries = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, 122), (259, 3, 1, 1),
               (262, 3, 1, 2), (273, 4, 1, 128), (277, 3, 1, 3), (278, 3, 1, height),
               (279, 4, 1, pixels.nbytes)]  # fmt: skip
    fields = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    start = struct.pack("<2sHLH", b"II", 42, 8, len(entries)) + fields + bytes(4)
    return start + struct.pack("<3H", 16, 16, 16) + pixels.astype("<u2").tobytes()


@pytest.mark.parametrize("white_level", [0, -1, float("nan"), float("inf")])
def test_white_levels_that_are_none(white_level, tmp_path):
    with pytest.raises(ValueError, match=f"white_level > 0.*white_level={white_level}"):
        load(tmp_path, white_level=white_level)


def drawings(ink, count=8):
    for i in range(count):
        pixels = np.full((32, 32, 4), ink, np.uint8)
        pixels[..., 3] = 0
        pixels[4 + i : 20 + i, 4:28, 3] = 255
        yield pixels


@pytest.mark.parametrize(("ink", "background"), [(0, None), (255, "black"), (0, "#ff8000")])
def test_drawings_can_be_seen(tmp_path, caplog, ink, background):
    fill(tmp_path, drawings(ink))
    source = load(tmp_path, background=background)
    assert len({image.tobytes() for image in source.take(8)[0]}) == 8 and not caplog.text
    assert f"transparent parts of 8 on {background or 'white'}" in source.preparation


@pytest.mark.parametrize(
    ("ink", "background", "other"), [(255, None, "black"), (0, "black", "white")]
)
def test_drawings_in_the_colour_of_the_background_are_warned_of(
    tmp_path, caplog, ink, background, other
):
    fill(tmp_path, drawings(ink))
    load(tmp_path, background=background)
    assert "8 of the 8 images with transparent parts come out nearly constant" in caplog.text
    assert f"background='{other}'" in caplog.text


def test_pages_are_said(tmp_path):
    frames = [Image.fromarray(noise(8, 8)) for _ in range(3)]
    for kind, ending in (("TIFF", "tif"), ("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png")):
        more = [Image.fromarray(255 - noise(8, 8))] * 2
        content = encoded(frames[0], kind, save_all=True, append_images=more)
        (tmp_path / f"a.{ending}").write_bytes(content)
        assert inspect_image(tmp_path / f"a.{ending}").pages, kind
    (tmp_path / "b.tif").write_bytes(encoded(frames[0], "TIFF"))
    source = load(tmp_path)
    assert "only the first of several pages or frames of 4" in source.preparation
    # The GIF file, too, though it was asked for its second page.
    np.testing.assert_array_equal(levels(source)[0, ..., 0], noise(8, 8))
    np.testing.assert_array_equal(levels(source)[4, ..., 0], noise(8, 8))


def test_preparation_says_what_is_cropped_and_resized(tmp_path):
    fill(tmp_path, [noise(8, 8)])
    assert load(tmp_path).preparation == "8x8 as they are; grey"
    assert load(tmp_path, image_size=4).preparation == "8x8 to 4x4; grey"
    fill(tmp_path, [noise(6, 9, 3)])
    expected = "centre squares, 6x9 (height x width) to 4x4; RGB"
    assert load(tmp_path, image_size=4).preparation == expected
    (tmp_path / "1.png").write_bytes(encoded(noise(20, 10), "PNG"))
    expected = "centre squares, 2 sizes from 6x9 (height x width) to 20x10, to 4x4; RGB; 1 of 2"
    assert load(tmp_path, image_size=4).preparation == f"{expected} are grey"
