"""Frozen blocks of a discriminator: which they are, and that nothing in them moves."""

import keras
import network_cases
import numpy as np
import pytest

from tfgan_losses import GAN, models


def names(blocks):
    return [[layer.name for layer in block] for block in blocks]


@pytest.mark.parametrize(
    ("case", "arguments", "blocks"),
    [
        ("mlp", {}, [["dense_1"], ["dense_2"]]),
        ("deep_mlp", {}, [[f"dense_{number}"] for number in (1, 2, 3, 4)]),
        ("dcgan", {"normalization": "batch"}, [["conv_1"], ["conv_2", "norm_2"]]),
        ("dcgan", {"normalization": "spectral"}, [["conv_1"], ["conv_2"]]),
        ("dcgan", {"kind": "autoencoder"}, [["conv_1"], ["conv_2"]]),
        (
            "r3gan",
            {},
            [
                ["from_image", *(f"block_8_1_conv_{number}" for number in (1, 2, 3))],
                [f"block_4_1_conv_{number}" for number in (1, 2, 3)],
            ],
        ),
        (
            "stylegan2",
            {},
            [
                ["from_image", "block_8_conv_1", "block_8_conv_2", "block_8_shortcut"],
                ["block_4_conv", "block_4_dense"],
            ],
        ),
    ],
)
def test_the_blocks_of_each_family_from_the_image_on(case, arguments, blocks):
    assert names(models.blocks_of(network_cases.make_discriminator(case, **arguments))) == blocks


def test_the_blocks_of_a_residual_network():
    blocks = names(models.blocks_of(network_cases.make_discriminator("resnet")))
    assert [{name[:7] for name in block} for block in blocks] == [
        {f"block_{number}"} for number in (1, 2, 3, 4)
    ]
    assert sorted(blocks[0]) == ["block_1_conv_1", "block_1_conv_2", "block_1_shortcut"]


def test_more_blocks_than_there_are():
    network = network_cases.make_discriminator("dcgan")
    with pytest.raises(ValueError, match=r"freeze_d <= 2, the number of .*Received: freeze_d=3"):
        models.freeze_blocks(network, 3)
    assert all(layer.trainable for layer in network.layers)
    with pytest.raises(ValueError, match="freeze_d"):
        models.freeze_blocks(network, -1)
    own = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="score")])
    with pytest.raises(ValueError, match=r"freeze_d <= 0.*its layers are not named as those of"):
        models.freeze_blocks(own, 1)


def make(recipe, **options):
    keras.utils.set_random_seed(0)
    options = {"freeze_d": 2, "run_eagerly": True, "steps": 4, "seed": 1, **options}
    return GAN.from_recipe(recipe, (8, 8, 1), latent_dim=4, width=4, model="dcgan", **options)


def values(layers):
    return [[np.array(variable) for variable in layer.variables] for layer in layers]


def train(gan):
    examples = np.random.default_rng(0).uniform(-1, 1, (4 * gan.d_steps, 8, 8, 1))
    gan.fit(examples.astype("float32"), batch_size=4 * gan.d_steps, verbose=0)


# With vectors of spectral normalisation, with batch statistics, and with clipped weights.
@pytest.mark.parametrize("recipe", ["sngan", "gan", "wgan"])
def test_nothing_in_frozen_layers_moves(recipe):
    gan = make(recipe)
    blocks = [layer for block in models.blocks_of(gan.discriminator) for layer in block]
    if recipe == "wgan":
        for variable in blocks[0].variables:
            variable.assign(variable + 1.0)  # Far outside of what clipping leaves.
    head = gan.discriminator.layers[-1:]
    before, moving = values(blocks), values(head)
    train(gan)
    for old, new in zip(before, values(blocks), strict=True):
        np.testing.assert_equal(new, old)
    assert any(np.any(a != b) for a, b in zip(moving[0], values(head)[0], strict=True))


def test_the_optimiser_keeps_state_for_what_is_trained_and_a_saved_gan_is_frozen(tmp_path):
    gan = make("gan")
    train(gan)
    # Two counters, and both moments of kernel and bias of the head.
    assert len(gan.d_optimizer.variables) == 2 + 2 * 2
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    frozen = [[layer.name for layer in each.discriminator.layers if not layer.trainable]
              for each in (gan, loaded)]  # fmt: skip
    assert frozen[0] == frozen[1] == ["conv_1", "conv_2", "norm_2"]
    train(gan)
    train(loaded)
    for one, other in zip(gan.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(one, other)
