"""Losses, penalties and auxiliary objectives in PyTorch, as the papers write them.

r and f are raw outputs for real and for generated examples.
"""

import math

import torch
from torch.nn.functional import cross_entropy, log_softmax, relu, softplus


class NonSaturating:
    """Goodfellow et al., 2014, section 3: G maximises log D(G(z))."""

    needs_real = False

    def discriminator(self, r, f):
        return softplus(-r) + softplus(f)

    def generator(self, r, f):
        return softplus(-f)


class Minimax(NonSaturating):
    """Goodfellow et al., 2014, equation 1."""

    def generator(self, r, f):
        return -softplus(f)


class LeastSquares(NonSaturating):
    """Mao et al., 2017, equation 9: a = 0, b = c = 1."""

    def discriminator(self, r, f):
        return 0.5 * (r - 1) ** 2 + 0.5 * f**2

    def generator(self, r, f):
        return 0.5 * (f - 1) ** 2


class Wasserstein(NonSaturating):
    """Arjovsky et al., 2017, algorithm 1."""

    def discriminator(self, r, f):
        return f - r

    def generator(self, r, f):
        return -f


class Hinge(Wasserstein):
    """Miyato et al., 2018, equations 16 and 17."""

    def discriminator(self, r, f):
        return relu(1 - r) + relu(1 + f)


class EnergyBased(Wasserstein):
    """Zhao et al., 2017, equations 1 and 2, with the energy -r or -f and a margin of 10."""

    def discriminator(self, r, f):
        return -r + relu(10 - -f)


class BoundaryEquilibrium(Wasserstein):
    """Berthelot et al., 2017, section 3.4, with L = -r or -f, gamma 0.5 and lambda_k 0.001."""

    def __init__(self):
        self.k = 0.0

    def discriminator(self, r, f):
        return -r - self.k * -f

    def end_step(self, real_error: float, fake_error: float) -> dict[str, float]:
        balance = 0.5 * real_error - fake_error
        self.k = min(max(self.k + 0.001 * balance, 0.0), 1.0)
        return {"k": self.k, "convergence": real_error + abs(balance)}


class Relativistic:
    """Jolicoeur-Martineau, 2019, equations 4 and 5, with f(y) = log sigmoid(y)."""

    needs_real = True

    def discriminator(self, r, f):
        return softplus(-(r - f))

    def generator(self, r, f):
        return softplus(-(f - r))


class RelativisticAverage:
    """Jolicoeur-Martineau, 2019, equations 8 and 9, with the losses of real and of generated."""

    needs_real = True

    def __init__(self, loss_of_real, loss_of_fake):
        self.of_real, self.of_fake = loss_of_real, loss_of_fake

    def discriminator(self, r, f):
        return self.of_real(r - f.mean()) + self.of_fake(f - r.mean())

    def generator(self, r, f):
        return self.of_fake(r - f.mean()) + self.of_real(f - r.mean())


RELATIVISTIC_AVERAGES = {
    "ragan": RelativisticAverage(lambda y: softplus(-y), softplus),
    "ralsgan": RelativisticAverage(lambda y: (y - 1) ** 2, lambda y: (y + 1) ** 2),
    "rahinge": RelativisticAverage(lambda y: relu(1 - y), lambda y: relu(1 + y)),
}


# Penalties: (critic, real, fake, draws of the update, number of the update) -> scalar.


def squared_slope(critic, points):
    """|grad D|^2 of each example, to be differentiated once more."""
    points = points.detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return slope.square().sum(1)


def gradient_penalty(critic, real, fake, draws, update):
    """Gulrajani et al., 2017, equation 3."""
    alpha = draws["gradient_penalty"]
    norms = squared_slope(critic, alpha * real + (1 - alpha) * fake).sqrt()
    return 10 * (norms - 1).square().mean()


def lipschitz_penalty(critic, real, fake, draws, update):
    """Petzka et al., 2018, equation 8."""
    alpha = draws["lipschitz_penalty"]
    norms = squared_slope(critic, alpha * real + (1 - alpha) * fake).sqrt()
    return 10 * relu(norms - 1).square().mean()


def pixel_gradient_penalty(critic, real, fake, draws, update):
    """Shaham et al., 2019, the authors' code: the norm over the last axis; points have no other."""
    alpha = draws["pixel_gradient_penalty"]
    norms = squared_slope(critic, alpha * real + (1 - alpha) * fake).sqrt()
    return 0.1 * (norms - 1).square().mean()


