"""The penalty of SinGAN: closed forms of critics of patches, and the authors' way in PyTorch."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.models import patch

from tfgan_losses import penalties

SEED = tf.constant([1, 2], tf.int64)
RNG = np.random.default_rng(0)


def examples(batch, shape):
    real, fake = RNG.uniform(-1, 1, size=(2, batch, *shape)).astype("float32")
    return tf.constant(real), tf.constant(fake)


def cut(count, size, side):
    """In how many patches of a size each of so many pixels of a side lies."""
    return np.array([sum(0 <= i - j < size for j in range(side - size + 1)) for i in range(count)])


@pytest.mark.parametrize(("height", "width", "size"), [(5, 7, 3), (4, 4, 1), (6, 3, 3), (3, 4, 9)])
def test_of_a_linear_critic_of_patches(height, width, size):
    """D(x) = mean over patches of the sum of w . x over their pixels.

    In the sum over patches, a pixel counts once for each that it lies in.
    """
    weights = np.array([0.3, -0.4], "float32")
    if size > min(height, width):  # No patch fits: the image is the one patch.

        def critic(x):
            return tf.reduce_sum(x * weights, axis=[1, 2, 3])[:, None]

        slopes = np.full((height, width), 0.5)
    else:

        def critic(x):
            pixels = tf.reduce_sum(x * weights, axis=3, keepdims=True)
            patches = tf.nn.conv2d(pixels, tf.ones([size, size, 1, 1]), 1, "VALID")
            return tf.reduce_mean(patches, axis=[1, 2])

        slopes = 0.5 * np.outer(cut(height, size, height), cut(width, size, width))
    penalty = penalties.get(f"pixel_gradient_penalty(weight=0.1, receptive_field={size})")
    values = penalty(critic, *examples(3, (height, width, 2)), seed=SEED)
    np.testing.assert_allclose(values, [0.1 * np.mean((slopes - 1) ** 2)] * 3, rtol=1e-4)


def test_points_have_the_norm_of_all_features():
    critic = lambda x: tf.reduce_sum(x * x, axis=1, keepdims=True)  # noqa: E731
    pair = examples(4, (5,))
    same = penalties.get("gradient_penalty(weight=0.1)").penalize(critic, *pair, SEED)
    np.testing.assert_allclose(
        penalties.get("pixel_gradient_penalty").penalize(critic, *pair, SEED), same, rtol=1e-6
    )


def numbers(count, scale):
    """The same in any language: a sine of integers."""
    return (scale * np.sin(1.0 + np.arange(count) * 0.7)).astype("float32")


def test_the_authors_way():
    """SinGAN/functions.py, calc_gradient_penalty, in PyTorch 2.14.1, float64, on a 3x3
    convolution - LeakyReLU(0.2) - 3x3 convolution, whose receptive field is 5:

        alpha = 1/4
        x = (alpha * real + (1 - alpha) * fake).requires_grad_()
        outputs = netD(x)
        gradients = torch.autograd.grad(outputs, x, torch.ones_like(outputs), create_graph=True)[0]
        ((gradients.norm(2, dim=1) - 1) ** 2).mean() * 0.1

    with the images and kernels below in PyTorch's order of axes.
    """
    first, second = numbers(3 * 3 * 3 * 4, 0.4), numbers(3 * 3 * 4, 0.5)
    critic = keras.Sequential([
        keras.Input((7, 9, 3)),
        keras.layers.Conv2D(4, 3, use_bias=False),
        keras.layers.LeakyReLU(0.2),
        keras.layers.Conv2D(1, 3, use_bias=False),
        keras.layers.GlobalAveragePooling2D(),
    ])  # fmt: skip
    critic.set_weights([first.reshape(3, 3, 3, 4), second.reshape(3, 3, 4, 1)])
    real, fake = (numbers(7 * 9 * 3, scale).reshape(1, 7, 9, 3) for scale in (1.0, -0.5))
    point = tf.constant(0.25 * real + 0.75 * fake)
    penalty = penalties.get("pixel_gradient_penalty(weight=0.1, receptive_field=5)")
    # The line between two equal images is one point.
    value = penalty(critic, point, point, seed=SEED)
    np.testing.assert_allclose(value, [0.06325570552627682], rtol=1e-5)


def test_the_factor_is_that_of_the_critic_of_a_scale():
    """11 pixels: the gradient of the mean, times the patches, is that of the sum of the map."""
    critic = patch.build_critic(3, width=4)
    to_map = keras.Model(critic.input, critic.get_layer("patches").output)
    real, fake = examples(2, (14, 13, 3))
    penalty = penalties.PixelGradientPenalty()
    np.testing.assert_allclose(
        penalty(critic, real, fake, seed=SEED),
        penalties.PixelGradientPenalty(receptive_field=10**6)(to_map, real, fake, seed=SEED),
        rtol=1e-4,
    )


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True])
def test_wrong_receptive_fields(wrong):
    message = f"Expected receptive_field to be an integer >= 1. Received: receptive_field={wrong}"
    with pytest.raises(ValueError, match=message):
        penalties.PixelGradientPenalty(receptive_field=wrong)
