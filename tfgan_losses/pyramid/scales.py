"""How many scales a pyramid has, and how large they are."""

from __future__ import annotations

import math
from typing import NamedTuple

# What a critic sees at once; see `models.patch`.
LEAST_SIZE = 11
MOST_SCALES = 40


class Scales(NamedTuple):
    """Heights and widths from coarse to fine, and the factor between two of them.

    They are those of the authors' code, but for two things: sides are rounded to the nearest pixel
    (there up, so that 25.000001 becomes 26), and an image of the smallest size has one scale
    (there two of the same size).

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 3, and the authors'
        `adjust_scales2image`.
    """

    sizes: tuple[tuple[int, int], ...]
    factor: float

    @classmethod
    def of(
        cls,
        height: int,
        width: int,
        *,
        factor: float = 0.75,
        min_size: int = 25,
        max_size: int = 250,
    ) -> Scales:
        """The scales of an image.

        Args:
            height: Of the image as it is.
            width: Likewise.
            factor: About what is between two scales, in (0, 1); changed a little, so that the
                coarsest is `min_size`.
            min_size: The smaller side of the coarsest scale.
            max_size: The larger side of the finest scale, if the image is not smaller.

        Raises:
            ValueError: If a number is out of its range.
        """
        if not 0.0 < factor < 1.0:
            raise ValueError(f"Expected factor in (0, 1). Received: factor={factor}")
        shrink = min(max_size / max(height, width), 1.0)
        finest = height * shrink, width * shrink
        if not LEAST_SIZE <= min_size <= min(finest):
            raise ValueError(
                f"Expected min_size of {LEAST_SIZE} pixels or more, and no more than the smaller "
                f"side of the finest scale, {min(finest):.0f}. Received: min_size={min_size}, of "
                f"an image of {height}x{width} (height x width) with max_size={max_size}"
            )
        steps = _steps(min(height, width), min_size, shrink, factor)
        factor = (min_size / min(finest)) ** (1 / steps) if steps else factor
        if steps + 1 > MOST_SCALES:
            raise ValueError(
                f"Expected at most {MOST_SCALES} scales. Received: {steps + 1} of an image of "
                f"{height}x{width} with factor={factor:.4g}; a lower factor makes fewer"
            )
        sizes = [
            (round(finest[0] * factor**step), round(finest[1] * factor**step))
            for step in range(steps, -1, -1)
        ]
        return cls(tuple(sizes), factor)

    def widths(self, width: int = 32) -> tuple[int, ...]:
        """Channels at each scale: twice as many after every four, four times as many at most."""
        return tuple(width * min(2 ** (scale // 4), 4) for scale in range(len(self.sizes)))

    def at(self, height: int, width: int) -> Scales:
        """The same scales for samples of another size and aspect ratio: `height` x `width` at the
        finest.
        """
        finest_height, finest_width = self.sizes[-1]
        sizes = tuple(
            (max(round(h * height / finest_height), 1), max(round(w * width / finest_width), 1))
            for h, w in self.sizes
        )
        return Scales(sizes, self.factor)


def _steps(side: int, min_size: int, shrink: float, factor: float) -> int:
    """Steps between the scales, `stop_scale`: those from the image as it is to the coarsest and one
    more, without those from the image to the finest.
    """
    if min_size == side * shrink:
        return 0
    in_all = math.ceil(math.log(min_size / side, factor)) + 1
    return in_all - math.ceil(math.log(shrink, factor))
