"""The flags of a pyramid of generators, trained on one image, and what it asks of the others.

Without TensorFlow.
"""

from __future__ import annotations

from absl.flags import FlagValues
from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag, Value

from tfgan_losses import gan_types

# Of each scale; the paper's.
STEPS = 2000

# fmt: off
PYRAMID: tuple[Flag, ...] = (
    Flag("scale_factor", float, 0.75,
         "For --gan_type=singan: about what is between the sizes of two scales; changed a little, "
         "so that the coarsest is --min_size.", check=checks.between_0_and_1),
    Flag("min_size", int, 25,
         "Likewise: the shorter side of the image at the coarsest scale, in pixels.", at_least=11),
    Flag("max_size", int, 250,
         "Likewise: the longer side at the finest scale; a smaller image stays as it is.",
         at_least=11),
    Flag("concurrent", int, 1,
         "Likewise: so many of the newest scales train together, each older one with a tenth of "
         "the learning rate (ConSinGAN trains 3).", at_least=1),
)
# fmt: on
_NAMES = tuple(row.name for row in PYRAMID)

# What else a pyramid reads. Where TensorFlow Datasets lie is nothing that a training depends on.
_READ = {
    *_NAMES,
    *("gan_type", "loss", "penalties", "auxiliary", "augmentation", "constraint"),
    *("label_flipping", "width", "dataset", "data_dir", "white_level", "background", "channels"),
    *("steps", "d_steps", "g_steps", "g_learning_rate", "d_learning_rate", "learning_rate_decay"),
    *("learning_rate_warmup", "global_clipnorm", "seed"),
    *("deterministic", "mixed_precision", "jit_compile"),
    *("output_dir", "log_every", "sample_every", "checkpoint_every", "checkpoint_minutes"),
    *("keep_checkpoints", "resume", "dry_run", "list_gan_types"),
}
# Flags that may say what is so in any case.
_AS_IT_IS: dict[str, tuple[Value, ...]] = {
    "batch_size": (1,),
    "callbacks": ("",),
    "condition": ("",),
    "ema_decay": ("0",),
    "health": (False,),
    "metrics": ("",),
    "model": ("patch",),
    "strategy": ("one_device",),
}
_INSTEAD = {
    "batch_size": "a batch is the image",
    "callbacks": "each scale is a training of its own, with steps from 0",
    "image_size": "--max_size says how large the image is at the finest scale",
    "metrics": "the reconstruction error of each scale is in scales.csv",
}


def is_meant(flags: FlagValues) -> bool:
    """Whether the recipe is one of one image."""
    return gan_types.get(flags.gan_type).of_one_image


def set_defaults(flags: FlagValues) -> None:
    """Sets what is another by default for a pyramid, where a person has said nothing."""
    if is_meant(flags):
        for name, value in {"steps": STEPS, "strategy": "one_device"}.items():
            if not flags[name].present:
                flags[name].value = value


def check(flags: FlagValues) -> None:
    """Checks that recipe, data and other flags fit each other.

    Args:
        flags: Of all groups of training.

    Raises:
        ValueError: If one image shall be a data set, or a data set one image; or if a flag means
            nothing for what is trained.
    """
    kind = flags.dataset.partition(":")[0]
    if not is_meant(flags):
        if kind == "image":
            raise ValueError(
                "Expected --gan_type=singan, which trains on one image, or data of many, such as "
                f"--dataset=folder:<path>. Received: --dataset={flags.dataset} "
                f"--gan_type={flags.gan_type}"
            )
        given = _given(flags, set(_NAMES))
        if given:
            raise ValueError(
                f"Expected --gan_type=singan beside {' '.join(given.values())}: other generators "
                f"have one scale. Received: --gan_type={flags.gan_type}"
            )
        return
    if kind != "image":
        raise ValueError(
            f"Expected --dataset=image:<file>, since {flags.gan_type} trains on one image; for a "
            f"data set, take another recipe, such as --gan_type=wgan-gp. "
            f"Received: --dataset={flags.dataset}"
        )
    unread = _given(flags, set(flags) - _READ)
    if unread:
        reasons = "; ".join(_INSTEAD[name] for name in unread if name in _INSTEAD)
        raise ValueError(
            f"Expected no flag that {flags.gan_type} does not read, which trains networks of its "
            f"own on one image{f' ({reasons})' if reasons else ''}. "
            f"Received: {' '.join(unread.values())}"
        )


def _given(flags: FlagValues, names: set[str]) -> dict[str, str]:
    """The flags of these that a person has given another value than what holds without."""
    return {
        name: flags[name].serialize()
        for name in flags
        if name in names
        and flags[name].value != flags[name].default
        and flags[name].value not in _AS_IT_IS.get(name, ())
    }
