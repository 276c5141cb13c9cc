"""Distances between real and generated examples, and how far they can be trusted.

Pure functions of features, in float64; the same as objects with a name, for runs and commands.
"""

from tfgan_losses.metrics.base import GeneratorMetric as GeneratorMetric, registry as registry
from tfgan_losses.metrics.estimate import Estimate as Estimate
from tfgan_losses.metrics.feature_set import FeatureSet as FeatureSet
from tfgan_losses.metrics.frechet_distance import (
    Frechet as Frechet,
    frechet_distance as frechet_distance,
)
from tfgan_losses.metrics.mixture_coverage import (
    MixtureCoverage as MixtureCoverage,
    mixture_coverage as mixture_coverage,
)

register = registry.register
names = registry.names
get = registry.get
get_all = registry.get_all
