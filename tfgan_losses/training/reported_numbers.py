"""Numbers that layers of a network want seen: they are logged beside the losses."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import keras
import tensorflow as tf

from tfgan_losses.types import Report, Scalar


class ReportsNumbers(Protocol):
    """What a layer has if some of its numbers tell how a training goes.

    The share of an attention, for example, which may never leave 0.
    """

    def numbers_to_report(self) -> dict[str, Scalar]:
        """Returns scalars by name, the same names at each call; in a graph, too."""


def numbers_of(generator: keras.Model, discriminator: keras.Model) -> Report:
    """Returns what the layers of both networks report, nested ones too.

    Returns:
        Float32 scalars, called `g_<name>` and `d_<name>`; where several layers of a network have
        one name, those after the first, in the order of the network, `g_<name>_2` and so on.
    """
    found: Report = {}
    for prefix, network in (("g", generator), ("d", discriminator)):
        seen = Counter[str]()
        for layer in network._flatten_layers():
            if not hasattr(layer, "numbers_to_report"):
                continue
            for name, number in layer.numbers_to_report().items():
                seen[name] += 1
                behind = f"_{seen[name]}" if seen[name] > 1 else ""
                found[f"{prefix}_{name}{behind}"] = tf.cast(number, tf.float32)
    return found
