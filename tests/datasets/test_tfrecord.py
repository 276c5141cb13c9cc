"""Folders that TensorFlow Datasets has written, wherever they lie."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tfgan_losses import datasets


@pytest.fixture
def folder(digits, data_dir, tmp_path):
    """A copy of a set under another name: nothing registered is asked for it."""
    found = next(Path(data_dir).rglob("dataset_info.json")).parent
    shutil.copytree(found, tmp_path / "mine" / "2.0.0")
    return tmp_path / "mine"


def test_the_same_examples_from_any_of_its_folders(folder, digits):
    expected = digits.take(50)
    for path in (folder / "2.0.0", folder, folder.parent):
        source = datasets.load(f"tfrecord:{path}")
        for values, same in zip(source.take(50), expected, strict=True):
            np.testing.assert_array_equal(values, same)
        assert source.class_names == digits.class_names and source.size == digits.size


def test_splits_and_options(folder):
    source = datasets.load(f"tfrecord:{folder}", split="train[:20]", image_size=4, memory_limit=0)
    assert source.size == 20 and source.example_shape == (4, 4, 1)
    with pytest.raises(ValueError, match=r"Unknown split.*'train'.*split='test'"):
        datasets.load(f"tfrecord:{folder}", split="test")


def test_what_is_none(folder, tmp_path):
    record = next(folder.rglob("*.tfrecord*"))
    with pytest.raises(ValueError, match=r"the folder of the file, .*parse_single_example"):
        datasets.load(f"tfrecord:{record}")
    with pytest.raises(FileNotFoundError, match="Expected one that TFDS has written"):
        datasets.load(f"tfrecord:{tmp_path / 'no'}")
    shutil.copytree(folder / "2.0.0", folder / "3.0.0")
    with pytest.raises(ValueError, match=r"Expected one data set .*2\.0\.0, .*3\.0\.0\. Received"):
        datasets.load(f"tfrecord:{folder}")
    (folder / "3.0.0" / "dataset_info.json").write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        datasets.load(f"tfrecord:{folder / '3.0.0'}")
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(ValueError, match=r"with dataset_info\.json in it\. Received: tfrecord:"):
        datasets.load(f"tfrecord:{folder}")
