"""Generators in the formats of other programs, run by these."""

import json
import os

import keras
import networks
import numpy as np
import onnx
import pytest
import runs
import tensorflow as tf

from tfgan_losses import GAN, layers
from tfgan_losses.exporting import formats, writing
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.measuring.standing_statistics import with_standing_statistics

OTHERS = ("tflite", "onnx", "keras")


def subject(gan):
    return TrainedGenerator(gan.sampler, gan.latent_dim, gan.condition)


def of_network(*own, example_shape=(4, 4, 1)):
    """A GAN whose generator ends in layers of a test."""
    network = keras.Sequential([keras.Input((networks.LATENT_DIM,)), *own])
    discriminator = networks.discriminator(example_shape)
    return GAN(network, discriminator, latent_dim=networks.LATENT_DIM)


def run(path, *inputs):
    return formats.of_path(path).room.load(path)(list(inputs))


@pytest.fixture(scope="module")
def labelled():
    """With an average that is not what is trained."""
    gan = runs.labelled(ema_decay=0.9)
    for variable in gan.generator.trainable_variables:
        variable.assign(variable + 0.1)
    return gan


@pytest.mark.parametrize("name", OTHERS)
def test_labels_and_batches_of_any_size(labelled, name, tmp_path):
    path = tmp_path / formats.get(name).file_name
    labelled.export_generator(path)
    assert os.listdir(tmp_path) == [path.name]
    latents, labels = subject(labelled).draw(7, seed=3)
    expected = labelled.generate(7, seed=3, labels=labels)
    runner = formats.get(name).room.load(path)
    for count in (7, 1, 3):
        samples = runner([latents[:count], labels[:count]])
        assert samples.dtype == np.float32
        np.testing.assert_allclose(samples, expected[:count], rtol=0, atol=1e-5)
    others = runner([latents, (labels + 1) % 3])
    assert np.abs(others - expected).max() > 1e-2


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_a_label_that_does_not_exist_makes_nothing(labelled, name, tmp_path):
    path = tmp_path / formats.get(name).file_name
    labelled.export_generator(path)
    latents, _ = subject(labelled).draw(4, seed=0)
    samples = run(path, latents, np.array([-1, 3, 0, 2], "int32"))
    assert np.isnan(samples[:2]).all() and np.isfinite(samples[2:]).all()


def test_names_of_classes_are_in_the_metadata_of_onnx(labelled, tmp_path):
    labelled.export_generator(tmp_path / "generator.onnx")
    model = onnx.load(tmp_path / "generator.onnx")
    onnx.checker.check_model(model)
    metadata = {each.key: each.value for each in model.metadata_props}
    assert json.loads(metadata["class_names"]) == ["cat", "dog", "owl"]
    assert [each.name for each in model.graph.input] == ["latents", "labels"]
    assert [each.name for each in model.graph.output] == ["samples"]


def test_a_keras_file_refuses_a_label_that_does_not_exist(labelled, tmp_path):
    labelled.export_generator(tmp_path / "generator.keras")
    model = keras.saving.load_model(tmp_path / "generator.keras")
    latents, labels = subject(labelled).draw(2, seed=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="from 0 to 2"):
        model([tf.constant(latents), tf.constant(labels + 2)])


