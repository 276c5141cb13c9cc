"""Training imports no theory."""

import re

from commands import ROOT


def test_nothing_that_trains_imports_divergences():
    rooms = [ROOT / "models", ROOT / "flags", ROOT / "tfgan_losses"]
    paths = [ROOT / "train.py", *(path for room in rooms for path in room.rglob("*.py"))]
    paths = [path for path in paths if path.parent.name != "divergences"]
    assert len(paths) > 50
    for path in paths:
        imports = re.findall(r"^\s*(?:from|import) .*", path.read_text(), re.MULTILINE)
        assert not [line for line in imports if "divergences" in line or "theory" in line], path
