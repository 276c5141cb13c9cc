"""The transforms of adaptive augmentation, each of which an image undergoes with probability p."""

from tfgan_losses.augmentations.pipe.pipe import GROUPS as GROUPS, PIPES as PIPES, Pipe as Pipe
