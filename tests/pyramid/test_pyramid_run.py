"""The order of scales, and how a run goes on after a kill, with a training that takes no time."""

import contextlib
import csv
import io
import signal

import commands
import keras
import numpy as np
import pytest

from tfgan_losses import RunDirectory
from tfgan_losses.callbacks import restore
from tfgan_losses.pyramid import Pyramid, PyramidRun, Scales, results, run
from tfgan_losses.run_files.checkpoint_files import checkpoint_name, write_checkpoint

IMAGE = np.random.default_rng(0).uniform(-1, 1, (14, 18, 1)).astype("float32")
SCALES = Scales(((11, 14), (14, 18)), 0.8)
STEPS = 2
ALL_STEPS = [(f"scale_{n:02d}", step) for n in (0, 1) for step in range(STEPS)]
TRAINING = {"steps": STEPS, "scales": SCALES, "width": 1, "seed": 7}


class Kill(BaseException):
    """Of the process."""


class Training:
    """Stands in for the run of a scale: weights change with the step and the weights before it."""

    def __init__(self, monkeypatch):
        self.steps_left, self.trained = None, []
        training = self

        def train(self, gan, source, *, steps, batch_size, keeping, callbacks):
            assert (steps, batch_size) == (STEPS, 1)
            assert source.example_shape == gan.example_shape
            training.train(self.directory, gan)
            return True

        monkeypatch.setattr(run._RunOfScale, "train", train)
        monkeypatch.setattr(run._RunOfScale, "received", None)
        monkeypatch.setattr("tfgan_losses.pyramid.export.write_saved_model", self.export)
        monkeypatch.setattr("tfgan_losses.pyramid.sampling.sample", lambda *_, **__: IMAGE[None])
        self.export_fails = False

    def train(self, directory, gan):
        directory.checkpoints.mkdir(exist_ok=True)
        newest = directory.newest_checkpoint()
        if newest is not None:
            restore(gan, newest)
        for step in range(int(gan.step.numpy()), STEPS):
            if self.steps_left is not None:
                self.steps_left -= 1
                if self.steps_left < 0:
                    raise Kill
            self.trained.append((directory.path.name, step))
            for variable in [*gan.generator.stages[-1].variables, *gan.discriminator.variables]:
                variable.assign(variable * (1.2 + 0.1 * step) + 0.01)
            gan.step.assign_add(1)
            write_checkpoint(gan, directory.checkpoints / checkpoint_name(step + 1))

    def export(self, pyramid, path):
        path.mkdir()
        if self.export_fails:
            raise Kill
        (path / "saved_model.pb").write_text("a pyramid")


