"""A `keras.utils.PyDataset` as a source: passes, resume, the end of a pass within a batch."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import Run, datasets
from tfgan_losses.datasets import py_datasets
from tfgan_losses.run_files import results


class Numbered(keras.utils.PyDataset):
    """Example i is i, in batches of four, of which the last may be smaller; counts what is read."""

    def __init__(self, size=None, labels=True, sizes=None):
        super().__init__()
        self.size, self.labels, self.sizes = size, labels, sizes or {}
        self.read = []

    @property
    def num_batches(self):
        return None if self.size is None else -(-self.size // 4)

    def __getitem__(self, index):
        self.read.append(index)
        numbers = np.arange(4 * index, 4 * index + self.sizes.get(index, 4))
        numbers = numbers if self.size is None else numbers[numbers < self.size]
        examples = numbers.astype(np.float32)[:, None]
        return (examples, (numbers % 3).astype(np.int32)) if self.labels else examples


def numbers(batches):
    return np.concatenate([batch[0].ravel() for batch in batches]).astype(int).tolist()


@pytest.mark.parametrize("size", [10, 12])
def test_each_pass_has_each_example_once_in_another_order(draw, size):
    source = datasets.from_py_dataset(Numbered(size))
    assert source.size == size and source.example_shape == (1,)
    found = numbers(draw(source, 3, 2 * size, seed=1))[: 6 * size]
    passes = [found[i : i + size] for i in range(0, len(found), size)]
    assert all(sorted(each) == list(range(size)) for each in passes)
    assert len({tuple(each) for each in passes}) > 1


@pytest.mark.parametrize("size", [10, None])
def test_a_resumed_run_goes_on_where_it_was(draw, size):
    source = datasets.from_py_dataset(Numbered(size))
    whole = draw(source, 3, 9, seed=2)
    for start in (1, 2, 3, 4, 7):
        rest = draw(source, 3, 9 - start, seed=2, start=start)
        for one, other in zip(whole[start:], rest, strict=True):
            for values, same in zip(one, other, strict=True):
                np.testing.assert_array_equal(values, same)
    assert numbers(whole) != numbers(draw(source, 3, 9, seed=3)) or size is None


def test_what_is_skipped_is_not_read(draw, monkeypatch):
    drawn = []
    seed_of = py_datasets.pass_seed
    monkeypatch.setattr(
        py_datasets, "pass_seed", lambda *arguments: drawn.append(0) or seed_of(*arguments)
    )
    data = Numbered(400, labels=False)
    source = datasets.from_py_dataset(data)
    data.read.clear()
    draw(source, 4, 1, start=1_000_050)
    # What tf.data reads ahead, and nothing of earlier passes, not even their order.
    assert len(data.read) < 60 and len(drawn) < 3


def test_shards_make_the_batch(draw):
    source = datasets.from_py_dataset(Numbered(10))
    whole = numbers(draw(source, 4, 3, seed=5))
    parts = [numbers(draw(source, 4, 3, seed=5, shard=(i, 2))) for i in (0, 1)]
    assert whole == [x for i in range(3) for part in parts for x in part[2 * i : 2 * i + 2]]


def test_take():
    examples, labels = datasets.from_py_dataset(Numbered(10)).take(6)
    assert examples.ravel().tolist() == [0, 1, 2, 3, 4, 5] and labels.tolist() == [0, 1, 2] * 2
    examples, labels = datasets.from_py_dataset(Numbered(10, labels=False)).take(99)
    assert len(examples) == 10 and labels is None


def test_batches_of_other_sizes_are_refused_where_they_come(draw):
    source = datasets.from_py_dataset(Numbered(None, sizes={2: 3}))
    with pytest.raises(tf.errors.OpError, match=r"4 examples in batch 2 of .* Received: 3"):
        draw(source, 4, 4)


def test_what_is_none():
    with pytest.raises(ValueError, match="an empty PyDataset"):
        datasets.from_py_dataset(Numbered(0))

    class Weighted(Numbered):
        def __getitem__(self, index):
            return (*super().__getitem__(index), np.ones(4))

    with pytest.raises(ValueError, match="batches of 3 parts"):
        datasets.from_py_dataset(Weighted(8))


class Images(keras.utils.PyDataset):
    """Four images of three classes in a batch."""

    num_batches = 5

    def __getitem__(self, index):
        seeded = np.random.default_rng(index)
        return seeded.uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32), np.arange(4) % 3


def test_a_run_checks_it(tmp_path):
    gan = networks.recipe_gan("acgan", example_shape=(8, 8, 3))
    Run(tmp_path / "run").check(gan, Images(), steps=2, batch_size=6)
    with pytest.raises(ValueError, match=r"Expected a source: .*PyDataset.*of type list"):
        Run(tmp_path / "run").check(gan, [1], steps=2, batch_size=6)


@pytest.mark.slow
def test_a_run_takes_it_resumes_it_and_knows_another(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "write", lambda *arguments: None)
    monkeypatch.setattr(results, "tell", lambda *arguments: None)
    data = Images()

    def train(directory, steps, **options):
        keras.utils.set_random_seed(1)
        gan = networks.recipe_gan("acgan", example_shape=(8, 8, 3))
        arguments = {"steps": steps, "batch_size": 6}
        assert Run(tmp_path / directory, **options).train(gan, data, **arguments)
        return gan

    whole = train("whole", 4)
    train("parts", 2)
    parts = train("parts", 4, resume=True)
    for one, other in zip(whole.variables, parts.variables, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert (tmp_path / "whole" / "real.png").exists()
    monkeypatch.setattr(Images, "num_batches", 6)
    with pytest.raises(ValueError, match="20 examples, now 24"):
        train("parts", 5, resume=True)
