"""A run does not go on with networks of equal shapes that compute something else."""

import json

import keras
import networks
import pytest

from tfgan_losses import GAN
from tfgan_losses.run_files import record


class Source:
    name, size, example_shape, num_classes, fingerprint = "points", 4, (4, 4, 1), None, None


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(keras.ops.reshape(x, (-1, 16)))


def make(last="tanh", rate=0.5, discriminator=None):
    generator = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(16, activation=last),
            keras.layers.Reshape((4, 4, 1)),
        ]
    )
    inner = keras.Sequential([keras.layers.Dropout(rate), keras.layers.Dense(1)])
    default = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), inner])
    gan = GAN(generator, discriminator or default, latent_dim=6, seed=0)
    gan.compile("hinge")
    return gan


def of(gan):
    return record.of(gan, Source(), steps=5, batch_size=4)


def check(before, now):
    record.check_same("run.json", of(before), of(now))


@pytest.mark.parametrize(
    "now, change",
    [
        ({"last": "sigmoid"}, r'generator\.1: "Dense\(activation=tanh\)" before, .*sigmoid\)" now'),
        ({"rate": 0.1}, r"discriminator\.\d: .*rate=0\.5.*before, .*rate=0\.1"),
    ],
)
def test_what_a_layer_computes_may_not_change(now, change):
    with pytest.raises(ValueError, match=change):
        check(make(), make(**now))


def test_networks_made_again_or_loaded_are_the_same(tmp_path):
    check(make(), make())
    gan = networks.recipe_gan("wgan-gp")
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.compile_from_config(gan.get_compile_config())
    check(gan, loaded)


def test_subclassed_networks_are_told_by_their_layers():
    check(make(discriminator=Subclassed()), make(discriminator=Subclassed()))


def test_a_record_of_before_is_compared_without():
    gan = make()
    before = json.loads(json.dumps(of(gan)))
    del before["training"]["generator"], before["training"]["discriminator"]
    record.check_same("run.json", before, of(make(last="sigmoid")))
