"""What is said of a mistyped name, at every door where one can be typed."""

import keras
import numpy as np
import pytest
from tfgan_losses.models import build_generator

from tfgan_losses import GAN, constraints, gan_types, losses, names, penalties, tf_gans_loss
from tfgan_losses.training import optimizers


@pytest.mark.parametrize(
    ("name", "meant"),
    [("wgan-pg", "wgan-gp"), ("WGAN-GP", "wgan-gp"), ("wgan_gp", "wgan-gp"), ("sngna", "sngan"),
     ("hinges", "hinge"), ("dragon", "dragan"), ("stylegan-xl-of-nobody", None), ("", None)],
)  # fmt: skip
def test_the_nearest_recipe(name, meant):
    assert names.nearest(name, gan_types.names()) == meant
    end = f"Received: {name!r}" + (f". Did you mean {meant!r}?" if meant else "")
    with pytest.raises(ValueError) as error:
        gan_types.get(name)
    assert str(error.value).startswith("Unknown gan_type. Expected one of ['gan', 'minimax',")
    assert str(error.value).endswith(end)


def test_a_likeness_can_be_asked_for():
    assert names.nearest("ab", ["abcd"]) == "abcd"
    assert names.nearest("ab", ["abcd"], likeness=0.7) is None


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: losses.get("hnge"), "'hinge'"),
        (lambda: losses.get("hinge(margn=1)"), "'margin'"),
        (lambda: penalties.get("gradient_penality"), "'gradient_penalty'"),
        (lambda: penalties.get("r1(weight=cosin(start=1, end=0))"), "'cosine'"),
        (lambda: constraints.get("weight_cliping(limit=1)"), "'weight_clipping'"),
        (lambda: tf_gans_loss.generator_loss("wgan-pg", np.zeros([2, 1])), "'wgan-gp'"),
        (lambda: build_generator("dcgn", example_shape=(8, 8, 1), latent_dim=2), "'dcgan'"),
        (
            lambda: build_generator("mlp", example_shape=(2,), latent_dim=2, normalization="bach"),
            "'batch'",
        ),
        (lambda: optimizers.make("Adma"), "'Adam'"),
        (lambda: optimizers.make("adam"), "'Adam'"),
        (lambda: GAN.from_recipe("hing", (8, 8, 1)), "'hinge'"),
    ],
)
def test_every_unknown_name_gets_the_nearest_one(call, meant):
    with pytest.raises(ValueError, match=rf"\. Did you mean {meant}\?$"):
        call()


def test_an_optimiser_of_a_gan_by_its_name():
    gan = GAN.from_recipe("hinge", (2,), seed=0)
    gan.compile("hinge", g_optimizer="RMSPROP", d_optimizer="adam")
    assert isinstance(gan.g_optimizer, keras.optimizers.RMSprop)
    with pytest.raises(ValueError, match=r"d_optimizer: Unknown optimiser.* Did you mean 'Adam'"):
        gan.compile("hinge", g_optimizer="adam", d_optimizer="adma")
