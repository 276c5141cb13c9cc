"""One training of `small_data.py`: which digits it sees, and its measures."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from parts import digit_judge
from parts.digit_training import judge_path
from parts.result_files import Key, write_samples
from parts.small_data_methods import METHODS
from parts.trainings import Measures
from tfgan_losses import GAN, callbacks, datasets
from tfgan_losses.health.held_out import Scores
from tfgan_losses.metrics import frechet_distance
from tfgan_losses.metrics.memorization import memorization

HELD_OUT = 400
SAMPLES = 2000
_SEED = 0  # Of the order that decides which digits are held out, and which are the first 100.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """What all methods of a table share.

    Attributes:
        steps: Generator updates.
        batch_size: Real images for each update of the discriminator.
        width: Channels of the networks, see `models.dcgan`.
        latent_dim: Latent variables.
        d_normalization: Of the discriminator; "batch" is that of the recipe.
        jit_compile: Whether to compile with XLA.
    """

    steps: int = 4000
    batch_size: int = 32
    width: int = 16
    latent_dim: int = 32
    d_normalization: str = "batch"
    jit_compile: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """Real digits.

    Attributes:
        training: float32 [size, 8, 8, 1] in [-1, 1].
        held_out: [400, 8, 8, 1], of which no size has any.
    """

    training: np.ndarray
    held_out: np.ndarray


@functools.cache
def _shuffled(data_dir: str | None) -> np.ndarray:
    examples, _ = datasets.load("digits", data_dir=data_dir).take(10_000)
    return np.random.default_rng(_SEED).permutation(examples)


def data(size: int | None, data_dir: str | None) -> Data:
    """Returns the digits of a size; smaller ones are part of larger ones.

    Args:
        size: Of the training set; None for all that are not held out.
        data_dir: Where TensorFlow Datasets keeps its files.

    Raises:
        ValueError: If there are not so many.
    """
    examples = _shuffled(data_dir)
    most = len(examples) - HELD_OUT
    size = most if size is None else size
    if not 2 <= size <= most:
        raise ValueError(f"Expected a size from 2 to {most}. Received: size={size}")
    return Data(examples[HELD_OUT : HELD_OUT + size], examples[:HELD_OUT])


def train(key: Key, *, directory: Path, data_dir: str | None) -> Measures:
    """Trains one method on one size with one seed; leaves its samples.

    Args:
        key: One of `small_data.all_keys`.
        directory: Where the judge is and samples are kept.
        data_dir: Where TensorFlow Datasets keeps its files.

    Returns:
        `measure` of the GAN.

    Raises:
        FloatingPointError: If the training diverges.
    """
    setting, seed = Setting(**key["setting"]), key["seed"]
    digits = data(key["size"], data_dir)
    judge = digit_judge.load(judge_path(directory), data_dir)
    keras.utils.set_random_seed(seed)
    method = METHODS[key["gan_type"]]
    gan = GAN.from_recipe(
        method.recipe,
        digits.training.shape[1:],
        steps=setting.steps,
        latent_dim=setting.latent_dim,
        model="dcgan",
        width=setting.width,
        d_normalization=setting.d_normalization,
        seed=seed,
        jit_compile=setting.jit_compile,
    )
    examples = digits.training
    if method.mirror:
        # Each image and its mirror image: the distribution of random flips.
        examples = np.concatenate([examples, examples[:, :, ::-1]])
    stop = callbacks.StopOnNonFinite()
    batches = _batches(examples, setting.batch_size, seed)
    history = gan.fit(batches, steps_per_epoch=setting.steps, verbose=0, callbacks=[stop])
    samples = gan.generate(SAMPLES, seed=seed)
    write_samples(directory, key, samples)
    last = {name: float(values[-1]) for name, values in history.history.items()}
    return {**measure(gan, samples, digits, judge), "logs": last}


def _batches(examples: np.ndarray, batch_size: int, seed: int) -> tf.data.Dataset:
    """Returns full batches without end: each example once before any comes again."""

    def orders() -> Iterator[np.ndarray]:
        random = np.random.default_rng(seed)
        left = np.array([], int)
        while True:
            while len(left) < batch_size:
                left = np.concatenate([left, random.permutation(len(examples))])
            yield left[:batch_size]
            left = left[batch_size:]

    kept = tf.constant(examples, tf.float32)
    indices = tf.data.Dataset.from_generator(
        orders, output_signature=tf.TensorSpec([batch_size], tf.int64)
    )
    return indices.map(lambda rows: tf.gather(kept, rows)).prefetch(2)


def measure(gan: GAN, samples: np.ndarray, digits: Data, judge: digit_judge.Judge) -> Measures:
    """Returns what the table shows, as numbers of JSON."""
    scores = Scores(gan)
    trained_on, held_out = (scores.of(x, None) for x in (digits.training, digits.held_out))
    fake = scores.of(samples, None)
    assert trained_on and held_out and fake, "outputs of a GAN without a condition"
    return {
        **measure_examples(samples, digits, judge),
        "gap": 100 * gap(trained_on.value, held_out.value, fake.value),
        "d_real": trained_on.value,
        "d_held_out": held_out.value,
        "d_fake": fake.value,
    }


def measure_examples(examples: np.ndarray, digits: Data, judge: digit_judge.Judge) -> Measures:
    """Returns the measures that need no discriminator: real images have them, too."""
    real, own, made = (judge.of(x) for x in (digits.held_out, digits.training, examples))
    return {
        "distance": frechet_distance(real, made),
        "memorised": 100 * memorization(own, made).share.value,
    }


def gap(trained_on: float, held_out: float, fake: float) -> float:
    """Returns where held-out images are between those trained on, 0, and generated ones, 1.

    Of mean outputs; NaN where the discriminator does not tell real from generated images.
    """
    whole = trained_on - fake
    return (trained_on - held_out) / whole if whole > 0.0 else float("nan")
