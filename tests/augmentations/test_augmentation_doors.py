"""What is refused before training wherever an augmentation or its images can be given."""

import re

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, Run, augmentations
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.training.output_range import Range, within_images

OF_IMAGES = [name for name in augmentations.names() if augmentations.get(name).of_images]
SHAPE = (4, 4, 1)


def make(activation=None, augmentation="diff_augment", example_shape=SHAPE):
    generator = keras.Sequential(
        [
            keras.Input((networks.LATENT_DIM,)),
            keras.layers.Dense(int(np.prod(example_shape)), activation=activation),
            keras.layers.Reshape(example_shape),
        ]
    )
    discriminator = networks.discriminator(example_shape)
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=3)
    gan.compile("hinge", augmentation=augmentation, steps=10, run_eagerly=True)
    return gan


DOORS = {
    "arrays": lambda gan, x, _: gan.fit(x, batch_size=8, verbose=0),
    "tf.data": lambda gan, x, _: gan.fit(tf.data.Dataset.from_tensor_slices(x).batch(8), verbose=0),
    "batch": lambda gan, x, _: gan.train_on_batch(x),
    "source": lambda gan, x, _: gan.fit(
        MemorySource.from_arrays(x, name="x"), batch_size=8, steps_per_epoch=1, verbose=0
    ),
    "run": lambda gan, x, folder: Run(folder / "run").train(
        gan, MemorySource.from_arrays(x, name="x"), steps=2, batch_size=8
    ),
    "evaluate": lambda gan, x, _: gan.evaluate(x, batch_size=8, verbose=0),
    "held out": lambda gan, x, _: gan.fit(
        networks.examples(8), batch_size=8, validation_data=x, verbose=0
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_images_out_of_range_are_refused_at_every_door(door, tmp_path):
    """A generator without a last activation would take them without an augmentation."""
    gan = make()
    with pytest.raises(ValueError) as refused:
        DOORS[door](gan, 3 * networks.examples(16), tmp_path)
    message = str(refused.value)
    assert message.startswith(
        "Expected examples in [-1, 1], which the augmentation 'diff_augment' takes. Received: "
        "values from -2.9"
    )
    assert message.endswith("Scale them.") and "\n" not in message
    assert int(gan.step) == int(gan.d_updates) == 0


@pytest.mark.parametrize("augmentation", OF_IMAGES)
def test_so_does_each_of_images(augmentation):
    with pytest.raises(ValueError, match=rf"\[-1, 1\], which the augmentation '{augmentation}'"):
        make(augmentation=augmentation).fit(3 * networks.examples(16), verbose=0)


@pytest.mark.parametrize(
    ("activation", "scaling"), [(None, r"x / 127\.5 - 1"), ("relu", "x / 255")]
)
def test_images_of_8_bits_are_told_how(activation, scaling):
    gan = make(activation, "instance_noise, diff_augment")
    images = np.linspace(0, 255, 8 * 16, dtype=np.float32).reshape(8, *SHAPE)
    with pytest.raises(ValueError, match=rf"from 0 to 255\. .* are scaled by {scaling}\.$"):
        gan.fit(images, verbose=0)


@pytest.mark.parametrize("augmentation", ["instance_noise", "adaptive_pseudo", ()])
def test_what_takes_any_examples_refuses_none(augmentation):
    make(augmentation=augmentation).fit(3 * networks.examples(8), batch_size=8, verbose=0)


def test_the_range_follows_what_was_compiled_last():
    gan = make()
    gan.compile("hinge", run_eagerly=True)
    gan.fit(3 * networks.examples(8), batch_size=8, verbose=0)
    gan.compile("hinge", augmentation="diff_augment", run_eagerly=True)
    with pytest.raises(ValueError, match="the augmentation 'diff_augment'"):
        gan.fit(3 * networks.examples(8), batch_size=8, verbose=0)


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (None, (-1.0, 1.0, "a")),
        (Range(-1.0, 1.0, "tanh"), (-1.0, 1.0, None)),
        (Range(0.0, 1.0, "sigmoid"), (0.0, 1.0, None)),
        (Range(0.0, float("inf"), "relu"), (0.0, 1.0, "a")),
        (Range(0.0, 6.0, "relu6"), (0.0, 1.0, "a")),
    ],
)
def test_ranges_of_generators(reach, expected):
    found = within_images(reach, "a")
    assert (found.low, found.high, found.augmentation) == expected


@pytest.mark.parametrize("augmentation", OF_IMAGES)
def test_points_are_refused(augmentation):
    message = rf"images \(height, width, channels\).*'{augmentation}'.*of shape \(2,\)"
    with pytest.raises(ValueError, match=message):
        make(augmentation=augmentation, example_shape=(2,))
    with pytest.raises(ValueError, match=message):
        augmentations.get(augmentation)(np.zeros([3, 2], np.float32), seed=1)
    with pytest.raises(ValueError, match=message):
        GAN.from_recipe("hinge", (2,), augmentation=augmentation, steps=5)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("dif_augment", r"Unknown augmentation.*Did you mean 'diff_augment'\?"),
        ("diff_augment(polcy='color')", r"no option 'polcy'.*Did you mean 'policy'\?"),
        ("diff_augment(policy='collor')", r"Unknown transform.*Did you mean 'color'\?"),
        ("diff_augment, diff_augment", "each augmentation once"),
        ("instance_noise(stddev=-1)", "stddev >= 0"),
        ("adaptive_pseudo(target=2)", r"target in \(-1, 1\)"),
    ],
)
def test_names_and_options_that_nothing_has(spec, message, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=message):
        make(augmentation=spec)
    monkeypatch.chdir(tmp_path)
    said = commands.call("--dataset=digits", f"--augmentation={spec}", "--steps=1")
    assert re.search(message, str(said)), said
    assert not list(tmp_path.iterdir())


def test_points_at_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = commands.call("--dataset=ring8", "--augmentation=diff_augment", "--steps=1")
    assert re.search(r"'diff_augment'.*examples of shape \(2,\)", str(said)), said
    assert not list(tmp_path.iterdir())
