"""Trainings with every registered augmentation: what it composes with, and what must agree."""

import augmentation_cases as cases
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import Keeping, Run
from tfgan_losses.datasets.source import MemorySource

R1_AND_R2 = "r1(weight=2), r2(weight=2)"


def assert_alike(found, expected):
    """Logs of two trainings."""
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=2e-4, atol=2e-5, err_msg=key)


@cases.each_but_slowly(fast="adaptive_pseudo")
def test_a_last_small_batch_and_a_round_trip_with_the_state(name, tmp_path):
    gan, logs = cases.train(cases.made(name), examples=19, run_eagerly=True)
    assert np.isfinite(list(logs.values())).all() and gan.step.numpy() == 2
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    networks.assert_same_state(loaded, gan)
    own, other = gan.objective.augmentations[0], loaded.objective.augmentations[0]
    assert repr(other) == repr(own)
    for variable, copy in zip(own.variables, other.variables, strict=True):
        assert copy.numpy() == variable.numpy() and variable.numpy() != 0
    # They go on alike.
    for each in (gan, loaded):
        cases.train(None, gan=each, steps=1)
    networks.assert_same_state(loaded, gan)


@pytest.mark.slow
@cases.each
@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        ("wgan-gp", {"d_steps": 2}),
        ("acgan", {}),
        ("projection", {}),
        ("r3gan", {}),
        ("gan", {"penalties": f"{R1_AND_R2}, lecam"}),
        ("dragan", {"penalties": "dragan(variant='paper')"}),
    ],
)
def test_composes(name, recipe, options):
    gan, logs = cases.train(cases.made(name), recipe, steps=2, run_eagerly=True, **options)
    assert np.isfinite(list(logs.values())).all()
    assert all(np.isfinite(state).all() for state in networks.all_state(gan))


@pytest.mark.slow
@cases.each
def test_lazy_penalties_are_those_of_every_update_where_they_are_due(name):
    """Lazy gradients come of a pass of their own, those of every update of the loss' own pass."""
    often, lazily = R1_AND_R2, R1_AND_R2.replace("=2", "=0.5, every=4")
    found = [
        cases.train(cases.made(name), penalties=each, steps=1, run_eagerly=True)
        for each in (often, lazily)
    ]
    assert found[0][1]["r1"] > 1e-4
    assert_alike(found[1][1], found[0][1])
    networks.assert_same_state(found[1][0], found[0][0], rtol=0, atol=2e-5)


@pytest.mark.slow
@cases.each
def test_eager_is_the_graph_and_parts_are_the_whole(name):
    options = {"recipe": "wgan-gp", "steps": 2, "d_steps": 2}
    gan, expected = cases.train(cases.made(name), run_eagerly=True, **options)
    for others in ({"accumulate": 3, "run_eagerly": True}, {}):
        other, found = cases.train(cases.made(name), **options, **others)
        assert_alike(found, expected)
        networks.assert_same_state(other, gan, rtol=0, atol=2e-5)


@pytest.mark.slow
@cases.each
def test_mixed_precision(name):
    """The networks compute in bfloat16, what is put before them in float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan, logs = cases.train(cases.made(name), "wgan-gp", steps=1, d_steps=1, run_eagerly=True)
    finally:
        keras.config.set_dtype_policy(before)
    assert np.isfinite(list(logs.values())).all()
    assert all(v.dtype == "float32" for v in gan.trainable_variables)
    x = tf.cast(cases.images(), tf.bfloat16)
    view = gan.pair.view(gan.objective.augmentations, "generator", 0, d_update=0, d_updates=10)
    assert view.of(x, "fake").dtype == tf.float32


@pytest.mark.slow
def test_stopped_and_resumed_is_uninterrupted(tmp_path):
    """p, and the signs since its last change, are in a checkpoint between two changes."""
    x = networks.examples(60, cases.SHAPE)
    source = MemorySource.from_arrays(x, name="mine")
    keeping = Keeping(log_every=1, sample_every=1000, checkpoint_every=3)
    spec = "adaptive_pseudo(target=-0.9, kimg=0.3), instance_noise"

    def train(folder, steps, resume=False):
        gan = cases.compiled(spec)
        run = Run(tmp_path / folder, resume=resume)
        run.train(gan, source, steps=steps, batch_size=cases.BATCH, keeping=keeping)
        return gan

    whole = train("whole", 8)
    train("parts", 3)
    parts = train("parts", 8, resume=True)
    networks.assert_same_state(parts, whole)
    (apa, _) = parts.objective.augmentations
    assert apa.probability.p.numpy() > 0 and apa.variables[2].numpy() == 0
