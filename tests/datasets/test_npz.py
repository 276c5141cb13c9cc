import numpy as np
import pytest

from tfgan_losses import datasets


@pytest.fixture
def load(tmp_path):
    def save_and_load(image_size=None, **arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return datasets.load(f"npz:{tmp_path / 'a.npz'}", image_size=image_size)

    return save_and_load


def images(n=6, size=4, channels=3):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, channels), np.uint8)


@pytest.mark.parametrize("key", ["images", "x_train", "x", "arr_0", "anything"])
def test_uint8_is_scaled_under_every_key(load, key):
    source = load(**{key: images(), "y": np.arange(6)})
    assert source.example_shape == (4, 4, 3) and source.num_classes == 6
    examples, labels = source.take(6)
    np.testing.assert_array_equal(examples, images().astype(np.float32) / 127.5 - 1)
    assert labels.tolist() == list(range(6)) and labels.dtype == np.int32


def test_grey_images_get_a_channel_axis(load):
    assert load(x=images()[..., 0]).example_shape == (4, 4, 1)
    assert load(x=images()).num_classes is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_in_either_range(load, dtype):
    unit = np.linspace(0, 1, 32, dtype=dtype).reshape(2, 4, 4)
    for given in (unit, unit * 2 - 1):
        examples, _ = load(x=given).take(2)
        np.testing.assert_allclose(examples[..., 0], unit * 2.0 - 1, atol=2e-3)
        assert examples.dtype == np.float32 and examples.min() == -1 and examples.max() == 1


def test_vectors_are_kept(load, draw):
    vectors = np.random.default_rng(0).normal(size=(5, 3)) * 10
    source = load(x=vectors)
    np.testing.assert_array_equal(source.take(5)[0], vectors.astype(np.float32))
    got = np.sort(draw(source, 5, 1)[0][0], axis=0)
    np.testing.assert_array_equal(got, np.sort(vectors.astype(np.float32), axis=0))
    with pytest.raises(ValueError, match="vectors, which cannot be resized"):
        load(x=vectors, image_size=8)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_resizing_crops_the_centre(load, dtype):
    picture = np.zeros((2, 4, 8, 1), dtype)
    picture[:, :, 2:6] = 200 if dtype == np.uint8 else 1
    source = load(x=picture, image_size=2)
    assert source.example_shape == (2, 2, 1)
    np.testing.assert_allclose(
        source.take(1)[0], 200 / 127.5 - 1 if dtype == np.uint8 else 1, atol=1e-6
    )
    assert load(x=picture).example_shape == (4, 8, 1)


def test_labels_of_keras_shape(load):
    assert load(x_train=images(), y_train=np.ones((6, 1), np.uint8)).num_classes == 2


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_counted_and_located(load, bad):
    x = np.zeros((3, 2, 2, 1), np.float32)
    x[1, 0, 1, 0] = x[2, 1, 1, 0] = bad
    with pytest.raises(ValueError, match=r"2 of the 12 .*index \(1, 0, 1, 0\)"):
        load(x=x)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.array([{"a": 1}, None])}, r"'x' cannot be read.*pickles are refused"),
        ({"x": np.full((2, 4, 4), 255.0)}, r"\[0, 1\] or \[-1, 1\].*to 255"),
        ({"x": np.full((2, 4, 4), -1.5)}, r"from -1.5"),
        ({"x": np.full((2, 4, 4), 256)}, r"\[0, 255\].*white_level=511.*dtype=int64"),
        ({"x": np.zeros((2, 3, 4, 4), np.uint8)}, "channels first"),
        ({"x": np.zeros((0, 4, 4), np.uint8)}, "not empty"),
        ({"x": np.zeros(4, np.uint8)}, r"shape=\(4,\)"),
        ({"a": images(), "b": images()}, r"arrays \['a', 'b'\]"),
        ({"x": images(), "y": np.zeros(5, int)}, "'y' to be 6 integers"),
        ({"x": images(), "y": np.zeros(6)}, "dtype=float64"),
        ({"x": images(), "y": np.full(6, -1)}, ">= 0"),
    ],
)
def test_what_is_refused(load, arrays, message):
    with pytest.raises(ValueError, match=message):
        load(**arrays)


def test_files_that_are_no_archives(tmp_path):
    with pytest.raises(FileNotFoundError, match="No such file"):
        datasets.load(f"npz:{tmp_path / 'absent.npz'}")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(ValueError, match=r"text\.npz is not an \.npz archive"):
        datasets.load(f"npz:{tmp_path / 'text.npz'}")
    np.savez(tmp_path / "half.npz", x=images())
    (tmp_path / "half.npz").write_bytes((tmp_path / "half.npz").read_bytes()[:200])
    with pytest.raises(ValueError, match=r"half\.npz is not an \.npz archive"):
        datasets.load(f"npz:{tmp_path / 'half.npz'}")
