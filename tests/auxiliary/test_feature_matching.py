"""Feature matching: its formula, and the features of every network of ours."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, auxiliary, models

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(4,), (2, 3, 2)])
def test_it_is_the_squared_distance_of_the_means(shape):
    real, fake = RNG.normal(size=(2, 6, *shape)).astype("float32")
    difference = real.mean(axis=0) - fake.mean(axis=0)
    generated = tf.Variable(fake)
    with tf.GradientTape() as tape:
        found = auxiliary.feature_matching_term(real, generated)
    assert float(found) == pytest.approx(np.sum(difference**2), rel=1e-5)
    expected = np.broadcast_to(-2 * difference / 6, fake.shape)
    np.testing.assert_allclose(tape.gradient(found, generated), expected, rtol=1e-4, atol=1e-6)
    # In another order, but the same means.
    assert float(auxiliary.feature_matching_term(real, real[::-1])) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("family", "size"), [("mlp", 8), ("dcgan", 8), ("resnet", 32), ("r3gan", 8)]
)
def test_every_family_shows_its_features(family, size):
    """What the logits are made from; the logits are those of the network without this output."""
    shape = (size, size, 1)
    built = [
        models.build_discriminator(family, example_shape=shape, width=4, features=x)
        for x in (False, True)
    ]
    assert [w.shape for w in built[0].weights] == [w.shape for w in built[1].weights]
    built[1].set_weights(built[0].get_weights())
    x = networks.examples(2, shape)
    logits, outputs = (network(x) for network in built)
    np.testing.assert_array_equal(outputs["logits"], logits)
    head = built[1].get_layer("logits")
    assert outputs["features"].shape.rank == 2
    np.testing.assert_allclose(head(outputs["features"]), logits, rtol=1e-6)


@pytest.mark.parametrize("kind", models.kinds())
def test_every_kind_shows_its_features(kind):
    size = 0 if kind in ("plain", "autoencoder") else 3
    options = {"kind": kind, "condition_size": size}
    network = models.build_discriminator(
        "mlp", example_shape=(2,), width=4, features=True, **options
    )
    (name,) = {"projection": ["psi"], "autoencoder": ["encoding"]}.get(kind, ["logits"])
    assert network.output["features"] is network.get_layer(name).input


@pytest.mark.parametrize("auxiliaries", ["feature_matching", ["feature_matching(weight=0.5)"],
                                         iter([auxiliary.FeatureMatching()])])  # fmt: skip
def test_networks_of_a_recipe_have_what_is_asked_for(auxiliaries):
    gan = networks.recipe_gan("hinge", auxiliary=auxiliaries)
    assert set(gan.discriminator.output) == {"logits", "features"}
    assert [term.name for term in gan.objective.auxiliary] == ["feature_matching"]
    assert not isinstance(networks.recipe_gan("hinge").discriminator.output, dict)


def test_a_network_of_ones_own_without_features_is_refused():
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
    with pytest.raises(ValueError, match=r"'feature_matching' needs .* output 'features'"):
        gan.compile("hinge", auxiliary="feature_matching")


def test_it_sees_the_batch():
    with pytest.raises(ValueError, match="accumulate=1 for 'feature_matching'"):
        networks.recipe_gan("hinge", auxiliary="feature_matching", accumulate=2)


def test_what_it_adds_in_an_update_is_the_formula_of_its_features():
    keras.utils.set_random_seed(3)
    rates = {key: keras.optimizers.SGD(0.0) for key in ("g_optimizer", "d_optimizer")}
    gan = networks.recipe_gan("hinge", auxiliary="feature_matching", run_eagerly=True, **rates)
    x = networks.examples(8)
    fake = gan.pair.generate(gan.pair.latents(tf.constant(x), "generator", 0), None)
    means = [gan.discriminator(v)["features"].numpy().mean(axis=0) for v in (x, fake)]
    logs = gan.fit(x, batch_size=8, verbose=0).history
    expected = np.sum((means[0] - means[1]) ** 2)
    assert expected > 1e-4
    assert logs["feature_matching"][0] == pytest.approx(expected, rel=1e-3)
