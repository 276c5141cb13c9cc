"""The recipes, from the papers once more, and a training step, in PyTorch."""

import dataclasses
from collections.abc import Callable

import numpy as np
import reference_networks as networks
import reference_objectives as objectives
import torch
from reference_optimizers import Adam, RMSprop, constant, cosine, drop, half_life, warm_decay

CLIPPING_LIMIT = 0.01


@dataclasses.dataclass
class Recipe:
    """One recipe; the defaults are those of DCGAN (Radford et al., 2016)."""

    loss: object
    penalties: dict[str, Callable] = dataclasses.field(default_factory=dict)
    d_auxiliary: Callable | None = None
    g_auxiliary: Callable | None = None
    g_regularizer: Callable | None = None
    reconstruction: float = 0.0
    path_length: Callable | None = None
    discriminate: Callable = networks.plain
    condition: str | None = None
    d_steps: int = 1
    g_steps: int = 1
    clipping: bool = False
    d_optimizer: Callable = lambda: Adam(constant(2e-4), 0.5, constant(0.999))
    g_optimizer: Callable | None = None
    decay: Callable = dataclasses.field(default_factory=lambda: warm_decay(0.999))


def adam(learning_rate: float, beta_1: float, beta_2: float) -> Callable:
    return lambda: Adam(constant(learning_rate), beta_1, constant(beta_2))


def r3gan(steps: int, d_steps: int) -> Recipe:
    """Huang et al., 2024: everything goes along half a cosine of a network's own updates."""

    def optimizer(updates):
        rate, beta_2 = cosine(2e-4, 5e-5, updates), cosine(0.9, 0.99, updates)
        return lambda: Adam(rate, 0.0, beta_2)

    gamma = cosine(0.05, 0.005, steps * d_steps)
    return Recipe(
        objectives.Relativistic(),
        penalties={"r1": objectives.r1(gamma), "r2": objectives.r2(gamma)},
        d_steps=d_steps,
        d_optimizer=optimizer(steps * d_steps),
        g_optimizer=optimizer(steps),
        decay=half_life(0, 0.25, steps),
    )


def biggan() -> Recipe:
    """Brock et al., 2019, equation 3 and appendix C; on other networks here."""
    return Recipe(
        objectives.Hinge(),
        g_regularizer=objectives.orthogonal(1e-4),
        condition="labels",
        discriminate=networks.projection,
        d_steps=2,
        d_optimizer=adam(2e-4, 0.0, 0.999),
        g_optimizer=adam(5e-5, 0.0, 0.999),
        decay=warm_decay(0.9999),
    )


