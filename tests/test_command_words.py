"""What a person reads who mistypes, forgets or leaves something over: flags, one line, the cause."""

import numpy as np
import pytest
from absl import logging
from tfgan_losses.flags import command_line, definitions

from tfgan_losses import commands, datasets

ALL = tuple(definitions.GROUPS)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("--seed=-1", "--seed=-1: -1 is not a non-negative integer"),
        ("--seed=4294967296", "--seed=4294967296: Expected at most 4294967295"),
        ("--image_size=99999999999", "--image_size=99999999999: Expected at most 2147483647"),
        ("--dataset=", "Expected one of digits, .*Received: ''$"),
    ],
)
def test_a_value_that_nothing_can_hold_is_named_with_its_flag(typed, message):
    with pytest.raises(ValueError, match=message):
        command_line.parse(ALL, [typed])


def test_the_largest_seed_of_numpy_and_keras_is_one():
    assert command_line.parse(ALL, ["--seed=4294967295"]).seed == 2**32 - 1


def test_a_warning_of_a_command_is_one_line_that_names_flags(capsys):
    commands._prepare_process("train.py")
    commands._prepare_process("train.py")
    logging.warning("say which value is white, such as %s", "white_level=1")
    assert capsys.readouterr().err == (
        "train.py: warning: say which value is white, such as --white_level=1\n"
    )


def test_arrays_that_are_not_read_are_counted(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
    labels = np.arange(6) % 2
    np.savez(tmp_path / "a.npz", images=images, labels=labels, y=labels, target=labels)
    source = datasets.load(f"npz:{tmp_path / 'a.npz'}")
    assert source.left_out == {"array 'y'": 1, "array 'target'": 1}
    np.savez(tmp_path / "b.npz", images=images, labels=labels, names=["cat", "dog"])
    assert datasets.load(f"npz:{tmp_path / 'b.npz'}").left_out == {}


def test_images_without_a_size_are_refused_by_the_name_of_the_flag(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.zeros((6, 8, 9, 3), np.uint8))
    with pytest.raises(SystemExit, match=r"Expected --image_size=<pixels>, to which their"):
        commands.get("train").call(
            [f"--dataset=npz:{tmp_path / 'a.npz'}", f"--output_dir={tmp_path / 'run'}"],
            typed="python train.py",
        )
    assert not (tmp_path / "run").exists()
