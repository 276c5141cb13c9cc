"""Ways to compute one number of two sets of features: ours, the textbook's, other packages'.

Other packages are imported in the function that calls them, and so missed only there.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import scipy.linalg
from sklearn.metrics import pairwise_distances

from tfgan_losses import metrics

Way: TypeAlias = Callable[[np.ndarray, np.ndarray], float]
OURS = "ours"


def features(count: int, width: int, seed: int) -> np.ndarray:
    """Returns features like those of a ReLU before a mean, float32 [count, width]."""
    mixing = np.random.default_rng(0).normal(size=[64, width]).astype(np.float32)
    rng = np.random.default_rng(1 + seed)
    hidden = rng.normal(size=[count, 64]).astype(np.float32)
    noise = rng.normal(size=[count, width]).astype(np.float32)
    return np.maximum(hidden @ mixing / 8 + 0.5 * noise + 0.05 * seed, 0)


def _sqrtm(real: np.ndarray, generated: np.ndarray) -> float:
    means = [x.mean(axis=0, dtype=np.float64) for x in (real, generated)]
    covariances = [np.cov(x, rowvar=False) for x in (real, generated)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    return np.square(means[0] - means[1]).sum() + np.trace(sum(covariances) - 2 * root)


def _torch_frechet(real: np.ndarray, generated: np.ndarray) -> float:
    import torch
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    statistics = [fid_features_to_statistics(torch.from_numpy(x)) for x in (real, generated)]
    return next(iter(fid_statistics_to_metric(*statistics, False).values()))


def _full_kernel(real: np.ndarray, generated: np.ndarray) -> float:
    real, generated = real.astype(np.float64), generated.astype(np.float64)

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x @ y.T / x.shape[1] + 1) ** 3

    def among(x: np.ndarray) -> float:
        full = kernel(x, x)
        return (full.sum() - np.trace(full)) / (len(x) * (len(x) - 1))

    return among(real) + among(generated) - 2 * kernel(real, generated).mean()


def _torch_kernel(real: np.ndarray, generated: np.ndarray) -> float:
    import torch
    from torch_fidelity.metric_kid import kid_features_to_metric

    tensors = map(torch.from_numpy, (real, generated))
    size = min(1000, len(real), len(generated))
    return next(
        iter(kid_features_to_metric(*tensors, kid_subset_size=size, verbose=False).values())
    )


def _full_recall(real: np.ndarray, generated: np.ndarray, k: int = 3) -> float:
    radii = [np.partition(pairwise_distances(x, x), k, axis=1)[:, k] for x in (real, generated)]
    between = pairwise_distances(real, generated)
    precision = (between < radii[0][:, None]).any(axis=0).mean()
    return precision + (between < radii[1]).any(axis=1).mean()


def _torch_recall(real: np.ndarray, generated: np.ndarray) -> float:
    import torch
    from torch_fidelity.metric_prc import prc_features_to_metric

    tensors = map(torch.from_numpy, (generated, real))
    found = prc_features_to_metric(*tensors, verbose=False)
    return found["precision"] + found["recall"]


def _full_coverage(real: np.ndarray, generated: np.ndarray, k: int = 5) -> float:
    radii = np.partition(pairwise_distances(real, real), k, axis=1)[:, k]
    inside = pairwise_distances(real, generated) < radii[:, None]
    return inside.sum() / (k * len(generated)) + inside.any(axis=1).mean()


def _prdc(first: str, second: str, k: int) -> Way:
    def way(real: np.ndarray, generated: np.ndarray) -> float:
        from prdc import compute_prdc

        with contextlib.redirect_stdout(io.StringIO()):  # It prints the counts.
            found = compute_prdc(real, generated, nearest_k=k)
        return found[first] + found[second]

    return way


def _torch_mind(real: np.ndarray, generated: np.ndarray) -> float:
    import torch
    from torch_fidelity.metric_mind import mind_features_to_metric  # Not in 0.4.0.

    tensors = map(torch.from_numpy, (real, generated))
    return next(iter(mind_features_to_metric(*tensors, cuda=False, verbose=False).values()))


def _sum_of_both(function: Callable[..., tuple[metrics.Estimate, metrics.Estimate]]) -> Way:
    return lambda real, generated: sum(map(float, function(real, generated)))


# Ours first.
WAYS: dict[str, dict[str, Way]] = {
    "frechet": {
        OURS: lambda x, y: float(metrics.frechet_distance(x, y)),
        "sqrtm": _sqrtm,
        "torch-fidelity": _torch_frechet,
    },
    "kernel": {
        OURS: lambda x, y: float(metrics.kernel_distance(x, y)),
        "full matrix": _full_kernel,
        "torch-fidelity": _torch_kernel,
    },
    "precision_recall": {
        OURS: _sum_of_both(metrics.precision_recall),
        "full matrix": _full_recall,
        "torch-fidelity": _torch_recall,
        "prdc": _prdc("precision", "recall", 3),
    },
    "density_coverage": {
        OURS: _sum_of_both(metrics.density_coverage),
        "full matrix": _full_coverage,
        "prdc": _prdc("density", "coverage", 5),
    },
    "mind": {
        OURS: lambda x, y: float(metrics.mind(x, y)),
        "torch-fidelity": _torch_mind,
    },
}
