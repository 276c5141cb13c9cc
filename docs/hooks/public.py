"""What the API reference has. The code is read, not imported."""

from typing import Any

import griffe

# Keras and Python call them; they say the same of every class.
CALLED_BY_OTHERS = {
    "__repr__",
    "build",
    "compile_from_config",
    "compute_output_shape",
    "compute_output_spec",
    "from_config",
    "get_compile_config",
    "get_config",
}
REGISTRY = "tfgan_losses.registry.Registry"


def hand_on(face: griffe.Module) -> None:
    """Has a face show a function, as Python does, and not the file of the same name."""
    for file in [x for x in face.members.values() if not x.is_alias and x.is_module]:
        hand_on(file)
        if file.name not in face.imports:
            continue
        for name, path in face.imports.items():
            if path == f"{file.path}.{name}":
                shown = griffe.Alias(name, file.members[name], parent=face)
                shown.public = True
                face.set_member(name, shown)


class Public(griffe.Extension):
    """Finds models/, and leaves out what no reader calls."""

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Adds models/ under the name that setup.py installs it by."""
        if pkg.name == "tfgan_losses":
            pkg.set_member("models", loader.load("models", try_relative_path=False))
            hand_on(pkg)

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Takes away the methods that others call."""
        for name in CALLED_BY_OTHERS & cls.members.keys():
            cls.del_member(name)

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Says what `get`, `names`, `register` of a face are: methods of its registry."""
        owner, _, method = str(attr.value).partition(".")
        if attr.parent is None or not attr.parent.is_module or attr.docstring is not None:
            return
        if owner == "registry":
            attr.docstring = griffe.Docstring(f"See [Registry.{method}][{REGISTRY}.{method}].")
        elif attr.name == "registry":
            attr.docstring = griffe.Docstring(f"Of all these by name, a [Registry][{REGISTRY}].")