def recipe(name: str, steps: int) -> Recipe:
    """The recipe of that name for a run of so many steps."""
    name = name.removesuffix(" with layer normalization")
    o, gulrajani, miyato = objectives, adam(1e-4, 0.0, 0.9), adam(2e-4, 0.0, 0.9)
    wasserstein = {"loss": o.Wasserstein(), "d_steps": 5, "d_optimizer": gulrajani}
    if name in o.RELATIVISTIC_AVERAGES:
        return Recipe(o.RELATIVISTIC_AVERAGES[name])
    return {
        "gan": lambda: Recipe(o.NonSaturating()),
        "minimax": lambda: Recipe(o.Minimax()),
        "lsgan": lambda: Recipe(o.LeastSquares()),
        "wgan": lambda: Recipe(
            o.Wasserstein(), clipping=True, d_steps=5, d_optimizer=lambda: RMSprop(5e-5)
        ),
        "wgan-gp": lambda: Recipe(
            **wasserstein, penalties={"gradient_penalty": o.gradient_penalty}
        ),
        "wgan-lp": lambda: Recipe(
            **wasserstein, penalties={"lipschitz_penalty": o.lipschitz_penalty}
        ),
        "dragan": lambda: Recipe(o.NonSaturating(), penalties={"dragan": o.dragan}),
        "hinge": lambda: Recipe(o.Hinge()),
        "sngan": lambda: Recipe(o.Hinge(), d_steps=5, d_optimizer=miyato),
        "cgan": lambda: Recipe(
            o.NonSaturating(), condition="labels", discriminate=networks.conditional
        ),
        "projection": lambda: Recipe(
            o.Hinge(),
            condition="labels",
            discriminate=networks.projection,
            d_steps=5,
            d_optimizer=miyato,
        ),
        **dict.fromkeys(("biggan", "biggan-deep"), biggan),
        "sagan": lambda: Recipe(
            o.Hinge(),
            condition="labels",
            discriminate=networks.projection,
            d_optimizer=adam(4e-4, 0.0, 0.9),
            g_optimizer=adam(1e-4, 0.0, 0.9),
        ),
        "acgan": lambda: Recipe(
            o.NonSaturating(),
            condition="labels",
            discriminate=networks.classifier,
            d_auxiliary=o.classification_of_both,
            g_auxiliary=o.classification_of_fake,
        ),
        "infogan": lambda: Recipe(
            o.NonSaturating(),
            condition="codes",
            discriminate=networks.posterior,
            d_auxiliary=o.information_for_d,
            g_auxiliary=o.information_for_g,
            g_optimizer=adam(1e-3, 0.5, 0.999),
        ),
        "ebgan": lambda: Recipe(
            o.EnergyBased(),
            discriminate=networks.squared_error_autoencoder,
            g_auxiliary=o.pull_away,
        ),
        "began": lambda: Recipe(
            o.BoundaryEquilibrium(),
            discriminate=networks.absolute_error_autoencoder,
            d_optimizer=adam(1e-4, 0.9, 0.999),
        ),
        "rsgan": lambda: Recipe(o.Relativistic()),
        "r3gan": lambda: r3gan(steps, d_steps=1),
        "r3gan with two updates of D": lambda: r3gan(steps, d_steps=2),
        "stylegan2": lambda: Recipe(
            o.NonSaturating(),
            penalties={"r1": o.r1(constant(10.0), every=16)},
            path_length=o.PathLength(weight=2.0, every=4),
            d_optimizer=adam(2e-3, 0.0, 0.99),
            decay=warm_decay(0.9978),
        ),
        "stylegan2-ada": lambda: Recipe(
            o.NonSaturating(),
            penalties={"r1": o.r1(constant(0.5), every=2)},
            path_length=o.PathLength(weight=2.0, every=2),
            d_optimizer=adam(2.5e-3, 0.0, 0.99),
            decay=warm_decay(0.9978),
        ),
        "r1gan": lambda: Recipe(
            o.NonSaturating(),
            penalties={"r1": o.r1(constant(10.0), every=16)},
            d_optimizer=adam(2e-4, 0.0, 0.99),
        ),
        "singan": lambda: Recipe(
            o.Wasserstein(),
            penalties={"pixel_gradient_penalty": o.pixel_gradient_penalty},
            reconstruction=10.0,
            d_steps=3,
            g_steps=3,
            # 0.3 of the updates of a network.
            d_optimizer=lambda: Adam(
                drop(5e-4, 0.1, first=round(0.9 * steps + 0.5)), 0.5, constant(0.999)
            ),
        ),
    }[name]()


