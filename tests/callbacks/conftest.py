"""A model whose metrics a test chooses, and a tiny true GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses.gan import GAN
from tfgan_losses.training.executions import Executions, between_executions


class Scripted(keras.Model):
    """Has the interface of a GAN; each batch is the values of its metrics at that step."""

    names = ("d_real", "d_fake", "d_loss", "g_loss")
    condition = None
    waiting_for_data = 0.0

    def __init__(self):
        super().__init__()
        self.step = self.add_weight(
            name="step", shape=(), dtype="int64", initializer="zeros", trainable=False
        )
        self.weight = self.add_weight(name="weight", shape=(), initializer="zeros")
        self._means = [keras.metrics.Mean(name) for name in self.names]
        self.built = True

    @property
    def metrics(self):
        return self._means

    def train_step(self, data):
        for mean, value in zip(self._means, tf.unstack(data), strict=True):
            mean.update_state(value)
        self.step.assign_add(1)
        return self.logs()

    def logs(self):
        return {mean.name: mean.result() for mean in self._means}

    def make_train_function(self, force=False):
        super().make_train_function(force=True)
        self.train_function = Executions(
            self.train_step,
            self.logs,
            self.train_function,
            most=self.most,
            eager=False,
            with_xla=False,
            without_xla=None,
        )

    def generate(self, count, *, seed=0):
        level = np.full((count, 4, 4, 1), int(self.step) / 10 - 1, np.float32)
        level[:, 0, 0] = seed / 10
        return level

    def play(self, rows, callbacks, *, epochs=1, steps_per_execution=1):
        """Trains one step per row of metric values [steps, 4]."""
        self.compile(optimizer=None)
        self.most = steps_per_execution
        dataset = tf.data.Dataset.from_tensor_slices(np.asarray(rows, np.float32))
        self.fit(
            dataset,
            steps_per_epoch=len(rows) // epochs,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=between_executions(list(callbacks)),
        )


def tiny_gan(width=4, *, learning_rate=1e-2, loss="non_saturating", dimensions=2, seed=3):
    generator = keras.Sequential(
        [keras.Input([2]), keras.layers.Dense(width, "relu"), keras.layers.Dense(dimensions)]
    )
    discriminator = keras.Sequential(
        [keras.Input([dimensions]), keras.layers.Dense(width, "relu"), keras.layers.Dense(1)]
    )
    gan = GAN(generator, discriminator, latent_dim=2, ema_decay=0.9, seed=seed)
    gan.compile(
        loss,
        d_steps=2,
        g_optimizer=keras.optimizers.Adam(learning_rate),
        d_optimizer=keras.optimizers.Adam(learning_rate),
    )
    return gan


@pytest.fixture
def model():
    return Scripted()


@pytest.fixture
def make_gan():
    return tiny_gan


@pytest.fixture
def ramp():
    """ramp(n)[step - 1] is [step, 10 step, 100 step, 1000 step]."""
    return lambda n: np.arange(1, n + 1)[:, None] * np.array([1.0, 10.0, 100.0, 1000.0])
