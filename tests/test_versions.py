"""The bounds of setup.py are tested ones, and the import of the library brings little along."""

import ast
import re

import commands
from commands import ROOT
from packaging.version import Version

from tfgan_losses import __version__

# Imported where they are used, not by `import tfgan_losses`.
LATER = ("matplotlib", "pandas", "scipy", "sklearn", "tensorboard", "tensorflow_datasets")
# Keras imports some of these where they are installed: it finds none, and the library finds all.
IMPORT = f"""
import sys
LATER = {LATER}
sys.modules.update(dict.fromkeys(LATER))
import keras, tensorflow
for name in LATER:
    if sys.modules[name] is None:
        del sys.modules[name]
before = set(sys.modules)
import tfgan_losses
brought = {{name.split(".")[0] for name in set(sys.modules) - before}}
print(sorted(brought & set(LATER)), "tfgan_losses" in brought)
"""


def required():
    """The requirements of setup.py: bounds by the name of the package."""
    tree = ast.parse((ROOT / "setup.py").read_text())
    (lines,) = [
        ast.literal_eval(word.value)
        for word in ast.walk(tree)
        if isinstance(word, ast.keyword) and word.arg == "install_requires"
    ]
    return dict(re.fullmatch(r"([\w-]+)(.*)", line).groups() for line in lines)


def test_the_lowest_versions_that_are_tested_are_the_lower_bounds():
    lines = (ROOT / ".ci" / "lowest.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    bounds = {name: Version(re.match(r">=([\d.]+)", text)[1]) for name, text in required().items()}
    assert bounds == {name: Version(pinned[name]) for name in bounds}


def test_the_import_of_the_library_is_cheap(tmp_path):
    ended = commands.python(IMPORT, directory=tmp_path, PYTHONPATH=str(ROOT))
    assert ended.out.split("\n")[0] == "[] True", ended.err


def test_every_page_has_the_address_and_the_version_of_setup():
    """Files that are no code name the repository, too: none is left behind when it moves."""
    setup = (ROOT / "setup.py").read_text()
    address = re.search(r'^ADDRESS = "(.+)"$', setup, re.MULTILINE)[1]
    pages = [*ROOT.glob("*.md"), *ROOT.glob("*.yml"), *ROOT.glob("*.cff")]
    pages += [*(ROOT / ".github").rglob("*.yml"), *(ROOT / "docs").rglob("*.md")]
    found = {
        named
        for page in pages
        for named in re.findall(r"https://github\.com/[\w-]+/tfgan_losses\b", page.read_text())
    }
    assert found == {address}
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
