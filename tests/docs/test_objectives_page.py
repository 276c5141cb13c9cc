"""docs/objectives.md is the registries; README's number of recipes is theirs; presets are good."""

import re

import pytest
from commands import ROOT

from tfgan_losses import auxiliary, conditioning, gan_types, losses, penalties, schedules

PAGE = (ROOT / "docs" / "objectives.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split("|") for line in PAGE.splitlines() if line.startswith("| `")]
OBJECTIVES = {row[0].strip(" `"): [cell.strip() for cell in row] for row in ROWS}


def test_table_has_every_gan_type_in_order():
    assert list(OBJECTIVES) == gan_types.names()


@pytest.mark.parametrize("name", gan_types.names())
def test_table_is_the_registry(name):
    row, cells = gan_types.get(name), OBJECTIVES[name]
    assert cells[1] == f"`{row.loss}`"
    extras = [*row.penalties, *row.auxiliary, *([row.constraint] if row.constraint else [])]
    extras += [spec for spec in (row.g_regularizer, row.d_regularizer) if spec]
    extras += [spec.partition("(")[0] for spec in row.augmentation]
    assert re.findall(r"`([^`]+)`", cells[4]) == extras
    author_and_year, arxiv = cells[5].rsplit(", ", 1)
    assert row.citation.startswith(author_and_year) and row.citation.endswith(arxiv)


ROOMS = (losses, penalties, auxiliary, conditioning.registry, schedules.registry)


@pytest.mark.parametrize("name", [name for room in ROOMS for name in room.names()])
def test_every_name_is_mentioned(name):
    assert re.search(rf"[`\"(=]{name}\b", PAGE)


def test_same_loss_same_formula():
    formulas = {}
    for cells in OBJECTIVES.values():
        assert formulas.setdefault(cells[1], cells[2:4]) == cells[2:4]


@pytest.mark.parametrize("preset", sorted((ROOT / "flags" / "presets").glob("*.flags")))
def test_presets_say_what_they_are(preset):
    text = preset.read_text()
    for heading in ("Paper:", "Command:", "Hours:", "Score:"):
        assert f"# {heading}" in text
    assert f"--flagfile=flags/presets/{preset.name}" in text
    assert re.search(r"^--gan_type=", text, re.MULTILINE)


def test_readme_is_short_and_counts_right():
    assert len(README.splitlines()) <= 120
    assert f"{len(gan_types.names())} recipes" in README
