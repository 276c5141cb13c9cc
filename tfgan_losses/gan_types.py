"""The table of named recipes: what each paper trains with, one for each.

A recipe is data. `GAN.from_recipe("wgan-gp", ...)` builds and compiles what it says; with networks
of one's own, `GAN.compile(**get("wgan-gp").compile_arguments(steps))` trains by it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfgan_losses.names import unknown

# The table is read before TensorFlow, whose import takes seconds; what makes something of a
# recipe imports it.
if TYPE_CHECKING:
    import keras

    from tfgan_losses import conditioning, schedules


@dataclasses.dataclass(frozen=True)
class GANType:
    """One recipe.

    Attributes:
        name: What `--gan_type` calls it.
        loss: Spec of the adversarial loss.
        citation: Author, year, title, arXiv number.
        penalties: Specs of the penalties.
        auxiliary: Specs of the auxiliary objectives.
        augmentation: Specs of what changes the examples that the discriminator sees.
        constraint: Spec of the constraint on the discriminator's variables, or None.
        d_steps: Discriminator updates in a step.
        g_steps: Generator updates in a step, after those of the discriminator.
        optimizer: Class and arguments, as for both networks in the paper; an argument may be the
            spec of a schedule.
        g_learning_rate: The generator's learning rate, if it is another than the discriminator's.
        ema_decay: Decay of the average of the generator, a number or the spec of a schedule.
        condition: `"labels"` of the data, the spec of codes, or None.
        discriminator: Kind of discriminator and its options: `"plain"`, `"conditional"` (labels at
            the input), `"projection"`, `"classifier"` (classes as a second output), `"posterior"`
            (codes as a second output) or `"autoencoder"`.
        model: Family of networks of the paper, if the recipe depends on it.
        g_normalization: Normalisation of the generator, as for `d_normalization`, or
            `"conditional_batch"`.
        d_normalization: Normalisation of the discriminator that the paper uses, or that the
            penalty allows: `"none"`, `"batch"`, `"layer"`, `"instance"`, `"spectral"`, or both as
            `"spectral+batch"`.
        g_regularizer: Spec of the regulariser of the generator's kernels, or None.
        d_regularizer: The same of the discriminator's.
        of_one_image: Whether the data is one image.
    """

    name: str
    loss: str
    citation: str
    penalties: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    augmentation: tuple[str, ...] = ()
    constraint: str | None = None
    d_steps: int = 1
    g_steps: int = 1
    optimizer: tuple[str, dict[str, Any]] = (
        "Adam",
        {"learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999},
    )
    g_learning_rate: float | None = None
    ema_decay: float | str = 0.999
    condition: str | None = None
    discriminator: tuple[str, dict[str, Any]] = ("plain", {})
    model: str | None = None
    g_normalization: str = "batch"
    d_normalization: str = "batch"
    g_regularizer: str | None = None
    d_regularizer: str | None = None
    of_one_image: bool = False

    def make_optimizer(
        self,
        learning_rate: schedules.Number | None = None,
        *,
        global_clipnorm: float | None = None,
    ) -> keras.optimizers.Optimizer:
        """A new optimiser of the recipe; its schedules get their length in `GAN.compile`.

        Args:
            learning_rate: A float or schedule instead of the recipe's.
            global_clipnorm: What the norm of all gradients together is clipped at, or None.
        """
        from tfgan_losses import schedules
        from tfgan_losses.training import optimizers

        name, arguments = self.optimizer
        if learning_rate is not None:
            arguments = {**arguments, "learning_rate": learning_rate}
        if global_clipnorm is not None:
            arguments = {**arguments, "global_clipnorm": global_clipnorm}
        return optimizers.make(name, **{key: schedules.get(x) for key, x in arguments.items()})

    def compile_arguments(self, steps: int | None = None) -> dict[str, Any]:
        """Keyword arguments for `GAN.compile`, with two new optimisers at each call.

        Args:
            steps: Steps of the whole run. Needed where the recipe has schedules.
        """
        return {
            "loss": self.loss,
            "penalties": list(self.penalties),
            "auxiliary": list(self.auxiliary),
            "augmentation": list(self.augmentation),
            "constraint": self.constraint,
            "d_steps": self.d_steps,
            "g_steps": self.g_steps,
            "g_optimizer": self.make_optimizer(self.g_learning_rate),
            "d_optimizer": self.make_optimizer(),
            "steps": steps,
        }

    def augmentation_of(self, example_shape: Sequence[int]) -> list[str]:
        """What changes examples of this shape.

        A recipe of the table can train on points, which no paper augments: for them it is none. A
        recipe of your own is taken at its word.
        """
        own = self.name not in names() or get(self.name).augmentation != self.augmentation
        return list(self.augmentation) if own or len(example_shape) == 3 else []

    @property
    def depends_on_steps(self) -> bool:
        """Whether something in the recipe changes along the whole run."""
        from tfgan_losses import augmentations, auxiliary, penalties, schedules

        terms = penalties.get_all(self.penalties) + auxiliary.get_all(self.auxiliary)
        weights = [weight for term in terms for weight in term.weights.values()]
        weights += [
            number
            for augmentation in [
                *augmentations.get_all(self.augmentation),
                *(augmentation for term in terms for augmentation in term.augmentations),
            ]
            for number in augmentation.numbers.values()
        ]
        numbers = [schedules.get(x) for x in (*self.optimizer[1].values(), self.ema_decay)]
        return any(schedules.is_open(x) for x in (*weights, *numbers))

    def make_condition(
        self, num_classes: int | None = None, class_names: Sequence[str] | None = None
    ) -> conditioning.Condition | None:
        """What the GAN is conditioned on.

        Args:
            num_classes: Classes of the data; None if it has no labels, or for those of
                `class_names`.
            class_names: What they are called, in the order of their numbers; None without names.

        Raises:
            ValueError: If the recipe needs labels and there are none, or the names are not as
                many different ones as classes.
        """
        from tfgan_losses import conditioning

        if self.condition != "labels":
            return conditioning.get(self.condition or None)
        if num_classes is None and class_names is not None:
            num_classes = len(class_names)
        if num_classes is None or num_classes < 2:
            received = "without labels" if num_classes is None else f"of {num_classes} class"
            asked = get(self.name).condition == "labels" if self.name in names() else False
            way_out = "'gan' or 'infogan' need none" if asked else "asked for by condition='labels'"
            if asked and self.discriminator[0] in _TOLD_LABELS:
                way_out += ", and neither does this one with condition=''"
            raise ValueError(
                f"The recipe {self.name!r} is conditioned on labels. Expected data of two classes "
                "or more: a folder with one sub-folder per class, an npz file with the labels as "
                "'y', or fit(x, y) and num_classes=... in your own code. Received: data "
                f"{received}; {way_out}"
            )
        return conditioning.Labels(num_classes=num_classes, class_names=class_names)


# Kinds of discriminators that do without labels if they are told none; others give them.
_TOLD_LABELS = ("conditional", "projection")

# Gulrajani et al., 2017, algorithm 1.
_WGAN_GP_ADAM = ("Adam", {"learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9})

# Miyato et al., 2018, residual networks.
_SNGAN_ADAM = ("Adam", {"learning_rate": 2e-4, "beta_1": 0.0, "beta_2": 0.9})

_RECIPES = (
    # Optimiser and BatchNormalization of DCGAN (Radford et al., 2016), which fixed them first.
    GANType(
        name="gan",
        loss="non_saturating",
        citation="Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661",
    ),
    GANType(
        name="minimax",
        loss="minimax",
        citation="Goodfellow et al., 2014, Generative Adversarial Nets, arXiv:1406.2661",
    ),
    GANType(
        name="lsgan",
        loss="least_squares(scale=0.5)",
        citation="Mao et al., 2017, Least Squares Generative Adversarial Networks, "
        "arXiv:1611.04076",
    ),
    # The optimiser is that of the authors' script: PyTorch's RMSprop, which decays by 0.99 and adds
    # 1e-8 to the root of the mean square. Keras adds under the root, whose own defaults (0.9; 1e-7
    # there, which is 3e-4 outside) would hold back most weights of so flat a critic.
    GANType(
        name="wgan",
        loss="wasserstein",
        constraint="weight_clipping(limit=0.01)",
        d_steps=5,
        optimizer=("RMSprop", {"learning_rate": 5e-5, "rho": 0.99, "epsilon": 1e-16}),
        citation="Arjovsky et al., 2017, Wasserstein GAN, arXiv:1701.07875",
    ),
    GANType(
        name="wgan-gp",
        loss="wasserstein",
        penalties=("gradient_penalty(weight=10)",),
        d_steps=5,
        optimizer=_WGAN_GP_ADAM,
        d_normalization="layer",
        citation="Gulrajani et al., 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028",
    ),
    GANType(
        name="wgan-lp",
        loss="wasserstein",
        penalties=("lipschitz_penalty(weight=10)",),
        d_steps=5,
        optimizer=_WGAN_GP_ADAM,
        d_normalization="layer",
        citation="Petzka et al., 2018, On the Regularization of Wasserstein GANs, arXiv:1709.08894",
    ),
    GANType(
        name="dragan",
        loss="non_saturating",
        penalties=("dragan(weight=10)",),
        d_normalization="layer",
        citation="Kodali et al., 2017, On Convergence and Stability of GANs, arXiv:1705.07215",
    ),
    GANType(
        name="hinge",
        loss="hinge",
        citation="Lim & Ye, 2017, Geometric GAN, arXiv:1705.02894",
    ),
    GANType(
        name="sngan",
        loss="hinge",
        d_steps=5,
        optimizer=_SNGAN_ADAM,
        d_normalization="spectral",
        citation="Miyato et al., 2018, Spectral Normalization for Generative Adversarial "
        "Networks, arXiv:1802.05957",
    ),
    # Labels at the input of both networks; the paper's own networks are small perceptrons.
    GANType(
        name="cgan",
        loss="non_saturating",
        condition="labels",
        discriminator=("conditional", {}),
        citation="Mirza & Osindero, 2014, Conditional Generative Adversarial Nets, arXiv:1411.1784",
    ),
    GANType(
        name="projection",
        loss="hinge",
        d_steps=5,
        optimizer=_SNGAN_ADAM,
        condition="labels",
        discriminator=("projection", {}),
        g_normalization="conditional_batch",
        d_normalization="spectral",
        citation="Miyato & Koyama, 2018, cGANs with Projection Discriminator, arXiv:1802.05637",
    ),
    # Two time scales, and the rest of the released code; beta_2 is the paper's, the code leaves it
    # at 0.999. It has labels; --condition='' trains without.
    GANType(
        name="sagan",
        loss="hinge",
        optimizer=("Adam", {"learning_rate": 4e-4, "beta_1": 0.0, "beta_2": 0.9}),
        g_learning_rate=1e-4,
        condition="labels",
        discriminator=("projection", {}),
        model="sagan",
        g_normalization="spectral+conditional_batch",
        d_normalization="spectral",
        citation="Zhang, Goodfellow, Metaxas & Odena, 2019, Self-Attention Generative Adversarial "
        "Networks, arXiv:1805.08318",
    ),
    GANType(
        name="acgan",
        loss="non_saturating",
        auxiliary=("classification",),
        condition="labels",
        discriminator=("classifier", {}),
        citation="Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, "
        "arXiv:1610.09585",
    ),
    # Codes and learning rates of the paper's MNIST.
    GANType(
        name="infogan",
        loss="non_saturating",
        auxiliary=("mutual_information(weight=1, continuous_weight=0.1)",),
        condition="codes(categorical=(10,), continuous=2)",
        discriminator=("posterior", {}),
        g_learning_rate=1e-3,
        citation="Chen et al., 2016, InfoGAN: Interpretable Representation Learning by Information "
        "Maximizing Generative Adversarial Nets, arXiv:1606.03657",
    ),
    # The margin is that of MNIST for an error that is summed over the pixels.
    GANType(
        name="ebgan",
        loss="energy_based(margin=10)",
        auxiliary=("pull_away(weight=0.1)",),
        discriminator=("autoencoder", {"error": "squared", "reduction": "sum"}),
        citation="Zhao et al., 2017, Energy-based Generative Adversarial Network, arXiv:1609.03126",
    ),
    GANType(
        name="began",
        loss="boundary_equilibrium(gamma=0.5, k_rate=0.001)",
        discriminator=("autoencoder", {"error": "absolute", "reduction": "mean"}),
        optimizer=("Adam", {"learning_rate": 1e-4, "beta_1": 0.9, "beta_2": 0.999}),
        g_normalization="none",
        d_normalization="none",
        citation="Berthelot et al., 2017, BEGAN: Boundary Equilibrium Generative Adversarial "
        "Networks, arXiv:1703.10717",
    ),
    *(
        # The setting of the paper's CIFAR-10: spectral normalisation, one update each.
        GANType(
            name=name,
            loss=loss,
            d_normalization="spectral",
            citation="Jolicoeur-Martineau, 2019, The relativistic discriminator: a key element "
            "missing from standard GAN, arXiv:1807.00734",
        )
        for name, loss in (
            ("rsgan", "relativistic"),
            ("ragan", "relativistic_average"),
            ("ralsgan", "relativistic_average(base='least_squares')"),
            ("rahinge", "relativistic_average(base='hinge')"),
        )
    ),
    # The authors' CIFAR-10: everything goes along half a cosine over the run. Their generator is
    # compared with a batch of real images of its own, here with the discriminator's: another one
    # would have to come with every batch of `fit`, which doubles the data read. Real logits are
    # numbers to the generator, without a gradient, and on grid25 it makes no difference: 14.2 and,
    # with a batch of its own, 13.4 % of samples near a mode, standard errors 1.2 and 0.6.
    GANType(
        name="r3gan",
        loss="relativistic",
        penalties=(
            "r1(weight=cosine(start=0.05, end=0.005))",
            "r2(weight=cosine(start=0.05, end=0.005))",
        ),
        # Pipe and schedule of CIFAR-10, as a public fork of the authors' train.py has them.
        augmentation=(
            "fixed(p=cosine(start=0, end=0.55), "
            "pipe={'blit': 1, 'geometry': 1, 'color': 0.5, 'cutout': 1})",
        ),
        optimizer=(
            "ScheduledAdam",
            {
                "learning_rate": "cosine(start=2e-4, end=5e-5)",
                "beta_1": 0.0,
                "beta_2": "cosine(start=0.9, end=0.99)",
            },
        ),
        ema_decay="half_life(start=0, end=0.25)",
        model="r3gan",
        g_normalization="none",
        d_normalization="none",
        citation="Huang et al., 2024, The GAN is dead; long live the GAN! A Modern Baseline GAN, "
        "arXiv:2501.05441",
    ),
    # Learning rates and beta of the paper's 128 pixels. The authors' code adds beta times half the
    # gradient of the paper's formula, which is the regulariser here: weight=5e-5 is the code's.
    *(
        GANType(
            name=name,
            loss="hinge",
            d_steps=2,
            optimizer=("Adam", {"learning_rate": 2e-4, "beta_1": 0.0, "beta_2": 0.999}),
            g_learning_rate=5e-5,
            ema_decay=0.9999,
            condition="labels",
            discriminator=("projection", {}),
            model=model,
            g_normalization="spectral+conditional_batch",
            d_normalization="spectral",
            g_regularizer="orthogonal(weight=1e-4)",
            citation="Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image "
            "Synthesis, arXiv:1809.11096",
        )
        for name, model in (("biggan", "biggan"), ("biggan-deep", "biggan_deep"))
    ),
    # Learning rates of both papers. Half of the average is of the last 10 000 images in batches of
    # 32, as in the first paper, and 20 000 in batches of 64, as in the second. They multiply rates
    # and exponents of Adam by k / (k + 1), since their lazy terms have updates of their own beside
    # those of the loss; here they are a part of every k-th update, and nothing is to be corrected.
    # gamma is that of the second paper's rule; the first one has 10 at 1024 pixels. The rule is for
    # photographs of 32 pixels or more: on digits of 16 pixels it gives 0.0016, and 1 was better (a
    # Frechet distance of pixels of 22.6 against 45.3 after 800 steps of 32, width 16, one seed).
    *(
        GANType(
            name=name,
            loss="non_saturating",
            penalties=("r1(weight='auto', every=16)",),
            auxiliary=("path_length(weight=2, every=4)",),
            augmentation=augmentation,
            optimizer=("Adam", {"learning_rate": rate, "beta_1": 0.0, "beta_2": 0.99}),
            ema_decay=0.9978,
            model="stylegan2",
            g_normalization="none",
            d_normalization="none",
            citation=citation,
        )
        for name, augmentation, rate, citation in (
            (
                "stylegan2",
                (),
                2e-3,
                "Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN, "
                "arXiv:1912.04958",
            ),
            (
                "stylegan2-ada",
                ("adaptive(target=0.6, pipe='bgc')",),
                2.5e-3,
                "Karras et al., 2020, Training Generative Adversarial Networks with Limited Data, "
                "arXiv:2006.06676",
            ),
        )
    ),
    # gamma of the paper; every 16th update, beta_1 and beta_2 as in StyleGAN2 (Karras et al.,
    # 2020, arXiv:1912.04958), whose larger learning rate belongs to its scaled weights.
    GANType(
        name="r1gan",
        loss="non_saturating",
        penalties=("r1(weight=10, every=16)",),
        optimizer=("Adam", {"learning_rate": 2e-4, "beta_1": 0.0, "beta_2": 0.99}),
        d_normalization="none",
        citation="Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?, "
        "arXiv:1801.04406",
    ),
    # One scale, as the authors' code trains it: 2000 iterations of three updates of each network,
    # the learning rate times 0.1 from the 1600th on. `tfgan_losses.pyramid` trains all scales.
    GANType(
        name="singan",
        loss="wasserstein",
        penalties=("pixel_gradient_penalty(weight=0.1)",),
        auxiliary=("reconstruction(weight=10)",),
        d_steps=3,
        g_steps=3,
        optimizer=(
            "Adam",
            {
                "learning_rate": "drop(start=5e-4, factor=0.1, at=0.8)",
                "beta_1": 0.5,
                "beta_2": 0.999,
            },
        ),
        ema_decay=0,
        model="patch",
        d_normalization="instance",
        of_one_image=True,
        citation="Shaham et al., 2019, SinGAN: Learning a Generative Model from a Single Natural "
        "Image, arXiv:1905.01164",
    ),
)

_TABLE = {recipe.name: recipe for recipe in _RECIPES}


def names() -> list[str]:
    """The names of all recipes, in the order of the table."""
    return list(_TABLE)


def get(name: str) -> GANType:
    """The recipe of that name.

    Args:
        name: One of `names()`.

    Raises:
        ValueError: If there is none; the message lists the known names.

    Examples:
        >>> from tfgan_losses import gan_types
        >>> gan_types.get("wgan-gp").penalties
        ('gradient_penalty(weight=10)',)
    """
    if name not in _TABLE:
        raise ValueError(unknown("gan_type", name, names()))
    return _TABLE[name]
