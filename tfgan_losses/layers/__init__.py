"""Layers that a GAN needs and Keras does not have."""

from tfgan_losses.layers.spectral_normalization import (
    SpectralNormalization as SpectralNormalization,
)
from tfgan_losses.layers.spectrally_normalize import spectrally_normalize as spectrally_normalize
