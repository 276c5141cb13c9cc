"""Every block of Python in README and docs runs, in the order of its page, or says why not."""

import keras
import pytest
from pages_to_try import FILES, PAGES, VALUES, blocks, name_of, run_python

from tfgan_losses import augmentations, auxiliary, losses, metrics, penalties

# Held by tests/theory/test_pages.py.
ELSEWHERE = "docs/theory/"
WITH_PYTHON = [
    page
    for page in PAGES
    if not name_of(page).startswith(ELSEWHERE)
    and any(block.language == "python" for block in blocks(page))
]
LONG = {
    "after-training",
    "distributed",
    "export",
    "fine-tuning",
    "in-your-code",
    "singan",
    "your-data",
}
REGISTRIES = (losses, penalties, auxiliary, augmentations, metrics)


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """An empty working directory, and registries that forget what a page registers."""
    monkeypatch.chdir(tmp_path)
    for room in REGISTRIES:
        monkeypatch.setattr(room.registry, "_classes", {**room.registry._classes})
    return tmp_path


def _marked(page):
    return pytest.param(page, id=name_of(page), marks=[pytest.mark.slow] * (page.stem in LONG))


@pytest.mark.parametrize("page", map(_marked, WITH_PYTHON))
def test_the_python_of_a_page_runs(page, scene):
    keras.utils.set_random_seed(0)
    names = {}
    for block in blocks(page):
        if block.language != "python" or block.reason:
            continue
        for name in block.given:
            if name in FILES:
                FILES[name]()
            else:
                names[name] = VALUES[name]()
        run_python(block, names)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_block_has_a_language_or_is_output(page):
    """A fence without a language shows what a program prints; commands and code have one."""
    for block in blocks(page):
        if not block.language:
            assert not block.code.startswith(("python ", "import ", "from ", "pip "))
        assert block.reason is None or len(block.reason) > 10