@pytest.mark.parametrize("name", OTHERS)
def test_codes(name, tmp_path):
    gan = GAN.from_recipe(
        "infogan",
        (4, 4, 1),
        latent_dim=networks.LATENT_DIM,
        model="mlp",
        width=8,
        seed=0,
    )
    path = tmp_path / formats.get(name).file_name
    gan.export_generator(path)
    latents, codes = subject(gan).draw(5, seed=1)
    assert codes.shape[0] == 5 and codes.shape[1] > 1
    expected = gan.generate(5, seed=1, codes=codes)
    np.testing.assert_allclose(run(path, latents, codes), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_there_is_not_written_over(name, tmp_path):
    path = tmp_path / formats.get(name).file_name
    path.write_text("kept")
    with pytest.raises(ValueError, match="Expected a new file"):
        networks.recipe_gan("hinge").export_generator(path)
    assert path.read_text() == "kept" and os.listdir(tmp_path) == [path.name]


def test_a_file_that_makes_other_samples_is_gone(tmp_path, monkeypatch):
    gan = networks.recipe_gan("hinge")
    room = formats.get("onnx").room
    load = room.load

    def differs(by):
        def other(path):
            own = load(path)
            return lambda inputs: own(inputs) + np.float32(by)

        return other

    for by in (1e-3, np.nan):
        monkeypatch.setattr(room, "load", differs(by))
        said = r"same samples.*Received: a difference of (0\.001|nan)"
        with pytest.raises(ValueError, match=said):
            gan.export_generator(tmp_path / "generator.onnx")
        assert not os.listdir(tmp_path)
    monkeypatch.setattr(room, "load", differs(3e-6))
    gan.export_generator(tmp_path / "generator.onnx")
    assert os.listdir(tmp_path) == ["generator.onnx"]


@keras.saving.register_keras_serializable(package="tests_of_exporting")
class Bessel(keras.layers.Layer):
    """What neither format has."""

    def call(self, inputs):
        return tf.math.bessel_i0e(inputs)


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_an_operation_that_a_format_lacks_is_named(name, tmp_path, capfd):
    gan = of_network(keras.layers.Dense(16), Bessel(), keras.layers.Reshape((4, 4, 1)))
    with pytest.raises(ValueError, match=f"that {name} can hold. Received: BesselI0e, which"):
        gan.export_generator(tmp_path / formats.get(name).file_name)
    assert not os.listdir(tmp_path)


def test_a_generator_that_has_diverged_is_not_exported(tmp_path):
    gan = networks.recipe_gan("hinge")
    gan.generator.trainable_variables[0].assign_add(
        tf.fill(gan.generator.trainable_variables[0].shape, float("nan"))
    )
    with pytest.raises(ValueError, match="NaN or infinity"):
        gan.export_generator(tmp_path / "generator.keras")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_exported_in_float32(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    own = [
        keras.layers.Dense(16, activation="relu"),
        layers.BatchNormalization(),
        layers.SpectralNormalization(keras.layers.Dense(16, activation="tanh", dtype="float32")),
        keras.layers.Reshape((4, 4, 1), dtype="float32"),
    ]
    gan = of_network(*own)
    keras.config.set_dtype_policy("float32")
    latents, *_ = subject(gan).draw(5, seed=0)
    for name in ("onnx", "savedmodel"):
        path = tmp_path / formats.get(name).file_name
        exported = writing.write_checked(subject(gan), path, formats.get(name))
        # Another precision than what it was trained in, and no other generator.
        difference = np.abs(exported.run([latents]) - gan.generate(5, seed=0)).max()
        assert exported.difference < 1e-5 < difference < 1e-2


def test_points_are_compared_by_their_range(tmp_path):
    kernel = keras.initializers.RandomNormal(0.0, 1e4)
    gan = of_network(keras.layers.Dense(2, kernel_initializer=kernel), example_shape=(2,))
    gan.export_generator(tmp_path / "generator.tflite")
    latents, *_ = subject(gan).draw(5, seed=0)
    samples = run(tmp_path / "generator.tflite", latents)
    np.testing.assert_allclose(samples, gan.generate(5, seed=0), rtol=1e-4)


def test_statistics_of_samples_are_exported(tmp_path):
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
    standing = with_standing_statistics(gan, 2)
    standing.export_generator(tmp_path / "generator.onnx")
    latents, *_ = subject(gan).draw(5, seed=0)
    samples = run(tmp_path / "generator.onnx", latents)
    np.testing.assert_allclose(samples, standing.draw(latents), rtol=0, atol=1e-5)
    assert np.abs(samples - gan.generate(5, seed=0)).max() > 1e-3
