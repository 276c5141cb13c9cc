"""Image files as the internet has them: handled, or refused by name; never a crash or a hang."""

import os
import re
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from image_bytes import ENDINGS, encoded, noise, png
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.datasets import image_files, listed_images
from tfgan_losses.datasets.image_files import inspect_image, read_image


def bmp(width, height):
    fields = struct.pack("<IIIIiiHHIIIIII", 0, 0, 54, 40, width, height, 1, 24, *[0] * 6)
    return b"BM" + fields


def gif(width, height):
    image = struct.pack("<HHHHBB", 0, 0, width, height, 0, 2)
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b"," + image


def tiff(width, height):
    entries = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height}
    entries[279] = width * height
    body = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in entries.items())
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + body + bytes(4)


def targa(width, height):
    return struct.pack("<BBB5sHHHHBB", 0, 0, 3, bytes(5), 0, 0, width, height, 8, 0)


def jpeg_2000(width, height):
    whole = encoded(noise(24, 20), "J2K" if "J2K" in Image.SAVE else "JPEG2000")
    return whole.replace(struct.pack(">II", 20, 24), struct.pack(">II", width, height)).replace(
        struct.pack(">II", 24, 20), struct.pack(">II", height, width)
    )


WORDS = (b"zTXt", b"a\0\0" + zlib.compress(bytes(2**25)))
PROFILE = (b"iCCP", b"a\0\0" + zlib.compress(bytes(2**25)))


def load(folder, **kwargs):
    return datasets.load(f"folder:{folder}", **kwargs)


def refused(path, message):
    """Both readers name the file: the one of all files before training, the one in training."""
    with pytest.raises(ValueError, match=rf"1 of 1 files.*{re.escape(path.name)}.*{message}"):
        load(path.parent, image_size=4)
    with pytest.raises(ValueError, match=rf"{re.escape(path.name)}' cannot be read.*{message}"):
        read_image(path, 3)


def one_of_each_kind():
    photo = noise(24, 20, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "png", encoded(photo, "PNG", exif=exif)
    yield "png", encoded(Image.fromarray(photo).quantize(16), "PNG", transparency=3)
    yield "jpg", encoded(photo, "JPEG", exif=exif)
    yield "jpg", encoded(photo, "JPEG", progressive=True)
    yield "bmp", encoded(photo, "BMP")
    frames = [Image.fromarray(noise(24, 20)) for _ in range(2)]
    yield "gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"hi")
    yield "webp", encoded(photo, "WEBP", exif=exif)
    yield "webp", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    yield "tif", encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    yield "tif", encoded(Image.fromarray(photo), "TIFF", compression="tiff_lzw")
    yield "tif", encoded(Image.fromarray(photo), "TIFF", compression="jpeg")
    yield "tif", encoded(noise(24, 20).astype(np.uint16) * 257, "TIFF", compression="packbits")
    yield "jp2", encoded(photo, "JPEG2000")
    yield "avif", encoded(photo, "AVIF")
    yield "ppm", encoded(photo, "PPM")
    yield "tga", encoded(photo, "TGA", compression="tga_rle")
    rows = np.insert(noise(24, 120), 0, 0, axis=1)
    yield "png", png(20, 24, depth=16, color=2, data=rows.tobytes())


def variants(whole, random, count):
    """A file cut at random places, with random bytes changed, or with a part of it repeated."""
    for number in range(count):
        damaged = bytearray(whole)
        if number % 4 == 0:
            del damaged[random.integers(len(whole)) :]
        elif number % 4 == 3:
            at, to = sorted(random.integers(len(whole), size=2))
            damaged[at:at] = damaged[at:to]
        else:
            # Headers decide more than pixels do.
            reach = len(whole) if number % 4 == 1 else min(len(whole), 80)
            for place in random.integers(reach, size=random.integers(1, 6)):
                damaged[place] = random.integers(256)
        yield bytes(damaged)


@pytest.mark.filterwarnings("ignore")  # Pillow's, of odd metadata.
@pytest.mark.parametrize("number", range(17))
def test_damaged_files_are_decoded_or_refused(tmp_path, monkeypatch, number):
    monkeypatch.setattr(image_files, "MAX_PIXELS", 2**20)  # As large ones take as long as real.
    ending, whole = list(one_of_each_kind())[number]
    path = tmp_path / f"a.{ending}"
    outcomes = {"decoded": 0, "refused": 0}
    for damaged in variants(whole, np.random.default_rng(number), 120):
        path.write_bytes(damaged)
        found = inspect_image(path)
        if isinstance(found, str):
            outcomes["refused"] += 1
            with pytest.raises(ValueError, match=re.escape(path.name)):
                read_image(path, 3)
            continue
        outcomes["decoded"] += 1
        for channels in (1, 3):
            image = read_image(path, channels)
            assert image.dtype == np.uint8 and image.shape == (*found[1], channels)
    # A PNG file has checksums; of a PPM or TGA file, most changes are of a pixel.
    assert outcomes["refused"] > 5 and (outcomes["decoded"] > 5 or ending == "png"), outcomes


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.png", b"", "the file is empty"),
        ("text.jpg", b"no image", "no PNG, JPEG, BMP, GIF, WEBP, TIFF"),
        ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG"),
        # Nearly anything can be read as one: by its ending only.
        ("targa.png", encoded(noise(4, 4), "TGA"), "no PNG"),
        ("icon.bmp", encoded(noise(16, 16), "ICO"), "no PNG"),
        ("photoshop.png", b"8BPS\x00\x01" + bytes(64), "no PNG"),
        # Pillow would hand it to Ghostscript.
        ("script.jpg", encoded(noise(4, 4), "EPS"), "no PNG"),
        ("flat.png", png(0, 5), ""),
        ("header.png", png(4, 4)[:33], ""),
        ("cut.jpg", encoded(noise(64, 64, 3), "JPEG")[:900], "truncated"),
        ("bomb.png", png(9460, 9460, data=bytes(10)), "9460x9460"),  # Pillow only warns.
        ("bomb2.png", png(20_000, 20_000, data=bytes(10)), "exceeds limit"),
        ("bomb.bmp", bmp(30_000, 30_000), "exceeds limit"),
        ("bomb.gif", gif(65_535, 65_535), "exceeds limit"),
        ("bomb.tif", tiff(60_000, 60_000), "exceeds limit"),
        ("bomb.ppm", b"P6 60000 60000 255\n" + bytes(9), "exceeds limit"),
        ("bomb.tga", targa(60_000, 60_000), "exceeds limit"),
        ("bomb.jp2", jpeg_2000(60_000, 60_000), "exceeds limit"),
        ("words.png", png(1, 1, data=bytes(2), chunks=[WORDS]), "too large"),
        ("profile.png", png(1, 1, data=bytes(2), chunks=[PROFILE] * 2), ""),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, message)


