"""docs/theory/dirac_gan.md, and every penalty and loss on the same game."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses, penalties

# How strongly a penalty of weight 1 pulls psi to 0 at the equilibrium: the second derivative of the
# term in psi. With D = psi x the slope is psi everywhere, so R1, R2 and the zero-centred penalty
# are weight/2 psi^2, whose second derivative is the weight. LP is 0 for |psi| < 1.
PULLS = {"r1": 1.0, "r2": 1.0, "zero_centered": 1.0, "lipschitz_penalty": 0.0}
# Without the 1/2 of the others.
PULLS["max_gradient"] = 2.0
# weight (|psi| - 1)^2 has no derivative at psi = 0, so there is no Jacobian and no convergence.
UNIT_SLOPES = ("gradient_penalty", "dragan", "pixel_gradient_penalty")

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
GAMES = [
    "minimax", "minimax_5", "non_saturating", "wgan", "wgan_gp", "noise", "r1", "r1_r2",
]  # fmt: skip


@pytest.fixture
def dirac(experiment):
    return experiment("dirac_game")


def distances(path):
    return np.linalg.norm(path, axis=1)


def assert_eigenvalues(dirac, specs="", loss="non_saturating", *, pull=0.0, slopes=(0.5, 0.5)):
    """x^2 + pull x + a b = 0, the characteristic polynomial of [[0, b], [-a, -pull]]."""
    matrix = dirac.jacobian(lambda theta, psi: dirac.field(specs, theta, psi, loss))
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(matrix).astype(complex)),
        np.sort_complex(dirac.eigenvalues(pull, slopes[0] * slopes[1])),
        atol=1e-5,
    )


def test_every_penalty_and_loss_is_covered():
    # LeCam's looks at outputs and at those of earlier updates, consistency at images that are
    # flipped and moved: they have no field of their own here.
    others = {"lecam", "consistency", "balanced_consistency"}
    assert {*PULLS, *UNIT_SLOPES, *others} == set(penalties.names())
    # D = psi x is no autoencoder.
    covered = {name.split("(")[0] for name in SLOPES}
    assert covered == {name for name in losses.names() if not losses.get(name).autoencoding}


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("names", [(), *((name,) for name in PULLS), ("r1", "r2")])
def test_eigenvalues_of_the_gradient_field(dirac, names, gamma):
    specs = ", ".join(f"{name}(weight={gamma})" for name in names)
    assert_eigenvalues(dirac, specs, pull=gamma * sum(PULLS[name] for name in names))


@pytest.mark.parametrize("loss", SLOPES)
@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_eigenvalues_of_every_loss_with_and_without_r1(dirac, loss, gamma):
    assert_eigenvalues(dirac, f"r1(weight={gamma})", loss, pull=gamma, slopes=SLOPES[loss])


@pytest.mark.parametrize("gamma", [0.4, 1.0, 3.0])
def test_the_closed_form_is_that_of_the_paper(dirac, gamma):
    # Mescheder et al., 2018, section 3, with f'(0) = 1/2.
    root = np.emath.sqrt(gamma**2 / 4 - 1 / 4)
    expected = [-gamma / 2 - root, -gamma / 2 + root]
    np.testing.assert_allclose(dirac.eigenvalues(gamma), expected, atol=1e-12)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
@pytest.mark.parametrize("std", [0.3, 1.0, 2.0])
def test_eigenvalues_with_instance_noise(dirac, loss, std):
    # Mescheder et al., 2018, section 3, with f'(0) = 1/2 and f''(0) = -1/4.
    root = np.emath.sqrt(std**4 / 16 - 1 / 4)
    matrix = dirac.jacobian(lambda *place: dirac.field("", *place, loss=loss, noise=std))
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(matrix).astype(complex)),
        np.sort_complex(np.array([-(std**2) / 4 - root, -(std**2) / 4 + root], complex)),
        atol=1e-5,
    )


def test_the_noise_is_normal(dirac):
    nodes, weights = dirac.normal_quadrature(1.5)
    # Moments of N(0, 1.5^2): 1, 1.5^2, 3 * 1.5^4.
    for power, moment in ((0, 1.0), (1, 0.0), (2, 2.25), (3, 0.0), (4, 15.1875)):
        assert np.sum(weights * nodes**power) == pytest.approx(moment, abs=1e-4)


@pytest.mark.parametrize("name", UNIT_SLOPES)
@pytest.mark.parametrize("psi", [-0.1, -1e-3, 1e-3, 0.1])
def test_unit_slopes_push_away_from_the_equilibrium(dirac, name, psi):
    # -d/dpsi weight (|psi| - 1)^2 = 2 weight (1 - |psi|) sign(psi): it jumps by 4 weight at 0.
    _, push = dirac.field(f"{name}(weight=3)", tf.Variable([[0.0]]), tf.Variable([[psi]]))
    assert float(push[0, 0]) == pytest.approx(2 * 3 * (1 - abs(psi)) * np.sign(psi), rel=1e-5)


def test_minimax_conserves_the_distance_and_non_saturating_lowers_it(dirac):
    theta, psi = tf.constant([[0.7], [-1.2], [0.3]]), tf.constant([[1.5], [0.4], [-2.0]])
    product = theta * psi
    for loss, expected in (
        ("minimax", tf.zeros_like(theta)),
        ("non_saturating", -product * tf.tanh(product / 2)),
    ):
        velocities = dirac.field("", theta, psi, loss)
        change = theta * velocities[0] + psi * velocities[1]
        np.testing.assert_allclose(change, expected, atol=1e-6)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_simultaneous_steps_grow_and_alternating_ones_do_not(dirac, rate):
    minimax = dirac.Game(loss="minimax")
    growth = dirac.largest_modulus(minimax, rate=rate, simultaneous=True)
    assert growth == pytest.approx(abs(1 + 0.5j * rate), abs=1e-6)
    assert dirac.largest_modulus(minimax, rate=rate) == pytest.approx(1, abs=1e-6)
    # Far from (0, 0), where nothing is linear: the paper's section 2 says for every start.
    outwards = dirac.path(minimax, simultaneous=True, steps=50, rate=rate)
    assert (np.diff(distances(outwards)) > 0).all()


@pytest.mark.parametrize("steps_of_d", [1, 5, 20])
@pytest.mark.parametrize("rate", [0.2, 1.0, 3.0])
def test_steps_of_d_do_not_make_it_converge(dirac, steps_of_d, rate):
    modulus = dirac.largest_modulus(dirac.Game(loss="minimax", steps_of_d=steps_of_d), rate=rate)
    if steps_of_d * rate**2 < 16:
        assert modulus == pytest.approx(1, abs=1e-5)
    else:
        assert modulus > 1.5


def test_steps_of_d_stretch_the_circle(dirac):
    game = dataclasses.replace(dirac.GAMES["minimax_5"], loss="wasserstein")
    # Linear, so that the conserved ellipse is exact up to the step: k theta^2 + psi^2.
    path = dirac.path(game, rate=0.02, steps=300, start=(1.0, 0.0))
    assert abs(path[:, 1]).max() / abs(path[:, 0]).max() == pytest.approx(np.sqrt(5), rel=2e-3)
    assert 5 * path[:, 0] ** 2 + path[:, 1] ** 2 == pytest.approx(5, rel=0.06)


@pytest.mark.parametrize("steps_of_d", [1, 5, 20])
@pytest.mark.parametrize("gamma", [0.1, 0.2, 1.0])
def test_what_a_step_leaves_with_r1(dirac, steps_of_d, gamma):
    game = dirac.Game(penalties=f"r1(weight={gamma})", steps_of_d=steps_of_d)
    expected = dirac.expected_modulus(steps_of_d, gamma)
    assert dirac.largest_modulus(game) == pytest.approx(expected, abs=1e-5)
    best_case = (1 - 0.2 * gamma) ** (steps_of_d / 2)
    # Equal while the eigenvalues are complex.
    assert expected >= best_case - 1e-12
    if gamma < 0.5 and steps_of_d < 20:
        assert expected == pytest.approx(best_case, abs=1e-12)


def test_many_steps_of_d_leave_the_generators_own_descent(dirac):
    assert dirac.expected_modulus(2000, 0.2) == pytest.approx(1 - 0.2 / (4 * 0.2), abs=1e-9)


def test_non_saturating_creeps_in(dirac):
    path = dirac.path(dirac.Game(), steps=2000)
    expected = dirac.creeping_distance(2000 * dirac.RATE)
    # The average over a turn is that of a circle, which it is not quite.
    assert distances(path)[-1] == pytest.approx(expected, rel=0.03)
    assert expected == pytest.approx(0.14, abs=0.01)


@pytest.mark.parametrize("start", [(0.3, 0.0), (1.0, 1.0)])
def test_simultaneous_non_saturating_steps_end_on_a_circle(dirac, start):
    path = dirac.path(dirac.Game(), simultaneous=True, steps=2000, start=start)
    assert distances(path)[-50:] == pytest.approx(np.sqrt(2 * dirac.RATE), rel=0.05)


@pytest.mark.parametrize("name", GAMES)
def test_verdicts(dirac, name):
    assert set(GAMES) == set(dirac.GAMES)
    game = dirac.GAMES[name]
    start, *_, end = distances(dirac.path(game))
    assert (end < 1e-4) == (game.verdict == "converges")
    assert (1e-4 < end < start / 2) == (game.verdict == "creeps in")
    assert end < 3


def distance_after(dirac, specs, loss="non_saturating"):
    game = dirac.Game(loss=loss, penalties=specs)
    return distances(dirac.path(game, steps=1500, rate=0.05, start=(1.0, 1.0)))[-1]


@pytest.mark.parametrize("name", [name for name, pull in PULLS.items() if pull])
def test_zero_centred_penalties_converge(dirac, name):
    assert distance_after(dirac, f"{name}(weight=1)") < 1e-3


@pytest.mark.parametrize(
    "specs", ["", *(f"{name}(weight=1)" for name in ("lipschitz_penalty", *UNIT_SLOPES))]
)
def test_no_penalty_and_unit_slopes_do_not_converge(dirac, specs):
    # LP is 0 here, and so like no penalty: a distance of 1e-3 would take 160 million steps.
    assert distance_after(dirac, specs) > 0.1


@pytest.mark.parametrize("loss", ["relativistic", "relativistic_average"])
def test_relativistic_losses_need_r1_too(dirac, loss):
    assert distance_after(dirac, "", loss) > 0.1
    assert distance_after(dirac, "r1(weight=1)", loss) < 1e-3
