"""The flags of the commands that use what was trained."""

import re

import pytest
from tfgan_losses.flags import command_line, definitions, messages, outputs, sampling

from tfgan_losses import commands, metrics, truncation

GROUPS = (
    *("sampling", "interpolation", "evaluation", "exporting"),
    *("super_resolution", "injection", "masked_injection", "animation"),
)
OF_PYRAMIDS = ("super_resolution", "paint_to_image", "harmonisation", "editing", "animation")
ROWS = [(group, row) for group in GROUPS for row in definitions.rows_of(group)]


@pytest.mark.parametrize(("group", "row"), ROWS, ids=lambda x: getattr(x, "name", x))
def test_a_row_fits_itself(group, row):
    assert row.default is None or type(row.default) is row.kind
    assert row.at_least is None or row.default is None or row.default >= row.at_least
    assert row.help.endswith(".")
    typed = [] if row.default is None else [f"--{row.name}={row.default}"]
    assert command_line.parse((group,), typed)[row.name].value == row.default


@pytest.mark.parametrize("name", ["sample", "interpolate", "evaluate", "export", *OF_PYRAMIDS])
def test_a_command_has_each_flag_once_and_says_what_it_does_in_a_line(name):
    command = commands.get(name)
    names = [row.name for group in command.groups for row in definitions.rows_of(group)]
    assert len(set(names)) == len(names)
    assert command.summary.endswith(".") and len(command.summary) < 100
    for each in names:
        assert f"--{each}:" in command_line.help_text(command.groups).replace("[no]", "")


def test_a_message_names_the_flags_of_its_command_only():
    said = "Received: count=3, samples=4, batch_size=5"
    assert (
        messages.naming_flags(said, ["sampling"]) == "Received: --count=3, samples=4, batch_size=5"
    )
    assert messages.naming_flags(said) == "Received: count=3, samples=4, --batch_size=5"
    of_python = "Received: directory='x', resume=True (see there)"
    assert messages.naming_flags(of_python, ["sampling"]) == of_python


@pytest.mark.parametrize("typed", [None, "there", "there/file", "/proc/nothing"])
def test_a_folder_for_results_is_new(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("kept")
    with pytest.raises(ValueError, match="Expected"), outputs.new_folder(typed):
        pass
    assert (tmp_path / "there" / "file").read_text() == "kept"


def test_a_folder_in_which_nothing_was_written_is_gone(tmp_path):
    with outputs.new_folder(str(tmp_path / "a" / "b")) as folder:
        assert folder.is_dir()
    assert not folder.exists()
    with outputs.new_folder(str(folder)):
        (folder / "file").write_text("")
    assert folder.exists()
    (tmp_path / "empty").mkdir()
    with outputs.new_folder(str(tmp_path / "empty")):
        pass
    assert (tmp_path / "empty").exists()  # Of somebody else.


def test_files_are_numbered_and_never_replaced(tmp_path):
    assert outputs.new_file(None, tmp_path, "evaluation").name == "evaluation-001.json"
    for name in ("evaluation-007.json", "evaluation-x.json", "other-009.json"):
        (tmp_path / name).write_text("kept")
    assert outputs.new_file(None, tmp_path, "evaluation").name == "evaluation-008.json"
    with pytest.raises(ValueError, match="Expected a new file"):
        outputs.new_file(str(tmp_path / "other-009.json"), tmp_path, "evaluation")
    with pytest.raises(ValueError, match="in a folder that is there"):
        outputs.new_file(str(tmp_path / "none" / "a.json"), tmp_path, "evaluation")


@pytest.mark.parametrize("group", ["measuring", "evaluation"])
def test_the_metrics_that_a_help_text_shows_can_be_had(group):
    """Their options, too."""
    (text,) = (row.help for row in definitions.rows_of(group) if row.name == "metrics")
    found = re.findall(r"'([a-z_, ()=0-9]+)'", text)
    assert found
    for shown in found:
        assert metrics.get_all(shown)


def test_kinds_of_truncation_are_those_that_there_are():
    assert (*truncation.KINDS, sampling.STYLES) == sampling.TRUNCATION_KINDS
