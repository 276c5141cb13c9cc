"""Augmentations: what the discriminator sees is changed at random, so that it learns less by heart.

Each is one file; `GAN.compile(augmentation="...")` puts any of them before any discriminator.
"""

from tfgan_losses.augmentations.adaptive import Adaptive as Adaptive
from tfgan_losses.augmentations.adaptive_pseudo import AdaptivePseudo as AdaptivePseudo
from tfgan_losses.augmentations.base import (
    Augmentation as Augmentation,
    Occasion as Occasion,
    registry as registry,
)
from tfgan_losses.augmentations.diff_augment import DiffAugment as DiffAugment
from tfgan_losses.augmentations.fixed import Fixed as Fixed
from tfgan_losses.augmentations.instance_noise import InstanceNoise as InstanceNoise

register = registry.register
names = registry.names
get = registry.get
get_all = registry.get_all
