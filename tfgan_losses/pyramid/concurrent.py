"""Stages that are trained together (ConSinGAN): the older, the slower.

Of ConSinGAN these are not here: features instead of images between the stages, one last layer for
all of them, its spacing of the scales, and its narrower networks without normalisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from tfgan_losses.training.optimizers import adam_step
from tfgan_losses.types import Scalar, Tensor

# Of the learning rate from a stage to the one before it.
SLOWDOWN = 0.1


@keras.saving.register_keras_serializable("tfgan_losses")
class GradedAdam(keras.optimizers.Adam):
    """Adam with a learning rate of its own for each variable.

    To scale gradients would not do: Adam divides by their size.

    Args:
        grades: What the learning rate is multiplied by, for each variable in turn.
        **kwargs: Everything else that `keras.optimizers.Adam` takes.

    References:
        Hinz et al., 2021, Improved Techniques for Training Single-Image GANs, arXiv:2003.11512,
        section 3.2.
    """

    def __init__(self, *, grades: Sequence[float], **kwargs: Any):
        super().__init__(**kwargs)
        self.grades = [float(grade) for grade in grades]

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Makes the state.

        Raises:
            ValueError: If there are not as many variables as grades.
        """
        if len(variables) != len(self.grades):
            raise ValueError(
                f"Expected as many grades as variables, {len(variables)}. "
                f"Received: {len(self.grades)} grades"
            )
        super().build(variables)

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Scalar
    ) -> None:
        """One update of one variable."""
        grade = self.grades[self._get_variable_index(variable)]
        adam_step(self, gradient, variable, learning_rate * grade)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "grades": self.grades}


def graded(
    optimizer: keras.optimizers.Optimizer, stages: Sequence[keras.Model]
) -> keras.optimizers.Optimizer:
    """Returns an optimiser that is slower for the older of the stages that it trains.

    Args:
        optimizer: Not built; stays as it is if there is one stage.
        stages: Those that are trained, from the oldest to the newest.

    Raises:
        ValueError: If it is another than Adam.
    """
    if len(stages) == 1:
        return optimizer
    if type(optimizer) is not keras.optimizers.Adam:
        raise ValueError(
            "Expected Adam, of which each stage has its own learning rate, or concurrent=1. "
            f"Received: g_optimizer={type(optimizer).__name__}, concurrent={len(stages)}"
        )
    ages = range(len(stages) - 1, -1, -1)
    grades = [
        SLOWDOWN**age
        for stage, age in zip(stages, ages, strict=True)
        for _ in stage.trainable_variables
    ]
    return GradedAdam.from_config({**optimizer.get_config(), "grades": grades})
