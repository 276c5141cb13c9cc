import keras
import numpy as np
import pytest

from tfgan_losses import models


@pytest.mark.parametrize("size", [8, 10, 12, 14, 16, 20, 24, 28, 30, 32, 48, 64, 128, 256, 512])
def test_sizes(size):
    shape = (size, size, 1)
    generator = models.build_generator("dcgan", example_shape=shape, latent_dim=2, width=1)
    discriminator = models.build_discriminator("dcgan", example_shape=shape, width=1)
    assert generator.output_shape == (None, *shape)
    assert discriminator.input_shape == (None, *shape)
    assert discriminator.output_shape == (None, 1)


def test_parameter_counts_of_the_published_network():
    # 64 pixels, 3 channels, latent 100, width 64, all kernels 4x4 (the network of the authors'
    # Torch code and of PyTorch's DCGAN example, which has 3 576 704 and 2 765 568 parameters and
    # no biases at all).
    # G: 16 * (100*512 + 512*256 + 256*128 + 128*64 + 64*3) = 3 574 784 kernel weights,
    #    2 * (512 + 256 + 128 + 64) = 1920 scales and shifts; ours adds 3 biases of the output.
    generator = models.build_generator("dcgan", example_shape=(64, 64, 3), latent_dim=100)
    trainable = sum(int(np.prod(w.shape)) for w in generator.trainable_weights)
    assert trainable == 3_576_704 + 3
    # D: 16 * (3*64 + 64*128 + 128*256 + 256*512 + 512*1) = 2 763 776 kernel weights,
    #    2 * (128 + 256 + 512) = 1792; ours adds 64 biases of the first layer and 1 of the last.
    discriminator = models.build_discriminator(
        "dcgan", example_shape=(64, 64, 3), normalization="batch"
    )
    trainable = sum(int(np.prod(w.shape)) for w in discriminator.trainable_weights)
    assert trainable == 2_765_568 + 64 + 1


def test_channels_are_capped_at_eight_widths():
    generator = models.build_generator("dcgan", example_shape=(256, 256, 3), latent_dim=2, width=1)
    channels = [layer.output.shape[-1] for layer in generator.layers if "activation" in layer.name]
    assert channels == [8, 8, 8, 4, 2, 1]


def test_initial_weights():
    model = models.build_discriminator(
        "dcgan", example_shape=(16, 16, 3), width=32, normalization="batch"
    )
    for name in ("conv_1", "conv_2", "logits"):
        kernel = model.get_layer(name).kernel.numpy()
        np.testing.assert_allclose([kernel.mean(), kernel.std()], [0, 0.02], atol=2e-3)
    gamma = model.get_layer("norm_2").gamma.numpy()
    np.testing.assert_allclose([gamma.mean(), gamma.std()], [1, 0.02], atol=1e-2)


def test_the_first_convolution_has_no_normalization_layer():
    model = models.build_discriminator(
        "dcgan", example_shape=(16, 16, 3), width=2, normalization="batch"
    )
    names = [layer.name for layer in model.layers]
    assert "norm_1" not in names
    assert "norm_2" in names
    assert model.get_layer("conv_1").use_bias
    assert not model.get_layer("conv_2").use_bias


def test_training_at_eight_pixels_moves_the_logits():
    # Weights of N(0, 0.02) start a small network with logits near 0; they must still learn.
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    stripes = np.where(np.arange(8) % 2, 1.0, -1.0)[None, :, None, None]
    real = np.tile(stripes, (64, 1, 8, 1)) + 0.1 * rng.standard_normal((64, 8, 8, 1))
    fake = rng.uniform(-1, 1, (64, 8, 8, 1))
    images = np.concatenate([real, fake])
    labels = np.repeat([[1.0], [0.0]], 64, axis=0)
    discriminator = models.build_discriminator("dcgan", example_shape=(8, 8, 1), width=16)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), loss)
    # One epoch of 100 steps: the same 128 images again and again.
    discriminator.fit(
        np.tile(images, (100, 1, 1, 1)), np.tile(labels, (100, 1)), batch_size=128, verbose=0
    )
    assert discriminator.evaluate(images, labels, verbose=0) < 0.2
