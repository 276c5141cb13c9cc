"""A picture of real examples beside those of samples."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import logging

from tfgan_losses.callbacks.listeners import Listeners
from tfgan_losses.callbacks.sample_writer import samples_to_picture
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.run_files import pictures
from tfgan_losses.types import Logs

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

_COLUMNS_OF_A_ROW = 8
_MOST_ROWS = 16  # of classes, where samples have no rows of classes, either
_MOST_LOADED = 1024  # examples of a source that cannot choose


class RealPicture(StepCallback):
    """Writes a picture of real examples when training begins, if it is not there yet.

    It has the form of those of samples; images with labels have one class in each row.

    Args:
        path: The `.png`.
        source: Real data. One with neither `choose` nor `take` gives its first batch; the batches
            of the training are others, made afterwards.
        count: Examples in the picture.
        to_picture: As that of `SampleWriter`.
        listeners: Get the file, too.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        source: Source,
        *,
        count: int = 64,
        to_picture: Callable[[np.ndarray], np.ndarray] | None = None,
        listeners: Listeners | None = None,
    ):
        super().__init__()
        self.path = Path(path)
        self.source = source
        self.count = count
        self.to_picture = to_picture
        self.listeners = listeners or Listeners()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Writes the picture."""
        super().on_train_begin(logs)
        if self.path.exists():
            return
        try:
            examples, labels = self._choose()
        except Exception as error:  # Of a user's own source. Training tells if it is of use at all.
            logging.warning("There is no picture of real examples: %s", error)
            return
        pictures.write_png(self.path, self._picture(examples, labels))
        self.listeners.picture(self.step, "real", self.path)

    def steps_until_due(self) -> float:
        """Infinity: there is nothing to do after the beginning."""
        return math.inf

    @property
    def _rows(self) -> int | None:
        """The number of classes, if each is to have a row."""
        condition, classes = self.model.condition, getattr(self.source, "num_classes", None)
        if len(self.source.example_shape) != 3 or not classes:
            return None
        of_samples = condition is not None and condition.source == "labels"
        return classes if of_samples or classes <= _MOST_ROWS else None

    def _choose(self) -> tuple[np.ndarray, np.ndarray | None]:
        from tfgan_losses.datasets.order import spread_indices  # And Pillow with it.

        if hasattr(self.source, "choose"):
            if self._rows:
                return self.source.choose(self.count, _COLUMNS_OF_A_ROW)
            classes = getattr(self.source, "num_classes", None) or 1
            examples, _ = self.source.choose(self.count, -(-self.count // classes))
            return examples[spread_indices(None, len(examples), self.count, 0)], None
        wanted = max(self.count, min(_COLUMNS_OF_A_ROW * (self._rows or 0), _MOST_LOADED))
        if hasattr(self.source, "take"):
            given = self.source.take(wanted)
        else:
            given = next(iter(self.source.batches(wanted, seed=0, start=0)))
        examples, labels = given if isinstance(given, tuple | list) else (given, None)
        examples = np.asarray(examples, np.float32)
        if labels is None or not self._rows:
            return examples[: self.count], None
        labels = np.asarray(labels)
        labels = labels.argmax(axis=-1) if labels.ndim > 1 else labels
        chosen = spread_indices(labels, len(labels), self.count, _COLUMNS_OF_A_ROW)
        return examples[chosen], labels[chosen]

    def _picture(self, examples: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        rows = self._rows
        if rows is None or labels is None:
            return (self.to_picture or samples_to_picture)(examples[: self.count])
        # What a class lacks stays grey, as what is not a number does.
        shape = (rows, _COLUMNS_OF_A_ROW, *examples.shape[1:])
        cells = np.full(shape, np.nan, np.float32)
        for label in range(rows):
            of_class = examples[labels == label][:_COLUMNS_OF_A_ROW]
            cells[label, : len(of_class)] = of_class
        return pictures.image_grid(cells.reshape(-1, *shape[2:]), columns=_COLUMNS_OF_A_ROW)
