"""A run from the first step to the exported generator, interrupted in every way."""

import contextlib
import json
import os
import pathlib
import resource
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_losses.callbacks import StepCallback, best_checkpoint, restore
from tfgan_losses.extractors import Pixels
from tfgan_losses.gan import GAN
from tfgan_losses.keeping import Keeping
from tfgan_losses.run import Run
from tfgan_losses.run_files import results
from tfgan_losses.run_files.directory import RunDirectory

CENTERS = np.array([[-0.5, 0.0], [0.5, 0.0]], np.float32)


class Points:
    """Two modes in the plane, or points with no picture; records what it was asked for."""

    name, size = "points", None

    class mixture:  # noqa: N801
        centers = CENTERS

        @staticmethod
        def density(points):
            return np.exp(-((points[:, None] - CENTERS) ** 2).sum(-1) / 0.02).sum(1)

    def __init__(self, dimensions=2, nan_from=10**9):
        self.example_shape = (dimensions,)
        self.nan_from = nan_from
        self.asked = []

    def batches(self, batch_size, *, seed, start):
        self.asked.append((batch_size, seed, start))

        def batch(number):
            noise = tf.random.stateless_normal(
                [batch_size, *self.example_shape], [seed, number], stddev=0.1, alg="philox"
            )
            bad = tf.cast(number >= self.nan_from, tf.float32)
            return noise + 0.5 + tf.where(bad > 0, np.nan, 0.0)

        return tf.data.Dataset.range(start, 2**62).map(batch)


def make_gan(width=4, dimensions=2, **options):
    # Eager: tracing would take longer than these few steps.
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input([2]), keras.layers.Dense(dimensions)])
    discriminator = keras.Sequential(
        [keras.Input([dimensions]), keras.layers.Dense(width, "relu"), keras.layers.Dense(1)]
    )
    gan = GAN(generator, discriminator, latent_dim=2, ema_decay=0.9, seed=7)
    gan.compile("non_saturating", **{"d_steps": 2, "run_eagerly": True, **options})
    return gan


class At(StepCallback):
    """Does something after one step."""

    def __init__(self, step, action):
        super().__init__()
        self.at, self.action = step, action

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        if self.step == self.at:
            self.action()


def interrupt():
    raise KeyboardInterrupt


class Killed(BaseException):
    """No error of a callback, which a run would save after."""


def fail():
    raise Killed


# Odd ones, so that checkpoints fall between two rows.
# Of the real examples that samples are measured beside, in batches of 256.
MEASURED = (256, 0, 0)
KEEPING = {"sample_every": 4, "checkpoint_every": 4, "log_every": 3}


