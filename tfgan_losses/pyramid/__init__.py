"""Generators of one image from coarse to fine: SinGAN, trained scale by scale."""

from tfgan_losses.pyramid.export import write_saved_model
from tfgan_losses.pyramid.loading import load
from tfgan_losses.pyramid.pyramid import Pyramid
from tfgan_losses.pyramid.run import PyramidRun
from tfgan_losses.pyramid.sampling import sample
from tfgan_losses.pyramid.scales import Scales

__all__ = ["Pyramid", "PyramidRun", "Scales", "load", "sample", "write_saved_model"]
