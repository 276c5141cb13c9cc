"""Numbers about the generator while it trains: when, where they go, and what they leave alone."""

import csv
import math

import commands
import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import logging
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfgan_losses.callbacks import (
    Checkpoints,
    GeneratorEvaluation,
    MetricsLog,
    ProgressBar,
    StepCallback,
    TensorBoardLog,
    best_checkpoint,
)
from tfgan_losses.extractors import Pixels
from tfgan_losses.measuring import GANSampler, Measurement
from tfgan_losses.metrics import Estimate, FeatureSet, GeneratorMetric, get_all


class Level(GeneratorMetric):
    """The mean of the samples; those of the scripted model say its step."""

    best = {"level": "max"}  # noqa: RUF012

    def __init__(self, values=None):
        self.values, self.calls = values, 0

    def measure(self, real, generated):
        self.calls += 1
        step = round(float(generated.features[:, -1].mean() + 1) * 10)
        value = float(step) if self.values is None else self.values[step]
        if isinstance(value, str):
            raise ValueError(value)
        return {"level": Estimate(value, 0.5)}


@pytest.fixture
def model(model):
    """The scripted one, whose samples say its step whatever the latents are."""
    model.latent_dim = 1
    model.draw = lambda latents: tf.constant(model.generate(len(latents)))
    return model


def measurement(metric=None, samples=4):
    real = FeatureSet(np.zeros([4, 16], np.float32))
    return Measurement([metric or Level()], Pixels((4, 4, 1)), real, samples)


def evaluation(every=2, **values):
    return GeneratorEvaluation(measurement(**values), every)


def rows(path):
    with open(path, newline="") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def cells(path, name="level[pixels]"):
    return {int(row["step"]): row[name] for row in rows(path) if name in row}


@pytest.mark.parametrize("per_execution", [1, 5])
def test_every_so_many_steps_and_at_the_end(model, ramp, tmp_path, per_execution):
    log = MetricsLog(tmp_path / "metrics.csv", every=2)
    callback = evaluation(every=4)
    model.play(ramp(11), [callback, log], steps_per_execution=per_execution)
    assert cells(log.path) == {4: "4", 8: "8", 11: "11"}
    assert cells(log.path, "level[pixels]_error") == {4: "0.5", 8: "0.5", 11: "0.5"}
    # All other columns, and what they are means of, are as without.
    other = MetricsLog(tmp_path / "other.csv", every=2)
    model.step.assign(0)
    model.play(ramp(11), [other], steps_per_execution=per_execution)
    kept = [{k: v for k, v in row.items() if "level" not in k} for row in rows(log.path)]
    assert kept == rows(other.path)
    assert list(callback.newest) == ["level[pixels]"]
    assert callback.measurement.metrics[0].calls == 3


@pytest.mark.parametrize("cuts", [(5,), (2, 6), (4,), (1, 4, 9, 11)])
def test_any_interruptions_give_the_table_of_none(model, ramp, tmp_path, cuts):
    """What a stop leaves, such as a row of the step it came at, is replaced."""

    def stopped(at):
        def act(batch, logs):
            model.stop_training = int(model.step) == at

        return keras.callbacks.LambdaCallback(on_train_batch_end=act)

    whole, parts = (MetricsLog(tmp_path / name, 2) for name in ("whole.csv", "parts.csv"))
    model.play(ramp(12), [evaluation(every=4), whole])
    model.step.assign(0)
    start = 0
    for cut in (*cuts, 12):
        callbacks = [stopped(cut), evaluation(every=4), parts]
        model.play(ramp(12)[start:], callbacks)
        assert int(model.step) == cut
        start = cut
    assert parts.path.read_text() == whole.path.read_text()


