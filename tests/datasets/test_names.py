"""Mistyped names, paths without a kind, one line for each source, and disks that take nothing."""

import errno
import os

import numpy as np
import pytest
import tensorflow as tf
from image_bytes import encoded, noise

from tfgan_losses import datasets
from tfgan_losses.datasets import tfds_builders
from tfgan_losses.datasets.mixtures import MIXTURES


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "0.png").write_bytes(encoded(noise(4, 4), "PNG"))
    np.savez(tmp_path / "a.npz", x=noise(3, 4, 4))
    return tmp_path / "photos"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("floder:photos", "folder:photos"),
        ("Folder:photos", "folder:photos"),
        ("images:photos", "folder:photos"),
        ("{}", "folder:{}"),
        ("~/photos", "folder:~/photos"),
        ("./photos", "folder:./photos"),
        ("photos", "folder:photos"),
        ("a.npz", "npz:a.npz"),
        ("nzp:a.npz", "npz:a.npz"),
    ],
)
def test_hints(photos, name, meant):
    name, meant = name.format(photos), meant.format(photos)
    with pytest.raises(ValueError, match=f"Did you mean {meant}[?] .*Received: name='{name}'"):
        datasets.load(name)


@pytest.mark.parametrize("name", ["folder:", "npz:"])
def test_a_kind_without_a_path_is_not_the_working_directory(photos, name):
    with pytest.raises(ValueError, match=f"a path after the colon.*Received: name='{name}'"):
        datasets.load(name)


def test_home_is_expanded(photos):
    assert datasets.load("folder:~/photos").size == 1
    assert datasets.load("npz:~/a.npz").size == 3
    assert datasets.load("digits", data_dir="~/data", split="train[:3]").size == 3
    assert (photos.parent / "data" / "digits").exists()


def test_every_source_is_one_line(photos, digits, data_dir):
    stream = datasets.load("digits", data_dir=data_dir, memory_limit=0)
    expected = "MemorySource('digits', 1797 examples of shape (8, 8, 1), 10 classes)"
    assert repr(digits) == expected
    assert repr(stream) == expected.replace("Memory", "Record").replace("Source", "Stream")
    assert repr(datasets.load("ring8")) == "MixtureSource('ring8', endless examples of shape (2,))"
    folder = datasets.load("folder:photos", memory_limit=0)
    assert repr(folder) == "IndexedStream('folder:photos', 1 examples of shape (4, 4, 1))"
    assert repr(MIXTURES["grid25"]) == "Mixture(25 modes, sigma=0.05)"


@pytest.mark.parametrize("option", [{"white_level": 3}, {"background": "red"}])
def test_points_have_neither_white_nor_background(option):
    with pytest.raises(ValueError, match=f"points, not images.*{next(iter(option))}="):
        datasets.load("ring8", **option)


@pytest.mark.parametrize("name", ["ring8", "npz:a.npz", "digits"])
def test_only_folders_have_files_to_skip(photos, name):
    with pytest.raises(ValueError, match=r"no files of images.*skip_bad_images=True"):
        datasets.load(name, skip_bad_images=True)


def test_tfds_has_no_background_but_a_white_level(data_dir):
    with pytest.raises(ValueError, match=r"no image with transparent parts.*background=red"):
        datasets.load("digits", data_dir=data_dir, background="red")
    for limit in (None, 0):
        options = {"data_dir": data_dir, "memory_limit": limit}
        half = datasets.load("digits", **options, white_level=510)
        whole = datasets.load("digits", **options)
        np.testing.assert_allclose(half.take(9)[0], whole.take(9)[0] / 2 - 0.5, atol=0.0041)
        with pytest.raises(ValueError, match=r"values above the white level, 99$"):
            datasets.load("digits", **options, white_level=99)


def one_line(error):
    assert "\n" not in str(error.value) and len(str(error.value)) < 400
    return str(error.value)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing(tmp_path, monkeypatch, kind):
    def fail(*_, **__):
        raise OSError(kind, os.strerror(kind), "/somewhere")

    monkeypatch.setattr("tensorflow_datasets.core.DatasetBuilder.download_and_prepare", fail)
    with pytest.raises(OSError, match="data_dir=") as error:
        datasets.load("digits", data_dir=str(tmp_path))
    assert f"'digits' cannot be kept in {tmp_path}: {os.strerror(kind)}" in one_line(error)


def test_a_disk_that_is_full_when_tfds_closes_a_file(tmp_path, monkeypatch):
    def fail(*_, **__):
        full = tf.errors.ResourceExhaustedError(None, None, "digits-train; No space left on device")
        raise RuntimeError("ResourceExhaustedError: Failed to finalize\nwriting") from full

    monkeypatch.setattr("tensorflow_datasets.core.DatasetBuilder.download_and_prepare", fail)
    with pytest.raises(OSError, match=r"digits-train; No space left .*data_dir=") as error:
        datasets.load("digits", data_dir=str(tmp_path))
    one_line(error)


def test_a_data_directory_that_is_a_file(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(OSError, match=r"data: Not a directory.*data_dir=") as error:
        datasets.load("digits", data_dir=str(tmp_path / "data"))
    one_line(error)


@pytest.fixture
def prepared(tmp_path):
    folder = tmp_path / "digits" / "1.0.0"
    datasets.load("digits", data_dir=str(tmp_path))
    return folder


@pytest.mark.parametrize("memory_limit", [None, 0])
@pytest.mark.parametrize("length", [None, 0, 100])
def test_damaged_records(prepared, length, memory_limit):
    (records,) = prepared.glob("*.tfrecord*")
    whole = records.read_bytes()
    records.unlink() if length is None else records.write_bytes(whole[:length])
    with pytest.raises(ValueError, match=f"Remove {prepared} to have it written anew") as error:
        datasets.load("digits", data_dir=str(prepared.parents[1]), memory_limit=memory_limit)
    assert "{{" not in one_line(error) and "[Op" not in str(error.value)


@pytest.mark.parametrize("length", [0, 100])
def test_damaged_descriptions(prepared, length):
    path = prepared / "dataset_info.json"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"'digits' in .* is damaged.*Remove it") as error:
        datasets.load("digits", data_dir=str(prepared.parents[1]))
    one_line(error)


def test_names_of_what_needs_no_network():
    assert datasets.NAMES == tfds_builders.NAMES
