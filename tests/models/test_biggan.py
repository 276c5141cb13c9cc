"""BigGAN and BigGAN-deep: parameters of the published networks, chunks, blocks, attention."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import assert_every_weight_has_a_gradient

from tfgan_losses import models
from tfgan_losses.layers import ConditionalBatchNormalization, SelfAttention, SharedEmbedding

FAMILIES = ("biggan", "biggan_deep")
PAPER = {"normalization": "spectral+conditional_batch"}


def generator(family, size=8, *, width=1, latent_dim=7, classes=3, **options):
    return models.build_generator(
        family,
        example_shape=(size, size, 3),
        latent_dim=latent_dim,
        width=width,
        condition_size=classes,
        **{**PAPER, **options},
    )


def discriminator(family, size=8, *, width=1, **options):
    return models.build_discriminator(
        family, example_shape=(size, size, 3), width=width, normalization="spectral", **options
    )


def draw(classes=3, latent_dim=7, batch=3):
    latents = np.random.default_rng(0).standard_normal((batch, latent_dim)).astype("float32")
    labels = np.eye(classes, dtype="float32")[np.arange(batch) % classes]
    return [tf.constant(latents), tf.constant(labels)]


def attend(*networks):
    """Lets what attention finds count: its share starts at 0."""
    for network in networks:
        for layer in network.layers:
            if isinstance(layer, SelfAttention):
                layer.gamma.assign(0.5)


@pytest.fixture
def shapes_only():
    """Networks whose variables have shapes and no values."""
    with keras.StatelessScope(initialize_variables=False):
        yield
    keras.utils.clear_session(free_memory=False)


def count(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


@pytest.mark.parametrize(
    ("size", "latent_dim", "of_generator", "of_discriminator"),
    # compare_gan, resnet_biggan.py, 1000 classes. Those of 128 pixels together are the 158.42
    # million of the paper's table 1. Vectors of singular values and moving averages do not count.
    [(128, 120, 70_433_988, 87_982_370), (256, 140, 82_097_604, 98_635_298),
     (512, 160, 82_468_068, 98_801_378)],
)  # fmt: skip
@pytest.mark.usefixtures("shapes_only")
def test_parameters_are_as_many_as_in_the_published_networks(
    size, latent_dim, of_generator, of_discriminator
):
    options = {"width": None, "latent_dim": latent_dim, "classes": 1000}
    assert count(generator("biggan", size, **options)) == of_generator
    options = {"width": None, "kind": "projection", "condition_size": 1000}
    assert count(discriminator("biggan", size, **options)) == of_discriminator


def outputs_of_blocks(network):
    blocks = [layer for layer in network.layers if layer.name.endswith("_add")]
    return [layer.output.shape[1:] for layer in blocks]


@pytest.mark.parametrize(
    ("size", "of_generator", "of_discriminator"),
    [
        (16, [(8, 4), (16, 4)], [(8, 4), (8, 4), (8, 4), (8, 4)]),
        (32, [(8, 4), (16, 4), (32, 4)], [(16, 4), (8, 4), (8, 4), (8, 4)]),
        (64, [(8, 16), (16, 8), (32, 4), (64, 2)],
         [(32, 1), (16, 2), (8, 4), (4, 8), (4, 16)]),
        (128, [(8, 16), (16, 8), (32, 4), (64, 2), (128, 1)],
         [(64, 1), (32, 2), (16, 4), (8, 8), (4, 16), (4, 16)]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shapes_only")
def test_tables(size, of_generator, of_discriminator):
    # Sizes and channels after each block, at width 1; of BigGAN-deep after every second one.
    for family, every in (("biggan", 1), ("biggan_deep", 2)):
        found = outputs_of_blocks(generator(family, size))[every - 1 :: every]
        assert found == [(side, side, channels) for side, channels in of_generator]
        found = outputs_of_blocks(discriminator(family, size))[every - 1 :: every]
        # The first map of BigGAN-deep is that of a convolution.
        expected = of_discriminator if family == "biggan" else _after_the_first(of_discriminator)
        assert found == [(side, side, channels) for side, channels in expected]


def _after_the_first(table):
    """What BigGAN's blocks end with, one block earlier: the last one has nothing to halve."""
    sides, channels = zip(*table, strict=True)
    return list(zip(sides[:-1], channels[1:], strict=True))


def attended(network):
    return [x.output.shape[1] for x in network.layers if isinstance(x, SelfAttention)]


@pytest.mark.parametrize(
    ("family", "size", "expected"),
    [
        ("biggan", 64, ([], [])),
        ("biggan", 128, ([64], [64])),
        ("biggan", 256, ([128], [64])),
        ("biggan_deep", 64, ([], [])),
        ("biggan_deep", 128, ([64], [64])),
        ("biggan_deep", 256, ([64], [64])),
    ],
)
@pytest.mark.usefixtures("shapes_only")
def test_where_attention_stands(family, size, expected):
    networks = generator(family, size), discriminator(family, size)
    assert tuple(map(attended, networks)) == expected


