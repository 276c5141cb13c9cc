"""The README's table and names are those of the registries; presets are good flagfiles."""

import pathlib
import re

import networks
import pytest
import snippets

from tfgan_losses import auxiliary, conditioning, gan_types, losses, penalties, schedules

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def objectives():
    section = README.split("## Objectives")[1].split("## In your own code")[0]
    rows = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row] for row in rows}


def test_table_has_every_gan_type_in_order():
    assert list(objectives()) == gan_types.names()


@pytest.mark.parametrize("name", gan_types.names())
def test_table_is_the_registry(name):
    row, cells = gan_types.get(name), objectives()[name]
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
    assert re.search(rf"[`\"(=]{name}\b", README)


def test_same_loss_same_formula():
    formulas = {}
    for cells in objectives().values():
        assert formulas.setdefault(cells[1], cells[2:4]) == cells[2:4]


@pytest.mark.parametrize("preset", sorted((ROOT / "flags" / "presets").glob("*.flags")))
def test_presets_say_what_they_are(preset):
    text = preset.read_text()
    for heading in ("Paper:", "Command:", "Hours:", "Score:"):
        assert f"# {heading}" in text
    assert f"--flagfile=flags/presets/{preset.name}" in text
    assert re.search(r"^--gan_type=", text, re.MULTILINE)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        path, _, heading = target.partition("#")
        assert (ROOT / path).exists(), target
        headings = (
            re.findall("^#+ (.*)$", (ROOT / path).read_text(), re.MULTILINE) if heading else []
        )
        assert heading in {"", *(text.lower().replace(" ", "-") for text in headings)}, target


def test_the_divergences_of_the_readme():
    section = README.split("### What they minimise")[1]
    snippets.assert_prints_what_it_says(snippets.python_blocks(section)[0])


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    """Letter by letter, but for smaller latents."""
    monkeypatch.chdir(tmp_path)
    section = README.split("## In your own code")[1]
    of_recipe, code = snippets.python_blocks(section)[:2]
    names = {"images": networks.examples(64, (32, 32, 3))}
    exec(of_recipe, names)
    assert int(names["gan"].step) == 3
    generator, discriminator = networks.pair()
    names = {
        "generator": generator,
        "discriminator": discriminator,
        "images": networks.examples(320),
    }
    exec(code.replace("latent_dim=128", f"latent_dim={networks.LATENT_DIM}"), names)
    assert names["samples"].shape == (64, 4, 4, 1)
    assert (tmp_path / "gan.keras").exists()
    assert (tmp_path / "generator" / "saved_model.pb").exists()
