"""What a command imports, what it makes of it, and how often what is trained is traced."""

import collections
import gc
import sys

import commands
import networks
import pytest
import tensorflow as tf

from tfgan_losses import libraries
from tfgan_losses.gan import GAN
from tfgan_losses.keeping import Keeping
from tfgan_losses.run import Run

KERAS = """
import gc
try:
    import sklearn
except ImportError:
    sklearn = None
collects = gc.isenabled()
"""
SCRIPT = """
READS_FLAGS_FIRST = True
import atexit, gc
from tfgan_losses import libraries

frozen = []
atexit.register(lambda: print(gc.get_freeze_count() - frozen[0] >= 1000))
libraries.load()
import keras, sklearn
print(keras.sklearn, keras.collects, gc.isenabled(), sklearn.__name__)
frozen.append(gc.get_freeze_count())
lists = [[] for _ in range(1000)]
"""


def test_keras_is_imported_without_what_no_command_uses(tmp_path):
    for name, text in {"keras": KERAS, "sklearn": "", "tensorflow": "", "script": SCRIPT}.items():
        (tmp_path / f"{name}.py").write_text(text)
    result = commands.finish(
        commands.start_script(tmp_path / "script.py", directory=tmp_path, PYTHONNOUSERSITE="1")
    )
    assert result.code == 0, result.err
    # Others import it as ever; the last line is of the end of Python, after which nothing is
    # looked at any more.
    assert result.out.splitlines() == ["None False True sklearn", "True"]


def test_where_keras_is_imported_nothing_is_done():
    frozen = gc.get_freeze_count()
    libraries.load()
    assert gc.get_freeze_count() == frozen and gc.isenabled()
    assert not [name for name in libraries.UNUSED if sys.modules.get(name, sys) is None]


def of_autograph():
    """Traces what only AutoGraph can make a graph of."""

    def size(x):
        return x if x > 0 else -x

    return tf.data.Dataset.range(3).map(size)


def test_a_command_traces_what_is_written(tmp_path, monkeypatch):
    def train(*_):
        with pytest.raises(TypeError, match=r"symbolic `tf\.Tensor` as a Python `bool`"):
            of_autograph()
        return 3

    of_autograph()
    monkeypatch.setattr("tfgan_losses.commands.train._train", train)
    assert commands.call(f"--output_dir={tmp_path / 'run'}") == 3


class Images:
    """Batches without end."""

    name, size, example_shape = "images", None, (4, 4, 1)

    def batches(self, batch_size, *, seed, start):
        images = networks.examples(batch_size, self.example_shape)
        return tf.data.Dataset.from_tensors(images).repeat()


def test_what_is_trained_is_traced_once(tmp_path, monkeypatch):
    """With rows, pictures, checkpoints and evaluations in between, and an export after it."""
    traced = collections.Counter()

    def counted(name):
        method = getattr(GAN, name)

        def count(*args, **kwargs):
            traced[name] += 1
            return method(*args, **kwargs)

        return count

    for name in ("train_step", "test_step", "call"):
        monkeypatch.setattr(GAN, name, counted(name))
    gan = networks.recipe_gan("hinge", d_steps=2, ema_decay=0.9)
    keeping = Keeping(log_every=2, sample_every=2, checkpoint_every=3)
    run = Run(tmp_path / "run")
    assert run.train(gan, Images(), steps=7, batch_size=4, keeping=keeping)
    for _ in range(2):
        gan.evaluate(networks.examples(8), batch_size=4, verbose=0)
    assert len(list(run.directory.samples.glob("*.png"))) == 5
    assert traced == {"train_step": 1, "test_step": 1, "call": 1}
