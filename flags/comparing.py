"""The flags of the command that compares recipes."""

from __future__ import annotations

from absl.flags import FlagValues
from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag

from tfgan_losses import gan_types


def recipes_in(value: str) -> list[str]:
    """Returns the names of recipes between commas, each once.

    Raises:
        ValueError: If there is none, or one is unknown.
    """
    found = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not found:
        raise ValueError(
            "Expected names of recipes with commas between them, such as gan,wgan-gp. "
            f"Received: {value!r}"
        )
    for name in found:
        gan_types.get(name)
    return found


def _recipes(value: str, flags: FlagValues) -> None:
    for name in recipes_in(value):
        if gan_types.get(name).of_one_image:
            raise ValueError(
                "Expected recipes that train on data sets. "
                f"Received: {name!r}, which trains on one image, by the command train"
            )


# fmt: off
COMPARING: tuple[Flag, ...] = (
    Flag("gan_types", str, "gan,hinge,wgan-gp",
         "The recipes that are compared, with commas between them. "
         "train --list_gan_types shows them all.",
         check=_recipes),
    Flag("seeds", int, 3,
         "Trainings of each recipe, with the seeds 0, 1, ...; of one alone nobody knows what is "
         "the recipe's and what is luck.", at_least=1, at_most=1000),
    Flag("output", str, None,
         "Directory of the report and of all runs; called again with it, the command goes on "
         "there. Default: runs/compare-<dataset>."),
    Flag("metrics", str, None,
         "What is measured of each generator; recipes are sorted by the first. Default: 'frechet, "
         "kernel, precision_recall' and class_coverage where there are labels; 'mixture, frechet' "
         "for mixtures.",
         check=checks.specs_of("metric", "metrics")),
    Flag("extractor", str, "auto",
         "Features of the metrics, the same for all runs: classifier, pixels, points, "
         "inception:<file>, model:<file>, application:<name>:<weights>. auto: classifier if "
         "images have labels, else pixels or points.",
         check=checks.extractor),
    Flag("samples", int, 5000, "Examples of each generator that are measured.", at_least=20),
    Flag("dry_run", bool, False, "List the trainings and what is there of them, and stop.",
         of_one_call=True),
)
# fmt: on
