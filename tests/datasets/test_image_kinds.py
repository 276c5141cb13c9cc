"""What the files of images hold: frames, depths, colours, transparency, EXIF data."""

import struct

import numpy as np
import pytest
from image_bytes import ENDINGS, encoded, noise, png
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.datasets.image_files import inspect_image, read_image
from tfgan_losses.datasets.levels import Reading, parse_background


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_first_frame_counts(tmp_path, kind):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime", "blue")]
    content = encoded(
        frames[0],
        kind,
        save_all=True,
        append_images=frames[1:],
        loop=0,
        **{"lossless": True} if kind == "WEBP" else {},
    )
    (tmp_path / "a.png").write_bytes(content)  # The ending does not matter.
    assert (read_image(tmp_path / "a.png", 3) == (255, 0, 0)).all()


def test_sixteen_bits(tmp_path):
    grey = np.array([[0, 257, 65535, 300]], ">u2")
    (tmp_path / "grey.png").write_bytes(png(4, 1, depth=16, data=b"\0" + grey.tobytes()))
    assert read_image(tmp_path / "grey.png", 1).ravel().tolist() == [0, 1, 255, 1]
    rgb = np.array([[0, 257 * 9, 65535]], ">u2")
    (tmp_path / "rgb.png").write_bytes(png(1, 1, depth=16, color=2, data=b"\0" + rgb.tobytes()))
    assert read_image(tmp_path / "rgb.png", 3).ravel().tolist() == [0, 9, 255]


def test_inverted_cmyk_and_ycck(tmp_path):
    # Adobe stores 255 - ink; Cb = Cr = 128 means no colour, so both say half of each ink but black.
    flat = Image.new("CMYK", (8, 8), (127, 127, 127, 0))
    content = encoded(flat, "JPEG", quality=100)
    marker = content.index(b"Adobe") + 11
    for name, transform in (("cmyk", 0), ("ycck", 2)):
        (tmp_path / "a.jpg").write_bytes(
            content[:marker] + bytes([transform]) + content[marker + 1 :]
        )
        np.testing.assert_allclose(read_image(tmp_path / "a.jpg", 3), 128, atol=2, err_msg=name)


@pytest.mark.parametrize("color", ["white", "black", "#204000"])
def test_what_is_behind_transparent_parts(tmp_path, color):
    background = parse_background(color)
    pixels = np.full((4, 4, 4), 120, np.uint8)
    pixels[..., 3] = 255
    pixels[:2, :, 3] = 0
    palette = Image.fromarray(pixels[..., 3] // 255)
    palette.putpalette([120] * 6)
    Image.fromarray(pixels).save(tmp_path / "rgba.png")
    Image.fromarray(pixels).convert("LA").save(tmp_path / "la.png")
    palette.save(tmp_path / "p.png", transparency=0)
    for path in tmp_path.iterdir():
        read = read_image(path, 3, Reading(background=background))
        assert (read[:2] == background).all() and (read[2:] == 120).all(), path
        facts = inspect_image(path, Reading(background=background))
        assert facts.transparent and facts.grey == (path.name == "la.png" and color[0] != "#")


# EXIF 2.32, section 4.6.4: where the first row and the first column of the stored image belong.
VIEWED = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: x[::-1, ::-1].swapaxes(0, 1),
    8: lambda x: np.rot90(x),
}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [*VIEWED, 0, 9, 77])
def test_exif_orientations(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = noise(4, 6, 3)
    (tmp_path / "a.png").write_bytes(encoded(pixels, kind, exif=exif, **options))
    expected = VIEWED.get(orientation, VIEWED[1])(pixels)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png", 3), expected)
    assert inspect_image(tmp_path / "a.png")[:2] == (False, expected.shape[:2])


BROKEN_EXIF = [
    b"",
    b"no TIFF header",
    b"II*\0\xff\xff\xff\xff",
    b"II*\0\x08\0\0\0\xff\xff" + bytes(9),  # 65535 entries in 9 bytes
    b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHLL", 0x0112, 2, 2**31, 8),
    b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHLL", 0x0112, 12, 1, 0),
]


def test_broken_exif_does_not_matter(tmp_path):
    for kind in ("PNG", "JPEG", "WEBP"):
        for number, exif in enumerate(BROKEN_EXIF):
            content = encoded(noise(4, 4, 3), kind, exif=b"Exif\0\0" + exif)
            (tmp_path / f"{number}.{ENDINGS[kind]}").write_bytes(content)
    assert datasets.load(f"folder:{tmp_path}").size == 18  # And no warning.
