"""Features of real examples: each once, kept, and never taken for those of something else."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tfgan_losses import datasets
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.extractors import FeatureExtractor, Pixels, cache
from tfgan_losses.extractors.base import Extracted
from tfgan_losses.measuring.reference import real_features

SHAPE = (4, 4, 1)


class Counting(FeatureExtractor):
    """Sums of images, and how many were asked for."""

    has_logits = True

    def __init__(self, name="counting", **facts):
        self.name, self._facts, self.asked = name, facts, 0

    def facts(self):
        return self._facts

    def check(self, example_shape):
        pass

    def __call__(self, examples):
        self.asked += len(examples)
        sums = examples.reshape(len(examples), -1).sum(1, keepdims=True).astype("float32")
        return Extracted(sums, -sums)


def source(count=300, seed=0, **attributes):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 256, (count, *SHAPE)).astype("uint8")
    labels = np.arange(count, dtype="int32") % 3
    return MemorySource.from_arrays(values, labels, name="images", num_classes=3, **attributes)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_LOSSES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_each_example_once_with_its_label():
    data = source()
    found = real_features(data, Counting(), needs=frozenset({"examples"}), cache=False)
    order = np.lexsort(found.examples.reshape(300, -1).T)
    expected = np.lexsort(data.examples.reshape(300, -1).T)
    np.testing.assert_array_equal(found.examples[order], data.examples[expected])
    np.testing.assert_array_equal(found.labels[order], data.labels[expected])
    # In another order than theirs, since sets are often sorted.
    assert np.any(found.labels != data.labels)


def test_a_part_is_spread_over_the_set():
    found = real_features(source(), Counting(), 60)
    assert len(found) == len(found.labels) == 60
    assert np.bincount(found.labels).min() > 10
    assert len(real_features(source(), Counting(), 1000)) == 300


def test_the_second_time_it_is_read(folder):
    first, second = Counting(), Counting()
    found = real_features(source(), first)
    assert first.asked == 300 and len(list(folder.iterdir())) == 1
    again = real_features(source(), second, needs=frozenset({"examples"}))
    assert second.asked == 0
    for name in ("features", "logits", "labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
        assert getattr(again, name).dtype == getattr(found, name).dtype
    # Examples are not kept but read again, in the same order.
    sums = again.examples.reshape(300, -1).sum(1)
    np.testing.assert_array_equal(again.features[:, 0], sums)
    assert real_features(source(), second, cache=False).examples is None and second.asked == 300


@pytest.mark.parametrize(
    "other",
    [
        lambda: (source(seed=1), Counting(), None),
        lambda: (source(count=299), Counting(), None),
        lambda: (source(preparation="greener"), Counting(), None),
        lambda: (source(), Counting("another"), None),
        lambda: (source(), Counting(hash="1f"), None),
        lambda: (source(), Counting(), 299),
        # A fingerprint that sees no difference, as that of a folder sees sizes of files only.
        lambda: (source(seed=1, fingerprint=source().fingerprint), Counting(), None),
    ],
)
def test_anything_else_is_computed(other):
    real_features(source(), Counting())
    data, extractor, count = other()
    found = real_features(data, extractor, count)
    assert extractor.asked == len(found)
    np.testing.assert_array_equal(
        found.features, real_features(data, extractor, count, cache=False).features
    )


def kept(folder):
    (path,) = folder.iterdir()
    return path


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text", "foreign", "pickled"])
def test_a_damaged_file_is_written_again_with_one_warning(damage, folder):
    found = real_features(source(), Counting())
    path = kept(folder)
    content = path.read_bytes()
    if damage == "foreign":
        np.savez(path, computed_from="something else", features=np.zeros((300, 1)))
    elif damage == "pickled":
        np.savez(path, computed_from=np.array([{}], object), features=np.zeros((300, 1)))
    else:
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        contents = {"cut": content[:-100], "changed": changed, "empty": b"", "text": b"<html>"}
        path.write_bytes(contents[damage])
    extractor = Counting()
    with pytest.warns(UserWarning, match=r"cannot be used, so that it is computed again") as warned:
        again = real_features(source(), extractor)
    assert len(warned) == 1 and str(path) in str(warned[0].message)
    assert extractor.asked == 300
    np.testing.assert_array_equal(again.features, found.features)
    extractor = Counting()
    real_features(source(), extractor)
    assert extractor.asked == 0


def test_a_file_of_other_arrays_is_damaged_too(folder):
    found = real_features(source(), Counting())
    path = kept(folder)
    with np.load(path) as file:
        key = file["computed_from"]
    for arrays in ({}, {"features": found.features[:7]}, {"features": np.array(["x"])}):
        np.savez(path, computed_from=key, **arrays)
        with pytest.warns(UserWarning, match=r"computed again"):
            again = real_features(source(), Counting())
        np.testing.assert_array_equal(again.features, found.features)


def test_a_folder_that_cannot_be_written_is_one_warning(folder):
    folder.write_text("a file, not a folder")
    extractor = Counting()
    with pytest.warns(UserWarning, match=r"cache cannot be written.*TFGAN_LOSSES_CACHE") as warned:
        found = real_features(source(), extractor)
    assert len(warned) == 1 and len(found) == 300


def test_a_full_disk_leaves_nothing(folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_save", full)
    with pytest.warns(UserWarning, match=r"No space left on device"):
        real_features(source(), Counting())
    assert not list(folder.iterdir())


def test_data_that_nothing_tells_from_other_data_is_not_kept(folder):
    for _ in range(2):
        extractor = Counting()
        real_features(source(fingerprint=None), extractor)
        assert extractor.asked == 300
    assert not folder.exists()


def test_endless_data_needs_a_count(folder):
    data, points = datasets.load("ring8"), Pixels((2,))
    with pytest.raises(ValueError, match=r"Expected count.*no end.*source='ring8'"):
        real_features(data, points)
    with pytest.raises(ValueError, match=r"Expected count >= 1.*count=0"):
        real_features(source(), Counting(), 0)
    found = real_features(data, points, 500)
    assert found.features.shape == (500, 2) and kept(folder)
    np.testing.assert_array_equal(real_features(data, points, 500).features, found.features)


def test_where_the_files_are(monkeypatch, tmp_path):
    assert cache.folder() == tmp_path / "cache"
    monkeypatch.delenv("TFGAN_LOSSES_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "tfgan_losses"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert str(cache.folder()) == "/home/somebody/.cache/tfgan_losses"


SCRIPT = """
import os, sys, time
import numpy as np
from tfgan_losses.extractors.cache import Entry

entry, started = Entry("features", {"x": 1}), time.monotonic()
while time.monotonic() - started < 1.0:
    entry.write({"features": np.full((50_000,), os.getpid(), "int64")})
    found = entry.read(lambda arrays: arrays["features"])
    assert len(set(found.tolist())) == 1
"""


@pytest.mark.slow
def test_processes_at_once_read_whole_files(folder, tmp_path):
    environment = {**os.environ, "PYTHONWARNINGS": "error::UserWarning"}
    script = tmp_path / "script.py"
    script.write_text("READS_FLAGS_FIRST = True\n" + SCRIPT)
    processes = [
        subprocess.Popen([sys.executable, script], env=environment, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    assert len(list(folder.iterdir())) == 1
