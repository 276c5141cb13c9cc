import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.run_files.directory import RunDirectory


class Doubles(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def double(self, x):
        return 2.0 * x


def write_generator(path):
    tf.saved_model.save(Doubles(), path)


def test_nothing_is_there_yet(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    assert directory.results() == directory.rows() == []
    assert directory.newest_checkpoint() is None
    assert directory.best_checkpoint("d_loss") is None
    with pytest.raises(FileNotFoundError, match=r"flags\.txt"):
        directory.settings()
    with pytest.raises(FileNotFoundError, match=r"with a generator, .* which holds no run"):
        directory.load_generator()
    assert not directory.path.exists()


def test_settings(tmp_path):
    directory = RunDirectory(tmp_path)
    directory.write_settings("# objective\n--gan_type=hinge\n--loss=\n\n--noresume\n")
    assert directory.settings() == ["--gan_type=hinge", "--loss=", "--noresume"]
    assert [path.name for path in tmp_path.iterdir()] == ["flags.txt"]
    # It is no result: a new run may begin where only this lies.
    assert directory.results() == []


def test_rows(tmp_path):
    directory = RunDirectory(tmp_path)
    # A column that came later, a gap, and a row that a kill has cut short.
    directory.metrics_csv.write_text("step,d_loss,k\n5,1.5,\n10,-2e-3,0.25\n15,1.")
    assert directory.rows() == [
        {"step": 5, "d_loss": 1.5},
        {"step": 10, "d_loss": -2e-3, "k": 0.25},
    ]
    assert directory.results() == ["metrics.csv"]


def test_the_generator_of_a_run(tmp_path):
    directory = RunDirectory(tmp_path)
    directory.replace_generator(write_generator)
    assert directory.load_generator().double([3.0]).numpy() == 6.0
    assert directory.results() == ["generator"]
    # A kill between the two renames of a later export.
    directory.generator.rename(tmp_path / "old_generator")
    with pytest.raises(RuntimeError, match="killed"):
        directory.replace_generator(_killed)
    np.testing.assert_array_equal(directory.load_generator().double([1.0, 2.0]), [2.0, 4.0])


def _killed(path):
    raise RuntimeError("killed")


def test_checkpoints(tmp_path):
    import networks

    from tfgan_losses.run_files import checkpoint_files

    directory = RunDirectory(tmp_path)
    directory.checkpoints.mkdir()
    gan = networks.recipe_gan("gan")
    for name in (
        checkpoint_files.checkpoint_name(2),
        checkpoint_files.checkpoint_name(10),
        checkpoint_files.best_name("d_loss", 0.5, 4),
        checkpoint_files.best_name("d_loss", 0.25, 6),
        checkpoint_files.best_name("g_loss", 0.125, 8),
    ):
        checkpoint_files.write_checkpoint(gan, directory.checkpoints / name)
    assert directory.newest_checkpoint().name == "step_00000010.weights.h5"
    assert directory.best_checkpoint("d_loss").name.endswith("step_00000006.weights.h5")
    assert directory.best_checkpoint("d_loss", "max").name.endswith("step_00000004.weights.h5")
    assert directory.best_checkpoint("k") is None
