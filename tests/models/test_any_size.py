"""Networks at sizes that no paper has: no power of two, rectangles, one and four channels."""

import functools
import zlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import assert_every_weight_has_a_gradient

from tfgan_losses import models

FAMILIES = ("dcgan", "resnet", "r3gan")
SHAPES = [
    pytest.param((96, 96, 3), marks=pytest.mark.slow, id="96x96x3"),
    pytest.param((48, 64, 1), marks=pytest.mark.slow, id="48x64x1"),
    pytest.param((100, 60, 3), id="100x60x3"),
    pytest.param((17, 9, 4), id="17x9x4"),
]
# Numbers of weights of generator and discriminator, and a digest of all paths and shapes, as the
# code made them that knew only the sizes of the papers (commit 7b5a167).
BEFORE = {
    ("dcgan", 32): (1435, 891, 2158718655),
    ("dcgan", 48): (2235, 1051, 108732117),
    ("dcgan", 64): (4187, 3099, 2123485703),
    ("dcgan", 96): (5787, 3419, 1489039187),
    ("dcgan", 128): (8347, 7227, 1385703374),
    ("resnet", 32): (545, 357, 3960428859),
    ("resnet", 48): (6153, 10235, 818256941),
    ("resnet", 64): (13417, 10235, 3880182980),
    ("resnet", 128): (33193, 28827, 298668560),
    ("r3gan", 32): (10560, 10528, 1231779540),
    ("r3gan", 64): (13152, 13120, 2073356035),
    ("r3gan", 128): (15744, 15712, 452913408),
}


def build(family, shape, *, width=1, g_normalization="batch", **options):
    none = family == "r3gan"
    generator = models.build_generator(
        family,
        example_shape=shape,
        latent_dim=5,
        width=width,
        normalization="none" if none else g_normalization,
    )
    return generator, models.build_discriminator(
        family, example_shape=shape, width=width, **options
    )


@functools.cache
def pair(family, shape):
    keras.utils.set_random_seed(0)
    return build(family, shape, width=2)


def latents(count=2):
    return np.random.default_rng(0).standard_normal((count, 5)).astype("float32")


@pytest.mark.parametrize(("family", "size"), BEFORE)
def test_the_sizes_of_the_papers_are_those_of_before(family, size):
    width = 8 if family == "r3gan" else 2
    options = {} if family == "r3gan" else {"normalization": "layer"}
    networks = build(family, (size, size, 3), width=width, **options)
    shapes = [[(weight.path, tuple(weight.shape)) for weight in x.weights] for x in networks]
    found = (*(network.count_params() for network in networks), zlib.crc32(repr(shapes).encode()))
    assert found == BEFORE[family, size]
    kinds = [type(layer) for network in networks for layer in network.layers]
    assert keras.layers.Cropping2D not in kinds


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_and_gradients(family, shape):
    generator, discriminator = pair(family, shape)
    assert generator.output_shape == discriminator.input_shape == (None, *shape)
    assert discriminator.output_shape == (None, 1)
    assert_every_weight_has_a_gradient(
        lambda: discriminator(generator(latents(), training=True), training=True),
        [generator, discriminator],
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_the_last_rows_and_columns_are_made_and_seen(family):
    """Halving could lose what is odd: then nobody would see what the generator makes there."""
    keras.utils.set_random_seed(0)
    generator, discriminator = build(family, (17, 11, 4), width=4)
    images = tf.Variable(generator(latents(8), training=True))
    assert np.all(np.std(images, axis=0).max(axis=-1) > 0)
    with tf.GradientTape() as tape:
        logits = tf.reduce_sum(tf.square(discriminator(images)))
    assert np.all(np.any(tape.gradient(logits, images) != 0, axis=(0, 3)))


@pytest.mark.parametrize("family", FAMILIES)
def test_saving_restores_the_function(family, tmp_path):
    for network in pair(family, (17, 9, 4)):
        inputs = tf.random.stateless_uniform((2, *network.input_shape[1:]), [0, 1])
        network.save(tmp_path / "network.keras")
        loaded = keras.models.load_model(tmp_path / "network.keras")
        np.testing.assert_array_equal(network(inputs), loaded(inputs))


@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_are_float32_under_mixed_precision(family):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator, discriminator = build(family, (17, 9, 4))
    finally:
        keras.config.set_dtype_policy("float32")
    images = generator(latents())
    assert images.dtype == discriminator(images).dtype == tf.float32
    assert np.isfinite(images).all()


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_double_gradients_agree_eager_graph_and_jit(family, modes):
    """R1 goes twice through what cuts and halves odd sides."""
    keras.utils.set_random_seed(0)
    _, discriminator = build(family, (17, 11, 4), width=2)
    images = tf.constant(np.random.default_rng(0).uniform(-1, 1, (2, 17, 11, 4)), tf.float32)
    kernels = [weight.value for weight in discriminator.trainable_weights if weight.ndim > 1]

    def gradients(images):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(images)
                logits = discriminator(images, training=True)
            penalty = tf.reduce_sum(tf.square(inner.gradient(logits, images)))
        return outer.gradient(penalty, kernels, unconnected_gradients="zero")

    eager, *others = [modes.run(mode, gradients, images) for mode in modes.names]
    assert any(np.any(np.asarray(gradient)) for gradient in eager)
    for other in others:
        for one, two in zip(eager, other, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["conditional", "projection", "posterior", "autoencoder"])
def test_kinds_of_discriminators(kind):
    options = {} if kind == "autoencoder" else {"condition_size": 3}
    network = models.build_discriminator(
        "dcgan", example_shape=(17, 12, 4), width=1, kind=kind, **options
    )
    inputs = [tf.zeros((2, *tensor.shape[1:])) for tensor in network.inputs]
    outputs = network(inputs if len(inputs) > 1 else inputs[0])
    logits = outputs["logits"] if isinstance(outputs, dict) else outputs
    assert logits.shape == (2, 1)
    if kind == "autoencoder":
        assert outputs["reconstruction"].shape == (2, 17, 12, 4)


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_are_frozen_at_any_size(family):
    _, square = build(family, (16, 16, 3))
    _, rectangle = build(family, (17, 24, 3))
    assert len(models.blocks_of(rectangle)) == len(models.blocks_of(square))
    frozen = models.freeze_blocks(rectangle, 2)
    assert not any(layer.trainable for layer in frozen)
    assert len(rectangle.trainable_weights) == len(rectangle.weights) - sum(
        len(layer.weights) for layer in frozen
    )
