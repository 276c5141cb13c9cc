"""What `small_data.py` adds to one objective when there are few images."""

from __future__ import annotations

import dataclasses

from tfgan_losses import gan_types

NONE = "none"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """One row of the table, in the words of the command line.

    Attributes:
        augmentation: Of `--augmentation`.
        penalties: Of `--penalties`.
        mirror: Whether the data is mirrored, `--mirror`.
    """

    augmentation: str | None = None
    penalties: str | None = None
    mirror: bool = False

    @property
    def flags(self) -> str:
        """What stands behind `--gan_type=gan` on the command line."""
        flags = [
            f"--{name}='{value}'"
            for name in ("augmentation", "penalties")
            if (value := getattr(self, name)) is not None
        ]
        return " ".join(flags + ["--mirror"] * self.mirror)

    @property
    def recipe(self) -> gan_types.GANType:
        """The recipe `gan` with this method."""
        added = {
            name: (value,)
            for name in ("augmentation", "penalties")
            if (value := getattr(self, name)) is not None
        }
        return dataclasses.replace(gan_types.get("gan"), **added)


# 500 000 images, in which ADA's probability can go from 0 to 1 in the paper, are more than a
# training of this table sees.
METHODS = {
    NONE: Method(),
    "mirror": Method(mirror=True),
    "diff_augment": Method(augmentation="diff_augment"),
    "translation": Method(augmentation="diff_augment(policy=translation)"),
    "adaptive": Method(augmentation="adaptive(kimg=20)"),
    "adaptive_pseudo": Method(augmentation="adaptive_pseudo(kimg=20)"),
    "instance_noise": Method(augmentation="instance_noise(stddev=cosine(start=0.5, end=0))"),
    "lecam": Method(penalties="lecam(weight=0.3)"),
    "consistency": Method(penalties="consistency"),
    "r1": Method(penalties="r1(weight=1)"),
}
