"""Batch normalisation by statistics of many batches of samples, as BigGAN calls them: standing."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from tfgan_losses import random, sampling
from tfgan_losses.conditioning import Condition
from tfgan_losses.exporting import writing
from tfgan_losses.exporting.trained_generator import TrainedGenerator
from tfgan_losses.measuring.drawing import Generator
from tfgan_losses.training import inspection
from tfgan_losses.training.checks import check_positive
from tfgan_losses.training.exponential_moving_average import average_of
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Shape, Tensor

# Samples of a batch.
_AT_ONCE = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Standing:
    """A generator with such statistics, used as the `GAN` that it is from.

    Attributes:
        network: Latents, or a list of them and of encoded labels or codes -> samples.
        latent_dim: Number of latent variables.
        condition: What it is conditioned on, or None.
        example_shape: Shape of one example.
    """

    network: keras.Model
    latent_dim: int
    condition: Condition | None
    example_shape: Shape

    @functools.cached_property
    def draw(self) -> Callable[[Tensor | list[Tensor]], Tensor]:
        """As that of a `GAN`."""

        def call(inputs: Tensor | list[Tensor]) -> Tensor:
            return tf.cast(self.network(inputs, training=False), tf.float32)

        return sampling.graph_of(call, self.latent_dim, self.condition)

    def export_generator(self, path: str | os.PathLike) -> None:
        """Writes it in the format that the ending of a path says, as that of a `GAN`."""
        writing.export(TrainedGenerator(self.network, self.latent_dim, self.condition), path)


def with_standing_statistics(
    gan: Generator, batches: int, *, seed: int = 0, truncation: Truncation | float | None = None
) -> Standing:
    """Returns the generator that a GAN samples with, normalised by statistics of its own samples.

    The moving statistics of a training lag behind the weights, and those of an average of weights
    are of no network that there was. Neither are they of truncated latents. Instead, so many
    batches of 256 samples, with labels drawn evenly, go through a copy of the generator, each
    normalised by its own means and variances; the means of these over the batches are the copy's.
    The GAN stays as it is, and all else of the copy is the same.

    Args:
        gan: A `GAN`, the networks of which are there; of an export they are not.
        batches: So many; BigGAN takes 16.
        seed: Decides the latents of these batches.
        truncation: Of their latents, which should be that of the samples to be drawn.

    Raises:
        ValueError: If `batches` is no integer >= 1, or this is an export or a generator without
            batch normalisation.

    References:
        Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis,
        arXiv:1809.11096; `accumulate_standing_stats` of the authors' BigGAN-PyTorch.
    """
    check_positive(standing_statistics=batches)
    network = average_of(_sampler_of(gan, batches))
    norms = _batch_normalizations(network)
    if not norms:
        raise ValueError(
            "Expected a generator with batch normalisation for statistics of its batches. "
            f"Received: standing_statistics={batches} for one without"
        )
    statistics = [variable for norm in norms for variable in _statistics(norm)]
    totals = [np.zeros(variable.shape) for variable in statistics]
    with _measuring(norms):
        for index in range(batches):
            own = random.derived_seed(seed, f"standing statistics {index}")
            _seed_layers(network, own)
            network(
                sampling.generator_inputs(
                    _AT_ONCE, gan.latent_dim, gan.condition, own, truncation=truncation
                ),
                training=True,
            )
            for total, variable in zip(totals, statistics, strict=True):
                total += variable.numpy()
    for total, variable in zip(totals, statistics, strict=True):
        variable.assign(total / batches)
    return Standing(network, gan.latent_dim, gan.condition, gan.example_shape)


def _sampler_of(gan: Generator, batches: int) -> keras.Model:
    sampler = getattr(gan, "sampler", None)
    if sampler is None:
        raise ValueError(
            "Expected the networks of a run for statistics of their batches, such as those of a "
            f"checkpoint. Received: standing_statistics={batches} for {gan}"
        )
    return sampler


def _batch_normalizations(network: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Those of conditional ones, too."""
    layers = network._flatten_layers()
    return [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]


def _statistics(norm: keras.layers.BatchNormalization) -> list[keras.Variable]:
    return [norm.moving_mean, norm.moving_variance]


@contextlib.contextmanager
def _measuring(norms: list[keras.layers.BatchNormalization]) -> Iterator[None]:
    """Inside it, a training call leaves its own statistics in the normalisations, and no others.

    Layers that are not trained, such as those with spectral normalisation, move nothing.
    """
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.trainable, norm.momentum = True, 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.trainable, norm.momentum = False, momentum


def _seed_layers(network: keras.Model, seed: int) -> None:
    """Starts the draws of layers such as Dropout, as a training does."""
    states = inspection.seed_states(network)
    if states:
        own = random.layer_seeds(len(states), random.step_seed(seed, 0, "layers"))
        for state, value in zip(states, own, strict=True):
            state.assign(value)
