"""The map: what every registered loss minimises, and what every penalty changes about it."""

from __future__ import annotations

from typing import NamedTuple

import pages

from tfgan_losses import constraints, gan_types, losses, penalties
from tfgan_losses.divergences import closed_form_of, divergence_of


class Problem(NamedTuple):
    """What is known of a loss beside its formulas.

    Attributes:
        goes_wrong: What happens at the optimum, or on the way to it.
        remedy: What is done about it.
        page: The page that shows it.
    """

    goes_wrong: str
    remedy: str
    page: str


# By the name of the loss; where its options change the answer, by the whole spec.
PROBLEMS = {
    "minimax": Problem(
        "gradient vanishes as D gets good", "-log D; noise; Wasserstein", "vanishing_gradients"
    ),
    "non_saturating": Problem(
        "prefers to miss modes; noisy far from the data", "zero-centred penalties", "mode_collapse"
    ),
    "least_squares": Problem(
        "flat where p and q do not overlap",
        "a gradient penalty; not the coding of χ², which repels G",
        "least_squares",
    ),
    "wasserstein": Problem(
        "no optimum without a limit on the slope", "penalty on the slope", "wasserstein"
    ),
    "hinge": Problem("flat where p and q do not overlap", "spectral normalisation", "hinge"),
    "energy_based": Problem(
        "flat where they do not overlap", "the margin sets only the scale", "energies"
    ),
    "boundary_equilibrium": Problem(
        "free for a G that covers the part k of the data", "a higher γ", "energies"
    ),
    "relativistic": Problem("prefers to miss modes, as -log D", "R1 and R2", "relativistic"),
    "relativistic_average": Problem(
        "a few outliers of D decide", "spectral normalisation", "relativistic"
    ),
    "relativistic_average(base='least_squares')": Problem(
        "flat where p and q do not overlap", "spectral normalisation", "relativistic"
    ),
}

REMEDIES = {
    "weight_clipping": (
        "every weight in [-c, c]: slopes at most some unknown K",
        "two-valued weights; gradients explode or vanish with depth",
        "weight_clipping",
    ),
    "gradient_penalty": (
        "slope 1 between real and generated examples",
        "says at least W₁ + W₁² / 2λ; circles in the Dirac-GAN",
        "wasserstein",
    ),
    "pixel_gradient_penalty": (
        "slope 1 there, in each pixel of the sum over all patches",
        "no limit on the slope of the mean; circles in the Dirac-GAN",
        "wasserstein",
    ),
    "lipschitz_penalty": (
        "slope at most 1 there",
        "the same bias, and no convergence either",
        "wasserstein",
    ),
    "dragan": ("slope 1 around real examples", "no convergence in the Dirac-GAN", "dirac_gan"),
    "r1": (
        "slope 0 at real examples",
        "converges; its weight is in units of the data",
        "dirac_gan",
    ),
    "r2": ("slope 0 at generated examples", "the same", "dirac_gan"),
    "zero_centered": ("slope 0 between both", "the same", "dirac_gan"),
    "spectral normalisation": (
        "every layer of norm 1: slope at most 1",
        "loses slope in every layer; the norm of a convolution is another",
        "lipschitz",
    ),
    "lecam": (
        "outputs for real and generated data are held together, by squares of their distance",
        "no limit on D's slope; what it holds them to are averages of the past",
        "least_squares",
    ),
    "instance noise": (
        "p and q overlap",
        "D sees blurred data until the noise is gone",
        "instance_noise",
    ),
    "consistency": (
        "D says the same of real data and of changed real data",
        "D may still be as steep as it likes between real and generated data",
        "mode_collapse",
    ),
    "balanced_consistency": (
        "the same of generated data, too",
        "likewise",
        "mode_collapse",
    ),
    "max_gradient": (
        "slope small where it is steepest between both",
        "one point of the batch has all of the gradient",
        "lipschitz",
    ),
    "d_steps": (
        "D is nearer to its best",
        "the better D, the smaller G's gradient if it saturates",
        "discriminator_steps",
    ),
}


def write_map() -> None:
    """Puts both tables into README.md."""
    path = pages.ROOT / "README.md"
    pages.replace_between(path, "objectives", "\n".join(objective_rows()))
    pages.replace_between(path, "remedies", "\n".join(remedy_rows()))


def objective_rows() -> list[str]:
    """A row for each loss that a recipe has, in the order of the recipes."""
    recipes: dict[str, list[str]] = {}
    for name in gan_types.names():
        recipes.setdefault(gan_types.get(name).loss, []).append(name)
    head = (
        "| loss | gan_type | D measures | G follows, D held | assumes of D | goes wrong | remedy |",
        "|:--|:--|:--|:--|:--|:--|:--|",
    )
    return [*head, *(_objective_row(spec, names) for spec, names in recipes.items())]


def remedy_rows() -> list[str]:
    """A row for each penalty, constraint, and other remedy.

    Raises:
        KeyError: If a registered one has no text here.
    """
    known = [*constraints.names(), *penalties.names()]
    missing = set(known) - set(REMEDIES)
    if missing:
        raise KeyError(f"Expected a text for every penalty and constraint. Missing: {missing}")
    rows = [
        f"| {f'`{name}`' if name in known or name == 'd_steps' else name} | {does} | {but} "
        f"| [{page}]({page}.md) |"
        for name, (does, but, page) in REMEDIES.items()
    ]
    return ["| | makes D | but | page |", "|:--|:--|:--|:--|", *rows]


def _objective_row(spec: str, names: list[str]) -> str:
    divergence = divergence_of(spec)
    form = closed_form_of(divergence.loss)
    problem = PROBLEMS.get(spec) or PROBLEMS[losses.get(spec).registered_name]
    cells = (
        f"[`{spec}`]({problem.page}.md)",
        ", ".join(f"`{name}`" for name in names),
        form.measured_text,
        form.followed_text,
        _assumption(divergence.loss, divergence.lipschitz),
        problem.goes_wrong,
        problem.remedy,
    )
    return f"| {' | '.join(cells)} |"


def _assumption(loss: losses.AdversarialLoss, lipschitz: float | None) -> str:
    limits = ["error ≥ 0"] if loss.autoencoding else []
    # BEGAN's k is 0 at first; as soon as it is not, only a limit on the slope bounds the loss.
    if lipschitz is not None or hasattr(loss, "k"):
        limits.append("slope ≤ 1")
    return ", ".join(limits) or "none"
