"""Layers that draw by themselves: what they draw is a function of (seed, update), and of no more.

As in test_replicas.py, `python tests/training/test_random_layers.py CASE...` runs cases with two
devices.
"""

import commands
import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN
from tfgan_losses.training.inspection import seed_states

BATCH, D_STEPS, STEPS = 8, 2, 3
EAGER = {"run_eagerly": True}  # To trace a graph takes longer than a few steps.


@keras.saving.register_keras_serializable("tests")
class Jitter(keras.layers.Layer):
    """A layer of a user's own that holds a generator."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, x, training=False):
        if not training:
            return x
        shape = keras.ops.shape(x)
        return x + 0.1 * keras.random.normal(shape, seed=self.seed_generator)


def make(seed=11, *, of_keras=0, **options):
    """A GAN with the same weights always, and generators that start where Keras wants."""
    keras.utils.set_random_seed(of_keras)
    generator = keras.Sequential(
        [
            keras.Input((networks.LATENT_DIM,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.Sequential([keras.layers.Dense(16, activation="tanh"), Jitter()]),
            keras.layers.Reshape((4, 4, 1)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.RandomFlip("horizontal"),
            keras.layers.GaussianNoise(0.3),
            keras.layers.Conv2D(4, 3),
            keras.layers.SpatialDropout2D(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    numbers = np.random.default_rng(0)
    for network in (generator, discriminator):
        network.set_weights([numbers.normal(0, 0.3, w.shape) for w in network.get_weights()])
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=seed)
    gan.compile(
        **({"loss": "hinge", "penalties": "gradient_penalty", "d_steps": D_STEPS} | options)
    )
    return gan


def fit(gan, first=0, last=STEPS):
    """Steps `first` to `last` of what is to be trained."""
    size = BATCH * D_STEPS
    x = networks.examples(size * STEPS)[first * size : last * size]
    gan.fit(x, batch_size=size, shuffle=False, verbose=0)
    return gan


def trained(gan):
    """What training changes, but for the states of generators, which each update sets anew."""
    of_layers = {id(state) for state in seed_states(gan.generator, gan.discriminator)}
    of_layers |= {id(state) for state in seed_states(gan.ema_generator)}
    variables = [*gan.variables, *gan.g_optimizer.variables, *gan.d_optimizer.variables]
    return [np.array(v) for v in variables if id(v) not in of_layers]


def assert_equal(first, second, **tolerance):
    for a, b in zip(trained(first), trained(second), strict=True):
        np.testing.assert_allclose(a, b, **{"rtol": 0, "atol": 0, **tolerance})


def differ(first, second):
    return any(
        not np.array_equal(a, b) for a, b in zip(trained(first), trained(second), strict=True)
    )


def test_all_generators_are_found_once():
    gan = make()
    paths = [state.path for state in seed_states(gan.generator, gan.discriminator)]
    assert len(set(paths)) == len(paths) == 5


@pytest.mark.parametrize(
    "options",
    [
        EAGER,
        pytest.param({"jit_compile": True}, marks=pytest.mark.slow),
    ],
    ids=["eager", "jit"],
)
def test_the_seed_of_the_gan_decides_all_draws(options):
    first = fit(make(**options))
    assert_equal(first, fit(make(of_keras=5, **options)))
    if "run_eagerly" not in options:
        return
    assert differ(first, fit(make(seed=12, **options)))
    # Not only by the latents: with other draws of the layers alone.
    other = make(**options)
    other.pair.seed_layers = lambda network, update: None
    assert differ(first, fit(other))


def test_eager_is_graph():
    assert_equal(fit(make()), fit(make(**EAGER)), atol=1e-5)


@pytest.mark.parametrize("accumulate", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_run_that_is_resumed_is_the_same_run(tmp_path, accumulate):
    options = EAGER | {"accumulate": accumulate}
    whole = fit(make(**options))
    begun = fit(make(of_keras=1, **options), last=2)
    begun.save_weights(tmp_path / "begun.weights.h5")
    begun.save(tmp_path / "begun.keras")
    resumed = make(of_keras=2, **options)
    resumed.load_weights(tmp_path / "begun.weights.h5")
    assert_equal(fit(resumed, first=2), whole)
    assert_equal(fit(keras.saving.load_model(tmp_path / "begun.keras"), first=2), whole)


def test_samples_and_evaluations_between_change_nothing():
    gan = fit(make(**EAGER), last=2)
    samples = gan.generate(3, seed=0)
    gan.evaluate(networks.examples(8), batch_size=8, verbose=0)
    np.testing.assert_array_equal(gan.generate(3, seed=0), samples)
    assert_equal(fit(gan, first=2), fit(make(**EAGER)))


def test_no_two_updates_passes_or_layers_share_a_draw():
    gan = make(run_eagerly=True)
    states, starts = seed_states(gan.generator, gan.discriminator), []
    for network in ("generator", "discriminator"):
        for update in range(30):
            gan.pair.seed_layers(network, tf.constant(update, tf.int64))
            starts += [tuple(np.array(state)) for state in states]
    assert len({start[0] for start in starts}) == len(starts) == 2 * 30 * 5
    assert min(min(start) for start in starts) >= 0
    # Keras counts on from there: a second pass of an update draws something else.
    x = tf.ones([4, 6, 6, 1])
    dropout = keras.layers.Dropout(0.5)
    assert not np.array_equal(dropout(x, training=True), dropout(x, training=True))


def test_networks_without_such_layers_get_no_operations():
    pair = networks.pair(batch_normalization=False)
    gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=0)
    graph = tf.function(lambda: gan.pair.seed_layers("generator", 0)).get_concrete_function().graph
    assert not [op for op in graph.get_operations() if op.type != "NoOp"]


def replicas_draw_other_numbers():
    """Of a constant input, so that only what the layers draw can tell the replicas apart."""
    strategy = commands.two_replicas()
    states = []
    for of_keras in (0, 1):
        with strategy.scope():
            gan = make(of_keras=of_keras, penalties="r1")
        with strategy.scope():
            layer = keras.layers.Dropout(0.5)
            layer.build((3, 20))

        @tf.function
        def masks(update, gan=gan):
            gan.pair.seed_layers("discriminator", update)
            return gan.generator(tf.ones([3, networks.LATENT_DIM]), training=True)

        made = [strategy.experimental_local_results(strategy.run(masks, (i,))) for i in range(2)]
        states.append(np.array([[np.array(part) for part in update] for update in made]))
        size = BATCH * D_STEPS
        gan.fit(networks.examples(size * 3), batch_size=size, shuffle=False, verbose=0)
        states[-1] = [states[-1], *trained(gan)]
    (first, *weights), (second, *others) = states
    np.testing.assert_array_equal(first, second)
    flat = first.reshape(4, -1)
    assert len({row.tobytes() for row in flat}) == 4, "two replicas or updates draw the same"
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_array_equal(a, b)


CASES = {case.__name__: case for case in (replicas_draw_other_numbers,)}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
