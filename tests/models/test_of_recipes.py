"""Each network gets what its recipe says of it."""

import dataclasses

import keras
import numpy as np
import pytest
from tfgan_losses.models import of_recipes
from tfgan_losses.models.normalization import Normalization

from tfgan_losses import GAN, gan_types, models
from tfgan_losses.layers import SpectralNormalization

KINDS = {
    "batch": keras.layers.BatchNormalization,
    "layer": keras.layers.GroupNormalization,
    "spectral": SpectralNormalization,
}


def found(network):
    return {name for name, kind in KINDS.items() for x in network.layers if isinstance(x, kind)}


@pytest.mark.parametrize(
    ("name", "of_images", "of_points"),
    [
        ("gan", ({"batch"}, {"batch"}), (set(), set())),
        ("wgan-gp", ({"batch"}, {"layer"}), (set(), set())),
        ("sngan", ({"batch"}, {"spectral"}), (set(), {"spectral"})),
        ("r1gan", ({"batch"}, set()), (set(), set())),
    ],
)
def test_normalisations(name, of_images, of_points):
    for shape, expected in (((8, 8, 1), of_images), ((2,), of_points)):
        options = {"condition": None, "latent_dim": 3, "width": 4}
        networks = of_recipes.build_networks(gan_types.get(name), shape, **options)
        assert tuple(map(found, networks)) == expected
        other = of_recipes.build_networks(
            gan_types.get(name), shape, g_normalization="none", d_normalization="none", **options
        )
        assert tuple(map(found, other)) == (set(), set())


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize(
    ("name", "inside", "of_critic"),
    [("projection", {"batch"}, {"spectral"}), ("cgan", {"batch"}, {"batch"})],
)
def test_counterparts_without_labels(name, inside, of_critic, nothing):
    """The same recipe where data have no labels: nobody is told any."""
    recipe = dataclasses.replace(gan_types.get(name), condition=nothing)
    gan = GAN.from_recipe(recipe, (8, 8, 1), latent_dim=3, width=2, run_eagerly=True)
    assert gan.condition is None
    assert [len(network.inputs) for network in (gan.generator, gan.discriminator)] == [1, 1]
    assert (found(gan.generator), found(gan.discriminator)) == (inside, of_critic)
    assert np.isfinite(gan.train_on_batch(np.zeros((2 * gan.d_steps, 8, 8, 1), "float32"))).all()


def test_only_what_tells_labels_needs_them():
    for name in ("projection", "cgan"):
        with pytest.raises(ValueError, match=r"'infogan' need none, and neither .* condition=''$"):
            gan_types.get(name).make_condition(None)
    with pytest.raises(ValueError, match=r"'infogan' need none$"):
        gan_types.get("acgan").make_condition(None)
    without = dataclasses.replace(gan_types.get("acgan"), condition=None)
    with pytest.raises(ValueError, match=r"Expected a condition on labels.*condition=None"):
        of_recipes.build_networks(without, (8, 8, 1), condition=None, latent_dim=3)


@pytest.mark.parametrize("name", ["spectral+batch", "spectral+conditional_batch"])
def test_spectral_and_batch_normalisation_together(name):
    """Each linear layer is wrapped, and each that is normalised behind has no bias inside."""
    size = 3 if "conditional" in name else 0
    options = {"example_shape": (8, 8, 1), "width": 2, "latent_dim": 3, "condition_size": size}
    both = models.build_generator("dcgan", normalization=name, **options)
    alone = models.build_generator("dcgan", normalization=name[len("spectral+") :], **options)
    assert [layer.name for layer in both.layers] == [layer.name for layer in alone.layers]
    wrapped = [layer for layer in both.layers if isinstance(layer, SpectralNormalization)]
    assert [layer.name for layer in wrapped] == ["project", "up_1", "output"]
    assert [layer.layer.use_bias for layer in wrapped] == [False, False, True]


def test_an_image_is_normalised_by_no_layer():
    for name, of_image in {"spectral+batch": "spectral", "batch": "none", "none": "none"}.items():
        assert Normalization(name).of_image().name == of_image
        assert Normalization(name).of_image().needs_bias
    critic = models.build_discriminator(
        "dcgan", example_shape=(8, 8, 1), width=2, normalization="spectral+batch"
    )
    names = [layer.name for layer in critic.layers if layer.weights]
    assert names == ["conv_1", "conv_2", "norm_2", "logits"]


def test_points_keep_what_looks_at_each_of_them_alone():
    for name, kept in {"spectral+batch": "spectral", "spectral+layer": "spectral"}.items():
        recipe = dataclasses.replace(gan_types.get("gan"), d_normalization=name)
        assert of_recipes.choose(recipe, (2,)).d_normalization == kept
        assert of_recipes.choose(recipe, (8, 8, 1)).d_normalization == name


OF_LABELS = [name for name in gan_types.names() if gan_types.get(name).condition == "labels"]


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_LABELS)
def test_what_a_message_recommends_can_be_built(name):
    recipe = gan_types.get(name)
    with pytest.raises(ValueError, match="conditioned on labels") as caught:
        recipe.make_condition(None)
    without = dataclasses.replace(recipe, condition=None)
    options = {"condition": None, "latent_dim": 20, "width": 2}
    if "condition=''" in str(caught.value):
        networks = of_recipes.build_networks(without, (12, 9, 4), **options)
        assert [len(network.inputs) for network in networks] == [1, 1]
    else:
        with pytest.raises(ValueError, match="Expected a condition on labels"):
            of_recipes.build_networks(without, (12, 9, 4), **options)
