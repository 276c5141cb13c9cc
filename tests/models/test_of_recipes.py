"""Each network gets what its recipe says of it."""

import keras
import pytest
from tfgan_losses.models import of_recipes

from tfgan_losses import gan_types
from tfgan_losses.layers import SpectralNormalization

KINDS = {
    "batch": keras.layers.BatchNormalization,
    "layer": keras.layers.GroupNormalization,
    "spectral": SpectralNormalization,
}


def found(network):
    return {name for name, kind in KINDS.items() for x in network.layers if isinstance(x, kind)}


@pytest.mark.parametrize(
    ("name", "of_images", "of_points"),
    [
        ("gan", ({"batch"}, {"batch"}), (set(), set())),
        ("wgan-gp", ({"batch"}, {"layer"}), (set(), set())),
        ("sngan", ({"batch"}, {"spectral"}), (set(), {"spectral"})),
        ("r1gan", ({"batch"}, set()), (set(), set())),
    ],
)
def test_normalisations(name, of_images, of_points):
    for shape, expected in (((8, 8, 1), of_images), ((2,), of_points)):
        options = {"condition": None, "latent_dim": 3, "width": 4}
        networks = of_recipes.build_networks(gan_types.get(name), shape, **options)
        assert tuple(map(found, networks)) == expected
        other = of_recipes.build_networks(
            gan_types.get(name), shape, g_normalization="none", d_normalization="none", **options
        )
        assert tuple(map(found, other)) == (set(), set())
