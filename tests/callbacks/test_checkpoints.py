import operator

import h5py
import keras
import numpy as np
import pytest

from tfgan_losses.callbacks import Checkpoints, all_checkpoints, latest_checkpoint, restore


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
    gan.save_weights(path)
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


def test_bad_numbers_are_not_saved(model, ramp, tmp_path):
    rows = ramp(4)
    rows[2] = np.nan
    model.play(rows, [Checkpoints(tmp_path, every=2)])
    assert names(tmp_path) == [file_name(2)]


def test_a_crash_while_writing_leaves_the_earlier_file(model, ramp, tmp_path, monkeypatch):
    model.play(ramp(2), [Checkpoints(tmp_path, every=2)])

    def half(path, *args, **kwargs):
        path.write_bytes(b"half of it")
        raise OSError("no space left")

    monkeypatch.setattr(model, "save_weights", half, raising=False)
    with pytest.raises(OSError, match="no space left"):
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


@pytest.mark.parametrize("size", [0, 100, 3000])
def test_a_torn_newest_file_is_skipped(saved, size):
    _, path = saved
    torn = path.with_name(file_name(4))
    torn.write_bytes(path.read_bytes()[:size])
    with pytest.warns(UserWarning, match=f"unreadable checkpoint .*{torn.name}"):
        assert latest_checkpoint(path.parent) == path


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
