"""Images of four channels: the last one says how opaque they are, and is no colour."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import tensorflow as tf

from tfgan_losses.types import Tensor

_RGBA = 4
_Options = ParamSpec("_Options")
_Change = Callable[Concatenate[Tensor, _Options], Tensor]


def of_colors(change: _Change[_Options]) -> _Change[_Options]:
    """Makes a change of colours leave the fourth channel of RGBA images as it is.

    Args:
        change: Maps images [batch, height, width, channels], and what else it takes, to images.
    """

    @functools.wraps(change)
    def changed(images: Tensor, *args: _Options.args, **kwargs: _Options.kwargs) -> Tensor:
        if images.shape[-1] != _RGBA:
            return change(images, *args, **kwargs)
        colors, alpha = tf.split(images, [_RGBA - 1, 1], axis=-1)
        return tf.concat([change(colors, *args, **kwargs), alpha], axis=-1)

    return changed
