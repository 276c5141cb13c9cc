"""What the losses minimise, found from them, against the formulas of the papers and our own."""

import keras
import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from tfgan_losses import gan_types, losses
from tfgan_losses.divergences import (
    Density,
    Gaussian,
    closed_form_of,
    divergence_of,
    jensen_shannon,
    kl,
    optimal_discriminator,
    total_variation,
    wasserstein_1d,
)

GRID = np.linspace(-11, 12, 231)
# Apart, wider, and nearly the same.
PAIRS = [
    (Gaussian(0, 1), Gaussian(1, 1.3)),
    (Gaussian(0.5, 0.8), Gaussian(-2, 1)),
    (Gaussian(0, 1), Gaussian(0.01, 1)),
]
PAIRS = [(p.on(GRID), q.on(GRID)) for p, q in PAIRS]
# Shares of batches of 20, each point likely under both.
BATCHES = (
    Density(np.arange(5), [0.1, 0.2, 0.3, 0.35, 0.05]),
    Density(np.arange(5), [0.3, 0.3, 0.1, 0.2, 0.1]),
)

SPECS = [
    "minimax",
    "non_saturating",
    "least_squares",
    "least_squares(scale=0.5)",
    "least_squares(a=-1, b=1, c=0, scale=0.5)",
    "least_squares(a=-0.5, b=2, c=1.5)",
    "wasserstein",
    "hinge",
    "hinge(margin=0.3)",
    "energy_based",
    "energy_based(margin=0.7)",
    "relativistic",
]
# The loss at p = q, where the best discriminator cannot tell: docs/train.md, "Reading the curves".
AT_CHANCE = {
    "minimax": 2 * np.log(2),
    "non_saturating": 2 * np.log(2),
    "least_squares": 0.5,
    "wasserstein": 0.0,
    "hinge": 2.0,
    "energy_based": 10.0,  # the margin, Zhao et al., 2017, theorem 1
    "boundary_equilibrium": 0.0,
    "relativistic": np.log(2),
    "relativistic_average": 2 * np.log(2),
    "relativistic_average(base='least_squares')": 2.0,
    "relativistic_average(base='hinge')": 2.0,
}


def test_every_registered_loss_has_a_row():
    assert {name.split("(")[0] for name in AT_CHANCE} == set(losses.names())
    for name in losses.names():
        closed_form_of(losses.get(name))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("pair", PAIRS)
def test_measured_is_the_closed_form(spec, pair):
    divergence = divergence_of(spec)
    expected = closed_form_of(divergence.loss).measured(*pair)
    assert divergence.measured(*pair) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("spec", SPECS)
