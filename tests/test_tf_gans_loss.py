"""The three functions of tf-GANs-Loss give its values.

The expected values are its formulas written once more in NumPy: means of real and fake terms,
added; LSGAN without 1/2; gradient penalties times 10.
"""

import numpy as np
import pytest
import tensorflow as tf

import tfgan_losses

REAL = np.array([[2.0], [-1.0], [0.5]], "float32")
FAKE = np.array([[-3.0], [0.25], [1.0]], "float32")
GAN_TYPES = ["gan", "lsgan", "wgan", "wgan-gp", "wgan-lp", "dragan", "hinge"]


def cross_entropy(logits, label):
    probability = 1 / (1 + np.exp(-logits.astype("float64")))
    return -np.mean(np.log(probability if label else 1 - probability))


EXPECTED = {
    "gan": (cross_entropy(REAL, 1) + cross_entropy(FAKE, 0), cross_entropy(FAKE, 1)),
    "lsgan": (np.mean((REAL - 1) ** 2) + np.mean(FAKE**2), np.mean((FAKE - 1) ** 2)),
    "wgan": (np.mean(FAKE) - np.mean(REAL), -np.mean(FAKE)),
    "hinge": (
        np.mean(np.maximum(0, 1 - REAL)) + np.mean(np.maximum(0, 1 + FAKE)),
        -np.mean(FAKE),
    ),
}
EXPECTED |= {"dragan": EXPECTED["gan"], "wgan-gp": EXPECTED["wgan"], "wgan-lp": EXPECTED["wgan"]}


@pytest.mark.parametrize("gan_type", GAN_TYPES)
def test_losses(gan_type):
    d_loss = tfgan_losses.discriminator_loss(gan_type, REAL, FAKE)
    g_loss = tfgan_losses.generator_loss(gan_type, FAKE)
    np.testing.assert_allclose((d_loss, g_loss), EXPECTED[gan_type], rtol=1e-5)
    assert d_loss.shape == g_loss.shape == ()


@pytest.mark.parametrize("gan_type", GAN_TYPES)
def test_gradient_penalty_of_slope_three(gan_type):
    weights = tf.constant([[3.0], [0.0], [0.0]])
    real, fake = tf.random.stateless_uniform([2, 5, 3], (0, 1), -1, 1)
    value = tfgan_losses.gradient_penalty(gan_type, lambda x: x @ weights, real, fake)
    expected = 40.0 if gan_type in ("wgan-gp", "wgan-lp", "dragan") else 0.0
    np.testing.assert_allclose(value, expected, rtol=1e-5)


@pytest.mark.parametrize("gan_type", ["wgan_gp", "GAN", "", "sngan"])
def test_unknown_strings_are_errors(gan_type):
    for call in (
        lambda: tfgan_losses.discriminator_loss(gan_type, REAL, FAKE),
        lambda: tfgan_losses.generator_loss(gan_type, FAKE),
        lambda: tfgan_losses.gradient_penalty(gan_type, lambda x: x, REAL, FAKE),
    ):
        with pytest.raises(ValueError, match=r"Unknown gan_type\. Expected one of .*'wgan-gp'"):
            call()
