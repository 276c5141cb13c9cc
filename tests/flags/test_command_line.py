import collections

import keras
import pytest
from commands import ROOT
from tfgan_losses.flags import command_line, definitions, machine

from tfgan_losses import models

ALL = tuple(definitions.GROUPS)
ROWS = [flag for rows in definitions.GROUPS.values() for flag in rows]


@pytest.mark.parametrize("flag", ROWS, ids=lambda flag: flag.name)
def test_a_row_fits_itself(flag):
    assert flag.default is None or type(flag.default) is flag.kind
    assert not flag.choices or flag.default in (None, *flag.choices)
    assert flag.at_least is None or flag.default is None or flag.default >= flag.at_least
    assert flag.help.endswith(".")
    # Its default can be typed.
    typed = [] if flag.default is None else [f"--{flag.name}={flag.default}"]
    assert command_line.parse(ALL, typed)[flag.name].value == flag.default


def test_every_flag_once():
    counts = collections.Counter(row.name for row in ROWS)
    assert set(counts.values()) == {1} and len(counts) == len(ROWS)


def test_two_command_lines_know_nothing_of_each_other():
    first = command_line.parse(ALL, ["--steps=1"])
    second = command_line.parse(ALL, ["--steps=2", "--loss=hinge"])
    assert (first.steps, second.steps) == (1, 2)
    assert first.loss is None


def test_a_command_has_the_flags_of_its_groups_only():
    flags = command_line.parse(["data", "machine"], ["--dataset=ring8"])
    text = command_line.flagfile_text(flags)
    assert text.startswith("# data\n--dataset=ring8\n--split=train\n")
    assert "# machine\n" in text and "# run" not in text
    with pytest.raises(ValueError, match="Unknown command line flag 'steps'"):
        command_line.parse(["data"], ["--steps=1"])
    assert "--steps:" not in command_line.help_text(["data"])


def test_flags_come_back_from_their_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my photos").mkdir()
    typed = ["--loss=", "--skip_bad_images", "--g_learning_rate=0", "--dataset=folder:my photos"]
    flags = command_line.parse(ALL, [*typed, "--resume=x"])
    path = tmp_path / "flags.txt"
    path.write_text(command_line.flagfile_text(flags))
    again = command_line.parse(ALL, [f"--flagfile={path}"])
    assert again.flag_values_dict() == {**flags.flag_values_dict(), "resume": None}


@pytest.mark.parametrize("path", sorted((ROOT / "flags" / "presets").iterdir()), ids=str)
def test_presets(path):
    flags = command_line.parse(ALL, [f"--flagfile={path}"])
    assert flags["dataset"].present and flags["steps"].present


@pytest.mark.parametrize("wrong", ["--g_learning_rate=-1", "--d_learning_rate=-0.1", "--steps=0"])
def test_lower_bounds_hold_also_where_they_are_zero(wrong):
    with pytest.raises(ValueError, match=wrong.split("=")[0].strip("-")):
        command_line.parse(ALL, [wrong])


def test_the_seed_decides_the_initial_weights():
    drawn = []
    for seed in (1, 1, 2):
        machine.prepare(command_line.parse(ALL, [f"--seed={seed}"]))
        drawn.append(float(keras.random.uniform([])))
    assert drawn[0] == drawn[1] != drawn[2]


def test_help_has_what_errors_point_to():
    text = " ".join(command_line.help_text(ALL).split())
    assert "--flagfile: Read flags from a file" in text and "--resume: " in text.replace("[no]", "")
    assert "their centre squares are resized" in text
    for family, shape, said in (
        ("mlp", (2,), "mlp {}, "),
        ("deep_mlp", (2,), "deep_mlp {}, "),
        ("dcgan", (32, 32, 1), "dcgan and r3gan {} ("),
        ("r3gan", (16, 16, 1), "dcgan and r3gan {} ("),
        ("dcgan", (8, 8, 1), "({} below 16 pixels)"),
        ("r3gan", (8, 8, 1), "({} below 16 pixels)"),
        ("biggan", (32, 32, 3), "biggan {}, "),
        ("biggan_deep", (64, 64, 3), "biggan_deep {}, "),
        ("resnet", (64, 64, 3), "resnet and sagan {} ("),
        ("sagan", (128, 128, 3), "resnet and sagan {} ("),
        ("resnet", (48, 48, 3), "resnet and sagan {} ("),
        ("resnet", (32, 32, 3), "to 32 pixels {} in the generator and {} in the discriminator"),
        ("sagan", (32, 32, 3), "to 32 pixels {} in the generator and {} in the discriminator"),
        ("stylegan2", (64, 64, 3), "stylegan2 {} ("),
        ("stylegan2", (32, 32, 3), "({} below 64 pixels)"),
    ):
        assert said.format(*models.default_widths(family, shape)) in text
