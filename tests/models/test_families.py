"""Contracts that every family of networks keeps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import models
from models import normalization

# One small shape that each family can build, with the smallest sensible width.
CASES = {
    "mlp": {"example_shape": (2,), "width": 4},
    "mlp image": {"example_shape": (4, 4, 3), "width": 4},
    "dcgan": {"example_shape": (8, 8, 3), "width": 4},
    "resnet": {"example_shape": (32, 32, 3), "width": 2},
}
LATENT_DIM = 5


@pytest.fixture(params=CASES)
def case(request):
    return request.param


def _generator(case, **arguments):
    return models.build_generator(
        case.split()[0], latent_dim=LATENT_DIM, **{**CASES[case], **arguments}
    )


def _discriminator(case, **arguments):
    return models.build_discriminator(case.split()[0], **{**CASES[case], **arguments})


def _latents(batch=3):
    return np.random.default_rng(0).standard_normal((batch, LATENT_DIM)).astype("float32")


def _examples(case, batch=3):
    shape = (batch, *CASES[case]["example_shape"])
    return np.random.default_rng(1).uniform(-1, 1, shape).astype("float32")


def test_every_family_has_a_case():
    assert {case.split()[0] for case in CASES} == set(models.names())


def test_shapes_and_names(case):
    generator, discriminator = _generator(case), _discriminator(case)
    assert (generator.name, discriminator.name) == ("generator", "discriminator")
    assert generator(_latents()).shape == (3, *CASES[case]["example_shape"])
    assert discriminator(_examples(case)).shape == (3, 1)


def test_images_lie_within_the_range_of_tanh_and_vectors_do_not(case):
    examples = np.asarray(_generator(case, normalization="none")(1e4 * _latents(8)))
    if len(CASES[case]["example_shape"]) == 3:
        assert np.abs(examples).max() <= 1
    else:
        assert np.abs(examples).max() > 1


def test_logits_are_raw(case):
    # No squashing: one more power of ten of contrast shows in the logits.
    discriminator = _discriminator(case)
    small = np.asarray(discriminator(1e3 * _examples(case)))
    large = np.asarray(discriminator(1e4 * _examples(case)))
    np.testing.assert_allclose(large, 10 * small, rtol=1e-3)
    last = discriminator.layers[-1]
    assert last.activation is keras.activations.linear
    assert not any(isinstance(layer, keras.layers.Activation) for layer in discriminator.layers)


@pytest.mark.parametrize("name", normalization.NAMES)
def test_every_normalization_gives_every_weight_a_gradient(case, name):
    if case.startswith("mlp") and name == "instance":
        pytest.skip("vectors have no positions")
    generator = _generator(case, normalization=name)
    discriminator = _discriminator(case, normalization=name)
    with tf.GradientTape() as tape:
        logits = discriminator(generator(_latents(), training=True), training=True)
        loss = tf.reduce_mean(tf.square(logits))
    weights = generator.trainable_variables + discriminator.trainable_variables
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    for weight, gradient in zip(weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.isfinite(np.asarray(gradient)).all(), weight.path
        assert np.any(np.asarray(gradient) != 0), weight.path


@pytest.mark.parametrize("name", ["batch", "spectral"])
def test_two_builds_have_the_same_layer_and_weight_names(case, name):
    for build in (_generator, _discriminator):
        first, second = build(case, normalization=name), build(case, normalization=name)
        assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
        assert [weight.path for weight in first.weights] == [w.path for w in second.weights]


def test_only_keras_layers_and_inputs(case):
    for model in (_generator(case), _discriminator(case)):
        assert all(isinstance(operation, keras.Layer) for operation in model.operations)


def test_normalizations_are_distinguishable_layers(case):
    def types(name):
        layers = _discriminator(case, normalization=name).layers
        return {type(layer).__name__ for layer in layers}

    vectors = case.startswith("mlp")
    # The DCGAN of 8 pixels has one convolution, and the first is not normalised.
    if not case.startswith("dcgan"):
        assert "BatchNormalization" in types("batch")
        expected = "LayerNormalization" if vectors else "GroupNormalization"
        assert expected in types("layer")
    assert not {kind for kind in types("none") if "Normalization" in kind}
    assert {kind for kind in types("spectral") if "Normalization" in kind} == {
        "SpectralNormalization"
    }
    assert not types("spectral") & {"Dense", "Conv2D"}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_outputs_are_float32_under_mixed_precision(case, policy):
    keras.config.set_dtype_policy(policy)
    try:
        built = [
            (build(case, normalization=name), inputs)
            for build, inputs in [(_generator, _latents()), (_discriminator, _examples(case))]
            for name in ("none", "spectral")
        ]
    finally:
        keras.config.set_dtype_policy("float32")
    for model, inputs in built:
        assert model(inputs).dtype == tf.float32
        assert all(weight.dtype == "float32" for weight in model.weights)
        assert any(layer.compute_dtype == policy.removeprefix("mixed_") for layer in model.layers)


@pytest.mark.parametrize("name", ["layer", "spectral"])
def test_saving_restores_the_function(case, name, tmp_path):
    inputs = {_generator: _latents(), _discriminator: _examples(case)}
    for build, batch in inputs.items():
        model = build(case, normalization=name)
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(model(batch), loaded(batch))


def test_a_centring_normalization_follows_no_bias(case):
    model = _generator(case, normalization="batch")
    for layer, following in zip(model.layers, model.layers[1:], strict=False):
        if isinstance(following, keras.layers.BatchNormalization) and hasattr(layer, "use_bias"):
            assert not layer.use_bias, layer.name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"normalization": "weight"},
            r"one of \['none', 'batch'.*Received: normalization='weight'",
        ),
        ({"width": 0}, "`width` must be a positive integer. Received: width=0"),
        ({"example_shape": (8, 8)}, r"`example_shape` must be .*Received: example_shape=\(8, 8\)"),
        ({"example_shape": 8}, "`example_shape` must be .*Received: example_shape=8"),
        ({"example_shape": (8, 8, 0)}, "`example_shape` must be .*Received"),
    ],
)
def test_wrong_arguments_are_named(case, arguments, message):
    for build in (_generator, _discriminator):
        with pytest.raises(ValueError, match=message):
            build(case, **arguments)


def test_latent_dim_must_be_positive(case):
    with pytest.raises(ValueError, match="`latent_dim` must be a positive integer"):
        models.build_generator(case.split()[0], latent_dim=0, **CASES[case])


def test_unknown_family_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"one of \['dcgan', 'mlp', 'resnet'\].*name='vgg'"):
        models.build_generator("vgg", example_shape=(2,), latent_dim=2)
