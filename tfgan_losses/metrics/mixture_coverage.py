"""How many modes of a Gaussian mixture a generator has found, and how well it meets them."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_given
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet

# In units of sigma. In the plane, 1 - exp(-4.5) = 98.9 % of the real points are within it.
_RADIUS = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class MixtureCoverage:
    """What `mixture_coverage` finds.

    Attributes:
        modes: Modes that are nearest to at least one high-quality sample.
        high_quality: Fraction of the samples within 3 sigma of a mode, in [0, 1].
        reverse_kl: KL(generated || uniform) in nats, of the histogram of the samples over their
            nearest modes; between 0 and log(number of modes). NaN if no sample is finite.
        counts: The histogram, int64 [modes].
    """

    modes: int
    high_quality: float
    reverse_kl: float
    counts: np.ndarray


def mixture_coverage(samples: ArrayLike, centers: ArrayLike, sigma: float) -> MixtureCoverage:
    """Compares samples with a mixture of equally weighted isotropic Gaussians.

    A sample is of high quality if it is within 3 sigma of the nearest mode. The histogram of the
    reverse KL counts all samples, also those of low quality. A sample that is not finite is of
    low quality and belongs to no mode.

    Args:
        samples: Generated points [n, dimension]; 2500 in the papers.
        centers: Means of the modes [modes, dimension].
        sigma: Standard deviation of each mode along each axis.

    Returns:
        A `MixtureCoverage`.

    Raises:
        ValueError: If there are no samples or modes, their shapes do not fit, a mean is not
            finite, or sigma is not positive.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> centers = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
        >>> samples = centers[np.arange(2000) % 2]  # The third is lost.
        >>> metrics.mixture_coverage(samples, centers, sigma=0.1).modes
        2

    References:
        Srivastava et al., 2017, VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational
        Learning, arXiv:1705.07761 (high quality); Lin et al., 2018, PacGAN: The Power of Two
        Samples in Generative Adversarial Networks, arXiv:1712.04086 (modes, reverse KL).
    """
    samples, centers = _checked(samples, centers, sigma)
    finite = samples[np.isfinite(samples).all(axis=1)]
    distances = np.sqrt(np.square(finite[:, None] - centers).sum(axis=-1))
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) <= _RADIUS * sigma
    counts = np.bincount(nearest, minlength=len(centers))
    return MixtureCoverage(
        modes=len(np.unique(nearest[good])),
        high_quality=float(good.sum() / len(samples)),
        reverse_kl=_kl_to_uniform(counts),
        counts=counts,
    )


def _kl_to_uniform(counts: np.ndarray) -> float:
    if not counts.any():
        return float("nan")
    shares = counts[counts > 0] / counts.sum()  # 0 log 0 = 0
    # max: rounding can give -1e-16.
    return max(0.0, float(np.sum(shares * np.log(shares * len(counts)))))


def _error_of_kl(counts: np.ndarray) -> float | None:
    """Returns the standard error of `_kl_to_uniform`, by the delta method."""
    if not counts.any():
        return None
    shares = counts[counts > 0] / counts.sum()
    values = np.log(shares)
    variance = shares @ np.square(values - shares @ values)
    return float(np.sqrt(variance / counts.sum()))


def _checked(samples: ArrayLike, centers: ArrayLike, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    samples, centers = np.asarray(samples, np.float64), np.asarray(centers, np.float64)
    shapes = samples.shape, centers.shape
    if any(len(x) != 2 or 0 in x for x in shapes) or shapes[0][1] != shapes[1][1]:
        raise ValueError(
            "Expected samples [n, dimension] and centers [modes, dimension], at least one of each. "
            f"Received: samples of shape {shapes[0]}, centers of shape {shapes[1]}"
        )
    if not np.isfinite(centers).all():
        raise ValueError(f"Expected finite centers. Received: centers={centers.tolist()}")
    if not (np.isfinite(sigma) and sigma > 0):
        raise ValueError(f"Expected sigma > 0. Received: sigma={sigma}")
    return samples, centers


@registry.register("mixture")
class MixtureMetric(GeneratorMetric):
    """`mixture_coverage` of points whose distribution is known.

    Args:
        centers: Means of the modes [modes, dimension].
        sigma: Standard deviation of each mode along each axis.
    """

    best: ClassVar[dict[str, str]] = {"modes": "max", "high_quality": "max", "reverse_kl": "min"}
    of_features: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"examples"})

    def __init__(self, centers: ArrayLike, sigma: float):
        self.centers = _checked(centers, centers, sigma)[1].tolist()
        self.sigma = float(sigma)

    def get_config(self) -> dict[str, Any]:
        """The mixture."""
        return {"centers": self.centers, "sigma": self.sigma}

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the three numbers; the last two with the errors of shares of a sample."""
        points = check_given(generated.examples, "examples", "mixture", "points")
        found = mixture_coverage(points, self.centers, self.sigma)
        share = found.high_quality
        return {
            "modes": Estimate(float(found.modes)),
            "high_quality": Estimate(share, float(np.sqrt(share * (1 - share) / len(points)))),
            "reverse_kl": Estimate(found.reverse_kl, _error_of_kl(found.counts)),
        }
