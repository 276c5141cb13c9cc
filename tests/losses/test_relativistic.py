"""Relativistic losses: what they are of pairs and of means, and where their gradients go."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses

BASES = ["non_saturating", "least_squares", "hinge"]
R, F = np.random.default_rng(0).normal(size=(2, 7, 1))

every_base = pytest.mark.parametrize("base", BASES)


def _softplus(x):
    return np.logaddexp(0.0, x)


def _relu(x):
    return np.maximum(x, 0.0)


# Jolicoeur-Martineau, 2018: RaSGAN, RaLSGAN and RaHingeGAN, each term written out:
# (discriminator, generator) of r, f and their means.
AVERAGE = {
    "non_saturating": lambda r, f, er, ef: (
        _softplus(-(r - ef)) + _softplus(f - er),
        _softplus(r - ef) + _softplus(-(f - er)),
    ),
    "least_squares": lambda r, f, er, ef: (
        (r - ef - 1) ** 2 + (f - er + 1) ** 2,
        (r - ef + 1) ** 2 + (f - er - 1) ** 2,
    ),
    "hinge": lambda r, f, er, ef: (
        _relu(1 - (r - ef)) + _relu(1 + (f - er)),
        _relu(1 + (r - ef)) + _relu(1 - (f - er)),
    ),
}


def average(base):
    return losses.get(f"relativistic_average(base={base!r})")


def gradients(half, real, fake):
    real, fake = tf.constant(real, tf.float32), tf.constant(fake, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch([real, fake])
        value = half(real, fake)
    return tape.gradient(value, [real, fake])


def numerical_gradient(function, x, step=1e-6):
    """Central differences in float64."""
    columns = []
    for i in range(x.size):
        shift = np.zeros_like(x)
        shift.flat[i] = step
        columns.append((function(x + shift) - function(x - shift)) / (2 * step))
    return np.reshape(columns, x.shape)


@every_base
def test_values_of_every_base(base):
    loss, expected = average(base), AVERAGE[base](R, F, R.mean(), F.mean())
    real, fake = R.astype("float32"), F.astype("float32")
    np.testing.assert_allclose(loss.discriminator_loss(real, fake), expected[0], rtol=2e-5)
    np.testing.assert_allclose(loss.generator_loss(real, fake), expected[1], rtol=2e-5)


@every_base
def test_means_are_over_patches_too(base):
    real, fake = np.random.default_rng(1).normal(size=(2, 3, 4, 4, 1)).astype("float32")
    expected = AVERAGE[base](real, fake, real.mean(), fake.mean())
    values = average(base).discriminator_loss(real, fake)
    assert values.shape == real.shape
    np.testing.assert_allclose(values, expected[0], rtol=2e-5, atol=1e-6)


@every_base
def test_gradients_flow_through_the_means(base):
    for half, which in ((average(base).discriminator, 0), (average(base).generator, 1)):

        def whole(r, f, which=which):
            return AVERAGE[base](r, f, r.mean(), f.mean())[which].mean()

        def stopped(r, f, which=which):
            return AVERAGE[base](r, f, R.mean(), F.mean())[which].mean()

        d_real, d_fake = gradients(half, R, F)
        through = numerical_gradient(lambda f, whole=whole: whole(R, f), F)
        np.testing.assert_allclose(d_fake, through, rtol=1e-4, atol=1e-6)
        through = numerical_gradient(lambda r, whole=whole: whole(r, F), R)
        np.testing.assert_allclose(d_real, through, rtol=1e-4, atol=1e-6)
        # With constant means it would be another gradient, by far more than these tolerances.
        without = numerical_gradient(lambda f, stopped=stopped: stopped(R, f), F)
        assert np.abs(d_fake - without).max() > 1e-2


def test_real_equal_to_generated_in_closed_form():
    # All outputs c: every difference is 0, whatever c is.
    same = np.full([5, 1], 3.7, "float32")
    for name, expected in {
        "relativistic": np.log(2),
        "relativistic_average": 2 * np.log(2),
        "relativistic_average(base='least_squares')": 2.0,
        "relativistic_average(base='hinge')": 2.0,
    }.items():
        for half in (losses.get(name).discriminator, losses.get(name).generator):
            assert float(half(same, same)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["relativistic", *(average(base) for base in BASES)])
def test_exchanging_the_roles_exchanges_the_networks(name):
    loss, real, fake = losses.get(name), R.astype("float32"), F.astype("float32")
    np.testing.assert_array_equal(
        loss.generator_loss(real, fake), loss.discriminator_loss(fake, real)
    )
    # Only differences count.
    np.testing.assert_allclose(
        loss.discriminator(real + 5, fake + 5), loss.discriminator(real, fake), rtol=1e-5
    )


def test_relativistic_gradients_are_opposite_for_the_two_of_a_pair():
    loss = losses.get("relativistic")
    d_real, d_fake = gradients(loss.discriminator, R, F)
    np.testing.assert_allclose(d_real, -d_fake, rtol=1e-6)
    # -sigmoid(f - r) / batch.
    np.testing.assert_allclose(d_real, -1 / (1 + np.exp(R - F)) / len(R), rtol=1e-5)
    # sp(-x) - sp(x) = -x.
    difference = loss.discriminator_loss(R, F) - loss.generator_loss(R, F)
    np.testing.assert_allclose(difference, F - R, rtol=1e-6)


@pytest.mark.parametrize(
    "spec", ["relativistic", *(f"relativistic_average(base={b!r})" for b in BASES)]
)
@pytest.mark.parametrize("size", [-40.0, 40.0])
def test_finite_where_the_discriminator_is_sure(spec, size):
    loss = losses.get(spec)
    for half in (loss.discriminator, loss.generator):
        real, fake = np.full([3, 1], size), np.full([3, 1], -size)
        assert np.isfinite(half(real.astype("float32"), fake.astype("float32")))
        assert np.isfinite(gradients(half, real, fake)).all()
    # The generator that is found out keeps its gradient, and the discriminator that is wrong too.
    found_out = gradients(loss.generator, [[40.0]], [[-40.0]])[1]
    wrong = gradients(loss.discriminator, [[-40.0]], [[40.0]])
    assert found_out[0, 0] <= -1 + 1e-6 and wrong[0][0, 0] <= -1 + 1e-6
    assert wrong[1][0, 0] >= 1 - 1e-6


def test_half_precision_logits_keep_their_dtype():
    values = average("hinge").discriminator_loss(
        tf.constant(R, tf.float16), tf.constant(F, tf.float16)
    )
    assert values.dtype == tf.float16


def test_unknown_base_is_named():
    message = r"base to be one of \['hinge', 'least_squares', 'non_saturating'\]. Received.*'ls'"
    with pytest.raises(ValueError, match=message):
        losses.get("relativistic_average(base='ls')")
    with pytest.raises(ValueError, match=message):
        losses.relativistic_average_generator_loss(R, F, base="ls")
