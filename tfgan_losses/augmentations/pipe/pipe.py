"""Which transforms there are, how often each happens, and all of them one after the other."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from tfgan_losses import names
from tfgan_losses.augmentations.base import Occasion
from tfgan_losses.augmentations.pipe.color import COLOR, transform_color
from tfgan_losses.augmentations.pipe.corruption import add_noise, cut_out
from tfgan_losses.augmentations.pipe.draws import TRANSFORMS, Draws
from tfgan_losses.augmentations.pipe.filtering import transform_frequencies
from tfgan_losses.augmentations.pipe.geometry import BLIT, GEOMETRY, transform_geometry
from tfgan_losses.types import Scalar, Shape, Tensor

GROUPS = {
    "blit": BLIT,
    "geometry": GEOMETRY,
    "color": COLOR,
    "filter": ("filter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
}
"""The transforms of each group, in their order."""
PIPES = tuple("bgcfnc"[:count] for count in range(1, 7))
"""The paper's names: the groups by their first letters, in their order."""


class Pipe:
    """The transforms of adaptive augmentation, each with a probability of its own.

    Args:
        pipe: "b", "bg", "bgc", "bgcf", "bgcfn" or "bgcfnc", of pixel blitting, geometry, colour,
            filtering, noise and cutout; or a dict of factors of p by the names of such groups
            (`GROUPS`) or of single transforms: `{"blit": 1, "hue": 0.5}`.
        percentile: For tests and pictures: all transforms happen, with parameters at this quantile
            of their distributions, a number in (0, 1). None to draw.

    Raises:
        ValueError: If a name is unknown or a number out of range.

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, appendix B.
    """

    def __init__(self, pipe: str | Mapping[str, float] = "bgc", *, percentile: float | None = None):
        if percentile is not None and not 0.0 < percentile < 1.0:
            raise ValueError(f"Expected percentile in (0, 1). Received: percentile={percentile}")
        self.strengths, self.percentile = _read(pipe), percentile

    def check(self, name: str, example_shape: Shape) -> None:
        """Raises ValueError if the augmentation of this name cannot change such images."""
        own = [x for x in COLOR if self.strengths.get(x, 0.0) > 0]
        if own and example_shape[-1] not in (1, 3, 4):
            raise ValueError(
                f"Expected images of 1, 3 or 4 channels for {', '.join(own)} in the pipe of the "
                f"augmentation {name!r}; pipe='bg' takes any number. "
                f"Received: examples of shape {tuple(example_shape)}"
            )

    def __call__(self, images: Tensor, p: Scalar, occasion: Occasion) -> Tensor:
        """Changed images.

        Args:
            images: Float32 [batch, height, width, channels] in [-1, 1].
            p: Probability of each transform, times its factor; in [0, 1].
            occasion: What the draws depend on.
        """
        draws = Draws(
            tf.shape(images)[0],
            p,
            self.strengths,
            seed=occasion.seed_for("pipe"),
            percentile=self.percentile,
        )
        images = transform_geometry(images, draws)
        images = transform_color(images, draws)
        images = transform_frequencies(images, draws)
        images = add_noise(images, draws, occasion.seed_for("pipe noise"))
        return cut_out(images, draws)


def _read(pipe: str | Mapping[str, float]) -> dict[str, float]:
    """Factors of p by transform."""
    if isinstance(pipe, str):
        if pipe not in PIPES:
            raise ValueError(
                f"Expected pipe to be one of {list(PIPES)}, or a dict of factors by the names of "
                f"transforms ({', '.join(_known())}). Received: pipe={pipe!r}"
            )
        pipe = dict.fromkeys(list(GROUPS)[: len(pipe)], 1.0)
    if not isinstance(pipe, Mapping) or not pipe:
        raise ValueError(
            f"Expected pipe to be one of {list(PIPES)}, or a dict of factors. "
            f"Received: pipe={pipe!r}"
        )
    strengths: dict[str, float] = {}
    for name, factor in pipe.items():
        if name not in _known():
            raise ValueError(names.unknown("transform", name, _known()))
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 <= factor <= 1:
            raise ValueError(f"Expected {name} in [0, 1] in pipe. Received: {name}={factor!r}")
        strengths |= dict.fromkeys(GROUPS.get(name, (name,)), float(factor))
    return strengths


def _known() -> list[str]:
    return list(dict.fromkeys([*GROUPS, *TRANSFORMS]))
