import pytest

from tfgan_losses import models


def test_parameter_counts():
    # latent 2 - 256 - 256 - 2, no normalisation: 2*256+256 + 256*256+256 + 256*2+2.
    generator = models.build_generator(
        "mlp", example_shape=(2,), latent_dim=2, normalization="none"
    )
    assert generator.count_params() == 768 + 65792 + 514
    # 2 - 256 - 256 - 1.
    discriminator = models.build_discriminator("mlp", example_shape=(2,))
    assert discriminator.count_params() == 768 + 65792 + 257


def test_instance_normalization_of_vectors_is_refused():
    with pytest.raises(ValueError, match="normalization='instance'"):
        models.build_discriminator("mlp", example_shape=(4, 4, 1), normalization="instance")


@pytest.mark.parametrize("wrong", [True, 0, 1.5, "8"])
def test_a_width_is_a_number(wrong):
    with pytest.raises(ValueError, match="width"):
        models.build_discriminator("mlp", example_shape=(4,), width=wrong)
