"""The bounds that tests use where sums may have another order."""

import keras
import networks
import numpy as np
import pytest
import rounding


@pytest.mark.parametrize("terms", [10, 1000])
def test_sums_in_other_orders_are_within_the_bound_and_not_far_below(terms):
    rng = np.random.default_rng(0)
    values = rng.normal(size=terms).astype("float32")
    sums = [np.cumsum(rng.permutation(values))[-1] for _ in range(200)]
    bound = rounding.between_orders(terms, np.abs(values).sum())
    assert 0 < np.ptp(sums) <= bound
    # Errors of both signs cancel: sqrt(n) of the worst case, not n.
    assert bound < 30 * np.sqrt(terms) * np.ptp(sums)


def test_a_network_in_float32_is_within_the_bound_of_float64():
    generator = networks.generator()
    latents = np.random.default_rng(0).normal(size=[50, networks.LATENT_DIM]).astype("float32")
    generator(latents, training=True)  # Moves the statistics.
    hidden, normalization, output, _ = generator.layers
    x = np.maximum(latents @ hidden.kernel.numpy().astype("float64") + hidden.bias.numpy(), 0)
    mean, variance = (
        np.asarray(value, "float64")
        for value in (normalization.moving_mean, normalization.moving_variance)
    )
    x = (x - mean) / np.sqrt(variance + normalization.epsilon)
    expected = np.tanh(x @ output.kernel.numpy()).reshape(50, 4, 4, 1)
    error = np.abs(generator(latents, training=False) - expected).max()
    assert error < rounding.between_orders_of(generator, latents) < 1e-4


def test_layers_without_a_known_bound_are_refused():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Softmax()])
    with pytest.raises(ValueError, match="Expected a layer with a known bound"):
        rounding.between_orders_of(network, np.ones([1, 2], "float32"))


def test_a_cpu_is_held_to_what_it_can_do(monkeypatch):
    monkeypatch.setattr(rounding, "has_gpu", lambda: False)
    assert rounding.tolerance(1e-6, 1e-4) == 1e-6
    monkeypatch.setattr(rounding, "has_gpu", lambda: True)
    assert rounding.tolerance(1e-6, 1e-4) == 1e-4
    assert rounding.tolerance(1e-3, 1e-4) == 1e-3
