"""What a user may import: what the modules of docs/reference/ hand on or define."""

import ast
import importlib
import inspect
import re

from commands import ROOT

PAGES = ROOT / "docs" / "reference"
FACES = sorted(
    name for page in PAGES.glob("*.md") for name in re.findall("^::: (.+)$", page.read_text(), re.M)
)


def public_names(face):
    """The names of a module for its users, without those of modules within it."""
    module = importlib.import_module(face)
    names = handed_on(module) if hasattr(module, "__path__") else set()
    names |= defined(module)
    return sorted(name for name in names if not inspect.ismodule(getattr(module, name)))


def handed_on(module):
    """Those that the face of a folder has of its files: `from x import Y as Y`, or `__all__`."""
    imports = (node for node in ast.walk(tree_of(module)) if isinstance(node, ast.ImportFrom))
    aliases = [alias for node in imports for alias in node.names]
    return {x.name for x in aliases if x.name == x.asname} | set(getattr(module, "__all__", ()))


def defined(module):
    """Its own functions, classes and values."""
    names = set()
    for node in tree_of(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def tree_of(module):
    return ast.parse(inspect.getsource(module))


def public_objects():
    """All of them by a name that they have, each once."""
    found = {}
    for face in FACES:
        module = importlib.import_module(face)
        for name in public_names(face):
            value = getattr(module, name)
            is_own = getattr(value, "__module__", "").startswith("tfgan_losses")
            if is_own and (inspect.isclass(value) or inspect.isfunction(value)):
                found.setdefault(value, f"{face}.{name}")
    return {name: value for value, name in found.items()}