def test_tensorboard_and_the_line_of_progress(model, ramp, tmp_path, capsys):
    board = TensorBoardLog(tmp_path, every=2)
    model.play(ramp(9), [evaluation(every=4), board, ProgressBar(9, interval=0.0)])
    (file,) = tmp_path.iterdir()
    events = EventAccumulator(str(file))
    events.Reload()
    for tag, values in (("level[pixels]", [4, 8, 9]), ("level[pixels]_error", [0.5] * 3)):
        points = [(e.step, float(tf.make_ndarray(e.tensor_proto))) for e in events.Tensors(tag)]
        assert points == list(zip([4, 8, 9], values, strict=True))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step")]
    assert not any("level" in line for line in lines[:3])
    for step, newest in ((4, 4), (6, 4), (8, 8), (9, 9)):
        assert f" - level[pixels]: {newest} +- 0.5 - " in f"{lines[step - 1]} - "
    assert not any("_error" in line for line in lines)


def test_what_cannot_be_measured_is_one_warning(model, ramp, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(logging, "warning", lambda text, *values: told.append(text % values))
    values = {2: "too few examples", 4: 1.0, 6: math.nan, 8: 2.0}
    log = MetricsLog(tmp_path / "metrics.csv", every=1)
    directory = tmp_path / "c"
    keep = Checkpoints(directory, 2, monitor="level[pixels]", mode="max")
    model.play(ramp(8), [evaluation(metric=Level(values)), log, keep])
    assert cells(log.path) == {4: "1", 8: "2"}
    assert cells(log.path, "level[pixels]_error") == {4: "0.5", 8: "0.5"}
    assert told == [
        "Level could not be measured at step 2, and the run goes on: too few examples",
        "level[pixels] could not be measured at step 6, and the run goes on: not finite",
    ]
    assert best_checkpoint(directory, "level[pixels]", "max")[1] == 2.0


def test_a_metric_that_fails_takes_no_other_with_it(model, ramp, tmp_path):
    fails = Level({2: "too few examples", 4: "too few examples"})
    real = FeatureSet(np.random.default_rng(0).normal(size=[9, 16]))
    both = Measurement([fails, *get_all("frechet")], Pixels((4, 4, 1)), real, samples=4)
    log = MetricsLog(tmp_path / "metrics.csv", every=1)
    model.play(ramp(4), [GeneratorEvaluation(both, 2), log])
    assert cells(log.path) == {}
    assert sorted(cells(log.path, "frechet[pixels]")) == [2, 4]
    with pytest.raises(ValueError, match="too few examples"):
        both.of(GANSampler(model))


# At the steps 2, 4, ..., 12; checkpoints are at 5, 10 and 12.
VALUES = {2: 3.0, 4: 7.0, 6: 1.0, 8: 2.0, 10: 5.0, 12: 4.0}


@pytest.mark.parametrize(("mode", "step"), [("min", 6), ("max", 4)])
def test_the_best_stays_where_it_is_measured(model, ramp, tmp_path, mode, step):
    """Also between two checkpoints; and in training that begins anew, so does the best so far."""
    name = "level[pixels]"
    for start, end in ((0, 7), (7, 12)):
        keep = Checkpoints(tmp_path, 5, keep=1, monitor=name, mode=mode)
        callback = evaluation(metric=Level(VALUES | {7: 5.0}))
        model.play(ramp(end)[start:], [callback, keep])
    path, value = best_checkpoint(tmp_path, name, mode)
    assert value == VALUES[step] and path.name.endswith(f"step_{step:08d}.weights.h5")
    assert len(list(tmp_path.iterdir())) == 2
    model.load_weights(path)
    assert int(model.step) == step


class Numbers(StepCallback):
    """What a callback that is listed later finds in the logs of batches and of epochs."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs = {}, []

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self.batches |= {self.step: logs["frechet[points]"]} if "frechet[points]" in logs else {}

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(logs["frechet[points]"])


EXAMPLES = np.random.default_rng(0).normal(size=[32, 2]).astype(np.float32)
DATA = {
    "array": lambda: {"x": EXAMPLES, "batch_size": 16},
    "data set": lambda: {"x": tf.data.Dataset.from_tensor_slices(EXAMPLES).batch(16)},
    "endless data set": lambda: {
        "x": tf.data.Dataset.from_tensor_slices(EXAMPLES).repeat().batch(16),
        "steps_per_epoch": 2,
    },
}


def frechet(samples=50):
    real = FeatureSet(EXAMPLES)
    return Measurement(get_all("frechet"), Pixels((2,)), real, samples)


@pytest.mark.parametrize("data", DATA)
def test_plain_fit_and_the_callbacks_of_keras(make_gan, tmp_path, data):
    gan, seen = make_gan(), Numbers()
    path = tmp_path / "best_{epoch}.keras"
    history = gan.fit(
        **DATA[data](),
        epochs=3,
        shuffle=False,
        verbose=0,
        callbacks=[
            GeneratorEvaluation(frechet(), every=4),
            seen,
            keras.callbacks.CSVLogger(tmp_path / "keras.csv"),
            keras.callbacks.ModelCheckpoint(
                path, monitor="frechet[points]", mode="min", save_best_only=True
            ),
        ],
    )
    assert list(seen.batches) == [4, 6]
    assert all(math.isfinite(value) for value in seen.batches.values())
    # The newest at the end of each epoch of two steps; the first has none.
    assert math.isnan(seen.epochs[0]) and seen.epochs[1:] == list(seen.batches.values())
    told = [float(row["frechet[points]"]) for row in rows(tmp_path / "keras.csv")[1:]]
    assert told == pytest.approx(seen.epochs[1:])
    assert history.history["frechet[points]"][1:] == seen.epochs[1:]
    kept = sorted(each.name for each in tmp_path.glob("best_*"))
    better = seen.epochs[2] < seen.epochs[1]
    assert kept == ["best_2.keras", "best_3.keras"] if better else ["best_2.keras"]


@pytest.mark.parametrize("data", ["array", "data set"])
def test_no_draw_of_the_training_moves(make_gan, data):
    """And what is measured is a function of the generator: the same again after the training."""
    gans = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        gans.append(make_gan())
    callback = GeneratorEvaluation(frechet(), every=1)
    for gan, callbacks in zip(gans, ([], [callback]), strict=True):
        gan.fit(**DATA[data](), epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
    for one, other in zip(*(gan.variables for gan in gans), strict=True):
        np.testing.assert_array_equal(one, other)
    newest = callback.newest
    callback.set_model(gans[0])
    callback.on_train_begin()
    callback.on_train_end(logs := {})
    assert callback.newest == newest
    assert logs["frechet[points]"] == newest["frechet[points]"].value


@pytest.mark.slow
def test_half_precision_and_xla(make_gan):
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = make_gan()
    gan.compile("hinge", jit_compile=True)
    callback = GeneratorEvaluation(frechet(), every=2)
    gan.fit(EXAMPLES, batch_size=16, shuffle=False, verbose=0, callbacks=[callback])
    assert math.isfinite(callback.newest["frechet[points]"].value)


@pytest.mark.parametrize("every", [0, 1.5, True, None])
def test_bad_intervals(every):
    with pytest.raises(ValueError, match="Expected every to be an integer >= 1"):
        evaluation(every=every)


def replicas_measure_as_one_device():
    """The numbers of two replicas are those of one, whose steps they follow."""
    found = []
    for scope in (tf.distribute.get_strategy().scope, commands.two_replicas().scope):
        with scope():
            from conftest import tiny_gan

            keras.utils.set_random_seed(0)
            gan = tiny_gan()
        callback = GeneratorEvaluation(frechet(), every=2)
        seen = Numbers()
        gan.fit(EXAMPLES, batch_size=8, shuffle=False, verbose=0, callbacks=[callback, seen])
        found.append(seen.batches)
    assert list(found[0]) == list(found[1]) == [2, 4]
    np.testing.assert_allclose(list(found[0].values()), list(found[1].values()), rtol=1e-4)


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, ["replicas_measure_as_one_device"])


if __name__ == "__main__":
    commands.run_cases({"replicas_measure_as_one_device": replicas_measure_as_one_device})
