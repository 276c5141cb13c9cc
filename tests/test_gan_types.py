"""The table of recipes is what the papers say."""

import keras
import networks
import pytest

import tfgan_losses
from tfgan_losses import gan_types

every_gan_type = pytest.mark.parametrize("name", gan_types.names())

# loss, penalties, constraint, d_steps, (learning rate, beta_1, beta_2), normalisation of D.
PAPERS = {
    "gan": ("non_saturating", (), None, 1, (2e-4, 0.5, 0.999), "batch"),
    "minimax": ("minimax", (), None, 1, (2e-4, 0.5, 0.999), "batch"),
    "lsgan": ("least_squares(scale=0.5)", (), None, 1, (2e-4, 0.5, 0.999), "batch"),
    # Arjovsky et al., 2017, algorithm 1: RMSprop 5e-5, c 0.01, n_critic 5.
    "wgan": ("wasserstein", (), "weight_clipping(limit=0.01)", 5, (5e-5,), "batch"),
    # Gulrajani et al., 2017, algorithm 1: lambda 10, n_critic 5, Adam 1e-4, 0, 0.9.
    "wgan-gp": (
        "wasserstein", ("gradient_penalty(weight=10)",), None, 5, (1e-4, 0.0, 0.9), "layer",
    ),
    "wgan-lp": (
        "wasserstein", ("lipschitz_penalty(weight=10)",), None, 5, (1e-4, 0.0, 0.9), "layer",
    ),
    "dragan": ("non_saturating", ("dragan(weight=10)",), None, 1, (2e-4, 0.5, 0.999), "layer"),
    "hinge": ("hinge", (), None, 1, (2e-4, 0.5, 0.999), "batch"),
    # Miyato et al., 2018, residual networks: n_dis 5, Adam 2e-4, 0, 0.9.
    "sngan": ("hinge", (), None, 5, (2e-4, 0.0, 0.9), "spectral"),
}  # fmt: skip


def test_the_table_is_complete():
    assert list(PAPERS) == gan_types.names()


@every_gan_type
def test_rows_are_the_papers(name):
    row = gan_types.get(name)
    rates = tuple(row.optimizer[1].values())
    assert PAPERS[name] == (
        row.loss, row.penalties, row.constraint, row.d_steps, rates, row.d_normalization,
    )  # fmt: skip
    assert "arXiv:" in row.citation


@every_gan_type
def test_compile_arguments_are_new_each_time(name):
    row = gan_types.get(name)
    first, second = row.compile_arguments(), row.compile_arguments()
    optimizers = [x[key] for x in (first, second) for key in ("g_optimizer", "d_optimizer")]
    assert len({id(optimizer) for optimizer in optimizers}) == 4
    gan = tfgan_losses.GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
    gan.compile(**first)


def test_learning_rate_can_be_a_schedule():
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    optimizer = gan_types.get("gan").make_optimizer(schedule)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)


def test_unknown_name():
    with pytest.raises(ValueError, match=r"Unknown gan_type.*'gan'.*'wgan-gp'.*'wgangp'"):
        gan_types.get("wgangp")
