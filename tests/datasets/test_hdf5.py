"""HDF5 files: what an .npz with the same arrays is, also where they do not fit in memory."""

import h5py
import numpy as np
import pytest

from tfgan_losses import datasets

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 12, 10, 3), np.uint8)
LABELS = np.arange(30) % 3


def write(path, arrays, **options):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, **(options if np.ndim(values) > 1 else {}))
    return f"hdf5:{path}"


@pytest.mark.parametrize(
    "arrays, options",
    [
        ({"images": IMAGES, "labels": LABELS}, {}),
        ({"image": IMAGES, "label": LABELS}, {"image_size": 8}),
        ({"x": (IMAGES / 255).astype(np.float32), "y": np.eye(3)[LABELS]}, {"channels": 1}),
        ({"x_train": IMAGES.astype(">f8") / 127.5 - 1}, {"image_size": (4, 8)}),
        ({"anything": IMAGES[..., 0]}, {"channels": 3}),
        ({"x": IMAGES.astype(np.uint16) * 16}, {"white_level": 4095}),
        ({"x": IMAGES > 99}, {"image_size": 6}),
        ({"x": IMAGES, "more": LABELS}, {"mirror": True}),
    ],
)
@pytest.mark.parametrize("limit", [None, 20_000, 0])
def test_a_file_is_what_an_archive_of_numpy_is(tmp_path, draw, arrays, options, limit):
    np.savez(tmp_path / "a.npz", **arrays)
    expected = datasets.load(f"npz:{tmp_path / 'a.npz'}", **options)
    name = write(tmp_path / "a.h5", arrays, compression="gzip")
    source = datasets.load(name, memory_limit=limit, **options)
    for attribute in ("size", "num_classes", "counts", "left_out", "preparation"):
        assert getattr(source, attribute) == getattr(expected, attribute)
    for one, other in zip(
        draw(source, 7, 5, seed=3, start=2), draw(expected, 7, 5, seed=3, start=2), strict=True
    ):
        for values, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(values, same)
    # Nobody is told that data have changed because a machine has less memory.
    assert source.fingerprint == datasets.load(name, **options).fingerprint


def test_the_range_is_that_of_all_parts(tmp_path):
    images = np.zeros([600, 5, 5], np.float32)
    images[1], images[300] = -0.5, 1.0  # Signed by the first part, white by the second.
    examples, _ = datasets.load(write(tmp_path / "a.h5", {"x": images}), memory_limit=0).take(600)
    np.testing.assert_array_equal(examples[..., 0], images)


def test_kinds_of_memory(tmp_path):
    name = write(tmp_path / "a.h5", {"images": IMAGES})
    kinds = [
        type(datasets.load(name, image_size=4, memory_limit=limit)).__name__
        for limit in (None, 30 * 4 * 4 * 3, 30 * 4 * 4 * 3 - 1)
    ]
    assert kinds == ["MemorySource", "MemorySource", "IndexedStream"]


def test_words_and_names(tmp_path):
    words = np.array(["dog", "cat", "dog"] * 10, dtype=h5py.string_dtype())
    source = datasets.load(write(tmp_path / "a.h5", {"images": IMAGES, "label": words}))
    assert source.class_names == ("cat", "dog") and source.counts == (10, 20)
    named = {"images": IMAGES, "y": LABELS, "names": np.array([b"a", b"b", b"c"])}
    assert datasets.load(write(tmp_path / "b.h5", named)).class_names == ("a", "b", "c")


def test_vectors(tmp_path):
    source = datasets.load(write(tmp_path / "a.h5", {"x": np.ones([5, 2])}))
    assert source.example_shape == (2,)


@pytest.mark.parametrize("limit", [None, 0])
@pytest.mark.parametrize(
    "arrays, match",
    [
        ({"a": IMAGES, "b": IMAGES}, r"Received: arrays \['a', 'b'\]"),
        ({"train/a": IMAGES, "test/a": IMAGES}, r"Received: arrays \['test/a', 'train/a'\]"),
        ({"images": IMAGES[:, :0]}, r"and not empty\. Received: shape=\(30, 0, 10, 3\)"),
        ({"images": np.float32(3)}, r"Received: shape=\(\)"),
        ({"images": np.array(["a"] * 3, object).astype(bytes)[:, None, None]}, "dtype="),
        ({"images": IMAGES, "labels": LABELS[:7]}, r"to be 30 integers"),
        ({"images": IMAGES.astype(np.float32)}, r"white_level=255"),
        ({"images": np.full([30, 5, 5], np.nan)}, r"NaN or infinite, the first at .*0, 0, 0"),
        ({"images": IMAGES.transpose(0, 3, 1, 2)}, "its channels first"),
    ],
)
def test_what_is_refused(tmp_path, arrays, match, limit):
    with pytest.raises(ValueError, match=match):
        datasets.load(write(tmp_path / "a.h5", arrays), memory_limit=limit)


def test_where_a_value_is_not_finite(tmp_path):
    images = np.zeros([300, 5, 5])
    images[277, 1, 2] = np.inf
    with pytest.raises(ValueError, match=r"first at index \(277, 1, 2\)"):
        datasets.load(write(tmp_path / "a.h5", {"images": images}), memory_limit=0)


def test_no_file_no_hdf5_and_a_damaged_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="No such file"):
        datasets.load(f"hdf5:{tmp_path / 'no.h5'}")
    (tmp_path / "a.h5").write_bytes(b"x" * 3000)
    with pytest.raises(ValueError, match=r"Expected an HDF5 file\. Received: hdf5:"):
        datasets.load(f"hdf5:{tmp_path / 'a.h5'}")
    options = {"chunks": (10, 12, 10, 3), "fletcher32": True}
    name = write(tmp_path / "b.h5", {"images": IMAGES}, **options)
    content = bytearray((tmp_path / "b.h5").read_bytes())
    content[content.index(IMAGES[15].tobytes()[:40])] ^= 255
    (tmp_path / "b.h5").write_bytes(content)
    for limit in (None, 0):
        with pytest.raises(ValueError, match="the array 'images' cannot be read"):
            datasets.load(name, memory_limit=limit)


def test_links_to_other_files_are_not_followed(tmp_path):
    write(tmp_path / "secret.h5", {"images": IMAGES})
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = h5py.ExternalLink("secret.h5", "/images")
    with pytest.raises(ValueError, match=r"Received: arrays \[\]"):
        datasets.load(f"hdf5:{tmp_path / 'a.h5'}")
