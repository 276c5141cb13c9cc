"""The flags of what is measured about a generator, in a run and after it."""

from __future__ import annotations

from tfgan_losses.flags.flag import Flag

MEASURING: tuple[Flag, ...] = ()
