"""run.json: a run does not go on with something else than it was begun with."""

import json
import os

import keras
import networks
import pytest

from tfgan_losses import Run, schedules
from tfgan_losses.run_files import learning_rates, record
from tfgan_losses.run_files.directory import RunDirectory


class Source:
    name, size, example_shape, num_classes = "points", 4, (4, 4, 1), 2
    class_names = ("cat", "dog")
    fingerprint = None

    def batches(self, batch_size, *, seed, start):
        import tensorflow as tf

        examples = networks.examples(batch_size)
        return tf.data.Dataset.from_tensors(examples).repeat()


def make_gan(**options):
    keras.utils.set_random_seed(0)
    gan = networks.recipe_gan("gan")
    gan.compile(**{"loss": "non_saturating", "run_eagerly": True, "steps": 4, **options})
    return gan


def of(source=None, batch_size=4, steps=4, **options):
    return record.of(make_gan(**options), source or Source(), steps=steps, batch_size=batch_size)


def adam(rate=1e-3, **options):
    return keras.optimizers.Adam(rate, **options)


def check(before, now, init_from=None):
    record.check_same("run.json", before, now, init_from)


def refusal(before, now, init_from=None):
    with pytest.raises(ValueError, match=r"begun with, see run\.json\. Received: ") as error:
        check(before, now, init_from)
    return str(error.value).partition("Received: ")[2]


def test_what_may_change():
    options = {"g_optimizer": adam(), "metrics": ["mse"]}
    now = of(g_optimizer=adam(), run_eagerly=False, steps=9, accumulate=1)
    check(of(**options), now)
    assert record.notes(of(**options), now) == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({}, {"loss": "hinge"}, "training loss.class_name: "),
        (
            {"penalties": "r1(weight=1)"},
            {"penalties": "r1(weight=2)"},
            "penalties.0.weight: 1 before, 2 now",
        ),
        ({"d_steps": 2}, {"d_steps": 1}, "training d_steps: 2 before, 1 now"),
        ({"g_steps": 1}, {"g_steps": 3}, "training g_steps: 1 before, 3 now"),
        ({}, {"batch_size": 2}, "training batch_size: 4 before, 2 now"),
        ({"d_optimizer": adam()}, {"d_optimizer": adam(beta_1=0.5)}, "d_optimizer.beta_1: 0.9"),
        ({"d_optimizer": adam()}, {"d_optimizer": "rmsprop"}, '"RMSprop" now'),
    ],
)
def test_what_decides_the_training(before, now, said):
    assert said in refusal(of(**before), of(**now))


@pytest.mark.parametrize(
    ("began", "restored", "given", "counts", "kept"),
    [
        (0.5, 0.5, 0.5, 0.5, 0.5),
        # A callback has changed it.
        (0.5, 0.125, 0.5, 0.125, 0.5),
        # The same model trains again after that.
        (0.5, 0.125, 0.125, 0.125, 0.5),
        (0.5, 0.5, 0.25, 0.25, 0.25),
        (0.5, 0.125, 0.25, 0.25, 0.25),
    ],
)
def test_the_learning_rate_of_the_checkpoint_stays_unless_another_is_asked_for(
    began, restored, given, counts, kept
):
    before, now = (of(g_optimizer=adam(rate)) for rate in (began, given))
    check(before, now)
    gan = make_gan(g_optimizer=adam(restored))
    lines = learning_rates.take_over(gan, before, now)
    assert lines == (
        [f"Learning rate of the generator: {restored} before, {counts} now."]
        if counts != restored
        else []
    )
    assert learning_rates.present(gan)["g_optimizer"] == counts
    assert now["learning_rates"]["g_optimizer"] == kept


def test_a_learning_rate_is_asked_for_until_a_checkpoint_has_it():
    before, now = (of(g_optimizer=adam(rate)) for rate in (0.5, 0.25))
    gan = make_gan(g_optimizer=adam(0.5))
    gan.step.assign(3)
    assert learning_rates.take_over(gan, before, now)
    # Killed before the next checkpoint: the same one, with the old rate, is restored once more.
    for step, restored, counts in ((3, 0.5, 0.25), (4, 0.125, 0.125)):
        gan = make_gan(g_optimizer=adam(restored))
        gan.step.assign(step)
        again = of(g_optimizer=adam(0.25))
        learning_rates.take_over(gan, now, again)
        assert learning_rates.present(gan)["g_optimizer"] == counts
        assert again["learning_rates"]["g_optimizer"] == 0.25


