"""Batches that are copied to a device ahead of the step; here the device is the CPU."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.training import prefetching

SHAPE, COUNT, BATCH = (4, 4, 1), 24, 8
DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


@pytest.fixture
def copied(monkeypatch):
    """Data sets that were copied to the device, which stands for a GPU."""
    seen = []
    monkeypatch.setattr(prefetching, "_device_of", lambda strategy: DEVICE)
    copy = prefetching._copied

    def counted(dataset, device):
        if tf.nest.flatten(dataset.element_spec)[0].shape.rank:  # Not those that are tried.
            seen.append(dataset)
        return copy(dataset, device)

    monkeypatch.setattr(prefetching, "_copied", counted)
    return seen


def make():
    keras.utils.set_random_seed(0)
    pair = networks.pair(SHAPE, batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=3)
    gan.compile("hinge")
    return gan


def source():
    examples = np.linspace(-1, 1, COUNT * 16, dtype=np.float32).reshape(COUNT, *SHAPE)
    return MemorySource.from_arrays(examples, name="numbers")


def test_nothing_is_copied_where_there_is_no_gpu():
    dataset = source().batches(BATCH)
    assert prefetching.on_device(dataset, tf.distribute.get_strategy(), 3) is dataset


def test_the_batches_are_the_same(copied):
    dataset = tf.data.Dataset.zip(source().batches(BATCH), tf.data.Dataset.range(9))
    moved = prefetching.on_device(dataset, tf.distribute.get_strategy(), 9)
    assert copied == [dataset]
    for (x, i), (y, j) in zip(dataset, moved, strict=True):
        np.testing.assert_array_equal(x, y)
        assert int(i) == int(j)


def test_fit_trains_the_same_on_them(copied):
    weights = []
    for device in (DEVICE, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prefetching, "_device_of", lambda strategy, device=device: device)
            gan = make()
            gan.fit(source(), batch_size=BATCH, steps_per_epoch=3, epochs=2, verbose=0)
        assert gan.step.numpy() == 6
        weights.append(gan.get_weights())
    assert len(copied) == 1
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_wrong_is_said_in_one_line(copied):
    bad = np.zeros((COUNT, *SHAPE), np.float32)
    bad[-1] = np.nan
    dataset = tf.data.Dataset.from_tensor_slices(bad).batch(BATCH).repeat()
    with pytest.raises(ValueError, match=r"^Expected finite examples\. .* in batch 2") as raised:
        make().fit(dataset, steps_per_epoch=4, verbose=0)
    assert "\n" not in str(raised.value)
    assert len(copied) == 1


def test_the_number_of_batches_stays_known(copied):
    dataset = tf.data.Dataset.from_tensor_slices(np.zeros((COUNT, *SHAPE))).batch(BATCH)
    assert prefetching.on_device(dataset, tf.distribute.get_strategy(), None) is dataset
    assert prefetching.on_device([1], tf.distribute.get_strategy(), 3) == [1]
    assert not copied


def test_what_does_not_work_is_left(monkeypatch, copied):
    def refuse(dataset, device):
        raise tf.errors.UnimplementedError(None, None, "no such kernel")

    monkeypatch.setattr(prefetching, "_copied", refuse)
    prefetching._arrives.cache_clear()
    dataset = source().batches(BATCH)
    try:
        assert prefetching.on_device(dataset, tf.distribute.get_strategy(), 3) is dataset
    finally:
        prefetching._arrives.cache_clear()


def test_strategies_copy_by_themselves(monkeypatch):
    monkeypatch.setattr(tf, "ones", lambda shape: pytest.fail("asked for a device"))
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    assert prefetching._device_of(strategy) is None
    with strategy.scope():
        assert prefetching._device_of(strategy) is None
