"""What a generator is told beside its latents: labels of the data, or codes of its own choice.

Networks see either as one float32 vector [batch, size]. A person gives the *values*: the number or
the name of a class, or one number for each factor of a code.
"""

from tfgan_losses.conditioning.base import (
    Condition as Condition,
    get as get,
    registry as registry,
    serialize as serialize,
)
from tfgan_losses.conditioning.codes import Codes as Codes
from tfgan_losses.conditioning.labels import Labels as Labels
