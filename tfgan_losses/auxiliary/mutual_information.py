"""The mutual information of InfoGAN between codes and samples."""

from __future__ import annotations

import math
from typing import Any, cast

from keras import ops

from tfgan_losses import schedules
from tfgan_losses.auxiliary.base import Auxiliary, registry
from tfgan_losses.conditioning import Codes, Condition
from tfgan_losses.training.terms import Network, Seen, check_weight
from tfgan_losses.types import Report, Tensor, TensorLike


def categorical_log_likelihood(
    codes: TensorLike, logits: TensorLike, *, categorical: tuple[int, ...]
) -> Tensor:
    """log Q(c|x) of one-hot codes in nats, summed over the codes.

    Args:
        codes: One-hot vectors side by side, [batch, sum(categorical)].
        logits: Raw logits of Q, the same shape.
        categorical: Number of classes of each code.

    Returns:
        [batch], at most 0.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.categorical_log_likelihood(
        ...     np.eye(2), np.zeros([2, 2]), categorical=(2,)
        ... ).numpy().round(4)  # -log 2
        array([-0.6931, -0.6931])
    """
    total, start = 0.0, 0
    for classes in categorical:
        part = slice(start, start + classes)
        total += ops.sum(codes[:, part] * ops.log_softmax(logits[:, part], axis=-1), axis=-1)
        start += classes
    return total


def gaussian_log_likelihood(codes: TensorLike, mean: TensorLike, log_sigma: TensorLike) -> Tensor:
    """log Q(c|x) of a factored Gaussian in nats, summed over the codes.

    -(1/2 log 2 pi + log sigma + (c - mean)^2 / (2 sigma^2)).

    Args:
        codes: [batch, n].
        mean: [batch, n].
        log_sigma: Natural logarithm of the standard deviations, [batch, n].

    Returns:
        [batch].

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.gaussian_log_likelihood(
        ...     np.zeros([1, 1]), np.zeros([1, 1]), np.zeros([1, 1])
        ... ).numpy().round(4)  # -log(2 pi) / 2
        array([-0.9189])
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
        every: See `Term`.

    Raises:
        ValueError: If a weight is negative or `min_sigma` not positive.

    Examples:
        >>> from tfgan_losses import auxiliary
        >>> auxiliary.get("mutual_information(continuous_weight=0.5)")
        mutual_information(weight=1.0, continuous_weight=0.5, every=1, min_sigma=0.05)

    References:
        Chen et al., 2016, InfoGAN, equation 5; weights 1 and 0.1 as usual.
    """

    networks = ("discriminator", "generator")
    outputs = ("posterior",)
    source = "codes"

    def __init__(
        self,
        *,
        weight: schedules.Number = 1.0,
        continuous_weight: schedules.Number = 0.1,
        min_sigma: float = 0.05,
        every: int = 1,
    ):
        super().__init__(weight=weight, every=every)
        self.continuous_weight = check_weight("continuous_weight", continuous_weight)
        if not min_sigma > 0:
            raise ValueError(f"Expected min_sigma > 0. Received: min_sigma={min_sigma}")
        self.min_sigma = min_sigma

    @property
    def weights(self) -> dict[str, schedules.Number]:
        """That of each kind of codes."""
        return {"weight": self.weight, "continuous_weight": self.continuous_weight}

    def bounds(self, seen: Seen) -> Report:
        """L_I of generated examples by the kind of codes, [batch] each."""
        # There are: `source` asks for them.
        condition, given = cast(Codes, seen.condition), cast(Tensor, seen.given)
        found: Report = {}
        posterior, split = ops.cast(seen.fake_outputs["posterior"], "float32"), 0
        if condition.categorical:
            split = sum(condition.categorical)
            found["categorical"] = condition.categorical_entropy + categorical_log_likelihood(
                given[:, :split], posterior[:, :split], categorical=condition.categorical
            )
        if condition.continuous:
            mean, log_sigma = ops.split(posterior[:, split:], 2, axis=-1)
            log_sigma = ops.maximum(log_sigma, math.log(self.min_sigma))
            found["continuous"] = condition.continuous_entropy + gaussian_log_likelihood(
                given[:, split:], mean, log_sigma
            )
        return found

    def weighted(self, seen: Seen, times: int) -> Tensor:
        """-weight L_I, [batch]: D learns Q by it, and G to show its codes."""
        weights = {"categorical": self.weight, "continuous": self.continuous_weight}
        loss = 0.0
        for kind, bound in self.bounds(seen).items():
            loss -= times * self.at_update(weights[kind], seen) * bound
        return loss

    def report_keys(self, network: Network, condition: Condition | None) -> tuple[str, ...]:
        """Bound and H(c) in nats of the kinds of codes that there are."""
        kinds = ("categorical", "continuous") if network == "discriminator" else ()
        present = [kind for kind in kinds if getattr(condition, kind)]
        return tuple(f"{kind}_{what}" for kind in present for what in ("information", "entropy"))

    def report(self, seen: Seen) -> Report:
        """The bounds of the discriminator's updates, and what they are bounded by."""
        found: Report = {}
        for kind, bound in self.bounds(seen).items():
            entropy = getattr(seen.condition, f"{kind}_entropy")
            found |= {f"{kind}_information": bound, f"{kind}_entropy": entropy}
        return found

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "min_sigma": self.min_sigma}
