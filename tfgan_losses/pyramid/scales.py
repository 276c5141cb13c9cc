"""How many scales a pyramid has, and how large they are."""

from __future__ import annotations

import math
from typing import NamedTuple


class Scales(NamedTuple):
    """Heights and widths from coarse to fine, and the factor between two of them.

    References:
        Shaham et al., 2019, SinGAN, arXiv:1905.01164, section 3 and the authors' code.
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
        if not 11 <= min_size <= min(finest):
            raise ValueError(
                "Expected min_size of 11 pixels or more, and no more than the smaller side of the "
                f"finest scale, {min(finest):.0f}. Received: min_size={min_size}, of an image of "
                f"{height}x{width} with max_size={max_size}"
            )
        steps = math.ceil(math.log(min_size / min(finest), factor)) if min_size < min(finest) else 0
        factor = (min_size / min(finest)) ** (1 / steps) if steps else factor
        sizes = [
            (round(finest[0] * factor**step), round(finest[1] * factor**step))
            for step in range(steps, -1, -1)
        ]
        return cls(tuple(sizes), factor)

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
