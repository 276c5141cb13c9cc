"""docs/augmentation.md names every augmentation, and its code runs."""

import pathlib
import re
import textwrap

import augmentation_cases as cases
import pytest
import snippets
from tensorflow import reduce_all

from tfgan_losses import augmentations

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "augmentation.md").read_text()
PRINTING = [code for code in snippets.python_blocks(PAGE) if "print(" in code]


@pytest.mark.parametrize("code", PRINTING, ids=range(len(PRINTING)))
def test_code_prints_what_it_says(code):
    snippets.assert_prints_what_it_says(code)


@cases.each
def test_every_name_is_described(name):
    assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE)
    assert re.search(rf"^## .*\b{name}\b", PAGE, re.MULTILINE)


def test_the_example_of_another_one_runs(monkeypatch):
    monkeypatch.setattr(augmentations.registry, "_classes", {**augmentations.registry._classes})
    code = re.search(r"   ```python\n(.*?)```", PAGE[PAGE.index("## Another one") :], re.DOTALL)[1]
    exec(textwrap.dedent(code), {})
    images = cases.images()
    found = augmentations.get("negative").augment(images, cases.occasion())
    kept = reduce_all(found == images, axis=(1, 2, 3)).numpy()
    negated = reduce_all(found == -images, axis=(1, 2, 3)).numpy()
    assert (kept != negated).all() and kept.any() and negated.any()
