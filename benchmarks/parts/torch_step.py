"""The training step that one writes for wgan-gp, hinge, sngan and r3gan in eager PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.nn import functional

_PENALTY_WEIGHT = 10.0
# gan_type -> discriminator updates per step
GAN_TYPES = {"gan": 1, "wgan-gp": 5, "hinge": 1, "sngan": 5, "r3gan": 1}


class TorchNoise:
    """What a step draws from: PyTorch's generator.

    Args:
        device: Where the numbers are drawn.
    """

    def __init__(self, device: torch.device | str = "cpu"):
        self.device = device

    def latents(self, count: int, size: int, update: int | None) -> torch.Tensor:
        """Returns standard normal numbers; `update` is None in that of the generator."""
        return torch.randn(count, size, device=self.device)

    def uniform(self, count: int, update: int) -> torch.Tensor:
        """Returns numbers in [0, 1) for the points of a penalty."""
        return torch.rand(count, 1, 1, 1, device=self.device)


class TorchStep:
    """`step(images)`: the updates of the discriminator and one of the generator.

    Args:
        gan_type: One of `GAN_TYPES`.
        generator: Maps latents [batch, latent_dim] to images [batch, channels, height, width].
        discriminator: Maps images to logits.
        optimizer: Makes an optimiser of parameters.
        latent_dim: Latent variables.
        gamma: Weight of both penalties of r3gan.
        one_pass: Whether real and generated images go through the discriminator as one batch.
        memory_format: Of images and networks.
        device: Where networks and images are.
        compiled: Whether the networks go through `torch.compile`, which cannot differentiate twice.
        noise: Where draws come from.
    """

    def __init__(
        self,
        gan_type: str,
        generator: nn.Module,
        discriminator: nn.Module,
        optimizer: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer],
        *,
        latent_dim: int,
        gamma: float = 0.0,
        one_pass: bool = True,
        memory_format: torch.memory_format = torch.channels_last,
        device: torch.device | str = "cpu",
        compiled: bool = False,
        noise: TorchNoise | None = None,
    ):
        self.gan_type, self.latent_dim, self.gamma = gan_type, latent_dim, gamma
        self.one_pass = one_pass
        self.generator = generator.to(device, memory_format=memory_format)
        self.discriminator = discriminator.to(device, memory_format=memory_format)
        self.memory_format = memory_format
        self.g_optimizer = optimizer(self.generator.parameters())
        self.d_optimizer = optimizer(self.discriminator.parameters())
        self.noise = noise or TorchNoise(device)
        if compiled:
            self.generator = torch.compile(self.generator, dynamic=False)
            self.discriminator = torch.compile(self.discriminator, dynamic=False)

    def __call__(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns losses of the last discriminator update and of the generator's."""
        for update, real in enumerate(images.chunk(GAN_TYPES[self.gan_type])):
            d_loss = self._discriminator_step(real, update)
        return d_loss, self._generator_step(real)

    def _generate(self, count: int, update: int | None) -> torch.Tensor:
        return self.generator(self.noise.latents(count, self.latent_dim, update))

    def _discriminator_step(self, real: torch.Tensor, update: int) -> torch.Tensor:
        with torch.no_grad():
            fake = self._generate(len(real), update).contiguous(memory_format=self.memory_format)
        both = torch.cat([real, fake])
        if self.gan_type == "r3gan":
            both.requires_grad_()
        parts = [both] if self.one_pass else both.chunk(2)
        logits = torch.cat([self.discriminator(part) for part in parts])
        loss = self._d_loss(*logits.chunk(2))
        if self.gan_type == "r3gan":
            # R1 and R2 from the pass that is there anyhow, as in the authors' code.
            loss = loss + self.gamma * self._squared_slopes(logits, both).mean()
        elif self.gan_type == "wgan-gp":
            loss = loss + _PENALTY_WEIGHT * self._gradient_penalty(real, fake, update)
        self.d_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.d_optimizer.step()
        return loss.detach()

    def _gradient_penalty(
        self, real: torch.Tensor, fake: torch.Tensor, update: int
    ) -> torch.Tensor:
        alpha = self.noise.uniform(len(real), update)
        points = (alpha * real + (1.0 - alpha) * fake).requires_grad_()
        norms = (self._squared_slopes(self.discriminator(points), points) + 1e-12).sqrt()
        return (norms - 1.0).square().mean()

    def _squared_slopes(self, logits: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        (gradients,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
        return gradients.square().sum(dim=[1, 2, 3])

    def _generator_step(self, real: torch.Tensor) -> torch.Tensor:
        self.discriminator.requires_grad_(False)
        fake = self._generate(len(real), None)
        if self.gan_type == "r3gan":
            with torch.no_grad():
                real_logits = self.discriminator(real)
            loss = functional.softplus(real_logits - self.discriminator(fake)).mean()
        else:
            loss = self._g_loss(self.discriminator(fake))
        self.g_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.g_optimizer.step()
        self.discriminator.requires_grad_(True)
        return loss.detach()

    def _d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        match self.gan_type:
            case "gan":
                return (functional.softplus(-real) + functional.softplus(fake)).mean()
            case "wgan-gp":
                return (fake - real).mean()
            case "r3gan":
                return functional.softplus(fake - real).mean()
        return (functional.relu(1.0 - real) + functional.relu(1.0 + fake)).mean()

    def _g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        return functional.softplus(-fake).mean() if self.gan_type == "gan" else -fake.mean()
