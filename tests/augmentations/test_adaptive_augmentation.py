"""p of adaptive augmentation follows the signs of outputs, and is state like any other.

`python tests/augmentations/test_adaptive_augmentation.py CASE...` runs cases with two devices.
"""

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, augmentations, gan_types

SPEC = "adaptive(target={}, interval=3, kimg=0.1, pipe='bgcfnc')"
BATCH = 16


def make(target=-0.9, *, rate=0.05, spec=SPEC, **arguments):
    keras.utils.set_random_seed(3)
    pair = networks.pair(batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=11)
    rates = {key: keras.optimizers.SGD(rate) for key in ("g_optimizer", "d_optimizer")}
    augmentation = spec.format(target)
    gan.compile("hinge", **{"augmentation": augmentation, "d_steps": 2, **rates, **arguments})
    return gan


def fit(gan, steps=4):
    size = BATCH * gan.d_steps
    data = networks.examples(size * 12)
    start = int(gan.step.numpy()) * size
    history = gan.fit(
        data[start : start + size * steps], batch_size=size, verbose=0, shuffle=False
    ).history
    return history


def p_of(gan):
    (augmentation,) = gan.objective.augmentations
    return float(augmentation.probability.p.numpy())


def update(augmentation, number, r, examples):
    report = {"adaptive_r": tf.constant(float(r)), "examples": tf.constant(float(examples))}
    augmentation.end_update(report, tf.constant(number, tf.int64))
    return float(augmentation.probability.p.numpy())


def test_p_follows_the_papers_rule():
    """By 4 * 64 / 500000 after four updates; in between it waits."""
    adaptive = augmentations.get("adaptive")
    step = 4 * 64 / 500e3
    found = [update(adaptive, i, r, 64) for i, r in enumerate([1.0, 0.3, 0.6, 0.8] * 2)]
    np.testing.assert_allclose(found, [0, 0, 0, step, step, step, step, 2 * step], rtol=1e-6)
    # One update of many examples counts as many: the mean is over examples.
    found = [update(adaptive, i, r, n) for i, (r, n) in enumerate([(1, 10), (1, 10), (1, 10),
                                                                   (0.5, 300)])]  # fmt: skip
    assert found[-1] == pytest.approx(2 * step - 330 / 500e3, rel=1e-4)


def test_p_stays_in_its_range_and_rests_at_the_target():
    adaptive = augmentations.get("adaptive(target=0.5, interval=1, kimg=0.1)")
    ups = [update(adaptive, i, 1.0, 60) for i in range(3)]
    np.testing.assert_allclose(ups, [0.6, 1.0, 1.0])
    assert update(adaptive, 3, 0.5, 60) == 1.0
    downs = [update(adaptive, i, -1.0, 60) for i in range(4, 7)]
    np.testing.assert_allclose(downs, [0.4, 0.0, 0.0], atol=1e-6)


@pytest.mark.parametrize("target", [-0.9, 0.9])
def test_training_moves_p(target):
    """Logged is p of the last update of a step, and the signs of outputs for its examples."""
    gan = make(target, d_steps=1, run_eagerly=True, rate=0.0)
    logs = [fit(gan, 1) for _ in range(4)]
    found = [log["adaptive_p"][0] for log in logs]
    assert all(-1 <= log["adaptive_r"][0] <= 1 for log in logs)
    # 3 * 16 examples of 100; and at 0.9 it cannot fall.
    np.testing.assert_allclose(found, [0, 0, 0, 0.48 * (target < 0)], rtol=1e-6)
    assert p_of(gan) == pytest.approx(0.48 * (target < 0))


def test_the_logged_r_is_that_of_the_outputs():
    gan = make(d_steps=1, rate=0.0)
    real = networks.examples(BATCH * 12)[:BATCH]
    # p is 0 in the first update.
    expected = np.sign(gan.discriminator(real).numpy()).mean()
    assert fit(gan, 1)["adaptive_r"][0] == pytest.approx(expected, abs=1e-6)


def test_both_networks_see_transformed_examples():
    """Of a discriminator that is never changed, the outputs change once p is above 0."""
    gan = make(d_steps=1, rate=0.0)
    (augmentation,) = gan.objective.augmentations
    without = fit(gan, 1)
    gan.step.assign(0)
    gan.d_updates.assign(0)
    augmentation.probability.p.assign(1.0)
    augmented = fit(gan, 1)
    for key in ("d_real", "d_fake", "g_loss"):
        assert abs(augmented[key][0] - without[key][0]) > 1e-4, key


