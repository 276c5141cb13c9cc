"""StyleGAN2 beside the numbers of its papers, and one latent vector as one image everywhere."""

import keras
import network_cases
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.models import styles

from tfgan_losses import conditioning, models
from tfgan_losses.exporting import savedmodel_format
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.layers import MinibatchStandardDeviation, StyleMixing

LATENT_DIM = 16


def generator(shape=(8, 8, 3), width=4, latent_dim=LATENT_DIM, **arguments):
    network = models.build_generator(
        "stylegan2",
        example_shape=shape,
        latent_dim=latent_dim,
        width=width,
        **{"normalization": "none", **arguments},
    )
    return network


def discriminator(shape=(8, 8, 3), width=4, **arguments):
    return models.build_discriminator("stylegan2", example_shape=shape, width=width, **arguments)


def noisy(network):
    """Strengths of the noise, which start at 0, and all biases."""
    rng = np.random.default_rng(0)
    for weight in network.trainable_weights:
        if not np.any(weight.numpy()):
            weight.assign(rng.uniform(0.2, 0.4, weight.shape))
    return network


def latents(batch=5, latent_dim=LATENT_DIM):
    return np.random.default_rng(1).standard_normal((batch, latent_dim)).astype("float32")


@pytest.mark.slow
def test_parameter_counts_of_the_papers():
    """Configuration F at 1024 pixels.

    The discriminator has 29 012 513 in public training logs of stylegan2-ada-pytorch. By hand, with
    c channels and sizes 4 to 1024 (512 up to 64, then 256, 128, 64, 32), for a convolution
    9 c_in c_out + c_out, with a style 512 c_in + c_in and 1 strength of noise more:
    mapping 8 * (512 * 512 + 512) = 2 101 248; constant 16 * 512; synthesis the rest.
    """
    network = generator((1024, 1024, 3), width=32, latent_dim=512)
    channels = [512] * 5 + [256, 128, 64, 32]

    def modulated(size, inputs, outputs):
        return size * inputs * outputs + outputs + 512 * inputs + inputs

    total = 2_101_248 + 16 * 512
    for stage, own in enumerate(channels):
        total += modulated(9, own, own) + 1 + modulated(1, own, 3)
        total += modulated(9, channels[stage - 1], own) + 1 if stage else 0
    assert network.count_params() == total == 30_370_060
    assert network.get_layer("mapping").output_shape == (None, 18, 512)
    assert discriminator((1024, 1024, 3), width=32).count_params() == 29_012_513


@pytest.mark.parametrize(
    ("size", "width", "channels", "depth"),
    [
        pytest.param(32, 512, [512] * 4, 2, marks=pytest.mark.slow),
        pytest.param(256, 64, [512] * 4 + [256, 128, 64], 8, marks=pytest.mark.slow),
        (64, 2, [32, 16, 8, 4, 2], 8),
    ],
)
def test_channels_and_layers(size, width, channels, depth):
    network = generator((size, size, 3), width=width)
    synthesis, mapping = network.get_layer("synthesis"), network.get_layer("mapping")
    sizes = [4 * 2**stage for stage in range(len(channels))]
    found = [synthesis.get_layer(f"block_{own}_conv").output.shape[1:] for own in sizes]
    assert found == [(own, own, c) for own, c in zip(sizes, channels, strict=True)]
    assert sum(layer.name.startswith("dense_") for layer in mapping.layers) == depth
    (mixing,) = (layer for layer in mapping.layers if isinstance(layer, StyleMixing))
    assert mixing.styles == 2 * len(sizes)
    assert mixing.probability == (0.9 if size >= 64 else 0.0)


@pytest.mark.parametrize(
    "shape",
    [
        *((48, 64, 3), (9, 31, 2)),
        *(pytest.param(x, marks=pytest.mark.slow) for x in ((96, 96, 3), (100, 60, 4))),
    ],
)
def test_images_of_any_size(shape):
    network, critic = generator(shape, width=1), discriminator(shape, width=1)
    images = network(latents(2))
    assert images.shape == (2, *shape)
    assert critic(images).shape == (2, 1)


def test_default_widths():
    assert models.default_widths("stylegan2", (63, 100, 3)) == (32, 32)
    assert models.default_widths("stylegan2", (64, 64, 3)) == (64, 64)


@pytest.mark.parametrize("case", ["with a condition", "mixing styles"])
def test_every_weight_has_a_gradient(case):
    shape = (64, 64, 3) if case == "mixing styles" else (8, 8, 3)
    size = 3 if case == "with a condition" else 0
    network, critic = generator(shape, 2, condition_size=size), discriminator(shape, 2)
    inputs = [latents(3), network_cases.conditions()] if size else latents(3)
    network_cases.assert_every_weight_has_a_gradient(
        lambda: critic(noisy(network)(inputs, training=True), training=True), [network, critic]
    )


