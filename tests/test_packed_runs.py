"""Runs of the command with --mirror and --pack: reported, recorded, refused where they change."""

import json
import re

import commands
import pytest
from tfgan_losses.flags import command_line, setting
from tfgan_losses.flags.definitions import GROUPS


def test_a_source_of_flags_is_mirrored():
    flags = command_line.parse(tuple(GROUPS), ["--mirror", f"--data_dir={commands.data_dir()}"])
    plain = command_line.parse(tuple(GROUPS), [f"--data_dir={commands.data_dir()}"])
    assert setting.load_source(flags).size == 2 * setting.load_source(plain).size


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--dataset=ring8", "--mirror"], "'ring8' holds points, not images"),
        (["--gan_type=acgan", "--pack=2"], "acgan.*pack=1.*Received: .*pack=2"),
        (["--pack=3", "--batch_size=64"], "pack=3"),
        (["--pack=0"], "pack=0"),
    ],
)
def test_what_is_refused_before_training(flags, message):
    assert re.search(message, str(commands.call(*flags, "--dry_run")))


@pytest.mark.slow
def test_trained_resumed_and_evaluated(tmp_path, capsys):
    run = tmp_path / "run"
    options = ["--mirror", "--pack=2", "--metrics=", *commands.FEW_STEPS]
    assert commands.call(*options, f"--output_dir={run}") == 0
    told = capsys.readouterr().out
    assert "mirror images" in told and "in packs of 2" in told and "3,594 examples" in told
    record = json.loads((run / "run.json").read_text())
    assert record["training"]["pack"] == 2 and record["data"]["mirror"] is True
    for changed in ("--nomirror", "--pack=1"):
        assert f"Received: {changed}" in str(commands.call(f"--resume={run}", changed))
    assert commands.call(f"--resume={run}", "--steps=5") == 0
