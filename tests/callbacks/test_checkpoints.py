import hashlib
import operator
import os
import pathlib

import commands
import h5py
import keras
import numpy as np
import pytest

from tfgan_losses.callbacks import (
    Checkpoints,
    MetricsLog,
    all_checkpoints,
    best_checkpoint,
    latest_checkpoint,
    restore,
)
from tfgan_losses.run_files.checkpoint_files import write_checkpoint


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def file_name(step):
    return f"step_{step:08d}.weights.h5"


@pytest.fixture
def saved(make_gan, tmp_path):
    """A GAN and its checkpoint."""
    gan = make_gan()
    gan.step.assign(2)
    path = tmp_path / "c" / file_name(2)
    path.parent.mkdir()
    write_checkpoint(gan, path)
    return gan, path


def test_keeps_the_newest_and_the_end(model, ramp, tmp_path):
    model.play(ramp(9), [Checkpoints(tmp_path, every=2)])
    assert names(tmp_path) == [file_name(step) for step in (6, 8, 9)]
    assert latest_checkpoint(tmp_path).name == file_name(9)


def test_more_than_eight_digits_sort_as_numbers(tmp_path):
    for step in (99_999_999, 100_000_000):
        (tmp_path / file_name(step)).touch()
    assert [path.name for path in all_checkpoints(tmp_path)] == [
        file_name(99_999_999),
        file_name(100_000_000),
    ]


def test_bad_numbers_are_not_saved_and_end_the_run(model, ramp, tmp_path):
    rows = ramp(6)
    rows[2] = np.nan
    with pytest.raises(FloatingPointError, match="d_real is not finite at step 4, which has no ch"):
        model.play(rows, [Checkpoints(tmp_path, every=2)])
    assert names(tmp_path) == [file_name(2)]
    assert int(model.step) == 4


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_earlier_file(model, ramp, tmp_path, monkeypatch, name):
    model.play(ramp(2), [Checkpoints(tmp_path, every=2)])
    monkeypatch.setattr(os, name, lambda *_: os.strerror(1 / 0))
    with pytest.raises(ZeroDivisionError):
        model.play(ramp(2), [Checkpoints(tmp_path, every=2)])
    assert names(tmp_path) == [file_name(2)]


def test_leftovers_of_a_kill_are_no_checkpoints(model, ramp, tmp_path):
    (tmp_path / f"unfinished_{file_name(4)}").write_bytes(b"half of it")
    assert latest_checkpoint(tmp_path) is None
    model.play(ramp(1), [Checkpoints(tmp_path, every=2)])
    assert names(tmp_path) == [file_name(1)]


def test_restore_gives_everything_back(make_gan, tmp_path):
    gan, other = make_gan(), make_gan(seed=3)
    examples = np.random.default_rng(0).normal(size=[16, 2]).astype(np.float32)
    gan.fit(examples, batch_size=8, verbose=0, callbacks=[Checkpoints(tmp_path, 2)])
    restore(other, tmp_path / file_name(2))
    assert int(other.step) == 2
    assert other.get_metrics_result() == gan.get_metrics_result()
    for each in (gan, other):
        each.fit(examples, batch_size=8, shuffle=False, verbose=0)
    for part in ("variables", "d_optimizer.variables", "g_optimizer.variables"):
        get = operator.attrgetter(part)
        for variable, restored in zip(get(gan), get(other), strict=True):
            np.testing.assert_array_equal(variable, restored)


