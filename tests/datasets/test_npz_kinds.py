"""What an array may be: images, series, vectors, and labels in the ways that people write them."""

import numpy as np
import pytest

from tfgan_losses import datasets


@pytest.fixture
def load(tmp_path):
    def save_and_load(options=None, **arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return datasets.load(f"npz:{tmp_path / 'a.npz'}", **(options or {}))

    return save_and_load


IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)


def levels(source):
    return np.round((source.take(99)[0] + 1) * 127.5).astype(int)


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        (
            (9, 50, 6),
            "float32",
            r"series.*x\[\.\.\., np.newaxis\].*x.reshape\(n, -1\).*\(9, 50, 6\)",
        ),
        ((9, 50, 6), "int64", "series"),
        ((9, 50, 4), "uint8", "series"),
        ((48, 64, 3), "uint8", r"x\[np.newaxis\] for one image"),
        ((9, 3, 32, 32), "uint8", r"x\.transpose\(0, 2, 3, 1\).*shape=\(9, 3, 32, 32\)"),
        ((9, 1, 8, 8), "float32", "channels first"),
        ((9, 3, 4, 4), "uint8", "channels first"),
        ((9, 8, 8, 2), "uint8", "with 1, 3 or 4 channels"),
        ((9, 5, 8, 8), "uint8", "with 1, 3 or 4 channels"),
        ((9, 2, 2, 8, 8), "uint8", r"\[n, height, width\(, channels\)\]"),
    ],
)
def test_what_may_be_no_images_is_refused_with_what_to_write(load, shape, dtype, message):
    with pytest.raises(ValueError, match=message):
        load({"image_size": 8}, x=np.zeros(shape, dtype))


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((9, 8, 8), "float32"),
        ((9, 50, 6), "uint8"),
        ((9, 50, 6, 1), "float32"),
        ((3, 4, 4, 4), "u1"),
    ],
)
def test_what_are_images(load, shape, dtype):
    source = load({"image_size": 8}, x=np.zeros(shape, dtype))
    assert source.example_shape == (8, 8, shape[3] if len(shape) == 4 else 1)


@pytest.mark.parametrize("dtype", ["int64", "uint16", "int16", "float32", "bool"])
def test_other_types(load, dtype):
    if dtype == "bool":
        expected = (IMAGES > 99) * 255
        source = load(x=IMAGES > 99)
    elif dtype == "float32":
        expected, source = IMAGES, load({"white_level": 255}, x=IMAGES.astype(dtype))
    else:
        expected, source = IMAGES, load(x=IMAGES.astype(dtype))
    np.testing.assert_array_equal(levels(source), expected)
    name = "uint8" if dtype == "bool" else dtype
    assert f"; RGB; {name} from 0 to " in source.preparation


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float64", "uint16"])
def test_a_white_level(load, dtype):
    values = IMAGES % 100
    values[0, 0, 0, 0] = 99
    source = load({"white_level": 99}, x=values.astype(dtype))
    np.testing.assert_allclose(source.take(9)[0], values / 49.5 - 1, atol=0.004)
    with pytest.raises(ValueError, match=r"0 to 99.*white_level=98"):
        load({"white_level": 98}, x=values.astype(dtype))
    with pytest.raises(ValueError, match=r"from -1 to 99.*white_level=99"):
        load({"white_level": 99}, x=np.where(values == 0, -1.0, values))


def test_masks_of_0_and_1_are_warned_of(load, caplog):
    masks = IMAGES[..., 0] % 2
    load(x=masks)
    assert "nearly constant, with levels from 0 to 1" in caplog.text
    assert "white_level=1" in caplog.text
    caplog.clear()
    assert set(levels(load({"white_level": 1}, x=masks)).flat) == {0, 255} and not caplog.text


def test_four_channels_are_kept_or_laid_on_a_background(load):
    alpha = np.full((6, 8, 8, 1), 255, np.uint8)
    alpha[:, :4] = 0
    x = np.concatenate([IMAGES, alpha], axis=-1)
    assert load(x=x).example_shape == (8, 8, 4)
    for given in (x, (x / 255).astype(np.float32)):
        read = levels(load({"background": "#204060"}, x=given))
        assert (read[:, :4] == (32, 64, 96)).all() and (read[:, 4:] == IMAGES[:, 4:]).all()
    with pytest.raises(ValueError, match="images of four channels"):
        load({"background": "white"}, x=IMAGES)


@pytest.mark.parametrize("option", [{"white_level": 3}, {"background": "white"}])
def test_vectors_have_neither(load, option):
    with pytest.raises(ValueError, match=f"no `{next(iter(option))}`"):
        load(option, x=np.zeros((4, 2)))


@pytest.mark.parametrize("words", [["dog", "cat", "10", "2", "dog", "cat"], [b"d", b"c"] * 3])
def test_words_as_labels(load, words):
    source = load(x=IMAGES, y=np.array(words))
    names = ("2", "10", "cat", "dog") if words[0] == "dog" else ("c", "d")
    assert source.class_names == names and source.num_classes == len(names)
    expected = [w if isinstance(w, str) else w.decode() for w in words]
    assert [names[i] for i in source.take(6)[1]] == expected
    assert source.counts == tuple(expected.count(name) for name in names)


def test_one_hot_labels(load):
    source = load(x=IMAGES, y=np.eye(4)[[3, 0, 1, 1, 0, 0]])
    assert source.take(6)[1].tolist() == [3, 0, 1, 1, 0, 0] and source.num_classes == 4
    with pytest.raises(ValueError, match="one-hot"):
        load(x=IMAGES, y=np.full((6, 4), 0.25))


@pytest.mark.parametrize("key", ["class_names", "label_names", "names"])
def test_names_of_classes(load, key, caplog):
    labels = np.array([0, 1, 0, 1, 3, 3])
    source = load(x=IMAGES, y=labels, **{key: np.array(["a", "b", "c", "d"])})
    assert source.class_names == ("a", "b", "c", "d") and source.counts == (2, 2, 0, 2)
    assert "1 of the 4 classes have no examples: c." in caplog.text
    with pytest.raises(ValueError, match=f"'{key}' to be at least 4 different words"):
        load(x=IMAGES, y=labels, **{key: np.array(["a", "b", "c"])})
    with pytest.raises(ValueError, match="at least 4 different words"):
        load(x=IMAGES, y=labels, **{key: np.array(["a", "b", "c", "a"])})


def test_gaps_are_said_and_numbers_that_are_no_classes_refused(load, caplog):
    assert load(x=IMAGES, y=np.array([1, 2, 4, 1, 2, 4])).counts == (0, 2, 2, 0, 2)
    assert "2 of the 5 classes have no examples: 0, 3." in caplog.text
    with pytest.raises(ValueError, match="2 classes, numbered from 1001 to 2005"):
        load(x=IMAGES, y=np.array([1001, 2005] * 3))
