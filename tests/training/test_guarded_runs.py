"""A run into a directory trains on nothing that `fit` refuses, and ends when it has diverged."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import GAN, Keeping, Run
from tfgan_losses.callbacks import DiscriminatorHeadStart
from tfgan_losses.datasets.source import MemorySource

KEEPING = Keeping(log_every=10, sample_every=1000, checkpoint_every=20)


def make():
    """A ReLU in the discriminator hides NaN from the losses."""
    discriminator = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    generator = networks.generator(batch_normalization=False)
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=3)
    gan.compile("hinge")
    return gan


class Own:
    """What a person writes, without a base class."""

    name, size, num_classes, example_shape = "own", None, None, (4, 4, 1)

    def __init__(self, examples):
        self.examples = examples

    def batches(self, batch_size, *, seed=0, start=0):
        dataset = tf.data.Dataset.from_tensor_slices(self.examples).repeat()
        return dataset.batch(batch_size, drop_remainder=True).skip(start)


def with_nan(count=40, at=20):
    x = networks.examples(count)
    x[at, 0, 0, 0] = np.nan
    return x


def train(gan, source, directory, steps=10, **options):
    options = {"batch_size": 8, "keeping": KEEPING, **options}
    return Run(directory / "run").train(gan, source, steps=steps, **options)


@pytest.mark.parametrize(
    "source, step, message",
    [
        (Own(127.5 * networks.examples(40) + 127.5), 0, r"from \S+ to 25\d.* in batch 0.*127\.5"),
        (Own((127.5 * networks.examples(40) + 127.5).astype("uint8")), 0, "dtype uint8"),
        (Own(with_nan()), 2, r"1 of 128 .* in batch 2, the first at \(4, 0, 0, 0\)"),
        (MemorySource.from_arrays(with_nan(8, 0), name="x"), 0, r"1 of 128 values NaN"),
        (Own(networks.examples(40, (4, 4, 3))), 0, r"shape \(4, 4, 1\).*\(4, 4, 3\)"),
    ],
)
def test_sources_go_through_the_gate(source, step, message, tmp_path):
    gan = make()
    with pytest.raises(ValueError, match=message) as refused:
        train(gan, source, tmp_path)
    assert "\n" not in str(refused.value)
    assert int(gan.step) == int(gan.d_optimizer.iterations) == step
    assert all(np.isfinite(state).all() for state in networks.all_state(gan))


def test_so_do_those_of_a_head_start(tmp_path):
    gan = make()
    start = DiscriminatorHeadStart(Own(with_nan()), batch_size=8, updates=5)
    with pytest.raises(ValueError, match=r"1 of 128 .* in batch 2"):
        train(gan, Own(networks.examples(40)), tmp_path, callbacks=[start])
    assert int(gan.step) == 0 and int(gan.d_updates) == 2


class Poison(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 25:
            for variable in self.model.discriminator.trainable_variables[:2]:
                variable.assign(np.full(variable.shape, np.nan))


def test_a_run_ends_when_its_losses_hide_what_its_weights_are(tmp_path, capsys):
    gan = make()
    source = MemorySource.from_arrays(networks.examples(64), name="x")
    with pytest.raises(FloatingPointError) as ended:
        train(gan, source, tmp_path, steps=500, callbacks=[Poison()])
    message = str(ended.value)
    assert "kernel of the generator is not finite at step 40, which has no checkpoint" in message
    assert "The examples are finite" in message and "Things to try: a lower" in message
    assert message.endswith("step_00000020.weights.h5")
    assert int(gan.step) == 40
    assert "No checkpoint" not in capsys.readouterr().out
    rows = np.genfromtxt(tmp_path / "run" / "metrics.csv", delimiter=",", names=True)
    assert np.isfinite(rows["d_loss"]).all()


def test_half_precision_is_named_among_what_to_try(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    gan = make()
    source = MemorySource.from_arrays(networks.examples(64), name="x")
    with pytest.raises(FloatingPointError, match="mixed_bfloat16 or float32 instead of float16"):
        train(gan, source, tmp_path, steps=60, callbacks=[Poison()])
