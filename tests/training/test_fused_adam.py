"""One operation instead of two dozen, with the numbers, state and options of Keras' Adam."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.training.optimizers import ScheduledAdam, build_pair

STEPS, SHAPE = 5, (3, 4)
RULES = {
    "plain": lambda: keras.optimizers.Adam(1e-2, beta_1=0.5),
    "another epsilon": lambda: keras.optimizers.Adam(1e-2, beta_2=0.9, epsilon=0.1),
    "amsgrad": lambda: keras.optimizers.Adam(1e-2, amsgrad=True),
    "clipped": lambda: keras.optimizers.Adam(1e-2, clipnorm=0.1),
    "with weight decay": lambda: keras.optimizers.AdamW(1e-2, weight_decay=0.1),
    "of two gradients": lambda: keras.optimizers.Adam(1e-2, gradient_accumulation_steps=2),
    "slower and slower": lambda: keras.optimizers.Adam(
        keras.optimizers.schedules.ExponentialDecay(1e-2, 1, 0.5)
    ),
    "with a scaled loss": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(1e-2), initial_scale=4.0
    ),
}


def network(dtype="float32"):
    return keras.Sequential(
        [keras.Input(SHAPE[:1]), keras.layers.Dense(SHAPE[1], use_bias=False, dtype=dtype)]
    )


def trained(optimizer, variable, compiled=lambda function: function):
    """The variable and the state after some updates; gradients are small and large."""
    rng = np.random.default_rng(0)
    update = compiled(lambda x: optimizer.apply([x], [variable]))
    scales = 10 ** rng.uniform(-3, 1, size=SHAPE)
    for _ in range(STEPS):
        update(tf.constant(rng.normal(size=SHAPE) * scales, variable.dtype))
    return {v.path.split("/")[-1]: v.numpy() for v in [variable, *optimizer.variables]}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", RULES)
def test_numbers_and_state_are_those_of_keras(rule, dtype):
    net = network(dtype)
    start = net.get_weights()
    optimizer = build_pair(net, RULES[rule](), network(), None)[0]
    found = trained(optimizer, net.trainable_variables[0])
    net.set_weights(start)
    optimizer = RULES[rule]()
    optimizer.build(net.trainable_variables)
    expected = trained(optimizer, net.trainable_variables[0])
    assert list(found) == list(expected)
    rounding = 2.0**-25 if dtype == "float32" else 2.0**-54
    for key in found:
        # Of beta_2 beside 1; and those of some steps.
        tolerance = (rounding / (1 - 0.999) + 8 * rounding) if key != "kernel" else 0
        moved = STEPS * 1e-2 * (rounding / (1 - 0.999) / 2) + 8 * rounding
        np.testing.assert_allclose(
            found[key], expected[key], rtol=tolerance, atol=0 if tolerance else moved, err_msg=key
        )


@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_as_well(jit_compile):
    results = []
    for compiled in (lambda f: f, lambda f: tf.function(f, jit_compile=jit_compile)):
        keras.utils.set_random_seed(0)
        net = network()
        optimizer = build_pair(net, ScheduledAdam(beta_2=0.99), network(), None)[0]
        results.append(trained(optimizer, net.trainable_variables[0], compiled).values())
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_is_one_operation():
    net = network()
    optimizer = build_pair(net, None, network(), None)[0]

    @tf.function
    def update(gradient):
        optimizer.apply([gradient], net.trainable_variables)

    operations = update.get_concrete_function(tf.ones(SHAPE)).graph.get_operations()
    types = [operation.type for operation in operations]
    assert types.count("ResourceApplyAdam") == 1
    assert "Sqrt" not in types, "Keras' own formula is there, too"


def test_gradients_of_some_rows_are_keras_own():
    """Those of an embedding."""
    tables = []
    for build in (
        lambda rule, net: build_pair(net, rule, network(), None),
        lambda rule, net: rule.build(net.trainable_variables),
    ):
        keras.utils.set_random_seed(0)
        net = keras.Sequential([keras.Input((1,)), keras.layers.Embedding(5, 4)])
        rule, (table,) = keras.optimizers.Adam(0.1), net.trainable_variables
        build(rule, net)
        rule.apply(
            [tf.IndexedSlices(tf.ones([2, 4]), tf.constant([1, 3]), tf.constant([5, 4]))], [table]
        )
        tables.append(table.numpy())
    np.testing.assert_array_equal(*tables)
