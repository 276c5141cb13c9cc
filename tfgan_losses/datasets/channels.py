"""Grey, colour and transparency: from the channels that data have to those that are asked for.

Colours become grey by the luma of ITU-R 601, 0.299 R + 0.587 G + 0.114 B, in the 16-bit weights of
Pillow, whose bytes these are. Grey becomes three equal channels. Alpha that is not there is 1,
opaque; alpha that is not wanted is used up: the colours are laid on a background.
"""

from __future__ import annotations

import numpy as np

from tfgan_losses.datasets.levels import Color

_LUMA = np.array([19595, 38470, 7471]) / 2**16


def converted(
    images: np.ndarray, channels: int, *, background: Color, white: float = 255.0
) -> np.ndarray:
    """Returns images with another number of channels.

    Args:
        images: `[..., height, width, c]` of 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA)
            channels, of any type, from 0 to `white`.
        channels: 1, 3 or 4.
        background: Colour behind transparent parts, in 0 to 255.
        white: The value that is white, and opaque.

    Returns:
        `[..., height, width, channels]` of the same type; integers are rounded.
    """
    native = images.shape[-1]
    if native == channels:
        return images
    colors, alpha = (images[..., :-1], images[..., -1:]) if native in (2, 4) else (images, None)
    if channels == 4:
        alpha = np.full_like(colors[..., :1], white) if alpha is None else alpha
        return np.concatenate([_with_colors(colors), alpha], axis=-1)
    if alpha is not None:
        share = alpha / white
        behind = np.array(background) * (white / 255)
        colors = _as_before(_with_colors(colors) * share + behind * (1 - share), images.dtype)
    if channels == 3:
        return _with_colors(colors)
    return colors if colors.shape[-1] == 1 else luma(colors)


def luma(colors: np.ndarray) -> np.ndarray:
    """Returns the grey `[..., 1]` of colours `[..., 3]`, of the same type."""
    grey = (colors @ _LUMA)[..., np.newaxis]
    # Half a level goes up, as in Pillow.
    return _as_before(np.floor(grey + 0.5) if colors.dtype.kind in "iu" else grey, colors.dtype)


def _with_colors(images: np.ndarray) -> np.ndarray:
    return np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images


def _as_before(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return (np.round(values) if dtype.kind in "iu" else values).astype(dtype)


def delivered(native: int, channels: int | None, background: str | None) -> int:
    """Returns the number of channels of arrays and records: those of the data unless more is said.

    Args:
        native: Channels of the data.
        channels: What the user asked for.
        background: Of the user: laid behind images of four channels, three are left.
    """
    if channels is not None:
        return channels
    return 3 if native == 4 and background is not None else native


def in_words(native: int, channels: int) -> str:
    """Returns what is done to the channels, for a report; nothing if they stay."""
    if native == channels:
        return ""
    if channels == 1:
        return "colours to grey as 0.299 R + 0.587 G + 0.114 B"
    if channels == 4:
        return "alpha 1 as the fourth channel"
    return "grey as three equal channels" if native < 3 else ""
