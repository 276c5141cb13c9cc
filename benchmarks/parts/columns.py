"""The ways to train that `train_step.py --torch` times, each as a clock of its steps."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable
from typing import Protocol

import keras
import tensorflow as tf

from parts import device
from parts.arithmetic import products_of_step, replay
from parts.both_sides import Setting, make_dataset, make_gan
from parts.clock import bare_block, bare_step, fit_block
from tfgan_losses import GAN
from tfgan_losses.training.updates import part_of, update_discriminator
from tfgan_losses.types import Report, Tensor

# Formats of memory of eager PyTorch; the faster one is what the others are compared with.
EAGER = ("channels_last", "contiguous")
NEEDED = (*EAGER, "default")
# By importance: what there is no time for is missed least at the end.
TITLES = {
    "channels_last": "PyTorch, channels last",
    "contiguous": "PyTorch, contiguous",
    "default": "GAN.fit",
    "xla": "GAN.fit, XLA",
    "graph": "GAN.fit, graph",
    "bfloat16": "GAN.fit, bfloat16 and XLA" if device.has_gpu() else "GAN.fit, bfloat16",
    "compiled": "PyTorch, torch.compile",
    "bare": "step of GAN.fit in a bare loop",
    "products": "its products alone",
    "unrolled": "GAN.fit, XLA, updates unrolled",
}
_COMPILES = {"graph": False, "xla": True, "unrolled": True, "bfloat16": device.has_gpu()}


def usual() -> list[str]:
    """Returns the columns that one has without asking: XLA takes too long on a CPU to compile."""
    on_cpu = ("channels_last", "contiguous", "default", "bfloat16", "bare", "products")
    on_gpu = [name for name in TITLES if name not in ("products", "unrolled")]
    return on_gpu if device.has_gpu() else list(on_cpu)


class Memory(Protocol):
    """The peak of what a side takes, in MiB."""

    def reset(self) -> None: ...
    def peak(self) -> float: ...


@dataclasses.dataclass(frozen=True)
class Side:
    """One way to train.

    Attributes:
        block: Seconds per step of so many steps.
        precision: Of its products.
        memory: Of a GPU; None on a CPU.
    """

    block: Callable[[int], float]
    precision: str = "float32"
    memory: Memory | None = None


class UnrolledGAN(GAN):
    """A GAN whose step has a copy of the discriminator's update for each of `d_steps`."""

    def train_discriminator(self, examples: Tensor, labels: Tensor | None = None) -> Report:
        """Does what `GAN` does, without a loop in the graph."""
        first = tf.convert_to_tensor(self.d_updates)
        reports = []
        for number in range(self.d_steps):
            part = part_of(
                examples, labels, number, d_steps=self.d_steps, accumulate=self.accumulate
            )
            reports.append(update_discriminator(self, *part, first + number))
        self.d_updates.assign_add(self.d_steps)
        return {key: tf.add_n([r[key] for r in reports]) / self.d_steps for key in reports[0]}


class Sides:
    """The sides of one recipe and setting, all with the same weights at first.

    Args:
        name: Of the recipe.
        setting: What is trained.

    Attributes:
        gan: As it comes, and not trained.
        dataset: Noise in the shape of images, without end.
    """

    def __init__(self, name: str, setting: Setting):
        self.name, self.setting = name, setting
        self.gan = make_gan(name, setting)
        self._fitted: dict[str, GAN] = {}
        self.dataset = make_dataset(self.gan.d_steps, setting)
        self._batch = next(iter(self.dataset))

    @functools.cached_property
    def products(self) -> list[tf.Operation]:
        """The convolutions and matrix products of one step of the GAN."""
        return products_of_step(self.gan, self._batch)

    def twin(self, column: str) -> str | None:
        """Returns the column that has the same number: that of `GAN.fit`, if it is as it comes."""
        same = "xla" if self.gan.jit_compile else "graph"
        return "default" if column == same else None

    def make(self, column: str) -> Side:
        """Returns a side, or raises what its library raises of what it cannot do."""
        if column in (*EAGER, "compiled"):
            return self._torch_side(column)
        if column == "products":
            return Side(_timer(replay(self.products), float))
        memory = device.GPUMemory() if device.has_gpu() else None
        if column == "bare":
            # Of the GAN that is timed as it comes, whose step is compiled.
            step = bare_step(self._fitted["default"])
            return Side(lambda n: bare_block(step, self.dataset, n)[0], memory=memory)
        return self._fit_side(column, memory)

    def _fit_side(self, column: str, memory: Memory | None) -> Side:
        arguments = {"jit_compile": _COMPILES[column]} if column in _COMPILES else {}
        kind = UnrolledGAN if column == "unrolled" else GAN
        precision = "bfloat16" if column == "bfloat16" else "float32"
        policy = keras.config.dtype_policy()
        if precision != "float32":
            keras.config.set_dtype_policy(f"mixed_{precision}")
        try:
            gan = make_gan(self.name, self.setting, kind=kind, **arguments)
        finally:
            keras.config.set_dtype_policy(policy)
        self._fitted[column] = gan
        return Side(lambda n: fit_block(gan, self.dataset, n)[0], precision, memory)

    def _torch_side(self, column: str) -> Side:
        # Late: the names of the columns are known without PyTorch.
        from parts import against_torch

        memory = against_torch.Memory() if against_torch.DEVICE == "cuda" else None
        memory_format = against_torch.FORMATS.get(column, against_torch.FORMATS[EAGER[0]])
        step = against_torch.make_step(
            self.name, self.gan, memory_format, compiled=column == "compiled"
        )
        images = against_torch.images(self._batch, memory_format)
        return Side(_timer(lambda: step(images), against_torch.wait_for), memory=memory)


def _timer(step: Callable[[], object], finish: Callable[..., object]) -> Callable[[int], float]:
    """Returns a clock of a step whose results `finish` waits for."""

    def seconds_per_step(count: int) -> float:
        finish(step())
        start = time.perf_counter()
        for _ in range(count):
            result = step()
        finish(result)
        return (time.perf_counter() - start) / count

    return seconds_per_step
