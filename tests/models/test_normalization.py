"""Over what each normalisation of images takes mean and variance."""

import numpy as np
import pytest
from tfgan_losses.models.normalization import Normalization

X = np.random.default_rng(0).normal(3.0, [1.0, 2.0, 5.0], size=(4, 5, 5, 3)).astype("float32")


@pytest.mark.parametrize(("name", "axes"), [("instance", (1, 2)), ("layer", (1, 2, 3))])
def test_statistics_are_those_of_one_image(name, axes):
    mean, variance = X.mean(axes, keepdims=True), X.var(axes, keepdims=True)
    expected = (X - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(Normalization(name)(X, "norm"), expected, rtol=1e-4, atol=1e-4)
