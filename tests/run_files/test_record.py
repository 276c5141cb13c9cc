"""run.json: a run does not go on with something else than it was begun with."""

import json

import keras
import networks
import pytest

from tfgan_losses import Run, schedules
from tfgan_losses.run_files import record
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


def check(before, now, restored=None):
    rates = before["learning_rates"] if restored is None else restored
    record.check_same("run.json", before, now, rates)


def refusal(before, now, restored=None):
    with pytest.raises(ValueError, match=r"begun with, see run\.json\. Received: ") as error:
        check(before, now, restored)
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
        ({}, {"batch_size": 2}, "training batch_size: 4 before, 2 now"),
        ({"d_optimizer": adam()}, {"d_optimizer": adam(beta_1=0.5)}, "d_optimizer.beta_1: 0.9"),
        ({"d_optimizer": adam()}, {"d_optimizer": "rmsprop"}, '"RMSprop" now'),
    ],
)
def test_what_decides_the_training(before, now, said):
    assert said in refusal(of(**before), of(**now))


def test_learning_rates_are_those_of_the_beginning_or_of_the_checkpoint():
    before, now = (of(g_optimizer=adam(rate)) for rate in (0.5, 0.25))
    check(before, before, {**before["learning_rates"], "g_optimizer": 0.125})
    # The same model trains again after a callback has changed its rate.
    check(before, now, now["learning_rates"])
    message = refusal(before, now)
    assert message.startswith("learning rate of the g_optimizer: 0.5 before, 0.25 now. Begin a new")


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
    # A number in place of a schedule.
    assert "learning_rate" in refusal(before, of(g_optimizer=adam()))


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
    before["versions"]["Keras"] = "3.14.0"
    check(before, now)
    (note,) = record.notes(before, now)
    assert f'Keras: "3.14.0" before, "{keras.__version__}" now' in note


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
    with pytest.raises(ValueError, match=r"g_optimizer: 0\.5 before, 0\.25 now"):
        run = Run(tmp_path / "x", resume=True)
        run.train(make_gan(g_optimizer=adam(0.25)), Source(), steps=2, batch_size=4)
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
