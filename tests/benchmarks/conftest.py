import importlib

import pytest
from commands import ROOT


@pytest.fixture
def script(monkeypatch):
    """Imports a module of benchmarks/, which is no package, as Python does for a script in it."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module
