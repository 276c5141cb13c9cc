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


def assert_same_weights(first, second):
    """What is trained is the same but for rounding.

    Not the singular vectors: those of a kernel that starts orthogonal, whose singular values are
    all one, are any, and rounding errors decide.
    """
    import numpy as np

    for a, b in zip(first.trainable_variables, second.trainable_variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5, err_msg=a.path)


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
@pytest.mark.parametrize(("name", "classes"), [("biggan", 3), ("biggan-deep", 0)])
def test_trained_saved_loaded_and_exported(name, classes, tmp_path):
    import keras
    import networks
    import numpy as np
    import tensorflow as tf

    gan = make(name, classes=classes, rate=0.01)
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
    # A loaded graph may add the gradients of the shared embedding up in another order.
    fit(gan, steps=1)
    fit(again, steps=1)
    assert_same_weights(again, gan)
    gan.export_generator(tmp_path / "generator")
    exported = tf.saved_model.load(str(tmp_path / "generator"))
    np.testing.assert_allclose(exported.sample(5, seed=2), gan.generate(5, seed=2), atol=1e-5)


@pytest.mark.slow
def test_xla_and_graph_train_alike():
    graph, compiled = (make("biggan", rate=0.01, jit_compile=jit) for jit in (False, True))
    fit(graph)
    fit(compiled)
    assert_same_weights(compiled, graph)


@pytest.mark.slow
@every_name
def test_sixteen_bits(name):
    import keras
    import numpy as np

    exact = fit(make(name, run_eagerly=True), steps=1)
    for policy in ("mixed_bfloat16", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        gan = make(name, run_eagerly=True)
        logs = fit(gan, steps=1)
        assert all(v.dtype == "float32" for v in gan.trainable_variables)
        for key, values in exact.items():
            np.testing.assert_allclose(logs[key], values, rtol=0.1, atol=0.1, err_msg=key)


def biggan_equals_one_device():
    import networks
    import numpy as np

    one = make("biggan", rate=0.01)
    before = networks.all_state(one)
    fit(one, steps=3)
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(one), strict=True)]
    assert max(moved) > 1e-3, "Nothing was trained."
    with commands.two_replicas().scope():
        two = make("biggan", rate=0.01)
    fit(two, steps=3)
    assert_same_weights(two, one)


CASES = {"biggan_equals_one_device": biggan_equals_one_device}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
