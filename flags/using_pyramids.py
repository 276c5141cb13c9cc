"""The flags of the commands that use the pyramid of one image."""

from __future__ import annotations

from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag

# fmt: off
_RUN = Flag(
    "run", str, None, "Directory of a finished run of one image, of --gan_type=singan.",
    check=checks.path)
_IMAGE = Flag("image", str, None, "File of the image.", check=checks.path)
_OUTPUT = Flag("output", str, None, "New .png file for the result.", check=checks.path)
_SEED = Flag(
    "seed", int, 0, "Decides the noise; another one gives another result.",
    at_least=0, at_most=2**32 - 1)
_SCALE = Flag(
    "scale", int, None,
    "Number of the first scale that sees the image, 1 or more, as scales.csv of the run counts "
    "them. A higher one changes less. Default: the second coarsest for paint_to_image, the third "
    "finest for harmonisation, the third coarsest for editing.", at_least=1)

SUPER_RESOLUTION: tuple[Flag, ...] = (
    _RUN,
    _IMAGE,
    _OUTPUT,
    Flag("factor", float, 4.0, "From the sides of the image to those of the result, in (1, 16]."),
    _SEED,
)
INJECTION: tuple[Flag, ...] = (_RUN, _IMAGE, _OUTPUT, _SCALE, _SEED)
MASKED_INJECTION: tuple[Flag, ...] = (
    *INJECTION,
    Flag("mask", str, None,
         "File of an image of the same size, white where the image may change and black elsewhere.",
         check=checks.path),
)
ANIMATION: tuple[Flag, ...] = (
    _RUN,
    Flag("output", str, None, "New .gif file for the animation.", check=checks.path),
    Flag("frames", int, 50, "How many images; it goes through them and back.", at_least=2),
    Flag("start_scale", int, None,
         "Number of the coarsest scale that moves, from 0. Default: the third coarsest.",
         at_least=0),
    Flag("alpha", float, 0.1, "How strongly the image is drawn back to what it was, in [0, 1]."),
    Flag("beta", float, 0.9, "How smoothly it moves, in [0, 1]."),
    _SEED,
)
# fmt: on
