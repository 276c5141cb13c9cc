"""LeCam: outputs of the discriminator are held to moving averages of its outputs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfgan_losses import replicas, schedules
from tfgan_losses.penalties.base import registry
from tfgan_losses.training.terms import Seen, Term
from tfgan_losses.types import Logits, Report, Scalar, Tensor

_FORMS = ("code", "paper")


def lecam_penalty(
    real_logits: Logits,
    fake_logits: Logits,
    *,
    real_average: Scalar,
    fake_average: Scalar,
    form: str = "code",
) -> Tensor:
    """The distances of outputs to the moving averages of the other kind, unreduced.

    | form | value |
    |---|---|
    | `"code"` | relu(r - a_f)^2 + relu(a_r - f)^2 |
    | `"paper"` | (r - a_f)^2 + (f - a_r)^2 |

    Args:
        real_logits: r, raw outputs for real examples, any shape.
        fake_logits: f, raw outputs for generated examples, the same shape.
        real_average: a_r, moving average of the mean output for real examples.
        fake_average: a_f, that for generated ones.
        form: The authors' code, or the formula of the paper, which pulls outputs together from
            both sides.

    Returns:
        The shape of the logits.

    Examples:
        >>> import numpy as np
        >>> from tfgan_losses import penalties
        >>> penalties.lecam_penalty(
        ...     np.array([2.0]), np.array([-1.0]), real_average=1.0, fake_average=-1.0
        ... ).numpy()
        array([13.])

    References:
        Tseng et al., 2021, Regularizing Generative Adversarial Networks under Limited Data,
        arXiv:2104.03310, equation 4; https://github.com/google/lecam-gan.
    """
    above, below = real_logits - fake_average, real_average - fake_logits
    if form == "code":
        above, below = ops.relu(above), ops.relu(below)
    return ops.square(above) + ops.square(below)


@registry.register("lecam")
class LeCam(Term):
    """weight * `lecam_penalty`, for losses whose outputs have no bound, on little data.

    The averages are those of the authors' TensorFlow code: without bias towards the 0 that they
    start from, and the batch of the update included, without a gradient through them.

    Args:
        weight: The paper's lambda: 0.3 for BigGAN on CIFAR, 3e-7 for StyleGAN2 on FFHQ.
        decay: Of the averages, in [0, 1); 0.99 in the code.
        form: `"code"` or `"paper"`; see `lecam_penalty`.
        every: See `Term`. The averages follow every update.

    Raises:
        ValueError: If the form is unknown or the decay out of range.

    Examples:
        >>> from tfgan_losses import penalties
        >>> penalties.get("lecam(weight=0.3)")
        lecam(weight=0.3, every=1, decay=0.99, form='code')

    References:
        Tseng et al., 2021, arXiv:2104.03310.
    """

    sees_batch = True

    def __init__(
        self,
        *,
        weight: schedules.Number = 0.3,
        decay: float = 0.99,
        form: str = "code",
        every: int = 1,
    ):
        super().__init__(weight=weight, every=every)
        if not 0.0 <= decay < 1.0:
            raise ValueError(f"Expected decay in [0, 1). Received: decay={decay}")
        if form not in _FORMS:
            raise ValueError(f"Expected form to be one of {_FORMS}. Received: form={form!r}")
        self.decay, self.form = decay, form
        # Sums of weighted means, and of their weights.
        self.real_sum, self.fake_sum, self.weight_sum = (
            keras.Variable(
                0.0, trainable=False, dtype="float32", aggregation="only_first_replica", name=name
            )
            for name in ("real_sum", "fake_sum", "weight_sum")
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """Both moving averages as sums, and the sum of the weights in each."""
        return [self.real_sum, self.fake_sum, self.weight_sum]

    def values(self, seen: Seen) -> Tensor:
        """`lecam_penalty` of the logits, of their shape."""
        real, fake = (
            ops.cast(outputs["logits"], "float32")
            for outputs in (seen.real_outputs, seen.fake_outputs)
        )
        real_sum, fake_sum, weight_sum = self._moved(
            ops.stop_gradient(replicas.global_mean(real)),
            ops.stop_gradient(replicas.global_mean(fake)),
        )
        return lecam_penalty(
            real,
            fake,
            real_average=real_sum / weight_sum,
            fake_average=fake_sum / weight_sum,
            form=self.form,
        )

    def end_update(self, report: Report, update: Scalar) -> None:
        """Takes the means of the update into the averages."""
        moved = self._moved(report["d_real"], report["d_fake"])
        for variable, value in zip(self.variables, moved, strict=True):
            variable.assign(value)

    def _moved(self, real_mean: Tensor, fake_mean: Tensor) -> list[Tensor]:
        new = (real_mean, fake_mean, 1.0)
        return [
            self.decay * old + (1.0 - self.decay) * value
            for old, value in zip(self.variables, new, strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "decay": self.decay, "form": self.form}
