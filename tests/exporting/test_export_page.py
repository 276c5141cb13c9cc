"""Every block of docs/export.md runs, in the order of the page."""

import contextlib
import io

import commands
import numpy as np
import pytest
import runs
import snippets

from tfgan_losses import GAN, commands as rooms
from tfgan_losses.exporting import formats

PAGE = (commands.ROOT / "docs" / "export.md").read_text()
BLOCKS = snippets.python_blocks(PAGE)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the run of the page, but for its training."""
    monkeypatch.chdir(tmp_path)
    names = [str(digit) for digit in range(10)]
    gan = GAN.from_recipe("acgan", (8, 8, 1), class_names=names, steps=10, width=4)
    runs.write(tmp_path / "runs" / "digits-acgan-001", gan, exported=False)
    gan.save(tmp_path / "runs" / "digits-acgan-001" / "gan.keras")
    return tmp_path


def test_every_block_runs(place, capsys):
    command = PAGE.split("$ python -m tfgan_losses export ")[1].split("\n")[0]
    assert rooms.get("export").call(command.split(), typed="export") == 0
    own, said = capsys.readouterr().out.splitlines(), PAGE.split("```")[1].splitlines()[2:]
    assert [line.split()[0] for line in own] == [line.split()[0] for line in said]
    assert own[0] == said[0].replace("step 1500", "step 2") and own[1] == said[1]
    known, samples = {}, []
    for block in BLOCKS:
        if "# " in block and "print(" in block:
            snippets.assert_prints_what_it_says(block)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(block, known)
        samples.append(np.asarray(known["samples"]))
    # Four programs, and one generator.
    for other in samples[1:4]:
        np.testing.assert_allclose(other, samples[0], rtol=0, atol=1e-5)
    written = {each.file_name for each in formats.FORMATS} | {"standing.onnx", "sample.png"}
    assert written <= {path.name for path in place.iterdir()}


def test_every_format_is_on_the_page():
    for each in formats.FORMATS:
        assert f"| `{each.name}` | `{each.file_name}" in PAGE
