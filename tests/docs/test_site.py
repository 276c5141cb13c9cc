"""The site: built as `mkdocs build --strict` does, whole in itself, with links that lead on."""

import importlib
import logging
import os
import re
from html.parser import HTMLParser

import pytest
from commands import ROOT
from faces import FACES, public_names

# The gate builds it in a step of its own, too.
pytestmark = pytest.mark.slow
os.environ["NO_MKDOCS_2_WARNING"] = "1"  # A line on stderr, whatever is built.
config = pytest.importorskip("mkdocs.config")
build = importlib.import_module("mkdocs.commands.build")
Inventory = importlib.import_module("mkdocstrings").Inventory


def build_site(folder, **settings):
    """Builds it; an Abort says that there was something to warn of."""
    loaded = config.load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), **settings)
    build.build(loaded)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build_site(folder)
    return folder


class Loaded(HTMLParser):
    """What a browser fetches to show a page."""

    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("script", "img", "iframe", "source"):
            self.addresses.append(attributes.get("src") or "")
        if tag == "link" and attributes.get("rel") in ("stylesheet", "preload", "icon"):
            self.addresses.append(attributes["href"])


def test_the_site(site):
    """One test of all, since a site takes seconds to build."""
    pages = {path.parent.relative_to(site).as_posix(): path for path in site.rglob("index.html")}
    for name, path in pages.items():
        page = path.read_text()
        # Neither fonts nor scripts from elsewhere.
        assert not any(re.match("(https?:)?//", x) for x in Loaded(page).addresses), name
        assert 'data-md-component="source"' not in page  # It asks GitHub.
        # No formula as it was typed.
        text = re.sub(r"<(code|pre|script)\b.*?</\1>", "", page, flags=re.DOTALL)
        assert not re.search(r"\$[^$\n]+\$", text), name
    assert "<math" in pages["theory/hinge"].read_text()
    repository = 'href="https://github.com/tfgan-losses/tfgan_losses/blob/main/'
    assert f'{repository}tests/divergences/test_of_losses.py"' in pages["theory"].read_text()
    with open(site / "objects.inv", "rb") as file:
        documented = set(Inventory.parse_sphinx(file, domain_filter=["py"]))
    expected = {f"{face}.{name}" for face in FACES for name in public_names(face)}
    assert len(expected) > 250
    assert expected - documented == set()


@pytest.mark.parametrize(
    "text", ["[lost](nowhere.md)", "[lost](second.md#nowhere)", "[lost](../nowhere.py)"]
)
def test_a_link_to_nothing_is_refused(tmp_path, text, caplog):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(f"# First\n\n{text}\n")
    (docs / "second.md").write_text("# Second\n\n[back](index.md#first)\n")
    small = {"docs_dir": str(docs), "plugins": [], "nav": None}
    with pytest.raises(build.Abort, match="strict"), caplog.at_level(logging.WARNING):
        build_site(tmp_path / "site", **small)
    assert "nowhere" in caplog.text
