"""docs/singan.md: each command of it is one."""

import re
import shlex

import pytest
from commands import ROOT
from tfgan_losses.flags import command_line

from tfgan_losses import commands

PAGE = (ROOT / "docs" / "singan.md").read_text()
TYPED = re.findall(r"^python (train\.py|-m tfgan_losses \w+) (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("typed", "flags"), TYPED, ids=" ".join)
def test_a_command_has_these_flags(typed, flags):
    command = commands.get("train" if typed == "train.py" else typed.split()[-1])
    parsed = command_line.parse(command.groups, shlex.split(flags))
    # Given, not taken for the value of another.
    assert all(parsed[word[2:].partition("=")[0]].present for word in shlex.split(flags))


def test_all_uses_are_on_it():
    of_runs = {name for name in commands.names() if f"tfgan_losses {name} " in PAGE}
    of_pyramids = {"super_resolution", "paint_to_image", "harmonisation", "editing", "animation"}
    assert of_runs == {"sample", "evaluate", *of_pyramids}


def test_files_that_it_names_are_there():
    for place in re.findall(r"`(\w+/\w+\.py)`", PAGE):
        assert any((ROOT / folder / place).exists() for folder in ("", "tfgan_losses")), place
