"""Keras' own ways to save and resume, in a `fit` of the user's own, give the same bytes."""

import keras
import networks
import numpy as np
import pytest

from tfgan_losses.datasets.source import MemorySource

EPOCHS, STEPS = 4, 3
SOURCE = MemorySource.from_arrays(networks.examples(20), name="examples")


def fresh_gan():
    """BEGAN has all kinds of state: k of its loss, two optimisers, here an average, too."""
    keras.utils.set_random_seed(0)
    gan = networks.recipe_gan("began", ema_decay=0.9)
    next(iter(gan.objective.state.values())).assign(0.5)  # Where k moves in these few steps.
    return gan


class Fail(keras.callbacks.Callback):
    """An end in the middle of the third epoch."""

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step) == 2 * STEPS + 2:
            raise RuntimeError("killed")


def fit(gan, *callbacks, done=None):
    """Trains up to EPOCHS; the data are a function of the step."""
    done = int(gan.step.numpy()) if done is None else done
    gan.fit(
        SOURCE.batches(8 * gan.d_steps, seed=1, start=done),
        steps_per_epoch=STEPS,
        initial_epoch=done // STEPS,
        epochs=EPOCHS,
        verbose=0,
        callbacks=list(callbacks),
    )
    return gan


def everything(gan):
    """All state by kind and order; the names differ between two models of one process."""
    means = [variable for metric in gan.metrics for variable in metric.variables]
    variables = [*gan.variables, *gan.g_optimizer.variables, *gan.d_optimizer.variables, *means]
    return [np.asarray(variable).tobytes() for variable in variables]


@pytest.fixture(scope="module")
def whole():
    """The state and the history of a training that nothing interrupts."""
    gan = fit(fresh_gan())
    assert int(gan.step) == EPOCHS * STEPS
    assert 0 < float(next(iter(gan.objective.state.values()))) != 0.5
    return everything(gan), gan.history.history


def interrupted(*callbacks):
    with pytest.raises(RuntimeError, match="killed"):
        fit(fresh_gan(), *callbacks, Fail())


def assert_same_end(gan, whole):
    state, history = whole
    assert everything(gan) == state
    for name, values in gan.history.history.items():
        assert values == history[name][-len(values) :]


def test_model_checkpoint_of_the_whole_model(whole, tmp_path):
    path = tmp_path / "gan.keras"
    interrupted(keras.callbacks.ModelCheckpoint(path))
    gan = keras.saving.load_model(path)
    assert int(gan.step) == 2 * STEPS
    assert_same_end(fit(gan), whole)


def test_model_checkpoint_of_the_weights(whole, tmp_path):
    path = tmp_path / "gan.weights.h5"
    interrupted(keras.callbacks.ModelCheckpoint(path, save_weights_only=True))
    gan = fresh_gan()
    gan.load_weights(path)
    assert_same_end(fit(gan), whole)


def test_backup_and_restore(whole, tmp_path):
    """It restores in `fit`, so the data must know where it stands before."""
    interrupted(keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    gan = fit(fresh_gan(), keras.callbacks.BackupAndRestore(tmp_path / "backup"), done=2 * STEPS)
    assert_same_end(gan, whole)


def test_means_are_saved_in_the_middle_of_an_epoch(tmp_path):
    gan = fresh_gan()
    with pytest.raises(RuntimeError, match="killed"):
        fit(gan, Fail())
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = fresh_gan()
    other.load_weights(tmp_path / "gan.weights.h5")
    for restored in (other, keras.saving.load_model(tmp_path / "gan.keras")):
        assert everything(restored) == everything(gan)
    assert float(gan.metrics[0].count) == 2


def test_weights_go_into_a_gan_with_another_objective(tmp_path):
    """Means that only one of the two has are left out or start anew."""
    first, second = (networks.recipe_gan(name, d_steps=1) for name in ("hinge", "wgan-gp"))
    names = [metric.name for metric in second.metrics]
    assert "gradient_penalty" in names and "gradient_penalty" not in first.metrics_names
    for source, target in ((first, second), (second, first)):
        source.fit(networks.examples(8), batch_size=8, verbose=0)
        source.save_weights(tmp_path / "gan.weights.h5")
        target.load_weights(tmp_path / "gan.weights.h5")
        counts = {metric.name: float(metric.count) for metric in target.metrics}
        assert counts["d_loss"] == 1.0
        assert counts.get("gradient_penalty", 0.0) == 0.0
        assert int(target.step) == int(source.step)