def test_followed_is_the_closed_form(spec):
    divergence = divergence_of(spec)
    expected = closed_form_of(divergence.loss).followed(*PAIRS[0])
    assert divergence.followed(*PAIRS[0]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("spec", AT_CHANCE)
def test_nothing_is_measured_between_equals(spec):
    divergence = divergence_of(spec)
    p, q = BATCHES
    assert divergence.optimal_loss(p, p) == pytest.approx(AT_CHANCE[spec], abs=1e-9)
    assert divergence.measured(p, p) == 0
    if (
        spec != "boundary_equilibrium"
    ):  # its k is 0 at first, and then generated points do not count
        assert divergence.measured(p, q) > 0.01


@pytest.mark.parametrize("pair", PAIRS)
def test_the_best_outputs_of_the_classifier(pair):
    outputs = divergence_of("gan").optimal_outputs(*pair)
    expected = optimal_discriminator(*pair)
    np.testing.assert_allclose(1 / (1 + np.exp(-outputs)), expected, atol=1e-9)
    outputs = divergence_of("least_squares").optimal_outputs(*pair)
    np.testing.assert_allclose(outputs, expected, atol=1e-9)


def test_label_smoothing_scales_the_discriminator():
    # Salimans et al., 2016, section 3.4: D* = (1 - s) p / (p + q).
    p, q = PAIRS[0]
    outputs = divergence_of("non_saturating(label_smoothing=0.1)").optimal_outputs(p, q)
    expected = 0.9 * optimal_discriminator(p, q)
    np.testing.assert_allclose(1 / (1 + np.exp(-outputs)), expected, atol=1e-9)
    with pytest.raises(ValueError, match="without label smoothing"):
        closed_form_of(losses.get("non_saturating(label_smoothing=0.1)"))


@pytest.mark.parametrize("margin", [0.3, 1.0])
def test_the_best_outputs_of_the_hinge_are_the_margins(margin):
    p, q = PAIRS[0]
    outputs = divergence_of(f"hinge(margin={margin})").optimal_outputs(p, q)
    sign = np.sign(p.probabilities - q.probabilities)
    np.testing.assert_allclose(outputs, margin * sign, atol=1e-12)


def test_relativistic_outputs_are_the_log_ratio_and_no_joint_change_is_better():
    p, q = BATCHES
    divergence = divergence_of("relativistic")
    outputs = divergence.optimal_outputs(p, q)
    log_ratio = np.log(p.probabilities / q.probabilities)
    np.testing.assert_allclose(outputs - outputs[0], log_ratio - log_ratio[0], atol=1e-9)
    likeliest = np.argmax(np.minimum(p.probabilities, q.probabilities))
    assert p.probabilities[likeliest] != q.probabilities[likeliest]
    assert outputs[likeliest] == pytest.approx(0, abs=1e-9)

    # All pairs at once: the loss is convex in the outputs, so a zero gradient is the optimum.
    variable = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        pairs = divergence.loss.discriminator_loss(tf.repeat(variable, 5), tf.tile(variable, [5]))
        weights = np.outer(p.probabilities, q.probabilities).ravel()
        total = tf.reduce_sum(weights * pairs)
    np.testing.assert_allclose(tape.gradient(total, variable), 0, atol=1e-12)
    assert float(total) == pytest.approx(divergence.optimal_loss(p, q), abs=1e-12)


def test_relativistic_average_least_squares_is_the_closed_form():
    divergence = divergence_of("ralsgan")
    expected = closed_form_of(divergence.loss).measured(*BATCHES)
    assert divergence.measured(*BATCHES) == pytest.approx(expected, abs=1e-9)
    assert closed_form_of(divergence.loss).followed is None


def test_relativistic_average_hinge_is_the_linear_program():
    """Variables: outputs D, and s >= 1 - (D - E_q D), t >= 1 + (D - E_p D), both at least 0."""
    p, q = (x.probabilities for x in BATCHES)
    ones, unit, zero = np.ones([5, 1]), np.eye(5), np.zeros([5, 5])
    rows = np.block([[-(unit - ones * q), -unit, zero], [unit - ones * p, zero, -unit]])
    bounds = [(-60, 60)] * 5 + [(0, None)] * 10
    costs = np.concatenate([np.zeros(5), p, q])
    program = scipy.optimize.linprog(costs, A_ub=rows, b_ub=-np.ones(10), bounds=bounds)
    divergence = divergence_of("rahinge")
    assert divergence.optimal_loss(*BATCHES) == pytest.approx(program.fun, abs=1e-9)


def test_relativistic_average_against_newtons_method():
    p, q = (x.probabilities for x in BATCHES)

    def loss(d):
        return p @ np.logaddexp(0, q @ d - d) + q @ np.logaddexp(0, d - p @ d)

    found = scipy.optimize.minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9})
    divergence = divergence_of("ragan")
    assert divergence.optimal_loss(*BATCHES) == pytest.approx(found.fun, abs=1e-9)


@pytest.mark.parametrize("k", [0.2, 0.6, 1.0])
def test_boundary_equilibrium_is_partial_transport(k):
    """The dual, solved by itself: the cheapest plan from all of k q to at most p."""
    grid = np.linspace(0, 3, 12)
    p, q = (Density(grid, x) for x in np.random.default_rng(0).dirichlet(np.ones(12), 2))
    loss = losses.get("boundary_equilibrium")
    loss.k.assign(k)
    leaves = np.kron(np.eye(12), np.ones(12))
    arrives = np.kron(np.ones(12), np.eye(12))
    plan = scipy.optimize.linprog(
        np.abs(grid[:, None] - grid).ravel(),
        A_eq=leaves,
        b_eq=float(loss.k) * q.probabilities,
        A_ub=arrives,
        b_ub=p.probabilities,
    )
    assert divergence_of(loss).measured(p, q) == pytest.approx(plan.fun, abs=1e-9)
    if k == 1:
        assert plan.fun == pytest.approx(wasserstein_1d(p, q))


def test_boundary_equilibrium_forgives_a_collapse_of_small_weight():
    """q is all on one of ten equal points: as long as k q fits there, nothing is measured."""
    grid = np.arange(10.0)
    p, q = Density(grid, np.full(10, 0.1)), Density(grid, np.eye(10)[3])
    loss = losses.get("boundary_equilibrium")
    measured = []
    for k in (0.05, 0.1, 0.3):
        loss.k.assign(k)
        measured.append(divergence_of(loss).measured(p, q))
    # Of 0.3 two thirds have to go to the neighbours at distance 1.
    np.testing.assert_allclose(measured, [0, 0, 0.2], atol=1e-7)


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_wasserstein_is_proportional_to_the_slope(slope):
    p, q = PAIRS[0]
    measured = divergence_of("wasserstein", lipschitz=slope).measured(p, q)
    assert measured == pytest.approx(slope * wasserstein_1d(p, q), abs=1e-9)
    assert divergence_of("wasserstein").lipschitz == 1.0


