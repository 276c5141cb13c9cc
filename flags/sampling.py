"""The flags of the commands that use a trained generator."""

from __future__ import annotations

from tfgan_losses.flags.flag import Flag

SAMPLING: tuple[Flag, ...] = ()
INTERPOLATION: tuple[Flag, ...] = ()
EVALUATION: tuple[Flag, ...] = ()
