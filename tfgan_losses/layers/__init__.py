"""Layers that a GAN needs and Keras does not have."""

from tfgan_losses.layers.channel_basis import ChannelBasis as ChannelBasis
from tfgan_losses.layers.condition_vectors import ConditionVectors as ConditionVectors
from tfgan_losses.layers.conditional_batch_normalization import (
    ConditionalBatchNormalization as ConditionalBatchNormalization,
)
from tfgan_losses.layers.equalized import (
    EqualizedConv2D as EqualizedConv2D,
    EqualizedDense as EqualizedDense,
)
from tfgan_losses.layers.filtered_resampling import (
    Blur as Blur,
    FilteredUpSampling2D as FilteredUpSampling2D,
)
from tfgan_losses.layers.grouped_conv2d import GroupedConv2D as GroupedConv2D
from tfgan_losses.layers.latent_noise import LatentNoise as LatentNoise
from tfgan_losses.layers.leaky_relu import LeakyReLU as LeakyReLU
from tfgan_losses.layers.learned_constant import LearnedConstant as LearnedConstant
from tfgan_losses.layers.minibatch_standard_deviation import (
    MinibatchStandardDeviation as MinibatchStandardDeviation,
)
from tfgan_losses.layers.modulated_conv2d import ModulatedConv2D as ModulatedConv2D
from tfgan_losses.layers.nearest_up_sampling import NearestUpSampling2D as NearestUpSampling2D
from tfgan_losses.layers.normalization import (
    BatchNormalization as BatchNormalization,
    GroupNormalization as GroupNormalization,
    LayerNormalization as LayerNormalization,
)
from tfgan_losses.layers.reconstruction_error import ReconstructionError as ReconstructionError
from tfgan_losses.layers.self_attention import SelfAttention as SelfAttention
from tfgan_losses.layers.shared_embedding import SharedEmbedding as SharedEmbedding
from tfgan_losses.layers.slice import Slice as Slice
from tfgan_losses.layers.spectral_normalization import (
    SpectralNormalization as SpectralNormalization,
)
from tfgan_losses.layers.spectrally_normalize import spectrally_normalize as spectrally_normalize
from tfgan_losses.layers.style_mixing import (
    SecondLatents as SecondLatents,
    StyleMixing as StyleMixing,
)
from tfgan_losses.layers.synchronize import (
    synchronize_batch_normalization as synchronize_batch_normalization,
)
from tfgan_losses.layers.truncate_styles import TruncateStyles as TruncateStyles
