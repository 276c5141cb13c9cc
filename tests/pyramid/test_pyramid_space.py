"""What the run of a pyramid takes of the disk."""

import numpy as np
import pytest

from tfgan_losses.pyramid import Scales
from tfgan_losses.pyramid.run import default_keeping, plan_of
from tfgan_losses.pyramid.space import of_pyramid
from tfgan_losses.run_files import checkpoint_files

SCALES = Scales(((11, 14), (14, 18), (18, 23), (22, 28), (28, 36)), 0.8)
IMAGE = np.random.default_rng(0).uniform(-1, 1, (28, 36, 3)).astype("float32")
KEEPING = default_keeping(checkpoint_every=10)


def plan(**more):
    return plan_of("singan", IMAGE, **{"steps": 10, "scales": SCALES, "width": 128, **more})


def test_the_checkpoints_of_all_scales_take_what_is_said():
    own, gan, sizes = plan(), None, []
    for scale in range(len(SCALES.sizes)):
        gan = own.gan(scale, gan)
        sizes.append(len(checkpoint_files.in_memory(gan).getbuffer()))
    said = of_pyramid(own, own.gan(0), KEEPING).checkpoints
    # One of each scale, and the last once more.
    assert said == pytest.approx(sum(sizes) + sizes[-1], rel=0.1)


def test_what_there_is_more_of_takes_more():
    def total(keeping=KEEPING, **more):
        own = plan(**more)
        return of_pyramid(own, own.gan(0), keeping).total

    assert total(width=256) > 1.5 * total()
    assert total(concurrent=3) > total()
    assert total(default_keeping(checkpoint_every=2), steps=10) > total()
    assert total(default_keeping(checkpoint_every=10, sample_every=1)) > total()
