"""What to say of a name that nothing has."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection


def unknown(kind: str, name: object, known: Collection[str]) -> str:
    """The line that says that there is no such name, and which one may have been meant.

    Args:
        kind: What is looked for, in the singular.
        name: What was asked for.
        known: All names that there are.
    """
    return (
        f"Unknown {kind}. Expected one of {list(known)}. Received: {name!r}"
        f"{did_you_mean(name, known)}"
    )


def did_you_mean(name: object, known: Collection[str]) -> str:
    """The end of a line: `. Did you mean 'hinge'?`, or nothing if no name is near."""
    near = nearest(name, known)
    return f". Did you mean {near!r}?" if near else ""


def nearest(name: object, known: Collection[str], *, likeness: float = 0.65) -> str | None:
    """The name that is most like another one, whatever its capitals.

    Args:
        name: What was asked for.
        known: All names that there are.
        likeness: From 0 to 1 for the same; what is less like it is not meant.
    """
    by_text = {each.lower(): each for each in known}
    wanted = str(name).lower()
    close = difflib.get_close_matches(wanted, by_text, cutoff=likeness)
    # Two letters that changed places are the commonest slip.
    swapped = [text for text in close if sorted(text) == sorted(wanted)]
    return next((by_text[text] for text in (*swapped, *close)), None)


def did_you_mean_path(path: str, *, before: str = "") -> str:
    """As `did_you_mean`, of what lies beside a path where nothing does.

    Args:
        path: Of a file or folder.
        before: What stands before the path where it is typed.
    """
    folder, name = os.path.split(path.rstrip(os.sep))
    near = nearest(name, os.listdir(folder or ".")) if os.path.isdir(folder or ".") else None
    return f". Did you mean {before + os.path.join(folder, near)!r}?" if near else ""
