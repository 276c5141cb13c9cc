"""Schedules, and everything that may be one: penalty weights, learning rates, beta_2, averages."""

import json

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import penalties, schedules
from tfgan_losses.training.optimizers import ScheduledAdam


def half_cosine(start, end, done):
    """As in the training script of R3GAN: a weight of (1 + cos(pi t)) / 2 for the start."""
    return end + (start - end) * 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))


@pytest.mark.parametrize("step", [0, 1, 25, 50, 99, 100, 500])
def test_cosine(step):
    value = schedules.get("cosine(start=0.05, end=0.005, steps=100)")(step)
    assert float(value) == pytest.approx(half_cosine(0.05, 0.005, step / 100), rel=1e-5)


@pytest.mark.parametrize("step", [1, 50, 100, 300])
def test_half_life(step):
    """After h steps of a constant, the value from before counts half."""
    schedule = schedules.get("half_life(start=0, end=0.25, steps=100)")
    half_life = max(100 * half_cosine(0, 0.25, step / 100), 0.1)
    assert float(schedule(step)) ** half_life == pytest.approx(0.5, rel=1e-4)
    assert float(schedule(0)) < 0.01


@pytest.mark.parametrize("step", [0, 1, 50, 100, 101, 500])
def test_exponential(step):
    value = schedules.get("exponential(start=1, end=0.5, steps=100)")(step)
    assert float(value) == pytest.approx(0.5 ** min(step / 100, 1), rel=1e-5)


@pytest.mark.parametrize(("at", "steps"), [(0.8, 6000), (0.7, 10), (0.5, 5), (0, 3), (1, 4)])
def test_drop(at, steps):
    """MultiStepLR: from the first update on that is not below the milestone."""
    drop = schedules.over(schedules.get(f"drop(start=5e-4, factor=0.1, at={at})"), steps)
    for step in (0, steps // 2, *range(max(round(at * steps) - 1, 0), steps + 2)):
        # In integers: a tenth of steps times ten times the share.
        dropped = 10 * step >= round(10 * at) * steps
        assert float(drop(step)) == pytest.approx(5e-5 if dropped else 5e-4, rel=1e-6), step
    assert schedules.extremes(drop) == pytest.approx([5e-4, 5e-5])
    again = schedules.get(json.loads(json.dumps(schedules.serialize(drop))))
    assert again.get_config() == drop.get_config() and repr(again) == repr(drop)
    moved = schedules.starting_at(drop, 1.0)
    assert moved.get_config() == {**drop.get_config(), "start": 1.0}
    assert float(schedules.starting_at(moved, 0.0)(0)) == 0.0


@pytest.mark.parametrize("wrong", ["factor=-1", "at=1.5", "at=-0.1"])
def test_a_drop_out_of_range(wrong):
    with pytest.raises(ValueError, match="Expected factor >= 0, finite, and at in"):
        schedules.get(f"drop(start=1, {wrong})")


def test_the_k_of_the_paper():
    """gamma^epoch down to nu, an epoch of 30 steps."""
    gamma, nu, epoch = 0.99, 0.5, 30
    steps = round(np.log(nu) / np.log(gamma) * epoch)
    share = schedules.Exponential(start=1, end=nu, steps=steps)
    for epochs in (0, 1, 10, 60, 69, 100):
        assert float(share(epochs * epoch)) == pytest.approx(max(gamma**epochs, nu), rel=1e-3)


def test_warm_up_of_a_number_and_of_any_schedule():
    of_keras = keras.optimizers.schedules.PolynomialDecay(2.0, 100, end_learning_rate=0.0)
    cosine = schedules.get("cosine(start=2, end=1, steps=100)")
    for to in (2.0, of_keras, cosine):
        warm = schedules.Warmup(to=to, updates=10)
        config = json.loads(json.dumps(schedules.serialize(warm)))
        again = schedules.get(config)
        for step in (0, 1, 5, 10, 11, 60, 200):
            expected = min(step / 10, 1) * float(schedules.at(to, step))
            assert float(warm(step)) == float(again(step)) == pytest.approx(expected, rel=1e-5)


def test_a_warm_up_to_an_open_schedule():
    warm = schedules.get("warmup(to=cosine(start=2, end=1), updates=4)")
    assert schedules.is_open(warm) and schedules.extremes(warm) == [0, 2, 1]
    closed = schedules.over(warm, 8)
    assert not schedules.is_open(closed) and float(closed(8)) == pytest.approx(1.0)
    moved = schedules.starting_at(closed, 4)
    assert [float(moved(step)) for step in (0, 8)] == pytest.approx([0, 2])
    assert schedules.over(schedules.Warmup(to=1.0, updates=3), 8).updates == 3


def test_an_open_schedule_is_filled_in():
    schedule = schedules.get("cosine(start=1, end=0)")
    assert schedules.is_open(schedule)
    with pytest.raises(ValueError, match="number of steps"):
        schedule(3)
    assert float(schedules.over(schedule, 10)(5)) == pytest.approx(0.5)
    fixed = schedules.get("cosine(start=1, end=0, steps=4)")
    assert schedules.over(fixed, 10) is fixed and schedules.over(0.3, 10) == 0.3


@pytest.mark.parametrize(
    "value, message",
    [
        ("cosin(start=1, end=0)", "Unknown schedule. Expected one of"),
        ("cosine(start=-1, end=0)", "start >= 0"),
        ("cosine(start=1, end=0, steps=0)", "steps >= 1"),
        ("cosine(start=1)", "Cannot make the schedule 'cosine'"),
        ("exponential(start=1, end=0)", "start > 0 and end > 0"),
        ("warmup(to=-1, updates=3)", "Expected to >= 0"),
        ("warmup(to=1, updates=0)", "Expected updates of a warm-up to be an integer >= 1"),
        ("warmup(to=half, updates=1)", "Cannot read|Expected to to be a number"),
        (object(), "Expected value to be a number or a schedule"),
    ],
)
def test_bad_schedules(value, message):
    with pytest.raises(ValueError, match=message):
        schedules.get(value)


def test_serialisation():
    schedule = schedules.get("half_life(start=0, end=0.25, steps=7)")
    config = json.loads(json.dumps(schedules.serialize(schedule)))
    assert schedules.get(config).get_config() == schedule.get_config()
    assert schedules.get(schedules.serialize(0.9)) == 0.9


def test_a_penalty_whose_weight_changes():
    penalty = penalties.get("r1(weight=cosine(start=1, end=0.1, steps=10))")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(penalty)))
    penalty = keras.saving.deserialize_keras_object(config)
    real = tf.constant(np.random.default_rng(0).normal(size=[4, 2]), tf.float32)
    seed = tf.constant([0, 0], tf.int64)
    # |grad D|^2 / 2 of |x|^2 / 2 is |x|^2 / 2.
    expected = 0.5 * np.sum(np.square(real), axis=1)
    for step in (0, 5, 20):
        found = penalty(lambda x: tf.reduce_sum(x**2, 1) / 2, real, real, seed=seed, step=step)
        np.testing.assert_allclose(found, half_cosine(1, 0.1, step / 10) * expected, rtol=1e-5)
    with pytest.raises(ValueError, match="Expected weight >= 0"):
        penalties.get("r1(weight=-1)")
    with pytest.raises(ValueError, match="Cannot read this penalty"):
        penalties.get("r1(weight=cosine(1, 2))")


