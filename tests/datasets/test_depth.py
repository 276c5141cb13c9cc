"""Images of 16 bits keep what differs by less than one of 256 levels, on every way."""

import numpy as np
import pytest
from image_bytes import noise, png
from test_tfds import prepare

from tfgan_losses import datasets
from tfgan_losses.datasets.image_files import inspect_image, read_image

# One of 256 levels is 257 of these.
DEEP = np.arange(64, dtype=np.uint16).reshape(8, 8) * 3 + 30_000
COLORS = np.stack([DEEP, DEEP + 1, 65535 - DEEP], axis=-1)


def encoded_deep(pixels, **options):
    height, width, *bands = pixels.shape
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    color = {(): 0, (2,): 4, (3,): 2, (4,): 6}[tuple(bands)]
    data = np.insert(rows, 0, 0, axis=1).tobytes()
    return png(width, height, depth=16, color=color, data=data, **options)


def of_kind(kind, place, pixels, **options):
    if kind == "npz":
        np.savez(place / "a.npz", x=np.stack([pixels] * 3))
        return datasets.load(f"npz:{place / 'a.npz'}", white_level=65535, **options)
    if kind == "tfds":
        shape = (*pixels.shape[:2], 1) if pixels.ndim == 2 else pixels.shape
        feature = f"Image(shape={shape}, dtype=__import__('numpy').uint16)"
        values = f"np.array({pixels.reshape(shape).tolist()}, 'uint16')"
        if not (place / "deep").exists():
            prepare(place, "deep", {"image": feature}, f'{{"image": {values}}}')
        return datasets.load("deep", data_dir=str(place), **options)
    (place / "images").mkdir(exist_ok=True)
    for i in range(3):
        (place / "images" / f"{i}.png").write_bytes(encoded_deep(pixels))
    return datasets.load(f"folder:{place / 'images'}", **options)


@pytest.mark.parametrize(
    ("kind", "pixels"),
    [("folder", DEEP), ("folder", COLORS), ("npz", COLORS), ("tfds", DEEP)],
    ids=["grey files", "files of colours", "npz", "tfds"],
)
def test_sixteen_bits_are_kept_on_every_way(tmp_path, draw, kind, pixels):
    expected = (pixels.astype(np.float64) / 32767.5 - 1).reshape(8, 8, -1)
    memory = of_kind(kind, tmp_path, pixels)
    assert memory.examples.dtype == np.float32
    batch = draw(memory, 3, 1)[0][0]
    found = {"take": memory.take(3)[0], "choose": memory.choose(2, 1)[0], "batch": batch}
    if kind != "npz":
        stream = of_kind(kind, tmp_path, pixels, memory_limit=0)
        assert type(stream) is not type(memory) and stream.fingerprint == memory.fingerprint
        found |= {"stream": stream.take(3)[0], "streamed": draw(stream, 3, 1)[0][0]}
        assert "values to 65535 in all their levels" in stream.preparation
    for way, images in found.items():
        np.testing.assert_allclose(images[0], expected, atol=1e-6, err_msg=way)
    both = datasets.mirrored(memory).take(6)[0]
    flipped = [image for image in both if np.allclose(image, expected[:, ::-1], atol=1e-6)]
    assert len(flipped) == 3
    for fit in ("crop", "pad"):
        # All pixels of a row of two are averages, whose levels are many more than 256 have.
        small = of_kind(kind, tmp_path, pixels, image_size=(4, 4), fit=fit).take(1)[0]
        assert len(np.unique(small[..., 0])) == 16 and np.ptp(small[..., 0]) < 1 / 127.5


@pytest.mark.parametrize("orientation", range(9))
def test_deep_colours_are_turned_like_shallow_ones(tmp_path, orientation):
    tag = orientation.to_bytes(2, "little") + bytes(2)
    exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + tag + bytes(4)
    high = noise(4, 6, 3)
    (tmp_path / "deep.png").write_bytes(
        encoded_deep(high.astype(np.uint16) * 257, chunks=[(b"eXIf", exif)])
    )
    rows = np.insert(high.reshape(4, -1), 0, 0, axis=1).tobytes()
    (tmp_path / "flat.png").write_bytes(png(6, 4, color=2, data=rows, chunks=[(b"eXIf", exif)]))
    deep = read_image(tmp_path / "deep.png", 3, deep=True)
    flat = read_image(tmp_path / "flat.png", 3)
    np.testing.assert_array_equal(np.round((deep + 1) * 127.5), flat)
    assert inspect_image(tmp_path / "deep.png").size == flat.shape[:2]


@pytest.mark.parametrize("bands", [2, 4])
def test_deep_transparency(tmp_path, bands):
    pixels = np.full((4, 4, bands), 30_000, np.uint16)
    pixels[..., 0] = np.arange(16).reshape(4, 4) + 20_000
    pixels[:2, :, -1], pixels[2:, :, -1] = 0, 65535
    (tmp_path / "a.png").write_bytes(encoded_deep(pixels))
    rgba = datasets.load(f"folder:{tmp_path}", channels=4, white_level=40_000)
    found = rgba.take(1)[0][0]
    np.testing.assert_allclose(found[..., 0], pixels[..., 0] / 20_000 - 1, atol=1e-6)
    assert (found[:2, :, 3] == -1).all() and (found[2:, :, 3] == 1).all()
    laid = datasets.load(f"folder:{tmp_path}", background="black").take(1)[0][0]
    assert laid.shape[-1] == (1 if bands == 2 else 3) and (laid[:2] == -1).all()
    np.testing.assert_allclose(laid[2:, :, 0], pixels[2:, :, 0] / 32767.5 - 1, atol=1e-6)


def test_eight_bits_beside_sixteen(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded_deep(DEEP))
    flat = np.insert(noise(8, 8), 0, 0, axis=1).tobytes()
    (tmp_path / "b.png").write_bytes(png(8, 8, data=flat))
    for limit in (None, 0):
        source = datasets.load(f"folder:{tmp_path}", memory_limit=limit)
        images = source.take(2)[0]
        np.testing.assert_allclose(images[0, ..., 0], DEEP / 32767.5 - 1, atol=1e-6)
        np.testing.assert_allclose(images[1, ..., 0], noise(8, 8) / 127.5 - 1, atol=1e-6)


def test_masks_and_few_levels_stay_small(tmp_path):
    np.savez(tmp_path / "a.npz", x=noise(6, 8, 8).astype(np.uint16))
    assert datasets.load(f"npz:{tmp_path / 'a.npz'}").examples.dtype == np.uint8
