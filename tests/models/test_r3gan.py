import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import perturb
from tfgan_losses.models import r3gan

from tfgan_losses import models


def _generator(size=16, width=16, **arguments):
    return models.build_generator(
        "r3gan",
        example_shape=(size, size, 3),
        latent_dim=64,
        width=width,
        **{"normalization": "none"} | arguments,
    )


def _discriminator(size=16, width=16, **arguments):
    return models.build_discriminator(
        "r3gan", example_shape=(size, size, 3), width=width, **arguments
    )


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256])
def test_sizes(size):
    generator, discriminator = _generator(size, width=1), _discriminator(size, width=1)
    assert generator.output_shape == (None, size, size, 3)
    assert discriminator.output_shape == (None, 1)
    sizes = [4 * 2**stage for stage in range(int(math.log2(size)) - 1)]
    blocks = [layer for layer in generator.layers if layer.name.endswith("_add")]
    assert [block.output.shape[1] for block in blocks] == sizes
    blocks = [layer for layer in discriminator.layers if layer.name.endswith("_add")]
    assert [block.output.shape[1] for block in blocks] == sizes[::-1]


def test_every_block_is_the_identity_at_the_start():
    images = np.random.default_rng(0).standard_normal((2, 16, 16, 3)).astype("float32")
    model = _discriminator()
    for name in ("block_16_1", "block_8_1", "block_4_1"):
        add = model.get_layer(f"{name}_add")
        probe = keras.Model(model.input, [*add.input, add.output])
        features, branch, output = probe(images)
        assert np.any(np.asarray(features))
        np.testing.assert_array_equal(branch, 0)
        np.testing.assert_array_equal(output, features)


def test_initial_weights():
    # He et al. 2015 for a slope of 0.2, times B^(-1/4) with B = 3 blocks at 16 pixels.
    gain = math.sqrt(2 / 1.04) * 3**-0.25
    # Width 64: 8 groups of 16 channels.
    deviations = {
        "block_4_1_conv_1": gain / math.sqrt(64),
        "block_4_1_conv_2": gain / math.sqrt(9 * 16),
    }
    generator, discriminator = _generator(width=64), _discriminator(width=64)
    for model in (generator, discriminator):
        for name, expected in deviations.items():
            layer = model.get_layer(name)
            assert layer.kernel.numpy().std() == pytest.approx(expected, rel=0.05)
            assert not layer.bias.numpy().any()
        assert not model.get_layer("block_4_1_conv_3").kernel.numpy().any()
        assert not model.get_layer("block_4_1_conv_3").use_bias
    expected = {
        (generator, "channel_scales"): 1 / math.sqrt(64),
        (generator, "basis"): 1.0,
        (generator, "output"): 1 / math.sqrt(64),
        (discriminator, "from_image"): 1 / math.sqrt(3),
        (discriminator, "basis"): 1 / math.sqrt(4 * 4),
        (discriminator, "logits"): 1 / math.sqrt(64),
    }
    for (model, name), deviation in expected.items():
        (kernel,) = model.get_layer(name).weights
        # Few numbers in some of them: four standard errors of a standard deviation.
        tolerance = 4 / math.sqrt(2 * kernel.numpy().size)
        assert kernel.numpy().std() == pytest.approx(deviation, rel=tolerance), name


def test_the_latent_vector_scales_the_channels_of_a_learned_basis():
    model = _generator()
    latents = np.random.default_rng(0).standard_normal((2, 64)).astype("float32")
    features = keras.Model(model.input, model.get_layer("basis").output)(latents)
    (linear,), (basis,) = (
        model.get_layer("channel_scales").weights,
        model.get_layer("basis").weights,
    )
    expected = basis.numpy()[None] * (latents @ linear.numpy())[:, None, None, :]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


def test_parameter_counts_at_32_pixels():
    # Width 768, 96 groups of 16 channels, two blocks in each of the four stages.
    #   block       768*1536 + 1536 + 9*16*1536 + 1536 + 1536*768        = 2 583 552
    #   G: 8 blocks + 64*768 + 16*768 + 768*3                            = 20 732 160
    #   D: 8 blocks + 3*768 + 16*768 + 768                               = 20 683 776
    block = 2_583_552
    generator, discriminator = _generator(32, width=768), _discriminator(32, width=768)
    assert generator.count_params() == 8 * block + 49_152 + 12_288 + 2_304 == 20_732_160
    assert discriminator.count_params() == 8 * block + 2_304 + 12_288 + 768 == 20_683_776
    assert discriminator.get_layer("block_4_2_conv_2").groups == 96


def test_resampling_keeps_straight_lines():
    # Both are bilinear with half-pixel centres: a ramp stays a ramp, apart from the border.
    ramp = np.tile(np.arange(8.0, dtype="float32")[None, :, None, None], (1, 1, 8, 1))
    up = _generator(8, width=1).get_layer("up_8")(ramp)[0, 1:-1, 0, 0]
    np.testing.assert_allclose(up, np.arange(1, 15) / 2 - 0.25, rtol=1e-5)
    down = _discriminator(8, width=1).get_layer("down_8")(ramp)[0, :, 0, 0]
    np.testing.assert_allclose(down, [0.5, 2.5, 4.5, 6.5])


def test_images_are_not_bounded():
    latents = 1e3 * np.random.default_rng(0).standard_normal((2, 64)).astype("float32")
    assert np.abs(_generator(8)(latents)).max() > 1


def test_double_gradients_of_a_block_agree_eager_graph_and_jit(modes):
    # R1 (Mescheder et al. 2018) differentiates the grouped convolution twice. A block is linear in
    # pieces, so its slope depends on the kernels and, almost everywhere, on no bias.
    features = keras.Input((4, 4, 16))
    model = keras.Model(features, r3gan._block(features, "block", blocks=1))
    perturb(model)
    batch = np.random.default_rng(0).standard_normal((2, 4, 4, 16)).astype("float32")
    kernels = [weight.value for weight in model.trainable_weights if len(weight.shape) > 1]

    def gradients(batch):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(batch)
                output = model(batch, training=True)
            value = tf.reduce_sum(tf.square(inner.gradient(output, batch)))
        return outer.gradient(value, kernels)

    eager, *others = [modes.run(mode, gradients, tf.constant(batch)) for mode in modes.names]
    assert len(eager) == 3
    assert all(np.any(np.asarray(gradient)) for gradient in eager)
    for other in others:
        for one, two in zip(eager, other, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("normalization", ["batch", "layer", "instance", "spectral"])
def test_normalizations_are_refused(normalization):
    for build in (_generator, _discriminator):
        with pytest.raises(ValueError, match=f"Expected normalization='none'.*'{normalization}'"):
            build(normalization=normalization)


def test_groups_must_divide_the_channels():
    with pytest.raises(ValueError, match=r"multiple of 8.*Received: width=31"):
        _generator(width=31)
