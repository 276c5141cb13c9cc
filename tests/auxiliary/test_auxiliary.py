"""Values, gradients and properties of every auxiliary objective."""

import json

import keras
import networks
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tfgan_losses import auxiliary, conditioning

RNG = np.random.default_rng(0)
every_name = pytest.mark.parametrize("name", auxiliary.names())
# A recipe that has each of them.
RECIPES = {
    "classification": "acgan",
    "mutual_information": "infogan",
    "pull_away": "ebgan",
    "reconstruction": "singan",
}
# Those of no recipe, which any may have.
OF_NO_RECIPE = {"feature_matching", "latent_consistency", "path_length"}
# Those that train one network only.
OF_THE_GENERATOR = {"feature_matching", "path_length", "pull_away", "reconstruction"}
# The option beside `weight` that is a weight, too.
SECOND_WEIGHTS = {
    "mutual_information": "continuous_weight",
    "latent_consistency": "generator_weight",
}


def gan_with(name, **arguments):
    """A GAN whose networks have what the objective of this name needs."""
    if name in OF_NO_RECIPE:
        return networks.recipe_gan("hinge", auxiliary=name, **arguments)
    return networks.recipe_gan(RECIPES[name], d_steps=1, **arguments)


def test_every_name_is_covered():
    assert {*RECIPES, *OF_NO_RECIPE} == set(auxiliary.names())


@every_name
def test_config_round_trip(name):
    original = auxiliary.get(f"{name}(weight=0.3)")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(original)))
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is type(original) and copy.get_config() == original.get_config()
    assert copy.weight == 0.3


@every_name
def test_weights_are_checked(name):
    with pytest.raises(ValueError, match=r"Expected weight >= 0. Received: weight=-1"):
        auxiliary.get(f"{name}(weight=-1)")


@every_name
def test_what_it_reports_is_logged_and_finite(name):
    gan = gan_with(name)
    history = gan.fit(networks.examples(16), networks.labels(16), batch_size=8, verbose=0).history
    (term,) = gan.objective.auxiliary
    keys = [term.column(network) for network in term.networks]
    keys += [x for network in term.networks for x in term.report_keys(network, gan.condition)]
    assert keys and set(keys) <= set(history)
    assert np.isfinite([history[key][0] for key in keys]).all()


@every_name
def test_its_columns_are_its_parts_of_both_losses(name):
    """d_loss and g_loss without it, and with it at twice the weight."""
    logs = {}
    for weight in (0.0, 1.0, 2.0):
        gan = gan_with(name, optimizers={"run_eagerly": True})
        keras.utils.set_random_seed(0)
        for network in (gan.generator, gan.discriminator):
            network.set_weights([np.random.normal(size=w.shape) for w in network.get_weights()])
        second = f", {SECOND_WEIGHTS[name]}={weight}" if name in SECOND_WEIGHTS else ""
        spec = f"{name}(weight={weight}{second})"
        optimizers = {f"{x}_optimizer": keras.optimizers.SGD(0.0) for x in "gd"}
        gan.compile(gan.objective.d_loss, auxiliary=spec, run_eagerly=True, **optimizers)
        x, y = networks.examples(8), networks.labels(8)
        logs[weight] = gan.fit(x, y, batch_size=8, verbose=0).history
    (term,) = gan.objective.auxiliary
    for network in term.networks:
        column, loss = term.column(network), f"{network[0]}_loss"
        part = logs[1.0][column][0]
        assert abs(part) > 1e-3
        assert logs[2.0][column][0] == pytest.approx(2 * part, rel=1e-5)
        for weight in (1.0, 2.0):
            added = logs[weight][loss][0] - logs[0.0][loss][0]
            assert added == pytest.approx(weight * part, rel=1e-3, abs=1e-4)


@every_name
def test_gradients_reach_the_networks_that_they_train(name):
    """G's loss moves G, and D's own loss moves D; one peer's has no gradient at all."""
    gan = gan_with(name)
    real, labels = tf.constant(networks.examples(8)), tf.constant(networks.labels(8))
    given = gan.pair.given(real, labels, "discriminator", 0)
    latents = gan.pair.latents(real, "discriminator", 0)
    (term,) = gan.objective.auxiliary
    losses = {}
    with tf.GradientTape(persistent=True) as tape:
        fake = gan.pair.generate(latents, given)
        found = gan.pair.discriminate_both(real, fake, given)
        for network in term.networks:
            seen = networks.seen(
                network,
                real_outputs=found.real,
                fake_outputs=found.fake,
                given=given,
                condition=gan.condition,
                fake=fake,
                latents=latents,
                critic=found.critic,
                generator=lambda z: gan.pair.generate(z, given),
                real=real,
                fixed_latents=gan.pair.fixed_latents,
            )
            losses[network] = term.weighted(seen, 1)
    for network, loss in losses.items():
        gradients = tape.gradient(loss, getattr(gan, network).trainable_variables)
        assert max(float(tf.norm(g)) for g in gradients if g is not None) > 0
    assert "generator" in losses and ("discriminator" in losses) != (name in OF_THE_GENERATOR)