def numpy_adam(gradients, rate, beta_1, beta_2, epsilon=1e-7):
    """Kingma & Ba, 2015, algorithm 1 in the order of Keras, beta_2 a function of the update."""
    x, m, v = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        b2 = beta_2(t - 1)
        m, v = beta_1 * m + (1 - beta_1) * g, b2 * v + (1 - b2) * g**2
        size = rate(t - 1) * np.sqrt(1 - b2**t) / (1 - beta_1**t)
        x -= size * m / (np.sqrt(v) + epsilon)
    return x


def test_adam_with_schedules():
    gradients = np.random.default_rng(1).normal(size=12)
    optimizer = ScheduledAdam(
        learning_rate=schedules.get("cosine(start=0.1, end=0.01, steps=10)"),
        beta_1=0.5,
        beta_2="cosine(start=0.9, end=0.99, steps=10)",
    )
    variable = keras.Variable(0.0)
    optimizer.build([variable])

    @tf.function
    def update(gradient):
        optimizer.apply([gradient], [variable])

    for gradient in gradients:
        update(tf.constant(gradient, tf.float32))
    expected = numpy_adam(
        gradients,
        lambda t: half_cosine(0.1, 0.01, t / 10),
        0.5,
        lambda t: half_cosine(0.9, 0.99, t / 10),
    )
    assert float(variable.numpy()) == pytest.approx(expected, rel=1e-4)
    config = json.loads(json.dumps(keras.optimizers.serialize(optimizer)))
    copy = keras.optimizers.deserialize(config)
    assert copy.get_config() == optimizer.get_config()


@pytest.mark.parametrize(
    "wrong", ["nan", float("inf"), "cosine(start=1, end=1e999)", "cosine(start=-1, end=0)"]
)
def test_what_is_no_finite_number_is_refused(wrong):
    with pytest.raises(ValueError, match=r"Expected (rate to be a number|.*start >= 0.*finite)"):
        schedules.get(wrong, name="rate")


def test_a_schedule_in_proportion():
    moved = schedules.starting_at(schedules.get("cosine(start=0.2, end=0.05)"), 0.4)
    assert moved.get_config() == {"start": 0.4, "end": pytest.approx(0.1), "steps": None}
    assert schedules.starting_at(0.2, 0.4) == 0.4


def test_the_average_follows_its_schedule():
    gan = networks.recipe_gan("gan", ema_decay="half_life(start=0, end=0.5, steps=4)")
    kernel, averaged = gan.generator.weights[0], gan.ema_generator.weights[0]
    expected = np.asarray(averaged)
    for step in range(6):
        gan.fit(networks.examples(8, seed=step), batch_size=8, verbose=0)
        decay = 0.5 ** (1 / max(4 * half_cosine(0, 0.5, step / 4), 0.1))
        expected = decay * expected + (1 - decay) * np.asarray(kernel)
        np.testing.assert_allclose(averaged, expected, atol=1e-6)