@pytest.mark.parametrize("spec", ["hinge", "non_saturating", "least_squares", "energy_based"])
def test_a_limit_on_the_slope_measures_less(spec):
    p, q = PAIRS[1]
    free = divergence_of(spec).measured(p, q)
    limited = [divergence_of(spec, lipschitz=x).measured(p, q) for x in (0.02, 0.2, 300.0)]
    assert 0 < limited[0] < limited[1] < limited[2] <= free + 1e-9
    assert limited[2] == pytest.approx(free, rel=0.02)
    outputs = divergence_of(spec, lipschitz=0.02).optimal_outputs(p, q)
    assert (np.abs(np.diff(outputs)) <= 0.02 * np.diff(GRID) + 1e-9).all()


def test_non_saturating_follows_what_arjovsky_and_bottou_say():
    # 2017, arXiv:1701.04862, theorem 2.5.
    p, q = PAIRS[1]
    expected = kl(q, p) - 2 * jensen_shannon(p, q)
    assert divergence_of("gan").followed(p, q) == pytest.approx(expected, abs=1e-9)


def test_pearson_coding_of_least_squares_is_no_divergence_for_the_generator():
    """At best it measures chi^2, but the generator follows something of either sign.

    Its loss (D - 0)^2 is least where p = q: what has too few points repels as what has too many.
    """
    p, q = (Density(np.arange(2), x) for x in ([0.9, 0.1], [0.7, 0.3]))
    spec = "least_squares(a=-1, b=1, c=0, scale=0.5)"
    signs = [np.sign(divergence_of(spec).followed(*pair)) for pair in ((p, q), (q, p))]
    assert sorted(signs) == [-1, 1]
    assert min(divergence_of("lsgan").followed(*pair) for pair in ((p, q), (q, p))) > 0


def test_followed_is_infinite_where_the_data_has_nothing():
    p, q = Density(np.arange(2), [1, 0]), Density(np.arange(2), [0.5, 0.5])
    assert divergence_of("gan").followed(p, q) == np.inf
    assert divergence_of("minimax").followed(p, q) == pytest.approx(2 * jensen_shannon(p, q))
    outputs = divergence_of("gan").optimal_outputs(p, q)
    assert outputs[0] == pytest.approx(np.log(2)) and outputs[1] == -np.inf


@pytest.mark.parametrize("spec", ["gan", "rsgan", "hinge"])
def test_disjoint_densities(spec):
    p, q = Density(np.arange(4), [0.2, 0.8, 0, 0]), Density(np.arange(4), [0, 0, 0.5, 0.5])
    highest = {"gan": 2 * np.log(2), "rsgan": np.log(2), "hinge": 2}[spec]
    assert divergence_of(spec).measured(p, q) == pytest.approx(highest, abs=1e-12)
    assert total_variation(p, q) == 1


@pytest.mark.parametrize("name", gan_types.names())
def test_a_gan_type_is_its_loss(name):
    assert type(divergence_of(name).loss) is type(losses.get(gan_types.get(name).loss))


def test_a_stock_keras_loss():
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    p, q = PAIRS[0]
    expected = 2 * jensen_shannon(p, q)
    assert divergence_of(loss).measured(p, q) == pytest.approx(expected, abs=1e-6)


class Sigmoid(losses.AdversarialLoss):
    """The outputs' distance in probability, which is flat on both sides."""

    def discriminator_loss(self, real_logits, fake_logits):
        return tf.sigmoid(fake_logits) - tf.sigmoid(real_logits)


class Product(Sigmoid):
    def discriminator_loss(self, real_logits, fake_logits):
        return tf.exp(real_logits * fake_logits)


def test_losses_that_cannot_be_searched():
    with pytest.raises(ValueError, match=r"convex in its outputs.*Received: Sigmoid"):
        divergence_of(Sigmoid())
    with pytest.raises(ValueError, match=r"a function of their difference.*Received: Product"):
        divergence_of(Product())


def test_errors():
    p, q = PAIRS[0]
    with pytest.raises(ValueError, match=r"lipschitz > 0.*lipschitz=0"):
        divergence_of("hinge", lipschitz=0)
    with pytest.raises(ValueError, match=r"no lipschitz for a loss that is no sum.*Relativistic"):
        divergence_of("relativistic", lipschitz=1)
    with pytest.raises(ValueError, match="hinge"):
        divergence_of("no_such_loss")
    with pytest.raises(ValueError, match="multiples of 1/n with n <= 64"):
        divergence_of("ragan").measured(p, q)
    with pytest.raises(ValueError, match="depends on the rest of the batch"):
        divergence_of("ragan").potential(*BATCHES)
    with pytest.raises(ValueError, match="same grid"):
        divergence_of("gan").measured(p, BATCHES[0])
    plane = Density([[0.0, 0.0], [0.0, 1.0]], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"on the line.*grid of shape \(2, 2\)"):
        divergence_of("wasserstein").measured(plane, plane)
    assert divergence_of("gan").measured(plane, plane) == 0
