"""Several steps in one execution: the same bytes, the same counts, callbacks where they are due."""

import math
import signal
import threading
import time
import types

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.callbacks import DiscriminatorHeadStart, MetricsLog, StepCallback, StopOnSignal
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.training import executions
from tfgan_losses.training.stock_callbacks import steps_until_due

CALLBACKS = keras.callbacks


def make(**execution):
    keras.utils.set_random_seed(0)
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=1)
    gan.compile("hinge", penalties="gradient_penalty", d_steps=2, **execution)
    return gan


class Seen(CALLBACKS.Callback):
    """What somebody who looks at every batch sees, or at those where this is called."""

    def __init__(self):
        super().__init__()
        self.batches, self.steps = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)
        self.steps.append(int(self.model.step))


class SeenEvery(StepCallback):
    def __init__(self, every):
        super().__init__()
        self.every, self.steps, self.begun = every, [], []

    def steps_until_due(self):
        return self.steps_until(self.every)

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append(batch)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        assert self.step == int(self.model.step)
        self.steps.append(self.step)


@pytest.fixture
def at_once(monkeypatch):
    """Nothing is too long for an execution."""
    monkeypatch.setattr(executions, "_SECONDS", 10**6)
    monkeypatch.setattr(executions, "_GROWTH", 10**6)


