"""`GAN.fit` beside the eager PyTorch step of `torch_step.py`: same networks, objective, batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf
import torch

from parts import device
from parts.both_sides import LATENT_DIM, NoiseOfGAN, Setting, make_dataset, make_gan
from parts.torch_networks import R3GANDiscriminator, R3GANGenerator, dcgan
from parts.torch_step import GAN_TYPES, TorchNoise, TorchStep
from tfgan_losses import GAN

NAMES = list(GAN_TYPES)
FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}
# The GPU that TensorFlow uses, too.
DEVICE = "cuda" if device.has_gpu() and torch.cuda.is_available() else "cpu"

_GAMMA = 0.05
_CHECK_RATE = 1e-3


def use_the_device_well() -> None:
    """Sets what a person sets who wants PyTorch to be fast on a GPU."""
    torch.set_float32_matmul_precision("high")  # TF32, as TensorFlow does.
    torch.backends.cudnn.benchmark = True


def wait_for(losses: Iterable[torch.Tensor]) -> None:
    """Returns when a step is made to its end."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()


class Memory:
    """What PyTorch takes of the memory of a GPU, in MiB, above what it held before."""

    def __init__(self) -> None:
        self._before = torch.cuda.memory_allocated()

    def reset(self) -> None:
        """Forgets the peak so far."""
        torch.cuda.reset_peak_memory_stats()

    def peak(self) -> float:
        """Returns the most since the last `reset`."""
        return (torch.cuda.max_memory_allocated() - self._before) / 2**20


def images(batch: tf.Tensor, memory_format: torch.memory_format) -> torch.Tensor:
    """Returns a batch of Keras as PyTorch has it, where it computes."""
    copy = torch.from_numpy(batch.numpy()).to(DEVICE).permute(0, 3, 1, 2)
    return copy.contiguous(memory_format=memory_format)


def _networks(name: str, gan: GAN) -> tuple[torch.nn.Module, torch.nn.Module]:
    if name == "r3gan":
        return R3GANGenerator(gan.generator), R3GANDiscriminator(gan.discriminator)
    return dcgan(gan.generator), dcgan(gan.discriminator)


def _adam(parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=1e-4, betas=(0.5, 0.9), fused=True)


def make_step(
    name: str,
    gan: GAN,
    memory_format: torch.memory_format,
    *,
    optimizer: Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer] = _adam,
    compiled: bool = False,
    noise: TorchNoise | None = None,
) -> TorchStep:
    """Returns the step of a recipe with copies of the networks of a GAN.

    Args:
        name: One of `NAMES`.
        gan: Whose weights they begin with.
        memory_format: Of images and networks.
        optimizer: As for `TorchStep`.
        compiled: As for `TorchStep`.
        noise: As for `TorchStep`.
    """
    return TorchStep(
        name,
        *_networks(name, gan),
        optimizer=optimizer,
        latent_dim=LATENT_DIM,
        gamma=_GAMMA,
        one_pass=gan.pair.joint_pass,
        memory_format=memory_format,
        device=DEVICE,
        compiled=compiled,
        noise=noise,
    )


class _NoiseInTorch(TorchNoise):
    def __init__(self, noise: NoiseOfGAN):
        super().__init__(DEVICE)
        self.noise = noise

    def latents(self, count: int, size: int, update: int | None) -> torch.Tensor:
        return torch.from_numpy(self.noise.latents([count, size], update).numpy()).to(DEVICE)

    def uniform(self, count: int, update: int) -> torch.Tensor:
        alpha = self.noise.uniform([count, 1, 1, 1], update, 0.0, 0)
        return torch.from_numpy(alpha.numpy()).to(DEVICE)


def check(name: str, setting: Setting) -> bool:
    """Returns whether both, with the same draws and plain SGD, have the same losses and weights.

    After one step: of a million activations one is so near its kink that it falls on the other side
    in PyTorch, which changes a gradient by a thousandth.
    """
    keras.backend.clear_session()
    # A small rate: the two libraries begin a power iteration at different ends.
    rules = {key: keras.optimizers.SGD(_CHECK_RATE) for key in ("g_optimizer", "d_optimizer")}
    gan = make_gan(name, setting, **rules)
    noise = NoiseOfGAN(gan)
    step = make_step(
        name,
        gan,
        torch.channels_last,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=_CHECK_RATE),
        noise=_NoiseInTorch(noise),
    )
    start = [_weights(network) for network in _networks(name, gan)]
    batch = next(iter(make_dataset(gan.d_steps, setting)))
    parts = [batch[part :: gan.d_steps] for part in range(gan.d_steps)]
    g_loss = float(step(images(keras.ops.concatenate(parts), torch.channels_last))[1])
    logs = gan.train_on_batch(batch, return_dict=True)
    apart = []
    for before, ours, theirs in zip(
        start, _networks(name, gan), (step.generator, step.discriminator), strict=True
    ):
        moved = np.linalg.norm(_weights(ours) - before)
        apart.append(np.linalg.norm(_weights(ours) - _weights(theirs)) / moved)
    same = max(apart) < 1e-2 and np.isclose(logs["g_loss"], g_loss, rtol=5e-3)
    print(
        f"{name}: {'same' if same else 'DIFFERENT'}; g_loss {float(logs['g_loss']):.6f} and "
        f"{g_loss:.6f}; weights of G {apart[0]:.1e}, of D {apart[1]:.1e} of their way apart",
        flush=True,
    )
    return bool(same)


def _weights(network: torch.nn.Module) -> np.ndarray:
    return np.concatenate(
        [p.detach().cpu().contiguous().numpy().ravel() for p in network.parameters()]
    )
