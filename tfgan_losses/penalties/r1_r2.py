"""Zero-centred penalties on the data (R1) and on the generator's output (R2)."""

from __future__ import annotations

from tfgan_losses import schedules
from tfgan_losses.penalties import measures
from tfgan_losses.penalties.base import GradientNormPenalty, registry
from tfgan_losses.types import Seed, Tensor


class _ZeroCenteredAtExamples(GradientNormPenalty):
    def __init__(self, *, weight: schedules.Number = 10.0, every: int = 1):
        super().__init__(weight=weight, every=every)

    def measure(self, squared_norms: Tensor) -> Tensor:
        return measures.zero_centered(squared_norms)


@registry.register("r1")
class R1(_ZeroCenteredAtExamples):
    """weight / 2 |grad D(x)|^2 at real x.

    Args:
        weight: gamma; 10 in the paper.
        every: See `Term`; StyleGAN2 uses 16.

    References:
        Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, equation 9.
    """

    at = "real"

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """The real examples."""
        return real


@registry.register("r2")
class R2(_ZeroCenteredAtExamples):
    """weight / 2 |grad D(G(z))|^2 at generated examples.

    Args:
        weight: gamma; 10 in the paper.
        every: See `Term`.

    References:
        Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, equation 10.
    """

    at = "fake"

    def points(self, real: Tensor, fake: Tensor, seed: Seed) -> Tensor:
        """The generated examples."""
        return fake
