"""The map of docs/theory/README.md is what the registries and the losses say."""

import re

import pytest
from commands import ROOT

from tfgan_losses import constraints, gan_types, losses, penalties

README = (ROOT / "docs" / "theory" / "README.md").read_text()


def between(marker):
    return README.split(f"<!-- {marker} -->\n")[1].split(f"\n<!-- /{marker} -->")[0].splitlines()


def test_is_what_is_generated(experiment):
    objectives = experiment("objectives")
    assert between("objectives") == objectives.objective_rows()
    assert between("remedies") == objectives.remedy_rows()


def test_every_name_has_a_place():
    table = "\n".join(between("objectives"))
    assert set(gan_types.names()) <= set(re.findall(r"`([\w-]+)`", table))
    assert {re.match(r"\| \[`(\w+)", row)[1] for row in between("objectives")[2:]} == set(
        losses.names()
    )
    remedies = {row.split("|")[1].strip(" `") for row in between("remedies")[2:]}
    assert {*penalties.names(), *constraints.names()} <= remedies


def test_every_page_is_listed():
    pages = {path.stem for path in (ROOT / "docs" / "theory").glob("*.md")} - {"README"}
    listed = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| \S", README, re.MULTILINE)
    assert set(listed) == pages


def test_a_penalty_without_a_text_is_an_error(experiment, monkeypatch):
    objectives = experiment("objectives")
    monkeypatch.delitem(objectives.REMEDIES, "r1")
    with pytest.raises(KeyError, match=r"Missing: \{'r1'\}"):
        objectives.remedy_rows()
