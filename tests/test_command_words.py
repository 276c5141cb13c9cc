"""What a person reads who mistypes or forgets something: flags, one line, and the cause."""

import dataclasses
import shlex
import subprocess
import sys

import numpy as np
import pytest
from absl import logging
from commands import ROOT, environment
from PIL import Image
from tfgan_losses.flags import command_line, definitions

from tfgan_losses import commands, datasets, gan_types
from tfgan_losses.datasets import folder_listing

ALL = tuple(definitions.GROUPS)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("--seed=-1", "--seed=-1: -1 is not a non-negative integer"),
        ("--seed=4294967296", "--seed=4294967296: Expected at most 4294967295"),
        ("--steps=99999999999", "--steps=99999999999: Expected at most 2147483647"),
        ("--image_size=99999999999", "--image_size: Expected .* at most 2147483647.*=99999999999$"),
        ("--image_size=64x", "--image_size: Expected .*, such as 64x96. .*image_size='64x'$"),
        ("--image_size=a", "--image_size: Expected .* such as 64, .*image_size='a'$"),
        ("--image_size=0x5", "--image_size: Expected image_size >= 1. .*image_size=0x5$"),
        ("--fit=crpo", "--fit=crpo: Expected one of crop, pad, stretch. .*mean 'crop'"),
        ("--channels=2", "--channels: Expected 1, 3 or 4. Received: 2"),
        ("--dataset=", "Expected one of digits, .*Received: ''$"),
    ],
)
def test_a_value_that_nothing_can_hold_is_named_with_its_flag(typed, message):
    with pytest.raises(ValueError, match=message):
        command_line.parse(ALL, [typed])


def test_the_largest_seed_of_numpy_and_keras_is_one():
    assert command_line.parse(ALL, ["--seed=4294967295"]).seed == 2**32 - 1


def test_a_warning_of_a_command_is_one_line_that_names_flags(capsys):
    commands._prepare_process("train.py", ALL)
    commands._prepare_process("train.py", ALL)
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
    for size in ((8, 9), (9, 9)):
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / f"{size[0]}.png")
    message = r"Expected --image_size=<pixels>, to which their .*; --fit=pad keeps all of them"
    with pytest.raises(SystemExit, match=message):
        commands.get("train").call(
            [f"--dataset=folder:{tmp_path}", f"--output_dir={tmp_path / 'run'}"],
            typed="python train.py",
        )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        # absl would read no flags at all, and the default command would run.
        ("--flagfile=", "Expected --flagfile=<file>"),
        ("--flagfile={here}", "--flagfile={here}/flags.txt, which repeats .*--resume={here} "),
    ],
)
def test_a_flagfile_that_is_none_says_which_one_may_be_meant(typed, message, tmp_path):
    with pytest.raises(ValueError, match=message.format(here=tmp_path)):
        command_line.parse(ALL, ["--steps=1", typed.format(here=tmp_path)])


def test_the_home_of_nobody_is_no_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"Received: --output_dir=~nobody_at_all/x"):
        commands.get("train").call(["--output_dir=~nobody_at_all/x"], typed="python train.py")
    assert not any(tmp_path.iterdir())


def test_labels_that_only_a_flag_asks_for_are_not_the_recipes():
    asked = dataclasses.replace(gan_types.get("gan"), condition="labels")
    with pytest.raises(ValueError, match=r"data without labels; asked for by condition='labels'"):
        asked.make_condition(None)
    with pytest.raises(ValueError, match=r"data of 1 class; 'gan' or 'infogan' need none"):
        gan_types.get("acgan").make_condition(1)


def test_closed_streams_do_not_lend_their_numbers_to_files(tmp_path):
    code = (
        "READS_FLAGS_FIRST = True;"  # And so needs no TensorFlow.
        "from tfgan_losses import commands; commands._prepare_streams(); import sys;"
        "print('to nowhere'); print('to nowhere', file=sys.stderr);"
        f"sys.exit(open({str(tmp_path / 'file')!r}, 'w').fileno() > 2)"
    )
    script = f"{sys.executable} -c {shlex.quote(code)} <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", script], cwd=ROOT, check=False).returncode == 1


def test_the_draws_are_of_a_kind_that_autograph_reads():
    import tensorflow as tf

    from tfgan_losses import random

    tf.autograph.to_code(random._own_part)  # Raises where it would warn.


@pytest.mark.parametrize(("features", "shape"), [(784, "-1, 28, 28"), (3072, "-1, 32, 32, 3")])
def test_flattened_images_are_no_vectors(features, shape, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((9, features), np.uint8))
    with pytest.raises(ValueError, match=rf"flattened images. Expected x\.reshape\({shape}\) for"):
        datasets.load(f"npz:{tmp_path / 'a.npz'}")
    for other in (np.zeros((9, features + 1), np.uint8), np.zeros((9, features))):
        np.savez(tmp_path / "b.npz", x=other)
        assert datasets.load(f"npz:{tmp_path / 'b.npz'}").example_shape == other.shape[1:]


def test_the_name_of_a_class_is_one_line(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
    np.savez(tmp_path / "a.npz", x=images, y=["cat", "do\ng"] * 3)
    assert datasets.load(f"npz:{tmp_path / 'a.npz'}").class_names == ("cat", r"do\ng")


def test_names_of_folders_are_the_same_in_every_locale():
    of_ascii = "ä".encode().decode("ascii", "surrogateescape")
    assert folder_listing.printable(of_ascii) == folder_listing.printable("ä") == "ä"
    assert folder_listing.printable("\udcff") == r"\udcff"


def test_a_name_that_the_locale_cannot_show_stops_nothing():
    code = (
        "READS_FLAGS_FIRST = True;"
        "from tfgan_losses import commands; commands._prepare_streams(); print('\\xe4')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment(PYTHONIOENCODING="ascii"), capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == rb"\xe4" + b"\n"
