"""The flags of the command that compares recipes."""

from __future__ import annotations

from tfgan_losses.flags.flag import Flag

COMPARING: tuple[Flag, ...] = ()
