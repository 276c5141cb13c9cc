import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.flags import command_line

from tfgan_losses import datasets, metrics
from tfgan_losses.commands import compare, train
from tfgan_losses.comparing import cost, judging, results, sample_pictures
from tfgan_losses.comparing.jobs import ComparisonDirectory, Job
from tfgan_losses.health import Finding
from tfgan_losses.health.record import write_findings
from tfgan_losses.run_files.directory import RunDirectory


def parse(*typed):
    return command_line.parse(compare.COMMAND.groups, typed)


def points(tmp_path, name="a.npz", count=50):
    np.savez(tmp_path / name, x=np.random.default_rng(0).normal(size=[count, 2]).astype("float32"))
    return datasets.load(f"npz:{tmp_path / name}")


def test_mixtures_are_measured_by_their_modes_first():
    source = datasets.load("ring8")
    measuring = judging.measurement(parse("--dataset=ring8", "--samples=200"), source)
    names = ["modes", "high_quality", "reverse_kl", "frechet[points]"]
    assert list(measuring.columns) == names
    assert measuring.metrics[0].sigma == source.mixture.sigma
    # As the flag of a training, too.
    flags = command_line.parse(train.COMMAND.groups, [f"--metrics={measuring.metrics[0]!r}"])
    assert repr(metrics.get_all(flags.metrics)[0]) == repr(measuring.metrics[0])


def test_a_bare_mixture_is_completed_wherever_it_stands():
    source = datasets.load("grid25")
    flags = parse("--dataset=grid25", "--samples=200", "--metrics=frechet, mixture")
    measuring = judging.measurement(flags, source)
    assert [type(metric).__name__ for metric in measuring.metrics] == ["Frechet", "MixtureMetric"]
    assert len(measuring.metrics[1].centers) == 25


def test_without_labels_the_features_are_the_examples(tmp_path):
    source = points(tmp_path)
    flags = parse("--samples=20")
    assert judging.extractor_for(flags, source) == "pixels"
    columns = list(judging.measurement(flags, source).columns)
    assert columns == [f"{x}[points]" for x in ("frechet", "kernel", "precision", "recall")]
    digits = datasets.load("ring8")
    object.__setattr__(digits, "num_classes", 10)
    assert judging.extractor_for(flags, digits) == "pixels"  # Labels of points.
    object.__setattr__(digits, "example_shape", (8, 8, 1))
    assert judging.extractor_for(flags, digits) == "classifier"
    assert judging.extractor_for(parse("--extractor=pixels"), digits) == "pixels"


def test_the_floor_is_of_halves_that_have_nothing_in_common(tmp_path):
    measuring = judging.measurement(parse("--samples=20"), points(tmp_path))
    found = judging.floor(measuring)
    assert list(found) == list(measuring.columns)
    assert 0 < found["frechet[points]"].value < 1
    found = judging.floor(judging.measurement(parse("--samples=400"), datasets.load("ring8")))
    assert found["modes"].value == 8 and found["high_quality"].value > 0.97


class Gan:
    """What `judge` asks of a model."""

    condition = None
    latent_dim = 2
    calls = 0

    def __init__(self, value=None):
        self.value = value

    def draw(self, inputs):
        return tf.constant(self.generate(len(inputs)))

    def generate(self, count, *, seed=0, labels=None):
        Gan.calls += 1
        drawn = np.random.default_rng(seed).normal(size=[count, 2]).astype("float32")
        return drawn if self.value is None else np.full_like(drawn, self.value)


def test_what_was_measured_in_the_same_way_is_not_measured_again(tmp_path, monkeypatch):
    source, run = points(tmp_path), RunDirectory(tmp_path / "run")
    run.path.mkdir()
    run.gan.write_bytes(b"first")
    path, gan = tmp_path / "measured" / "a.json", Gan()
    monkeypatch.setattr(judging.keras.saving, "load_model", lambda path: gan)
    measuring = judging.measurement(parse("--samples=20"), source)
    first = judging.judge(run, path, measuring, source)
    assert set(first.numbers) == set(measuring.columns) and first.picture.startswith("<svg")
    calls = Gan.calls
    assert judging.judge(run, path, measuring, source) == first and Gan.calls == calls
    more = judging.measurement(parse("--samples=30"), source)
    assert judging.judge(run, path, more, source).numbers != first.numbers
    assert Gan.calls > calls
    calls = Gan.calls
    run.gan.write_bytes(b"second")
    gan.value = np.nan
    broken = judging.judge(run, path, more, source)
    assert not broken.numbers and "finite" in broken.error
    path.write_text("{")
    assert judging.judge(run, path, more, source) == broken


def test_the_time_of_a_step_is_the_median_without_pauses(tmp_path, monkeypatch):
    run = RunDirectory(tmp_path)
    assert results.milliseconds_per_step(run) is None
    processes = {"1": [(10, 5.0), (20, 5.2), (30, 9.0)], "2": [(30, 50.0), (50, 50.6)]}
    run.logs.mkdir()
    for name, entries in processes.items():
        with tf.io.TFRecordWriter(str(run.logs / f"events.out.tfevents.{name}")) as writer:
            for step, time in entries:
                event = tf.compat.v1.Event(step=step, wall_time=time)
                event.summary.value.add(tag="d_loss")
                writer.write(event.SerializeToString())
    # 20, 380 with a pause, 30; what lies between the two processes is none.
    assert results.milliseconds_per_step(run) == pytest.approx(30)
    with open(run.logs / "events.out.tfevents.2", "ab") as file:
        file.write(b"cut short")
    assert results.milliseconds_per_step(run) == pytest.approx(30)


def test_pictures_hold_what_they_show():
    source = datasets.load("ring8")
    samples = np.concatenate([source.mixture.centers, [[9.0, 9.0], [np.nan, 0.0]]])
    text = sample_pictures.html_of(samples, source, what="<x>")
    assert text.count("<circle") == 8 and text.count("h0") == 8 and "2 outside" in text
    assert 'aria-label="&lt;x&gt;: 10 points, 8 modes as rings"' in text


def test_what_a_run_has_left_is_read(tmp_path):
    directory, job = ComparisonDirectory(tmp_path), Job("gan", 1)
    nothing = results.of_run(directory, job, 30, None)
    assert (nothing.state, nothing.step, nothing.warnings, nothing.rows) == ("to do", 0, [], [])
    run = directory.run(job)
    write_findings(run.health, [Finding(20, "collapse", "All samples, alike.")])
    run.metrics_csv.write_text("step,d_loss,frechet[pixels]\n10,1.5,\n20,1.0,30.0\n")
    cost.append(directory.costs(job), cost.Attempt(code=3, wall_seconds=2.0))
    found = results.of_run(directory, job, 30, None)
    assert found.warnings == [(20, "collapse", "All samples, alike.")]
    assert found.rows[1]["frechet[pixels]"] == 30 and "frechet[pixels]" not in found.rows[0]
    assert found.failure == found.state == "at step 20 of 30" and found.cost.wall_seconds == 2