def dragan(critic, real, fake, draws, update):
    """Kodali et al., 2017, with the noise of the code that the recipe follows."""
    noise = 0.5 * real.std(correction=0) * draws["dragan noise"]
    points = real + draws["dragan alpha"] * noise
    if real.abs().max() <= 1:  # Images.
        points = points.clamp(-1, 1)
    return 10 * (squared_slope(critic, points).sqrt() - 1).square().mean()


def r1(gamma, every: int = 1):
    """Mescheder et al., 2018, equation 9; `gamma` is a function of the update."""

    def penalty(critic, real, fake, draws, update):
        if update % every:
            return torch.zeros((), dtype=real.dtype)
        return every * gamma(update) / 2 * squared_slope(critic, real).mean()

    return penalty


def r2(gamma):
    """Mescheder et al., 2018, equation 10: the same at generated examples."""

    def penalty(critic, real, fake, draws, update):
        return r1(gamma)(critic, fake, real, draws, update)

    return penalty


# Auxiliary objectives of D: (outputs for real, for generated, given) -> loss and report; those of
# G: (outputs for generated, given).


def orthogonal(beta):
    """Brock et al., 2019, equation 3; kernels lie as [in, out]."""

    def regulariser(kernel):
        products = kernel.T @ kernel
        return beta * (products - torch.diag(products.diagonal())).square().sum()

    return regulariser


def classification_of_both(real, fake, given):
    """Odena et al., 2017, equation 3."""
    classes = given.argmax(1)
    loss = cross_entropy(real["classes"], classes) + cross_entropy(fake["classes"], classes)
    accuracy = (real["classes"].argmax(1) == classes).double().mean()
    return loss, {"d_classification": loss, "class_accuracy": accuracy}


def classification_of_fake(fake, given):
    loss = cross_entropy(fake["classes"], given.argmax(1))
    return loss, {"g_classification": loss}


def information_for_d(real, fake, given):
    loss, report = mutual_information(fake, given)
    return loss, {"d_mutual_information": loss, **report}


def information_for_g(fake, given):
    loss, _ = mutual_information(fake, given)
    return loss, {"g_mutual_information": loss}


def mutual_information(fake, given):
    """Chen et al., 2016, equation 5: the bound of ten classes and of two numbers in [-1, 1]."""
    logits, mean, log_sigma = fake["posterior"].split([10, 2, 2], dim=1)
    classes, numbers = given.split([10, 2], dim=1)
    of_classes = (classes * log_softmax(logits, 1)).sum(1).mean() + math.log(10)
    gaussian = torch.distributions.Normal(mean, log_sigma.exp())
    of_numbers = gaussian.log_prob(numbers).sum(1).mean() + 2 * math.log(2)
    report = {
        "categorical_information": of_classes,
        "categorical_entropy": torch.tensor(math.log(10)),
        "continuous_information": of_numbers,
        "continuous_entropy": torch.tensor(2 * math.log(2)),
    }
    return -of_classes - 0.1 * of_numbers, report


def pull_away(fake, given):
    """Zhao et al., 2017, section 2.4, equation 4."""
    codes = fake["encoding"]
    cosines = torch.nn.functional.cosine_similarity(codes[:, None], codes[None], dim=2)
    others = cosines.square().sum() - cosines.diagonal().square().sum()
    loss = 0.1 * others / (len(codes) * (len(codes) - 1))
    return loss, {"pull_away": loss}


class PathLength:
    """Karras et al., 2020 (StyleGAN2), equation 4, for points and without a mapping network.

    The average is moved after the term, of which it is no part.
    """

    def __init__(self, weight: float, every: int):
        self.weight, self.every, self.average = weight, every, 0.0

    def __call__(self, generate, draws, update):
        if update % self.every:
            return 0.0, {"path_length": torch.zeros(()), "mean_path_length": torch.zeros(())}
        latents = draws["generator latents"].clone().requires_grad_()
        noise = draws["generator path length"]
        moved = (generate(latents) * noise).sum() / math.sqrt(noise.shape[1])
        (slopes,) = torch.autograd.grad(moved, latents, create_graph=True)
        lengths = slopes.norm(dim=1)
        term = self.every * self.weight * (lengths - self.average).square().mean()
        self.average += 0.01 * (lengths.mean().item() - self.average)
        return term, {"path_length": term, "mean_path_length": self.every * lengths.mean()}
