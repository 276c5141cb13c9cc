"""Contracts that every family of networks keeps."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import (
    CASES,
    PLAIN,
    UNBOUNDED,
    assert_every_weight_has_a_gradient,
    crossed,
    examples,
    latent_dim,
    latents,
    make_discriminator,
    make_generator,
)
from tfgan_losses.models import normalization

from tfgan_losses import models


@pytest.fixture(params=CASES)
def case(request):
    return request.param


def _is_possible(case, name):
    if case in PLAIN:
        return name == "none"
    return not ("mlp" in case and "instance" in name)


# Every family with the normalisations that it knows; the conditional ones need a condition.
NORMALIZED = [
    (case, name)
    for case in CASES
    for name in normalization.NAMES
    if "conditional" not in name and _is_possible(case, name)
]


def test_every_family_has_a_case():
    assert {case.split()[0] for case in CASES} == set(models.names())


def test_shapes_and_names(case):
    generator, discriminator = make_generator(case), make_discriminator(case)
    assert (generator.name, discriminator.name) == ("generator", "discriminator")
    assert generator(latents(size=latent_dim(case))).shape == (3, *CASES[case]["example_shape"])
    assert discriminator(examples(case)).shape == (3, 1)


def test_images_lie_within_the_range_of_tanh_and_vectors_do_not(case):
    generated = np.asarray(
        make_generator(case, normalization="none")(1e4 * latents(8, latent_dim(case)))
    )
    if len(CASES[case]["example_shape"]) == 3 and case not in UNBOUNDED:
        assert np.abs(generated).max() <= 1
    else:
        assert np.abs(generated).max() > 1


def test_logits_are_raw(case):
    # No squashing: one more power of ten of contrast shows in the logits.
    discriminator = make_discriminator(case)
    small = np.asarray(discriminator(1e3 * examples(case)))
    large = np.asarray(discriminator(1e4 * examples(case)))
    np.testing.assert_allclose(large, 10 * small, rtol=1e-3)
    last = discriminator.layers[-1]
    assert last.activation is keras.activations.linear
    assert not isinstance(last, keras.layers.Activation)


@pytest.mark.parametrize(("case", "name"), crossed(NORMALIZED))
def test_every_normalization_gives_every_weight_a_gradient(case, name):
    generator = make_generator(case, normalization=name)
    discriminator = make_discriminator(case, normalization=name)
    assert_every_weight_has_a_gradient(
        lambda: discriminator(
            generator(latents(size=latent_dim(case)), training=True), training=True
        ),
        [generator, discriminator],
    )


@pytest.mark.parametrize(
    ("case", "name"), crossed(c for c in NORMALIZED if c[1] in ("batch", "spectral"))
)
def test_two_builds_have_the_same_layer_and_weight_names(case, name):
    for build in (make_generator, make_discriminator):
        first, second = build(case, normalization=name), build(case, normalization=name)
        assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
        assert [weight.path for weight in first.weights] == [w.path for w in second.weights]


def test_only_keras_layers_and_inputs(case):
    for model in (make_generator(case), make_discriminator(case)):
        assert all(isinstance(operation, keras.Layer) for operation in model.operations)


@pytest.mark.parametrize("case", [case for case in CASES if case not in PLAIN])
def test_normalizations_are_distinguishable_layers(case):
    def types(name):
        layers = make_discriminator(case, normalization=name).layers
        return {type(layer).__name__ for layer in layers}

    vectors = "mlp" in case
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
    assert types("spectral+batch") == (types("batch") - {"Dense", "Conv2D"}) | types("spectral")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_outputs_are_float32_under_mixed_precision(case, policy):
    keras.config.set_dtype_policy(policy)
    try:
        built = [
            (build(case, normalization=name), inputs)
            for build, inputs in [
                (make_generator, latents(size=latent_dim(case))),
                (make_discriminator, examples(case)),
            ]
            for name in ("none", "spectral")
            if (case, name) in NORMALIZED
        ]
    finally:
        keras.config.set_dtype_policy("float32")
    for model, inputs in built:
        assert model(inputs).dtype == tf.float32
        assert all(weight.dtype == "float32" for weight in model.weights)
        assert any(layer.compute_dtype == policy.removeprefix("mixed_") for layer in model.layers)


@pytest.mark.parametrize(
    ("case", "name"), crossed(c for c in NORMALIZED if c[1] in ("none", "spectral"))
)
def test_saving_restores_the_function(case, name, tmp_path):
    inputs = {make_generator: latents(size=latent_dim(case)), make_discriminator: examples(case)}
    for build, batch in inputs.items():
        model = build(case, normalization=name)
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(model(batch), loaded(batch))


@pytest.mark.parametrize("case", [case for case in CASES if case not in PLAIN])
def test_a_centring_normalization_follows_no_bias(case):
    model = make_generator(case, normalization="batch")
    for layer, following in zip(model.layers, model.layers[1:], strict=False):
        if isinstance(following, keras.layers.BatchNormalization) and hasattr(layer, "use_bias"):
            assert not layer.use_bias, layer.name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"normalization": "weight"},
            r"one of \['none', 'batch', 'layer'.*Received: normalization='weight'",
        ),
        ({"width": 0}, "Expected width to be a positive integer. Received: width=0"),
        (
            {"example_shape": (8, 8)},
            r"Expected example_shape to be .*Received: example_shape=\(8, 8\)",
        ),
        ({"example_shape": 8}, "Expected example_shape to be .*Received: example_shape=8"),
        ({"example_shape": (8, 8, 0)}, "Expected example_shape to be .*Received"),
        (
            {"normalization": "conditional_batch"},
            r"Expected .* condition_size >= 1.*Received: normalization='conditional_batch'",
        ),
    ],
)
def test_wrong_arguments_are_named(case, arguments, message):
    # Latent vectors are the condition of some generators.
    without = arguments.get("normalization") == "conditional_batch" and "biggan" in case
    for build in (make_discriminator,) if without else (make_generator, make_discriminator):
        with pytest.raises(ValueError, match=message):
            build(case, **arguments)


def test_latent_dim_must_be_positive(case):
    with pytest.raises(ValueError, match="Expected latent_dim to be a positive integer"):
        models.build_generator(case.split()[0], latent_dim=0, **CASES[case])


def test_unknown_family_lists_the_known_ones():
    known = re.escape(str(models.names()))
    with pytest.raises(ValueError, match=f"one of {known}.*name='vgg'"):
        models.build_generator("vgg", example_shape=(2,), latent_dim=2)
