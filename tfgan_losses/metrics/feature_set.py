"""Examples as a metric sees them: their features, and what else was computed beside these."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np

from tfgan_losses.metrics.moments import Moments, moments_of


@dataclasses.dataclass(frozen=True, eq=False)
class FeatureSet:
    """What is known of n examples.

    Attributes:
        features: [n, features], of any float type.
        logits: Of a classifier, without softmax, [n, classes]; None if the extractor is none.
        labels: Classes, int [n]; those that a conditional generator was asked for, or those of the
            data; None if there are none.
        examples: [n, ...], images as uint8; None unless a metric asks for them.
        maps: Feature maps [n, height, width, features]; None unless a metric asks for them.
    """

    features: np.ndarray
    logits: np.ndarray | None = None
    labels: np.ndarray | None = None
    examples: np.ndarray | None = None
    maps: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.features)

    @functools.cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the features."""
        return moments_of(self.features)

    def at(self, rows: np.ndarray | slice) -> FeatureSet:
        """Returns what is known of some of the examples."""
        arrays = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        chosen: dict[str, Any] = {
            name: None if array is None else array[rows] for name, array in arrays.items()
        }
        return dataclasses.replace(self, **chosen)
