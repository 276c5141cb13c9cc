"""Distances between real and generated examples, and how far they can be trusted.

Pure functions of features, in float64; the same as objects with a name, for runs and commands.
"""

from tfgan_losses.metrics.base import GeneratorMetric as GeneratorMetric, registry as registry
from tfgan_losses.metrics.class_accuracy import (
    ClassAccuracy as ClassAccuracy,
    class_accuracy as class_accuracy,
)
from tfgan_losses.metrics.class_coverage import (
    ClassCoverage as ClassCoverage,
    ClassesFound as ClassesFound,
    class_coverage as class_coverage,
)
from tfgan_losses.metrics.class_frechet import (
    ClassFrechet as ClassFrechet,
    class_frechet as class_frechet,
)
from tfgan_losses.metrics.classifier_score import (
    ClassifierScore as ClassifierScore,
    classifier_score as classifier_score,
)
from tfgan_losses.metrics.density_coverage import (
    DensityCoverage as DensityCoverage,
    density_coverage as density_coverage,
)
from tfgan_losses.metrics.estimate import Estimate as Estimate
from tfgan_losses.metrics.feature_set import FeatureSet as FeatureSet
from tfgan_losses.metrics.frechet_distance import (
    Frechet as Frechet,
    frechet_distance as frechet_distance,
    frechet_estimate as frechet_estimate,
)
from tfgan_losses.metrics.frechet_infinity import (
    FrechetInfinity as FrechetInfinity,
    frechet_infinity as frechet_infinity,
)
from tfgan_losses.metrics.kernel_distance import (
    Kernel as Kernel,
    kernel_distance as kernel_distance,
)
from tfgan_losses.metrics.memorization import (
    Memorization as Memorization,
    memorization as memorization,
)
from tfgan_losses.metrics.mind import Mind as Mind, mind as mind
from tfgan_losses.metrics.mixture_coverage import (
    MixtureCoverage as MixtureCoverage,
    MixtureMetric as MixtureMetric,
    mixture_coverage as mixture_coverage,
)
from tfgan_losses.metrics.ms_ssim import MultiScaleSSIM as MultiScaleSSIM, ms_ssim as ms_ssim
from tfgan_losses.metrics.neighbors import (
    Neighbors as Neighbors,
    nearest_neighbors as nearest_neighbors,
)
from tfgan_losses.metrics.precision_recall import (
    PrecisionRecall as PrecisionRecall,
    precision_recall as precision_recall,
)
from tfgan_losses.metrics.sifid import SingleImageFrechet as SingleImageFrechet, sifid as sifid
from tfgan_losses.metrics.sliced_wasserstein import (
    SlicedWasserstein as SlicedWasserstein,
    sliced_wasserstein as sliced_wasserstein,
)
from tfgan_losses.metrics.streaming_samples import Streamed as Streamed

register = registry.register
names = registry.names
get = registry.get
get_all = registry.get_all
