"""No two files import each other, directly or by way of others."""

import ast
import graphlib

from commands import ROOT

# Installed under these names; see setup.py.
ROOMS = {
    "tfgan_losses": ROOT / "tfgan_losses",
    "tfgan_losses.models": ROOT / "models",
    "tfgan_losses.flags": ROOT / "flags",
}


def modules():
    """All files of the library by the names that they are imported by."""
    found = {}
    for name, folder in ROOMS.items():
        for path in folder.rglob("*.py"):
            parts = [name, *path.relative_to(folder).with_suffix("").parts]
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imported(path, known):
    """The modules that a file names in its imports, also those for type checkers only."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in known else node.module


def test_there_is_no_circle():
    known = modules()
    assert len(known) > 120
    graph = {name: {*imported(path, known)} - {name} for name, path in known.items()}
    # The faces of folders hand names on, and what stands in a folder does not ask its face.
    assert graph["tfgan_losses.gan"] >= {"tfgan_losses.training.pair", "tfgan_losses.gan_types"}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("tfgan_losses.types") < order.index("tfgan_losses.gan")
