"""The picture of real examples beside those of samples."""

import types

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.callbacks import RealPicture
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.keeping import Keeping
from tfgan_losses.run_files import pictures
from tfgan_losses.run_files.directory import RunDirectory


def shades(count, labels=None, size=4):
    """Images of which each has a shade of its own."""
    examples = np.linspace(-1, 1, count, dtype=np.float32)[:, None, None, None]
    examples = np.broadcast_to(examples, (count, size, size, 1)).copy()
    labels = None if labels is None else np.int32(labels)
    classes = None if labels is None else int(labels.max()) + 1
    return MemorySource.from_arrays(examples, labels, name="shades", num_classes=classes)


@pytest.fixture
def write(tmp_path, model):
    def picture(source, condition=None, **options):
        model.condition = condition and types.SimpleNamespace(source=condition)
        callback = RealPicture(tmp_path / "real.png", source, **options)
        callback.set_model(model)
        callback.on_train_begin()
        if not (tmp_path / "real.png").exists():
            return None
        with Image.open(tmp_path / "real.png") as image:
            return np.asarray(image)

    return picture


def cells(picture, columns=8):
    """The middle of each cell of a grid of 64 pixels and lines of 2."""
    return picture[34::66, 34::66, 0][:, :columns]


def test_without_labels_it_is_the_grid_of_samples_spread_over_the_set(write):
    picture = write(shades(640))
    assert picture.shape == pictures.image_grid(np.zeros([64, 4, 4, 1])).shape
    found = cells(picture).astype(int).ravel()
    assert (np.diff(found) >= 3).all() and found[0] == 0 and found[-1] == 255


@pytest.mark.parametrize("condition", [None, "labels"])
def test_each_class_has_a_row(write, condition):
    labels = np.repeat([0, 2, 3], [20, 3, 20])[np.random.default_rng(0).permutation(43)]
    source = shades(43, labels)
    rows = cells(write(source, condition)).astype(int)
    assert rows.shape == (4, 8)
    for label in (0, 3):
        shown = source.examples[labels == label][:, 0, 0, 0]
        assert set(rows[label]) <= set(np.rint((shown + 1) * 127.5).astype(int))
    # What a class lacks is grey.
    assert (rows[1] == 128).all() and (rows[2, 3:] == 128).all() and (rows[2, :3] != 128).all()


def test_many_classes_have_rows_only_if_those_of_samples_have(write, tmp_path):
    source = shades(100, np.arange(100) % 50)
    assert cells(write(source)).shape == (8, 8)
    (tmp_path / "real.png").unlink()
    assert cells(write(source, "labels")).shape == (50, 8)


class Own:
    """A source with what training needs and no more; it counts what it was asked for."""

    example_shape = (4, 4, 1)

    def __init__(self):
        self.asked = 0

    def batches(self, batch_size, *, seed=0, start=0):
        self.asked += 1
        return tf.data.Dataset.range(start, 2**62).map(
            lambda i: tf.fill([batch_size, 4, 4, 1], tf.cast(i, tf.float32))
        )


def test_a_source_without_more_gives_its_first_batch_and_keeps_its_order(write):
    source = Own()
    assert (cells(write(source)) == 128).all() and source.asked == 1
    assert np.asarray(next(iter(source.batches(2))))[0, 0, 0, 0] == 0


def test_one_that_is_there_is_kept(write):
    source = Own()
    first = write(source)
    np.testing.assert_array_equal(write(source), first)
    assert source.asked == 1


def test_a_source_that_fails_is_no_reason_to_stop(write, caplog):
    source = Own()
    source.batches = lambda *_, **__: 1 / 0
    assert write(source) is None and "no picture of real examples: division" in caplog.text


def test_the_order_of_training_does_not_change(write):
    source = shades(40)
    before = np.asarray(next(iter(source.batches(8, seed=3))))
    write(source)
    np.testing.assert_array_equal(next(iter(source.batches(8, seed=3))), before)


def test_a_folder_on_the_disk_shows_all_its_classes(tmp_path, write):
    for label, name in enumerate("abc"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(9):
            path = tmp_path / "data" / name / f"{i}.png"
            Image.new("L", (4, 4), 100 * label + i).save(path)
    for limit in (None, 0):
        source = datasets.load(f"folder:{tmp_path / 'data'}", memory_limit=limit)
        rows = cells(write(source))
        assert (rows // 100 == np.arange(3)[:, None]).all() and len(set(rows[0])) == 8
        (tmp_path / "real.png").unlink()


@pytest.mark.parametrize("name", ["ring8", "own"])
def test_points_are_a_scatter_in_another_colour_than_samples(tmp_path, model, name):
    source = datasets.load("ring8")
    if name == "own":
        source = MemorySource.from_arrays(source.take(200)[0], name="points")
    directory = RunDirectory(tmp_path)
    real, samples, *_ = Keeping().reports(directory, source)
    assert real.path == tmp_path / "real.png" and real.count == samples.count
    real.set_model(model)
    real.on_train_begin()
    with Image.open(tmp_path / "real.png") as image:
        colors = np.asarray(image).reshape(-1, 3).tolist()
    own, other = (bytes.fromhex(c[1:]) for c in (pictures.REAL, pictures.GENERATED))
    distance = [abs(np.array(colors) - list(c)).sum(axis=1).min() for c in (own, other)]
    assert distance[0] < 60 < distance[1]


def test_four_channels_are_shown_on_white():
    images = np.array([[-1, 0, 1, 1], [-1, 0, 1, -1], [-1, 0, 1, 0]], np.float32)
    grid = pictures.image_grid(images[:, None, None], columns=3, padding=0, min_cell=1)
    assert grid.tolist() == [[[0, 128, 255], [255] * 3, [128, 191, 255]]]
