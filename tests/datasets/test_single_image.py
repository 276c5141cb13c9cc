import numpy as np
import pytest
from PIL import Image

from tfgan_losses import datasets

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)


def write(path, mode="RGB"):
    Image.fromarray(PIXELS).convert(mode).save(path)
    return path


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1), ("RGBA", 3)])
def test_an_image_has_its_own_size(tmp_path, mode, channels):
    path = write(tmp_path / "photo.png", mode)
    source = datasets.load(f"image:{path}")
    assert (source.size, source.num_classes) == (1, None)
    assert source.example_shape == (6, 9, channels)
    assert source.preparation.startswith("6x9 (height x width) as they are; ")
    (found,), labels = source.take(4)
    expected = np.asarray(Image.fromarray(PIXELS).convert("L" if channels == 1 else "RGB"))
    np.testing.assert_allclose(found, expected.reshape(6, 9, channels) / 127.5 - 1.0, atol=1e-6)
    assert labels is None
    batch = next(iter(source.batches(3, seed=1))).numpy()
    np.testing.assert_array_equal(batch, np.stack([found] * 3))


def test_background_and_white_level_count(tmp_path):
    clear = np.dstack([PIXELS, np.zeros((6, 9), np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    source = datasets.load(f"image:{tmp_path}/clear.png", background="#ff0000")
    np.testing.assert_array_equal(source.take(1)[0][0, 0, 0], [1.0, -1.0, -1.0])
    assert "transparent parts of 1 on #ff0000" in source.preparation
    Image.fromarray(np.full((6, 9), 100, np.uint8)).save(tmp_path / "dark.png")
    source = datasets.load(f"image:{tmp_path}/dark.png", white_level=100)
    assert source.take(1)[0].min() == 1.0


def test_the_same_image_elsewhere_has_the_same_fingerprint(tmp_path):
    (tmp_path / "other").mkdir()
    paths = write(tmp_path / "a.png"), write(tmp_path / "other" / "b.bmp")
    one, other = (datasets.load(f"image:{path}").fingerprint for path in paths)
    assert one == other


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "text.png").write_text("no image")
    write(tmp_path / "photo.png")
    with pytest.raises(ValueError, match=r"Expected an image that can be read. .*text.png"):
        datasets.load(f"image:{tmp_path}/text.png")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'image:.*photo.png'"):
        datasets.load(f"image:{tmp_path}/foto.png")
    with pytest.raises(ValueError, match=r"a folder. Did you mean folder:"):
        datasets.load(f"image:{tmp_path}")
    with pytest.raises(ValueError, match=r"such as image:photo.jpg"):
        datasets.load("image:")
    with pytest.raises(ValueError, match=f"Did you mean image:{tmp_path}/photo.png"):
        datasets.load(f"{tmp_path}/photo.png")
    with pytest.raises(ValueError, match=r"one image, whose size.*image_size="):
        datasets.load(f"image:{tmp_path}/photo.png", image_size=8)
