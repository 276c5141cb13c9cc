"""Samples as files, read again by those who would."""

import commands
import networks
import numpy as np
import pytest
from PIL import Image

from tfgan_losses import datasets
from tfgan_losses.measuring import example_files, samplers
from tfgan_losses.measuring.description import quantised

NAMES = ("cat", "dog")


def batches(count=5, shape=(6, 6, 3), labels=True):
    examples = networks.examples(count, shape)
    numbers = np.arange(count) % 2
    for start in range(0, count, 2):
        rows = slice(start, start + 2)
        yield examples[rows], numbers[rows] if labels else None


def all_of(given):
    return quantised(np.concatenate([examples for examples, _ in given]))


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_files_hold_the_levels(channels, mode, tmp_path):
    shape = (6, 6, channels)
    assert example_files.write_images(tmp_path, batches(shape=shape, labels=False), None) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"0000{i}.png" for i in range(5)]
    for path, levels in zip(sorted(tmp_path.iterdir()), all_of(batches(shape=shape)), strict=True):
        with Image.open(path) as image:
            assert image.mode == mode
            np.testing.assert_array_equal(np.asarray(image).reshape(shape), levels)


def test_labels_stand_beside_the_files(tmp_path):
    example_files.write_images(tmp_path, batches(), NAMES)
    rows = commands.rows(tmp_path / "labels.csv")
    assert rows[3] == {"file": "00003.png", "label": "1", "name": "dog"} and len(rows) == 5
    source = datasets.load(f"folder:{tmp_path}")
    assert (source.size, source.example_shape) == (5, (6, 6, 3))


def test_an_archive_is_a_data_set(tmp_path):
    path = tmp_path / "samples.npz"
    example_files.write_npz(path, batches(), 5, NAMES)
    source = datasets.load(f"npz:{path}")
    assert source.examples.dtype == np.uint8 and source.class_names == NAMES
    np.testing.assert_array_equal(source.examples, all_of(batches()))
    np.testing.assert_array_equal(source.labels, [0, 1, 0, 1, 0])
    assert source.left_out == {}


def test_an_archive_of_points(tmp_path):
    path = tmp_path / "samples.npz"
    example_files.write_npz(path, batches(shape=(2,), labels=False), 5, None)
    source = datasets.load(f"npz:{path}")
    np.testing.assert_array_equal(source.examples, networks.examples(5, (2,)))
    assert source.num_classes is None


def test_one_picture(tmp_path):
    path = tmp_path / "a.png"
    example_files.write_picture(path, networks.examples(6, (64, 64, 1)), columns=3)
    with Image.open(path) as image:
        assert image.size == (3 * 66 + 2, 2 * 66 + 2)
    example_files.write_picture(path, networks.examples(50, (2,)))
    with Image.open(path) as image:
        assert image.size == (480, 480)
    with pytest.raises(ValueError, match="finite"):
        example_files.write_picture(path, np.full((3, 6, 6, 1), np.nan))


def test_an_animation_has_all_frames_and_no_end(tmp_path):
    frames = networks.examples(7 * 3, (8, 8, 1)).reshape(7, 3, 8, 8, 1)
    example_files.write_loop(tmp_path / "a.gif", frames)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 7 and image.info["loop"] == 0


def test_files_as_generated_examples(tmp_path):
    path = tmp_path / "samples.npz"
    example_files.write_npz(path, batches(40), 40, NAMES)
    sampler = samplers.SourceSampler(datasets.load(f"npz:{path}"))
    found = [examples for examples, _ in sampler.batches(30, 1)]
    again = [examples for examples, _ in sampler.batches(30, 1)]
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(again))
    levels = quantised(np.concatenate(found)).reshape(30, -1)
    assert len(np.unique(levels, axis=0)) == 30  # Each at most once.
    other = np.concatenate([examples for examples, _ in sampler.batches(30, 2)])
    assert not np.array_equal(other, np.concatenate(found))
    with pytest.raises(ValueError, match=r"as many examples as samples=41\. .* which holds 40$"):
        next(sampler.batches(41, 1))


def test_grey_files_beside_coloured_data(tmp_path):
    path = tmp_path / "grey.npz"
    example_files.write_npz(path, batches(4, (6, 6, 1), labels=False), 4, None)
    source = datasets.load(f"npz:{path}")
    (examples, labels), *_ = samplers.SourceSampler(source, like=(6, 6, 3)).batches(4, 0)
    assert examples.shape == (4, 6, 6, 3) and labels is None
    assert (examples == examples[..., :1]).all()
    own, _ = next(samplers.SourceSampler(source).batches(4, 0))
    np.testing.assert_array_equal(examples[..., :1], own)


@pytest.mark.parametrize(
    ("shape", "like", "hint"),
    [
        ((6, 6, 3), (6, 6, 1), ", or channels=1"),
        # Grey is no transparency.
        ((6, 6, 1), (6, 6, 4), ", or channels=4"),
        ((6, 6, 3), (8, 9, 1), r", or image_size=8x9, to .* resized, and channels=1"),
        ((6, 6, 3), (8, 8, 3), ", or image_size=8x8"),
        ((2,), (3,), ""),
    ],
)
def test_files_of_another_shape(shape, like, hint, tmp_path):
    path = tmp_path / "a.npz"
    example_files.write_npz(path, batches(8, shape, labels=False), 8, None)
    with pytest.raises(ValueError, match=rf"real ones, \(.*\){hint}.* Received: npz:.* of shape"):
        samplers.SourceSampler(datasets.load(f"npz:{path}"), like=like)
