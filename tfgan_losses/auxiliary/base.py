"""What every auxiliary objective has in common: it looks at outputs beside the logits."""

from __future__ import annotations

from tfgan_losses import schedules
from tfgan_losses.registry import Registry
from tfgan_losses.training.terms import Term


class Auxiliary(Term):
    """A term of either or both losses, of outputs of the discriminator other than its logits."""


registry = Registry("auxiliary objective", base=Term, options=schedules.registry)