@pytest.mark.slow
def test_accumulated_is_whole():
    whole, parts = make(), make(accumulate=4)
    for gan in (whole, parts):
        fit(gan)
    assert p_of(whole) == p_of(parts) > 0
    networks.assert_same_state(parts, whole, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_modes_end_alike():
    graph = make()
    fit(graph)
    for mode in ({"run_eagerly": True}, {"jit_compile": True}):
        gan = make(**mode)
        fit(gan)
        assert p_of(gan) == p_of(graph) > 0
        networks.assert_same_state(gan, graph, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_saved_and_resumed_is_uninterrupted(tmp_path):
    """Interrupted between two changes of p."""
    whole, first = make(), make()
    fit(whole, 4)
    fit(first, 2)
    assert float(first.objective.augmentations[0].variables[2].numpy()) == BATCH
    first.save(tmp_path / "gan.keras")
    first.save_weights(tmp_path / "gan.weights.h5")
    loaded, other = keras.saving.load_model(tmp_path / "gan.keras"), make()
    other.load_weights(tmp_path / "gan.weights.h5")
    for gan in (loaded, other):
        fit(gan, 2)
        assert p_of(gan) == p_of(whole) > 0
        networks.assert_same_state(gan, whole)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", ["r1(weight=1), r2(weight=1)", "gradient_penalty"])
def test_penalties_go_through_the_transforms(penalty):
    gan = make(spec="fixed(p=0.8)", penalties=penalty)
    before = networks.all_state(gan)
    history = fit(gan)
    assert all(np.isfinite(values).all() for values in history.values())
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(gan), strict=True)]
    assert max(moved) > 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("target=1", r"target in \(-1, 1\).*target=1"),
        ("interval=0", "interval to be an integer >= 1.*interval=0"),
        ("interval=2.5", "interval to be an integer"),
        ("kimg=0", "kimg > 0.*kimg=0"),
        ("pipe='bgx'", "pipe to be one of"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        augmentations.get(f"adaptive({options})")


def test_points_are_refused():
    with pytest.raises(ValueError, match=r"images \(height, width, channels\).*'adaptive'.*\(2,\)"):
        GAN.from_recipe("hinge", (2,), augmentation="adaptive")


def test_the_config_makes_an_equal_object():
    for spec in (
        "adaptive(target=0.5, pipe='bg', interval=2, kimg=100)",
        "fixed(p=cosine(start=0, end=0.55, steps=10), pipe={'blit': 1, 'hue': 0.5})",
    ):
        first = augmentations.get(spec)
        again = augmentations.get(keras.saving.serialize_keras_object(first))
        assert repr(again) == repr(first) and again.get_config() == first.get_config()


def test_the_schedule_of_r3gan():
    """p of its authors, with half of it for changes of colour; over the discriminator's updates."""
    recipe = gan_types.get("r3gan")
    gan = GAN.from_recipe(recipe, (8, 8, 3), steps=100, model="mlp", width=4)
    (fixed,) = gan.objective.augmentations
    strengths = fixed._transform.strengths
    assert {name for name, strength in strengths.items() if strength == 0.5} == {
        *("brightness", "contrast", "luma_flip", "hue", "saturation")
    }
    assert {name for name, strength in strengths.items() if strength == 1} == {
        *("x_flip", "quarter_turn", "integer_translation"),
        *("scale", "rotation", "stretch", "fractional_translation", "cutout"),
    }
    occasions = [
        augmentations.Occasion(
            network="discriminator", side="real", seed=1, update=0, d_update=update, d_updates=100
        )
        for update in (0, 50, 100)
    ]
    found = [float(occasion.at(fixed.p)) for occasion in occasions]
    assert found == pytest.approx([0.0, 0.275, 0.55], abs=1e-6)
    # On points it trains without.
    assert GAN.from_recipe(recipe, (2,), steps=100, width=4).objective.augmentations == []


def two_replicas_equal_one_device():
    one = make()
    fit(one)
    with commands.two_replicas().scope():
        two = make()
    history = fit(two)
    assert p_of(one) > 0.3
    assert "adaptive_r" in history
    networks.assert_same_state(two, one, rtol=0, atol=1e-5)
    (augmentation,) = two.objective.augmentations
    values = {float(value) for value in augmentation.probability.p.value.values}
    assert values == {p_of(one)}


CASES = {case.__name__: case for case in (two_replicas_equal_one_device,)}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
