"""`GAN.fit` beside the eager PyTorch step of `torch_step.py`: same networks, objective, batch."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf
import torch

from parts.arithmetic import replay
from parts.both_sides import LATENT_DIM, NoiseOfGAN, Setting, make_dataset, make_gan
from parts.clock import fit_block
from parts.torch_networks import R3GANDiscriminator, R3GANGenerator, dcgan
from parts.torch_step import GAN_TYPES, TorchNoise, TorchStep
from tfgan_losses import GAN

NAMES = list(GAN_TYPES)
TABLE_HEAD = (
    "| gan_type | GAN.fit ms/step | PyTorch ms/step, channels last | contiguous | "
    "PyTorch / GAN.fit | min..max | products alone, ms | their share |\n"
    "|:--|--:|--:|--:|--:|:--|--:|--:|"
)
LEGEND = """
ms/step: medians of the blocks, which alternate in one process. PyTorch / GAN.fit: of the medians,
PyTorch in its faster memory format; above 1 GAN.fit is faster. min..max: of neighbouring blocks.
products alone: the convolutions and matrix products of the step of GAN.fit and nothing else."""

_FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}
_GAMMA = 0.05
_CHECK_RATE = 1e-3


def line(
    name: str, setting: Setting, *, rounds: int, steps: int | None, mixed_precision: str
) -> str:
    """Returns the line of the table for one gan_type.

    Args:
        name: One of `NAMES`.
        setting: Of both sides.
        rounds: Blocks of each side.
        steps: Of a block; None for as many as take 0.8 s.
        mixed_precision: A Keras policy of GAN.fit alone, or "none".
    """
    keras.backend.clear_session()
    gan = make_gan(name, setting)
    torch_steps = {key: _torch_step(name, gan, fmt) for key, fmt in _FORMATS.items()}
    if mixed_precision != "none":
        keras.config.set_dtype_policy(mixed_precision)
        gan = make_gan(name, setting)
        keras.config.set_dtype_policy("float32")
    dataset = make_dataset(gan.d_steps, setting)
    batch = next(iter(dataset))
    products, _ = replay(gan, batch)
    images = {key: _images(batch, fmt) for key, fmt in _FORMATS.items()}

    sides = {
        "fit": lambda n: fit_block(gan, dataset, n)[0],
        **{key: _timer(functools.partial(torch_steps[key], images[key])) for key in _FORMATS},
        "products": _timer(lambda: float(products())),
    }
    for side in sides.values():
        side(3)  # Traces, and fills caches.
    count = steps or max(3, 1 + round(0.8 / sides["channels_last"](2)))
    blocks = []
    for number in range(rounds):
        # Every other time backwards, so that a drift of the machine favours none.
        order = list(sides) if number % 2 == 0 else list(reversed(sides))
        times = {key: sides[key](count) for key in order}
        blocks.append([times[key] for key in sides])
    fit, *formats, alone = np.median(blocks, axis=0)
    ratios = [min(r[1:-1]) / r[0] for r in blocks]
    return (
        f"| {name} | {1e3 * fit:.1f} | {1e3 * formats[0]:.1f} | {1e3 * formats[1]:.1f} | "
        f"{min(formats) / fit:.2f} | {min(ratios):.2f}..{max(ratios):.2f} | {1e3 * alone:.1f} | "
        f"{alone / fit:.2f} |"
    )


def _timer(step: Callable[[], object]) -> Callable[[int], float]:
    def seconds_per_step(count: int) -> float:
        start = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - start) / count

    return seconds_per_step


def _images(batch: tf.Tensor, memory_format: torch.memory_format) -> torch.Tensor:
    images = torch.from_numpy(batch.numpy()).permute(0, 3, 1, 2)
    return images.contiguous(memory_format=memory_format)


def _networks(name: str, gan: GAN) -> tuple[torch.nn.Module, torch.nn.Module]:
    if name == "r3gan":
        return R3GANGenerator(gan.generator), R3GANDiscriminator(gan.discriminator)
    return dcgan(gan.generator), dcgan(gan.discriminator)


def _adam(parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=1e-4, betas=(0.5, 0.9), fused=True)


def _torch_step(
    name: str,
    gan: GAN,
    memory_format: torch.memory_format,
    *,
    optimizer: Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer] = _adam,
    noise: TorchNoise | None = None,
) -> TorchStep:
    return TorchStep(
        name,
        *_networks(name, gan),
        optimizer=optimizer,
        latent_dim=LATENT_DIM,
        gamma=_GAMMA,
        one_pass=gan.pair.joint_pass,
        memory_format=memory_format,
        noise=noise,
    )


class _NoiseInTorch(TorchNoise):
    def __init__(self, noise: NoiseOfGAN):
        self.noise = noise

    def latents(self, count: int, size: int, update: int | None) -> torch.Tensor:
        return torch.from_numpy(self.noise.latents([count, size], update).numpy())

    def uniform(self, count: int, update: int) -> torch.Tensor:
        return torch.from_numpy(self.noise.uniform([count, 1, 1, 1], update, 0.0, 0).numpy())


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
    step = _torch_step(
        name,
        gan,
        torch.channels_last,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=_CHECK_RATE),
        noise=_NoiseInTorch(noise),
    )
    start = [_weights(network) for network in _networks(name, gan)]
    batch = next(iter(make_dataset(gan.d_steps, setting)))
    parts = [batch[part :: gan.d_steps] for part in range(gan.d_steps)]
    g_loss = step(_images(keras.ops.concatenate(parts), torch.channels_last))[1]
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
    return np.concatenate([p.detach().contiguous().numpy().ravel() for p in network.parameters()])
