"""The formulas for what the registered losses minimise at the optimal discriminator.

T is the triangular discrimination: sum (p - q)^2 / (p + q), which is Pearson's chi^2 of 2 q against
p + q. m is (p + q) / 2.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from tfgan_losses.divergences.density import Density, mixture
from tfgan_losses.divergences.f_divergences import (
    jensen_shannon,
    kl,
    pearson_chi2,
    total_variation,
)
from tfgan_losses.divergences.wasserstein import wasserstein_1d
from tfgan_losses.losses import (
    AdversarialLoss,
    EnergyBased,
    Hinge,
    LeastSquares,
    RelativisticAverage,
)

Formula = Callable[[Density, Density], float]


@dataclasses.dataclass(frozen=True)
class ClosedForm:
    """What `LossDivergence.measured` and `LossDivergence.followed` are equal to.

    Attributes:
        measured: Formula of p and q, or None if none is known.
        followed: The same for the generator.
        measured_text: The first in LaTeX between dollars, or words where there is no formula.
        followed_text: The second.
    """

    measured: Formula | None
    followed: Formula | None
    measured_text: str
    followed_text: str


def closed_form_of(loss: AdversarialLoss) -> ClosedForm:
    """The formulas for a loss with its options, the discriminator being any function.

    For `wasserstein` and `boundary_equilibrium` it has slopes of at most 1.

    Args:
        loss: One of `losses`, without label smoothing.

    Raises:
        ValueError: If none is known for this class of loss.
    """
    name = getattr(loss, "registered_name", None)
    smooth = any(getattr(loss, option, 0) for option in ("label_smoothing", "fake_smoothing"))
    if name not in _FORMS or smooth:
        raise ValueError(
            f"Expected a loss with a known closed form, without label smoothing: one of "
            f"{sorted(_FORMS)}. Received: {loss!r}"
        )
    return _FORMS[name](loss)


def _minimax(loss: AdversarialLoss) -> ClosedForm:
    formula = r"$2 \mathrm{JSD}(p, q)$"
    return ClosedForm(_twice_jensen_shannon, _twice_jensen_shannon, formula, formula)


def _non_saturating(loss: AdversarialLoss) -> ClosedForm:
    return ClosedForm(
        _twice_jensen_shannon,
        lambda p, q: kl(q, p) - 2 * jensen_shannon(p, q),
        r"$2 \mathrm{JSD}(p, q)$",
        r"$\mathrm{KL}(q \Vert p) - 2 \mathrm{JSD}(p, q)$",
    )


def _least_squares(loss: LeastSquares) -> ClosedForm:
    """D* = (b p + a q) / (p + q); the second formula is its integral over q of (D* - c)^2."""
    from_fake, to_target = loss.b - loss.a, loss.c - loss.a

    def measured(p: Density, q: Density) -> float:
        return loss.scale * from_fake**2 * _triangular(p, q) / 4

    def followed(p: Density, q: Density) -> float:
        return loss.scale * 2 * to_target * from_fake * kl(p, mixture(p, q)) - measured(p, q)

    quarter, twice = loss.scale * from_fake**2 / 4, loss.scale * 2 * to_target * from_fake
    return ClosedForm(
        measured,
        followed,
        rf"${_factor(quarter)}\chi^2(2q \Vert p + q)$",
        rf"${_factor(twice)}\mathrm{{KL}}(p \Vert m) - {_factor(quarter)}\chi^2(2q \Vert p + q)$",
    )


def _wasserstein(loss: AdversarialLoss) -> ClosedForm:
    return ClosedForm(wasserstein_1d, wasserstein_1d, "$W_1(p, q)$", "$W_1(p, q)$")


def _hinge(loss: Hinge) -> ClosedForm:
    def formula(p: Density, q: Density) -> float:
        return 2 * loss.margin * total_variation(p, q)

    text = rf"${_factor(2 * loss.margin)}\mathrm{{TV}}(p, q)$"
    return ClosedForm(formula, formula, text, text)


def _energy_based(loss: EnergyBased) -> ClosedForm:
    def formula(p: Density, q: Density) -> float:
        return loss.margin * total_variation(p, q)

    text = rf"${_factor(loss.margin)}\mathrm{{TV}}(p, q)$"
    return ClosedForm(formula, formula, text, text)


def _boundary_equilibrium(loss: AdversarialLoss) -> ClosedForm:
    words = "least cost of moving k q onto a part of p"
    return ClosedForm(None, None, words, "the same, with k held")


def _relativistic(loss: AdversarialLoss) -> ClosedForm:
    """On pairs it is the classifier of p x q against q x p, so that D*(x) - D*(y) is known.

    The potential of the generator, E_p log(1 + p(x) q(y) / (q(x) p(y))), is the derivative of the
    second formula in q(y), up to a constant, as in Arjovsky & Bottou's theorem for -log D.
    """

    def of_pairs(p: Density, q: Density) -> float:
        pairs = np.outer(p.probabilities, q.probabilities)
        numbers = np.arange(pairs.size, dtype=float)
        return jensen_shannon(Density(numbers, pairs.ravel()), Density(numbers, pairs.T.ravel()))

    latex = r"\mathrm{JSD}(p \otimes q, q \otimes p)"
    return ClosedForm(
        of_pairs,
        lambda p, q: kl(q, p) - of_pairs(p, q),
        f"${latex}$",
        rf"$\mathrm{{KL}}(q \Vert p) - {latex}$",
    )


def _relativistic_average(loss: RelativisticAverage) -> ClosedForm:
    none = "no functional of q: it depends on the batch"
    if loss.base != "least_squares":
        return ClosedForm(None, None, "what a few outliers decide", none)

    def measured(p: Density, q: Density) -> float:
        triangular = _triangular(p, q)
        return 8 * triangular / (2 + 3 * triangular)

    text = r"$8T / (2 + 3T)$ with $T = \chi^2(2q \Vert p + q)$"
    return ClosedForm(measured, None, text, none)


def _twice_jensen_shannon(p: Density, q: Density) -> float:
    return 2 * jensen_shannon(p, q)


def _triangular(p: Density, q: Density) -> float:
    """chi^2(2 q || p + q), both of mass 2, is twice chi^2(q || m)."""
    return 2 * pearson_chi2(q, mixture(p, q))


def _factor(number: float) -> str:
    """A factor in front of a symbol: nothing for 1, a fraction for 1/2^k."""
    if number == 1:
        return ""
    if 0 < number < 1 and math.log2(number).is_integer():
        return rf"\tfrac{{1}}{{{round(1 / number)}}} "
    return rf"{number:g} "


_FORMS: dict[str, Callable[..., ClosedForm]] = {
    "minimax": _minimax,
    "non_saturating": _non_saturating,
    "least_squares": _least_squares,
    "wasserstein": _wasserstein,
    "hinge": _hinge,
    "energy_based": _energy_based,
    "boundary_equilibrium": _boundary_equilibrium,
    "relativistic": _relativistic,
    "relativistic_average": _relativistic_average,
}
