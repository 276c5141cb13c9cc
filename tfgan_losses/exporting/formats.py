"""The formats by name. Needs no TensorFlow: what is not installed is said before it is loaded."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    from tfgan_losses.exporting.trained_generator import TrainedGenerator

# From inputs, as `TrainedGenerator.draw` returns them, to samples, float32.
Runner: TypeAlias = "Callable[[list[np.ndarray]], np.ndarray]"


class Room(Protocol):
    """What the module of a format has."""

    def write(self, generator: TrainedGenerator, path: Path) -> None:
        """Writes the file or the directory."""

    def load(self, path: Path) -> Runner:
        """Reads it again, and runs it by what it is for."""


@dataclasses.dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        name: As `--format` names it.
        file_name: What its file or directory is called, whose ending says which format it is.
        packages: What is needed beside TensorFlow, as it is imported.
    """

    name: str
    file_name: str
    packages: tuple[str, ...] = ()

    @property
    def ending(self) -> str:
        """Such as `.onnx`; empty for a directory."""
        return Path(self.file_name).suffix

    @property
    def room(self) -> Room:
        """The module that writes and reads it."""
        module: Room = importlib.import_module(f"tfgan_losses.exporting.{self.name}_format")
        return module

    def check_installed(self) -> None:
        """Checks that the packages are there.

        Raises:
            ValueError: If one is not.
        """
        lacking = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if lacking:
            raise ValueError(
                f"Expected the packages of {self.name}, which "
                "python -m pip install 'tfgan_losses[export]' installs. "
                f"Received: no {', '.join(lacking)}"
            )


SAVED_MODEL = Format("savedmodel", "generator")
FORMATS = (
    SAVED_MODEL,
    Format("tflite", "generator.tflite", ("ai_edge_litert",)),
    Format("onnx", "generator.onnx", ("tf2onnx", "onnx", "onnxruntime")),
    Format("keras", "generator.keras"),
)
NAMES = tuple(each.name for each in FORMATS)


def get(name: str) -> Format:
    """Returns the format of that name."""
    return FORMATS[NAMES.index(name)]


def of_path(path: str | os.PathLike) -> Format:
    """Returns the format that the ending of a path says: `.tflite`, `.onnx`, `.keras`.

    Any other path is the directory of a SavedModel.
    """
    ending = Path(path).suffix.lower()
    return next((each for each in FORMATS if each.ending == ending), SAVED_MODEL)
