"""`python -m tfgan_losses <command>`, and the door to it in a checkout."""

import os
import subprocess
import sys

import commands
import networks
import pytest

from tfgan_losses import __main__ as entry, commands as rooms

DOORS = (("train.py",), ("-m", "tfgan_losses", "train"))


def python(directory, *arguments):
    """A process in a directory, its code, output, and errors."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=commands.workplace(directory),
        env=commands.environment(),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("arguments", [*[(*door, "--help") for door in DOORS],
                                       ("-m", "tfgan_losses", "--help")])  # fmt: skip
def test_help_needs_no_tensorflow(tmp_path, arguments):
    result = python(tmp_path, "-X", "importtime", *arguments)
    assert result.returncode == 0
    assert "tfgan_losses.commands" in result.stderr
    assert not [line for line in result.stderr.splitlines() if "keras" in line or "tensorf" in line]
    assert "Trains a GAN and leaves a directory" in result.stdout


@pytest.mark.parametrize("door", DOORS)
def test_a_mistyped_flag_needs_no_tensorflow(tmp_path, door):
    result = python(tmp_path, "-X", "importtime", *door, "--gan_tipe=wgan")
    assert result.returncode == 1 and result.stdout == ""
    assert "Unknown command line flag 'gan_tipe'. Did you mean: gan_type" in result.stderr
    assert not [line for line in result.stderr.splitlines() if "keras" in line or "tensorf" in line]


@pytest.mark.slow
def test_the_package_trains(tmp_path):
    flags = ("--dataset=ring8", "--gan_type=hinge", *commands.FEW_STEPS)
    result = python(tmp_path, "-X", "importtime", "-m", "tfgan_losses", "train", *flags)
    assert result.returncode == 0, result.stderr
    imported = {line.split()[-1] for line in result.stderr.splitlines() if "import time:" in line}
    assert {"tensorflow", "keras", "matplotlib.figure"} <= imported
    # Parts of what Keras would import where it is installed, and of what digits are read with.
    unused = {"sklearn.base", "scipy.stats", "matplotlib.style", "pandas.core", "IPython.core"}
    assert not imported & {*unused, "tensorflow_datasets"}
    assert (tmp_path / "runs" / "ring8-hinge-001" / "generator" / "saved_model.pb").exists()
    again = python(tmp_path, "-m", "tfgan_losses", "train", "--output_dir=runs/ring8-hinge-001")
    assert again.returncode == 1
    refusals = [line for line in again.stderr.splitlines() if line.startswith("train: ")]
    assert len(refusals) == 1 and "which holds metrics.csv" in refusals[0]


def test_the_way_back_is_the_way_a_person_came(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags = ("--dataset=ring8", "--gan_type=hinge", *commands.FEW_STEPS, "--output_dir=my run")
    monkeypatch.setattr("tfgan_losses.run.Run.train", lambda run, *_, **__: print(run.resume_hint))
    assert rooms.get("train").call(flags, typed="python -m tfgan_losses train") == 3
    hint = capsys.readouterr().out.splitlines()[-1]
    assert hint == "python -m tfgan_losses train --resume='my run'"


@pytest.mark.parametrize("typed", [[], ["trian"], ["--steps=3"]])
def test_no_such_command(typed):
    with pytest.raises(SystemExit) as end:
        entry.main(typed)
    received = typed[0] if typed else "nothing"
    known = ", ".join(rooms.names())
    assert f"Expected a command, one of: {known}. Received: {received}." in str(end.value)
    assert "\n" not in str(end.value)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("own/__main__.py",), ("-m", "own")])
def test_the_import_of_the_library_is_enough_to_load_a_gan(tmp_path, arguments):
    """Keras finds the classes of a saved model only if somebody has imported their modules."""
    networks.recipe_gan("sngan").save(tmp_path / "gan.keras")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("import tfgan_losses\n")
    (tmp_path / "own" / "__main__.py").write_text(
        "import keras, tfgan_losses\n"
        "print(type(keras.saving.load_model('gan.keras')).__name__, tfgan_losses.GAN.__name__)\n"
    )
    result = python(tmp_path, *arguments)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "GAN GAN\n"


def test_a_help_that_nobody_reads_ends_quietly():
    """`python -m tfgan_losses --help | head`, where head is gone before the first line."""
    read, write = os.pipe()
    os.close(read)
    typed = [sys.executable, "-m", "tfgan_losses", "--help"]
    ended = subprocess.run(
        typed, stdout=write, stderr=subprocess.PIPE, text=True, cwd=commands.ROOT
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")
