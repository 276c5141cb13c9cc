"""metrics.csv, TensorBoard, the progress bar."""

import csv
import resource

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfgan_losses.callbacks import MetricsLog, ProgressBar, SampleWriter, TensorBoardLog


def read(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("per_execution", [1, 2])
def test_rows_are_means_since_the_row_before(model, ramp, tmp_path, per_execution):
    log = MetricsLog(tmp_path / "run" / "metrics.csv", every=4)
    model.play(ramp(10), [log], steps_per_execution=per_execution)
    assert read(log.path) == [
        ["step", "d_real", "d_fake", "d_loss", "g_loss"],
        ["4", "2.5", "25", "250", "2500"],
        ["8", "6.5", "65", "650", "6500"],
        ["10", "9.5", "95", "950", "9500"],
    ]


def test_values_keep_every_bit_of_float32(model, tmp_path):
    value = np.float32(1 / 3)
    log = MetricsLog(tmp_path / "metrics.csv", every=1)
    model.play([[value] * 4], [log])
    assert np.float32(read(log.path)[1][1]) == value


def test_resume_drops_later_and_torn_rows(model, ramp, tmp_path):
    path = tmp_path / "metrics.csv"
    model.play(ramp(8), [MetricsLog(path, every=2)])
    whole = path.read_text()
    path.write_text(whole + "10,9.5,95")
    model.step.assign(4)
    model.play(ramp(8)[4:], [MetricsLog(path, every=2)])
    assert path.read_text() == whole


@pytest.mark.parametrize("per_execution", [1, 2])
@pytest.mark.parametrize("every", [1, 3, 4, 50])
def test_any_interruptions_give_the_table_of_none(model, ramp, tmp_path, every, per_execution):
    """The model keeps its means, as a checkpoint does; the end of each part makes a row."""
    rows = np.sin(ramp(12)).astype(np.float32)  # Sums of them depend on where they begin.
    whole, parts = (MetricsLog(tmp_path / name, every) for name in ("whole.csv", "parts.csv"))
    model.play(rows, [whole], steps_per_execution=per_execution)
    model.step.assign(0)
    for start, end in ((0, 2), (2, 6), (6, 8), (8, 12)):
        model.play(rows[start:end], [parts], steps_per_execution=per_execution)
    assert parts.path.read_text() == whole.path.read_text()
    # The training is over, and a kill came before its last row.
    last = whole.path.read_text()
    whole.path.write_text(last[: last.rstrip().rfind("\n") + 1])
    whole.on_train_begin()
    whole.on_train_end()
    if 12 % every:
        assert whole.path.read_text() == last


def test_another_interval_begins_with_what_the_last_row_left(model, ramp, tmp_path):
    path = tmp_path / "metrics.csv"
    model.play(ramp(5), [MetricsLog(path, every=3)])  # Rows at 3 and, at the end, 5.
    model.play(ramp(9)[5:], [MetricsLog(path, every=4)])
    assert [row[:2] for row in read(path)[1:]] == [["3", "2"], ["8", "6"], ["9", "9"]]


@pytest.mark.parametrize("torn", ["1", "10", "10,0", "10,0.5,1,1,1"])
def test_a_row_without_an_end_is_none(model, ramp, tmp_path, torn):
    path = tmp_path / "metrics.csv"
    model.play(ramp(12), [MetricsLog(path, every=5)])
    whole = path.read_text()
    assert whole.splitlines()[2].startswith("10,")
    path.write_text("\n".join(whole.splitlines()[:2]) + "\n" + torn)
    model.step.assign(5)
    model.play(ramp(12)[5:], [MetricsLog(path, every=5)])
    assert path.read_text() == whole


def test_a_full_disk_is_named(model, ramp, tmp_path):
    class Limit(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (90, limits[1]))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "metrics.csv"
    with pytest.raises(OSError, match=f"Cannot write {path}: File too large"):
        try:
            model.play(ramp(9), [MetricsLog(path, every=1), Limit()])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    whole = path.read_bytes()
    assert len(whole) == 90 and not whole.endswith(b"\n")  # The disk took a part of a row.
    model.step.assign(2)
    model.play(ramp(4)[2:], [MetricsLog(path, every=1)])
    assert [row[:2] for row in read(path)[1:]] == [[str(n)] * 2 for n in (1, 2, 3, 4)]


def test_new_metrics_get_columns(model, ramp, tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("step,old\n1,7\n")
    model.step.assign(1)
    model.play(ramp(1), [MetricsLog(path, every=1)])
    assert read(path) == [
        ["step", "old", "d_real", "d_fake", "d_loss", "g_loss"],
        ["1", "7", "", "", "", ""],
        ["2", "", "1", "10", "100", "1000"],
    ]


@pytest.mark.parametrize("first", [MetricsLog, TensorBoardLog])
def test_tensorboard_shows_the_values_of_the_table(model, ramp, tmp_path, first):
    board = TensorBoardLog(tmp_path / "logs", every=2)
    table = MetricsLog(tmp_path / "metrics.csv", every=2)
    samples = SampleWriter(tmp_path, every=4, tensorboard=board)
    order = [table, board] if first is MetricsLog else [board, table]
    model.play(ramp(4), [samples, *order])
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == 1
    events = EventAccumulator(str(files[0]))
    events.Reload()
    points = [
        (event.step, float(tf.make_ndarray(event.tensor_proto)))
        for event in events.Tensors("d_real")
    ]
    assert points == [(2, 1.5), (4, 3.5)]
    assert [event.step for event in events.Tensors("samples")] == [0, 4]


def test_tensorboard_gets_the_end_of_a_run_that_is_shorter_than_an_interval(model, ramp, tmp_path):
    model.play(ramp(3), [TensorBoardLog(tmp_path, every=50)])
    (file,) = tmp_path.iterdir()
    events = EventAccumulator(str(file))
    events.Reload()
    (event,) = events.Tensors("d_real")
    assert (event.step, float(tf.make_ndarray(event.tensor_proto))) == (3, 2.0)


def test_history_keeps_the_metrics_of_the_end(model, ramp, tmp_path):
    model.play(ramp(2), [MetricsLog(tmp_path / "metrics.csv", every=2)])
    assert model.history.history["d_real"] == [1.5]


def test_progress_without_a_terminal_is_a_few_lines(model, ramp, capsys):
    model.step.assign(20)
    model.play(ramp(50), [ProgressBar(70)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("step 21/70 - ")
    assert lines[1].startswith("step 70/70 - ")
    assert "0:00 left" in lines[1]
    assert "d_real: 25.5 - d_fake: 255" in lines[1]
    assert "\b" not in lines[1]


def test_the_time_left_is_by_the_steps_of_this_process(model, ramp, capsys, monkeypatch):
    """A resumed run has done 1000 steps before; each takes two seconds by this clock."""
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr("tfgan_losses.callbacks.progress_bar.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("tfgan_losses.callbacks.progress_bar._LINES", 10_000)
    model.step.assign(1000)
    bar = ProgressBar(1020, interval=0.0)
    model.play(ramp(4), [bar])
    # The first line has no rate.
    line = capsys.readouterr().out.splitlines()[2]
    assert line.startswith("step 1003/1020 - ")
    milliseconds = float(line.split(" ms/step")[0].split()[-1])
    assert milliseconds > 1000
