"""What comes by the clock where steps are slow; here a step takes four minutes of a fake one."""

import types

import numpy as np
import pytest

from tfgan_losses.callbacks import (
    Checkpoints,
    MetricsLog,
    SampleWriter,
    StepCallback,
    TensorBoardLog,
    step_callback,
)

MINUTES = 10


class Clock(StepCallback):
    """Four minutes for each step, and a look at what is there after it."""

    def __init__(self, look=lambda: None):
        super().__init__()
        self.now, self.look, self.seen = 0.0, look, {}

    def on_train_batch_begin(self, batch, logs=None):
        self.now += 240.0

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self.seen[self.step] = self.look()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    fake = types.SimpleNamespace(monotonic=lambda: clock.now)
    monkeypatch.setattr(step_callback, "time", fake)
    return clock


def test_every_so_many_minutes_as_well_as_by_steps(model, ramp, clock):
    class Witness(StepCallback):
        due_at, late_at = [], []

        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            if self.due(5):
                self.due_at.append(self.step)
            elif self.late(MINUTES):
                self.late_at.append(self.step)
            assert not self.late(None)

    witness = Witness()
    model.play(ramp(12), [clock, witness])
    # Twelve minutes after the beginning, after step 5, after step 10.
    assert (witness.due_at, witness.late_at) == ([5, 10], [3, 8])


def test_checkpoints_and_pictures(model, ramp, clock, tmp_path):
    callbacks = [
        SampleWriter(tmp_path / "samples", 100, count=2, minutes=MINUTES),
        Checkpoints(tmp_path / "checkpoints", 100, minutes=MINUTES, keep=9),
    ]
    model.play(ramp(7), [clock, *callbacks])
    for folder, steps in (("samples", (0, 3, 6, 7)), ("checkpoints", (3, 6, 7))):
        names = sorted(path.name[:13] for path in (tmp_path / folder).iterdir())
        assert names == [f"step_{step:08d}" for step in steps]


def test_tensorboard(model, ramp, clock, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    model.play(ramp(7), [clock, TensorBoardLog(tmp_path, 100, minutes=MINUTES)])
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    # By the clock, and at the end.
    assert [event.step for event in events.Tensors("d_real")] == [3, 6, 7]


@pytest.mark.parametrize("resumed_at", [None, 2, 3, 6, 10])
def test_the_table_knows_no_clock(model, ramp, clock, tmp_path, resumed_at):
    """An open row of the means up to there; the next row takes its place, also after a kill."""
    rows = np.sin(ramp(12)).astype(np.float32)
    whole, slow = tmp_path / "whole.csv", tmp_path / "slow.csv"
    model.play(rows, [MetricsLog(whole, 7)])
    model.step.assign(0)
    clock.look = lambda: slow.read_text() if slow.exists() else "\n"
    model.play(rows, [MetricsLog(slow, 7, minutes=MINUTES), clock])
    assert slow.read_bytes() == whole.read_bytes()
    assert [step for step, text in clock.seen.items() if not text.endswith("\n")] == [
        3, 4, 5, 6, 10, 11, 12,
    ]  # fmt: skip
    third = clock.seen[3].splitlines()[-1].split(",")
    assert third[0] == "3"
    np.testing.assert_allclose([float(x) for x in third[1:]], rows[:3].mean(0), atol=1e-6)
    if resumed_at is not None:
        # As a kill after that step leaves it; the model holds its means in its metrics.
        model.reset_metrics()
        model.step.assign(0)
        model.play(rows[:resumed_at], [clock, MetricsLog(slow, 7, minutes=MINUTES)])
        slow.write_text(clock.seen[resumed_at])
        model.play(rows[resumed_at:], [clock, MetricsLog(slow, 7, minutes=MINUTES)])
        assert slow.read_bytes() == whole.read_bytes()
