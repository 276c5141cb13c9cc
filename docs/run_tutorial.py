"""Runs docs/tutorial.ipynb from its first cell to its last, and keeps what its cells show.

python docs/run_tutorial.py
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import nbclient
import nbformat

NOTEBOOK = Path(__file__).parent / "tutorial.ipynb"
_STEPS = re.compile(r"^STEPS = \d+$", re.MULTILINE)
# Of terminals; a page shows the HTML beside it.
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def executed(directory: Path, steps: int | None = None) -> nbformat.NotebookNode:
    """Returns the notebook with its outputs.

    Args:
        directory: In which it is run.
        steps: So many instead of its own.

    Raises:
        CellExecutionError: If a cell fails.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    own = {cell.id: cell.source for cell in notebook.cells}
    for cell in notebook.cells if steps is not None else ():
        cell.source = _STEPS.sub(f"STEPS = {steps}", cell.source)
    client = nbclient.NotebookClient(
        notebook,
        timeout=None,
        # What a line of progress has overwritten is gone, as on a screen.
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(directory)}},
    )
    client.execute()
    for cell in notebook.cells:
        cell.source = own[cell.id]
        for output in cell.get("outputs", ()):
            _tidy(output)
    return notebook


def _tidy(output: nbformat.NotebookNode) -> None:
    data = output.get("data", {})
    data.pop("image/jpeg", None)  # The same picture as a PNG.
    if "text/plain" in data:
        data["text/plain"] = _COLOURS.sub("", data["text/plain"])
    if output.output_type == "stream":
        # Spaces cover what was longer there before.
        output.text = re.sub(r" +$", "", output.text, flags=re.MULTILINE)


def main() -> None:
    """Writes the outputs into the file."""
    with tempfile.TemporaryDirectory() as directory:
        notebook = executed(Path(directory))
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
