"""Every number of every page is where it is expected: as stated there, and measured again."""

import pytest
from commands import ROOT

PAGES = sorted(
    path.stem for path in (ROOT / "docs" / "theory").glob("*.md") if path.stem != "README"
)
# A few seconds each; the others train for longer.
QUICK = ("mode_collapse",)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_states_what_holds(experiment, page):
    pages = experiment("pages")
    rows = pages.read_numbers(page)
    pages.check(rows)
    text = (pages.ROOT / f"{page}.md").read_text()
    table = text.split("<!-- numbers -->\n")[1].split("\n\n")[0]
    assert table.splitlines() == pages.table(rows)


@pytest.mark.parametrize(
    "page", [pytest.param(x, marks=[] if x in QUICK else pytest.mark.slow) for x in PAGES]
)
def test_the_experiment_finds_it_again(experiment, page):
    pages, module = experiment("pages"), experiment(page)
    rows = module.numbers(module.measure())
    pages.check(rows)
    # What is claimed, and within what, is what the page says.
    claims = [
        [(row.what, row.expected.text) for row in x] for x in (rows, pages.read_numbers(page))
    ]
    assert claims[0] == claims[1]
