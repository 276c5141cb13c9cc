"""The export of a generator, used as the `GAN` that it was."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_losses.conditioning import Codes, Condition, Labels
from tfgan_losses.measuring.drawing import drawn
from tfgan_losses.truncation import Truncation
from tfgan_losses.types import Shape, Tensor, TensorLike

# More classes are not looked for.
_MOST_CLASSES = 2**20
_SIGNATURES = {"serving_default", "sample"}


class SavedGenerator:
    """What `GAN.export_generator` has written, with the samples of that `GAN`.

    Args:
        path: Directory of the SavedModel.

    Attributes:
        path: The directory.
        latent_dim: Number of latent variables.
        example_shape: Shape of one example.
        condition: What the generator is conditioned on, or None. A SavedModel does not say how
            many classes there are: it is asked which ones it takes.

    Raises:
        ValueError: If the directory is no such SavedModel, or is damaged.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        # Kept, since its functions need its variables.
        self._module = _load(self.path)
        self._serve = self._module.signatures["serving_default"]
        _, given = self._serve.structured_input_signature
        (output,) = self._serve.structured_outputs.values()
        self.latent_dim: int = given["latents"].shape[-1]
        self.example_shape: Shape = tuple(output.shape[1:])
        self.condition = self._find_condition(given)

    def __repr__(self) -> str:
        return f"SavedGenerator({str(self.path)!r}, condition={self.condition})"

    def _find_condition(self, given: dict[str, tf.TensorSpec]) -> Condition | None:
        if "labels" in given:
            names = self._class_names()
            return Labels(num_classes=self._count_classes(names), class_names=names)
        if "codes" in given:
            return self._find_codes(given["codes"].shape[-1])
        return None

    def _class_names(self) -> list[str] | None:
        named = getattr(self._module, "class_names", None)
        return None if named is None else [name.decode() for name in named().numpy()]

    def _count_classes(self, names: Sequence[str] | None) -> int:
        if names is not None:
            return len(names)
        return _count(lambda label: self._takes(labels=tf.constant([label], tf.int32)))

    def _find_codes(self, factors: int) -> Codes:
        """Returns the codes that the generator takes: continuous ones take halves, too."""

        def takes(column: int, value: float) -> bool:
            return self._takes(codes=tf.one_hot([column], factors) * value)

        columns = [column for column in range(factors) if not takes(column, 0.5)]
        classes = [_count(functools.partial(takes, column)) for column in columns]
        return Codes(categorical=classes, continuous=factors - len(classes))

    def _takes(self, **values: Tensor) -> bool:
        try:
            self._serve(latents=tf.zeros([1, self.latent_dim]), **values)
        except tf.errors.InvalidArgumentError:
            return False
        return True

    @functools.cached_property
    def draw(self) -> Callable[[Tensor | list[Tensor]], Tensor]:
        """As that of a `GAN`; what is encoded for its network is decoded for the signature."""
        if self.condition is None:
            return lambda latents: self._module.serving_default(latents)
        decode = _decoder(self.condition)
        return lambda inputs: self._module.serving_default(inputs[0], decode(inputs[1]))

    def generate(
        self,
        count: int,
        *,
        seed: int = 0,
        labels: TensorLike | Sequence[int | str] | int | str | None = None,
        truncation: Truncation | float | None = None,
    ) -> np.ndarray:
        """Draws the samples of `GAN.generate`.

        Args:
            count: How many.
            seed: Determines the latents, and the labels or codes that are not given.
            labels: As there.
            truncation: Likewise.

        Returns:
            Float32 array [count, ...].

        Raises:
            ValueError: If the labels do not fit the condition.
        """
        parts = drawn(self, count, seed=seed, labels=labels, truncation=truncation)
        return np.concatenate([part for part, _ in parts])


def _decoder(condition: Condition) -> Callable[[Tensor], Tensor]:
    if not isinstance(condition, Codes):
        return lambda vectors: tf.argmax(vectors, axis=1, output_type=tf.int32)
    sizes = [*condition.categorical, condition.continuous]

    def decode(vectors: Tensor) -> Tensor:
        *classes, numbers = tf.split(vectors, sizes, axis=1)
        found = [tf.cast(tf.argmax(each, axis=1), tf.float32) for each in classes]
        return tf.concat([tf.reshape(each, [-1, 1]) for each in found] + [numbers], axis=1)

    return decode


def _count(takes: Callable[[int], bool]) -> int:
    """Returns how many classes a generator takes, from 0 on."""
    most = 2
    while most < _MOST_CLASSES and takes(most):
        most *= 2
    least = most // 2  # Taken, or 1: there are two classes at least.
    while least + 1 < most:
        middle = (least + most) // 2
        least, most = (middle, most) if takes(middle) else (least, middle)
    return most


def _load(path: Path) -> tf.Module:
    if not (path / "saved_model.pb").is_file():
        raise ValueError(
            "Expected an exported generator, a directory with a saved_model.pb in it. "
            f"Received: {path}"
        )
    try:
        module = tf.saved_model.load(path)
    except Exception as error:  # Damaged ones raise nearly anything.
        lines = str(getattr(error, "message", error)).splitlines() or [type(error).__name__]
        raise ValueError(
            f"Expected an exported generator that can be read. Received: {path}: {lines[0]}"
        ) from error
    if not _SIGNATURES.issubset(getattr(module, "signatures", {})):
        raise ValueError(
            "Expected a SavedModel of this library, with the signatures serving_default and "
            f"sample. Received: {path}, with {sorted(getattr(module, 'signatures', {}))}"
        )
    return module
