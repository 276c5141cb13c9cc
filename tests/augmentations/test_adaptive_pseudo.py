"""APA: which examples are replaced, what p does, and what it does not move."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, augmentations
from tfgan_losses.augmentations import AdaptivePseudo, Occasion
from tfgan_losses.augmentations.probability import Probability

SGD = keras.optimizers.SGD


def rule_by_hand(signs, examples, *, target, every, kimg):
    """p after each update: ADA's rule over the mean sign since the last change, in [0, 1]."""
    p, sum_of_signs, count, found = 0.0, 0.0, 0, []
    for update, (sign, number) in enumerate(zip(signs, examples, strict=True)):
        sum_of_signs, count = sum_of_signs + sign * number, count + number
        if update % every == every - 1:
            p += np.sign(sum_of_signs / count - target) * count / (kimg * 1000)
            p, sum_of_signs, count = min(max(p, 0.0), 1.0), 0.0, 0
        found.append(p)
    return found


@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("jit_compile", [None, True])
def test_p_is_the_rule(every, jit_compile):
    rng = np.random.default_rng(every)
    # Up to 1 and beyond it, and back to 0 and below.
    signs = np.r_[rng.uniform(0.5, 1, 24), rng.uniform(-1, 0.7, 40)].astype(np.float32)
    examples = rng.choice([8.0, 16.0], len(signs)).astype(np.float32)
    rule = Probability("my", target=0.6, interval=every, kimg=0.1)
    end_update = rule.end_update
    if jit_compile:
        end_update = tf.function(end_update, jit_compile=True, autograph=False)
    found = []
    for update, (sign, number) in enumerate(zip(signs, examples, strict=True)):
        report = {"my_r": tf.constant(sign), "examples": tf.constant(number)}
        end_update(report, tf.constant(update, tf.int64))
        found.append(float(rule.p))
    expected = rule_by_hand(signs, examples, target=0.6, every=every, kimg=0.1)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert min(found) == 0.0 and max(found) == 1.0


