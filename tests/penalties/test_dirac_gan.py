"""The smallest GAN there is, whose training can be solved: Mescheder et al., 2018, section 2.

Real data is one point at 0, the generator one point at theta, the discriminator D(x) = psi x, the
loss non-saturating. Near the equilibrium (0, 0) simultaneous gradient descent follows the Jacobian
of its gradient field, whose eigenvalues are known in closed form.
"""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses, penalties


def jacobian(specs, theta=0.0, psi=0.0):
    """Of the field (-dG/dtheta, -dD/dpsi)."""
    theta, psi = tf.Variable([[theta]]), tf.Variable([[psi]])
    loss, terms = losses.get("non_saturating"), penalties.get_all(specs)
    seed = tf.constant([0, 0], tf.int64)

    def critic(x):
        return tf.matmul(x, psi)

    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape(persistent=True) as inner:
            real = tf.zeros([1, 1])
            fake = tf.identity(theta)
            d_loss = loss.discriminator(critic(real), critic(fake))
            for term in terms:
                d_loss += tf.reduce_sum(term(critic, real, fake, seed=seed))
            g_loss = loss.generator(critic(fake), critic(fake))
        field = tf.stack(
            [-tf.squeeze(inner.gradient(g_loss, theta)), -tf.squeeze(inner.gradient(d_loss, psi))]
        )
        parts = tf.unstack(field)
    rows = [
        [tf.squeeze(outer.gradient(part, v, unconnected_gradients="zero")) for v in (theta, psi)]
        for part in parts
    ]
    return np.array(rows, "float64")


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize(
    "specs, factor",
    [
        ("", 0.0),
        ("r1(weight={gamma})", 1.0),
        ("r2(weight={gamma})", 1.0),
        ("r1(weight={gamma}), r2(weight={gamma})", 2.0),
        ("zero_centered(weight={gamma})", 1.0),
    ],
)
def test_eigenvalues_of_the_gradient_field(specs, factor, gamma):
    eigenvalues = np.linalg.eigvals(jacobian(specs.format(gamma=gamma)))
    strength = factor * gamma
    root = np.sqrt(complex(strength**2 / 4 - 1 / 4))
    expected = np.array([-strength / 2 + root, -strength / 2 - root])
    np.testing.assert_allclose(
        np.sort_complex(eigenvalues.astype(complex)), np.sort_complex(expected), atol=1e-5
    )


def distance_after(specs, steps=1500, rate=0.05):
    """How far (theta, psi) is from (0, 0) after alternating descent from (1, 1)."""
    theta, psi = tf.Variable([[1.0]]), tf.Variable([[1.0]])
    loss, terms = losses.get("non_saturating"), penalties.get_all(specs)
    real, seed = tf.zeros([1, 1]), tf.constant([0, 0], tf.int64)

    def critic(x):
        return tf.matmul(x, psi)

    @tf.function
    def train():
        for step in tf.range(steps, dtype=tf.int64):
            fake = tf.identity(theta)
            with tf.GradientTape() as tape:
                d_loss = loss.discriminator(critic(real), critic(fake))
                for term in terms:
                    d_loss += tf.reduce_sum(
                        term(critic, real, fake, seed=seed + tf.cast(step, tf.int64))
                    )
            psi.assign_sub(rate * tape.gradient(d_loss, psi))
            with tf.GradientTape() as tape:
                fake = tf.identity(theta)
                g_loss = loss.generator(critic(fake), critic(fake))
            theta.assign_sub(rate * tape.gradient(g_loss, theta))

    train()
    return float(tf.sqrt(theta**2 + psi**2)[0, 0])


@pytest.mark.parametrize("specs", ["r1(weight=1)", "r2(weight=1)", "zero_centered(weight=1)"])
def test_zero_centred_penalties_converge(specs):
    assert distance_after(specs) < 1e-3


@pytest.mark.parametrize("specs", ["", "gradient_penalty(weight=1)", "dragan(weight=1)"])
def test_no_penalty_and_unit_slopes_do_not_converge(specs):
    # As the paper proves: they circle, however long one trains.
    assert distance_after(specs) > 0.1
