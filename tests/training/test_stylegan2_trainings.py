"""StyleGAN2 trains the same in all ways: what it draws is a function of its latent vectors.

`python tests/training/test_stylegan2_trainings.py CASE...` runs cases with two devices.
"""

import dataclasses

import commands
import pytest

BATCH, STEPS, SHAPE = 16, 3, (8, 8, 1)


def make(condition=None, **arguments):
    import keras
    import networks
    import numpy as np

    from tfgan_losses import GAN, gan_types

    keras.utils.set_random_seed(3)
    recipe = dataclasses.replace(
        gan_types.get("stylegan2"),
        condition=condition,
        penalties=("r1(weight=1, every=2)",),
        auxiliary=("path_length(weight=1, every=2, decay=0.5)",),
    )
    # SGD: Adam would hide a factor in the gradients, and enlarge rounding errors.
    rates = {key: keras.optimizers.SGD(0.02) for key in ("g_optimizer", "d_optimizer")}
    arguments = {"num_classes": 3, "steps": STEPS, "width": 2, "seed": 11, **rates, **arguments}
    gan = GAN.from_recipe(recipe, SHAPE, latent_dim=networks.LATENT_DIM, **arguments)
    for network in (gan.generator, gan.ema_generator):
        for weight in network.weights:
            if weight.name == "strength":
                weight.assign(np.float32(0.3))
    return gan


def fit(gan, steps=STEPS, first=0):
    import networks

    x = networks.examples(BATCH * STEPS, SHAPE)[BATCH * first : BATCH * (first + steps)]
    y = networks.labels(BATCH * STEPS)[BATCH * first : BATCH * (first + steps)]
    labels = () if gan.condition is None else (y,)
    return gan.fit(x, *labels, batch_size=BATCH, verbose=0, shuffle=False).history


def assert_trained_as(one, other, tolerance=2e-5):
    import networks
    import numpy as np

    strengths = [w.numpy() for w in one.generator.weights if w.name == "strength"]
    assert len(strengths) == 3 and np.all(np.abs(np.array(strengths) - 0.3) > 1e-5)
    networks.assert_same_state(other, one, rtol=0, atol=tolerance)


def two_replicas_equal_one_device():
    import numpy as np

    one = make("labels", run_eagerly=True)
    with commands.two_replicas().scope():
        two = make("labels")
    history = fit(one)
    for key, values in fit(two).items():
        np.testing.assert_allclose(values, history[key], rtol=1e-3, atol=1e-5, err_msg=key)
    assert history["path_length"][0] > 1e-3 and history["r1"][0] > 1e-5
    assert_trained_as(one, two)


CASES = {case.__name__: case for case in (two_replicas_equal_one_device,)}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", [{"jit_compile": False}, {"jit_compile": True}, {"run_eagerly": True, "accumulate": 2}]
)
def test_other_ways_equal_eager_steps(way):
    eager, other = make(run_eagerly=True), make(**way)
    fit(eager)
    fit(other)
    assert_trained_as(eager, other, tolerance=5e-5)


@pytest.mark.slow
def test_a_saved_training_goes_on(tmp_path):
    import keras
    import networks
    import numpy as np

    whole, parts = make(run_eagerly=True), make(run_eagerly=True)
    fit(whole)
    fit(parts, 2)
    parts.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    fit(loaded, 1, first=2)
    networks.assert_same_state(loaded, whole, rtol=0, atol=1e-6)
    np.testing.assert_allclose(loaded.generate(3), whole.generate(3), atol=1e-5)


if __name__ == "__main__":
    commands.run_cases(CASES)