def test_the_report_of_the_rule():
    rule = Probability("my")
    found = rule.report(tf.constant([[2.0], [-0.1], [0.0], [5.0]], tf.bfloat16))
    assert tuple(found) == rule.report_keys == ("my_p", "my_r")
    np.testing.assert_array_equal(found["my_r"], [[1.0], [-1.0], [0.0], [1.0]])
    assert found["my_p"].shape == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 1.0}, r"target in \(-1, 1\).*target=1.0"),
        ({"target": float("nan")}, r"target in \(-1, 1\).*target=nan"),
        ({"interval": 0}, "interval to be an integer >= 1.*interval=0"),
        ({"interval": 2.0}, "interval to be an integer >= 1.*interval=2.0"),
        ({"interval": True}, "interval to be an integer >= 1.*interval=True"),
        ({"kimg": 0.0}, "kimg > 0, finite.*kimg=0"),
        ({"kimg": float("inf")}, "kimg > 0, finite.*kimg=inf"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        AdaptivePseudo(**options)


def occasion(**changes):
    given = {"network": "discriminator", "side": "real", "seed": 1, "update": 3}
    return Occasion(**{**given, "d_update": 3, "d_updates": None, **changes})


@pytest.mark.parametrize("shape", [(2,), (4, 4, 1)])
def test_a_share_p_of_the_examples_is_replaced_and_each_as_a_whole(shape):
    apa, count = AdaptivePseudo(), 4000
    apa.probability.p.assign(0.3)
    real, fake = tf.zeros([count, *shape]), tf.ones([count, *shape], tf.bfloat16)
    mixed = apa.stand_for_real(real, lambda: fake, occasion()).numpy().reshape(count, -1)
    assert set(np.unique(mixed)) == {0.0, 1.0}
    assert (mixed == mixed[:, :1]).all()
    assert mixed.mean() == pytest.approx(0.3, abs=4 * (0.21 / count) ** 0.5)
    again = apa.stand_for_real(real, lambda: fake, occasion()).numpy().reshape(count, -1)
    np.testing.assert_array_equal(again, mixed)
    other = apa.stand_for_real(real, lambda: fake, occasion(update=4)).numpy().reshape(count, -1)
    assert (other != mixed).any()
    apa.probability.p.assign(1.0)
    assert apa.stand_for_real(real, lambda: fake, occasion()).numpy().min() == 1.0


@pytest.mark.parametrize("compiled", [False, True])
def test_the_generator_is_not_run_while_p_is_0(compiled):
    apa, runs = AdaptivePseudo(), tf.Variable(0)

    def generate():
        runs.assign_add(1)
        return tf.ones([4, 2])

    def stand():
        return apa.stand_for_real(tf.zeros([4, 2]), generate, occasion())

    stand = tf.function(stand, autograph=False) if compiled else stand
    assert not stand().numpy().any() and int(runs) == 0
    apa.probability.p.assign(1.0)
    assert stand().numpy().all() and int(runs) == 1


def make(**arguments):
    """With batch normalisation and a layer that draws: what a pass may move is there."""
    keras.utils.set_random_seed(3)
    generator = keras.Sequential(
        [
            keras.Input((networks.LATENT_DIM,)),
            keras.layers.Dense(16),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2, seed=1),
            keras.layers.Dense(3, activation="tanh"),
        ]
    )
    gan = GAN(generator, networks.discriminator((3,)), latent_dim=networks.LATENT_DIM, seed=11)
    rates = {key: SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    gan.compile(**{"loss": "hinge", "augmentation": "adaptive_pseudo", **rates, **arguments})
    return gan


def fit(gan, steps=4):
    x = networks.examples(8 * steps, (3,))
    return gan.fit(x, batch_size=8, shuffle=False, verbose=0).history


def test_what_is_never_replaced_trains_as_without():
    """p is 0 in the first four updates, and stand-ins move no state."""
    without, apa = make(augmentation=()), make()
    fit(without), fit(apa)
    for network in ("generator", "discriminator"):
        pairs = zip(getattr(without, network).variables, getattr(apa, network).variables,
                    strict=True)  # fmt: skip
        for a, b in pairs:
            np.testing.assert_array_equal(a, b, err_msg=a.path)


def test_the_loss_takes_what_stands_as_real():
    """With p = 1 and a generator of one number the discriminator cannot tell the sides apart."""
    gan = make(augmentation=AdaptivePseudo(interval=100), run_eagerly=True)
    (apa,) = gan.objective.augmentations
    last = gan.generator.layers[-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])
    apa.probability.p.assign(1.0)
    still = {"g_optimizer": SGD(0.0), "d_optimizer": SGD(0.0), "run_eagerly": True}
    gan.compile("hinge", augmentation=apa, **still)
    logs = fit(gan, steps=1)
    assert logs["d_real"][0] == pytest.approx(logs["d_fake"][0], abs=1e-6)
    assert logs["pseudo_p"] == [1.0]
    # `evaluate` has the real examples as real.
    found = gan.evaluate(networks.examples(8, (3,)), return_dict=True, verbose=0)
    outputs = gan.discriminator(networks.examples(8, (3,)), training=False)
    assert found["d_real"] == pytest.approx(float(np.mean(outputs)), abs=1e-6)
    assert abs(found["d_real"] - found["d_fake"]) > 1e-3


def test_p_follows_the_discriminator_and_is_logged():
    """A bias of 9: all signs are 1, and p rises by 8 examples over 100 at each second update."""
    gan = make(augmentation="adaptive_pseudo(interval=2, kimg=0.1)", run_eagerly=True)
    gan.discriminator.layers[-1].bias.assign([9.0])
    logs = gan.fit(networks.examples(8, (3,)), batch_size=8, epochs=5, verbose=0).history
    assert logs["pseudo_r"] == [1.0] * 5
    np.testing.assert_allclose(logs["pseudo_p"], [0, 0, 0.16, 0.16, 0.32], atol=1e-6)
    assert "adaptive_pseudo_p" in gan.named_state()


def test_beside_another_augmentation_of_points():
    both = augmentations.get_all("adaptive_pseudo, instance_noise(stddev=0.1)")
    logs = fit(make(augmentation=both, run_eagerly=True))
    assert np.isfinite(list(logs.values())).all()
