"""The two optimisers of a GAN, ready to have their state loaded."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import replicas, schedules
from tfgan_losses.names import unknown
from tfgan_losses.registry import Identifier
from tfgan_losses.training.terms import Network
from tfgan_losses.types import Scalar, Tensor


@keras.saving.register_keras_serializable("tfgan_losses")
class ScheduledAdam(keras.optimizers.Adam):
    """Adam whose `beta_2` may change while training, as its learning rate may.

    The bias correction uses the present value, as it does in PyTorch when a script sets the
    option between two updates.

    Args:
        beta_2: A number or a schedule over the updates of this optimiser.
        **kwargs: Everything else that `keras.optimizers.Adam` takes.

    Examples:
        >>> from tfgan_losses import optimizers
        >>> adam = optimizers.ScheduledAdam(beta_2="cosine(start=0.9, end=0.99, steps=100)")
        >>> adam.get_config()["beta_2"]["config"]
        {'start': 0.9, 'end': 0.99, 'steps': 100}

    References:
        Kingma & Ba, 2015, Adam, algorithm 1; Huang et al., 2024, The GAN is dead; long live the
        GAN!, for the schedule.
    """

    beta_2: Scalar

    def __init__(self, *, beta_2: schedules.Number | str = 0.999, **kwargs: Any):
        beta_2 = schedules.get(beta_2, name="beta_2")
        super().__init__(beta_2=schedules.lowest(beta_2), **kwargs)
        self._beta_2 = beta_2

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Scalar
    ) -> None:
        """One update of one variable, with the `beta_2` of now."""
        constant = self.beta_2
        self.beta_2 = schedules.at(self._beta_2, self.iterations)
        try:
            adam_step(self, gradient, variable, learning_rate)
        finally:
            # A tensor of this trace must not outlive it.
            self.beta_2 = constant

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "beta_2": schedules.serialize(self._beta_2)}


def adam_step(
    optimizer: keras.optimizers.Adam,
    gradient: Tensor,
    variable: tf.Variable,
    learning_rate: Scalar,
) -> None:
    """`keras.optimizers.Adam.update_step` in one operation instead of two dozen.

    The formula is the same. Keras takes 1 - beta_2 from the number, the operation from beta_2 in
    the type of the variable: in float32 a velocity differs by up to 2^-25 / (1 - beta_2), 3e-5 for
    0.999, and a step by half of that.

    Args:
        optimizer: Of `keras.optimizers.Adam`, built.
        gradient: Of the variable.
        variable: What is updated.
        learning_rate: The present one.
    """
    if optimizer.amsgrad or isinstance(gradient, tf.IndexedSlices):
        keras.optimizers.Adam.update_step(optimizer, gradient, variable, learning_rate)
        return
    dtype, index = variable.dtype, optimizer._get_variable_index(variable)
    step = tf.cast(optimizer.iterations + 1, dtype)
    betas = optimizer.beta_1, optimizer.beta_2
    numbers = [tf.cast(x, dtype) if tf.is_tensor(x) else tf.constant(x, dtype) for x in betas]
    powers = [tf.pow(keras.ops.cast(x, dtype), step) for x in betas]
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=optimizer._momentums[index].value.handle,
        v=optimizer._velocities[index].value.handle,
        beta1_power=powers[0],
        beta2_power=powers[1],
        lr=tf.cast(learning_rate, dtype),
        beta1=numbers[0],
        beta2=numbers[1],
        epsilon=tf.constant(optimizer.epsilon, dtype),
        grad=tf.cast(gradient, dtype),
    )


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Tensor | None],
    variables: Sequence[keras.Variable],
) -> None:
    """One update, with gradients clipped as on one device.

    Keras clips on each replica what that replica has, before it adds up: the sum of the clipped is
    not the clipped sum. Under several replicas the sum is clipped here, and each gets an equal part
    of it, which Keras has nothing to clip of and adds up again.

    Args:
        optimizer: Built; of Keras.
        gradients: This replica's shares, of a scaled loss where the optimiser scales it.
        variables: What is updated.
    """
    rule = getattr(optimizer, "inner_optimizer", optimizer)
    if replicas.count() > 1 and (rule.clipnorm or rule.global_clipnorm or rule.clipvalue):
        scale = tf.cast(optimizer.scale_loss(tf.constant(1.0)), tf.float32)
        context = tf.distribute.get_replica_context()
        present = [tf.convert_to_tensor(x) for x in gradients if x is not None]
        sums = context.all_reduce(tf.distribute.ReduceOp.SUM, present)
        unscaled = [x / tf.cast(scale, x.dtype) for x in sums]
        back = scale / replicas.count()
        clipped = iter([x * tf.cast(back, x.dtype) for x in rule._clip_gradients(unscaled)])
        gradients = [None if x is None else next(clipped) for x in gradients]
    optimizer.apply(gradients, variables)


def make(name: str, **arguments: Any) -> keras.optimizers.Optimizer:
    """A new optimiser of Keras, or the one of this module, by the name of its class.

    Args:
        name: Of a class in `keras.optimizers`, or `"ScheduledAdam"`.
        **arguments: What the class takes.

    Raises:
        ValueError: If there is no such class.
    """
    classes = _classes()
    if name not in classes:
        raise ValueError(unknown("class of optimiser", name, sorted(classes)))
    return classes[name](**arguments)


def _classes() -> dict[str, type[keras.optimizers.Optimizer]]:
    """All classes of optimisers by their names."""
    base = keras.optimizers.Optimizer
    classes = [each for each in vars(keras.optimizers).values() if isinstance(each, type)]
    return {each.__name__: each for each in (*classes, ScheduledAdam) if issubclass(each, base)}


class _OfANetwork:
    """An optimiser under the name of its network, since both may be called "adam"."""

    def __init__(self, name: str, optimizer: keras.optimizers.Optimizer):
        self.name, self._optimizer = name, optimizer

    @property
    def learning_rate(self) -> Tensor:
        """The present learning rate, which may be set to a number."""
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._optimizer.learning_rate = value


class OptimizerPair:
    """What callbacks that ask for `model.optimizer` find: both optimisers.

    Args:
        g_optimizer: The generator's.
        d_optimizer: The discriminator's.

    Attributes:
        optimizers: The generator's and the discriminator's, as Keras' schedulers look for them;
            they log `learning_rate_generator` and `learning_rate_discriminator`.
        built: True; `GAN.compile` builds both.
    """

    built = True

    def __init__(
        self,
        g_optimizer: keras.optimizers.Optimizer,
        d_optimizer: keras.optimizers.Optimizer,
    ):
        self.optimizers = [
            _OfANetwork("generator", g_optimizer),
            _OfANetwork("discriminator", d_optimizer),
        ]
        self._g_optimizer, self._d_optimizer = g_optimizer, d_optimizer

    @property
    def learning_rate(self) -> Tensor:
        """The generator's, for callbacks that know of one only."""
        return self._g_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        """Refuses to give both networks the rate that one of them should get."""
        raise ValueError(
            "Expected a callback that sets the learning rate of each of "
            "model.optimizer.optimizers, as LearningRateScheduler and ReduceLROnPlateau do since "
            "Keras 3.15. "
            f"Received: model.optimizer.learning_rate = {value}, with Keras {keras.__version__}"
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """The state of both, which `summary` counts."""
        return [*self._g_optimizer.variables, *self._d_optimizer.variables]

    @property
    def iterations(self) -> keras.Variable:
        """Updates of the generator."""
        return self._g_optimizer.iterations


def build_pair(
    generator: keras.Model,
    g_optimizer: Identifier,
    discriminator: keras.Model,
    d_optimizer: Identifier,
    *,
    updates: Mapping[Network, int] | None = None,
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Makes two optimisers and the state that each keeps for its network.

    Args:
        generator: A built network.
        g_optimizer: A Keras optimiser, its name, or None for Adam(2e-4, beta_1=0.5).
        discriminator: A built network.
        d_optimizer: Another one.
        updates: Updates of the `"generator"` and of the `"discriminator"` in the whole run, for
            schedules that are open.

    Raises:
        ValueError: If one optimiser object is given for both networks, one keeps an average of its
            own (`use_ema`), a learning rate is negative or not finite, gradients are clipped at a
            value that is none, or a schedule does not know its length.
    """
    if g_optimizer is d_optimizer and isinstance(g_optimizer, keras.optimizers.Optimizer):
        raise ValueError(
            "Expected two optimisers, since each keeps the state of one network. "
            f"Received: the same {type(g_optimizer).__name__} as g_optimizer and d_optimizer"
        )
    updates = updates or {}
    return (
        _build("g_optimizer", g_optimizer, generator, updates.get("generator")),
        _build("d_optimizer", d_optimizer, discriminator, updates.get("discriminator")),
    )


def _build(
    role: str, optimizer: Identifier, network: keras.Model, updates: int | None
) -> keras.optimizers.Optimizer:
    if isinstance(optimizer, str) and optimizer.lower() not in map(str.lower, _classes()):
        raise ValueError(f"{role}: {unknown('optimiser', optimizer, sorted(_classes()))}")
    # DCGAN's setting (Radford et al., 2016), which works for most losses.
    optimizer = keras.optimizers.get(optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5))
    if getattr(optimizer, "use_ema", False):
        raise ValueError(
            f"Expected {role} without an average of its own: GAN(..., ema_decay=0.999) keeps the "
            f"average of the generator, of its batch statistics, too. Received: {role}="
            f"{type(optimizer).__name__}(use_ema=True)"
        )
    _check_clipping(role, getattr(optimizer, "inner_optimizer", optimizer))
    optimizer = _over(role, optimizer, updates)
    # float(learning_rate) fails under MirroredStrategy.
    rate = float(tf.convert_to_tensor(optimizer.learning_rate))
    if not 0.0 <= rate < math.inf:
        raise ValueError(
            f"Expected {role} with a finite learning rate >= 0. Received: learning_rate={rate}"
        )
    half = any(layer.compute_dtype == "float16" for layer in network._flatten_layers())
    if half and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    rule: keras.optimizers.Optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if type(rule).update_step == keras.optimizers.Adam.update_step:
        # What is around it (clipping, weight decay, loss scale, replicas) stays Keras'.
        rule.update_step = functools.partial(adam_step, rule)
    # Now, since weights can only be loaded into state that exists.
    optimizer.build(network.trainable_variables)
    return optimizer


def _check_clipping(role: str, rule: keras.optimizers.Optimizer) -> None:
    for name in ("clipnorm", "global_clipnorm", "clipvalue"):
        value = getattr(rule, name, None)
        # Keras takes a number below 0 for none.
        if value is not None and not 0.0 < value < math.inf:
            raise ValueError(
                f"Expected {role} with {name} > 0 and finite, or None to clip nothing. "
                f"Received: {name}={value}"
            )


def _over(
    role: str, optimizer: keras.optimizers.Optimizer, updates: int | None
) -> keras.optimizers.Optimizer:
    """The optimiser, or one like it whose open schedules are as long as the run."""
    given = {key: getattr(optimizer, f"_{key}", None) for key in ("learning_rate", "beta_2")}
    still_open = {key: value for key, value in given.items() if schedules.is_open(value)}
    if not still_open:
        return optimizer
    closed = {key: schedules.over(value, updates) for key, value in still_open.items()}
    for key, value in closed.items():
        schedules.check_length(f"{key} of {role}", value)
    serialized = {key: schedules.serialize(value) for key, value in closed.items()}
    return type(optimizer).from_config({**optimizer.get_config(), **serialized})
