"""What the clocks of `benchmarks/parts/clock.py` train while they run."""

import networks
import pytest
import tensorflow as tf


@pytest.fixture
def clock(script):
    return script("parts.clock")


@pytest.fixture
def gan():
    return networks.recipe_gan("gan")


def batches(gan):
    return tf.data.Dataset.from_tensors(tf.zeros([4, *gan.example_shape])).repeat()


def test_a_block_of_fit_is_its_second_epoch(clock, gan, monkeypatch):
    times = iter([[0.0, 0.0], [9.0, 9.0], [10.0, 20.0], [16.0, 23.0]])
    monkeypatch.setattr(clock, "_now", lambda: clock.np.array(next(times)))
    wall, processor = clock.fit_block(gan, batches(gan), steps=3)
    assert (wall, processor) == (2.0, 1.0)
    assert int(gan.step) == 6


def test_no_callback_of_a_block_asks_for_single_steps(clock):
    own = clock._Clock
    assert own.on_train_batch_end is clock.keras.callbacks.Callback.on_train_batch_end
    assert own.on_train_batch_begin is clock.keras.callbacks.Callback.on_train_batch_begin


def test_a_bare_block_makes_its_steps_and_one_before(clock, gan):
    seconds = clock.bare_block(clock.bare_step(gan), batches(gan), steps=3)
    assert int(gan.step) == 4
    assert seconds[0] > 0.0
