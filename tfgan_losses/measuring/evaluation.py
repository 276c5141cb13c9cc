"""What was measured about a generator, with everything that another number needs to compare."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import json
import math
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from tfgan_losses.extractors import QUANTISATION
from tfgan_losses.measuring.columns import error_column
from tfgan_losses.measuring.measurement import Measurement
from tfgan_losses.metrics.base import Estimates
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.circumstances import circumstances
from tfgan_losses.types import Shape

# Plain values.
JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | None"
Facts: TypeAlias = dict[str, JSON]

_FORMAT = 1
_WORDS = {"min": "lower", "max": "higher"}
_PACKAGES = ("tensorflow", "keras", "numpy")


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """Numbers and where they come from.

    Attributes:
        measurement: Metrics, extractor and real examples.
        estimates: By the names of `measurement.columns`.
        example_shape: Of one example.
        generated: What was measured, in plain values.
        real: What it was compared with, likewise.
        command: What measures it again.
    """

    measurement: Measurement
    estimates: Estimates
    example_shape: Shape
    generated: Facts
    real: Facts
    command: str

    def notes(self) -> list[str]:
        """Returns what makes a number less than it seems, a sentence each."""
        features = self.measurement.real.features.shape[1]
        fewest = min(self.measurement.samples, len(self.measurement.real))
        found = []
        for metric in self.measurement.metrics:
            # A covariance of fewer examples than features is singular, and its distance too large.
            if next(iter(metric.best)).startswith("frechet") and fewest <= features:
                found.append(
                    f"{next(iter(metric.best))}: {fewest:,} examples are too few for {features:,} "
                    f"features, the distance comes out too large. Expected more than {features:,}."
                )
        for name, estimate in self.estimates.items():
            if not math.isfinite(estimate.value):
                found.append(f"{name}: the value is {estimate.value}.")
        return found

    def table(self) -> str:
        """Returns the numbers for a person, a row for each."""
        rows = [("", "value", "standard error", "95 % interval", "better")]
        rows += [
            (name, *_in_words(estimate), _WORDS[self.measurement.columns[name]])
            for name, estimate in self.estimates.items()
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes())])

    def record(self) -> Facts:
        """Returns all of it in plain values, as it stands in a JSON file."""
        extractor = self.measurement.extractor
        described: Facts = {"name": extractor.name, **extractor.facts()}
        numbers: Facts = {}
        for name, estimate in self.estimates.items():
            numbers[name] = _finite(estimate.value)
            if estimate.standard_error is not None:
                numbers[error_column(name)] = _finite(estimate.standard_error)
        intervals = {name: estimate.interval for name, estimate in self.estimates.items()}
        return {
            "format": _FORMAT,
            "numbers": numbers,
            "intervals": {
                name: [_finite(end) for end in ends] for name, ends in intervals.items() if ends
            },
            "better": {name: _WORDS[self.measurement.columns[name]] for name in self.estimates},
            "metrics": [repr(metric) for metric in self.measurement.metrics],
            "notes": list(self.notes()),
            "extractor": described,
            "quantisation": QUANTISATION if len(self.example_shape) == 3 else "none: float32",
            "seed": self.measurement.seed,
            "example_shape": [*self.example_shape],
            "generated": {**self.generated, "count": self.measurement.samples},
            "real": {**self.real, "count": len(self.measurement.real)},
            "command": self.command,
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "versions": {
                "python": platform.python_version(),
                **{name: importlib.metadata.version(name) for name in _PACKAGES},
            },
            "machine": circumstances(),
        }

    def write(self, path: Path) -> None:
        """Writes the record.

        Raises:
            OSError: If it cannot be written.
        """
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(self.record(), indent=1, allow_nan=False) + "\n")


def _in_words(estimate: Estimate) -> tuple[str, str, str]:
    value = f"{estimate.value:.4g}"
    if estimate.interval is None:
        return value, "not known", ""
    low, high = estimate.interval
    return value, f"{estimate.standard_error:.2g}", f"{low:.4g} to {high:.4g}"


def _finite(number: float) -> float | None:
    """Returns a number as JSON has it, which knows no NaN."""
    return float(number) if math.isfinite(number) else None
