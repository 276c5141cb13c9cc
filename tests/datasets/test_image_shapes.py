"""Images of any height and width: cropped, padded or stretched, on every way into a training."""

import numpy as np
import pytest
import tensorflow as tf
from image_bytes import encoded, noise
from PIL import Image

from tfgan_losses import datasets, image_sizes
from tfgan_losses.datasets.fitting import Fitting

# Pillow clips between its two passes; nothing is to be clipped in these.
PHOTO = noise(30, 40, 3) // 4 + 96


@pytest.fixture
def load(tmp_path):
    """Loads images as a folder, as an archive or as a TFDS set of one size."""

    def save_and_load(images, kind="folder", **options):
        if kind == "npz":
            np.savez(tmp_path / "a.npz", x=np.stack(images))
            return datasets.load(f"npz:{tmp_path / 'a.npz'}", **options)
        (tmp_path / "images").mkdir(exist_ok=True)
        for i, pixels in enumerate(images):
            path = tmp_path / "images" / f"{i}.png"
            path.write_bytes(encoded(np.squeeze(pixels), "PNG"))
        return datasets.load(f"folder:{tmp_path / 'images'}", **options)

    return save_and_load


def levels(examples):
    return np.round((examples + 1) * 127.5).astype(int)


@pytest.mark.parametrize("asked", [64, "64", (64, 64), "64x64", [64, 64], np.int64(64)])
def test_what_is_a_square(asked):
    assert image_sizes.size_of(asked) == (64, 64)


@pytest.mark.parametrize("asked", [(64, 96), "64x96", "64x96 "])
def test_height_comes_before_width(asked):
    assert image_sizes.size_of(asked) == (64, 96)


@pytest.mark.parametrize("asked", ["64x", "x64", "a", "", "6.4", "1x2x3", 6.4, (64,), (6, 4.0)])
def test_what_is_no_size(asked):
    with pytest.raises(ValueError, match=r"such as 64x96\. Received: image_size="):
        image_sizes.size_of(asked)
    for low in (0, "0x5", (5, -1)):
        with pytest.raises(ValueError, match=r"Expected image_size >= 1\. Received: image_size="):
            datasets.load("digits", image_size=low)
    with pytest.raises(ValueError, match="at most 2147483647 pixels"):
        image_sizes.size_of("5x2147483648")


def before(image, size):
    """The resizing of centre squares as it was when there was no other."""
    height, width = image.shape[-3:-1]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[..., top : top + side, left : left + side, :]
    resized = tf.image.resize(square, [size, size], method="lanczos3", antialias=True)
    if image.dtype == np.uint8:
        return tf.cast(tf.clip_by_value(tf.round(resized), 0.0, 255.0), tf.uint8).numpy()
    return tf.clip_by_value(resized, -1.0, 1.0).numpy()


@pytest.mark.parametrize("shape", [(30, 40, 3), (2, 31, 20, 4), (9, 9, 1)])
def test_squares_are_those_of_before(shape):
    for image in (noise(*shape), (noise(*shape) / 127.5 - 1).astype(np.float32)):
        np.testing.assert_array_equal(Fitting((8, 8))(tf.constant(image)), before(image, 8))


PARTS = [
    # The size asked for, and rows and columns of the part of 30x40 pixels.
    ((10, 20), (5, 25), (0, 40)),
    ((20, 10), (0, 30), (12, 27)),
    ((12, 16), (0, 30), (0, 40)),
    ((7, 30), (10, 19), (0, 40)),
]


@pytest.mark.parametrize("kind", ["folder", "npz"])
@pytest.mark.parametrize(("size", "rows", "columns"), PARTS)
def test_crop_equals_pillow(load, kind, size, rows, columns):
    part = Image.fromarray(PHOTO[slice(*rows), slice(*columns)])
    expected = np.asarray(part.resize(size[::-1], Image.Resampling.LANCZOS), int)
    source = load([PHOTO], kind, image_size=size)
    assert source.example_shape == (*size, 3)
    assert abs(levels(source.take(1)[0])[0] - expected).max() <= 1


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_stretch_equals_pillow(load, kind):
    expected = np.asarray(Image.fromarray(PHOTO).resize((9, 17), Image.Resampling.LANCZOS), int)
    source = load([PHOTO], kind, image_size=(17, 9), fit="stretch")
    assert abs(levels(source.take(1)[0])[0] - expected).max() <= 1
    assert source.preparation.startswith("30x40 (height x width) stretched to 17x9; RGB")


@pytest.mark.parametrize("kind", ["folder", "npz"])
@pytest.mark.parametrize(
    ("size", "top", "left"), [((20, 16), 4, 0), ((12, 24), 0, 4), ((60, 90), 0, 5), ((6, 8), 0, 0)]
)
def test_pad_equals_pillow_within_its_borders(load, kind, size, top, left):
    source = load([PHOTO], kind, image_size=size, fit="pad", background="#204060")
    got = levels(source.take(1)[0])[0]
    inside = (slice(top, size[0] - top), slice(left, size[1] - left))
    height, width = got[inside].shape[:2]
    expected = Image.fromarray(PHOTO).resize((width, height), Image.Resampling.LANCZOS)
    assert abs(got[inside] - np.asarray(expected, int)).max() <= 1
    got[inside] = (32, 64, 96)
    assert (got == (32, 64, 96)).all()
    words = f"the whole of 30x40 (height x width) in {size[0]}x{size[1]} with #204060 borders"
    words = words if top or left else "30x40 (height x width) to 6x8"
    assert source.preparation.startswith(words)


