"""What is known of a training at one step."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Look:
    """One look at a training; None stands for what cannot be had there.

    Everything is of a batch of real and of generated examples with draws of their own, the
    networks in training mode.

    Attributes:
        step: Steps so far.
        d_loss: Adversarial loss of the discriminator, without penalties.
        d_best: The lowest value that it can have; None if there is none, as for a critic.
        d_chance: Its value where the discriminator cannot tell.
        d_real: Mean raw output for real examples.
        d_fake: For generated ones.
        told_apart: Share of pairs of which the real example has the higher output, in [0, 1]; None
            for a discriminator whose output is a reconstruction error.
        g_gradient: Norm of the gradient of the generator's adversarial loss in its weights.
        g_signal: Mean absolute derivative of that loss in the outputs of the discriminator, as a
            part of what it is where the discriminator cannot tell.
        real_diversity: Mean distance of two real examples, of one class under labels.
        fake_diversity: Of two generated ones.
        neighbours: Share of examples, real and generated, whose nearest other one is of their own
            kind, in [0, 1]; about 1/2 where both have one distribution. None for points, of
            which it tells every blur.
        missed: Share of real examples near which none is generated, in [0, 1]; None where nearness
            says little, as of images.
        real_mean: Mean of the numbers that real examples consist of.
        real_spread: Their standard deviation.
        real_largest: The largest absolute value of them.
        fake_mean: Mean of those of generated examples.
        fake_spread: Their standard deviation.
        fake_largest: The largest absolute value of them.
        slope: Mean norm of the discriminator's gradient between real and generated examples.
        slope_bound: The norm that a penalty asks for; None without such a penalty.
        slope_may_be_low: Whether lower ones are as good.
        held_out: Where outputs for held-out real examples are on the way from those for examples
            trained on, 0, to those for generated ones, 1; None as well if that is within the
            error of a mean.
        size: Number of examples in the training set, if it has an end.
        passes: How often each of them has been seen.
        bad_weight: Name of a weight that is not finite.
    """

    step: int
    d_loss: float | None = None
    d_best: float | None = None
    d_chance: float | None = None
    d_real: float | None = None
    d_fake: float | None = None
    told_apart: float | None = None
    g_gradient: float | None = None
    g_signal: float | None = None
    real_diversity: float | None = None
    fake_diversity: float | None = None
    neighbours: float | None = None
    missed: float | None = None
    real_mean: float | None = None
    real_spread: float | None = None
    real_largest: float | None = None
    fake_mean: float | None = None
    fake_spread: float | None = None
    fake_largest: float | None = None
    slope: float | None = None
    slope_bound: float | None = None
    slope_may_be_low: bool = False
    held_out: float | None = None
    size: int | None = None
    passes: float | None = None
    bad_weight: str | None = None

    @property
    def d_left(self) -> float | None:
        """What is left of the discriminator's loss: 1 where it cannot tell, 0 where it has won."""
        if self.d_loss is None or self.d_best is None or self.d_chance is None:
            return None
        return (self.d_loss - self.d_best) / (self.d_chance - self.d_best)

    @property
    def gap(self) -> float | None:
        """Mean output for real examples above that for generated ones."""
        if self.d_real is None or self.d_fake is None:
            return None
        return self.d_real - self.d_fake
