"""EBGAN and BEGAN: losses whose raw outputs are minus a reconstruction error."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses

REAL = np.array([[-0.5], [-2.0], [-7.0], [-30.0]], "float32")
FAKE = np.array([[-1.0], [-9.5], [-10.5], [-20.0]], "float32")


def test_which_losses_need_an_autoencoder():
    needing = [name for name in losses.names() if losses.get(name).autoencoding]
    assert needing == ["boundary_equilibrium", "energy_based"]


@pytest.mark.parametrize("margin", [1.0, 10.0, 80.0])
def test_energies_beyond_the_margin_cost_nothing(margin):
    loss = losses.get(f"energy_based(margin={margin})")
    # Zhao et al., 2017, equation 1, in energies.
    expected = -REAL + np.maximum(margin - (-FAKE), 0.0)
    np.testing.assert_allclose(loss.discriminator_loss(REAL, FAKE), expected, rtol=1e-6)
    fake = tf.constant([[-margin - 1e-3], [-margin + 1e-3]])
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = tf.reduce_sum(loss.discriminator_loss(tf.zeros([2, 1]), fake))
    np.testing.assert_array_equal(tape.gradient(value, fake), [[0.0], [1.0]])


@pytest.mark.parametrize("k", [0.0, 0.3, 1.0])
def test_discriminator_at_several_k(k):
    loss = losses.get("boundary_equilibrium")
    loss.k.assign(k)
    # Berthelot et al., 2017: L(x) - k L(G(z)).
    expected = (-REAL) - k * (-FAKE)
    np.testing.assert_allclose(loss.discriminator_loss(REAL, FAKE), expected, rtol=1e-6)
    np.testing.assert_allclose(
        losses.boundary_equilibrium_discriminator_loss(REAL, FAKE, k=k), expected, rtol=1e-6
    )
    np.testing.assert_allclose(loss.generator_loss(REAL, FAKE), -FAKE)


@pytest.mark.parametrize("size", [-40.0, 0.0, 40.0])
def test_gradients_are_one_and_k(size):
    loss = losses.get("boundary_equilibrium")
    loss.k.assign(0.3)
    real, fake = tf.constant([[size]]), tf.constant([[size]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        d_loss, g_loss = loss.discriminator(real, fake), loss.generator(real, fake)
    assert np.isfinite([d_loss, g_loss]).all()
    np.testing.assert_allclose(tape.gradient(d_loss, [real, fake]), [[[-1.0]], [[0.3]]])
    np.testing.assert_allclose(tape.gradient(g_loss, fake), [[-1.0]])


def test_one_step_lowers_errors_of_real_and_raises_those_of_generated_examples():
    # Error of an autoencoder that answers s for everything: |x - s|.
    loss, s = losses.get("boundary_equilibrium"), tf.Variable(0.0)
    loss.k.assign(0.3)

    def logits():
        return -tf.abs(tf.constant([[1.0]]) - s), -tf.abs(tf.constant([[-1.0]]) - s)

    before = [float(x[0, 0]) for x in logits()]
    with tf.GradientTape() as tape:
        value = loss.discriminator(*logits())
    s.assign_sub(0.1 * tape.gradient(value, s))
    after = [float(x[0, 0]) for x in logits()]
    assert after[0] > before[0] and after[1] < before[1]
    # d/ds (|1 - s| - 0.3 |-1 - s|) = -1.3.
    assert float(s) == pytest.approx(0.13, rel=1e-6)


@pytest.mark.parametrize(
    "k, real_error, fake_error, expected",
    [
        (0.2, 4.0, 1.0, 0.2 + 0.1 * (0.5 * 4.0 - 1.0)),
        (0.2, 1.0, 1.0, 0.2 - 0.1 * 0.5),
        # Held where gamma L(x) = L(G(z)).
        (0.2, 2.0, 1.0, 0.2),
        (0.0, 1.0, 3.0, 0.0),
        (0.95, 9.0, 1.0, 1.0),
    ],
)
def test_rule_of_k(k, real_error, fake_error, expected):
    value = losses.boundary_equilibrium_next_k(k, real_error, fake_error, gamma=0.5, k_rate=0.1)
    assert float(value) == pytest.approx(expected, abs=1e-7)


def test_measure_of_convergence():
    # L(x) + |gamma L(x) - L(G(z))|: 3 + |1.5 - 2| and 3 + |1.5 - 1|.
    for fake_error in (2.0, 1.0):
        value = losses.boundary_equilibrium_measure(3.0, fake_error, gamma=0.5)
        assert float(value) == pytest.approx(3.5)
    assert float(losses.boundary_equilibrium_measure(3.0, 1.5, gamma=0.5)) == 3.0


def test_three_steps_of_k(modes):
    errors = np.array([[4.0, 1.0], [3.0, 1.2], [1.0, 2.0]])
    expected, k = [], 0.0
    for real_error, fake_error in errors:
        balance = 0.7 * real_error - fake_error
        k = min(max(k + 0.05 * balance, 0.0), 1.0)
        expected.append([k, real_error + abs(balance)])
    for mode in modes.names:
        loss = losses.get("boundary_equilibrium(gamma=0.7, k_rate=0.05)")
        for (real_error, fake_error), row in zip(errors, expected, strict=True):
            logits = tf.constant(-real_error, tf.float32), tf.constant(-fake_error, tf.float32)
            report = modes.run(mode, loss.end_step, *logits)
            values = [float(report[key]) for key in loss.report_keys]
            np.testing.assert_allclose(values, row, rtol=1e-6)
            assert float(loss.k.value) == values[0]


def test_k_is_state_and_no_option():
    loss = losses.get("boundary_equilibrium")
    loss.k.assign(0.4)
    assert loss.variables == [loss.k] and not loss.k.trainable
    # Both halves see the same k, a copy by its config starts anew.
    assert loss.discriminator.loss.k is loss.k
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(copy.k.value) == 0.0


@pytest.mark.parametrize(
    "spec, message",
    [
        ("energy_based(margin=0)", "margin > 0. Received: margin=0"),
        ("boundary_equilibrium(gamma=1.5)", r"gamma in \[0, 1\]. Received: gamma=1.5"),
        ("boundary_equilibrium(k_rate=0)", "k_rate > 0. Received: k_rate=0"),
    ],
)
def test_options_out_of_range(spec, message):
    with pytest.raises(ValueError, match=message):
        losses.get(spec)
