"""What metrics look at instead of examples: features, injected, each with a name and a hash."""

from tfgan_losses.extractors.base import (
    Extracted as Extracted,
    FeatureExtractor as FeatureExtractor,
)
from tfgan_losses.extractors.choosing import KINDS as KINDS, get as get
from tfgan_losses.extractors.pixels import Pixels as Pixels
from tfgan_losses.extractors.reading import (
    QUANTISATION as QUANTISATION,
    quantised as quantised,
)
