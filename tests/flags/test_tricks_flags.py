"""Flags that steady a training: rates, clipping, top-k, flipped labels, regularisers."""

import keras
import networks
import numpy as np
import pytest
from tfgan_losses.flags import command_line, report_objective, setting
from tfgan_losses.flags.definitions import GROUPS

from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.layers import SpectralNormalization

TINY = ("--gan_type=wgan", "--width=4", "--steps=10")
SOURCE = MemorySource.from_arrays(networks.examples(8).reshape(64, 2), name="points")


def build(*typed):
    flags = command_line.parse(tuple(GROUPS), (*TINY, *typed))
    return flags, setting.build_gan(flags, setting.resolve_recipe(flags), SOURCE)


def rate(optimizer, updates):
    optimizer.iterations.assign(updates)
    return float(optimizer.learning_rate)


def test_all_of_them_reach_the_gan_and_the_report():
    flags, gan = build(
        "--top_k=exponential(start=1, end=0.5)",
        "--label_flipping=0.1",
        "--g_regularizer=orthogonal",
        "--d_regularizer=l2(l2=0.1)",
        "--learning_rate_warmup=4",
        "--global_clipnorm=2",
    )
    assert gan.g_optimizer.global_clipnorm == gan.d_optimizer.global_clipnorm == 2
    told = ", ".join(report_objective.tricks(flags, gan))
    assert told == (
        "top_k exponential(start=1, end=0.5, steps=None), label_flipping 0.1, "
        "G orthogonal(weight=0.0001), D l2(l2=0.1), learning rates rise for 4 steps, "
        "gradients of a network clipped at the norm 2"
    )
    assert ", ".join(report_objective.tricks(*build())) == ""


def test_the_report_shows_the_rate_behind_a_warm_up():
    flags, gan = build("--learning_rate_warmup=4", "--learning_rate_decay=cosine")
    assert report_objective._rate(gan.g_optimizer) == pytest.approx(5e-5)
    told = {name: values for name, *values in report_objective._schedules(gan, flags.steps)}
    assert told["G learning_rate"] == pytest.approx([5e-5, 0.0], rel=1e-5, abs=1e-10)


@pytest.mark.parametrize(
    "typed, message",
    [
        ("--top_k=0", r"Expected top_k in \(0, 1\]"),
        ("--top_k=nan", r"Expected top_k in \(0, 1\]"),
        ("--top_k=half", "Expected top_k to be a number or a schedule"),
        ("--label_flipping=0.6", r"Expected label_flipping in \[0, 0.5\]"),
        ("--label_flipping=cosin(start=0, end=1)", "Unknown schedule"),
        ("--g_regularizer=ortogonal", "Unknown regulariser"),
        ("--learning_rate_warmup=-1", "learning_rate_warmup"),
        ("--global_clipnorm=0", "Expected a finite number > 0"),
        ("--learning_rate_decay=cosin", "learning_rate_decay"),
    ],
)
def test_bad_values_are_refused_before_anything_is_built(typed, message):
    with pytest.raises((ValueError, SystemExit), match=message):
        command_line.parse(tuple(GROUPS), (*TINY, typed))


@pytest.mark.parametrize(
    "decay, left",
    [
        ("none", lambda done: 1.0),
        ("linear", lambda done: 1 - done),
        ("cosine", lambda done: (1 + np.cos(np.pi * done)) / 2),
    ],
)
def test_rates_rise_and_fall_by_the_updates_of_their_network(decay, left):
    typed = ("--learning_rate_warmup=4", f"--learning_rate_decay={decay}", "--g_steps=2")
    _, gan = build(*typed)
    for optimizer, updates in ((gan.g_optimizer, 2), (gan.d_optimizer, 5)):
        for step in (0, 1, 2, 4, 7, 10):
            expected = 5e-5 * min(step / 4, 1) * left(step / 10)
            assert rate(optimizer, step * updates) == pytest.approx(expected, rel=1e-4, abs=1e-12)


def test_a_warm_up_counts_the_updates_of_a_head_start():
    _, gan = build("--learning_rate_warmup=2", "--d_head_start")
    for updates, done in ((0, 0.0), (100, 0.5), (200, 1.0), (999, 1.0)):
        assert rate(gan.d_optimizer, updates) == pytest.approx(done * 5e-5, rel=1e-5)


def test_a_recipe_with_a_schedule_warms_up_and_does_not_decay_twice():
    _, gan = build("--gan_type=r3gan", "--learning_rate_warmup=5", "--g_learning_rate=1e-3")
    # From the rate of the flag to a quarter of it along half a cosine.
    for updates, expected in ((0, 0.0), (5, 0.625e-3), (10, 0.25e-3)):
        assert rate(gan.g_optimizer, updates) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match=r"r3gan has a schedule of its own.*cosine"):
        build("--gan_type=r3gan", "--learning_rate_decay=cosine")


def test_two_time_scales():
    _, gan = build("--g_learning_rate=1e-4", "--d_learning_rate=4e-4")
    rates = rate(gan.g_optimizer, 0), rate(gan.d_optimizer, 0)
    assert rates == pytest.approx((1e-4, 4e-4))


def test_spectral_normalisation_in_the_generator():
    _, gan = build("--g_normalization=spectral", "--d_normalization=none")
    layers = list(gan.generator._flatten_layers())
    kernels = [x for x in layers if isinstance(x, keras.layers.Dense)]
    wrapped = [x.layer for x in layers if isinstance(x, SpectralNormalization)]
    assert kernels and all(any(x is y for y in wrapped) for x in kernels)
