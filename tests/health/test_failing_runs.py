"""Trainings that fail are told by name, and those that go well are not."""

import dataclasses
from typing import ClassVar

import commands
import keras
import networks
import numpy as np
import pytest

from tfgan_losses import GAN, Run, callbacks, datasets, gan_types
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.health import read_findings
from tfgan_losses.keeping import Keeping

pytestmark = pytest.mark.slow
LATENTS, BATCH = 64, 64


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", data_dir=commands.data_dir())


def recipe_gan(name, *, rate=1.0, example_shape=(8, 8, 1), **arguments):
    """A GAN, for digits if nothing else is said; `rate` is times the recipe's learning rate."""
    keras.utils.set_random_seed(0)
    recipe = gan_types.get(name)
    optimizer, options = recipe.optimizer
    options = {**options, "learning_rate": rate * options["learning_rate"]}
    return GAN.from_recipe(
        dataclasses.replace(recipe, optimizer=(optimizer, options)),
        example_shape,
        num_classes=10,
        steps=1000,
        seed=0,
        **{"latent_dim": LATENTS, "width": 16, "jit_compile": False, **arguments},
    )


def told(gan, source, *, steps, every, examples=None):
    """The names of the signs that a training is told of."""
    health = callbacks.GANHealth(examples or source, batch_size=BATCH, every=every)
    data = source.batches(BATCH * gan.d_steps, seed=0)
    gan.fit(data, steps_per_epoch=steps, epochs=1, verbose=0, callbacks=[health])
    return [finding.sign for finding in health.findings]


def test_minimax_with_a_discriminator_that_has_won(digits):
    assert "saturation" in told(recipe_gan("minimax", d_steps=10), digits, steps=80, every=10)


def test_100_times_the_learning_rate(digits):
    assert "saturation" in told(recipe_gan("minimax", rate=100.0), digits, steps=240, every=20)
    # Without normalisation the networks go round and round, each seed in a way of its own.
    points = datasets.load("ring8")
    gan = recipe_gan("rsgan", rate=100.0, example_shape=(2,), width=64, latent_dim=8)
    assert {"oscillation", "collapse"} & set(told(gan, points, steps=400, every=20))


def test_a_discriminator_without_capacity(digits):
    """It knows how bright an image is, and nothing else."""
    layers = [keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)]
    whole = recipe_gan("gan")
    gan = GAN(whole.generator, keras.Sequential(layers), latent_dim=LATENTS, seed=0)
    gan.compile(**gan_types.get("gan").compile_arguments())
    signs = told(gan, digits, steps=220, every=20)
    assert signs[0] == "blindness" and "collapse" in signs


@pytest.mark.parametrize("name", ["gan", "wgan-gp"])
def test_20_images(digits, name):
    images, labels = digits.take(20)
    few = MemorySource.from_arrays(images, labels, name="few", num_classes=10)
    assert "memorization" in told(recipe_gan(name), few, steps=130, every=20)


def test_numbers_of_another_size_and_a_generator_without_tanh(digits):
    images, _ = digits.take(1797)
    levels = MemorySource.from_arrays(100 * images + 50, name="levels")
    layers = [keras.Input((LATENTS,)), keras.layers.Dense(128, "relu"), keras.layers.Dense(64)]
    generator = keras.Sequential([*layers, keras.layers.Reshape((8, 8, 1))])
    gan = GAN(generator, recipe_gan("gan").discriminator, latent_dim=LATENTS, seed=0)
    gan.compile(**gan_types.get("gan").compile_arguments())
    assert told(gan, levels, steps=200, every=20) == ["scales"]


def grid_gan(name):
    """That of benchmarks/mixtures.py, on points of about unit size."""
    keras.utils.set_random_seed(0)
    adam = keras.optimizers.Adam
    penalties = {"penalties": "r1(weight=0.1), r2(weight=0.1)"} if name == "r3gan" else {}
    return GAN.from_recipe(
        dataclasses.replace(gan_types.get(name), ema_decay=0.995),
        (2,),
        steps=1500,
        latent_dim=2,
        model="deep_mlp",
        seed=0,
        g_optimizer=adam(2e-3, beta_1=0.0, beta_2=0.99),
        d_optimizer=adam(2e-3, beta_1=0.0, beta_2=0.99),
        jit_compile=False,
        **penalties,
    )


@pytest.mark.parametrize(("name", "signs"), [("gan", ["collapse"]), ("r3gan", [])])
def test_modes_are_left_out_without_a_penalty(name, signs):
    grid = datasets.load("grid25")
    scale = np.sqrt(np.square(grid.mixture.centers).mean())
    points = MemorySource.from_arrays(grid.take(100_000)[0] / scale, name="scaled")
    assert told(grid_gan(name), points, steps=1700, every=100) == signs


@pytest.mark.parametrize("name", ["gan", "acgan", "rahinge"])
def test_silent_where_all_goes_well(digits, name):
    assert told(recipe_gan(name), digits, steps=1000, every=100) == []


def test_a_run_says_it_by_default_and_keeps_it(tmp_path, digits, caplog):
    gan = recipe_gan("minimax", rate=100.0)
    Run(tmp_path / "run").train(gan, digits, steps=700, batch_size=BATCH, keeping=Keeping())
    (finding, *_) = read_findings(tmp_path / "run" / "health.csv")
    assert finding.step in (600, 700) and finding.sign == "saturation"
    assert any(finding.text in record.getMessage() for record in caplog.records)


def look_at_two_replicas():
    class Recorded(callbacks.GANHealth):
        looks: ClassVar = []

        def look(self):
            self.looks.append(super().look())
            return self.looks[-1]

    def train(*callbacks):
        keras.utils.set_random_seed(0)
        with commands.two_replicas().scope():
            gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, seed=3)
            gan.compile("wasserstein", penalties="gradient_penalty")
        x = networks.examples(64)
        gan.fit(x, batch_size=16, shuffle=False, verbose=0, callbacks=list(callbacks))
        return gan

    with_health = train(Recorded(networks.examples(64), every=2))
    assert [look.slope is not None for look in Recorded.looks] == [True, True]
    networks.assert_same_state(with_health, train())


CASES = {"look at two replicas": look_at_two_replicas}


def test_two_replicas_are_looked_at_as_one():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
