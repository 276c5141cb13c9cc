"""What tells whether a data set is still the one that a run began with."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

# Of plain values, so that it can be written as JSON.
Fingerprint: TypeAlias = "dict[str, str | int | float | list[str] | list[int] | None]"

_SHOWN = 3  # classes in a line
_WORDS = {
    "hash": "content",
    "shape": "shape of the arrays",
    "dtype": "type of the arrays",
    "example_shape": "shape of an example",
}


def hash_of(parts: Iterable[object]) -> str:
    """Returns a short hash of what some values print as, each on a line of its own."""
    hashed = hashlib.blake2b(digest_size=8)
    for part in parts:
        hashed.update(f"{part}\n".encode("utf-8", "surrogateescape"))
    return hashed.hexdigest()


def make(
    kind: str,
    *,
    size: int | None,
    class_names: Sequence[str] | None = None,
    counts: Sequence[int] | None = None,
    **more: str | float | list[int] | None,
) -> Fingerprint:
    """Returns a fingerprint.

    Args:
        kind: "folder", "npz", "tfds", "mixture" or "arrays".
        size: Number of examples.
        class_names: Names of the classes.
        counts: Number of examples of each.
        **more: What else tells it from others, such as a `hash`.
    """
    found: Fingerprint = {"kind": kind, "size": size}
    if class_names is not None:
        found["class_names"] = list(class_names)
    if counts is not None:
        found["counts"] = list(counts)
    return {**found, **more}


def of_arrays(examples: np.ndarray, labels: np.ndarray | None) -> Fingerprint:
    """Returns the fingerprint of arrays in memory: their sizes, types and all that they hold."""
    arrays = [np.ascontiguousarray(array) for array in (examples, labels) if array is not None]
    checksums = hash_of(zlib.crc32(array.view(np.uint8).reshape(-1).data) for array in arrays)
    shape = [int(size) for size in arrays[0].shape]
    return make("arrays", size=shape[0], shape=shape, dtype=str(arrays[0].dtype), hash=checksums)


def describe_change(before: Fingerprint | None, now: Fingerprint | None) -> str | None:
    """Says in one line what is different about a data set.

    Args:
        before: A `fingerprint` of a source, also as JSON gives it back; None if there was none.
        now: Another.

    Returns:
        Such as "67 examples, now 50; class 3 was 'cat', is 'dog'", or None if nothing changed or
        it cannot be told.
    """
    if not before or not now or before == now:
        return None
    if before.get("kind", now.get("kind")) != now.get("kind"):
        return f"{before.get('kind')}, now {now.get('kind')}"
    changes = []
    if bool(before.get("mirror")) != bool(now.get("mirror")):
        # What says the size and the counts, too.
        return f"with{'' if before.get('mirror') else 'out'} mirror images, now {_and_now(now)}"
    if before.get("size") != now.get("size"):
        changes.append(f"{before.get('size')} examples, now {now.get('size')}")
    changes += _changed_classes(before, now)
    # A hash says nothing to a person if something else does.
    told = {"kind", "size", "class_names", "counts"} | ({"hash"} if changes else set())
    for key, value in before.items():
        # What only another version of this library knows of is no change.
        if key not in told and key in now and value != now[key]:
            changes.append(f"{_WORDS.get(key, key)} was {value}, is {now[key]}")
    return "; ".join(changes) or None


def _and_now(now: Fingerprint) -> str:
    return "with them" if now.get("mirror") else "without"


def _changed_classes(before: Fingerprint, now: Fingerprint) -> list[str]:
    """Names before counts, since counts under other names say nothing."""
    names = [_list(found, "class_names") for found in (before, now)]
    counts = [_list(found, "counts") for found in (before, now)]
    if names[0] != names[1]:
        if len(names[0]) != len(names[1]):
            gone = [f"without {name!r}" for name in names[0] if name not in names[1]]
            new = [f"with {name!r}" for name in names[1] if name not in names[0]]
            return [f"{len(names[0])} classes, now {len(names[1])} ({_listed([*gone, *new])})"]
        pairs = enumerate(zip(*names, strict=True))
        return [_listed([f"class {i} was {a!r}, is {b!r}" for i, (a, b) in pairs if a != b])]
    if counts[0] != counts[1]:
        if len(counts[0]) != len(counts[1]):
            return [f"{len(counts[0])} classes, now {len(counts[1])}"]
        own = names[0] or list(range(len(counts[0])))
        triples = zip(own, *counts, strict=True)
        return [_listed([f"class {c!r} had {a}, has {b}" for c, a, b in triples if a != b])]
    return []


def _list(found: Fingerprint, key: str) -> list[str | int]:
    values = found.get(key)
    return [*values] if isinstance(values, list) else []


def _listed(changes: list[str]) -> str:
    rest = len(changes) - _SHOWN
    return ", ".join(changes[:_SHOWN]) + (f", and {rest} more" if rest > 0 else "")
