"""Sums and means over replicas, and the losses that use them: two halves of a batch make a whole.

As in test_replicas.py, `python tests/test_global_means.py CASE...` runs cases with two devices.
"""

import commands
import numpy as np
import pytest

REAL, FAKE = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")
BASES = ("non_saturating", "least_squares", "hinge")


def test_one_device():
    import tensorflow as tf

    from tfgan_losses import replicas

    x = tf.constant(REAL)
    with tf.GradientTape() as tape:
        tape.watch(x)
        mean = replicas.global_mean(x)
    assert float(mean) == pytest.approx(REAL.mean(), abs=1e-7)
    np.testing.assert_allclose(tape.gradient(mean, x), np.full_like(REAL, 1 / REAL.size))
    np.testing.assert_array_equal(replicas.global_sum(x), REAL)
    assert replicas.count() == 1


def test_means_of_half_precision_are_float32():
    import tensorflow as tf

    from tfgan_losses import replicas

    # A float16 sum would overflow at 65504.
    mean = replicas.global_mean(tf.fill([4096, 1], tf.constant(100.0, tf.float16)))
    assert mean.dtype == tf.float32 and float(mean) == 100.0


def halves(present, array):
    """One half of an array for each replica."""
    import tensorflow as tf

    def half(context):
        return tf.constant(np.split(array, 2)[context.replica_id_in_sync_group])

    return present.experimental_distribute_values_from_function(half)


def sums_means_and_their_gradients():
    import tensorflow as tf

    from tfgan_losses import replicas

    present = commands.two_replicas()
    weights = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")

    @tf.function
    def step(x, factor):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            mean, total = replicas.global_mean(x), replicas.global_sum(x)
            # Each replica's share of sin(mean) + sum(weights * total^2) over all replicas.
            from_mean = factor * tf.sin(mean)
            from_total = factor * tf.reduce_sum(weights * total**2)
        return mean, total, tape.gradient(from_mean, x), tape.gradient(from_total, x)

    with present.scope():
        # Outside of the replicas there is nothing to add to.
        assert float(replicas.global_mean(tf.constant(REAL))) == pytest.approx(REAL.mean(), 1e-6)
        assert replicas.count() == 2
    # Unequal shares: the gradient of a replica counts the shares of the others.
    factors = np.array([0.25, 0.75], "float32").reshape(2, 1)
    results = present.run(step, args=(halves(present, REAL), halves(present, factors)))
    first, second = np.split(REAL, 2)
    for i in range(2):
        mean, total, mean_gradient, total_gradient = (result.values[i] for result in results)
        np.testing.assert_allclose(mean, REAL.mean(), rtol=1e-5)
        np.testing.assert_allclose(total, first + second, rtol=1e-6)
        expected = np.cos(REAL.mean()) / REAL.size
        np.testing.assert_allclose(mean_gradient, np.full([4, 3], expected), rtol=1e-5)
        np.testing.assert_allclose(total_gradient, 2 * weights * (first + second), rtol=1e-5)


def share(half, psi, shift, real, fake):
    """A replica's loss, and its gradients to the discriminator's and the generator's weights."""
    import tensorflow as tf

    def outputs(x):
        return tf.matmul(tf.tanh(x), psi)

    with tf.GradientTape() as tape:
        loss = half(outputs(real), outputs(fake + shift))
    return loss, *tape.gradient(loss, [psi, shift])


def compare_relativistic_average(wrap):
    """The shares are added up, as Keras' optimisers do; no factor may be missing."""
    import tensorflow as tf

    from tfgan_losses import losses

    def variables():
        return tf.Variable([[0.3], [-0.7], [1.1]]), tf.Variable([0.5, 0.2, -0.1])

    one, present = variables(), commands.two_replicas()
    with present.scope():
        two = variables()
    for base in BASES:
        loss = losses.get(f"relativistic_average(base={base!r})")
        for half in (loss.discriminator, loss.generator):
            expected = share(half, *one, REAL, FAKE)

            def step(real, fake, half=half):
                return share(half, *two, real, fake)

            shares = present.run(wrap(step), args=(halves(present, REAL), halves(present, FAKE)))
            for name, a, b in zip(("loss", "psi", "shift"), shares, expected, strict=True):
                whole = present.reduce("SUM", a, axis=None)
                assert np.abs(b).max() > 1e-3
                np.testing.assert_allclose(
                    whole, b, rtol=1e-5, atol=1e-6, err_msg=f"{base} {half.name} {name}"
                )


def relativistic_average_in_a_graph():
    import tensorflow as tf

    compare_relativistic_average(tf.function)


def relativistic_average_eagerly():
    compare_relativistic_average(lambda step: step)


def k_is_one_value():
    import tensorflow as tf

    from tfgan_losses import losses, replicas

    one, present = losses.get("boundary_equilibrium(k_rate=0.1)"), commands.two_replicas()
    with present.scope():
        two = losses.get("boundary_equilibrium(k_rate=0.1)")

    @tf.function
    def step(real, fake):
        # Outputs of an autoencoder are negative.
        means = (replicas.global_mean(-tf.exp(x)) for x in (real, fake))
        return two.end_step(*means)

    for gain in (2.0, 1.5, 3.0):
        real = REAL + np.float32(gain)
        expected = one.end_step(-np.exp(real).mean(), -np.exp(FAKE).mean())
        report = present.run(step, args=(halves(present, real), halves(present, FAKE)))
        for key in one.report_keys:
            np.testing.assert_allclose(report[key].values, [expected[key]] * 2, rtol=1e-5)
        np.testing.assert_allclose(two.k.value.values, [one.k.value] * 2, rtol=1e-5)
        assert float(one.k.value) > 0


def dragan_clips_the_points_of_all_or_of_none():
    """With one example beyond [-1, 1] on the second replica, the first has no images either."""
    import tensorflow as tf

    from tfgan_losses.penalties.dragan import tf_gans_loss_points

    present, seed = commands.two_replicas(), tf.constant([1, 2], tf.int64)
    for last in (1.0, 1.5):
        real = np.where(REAL > 0, 1, -1).astype("float32")
        real[-1] = last
        points = present.run(tf.function(tf_gans_loss_points), args=(halves(present, real), seed))
        found = np.concatenate([np.array(part) for part in points.values])
        np.testing.assert_allclose(found, tf_gans_loss_points(tf.constant(real), seed), atol=1e-6)
        assert (np.abs(found[:4]).max() > 1) == (last > 1)


CASES = {
    case.__name__: case
    for case in (
        sums_means_and_their_gradients,
        relativistic_average_in_a_graph,
        relativistic_average_eagerly,
        k_is_one_value,
        dragan_clips_the_points_of_all_or_of_none,
    )
}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
