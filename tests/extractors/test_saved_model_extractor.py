import extractor_cases as cases
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import extractors
from tfgan_losses.extractors.saved_model import SavedModel


def means(images):
    return images.reshape(len(images), -1, images.shape[-1]).mean(1)


def test_a_float_input_gets_images_in_the_unit_range(tmp_path):
    path = cases.saved_model(tmp_path / "means", (12, 10, 3))
    extractor = extractors.get(f"model:{path}/", cases.source(shape=(12, 10, 3)))
    assert extractor.name == f"means-{extractor.facts()['hash'][:8]}"
    images = cases.images(5)
    np.testing.assert_allclose(extractor(images).features, means(images) / 127.5 - 1, atol=1e-5)
    assert extractor(images).logits is None


def test_one_of_bytes_gets_them(tmp_path):
    path = cases.saved_model(tmp_path / "means", (12, 10, 3), dtype=tf.uint8)
    extractor = SavedModel(path)
    assert extractor.facts()["input_range"] == [0, 255]
    images = cases.images(5)
    np.testing.assert_allclose(extractor(images).features, means(images), rtol=1e-5)


def test_outputs_by_name(tmp_path):
    outputs = ("features", "other", "logits")
    path = cases.saved_model(tmp_path / "means", (12, 10, 3), outputs=outputs)
    features, logits = SavedModel(path)(cases.images(5))
    np.testing.assert_allclose(logits, 3 * features, rtol=1e-5)


def test_its_files_are_its_hash(tmp_path):
    first = SavedModel(cases.saved_model(tmp_path / "a" / "means"))
    other = SavedModel(cases.saved_model(tmp_path / "b" / "means", outputs=("x",)))
    assert first.name != other.name


def test_a_folder_that_is_no_such_model(tmp_path):
    source = cases.source(shape=(12, 10, 3))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"Expected a SavedModel\. Received: model='.*empty'"):
        SavedModel(tmp_path / "empty")
    path = cases.saved_model(tmp_path / "two", outputs=("a", "b"))
    with pytest.raises(ValueError, match=r"one output.*'features'.*with \['a', 'b'\]"):
        SavedModel(path)
    tf.saved_model.save(tf.Module(), tmp_path / "none")
    with pytest.raises(ValueError, match=r"signature 'serving_default'.*with none"):
        SavedModel(tmp_path / "none")
    with pytest.raises(ValueError, match=r"Expected no layer.*#hidden"):
        extractors.get(f"model:{path}#hidden", source)


def test_a_generator_is_no_extractor(tmp_path):
    """It reads latents, not images."""

    class Generator(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 6], tf.float32)])
        def serve(self, latents):
            return {"examples": latents}

    module = Generator()
    tf.saved_model.save(module, tmp_path / "gan", signatures={"serving_default": module.serve})
    with pytest.raises(ValueError, match=r"shape \(6,\).*example_shape=\(12, 10, 3\)"):
        extractors.get(f"model:{tmp_path}/gan", cases.source(shape=(12, 10, 3)))
