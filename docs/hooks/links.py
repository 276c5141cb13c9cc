"""Links that work on GitHub work in the site."""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/tfgan-losses/tfgan_losses/blob/main/"
# The path of a link to a file, less the heading.
PATH = re.compile(r"(?<=\]\()(?![a-z]+:|[#/])([^)#\s]+)")


def on_page_markdown(markdown, page, config, files):
    """Leads links to what is no page, such as a test, to the repository; to notebooks, to pages.

    A link to nothing stays as it is, and MkDocs refuses it.
    """
    folder = posixpath.dirname(page.file.src_uri)

    def of_site(match):
        path = match[1].replace(".ipynb", ".md")
        target = files.get_file_from_path(posixpath.normpath(posixpath.join(folder, path)))
        if target is not None and target.inclusion.is_included():
            return path
        in_repository = posixpath.normpath(posixpath.join("docs", folder, match[1]))
        return REPOSITORY + in_repository if (ROOT / in_repository).exists() else match[1]

    return PATH.sub(of_site, markdown)