@pytest.mark.parametrize("classify_fake", [True, False])
def test_classification_is_cross_entropy(classify_fake):
    term = auxiliary.get(f"classification(weight=2, classify_fake={classify_fake})")
    real, fake = RNG.normal(size=[2, 5, 3]).astype("float32")
    labels = np.array([0, 2, 1, 1, 0])
    given = tf.constant(np.eye(3, dtype="float32")[labels])

    def cross_entropy(logits):
        return -scipy.special.log_softmax(logits.astype("float64"), axis=1)[range(5), labels]

    outputs = {"real_outputs": {"classes": real}, "fake_outputs": {"classes": fake}}
    seen = networks.seen(given=given, **outputs)
    expected = cross_entropy(real) + (cross_entropy(fake) if classify_fake else 0)
    np.testing.assert_allclose(term.values(seen), expected, rtol=1e-5)
    np.testing.assert_allclose(term.weighted(seen, 1), 2 * expected, rtol=1e-5)
    accuracy = np.mean(real.argmax(axis=1) == labels)
    assert np.mean(term.report(seen)["class_accuracy"]) == pytest.approx(accuracy)
    seen = networks.seen("generator", given=given, **outputs)
    np.testing.assert_allclose(term.weighted(seen, 1), 2 * cross_entropy(fake), rtol=1e-5)
    np.testing.assert_allclose(term.weighted(seen, 3), 6 * cross_entropy(fake), rtol=1e-5)


def test_classification_knows_nothing():
    logits = tf.zeros([4, 10])
    seen = networks.seen(
        "generator", fake_outputs={"classes": logits}, given=tf.one_hot([1, 2, 3, 4], 10)
    )
    loss = auxiliary.get("classification").values(seen)
    np.testing.assert_allclose(loss, np.log(10), rtol=1e-6)


def test_generator_weight():
    term = auxiliary.get("classification(weight=1, generator_weight=0.1)")
    outputs = {"classes": tf.zeros([2, 4])}
    options = {"real_outputs": outputs, "fake_outputs": outputs, "given": tf.one_hot([0, 1], 4)}
    loss = term.weighted(networks.seen("generator", **options), 1)
    np.testing.assert_allclose(loss, 0.1 * np.log(4), rtol=1e-6)
    loss = term.weighted(networks.seen("discriminator", **options), 1)
    np.testing.assert_allclose(loss, 2 * np.log(4), rtol=1e-6)


