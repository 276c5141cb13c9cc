"""Every page of docs/theory: its code runs and prints what it says, its figure is there."""

import re

import pytest
import snippets
from commands import ROOT

THEORY = ROOT / "docs" / "theory"
PAGES = sorted(path for path in THEORY.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", [*PAGES, THEORY / "README.md"], ids=lambda path: path.stem)
def test_the_code_prints_what_it_says(page):
    (code,) = snippets.python_blocks(page.read_text())
    statements = [line for line in code.splitlines() if line and "import" not in line]
    assert len(statements) <= 16  # about ten
    snippets.assert_prints_what_it_says(code)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_has_a_small_figure_that_is_shown(page):
    figure = page.with_suffix(".svg")
    assert re.search(rf"!\[[^\]]{{30,}}\]\({figure.name}\)", page.read_text(), re.DOTALL)
    assert 5_000 < figure.stat().st_size < 300_000
    assert page.with_suffix(".py").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_has_numbers_and_a_paper(page):
    text = page.read_text()
    numbers = text.split("<!-- numbers -->")[1].split("<!-- /numbers -->")[0]
    rows = [line for line in numbers.splitlines() if line.startswith("| ")]
    assert len(rows) >= 3
    assert f"make_figures.py {page.stem}`" in numbers
    assert re.search(r"arXiv:\d{4}\.\d{4,5}", text)
    assert re.search(r"^\*\*Claim", text, re.MULTILINE)


@pytest.mark.parametrize("page", [*PAGES, THEORY / "README.md"], ids=lambda path: path.stem)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text()):
        assert (THEORY / target).exists(), target


@pytest.mark.parametrize("page", [*PAGES, THEORY / "README.md"], ids=lambda path: path.stem)
def test_formulas_are_what_github_renders(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    # Markdown takes the backslash away.
    assert not re.search(r"\\[,;!:{}|]", text)
    for line in text.replace("$$", "").splitlines():
        # No line ends within a formula.
        assert line.count("$") % 2 == 0, line
        # A letter, digit or hyphen before a formula, and it stays as it is.
        outside, inside = line.split("$")[::2], line.split("$")[1::2]
        assert not any(re.search(r"[\w-]$", before) for before in outside[:-1]), line
        assert not any(re.match(r"\w", after) for after in outside[1:]), line
        # A bar ends the cell of a table, the others are links and tags.
        assert not any(re.search(r"\||\]\(|<[a-z]", formula) for formula in inside), line


def test_every_experiment_has_a_page():
    modules = [path for path in THEORY.glob("*.py") if "def measure(" in path.read_text()]
    assert {path.stem for path in modules} == {page.stem for page in PAGES}
