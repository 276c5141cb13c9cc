"""Regularisers of kernels: values, gradients, the matrices of layers, and where they count."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.models import of_recipes

from tfgan_losses import GAN, gan_types, layers, regularizers
from tfgan_losses.layers import conv2d_transpose
from tfgan_losses.run_files import record
from tfgan_losses.training.inspection import weight_losses

RNG = np.random.default_rng(0)


def off_diagonal(matrix):
    """||W^T W * (1 - I)||_F^2 as the paper writes it, for W [everything else, out]."""
    products = matrix.T @ matrix
    return np.sum(np.square(products - np.diag(np.diag(products))))


def test_value_and_gradient():
    matrix = RNG.normal(size=(5, 3)).astype("float32")
    variable = tf.Variable(matrix)
    with tf.GradientTape() as tape:
        value = regularizers.get("orthogonal(weight=0.5)")(variable)
    assert float(value) == pytest.approx(0.5 * off_diagonal(matrix), rel=1e-5)
    products = matrix.T @ matrix
    np.fill_diagonal(products, 0)
    np.testing.assert_allclose(tape.gradient(value, variable), 2 * matrix @ products, rtol=1e-4)
    orthogonal = 7 * np.linalg.qr(matrix)[0]
    assert float(regularizers.get("orthogonal(weight=1)")(orthogonal)) < 1e-6, "lengths are free"
    assert regularizers.get("orthogonal").weight == 1e-4


# The axes of the kernel in the order [everything else, out].
LAYERS = {
    "dense": (lambda: keras.layers.Dense(4), (3,), (0, 1), 4),
    "convolution": (lambda: keras.layers.Conv2D(4, 3), (5, 5, 2), (0, 1, 2, 3), 4),
    "transposed": (lambda: keras.layers.Conv2DTranspose(4, 3), (5, 5, 2), (0, 1, 3, 2), 4),
    "ours": (lambda: conv2d_transpose.Conv2DTranspose(4, 3), (5, 5, 2), (0, 1, 3, 2), 4),
    "depthwise": (
        lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2), (5, 5, 2), (0, 1, 2, 3), 4,
    ),
    "einsum": (lambda: keras.layers.EinsumDense("bc,dc->bd", 4), (3,), (1, 0), 4),
    "spectral": (
        lambda: layers.SpectralNormalization(keras.layers.Conv2D(4, 3)), (5, 5, 2), (0, 1, 2, 3), 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_seen_as_its_matrix_and_keeps_it(name, tmp_path):
    layer, shape, order, out = LAYERS[name]
    network = keras.Sequential([keras.Input(shape), layer()])
    regularizers.apply(network, "orthogonal(weight=2)")
    kernel = np.asarray(network.trainable_variables[0])
    expected = 2 * off_diagonal(kernel.transpose(order).reshape(-1, out))
    network.save(tmp_path / "network.keras")
    for each in (network, keras.models.load_model(tmp_path / "network.keras")):
        np.testing.assert_allclose(each.losses, [expected], rtol=1e-5)
        np.testing.assert_allclose(weight_losses(each), [expected], rtol=1e-5)
        assert regularizers.of_network(each) == ["orthogonal(weight=2)"]


def test_both_kernels_of_a_separable_convolution():
    network = keras.Sequential([keras.Input((5, 5, 2)), keras.layers.SeparableConv2D(3, 3)])
    regularizers.apply(network, "l2(l2=0.5)")
    kernels = [np.asarray(v) for v in network.trainable_variables if len(v.shape) > 1]
    expected = [0.5 * np.sum(np.square(kernel)) for kernel in kernels]
    np.testing.assert_allclose(network.losses, expected, rtol=1e-5)


def test_kerass_own_sees_a_convolution_as_a_matrix():
    network = keras.Sequential([keras.Input((5, 5, 2)), keras.layers.Conv2D(4, 3)])
    regularizers.apply(network, keras.regularizers.OrthogonalRegularizer(0.3, mode="columns"))
    matrix = np.asarray(network.trainable_variables[0]).reshape(-1, 4)
    matrix /= np.linalg.norm(matrix, axis=0)
    products = np.abs(matrix.T @ matrix) - np.eye(4)
    np.testing.assert_allclose(network.losses, [0.3 * products.sum() / 12], rtol=1e-4)
    assert repr(regularizers.get("l2(l2=0.5)")) == "l2(l2=0.5)"


def test_what_is_left_alone():
    recipe = gan_types.get("projection")
    generator, discriminator = of_recipes.build_networks(
        recipe, (8, 8, 1), condition=recipe.make_condition(3), latent_dim=4, width=4
    )
    for network in (generator, discriminator):
        regularizers.apply(network, "orthogonal")
        for variable in network.trainable_variables:
            kernel = variable.name in ("kernel", "depthwise_kernel", "pointwise_kernel")
            assert (variable.regularizer is not None) == kernel, variable.path
    table = keras.Sequential([keras.Input((1,)), keras.layers.Embedding(3, 4)])
    with pytest.raises(ValueError, match="Expected a network with kernels"):
        regularizers.apply(table, "orthogonal")


def test_it_is_part_of_the_loss_of_its_network():
    logs = []
    for options in ({}, {"g_regularizer": "l2(l2=0.5)", "d_regularizer": "orthogonal(weight=0.3)"}):
        keras.utils.set_random_seed(0)
        gan = networks.recipe_gan("gan", **options)
        own = [sum(map(float, weight_losses(n))) for n in (gan.discriminator, gan.generator)]
        logs.append(gan.train_on_batch(networks.examples(8), return_dict=True))
    assert min(own) > 0.01
    d_added = logs[1]["d_loss"] - logs[0]["d_loss"]
    assert d_added == pytest.approx(own[0], rel=1e-3)
    assert logs[1]["g_loss"] - logs[0]["g_loss"] == pytest.approx(own[1], abs=2e-2)
    told = record._layers(gan.generator), record._layers(networks.recipe_gan("gan").generator)
    assert any("l2(l2=0.5)" in line for line in told[0].values()) and told[0] != told[1]


def test_a_recipe_may_have_them():
    """An argument takes their place, an empty one leaves them out."""

    def found(**options):
        gan = networks.recipe_gan("biggan", **options)
        return tuple(map(regularizers.of_network, (gan.generator, gan.discriminator)))

    assert found() == (["orthogonal(weight=0.0001)"], [])
    assert found(g_regularizer="", d_regularizer="l2(l2=0.5)") == ([], ["l2(l2=0.5)"])
    assert found(g_regularizer="orthogonal(weight=2)") == (["orthogonal(weight=2)"], [])


def test_of_biggan_all_but_the_shared_embedding_has_one():
    """As in the authors' code: kernels in spectral normalisations too, and not what a class is."""
    gan = GAN.from_recipe("biggan", (8, 8, 1), num_classes=3, latent_dim=4, width=1)
    kernels = [v for v in gan.generator.trainable_variables if len(v.shape) > 1]
    without = [v.path for v in kernels if v.regularizer is None]
    assert without == ["embedding/kernel"]
    expected = sum(
        1e-4 * off_diagonal(np.reshape(v, (-1, v.shape[-1]))) for v in kernels if v.regularizer
    )
    assert float(sum(weight_losses(gan.generator))) == pytest.approx(expected, rel=1e-4, abs=1e-9)
    assert any("norm_1/gamma" in v.path for v in kernels)


