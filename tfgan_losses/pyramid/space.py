"""How much of a disk the run of a pyramid takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_losses.pyramid.plan import Plan
from tfgan_losses.run_files import disk_space
from tfgan_losses.run_files.disk_space import DiskSpace

if TYPE_CHECKING:
    from tfgan_losses.gan import GAN
    from tfgan_losses.keeping import Keeping

# Measured, in bytes: what files hold beside variables, for each stage in them.
_OF_CHECKPOINT, _OF_SAVED_MODEL = 100_000, 300_000


def of_pyramid(plan: Plan, coarsest: GAN, keeping: Keeping) -> DiskSpace:
    """Returns what all scales take, estimated from the networks of the coarsest one.

    Args:
        plan: How the pyramid is trained.
        coarsest: The GAN of scale 0.
        keeping: What is kept of each scale.
    """
    stage = disk_space.bytes_of(coarsest.generator)
    critic = disk_space.bytes_of(coarsest.discriminator)
    # Kernels go from as many channels to as many.
    growth = [(width / plan.widths[0]) ** 2 for width in plan.widths]
    checkpoints = models = pictures = largest = 0.0
    for scale, (height, width) in enumerate(plan.scales.sizes):
        stages = [stage * each for each in growth[: scale + 1]]
        trained = sum(stages[-plan.concurrent :]) + critic * growth[scale]
        # Adam has two numbers for each that is trained.
        state = sum(stages) + critic * growth[scale] + 2 * trained
        largest = state + _OF_CHECKPOINT * (scale + 1)
        exported = sum(stages) + _OF_SAVED_MODEL * (scale + 1)
        checkpoints += disk_space.checkpoints_kept(keeping, plan.steps) * largest
        models += largest + exported
        shape = (height, width, plan.image.shape[-1])
        pictures += disk_space.of_pictures(shape, keeping, plan.steps)
    # One more while it is written, and the pyramid of all scales beside its last one.
    return DiskSpace(checkpoints + largest, models + 2 * exported, pictures)
