"""A probability that follows how sure the discriminator is of real examples: ADA's rule."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses.augmentations.base import Augmentation
from tfgan_losses.types import Report, Scalar, Tensor


class Probability:
    """p in [0, 1] and what it is adapted by, the mean sign of the outputs for real examples.

    After every so many updates of the discriminator p moves by the examples that it has seen in
    them over 1000 kimg: up if the mean sign over them is above the target, which a discriminator
    that knows its examples by heart goes to, and down if it is below.

    Args:
        name: What the names of its report begin with.
        target: What the mean sign is held at, in (-1, 1).
        interval: Updates of the discriminator from one change of p to the next, >= 1.
        kimg: Thousands of real examples in which p goes from 0 to 1 at most.

    Attributes:
        p: The probability, a variable.

    Raises:
        ValueError: If an option is out of range.

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, section 3.
    """

    def __init__(
        self, name: str, *, target: float = 0.6, interval: int = 4, kimg: float = 500.0
    ) -> None:
        if not -1.0 < target < 1.0:
            raise ValueError(f"Expected target in (-1, 1). Received: target={target}")
        if isinstance(interval, bool) or not isinstance(interval, int) or interval < 1:
            raise ValueError(f"Expected interval to be an integer >= 1. Received: {interval=}")
        if not (kimg > 0.0 and math.isfinite(kimg)):
            raise ValueError(f"Expected kimg > 0, finite. Received: kimg={kimg}")
        self.target, self.interval, self.kimg = target, interval, kimg
        self._p_key, self._sign_key = f"{name}_p", f"{name}_r"
        self.p, self._sign_sum, self._example_sum = (
            keras.Variable(
                0.0, trainable=False, dtype="float32", aggregation="only_first_replica", name=name
            )
            for name in ("p", "sign_sum", "example_sum")
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """p, and the sum of signs and the number of examples since its last change."""
        return [self.p, self._sign_sum, self._example_sum]

    @property
    def report_keys(self) -> tuple[str, ...]:
        """p, and r, the mean sign."""
        return (self._p_key, self._sign_key)

    def report(self, real_logits: Tensor) -> Report:
        """p of this update, and the signs of the outputs for real examples."""
        return {
            self._p_key: tf.convert_to_tensor(self.p),
            self._sign_key: tf.sign(tf.cast(real_logits, tf.float32)),
        }

    def end_update(self, report: Report, update: Scalar) -> None:
        """Takes the signs of an update, and changes p if it is time.

        Args:
            report: As `Augmentation.end_update` has it.
            update: The number of the update.
        """
        examples = self._example_sum + report["examples"]
        signs = self._sign_sum + report[self._sign_key] * report["examples"]
        due = tf.equal((tf.cast(update, tf.int64) + 1) % self.interval, 0)
        moved = self.p + tf.sign(signs - self.target * examples) * examples / (1000.0 * self.kimg)
        self.p.assign(tf.where(due, tf.clip_by_value(moved, 0.0, 1.0), self.p))
        self._sign_sum.assign(tf.where(due, 0.0, signs))
        self._example_sum.assign(tf.where(due, 0.0, examples))

    def get_config(self) -> dict[str, Any]:
        """target, interval and kimg."""
        return {"target": self.target, "interval": self.interval, "kimg": self.kimg}


class Adapted(Augmentation):
    """An augmentation whose strength is a `Probability`.

    Attributes:
        probability: p and its rule; set by the subclass.
    """

    probability: Probability

    @property
    def variables(self) -> list[keras.Variable]:
        """p, and what it is adapted by."""
        return self.probability.variables

    @property
    def report_keys(self) -> tuple[str, ...]:
        """p of the update, and the mean sign of the outputs for what stands as real."""
        return self.probability.report_keys

    def report(self, real_logits: Tensor) -> Report:
        """Both, by name."""
        return self.probability.report(real_logits)

    def end_update(self, report: Report, update: Scalar) -> None:
        """Adapts p."""
        self.probability.end_update(report, update)

    def get_config(self) -> dict[str, Any]:
        """target, interval and kimg."""
        return self.probability.get_config()
