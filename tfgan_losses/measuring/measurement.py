"""Metrics, an extractor and real examples: all that is needed to put numbers on a generator."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.measuring.description import describe
from tfgan_losses.measuring.reference import real_features
from tfgan_losses.measuring.samplers import Batch, Sampler
from tfgan_losses.metrics.base import Estimates, GeneratorMetric
from tfgan_losses.metrics.feature_set import FeatureSet

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source


@dataclasses.dataclass(frozen=True, eq=False)
class Measurement:
    """Measures generators in one and the same way, so that their numbers compare.

    Attributes:
        metrics: What is measured.
        extractor: Gives the features.
        real: Real examples.
        samples: Generated examples for each measurement.
        seed: Of the samples.
    """

    metrics: Sequence[GeneratorMetric]
    extractor: FeatureExtractor
    real: FeatureSet
    samples: int
    seed: int = 0

    @classmethod
    def beside(
        cls,
        source: Source,
        metrics: Sequence[GeneratorMetric],
        extractor: FeatureExtractor,
        *,
        samples: int,
        real_samples: int | None = None,
        seed: int = 0,
    ) -> Measurement:
        """Reads the real examples of a source.

        Args:
            source: The data.
            metrics: What is measured.
            extractor: Gives the features.
            samples: Generated examples for each measurement.
            real_samples: So many real ones at most; None for all.
            seed: Of the samples.

        Raises:
            ValueError: If a metric needs what the extractor or the data has not, or the extractor
                cannot read such examples.
        """
        needs = frozenset().union(*(metric.needs for metric in metrics))
        real = real_features(source, extractor, real_samples, needs)
        return cls(metrics, extractor, real, samples, seed)

    @property
    def columns(self) -> dict[str, str]:
        """The names of all numbers, with `"min"` or `"max"` for which is better."""
        return {
            self._column(metric, name): best
            for metric in self.metrics
            for name, best in metric.best.items()
        }

    def of(self, sampler: Sampler) -> Estimates:
        """Returns what is measured about `samples` of its examples, by the names of `columns`."""
        return self.of_batches(sampler.batches(self.samples, self.seed))

    def of_batches(self, batches: Iterable[Batch]) -> Estimates:
        """Returns what is measured about examples, by the names of `columns`."""
        needs = frozenset().union(*(metric.needs for metric in self.metrics))
        generated = describe(batches, self.extractor, needs)
        return {
            self._column(metric, name): estimate
            for metric in self.metrics
            for name, estimate in metric.measure(self.real, generated).items()
        }

    def _column(self, metric: GeneratorMetric, name: str) -> str:
        return f"{name}[{self.extractor.name}]" if metric.of_features else name
