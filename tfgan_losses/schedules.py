"""Hyper-parameters that change while training: functions of the step.

A schedule is a Keras `LearningRateSchedule`, and so fits wherever Keras takes one. `steps` may stay
open in a recipe, which does not know how long a run is; `over(value, steps)` fills it in.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias, TypeVar

import keras
import tensorflow as tf

from tfgan_losses.registry import Identifier, Registry, spec_of
from tfgan_losses.types import Scalar, Tensor

# Of any object, since a number comes back as it is.
registry = Registry("schedule", base=object)
# An option of a schedule may be a schedule, such as what a warm-up leads to.
registry.options = (registry,)


class _Course(keras.optimizers.schedules.LearningRateSchedule):
    """From one value to another; the last one stays."""

    def __init__(self, *, start: float, end: float, steps: int | None = None):
        in_range = all(value >= 0 and math.isfinite(value) for value in (start, end))
        if not in_range or (steps is not None and steps < 1):
            raise ValueError(
                "Expected start >= 0, end >= 0, both finite, and steps >= 1. "
                f"Received: start={start}, end={end}, steps={steps}"
            )
        self.start, self.end, self.steps = start, end, steps

    @property
    def _length(self) -> float:
        if self.steps is None:
            raise ValueError(_message_of_open("a schedule that is used", self))
        return float(self.steps)

    def _done(self, step: Scalar) -> Tensor:
        return tf.minimum(tf.cast(step, tf.float32) / self._length, 1.0)

    def _along_half_cosine(self, step: Scalar) -> Tensor:
        cosine = tf.cos(math.pi * self._done(step))
        return self.end + 0.5 * (self.start - self.end) * (1.0 + cosine)

    def starting_at(self, start: float) -> Number:
        """The same in proportion from another value on."""
        config = {**self.get_config(), "start": start, "end": self.end * start / self.start}
        return type(self)(**config)

    def get_config(self) -> dict[str, Any]:
        """start, end and steps."""
        return {"start": self.start, "end": self.end, "steps": self.steps}

    def __repr__(self) -> str:
        return spec_of(self)


@registry.register("cosine")
class Cosine(_Course):
    """From one value to another along half a cosine; the last value stays.

    Args:
        start: Value at step 0.
        end: Value from `steps` on.
        steps: Length in steps of what it is for; None stays open, see `over`.

    Examples:
        >>> from tfgan_losses import schedules
        >>> course = schedules.Cosine(start=1.0, end=0.0, steps=100)
        >>> [round(float(course(step)), 3) for step in (0, 50, 100, 200)]
        [1.0, 0.5, 0.0, 0.0]

    References:
        Loshchilov & Hutter, 2017, SGDR; Huang et al., 2024, The GAN is dead; long live the GAN!,
        for learning rate, gamma and beta_2 alike.
    """

    def __call__(self, step: Scalar) -> Tensor:
        """The value at a step, a float32 scalar."""
        return self._along_half_cosine(step)


@registry.register("half_life")
class HalfLife(_Course):
    """Decay of a moving average whose memory grows with the run.

    After h steps an old value counts half: the decay is 0.5^(1/h). h goes along half a cosine.

    Args:
        start: h at step 0, as a fraction of `steps`.
        end: h from `steps` on, as a fraction of `steps`.
        steps: Length in steps; None stays open, see `over`.

    Examples:
        >>> from tfgan_losses import schedules
        >>> decay = schedules.HalfLife(start=0.0, end=0.25, steps=4000)
        >>> [round(float(decay(step)), 4) for step in (0, 4000)]  # 0.5^(1 / 1000) at the end.
        [0.001, 0.9993]

    References:
        Karras et al., 2018, Progressive Growing of GANs, for averages by half-life; Huang et al.,
        2024, for the schedule: 0 to 5 million images within 20 million, which is 0 to 0.25.
    """

    def __call__(self, step: Scalar) -> Tensor:
        """The decay at a step, in [0, 1)."""
        # Below a tenth of a step nothing of the old value is left.
        steps = tf.maximum(self._along_half_cosine(step) * self._length, 0.1)
        return tf.pow(0.5, 1.0 / steps)


@registry.register("exponential")
class Exponential(_Course):
    """From one value to another by one factor at each step; the last value stays.

    The value at step t is start (end / start)^(t / steps). The k of top-k training, gamma^epoch
    down to nu, is `exponential(start=1, end=nu, steps=log(nu) / log(gamma) * steps_per_epoch)`.

    Args:
        start: Value at step 0, above 0.
        end: Value from `steps` on, above 0.
        steps: Length in steps of what it is for; None stays open, see `over`.

    Raises:
        ValueError: If a value is not above 0.

    Examples:
        >>> from tfgan_losses import schedules
        >>> course = schedules.Exponential(start=1.0, end=0.01, steps=100)
        >>> round(float(course(50)), 4)
        0.1

    References:
        Sinha et al., 2020, Top-k Training of GANs, arXiv:2002.06224, section 3.
    """

    def __init__(self, *, start: float, end: float, steps: int | None = None):
        super().__init__(start=start, end=end, steps=steps)
        if start == 0 or end == 0:
            raise ValueError(
                "Expected start > 0 and end > 0, since it falls or rises by a factor. "
                f"Received: start={start}, end={end}"
            )

    def __call__(self, step: Scalar) -> Tensor:
        """The value at a step, a float32 scalar."""
        return self.start * tf.pow(self.end / self.start, self._done(step))

    def starting_at(self, start: float) -> Number:
        """The same in proportion; 0 stays 0."""
        return super().starting_at(start) if start else start


@registry.register("drop")
class Drop(_Course):
    """One value, and from a share of the run on that value times a factor.

    Args:
        start: Value at step 0.
        factor: What it is multiplied by, >= 0.
        at: The share of `steps` from which on it is, in [0, 1].
        steps: Length in steps of what it is for; None stays open, see `over`.

    Raises:
        ValueError: If a value is out of range.

    Examples:
        >>> from tfgan_losses import schedules
        >>> rate = schedules.Drop(start=1.0, factor=0.1, at=0.8, steps=2000)
        >>> [round(float(rate(step)), 4) for step in (1599, 1600)]
        [1.0, 0.1]

    References:
        PyTorch's MultiStepLR of one milestone; Shaham et al., 2019, SinGAN, arXiv:1905.01164: the
        learning rate times 0.1 after 1600 of 2000 iterations.
    """

    def __init__(
        self, *, start: float, factor: float = 0.1, at: float = 0.8, steps: int | None = None
    ):
        if not (factor >= 0 and math.isfinite(factor) and 0 <= at <= 1):
            raise ValueError(
                "Expected factor >= 0, finite, and at in [0, 1]. "
                f"Received: factor={factor}, at={at}"
            )
        super().__init__(start=start, end=start * factor, steps=steps)
        self.factor, self.at = factor, at

    def __call__(self, step: Scalar) -> Tensor:
        """The value at a step, a float32 scalar."""
        # Rounded: 0.7 of 10 steps are 7, and 7.000000000000001 as a product.
        first = math.ceil(round(self.at * self._length, 6))
        values = tf.constant([self.start, self.end], tf.float32)
        return tf.where(tf.cast(step, tf.float32) < first, values[0], values[1])

    def starting_at(self, start: float) -> Number:
        """The same in proportion from another value on."""
        return Drop(start=start, factor=self.factor, at=self.at, steps=self.steps)

    def get_config(self) -> dict[str, Any]:
        """start, factor, at and steps."""
        own = {"start": self.start, "factor": self.factor, "at": self.at}
        return {**own, "steps": self.steps}


@registry.register("warmup")
class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """A number or a schedule, times a factor that rises linearly from 0 to 1.

    The schedule runs from step 0 on, as it would without.

    Args:
        to: A number >= 0 or a schedule: `warmup(to=cosine(start=2e-4, end=0), updates=1000)`.
        updates: The update from which on the factor is 1, an integer >= 1.

    Raises:
        ValueError: If a value is out of range.

    Examples:
        >>> from tfgan_losses import schedules
        >>> rate = schedules.Warmup(to=2e-4, updates=1000)
        >>> [round(float(rate(update)), 6) for update in (0, 500, 1000)]
        [0.0, 0.0001, 0.0002]

    References:
        Goyal et al., 2017, Accurate, Large Minibatch SGD, arXiv:1706.02677, section 2.2.
    """

    def __init__(self, *, to: Number | str, updates: int):
        if isinstance(updates, bool) or not isinstance(updates, int) or updates < 1:
            raise ValueError(
                f"Expected updates of a warm-up to be an integer >= 1. Received: updates={updates}"
            )
        self.to, self.updates = get(to, name="to"), updates
        if not lowest(self.to) >= 0:
            raise ValueError(f"Expected to >= 0. Received: to={to}")

    def __call__(self, step: Scalar) -> Tensor:
        """The value at a step, a float32 scalar."""
        return at(self.to, step) * tf.minimum(tf.cast(step, tf.float32) / self.updates, 1.0)

    def get_config(self) -> dict[str, Any]:
        """to and updates."""
        return {"to": serialize(self.to), "updates": self.updates}

    def __repr__(self) -> str:
        return spec_of(self)


Number: TypeAlias = float | keras.optimizers.schedules.LearningRateSchedule
"""A number, or what it is at each step."""
_NumberOrNone = TypeVar("_NumberOrNone", bound=Number | None)


def get(identifier: Identifier, *, name: str = "value") -> Number:
    """A number or a schedule.

    Args:
        identifier: A number, a spec string (`"cosine(start=1, end=0.1)"` or `"0.999"`), a config
            or a schedule.
        name: What it is for; used in the error.

    Raises:
        ValueError: If it is none of these.

    Examples:
        >>> from tfgan_losses import schedules
        >>> schedules.get("cosine(start=1, end=0.1)")
        cosine(start=1, end=0.1, steps=None)
    """
    cause = None
    try:
        value = float(identifier) if isinstance(identifier, str) else registry.get(identifier)
    except ValueError:
        try:
            value = registry.get(identifier)
        except ValueError as error:
            value, cause = None, error
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, Number | int) or not finite:
        raise ValueError(
            f"Expected {name} to be a number or a schedule such as 'cosine(start=1, end=0.1)' "
            f"({', '.join(registry.names())}). Received: {name}={identifier!r}"
            + (f". {cause}" if cause else "")
        ) from cause
    return value


def over(value: _NumberOrNone, steps: int | None) -> _NumberOrNone:
    """A number as it is; a schedule whose length is open with this one.

    Args:
        value: A number or a schedule.
        steps: The length of what it is for; None leaves it open.

    Examples:
        >>> from tfgan_losses import schedules
        >>> schedules.over(schedules.Cosine(start=1.0, end=0.0), 100).steps
        100
    """
    if isinstance(value, Warmup) and is_open(value):
        return Warmup(to=over(value.to, steps), updates=value.updates)
    if isinstance(value, _Course) and value.steps is None:
        return type(value)(**{**value.get_config(), "steps": steps})
    return value


def starting_at(value: Number, start: float) -> Number:
    """This number; of a schedule of this module one in proportion that starts there.

    What warms up starts at 0 and has this value in the place of what it warms up to.

    Args:
        value: What is replaced.
        start: A number >= 0.
    """
    if isinstance(value, Warmup):
        return Warmup(to=starting_at(value.to, start), updates=value.updates)
    return value.starting_at(start) if isinstance(value, _Course) else start


def at(value: Number, step: Scalar) -> Scalar:
    """The number at a step.

    Args:
        value: A number or a schedule.
        step: From 0 on.
    """
    return value(step) if callable(value) else value


def extremes(value: Number) -> list[float]:
    """The smallest and the largest number that it takes; none for Keras' own schedules.

    They do not say.

    Args:
        value: A number or a schedule.
    """
    if isinstance(value, Warmup):
        return [0.0, *extremes(value.to)]
    if isinstance(value, _Course):
        return [value.start, value.end]
    return [] if callable(value) else [value]


def lowest(value: Number) -> float:
    """The smallest number that it takes; 0 for schedules of Keras, which do not say.

    Args:
        value: A number or a schedule.
    """
    return min(extremes(value), default=0.0)


def serialize(value: Number | None) -> dict[str, Any] | float | None:
    """A number as it is; the config of a schedule.

    Args:
        value: A number, a schedule or None.
    """
    return keras.saving.serialize_keras_object(value) if callable(value) else value


def is_open(value: object) -> bool:
    """Whether this is a schedule that does not know its length.

    Args:
        value: A number, a schedule or anything else.
    """
    if isinstance(value, Warmup):
        return is_open(value.to)
    return isinstance(value, _Course) and value.steps is None


def check_length(what: str, value: object) -> None:
    """Raises ValueError if a schedule does not know its length.

    Args:
        what: What has it, for the message.
        value: A number or a schedule.
    """
    if is_open(value):
        raise ValueError(_message_of_open(what, value))


def _message_of_open(what: str, value: object) -> str:
    return (
        f"Expected {what} to be a number or a schedule with its number of steps. "
        f"Received: {value!r}. GAN.from_recipe(..., steps=...) or "
        "GAN.compile(..., steps=...) fills it in."
    )
