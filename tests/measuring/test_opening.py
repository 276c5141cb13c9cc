"""Which generator of a run is meant, and what is said where there is none."""

import hashlib
import shutil

import networks
import numpy as np
import pytest
import runs

from tfgan_losses import RunDirectory
from tfgan_losses.measuring import opening
from tfgan_losses.run_files.checkpoint_files import best_name, checkpoint_name


@pytest.fixture
def gan():
    return networks.recipe_gan("hinge", ema_decay=0.9)


def samples(opened):
    return opened.generator.generate(5, seed=1)


def test_the_last_one_is_the_newest_checkpoint(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    opened = opening.open_run(directory)
    np.testing.assert_array_equal(samples(opened), gan.generate(5, seed=1))
    path = directory.checkpoints / checkpoint_name(2)
    assert opened.facts == {
        "kind": "run",
        "path": str(directory.path),
        "checkpoint": path.name,
        "step": 2,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert str(opened) == f"{directory.path}, step 2"


def test_a_step(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    first = opening.open_run(directory, "1")
    assert first.facts["step"] == 1
    # The networks of both are those of gan.keras: the average has not moved.
    weights = [np.asarray(x) for x in first.generator.generator.trainable_variables]
    now = [np.asarray(x) for x in gan.generator.trainable_variables]
    for before, after in zip(weights, now, strict=True):
        np.testing.assert_allclose(before + 0.05, after, atol=1e-6)
    with pytest.raises(ValueError, match=r"has kept, one of 1, 2\. Received: checkpoint=7$"):
        opening.open_run(directory, "7")


@pytest.mark.parametrize("monitor", [None, "frechet", "frechet[digits-cnn-1f]"])
def test_the_best_one(monitor, gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan, best="frechet[digits-cnn-1f]")
    assert opening.open_run(directory, "best", monitor=monitor).facts["step"] == 1


@pytest.mark.parametrize(("mode", "step"), [(None, 1), ("min", 1), ("max", 2)])
def test_the_best_one_after_a_kill(mode, step, gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan, best="frechet[pixels]")  # At step 1, 0.5.
    second = best_name("frechet[pixels]", 0.7, 2)
    shutil.copy(directory.checkpoints / checkpoint_name(2), directory.checkpoints / second)
    assert opening.open_run(directory, "best", mode=mode).facts["step"] == step


def test_a_run_that_has_kept_no_best_one(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan, best="d_loss")
    with pytest.raises(ValueError, match=r"trained with --monitor.* with checkpoints by d_loss$"):
        opening.open_run(directory, "best", monitor="frechet")


def test_a_run_in_progress_is_rebuilt(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan, exported=False)
    made = networks.recipe_gan("hinge", ema_decay=0.9)
    opened = opening.open_run(directory, rebuild=lambda: made)
    assert opened.generator is made
    np.testing.assert_array_equal(samples(opened), gan.generate(5, seed=1))
    with pytest.raises(ValueError, match=r"with gan\.keras or flags\.txt.*, of none$"):
        opening.open_run(directory)


def test_a_damaged_model_is_rebuilt(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    directory.gan.write_bytes(b"PK")
    made = networks.recipe_gan("hinge", ema_decay=0.9)
    assert opening.open_run(directory, rebuild=lambda: made).generator is made
    # The export needs neither.
    assert opening.open_run(directory).facts["kind"] == "SavedModel"
    with pytest.raises(ValueError, match=r"whose gan\.keras is damaged$"):
        opening.open_run(directory, "2")


def test_networks_of_other_flags_are_refused(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan, exported=False)
    other = networks.recipe_gan("hinge", example_shape=(2, 2, 1), ema_decay=0.9)
    with pytest.raises(ValueError, match="belongs to another architecture"):
        opening.open_run(directory, rebuild=lambda: other)


def test_without_checkpoints_the_export_is_the_last_one(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    for path in directory.checkpoint_files():
        path.unlink()
    opened = opening.open_run(directory)
    assert opened.facts["kind"] == "SavedModel" and len(opened.facts["sha256"]) == 64
    np.testing.assert_array_equal(samples(opened), gan.generate(5, seed=1))


def test_without_its_checkpoint_the_best_one_is_its_export(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    with pytest.raises(ValueError, match="with checkpoints by no column"):
        opening.open_run(directory, "best")
    gan.export_generator(directory.path / "best_generator")
    opened = opening.open_run(directory, "best")
    assert opened.facts["path"] == str(directory.path / "best_generator")


def test_a_run_before_its_first_checkpoint(tmp_path):
    directory = RunDirectory(tmp_path)
    directory.metrics_csv.write_text("step\n")
    with pytest.raises(ValueError, match=r"which holds metrics\.csv, but of checkpoints not one$"):
        opening.open_run(directory)


def test_a_torn_checkpoint_is_passed_over_and_refused_by_its_step(gan, tmp_path):
    directory = runs.write(tmp_path / "run", gan)
    path = directory.checkpoints / checkpoint_name(2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="Skipping the checkpoint"):
        assert opening.open_run(directory).facts["step"] == 1
    with pytest.raises(ValueError, match="a whole checkpoint"):
        opening.open_run(directory, "2")


def test_a_checkpoint_that_is_deleted_meanwhile_is_followed_by_the_next(gan, tmp_path, monkeypatch):
    directory = runs.write(tmp_path / "run", gan)
    first, second = directory.checkpoint_files()
    restored = []

    def restore(model, path):
        restored.append(path)
        if path == second:
            path.unlink()
            raise ValueError("gone")

    monkeypatch.setattr(opening, "restore", restore)
    assert opening.open_run(directory).facts["checkpoint"] == first.name
    assert restored == [second, first]
