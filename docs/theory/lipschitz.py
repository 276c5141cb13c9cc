"""What the largest singular values of the layers say about a discriminator's slope."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import figure_style
import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from network_slopes import largest_slope, product_of_sigmas, random_network, trained_critic
from pages import Number

from tfgan_losses.layers import SpectralNormalization, spectrally_normalize
from tfgan_losses.layers.power_iteration import power_iteration_step

L = keras.layers

# Every kind of layer that SpectralNormalization takes, with the shape of one example.
LAYERS: dict[str, tuple[Callable[[], keras.Layer], tuple[int, ...]]] = {
    "Dense": (lambda: L.Dense(5), (4,)),
    "Conv1D": (lambda: L.Conv1D(5, 3), (6, 2)),
    "Conv2D": (lambda: L.Conv2D(5, 3), (6, 6, 2)),
    "Conv3D": (lambda: L.Conv3D(5, 2), (3, 3, 3, 2)),
    "Conv1DTranspose": (lambda: L.Conv1DTranspose(5, 3), (6, 2)),
    "Conv2DTranspose": (lambda: L.Conv2DTranspose(5, 4, strides=2), (3, 3, 2)),
    "Conv3DTranspose": (lambda: L.Conv3DTranspose(3, 2), (2, 2, 2, 2)),
    "DepthwiseConv1D": (lambda: L.DepthwiseConv1D(3, depth_multiplier=2), (6, 2)),
    "DepthwiseConv2D": (lambda: L.DepthwiseConv2D(3, depth_multiplier=2), (6, 6, 2)),
    "SeparableConv1D": (lambda: L.SeparableConv1D(5, 3), (6, 2)),
    "SeparableConv2D": (lambda: L.SeparableConv2D(5, 3), (6, 6, 2)),
    "Embedding": (lambda: L.Embedding(7, 4), (3,)),
    "EinsumDense": (lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5)), (4, 3)),
}
# Singular values, the largest 1: all others equal, and those of a matrix of normal numbers.
_VALUES = np.linalg.svd(np.random.default_rng(1).standard_normal([64, 64]), compute_uv=False)
SPECTRA = {
    "second / first = 0.5": np.array([1.0] + [0.5] * 63),
    "0.9": np.array([1.0] + [0.9] * 63),
    "random 64x64": _VALUES / _VALUES[0],
}
ITERATIONS = np.arange(1, 41)
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


def sigma_error(name: str) -> float:
    """Relative error of u^T W v of a layer, the largest of its kernels."""
    make, shape = LAYERS[name]
    wrapper = SpectralNormalization(make())
    wrapper.build((None, *shape))
    errors = []
    for kernel, u, v in zip(
        wrapper.kernels, wrapper.left_vectors, wrapper.right_vectors, strict=True
    ):
        matrix = np.asarray(kernel.to_matrix(kernel.variable.value), np.float64)
        sigma = np.linalg.norm(matrix, 2)
        errors.append(abs(np.asarray(u) @ matrix @ np.asarray(v) - sigma) / sigma)
    return max(errors)


def iteration_errors(values: np.ndarray) -> np.ndarray:
    """1 - u^T W v after each of `ITERATIONS` steps, for a W with these singular values, [n]."""
    rng = np.random.default_rng(0)
    size = len(values)
    left, right = (np.linalg.qr(rng.standard_normal([size, size]))[0] for _ in range(2))
    matrix = tf.constant(left * values @ right)
    u, v = (tf.constant(x / np.linalg.norm(x)) for x in rng.standard_normal([2, size]))
    errors = []
    for _ in ITERATIONS:
        u, v = power_iteration_step(matrix, u, v, 1e-12)
        errors.append(1 - float(tf.tensordot(u, tf.linalg.matvec(matrix, v), 1)))
    return np.array(errors)


def convolution_norm(kernel: np.ndarray, size: int, strides: int = 1) -> float:
    """The largest singular value of a normalised convolution, from its matrix.

    Args:
        kernel: [height, width, inputs, outputs].
        size: Height and width of the image; zeros around it keep the size.
        strides: Of the convolution.
    """
    height, width, inputs, outputs = kernel.shape
    convolution = SpectralNormalization(
        L.Conv2D(outputs, (height, width), strides=strides, padding="same", use_bias=False)
    )
    convolution.build((None, size, size, inputs))
    convolution.layer.kernel.assign(kernel)
    convolution.converge()
    count = size**2 * inputs
    units = np.eye(count, dtype=np.float32).reshape(count, size, size, inputs)
    return float(np.linalg.norm(np.reshape(convolution(units), [count, -1]), 2))


def largest_eigenvalue(matrix: np.ndarray, slope: float) -> float:
    """Of A^T A - K^2 I: the largest of |Ax|^2 - K^2 |x|^2 over unit vectors x."""
    return float(np.linalg.eigvalsh(matrix.T @ matrix - slope**2 * np.eye(matrix.shape[1])).max())


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
    ratios, normalised = results.slopes / results.products, results.normalised_slopes
    largest = {name: f"{norms.max():.3f}" for name, norms in results.convolution_norms.items()}
    # A row of ones, n times, has the largest eigenvalue 1 + 2 cos(pi / (n + 1)).
    ones = (1 + 2 * np.cos(np.pi / (SIZES[-1] + 1))) ** 2 / 3
    trained = f"{results.trained_slope:.4f} of {results.trained_product:.4f}"
    late = results.iteration_error["0.9"][-11:]
    decay = f"{np.median(late[1:] / late[:-1]):.4f}"
    error = f"{max(results.sigma_error.values()):.1e}"
    rows = [
        (f"sigma against SVD, {len(LAYERS)} kinds of layer", error, "0 within 1e-6"),
        (
            "a step of the power iteration leaves, second / first = 0.9",
            decay,
            "0.9⁴ = 0.6561",
        ),
        ("slope / product of sigmas, 40 random networks", _range(ratios), "at most 1"),
        ("slope of the same, normalised", _range(normalised), "at most 1"),
        ("slope of one trained on WGAN's loss", trained, "at most the product of its sigmas"),
        (
            "stretch of a normalised convolution, all ones, 12x12",
            largest["all ones"],
            f"{ones:.3f}",
        ),
        ("the same, random, 3 channels", largest["random, 3 channels"], "1 to 3"),
        ("the same, one pixel", largest["one pixel"], "1"),
    ]
    return [Number(*row) for row in rows]


def _range(values: np.ndarray) -> str:
    return f"{values.min():.3f} to {values.max():.3f}, median {np.median(values):.3f}"