def train(
    directory,
    steps=10,
    *,
    batch_size=4,
    gan=None,
    source=None,
    resume=False,
    callbacks=(),
    **keeping,
):
    gan, source = gan or make_gan(), source or Points()
    run = Run(directory, resume=resume, resume_hint="train.py --resume")
    finished = run.train(
        gan,
        source,
        steps=steps,
        batch_size=batch_size,
        keeping=Keeping(**{**KEEPING, **keeping}),
        callbacks=callbacks,
    )
    return finished, gan, source


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of 10 steps that nothing interrupts: its directory and its final weights."""
    directory = tmp_path_factory.mktemp("whole") / "runs" / "x"
    _, gan, source = train(directory)
    return directory, [np.array(variable) for variable in gan.variables], source.asked


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def samples(*steps):
    return [f"step_{step:08d}.png" for step in steps]


def checkpoints(*steps):
    return [f"step_{step:08d}.weights.h5" for step in steps]


def test_leaves_everything_that_it_says(whole):
    directory, _, asked = whole
    assert names(directory) == [
        "checkpoints", "curves.png", "gan.keras", "generator", "logs", "metrics.csv", "real.png",
        "run.json", "samples", "samples.gif",
    ]  # fmt: skip
    # The training, the picture of real examples, and those that are measured beside.
    assert asked == [(8, 7, 0), (2000, 0, 0), MEASURED]
    assert names(directory / "samples") == samples(0, 4, 8, 10)
    assert names(directory / "checkpoints") == checkpoints(4, 8, 10)
    rows = (directory / "metrics.csv").read_text().splitlines()
    assert rows[0].startswith("step,d_real,d_fake,d_loss,g_loss,frechet[points]")
    assert [row.split(",")[0] for row in rows[1:]] == ["3", "6", "9", "10"]
    assert len(names(directory / "logs")) == 1
    with Image.open(directory / "samples.gif") as gif:
        assert gif.n_frames > 1


def test_the_printed_lines_load_the_generator(tmp_path, capsys):
    finished, gan, _ = train(tmp_path, steps=1, gan=make_gan(run_eagerly=False))
    assert finished
    lines = capsys.readouterr().out.splitlines()
    code = [line.strip() for line in lines if line.startswith("    ")]
    assert len(code) == 3
    scope = {}
    exec("\n".join(code), scope)
    np.testing.assert_allclose(scope["samples"], gan.generate(16, seed=0), atol=1e-6)


@pytest.mark.slow
def test_more_steps_of_a_finished_run_and_none_of_one_that_has_them(tmp_path, capsys):
    train(tmp_path, steps=2)
    finished, _, source = train(tmp_path, steps=4, resume=True)
    assert finished
    assert source.asked == [(8, 7, 2), MEASURED]
    assert names(tmp_path / "samples") == samples(0, 2, 4)
    (tmp_path / "generator" / "mark").touch()
    finished, gan, source = train(tmp_path, steps=3, resume=True)
    assert finished
    assert int(gan.step) == 4
    assert source.asked == []
    assert "is at step 4 of 3: nothing to train" in capsys.readouterr().out
    assert "mark" not in names(tmp_path / "generator")


@pytest.mark.slow
def test_a_finished_run_with_more_steps_becomes_the_longer_one(tmp_path):
    # With more steps the default measures less often; between two rows a run may end, too.
    options = {"log_every": 1, "sample_every": 99, "checkpoint_every": 99, "eval_samples": 50}
    train(tmp_path / "a", steps=10, **options)
    _, gan, _ = train(tmp_path / "a", steps=20, resume=True, **options)
    _, whole, _ = train(tmp_path / "b", steps=20, **options)
    for one, other in zip(gan.variables, whole.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    rows, wanted = (RunDirectory(tmp_path / name).rows() for name in "ab")
    measured = [row["step"] for row in rows if "frechet[points]" in row]
    assert measured == [*range(1, 11), 12, 14, 16, 18, 20]
    for row, other in zip(rows, wanted, strict=True):
        # What was measured more often has its cells; everything else is the same.
        assert row == row | other and {*row} - {*other} <= {
            "frechet[points]",
            "frechet[points]_error",
        }
    assert json.loads((tmp_path / "a" / "run.json").read_text())["steps"] == 20


def with_rates(rate):
    return make_gan(g_optimizer=keras.optimizers.Adam(rate), d_optimizer=keras.optimizers.Adam(0.5))


@pytest.mark.slow
def test_a_run_goes_on_with_the_learning_rates_that_are_asked_for(tmp_path, capsys):
    options = {"metrics": None, "sample_every": 99}
    train(tmp_path / "a", steps=4, gan=with_rates(0.25), **options)
    capsys.readouterr()
    # Killed before it has a checkpoint with the new rate, which is not typed again.
    for killed, said in ((True, True), (False, True), (False, False)):
        action = [At(5, fail)] if killed else []
        with pytest.raises(Killed) if killed else contextlib.nullcontext():
            train(
                tmp_path / "a",
                steps=6 if said else 7,
                gan=with_rates(0.125),
                resume=True,
                callbacks=action,
                **options,
            )
        line = "Learning rate of the generator: 0.25 before, 0.125 now."
        assert (line in capsys.readouterr().out) == said
    assert json.loads((tmp_path / "a" / "run.json").read_text())["learning_rates"] == {
        "g_optimizer": 0.125,
        "d_optimizer": 0.5,
    }
    changed = with_rates(0.25)
    change = At(4, lambda: setattr(changed.g_optimizer, "learning_rate", 0.125))
    train(tmp_path / "b", steps=7, gan=changed, callbacks=[change], **options)
    resumed = with_rates(0.125)
    restore(resumed, RunDirectory(tmp_path / "a").newest_checkpoint())
    for one, other in zip(resumed.variables, changed.variables, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


@pytest.mark.parametrize(
    ("action", "cause"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "Stopped by SIGTERM at step 7"),
        pytest.param(
            lambda: os.kill(os.getpid(), signal.SIGINT),
            "Stopped by SIGINT at step 7",
            marks=pytest.mark.slow,
        ),
        pytest.param(interrupt, "Stopped at step 7", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_saves_all_and_goes_on_to_the_same_weights(
    whole, tmp_path, capsys, action, cause
):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    finished, gan, _ = train(tmp_path, callbacks=[At(7, action)])
    assert not finished
    assert int(gan.step) == 7
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    output = capsys.readouterr().out
    assert f"{cause} of 10; everything is saved.\nTo go on: train.py --resume\n" in output
    assert names(tmp_path / "checkpoints") == checkpoints(4, 7)
    assert names(tmp_path / "samples") == samples(0, 4, 7)
    # A row for what is left, which the resumed run replaces.
    assert (tmp_path / "metrics.csv").read_text().splitlines()[-1].startswith("7,")
    assert {"generator", "samples.gif", "curves.png"} <= set(names(tmp_path))

    finished, gan, source = train(tmp_path, resume=True)
    assert finished
    assert source.asked == [(8, 7, 7), MEASURED]
    directory, weights, _ = whole
    for variable, expected in zip(gan.variables, weights, strict=True):
        np.testing.assert_array_equal(variable, expected)
    assert (tmp_path / "metrics.csv").read_text() == (directory / "metrics.csv").read_text()


def assert_same_end(directory, gan, whole):
    expected, weights, _ = whole
    for variable, value in zip(gan.variables, weights, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert (directory / "metrics.csv").read_bytes() == (expected / "metrics.csv").read_bytes()
    last = samples(10)[0]
    assert (directory / "samples" / last).read_bytes() == (
        (expected / "samples" / last).read_bytes()
    )


def test_a_killed_run_goes_on_from_its_checkpoint(whole, tmp_path):
    for step in (7, 10):
        with pytest.raises(Killed):
            train(tmp_path, callbacks=[At(step, fail)], resume=step > 7)
        assert names(tmp_path / "checkpoints") == checkpoints(*range(4, step, 4))
    _, gan, source = train(tmp_path, resume=True)
    assert source.asked == [(8, 7, 8), MEASURED]
    assert_same_end(tmp_path, gan, whole)


def test_a_kill_after_the_last_checkpoint_and_before_the_last_row(whole, tmp_path):
    """Where the last step is one of `checkpoint_every`, that is written before training ends."""

    class Kill(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            raise Killed

    with pytest.raises(Killed):
        train(tmp_path, checkpoint_every=5, callbacks=[Kill()])
    # Callbacks come after the reports; take away what these did.
    table, picture = tmp_path / "metrics.csv", tmp_path / "samples" / samples(10)[0]
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    picture.unlink()
    finished, gan, source = train(tmp_path, checkpoint_every=5, resume=True)
    # The last row lacks what was measured, too.
    assert finished and source.asked == [MEASURED]
    assert_same_end(tmp_path, gan, whole)
    assert "generator" in names(tmp_path)


def test_a_corrupted_checkpoint_is_skipped_and_without_another_nothing_is_overwritten(
    whole, tmp_path
):
    train(tmp_path, steps=9)
    newest = tmp_path / "checkpoints" / checkpoints(9)[0]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 16
    newest.write_bytes(content)
    with pytest.warns(UserWarning, match=f"Skipping the checkpoint {newest}: .* corrupted"):
        _, gan, source = train(tmp_path, resume=True)
    assert source.asked == [(8, 7, 8), MEASURED]
    assert_same_end(tmp_path, gan, whole)
    before = (tmp_path / "metrics.csv").read_bytes()
    for path in (tmp_path / "checkpoints").iterdir():
        path.write_bytes(b"torn")
    with (
        pytest.warns(UserWarning, match="Skipping"),
        pytest.raises(ValueError, match=r"Expected a whole checkpoint in .* delete it to start"),
    ):
        train(tmp_path, resume=True)
    assert (tmp_path / "metrics.csv").read_bytes() == before


def test_the_best_checkpoint_stays(tmp_path):
    keeping = {"keep_checkpoints": 1, "monitor": "d_real", "checkpoint_every": 1, "log_every": 1}
    train(tmp_path, steps=4, **keeping)
    values = [row.split(",")[1] for row in (tmp_path / "metrics.csv").read_text().splitlines()]
    lowest = min(range(1, 5), key=lambda step: float(values[step]))
    path, found = best_checkpoint(tmp_path / "checkpoints", "d_real")
    assert names(tmp_path / "checkpoints") == [path.name, *checkpoints(4)]
    assert f"{found:.9g}" == values[lowest]
    gan = make_gan()
    restore(gan, path)
    assert int(gan.step) == lowest


@pytest.mark.parametrize(
    ("mode", "better"), [("min", min), pytest.param("max", max, marks=pytest.mark.slow)]
)
def test_the_kept_checkpoint_is_the_best_by_the_mode(tmp_path, mode, better):
    options = {"keep_checkpoints": 9, "monitor": "d_real", "checkpoint_every": 1, "log_every": 1}
    train(tmp_path / "x", 6, monitor_mode=mode, **options)
    directory = RunDirectory(tmp_path / "x")
    values = {row["step"]: row["d_real"] for row in directory.rows()}
    step = int(better(values, key=values.get))
    (best,) = directory.checkpoints.glob("best_*")
    assert best == directory.best_checkpoint("d_real", mode)
    assert best.name.endswith(f"step_{step:08d}.weights.h5")


# What is measured in two rows of three, between the checkpoints at 4, 8 and 10.
MONITOR = {"monitor": "frechet", "eval_every": 3}


def measured(directory):
    rows = RunDirectory(directory).rows()
    return {int(row["step"]): row["frechet[points]"] for row in rows if "frechet[points]" in row}


def test_the_best_generator_is_exported_beside_the_last(tmp_path, capsys):
    spoil = At(7, lambda: gan.ema_generator.layers[-1].bias.assign([99.0, 99.0]))
    gan = make_gan()
    finished, _, _ = train(tmp_path, gan=gan, callbacks=[spoil], **MONITOR)
    values = measured(tmp_path)
    assert finished and list(values) == [3, 6, 9, 10]
    step = min(values, key=values.get)
    assert step in (3, 6)  # Neither a checkpoint nor the end.
    directory = RunDirectory(tmp_path)
    best = directory.best_checkpoint("frechet[points]")
    assert best.name.endswith(f"step_{step:08d}.weights.h5")
    lines = capsys.readouterr().out.splitlines()
    told = f"{directory.best_generator}, of step {step}, by frechet[points] {values[step]:.4g}"
    assert f"Best:      {told}" in lines
    (line,) = (line for line in lines if line.startswith("Measured:  "))
    assert line.startswith(f"Measured:  frechet[points] {values[10]:.4g}, 95 % interval ")
    assert line.endswith(" (500 samples against 2000 real)")
    # The model is as it was at the last step, and both exports are what they say.
    assert int(gan.step) == 10
    for exported, expected in (
        (directory.load_generator(), gan),
        (directory.load_generator(best=True), make_gan()),
    ):
        if expected is not gan:
            restore(expected, best)
        samples = expected.generate(4, seed=1)
        np.testing.assert_allclose(exported.sample(4, seed=1), samples, atol=1e-6)
    recorded = json.loads(directory.record.read_text())
    assert recorded["monitor"] == ["frechet[points]", "min"]
    facts = recorded["measuring"]["points"]
    assert (facts["samples"], facts["real_samples"], facts["seed"]) == (500, 2000, 0)


@pytest.mark.slow
def test_the_best_so_far_outlives_a_kill_and_a_damage(tmp_path):
    with pytest.raises(Killed):
        train(tmp_path, callbacks=[At(8, fail)], **MONITOR)
    (best,) = (tmp_path / "checkpoints").glob("best_*")
    train(tmp_path, resume=True, **MONITOR)
    values = measured(tmp_path)
    step = min(values, key=values.get)
    directory = RunDirectory(tmp_path)
    best = directory.best_checkpoint("frechet[points]")
    assert best.name.endswith(f"step_{step:08d}.weights.h5")
    best.write_bytes(best.read_bytes()[:-9])
    with pytest.warns(UserWarning, match=f"Skipping the checkpoint .*_step_{step:08d}"):
        finished, _, _ = train(tmp_path, 12, resume=True, **MONITOR)
    # The only one that was measured since.
    assert finished and directory.best_checkpoint("frechet[points]").name.endswith(
        "step_00000012.weights.h5"
    )
    assert directory.load_generator(best=True).sample(2, seed=0).shape == (2, 2)


def test_without_metrics_nothing_is_measured(tmp_path, capsys):
    _, _, source = train(tmp_path, steps=4, metrics="")
    assert source.asked == [(8, 7, 0), (2000, 0, 0)]
    assert "frechet" not in (tmp_path / "metrics.csv").read_text() + capsys.readouterr().out
    # From here on there is something. Rows of before stay.
    train(tmp_path, steps=6, resume=True)
    assert [row.get("frechet[points]") is None for row in RunDirectory(tmp_path).rows()] == [
        True, False
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keeping", "said"),
    [
        ({"monitor": "fid"}, r"one of \['d_real',.* 'frechet\[points\]'\]\. Received: monitor=fid"),
        ({"monitor": "freche"}, "Received: monitor=freche. Did you mean 'frechet'"),
        ({"monitor": "frechet", "metrics": None}, "'g_loss'\\]. Received: monitor=frechet"),
        ({"monitor": "d_loss", "monitor_mode": "low"}, "Received: monitor_mode='low'"),
        ({"metrics": "frechett"}, "Did you mean 'frechet'"),
        ({"metrics": "frechet, frechet"}, "Expected each number once"),
        ({"metrics": "classifier_score"}, "Expected an extractor that is a classifier for the m"),
        ({"metrics": "class_frechet"}, "Expected data with labels for the metric"),
        ({"extractor": "pixel"}, "Did you mean pixels"),
        ({"eval_every": 4}, "a multiple of log_every.*eval_every=4, log_every=3"),
        ({"eval_every": 0}, "eval_every to be an integer >= 1"),
        ({"eval_samples": 1}, "eval_samples to be an integer >= 2. Received: eval_samples=1"),
        ({"eval_samples": 9.0}, "Received: eval_samples=9.0"),
    ],
)
def test_what_cannot_be_measured_or_monitored_is_refused_before_any_work(tmp_path, keeping, said):
    source = Points()
    with pytest.raises(ValueError, match=said):
        train(tmp_path, source=source, **keeping)
    assert source.asked == [] and names(tmp_path) == []


def test_numbers_of_two_measurements_never_share_a_column(tmp_path):
    train(tmp_path, steps=3)
    message = r"measuring with points.samples: 500 before, 100 now"
    with pytest.raises(ValueError, match=message):
        train(tmp_path, steps=6, resume=True, eval_samples=100)
    # Nor does an extractor that says of itself that it is another one.
    extractor = Pixels((2,))
    extractor.facts = lambda: {"hash": "1f2e", "input_size": None}
    with pytest.raises(ValueError, match=r'points.extractor.hash: null before, "1f2e" now'):
        train(tmp_path, steps=6, resume=True, extractor=extractor)


@pytest.mark.slow
def test_another_extractor_gets_columns_of_its_own(tmp_path, capsys):
    train(tmp_path, steps=3)
    other = Pixels((2,))
    other.name = "mine"
    train(tmp_path, steps=6, resume=True, extractor=other)
    assert "Measured with mine from here on, and with points before" in capsys.readouterr().out
    before, after = RunDirectory(tmp_path).rows()
    assert "frechet[points]" in before and "frechet[mine]" not in before
    assert "frechet[mine]" in after and "frechet[points]" not in after
    assert list(json.loads((tmp_path / "run.json").read_text())["measuring"]) == ["points", "mine"]
    # What was measured once is remembered where nothing is measured any more.
    train(tmp_path, steps=7, resume=True, metrics=None)
    assert list(json.loads((tmp_path / "run.json").read_text())["measuring"]) == ["points", "mine"]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("while writing", marks=pytest.mark.slow),
        "between the renames",
        pytest.param("before the removal", marks=pytest.mark.slow),
    ],
)
def test_a_kill_while_exporting_leaves_a_generator(tmp_path, monkeypatch, moment):
    train(tmp_path, steps=1)
    old = (tmp_path / "generator" / "saved_model.pb").read_bytes()

    def kill(*_, **__):
        raise RuntimeError("killed")

    def half(gan, path):
        path.mkdir()
        (path / "saved_model.pb").write_bytes(b"half of it")
        kill()

    def rename(path, target):
        kill() if path.name.startswith("unfinished_") else real_rename(path, target)

    def rmtree(path, **_):
        kill() if path.exists() else None

    real_rename = pathlib.Path.rename
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        if moment == "while writing":
            patch.setattr(GAN, "export_generator", half)
        elif moment == "between the renames":
            patch.setattr(pathlib.Path, "rename", rename)
        else:
            patch.setattr("shutil.rmtree", rmtree)
        train(tmp_path, steps=2, resume=True)
    at_hand = tmp_path / ("old_generator" if moment == "between the renames" else "generator")
    assert ((at_hand / "saved_model.pb").read_bytes() == old) == (moment != "before the removal")
    # Training is complete; the export is made up for. It may fail again, at first.
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(GAN, "export_generator", half)
        train(tmp_path, steps=2, resume=True)
    assert (tmp_path / "generator" / "saved_model.pb").stat().st_size > 1000
    _, gan, _ = train(tmp_path, steps=2, resume=True)
    assert not {"unfinished_generator", "old_generator"} & set(names(tmp_path))
    generator = tf.saved_model.load(tmp_path / "generator")
    np.testing.assert_allclose(generator.sample(4, seed=0), gan.generate(4, seed=0), atol=1e-6)


@pytest.mark.parametrize("name", ["generator", "curves.png", "samples.gif"])
def test_results_that_a_full_disk_does_not_take(tmp_path, name):
    train(tmp_path, steps=3)
    earlier = {path.name: path.stat() for path in tmp_path.iterdir()}
    if name != "generator":  # What is in its way stops the writing for root, too.
        (tmp_path / name).unlink()
        (tmp_path / name / "x").mkdir(parents=True)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    run, gan = Run(tmp_path, resume=True), make_gan()
    with pytest.raises(OSError, match=f"Cannot write {tmp_path / name}: .*\\. What was written"):
        try:
            if name == "generator":
                resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
                run.directory.replace_generator(gan.export_generator)
            else:
                results.write(run.directory, gan)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "unfinished_generator" not in names(tmp_path)
    if name == "generator":
        assert {path.name: path.stat() for path in tmp_path.iterdir()} == earlier


def test_diverged_training_names_the_quantity_and_the_checkpoint(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    kept = tmp_path / "checkpoints" / checkpoints(4)[0]
    gan = make_gan()
    spoil = At(5, lambda: gan.discriminator.layers[-1].bias.assign([np.nan]))
    with pytest.raises(FloatingPointError, match="d_real is nan at step 6") as error:
        train(tmp_path, gan=gan, callbacks=[spoil])
    assert str(error.value).endswith(f"Kept: {kept}")
    assert names(kept.parent) == [kept.name]
    assert (tmp_path / "curves.png").exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_examples_that_are_not_finite_are_not_trained_on(tmp_path):
    gan = make_gan()
    with pytest.raises(ValueError, match=r"^Expected finite examples.*in batch 5, .*\(0, 0\)$"):
        train(tmp_path, gan=gan, source=Points(nan_from=5))
    assert int(gan.step) == 5
    assert names(tmp_path / "checkpoints") == checkpoints(4)
    assert not (tmp_path / "lock").exists()


def test_another_run_is_not_overwritten(whole, tmp_path):
    directory, _, _ = whole
    with pytest.raises(ValueError, match=r"resume=True .* which holds metrics\.csv, logs, samp"):
        Run(directory)
    (tmp_path / "flags.txt").touch()
    Run(tmp_path)  # What is not of a run may be there.


def test_a_directory_that_cannot_be_one(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(ValueError, match=r"can be made and written to\. Received: directory="):
            Run(path)


@pytest.mark.slow
def test_steps_per_execution_change_nothing_of_what_a_run_leaves(tmp_path):
    weights = {}
    for most, ends in {"auto": [10], 3: [5, 7, 10]}.items():
        for end in ends:
            gan = make_gan(run_eagerly=False, steps_per_execution=most)
            train(tmp_path / str(most), steps=end, gan=gan, resume=end != ends[0])
        weights[most] = [np.array(variable) for variable in gan.variables]
    for mine, others in zip(weights[3], weights["auto"], strict=True):
        np.testing.assert_array_equal(mine, others)
    for pattern in ("metrics.csv", "samples/step_0000000[048].png", "samples/step_*10.png"):
        paths = sorted((tmp_path / "auto").glob(pattern))
        assert paths
        for path in paths:
            other = tmp_path / "3" / path.relative_to(tmp_path / "auto")
            assert other.read_bytes() == path.read_bytes(), other


def test_another_architecture(whole):
    directory, _, _ = whole
    before = (directory / "metrics.csv").read_bytes()
    with pytest.raises(ValueError, match="another architecture"):
        train(directory, steps=20, gan=make_gan(width=5), resume=True)
    assert (directory / "metrics.csv").read_bytes() == before


def test_examples_without_a_picture(tmp_path):
    finished, _, _ = train(
        tmp_path, steps=2, gan=make_gan(dimensions=3), source=Points(dimensions=3)
    )
    assert finished
    assert "samples" not in names(tmp_path)
    assert "generator" in names(tmp_path)


def test_wrong_numbers_come_before_any_work(tmp_path):
    numbers = ("steps", "batch_size", *KEEPING, "keep_checkpoints")
    for name in numbers:
        with pytest.raises(ValueError, match=f"Received: {name}=0"):
            train(tmp_path, gan=make_gan(), **{name: 0})
    assert names(tmp_path) == []
