"""The transforms of adaptive augmentation with a probability that is said in advance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfgan_losses import schedules
from tfgan_losses.augmentations.base import Augmentation, Occasion, registry
from tfgan_losses.augmentations.pipe import Pipe
from tfgan_losses.training.terms import check_weight
from tfgan_losses.types import Shape, Tensor


@registry.register("fixed")
class Fixed(Augmentation):
    """Each image undergoes each transform with probability p.

    Args:
        p: Probability in [0, 1]: a number, or a schedule over the updates of the discriminator.
        pipe: Which transforms, and how often beside each other; see `pipe.Pipe`.

    Raises:
        ValueError: If p is out of range or a transform is unknown.

    Examples:
        >>> import tensorflow as tf
        >>> from tfgan_losses import augmentations
        >>> images = tf.ones([2, 8, 8, 3])
        >>> bool(tf.reduce_all(augmentations.Fixed(p=0.0)(images, seed=0) == images))
        True

    References:
        Karras et al., 2020, Training Generative Adversarial Networks with Limited Data,
        arXiv:2006.06676, section 2; Huang et al., 2024, The GAN is dead; long live the GAN!,
        arXiv:2501.05441, for schedules.
    """

    def __init__(self, *, p: schedules.Number | str = 0.2, pipe: str | Mapping[str, float] = "bgc"):
        self.p = check_weight("p", p)
        largest = max(getattr(self.p, "start", 0), getattr(self.p, "end", 0))
        if (largest if callable(self.p) else self.p) > 1:
            raise ValueError(f"Expected p in [0, 1]. Received: p={p}")
        self.pipe, self._transform = pipe, Pipe(pipe)

    @property
    def numbers(self) -> dict[str, schedules.Number]:
        """The probability."""
        return {"p": self.p}

    def check(self, example_shape: Shape) -> None:
        """Raises ValueError if the transforms cannot change such examples."""
        super().check(example_shape)
        self._transform.check(self.name, example_shape)

    def augment(self, examples: Tensor, occasion: Occasion) -> Tensor:
        """Transformed images."""
        return self._transform(examples, occasion.at(self.p), occasion)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "pipe": self.pipe}
