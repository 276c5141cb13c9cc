"""The mutual information of InfoGAN between codes and samples."""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from tfgan_losses.auxiliary.base import Auxiliary, Outputs, Terms, check_weight, registry


def categorical_log_likelihood(codes: Any, logits: Any, *, categorical: tuple[int, ...]) -> Any:
    """log Q(c|x) of one-hot codes in nats, summed over the codes.

    Args:
        codes: One-hot vectors side by side, [batch, sum(categorical)].
        logits: Raw logits of Q, the same shape.
        categorical: Number of classes of each code.

    Returns:
        [batch], at most 0.
    """
    total, start = 0.0, 0
    for classes in categorical:
        part = slice(start, start + classes)
        total += ops.sum(codes[:, part] * ops.log_softmax(logits[:, part], axis=-1), axis=-1)
        start += classes
    return total


def gaussian_log_likelihood(codes: Any, mean: Any, log_sigma: Any) -> Any:
    """log Q(c|x) of a factored Gaussian in nats, summed over the codes.

    -(1/2 log 2 pi + log sigma + (c - mean)^2 / (2 sigma^2)).

    Args:
        codes: [batch, n].
        mean: [batch, n].
        log_sigma: Natural logarithm of the standard deviations, [batch, n].

    Returns:
        [batch].
    """
    scaled = (codes - mean) * ops.exp(-log_sigma)
    values = 0.5 * math.log(2 * math.pi) + log_sigma + 0.5 * ops.square(scaled)
    return -ops.sum(values, axis=-1)


@registry.register("mutual_information")
class MutualInformation(Auxiliary):
    """Both networks minimise -weight L_I with L_I = E log Q(c|G(z,c)) + H(c), a lower bound.

    The bound is logged, H(c) included: `categorical_information` is at most
    `categorical_entropy` (2.303 for ten classes), at which samples show their code without doubt.
    `continuous_information` is differential and has no such limit; H(c) is log 2 = 0.693 for each
    continuous code.

    Args:
        weight: The paper's lambda for categorical codes.
        continuous_weight: lambda for continuous ones.
        min_sigma: Smallest standard deviation of Q. Without a limit the likelihood of a code that
            samples show exactly is infinite.

    Raises:
        ValueError: If a weight is negative or `min_sigma` not positive.

    References:
        Chen et al., 2016, InfoGAN, equation 5; weights 1 and 0.1 as usual.
    """

    outputs = ("posterior",)
    condition = "codes"

    def __init__(
        self, *, weight: float = 1.0, continuous_weight: float = 0.1, min_sigma: float = 0.05
    ):
        self.weight = check_weight("weight", weight)
        self.continuous_weight = check_weight("continuous_weight", continuous_weight)
        if not min_sigma > 0:
            raise ValueError(f"Expected min_sigma > 0. Received: min_sigma={min_sigma}")
        self.min_sigma = min_sigma

    def report_keys(self, condition: Any) -> tuple[str, ...]:
        """Bound and H(c) in nats of the kinds of codes that there are."""
        kinds = (["categorical"] if condition.categorical else []) + (
            ["continuous"] if condition.continuous else []
        )
        return tuple(f"{kind}_{what}" for kind in kinds for what in ("information", "entropy"))

    def discriminator_loss(self, real: Outputs, fake: Outputs, given: Any, condition: Any) -> Terms:
        """-weight L_I of generated examples, for Q's sake."""
        loss, report = 0.0, {}
        posterior, split = ops.cast(fake["posterior"], "float32"), sum(condition.categorical)
        if condition.categorical:
            entropy = condition.categorical_entropy
            bound = entropy + categorical_log_likelihood(
                given[:, :split], posterior[:, :split], categorical=condition.categorical
            )
            loss -= self.weight * bound
            report |= {"categorical_information": bound, "categorical_entropy": entropy}
        if condition.continuous:
            entropy = condition.continuous_entropy
            mean, log_sigma = ops.split(posterior[:, split:], 2, axis=-1)
            log_sigma = ops.maximum(log_sigma, math.log(self.min_sigma))
            bound = entropy + gaussian_log_likelihood(given[:, split:], mean, log_sigma)
            loss -= self.continuous_weight * bound
            report |= {"continuous_information": bound, "continuous_entropy": entropy}
        return loss, report

    def generator_loss(self, fake: Outputs, given: Any, condition: Any) -> Terms:
        """-weight L_I, for the generator's sake."""
        return self.discriminator_loss({}, fake, given, condition)[0], {}

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            "weight": self.weight,
            "continuous_weight": self.continuous_weight,
            "min_sigma": self.min_sigma,
        }
