"""Values, gradients and properties of every registered loss."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import losses


def _log_sigmoid(x):
    return -np.log1p(np.exp(-x))


def _relu(x):
    return np.maximum(x, 0.0)


# The papers' formulas, written once more in float64 NumPy: (discriminator, generator).
FORMULAS = {
    # Goodfellow et al., 2014, equation 1, negated for the discriminator.
    "minimax": lambda r, f: (-_log_sigmoid(r) - _log_sigmoid(-f), _log_sigmoid(-f)),
    "non_saturating": lambda r, f: (-_log_sigmoid(r) - _log_sigmoid(-f), -_log_sigmoid(f)),
    # Mao et al., 2017, equation 2, with the factor 1 of tf-GANs-Loss instead of 1/2.
    "least_squares": lambda r, f: ((r - 1) ** 2 + f**2, (f - 1) ** 2),
    # Arjovsky et al., 2017, algorithm 1.
    "wasserstein": lambda r, f: (f - r, -f),
    # Miyato et al., 2018, equations 16 and 17, negated.
    "hinge": lambda r, f: (_relu(1 - r) + _relu(1 + f), -f),
    # Jolicoeur-Martineau, 2018: RSGAN.
    "relativistic": lambda r, f: (-_log_sigmoid(r - f), -_log_sigmoid(f - r)),
    # The same, RaSGAN. The only values that depend on the other examples, through two means.
    "relativistic_average": lambda r, f: (
        -_log_sigmoid(r - f.mean()) - _log_sigmoid(r.mean() - f),
        -_log_sigmoid(f - r.mean()) - _log_sigmoid(f.mean() - r),
    ),
    # Zhao et al., 2017, equations 1 and 2, with the energy -r or -f and the margin 10.
    "energy_based": lambda r, f: (-r + _relu(10 + f), -f),
    # Berthelot et al., 2017, with k = 0, where it starts: no term of the generated examples.
    "boundary_equilibrium": lambda r, f: (-r, -f),
}
# At r = f = 0, in closed form.
AT_ZERO = {
    "minimax": (2 * np.log(2), -np.log(2)),
    "non_saturating": (2 * np.log(2), np.log(2)),
    "least_squares": (1.0, 1.0),
    "wasserstein": (0.0, 0.0),
    "hinge": (2.0, 0.0),
    "relativistic": (np.log(2), np.log(2)),
    "relativistic_average": (2 * np.log(2), 2 * np.log(2)),
    "energy_based": (10.0, 0.0),
    "boundary_equilibrium": (0.0, 0.0),
}
REAL = np.array([[-3.0], [-0.5], [0.0], [0.7], [2.0], [9.0]], "float32")
FAKE = np.array([[1.5], [-0.2], [0.3], [-4.0], [0.0], [-7.0]], "float32")

every_loss = pytest.mark.parametrize("name", losses.names())


def test_every_loss_has_a_formula_and_a_golden_value():
    assert set(FORMULAS) == set(AT_ZERO) == set(losses.names())


@every_loss
def test_values_are_the_papers(name):
    loss = losses.get(name)
    d_expected, g_expected = FORMULAS[name](REAL.astype("float64"), FAKE.astype("float64"))
    np.testing.assert_allclose(loss.discriminator_loss(REAL, FAKE), d_expected, rtol=2e-6)
    np.testing.assert_allclose(loss.generator_loss(REAL, FAKE), g_expected, rtol=2e-6)


@every_loss
def test_a_half_stands_for_its_loss(name):
    loss = losses.get(name)
    assert losses.get(loss.discriminator) is losses.get(loss.generator) is loss


@every_loss
def test_values_at_zero(name):
    loss, zero = losses.get(name), np.zeros([4, 1], "float32")
    d_expected, g_expected = AT_ZERO[name]
    assert float(loss.discriminator(zero, zero)) == pytest.approx(d_expected, rel=1e-6)
    assert float(loss.generator(zero, zero)) == pytest.approx(g_expected, rel=1e-6)


@every_loss
@pytest.mark.parametrize("size", [-40.0, 0.0, 40.0])
def test_finite_values_and_gradients_of_the_right_sign(name, size):
    loss = losses.get(name)
    if name == "boundary_equilibrium":
        # At k = 0, where it starts, its discriminator does not look at generated examples.
        loss.k.assign(0.5)
    real, fake = tf.constant([[size]]), tf.constant([[size]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        d_loss, g_loss = loss.discriminator(real, fake), loss.generator(real, fake)
    d_real, d_fake = tape.gradient(d_loss, [real, fake])
    g_fake = tape.gradient(g_loss, fake)
    assert np.isfinite([d_loss, g_loss, d_real[0, 0], d_fake[0, 0], g_fake[0, 0]]).all()
    if name == "least_squares":
        # It pulls towards its targets from both sides, so signs are as claimed only between them.
        return
    if size == 0.0:
        assert d_real[0, 0] < 0 < d_fake[0, 0] and g_fake[0, 0] < 0
    # Far out a loss may be flat where it has nothing more to ask.
    assert d_real[0, 0] <= 0 and d_fake[0, 0] >= 0 and g_fake[0, 0] <= 0


def test_least_squares_signs_between_its_targets():
    real, fake = tf.constant([[0.5]]), tf.constant([[0.5]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        d_loss = losses.get("least_squares").discriminator(real, fake)
        g_loss = losses.get("least_squares").generator(fake, fake)
    assert tape.gradient(d_loss, real)[0, 0] < 0
    assert tape.gradient(g_loss, fake)[0, 0] < 0


def test_non_saturating_keeps_its_gradient_where_the_discriminator_is_sure():
    # log(sigmoid(f) + eps) gives 4e-10 here, the bug of one well-known implementation.
    fake = tf.constant([[-40.0]])
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = losses.get("non_saturating").generator(fake, fake)
    assert float(tape.gradient(value, fake)[0, 0]) == pytest.approx(-1.0, abs=1e-6)


@every_loss
def test_one_sgd_step_moves_the_outputs_the_right_way(name):
    loss = losses.get(name)
    if name == "boundary_equilibrium":
        # At k = 0, where it starts, nothing lowers the outputs of generated examples.
        loss.k.assign(1.0)
    weights = keras.Variable(np.array([0.1, -0.2, 0.05], "float32"))
    real, fake = np.random.default_rng(0).normal(size=(2, 64, 3)).astype("float32")
    fake = fake + 0.3

    def outputs(x):
        return tf.linalg.matvec(tf.convert_to_tensor(x), weights.value)[:, None]

    def gap():
        return float(tf.reduce_mean(outputs(real)) - tf.reduce_mean(outputs(fake)))

    before = gap()
    with tf.GradientTape() as tape:
        value = loss.discriminator(outputs(real), outputs(fake))
    weights.assign_sub(0.01 * tape.gradient(value, weights.value))
    assert gap() > before

    shift = tf.Variable([0.0, 0.0, 0.0])
    before = float(tf.reduce_mean(outputs(fake + shift)))
    with tf.GradientTape() as tape:
        value = loss.generator(outputs(real), outputs(fake + shift))
    shift.assign_sub(0.01 * tape.gradient(value, shift))
    assert float(tf.reduce_mean(outputs(fake + shift))) > before


@every_loss
def test_eager_graph_and_jit_agree(name, modes):
    loss = losses.get(name)

    def both(real, fake):
        return tf.stack([loss.discriminator(real, fake), loss.generator(real, fake)])

    values = [modes.run(m, both, tf.constant(REAL), tf.constant(FAKE)) for m in modes.names]
    np.testing.assert_allclose(values[1], values[0], atol=1e-5)
    np.testing.assert_allclose(values[2], values[0], atol=1e-5)


@every_loss
def test_permuting_the_batch_changes_nothing(name):
    loss, order = losses.get(name), [3, 1, 5, 0, 2, 4]
    before = loss.discriminator(REAL, FAKE), loss.generator(REAL, FAKE)
    after = loss.discriminator(REAL[order], FAKE[order]), loss.generator(REAL[order], FAKE[order])
    np.testing.assert_allclose(after, before, rtol=1e-6)


@every_loss
def test_config_round_trip(name):
    for original in (losses.get(name), losses.get(name).discriminator, losses.get(name).generator):
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(original)))
        copy = keras.saving.deserialize_keras_object(config)
        assert type(copy) is type(original)
        assert keras.saving.serialize_keras_object(copy) == config


@every_loss
def test_shapes_that_would_broadcast_are_refused(name):
    loss, message = losses.get(name), r"same shape.*\(6, 1\).*\(6,\)"
    with pytest.raises(ValueError, match=message):
        loss.discriminator_loss(REAL, FAKE[:, 0])
    if loss.needs_real:
        with pytest.raises(ValueError, match=message):
            loss.generator_loss(REAL, FAKE[:, 0])


@every_loss
def test_needs_real_says_whether_the_generators_loss_does(name):
    loss = losses.get(name)
    same = np.allclose(loss.generator_loss(REAL, FAKE), loss.generator_loss(REAL + 1, FAKE))
    assert same != loss.needs_real


@every_loss
def test_the_end_of_a_step_reports_what_the_loss_says(name):
    loss = losses.get(name)
    assert tuple(loss.end_step(tf.constant(-2.0), tf.constant(-1.0))) == loss.report_keys
    assert all(isinstance(variable, keras.Variable) for variable in loss.variables)


@every_loss
def test_a_half_trains_any_keras_model(name, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss=losses.get(name).generator)
    model.fit(np.ones([8, 2]), np.zeros([8, 1]), verbose=0)
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").loss.loss.registered_name == name


def test_patch_outputs_are_averaged():
    real, fake = np.random.default_rng(0).normal(size=(2, 3, 4, 4, 1)).astype("float32")
    loss = losses.get("hinge")
    assert loss.discriminator_loss(real, fake).shape == real.shape
    assert float(loss.discriminator(real, fake)) == pytest.approx(
        FORMULAS["hinge"](real, fake)[0].mean(), rel=1e-6
    )


def test_label_smoothing_is_one_sided():
    # Cross-entropy with target 0.9 for real and 0 for generated examples, by stock Keras.
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    expected = bce(0.9 * np.ones_like(REAL), REAL) + bce(np.zeros_like(FAKE), FAKE)
    for name in ("minimax", "non_saturating"):
        loss = losses.get(f"{name}(label_smoothing=0.1)")
        np.testing.assert_allclose(loss.discriminator(REAL, FAKE), expected, rtol=1e-6)
        np.testing.assert_allclose(
            loss.generator(REAL, FAKE), losses.get(name).generator(REAL, FAKE)
        )


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_two_sided_smoothing(name):
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    expected = bce(0.9 * np.ones_like(REAL), REAL) + bce(0.2 * np.ones_like(FAKE), FAKE)
    loss = losses.get(f"{name}(label_smoothing=0.1, fake_smoothing=0.2)")
    np.testing.assert_allclose(loss.discriminator(REAL, FAKE), expected, rtol=1e-6)
    np.testing.assert_allclose(loss.generator(REAL, FAKE), losses.get(name).generator(REAL, FAKE))
    # Least where sigmoid(f) is the target.
    with tf.GradientTape() as tape:
        fake = tf.Variable(np.log([[0.2 / 0.8]]).astype("float32"))
        value = loss.discriminator_loss(tf.zeros([1, 1]), tf.convert_to_tensor(fake))
    np.testing.assert_allclose(tape.gradient(value, fake), [[0.0]], atol=1e-6)
    assert type(loss).from_config(loss.get_config()).fake_smoothing == 0.2
    assert losses.get(name).get_config() == {"label_smoothing": 0.0}, "as it was saved before"


def test_least_squares_codings():
    paper = losses.get("least_squares(scale=0.5)")
    np.testing.assert_allclose(
        paper.discriminator(REAL, FAKE), 0.5 * losses.get("least_squares").discriminator(REAL, FAKE)
    )
    # Pearson's chi^2 (Mao et al., 2017) at r = 1, f = -1 costs D nothing, G 1/2.
    pearson = losses.get("least_squares(a=-1, b=1, c=0, scale=0.5)")
    one = np.ones([2, 1], "float32")
    assert float(pearson.discriminator(one, -one)) == 0.0
    assert float(pearson.generator(one, -one)) == 0.5


@pytest.mark.parametrize(
    "stock, expected",
    [
        (keras.losses.BinaryCrossentropy(from_logits=True), "non_saturating"),
        (keras.losses.MeanSquaredError(), "least_squares"),
    ],
)
def test_stock_losses_are_real_one_fake_zero(stock, expected):
    adapted, own = losses.get(stock), losses.get(expected)
    np.testing.assert_allclose(
        adapted.discriminator(REAL, FAKE), own.discriminator(REAL, FAKE), rtol=1e-6
    )
    np.testing.assert_allclose(adapted.generator(REAL, FAKE), own.generator(REAL, FAKE), rtol=1e-6)


def test_stock_loss_keeps_its_reduction_and_round_trips():
    adapted = losses.get(keras.losses.MeanSquaredError(reduction="sum"))
    mean = losses.get(keras.losses.MeanSquaredError())
    np.testing.assert_allclose(
        adapted.discriminator(REAL, FAKE), 6 * mean.discriminator(REAL, FAKE), rtol=1e-6
    )
    config = keras.saving.serialize_keras_object(adapted)
    copy = keras.saving.deserialize_keras_object(config)
    np.testing.assert_allclose(
        copy.discriminator(REAL, FAKE), adapted.discriminator(REAL, FAKE), rtol=1e-6
    )


def test_stock_loss_of_probabilities_is_refused():
    with pytest.raises(ValueError, match="from_logits=True"):
        losses.get(keras.losses.BinaryCrossentropy())


@pytest.mark.parametrize(
    "spec, message",
    [
        ("hing", r"Unknown loss. Expected one of \[.*'hinge'.*'hing'"),
        ("hinge(margn=2)", r"no option 'margn'. Expected one of \['margin'\]"),
        ("hinge(margin=", "Cannot read this loss specification"),
        ("hinge(2)", "Cannot read this loss specification"),
        ("hinge(margin=__import__('os'))", "Cannot read this loss specification"),
        ("hinge, wasserstein", "Expected one loss"),
        ("", "Expected one loss"),
        (3, "Expected a loss"),
        ("hinge(margin=0)", "margin > 0"),
        ("least_squares(a=1, b=0)", "Expected b .* above a"),
        ("minimax(label_smoothing=0.5, fake_smoothing=0.5)", r"fake_smoothing in \[0, 1 - label"),
        ("non_saturating(fake_smoothing=-0.1)", r"fake_smoothing in \[0, 1 - label"),
        ("non_saturating(label_smoothing=1.5)", r"label_smoothing in \[0, 1\)"),
    ],
)
def test_bad_identifiers_are_named(spec, message):
    with pytest.raises(ValueError, match=message):
        losses.get(spec)


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="'hinge' is registered already"):
        losses.register("hinge")
