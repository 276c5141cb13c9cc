"""The signs of a failing training, one file each."""

from tfgan_losses.health.sign import Sign
from tfgan_losses.health.signs.blindness import Blindness as Blindness
from tfgan_losses.health.signs.collapse import Collapse as Collapse
from tfgan_losses.health.signs.memorization import Memorization as Memorization
from tfgan_losses.health.signs.oscillation import Oscillation as Oscillation
from tfgan_losses.health.signs.saturation import Saturation as Saturation
from tfgan_losses.health.signs.scales import Scales as Scales
from tfgan_losses.health.signs.slope import Slope as Slope
from tfgan_losses.health.signs.weights import Weights as Weights


def all_signs() -> list[Sign]:
    """Returns one of each, in the order in which they are told.

    Examples:
        >>> from tfgan_losses import health
        >>> len(health.all_signs())
        8
    """
    return [
        Weights(),
        Scales(),
        Saturation(),
        Blindness(),
        Collapse(),
        Memorization(),
        Slope(),
        Oscillation(),
    ]
