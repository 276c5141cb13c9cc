"""Three steps of every recipe beside the same three in float64, which make_golden.py has written.

Gradients agree to some 1e-6, what float32 leaves of them; 1 - beta_2^t in float32 is off by 1e-5.
Hence the tolerance of 2e-5, relative to how far a variable has moved or to the largest entry
of a moment. A weight in float32 also takes half a unit in its last place with every assignment:
at 1 that is 1e-4 of a movement of 6e-4.
"""

from pathlib import Path

import golden_cases as cases
import numpy as np
import pytest

GOLDEN = np.load(Path(__file__).with_name("golden.npz"))
TOLERANCE = 2e-5

# A loss of differences of outputs, or a normalisation that follows, does not see these biases.
WITHOUT_GRADIENT = {
    "discriminator logits/bias": {
        *("wgan", "wgan-gp", "wgan-lp", "wgan-gp with layer normalization", "singan"),
        *("rsgan", "ragan", "ralsgan", "rahinge", "r3gan", "r3gan with two updates of D"),
    },
    "generator output/bias": {"gan", "minimax", "lsgan", "hinge", "cgan", "acgan", "infogan"},
    "discriminator encoding/bias": {"ebgan"},
}


def trained(name):
    """A GAN after three steps, and what `make_golden.three_steps` has of it."""
    gan = cases.make_gan(name)
    networks = {
        "generator": gan.generator,
        "average": gan.ema_generator,
        "discriminator": gan.discriminator,
    }
    before = {prefix: cases.values_of(network) for prefix, network in networks.items()}
    examples, labels = cases.make_data(name)
    batch = len(examples) // cases.STEPS
    history = gan.fit(examples, labels, batch_size=batch, shuffle=False, verbose=0).history
    found = cases.prefixed("log", {key: np.array(values[0]) for key, values in history.items()})
    for prefix, network in networks.items():
        after = cases.values_of(network)
        if prefix == "average":
            after = cases.with_sign(after)
        moved = cases.differences(after, before[prefix])
        found |= cases.prefixed(prefix, moved)
    found |= moments_of("generator", gan.generator, gan.g_optimizer)
    found |= moments_of("discriminator", gan.discriminator, gan.d_optimizer)
    return gan, found


def moments_of(prefix, network, optimizer):
    found, names = {}, cases.trainable_names(network)
    # The operation that updates takes 1 - beta_2 from beta_2 in float32.
    beta_2 = getattr(optimizer, "beta_2", 0.0)
    rounding = {"velocity": (1 - float(np.float32(beta_2))) / (1 - beta_2), "momentum": 1.0}
    for kind in ("momentum", "velocity"):
        moments = [np.array(v) for v in optimizer.variables if v.path.endswith(f"_{kind}")]
        # RMSprop has no momentum here.
        for name, moment in zip(names if moments else [], moments, strict=True):
            found[f"{prefix} {name} {kind}"] = moment / rounding[kind]
    return found


def largest(values):
    return max(np.abs(value).max() for value in values)


@pytest.mark.parametrize("name", cases.RECIPES)
def test_three_steps_are_those_of_the_papers(name):
    if name not in GOLDEN:
        pytest.fail("`python tests/golden/make_golden.py` writes the numbers of a new recipe")
    gan, found = trained(name)
    expected = cases.from_vector(GOLDEN[name], like=found)
    check_logs(found, expected)
    for prefix, network in (("generator", gan.generator), ("discriminator", gan.discriminator)):
        check_moments(name, prefix, found, expected)
        check_variables(name, prefix, network, found, expected)
    check_variables(name, "average", gan.ema_generator, found, expected)


def check_logs(found, expected):
    for key in (key for key in found if key.startswith("log ")):
        # Of outputs, which float32 knows to 1e-6, means near zero may be left.
        np.testing.assert_allclose(found[key], expected[key], rtol=3e-4, err_msg=key)


def check_moments(name, prefix, found, expected):
    for kind in ("momentum", "velocity"):
        keys = [key for key in found if key.startswith(prefix) and key.endswith(kind)]
        in_all = largest([expected[key] for key in keys]) if keys else None
        for key in keys:
            tolerance = TOLERANCE * largest([expected[key]]) + 3e-7 * in_all
            np.testing.assert_allclose(
                found[key], expected[key], rtol=0, atol=tolerance, err_msg=key
            )
            if kind == "velocity":
                without = name in WITHOUT_GRADIENT.get(key.removesuffix(" velocity"), ())
                assert (largest([expected[key]]) < 1e-12 * in_all) == without, key


def check_variables(name, prefix, network, found, expected):
    """Movements since the first step; the median variable moves by over 100 tolerances."""
    network_name = "generator" if prefix == "average" else prefix
    recipe = cases.RECIPES[name]
    updates = cases.STEPS * (recipe.d_steps if prefix == "discriminator" else recipe.g_steps)
    roundings = 2 * updates if prefix == "average" else updates
    errors, movements = [], []
    for key, variable in cases.named(network).items():
        if name in WITHOUT_GRADIENT.get(f"{network_name} {key}", ()):
            # Adam moves it by rounding errors, divided by themselves; its moments are checked.
            continue
        want, got = (values[f"{prefix} {key}"] for values in (expected, found))
        movement = largest([want])
        tolerance = TOLERANCE * movement + roundings / 2 * np.spacing(np.abs(variable.numpy()))
        np.testing.assert_allclose(got, want, rtol=0, atol=0.1 * movement, err_msg=key)
        errors.append(np.ravel(np.abs(got - want) / tolerance))
        movements.append(movement / tolerance.max())
    # As above, where the gradient of a single number cancels in one of the updates.
    assert np.mean(np.concatenate(errors) > 1) < 0.05, prefix
    assert np.median(movements) > 100, "the test could hardly fail"


def test_draws_are_those_that_the_numbers_were_made_with():
    """The bits are the same everywhere; processors round normal quantiles in the last place."""
    for key, draws in cases.make_draws().items():
        np.testing.assert_allclose(draws, GOLDEN[f"draws {key}"], rtol=1e-6, err_msg=key)