def test_many_scans_of_one_jpeg_are_refused(tmp_path):
    # Each scan of 14 bytes costs as much time as a whole image.
    whole = encoded(noise(4096, 4096) // 255, "JPEG", progressive=True)
    scan = whole[whole.rfind(b"\xff\xda") :][:14]
    (tmp_path / "a.jpg").write_bytes(whole[:-2] + 3000 * scan + whole[-2:])
    refused(tmp_path / "a.jpg", "painted 30")


def test_large_files_and_large_images_one_at_a_time(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(encoded(noise(8, 8), "PNG"))
    monkeypatch.setattr(image_files, "_LARGE", 10)
    assert read_image(tmp_path / "a.png", 1).shape == (8, 8, 1)
    with open(tmp_path / "a.png", "r+b") as file:
        file.truncate(2**31)  # Takes no room on the disk.
    refused(tmp_path / "a.png", "expected at most")


def test_extreme_sizes(tmp_path):
    for kind in ("PNG", "JPEG", "BMP", "GIF"):
        for size in ((1, 1), (1, 60_000), (60_000, 1)):
            path = tmp_path / f"{size}.{ENDINGS[kind]}"
            path.write_bytes(encoded(noise(*size), kind))
            assert read_image(path, 1).shape == (*size, 1)
    assert load(tmp_path, image_size=2).take(99)[0].shape == (12, 2, 2, 3)


@pytest.mark.parametrize("memory_limit", [None, 0])
def test_files_that_are_none(tmp_path, memory_limit, caplog):
    folder = tmp_path / "images"
    folder.mkdir()
    image = encoded(noise(4, 4), "PNG")
    names = [b"good.png", b"caf\xe9 \n.png", b"n" * 251 + b".png"]
    for name in names:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(image)
    assert load(folder, memory_limit=memory_limit).take(9)[0].shape == (3, 4, 4, 1)
    os.mkfifo(folder / "pipe.png")
    (folder / "folder.png").mkdir()
    (folder / "broken.png").symlink_to("absent")
    (folder / "self.png").symlink_to("self.png")
    with open(os.fsencode(folder) + b"/\xff.png", "wb"):
        pass
    message = "4 of 7 files.*broken.png' .No such file.*pipe.png' .it is a pipe.*self.png.*udcff"
    with pytest.raises(ValueError, match=message):
        load(folder, memory_limit=memory_limit)
    source = load(folder, memory_limit=memory_limit, skip_bad_images=True)
    assert (source.size, source.left_out) == (3, {"unreadable": 4}) and "pipe.png" in caplog.text
    assert source.take(9)[0].shape == (3, 4, 4, 1)


def test_links_that_go_in_circles(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.png").write_bytes(encoded(noise(4, 4), "PNG"))
        for link in "xyz":
            (tmp_path / name / link).symlink_to(tmp_path / name, target_is_directory=True)
        (tmp_path / name / "up").symlink_to(tmp_path, target_is_directory=True)
    assert load(tmp_path).take(9)[1].tolist() == [0, 1]


@pytest.mark.skipif(os.geteuid() == 0, reason="Nothing is forbidden to root.")
def test_forbidden_files(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(noise(4, 4), "PNG"))
    (tmp_path / "a.png").chmod(0)
    refused(tmp_path / "a.png", "Permission denied")


def test_files_that_change_while_they_are_read(tmp_path, monkeypatch, draw):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes(encoded(noise(4, 4), "PNG"))
    source = load(tmp_path, memory_limit=0)
    (tmp_path / "1.png").write_bytes(encoded(noise(9, 5, 3), "PNG"))
    assert source.take(3)[0].shape == (3, 4, 4, 1)
    (tmp_path / "1.png").unlink()
    with pytest.raises(ValueError, match=r"^The data set .*1\.png' cannot.*: No such file.*y$"):
        source.take(3)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"1\.png' cannot be read"):
        draw(source, 3, 1)
    # Between the look at all files and reading them into memory.
    (tmp_path / "1.png").write_bytes(b"")
    facts = image_files.Facts(True, (4, 4), (0, 255), 255.0, 255.0, False, False)
    monkeypatch.setattr(listed_images, "inspect_image", lambda file, reading: facts)
    with pytest.raises(ValueError, match=r"^The data set .*1\.png' cannot.*: the file is empty$"):
        load(tmp_path)
