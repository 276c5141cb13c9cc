"""What a user says of the images of a data set, whatever its kind."""

from __future__ import annotations

import dataclasses

from tfgan_losses import image_sizes
from tfgan_losses.datasets import levels
from tfgan_losses.datasets.fitting import Fitting
from tfgan_losses.datasets.levels import Color
from tfgan_losses.image_sizes import ImageSize, Size
from tfgan_losses.names import did_you_mean


@dataclasses.dataclass(frozen=True)
class ImageOptions:
    """Options of `datasets.load`, checked when it is made.

    Attributes:
        image_size: Height and width to bring images to, see `image_sizes.size_of`; None for that
            of the data.
        fit: "crop", "pad" or "stretch", see `Fitting`.
        channels: 1, 3 or 4; None for those of the data.
        white_level: The value of a pixel that is white; None for the largest of the type.
        background: Colour behind transparent parts and of borders; None for white.

    Raises:
        ValueError: If a value is none that it can have, or `fit` is given without `image_size`.
    """

    image_size: ImageSize | None = None
    fit: str = "crop"
    channels: int | None = None
    white_level: float | None = None
    background: str | None = None

    def __post_init__(self) -> None:
        levels.check_white_level(self.white_level)
        levels.parse_background(self.background)
        if self.image_size is not None:
            image_sizes.size_of(self.image_size)
        if self.fit not in image_sizes.FITS:
            raise ValueError(
                f"Expected fit to be one of {', '.join(image_sizes.FITS)}. "
                f"Received: fit={self.fit!r}{did_you_mean(self.fit, image_sizes.FITS)}"
            )
        if self.fit != "crop" and self.image_size is None:
            raise ValueError(f"Expected image_size=... beside fit={self.fit}. Received: none")
        if self.channels is not None and self.channels not in image_sizes.CHANNELS:
            raise ValueError(
                f"Expected channels to be 1, 3 or 4. Received: channels={self.channels}"
            )

    @property
    def color(self) -> Color:
        """What is behind transparent parts, and around what is padded."""
        return levels.parse_background(self.background)

    def uses_background(self, native: int, channels: int) -> bool:
        """Whether a background that is given can be seen; whether none is given, too.

        Args:
            native: Channels of the data, of which a fourth is alpha.
            channels: Those that are delivered.
        """
        return self.background is None or self.fit == "pad" or channels < native == 4

    def given(self) -> dict[str, object]:
        """Returns what a user has said, by name."""
        fields = dataclasses.fields(self)
        values = {field.name: (getattr(self, field.name), field.default) for field in fields}
        return {name: value for name, (value, default) in values.items() if value != default}

    def fitting(self, name: str, native: Size | None, *, weighted: bool = False) -> Fitting:
        """Returns what brings the images of a set to one size.

        Args:
            name: Of the data set, for the message.
            native: Height and width of all images; None if they differ.
            weighted: Whether a fourth channel is alpha.

        Raises:
            ValueError: If `image_size` is missing but needed.
        """
        size = native if self.image_size is None else image_sizes.size_of(self.image_size)
        if size is None:
            raise ValueError(
                f"The images of {name!r} are of several sizes. Expected image_size=<pixels>, to "
                "which their centre squares are resized, or <height>x<width> such as 64x96, and "
                "the parts of this shape; fit=pad keeps all of them. Received: image_size=None"
            )
        return Fitting(size, self.fit, self.color, weighted)
