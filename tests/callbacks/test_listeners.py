"""The hook of trackers: what a recording stub hears of a run, and what ends it."""

import keras
import numpy as np
import pytest
from test_run import CENTERS, At, Killed, fail, train

from tfgan_losses.callbacks import Listeners, MetricsLog, SampleWriter
from tfgan_losses.run_files import results
from tfgan_losses.run_files.directory import RunDirectory


def nothing(*args):
    """In place of exports, which take a second each."""


@pytest.fixture
def without_exports(monkeypatch):
    monkeypatch.setattr(results, "write", nothing)
    monkeypatch.setattr(results, "tell", nothing)


class Recorder(keras.callbacks.Callback):
    """Keeps what it hears, and when it begins and ends."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def on_train_begin(self, logs=None):
        self.heard.append("begin")

    def on_train_end(self, logs=None):
        self.heard.append("end")

    def on_report(self, step, scalars, pictures):
        self.heard.append((step, scalars, pictures))

    @property
    def rows(self):
        reports = (each for each in self.heard if isinstance(each, tuple))
        return [{"step": step, **scalars} for step, scalars, _ in reports if scalars]

    @property
    def pictures(self):
        reports = (each for each in self.heard if isinstance(each, tuple))
        return [(step, name, path) for step, _, found in reports for name, path in found.items()]


def of_table(rows):
    """Without what metrics.csv has not: float32 in nine digits, learning rates, signs."""
    kept = [
        {n: float(f"{v:.9g}") for n, v in row.items() if not n.endswith("_learning_rate")}
        for row in rows
    ]
    return [row for row in kept if not any(name.startswith("health_") for name in row)]


def test_all_of_a_run_is_heard_between_its_begin_and_its_end(tmp_path, without_exports):
    recorder = Recorder()
    _, gan, _ = train(tmp_path, callbacks=[recorder])
    assert recorder.heard[0] == "begin" and recorder.heard[-1] == "end"
    directory = RunDirectory(tmp_path)
    assert of_table(recorder.rows) == directory.rows()
    assert [row["step"] for row in recorder.rows] == [3, 6, 9, 10]
    assert "frechet[points]" in recorder.rows[-1]
    rate = float(gan.g_optimizer.learning_rate)
    assert {row["g_learning_rate"] for row in recorder.rows} == {rate}
    files = [directory.samples / f"step_{step:08d}.png" for step in (0, 4, 8, 10)]
    assert recorder.pictures == [
        (0, "real", directory.real),
        *((step, "samples", file) for step, file in zip((0, 4, 8, 10), files, strict=True)),
    ]
    assert all(path.exists() for *_, path in recorder.pictures)


def test_a_resumed_run_goes_on_with_its_steps(tmp_path, without_exports):
    with pytest.raises(Killed):
        train(tmp_path, callbacks=[At(7, fail)])
    recorder = Recorder()
    train(tmp_path, resume=True, callbacks=[recorder])
    # From the checkpoint of step 4; the real examples have been told before.
    assert of_table(recorder.rows) == RunDirectory(tmp_path).rows()[1:]
    assert [(step, name) for step, name, _ in recorder.pictures] == [
        (8, "samples"),
        (10, "samples"),
    ]
    late = Recorder()
    train(tmp_path, resume=True, callbacks=[late])
    # Only the last row, which is written again where its step is no multiple of log_every.
    assert late.heard[0] == "begin" and late.heard[-1] == "end"
    assert of_table(late.rows) == of_table(recorder.rows[-1:]) and not late.pictures


def test_what_a_kill_kept_from_it_is_told_by_the_next_run(tmp_path, without_exports):
    train(tmp_path)
    table = tmp_path / "metrics.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    recorder = Recorder()
    train(tmp_path, resume=True, callbacks=[recorder])
    assert [row["step"] for row in recorder.rows] == [10]
    assert recorder.heard[0] == "begin" and recorder.heard[-1] == "end"


@pytest.mark.parametrize(
    "when",
    [
        "on_report",
        pytest.param("on_train_batch_end", marks=pytest.mark.slow),
        pytest.param("on_train_end", marks=pytest.mark.slow),
    ],
)
def test_an_error_ends_the_run_saved_and_named(tmp_path, monkeypatch, when):
    class Broken(Recorder):
        pass

    def raise_late(self, *args, **kwargs):
        if int(self.model.step) >= 6:
            raise KeyError("no server")

    setattr(Broken, when, raise_late)
    at = 10 if when == "on_train_end" else 6
    expected = (
        rf"Received: .*Broken, which at step {at} raised KeyError: 'no server'\. "
        r"Everything is saved\. To go on: train.py --resume"
    )
    with pytest.raises(ValueError, match=expected) as error:
        train(tmp_path, callbacks=[Broken(), Recorder()])
    assert isinstance(error.value.__cause__, KeyError)
    directory = RunDirectory(tmp_path)
    assert directory.newest_checkpoint().name == f"step_{at:08d}.weights.h5"
    steps = [row["step"] for row in directory.rows()]
    assert steps == sorted(set(steps)) and steps[-1] == at
    assert directory.generator.exists()
    if when == "on_report":  # The others say more, in minutes.
        return
    monkeypatch.setattr(results, "write", nothing)
    train(tmp_path, resume=True)
    train(tmp_path / "whole")
    whole = RunDirectory(tmp_path / "whole")
    assert directory.metrics_csv.read_bytes() == whole.metrics_csv.read_bytes()


def test_an_error_of_a_finished_run_is_named(tmp_path):
    """Which tells what it lacks to callbacks that may be others by now."""

    class Broken(Recorder):
        def on_report(self, step, scalars, pictures):
            raise KeyError("no server")

    train(tmp_path)
    before = RunDirectory(tmp_path).metrics_csv.read_bytes()
    with pytest.raises(ValueError, match=r"Broken, which at step 10 raised KeyError: 'no server'"):
        train(tmp_path, resume=True, callbacks=[Broken()])
    assert RunDirectory(tmp_path).metrics_csv.read_bytes() == before


def test_an_error_before_the_first_step_leaves_nothing_to_save(tmp_path):
    class Broken(Recorder):
        def on_train_begin(self, logs=None):
            raise ConnectionError("no server")

    with pytest.raises(ValueError, match=r"at step 0 raised ConnectionError: no server$"):
        train(tmp_path, callbacks=[Broken()])
    assert not RunDirectory(tmp_path).checkpoint_files()


def test_what_callbacks_of_the_library_raise_stays_what_it_is(tmp_path):
    (tmp_path / "other.csv").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        train(tmp_path / "run", callbacks=[MetricsLog(tmp_path / "other.csv", 1)])


def test_what_is_no_callback_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"Expected callbacks of class .* one of type type"):
        train(tmp_path / "run", callbacks=[Recorder])
    assert not RunDirectory(tmp_path / "run").results()


def test_several_steps_in_one_execution(model, ramp, tmp_path):
    recorder = Recorder()
    hear = Listeners([recorder])
    log = MetricsLog(tmp_path / "metrics.csv", every=4, listeners=hear)
    samples = SampleWriter(tmp_path / "s", every=6, listeners=hear)
    model.play(ramp(12), [samples, log, recorder, hear], steps_per_execution=4)
    assert [row["step"] for row in recorder.rows] == [4, 8, 12]
    # Means of the steps since the row before.
    np.testing.assert_allclose([row["d_real"] for row in recorder.rows], [2.5, 6.5, 10.5])
    assert [step for step, *_ in recorder.pictures] == [0, 6, 12]
    assert model.train_function.made == 4  # From 8 on: it has not to see each step.


def test_what_is_told_of_a_failing_training(tmp_path):
    from tfgan_losses.callbacks import GANHealth
    from tfgan_losses.health.watch import Finding

    recorder = Recorder()
    hear = Listeners([recorder])
    hear.on_train_begin()
    health = GANHealth(CENTERS, listeners=hear)
    health._tell(Finding(5, "mode_collapse", "few different samples"))
    assert recorder.heard == [(5, {"health_mode_collapse": 1.0}, {})]
