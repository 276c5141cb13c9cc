"""Links between README, docs and files lead somewhere, as they do where the pages are read raw."""

import re

import pytest
from commands import ROOT
from pages_to_try import PAGES, name_of


def _anchors(page):
    """What headings of a page are called in links."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), target
        assert not anchor or anchor in _anchors(other), target


def test_every_page_can_be_reached():
    """From the README, link by link."""
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        here = ahead.pop()
        if here in seen or here.suffix != ".md" or not here.exists():
            continue
        seen.add(here)
        for target in re.findall(r"\]\((?!https?:|#)([^)\s#]+)", here.read_text(encoding="utf-8")):
            ahead.append((here.parent / target).resolve())
    pages = {page for page in PAGES if "reference" not in page.parts}
    assert sorted(map(name_of, pages - seen)) == []