@pytest.fixture
def training(monkeypatch):
    return Training(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing has stopped, and what it printed."""
    path, out = tmp_path_factory.mktemp("runs") / "whole", io.StringIO()
    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.redirect_stdout(out):
        training = Training(monkeypatch)
        assert PyramidRun(path).train("singan", IMAGE, **TRAINING)
    assert training.trained == ALL_STEPS
    return path, out.getvalue()


def bytes_of(path):
    """Everything of a run that has no date in it, and the weights of what has."""
    directory = RunDirectory(path)
    found = {
        str(file.relative_to(path)): file.read_bytes()
        for pattern in ("*.csv", "samples/*", "generator/*", "real.png")
        for file in path.glob(pattern)
    }
    for file in path.glob("*/checkpoints/*"):
        arrays = commands.arrays(file)
        found |= {f"{file.relative_to(path)} {name}": arrays[name].tobytes() for name in arrays}
    for number, variable in enumerate(keras.saving.load_model(directory.pyramid).variables):
        found[f"pyramid {number}"] = np.asarray(variable).tobytes()
    return found


def test_scales_are_trained_one_after_the_other(whole):
    path, out = whole
    directory = RunDirectory(path)
    with open(directory.scales_csv, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["height"], row["width"]) for row in rows] == [("11", "14"), ("14", "18")]
    assert [row["scale"] for row in rows] == ["0", "1"] and rows[0]["amplitude"] == "1.0"
    pyramid = keras.saving.load_model(directory.pyramid)
    assert isinstance(pyramid, Pyramid) and pyramid.sizes == list(SCALES.sizes)
    # What is reported is what the saved pyramid makes, and the noise what was left below.
    error = np.sqrt(np.mean((IMAGE - pyramid.reconstruct().numpy()[0]) ** 2))
    assert float(rows[1]["reconstruction_rmse"]) == pytest.approx(error, rel=1e-4)
    amplitude = pyramid.stages[1].get_layer("amplitude").scale
    assert float(rows[1]["amplitude"]) == amplitude > 0.0
    assert "Scale 1 of 0 to 1: 14x18 (height x width), 1 channels" in out
    assert f"scale  1      14x18  {error:.4f} ({127.5 * error:.1f} of 255 levels)" in out
    assert {path.name for path in directory.samples.iterdir()} == {
        "samples.png",
        "wide.png",
        "reconstruction.png",
    }


def test_a_killed_run_ends_as_one_that_was_not(tmp_path, whole, training, monkeypatch):
    out, add_scale = tmp_path / "killed", results.add_scale

    def killed(resume=True):
        with pytest.raises(Kill):
            PyramidRun(out, resume=resume).train("singan", IMAGE, **TRAINING)

    training.steps_left = STEPS + 1
    killed(resume=False)  # Within the second scale.
    training.steps_left = None

    def nothing(*arguments):
        raise Kill

    monkeypatch.setattr(results, "add_scale", nothing)
    killed()  # After the training of a scale, before its row.
    monkeypatch.setattr(results, "add_scale", add_scale)
    training.export_fails = True
    killed()  # While the last export is written.
    training.export_fails = False
    assert PyramidRun(out, resume=True).train("singan", IMAGE, **TRAINING)
    # No step was made twice.
    assert training.trained == ALL_STEPS
    assert bytes_of(out) == bytes_of(whole[0])


def test_a_run_goes_on_with_what_it_was_begun_with(tmp_path, training):
    training.steps_left = 1
    with pytest.raises(Kill):
        PyramidRun(tmp_path / "out").train("singan", IMAGE, **TRAINING)
    with pytest.raises(ValueError, match="which holds scale_00"):
        PyramidRun(tmp_path / "out")
    for changed, match in (
        ({"concurrent": 2}, "concurrent: 1 before, 2 now"),
        ({"seed": 8}, "seed: 7 before, 8 now"),
        ({"steps": 3}, "steps_per_scale: 2 before, 3 now"),
        ({"scales": Scales(((12, 15), (14, 18)), 0.8)}, "scales"),
    ):
        with pytest.raises(ValueError, match=f"was begun with.*{match}"):
            PyramidRun(tmp_path / "out", resume=True).train("singan", IMAGE, **TRAINING | changed)
    with pytest.raises(ValueError, match=r"was begun with.*data"):
        PyramidRun(tmp_path / "out", resume=True).train("singan", -IMAGE, **TRAINING)
    with pytest.raises(ValueError, match="Expected a run to go on with"):
        PyramidRun(tmp_path / "other", resume=True)


def test_a_signal_at_the_end_of_a_scale_stops_before_the_next(
    tmp_path, training, monkeypatch, capsys
):
    monkeypatch.setattr(run._RunOfScale, "received", signal.SIGTERM)
    out = tmp_path / "out"
    assert not PyramidRun(out, resume_hint="type this").train("singan", IMAGE, **TRAINING)
    assert training.trained == ALL_STEPS[:STEPS]
    told = capsys.readouterr().out
    assert told.endswith("Stopped by SIGTERM after 1 of 2 scales.\nTo go on: type this\n")
    plan = run.plan_of("singan", IMAGE, **TRAINING)
    PyramidRun(out, resume=True).check(plan)
    assert capsys.readouterr().out == f"{out}: 1 of 2 scales are done.\n"


def test_a_lost_checkpoint_of_a_scale_that_is_done(tmp_path, training):
    training.steps_left = STEPS
    with pytest.raises(Kill):
        PyramidRun(tmp_path / "out").train("singan", IMAGE, **TRAINING)
    (tmp_path / "out" / "scale_00" / "checkpoints" / checkpoint_name(STEPS)).unlink()
    with pytest.raises(ValueError, match="Expected the checkpoint of a scale that is done"):
        PyramidRun(tmp_path / "out", resume=True).train("singan", IMAGE, **TRAINING)
