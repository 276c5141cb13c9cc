import numpy as np
import pytest

from tfgan_losses import models


def _trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("size", [32, 48, 64, 128])
def test_sizes(size):
    shape = (size, size, 3)
    generator = models.build_generator("resnet", example_shape=shape, latent_dim=2, width=1)
    discriminator = models.build_discriminator("resnet", example_shape=shape, width=1)
    assert generator.output_shape == (None, *shape)
    assert discriminator.input_shape == (None, *shape)
    assert discriminator.output_shape == (None, 1)


def test_parameter_counts_at_32_pixels():
    # Discriminator, 128 channels:
    #   first block  3*128*9+128 + 128*128*9+128 + 3*128+128           =   151 680
    #   down block   2 * (128*128*9+128) + 128*128+128                 =   311 680
    #   two blocks   2 * 2 * (128*128*9+128)                           =   590 336
    #   dense        128+1                                             =       129
    discriminator = models.build_discriminator("resnet", example_shape=(32, 32, 3))
    assert discriminator.count_params() == 151_680 + 311_680 + 590_336 + 129
    # Generator, 256 channels, latent 128:
    #   dense        128*4096 + 4096                                   =   528 384
    #   each block   2 * (256*256*9+256) + 256*256+256 + 4*256 (BN)    = 1 246 976
    #   end          2*256 (BN) + 256*3*9+3                            =     7 427
    # Ours has no bias before the second normalisation of each block: 3 * 256 fewer.
    generator = models.build_generator("resnet", example_shape=(32, 32, 3), latent_dim=128)
    assert _trainable(generator) == 528_384 + 3 * 1_246_976 + 7_427 - 3 * 256


@pytest.mark.parametrize(
    ("size", "generator_channels", "discriminator_channels"),
    [
        (48, [256, 128, 64], [64, 128, 256, 512, 1024]),
        (64, [512, 256, 128, 64], [64, 128, 256, 512, 1024]),
        (128, [1024, 512, 256, 128, 64], [64, 128, 256, 512, 1024, 1024]),
    ],
)
def test_channel_pyramids(size, generator_channels, discriminator_channels):
    # Built at width 1; the papers' table entries are these times 64.
    shape = (size, size, 3)
    for model, expected in [
        (
            models.build_generator("resnet", example_shape=shape, latent_dim=2, width=1),
            generator_channels,
        ),
        (
            models.build_discriminator("resnet", example_shape=shape, width=1),
            discriminator_channels,
        ),
    ]:
        blocks = [layer for layer in model.layers if layer.name.endswith("_add")]
        assert [64 * block.output.shape[-1] for block in blocks] == expected


def test_last_feature_maps_of_the_discriminators():
    for size, last in {32: 8, 48: 3, 64: 2, 128: 4}.items():
        model = models.build_discriminator("resnet", example_shape=(size, size, 3), width=1)
        assert model.get_layer("activation").output.shape[1:3] == (last, last)


def test_pooling_is_a_sum():
    model = models.build_discriminator("resnet", example_shape=(32, 32, 3), width=2)
    features = np.random.default_rng(0).standard_normal((2, 8, 8, 2)).astype("float32")
    pooled = model.get_layer("sum_pool")(model.get_layer("mean_pool")(features))
    np.testing.assert_allclose(pooled, features.sum((1, 2)), rtol=1e-4, atol=1e-4)


def test_initial_weights():
    model = models.build_discriminator("resnet", example_shape=(32, 32, 3), width=32)
    # Glorot: variance 2 / (fan_in + fan_out), times the gain 2 in the branches only.
    branch = model.get_layer("block_2_conv_1").kernel.numpy()
    np.testing.assert_allclose(branch.var(), 2 * 2 / (2 * 9 * 32), rtol=0.1)
    assert np.abs(branch).max() <= np.sqrt(3 * 2 * 2 / (2 * 9 * 32))
    shortcut = model.get_layer("block_2_shortcut").kernel.numpy()
    np.testing.assert_allclose(shortcut.var(), 2 / (2 * 32), rtol=0.15)


def test_identity_shortcut_where_nothing_changes():
    names = [
        layer.name
        for layer in models.build_discriminator("resnet", example_shape=(32, 32, 3), width=2).layers
    ]
    assert "block_2_shortcut" in names
    assert "block_3_shortcut" not in names


@pytest.mark.parametrize(
    ("shape", "blocks", "base", "default_widths"),
    [
        ((8, 8, 1), 1, (4, 4), (256, 128)),
        ((24, 40, 1), 2, (6, 10), (256, 128)),
        ((33, 200, 3), 3, (5, 25), (64, 64)),
        ((100, 60, 3), 4, (7, 4), (64, 64)),
        ((256, 256, 3), 6, (4, 4), (64, 64)),
        ((512, 600, 3), 6, (8, 10), (64, 64)),
    ],
)
def test_the_smaller_side_says_which_network_it_is(shape, blocks, base, default_widths):
    model = models.build_generator("resnet", example_shape=shape, latent_dim=2, width=1)
    assert model.get_layer("base").output.shape[1:3] == base
    assert len([layer for layer in model.layers if layer.name.endswith("_add")]) == blocks
    assert models.default_widths("resnet", shape) == default_widths