def test_images_and_features_start_with_the_variance_of_data():
    network, critic = generator((16, 16, 3), width=16), discriminator((16, 16, 3), width=16)
    images = network(latents(32))
    assert 0.3 < float(tf.math.reduce_std(images)) < 3
    hidden = keras.Model(critic.input, critic.get_layer("block_4_conv_activation").output)
    data = np.random.default_rng(0).standard_normal((32, 16, 16, 3)).astype("float32")
    assert 0.2 < float(tf.math.reduce_std(hidden(data))) < 3


@pytest.mark.parametrize(("size", "is_bounded"), [(63, True), (64, False)])
def test_small_images_are_bounded(size, is_bounded):
    network = generator((size, size, 1), width=1)
    for weight in network.weights:
        if "image" in weight.path and weight.name == "bias":
            weight.assign([3.0])
    assert (np.abs(network(latents(2))).max() <= 1) == is_bounded


def test_a_residual_block_by_hand():
    """sqrt(1/2) of a branch with an activation of gain sqrt(2), and of a linear shortcut."""
    critic = discriminator((8, 8, 3))
    data = np.random.default_rng(0).standard_normal((2, 8, 8, 3)).astype("float32")
    names = ("from_image_activation", "block_8_blur", "block_8_shortcut_blur", "block_8_add")
    probe = keras.Model(critic.input, [critic.get_layer(name).output for name in names])
    hidden, blurred, halved, result = probe(data)
    assert hidden.shape == (2, 8, 8, 4) and blurred.shape == (2, 9, 9, 4)
    conv, shortcut = critic.get_layer("block_8_conv_2"), critic.get_layer("block_8_shortcut")
    branch = tf.nn.conv2d(blurred, conv.kernel / 36**0.5, 2, "VALID") + conv.bias
    branch = 2**0.5 * tf.nn.leaky_relu(branch, 0.2)
    linear = tf.nn.conv2d(halved, shortcut.kernel / 4**0.5, 1, "VALID")
    np.testing.assert_allclose(result, 0.5**0.5 * (branch + linear), rtol=1e-4, atol=1e-5)


def test_the_discriminator_compares_the_examples_of_a_group():
    critic = discriminator()
    names = [layer.name for layer in critic.layers]
    deviation = next(x for x in critic.layers if isinstance(x, MinibatchStandardDeviation))
    assert names[names.index(deviation.name) + 1] == "block_4_conv"
    data = np.random.default_rng(0).standard_normal((4, 8, 8, 3)).astype("float32")
    alone = np.asarray(critic(data[:1]))
    assert not np.allclose(critic(data)[:1], alone)


@pytest.mark.parametrize(
    ("mode", "size"),
    [("graph", 8), *(pytest.param(x, 64, marks=pytest.mark.slow) for x in ("graph", "jit"))],
)
@pytest.mark.parametrize("training", [False, True])
def test_one_latent_vector_is_one_image(mode, size, training, modes):
    """Alone, in another batch, at another place, and in a graph; at 64 pixels of mixed styles."""
    network, z = noisy(generator((size, size, 1), width=1)), latents(5)
    whole = np.asarray(network(z, training=training))
    assert np.abs(whole[0] - whole[1]).max() > 0.1
    for found in (
        network(z[2:3], training=training),
        tf.concat([network(z[3:1:-1], training=training)], 0)[1:],
        modes.run(mode, lambda x: network(x, training=training), tf.constant(z))[2:3],
    ):
        np.testing.assert_allclose(found, whole[2:3], rtol=1e-3, atol=1e-3)


def test_noise_shows_in_the_image_and_is_that_of_the_latents():
    """Without noise neighbours have nearly one image; with it, one of their own."""
    network, z = generator(), latents(1)
    near = z.copy()
    # On both sides of a border between multiples of 1/64.
    z[:, 0], near[:, 0] = (0.5 - 1e-4) / 64, (0.5 + 1e-4) / 64
    assert np.abs(network(z) - network(near)).max() < 1e-3
    noisy(network)
    assert np.abs(network(z) - network(near)).max() > 0.05


