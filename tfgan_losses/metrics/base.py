"""What every metric of generated examples has in common, for runs and commands."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.registry import Registry, spec_of

Estimates = dict[str, Estimate]


class GeneratorMetric(abc.ABC):
    """One or several numbers about generated examples, most of them beside real ones.

    Attributes:
        best: For each number that it gives, by name, `"min"` if lower is better or `"max"`; the
            first is the one that stands for the metric.
        of_features: Whether its numbers depend on the extractor, so that its name is part of
            theirs: `frechet[pixels]`.
        needs: What it looks at beside features: `"logits"`, `"labels"`, `"examples"`,
            `"maps"`.
    """

    best: ClassVar[dict[str, str]]
    of_features: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset()

    @abc.abstractmethod
    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns an estimate for each name of `best`.

        Args:
            real: Real examples.
            generated: Generated ones; another number of them.

        Raises:
            ValueError: If there are too few, they are of other widths, or something that it needs
                is missing.
        """

    def __repr__(self) -> str:
        return spec_of(self)

    def get_config(self) -> dict[str, Any]:
        """Its options."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> GeneratorMetric:
        """The object that `get_config` describes."""
        return cls(**config)


# Here, after the class that all its entries are instances of.
registry = Registry("metric", base=GeneratorMetric)
