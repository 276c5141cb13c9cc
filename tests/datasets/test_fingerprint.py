import json
import time

import numpy as np
import pytest
from image_bytes import encoded, noise

from tfgan_losses import datasets
from tfgan_losses.datasets import describe_change
from tfgan_losses.datasets.array_files import open_arrays
from tfgan_losses.run_files import record


@pytest.fixture
def folder(tmp_path):
    for name, count in (("cat", 3), ("dog", 2)):
        (tmp_path / name).mkdir()
        for i in range(count):
            (tmp_path / name / f"{i}.png").write_bytes(encoded(noise(4, 4, 3), "PNG"))
    return tmp_path


def load(folder, **options):
    return datasets.load(f"folder:{folder}", **options).fingerprint


def stored(fingerprint):
    return json.loads(json.dumps(fingerprint))


def test_a_folder_that_did_not_change_or_moved_is_the_same(folder):
    before = stored(load(folder))
    assert before["size"] == 5 and before["counts"] == [3, 2]
    assert before["class_names"] == ["cat", "dog"]
    assert load(folder, memory_limit=0) == before
    moved = folder.rename(folder.parent / "moved")
    assert load(moved) == before and describe_change(before, load(moved)) is None


def test_what_changed_in_a_folder_is_one_line(folder):
    before = stored(load(folder))
    (folder / "cat" / "1.png").rename(folder / "cat" / "9.png")
    assert describe_change(before, load(folder)).startswith("content was ")
    (folder / "cat" / "9.png").unlink()
    assert describe_change(before, load(folder)) == "5 examples, now 4; class 'cat' had 3, has 2"
    (folder / "cat").rename(folder / "eel")
    line = "5 examples, now 4; class 0 was 'cat', is 'dog', class 1 was 'dog', is 'eel'"
    assert describe_change(before, load(folder)) == line
    (folder / "fox").mkdir()
    (folder / "fox" / "0.png").write_bytes(encoded(noise(4, 4, 3), "PNG"))
    line = "2 classes, now 3 (without 'cat', with 'eel', with 'fox')"
    assert describe_change(before, load(folder)) == line


def test_classes_that_are_too_many_for_a_line():
    before = {"kind": "folder", "class_names": [f"a{i}" for i in range(9)]}
    now = {"kind": "folder", "class_names": [f"b{i}" for i in range(9)]}
    assert describe_change(before, now).endswith("class 2 was 'a2', is 'b2', and 6 more")


def test_nothing_is_said_of_what_is_not_known():
    known = datasets.load("ring8").fingerprint
    assert describe_change(None, known) is None and describe_change(known, None) is None
    assert describe_change(known, stored(known)) is None
    assert describe_change({"kind": "npz"}, known) == "npz, now mixture"


def test_mixtures():
    ring, grid = (datasets.load(name).fingerprint for name in ("ring8", "grid25"))
    assert "sigma was 0.01, is 0.05" in describe_change(stored(ring), grid)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_by_their_content(tmp_path, save):
    images = noise(6, 4, 4)

    def made(**arrays):
        save(tmp_path / "a.npz", **arrays)
        return stored(datasets.load(f"npz:{tmp_path / 'a.npz'}").fingerprint)

    before = made(x=images, y=np.arange(6) % 2)
    assert before == made(x=images, y=np.arange(6) % 2)
    assert describe_change(before, made(x=images, y=(np.arange(6) + 1) % 2)).startswith("content")
    other = images.copy()
    other[5, 3, 3] ^= 1
    assert describe_change(before, made(x=other, y=np.arange(6) % 2)).startswith("content was")
    assert describe_change(before, made(x=images[:5], y=np.arange(5) % 2)) == (
        "6 examples, now 5; class 1 had 3, has 2; shape of the arrays was [6, 4, 4], is [5, 4, 4]"
    )


def test_one_array_alone_and_what_it_costs(tmp_path):
    np.save(tmp_path / "a.npy", noise(64, 512, 512))  # 16 MB
    with open_arrays(str(tmp_path / "a.npy")) as arrays:
        began = time.perf_counter()
        first = arrays.checksum("arr_0")
        assert time.perf_counter() - began < 1
    before = datasets.load(f"npz:{tmp_path / 'a.npy'}").fingerprint
    np.save(tmp_path / "a.npy", noise(64, 512, 512) ^ 1)
    with open_arrays(str(tmp_path / "a.npy")) as arrays:
        assert arrays.checksum("arr_0") != first
    assert describe_change(before, datasets.load(f"npz:{tmp_path / 'a.npy'}").fingerprint)


def test_tfds(data_dir, digits):
    before = stored(digits.fingerprint)
    assert (before["kind"], before["size"], before["split"]) == ("tfds", 1797, "train")
    assert before["version"] == "digits/1.0.0" and before["class_names"] == list("0123456789")
    stream = datasets.load("digits", data_dir=data_dir, memory_limit=0)
    assert describe_change(before, stream.fingerprint) is None
    part = datasets.load("digits", data_dir=data_dir, split="train[:100]")
    line = describe_change(before, part.fingerprint)
    assert line == "1797 examples, now 100; split was train, is train[:100]"


def test_a_run_is_not_resumed_with_other_data(folder, tmp_path):
    before = {"data": stored(load(folder)), "training": {}, "learning_rates": {}}
    now = dict(before)
    record.check_same(tmp_path / "run.json", before, now)
    (folder / "cat").rename(folder / "eel")
    now["data"] = stored(load(folder))
    line = "data: class 0 was 'cat', is 'dog', class 1 was 'dog', is 'eel'. Begin a new run"
    with pytest.raises(ValueError, match=line):
        record.check_same(tmp_path / "run.json", before, now)