def test_another_architecture_is_one_clear_error(saved, make_gan):
    _, path = saved
    other = make_gan(width=5)
    before = [np.array(variable) for variable in other.variables]
    with pytest.raises(ValueError, match="another architecture") as error:
        restore(other, path)
    assert "[2, 4] in the file, [2, 5] in the model" in str(error.value)
    assert "more" in str(error.value)
    for variable, value in zip(other.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_another_optimizer_is_an_error_too(saved, make_gan):
    gan, path = saved
    gan.compile("hinge", g_optimizer=keras.optimizers.SGD(), d_optimizer=keras.optimizers.SGD())
    with pytest.raises(ValueError, match="optimizer/vars"):
        restore(gan, path)


@pytest.mark.parametrize("size", [0, 100, 3000, -1])
def test_a_torn_newest_file_is_skipped(saved, size):
    _, path = saved
    torn = path.with_name(file_name(4))
    torn.write_bytes(path.read_bytes()[:size])
    with pytest.warns(UserWarning, match=f"Skipping .*{torn.name}: there is no checksum .* torn"):
        assert latest_checkpoint(path.parent) == path


@pytest.mark.parametrize("place", [0, 1000, 20000, -100, -40])
def test_a_single_wrong_bit_is_found(saved, make_gan, place):
    _, path = saved
    content = bytearray(path.read_bytes())
    # A digit of the checksum stays one: else there is no checksum.
    content[place] ^= 2 if chr(content[place]) in "af" else 1
    bad = path.with_name(file_name(4))
    bad.write_bytes(content)
    with pytest.warns(UserWarning, match=rf"Skipping .*{bad.name}: .* corrupted\.|no checksum"):
        assert latest_checkpoint(path.parent) == path
    with pytest.raises(ValueError, match=r"whole checkpoint\. Received: .*checksum does not fit"):
        restore(make_gan(), bad)


def test_the_checksum_is_the_last_line_of_the_file(saved):
    content = saved[1].read_bytes()
    line = f"sha256 {hashlib.sha256(content[:-72]).hexdigest()}\n"
    assert content[-72:].decode() == line


def test_a_checkpoint_leaves_no_objects_of_keras_behind(saved, monkeypatch):
    """Each optimiser that is made on the way would take memory that nobody gives back."""
    gan, path = saved
    made = []
    own = keras.optimizers.Optimizer.__init__

    def init(self, *args, **kwargs):
        made.append(self)
        own(self, *args, **kwargs)

    monkeypatch.setattr(keras.optimizers.Optimizer, "__init__", init)
    write_checkpoint(gan, path)
    assert not made
    gan.save_weights(path)
    assert not made  # Nor in what Keras writes from then on.


def test_weights_without_a_checksum_are_restored_by_name_only(saved, make_gan):
    gan, path = saved
    gan.save_weights(path.with_name(file_name(4)))
    with pytest.warns(UserWarning, match=r"not written by Checkpoints\. restore\(gan, path\)"):
        assert latest_checkpoint(path.parent) == path
    gan.step.assign(4)
    gan.save_weights(path.with_name(file_name(4)))
    other = make_gan()
    restore(other, path.with_name(file_name(4)))
    assert int(other.step) == 4


def test_a_file_is_on_the_disk_before_it_has_its_name(model, ramp, tmp_path, monkeypatch):
    done = []

    def note(name, function):
        def call(*arguments):
            if name == "flush":
                what = pathlib.Path(os.readlink(f"/proc/self/fd/{arguments[0]}")).name
            else:
                what = pathlib.Path(arguments[1]).name
            done.append((name, what))
            return function(*arguments)

        return call

    monkeypatch.setattr(os, "fsync", note("flush", os.fsync))
    monkeypatch.setattr(os, "replace", note("rename", os.replace))
    model.play(ramp(1), [Checkpoints(tmp_path / "c", every=1)])
    assert done == [
        ("flush", f"unfinished_{file_name(1)}"), ("rename", file_name(1)), ("flush", "c")
    ]  # fmt: skip


# A limit for the size of files is a full disk that needs no rights to make.
FULL_DISK = """
import pathlib, resource, sys
sys.path[:0] = sys.argv[2:]
from conftest import tiny_gan
from tfgan_losses.callbacks import Checkpoints, latest_checkpoint

import numpy as np

directory = pathlib.Path(sys.argv[1])
gan = tiny_gan(width=64)
examples = np.zeros([16, 2], np.float32)
gan.fit(examples, batch_size=16, verbose=0, callbacks=[Checkpoints(directory, 1)])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop()), hard))
try:
    gan.fit(examples, batch_size=16, verbose=0, callbacks=[Checkpoints(directory, 1)])
except OSError as error:
    print(error)
print(latest_checkpoint(directory).name, *sorted(path.name for path in directory.iterdir()))
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 20000])
def test_a_full_disk(tmp_path, size):
    here = pathlib.Path(__file__).parent
    result = commands.python(
        FULL_DISK, tmp_path, here, commands.ROOT, size, directory=tmp_path.parent
    )
    assert result.code == 0, result.err
    path = tmp_path / file_name(2)
    assert result.out == (
        f"Cannot write {path}: File too large. What was written before is whole.\n"
        f"{file_name(1)} {file_name(1)}\n"
    )
    assert "Traceback" not in result.err


def test_a_directory_that_takes_no_files_any_more(model, ramp, tmp_path):
    directory = tmp_path / "c"

    class Replace(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1:
                directory.rename(tmp_path / "moved")
                directory.touch()

    with pytest.raises(OSError, match=f"Cannot write {directory}/{file_name(2)}: Not a directory"):
        model.play(ramp(2), [Checkpoints(directory, every=1), Replace()])
    assert latest_checkpoint(tmp_path / "moved").name == file_name(1)


# d_real at the steps 1 to 7; checkpoints are at 2, 4 and 6.
VALUES = [0.0, 0.5, 9.0, -0.25, -1.0, 7.0, -2.0]


def best_files(directory):
    return [name for name in names(directory) if name.startswith("best_")]


@pytest.mark.parametrize(
    "mode, expected", [("min", ["best_d_real_-0.25_", 4]), ("max", ["best_d_real_7.0_", 6])]
)
def test_the_best_stays_beside_the_newest(model, tmp_path, mode, expected):
    rows = np.array(VALUES)[:, None] * np.ones(4)
    log = MetricsLog(tmp_path / "metrics.csv", every=1)  # So that a value is that of one step.
    directory = tmp_path / "c"
    options = {"keep": 1, "monitor": "d_real", "mode": mode}
    for part in (rows[:3], rows[3:5], rows[5:]):  # Trained in three calls of fit.
        model.play(part, [log, Checkpoints(directory, every=2, **options)])
    prefix, step = expected
    name = prefix + file_name(step)
    assert names(directory) == [name, file_name(7)]
    best, value = best_checkpoint(directory, "d_real", mode)
    assert (best.name, value) == (name, VALUES[step - 1])
    with h5py.File(best) as file:
        assert file["vars/1"][()] == step or file["vars/0"][()] == step
    assert best_checkpoint(directory, "d_fake") is None


def test_of_two_best_after_a_kill_the_better_counts(model, tmp_path):
    for name in (f"best_d_real_2.0_{file_name(2)}", f"best_d_real_-1e-05_{file_name(4)}"):
        write_checkpoint(model, tmp_path / name)
    assert best_checkpoint(tmp_path, "d_real")[1] == -1e-5
    assert best_checkpoint(tmp_path, "d_real", "max")[1] == 2.0
    callback = Checkpoints(tmp_path, every=1, monitor="d_real")
    model.play([[-0.5] * 4], [callback])
    assert best_files(tmp_path) == [f"best_d_real_-0.5_{file_name(1)}"]


def test_a_damaged_best_is_skipped_and_the_next_one_takes_its_place(model, tmp_path):
    good, torn = (f"best_d_real_{value}_{file_name(2)}" for value in (2.0, 1.0))
    write_checkpoint(model, tmp_path / good)
    (tmp_path / torn).write_bytes((tmp_path / good).read_bytes()[:-9])
    with pytest.warns(UserWarning, match=f"Skipping the checkpoint .*{torn}: there is no checksum"):
        assert best_checkpoint(tmp_path, "d_real")[1] == 2.0
    (tmp_path / good).unlink()
    with pytest.warns(UserWarning, match="Skipping the checkpoint"):
        model.play([[7.0] * 4], [Checkpoints(tmp_path, every=1, monitor="d_real")])
    assert best_files(tmp_path) == [f"best_d_real_7.0_{file_name(1)}"]


def test_a_log_that_is_not_there_and_an_unknown_mode(model, ramp, tmp_path):
    with pytest.raises(ValueError, match=r"one of the logs \['d_real'.* Received: monitor='fid'"):
        model.play(ramp(2), [Checkpoints(tmp_path, every=1, monitor="fid")])
    with pytest.raises(ValueError, match=r"'min' or 'max'\. Received: mode='low'"):
        Checkpoints(tmp_path, 1, mode="low")


def test_a_newer_one_that_was_skipped_does_not_push_out_a_whole_one(model, ramp, tmp_path):
    (tmp_path / file_name(9)).write_bytes(b"torn")
    model.play(ramp(2), [Checkpoints(tmp_path, every=1, keep=1)])
    assert names(tmp_path) == [file_name(2), file_name(9)]


def test_restore_of_a_torn_file(make_gan, tmp_path):
    (tmp_path / "x.weights.h5").write_bytes(b"torn")
    with pytest.raises(ValueError, match=r"Expected a checkpoint\. Received: path=.*x\.weights"):
        restore(make_gan(), tmp_path / "x.weights.h5")
    with pytest.raises(ValueError, match="Expected a checkpoint"):
        restore(make_gan(), tmp_path / "missing.weights.h5")


def test_no_directory_no_checkpoint(tmp_path):
    assert latest_checkpoint(tmp_path / "none") is None


def test_the_structure_names_every_array(saved):
    _, path = saved
    with h5py.File(path, "r") as file:
        assert any("g_optimizer" in key for key in file)
