"""GANs of the recipes `biggan` and `biggan-deep` in their own networks: whole trainings of them.

`python tests/test_biggan_training.py CASE...` runs cases with two devices.
"""

import commands
import pytest

NAMES = ("biggan", "biggan-deep")
every_name = pytest.mark.parametrize("name", NAMES)


def make(name, *, size=8, classes=3, rate=None, **options):
    """A small GAN of the recipe; with a rate by SGD, since Adam makes weights of rounding errors.

    A bias before a batch normalisation has no other gradient.
    """
    import dataclasses

    import keras

    from tfgan_losses import GAN, gan_types, layers

    keras.utils.set_random_seed(3)
    recipe = gan_types.get(name)
    if not classes:
        recipe = dataclasses.replace(recipe, condition=None)
    if rate:
        sgd = {key: keras.optimizers.SGD(rate) for key in ("g_optimizer", "d_optimizer")}
        options = {**sgd, **options}
    gan = GAN.from_recipe(
        recipe,
        (size, size, 1),
        num_classes=classes or None,
        steps=100,
        latent_dim=7,
        width=4,
        seed=5,
        **options,
    )
    layers.synchronize_batch_normalization(gan.generator)
    return gan


def fit(gan, steps=2, batch=8):
    import networks

    count = steps * batch * gan.d_steps
    x = networks.examples(count, gan.example_shape)
    data = (x, networks.labels(count)) if gan.condition else (x,)
    return gan.fit(*data, batch_size=batch * gan.d_steps, shuffle=False, verbose=0).history


@pytest.mark.parametrize("classes", [0, 3])
@every_name
def test_the_recipe_chooses_its_networks(name, classes):
    from tfgan_losses import layers

    gan = make(name, classes=classes)
    assert gan.generator.name == "generator" and len(gan.generator.inputs) == 1 + bool(classes)
    hierarchical = [
        x
        for x in gan.generator.layers
        if isinstance(x, layers.ConditionalBatchNormalization) and x.spectral
    ]
    assert len(hierarchical) == {"biggan": 2, "biggan-deep": 8}[name]
    assert all(
        isinstance(x, layers.SpectralNormalization)
        for network in (gan.generator, gan.discriminator)
        for x in network.layers
        if x.trainable_variables and "norm" not in x.name and x.name != "embedding"
    )
    shapes = [tuple(x.shape) for x in gan.discriminator.inputs]
    assert shapes == [(None, 8, 8, 1), (None, 3)][: 1 + bool(classes)]


@pytest.mark.slow
@pytest.mark.parametrize("classes", [0, 3])
@every_name
def test_trained_saved_loaded_and_exported(name, classes, tmp_path):
    import keras
    import networks
    import numpy as np
    import tensorflow as tf

    gan = make(name, classes=classes)
    before = networks.all_state(gan)
    logs = fit(gan)
    assert all(np.isfinite(values).all() for values in logs.values())
    moved = [
        not np.array_equal(*pair) for pair in zip(before, networks.all_state(gan), strict=True)
    ]
    assert np.mean(moved) > 0.9
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    networks.assert_same_state(again, gan)
    fit(gan, steps=1)
    fit(again, steps=1)
    networks.assert_same_state(again, gan)
    gan.export_generator(tmp_path / "generator")
    sample = tf.saved_model.load(str(tmp_path / "generator")).sample(5, seed=2)
    np.testing.assert_allclose(sample, gan.generate(5, seed=2), atol=1e-5)


@pytest.mark.slow
@every_name
def test_xla_and_graph_train_alike(name):
    import networks

    graph, compiled = (make(name, rate=0.01, jit_compile=jit) for jit in (False, True))
    fit(graph)
    fit(compiled)
    networks.assert_same_state(compiled, graph, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@every_name
def test_sixteen_bits(name):
    import keras
    import numpy as np

    exact = fit(make(name), steps=1)
    for policy in ("mixed_bfloat16", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        gan = make(name)
        logs = fit(gan, steps=1)
        assert all(v.dtype == "float32" for v in gan.trainable_variables)
        for key, values in exact.items():
            np.testing.assert_allclose(logs[key], values, rtol=0.1, atol=0.1, err_msg=key)


def _equals_one_device(name):
    import networks
    import numpy as np

    one = make(name, rate=0.01)
    before = networks.all_state(one)
    fit(one, steps=3)
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(one), strict=True)]
    assert max(moved) > 1e-3, "Nothing was trained."
    with commands.two_replicas().scope():
        two = make(name, rate=0.01)
    fit(two, steps=3)
    networks.assert_same_state(two, one, rtol=1e-4, atol=1e-5)


def biggan_equals_one_device():
    _equals_one_device("biggan")


def biggan_deep_equals_one_device():
    _equals_one_device("biggan-deep")


CASES = {case.__name__: case for case in (biggan_equals_one_device, biggan_deep_equals_one_device)}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
