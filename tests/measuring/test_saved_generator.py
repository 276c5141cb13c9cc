"""An export makes the samples of the GAN that it was, for whatever condition."""

import keras
import networks
import numpy as np
import pytest
import runs
import tensorflow as tf

from tfgan_losses import GAN, conditioning
from tfgan_losses.measuring import drawing
from tfgan_losses.measuring.samplers import GANSampler
from tfgan_losses.measuring.saved_generator import SavedGenerator, _count


def exported(gan, path):
    gan.export_generator(path)
    return SavedGenerator(path)


def of_codes():
    """A GAN of two categorical codes and two continuous ones."""
    latents, codes = keras.Input((networks.LATENT_DIM,)), keras.Input((10,))
    hidden = keras.layers.Concatenate()([latents, codes])
    generator = keras.Model([latents, codes], keras.layers.Dense(2)(hidden))
    condition = conditioning.Codes(categorical=(3, 5), continuous=2)
    networks_of_it = (generator, networks.discriminator((2,)))
    return GAN(*networks_of_it, latent_dim=networks.LATENT_DIM, condition=condition)


@pytest.mark.parametrize(
    "gan",
    [
        lambda: networks.recipe_gan("hinge"),
        lambda: networks.recipe_gan("hinge", example_shape=(2,)),
        lambda: networks.recipe_gan("acgan", num_classes=7),
        runs.labelled,
        of_codes,
    ],
    ids=["images", "points", "labels", "names", "codes"],
)
def test_samples_are_those_of_the_gan(gan, tmp_path):
    gan = gan()
    saved = exported(gan, tmp_path)
    assert repr(saved.condition) == repr(gan.condition)
    assert (saved.latent_dim, saved.example_shape) == (gan.latent_dim, gan.example_shape)
    same(saved.generate(300, seed=4), gan.generate(300, seed=4))
    pairs = zip(GANSampler(saved).batches(9, 1), GANSampler(gan).batches(9, 1), strict=True)
    for (ours, our_labels), (theirs, their_labels) in pairs:
        same(ours, theirs)
        np.testing.assert_array_equal(our_labels, their_labels)
    same(*(next(drawing.drawn(each, 5, seed=0, truncation=0.5))[0] for each in (saved, gan)))
    if getattr(gan.condition, "class_names", None):
        same(*(each.generate(4, seed=1, labels="owl") for each in (saved, gan)))


def same(ours, theirs):
    # The export computes the same in another graph, which may round otherwise.
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 9, 16, 17, 1000])
def test_classes_are_counted_by_what_is_taken(classes):
    asked = []

    def takes(label):
        asked.append(label)
        return label < classes

    assert _count(takes) == classes
    assert len(asked) <= 2 * np.log2(classes) + 1


def save_another(path):
    module = tf.Module()
    module.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(module, str(path), signatures=module.double)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: None, r"a directory with a saved_model\.pb in it\. Received: .*$"),
        (lambda path: (path / "saved_model.pb").write_bytes(b"abc"), r"that can be read"),
        (save_another, r"with the signatures serving_default and sample\. Received: .*, with"),
    ],
)
def test_what_is_no_export(spoil, message, tmp_path):
    spoil(tmp_path)
    with pytest.raises(ValueError, match=message) as error:
        SavedGenerator(tmp_path)
    assert "\n" not in str(error.value)


def test_an_export_without_its_variables(tmp_path):
    networks.recipe_gan("hinge").export_generator(tmp_path)
    (data,) = (tmp_path / "variables").glob("*.data*")
    data.write_bytes(data.read_bytes()[:20])
    with pytest.raises(ValueError, match="an exported generator that can be read"):
        SavedGenerator(tmp_path)