def test_the_published_code_has_half_the_gradient():
    """BigGAN-PyTorch, utils.py: strength * 2 (W W^T * (1 - I)) W for W [out, rest]."""
    matrix = RNG.normal(size=(5, 3)).astype("float32")
    variable = tf.Variable(matrix)
    with tf.GradientTape() as tape:
        value = regularizers.get("orthogonal(weight=1e-4)")(variable)
    products = matrix.T @ matrix
    of_code = 1e-4 * 2 * (products * (1 - np.eye(3))) @ matrix.T
    np.testing.assert_allclose(tape.gradient(value, variable), 2 * of_code.T, rtol=1e-4)


def test_a_saved_gan_keeps_it(tmp_path):
    gan = networks.recipe_gan("gan", g_regularizer="orthogonal", ema_decay=0.9)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert isinstance(again, GAN)
    assert regularizers.of_network(again.generator) == ["orthogonal(weight=0.0001)"]
    assert regularizers.of_network(again.discriminator) == []


@pytest.mark.parametrize(
    "wrong, message",
    [
        ("orthogonal(weight=-1)", "Expected weight >= 0 and finite. Received: weight=-1"),
        ("ortogonal", "Unknown regulariser.*Did you mean 'orthogonal'"),
        ("l2(l2=-1)", "non-negative float"),
        (3, "Expected a regulariser: one of"),
    ],
)
def test_what_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        networks.recipe_gan("gan", d_regularizer=wrong)


def test_a_kernel_has_one_regulariser():
    network = networks.generator()
    regularizers.apply(network, "l2")
    with pytest.raises(ValueError, match="Expected kernels without a regulariser"):
        regularizers.apply(network, "orthogonal")
