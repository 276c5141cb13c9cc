"""The Fréchet distance of the patches of one image from those of another one (SIFID)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tfgan_losses.metrics.base import Estimates, GeneratorMetric, registry
from tfgan_losses.metrics.checks import check_given, check_pair
from tfgan_losses.metrics.estimate import Estimate
from tfgan_losses.metrics.feature_set import FeatureSet
from tfgan_losses.metrics.gaussian_distance import distance_of_moments
from tfgan_losses.metrics.moments import Moments, moments_of


def sifid(real_map: ArrayLike, generated_map: ArrayLike) -> float:
    """`frechet_distance` of the features at all positions of two feature maps.

    Where the FID fits a Gaussian to the features of many images, this one fits it to those of the
    patches of one image, so that it says whether the textures of both are alike.

    Args:
        real_map: [height, width, features], of any float type, of one image.
        generated_map: Of another one; its height and width may be others.

    Returns:
        The squared distance, at least 0; exactly 0 between a map and itself.

    Raises:
        ValueError: If they are no maps of one number of features and of a float type, one has
            fewer than 2 positions, or a value is not finite.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import metrics
        >>> maps = np.random.default_rng(0).normal(size=[8, 8, 4])
        >>> round(metrics.sifid(maps, maps + 1.0), 6)
        4.0

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 3.1.
    """
    real, generated = check_pair(_positions(real_map), _positions(generated_map))
    return distance_of_moments(moments_of(real), moments_of(generated))


def _positions(feature_map: ArrayLike) -> np.ndarray:
    array = np.asarray(feature_map)
    if array.ndim != 3:
        raise ValueError(
            f"Expected a feature map [height, width, features]. Received: shape {array.shape}"
        )
    return array.reshape(-1, array.shape[-1])


def _moments(feature_map: np.ndarray) -> Moments:
    positions = _positions(feature_map)
    return moments_of(check_pair(positions, positions)[0])


@registry.register("sifid")
class SingleImageFrechet(GeneratorMetric):
    """`sifid` of each generated image from the one real image, its mean over them."""

    best: ClassVar[dict[str, str]] = {"sifid": "min"}
    needs: ClassVar[frozenset[str]] = frozenset({"maps"})

    def measure(self, real: FeatureSet, generated: FeatureSet) -> Estimates:
        """Returns the mean and its standard error over the generated images.

        Raises:
            ValueError: If there are no feature maps, or not one real image.
        """
        real_maps, generated_maps = (
            check_given(own.maps, "maps", "sifid", "an extractor with feature maps")
            for own in (real, generated)
        )
        if len(real_maps) != 1:
            raise ValueError(
                "Expected one real image, with which each generated one is compared. "
                f"Received: {len(real_maps)} real images"
            )
        of_real = _moments(real_maps[0])
        distances = np.array([distance_of_moments(of_real, _moments(x)) for x in generated_maps])
        error = distances.std(ddof=1) / np.sqrt(len(distances)) if len(distances) > 1 else None
        return {"sifid": Estimate(float(distances.mean()), None if error is None else float(error))}
