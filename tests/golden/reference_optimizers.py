"""Optimisers, schedules and the moving average, in PyTorch: formulas of papers and of Keras."""

import math

import torch


def constant(value: float):
    return lambda step: value


def cosine(start: float, end: float, steps: int):
    """Half a cosine from one value to the other."""
    return lambda step: end + 0.5 * (start - end) * (1 + math.cos(math.pi * min(step / steps, 1.0)))


def drop(start: float, factor: float, first: int):
    """torch.optim.lr_scheduler.MultiStepLR with one milestone."""
    return lambda step: start * (factor if step >= first else 1.0)


class Adam:
    """Kingma & Ba, 2015, in the form before their section 2.1, as Keras has it.

    With alpha_t = alpha sqrt(1 - beta_2^t) / (1 - beta_1^t) the epsilon, 1e-7, is beside the
    square root of the uncorrected v. `learning_rate` and `beta_2` are functions of the updates
    done.
    """

    def __init__(self, learning_rate, beta_1: float, beta_2):
        self.learning_rate, self.beta_1, self.beta_2 = learning_rate, beta_1, beta_2
        self.updates, self.moments = 0, {"momentum": {}, "velocity": {}}

    def apply(self, gradients: dict, variables: dict) -> None:
        b1, b2 = self.beta_1, self.beta_2(self.updates)
        t = self.updates + 1
        rate = self.learning_rate(self.updates) * math.sqrt(1 - b2**t) / (1 - b1**t)
        for name, g in gradients.items():
            m = self.moments["momentum"].setdefault(name, torch.zeros_like(g))
            v = self.moments["velocity"].setdefault(name, torch.zeros_like(g))
            m.mul_(b1).add_((1 - b1) * g)
            v.mul_(b2).add_((1 - b2) * g**2)
            variables[name].data -= rate * m / (v.sqrt() + 1e-7)
        self.updates = t


class RMSprop:
    """Tieleman & Hinton, 2012, as Keras has it, the epsilon inside the root; PyTorch's decay."""

    def __init__(self, learning_rate: float):
        self.learning_rate, self.moments = learning_rate, {"velocity": {}}

    def apply(self, gradients: dict, variables: dict) -> None:
        for name, g in gradients.items():
            v = self.moments["velocity"].setdefault(name, torch.zeros_like(g))
            v.mul_(0.99).add_(0.01 * g**2)
            variables[name].data -= self.learning_rate * g / (v + 1e-7).sqrt()


def warm_decay(decay: float):
    """Decay of a moving average that first forgets where it started."""
    return lambda step: min(decay, (1 + step) / (10 + step))


def half_life(start: float, end: float, steps: int):
    """Decay after which an old value counts half in a growing part of the run.

    Karras et al., 2018; the shortest half-life is a tenth of a step.
    """
    part = cosine(start, end, steps)
    return lambda step: 0.5 ** (1 / max(part(step) * steps, 0.1))
