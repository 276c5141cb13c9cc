"""Generators of one image from coarse to fine: SinGAN, trained scale by scale."""

from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.run import PyramidRun
from tfgan_losses.pyramid.scales import Scales

__all__ = ["Pyramid", "PyramidRun", "Scales"]
