"""What the pyramid of an image is good for beside samples of it."""

from tfgan_losses.pyramid.uses.animation import animation
from tfgan_losses.pyramid.uses.editing import editing
from tfgan_losses.pyramid.uses.harmonisation import harmonisation
from tfgan_losses.pyramid.uses.injection import inject
from tfgan_losses.pyramid.uses.paint_to_image import paint_to_image
from tfgan_losses.pyramid.uses.super_resolution import super_resolution

__all__ = [
    "animation",
    "editing",
    "harmonisation",
    "inject",
    "paint_to_image",
    "super_resolution",
]