@pytest.mark.parametrize(
    "codes",
    [
        conditioning.Codes(categorical=(10,)),
        conditioning.Codes(categorical=(), continuous=2),
        conditioning.Codes(categorical=(3, 4), continuous=2),
    ],
    ids=repr,
)
def test_mutual_information_is_the_bound(codes):
    """L_I = E log Q(c|x) + H(c), with the densities of SciPy."""
    term = auxiliary.get("mutual_information(weight=2, continuous_weight=0.5)")
    values = codes.from_uniforms(tf.constant(RNG.uniform(size=[6, codes.factors]), tf.float32))
    given, posterior = codes.encode(values), RNG.normal(size=[6, codes.posterior_size])
    discrete, start = np.zeros(6), 0
    for column, classes in enumerate(codes.categorical):
        logits = posterior[:, start : start + classes]
        index = values.numpy()[:, column].astype(int)
        discrete += scipy.special.log_softmax(logits, axis=1)[range(6), index] + np.log(classes)
        start += classes
    number = codes.continuous
    mean, log_sigma = posterior[:, start : start + number], posterior[:, start + number :]
    drawn = values.numpy()[:, len(codes.categorical) :]
    density = scipy.stats.norm(mean, np.maximum(np.exp(log_sigma), 0.05))
    numbers = (density.logpdf(drawn) + np.log(2)).sum(axis=1)
    fake = {"posterior": tf.constant(posterior, tf.float32)}
    seen, of_generator = (
        networks.seen(network, fake_outputs=fake, given=given, condition=codes)
        for network in ("discriminator", "generator")
    )
    d_loss, report = term.weighted(seen, 1), term.report(seen)
    np.testing.assert_allclose(d_loss, -2 * discrete - 0.5 * numbers, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(term.weighted(of_generator, 1), d_loss)
    assert tuple(report) == term.report_keys("discriminator", codes)
    assert term.report_keys("generator", codes) == ()
    if codes.categorical:
        np.testing.assert_allclose(report["categorical_information"], discrete, atol=1e-5)
    if number:
        np.testing.assert_allclose(report["continuous_information"], numbers, rtol=1e-4, atol=1e-5)


def test_mutual_information_at_its_ends():
    """Nothing known: 0. Everything known: H(c) = 2.303 for ten classes."""
    codes = conditioning.Codes(categorical=(10,))
    term, given = auxiliary.get("mutual_information"), tf.one_hot([3, 7], 10)
    for sharpness, expected in ((0.0, 0.0), (100.0, 2.302585)):
        fake = {"posterior": sharpness * given}
        report = term.report(networks.seen(fake_outputs=fake, given=given, condition=codes))
        np.testing.assert_allclose(report["categorical_information"], expected, atol=1e-5)
    assert report["categorical_entropy"] == pytest.approx(2.302585)


def test_an_exact_reading_of_a_number_is_worth_no_more_than_min_sigma():
    codes = conditioning.Codes(categorical=(), continuous=1)
    posterior = tf.constant([[0.3, -50.0]])
    report = auxiliary.get("mutual_information(min_sigma=0.1)").report(
        networks.seen(
            fake_outputs={"posterior": posterior}, given=tf.constant([[0.3]]), condition=codes
        )
    )
    expected = np.log(2) - 0.5 * np.log(2 * np.pi) - np.log(0.1)
    np.testing.assert_allclose(report["continuous_information"], expected, rtol=1e-5)
    with pytest.raises(ValueError, match="min_sigma > 0"):
        auxiliary.get("mutual_information(min_sigma=0)")


def test_pull_away_by_pairs():
    encodings = RNG.normal(size=[7, 4])
    units = encodings / np.linalg.norm(encodings, axis=1, keepdims=True)
    pairs = [(units[i] @ units[j]) ** 2 for i in range(7) for j in range(7) if i != j]
    found = auxiliary.pull_away_term(tf.constant(encodings, tf.float32))
    assert float(found) == pytest.approx(sum(pairs) / (7 * 6), rel=1e-5)


def test_pull_away_at_its_ends():
    assert float(auxiliary.pull_away_term(tf.eye(5))) == pytest.approx(0, abs=1e-6)
    same = tf.tile([[1.0, -2.0, 3.0]], [6, 1])
    assert float(auxiliary.pull_away_term(same)) == pytest.approx(1, rel=1e-6)
    # Opposite directions count as the same; a code of zeros has no direction, and no NaN.
    assert float(auxiliary.pull_away_term(tf.constant([[1.0, 0], [-3, 0]]))) == pytest.approx(1)
    assert float(auxiliary.pull_away_term(tf.zeros([3, 2]))) == 0


def test_pull_away_of_one_example_is_nothing():
    """It has no pairs: 0/0 would make every weight of the generator NaN."""
    encodings = tf.Variable([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        term = auxiliary.pull_away_term(encodings)
    assert float(term) == 0
    np.testing.assert_array_equal(tape.gradient(term, encodings), [[0, 0]])


@pytest.mark.parametrize(
    "recipe, arguments, message",
    [
        ("gan", {"auxiliary": "classification"}, r"'classification' needs .* output 'classes'"),
        ("gan", {"loss": "boundary_equilibrium"}, "needs an autoencoder as discriminator"),
        ("gan", {"loss": "energy_based"}, r"kind='autoencoder'\)\). Received: .*\['logits'\]"),
        ("acgan", {"auxiliary": "mutual_information"}, "needs .* output 'posterior'"),
        ("gan", {"auxiliary": "clasification"}, "Unknown auxiliary objective. Expected one of"),
        ("gan", {"auxiliary": [3]}, "Expected an auxiliary objective"),
    ],
)
def test_what_is_missing_is_named_before_training(recipe, arguments, message):
    gan = networks.recipe_gan(recipe)
    with pytest.raises(ValueError, match=message):
        gan.compile(**({"loss": "hinge"} | arguments))


def test_a_condition_of_the_wrong_kind():
    gan = networks.recipe_gan("infogan")
    gan.discriminator.output["classes"] = gan.discriminator.output["posterior"]
    term = auxiliary.get("mutual_information")
    term.source = "labels"
    with pytest.raises(ValueError, match=r"on labels, such as.*Received: condition=codes"):
        gan.compile("hinge", auxiliary=term)