def test_every_chunk_goes_to_its_block_alone():
    """Chunks of 2, the first one with the rest: 3 + 2 + 2 + 2, to the first layer and 3 blocks."""
    network = generator("biggan", 32, latent_dim=9)
    norms = [x for x in network.layers if isinstance(x, ConditionalBatchNormalization)]
    assert [norm.name for norm in norms] == [
        f"block_{block}_norm_{index}" for block in (1, 2, 3) for index in (1, 2)
    ]
    conditions = keras.Model(network.inputs, [norm.input[1] for norm in norms])
    latents, labels = draw(latent_dim=9)
    (embedding,) = [x for x in network.layers if isinstance(x, SharedEmbedding)]
    vectors = labels.numpy() @ embedding.kernel.numpy()
    for index, condition in enumerate(conditions([latents, labels])):
        start = 3 + 2 * (index // 2)
        expected = np.concatenate([vectors, latents[:, start : start + 2]], axis=1)
        np.testing.assert_allclose(condition, expected, rtol=1e-6)
    first = network.get_layer("project").input
    found = keras.Model(network.inputs, first)([latents, labels])
    np.testing.assert_array_equal(found, latents[:, :3])


def test_biggan_deep_has_the_latents_whole_everywhere():
    network = generator("biggan_deep")
    latents, labels = draw()
    vectors = labels.numpy() @ network.get_layer("embedding").kernel.numpy()
    expected = np.concatenate([latents, vectors], axis=1)
    places = [network.get_layer("project").input, network.get_layer("block_2_norm_4").input[1]]
    for found in keras.Model(network.inputs, places)([latents, labels]):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_without_labels_the_latents_alone_are_the_condition():
    latents, _ = draw()
    network = generator("biggan", classes=0)
    assert len(network.inputs) == 1
    conditions = network.get_layer("block_1_norm_2").input[1]
    np.testing.assert_array_equal(keras.Model(network.input, conditions)(latents), latents[:, 4:])
    whole = generator("biggan_deep", classes=0).get_layer("block_1_norm_1").input[1]
    assert whole.shape == (None, 7)
    assert all("embedding" not in x.name for x in network.layers)


@pytest.mark.parametrize("family", FAMILIES)
def test_batch_normalisation_is_plain_where_it_is_asked_for(family):
    network = generator(family, normalization="spectral+batch", classes=0)
    assert not [x for x in network.layers if isinstance(x, ConditionalBatchNormalization)]
    assert network.get_layer("project").input.shape == (None, 7)


def test_too_few_latents_are_named():
    with pytest.raises(ValueError, match=r"Expected latent_dim >= 4.* 3 blocks.*latent_dim=3"):
        generator("biggan", 32, latent_dim=3)
    generator("biggan", 32, latent_dim=4)


@pytest.mark.parametrize("family", FAMILIES)
def test_kernels_start_orthogonal(family):
    networks = generator(family, width=2), discriminator(family, width=2)
    kernels = [
        variable.numpy()
        for network in networks
        for variable in network.trainable_variables
        if variable.name == "kernel"
    ]
    assert len(kernels) >= 20
    for kernel in kernels:
        matrix = kernel.reshape(-1, kernel.shape[-1])
        matrix = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
        products = matrix.T @ matrix
        np.testing.assert_allclose(products, np.eye(len(products)), atol=1e-5)


def test_shortcuts_without_a_convolution_keep_what_they_are_given():
    """BigGAN-deep leaves channels out; BigGAN's discriminator has the identity or its mean."""
    features = np.random.default_rng(0).standard_normal((2, 4, 4, 16)).astype("float32")
    network = generator("biggan_deep", 64)
    fewer = network.get_layer("block_4_shortcut_fewer")
    found = fewer(network.get_layer("block_4_shortcut_up")(features))
    np.testing.assert_array_equal(found, features.repeat(2, 1).repeat(2, 2)[..., :8])
    names = [x.name for x in discriminator("biggan", 32).layers]
    assert "block_1_shortcut" in names
    assert not {"block_2_shortcut", "block_3_shortcut", "block_4_shortcut"} & set(names)


def assert_gradients(family, size, width):
    latents, labels = draw()
    g = generator(family, size, width=width)
    d = discriminator(family, size, width=width, kind="projection", condition_size=3)
    attend(g, d)
    images = g([latents, labels], training=True)
    assert images.shape == (3, size, size, 3)
    assert np.abs(images).max() <= 1
    # To a bias before a normalisation it is rounding errors.
    assert_every_weight_has_a_gradient(
        lambda: d([g([latents, labels], training=True), labels], training=True), [g, d]
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_weight_of_the_papers_networks_has_a_gradient(family):
    assert_gradients(family, 8, width=4)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_with_attention_too(family):
    """At 128 pixels, the smallest that have it."""
    assert_gradients(family, 128, width=4)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(100, 60, 1), (48, 64, 4), (8, 23, 3)])
@pytest.mark.usefixtures("shapes_only")
def test_any_height_and_width(family, shape):
    options = {"example_shape": shape, "width": 1}
    network = models.build_generator(family, latent_dim=8, **options)
    assert network.output_shape == (None, *shape)
    assert models.build_discriminator(family, **options).output_shape == (None, 1)
