"""What a person reads of a discriminator is what it says through the augmentation."""

import augmentation_cases as cases
import numpy as np
import pytest

from tfgan_losses.augmentations import Augmentation
from tfgan_losses.health.held_out import Scores
from tfgan_losses.health.probe import Probe


class Darker(Augmentation):
    """Halves images, and says of which side they were."""

    def __init__(self):
        self.sides = []

    def augment(self, examples, occasion):
        self.sides.append(occasion.side)
        return 0.5 * examples - 0.5


@pytest.fixture
def gan():
    return cases.compiled(Darker(), penalties="gradient_penalty")


def outputs(gan, x):
    return gan.discriminator(0.5 * x - 0.5).numpy()


def test_the_probe(gan):
    x = cases.images().numpy()
    found = Probe(gan, x, None)()
    assert found["d_real"] == pytest.approx(outputs(gan, x).mean(), abs=1e-5)
    # Of D(T(x)) at x, which gradient penalties hold: half of D's slope at T(x).
    (darker,) = gan.objective.augmentations
    assert darker.sides == ["fake", "real", "elsewhere"]
    gan.compile("hinge", penalties="gradient_penalty")
    assert Probe(gan, x, None)()["d_real"] != pytest.approx(found["d_real"], abs=1e-3)


def test_held_out_examples(gan):
    x, scores = cases.images().numpy(), Scores(gan)
    expected = outputs(gan, x)
    found = scores.of(x, None)
    assert found.value == pytest.approx(expected.mean(), abs=1e-5)
    assert found.error == pytest.approx(expected.std() / len(x) ** 0.5, abs=1e-5)
    assert np.isfinite(scores.of_generated(5))
    (darker,) = gan.objective.augmentations
    assert darker.sides == ["real", "fake"]


def test_an_evaluation(gan):
    x = cases.images().numpy()
    found = gan.evaluate(x, return_dict=True, verbose=0)
    assert found["d_real"] == pytest.approx(outputs(gan, x).mean(), abs=1e-5)
