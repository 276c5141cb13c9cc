import gc
import inspect

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import datasets, random
from tfgan_losses.datasets import source as source_module
from tfgan_losses.datasets.order import shuffled_indices
from tfgan_losses.datasets.source import MemorySource


def counting_source(size, labels=True):
    examples = np.arange(size, dtype=np.float32)[:, None]
    return MemorySource.from_arrays(
        examples, np.arange(size, dtype=np.int32) if labels else None, name="count", num_classes=9
    )


def order(source, draw, passes, batch_size, **kwargs):
    count = -(-passes * source.size // batch_size)
    flat = np.concatenate([batch[0][:, 0] for batch in draw(source, batch_size, count, **kwargs)])
    return flat[: passes * source.size].astype(int).reshape(passes, source.size)


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_each_pass_is_a_permutation(size, draw):
    for one in order(counting_source(size), draw, passes=3, batch_size=8):
        np.testing.assert_array_equal(np.sort(one), np.arange(size))


def test_passes_and_seeds_have_different_orders(draw):
    source = counting_source(50)
    seeds = [0, 1, -1, 2**31, 2**32, 2**40]
    orders = [tuple(one) for seed in seeds for one in order(source, draw, 3, 10, seed=seed)]
    assert len(set(orders)) == len(orders)
    again = [tuple(one) for one in order(source, draw, 3, 10, seed=0)]
    assert orders[:3] == again


# Written by this version with TensorFlow 2.21: a run that is resumed needs the orders it had.
@pytest.mark.parametrize(
    ("seed", "number", "expected"),
    [
        (0, 0, [6, 1, 9, 2, 7, 4, 3, 8, 0, 5]),
        (0, 1, [9, 2, 6, 8, 7, 5, 1, 3, 0, 4]),
        (2**40, 1, [3, 6, 2, 0, 9, 7, 8, 5, 4, 1]),
    ],
)
def test_the_order_is_that_of_the_seed_of_the_pass(seed, number, expected, draw):
    assert order(counting_source(10), draw, 2, 10, seed=seed)[number].tolist() == expected
    bits = random.integers([10], random.step_seed(seed, number, "data order"))
    assert np.argsort(bits).tolist() == expected


def test_the_order_is_as_random_as_a_uniform_permutation():
    # 400 permutations of 100: 400 fixed points and 396 successors expected, both nearly Poisson,
    # so 100 is 5 sigma. One position takes each value 4 times: chi squared of 99 degrees.
    indices = shuffled_indices(100, 100, seed=5, start=0).take(400)
    permutations = np.stack(list(indices.as_numpy_iterator()))
    assert abs((permutations == np.arange(100)).sum() - 400) < 100
    assert abs((np.diff(permutations) == 1).sum() - 396) < 100
    assert len({tuple(one) for one in permutations}) == 400
    counts = np.bincount(permutations[:, 0], minlength=100)
    assert ((counts - 4) ** 2 / 4).sum() < 99 + 5 * np.sqrt(2 * 99)


@pytest.mark.parametrize("start", [1, 5, 6, 30])
def test_start_gives_the_tail_bitwise_over_pass_boundaries(digits, draw, start):
    whole = draw(digits, 320, 33, seed=4)  # 5.6 batches a pass
    tail = draw(digits, 320, 33 - start, seed=4, start=start)
    for expected, got in zip(whole[start:], tail, strict=True):
        np.testing.assert_array_equal(expected[0], got[0])
        np.testing.assert_array_equal(expected[1], got[1])


def test_images_keep_their_labels(digits, draw):
    table = dict(zip(map(bytes, digits.take(1797)[0]), digits.take(1797)[1], strict=True))
    for images, labels in draw(digits, 100, 18):
        assert [table[bytes(image)] for image in images] == list(labels)


def test_element_spec(digits):
    images, labels = digits.batches(16).element_spec
    assert images == tf.TensorSpec([16, 8, 8, 1], tf.float32)
    assert labels == tf.TensorSpec([16], tf.int32)
    assert counting_source(5, labels=False).batches(3).element_spec.shape == (3, 1)


def test_iterator_outlives_source_and_dataset():
    iterator = iter(counting_source(5).batches(3))
    gc.collect()
    assert next(iterator)[0].shape == (3, 1)


def test_set_seed_does_not_change_the_order(digits, draw):
    first = draw(digits, 20, 1)[0][0]
    tf.random.set_seed(9)
    np.testing.assert_array_equal(first, draw(digits, 20, 1)[0][0])


def test_take_gives_at_most_what_there_is():
    examples, labels = counting_source(5).take(9)
    assert examples[:, 0].tolist() == [0, 1, 2, 3, 4] == labels.tolist()
    assert counting_source(5, labels=False).take(2)[1] is None


def _not_an_integer(name):
    return f"Expected {name} to be an integer >= [01]. Received: {name}="


@pytest.mark.parametrize("kwargs", [{"batch_size": 0}, {"batch_size": 2.5}, {"start": -1}])
def test_bad_arguments(kwargs):
    with pytest.raises(ValueError, match=_not_an_integer(next(iter(kwargs)))):
        counting_source(5).batches(**{"batch_size": 2, **kwargs})
    with pytest.raises(ValueError, match=_not_an_integer("n")):
        counting_source(5).take(0)


def test_large_and_small_sets_give_the_same_batches(digits, draw, monkeypatch):
    small = draw(digits, 40, 5, seed=2)
    python = []
    numpy_function = tf.numpy_function

    def counted(*arguments, **options):
        python.append(arguments)
        return numpy_function(*arguments, **options)

    monkeypatch.setattr(tf, "numpy_function", counted)
    draw(digits, 40, 1)
    assert not python  # Its lock would be waited for.
    monkeypatch.setattr(source_module, "_SMALL", 0)
    large = draw(digits, 40, 5, seed=2)
    assert len(python) == 2
    for expected, got in zip(small, large, strict=True):
        for a, b in zip(expected, got, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype


def test_memory_path_does_not_copy_its_examples():
    examples = np.zeros((4, 2), np.float32)
    source = MemorySource.from_arrays(examples, name="zeros")
    assert source.examples is examples


def test_what_is_loaded_has_what_training_asks_of_a_source(digits):
    protocol = datasets.Source
    asked = [name for name in vars(protocol) if not name.startswith("_")]
    assert sorted(asked) == ["batches", "example_shape", "name", "num_classes", "size"]
    for source in (digits, datasets.load("ring8")):
        assert all(hasattr(source, name) for name in asked)
        own, expected = (inspect.signature(x.batches) for x in (type(source), protocol))
        assert own.parameters == expected.parameters


def test_names():
    assert datasets.NAMES == ("digits", "ring8", "grid25")
