"""The table of recipes is what the papers say."""

import keras
import networks
import numpy as np
import pytest
import tensorflow as tf
from tfgan_losses.models import of_recipes

import tfgan_losses
from tfgan_losses import conditioning, gan_types, schedules

every_gan_type = pytest.mark.parametrize("name", gan_types.names())

ADAM = (2e-4, 0.5, 0.999)
# loss; penalties and constraint; d_steps, and g_steps if there are several; learning rate, beta_1,
# beta_2; normalisation of G and D.
PAPERS = {
    "gan": ("non_saturating", (), 1, ADAM, "batch", "batch"),
    "minimax": ("minimax", (), 1, ADAM, "batch", "batch"),
    "lsgan": ("least_squares(scale=0.5)", (), 1, ADAM, "batch", "batch"),
    # Arjovsky et al., 2017, algorithm 1: RMSprop 5e-5, c 0.01, n_critic 5; the authors' script has
    # the defaults of PyTorch: a decay of 0.99, an epsilon of 1e-8, which is 1e-16 under the root.
    "wgan": (
        "wasserstein", ("weight_clipping(limit=0.01)",), 5, (5e-5, 0.99, 1e-16), "batch", "batch",
    ),
    # Gulrajani et al., 2017, algorithm 1: lambda 10, n_critic 5, Adam 1e-4, 0, 0.9.
    "wgan-gp": (
        "wasserstein", ("gradient_penalty(weight=10)",), 5, (1e-4, 0.0, 0.9), "batch", "layer",
    ),
    "wgan-lp": (
        "wasserstein", ("lipschitz_penalty(weight=10)",), 5, (1e-4, 0.0, 0.9), "batch", "layer",
    ),
    "dragan": ("non_saturating", ("dragan(weight=10)",), 1, ADAM, "batch", "layer"),
    "hinge": ("hinge", (), 1, ADAM, "batch", "batch"),
    # Miyato et al., 2018, residual networks: n_dis 5, Adam 2e-4, 0, 0.9.
    "sngan": ("hinge", (), 5, (2e-4, 0.0, 0.9), "batch", "spectral"),
    "cgan": ("non_saturating", (), 1, ADAM, "batch", "batch"),
    # Miyato & Koyama, 2018: hinge, n_dis 5, Adam 2e-4, 0, 0.9.
    "projection": ("hinge", (), 5, (2e-4, 0.0, 0.9), "conditional_batch", "spectral"),
    # Zhang et al., 2019, section 5: hinge, 1:1, Adam 4e-4 for D, 1e-4 for G, 0, 0.9.
    "sagan": ("hinge", (), 1, (4e-4, 0.0, 0.9), "spectral+conditional_batch", "spectral"),
    # Odena et al., 2017, appendix: Adam 2e-4, 0.5, 0.999.
    "acgan": ("non_saturating", ("classification",), 1, ADAM, "batch", "batch"),
    # Chen et al., 2016, MNIST: 2e-4 for D, 1e-3 for G, lambda 1 and 0.1.
    "infogan": (
        "non_saturating", ("mutual_information(weight=1, continuous_weight=0.1)",), 1, ADAM,
        "batch", "batch",
    ),
    "ebgan": ("energy_based(margin=10)", ("pull_away(weight=0.1)",), 1, ADAM, "batch", "batch"),
    # Berthelot et al., 2017: gamma 0.5, lambda_k 1e-3, Adam 1e-4, no normalisation.
    "began": (
        "boundary_equilibrium(gamma=0.5, k_rate=0.001)", (), 1, (1e-4, 0.9, 0.999), "none", "none",
    ),
    "rsgan": ("relativistic", (), 1, ADAM, "batch", "spectral"),
    "ragan": ("relativistic_average", (), 1, ADAM, "batch", "spectral"),
    "ralsgan": ("relativistic_average(base='least_squares')", (), 1, ADAM, "batch", "spectral"),
    "rahinge": ("relativistic_average(base='hinge')", (), 1, ADAM, "batch", "spectral"),
    # Huang et al., 2024, CIFAR-10: gamma 0.05 -> 0.005, Adam 2e-4 -> 5e-5, 0, 0.9 -> 0.99.
    "r3gan": (
        "relativistic",
        ("r1(weight=cosine(start=0.05, end=0.005))", "r2(weight=cosine(start=0.05, end=0.005))"),
        1, ("cosine(start=2e-4, end=5e-5)", 0.0, "cosine(start=0.9, end=0.99)"), "none", "none",
    ),
    # Brock et al., 2019, appendix C: two updates of D, 5e-5 for G, 2e-4 for D.
    **dict.fromkeys(
        ("biggan", "biggan-deep"),
        ("hinge", (), 2, (2e-4, 0.0, 0.999), "spectral+conditional_batch", "spectral"),
    ),
    # Karras et al., 2020: Adam 0.002, 0, 0.99, and 0.0025 in the second paper; gamma by its rule
    # every 16 updates, path length every 4 with a weight of 2 as in the authors' code.
    "stylegan2": (
        "non_saturating", ("r1(weight='auto', every=16)", "path_length(weight=2, every=4)"), 1,
        (2e-3, 0.0, 0.99), "none", "none",
    ),
    "stylegan2-ada": (
        "non_saturating", ("r1(weight='auto', every=16)", "path_length(weight=2, every=4)"), 1,
        (2.5e-3, 0.0, 0.99), "none", "none",
    ),
    "r1gan": (
        "non_saturating", ("r1(weight=10, every=16)",), 1, (2e-4, 0.0, 0.99), "batch", "none",
    ),
    # Shaham et al., 2019, as the authors' code has it: lambda_grad 0.1, alpha 10, Dsteps and Gsteps
    # 3, Adam 5e-4, 0.5, 0.999, MultiStepLR by 0.1 at 1600 of 2000 iterations; batch normalisation
    # of one image in both, which is instance normalisation in D.
    "singan": (
        "wasserstein", ("pixel_gradient_penalty(weight=0.1)", "reconstruction(weight=10)"), (3, 3),
        ("drop(start=5e-4, factor=0.1, at=0.8)", 0.5, 0.999), "batch", "instance",
    ),
}  # fmt: skip
# What the networks are conditioned on, and the kind of discriminator, where that is the recipe's.
KINDS = {
    "cgan": ("labels", "conditional"),
    "projection": ("labels", "projection"),
    "biggan": ("labels", "projection"),
    "biggan-deep": ("labels", "projection"),
    "sagan": ("labels", "projection"),
    "acgan": ("labels", "classifier"),
    "infogan": ("codes(categorical=(10,), continuous=2)", "posterior"),
    "ebgan": (None, "autoencoder"),
    "began": (None, "autoencoder"),
}


