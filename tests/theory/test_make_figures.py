"""The command that runs the experiments, on an experiment of its own."""

import pytest

TOY = """
import figure_style
from measurements import Number, near


def measure():
    return 1.5


def draw(results):
    figure, (axes,) = figure_style.panels(1)
    figure_style.line(axes, [0, 1], [0, results], 0)
    return figure


def numbers(results):
    return [Number("height", results, near(1.5, within=0.1), "{:.1f}")]
"""


@pytest.fixture
def command(experiment, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "toy.py").write_text(TOY)
    (tmp_path / "toy.md").write_text("# Toy\n<!-- numbers -->\nold\n<!-- /numbers -->\nEnd\n")
    monkeypatch.setattr(experiment("pages"), "ROOT", tmp_path)
    return experiment("make_figures").main


def test_writes_figure_and_numbers(command, tmp_path, capsys, experiment):
    command(["toy"])
    assert "toy: " in capsys.readouterr().out
    page = (tmp_path / "toy.md").read_text()
    assert page.startswith("# Toy\n<!-- numbers -->\n") and page.endswith("\nEnd\n")
    assert "| height | 1.5 | 1.5 within 0.1 |" in page and "make_figures.py toy`" in page
    assert "TensorFlow" in page and "old" not in page
    (row,) = experiment("pages").read_numbers("toy")
    assert row.values == 1.5
    figure = (tmp_path / "toy.svg").read_bytes()
    command(["toy"])
    assert (tmp_path / "toy.svg").read_bytes() == figure


def test_a_number_that_does_not_hold_is_not_written(command, tmp_path, experiment, monkeypatch):
    monkeypatch.setattr(experiment("toy"), "measure", lambda: 1.7)
    before = (tmp_path / "toy.md").read_text()
    with pytest.raises(ArithmeticError, match=r"height: 1\.7, expected 1\.5 within 0\.1"):
        command(["toy"])
    assert (tmp_path / "toy.md").read_text() == before
    assert not (tmp_path / "toy.svg").exists() and not (tmp_path / "toy.jsonl").exists()


def test_a_page_without_a_place_for_numbers(command, tmp_path):
    (tmp_path / "toy.md").write_text("# Toy\n")
    with pytest.raises(ValueError, match="one <!-- numbers -->"):
        command(["toy"])


def test_unknown_names(command, capsys):
    with pytest.raises(SystemExit):
        command(["toy", "tea"])
    assert "['toy', 'map']. Received: ['tea']" in capsys.readouterr().err