class Training:
    """Both networks, their optimisers, and the average of the generator."""

    def __init__(self, recipe: Recipe, generator: dict, discriminator: dict, trainable: list[set]):
        self.recipe, self.loss, self.step = recipe, recipe.loss, 0
        self.g, self.d = (
            {name: torch.tensor(value, dtype=torch.float64) for name, value in start.items()}
            for start in (generator, discriminator)
        )
        self.average = {name: value.clone() for name, value in self.g.items()}
        self.g_trained, self.d_trained = (
            {k: p[k].requires_grad_() for k in p if k in names}
            for p, names in zip((self.g, self.d), trainable, strict=True)
        )
        self.d_optimizer = recipe.d_optimizer()
        self.g_optimizer = (recipe.g_optimizer or recipe.d_optimizer)()

    def train_step(self, examples, labels, draws: dict) -> dict[str, float]:
        """One step; what the library reports of it."""
        n, reports = self.recipe.d_steps, []
        for part in range(n):
            update = self.step * n + part
            of_update = {k: x[update] for k, x in draws.items() if not k.startswith("generator")}
            reports.append(
                self.update_discriminator(examples[part::n], labels[part::n], of_update, update)
            )
        report = {key: np.mean([r[key] for r in reports]) for key in reports[0]}
        g_reports, g_fakes = [], []
        for number in range(self.recipe.g_steps):
            update, part = self.step * self.recipe.g_steps + number, number % n
            of_update = {k: x[update] for k, x in draws.items() if k.startswith("generator")}
            g_report, g_fake = self.update_generator(examples[part::n], labels[part::n], of_update)
            g_reports.append(g_report)
            g_fakes.append(g_fake)
        g_report = {key: np.mean([r[key] for r in g_reports]) for key in g_reports[0]}
        g_fake = np.mean(g_fakes)
        decay = self.recipe.decay(self.step)
        for name, mean in self.average.items():
            mean.mul_(decay).add_((1 - decay) * self.g[name].detach())
        networks.converge(self.average)
        if isinstance(self.loss, objectives.BoundaryEquilibrium):
            report |= self.loss.end_step(-report["d_real"], -g_fake)
        self.step += 1
        if type(self.loss) is objectives.Wasserstein:
            report["w_distance"] = report["d_real"] - report["d_fake"]
        return {**report, **g_report}

    def update_discriminator(self, real, labels, draws: dict, update: int) -> dict[str, float]:
        given = self.given(labels, draws.get("critic codes"))
        fake = networks.generate(self.g, draws["critic latents"], given).detach()
        for_real, for_fake = self.discriminate_both(real, fake, given)
        r, f = for_real["logits"], for_fake["logits"]
        terms = {
            name: penalty(
                lambda x: self.discriminate(x, given)["logits"], real, fake, draws, update
            )
            for name, penalty in self.recipe.penalties.items()
        }
        total = self.loss.discriminator(r, f).mean() + sum(terms.values())
        report = {"d_real": r.mean(), "d_fake": f.mean(), **terms}
        if self.recipe.d_auxiliary:
            extra, extra_report = self.recipe.d_auxiliary(for_real, for_fake, given)
            total, report = total + extra, report | extra_report
        self.apply(self.d_optimizer, total, self.d_trained)
        if self.recipe.clipping:
            for variable in self.d_trained.values():
                variable.data.clamp_(-CLIPPING_LIMIT, CLIPPING_LIMIT)
        return {key: value.item() for key, value in {**report, "d_loss": total}.items()}

    def update_generator(self, real, labels, draws: dict) -> tuple[dict[str, float], float]:
        given = self.given(labels, draws.get("generator codes"))
        fake = networks.generate(self.g, draws["generator latents"], given)
        for_fake, r = self.discriminate(fake, given), None
        if self.loss.needs_real:
            r = self.discriminate(real, given)["logits"].detach()
        total = self.loss.generator(r, for_fake["logits"]).mean()
        report = {}
        if self.recipe.g_auxiliary:
            extra, report = self.recipe.g_auxiliary(for_fake, given)
            total = total + extra
        if self.recipe.g_regularizer:
            kernels = [v for name, v in self.g_trained.items() if name.endswith("/kernel")]
            total = total + sum(map(self.recipe.g_regularizer, kernels))
        if self.recipe.reconstruction:
            again = networks.generate(self.g, draws["generator fixed latents"], given)
            report["reconstruction"] = self.recipe.reconstruction * (real - again).square().mean()
            total = total + report["reconstruction"]
        if self.recipe.path_length:
            extra, report = self.recipe.path_length(
                lambda latents: networks.generate(self.g, latents, given), draws, self.step
            )
            total = total + extra
        self.apply(self.g_optimizer, total, self.g_trained)
        report = {key: value.item() for key, value in {**report, "g_loss": total}.items()}
        return report, for_fake["logits"].mean().item()

    def given(self, labels, uniforms):
        """One-hot labels; or codes of uniform numbers: one of ten classes, two in [-1, 1]."""
        if self.recipe.condition == "labels":
            return torch.nn.functional.one_hot(labels, 3).double()
        if self.recipe.condition == "codes":
            classes = torch.nn.functional.one_hot((10 * uniforms[:, 0]).long(), 10)
            return torch.cat([classes.double(), 2 * uniforms[:, 1:] - 1], dim=1)
        return None

    def discriminate(self, x, given):
        return self.recipe.discriminate(self.d, x, given)

    def discriminate_both(self, real, fake, given):
        """In one pass, which is one power iteration, unless batch normalisation would mix them."""
        if any(name.endswith("moving_mean") for name in self.d):
            return self.discriminate(real, given), self.discriminate(fake, given)
        twice = None if given is None else torch.cat([given, given])
        outputs = self.discriminate(torch.cat([real, fake]), twice)
        halves = {key: x.chunk(2) for key, x in outputs.items()}
        return ({key: half[i] for key, half in halves.items()} for i in range(2))

    @staticmethod
    def apply(optimizer, total, variables: dict) -> None:
        gradients = torch.autograd.grad(total, list(variables.values()))
        optimizer.apply(dict(zip(variables, gradients, strict=True)), variables)
