import keras
import numpy as np
import pytest

from tfgan_losses.layers import SpectralNormalization, spectrally_normalize

L = keras.layers


def _functional():
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 6, 2), name="image")
    shared = L.Conv2D(2, 3, padding="same", name="shared")
    features = L.BatchNormalization(name="norm")(shared(shared(image)))
    tail = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            L.Flatten(),
            SpectralNormalization(L.Dense(4, name="inner"), power_iterations=3, name="wrapped"),
            L.Dropout(0.5, seed=1),
            L.Dense(1, name="logits"),
        ],
        name="tail",
    )
    head = keras.Input((6, 6, 2))
    nested = keras.Model(head, L.Add(name="add")([head, L.ReLU()(head)]), name="nested")
    return keras.Model(image, tail(nested(features)), name="critic")


def _images():
    return np.random.default_rng(0).standard_normal((3, 6, 6, 2)).astype("float32")


def test_every_supported_layer_is_wrapped_and_the_others_stay():
    model = _functional()
    copy = spectrally_normalize(model, power_iterations=2, epsilon=1e-8)
    assert copy.name == "critic"
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    for layer in (copy.get_layer("shared"), copy.get_layer("tail").get_layer("logits")):
        assert isinstance(layer, SpectralNormalization)
        assert (layer.power_iterations, layer.epsilon) == (2, 1e-8)
    kept = copy.get_layer("tail").get_layer("wrapped")
    assert type(kept.layer) is L.Dense
    assert kept.power_iterations == 3
    assert type(copy.get_layer("norm")) is L.BatchNormalization


def test_weights_are_copied_and_the_model_is_left_alone():
    model = _functional()
    model(_images(), training=True)
    before = model.get_weights()
    copy = spectrally_normalize(model)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    pairs = [
        (copy.get_layer("shared").layer, model.get_layer("shared")),
        (copy.get_layer("norm"), model.get_layer("norm")),
        (copy.get_layer("tail").get_layer("wrapped"), model.get_layer("tail").get_layer("wrapped")),
        (
            copy.get_layer("tail").get_layer("logits").layer,
            model.get_layer("tail").get_layer("logits"),
        ),
    ]
    for copied, original in pairs:
        assert copied is not original
        for one, other in zip(copied.get_weights(), original.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_vectors_have_converged():
    model = _functional()
    copy = spectrally_normalize(model)
    for layer in (model.get_layer("shared"), model.get_layer("tail").get_layer("logits")):
        kernel = layer.kernel.numpy()
        sigma = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), 2)
        layer.kernel.assign(kernel / sigma)
    np.testing.assert_allclose(copy(_images()), model(_images()), rtol=1e-3, atol=1e-4)


def test_shared_layers_stay_shared():
    model, copy = _functional(), spectrally_normalize(_functional())
    assert len(copy.trainable_weights) == len(model.trainable_weights)
    assert len([layer for layer in copy.layers if layer.name == "shared"]) == 1


def test_frozen_layers_stay_frozen():
    model = _functional()
    model.get_layer("shared").trainable = False
    copy = spectrally_normalize(model)
    assert not copy.get_layer("shared").trainable_weights
    assert copy.get_layer("tail").get_layer("logits").trainable_weights


def test_a_sequential_model_without_weights_yet():
    copy = spectrally_normalize(keras.Sequential([L.Dense(3), L.Dense(1)]))
    assert copy(np.ones((2, 4), "float32")).shape == (2, 1)
    assert all(isinstance(layer, SpectralNormalization) for layer in copy.layers)


def test_the_copy_can_be_saved(tmp_path):
    copy = spectrally_normalize(_functional())
    copy.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(_images()), copy(_images()))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = L.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


class WithOwnCall(keras.Sequential):
    def call(self, inputs, training=None, mask=None):
        return -super().call(inputs, training=training, mask=mask)


@pytest.mark.parametrize(
    "make",
    [
        Subclassed,
        WithOwnCall,
        lambda: keras.Sequential([keras.Input((2,)), Subclassed()]),
        lambda: L.Dense(2),
    ],
)
def test_models_without_a_known_graph(make):
    with pytest.raises(ValueError, match="Expected a functional or sequential model"):
        spectrally_normalize(make())
