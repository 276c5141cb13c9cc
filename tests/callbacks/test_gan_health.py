"""GANHealth in trainings: of every kind of GAN, without a trace in it, quiet and on one line."""

import dataclasses
import io
import math
import sys
from typing import ClassVar

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from callbacks.screen import Screen

from tfgan_losses import GAN, Run
from tfgan_losses.callbacks import GANHealth, ProgressBar
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.health import read_findings
from tfgan_losses.keeping import Keeping

X, Y = networks.examples(40), networks.labels(40)


class Recorded(GANHealth):
    """Keeps its looks."""

    def on_train_begin(self, logs=None):
        self.looks = []
        super().on_train_begin(logs)

    def look(self):
        self.looks.append(super().look())
        return self.looks[-1]


class Ill(Recorded):
    """Sees a collapse from some step on."""

    def look(self):
        found = dataclasses.replace(super().look(), fake_diversity=0.1, real_diversity=6.0)
        return dataclasses.replace(found, fake_spread=0.7, real_spread=0.7, missed=None)


def fit(gan, *callbacks, steps=4, y=None, x=X):
    batch = 8 * gan.d_steps
    data = tf.data.Dataset.from_tensor_slices(x if y is None else (x, y)).repeat().batch(batch)
    gan.fit(data, steps_per_epoch=steps, epochs=1, verbose=0, callbacks=list(callbacks))
    return gan


def tiny(**arguments):
    gan = GAN(*networks.pair(), latent_dim=networks.LATENT_DIM, ema_decay=0.9, seed=3)
    gan.compile(**{"loss": "non_saturating", "run_eagerly": True, **arguments})
    return gan


FOUND = ("d_real", "d_fake", "d_loss", "g_gradient", "real_diversity", "fake_diversity")
KINDS = {
    "gan": ("told_apart", "d_best", "g_signal", "neighbours"),
    "wgan-gp": ("told_apart", "slope", "slope_bound"),
    "projection": ("told_apart", "d_chance"),
    "acgan": ("told_apart",),
    "infogan": ("told_apart",),
    "ebgan": (),
    "ragan": ("told_apart", "d_best"),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(x, marks=() if x in ("gan", "ebgan") else pytest.mark.slow) for x in KINDS],
)
def test_looks_at_every_kind_of_gan(name):
    gan = networks.recipe_gan(name, run_eagerly=True)
    health = Recorded((X, Y), every=2)
    fit(gan, health, y=Y)
    assert [look.step for look in health.looks] == [2, 4]
    for key in (*FOUND, *KINDS[name]):
        value = getattr(health.looks[-1], key)
        assert value is not None and math.isfinite(value), key
    assert (health.looks[-1].told_apart is None) == (name == "ebgan")
    assert health.looks[-1].size == 40


class OwnDraws(keras.layers.Layer):
    """Moves a state and draws at each call in training."""

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.seeds = keras.random.SeedGenerator(4)

    def call(self, x, training=None):
        if training:
            self.calls.assign_add(1.0)
            x = x + 0.1 * keras.random.normal(keras.ops.shape(x), seed=self.seeds)
        self.add_loss(0.01 * keras.ops.mean(x * x))
        return x


def test_leaves_no_trace_in_the_networks(same_bits):
    """Batch statistics, singular vectors, seeds, counters and losses of layers stay."""

    def train(*callbacks):
        keras.utils.set_random_seed(1)
        extra = [OwnDraws(), keras.layers.Dropout(0.5), keras.layers.BatchNormalization()]
        discriminator = networks.discriminator(extra=extra)
        gan = GAN(networks.generator(), discriminator, latent_dim=networks.LATENT_DIM, seed=3)
        gan.compile("hinge", d_steps=2, run_eagerly=True)
        return fit(gan, *callbacks, steps=6)

    health = Recorded(X, every=2, held_out=networks.examples(20, seed=9))
    with_health, without = train(health), train()
    assert [look.d_loss is not None for look in health.looks] == [True] * 3
    networks.assert_same_state(with_health, without)
    for a, b in zip(with_health.metrics, without.metrics, strict=True):
        assert float(a.result()) == float(b.result())


