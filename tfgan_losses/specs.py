"""Names with options as text; see `tfgan_losses.registry`."""

from __future__ import annotations

import ast
from typing import NamedTuple

_CONSTANTS = ("true", "false", "none", "null")


class Spec(NamedTuple):
    """A specification as read: a name and its options."""

    name: str
    options: dict[str, object]


def read(text: str, kind: str, *, nested: bool = False) -> list[Spec]:
    """`"a, b(c=1)"` -> `[Spec("a", {}), Spec("b", {"c": 1})]`.

    Args:
        text: What a person wrote.
        kind: Of what; used in the error.
        nested: Whether an option may be a spec itself, or a bare name, which is read as a text.

    Raises:
        ValueError: If it is no such text.
    """
    if not text.strip():
        return []
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        nodes = tree.elts if isinstance(tree, ast.Tuple) else [tree]
        return [_read_spec(node, nested=nested) for node in nodes]
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f"Cannot read this {kind} specification. Expected a name, or a name with "
            f"keyword arguments as in 'name(weight=10)', with commas between several. "
            f"Received: {text!r}"
        ) from error


def _read_spec(node: ast.expr, *, nested: bool) -> Spec:
    if isinstance(node, ast.Name):
        return Spec(node.id, {})
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        raise ValueError("Expected a name or a call with keyword arguments.")
    options: dict[str, object] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise ValueError("Expected named arguments, received **.")
        options[keyword.arg] = _read_value(keyword.value, nested)
    return Spec(node.func.id, options)


def _read_value(node: ast.expr, nested: bool) -> object:
    if nested and isinstance(node, ast.Call):
        return _read_spec(node, nested=True)
    # Also without quotes, which shells take away; but `false` shall not become a text, and so true.
    if nested and isinstance(node, ast.Name) and node.id.lower() not in _CONSTANTS:
        return node.id
    return ast.literal_eval(node)
