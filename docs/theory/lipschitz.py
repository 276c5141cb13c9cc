"""What the largest singular values of the layers say about a discriminator's slope."""

from __future__ import annotations

import dataclasses

import figure_style
import keras
import numpy as np
from layer_norms import ITERATIONS, LAYERS, convolution_norm, iteration_errors, sigma_error
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measurements import Expected, Number, between, near
from network_slopes import largest_slope, product_of_sigmas, random_network, trained_critic

from tfgan_losses.layers import spectrally_normalize

# Singular values, the largest 1: all others equal, and those of a matrix of normal numbers.
_VALUES = np.linalg.svd(np.random.default_rng(1).standard_normal([64, 64]), compute_uv=False)
SPECTRA = {
    "second / first = 0.5": np.array([1.0] + [0.5] * 63),
    "0.9": np.array([1.0] + [0.9] * 63),
    "random 64x64": _VALUES / _VALUES[0],
}
NETWORKS = 40
# [height, width, inputs, outputs].
KERNELS = {
    "all ones": np.ones([3, 3, 1, 1]),
    "random, 3 channels": np.random.default_rng(0).standard_normal([3, 3, 3, 3]),
    "one pixel": np.pad(np.ones([1, 1, 1, 1]), [(1, 1), (1, 1), (0, 0), (0, 0)]),
}
SIZES = np.arange(3, 13)


@dataclasses.dataclass(frozen=True)
class Results:
    """Everything that the page reports.

    Attributes:
        sigma_error: Relative, of each of `LAYERS` against NumPy's SVD.
        iteration_error: Relative, of sigma for each of `SPECTRA`, [iterations].
        products: Of the layers' sigmas for each network, [networks].
        slopes: Largest measured |grad D| of each, [networks].
        normalised_slopes: The same of the networks with spectral normalisation, [networks].
        trained_slope: Of one that was trained on WGAN's loss.
        trained_product: Of its layers' sigmas by SVD, after one iteration a step.
        convolution_norms: Of a normalised 3x3 convolution, for each of `KERNELS`, [sizes].
    """

    sigma_error: dict[str, float]
    iteration_error: dict[str, np.ndarray]
    products: np.ndarray
    slopes: np.ndarray
    normalised_slopes: np.ndarray
    trained_slope: float
    trained_product: float
    convolution_norms: dict[str, np.ndarray]


def measure() -> Results:
    """All of it, seeded."""
    keras.utils.set_random_seed(0)
    networks = [random_network(number) for number in range(NETWORKS)]
    trained = trained_critic()
    return Results(
        sigma_error={name: sigma_error(name) for name in LAYERS},
        iteration_error={name: iteration_errors(values) for name, values in SPECTRA.items()},
        products=np.array([product_of_sigmas(network) for network in networks]),
        slopes=np.array([largest_slope(network) for network in networks]),
        normalised_slopes=np.array(
            [largest_slope(spectrally_normalize(network)) for network in networks]
        ),
        trained_slope=largest_slope(trained),
        trained_product=product_of_sigmas(trained),
        convolution_norms={
            name: np.array([convolution_norm(kernel, size) for size in SIZES])
            for name, kernel in KERNELS.items()
        },
    )


def draw(results: Results) -> Figure:
    """The iteration, the bound for networks, and the two bounds for convolutions."""
    figure, (iteration, networks, convolutions) = figure_style.panels(3, width=3.2, height=3.0)
    places = ((11, 1e-9), (31, 6e-5), (20, 2e-2))
    for number, (name, errors) in enumerate(results.iteration_error.items()):
        figure_style.line(iteration, ITERATIONS, np.maximum(errors, 1e-16), number)
        iteration.text(*places[number], name, color=figure_style.COLORS[number])
    iteration.set(
        yscale="log", title="power iteration", xlabel="steps", ylabel="relative error of sigma"
    )
    _draw_networks(networks, results)
    for number, (name, norms) in enumerate(results.convolution_norms.items()):
        figure_style.line(convolutions, SIZES, norms, number, name)
    for height, text in ((1, "at least 1"), (3, "at most 3")):
        convolutions.axhline(height, color=figure_style.GREY, lw=0.8)
        convolutions.text(3, height + 0.05, text)
    convolutions.set(
        title="3x3 convolution, normalised",
        xlabel="height and width of the image",
        ylabel="largest stretch",
        ylim=(0.8, 3.4),
    )
    convolutions.legend(loc="center right", bbox_to_anchor=(1, 0.56))
    return figure


def _draw_networks(axes: Axes, results: Results) -> None:
    limits = np.array([0.01, 300])
    axes.plot(limits, limits, color=figure_style.GREY, lw=0.8)
    axes.plot(results.products, results.slopes, "o", ms=4, color=figure_style.BLUE, label="random")
    ones = np.ones(NETWORKS)
    axes.plot(
        ones,
        results.normalised_slopes,
        "s",
        ms=4,
        mfc="none",
        color=figure_style.ORANGE,
        label="normalised",
    )
    axes.plot(
        results.trained_product,
        results.trained_slope,
        "*",
        ms=11,
        color=figure_style.GREEN,
        label="normalised, trained",
    )
    axes.set(
        xscale="log",
        yscale="log",
        title="dense networks",
        xlabel="product of the layers' sigmas",
        ylabel="largest measured |∇D|",
        xlim=limits,
        ylim=limits,
    )
    axes.legend(loc="upper left")


def numbers(results: Results) -> list[Number]:
    """What the page reports."""
    stretch = {name: norms.max() for name, norms in results.convolution_norms.items()}
    # A row of ones, n times, has the largest eigenvalue 1 + 2 cos(pi / (n + 1)).
    ones = (1 + 2 * np.cos(np.pi / (SIZES[-1] + 1))) ** 2 / 3
    late = results.iteration_error["0.9"][-11:]
    product = results.trained_product
    rows = [
        (
            f"sigma against SVD, {len(LAYERS)} kinds of layer",
            max(results.sigma_error.values()),
            near(0, within=1e-6),
            "{:.1e}",
        ),
        (
            "a step of the power iteration leaves, second / first = 0.9",
            np.median(late[1:] / late[:-1]),
            near(0.9**4, percent=1, text="0.9⁴ = 0.6561"),
            "{:.4f}",
        ),
        (
            "slope / product of sigmas, 40 random networks",
            _range(results.slopes / results.products),
            between(0, 1, "at most 1"),
            _RANGE,
        ),
        (
            "slope of the same, normalised",
            _range(results.normalised_slopes),
            between(0, 1, "at most 1"),
            _RANGE,
        ),
        (
            "slope of one trained on WGAN's loss",
            [results.trained_slope, product],
            Expected(
                "above 0.98, at most the product of its sigmas, 1 within 0.01",
                [0.98, 0.99],
                [product + 1e-5, 1.01],
            ),
            "{:.4f} of {:.4f}",
        ),
        (
            "stretch of a normalised convolution, all ones, 12x12",
            stretch["all ones"],
            near(ones, percent=0.001),
            "{:.3f}",
        ),
        ("the same, random, 3 channels", stretch["random, 3 channels"], between(1, 3), "{:.3f}"),
        ("the same, one pixel", stretch["one pixel"], near(1, within=1e-5), "{:.3f}"),
    ]
    return [Number(*row) for row in rows]


_RANGE = "{:.3f} to {:.3f}, median {:.3f}"


def _range(values: np.ndarray) -> list[float]:
    return [values.min(), values.max(), np.median(values)]