def test_what_a_run_came_from_stays_known_and_is_the_same():
    before, now = of(), of()
    before["init_from"] = {"path": os.path.abspath("a"), "file": "a/x.weights.h5", "step": 3}
    check(before, now)
    check(before, now, "a")
    assert now["init_from"] == before["init_from"]
    assert f'init_from: "{os.path.abspath("a")}" before, "' in refusal(before, now, "b")
    assert "init_from: null before, " in refusal(of(), of(), "b")


def test_schedules_follow_another_length_and_it_is_said():
    def with_cosine(steps, start=1e-3):
        return of(
            steps=steps, g_optimizer=adam(schedules.Cosine(start=start, end=0.0, steps=steps))
        )

    before, longer = with_cosine(4), with_cosine(8)
    check(before, longer)
    (note,) = record.notes(before, longer)
    assert note.startswith("Schedules go over 8 steps from here on") and "went over 4" in note
    assert "learning_rate.start" in refusal(before, with_cosine(4, start=1e-2))
    # A number in place of a schedule, and the other way round.
    said = "learning_rate of the generator: a schedule before, 0.001 now"
    assert said in refusal(before, of(g_optimizer=adam()))
    said = "learning_rate of the generator: 0.001 before, a schedule now"
    assert said in refusal(of(g_optimizer=adam()), before)


def test_data():
    swapped, known, fewer = Source(), Source(), Source()
    swapped.class_names = ("dog", "cat")
    assert 'data class_names: ["cat", "dog"] before, ["dog", "cat"] now' in refusal(
        of(), of(swapped)
    )
    known.fingerprint = {"kind": "folder", "size": 67}
    fewer.fingerprint = {"kind": "folder", "size": 50}
    assert "data: 67 examples, now 50. Begin" in refusal(of(known), of(fewer))
    check(of(), of(known))  # It cannot be told.
    (note,) = record.notes(of(), of(known))
    assert "cannot be told" in note and "a fingerprint now, and had none then" in note
    (note,) = record.notes(of(known), of())
    assert "no fingerprint now, and had one then" in note
    assert not record.notes(of(known), of(fewer))


def test_versions_are_said():
    before, now = of(), of()
    before["versions"]["Keras"] = "3.0.0"
    check(before, now)
    (note,) = record.notes(before, now)
    assert f'Keras: "3.0.0" before, "{keras.__version__}" now' in note


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"steps": 3}'])
def test_a_damaged_record(tmp_path, content):
    assert record.read(tmp_path / "run.json") is None
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ValueError, match=r"delete it to go on without\. Received: .*run\.json: "):
        record.read(tmp_path / "run.json")


@pytest.mark.slow
def test_a_run_writes_it_and_goes_by_it(tmp_path, capsys):
    directory = RunDirectory(tmp_path / "x")
    Run(directory).train(make_gan(g_optimizer=adam(0.5)), Source(), steps=1, batch_size=4)
    assert directory.class_names.read_text() == "cat\ndog\n"
    assert json.loads(directory.record.read_text())["learning_rates"]["g_optimizer"] == 0.5
    before = directory.metrics_csv.read_bytes()
    with pytest.raises(ValueError, match="batch_size: 4 before, 2 now"):
        run = Run(tmp_path / "x", resume=True)
        run.train(make_gan(g_optimizer=adam(0.5)), Source(), steps=2, batch_size=2)
    assert directory.metrics_csv.read_bytes() == before and not directory.lock.path.exists()
    run = Run(tmp_path / "x", resume=True)
    assert run.train(make_gan(g_optimizer=adam(0.5)), Source(), steps=2, batch_size=4)
    assert json.loads(directory.record.read_text())["steps"] == 2
    # Before the first checkpoint there is nothing but the record.
    empty = RunDirectory(tmp_path / "y")
    empty.make()
    record.write(empty.record, record.read(directory.record))
    assert Run(empty, resume=True).train(
        make_gan(g_optimizer=adam(0.5)), Source(), steps=1, batch_size=4
    )
    assert f"No checkpoint in {tmp_path / 'y'} yet: starting at step 0." in capsys.readouterr().out
    with pytest.raises(ValueError, match=rf"Looked for {tmp_path / 'z' / 'checkpoints'}"):
        Run(tmp_path / "z", resume=True)
    assert not (tmp_path / "z").exists()
