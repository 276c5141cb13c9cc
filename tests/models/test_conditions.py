"""Generators with a condition, over all families."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from network_cases import (
    CASES,
    CONDITION_SIZE,
    PLAIN,
    assert_every_weight_has_a_gradient,
    conditions,
    crossed,
    latents,
    make_generator,
    marks_of,
    perturb,
)

from tfgan_losses.layers import ConditionalBatchNormalization

# Each family with the condition beside the latent vector, and inside of its normalisation.
WAYS = [
    (case, name)
    for case in CASES
    for name in ("none", "conditional_batch", "spectral+conditional_batch")
    # The ones have no normalisation, and the latents of the other no room for a condition.
    if not (case in PLAIN and name != "none") and (case, name) != ("patch", "none")
]


def size_of(generator):
    return generator.inputs[0].shape[1]


@pytest.fixture(
    params=[pytest.param(way, marks=marks_of(way[0]), id=" ".join(way)) for way in WAYS]
)
def generator(request):
    case, name = request.param
    return make_generator(case, normalization=name, condition_size=CONDITION_SIZE)


def test_inputs_are_a_list(generator):
    assert [tensor.name for tensor in generator.inputs] == ["latent", "condition"]
    assert isinstance(generator.input, list)
    assert generator.inputs[1].shape == (None, CONDITION_SIZE)
    assert generator.inputs[1].dtype == "float32"
    assert generator.name == "generator"
    assert generator([latents(size=size_of(generator)), conditions()]).shape == (
        3,
        *generator.output_shape[1:],
    )


def test_every_weight_has_a_gradient(generator):
    assert_every_weight_has_a_gradient(
        lambda: generator([latents(size=size_of(generator)), conditions()], training=True),
        [generator],
    )


def test_examples_depend_on_the_condition(generator):
    perturb(generator)
    latent = np.repeat(latents(1, size_of(generator)), CONDITION_SIZE, axis=0)
    first, second, third = np.asarray(generator([latent, conditions()]))
    assert not np.allclose(first, second)
    assert not np.allclose(second, third)


def test_saving_restores_the_function(generator, tmp_path):
    perturb(generator)
    generator.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    inputs = [latents(size=size_of(generator)), conditions()]
    np.testing.assert_array_equal(generator(inputs), loaded(inputs))


@pytest.mark.parametrize("case", [case for case, name in WAYS if name == "conditional_batch"])
def test_conditional_layers_stand_where_the_others_stood(case):
    conditional = make_generator(
        case, normalization="conditional_batch", condition_size=CONDITION_SIZE
    )
    plain = make_generator(case, normalization="batch")

    def names(model, kind):
        return [layer.name for layer in model.layers if isinstance(layer, kind)]

    expected = names(plain, keras.layers.BatchNormalization)
    assert expected
    # The last one of BigGAN is the same for all classes.
    kinds = (ConditionalBatchNormalization, keras.layers.BatchNormalization)
    assert names(conditional, kinds) == expected
    assert (expected[-1] not in names(conditional, kinds[0])) == (
        case in ("sagan", "biggan", "biggan_deep")
    )
    # The latent vector is left alone, and no bias stands before a normalisation.
    assert "latent_and_condition" not in [layer.name for layer in conditional.layers]
    if "biggan" in case:  # As the published networks, whose parameters are counted.
        return
    biased = [layer.name for layer in plain.layers if getattr(layer, "use_bias", False)]
    assert [n.name for n in conditional.layers if getattr(n, "use_bias", False)] == biased


@pytest.mark.parametrize(("case", "name"), crossed(WAYS))
def test_outputs_are_float32_under_mixed_precision(case, name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = make_generator(case, normalization=name, condition_size=CONDITION_SIZE)
    assert model([latents(size=size_of(model)), conditions()]).dtype == tf.float32


@pytest.mark.parametrize("size", [-1, 2.5])
def test_a_wrong_size_is_named(size):
    with pytest.raises(ValueError, match=f"Expected condition_size to be a positive.*{size}"):
        make_generator("mlp", condition_size=size)