def test_the_table_is_complete():
    assert list(PAPERS) == gan_types.names()


@every_gan_type
def test_rows_are_the_papers(name):
    row = gan_types.get(name)
    rates = tuple(row.optimizer[1].values())
    extras = (*row.penalties, *row.auxiliary, *([row.constraint] if row.constraint else []))
    steps = row.d_steps if row.g_steps == 1 else (row.d_steps, row.g_steps)
    assert PAPERS[name] == (
        row.loss, extras, steps, rates, row.g_normalization, row.d_normalization,
    )  # fmt: skip
    assert KINDS.get(name, (None, "plain")) == (row.condition, row.discriminator[0])
    assert "arXiv:" in row.citation


def test_the_optimizer_of_wgan_is_that_of_pytorch():
    """torch.optim.RMSprop(lr=5e-5): alpha 0.99, and eps 1e-8 added to the root."""
    gradients = np.random.default_rng(0).uniform(0.5, 1.5, size=[20, 50]) * np.logspace(0, -16, 50)
    variable = keras.Variable(np.zeros(50, "float32"))
    optimizer = gan_types.get("wgan").make_optimizer()
    optimizer.build([variable])
    expected, mean_square = np.zeros(50), np.zeros(50)
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient, tf.float32)])
        mean_square = 0.99 * mean_square + 0.01 * gradient**2
        expected -= 5e-5 * gradient / (np.sqrt(mean_square) + 1e-8)
    # Above 1e-8 a root of a sum is the sum of roots; far below, both say the same again.
    away = np.abs(np.log10(np.sqrt(mean_square) / 1e-8)) > 2.5
    assert 30 < away.sum() < 50
    np.testing.assert_allclose(variable.numpy()[away], expected[away], rtol=0.01)


