"""The networks of SAGAN's released code, layer by layer, and at other sizes."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import assert_every_weight_has_a_gradient
from tfgan_losses.models import sagan
from tfgan_losses.models.freezing import blocks_of
from tfgan_losses.models.resolutions import ladder

from tfgan_losses import GAN, gan_types, models
from tfgan_losses.layers import BatchNormalization, SelfAttention, SpectralNormalization


def generator(shape=(128, 128, 3), classes=0, **arguments):
    name = "spectral+conditional_batch" if classes else "spectral+batch"
    arguments = {"normalization": name, "condition_size": classes, **arguments}
    return models.build_generator("sagan", example_shape=shape, latent_dim=128, **arguments)


def discriminator(shape=(128, 128, 3), **arguments):
    arguments = {"normalization": "spectral", **arguments}
    return models.build_discriminator("sagan", example_shape=shape, **arguments)


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def outputs(model, kind):
    return [tuple(layer.output.shape[1:]) for layer in model.layers if isinstance(layer, kind)]


@pytest.mark.slow
def test_parameters_of_the_code_at_128_pixels():
    # Generator, latent 128, 1000 classes. A block from i to o channels:
    #   conv 9*i*o, conv 9*o*o+o, shortcut i*o+o, scales and shifts 2*1000*i + 2*1000*o
    #   dense              128*16384 + 16384                          =  2 113 536
    #   1024 -> 1024                                                  = 24 020 992
    #   1024 -> 512                                                   = 10 675 200
    #   512 -> 256                                                    =  3 437 056
    #   attention of 256   2*256*32 + 2*256*128 + 1                   =     81 921
    #   256 -> 128                                                    =  1 243 392
    #   128 -> 64                                                     =    502 912
    #   end                2*64 (BN) + 64*3*9+3                       =      1 859
    # The code has a bias of o numbers in the first convolution of each block, too: 1984 more.
    blocks = 24_020_992 + 10_675_200 + 3_437_056 + 1_243_392 + 502_912
    assert trainable(generator(classes=1000)) == 2_113_536 + blocks + 81_921 + 1_859
    # Discriminator. A block from i to o channels: conv 9*i*o+o, conv 9*o*o+o, shortcut i*o+o
    #   first block        3*64*9+64 + 64*64*9+64 + 3*64+64           =     38 976
    #   64 -> 128                                                     =    229 760
    #   attention of 128   2*128*16 + 2*128*64 + 1                    =     20 481
    #   128 -> 256                                                    =    918 272
    #   256 -> 512                                                    =  3 671 552
    #   512 -> 1024                                                   = 14 683 136
    #   1024, no shortcut  2 * (9*1024*1024 + 1024)                   = 18 876 416
    #   heads              1024+1 + 1000*1024                         =  1 025 025
    blocks = 38_976 + 229_760 + 918_272 + 3_671_552 + 14_683_136 + 18_876_416
    judge = discriminator(kind="projection", condition_size=1000)
    assert trainable(judge) == blocks + 20_481 + 1_025_025


def test_maps_of_the_code_at_128_pixels():
    # Built at width 1; the code's numbers of channels are these times 64.
    model = generator(width=1)
    assert model.get_layer("base").output.shape[1:] == (4, 4, 16)
    ups = [(8, 8, 16), (16, 16, 8), (32, 32, 4), (64, 64, 2), (128, 128, 1)]
    assert outputs(model, keras.layers.Add) == ups
    assert outputs(model, SelfAttention) == [(32, 32, 4)]
    model = discriminator(width=1)
    downs = [(64, 64, 1), (32, 32, 2), (16, 16, 4), (8, 8, 8), (4, 4, 16), (4, 4, 16)]
    assert outputs(model, keras.layers.Add) == downs
    assert outputs(model, SelfAttention) == [(32, 32, 2)]
    # The hidden map of a block has the channels of its result, and the last block no shortcut.
    assert model.get_layer("block_3_conv_1").output.shape[-1] == 4
    names = [layer.name for layer in model.layers]
    assert "block_5_shortcut" in names and "block_6_shortcut" not in names


# Height, width -> the map with attention in both networks.
@pytest.mark.parametrize(
    ("size", "attended"),
    [
        ((8, 8), (4, 4)),
        ((16, 16), (8, 8)),
        ((32, 32), (16, 16)),
        ((48, 64), (24, 32)),
        ((64, 64), (32, 32)),
        ((60, 100), (30, 50)),
        ((96, 96), (24, 24)),
    ],
)
def test_any_size_has_one_attention_at_the_stage_nearest_to_32(size, attended):
    shape = (*size, 1)
    made, judge = generator(shape, width=1), discriminator(shape, width=1)
    assert made.output_shape == (None, *shape)
    for model in (made, judge):
        assert [output[:2] for output in outputs(model, SelfAttention)] == [attended]
    assert judge.output_shape == (None, 1)


@pytest.mark.parametrize(("side", "attended"), [(256, 32), (512, 32), (1024, 32)])
def test_large_images_have_it_at_32(side, attended):
    assert sagan.attended_size(ladder((side, side, 3))) == (attended, attended)


@pytest.mark.parametrize("name", ["spectral", "none"])
def test_attention_is_spectrally_normalised_where_the_network_is(name):
    shape, is_spectral = (16, 16, 3), name == "spectral"
    for model in (
        generator(shape, width=2, normalization=name),
        discriminator(shape, width=2, normalization=name),
    ):
        (attention,) = (layer for layer in model.layers if isinstance(layer, SelfAttention))
        assert attention.spectral == is_spectral
        assert isinstance(attention.theta, SpectralNormalization) == is_spectral


def test_the_last_normalisation_is_that_of_all_classes():
    model = generator((16, 16, 3), classes=3, width=2)
    assert type(model.get_layer("norm")) is BatchNormalization
    assert "Conditional" in type(model.get_layer("block_1_norm_1")).__name__


def test_initial_weights_have_no_gain():
    # Glorot: variance 2 / (fan_in + fan_out).
    model = discriminator((32, 32, 3), normalization="none", width=32)
    kernel = model.get_layer("block_2_conv_1").kernel.numpy()
    np.testing.assert_allclose(kernel.var(), 2 / (2 * 9 * 32), rtol=0.1)


def test_attention_is_frozen_with_its_block():
    names = [[layer.name for layer in block] for block in blocks_of(discriminator(width=1))]
    assert [len(block) for block in names] == [3, 4, 3, 3, 3, 2]
    assert "block_2_attention" in names[1]


def test_every_weight_has_a_gradient_with_labels():
    shape, rng = (16, 16, 3), np.random.default_rng(0)
    condition = tf.eye(3)
    networks = [
        generator(shape, classes=3, width=2),
        discriminator(shape, kind="projection", condition_size=3, width=2),
    ]
    latents = tf.constant(rng.standard_normal((3, 128)), tf.float32)

    def call():
        made = networks[0]([latents, condition], training=True)
        return networks[1]([made, condition], training=True)

    assert_every_weight_has_a_gradient(call, networks)


def test_recipe_with_labels_and_without():
    with_labels = GAN.from_recipe("sagan", (16, 16, 1), num_classes=3, width=2, steps=1)
    assert type(with_labels.generator.get_layer("block_1_norm_1")).__name__.startswith("Cond")
    assert [len(each.inputs) for each in (with_labels.generator, with_labels.discriminator)] == [
        2,
        2,
    ]
    rates = [float(o.learning_rate) for o in (with_labels.g_optimizer, with_labels.d_optimizer)]
    np.testing.assert_allclose(rates, [1e-4, 4e-4], rtol=1e-6)
    recipe = dataclasses.replace(gan_types.get("sagan"), condition=None)
    plain = GAN.from_recipe(recipe, (16, 16, 1), width=2, steps=1)
    assert type(plain.generator.get_layer("block_1_norm_1")) is BatchNormalization
    assert isinstance(plain.generator.get_layer("block_1_conv_1"), SpectralNormalization)
    assert len(plain.generator.inputs) == len(plain.discriminator.inputs) == 1
