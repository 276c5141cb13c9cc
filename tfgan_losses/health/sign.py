"""What all signs of a failing training have in common."""

from __future__ import annotations

from collections.abc import Sequence

from tfgan_losses.health.look import Look


class Sign:
    """A way in which trainings fail, and how it shows.

    A subclass says when the newest look shows it and what the evidence is; `Watch` decides
    when that is worth a line.

    Attributes:
        name: What `health.csv` calls it.
        section: Title of its section in docs/my-gan-fails.md.
        remedies: What to try, in this order.
        in_a_row: So many looks must show it, one after the other, before it is told.
        grace: The first looks of a run, which do not count: networks that have just begun look
            ill in most ways.
    """

    name = ""
    section = ""
    remedies: tuple[str, ...] = ()
    in_a_row = 3
    grace = 3

    def shows(self, looks: Sequence[Look]) -> bool | None:
        """Whether the newest look, with those before it, shows the sign; None if it cannot tell.

        Args:
            looks: The latest ones, the newest last; at least one.
        """
        raise NotImplementedError

    def evidence(self, looks: Sequence[Look]) -> str:
        """What was seen, as a sentence with numbers and without an end."""
        raise NotImplementedError

    def line(self, looks: Sequence[Look]) -> str:
        """All of it on one line."""
        return (
            f"At step {looks[-1].step} {self.evidence(looks)}. "
            f"In this order: {'; '.join(self.remedies)}. "
            f'("{self.section}" in docs/my-gan-fails.md)'
        )
