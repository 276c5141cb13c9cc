import numpy as np
import pytest


@pytest.fixture
def cost(script):
    return script("augmentation_cost")


def test_ratios_are_those_of_the_same_round(cost):
    # The machine is ten times slower in the second round.
    times = {
        "none": np.array([[0.1, 0.2], [1.0, 2.0], [0.2, 0.2]]),
        "diff_augment": np.array([[0.1, 0.22], [1.1, 2.2], [0.3, 0.21]]),
    }
    assert cost.table(times).splitlines()[2:] == [
        "| none |  | 200 | 1.00 | 1.00..1.00 |",
        "| diff_augment | `--augmentation='diff_augment'` | 300 | 1.10 | 1.05..1.10 |",
    ]


def test_a_method_is_added_to_the_recipe(cost):
    setting = cost.Setting(image_size=8, width=4, batch_size=4)
    gan = cost.gan_with("lecam", "wgan-gp", setting)
    assert [x.name for x in gan.objective.penalties] == ["gradient_penalty", "lecam"]
    gan = cost.gan_with("adaptive", "wgan-gp", setting)
    (augmentation,) = gan.objective.augmentations
    assert augmentation.name == "adaptive" and float(augmentation.probability.p) == 0.5


@pytest.mark.slow
def test_times_all_in_turn(cost):
    setting = cost.Setting(image_size=8, width=4, batch_size=4)
    gans = {name: cost.gan_with(name, "gan", setting) for name in ("none", "instance_noise")}
    times = cost.measure(gans, setting, rounds=2, steps=1)
    assert [x.shape for x in times.values()] == [(2, 2), (2, 2)]
    assert all((x > 0).all() for x in times.values())
