"""EBGAN and BEGAN as a whole: what is trained, what is logged, what is saved."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf


def began(**arguments):
    return networks.recipe_gan("began", ema_decay=0.9, **arguments)


def errors(gan, examples):
    """Mean absolute error of the reconstruction, by NumPy."""
    outputs = gan.discriminator(examples)
    found = np.abs(np.asarray(outputs["reconstruction"]) - examples).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(outputs["logits"][:, 0], -found, rtol=1e-5)
    return found


def test_k_follows_the_paper():
    """k <- k + lambda_k (gamma L(x) - L(G(z_G))), with L(x) of D's update and L(G) of G's."""
    still = {key: keras.optimizers.SGD(0.0) for key in ("g_optimizer", "d_optimizer")}
    gan = began(optimizers={**still, "loss": "boundary_equilibrium(gamma=0.7, k_rate=0.1)"})
    k = 0.0
    for step in range(3):
        real = networks.examples(8, seed=step)
        latents = gan.pair.latents(tf.constant(real), "generator", gan.step)
        real_error = errors(gan, real).mean()
        fake_error = errors(gan, np.asarray(gan.generator(latents))).mean()
        logs = gan.fit(real, batch_size=8, verbose=0).history
        difference = 0.7 * real_error - fake_error
        k = min(max(k + 0.1 * difference, 0.0), 1.0)
        assert logs["k"][0] == pytest.approx(k, abs=1e-6)
        assert logs["convergence"][0] == pytest.approx(real_error + abs(difference), rel=1e-4)
        assert float(gan.objective.d_loss.k.numpy()) == pytest.approx(k, abs=1e-6)


def test_k_is_saved(tmp_path):
    gan = began(optimizers={"run_eagerly": True})
    gan.objective.d_loss.k.assign(0.25)
    gan.fit(networks.examples(16), batch_size=8, verbose=0)
    k = float(gan.objective.d_loss.k.numpy())
    assert k not in (0.0, 0.25)
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    assert float(copy.objective.d_loss.k.numpy()) == k
    networks.assert_same_state(gan, copy)
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = began()
    other.load_weights(tmp_path / "gan.weights.h5")
    assert float(other.objective.d_loss.k.numpy()) == k


def test_compiling_again_forgets_k():
    gan = began()
    count = len(gan.variables)
    gan.compile("boundary_equilibrium")
    assert len(gan.variables) == count
    gan.compile("energy_based")
    assert len(gan.variables) == count - 1


def test_the_autoencoder_of_ebgan_learns_to_reconstruct():
    gan = networks.recipe_gan("ebgan")
    # Two images: what an autoencoder of this size can learn in a few steps.
    real = np.repeat(networks.examples(2), 8, axis=0)
    before = float(tf.reduce_mean(gan.discriminator(real)["logits"]))
    gan.compile("energy_based(margin=1)", d_optimizer=keras.optimizers.Adam(1e-2))
    gan.fit(np.tile(real, (40, 1, 1, 1)), batch_size=16, shuffle=False, verbose=0)
    assert float(tf.reduce_mean(gan.discriminator(real)["logits"])) > 0.3 * before


def test_a_last_batch_of_one_example_of_ebgan():
    """It has no pairs for the pull-away term, and the update is that without the term."""
    found = []
    for auxiliary in (("pull_away(weight=0.1)",), ()):
        keras.utils.set_random_seed(0)
        gan = networks.recipe_gan("ebgan", optimizers={"run_eagerly": True, "auxiliary": auxiliary})
        gan.fit(networks.examples(1), batch_size=4, verbose=0)
        assert all(np.isfinite(state).all() for state in networks.all_state(gan))
        found.append(gan)
    networks.assert_same_state(*found)
    history = found[0].fit(networks.examples(9), batch_size=4, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert all(np.isfinite(state).all() for state in networks.all_state(found[0]))
