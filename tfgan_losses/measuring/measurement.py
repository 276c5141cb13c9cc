"""Metrics, an extractor and real examples: all that is needed to put numbers on a generator."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from tfgan_losses import progress
from tfgan_losses.extractors import reading
from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.measuring.description import describe
from tfgan_losses.measuring.reference import real_features
from tfgan_losses.measuring.samplers import Batch, Sampler
from tfgan_losses.metrics.base import Estimates, GeneratorMetric
from tfgan_losses.metrics.feature_set import FeatureSet

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

# What is told of a metric that cannot measure some examples, and why.
Unable: TypeAlias = Callable[[GeneratorMetric, Exception], None]

_FEWEST = 2  # One example has no spread.
# What a metric can need, and what gives it.
_NEEDS = {
    "logits": "an extractor that is a classifier",
    "labels": "data with labels",
    "maps": "an extractor with feature maps, such as inception:<file>,",
}


class Measurement:
    """Measures generators in one and the same way, so that their numbers compare.

    Args:
        metrics: What is measured.
        extractor: Gives the features.
        real: Real examples, or what reads them when they are needed first.
        samples: Generated examples for each measurement.
        seed: Of the samples.
        real_samples: How many real examples `real` will read, if that is known.

    Attributes:
        metrics, extractor, samples, seed, real_samples: As above.

    Raises:
        ValueError: If there is no metric, two give a number of one name, a metric needs logits and
            the extractor has none, or a number is wrong.
    """

    def __init__(
        self,
        metrics: Sequence[GeneratorMetric],
        extractor: FeatureExtractor,
        real: FeatureSet | Callable[[], FeatureSet],
        samples: int,
        seed: int = 0,
        real_samples: int | None = None,
    ):
        check_count(samples=samples)
        _check_metrics(metrics, extractor)
        self.metrics, self.extractor = tuple(metrics), extractor
        self.samples, self.seed = samples, seed
        self._real = real
        self.real_samples = real_samples if callable(real) else len(real)

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
        """Measures beside the examples of a source, which are read when they are needed first.

        Args:
            source: The data.
            metrics: What is measured.
            extractor: Gives the features.
            samples: Generated examples for each measurement.
            real_samples: So many real ones at most; None for all.
            seed: Of the samples.

        Raises:
            ValueError: If a metric needs what the extractor or the data has not, the extractor
                cannot read such examples, the data has no end and `real_samples` is None, or a
                number is wrong.
        """
        needs = _needs(metrics)
        if "labels" in needs and getattr(source, "num_classes", None) is None:
            raise ValueError(_lack("labels", metrics, f"source={_name(source)!r} without labels"))
        if "maps" in needs and source.size != 1:
            size = "no end" if source.size is None else f"{source.size:,} examples"
            asking = _asking("maps", metrics)
            raise ValueError(
                f"Expected data of one image for the metric {asking}. "
                f"Received: source={_name(source)!r} of {size}"
            )
        if real_samples is not None:
            check_count(real_samples=real_samples)
        extractor.check(tuple(source.example_shape))
        count = reading.number_of(source, real_samples)
        # Without a network, features are computed as fast as they are read from a cache.
        cache = extractor.facts().get("hash") is not None
        read = functools.partial(real_features, source, extractor, count, needs, cache=cache)
        return cls(metrics, extractor, read, samples, seed, count)

    @functools.cached_property
    def real(self) -> FeatureSet:
        """What is known of the real examples."""
        return self._real() if callable(self._real) else self._real

    @property
    def columns(self) -> dict[str, str]:
        """The names of all numbers, with `"min"` or `"max"` for which is better."""
        return {
            self._column(metric, name): best
            for metric in self.metrics
            for name, best in metric.best.items()
        }

    @property
    def needs(self) -> frozenset[str]:
        """What the metrics look at beside features; see `GeneratorMetric`."""
        return _needs(self.metrics)

    def facts(self) -> dict[str, object]:
        """What another person needs to get the same numbers, in plain values."""
        return {
            "metrics": [repr(metric) for metric in self.metrics],
            "extractor": self.extractor.facts(),
            "samples": self.samples,
            "real_samples": self.real_samples,
            "seed": self.seed,
        }

    def facts_by_extractor(self) -> dict[str, object]:
        """Returns the facts under the name of the extractor, a part of the names of numbers."""
        return {self.extractor.name: self.facts()}

    def of(self, sampler: Sampler, unable: Unable | None = None) -> Estimates:
        """Returns what is measured about `samples` of its examples; see `of_batches`."""
        batches = sampler.batches(self.samples, self.seed)
        doing = "looking at generated examples"
        return self.of_batches(
            progress.counted(batches, self.samples, doing, reading.size_of), unable
        )

    def of_batches(self, batches: Iterable[Batch], unable: Unable | None = None) -> Estimates:
        """Returns what is measured about examples, by the names of `columns`.

        Args:
            batches: Examples and their labels.
            unable: Told of a metric that cannot measure them and why, of which the numbers are
                missing then; None for an error.

        Raises:
            ValueError: If the extractor cannot read them, or a metric cannot measure them.
        """
        real, generated = self.real, describe(batches, self.extractor, self.needs)
        found: Estimates = {}
        for metric in progress.counted(self.metrics, len(self.metrics), "computing metrics"):
            try:
                measured = metric.measure(real, generated)
            except Exception as error:
                if unable is None:
                    raise
                unable(metric, error)
            else:
                found |= {self._column(metric, name): each for name, each in measured.items()}
        return found

    def _column(self, metric: GeneratorMetric, name: str) -> str:
        return f"{name}[{self.extractor.name}]" if metric.of_features else name


def check_count(**counts: object) -> None:
    """Raises ValueError for the first number of examples that is not an integer >= 2."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < _FEWEST:
            raise ValueError(
                f"Expected {name} to be an integer >= {_FEWEST}. Received: {name}={count!r}"
            )


def _needs(metrics: Iterable[GeneratorMetric]) -> frozenset[str]:
    return frozenset().union(*(metric.needs for metric in metrics))


def _check_metrics(metrics: Sequence[GeneratorMetric], extractor: FeatureExtractor) -> None:
    if not metrics:
        raise ValueError("Expected at least one metric. Received: metrics=[]")
    counts = Counter(name for metric in metrics for name in metric.best)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(
            f"Expected each number once. Received: metrics={list(metrics)}, of which several give "
            f"{', '.join(twice)}"
        )
    if "logits" in _needs(metrics) and not extractor.has_logits:
        raise ValueError(_lack("logits", metrics, f"extractor={extractor.name!r}"))
    if "maps" in _needs(metrics) and not extractor.has_maps:
        raise ValueError(_lack("maps", metrics, f"extractor={extractor.name!r}"))


def _lack(need: str, metrics: Iterable[GeneratorMetric], received: str) -> str:
    return f"Expected {_NEEDS[need]} for the metric {_asking(need, metrics)}. Received: {received}"


def _asking(need: str, metrics: Iterable[GeneratorMetric]) -> str:
    return ", ".join(repr(metric) for metric in metrics if need in metric.needs)


def _name(source: Source) -> str:
    return str(getattr(source, "name", "of this class"))
