"""GAN objectives for TensorFlow 2 and Keras 3."""

from tfgan_losses import (
    auxiliary as auxiliary,
    callbacks as callbacks,
    conditioning as conditioning,
    constraints as constraints,
    datasets as datasets,
    gan_types as gan_types,
    layers as layers,
    losses as losses,
    metrics as metrics,
    penalties as penalties,
    schedules as schedules,
)
from tfgan_losses.gan import GAN as GAN
from tfgan_losses.run import Run as Run
from tfgan_losses.tf_gans_loss import (
    discriminator_loss as discriminator_loss,
    generator_loss as generator_loss,
    gradient_penalty as gradient_penalty,
)
from tfgan_losses.training import optimizers as optimizers

__version__ = "0.1.0"
