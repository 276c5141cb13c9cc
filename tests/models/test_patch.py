"""Stages and critics of SinGAN, and the family that one scale alone is trained with."""

import keras
import numpy as np
import pytest
from tfgan_losses.models import patch

from tfgan_losses import GAN, models

SHAPE = (13, 16, 3)
RNG = np.random.default_rng(0)


def images(batch=2, shape=SHAPE):
    return RNG.uniform(-1, 1, (batch, *shape)).astype("float32")


def test_parameters_of_the_authors_networks():
    """models.py, 32 channels: convolutions with bias, normalisations with scale and shift.

    Five convolutions, 3 -> 32 -> 32 -> 32 -> 32 -> 3 or 1: 9 * (3 + 3 * 32) * 32 + 9 * 32 * 3
    weights and 4 * 2 * 32 scales and shifts; of theirs 4 * 32 biases lie before a normalisation,
    which takes them off again, and are left out here.
    """
    weights = 9 * (3 + 3 * 32) * 32 + 4 * 2 * 32
    trained = {
        "stage": (patch.build_stage(3, width=32), weights + 9 * 32 * 3 + 3),
        "critic": (patch.build_critic(3, width=32), weights + 9 * 32 + 1),
    }
    for name, (network, count) in trained.items():
        found = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        assert found == count, name


def test_a_patch_is_eleven_pixels_wide():
    critic = patch.build_critic(1, width=2)
    to_map = keras.Model(critic.input, critic.get_layer("patches").output)
    size = patch.RECEPTIVE_FIELD
    assert size == 11
    assert to_map(images(1, (size, size + 3, 1))).shape == (1, 1, 4, 1)


def test_the_plain_discriminator_is_the_critic():
    """A dense layer of the means of shifted windows, for a convolution and the mean of its map."""
    critic = patch.build_critic(3, width=4)
    plain = models.build_discriminator(
        "patch", example_shape=SHAPE, width=4, normalization="instance"
    )
    assert [w.path.split("/")[0] for w in plain.weights[:-2]] == [
        w.path.split("/")[0] for w in critic.weights[:-2]
    ]
    *rest, kernel, bias = critic.get_weights()
    plain.set_weights([*rest, kernel.reshape(-1, 1), bias + 0.3])
    examples = images()
    found = np.asarray(plain(examples)) - 0.3
    assert np.abs(found).min() > 1e-3
    np.testing.assert_allclose(found, critic(examples), rtol=1e-3, atol=1e-6)


def test_the_generator_is_a_stage_after_zeros():
    stage = patch.build_stage(3, width=4)
    generator = models.build_generator(
        "patch", example_shape=SHAPE, latent_dim=13 * 16 * 3, width=4, normalization="batch"
    )
    generator.set_weights(stage.get_weights())
    noise = RNG.normal(size=(2, *SHAPE)).astype("float32")
    for training in (False, True):
        expected = stage([noise, np.zeros_like(noise)], training=training)
        found = generator(noise.reshape(2, -1), training=training)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_default_widths():
    assert models.default_widths("patch", SHAPE) == (32, 32)
    explicit = models.build_generator("patch", example_shape=SHAPE, latent_dim=624, width=32)
    default = models.build_generator("patch", example_shape=SHAPE, latent_dim=624)
    assert explicit.count_params() == default.count_params()


def test_the_recipe_builds_it():
    gan = GAN.from_recipe("singan", (25, 33, 3), latent_dim=25 * 33 * 3, steps=10)
    names = {type(layer).__name__ for layer in gan.generator.layers}
    assert "BatchNormalization" in names
    assert "GroupNormalization" in {type(x).__name__ for x in gan.discriminator.layers}
    assert gan.ema_generator is None and (gan.d_steps, gan.g_steps) == (3, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"latent_dim": 128},
            r"Expected latent_dim=624 for images of \(13, 16, 3\)\. Received: .*\(128,\)",
        ),
        (
            {"latent_dim": 624, "condition_size": 3},
            r"no condition beside them.*Received: latents of shape \(627,\)",
        ),
        ({"example_shape": (10, 16, 3)}, r"both sides >= 11, or another model.*\(10, 16, 3\)"),
        ({"example_shape": (624,)}, "that of an image"),
        ({"width": 0}, "Expected width to be a positive integer"),
    ],
)
def test_what_cannot_be_built_is_named(arguments, message):
    options = {"example_shape": SHAPE, "latent_dim": 624, **arguments}
    with pytest.raises(ValueError, match=message):
        models.build_generator("patch", **options)
    size = options["example_shape"]
    if size != SHAPE:
        with pytest.raises(ValueError, match=message):
            models.build_discriminator("patch", example_shape=size)
        with pytest.raises(ValueError, match=message):
            models.default_widths("patch", size)
