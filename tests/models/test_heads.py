"""The kinds of discriminators, over all families."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import (
    CASES,
    CONDITION_SIZE,
    assert_every_weight_has_a_gradient,
    conditions,
    crossed,
    examples,
    latent_dim,
    make_discriminator,
    perturb,
)

from tfgan_losses import models

# kind -> (whether it is called on [example, condition], arguments, outputs beside the logits with
# their shapes, None standing for that of the example).
KINDS = {
    "plain": (False, {}, {}),
    "conditional": (True, {"condition_size": CONDITION_SIZE}, {}),
    "projection": (True, {"condition_size": CONDITION_SIZE}, {}),
    "classifier": (False, {"condition_size": CONDITION_SIZE}, {"classes": (CONDITION_SIZE,)}),
    "posterior": (False, {"condition_size": CONDITION_SIZE}, {"posterior": (CONDITION_SIZE,)}),
    "autoencoder": (False, {"code_size": 4}, {"encoding": (4,), "reconstruction": None}),
}


@pytest.fixture(params=crossed((case,) for case in CASES))
def case(request):
    return request.param


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@functools.cache
def _shared(case, kind):
    """One model for the tests that do not change it."""
    return _make(case, kind)


def _make(case, kind, **arguments):
    options = {**KINDS[kind][1], **_code_size(case, kind), **arguments}
    return make_discriminator(case, kind=kind, **options)


def _code_size(case, kind):
    """Of the one family that decodes codes of one size only."""
    return {"code_size": latent_dim(case)} if (case, kind) == ("patch", "autoencoder") else {}


def _inputs(case, kind):
    return [examples(case), conditions()] if KINDS[kind][0] else examples(case)


def _logits(outputs):
    return np.asarray(outputs["logits"] if isinstance(outputs, dict) else outputs)


def test_every_kind_has_a_case():
    assert models.kinds() == sorted(KINDS)


def test_shapes_and_keys(case, kind):
    model = _shared(case, kind)
    assert model.name == "discriminator"
    expected = {"logits": (1,), **KINDS[kind][2]}
    if code_size := _code_size(case, kind):
        expected["encoding"] = tuple(code_size.values())
    outputs = model(_inputs(case, kind), training=True)
    if len(expected) == 1:
        outputs = {"logits": outputs}
    assert set(outputs) == set(expected)
    for name, shape in expected.items():
        shape = CASES[case]["example_shape"] if shape is None else shape
        assert outputs[name].shape == (3, *shape), name


def test_only_keras_layers_and_inputs(case, kind):
    models_inside = [x for x in _shared(case, kind)._flatten_layers() if hasattr(x, "operations")]
    for model in models_inside:
        assert all(isinstance(operation, keras.Layer) for operation in model.operations)


@pytest.mark.parametrize(
    ("case", "normalization"),
    [
        *crossed((case, "none") for case in CASES),
        ("mlp", "batch"),
        ("dcgan", "batch"),
        ("mlp", "spectral"),
    ],
)
def test_every_weight_has_a_gradient(case, kind, normalization):
    plain = normalization == "none"
    model = _shared(case, kind) if plain else _make(case, kind, normalization=normalization)
    inputs = _inputs(case, kind)
    assert_every_weight_has_a_gradient(lambda: model(inputs, training=True), [model])


# The network of SNGAN is the slowest to build, and no other in what follows.
@pytest.mark.parametrize("case", crossed((case,) for case in CASES if case != "resnet"))
def test_saving_restores_the_function_and_the_order_of_weights(case, kind, tmp_path):
    model, inputs = _shared(case, kind), _inputs(case, kind)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [weight.name for weight in loaded.weights] == [weight.name for weight in model.weights]
    keras.tree.map_structure(np.testing.assert_array_equal, model(inputs), loaded(inputs))


@pytest.mark.parametrize("case", crossed((case,) for case in CASES if case != "resnet"))
def test_outputs_are_float32_under_mixed_precision(case, kind):
    keras.config.set_dtype_policy("mixed_bfloat16")
    outputs = _make(case, kind)(_inputs(case, kind))
    assert {tensor.dtype for tensor in keras.tree.flatten(outputs)} == {tf.float32}


@pytest.mark.parametrize("kind", ["conditional", "projection"])
def test_logits_depend_on_the_condition(case, kind):
    model = _make(case, kind)
    perturb(model)
    one = np.repeat(examples(case, 1), CONDITION_SIZE, axis=0)
    first, second, third = _logits(model([one, conditions()]))
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)


@pytest.mark.parametrize("case", ["mlp image", "dcgan"])
def test_the_condition_is_repeated_over_the_positions(case):
    model = _make(case, "conditional")
    layer = model.get_layer("example_and_condition")
    joined = np.asarray(keras.Model(model.inputs, layer.output)(_inputs(case, "conditional")))
    np.testing.assert_array_equal(joined[..., :3], examples(case))
    repeated = np.broadcast_to(conditions()[:, None, None], joined[..., 3:].shape)
    np.testing.assert_array_equal(joined[..., 3:], repeated)


def test_projection_by_hand(case):
    # Miyato & Koyama 2018: psi(phi) + <V y, phi> with phi summed over the positions.
    model = _make(case, "projection")
    perturb(model)
    images, labels = _inputs(case, "projection")
    own = {
        "resnet": "activation",
        "r3gan": "flatten",
        "deep_mlp": "activation_4",
        "sagan": "activation",
        "biggan": "activation",
        "biggan_deep": "activation",
        "stylegan2": "activation",
        "patch": "activation_4",
    }
    last = own.get(case, "activation_2")
    output = model.get_layer(last).output
    phi = np.asarray(keras.Model(model.inputs, output)([images, labels]))
    phi = phi.sum((1, 2)) if phi.ndim == 4 else phi
    layer = model.get_layer("embedding")
    layer.converge()
    kernel = layer.layer.kernel.numpy()
    embedded = labels @ (kernel / np.linalg.norm(kernel, 2))
    psi = model.get_layer("psi")
    gain = phi.shape[-1] ** -0.5 if case == "stylegan2" else 1.0
    expected = gain * phi @ psi.kernel.numpy() + np.sum(embedded * phi, -1, keepdims=True)
    expected += psi.bias.numpy() if psi.use_bias else 0
    assert layer.layer.bias is None
    np.testing.assert_allclose(model([images, labels]), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("case", ["mlp", "dcgan"])
@pytest.mark.parametrize("error", ["absolute", "squared"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_logits_of_an_autoencoder_are_minus_the_error(case, error, reduction):
    outputs = _make(case, "autoencoder", error=error, reduction=reduction)(examples(case))
    difference = (examples(case) - np.asarray(outputs["reconstruction"])).reshape(3, -1)
    errors = np.abs(difference) if error == "absolute" else difference**2
    expected = -getattr(errors, reduction)(-1, keepdims=True)
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-4)


def test_an_autoencoder_decodes_its_encoding(case):
    model = _shared(case, "autoencoder")
    outputs = model(examples(case))
    decoded = model.get_layer("decoder")(outputs["encoding"])
    np.testing.assert_allclose(outputs["reconstruction"], decoded, rtol=1e-5, atol=1e-6)


def test_the_error_sees_the_example_in_full_precision():
    # Two images that bfloat16 cannot tell apart, with the same encoding and reconstruction.
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = _make("mlp", "autoencoder", reduction="sum")
    images = tf.constant([[1.0, 1.0]])
    difference = model(images + 1e-3)["logits"] - model(images)["logits"]
    assert abs(float(difference[0, 0])) == pytest.approx(2e-3, rel=1e-2)


def test_the_second_head_of_a_posterior():
    # Chen et al. 2016, appendix: fully connected 128, batch normalisation, leaky ReLU, output.
    model = _make("dcgan", "posterior", normalization="batch")
    assert model.get_layer("posterior_dense").units == 128
    assert isinstance(model.get_layer("posterior_norm"), keras.layers.BatchNormalization)
    assert model.get_layer("posterior_activation").negative_slope == pytest.approx(0.2)
    names = [x.name for x in _make("dcgan", "posterior", normalization="layer").layers]
    assert "posterior_norm" not in names


@pytest.mark.parametrize("kind", [k for k in KINDS if "condition_size" in KINDS[k][1]])
def test_a_missing_condition_size_is_named(kind):
    with pytest.raises(
        ValueError, match=r"Expected condition_size to be a positive integer.*condition_size=0"
    ):
        make_discriminator("mlp", kind=kind)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "patch"}, r"one of \['autoencoder', .*Received: kind='patch'"),
        ({"code_size": 3}, r"kind 'plain'.*among \[\]. Received: code_size=3"),
        ({"condition_size": 3}, r"kind 'plain'.*Received: condition_size=3"),
        ({"kind": "autoencoder", "depth": 1}, r"among \['code_size', 'error', .*depth=1"),
        ({"kind": "autoencoder", "code_size": 0}, "Expected code_size to be a positive integer"),
        ({"kind": "autoencoder", "error": "huber"}, r"in \['absolute', 'squared'\].*'huber'"),
        (
            {"kind": "conditional", "condition_size": 3, "example_shape": (8, 8)},
            "Expected example_shape to be ",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_discriminator("mlp", **arguments)