def test_styles_are_mixed_in_training_only():
    mapping = generator((64, 64, 1), width=1).get_layer("mapping")
    z = latents(64)
    usual, mixed = np.asarray(mapping(z)), np.asarray(mapping(z, training=True))
    assert usual.shape == mixed.shape == (64, 10, 16)
    assert np.all(usual == usual[:, :1])
    assert np.all(mixed[:, 0] == usual[:, 0])
    share = np.mean(np.any(mixed != usual, axis=(1, 2)))
    assert 0.75 < share < 1.0


def test_styles_of_a_condition_depend_on_it():
    mapping = generator(condition_size=3).get_layer("mapping")
    z = np.repeat(latents(1), 3, axis=0)
    first, second, third = np.asarray(mapping([z, network_cases.conditions()]))
    assert np.abs(first - second).max() > 0.01 < np.abs(second - third).max()
    # Both inputs are normalised: their sizes do not count.
    larger = mapping([100 * z, 10 * network_cases.conditions()])
    np.testing.assert_allclose(larger, [first, second, third], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("condition", [None, conditioning.Labels(num_classes=3)])
def test_truncated_styles(condition, tmp_path):
    network = noisy(generator(condition_size=3 if condition else 0))
    mapping = network.get_layer("mapping")
    z = latents(4)
    inputs = [z, network_cases.conditions(4)] if condition else z
    same, half = (styles.truncate_styles(network, psi, condition) for psi in (1, 0.5))
    np.testing.assert_allclose(same(inputs), network(inputs), rtol=1e-4, atol=1e-4)
    mean = half.get_layer("truncate_styles").mean.numpy()
    # E f(z, c), by other latent vectors; four standard errors.
    rng = np.random.default_rng(5)
    drawn = [rng.standard_normal((6000, LATENT_DIM)).astype("float32")]
    drawn += [np.eye(3, dtype="float32")[np.arange(6000) % 3]] if condition else []
    found = np.asarray(mapping(drawn if condition else drawn[0]))[:, 0]
    assert np.all(np.abs(found.mean(0) - mean) < 5 * found.std(0) / 6000**0.5)
    between = mean + 0.5 * (np.asarray(mapping(inputs)) - mean)
    expected = network.get_layer("synthesis")([between, z])
    np.testing.assert_allclose(half(inputs), expected, rtol=1e-4, atol=1e-4)
    assert np.ptp(half(inputs), axis=0).mean() < np.ptp(same(inputs), axis=0).mean()
    half.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    np.testing.assert_array_equal(loaded(inputs), half(inputs))
    if condition is None:
        # Of one style and other noise.
        still = generator()
        flat = np.asarray(styles.truncate_styles(still, 0)(z))
        np.testing.assert_allclose(flat, np.repeat(flat[:1], 4, 0), rtol=1e-5, atol=1e-5)


def test_what_cannot_be_truncated():
    other = models.build_generator("mlp", example_shape=(2,), latent_dim=2)
    with pytest.raises(ValueError, match=r"parts 'mapping' and 'synthesis'.*Received: generator="):
        styles.truncate_styles(other, 0.5)
    with pytest.raises(ValueError, match=r"Expected psi .*Received: psi=-1"):
        styles.truncate_styles(generator(), -1)
    with pytest.raises(ValueError, match=r"condition of the generator.*Received: condition=None"):
        styles.truncate_styles(generator(condition_size=3), 0.5)


@pytest.mark.slow
def test_a_saved_model_draws_the_same_images(tmp_path):
    network = noisy(generator((9, 12, 3)))
    savedmodel_format.write(TrainedGenerator(network, LATENT_DIM, None), tmp_path / "model")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    z = latents(3)
    np.testing.assert_allclose(loaded.serving_default(z), network(z), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        loaded.sample(2, seed=4), loaded.sample(5, seed=4)[:2], rtol=1e-4, atol=1e-4
    )


def test_half_precision_makes_the_images_of_full_precision():
    full = noisy(generator())
    keras.config.set_dtype_policy("mixed_float16")
    half = generator()
    half.set_weights(full.get_weights())
    z = latents(4)
    assert half(z).dtype == tf.float32
    np.testing.assert_allclose(half(z), full(z), atol=0.1)
    assert np.abs(np.asarray(half(z) - full(z))).mean() < 0.01


@pytest.mark.parametrize("normalization", ["batch", "layer", "instance", "spectral"])
def test_normalizations_are_refused(normalization):
    for build in (generator, discriminator):
        with pytest.raises(ValueError, match=f"Expected normalization='none'.*'{normalization}'"):
            build(normalization=normalization)


def test_small_images_are_refused():
    for build in (generator, discriminator):
        with pytest.raises(ValueError, match=r"both sides of 8 pixels.*example_shape=\(4, 8, 3\)"):
            build((4, 8, 3))
