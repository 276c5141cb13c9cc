import importlib

import pytest
from commands import ROOT


@pytest.fixture
def script(monkeypatch):
    """Imports a command of benchmarks/, or one of its parts, as Python does for a script there."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module
