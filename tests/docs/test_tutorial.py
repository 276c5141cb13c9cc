"""docs/tutorial.ipynb: what is kept of it, and that it runs."""

import pathlib
import re

import nbformat
import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"
FILE = DOCS / "tutorial.ipynb"
NOTEBOOK = nbformat.read(FILE, as_version=4)
CELLS = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
STEPS = 20


def kinds(cells):
    """What each cell shows: text of a stream, HTML or pictures, in their order."""
    return [
        [output.get("name") or sorted(output.data) for output in cell.outputs] for cell in cells
    ]


def text_of(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_ten_cells_each_with_some_sentences_before():
    assert [cell.cell_type for cell in NOTEBOOK.cells] == ["markdown", "code"] * 10 + ["markdown"]
    for number, cell in enumerate(NOTEBOOK.cells[:-1:2], start=1):
        assert f"**{number}. " in cell.source


def test_what_is_kept_is_small_whole_and_quiet():
    assert FILE.stat().st_size < 400_000
    assert all(cell.outputs for cell in CELLS)
    shown = [kind for of_cell in kinds(CELLS) for kind in of_cell]
    assert "stderr" not in shown and "traceback" not in str(shown)
    (steps,) = re.findall(r"^STEPS = (\d+)$", CELLS[0].source, re.MULTILINE)
    assert f"{steps}/{steps} - 0:00 left" in text_of(CELLS[4])
    assert re.match(r"tfgan_losses [\d.]+, \d{4}-\d\d-\d\d, TensorFlow ", text_of(CELLS[0]))


def test_links_lead_somewhere():
    text = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links and all((DOCS / link).exists() for link in links)


@pytest.mark.slow
def test_it_runs_and_shows_what_it_showed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    import run_tutorial

    found = run_tutorial.executed(tmp_path, steps=STEPS)
    cells = [cell for cell in found.cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells] == [cell.source for cell in CELLS]
    assert kinds(cells) == kinds(CELLS)
    assert f"{STEPS}/{STEPS}" in text_of(cells[4])
    # The export gives the samples of the model.
    assert text_of(cells[8]) == text_of(CELLS[8]) == "difference: 0.0\n"
    assert (tmp_path / "generator" / "saved_model.pb").exists()