@pytest.mark.parametrize(
    "most", ["auto", 3, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 50))]
)
@pytest.mark.parametrize("eager", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_any_number_of_steps_gives_the_same_bytes(most, eager, tmp_path):
    """13 batches, of which the last is short, in arrays and in a set of unknown length."""
    found = []
    for execution in ({"steps_per_execution": 1}, {"steps_per_execution": most}):
        gan = make(run_eagerly=eager, **execution)
        log = MetricsLog(tmp_path / f"{len(found)}.csv", every=5)
        x = networks.examples(50)
        arrays = gan.fit(x, batch_size=4, epochs=2, shuffle=False, verbose=0, callbacks=[log])
        unknown = tf.data.Dataset.from_tensor_slices(x).batch(4).filter(lambda x: True)
        # Keras warns where a set ends of which it does not know the length.
        with pytest.warns(UserWarning, match="ran out of data"):
            stream = gan.fit(unknown, epochs=1, verbose=0, callbacks=[log])
        assert int(gan.step) == 39
        found.append((gan, arrays.history, stream.history, log.path.read_bytes()))
    networks.assert_same_state(found[0][0], found[1][0])
    assert found[0][1:] == found[1][1:]


def test_callbacks_see_what_they_have_to(at_once):
    gan, every_batch, every_fifth = make(), Seen(), SeenEvery(5)
    x = networks.examples(48)
    gan.fit(x, batch_size=4, epochs=2, verbose=0, callbacks=[every_fifth])
    # The first two tell how long a step takes. An execution ends with the epoch, too.
    assert every_fifth.steps == [1, 2, 5, 10, 12, 15, 20, 24]
    assert every_fifth.begun == [0, 1, 2, 5, 10, 0, 3, 8]
    gan.fit(x, batch_size=4, verbose=0, callbacks=[every_fifth, every_batch])
    assert every_batch.batches == list(range(12))
    assert every_batch.steps == list(range(25, 37))


def test_numbers_of_steps_that_do_not_divide_an_epoch_are_counted(at_once):
    gan, seen = make(steps_per_execution=5), SeenEvery(1000)
    gan.fit(networks.examples(48), batch_size=4, epochs=2, verbose=0, callbacks=[seen])
    assert seen.steps == [5, 10, 12, 17, 22, 24]


def test_a_head_start_comes_before_each_of_its_steps(at_once):
    gan = make()
    source = MemorySource.from_arrays(networks.examples(64), name="test")
    head_start = DiscriminatorHeadStart(source, 4, updates=10, first=2, every=4)
    data = source.batches(8, seed=1)
    gan.fit(data, steps_per_epoch=11, verbose=0, callbacks=[head_start])
    assert int(gan.d_updates) == head_start.count_updates(11, 2) == 4 * 10 + 7 * 2


@pytest.mark.parametrize(
    ("callback", "steps"),
    [
        (CALLBACKS.EarlyStopping(), math.inf),
        (CALLBACKS.LambdaCallback(on_train_begin=print, on_epoch_end=print), math.inf),
        (CALLBACKS.ModelCheckpoint("x.keras"), math.inf),
        (CALLBACKS.BackupAndRestore("x"), math.inf),
        (CALLBACKS.ModelCheckpoint("x.keras", save_freq=7), 1),
        (CALLBACKS.LambdaCallback(on_train_batch_end=print), 1),
        (CALLBACKS.LambdaCallback(on_train_batch_begin=print), 1),
        (Seen(), 1),
        (StepCallback(), 1),
        (MetricsLog("x.csv", 7), 7),
    ],
)
def test_who_has_to_see_what(callback, steps):
    assert steps_until_due(callback) == steps


def test_what_overrides_the_old_names_of_hooks_sees_every_batch():
    class Old(CALLBACKS.Callback):
        def on_batch_end(self, batch, logs=None):
            pass

    assert steps_until_due(Old()) == 1


def test_executions_are_as_long_as_their_time_allows(monkeypatch):
    clock = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(executions.time, "perf_counter", lambda: clock.now)
    gan, seen = make(), SeenEvery(10**6)
    gan.make_train_function()
    several = gan.train_function._several

    def steps_of_ten_milliseconds(iterator, count, has_clock):
        clock.now += 0.01 * int(count)
        return several(iterator, count, has_clock)

    gan.train_function._several = steps_of_ten_milliseconds
    x = tf.data.Dataset.from_tensors(networks.examples(4)).repeat()
    gan.fit(x, steps_per_epoch=100, verbose=0, callbacks=[seen])
    # 0.25 s are 25 steps.
    assert np.diff([0, *seen.steps]).tolist() == [1, 1, 4, 16, 25, 25, 25, 3]


def test_a_signal_ends_a_training_of_long_executions_soon():
    gan, stop = make(), StopOnSignal()
    x = tf.data.Dataset.from_tensors(networks.examples(4)).repeat()
    gan.fit(x, steps_per_epoch=5, verbose=0)
    began = []

    def send():
        began.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    timer = threading.Timer(1.0, send)
    timer.start()
    gan.fit(x, steps_per_epoch=10**7, verbose=0, callbacks=[stop])
    assert stop.received == signal.SIGTERM
    # Two seconds on a machine that is busy with other things, too.
    assert time.monotonic() - began[0] < 2


def test_a_training_that_was_stopped_leaves_nothing_to_the_next(at_once):
    gan, seen = make(), SeenEvery(1000)

    class Stop(SeenEvery):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    x = networks.examples(48)
    gan.fit(x, batch_size=4, verbose=0)
    gan.fit(x, batch_size=4, verbose=0, callbacks=[Stop(1000)])
    assert int(gan.step) == 24
    gan.fit(x, batch_size=4, verbose=0, callbacks=[seen])
    gan.train_on_batch(x[:4])
    assert seen.steps == [36] and int(gan.step) == 37


def test_waiting_for_data_is_measured():
    gan = make()

    def slow():
        for _ in range(12):
            time.sleep(0.05)
            yield networks.examples(4)

    with pytest.warns(UserWarning, match="ran out of data"):
        gan.fit(slow(), verbose=0)
    assert 0.3 < gan.waiting_for_data <= 1.0
    gan.fit(networks.examples(48), batch_size=4, epochs=3, verbose=0)
    assert gan.waiting_for_data < 0.3


class Unknown(keras.layers.Layer):
    """Does what XLA cannot."""

    def call(self, inputs):
        return tf.ensure_shape(tf.py_function(lambda x: x, [inputs], tf.float32), inputs.shape)

    def compute_output_shape(self, input_shape):
        return input_shape


def without_xla(**execution):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([networks.generator(), Unknown()])
    generator.build((None, networks.LATENT_DIM))
    gan = GAN(generator, networks.discriminator(), latent_dim=networks.LATENT_DIM, seed=1)
    gan.compile("hinge", **execution)
    return gan


@pytest.mark.slow
def test_what_xla_cannot_do_is_done_without(monkeypatch):
    """As on a GPU, where XLA is the default."""
    monkeypatch.setattr("tfgan_losses.training.xla._device_of", lambda model: "GPU:0")
    gan = without_xla()
    assert gan.xla == (True, "one GPU") and gan.jit_compile
    x = networks.examples(48)
    with pytest.warns(UserWarning, match=r"^XLA cannot compile .* without: .*EagerPyFunc") as said:
        gan.fit(x, batch_size=4, verbose=0, shuffle=False)
    assert len(said) == 1 and "\n" not in str(said[0].message)
    assert not gan.jit_compile and int(gan.step) == 12
    monkeypatch.undo()
    other = without_xla()
    other.fit(x, batch_size=4, verbose=0, shuffle=False)
    networks.assert_same_state(gan, other, rtol=1e-5, atol=1e-6)
    assert np.isfinite(gan.evaluate(x, verbose=0)).all()


def test_xla_that_was_asked_for_and_cannot_be_had():
    gan = without_xla(jit_compile=True)
    with pytest.raises(ValueError, match=r"or jit_compile=False\. Received: .*EagerPyFunc") as said:
        gan.fit(networks.examples(8), batch_size=4, verbose=0)
    assert "\n" not in str(said.value) and int(gan.step) == 0
    tf.config.experimental.enable_op_determinism()
    with pytest.raises(ValueError, match=r"under op determinism.* Received: jit_compile=True"):
        make(jit_compile=True)
    assert make().xla == (False, "no GPU")


@pytest.mark.parametrize(
    "wrong",
    [{"jit_compile": "yes"}, {"jit_compile": 0}, {"jit_compile": 1},
     {"jit_compile": True, "run_eagerly": True},
     {"steps_per_execution": 0}, {"steps_per_execution": "all"}, {"steps_per_execution": 2.0}],
)  # fmt: skip
def test_other_values_are_refused(wrong):
    with pytest.raises(ValueError, match=f"Received: .*{next(iter(wrong.values()))}"):
        make(**wrong)


def test_settings_survive_saving(tmp_path):
    for jit_compile, most in (("auto", "auto"), (True, 3)):
        make(jit_compile=jit_compile, steps_per_execution=most).save(tmp_path / "gan.keras")
        config = keras.saving.load_model(tmp_path / "gan.keras").get_compile_config()
        assert (config["jit_compile"], config["steps_per_execution"]) == (jit_compile, most)


def test_op_determinism_may_begin_between_two_trainings():
    """It has no clock."""
    gan, x = make(), networks.examples(12)
    gan.fit(x, batch_size=4, verbose=0)
    assert gan.waiting_for_data is not None
    tf.config.experimental.enable_op_determinism()
    gan.fit(x, batch_size=4, verbose=0)
    assert int(gan.step) == 6 and gan.waiting_for_data is None
