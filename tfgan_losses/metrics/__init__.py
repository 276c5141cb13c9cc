"""Distances between real and generated examples: pure NumPy functions in float64."""

from tfgan_losses.metrics.frechet_distance import frechet_distance as frechet_distance
from tfgan_losses.metrics.mixture_coverage import (
    MixtureCoverage as MixtureCoverage,
    mixture_coverage as mixture_coverage,
)
