"""What the flags resolve to for a pyramid, and what a person is told of it before the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from absl.flags import FlagValues
from tfgan_losses.flags import report, report_layout, report_objective, setting

from tfgan_losses import gan_types
from tfgan_losses.keeping import Keeping
from tfgan_losses.pyramid import Scales
from tfgan_losses.pyramid.plan import Plan
from tfgan_losses.pyramid.run import default_keeping

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.gan import GAN
    from tfgan_losses.run_files.directory import RunDirectory
    from tfgan_losses.run_files.disk_space import DiskSpace


def plan(flags: FlagValues, recipe: gan_types.GANType, source: BaseSource) -> Plan:
    """Returns how the pyramid is trained.

    Args:
        flags: Of the groups "pyramid", "training", "objective" and "machine".
        recipe: What `setting.resolve_recipe` returned.
        source: One image.

    Raises:
        ValueError: If the image has no such scales, or a number is out of its range.
    """
    image = source.take(1)[0][0]
    height, width, _ = image.shape
    scales = Scales.of(
        height,
        width,
        factor=flags.scale_factor,
        min_size=flags.min_size,
        max_size=flags.max_size,
    )
    compile_arguments = {
        **_optimizers(flags, recipe),
        "label_flipping": flags.label_flipping,
        "jit_compile": "auto" if flags.jit_compile is None else flags.jit_compile,
    }
    return Plan(
        recipe,
        image,
        scales,
        flags.steps,
        concurrent=flags.concurrent,
        seed=flags.seed,
        compile_arguments=compile_arguments,
        **({} if flags.width is None else {"width": flags.width}),
    )


def _optimizers(flags: FlagValues, recipe: gan_types.GANType) -> dict[str, object]:
    counts = {"g": recipe.g_steps, "d": recipe.d_steps}
    own = {"g": recipe.g_learning_rate, "d": None}
    return {
        f"{letter}_optimizer": setting.optimizer(
            recipe,
            setting.learning_rate(f"{letter}_learning_rate", flags, recipe, own[letter]),
            flags,
            updates=flags.steps * count,
            warmup=flags.learning_rate_warmup * count,
        )
        for letter, count in counts.items()
    }


def keeping(flags: FlagValues) -> Keeping:
    """Returns what is kept of each scale."""
    return default_keeping(
        log_every=flags.log_every,
        sample_every=flags.sample_every,
        checkpoint_every=flags.checkpoint_every,
        checkpoint_minutes=flags.checkpoint_minutes,
        keep_checkpoints=flags.keep_checkpoints,
    )


def resolved(
    flags: FlagValues,
    plan: Plan,
    gan: GAN,
    source: BaseSource,
    directory: RunDirectory,
    space: DiskSpace,
) -> str:
    """Returns the setting of a run with nothing left open.

    Args:
        flags: Of all groups.
        plan: Of the pyramid.
        gan: That of the coarsest scale.
        source: The image.
        directory: Where the results go.
        space: What the run will take of the disk.
    """
    count = len(plan.scales.sizes)
    lines = {
        **report_objective.of_objective(plan.recipe, gan),
        "data": f"{source.name}, {source.preparation}",
        "scales": f"{count}, each {plan.scales.factor:.3f} of the next: {_sizes(plan)}",
        "networks": f"patch, at the coarsest scale G {gan.generator.count_params():,} and D "
        f"{gan.discriminator.count_params():,} parameters; a new scale starts from that below "
        "where it is as wide",
        **report_objective.of_optimisers(gan, plan.steps),
        "training": f"{plan.steps} steps at each scale, {count * plan.steps:,} in all, of "
        f"{gan.d_steps} discriminator and {gan.g_steps} generator updates; {_together(plan)}, "
        f"seed {plan.seed}",
        "machine": report.machine(flags, gan),
        "results": f"scale_00/ to scale_{count - 1:02d}/, each with metrics.csv and logs/ every "
        f"{flags.log_every} steps, samples/ every {flags.sample_every}, checkpoints/ every "
        f"{flags.checkpoint_every}, all after {flags.checkpoint_minutes} minutes at the latest; "
        "scales.csv after each; pyramid.keras, generator/ and samples/ at the end",
        "time": report.time_of(plan.steps, " of a scale")
        + "; from the second scale on, how long all "
        "others do",
        "disk": report.disk(space, directory),
        "output": str(directory.path),
    }
    return report_layout.text_of(lines)


def _sizes(plan: Plan) -> str:
    each = [
        f"{height}x{width} ({channels})"
        for (height, width), channels in zip(plan.scales.sizes, plan.widths, strict=True)
    ]
    return f"{', '.join(each)} (height x width, channels of the networks)"


def _together(plan: Plan) -> str:
    if plan.concurrent == 1:
        return "the scales below stay as they are"
    return (
        f"the {plan.concurrent} newest scales train together, each older one with a tenth of the "
        "learning rate"
    )
