"""Two replicas of half a batch do with every augmentation what one device does.

`python tests/augmentations/test_augmentations_under_replicas.py CASE...` runs cases with two
devices; all share a process, since its start takes longer than most of them.
"""

import functools

import commands
import pytest

from tfgan_losses import augmentations

TOLERANCE = 2e-5


def compare(name):
    """Also that both replicas have one p."""
    import augmentation_cases as cases
    import networks
    import numpy as np

    options = {"recipe": "wgan-gp", "d_steps": 2, "penalties": "gradient_penalty, r1"}
    one, expected = cases.train(cases.made(name), **options)
    with commands.two_replicas().scope():
        two = cases.compiled(cases.made(name), **options)
    two, found = cases.train(None, gan=two)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=2e-4, atol=TOLERANCE, err_msg=key)
    networks.assert_same_state(two, one, rtol=0, atol=TOLERANCE)
    for variable in two.objective.augmentations[0].variables:
        first, second = (float(value) for value in variable.value.values)
        assert first == second


CASES = {name: functools.partial(compare, name) for name in augmentations.names()}


@pytest.mark.slow
def test_two_replicas_with_augmentations():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
