"""The activation of a slope, by its values."""

import numpy as np
import pytest
from tfgan_losses.models.activations import activation

X = np.array([-2.0, -0.5, 0.0, 1.5], "float32")


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        (0.0, np.maximum(X, 0)),
        (0.2, np.where(X > 0, X, 0.2 * X)),
        # x sigmoid(x), Elfwing et al., 2018, arXiv:1702.03118.
        (None, X / (1 + np.exp(-X))),
    ],
)
def test_values(slope, expected):
    np.testing.assert_allclose(activation(slope, name="x")(X), expected, rtol=1e-6)
