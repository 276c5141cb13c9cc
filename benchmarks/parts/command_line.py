"""How a command is called, and the lines that it prints above its numbers.

TensorFlow is imported late: a command may have to choose its cores, or start a clock, before.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """Returns a parser whose help is the docstring of the command, as it stands there."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def names(text: str) -> list[str]:
    """Returns the names in a text that has commas between them."""
    return text.split(",")


def header(settings: Mapping[str, object], days: str | None = None) -> str:
    """Returns the command, when, with what and where it ran, and its settings.

    Args:
        settings: Names and values; None is left out.
        days: When the numbers were measured; None is today.
    """
    import numpy as np

    from tfgan_losses.run_files.circumstances import circumstances

    command = shlex.join([f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    one_dnn = f"TF_ENABLE_ONEDNN_OPTS={os.environ['TF_ENABLE_ONEDNN_OPTS']}"
    measured = circumstances(f"NumPy {np.__version__}", one_dnn, days=days)
    values = ", ".join(f"{key} {value}" for key, value in settings.items() if value is not None)
    return f"`python {command}`, {measured}.\n\nSettings: {values}.\n"
