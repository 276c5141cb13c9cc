"""Adaptive augmentation: as many transforms as the discriminator learns by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.augmentations.base import Augmentation, Occasion, registry
from tfgan_losses.augmentations.pipe import Pipe
from tfgan_losses.types import Report, Scalar, Shape, Tensor


@registry.register("adaptive")
class Adaptive(Augmentation):
    """Each image undergoes each transform with a probability p, which follows overfitting.

    A discriminator that knows its real examples by heart is sure of them: r = E[sign(D(real))]
    tends to 1. Every `interval` updates p grows if r is above `target` and falls if it is below,
    by what takes it from 0 to 1 within 1000 * `kimg` real images. It is for losses whose outputs
    are about 0 where the discriminator does not know, such as non_saturating and hinge: outputs of
    wasserstein and of the relativistic losses may move by any constant, and r says nothing.

    Args:
        target: r that is aimed at, in (-1, 1).
        pipe: Which transforms, and how often beside each other; see `pipe.Pipe`.
        interval: Updates of the discriminator between changes of p, >= 1.
        kimg: How many thousand real images take p from 0 to 1, > 0. The paper has 500, and the
            authors' code 100 when it goes on with another network.

    Raises:
        ValueError: If a number is out of range or a transform unknown.

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, section 3.
    """

    def __init__(
        self,
        *,
        target: float = 0.6,
        pipe: str | Mapping[str, float] = "bgc",
        interval: int = 4,
        kimg: float = 500,
    ):
        if not -1.0 < target < 1.0:
            raise ValueError(f"Expected target in (-1, 1). Received: target={target}")
        if isinstance(interval, bool) or not isinstance(interval, int) or interval < 1:
            raise ValueError(f"Expected interval to be an integer >= 1. Received: {interval=}")
        if not 0.0 < kimg < float("inf"):
            raise ValueError(f"Expected kimg > 0. Received: kimg={kimg}")
        self.target, self.interval, self.kimg = target, interval, kimg
        self.pipe, self._transform = pipe, Pipe(pipe)
        # The sums are those since the last change of p.
        self.p, self.sign_sum, self.example_sum = (
            keras.Variable(
                0.0, trainable=False, dtype="float32", aggregation="only_first_replica", name=name
            )
            for name in ("p", "sign_sum", "example_sum")
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """p, and the sums of signs and of examples since it was changed."""
        return [self.p, self.sign_sum, self.example_sum]

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if the transforms cannot change such examples."""
        super().check(example_shape)
        self._transform.check(self.name, example_shape)

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Transformed images."""
        return self._transform(examples, self.p.value, occasion)

    @property
    def report_keys(self) -> tuple[str, ...]:
        """p of the update, and the mean sign of the outputs for its real examples."""
        return ("adaptive_p", "adaptive_r")

    def report(self, real_logits: Tensor) -> Report:
        """Both, by name."""
        p = tf.convert_to_tensor(self.p.value)
        return {"adaptive_p": p, "adaptive_r": tf.sign(tf.cast(real_logits, tf.float32))}

    def end_update(self, report: Report, update: Scalar) -> None:
        """Takes the signs of the update in, and changes p where the interval is over."""
        signs = self.sign_sum + report["adaptive_r"] * report["examples"]
        examples = self.example_sum + report["examples"]
        # Of what would be a mean: no division by a number that may be 0.
        direction = tf.sign(signs - self.target * examples)
        moved = self.p + direction * examples / (1000.0 * self.kimg)
        is_over = tf.equal((update + 1) % self.interval, 0)
        self.p.assign(tf.where(is_over, tf.clip_by_value(moved, 0.0, 1.0), self.p))
        self.sign_sum.assign(tf.where(is_over, 0.0, signs))
        self.example_sum.assign(tf.where(is_over, 0.0, examples))

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        names = ("target", "pipe", "interval", "kimg")
        return {name: getattr(self, name) for name in names}
