"""Regularisers on two replicas are those of one device with the whole batch.

As in test_replicas.py, `python tests/test_terms_on_replicas.py CASE...` runs cases with two
devices.
"""

import commands
import pytest

BATCH, STEPS = 16, 8
# The lazy ones exchange nothing in their updates; those that see the batch do, in each.
PENALTIES = (
    "consistency, r1(weight=auto, every=2), max_gradient(weight=0.1), "
    "balanced_consistency(weight=0.3, augmentation=instance_noise(stddev=0.1), every=2)"
)
AUXILIARY = (
    "feature_matching(weight=0.5), path_length(every=2, decay=0.5), "
    "latent_consistency(weight=1, every=2)"
)


def make(d_steps=2, rate=0.05):
    import keras
    import networks

    keras.utils.set_random_seed(3)
    # SGD: Adam would hide a factor of 2 in the gradients.
    rates = {key: keras.optimizers.SGD(rate) for key in ("g_optimizer", "d_optimizer")}
    return networks.recipe_gan(
        "hinge", penalties=PENALTIES, auxiliary=AUXILIARY, d_steps=d_steps, seed=11, **rates
    )


def fit(gan, count=2 * BATCH * STEPS):
    import networks

    x = networks.examples(count)
    return gan.fit(x, batch_size=2 * BATCH, verbose=0, shuffle=False).history


def regularisers_equal_one_device():
    import networks
    import numpy as np

    one = make()
    before = networks.all_state(one)
    with commands.two_replicas().scope():
        two = make()
    first, second = fit(one), fit(two)
    for key, values in second.items():
        np.testing.assert_allclose(values, first[key], rtol=1e-3, atol=1e-5, err_msg=key)
    for term in one.objective.terms:
        for network in term.networks:
            assert abs(first[term.column(network)][0]) > 1e-5, term
    moved = zip(before, networks.all_state(one), strict=True)
    assert max(np.abs(a - b).max() for a, b in moved) > 1e-2
    networks.assert_same_state(two, one, rtol=0, atol=2e-5)
    averages = two.named_state()["path_length_average"].value.values
    assert float(averages[0]) == float(averages[1]) > 0


def the_greatest_of_all_replicas():
    """With the gradient of one device, negative values and a replica without examples."""
    import numpy as np
    import tensorflow as tf

    from tfgan_losses import replicas

    present = commands.two_replicas()

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            greatest = replicas.global_max(x)
            share = greatest**2 / replicas.count()
        return greatest, tape.gradient(share, x)

    def without(x, examples):
        with replicas.sharing(x[:examples], None) as (own, _):
            return replicas.global_max(own)

    x = np.array([-3.0, -2.0, -0.5, -4.0], "float32")
    halves = present.experimental_distribute_values_from_function(
        lambda context: tf.constant(np.split(x, 2)[context.replica_id_in_sync_group])
    )
    greatest, gradients = present.run(step, args=(halves,))
    np.testing.assert_array_equal(greatest.values, [-0.5, -0.5])
    np.testing.assert_allclose(np.concatenate(gradients.values), [0, 0, -1, 0])
    counts = present.experimental_distribute_values_from_function(
        lambda context: tf.constant([2, 0][context.replica_id_in_sync_group])
    )
    alone = present.run(tf.function(without), args=(halves, counts))
    np.testing.assert_array_equal(alone.values, [-2.0, -2.0])


def a_batch_may_leave_a_replica_less_or_nothing():
    """Nothing becomes NaN, and the number of r1, which looks at real examples only, stays."""
    import networks
    import numpy as np
    import tensorflow as tf

    for count in (1, 3):
        x = networks.examples(count)
        one = make(d_steps=1, rate=0.0)
        expected = one.fit(x, batch_size=count, verbose=0).history["r1"]
        with commands.two_replicas().scope():
            two = make(d_steps=1, rate=0.0)
        batch = tf.data.Dataset.from_tensors(x)
        distributed = commands.two_replicas().experimental_distribute_dataset(batch)
        logs = two.fit(distributed, verbose=0).history
        assert np.isfinite(list(logs.values())).all(), logs
        np.testing.assert_allclose(logs["r1"], expected, rtol=1e-4)


def what_must_be_exchanged_is_not_lazy():
    for spec in ("max_gradient(every=2)", "lecam(every=2)"):
        import networks

        with commands.two_replicas().scope(), pytest.raises(ValueError, match="every=1 for"):
            networks.recipe_gan("hinge", penalties=spec)


CASES = {
    case.__name__: case
    for case in (
        regularisers_equal_one_device,
        the_greatest_of_all_replicas,
        a_batch_may_leave_a_replica_less_or_nothing,
        what_must_be_exchanged_is_not_lazy,
    )
}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