@every_gan_type
def test_compile_arguments_are_new_each_time(name):
    row = gan_types.get(name)
    first, second = row.compile_arguments(steps=10), row.compile_arguments(steps=10)
    optimizers = [x[key] for x in (first, second) for key in ("g_optimizer", "d_optimizer")]
    assert len({id(optimizer) for optimizer in optimizers}) == 4
    networks.recipe_gan(name).compile(**first)


def test_learning_rate_can_be_a_schedule():
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    optimizer = gan_types.get("gan").make_optimizer(schedule)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)


@pytest.mark.parametrize("d_steps", [1, 3])
def test_schedules_go_over_the_whole_run(d_steps):
    """Those of a network over its own updates: of the discriminator there are d_steps times 100."""
    gan = networks.recipe_gan("r3gan", d_steps=d_steps)
    for term in gan.objective.penalties:
        assert schedules.is_open(term.weight)
        weights = [
            float(
                term.at_update(
                    term.weight,
                    networks.seen(
                        update=d_steps * step, updates=gan.objective.updates["discriminator"]
                    ),
                )
            )
            for step in (0, 50, 100, 1000)
        ]
        assert weights == pytest.approx([0.05, 0.0275, 0.005, 0.005])
    for optimizer, each in ((gan.g_optimizer, 1), (gan.d_optimizer, d_steps)):
        for step, rate, beta_2 in ((0, 2e-4, 0.9), (50, 1.25e-4, 0.945), (100, 5e-5, 0.99)):
            assert float(optimizer._learning_rate(each * step)) == pytest.approx(rate)
            assert float(optimizer._beta_2(each * step)) == pytest.approx(beta_2)
    assert gan_types.get("r3gan").depends_on_steps
    assert not gan_types.get("r1gan").depends_on_steps


@pytest.mark.parametrize("optimizers", [{}, {"g_optimizer": "adam", "d_optimizer": "adam"}])
def test_schedules_without_a_length_are_refused(optimizers):
    gan = networks.recipe_gan("r3gan")
    arguments = gan_types.get("r3gan").compile_arguments()
    with pytest.raises(ValueError, match=r"(learning_rate of g_optimizer|weight of r1) .* steps"):
        gan.compile(**{**arguments, **optimizers})


def test_the_average_of_a_recipe_goes_over_the_whole_run():
    recipe = gan_types.get("r3gan")
    gan = tfgan_losses.GAN.from_recipe(recipe, (2,), steps=100, width=4)
    # h = 0.25 * 100 steps at the end: 0.5^(1/25).
    assert float(gan._run_ema_decay(100)) == pytest.approx(0.5 ** (1 / 25))
    with pytest.raises(ValueError, match="ema_decay to be a number or a schedule with its number"):
        gan.compile("hinge")


def test_infogan_has_two_learning_rates():
    arguments = gan_types.get("infogan").compile_arguments()
    assert float(arguments["g_optimizer"].learning_rate) == pytest.approx(1e-3)
    assert float(arguments["d_optimizer"].learning_rate) == pytest.approx(2e-4)


@pytest.mark.parametrize("name", ["biggan", "biggan-deep"])
def test_biggan_has_two_learning_rates_and_a_regulariser_of_the_generator(name):
    recipe = gan_types.get(name)
    arguments = recipe.compile_arguments()
    assert float(arguments["g_optimizer"].learning_rate) == pytest.approx(5e-5)
    assert float(arguments["d_optimizer"].learning_rate) == pytest.approx(2e-4)
    assert (recipe.g_regularizer, recipe.d_regularizer) == ("orthogonal(weight=1e-4)", None)
    assert (recipe.ema_decay, recipe.model) == (0.9999, name.replace("-", "_"))


def test_labels_are_missing():
    with pytest.raises(ValueError, match=r"'acgan' is conditioned on labels.*data without"):
        gan_types.get("acgan").make_condition(None)


@pytest.mark.parametrize(
    ("name", "condition"), [("infogan", "labels(num_classes=3)"), ("acgan", "codes()"),
                            ("cgan", None)]
)  # fmt: skip
def test_discriminators_and_conditions_that_do_not_fit(name, condition):
    with pytest.raises(ValueError, match=rf"The recipe '{name}' .*Received: condition="):
        of_recipes.build_networks(
            gan_types.get(name), (2,), condition=conditioning.get(condition), latent_dim=2
        )


def test_unknown_name():
    with pytest.raises(ValueError, match=r"Unknown gan_type.*'gan'.*'wgan-gp'.*'wgangp'"):
        gan_types.get("wgangp")
