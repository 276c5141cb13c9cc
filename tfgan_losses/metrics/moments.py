"""Mean and covariance of features, in float64."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Moments(NamedTuple):
    """Of n examples: how many, mean [features] and unbiased covariance [features, features]."""

    count: int
    mean: np.ndarray
    covariance: np.ndarray


def moments_of(features: np.ndarray) -> Moments:
    """Returns the moments of features [n, features], n >= 2."""
    features = np.asarray(features, np.float64)
    mean = features.mean(axis=0)
    centered = features - mean
    return Moments(len(features), mean, centered.T @ centered / (len(features) - 1))
