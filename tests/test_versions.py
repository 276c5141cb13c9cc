"""The bounds of setup.py are tested ones, and the import of the library brings little along."""

import ast
import re

import commands
from commands import ROOT
from packaging.version import Version

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
