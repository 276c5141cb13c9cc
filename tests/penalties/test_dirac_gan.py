"""The smallest GAN there is, whose training can be solved: Mescheder et al., 2018, section 2.

Real data is one point at 0, the generator one point at theta, the discriminator D(x) = psi x, the
loss non-saturating. Near the equilibrium (0, 0) simultaneous gradient descent follows the Jacobian
of its gradient field, whose eigenvalues are known in closed form.
"""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses, penalties

# How strongly a penalty of weight 1 pulls psi to 0 at the equilibrium: the second derivative of the
# term in psi. With D = psi x the slope is psi everywhere, so R1, R2 and the zero-centred penalty
# are weight/2 psi^2, whose second derivative is the weight. LP is 0 for |psi| < 1.
PULLS = {"r1": 1.0, "r2": 1.0, "zero_centered": 1.0, "lipschitz_penalty": 0.0}
# weight (|psi| - 1)^2 has no derivative at psi = 0, so there is no Jacobian and no convergence.
UNIT_SLOPES = ("gradient_penalty", "dragan")

# (a, b) = (dD/df, -dG/df) at r = f = 0, where r = psi * 0 and f = psi theta. The field is
# (b psi, -a theta) to first order, so the eigenvalues are +-i sqrt(ab).
SLOPES = {
    # The derivative of softplus at 0 is 1/2.
    "minimax": (0.5, 0.5),
    "non_saturating": (0.5, 0.5),
    "relativistic": (0.5, 0.5),
    # Two terms, and with one example each the means are that example.
    "relativistic_average": (1.0, 1.0),
    "relativistic_average(base='hinge')": (2.0, 2.0),
    # 2 (f + 1)^2 and 2 (f - 1)^2.
    "relativistic_average(base='least_squares')": (4.0, 4.0),
    "wasserstein": (1.0, 1.0),
    "hinge": (1.0, 1.0),
    # f^2 is flat at its target 0: nothing pushes psi back, to first order.
    "least_squares": (0.0, 2.0),
}


def jacobian(specs, loss="non_saturating"):
    """Of the field (-dG/dtheta, -dD/dpsi) at (0, 0)."""
    variables = tf.Variable([[0.0]]), tf.Variable([[0.0]])
    with tf.GradientTape(persistent=True) as tape:
        parts = field(specs, *variables, loss=loss)
    rows = [
        [tf.squeeze(tape.gradient(part, v, unconnected_gradients="zero")) for v in variables]
        for part in parts
    ]
    return np.array(rows, "float64")


def field(specs, theta, psi, loss="non_saturating"):
    loss, terms = losses.get(loss), penalties.get_all(specs)

    def critic(x):
        return tf.matmul(x, psi)

    with tf.GradientTape(persistent=True) as tape:
        real = tf.zeros([1, 1])
        fake = tf.identity(theta)
        d_loss = loss.discriminator(critic(real), critic(fake))
        for term in terms:
            d_loss += tf.reduce_sum(term(critic, real, fake, seed=tf.constant([0, 0], tf.int64)))
        g_loss = loss.generator(critic(real), critic(fake))
    return -tf.squeeze(tape.gradient(g_loss, theta)), -tf.squeeze(tape.gradient(d_loss, psi))


def assert_eigenvalues(matrix, *, pull=0.0, slopes=(0.5, 0.5)):
    """x^2 + pull x + a b = 0, the characteristic polynomial of [[0, b], [-a, -pull]]."""
    root = np.sqrt(complex(pull**2 / 4 - slopes[0] * slopes[1]))
    expected = np.array([-pull / 2 + root, -pull / 2 - root])
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(matrix).astype(complex)),
        np.sort_complex(expected),
        atol=1e-5,
    )


def test_every_penalty_and_loss_is_covered():
    assert {*PULLS, *UNIT_SLOPES} == set(penalties.names())
    # D = psi x is no autoencoder.
    covered = {name.split("(")[0] for name in SLOPES}
    assert covered == {name for name in losses.names() if not losses.get(name).autoencoding}


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("names", [(), *((name,) for name in PULLS), ("r1", "r2")])
def test_eigenvalues_of_the_gradient_field(names, gamma):
    specs = ", ".join(f"{name}(weight={gamma})" for name in names)
    assert_eigenvalues(jacobian(specs), pull=gamma * sum(PULLS[name] for name in names))


@pytest.mark.parametrize("loss", SLOPES)
@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_eigenvalues_of_every_loss_with_and_without_r1(loss, gamma):
    assert_eigenvalues(jacobian(f"r1(weight={gamma})", loss), pull=gamma, slopes=SLOPES[loss])


@pytest.mark.parametrize("name", UNIT_SLOPES)
@pytest.mark.parametrize("psi", [-0.1, -1e-3, 1e-3, 0.1])
def test_unit_slopes_push_away_from_the_equilibrium(name, psi):
    # -d/dpsi weight (|psi| - 1)^2 = 2 weight (1 - |psi|) sign(psi): it jumps by 4 weight at 0.
    _, push = field(f"{name}(weight=3)", tf.Variable([[0.0]]), tf.Variable([[psi]]))
    assert float(push) == pytest.approx(2 * 3 * (1 - abs(psi)) * np.sign(psi), rel=1e-5)


def distance_after(specs, loss="non_saturating", steps=1500, rate=0.05):
    """How far (theta, psi) is from (0, 0) after alternating descent from (1, 1)."""
    theta, psi = tf.Variable([[1.0]]), tf.Variable([[1.0]])
    loss, terms = losses.get(loss), penalties.get_all(specs)
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
                g_loss = loss.generator(critic(real), critic(fake))
            theta.assign_sub(rate * tape.gradient(g_loss, theta))

    train()
    return float(tf.sqrt(theta**2 + psi**2)[0, 0])


@pytest.mark.parametrize("name", [name for name, pull in PULLS.items() if pull])
def test_zero_centred_penalties_converge(name):
    assert distance_after(f"{name}(weight=1)") < 1e-3


@pytest.mark.parametrize(
    "specs", ["", *(f"{name}(weight=1)" for name in ("lipschitz_penalty", *UNIT_SLOPES))]
)
def test_no_penalty_and_unit_slopes_do_not_converge(specs):
    # As the paper proves, for LP since it is 0 here: they circle, however long one trains.
    assert distance_after(specs) > 0.1


@pytest.mark.parametrize("loss", ["relativistic", "relativistic_average"])
def test_relativistic_losses_need_r1_too(loss):
    assert distance_after("", loss) > 0.1
    assert distance_after("r1(weight=1)", loss) < 1e-3
