"""The docstring of each public name says what goes in, and what is refused."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap

import pytest
from faces import FACES, handed_on, public_objects

import tfgan_losses

OBJECTS = public_objects()
MODULES = list(pkgutil.walk_packages(tfgan_losses.__path__, "tfgan_losses."))


def section(text, title):
    """The entries of a section of a docstring: names, or types of errors."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", f"{text}\n", re.MULTILINE)
    entries = re.findall(r"^    (\*{0,2}\w[^:\n]*):", found[1], re.MULTILINE) if found else []
    return {name.strip("* ") for entry in entries for name in entry.split(",")}


def arguments_of(value):
    """The names of what it is called with."""
    if inspect.isclass(value) and value.__init__ is object.__init__:
        return set()
    parameters = inspect.signature(value).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return {parameter.name for parameter in named} - {"self"}


def raises(function):
    """Whether an error is raised in its own lines, other than of what is abstract."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    errors = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return any("NotImplementedError" not in ast.unparse(error) for error in errors if error)


def inherits_its_arguments(cls):
    return cls.__init__ is not object.__init__ and "__init__" not in vars(cls)


@pytest.mark.parametrize("name", OBJECTS)
def test_arguments_are_described(name):
    value = OBJECTS[name]
    text = inspect.getdoc(value)
    described = section(text, "Args") | section(text, "Attributes")
    needed = arguments_of(value)
    if inspect.isclass(value) and inherits_its_arguments(value):
        # Those of the class above, which says what they are.
        needed &= section(text, "Args")
    assert needed - described == set()
    assert section(text, "Args") - arguments_of(value) - {"kwargs", "options", "arguments"} == set()


@pytest.mark.parametrize("name", OBJECTS)
def test_errors_are_described(name):
    value = OBJECTS[name]
    functions = {"": value} if inspect.isfunction(value) else vars(value)
    for method, function in functions.items():
        if not inspect.isfunction(function) or not is_told(method, function, value):
            continue
        # What is called by Python or Keras, the text of the class may have.
        by_others = method.startswith("__") or method in ("build", "on_train_begin")
        text = f"{inspect.getdoc(function)} {inspect.getdoc(value) if by_others else ''}"
        assert not raises(function) or re.search(r"\bRaises\b", text), method


def is_told(method, function, owner):
    """Whether a reader sees it, and it was not made by a decorator."""
    written = function.__code__.co_filename == inspect.getsourcefile(owner)
    special = ("__init__", "__post_init__", "__call__")
    return written and (not method.startswith("_") or method in special)


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_written_is_shown(name):
    """Neither `<name>` nor `x*` nor a line from `>=` on, which Markdown takes for its own."""
    members = vars(OBJECTS[name]).values() if inspect.isclass(OBJECTS[name]) else ()
    for documented in (OBJECTS[name], *filter(inspect.isfunction, members)):
        text = re.sub(
            r"`[^`]*`|>>> .*|^ *\*+\w+:", "", inspect.getdoc(documented) or "", flags=re.M
        )
        assert not re.search(r"<[a-zA-Z/]|[\w)]\*|^ *>", text, re.M), text


def test_every_face_has_a_page():
    """What hands names on, wherever it is, and each module that the package itself shows."""
    packages = [name for _, name, is_package in MODULES if is_package]
    faces = {name for name in packages if handed_on(importlib.import_module(name))}
    shown = [getattr(tfgan_losses, name) for name in handed_on(tfgan_losses)]
    faces |= {module.__name__ for module in shown if inspect.ismodule(module)}
    assert len(faces) > 20
    assert faces - set(FACES) == set()
