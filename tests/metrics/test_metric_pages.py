"""docs/metrics/README.md has a row for each metric, with its numbers and its page."""

import re

import pytest
from commands import ROOT

from tfgan_losses import metrics

PAGES = ROOT / "docs" / "metrics"
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*)\|$", (PAGES / "README.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", metrics.names())
def test_every_metric_has_a_row_and_a_page(name):
    numbers, _, best, *_, page = (cell.strip() for cell in ROWS[name].split("|"))
    of_class = metrics.registry.lookup(name).best
    assert re.findall(r"`(\w+)`", numbers) == list(of_class)
    words = {"min": "lower", "max": "higher"}
    # Where more or less is no question of quality, the row says what it should be near.
    assert best.startswith("near") or set(best.split(", ")) == {words[x] for x in of_class.values()}
    path = PAGES / re.search(r"\((.*)\)", page)[1]
    assert f"`{name}`" in path.read_text()
