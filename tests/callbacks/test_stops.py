"""Ends of training: signals and numbers that are not finite."""

import os
import signal
import threading

import keras
import numpy as np
import pytest

from tfgan_losses.callbacks import Checkpoints, MetricsLog, StopOnNonFinite, StopOnSignal


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_names_the_first_bad_metric_and_nothing_of_it_is_saved(model, ramp, tmp_path, bad):
    rows = ramp(6)
    rows[3, [1, 2]] = bad  # d_fake and d_loss at step 4
    stop = StopOnNonFinite()
    others = [MetricsLog(tmp_path / "metrics.csv", 2), Checkpoints(tmp_path / "c", 2)]
    with pytest.raises(FloatingPointError, match=r"d_fake is .* at step 4\. .* learning rate"):
        model.play(rows, [stop, *others])
    name, value, step = stop.bad
    assert (name, step) == ("d_fake", 4)
    assert value == pytest.approx(bad, nan_ok=True)
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["step_00000002.weights.h5"]
    assert (tmp_path / "metrics.csv").read_text().count("\n") == 2


def test_looks_at_the_weights_in_the_end(model, ramp, tmp_path):
    model.weight.assign(np.nan)
    with pytest.raises(FloatingPointError, match=r"scripted/weight is not finite at step 2\D"):
        model.play(ramp(2), [StopOnNonFinite(), Checkpoints(tmp_path / "c", 3)])
    assert not list((tmp_path / "c").iterdir())


class SetAt(keras.callbacks.Callback):
    def __init__(self, step, variable, value):
        super().__init__()
        self.number, self.variable, self.value = step, variable, value

    def on_train_batch_begin(self, batch, logs=None):
        if batch + 1 == self.number:
            self.variable.assign(self.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_looks_at_the_weights_every_100_steps(model, ramp, tmp_path, bad):
    """Metrics may hide them: a ReLU makes 0 of NaN."""
    stop = StopOnNonFinite()
    callbacks = [SetAt(150, model.weight, bad), stop, Checkpoints(tmp_path / "c", 90)]
    message = r"weight is not finite at step 200, and was finite at step 100\. The examples are fin"
    with pytest.raises(FloatingPointError, match=message):
        model.play(ramp(300), [callbacks[1], callbacks[0]])
    assert stop.bad[::2] == ("scripted/weight", 200)
    # A checkpoint looks, too.
    model.weight.assign(0.0)
    model.step.assign(0)
    with pytest.raises(FloatingPointError, match="weight is not finite at step 180, which has no"):
        model.play(ramp(300), callbacks)
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["step_00000090.weights.h5"]


@pytest.mark.parametrize("role", ["generator", "discriminator", "ema_generator"])
def test_the_network_of_a_bad_weight_is_named(make_gan, role):
    gan = make_gan()
    bad = getattr(gan, role).variables[-1]
    bad.assign(np.full(bad.shape, np.nan))
    stop = StopOnNonFinite()
    stop.set_model(gan)
    with pytest.raises(FloatingPointError, match=rf"bias of the {role} is not finite at step 0"):
        stop.on_train_end()


class SendAt(keras.callbacks.Callback):
    def __init__(self, **signals):
        super().__init__()
        self.signals = {int(name[1:]): number for name, number in signals.items()}

    def on_train_batch_begin(self, batch, logs=None):
        if batch + 1 in self.signals:
            os.kill(os.getpid(), self.signals[batch + 1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_after_the_step(model, ramp, number):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    stop = StopOnSignal()
    model.play(ramp(9), [stop, SendAt(_3=number)])
    assert stop.received == number
    assert int(model.step) == 3
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


class KeepGoing(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = False


def test_a_second_interrupt_does_not_wait(model, ramp):
    before = signal.getsignal(signal.SIGINT)
    stop = StopOnSignal()
    send = SendAt(_2=signal.SIGTERM, _3=signal.SIGTERM, _4=signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        model.play(ramp(9), [stop, send, KeepGoing()])
    assert int(model.step) == 3
    assert stop.received == signal.SIGTERM
    stop.restore_handlers()
    assert signal.getsignal(signal.SIGINT) == before


def test_trains_outside_the_main_thread(model, ramp):
    thread = threading.Thread(target=lambda: model.play(ramp(2), [StopOnSignal()]))
    thread.start()
    thread.join()
    assert int(model.step) == 2