@pytest.mark.slow
def test_a_spectrally_normalised_run_is_the_same_to_the_byte(tmp_path, monkeypatch, same_bits):
    monkeypatch.setattr("tfgan_losses.keeping.GANHealth", Often)
    source = MemorySource.from_arrays(X, Y, name="noise", num_classes=3)
    written = []
    for health in (True, False):
        keras.utils.set_random_seed(1)
        gan = networks.recipe_gan("sngan", d_steps=2, ema_decay=0.9, run_eagerly=True)
        path = tmp_path / str(health)
        keeping = Keeping(log_every=2, health=health)
        Often.made.clear()
        Run(path).train(gan, source, steps=6, batch_size=8, keeping=keeping)
        assert [len(each.looks) for each in Often.made] == [3] * health
        written.append((gan, (path / "metrics.csv").read_bytes()))
        assert not (path / "health.csv").exists()
    networks.assert_same_state(written[0][0], written[1][0])
    assert written[0][1] == written[1][1]


class Often(Recorded):
    made: ClassVar = []

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **{**options, "every": 2})
        self.made.append(self)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_looks_under_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    gan = networks.recipe_gan("wgan-gp", d_steps=1, run_eagerly=True)
    health = Recorded(X, every=2)
    fit(gan, health)
    assert all(math.isfinite(getattr(health.looks[-1], key)) for key in (*FOUND, "slope"))


@pytest.mark.slow
def test_looks_beside_a_step_that_xla_compiles():
    gan = tiny(jit_compile=True, run_eagerly=False)
    health = Recorded(X, every=2)
    fit(gan, health)
    assert health.looks[-1].d_loss > 0.0


def test_looks_at_patches_points_and_models_of_ones_own():
    class Own(keras.Model):
        def __init__(self, layers):
            super().__init__()
            self.all = keras.Sequential(layers)

        def call(self, x):
            return self.all(x)

    def look(generator, discriminator, x):
        gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=3)
        gan.compile("hinge", run_eagerly=True)
        health = Recorded(x, every=2)
        fit(gan, health, x=x)
        assert all(getattr(health.looks[-1], key) is not None for key in FOUND)
        return health.looks[-1]

    patches = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3)])
    assert look(networks.generator(), patches, X).missed is None
    own = Own([keras.layers.Flatten(), keras.layers.Dense(1)])
    own(tf.zeros([1, 4, 4, 1]))
    assert look(networks.generator(), own, X).neighbours is not None
    of_points = look(*networks.pair((2,)), networks.examples(300, (2,)))
    assert of_points.neighbours is None and 0.0 <= of_points.missed <= 1.0


class Endless:
    """The least that a source has."""

    name, size, num_classes, example_shape = "endless", None, None, (4, 4, 1)

    def batches(self, batch_size, *, seed=0, start=0, shard=(0, 1)):
        images = networks.examples(batch_size, seed=start)
        return tf.data.Dataset.from_tensors(images).repeat()


def test_takes_a_source_without_an_end(tmp_path):
    health = Recorded(Endless(), every=2, batch_size=20)
    fit(tiny(), health)
    assert health.looks[-1].d_loss is not None
    assert health.looks[-1].size is health.looks[-1].passes is None


def broken_source():
    raise OSError("gone")


class Broken(Endless):
    batches = staticmethod(lambda *_, **__: broken_source())


@pytest.mark.parametrize(
    "examples", [Broken(), networks.examples(8, (5, 5, 1)), np.zeros([0, 4, 4, 1], np.float32)]
)
def test_what_cannot_be_found_out_is_left_out(examples):
    health = Recorded(examples, every=2)
    gan = fit(tiny(), health)
    assert int(gan.step) == 4
    assert [look.d_loss for look in health.looks] == [None, None]
    assert not health.findings


def test_a_gan_under_labels_needs_them():
    health = Recorded(X, every=2)
    fit(networks.recipe_gan("acgan", run_eagerly=True), health, y=Y)
    assert health.looks[-1].d_loss is None


