import importlib

import pytest
from commands import ROOT


@pytest.fixture
def experiment(monkeypatch):
    """Imports a module of docs/theory/, which is no package, as Python does for a script in it."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "theory"))
    return importlib.import_module
