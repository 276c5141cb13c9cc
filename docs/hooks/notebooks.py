"""Notebooks as pages: with the outputs that they were saved with, and what other pages have."""

import posixpath
from pathlib import Path

from mkdocs.structure.files import File
from nbconvert import MarkdownExporter


def on_files(files, config):
    """Puts a page, with its pictures, in the place of each notebook."""
    for notebook in [file for file in files if file.src_uri.endswith(".ipynb")]:
        files.remove(notebook)
        exporter = MarkdownExporter()
        text, resources = exporter.from_filename(
            notebook.abs_src_path, {"output_files_dir": Path(notebook.src_uri).stem}
        )
        # The pictures are named relative to the page.
        folder = posixpath.dirname(notebook.src_uri)
        uri = notebook.src_uri.removesuffix(".ipynb") + ".md"
        files.append(File.generated(config, uri, content=text))
        for name, data in resources["outputs"].items():
            files.append(File.generated(config, posixpath.join(folder, name), content=data))
    return files
