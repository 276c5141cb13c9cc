"""Several updates of the generator in a step: `g_steps`, beside `d_steps`."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, Keeping, Run, schedules
from tfgan_losses.auxiliary import Auxiliary
from tfgan_losses.training import repetition
from tfgan_losses.training.updates import update_discriminator, update_generator

D_STEPS, G_STEPS, BATCH, STEPS = 2, 3, 4, 3
SIZE = D_STEPS * BATCH
# Schedules, a term that is left out in some updates, one that looks at real examples, and a draw.
TERMS = {
    "penalties": "gradient_penalty(weight=1)",
    "auxiliary": "reconstruction(weight=cosine(start=1, end=0.1)), path_length(every=2)",
    "top_k": "cosine(start=1, end=0.5)",
}
SGD = keras.optimizers.SGD


def make(**options):
    keras.utils.set_random_seed(3)
    pair = networks.pair((3,), batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=5)
    # SGD: Adam divides by the size of the gradients, and so would hide a factor in them.
    rates = {"g_optimizer": SGD(0.05), "d_optimizer": SGD(0.05)}
    arguments = {"d_steps": D_STEPS, "g_steps": G_STEPS, "steps": STEPS, **rates}
    gan.compile("relativistic", **arguments | options)
    return gan


def fit(gan, examples=None, **options):
    x = networks.examples(STEPS * SIZE, (3,)) if examples is None else examples
    return gan.fit(x, batch_size=SIZE, shuffle=False, verbose=0, **options).history


class Noted(Auxiliary):
    """Writes down what the updates of the generator are told."""

    networks = ("generator",)

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []

    def values(self, seen):
        self.asked.append((int(seen.update), seen.updates, seen.real.numpy()))
        return 0.0 * seen.fake


class NotedLazily(Noted):
    pass


def test_updates_are_numbered_over_the_whole_run():
    """And look at the parts of the batch in turn: two of them, three updates."""
    always, every_other = Noted(), NotedLazily(every=2)
    gan = make(auxiliary=[always, every_other], run_eagerly=True)
    fit(gan)
    assert int(gan.step) == STEPS and int(gan.d_updates) == D_STEPS * STEPS
    assert int(gan.g_updates) == int(gan.g_optimizer.iterations) == G_STEPS * STEPS
    assert int(gan.d_optimizer.iterations) == D_STEPS * STEPS
    updates, of_run, real = zip(*always.asked, strict=True)
    assert updates == tuple(range(G_STEPS * STEPS)) and set(of_run) == {G_STEPS * STEPS}
    assert [update for update, *_ in every_other.asked] == [0, 2, 4, 6, 8]
    batches = networks.examples(STEPS * SIZE, (3,)).reshape(STEPS, SIZE, 3)
    for update, seen in enumerate(real):
        step, number = divmod(update, G_STEPS)
        np.testing.assert_array_equal(seen, batches[step, number % D_STEPS :: D_STEPS])


def by_hand(gan, x):
    """What a step is, with the report of each update."""
    reports = {"d": [], "g": []}
    for part in range(D_STEPS):
        report = update_discriminator(gan, x[part::D_STEPS], None, gan.d_updates + part)
        reports["d"].append(report)
    gan.d_updates.assign_add(D_STEPS)
    for number in range(G_STEPS):
        update = G_STEPS * int(gan.step) + number
        report = update_generator(gan, x[number % D_STEPS :: D_STEPS], None, update)
        reports["g"].append(report)
    decay = min(0.9, (1 + int(gan.step)) / (10 + int(gan.step)))
    pairs = zip(gan.ema_generator.variables, gan.generator.variables, strict=True)
    for average, variable in pairs:
        average.assign(decay * average + (1 - decay) * variable)
    gan.step.assign_add(1)
    return {
        key: np.mean([report[key] for report in reports[who]])
        for who in reports
        for key in reports[who][0]
    }


def test_a_step_is_these_updates_one_after_the_other():
    """Of the average there is one; means are reported; so it is eagerly and in a graph."""
    batches = np.split(networks.examples(STEPS * SIZE, (3,)), STEPS)
    expected = make(**TERMS)
    told = [by_hand(expected, x) for x in batches]
    for run_eagerly in (True, False):
        gan = make(**TERMS, run_eagerly=run_eagerly)
        history = fit(gan)
        networks.assert_same_state(gan, expected, rtol=0, atol=2e-6)
        for key in ("d_loss", "g_loss", "reconstruction", "path_length"):
            mean = np.mean([report[key] for report in told])
            assert history[key][0] == pytest.approx(mean, rel=1e-4, abs=1e-6), key


def test_one_is_what_it_was():
    """The default, which the golden numbers of all other recipes have."""
    eagerly = {"run_eagerly": True}
    default, one = make(g_steps=1, **eagerly), GAN.from_config(make().get_config())
    one.compile(loss="relativistic", d_steps=D_STEPS, steps=STEPS, g_optimizer=SGD(0.05),
                d_optimizer=SGD(0.05), **eagerly)  # fmt: skip
    one.set_weights(default.get_weights())
    assert fit(default) == fit(one)
    networks.assert_same_state(default, one)


@pytest.mark.slow
@pytest.mark.parametrize("other", [{"steps_per_execution": 1}, {"copies": True}])
def test_however_it_runs_the_bits_are_the_same(other, monkeypatch):
    """Many steps at once or one, updates in a loop of the graph or as copies."""
    trained = [make(**TERMS, steps_per_execution=STEPS)]
    fit(trained[0])
    if other.pop("copies", False):
        monkeypatch.setattr(repetition, "_is_for_xla_on_cpus", lambda: True)
    trained.append(make(**TERMS, **other))
    fit(trained[1])
    networks.assert_same_state(*trained)


@pytest.mark.slow
def test_xla_makes_the_same_of_it():
    trained = [make(**TERMS, jit_compile=jit) for jit in (False, True)]
    for gan in trained:
        fit(gan)
    networks.assert_same_state(*trained, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_parts_of_a_batch_make_the_update_of_the_whole():
    trained = []
    for accumulate in (1, 2):
        terms = {**TERMS, "auxiliary": "reconstruction", "top_k": 1.0}
        trained.append(make(**terms, accumulate=accumulate, run_eagerly=True))
        fit(trained[-1])
    networks.assert_same_state(*trained, rtol=0, atol=2e-6)


class Source:
    example_shape, size, name = (3,), STEPS * SIZE, "noise"

    def batches(self, batch_size, *, seed, start):
        x = networks.examples(STEPS * SIZE, (3,), seed=seed)
        return tf.data.Dataset.from_tensor_slices(x).batch(batch_size).repeat().skip(start)


def train(directory, gan, steps, **options):
    keeping = Keeping(sample_every=STEPS, checkpoint_every=1, log_every=1, metrics=())
    return Run(directory, **options).train(gan, Source(), steps=steps, batch_size=BATCH,
                                           keeping=keeping)  # fmt: skip


def test_a_resumed_run_is_the_uninterrupted_one_to_the_byte(tmp_path):
    whole, first, second = (make(**TERMS, run_eagerly=True) for _ in range(3))
    assert train(tmp_path / "whole", whole, STEPS)
    assert train(tmp_path / "parts", first, 1)
    assert train(tmp_path / "parts", second, STEPS, resume=True)
    networks.assert_same_state(second, whole)
    rows = [(tmp_path / name / "metrics.csv").read_text() for name in ("whole", "parts")]
    assert rows[0] == rows[1]
    with pytest.raises(ValueError, match="training g_steps: 3 before, 1 now"):
        train(tmp_path / "parts", make(**TERMS, g_steps=1), STEPS, resume=True)


def test_it_is_saved(tmp_path):
    gan = make(**TERMS)
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    assert copy.g_steps == G_STEPS
    assert copy.objective.updates == {"generator": G_STEPS * STEPS, "discriminator": 6}


def test_schedules_of_the_optimiser_are_as_long():
    rate = schedules.get("drop(start=1, factor=0.5, at=0.5)")
    gan = make(g_optimizer=SGD(rate), d_optimizer=SGD(0.0), steps=4)
    found = [float(gan.g_optimizer._learning_rate(update)) for update in (0, 5, 6, 11, 12)]
    assert found == [1.0, 1.0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "2"])
def test_other_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match=r"Expected g_steps to be an integer >= 1\. Received: g_s"):
        make(g_steps=wrong)
