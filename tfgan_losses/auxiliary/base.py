"""What every auxiliary objective has in common: it looks at outputs beside the logits."""

from __future__ import annotations

from collections.abc import Iterable

from tfgan_losses import schedules
from tfgan_losses.registry import Identifier, Registry
from tfgan_losses.training.terms import Term


class Auxiliary(Term):
    """A term of either or both losses, of outputs of the discriminator other than its logits."""


def outputs_of(auxiliary: Iterable[Identifier] | Identifier) -> set[str]:
    """What auxiliary objectives ask of the discriminator beside its logits.

    Args:
        auxiliary: As `GAN.compile` takes them.
    """
    return {output for term in registry.get_all(auxiliary) for output in term.outputs}


registry = Registry("auxiliary objective", base=Term, options=schedules.registry)
