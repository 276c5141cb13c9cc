"""What a person is told of data and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_losses.flags.report_layout import SPACE

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.gan import GAN

# Of a long list of classes, those that are named.
_CLASSES_NAMED, _LETTERS_OF_A_NAME = 12, 24


def size(source: BaseSource) -> str:
    """Returns how many examples there are."""
    if source.size is None:
        return "unlimited examples"
    return f"{source.size:,} example{'' if source.size == 1 else 's'}"


def listed(counts: dict[str, int]) -> str:
    """Returns kinds with how many there are of each."""
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


def classes(source: BaseSource) -> str:
    """Returns their numbers, names and counts, as far as there are any."""
    if source.num_classes is None:
        return ""
    names = getattr(source, "class_names", None) or [""] * source.num_classes
    counts = getattr(source, "counts", None)
    each = [
        SPACE.join(
            [str(number)]
            + [_shortened(name).replace(" ", SPACE)] * (name not in ("", str(number)))
            + ([f"({counts[number]:,})"] if counts else [])
        )
        for number, name in enumerate(names)
    ]
    if len(each) > _CLASSES_NAMED:
        each = [*each[: _CLASSES_NAMED - 1], "...", each[-1]]
    empty = [str(number) for number, count in enumerate(counts or ()) if not count]
    without = f"; without examples: {', '.join(empty)}" if empty else ""
    return f"{source.num_classes}: {', '.join(each)}{without}"


def _shortened(name: str) -> str:
    return name if len(name) <= _LETTERS_OF_A_NAME else f"{name[: _LETTERS_OF_A_NAME - 3]}..."


def condition(gan: GAN) -> str:
    """Returns what the generator is told, if it is told anything."""
    if gan.condition is None:
        return ""
    # The names of its classes stand above.
    named = getattr(gan.condition, "class_names", None) is not None
    return f"labels of {gan.condition.size} classes" if named else str(gan.condition)