def test_odd_borders_are_one_pixel_wider_below_and_right():
    image = tf.zeros([1, 4, 3, 1], tf.uint8)
    padded = Fitting((4, 6), "pad")(image).numpy()[0, 0, :, 0]
    assert padded.tolist() == [255, 0, 0, 0, 255, 255]


def test_borders_of_grey_of_transparent_and_of_float_images():
    color = (255, 0, 0)
    grey = Fitting((2, 4), "pad", color)(tf.zeros([2, 2, 1], tf.uint8)).numpy()
    assert grey[0, :, 0].tolist() == [76, 0, 0, 76]  # 0.299 * 255
    rgba = Fitting((2, 4), "pad", color)(tf.ones([2, 2, 4])).numpy()
    assert rgba[0, 0].tolist() == [1, -1, -1, -1] and (rgba[:, 1:3] == 1).all()
    assert (Fitting((2, 4), "pad")(tf.zeros([2, 2, 3])).numpy()[:, 0] == 1).all()


def test_a_line_is_still_an_image():
    for fit in image_sizes.FITS:
        for shape in ((1, 500, 3), (500, 1, 3), (1, 1, 3)):
            image = tf.fill(shape, tf.constant(100, tf.uint8))
            fitted = Fitting((3, 5), fit, (100, 100, 100))(image).numpy()
            assert fitted.shape == (3, 5, 3) and (fitted == 100).all(), (fit, shape)


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_images_of_one_size_are_taken_as_they_are(load, kind):
    source = load([noise(6, 9, 3)] * 2, kind)
    np.testing.assert_array_equal(levels(source.take(2)[0]), [noise(6, 9, 3)] * 2)
    assert source.preparation.startswith("6x9 (height x width) as they are; RGB")


def test_several_sizes_need_one(load):
    images = [noise(6, 9, 3), noise(9, 6, 3)]
    message = r"of several sizes\. Expected image_size=<pixels>.*64x96.*fit=pad keeps"
    with pytest.raises(ValueError, match=message):
        load(images)
    source = load(images, image_size=(4, 6))
    words = "centre 2:3 parts, 2 sizes from 6x9 (height x width) to 9x6, to 4x6; RGB"
    assert source.preparation == words and source.example_shape == (4, 6, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fit": "pad"}, r"Expected image_size=\.\.\. beside fit=pad"),
        ({"fit": "crpo", "image_size": 8}, r"crop, pad, stretch\. Received: fit='crpo'.*'crop'"),
    ],
)
def test_what_is_no_fit(options, message):
    with pytest.raises(ValueError, match=message):
        datasets.load("digits", **options)


@pytest.mark.parametrize(
    "option", [{"image_size": (8, 9)}, {"image_size": 8, "fit": "pad"}, {"channels": 3}]
)
def test_points_have_no_shape(option, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)))
    for name in ("ring8", f"npz:{tmp_path / 'a.npz'}"):
        with pytest.raises(ValueError, match=r"no `image_size`|no `channels`"):
            datasets.load(name, **option)


def same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def test_stream_memory_and_mirror_agree(load, draw):
    images = [noise(10 + i, 13, 3) for i in range(5)]
    for fit in image_sizes.FITS:
        options = {"image_size": (6, 9), "fit": fit, "channels": 1, "background": "gray"}
        memory, stream = (load(images, **options, memory_limit=limit) for limit in (None, 0))
        assert type(memory) is not type(stream) and memory.fingerprint == stream.fingerprint
        assert memory.batches(4).element_spec == stream.batches(4).element_spec
        same(memory.take(5)[:1], stream.take(5)[:1])
    same(draw(memory, 3, 3, seed=1)[2], draw(stream, 3, 1, seed=1, start=2)[0])
    both = datasets.mirrored(stream)
    same(draw(datasets.mirrored(memory), 3, 1)[0], draw(both, 3, 1)[0])
    assert both.example_shape == (6, 9, 1) and both.take(10)[0].shape == (10, 6, 9, 1)


@pytest.mark.parametrize("limit", [None, 0])
def test_tfds_is_padded_like_arrays(data_dir, load, limit):
    options = {"image_size": "12x6", "fit": "pad", "channels": 3, "background": "lime"}
    source = datasets.load("digits", data_dir=data_dir, memory_limit=limit, **options)
    assert source.preparation == (
        "the whole of 8x8 (height x width) in 12x6 with lime borders; RGB; grey as three equal "
        "channels"
    )
    digits = levels(datasets.load("digits", data_dir=data_dir).take(7)[0]).astype(np.uint8)
    same(source.take(7)[:1], load(digits, "npz", **options).take(7)[:1])


def test_fingerprints_tell_shapes_apart(load):
    images = [noise(6, 9, 3)] * 2
    options = [
        {}, {"image_size": (6, 8)}, {"image_size": (6, 8), "fit": "pad"},
        {"image_size": (6, 8), "fit": "stretch"}, {"channels": 1}, {"channels": 4},
    ]  # fmt: skip
    found = [load(images, "npz", **each).fingerprint for each in options]
    assert all(a == b or datasets.describe_change(a, b) for a in found for b in found)
    assert len({str(each) for each in found}) == len(options)
    assert load(images, "npz", image_size=(6, 9), fit="pad").fingerprint == found[0]
    old = {key: found[0][key] for key in found[0] if key not in ("example_shape", "fit")}
    assert datasets.describe_change(old, found[1]) is None  # Of a run of before.
    line = "shape of an example was [6, 9, 3], is [6, 8, 3]; fit was None, is crop"
    assert datasets.describe_change(found[0], found[1]) == line