def test_held_out_examples_come_from_validation_data(monkeypatch):
    def memorize(self, examples, labels):
        from tfgan_losses.health.held_out import Mean

        return Mean(4.0, 0.01)  # Of those trained on, whatever they are.

    monkeypatch.setattr("tfgan_losses.health.held_out.Scores.of", memorize)
    health = Recorded(X, every=5)
    gan = tiny()
    gan.fit(X, batch_size=8, epochs=3, verbose=0, validation_data=X[:16], callbacks=[health])
    places = [look.held_out for look in health.looks]
    assert places[0] is None  # No epoch had ended by then.
    assert all(place > 0.5 for place in places[1:])
    # An epoch is a pass if nobody says how large a batch is.
    assert [look.passes for look in health.looks] == pytest.approx([0.125, 1, 2])


def test_held_out_examples_are_given():
    health = Recorded(X, every=2, held_out=networks.examples(20, seed=5))
    fit(tiny(), health)
    # Of one distribution, and before anything is learnt.
    assert health.looks[-1].held_out in (0.0, None)


def test_a_weight_that_a_relu_hides_is_told():
    """The losses stay finite, and `StopOnNonFinite` is not there to end the run."""
    hidden, after = keras.layers.Dense(4), keras.layers.Dense(1, kernel_initializer="ones")

    class Hide(keras.layers.Layer):
        def call(self, x):
            return tf.where(tf.math.is_nan(x), 0.0, tf.nn.relu(x))

    layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), hidden, Hide(), after]
    gan = GAN(networks.generator(), keras.Sequential(layers), latent_dim=networks.LATENT_DIM)
    gan.compile("hinge", d_optimizer=keras.optimizers.SGD(0.0), run_eagerly=True)
    hidden.trainable = False
    kernel = np.asarray(hidden.kernel)
    kernel[0, 0] = np.nan
    hidden.kernel.assign(kernel)
    health = Recorded(X, every=2)
    fit(gan, health)
    (finding,) = health.findings
    assert (finding.step, finding.sign) == (2, "weights")
    assert "is not finite, which the losses may hide" in finding.text
    assert all(math.isfinite(float(metric.result())) for metric in gan.metrics)


def test_is_asked_only_when_it_is_due():
    health = GANHealth(X, every=30)
    health.step = 7
    assert health.steps_until_due() == 23


@pytest.mark.parametrize("name", ["every", "size", "batch_size"])
def test_refuses_what_is_no_number(name):
    with pytest.raises(ValueError, match=rf"Expected {name} .*Received: {name}=0"):
        GANHealth(X, **{name: 0})


def test_a_line_goes_into_the_file_and_not_twice_after_a_resume(tmp_path, caplog):
    path = tmp_path / "health.csv"
    gan = tiny()
    fit(gan, Ill(X, every=1, path=path), steps=12)
    (finding,) = read_findings(path)
    # Eight looks that show no growth, of which three after the grace.
    assert (finding.step, finding.sign) == (10, "collapse")
    assert [record.getMessage() for record in caplog.records] == [finding.text]
    assert "two are 0.1 apart on average, two real ones 6" in finding.text
    # On from there, it is known.
    again = Ill(X, every=1, path=path)
    fit(gan, again, steps=12)
    assert again.findings == [finding] == read_findings(path)
    # From a checkpoint of before, it has not been told yet.
    gan.step.assign(4)
    earlier = Ill(X, every=1, path=path)
    fit(gan, earlier, steps=2)
    assert earlier.findings == [] == read_findings(path)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_line_does_not_break_the_line_of_progress(monkeypatch):
    """On a terminal both streams go to one screen."""
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(
        "tfgan_losses.callbacks.gan_health.logging.warning",
        lambda text, *values: terminal.write(text % values + "\n"),
    )
    fit(tiny(), ProgressBar(12), Ill(X, every=1), steps=12)
    screen = Screen(400)
    screen.feed(terminal.getvalue())
    (told,) = [line for line in screen.lines if "few different" in line]
    assert told.startswith("At step 10 ")
    assert len([line for line in screen.lines if "12/12" in line]) == 1
