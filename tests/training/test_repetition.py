"""The discriminator's updates of a step are one loop in the graph, with the numbers of copies."""

import collections

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, gan_types
from tfgan_losses.training import repetition
from tfgan_losses.training.repetition import mean_over_updates

D_STEPS, BATCH = 3, 6
# To trace a recipe twice takes seconds.
FAST = ("wgan-gp",)
all_recipes = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
        for name in gan_types.names()
        if name not in networks.ONLY_ANOTHER_FORMULA
    ],
)


def recipe_gan(name, **options):
    keras.utils.set_random_seed(3)
    return networks.recipe_gan(name, d_steps=D_STEPS, ema_decay=0.9, optimizers=options)


def convolutions():
    """In a loop without a function around the update, its last bits were others."""
    keras.utils.set_random_seed(3)
    return GAN.from_recipe(
        "wgan-gp", (8, 8, 1), steps=10, latent_dim=networks.LATENT_DIM, width=8, seed=5
    )


def random_layers(**options):
    """A GAN whose layers draw, too, and whose losses are what is asked for."""
    keras.utils.set_random_seed(3)
    extra = [keras.layers.Dropout(0.5), keras.layers.GaussianNoise(0.1)]
    pair = networks.generator(), networks.discriminator(extra=extra)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=5)
    gan.compile("hinge", d_steps=D_STEPS, steps=10, **options)
    return gan


def state_and_lazy_terms():
    terms = [
        "r1(weight='cosine(start=1, end=0.1)', every=2)",
        "lecam(decay=0.5, every=2)",
        "gradient_penalty",
    ]
    return random_layers(penalties=terms, constraint="weight_clipping(limit=0.2)")


def parts_of_updates():
    return random_layers(penalties="gradient_penalty", accumulate=2)


def half_precision():
    """With a scale of the loss whose first updates overflow, and leave everything as it is."""
    keras.config.set_dtype_policy("mixed_float16")
    adam = keras.optimizers.Adam(1e-3)
    scaled = keras.optimizers.LossScaleOptimizer(adam, initial_scale=2.0**20)
    gan = recipe_gan("hinge", d_optimizer=scaled)
    fit(gan)
    assert 0 < int(adam.iterations) < int(gan.d_updates)
    return gan


def fit(gan):
    """Two whole batches, and a last one that d_steps does not divide."""
    size = gan.d_steps * BATCH
    x = networks.examples(2 * size + gan.d_steps + 1, gan.example_shape)
    before = int(gan.d_updates)
    history = gan.fit(x, networks.labels(len(x)), batch_size=size, shuffle=False, verbose=0).history
    assert int(gan.d_updates) == before + 3 * gan.d_steps
    return history


def assert_same_with_copies(make_gan, monkeypatch):
    trained, reports = [], []
    for copies in (False, True):
        if copies:
            monkeypatch.setattr(repetition, "_is_for_xla_on_cpus", lambda: True)
        trained.append(make_gan())
        reports.append(fit(trained[-1]))
    networks.assert_same_state(*trained)
    assert reports[0] == reports[1]


@all_recipes
def test_a_loop_is_the_copies_to_the_bit(name, monkeypatch):
    assert_same_with_copies(lambda: recipe_gan(name), monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make_gan",
    [
        state_and_lazy_terms,
        convolutions,
        parts_of_updates,
        half_precision,
    ],
)
def test_whatever_is_in_an_update_may_be_in_a_loop(make_gan, monkeypatch):
    assert_same_with_copies(make_gan, monkeypatch)


@all_recipes
def test_a_loop_is_the_eager_updates_but_for_rounding(name):
    """Sums of some 100 products in another order, of which 1e-5 is left in what a variable moves;
    2^-20 where all terms of a gradient cancel; half a unit in the last place of each assignment.
    """
    rate, assignments = 0.01, 3 * (D_STEPS + 1)
    gans = []
    for options in ({}, {"run_eagerly": True}):
        # Adam's first steps turn rounding errors of tiny gradients into whole steps.
        rates = {f"{x}_optimizer": keras.optimizers.SGD(rate) for x in ("g", "d")}
        gans.append(recipe_gan(name, **options, **rates))
        before = networks.all_state(gans[-1])
        fit(gans[-1])
    for start, found, expected in zip(before, *map(networks.all_state, gans), strict=True):
        largest, moved = (np.abs(x).max(initial=0.0) for x in (expected, expected - start))
        each = rate * 2.0**-20 + largest * 2.0**-24
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * moved + assignments * each)


@pytest.mark.slow
def test_xla_makes_the_same_of_a_loop(monkeypatch):
    trained = [recipe_gan("wgan-gp", jit_compile=True)]
    fit(trained[0])
    monkeypatch.setattr(repetition, "_is_for_xla_on_cpus", lambda: False)
    trained.append(recipe_gan("wgan-gp", jit_compile=True))
    fit(trained[1])
    networks.assert_same_state(*trained, rtol=1e-5, atol=1e-6)


def operations(function, *arguments):
    """How many of each kind there are in a graph and in the functions that it calls."""
    graph = function.get_concrete_function(*arguments).graph.as_graph_def()
    nodes = [*graph.node, *(node for x in graph.library.function for node in x.node_def)]
    return collections.Counter(node.op for node in nodes)


@pytest.mark.slow
def test_a_graph_does_not_grow_with_d_steps():
    counts = []
    for d_steps in (2, 10):
        gan = networks.recipe_gan("wgan-gp", d_steps=d_steps)
        counts.append(operations(tf.function(gan.train_step), networks.examples(20)))
    assert counts[0] == counts[1]
    assert counts[0]["While"] == 1


@pytest.mark.parametrize(
    ("own", "devices", "loops"),
    [({"jit_compile": True}, ["CPU"], 0), ({"jit_compile": True}, ["CPU", "GPU"], 1),
     ({}, ["CPU"], 1), ({}, ["CPU", "GPU"], 1)],
)  # fmt: skip
def test_only_xla_on_a_cpu_gets_copies(own, devices, loops, monkeypatch):
    there = [tf.config.LogicalDevice(f"/device:{kind}:0", kind) for kind in devices]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda: there)

    def two_updates(start):
        return mean_over_updates(lambda number: {"number": start + tf.sin(1.0)}, 2)

    for function in (two_updates, tf.function(two_updates)):
        found = operations(tf.function(function, **own), tf.constant(0.0))
        assert found["While"] + found["StatelessWhile"] == loops
        # Copies of a call, not of what is called.
        assert found["Sin"] == 1


@pytest.mark.parametrize("mode", ["eager", "graph", "jit"])
def test_updates_follow_each_other(mode, modes):
    """v -> 2 v + number does not commute."""
    variable = tf.Variable(1.0)

    def update(number):
        before = tf.identity(variable)
        after = 2.0 * before + tf.cast(number, tf.float32)
        variable.assign(after)
        return {"before": before, "after": after}

    report = modes.run(mode, lambda: mean_over_updates(update, 4))
    after = [2.0, 5.0, 12.0, 27.0]
    assert float(variable) == after[-1]
    assert float(report["after"]) == np.mean(after)
    assert float(report["before"]) == np.mean([1.0, *after[:-1]])


@pytest.mark.slow
def test_a_strategy_of_one_device_gets_copies():
    """Whose optimisers refuse loops and functions."""
    trained = [recipe_gan("wgan-gp")]
    with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
        trained.append(recipe_gan("wgan-gp"))
    for gan in trained:
        fit(gan)
    networks.assert_same_state(*trained, rtol=1e-5, atol=1e-6)
