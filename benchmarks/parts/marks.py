"""Tables that benchmarks put into pages of docs/, between marks that nobody sees."""

from __future__ import annotations

from pathlib import Path

from tfgan_losses.run_files.atomic import atomic_path


def write_between_marks(page: Path, name: str, text: str) -> None:
    """Puts a text between `<!-- name -->` and `<!-- /name -->` of a page.

    Raises:
        ValueError: If the page has no such marks.
    """
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not (found and end):
        raise ValueError(f"Expected a page with the marks of {name!r}. Received: page={page}")
    with atomic_path(page) as temporary:
        temporary.write_text(before + first + text + last + after, encoding="utf-8")
