import numpy as np
import pytest
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.datasets.image_files import EXTENSIONS, read_image


def noise(height=8, width=8, channels=3, seed=0):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(path, **options)


def load(path, **kwargs):
    return datasets.load(f"folder:{path}", **kwargs)


def to_uint8(examples):
    return np.round((examples + 1) * 127.5).astype(np.uint8)


def test_unlabelled_colour_in_sorted_order(tmp_path):
    for i in (2, 0, 1):
        save(tmp_path / f"{i}.PNG", noise(seed=i))
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.png").write_text("no image")
    source = load(tmp_path)
    assert (source.size, source.num_classes, source.example_shape) == (3, None, (8, 8, 3))
    examples, labels = source.take(3)
    assert labels is None
    np.testing.assert_array_equal(to_uint8(examples), [noise(seed=i) for i in range(3)])


def test_class_folders_are_labels_in_the_order_of_their_names(tmp_path):
    for name, count in (("dog", 2), ("cat", 1), ("eel/deep", 1)):
        for i in range(count):
            save(tmp_path / name / f"{i}.png", noise())
    source = load(tmp_path)
    assert source.num_classes == 3 and source.take(9)[1].tolist() == [0, 1, 1, 2]
    assert source.class_names == ("cat", "dog", "eel") and source.counts == (1, 2, 1)
    save(tmp_path / "loose.png", noise())
    with pytest.raises(ValueError, match=r"not both; 'loose.png'"):
        load(tmp_path)


def test_all_endings(tmp_path):
    for i, ending in enumerate(EXTENSIONS):
        save(tmp_path / f"{i}{ending}", noise())
    assert load(tmp_path).size == len(EXTENSIONS)


def test_grey_folder_has_one_channel_and_one_colour_image_makes_three(tmp_path):
    save(tmp_path / "a.png", noise(channels=1))
    save(tmp_path / "b.png", noise(channels=1), mode="LA")
    save(tmp_path / "c.bmp", noise(channels=1), mode="1")
    save(tmp_path / "d.png", noise(channels=1).astype(np.uint16) * 257)
    examples = to_uint8(load(tmp_path).take(4)[0])
    assert examples.shape == (4, 8, 8, 1)
    for i in (0, 1, 3):
        np.testing.assert_array_equal(examples[i, ..., 0], noise(channels=1))
    save(tmp_path / "e.png", noise())
    examples = to_uint8(load(tmp_path).take(5)[0])
    np.testing.assert_array_equal(examples[0], np.repeat(noise(channels=1)[..., None], 3, -1))
    np.testing.assert_array_equal(examples[4], noise())


def test_palette_alpha_and_cmyk(tmp_path):
    flat = np.full((8, 8, 3), (255, 0, 51), np.uint8)
    save(tmp_path / "palette.png", flat, mode="P")
    rgba = np.concatenate([flat, np.full((8, 8, 1), 255, np.uint8)], axis=-1)
    rgba[:4, ..., 3] = 0
    save(tmp_path / "alpha.png", rgba)
    palette = Image.fromarray(rgba).quantize(4)
    palette.save(tmp_path / "palette_alpha.png", transparency=bytes([0, 255, 255, 255]))
    save(tmp_path / "cmyk.jpg", flat, mode="CMYK", quality=100)
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png", 3), flat)
    composed = read_image(tmp_path / "alpha.png", 3)
    assert (composed[:4] == 255).all() and (composed[4:] == flat[4:]).all()
    np.testing.assert_allclose(read_image(tmp_path / "cmyk.jpg", 3).astype(int), flat, atol=6)
    assert load(tmp_path).example_shape == (8, 8, 3)


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (40, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert (to_uint8(load(tmp_path).take(1)[0]) == 40).all()


def test_exif_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to view
    save(tmp_path / "a.png", noise(), exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png", 3), np.rot90(noise(), -1))


@pytest.mark.parametrize("size", [(20, 30), (30, 20), (5, 9)])
def test_crop_and_resize_equal_pillow(tmp_path, size):
    height, width = size
    pixels = noise(*size) // 4 + 96  # Pillow clips between its two passes; nothing to clip here.
    save(tmp_path / "a.png", pixels)
    side = min(size)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    expected = np.asarray(square.resize((8, 8), Image.Resampling.LANCZOS))
    got = to_uint8(load(tmp_path, image_size=8).take(1)[0])[0]
    assert abs(got.astype(int) - expected).max() <= 1


def test_image_size_is_needed_when_sizes_differ(tmp_path):
    save(tmp_path / "a.png", noise(6, 8))
    assert load(tmp_path).example_shape == (6, 8, 3)
    save(tmp_path / "b.png", noise(8, 8))
    with pytest.raises(ValueError, match=r"several sizes.*image_size"):
        load(tmp_path)
    with pytest.raises(ValueError, match=r"Expected image_size >= 1\. Received: image_size=0"):
        load(tmp_path, image_size=0)


def test_empty_and_absent_folders(tmp_path):
    with pytest.raises(ValueError, match=r"no images.*\.png"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError, match="No such folder"):
        load(tmp_path / "absent")


@pytest.fixture
def damaged(tmp_path):
    for i in range(4):
        save(tmp_path / f"{i}.jpg", noise(64, 64, seed=i))
    (tmp_path / "1.jpg").write_bytes((tmp_path / "1.jpg").read_bytes()[:900])
    (tmp_path / "3.jpg").write_text("no image")
    return tmp_path


def test_truncated_and_false_files_are_named(damaged):
    with pytest.raises(ValueError, match=r"2 of 4 files.*1\.jpg.*3\.jpg.*skip_bad_images"):
        load(damaged, image_size=8)


@pytest.mark.parametrize("memory_limit", [None, 0])
def test_skipped_files_are_counted_and_logged(damaged, caplog, memory_limit):
    source = load(damaged, skip_bad_images=True, memory_limit=memory_limit)
    assert (source.size, source.left_out) == (2, {"unreadable": 2})
    assert "2 of 4 files" in caplog.text and "1.jpg" in caplog.text
    for path in damaged.glob("[02].jpg"):
        path.unlink()
    with pytest.raises(ValueError, match="2 of 2 files"):
        load(damaged, skip_bad_images=True)


def test_stream_equals_memory_bitwise(tmp_path, draw):
    for i in range(5):
        save(tmp_path / f"{'ab'[i % 2]}" / f"{i}.png", noise(10 + i, 12, seed=i))
    memory, stream = (load(tmp_path, image_size=6, memory_limit=limit) for limit in (None, 0))
    assert type(memory) is not type(stream)
    assert memory.batches(4).element_spec == stream.batches(4).element_spec
    for ours, theirs in zip(memory.take(5), stream.take(5), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    whole = draw(memory, 4, 6, seed=1)
    tail = draw(stream, 4, 3, seed=1, start=3)
    for ours, theirs in zip(whole[3:], tail, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
