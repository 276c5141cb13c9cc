"""docs/theory/lipschitz.md."""

import keras
import numpy as np
import pytest

from tfgan_losses.layers import spectral_kernels, spectrally_normalize


@pytest.fixture
def lipschitz(experiment):
    return experiment("lipschitz")


def test_every_layer_kind_is_covered(lipschitz):
    assert {make().__class__ for make, _ in lipschitz.LAYERS.values()} == set(
        spectral_kernels._RULES
    )


@pytest.mark.parametrize("name", [cls.__name__ for cls in spectral_kernels._RULES])
def test_sigma_is_that_of_the_svd(lipschitz, name):
    assert lipschitz.sigma_error(name) < 1e-6


@pytest.mark.parametrize("gap", [0.5, 0.8, 0.9])
def test_rate_of_the_power_iteration(lipschitz, gap):
    # A step multiplies the second component of v by gap^2, and sigma is off by its square.
    errors = lipschitz.iteration_errors(np.array([1.0] + [gap] * 63))
    known = errors[(errors > 1e-10) & (errors < 1e-3)]
    assert len(known) >= 3
    np.testing.assert_allclose(known[1:] / known[:-1], gap**4, rtol=0.01)
    # Never above sigma.
    assert errors.min() > -1e-12


@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (2, 7)])
def test_the_slope_is_at_most_k_if_and_only_if_k_is_at_least_sigma(experiment, shape):
    rng = np.random.default_rng(shape[0])
    matrix = rng.standard_normal(shape)
    sigma = np.linalg.norm(matrix, 2)
    for slope in (0.5 * sigma, 0.99 * sigma, 1.01 * sigma, 2 * sigma):
        largest = experiment("layer_norms").largest_eigenvalue(matrix, slope)
        assert largest == pytest.approx(sigma**2 - slope**2, abs=1e-9)
        assert (largest <= 0) == (slope >= sigma)
    # x^T (A^T A - K^2 I) x itself, at random x and at the worst one.
    worst = np.linalg.svd(matrix)[2][0]
    for x in [worst, *rng.standard_normal([20, shape[1]])]:
        assert np.sum((matrix @ x) ** 2) <= sigma**2 * x @ x * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_slopes_stay_below_the_product(lipschitz, seed):
    network = lipschitz.random_network(seed)
    assert 0 < lipschitz.largest_slope(network) <= lipschitz.product_of_sigmas(network)
    normalised = spectrally_normalize(network)
    assert lipschitz.product_of_sigmas(normalised) == pytest.approx(1, abs=1e-5)
    assert lipschitz.largest_slope(normalised) <= 1 + 1e-5


def test_slopes_between_points_stay_below_the_product(lipschitz):
    # Not the gradient: differences, which see the corners of the LeakyReLUs, too.
    network = lipschitz.random_network(3)
    places = np.random.default_rng(0).standard_normal([2, 500, 8]).astype("float32")
    outputs = np.stack([network(x).numpy()[:, 0] for x in places])
    slopes = abs(outputs[0] - outputs[1]) / np.linalg.norm(places[0] - places[1], axis=1)
    assert slopes.max() <= lipschitz.product_of_sigmas(network)


@pytest.mark.parametrize("aligned", [True, False])
def test_a_linear_network_reaches_the_product_if_aligned(lipschitz, aligned):
    rng = np.random.default_rng(0)
    bases = [np.linalg.qr(rng.standard_normal([6, 6]))[0] for _ in range(6)]
    values = np.diag([2.0, 1.5, 1.0, 0.5, 0.3, 0.1])
    # Aligned: what one layer stretches most comes out as what the next one stretches most.
    outputs = bases[1:] if aligned else bases[:0:-1]
    kernels = [a @ values @ b.T for a, b in zip(bases[:5], outputs, strict=True)]
    last = bases[-1][:, :1]
    network = keras.Sequential([keras.Input([6])])
    for size in [6] * 5 + [1]:
        network.add(keras.layers.Dense(size, use_bias=False))
    network.set_weights([*kernels, last])
    ratio = lipschitz.largest_slope(network, points=2) / lipschitz.product_of_sigmas(network)
    assert lipschitz.product_of_sigmas(network) == pytest.approx(2.0**5, rel=1e-5)
    assert ratio == pytest.approx(1, abs=1e-5) if aligned else ratio < 0.9


@pytest.mark.parametrize("size", [3, 8, 12])
def test_a_normalised_blur_stretches_by_almost_three(lipschitz, size):
    # The matrix of [1, 1, 1] on n pixels has the largest eigenvalue 1 + 2 cos(pi / (n + 1)), and
    # the reshaped 3x3 kernel sigma 3.
    expected = (1 + 2 * np.cos(np.pi / (size + 1))) ** 2 / 3
    blur = lipschitz.KERNELS["all ones"]
    assert lipschitz.convolution_norm(blur, size) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("shape", [(3, 3, 2, 4), (4, 2, 3, 1), (1, 1, 3, 3), (5, 5, 1, 2)])
def test_both_bounds_of_convolutions(lipschitz, shape, strides):
    kernel = np.random.default_rng(0).standard_normal(shape)
    # A pixel lies in so many patches.
    patches = np.prod(-(-np.array(shape[:2]) // strides))
    stretch = lipschitz.convolution_norm(kernel, 8, strides)
    assert 1 - 1e-5 <= stretch <= np.sqrt(patches) + 1e-5
    # Only a 1x1 kernel is its own matrix.
    assert (stretch < 1 + 1e-5) == (shape[:2] == (1, 1))


def test_patches_that_do_not_overlap_stretch_by_one(lipschitz):
    kernel = np.random.default_rng(0).standard_normal([2, 2, 3, 4])
    assert lipschitz.convolution_norm(kernel, 8, strides=2) == pytest.approx(1, abs=1e-5)


def test_one_pixel_stretches_by_one(lipschitz):
    pixel = lipschitz.KERNELS["one pixel"]
    assert lipschitz.convolution_norm(pixel, 6) == pytest.approx(1, abs=1e-5)
